//! Tags of tickets, users and organizations: PUT adds, POST sets (201), DELETE removes; and the account's tags.

use std::collections::BTreeMap;

use axum::{
    extract::{Path, State},
    http::{Method, StatusCode},
    response::{IntoResponse as _, Response},
};
use serde_json::{Map, Value, json};

use super::{
    access::Caller,
    input::{Doc, Params, id, words_in},
    paging::{Paging, page},
    refusal::{Answer, Refusal, no_content, ok},
    ticket_writes, tickets,
};
use crate::world::World;

/// `GET /tags`.
pub(crate) async fn all(State(world): State<World>, caller: Caller, params: Params) -> Answer {
    caller.staff()?;
    let account = world.account();
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for tag in account.tickets.values().flat_map(|ticket| &ticket.tags) {
        *counts.entry(tag).or_default() += 1;
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let rows = counts.into_iter().map(|(name, count)| json!({"name": name, "count": count})).collect();
    let path = format!("{}/api/v2/tags.json", world.base());
    page("tags", rows, &path, &params, Paging::Both).map(ok)
}

/// `GET|PUT|POST|DELETE /tickets/{id}/tags`.
pub(crate) async fn of_ticket(
    State(world): State<World>,
    caller: Caller,
    Path(which): Path<String>,
    method: Method,
    doc: Doc,
) -> Answer {
    caller.staff()?;
    let which = id(&which)?;
    let now_has = |world: &World| -> Result<Vec<String>, Refusal> {
        Ok(tickets::visible(&world.account(), &caller, which)?.tags.clone())
    };
    let before = now_has(&world)?;
    if method == Method::GET {
        return Ok(ok(json!({"tags": before})));
    }
    ticket_writes::spend(&world, &mut world.account(), &caller, which)?;
    let mut part = Map::new();
    part.insert("tags".into(), json!(combine(&method, &before, words_in(&doc.0["tags"]))));
    for name in ["safe_update", "updated_stamp"] {
        if let Some(value) = doc.0.get(name) {
            part.insert(name.into(), value.clone());
        }
    }
    ticket_writes::change(&world, &caller, which, &part)?;
    Ok(answer(&method, &now_has(&world)?))
}

/// `GET|PUT|POST|DELETE /users/{id}/tags`.
pub(crate) async fn of_user(
    State(world): State<World>,
    caller: Caller,
    Path(which): Path<String>,
    method: Method,
    doc: Doc,
) -> Answer {
    caller.staff()?;
    let now = world.now();
    let mut account = world.account();
    let tags = account.users.edit(id(&which)?, |user| {
        if method != Method::GET {
            user.tags = combine(&method, &user.tags, words_in(&doc.0["tags"]));
            user.updated_at = now;
        }
        user.tags.clone()
    });
    Ok(answer(&method, &tags.ok_or_else(Refusal::not_found)?))
}

/// `GET|PUT|POST|DELETE /organizations/{id}/tags`.
pub(crate) async fn of_organization(
    State(world): State<World>,
    caller: Caller,
    Path(which): Path<String>,
    method: Method,
    doc: Doc,
) -> Answer {
    caller.staff()?;
    let mut account = world.account();
    let organization = account.organizations.get_mut(&id(&which)?).ok_or_else(Refusal::not_found)?;
    let before = words_in(organization.get("tags").unwrap_or(&Value::Null));
    if method == Method::GET {
        return Ok(answer(&method, &before));
    }
    let tags = combine(&method, &before, words_in(&doc.0["tags"]));
    organization.insert("tags".into(), json!(tags));
    Ok(answer(&method, &tags))
}

fn combine(method: &Method, before: &[String], sent: Vec<String>) -> Vec<String> {
    let mut tags: Vec<String> = match *method {
        Method::PUT => before.iter().cloned().chain(sent).collect(),
        Method::DELETE => before.iter().filter(|tag| !sent.contains(tag)).cloned().collect(),
        _ => sent,
    };
    tags.sort();
    tags.dedup();
    tags
}

fn answer(method: &Method, tags: &[String]) -> Response {
    match *method {
        Method::DELETE => no_content(),
        Method::POST => (StatusCode::CREATED, axum::Json(json!({"tags": tags}))).into_response(),
        _ => ok(json!({"tags": tags})),
    }
}
