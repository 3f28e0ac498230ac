//! Reading tickets: list, one, many, deleted ones, audits. **Invariant:** a deleted ticket is not found.

use axum::{
    extract::{Path, State},
    http::HeaderValue,
    response::Response,
};
use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{
    access::Caller,
    input::{Params, id},
    limits::TICKETS_INDEX,
    paging::{Paging, by_cursor, page},
    record::{Role, Ticket},
    refusal::{Answer, Refusal, no_content, ok},
};
use crate::{clock::stamp, state::Account, world::World};

/// The ticket, if it exists and the caller may see it.
pub(crate) fn visible<'a>(account: &'a Account, caller: &Caller, which: u64) -> Result<&'a Ticket, Refusal> {
    let ticket = account.tickets.get(&which).ok_or_else(Refusal::not_found)?;
    if caller.sees(ticket) { Ok(ticket) } else { Err(Refusal::forbidden()) }
}

/// `GET /tickets`.
pub(crate) async fn list(State(world): State<World>, caller: Caller, params: Params) -> Answer {
    caller.staff()?;
    let (now, limit) = (world.now(), world.options().limits.tickets_index_per_minute);
    let mut account = world.account();
    let budget =
        account.windows.take("tickets-index", limit, TimeDelta::minutes(1), now).or_wait(TICKETS_INDEX)?;
    let external_id = params.get("external_id");
    let mut found: Vec<_> = account
        .tickets
        .values()
        .filter(|ticket| caller.sees(ticket))
        .filter(|ticket| external_id.is_none_or(|wanted| ticket.external_id.as_deref() == Some(wanted)))
        .collect();
    sort(&mut found, &params);
    let mut body = listed(&world, &found, &params, "/api/v2/tickets.json")?;
    side_load(&world, &account, &mut body, &params);
    Ok(budget.announce(TICKETS_INDEX, ok(body)))
}

fn listed(world: &World, found: &[&Ticket], params: &Params, path: &str) -> Result<Value, Refusal> {
    let rows = found
        .iter()
        .map(|ticket| {
            let mut row = ticket.json(world.base());
            row.as_object_mut().and_then(|row| row.remove("fields")); // lists were recorded without it
            row
        })
        .collect();
    page("tickets", rows, &format!("{}{path}", world.base()), params, Paging::Both)
}

/// By `sort` (cursor) or `sort_by` and `sort_order` (offset). With a cursor the latter are dropped without a word.
pub(crate) fn sort(found: &mut [&Ticket], params: &Params) {
    let (key, descending) = if by_cursor(params) {
        let sort = params.get("sort").unwrap_or("id");
        (sort.trim_start_matches('-'), sort.starts_with('-'))
    } else {
        (params.get("sort_by").unwrap_or("id"), params.get("sort_order") == Some("desc"))
    };
    match key {
        "updated_at" => found.sort_by_key(|ticket| (ticket.updated_at, ticket.id)),
        "created_at" => found.sort_by_key(|ticket| (ticket.created_at, ticket.id)),
        "status" => found.sort_by_key(|ticket| (ticket.status, ticket.id)),
        _ => found.sort_by_key(|ticket| ticket.id),
    }
    if descending {
        found.reverse();
    }
}

/// `include=users`: everybody the tickets name.
fn side_load(world: &World, account: &Account, body: &mut Value, params: &Params) {
    let wanted = params.get("include").unwrap_or_default();
    if !wanted.split(',').any(|part| part == "users") {
        return;
    }
    let tickets = body.get("tickets").and_then(Value::as_array).cloned();
    let tickets = tickets.unwrap_or_else(|| vec![body["ticket"].clone()]);
    let mut ids: Vec<u64> = tickets
        .iter()
        .flat_map(|ticket| ["requester_id", "submitter_id", "assignee_id"].map(|name| ticket[name].as_u64()))
        .flatten()
        .collect();
    ids.sort_unstable();
    ids.dedup();
    let users = ids.iter().filter_map(|id| account.users.get(id)).map(|user| user.json(world.base()));
    body["users"] = users.collect();
}

