//! Search over tickets and users: pages by offset up to 1,000 results, or an export by cursor of one type.

use axum::{extract::State, http::StatusCode};
use serde_json::{Value, json};

use super::{
    access::Caller,
    input::Params,
    paging::{Paging, page},
    query::Query,
    refusal::{Answer, Refusal, ok},
};
use crate::{state::Account, world::World};

/// The furthest result that a search reaches.
const DEPTH: usize = 1_000;

/// `GET /search?query=`.
pub(crate) async fn all(State(world): State<World>, caller: Caller, params: Params) -> Answer {
    caller.staff()?;
    let query = Query::parse(asked(&params)?);
    let number = |name: &str, default| params.get(name).and_then(|text| text.parse().ok()).unwrap_or(default);
    if number("page", 1_usize).saturating_mul(number("per_page", 100)) > DEPTH {
        let why = "Invalid search: Requested response size was greater than Search Response Limits";
        return Err(Refusal::named(StatusCode::UNPROCESSABLE_ENTITY, "invalid", why));
    }
    let account = world.account();
    let mut rows = results(&world, &account, &caller, &query, query.kind());
    order(&mut rows, params.get("sort_by"), params.get("sort_order"));
    let path = format!("{}/api/v2/search.json", world.base());
    let mut body = page("results", rows, &path, &params, Paging::OffsetOnly)?;
    body["facets"] = Value::Null;
    Ok(ok(body))
}

/// `GET /search/export?query=&filter[type]=`.
pub(crate) async fn export(State(world): State<World>, caller: Caller, params: Params) -> Answer {
    caller.staff()?;
    let query = Query::parse(asked(&params)?);
    let kind =
        params.get("filter[type]").ok_or_else(|| Refusal::invalid_attribute("filter[type] is required"))?;
    let account = world.account();
    let rows = results(&world, &account, &caller, &query, Some(kind));
    let path = format!("{}/api/v2/search/export.json", world.base());
    let mut sized = params.clone();
    // Exports take up to 1,000 a page; more than fits is answered with what fits.
    if params.get("page[size]").and_then(|size| size.parse::<usize>().ok()).is_some_and(|size| size > 100) {
        sized.0.insert("page[size]".into(), "100".into());
    }
    let mut body = page("results", rows, &path, &sized, Paging::CursorOnly)?;
    body["facets"] = Value::Null;
    Ok(ok(body))
}

/// `GET /search/count?query=`.
pub(crate) async fn count(State(world): State<World>, caller: Caller, params: Params) -> Answer {
    caller.staff()?;
    let query = Query::parse(asked(&params)?);
    let account = world.account();
    Ok(ok(json!({"count": results(&world, &account, &caller, &query, query.kind()).len()})))
}

fn asked(params: &Params) -> Result<&str, Refusal> {
    params.get("query").ok_or_else(|| Refusal::invalid_attribute("Parameter query is required"))
}

fn results(
    world: &World,
    account: &Account,
    caller: &Caller,
    query: &Query,
    kind: Option<&str>,
) -> Vec<Value> {
    let mut rows = Vec::new();
    let horizon = world.search_horizon();
    if kind.is_none_or(|kind| kind == "ticket") {
        let found =
            account.tickets.values().filter(|ticket| caller.sees(ticket) && ticket.created_at <= horizon);
        rows.extend(found.filter(|ticket| query.matches_ticket(ticket, account)).map(|ticket| {
            let mut row = ticket.json(world.base());
            row["result_type"] = json!("ticket");
            row
        }));
    }
    if kind.is_none_or(|kind| kind == "user") {
        let found = account.users.values().filter(|user| user.created_at <= horizon);
        let found = found.filter(|user| user.active && query.matches_user(user, account));
        rows.extend(found.map(|user| {
            let mut row = user.json(world.base());
            row["result_type"] = json!("user");
            row
        }));
    }
    rows
}

/// Newest first, unless the caller says otherwise.
fn order(rows: &mut [Value], by: Option<&str>, direction: Option<&str>) {
    let by = by.unwrap_or("created_at").to_owned();
    rows.sort_by_key(|row| row[&by].as_str().unwrap_or_default().to_owned());
    if direction != Some("asc") {
        rows.reverse();
    }
}