/// `GET /tickets/{id}`.
pub(crate) async fn show(
    State(world): State<World>,
    caller: Caller,
    Path(which): Path<String>,
    params: Params,
) -> Answer {
    caller.staff()?;
    let account = world.account();
    let ticket = visible(&account, &caller, id(&which)?)?;
    let mut body = json!({"ticket": ticket.json(world.base())});
    side_load(&world, &account, &mut body, &params);
    Ok(ok(body))
}

/// `GET /tickets/recent`: what the caller looked at last; here, what changed last among what is theirs.
pub(crate) async fn recent(State(world): State<World>, caller: Caller, params: Params) -> Answer {
    caller.staff()?;
    let account = world.account();
    let mut found: Vec<_> =
        account.tickets.values().filter(|ticket| ticket.assignee_id == caller.user_id).collect();
    found.sort_by_key(|ticket| std::cmp::Reverse((ticket.updated_at, ticket.id)));
    found.truncate(5);
    listed(&world, &found, &params, "/api/v2/tickets/recent.json").map(ok)
}

/// `GET /tickets/{id}/collaborators`.
pub(crate) async fn collaborators(
    State(world): State<World>,
    caller: Caller,
    Path(which): Path<String>,
    params: Params,
) -> Answer {
    caller.staff()?;
    let account = world.account();
    let ticket = visible(&account, &caller, id(&which)?)?;
    let users = ticket.collaborator_ids.iter().filter_map(|id| account.users.get(id));
    let rows = users.map(|user| user.json(world.base())).collect();
    let path = format!("{}/api/v2/tickets/{}/collaborators.json", world.base(), ticket.id);
    page("users", rows, &path, &params, Paging::Both).map(ok)
}

/// `GET /tickets/{id}/related`.
pub(crate) async fn related(State(world): State<World>, caller: Caller, Path(which): Path<String>) -> Answer {
    caller.staff()?;
    let account = world.account();
    let ticket = visible(&account, &caller, id(&which)?)?;
    let followups = account.tickets.values().filter(|other| other.followup_source_id == Some(ticket.id));
    let followups: Vec<_> = followups.map(|other| other.id.to_string()).collect();
    Ok(ok(json!({
        "topic_id": null, "followup_source_ids": followups, "from_archive": false, "incidents": 0, "jira_issue_ids": [],
    })))
}

/// `GET /tickets/{id}/audits/{audit}`.
pub(crate) async fn audit(
    State(world): State<World>,
    caller: Caller,
    Path((which, audit)): Path<(String, String)>,
) -> Answer {
    caller.staff()?;
    let (account, audit) = (world.account(), id(&audit)?);
    let ticket = visible(&account, &caller, id(&which)?)?;
    let found = ticket.audits.iter().find(|row| row["id"] == audit).ok_or_else(Refusal::not_found)?;
    Ok(ok(json!({"audit": found})))
}

/// `GET /tickets/show_many?ids=`.
pub(crate) async fn show_many(State(world): State<World>, caller: Caller, params: Params) -> Answer {
    caller.staff()?;
    let ids = params.list("ids")?.ok_or_else(|| Refusal::invalid_attribute("Parameter ids is required"))?;
    let account = world.account();
    let found: Vec<_> = ids
        .iter()
        .filter_map(|text| account.tickets.get(&text.parse().ok()?))
        .filter(|ticket| caller.sees(ticket))
        .collect();
    let mut body = listed(&world, &found, &Params::default(), "/api/v2/tickets/show_many.json")?;
    side_load(&world, &account, &mut body, &params);
    Ok(ok(body))
}

/// `GET /tickets/count`.
pub(crate) async fn count(State(world): State<World>, caller: Caller) -> Answer {
    caller.staff()?;
    let value = world.account().tickets.values().filter(|ticket| caller.sees(ticket)).count();
    Ok(ok(json!({"count": {"value": value, "refreshed_at": stamp(world.now())}})))
}

/// `PUT /tickets/{id}/mark_as_spam`: the ticket is deleted, and its requester suspended.
pub(crate) async fn mark_as_spam(
    State(world): State<World>,
    caller: Caller,
    Path(which): Path<String>,
) -> Answer {
    caller.staff()?;
    let (which, now) = (id(&which)?, world.now());
    let mut account = world.account();
    let requester = visible(&account, &caller, which)?.requester_id;
    if let Some(ticket) = account.tickets.remove(&which) {
        account.deleted_tickets.insert(which, (ticket, now, caller.id()));
    }
    account.users.edit(requester, |user| {
        user.suspended |= user.role == Role::EndUser;
        user.updated_at = now;
    });
    Ok(ok(json!("")))
}

/// `DELETE /tickets/{id}`.
pub(crate) async fn delete(State(world): State<World>, caller: Caller, Path(which): Path<String>) -> Answer {
    caller.redactor()?; // the right to delete tickets
    let (which, now) = (id(&which)?, world.now());
    let mut account = world.account();
    visible(&account, &caller, which)?;
    if let Some(ticket) = account.tickets.remove(&which) {
        account.deleted_tickets.insert(which, (ticket, now, caller.id()));
    }
    Ok(no_content())
}

/// `GET /deleted_tickets`.
pub(crate) async fn deleted(State(world): State<World>, caller: Caller, params: Params) -> Answer {
    caller.staff()?;
    let account = world.account();
    let rows = account
        .deleted_tickets
        .values()
        .map(|(ticket, at, actor)| {
            let name = account.users.get(actor).map(|user| user.name.as_str());
            json!({
                "id": ticket.id,
                "subject": ticket.subject,
                "description": ticket.comments.first().map(|comment| comment.body.as_str()),
                "actor": {"id": actor, "name": name},
                "previous_state": ticket.status.name(),
                "deleted_at": stamp(*at),
            })
        })
        .collect();
    let path = format!("{}/api/v2/deleted_tickets.json", world.base());
    page("deleted_tickets", rows, &path, &params, Paging::Both).map(ok)
}

/// `PUT /deleted_tickets/{id}/restore`.
pub(crate) async fn restore(State(world): State<World>, caller: Caller, Path(which): Path<String>) -> Answer {
    caller.redactor()?;
    let mut account = world.account();
    let (ticket, ..) = account.deleted_tickets.remove(&id(&which)?).ok_or_else(Refusal::not_found)?;
    account.tickets.insert(ticket.id, ticket);
    Ok(ok(json!({})))
}

/// `GET /tickets/{id}/audits`.
pub(crate) async fn audits(
    State(world): State<World>,
    caller: Caller,
    Path(which): Path<String>,
    params: Params,
) -> Answer {
    caller.staff()?;
    let account = world.account();
    let ticket = visible(&account, &caller, id(&which)?)?;
    let path = format!("{}/api/v2/tickets/{}/audits.json", world.base(), ticket.id);
    page("audits", ticket.audits.clone(), &path, &params, Paging::Both).map(ok)
}

/// `GET /ticket_audits`.
pub(crate) async fn all_audits(State(world): State<World>, caller: Caller, params: Params) -> Answer {
    caller.staff()?;
    let account = world.account();
    let visible = account.tickets.values().filter(|ticket| caller.sees(ticket));
    let rows = visible.flat_map(|ticket| ticket.audits.clone()).collect();
    let path = format!("{}/api/v2/ticket_audits.json", world.base());
    page("audits", rows, &path, &params, Paging::CursorOnly).map(ok)
}

/// Reports keys that were ignored, in Ruby's notation, as recorded.
pub(crate) fn warn(response: &mut Response, controller: &str, action: &str, ignored: &[&str]) {
    let text = format!(
        "{{:allowed_parameters=>{{:controller=>\"{controller}\", :action=>\"{action}\", :unpermitted_keys=>{ignored:?}, \
         :invalid_values=>[]}}}}"
    );
    if let Ok(value) = HeaderValue::from_str(&text) {
        response.headers_mut().insert("x-zendesk-api-warn", value);
    }
}
