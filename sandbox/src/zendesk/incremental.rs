//! Incremental exports of users and tickets, for admins: by cursor or by time; of organizations by time only. Users are side-loaded as in
//! lists of them. **Invariant:** a record comes again after each change; deleted ones come too.

use axum::{
    extract::{Path, State},
    http::StatusCode,
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value, json};

use super::{
    access::Caller,
    identities,
    input::Params,
    limits::{Budget, INCREMENTAL},
    refusal::{Answer, Refusal, ok},
};
use crate::{state::Account, world::World};

/// When a record last changed, in seconds, and its id.
type Key = (i64, u64);

fn enter(world: &World, account: &mut Account, caller: &Caller) -> Result<Budget, Refusal> {
    caller.admin()?;
    let limit = world.options().limits.incremental_per_minute;
    account.windows.take("incremental", limit, TimeDelta::minutes(1), world.now()).or_wait(INCREMENTAL)
}

/// At most `size` of the records that changed after this one, in the order of their changes; then whether they are all.
fn changed_after(
    world: &World,
    account: &Account,
    what: &str,
    after: Key,
    size: usize,
) -> Result<(Vec<Key>, bool), Refusal> {
    let mut keys: Box<dyn Iterator<Item = Key>> = match what {
        "users" => Box::new(account.users.changed_after(after)),
        "tickets" | "organizations" => {
            let mut keys = if what == "tickets" { tickets(world, account) } else { organizations(account) };
            keys.retain(|key| *key > after);
            keys.sort_unstable();
            Box::new(keys.into_iter())
        }
        _ => return Err(Refusal::invalid_endpoint()),
    };
    let page: Vec<Key> = keys.by_ref().take(size).collect();
    Ok((page, keys.next().is_none()))
}

fn tickets(world: &World, account: &Account) -> Vec<Key> {
    let last_minute = world.now() - TimeDelta::minutes(1);
    let live = account.tickets.values().map(|ticket| (ticket.updated_at, ticket.id));
    let gone = account.deleted_tickets.values().map(|(ticket, at, _)| (*at, ticket.id));
    live.chain(gone).filter(|(at, _)| *at < last_minute).map(|(at, id)| (at.timestamp(), id)).collect()
}

fn organizations(account: &Account) -> Vec<Key> {
    let changed = |row: &Map<String, Value>| row["updated_at"].as_str()?.parse::<DateTime<Utc>>().ok();
    account.organizations.iter().filter_map(|(id, row)| Some((changed(row)?.timestamp(), *id))).collect()
}

/// The records of a page as the export shows them.
fn shown(world: &World, account: &Account, what: &str, page: &[Key]) -> Vec<Value> {
    let base = world.base();
    let one = |id: u64| match what {
        "users" => account.users.get(&id).map(|user| user.json(base)),
        "tickets" => {
            let deleted = || account.deleted_tickets.get(&id).map(|(ticket, ..)| ticket.json(base));
            account.tickets.get(&id).map(|ticket| ticket.json(base)).or_else(|| {
                let mut row = deleted()?;
                row["status"] = json!("deleted");
                Some(row)
            })
        }
        _ => account.organizations.get(&id).map(|row| Value::Object(row.clone())),
    };
    page.iter().filter_map(|(_, id)| one(*id)).collect()
}

fn start_time(world: &World, params: &Params) -> Result<i64, Refusal> {
    let text = params
        .get("start_time")
        .ok_or_else(|| Refusal::invalid_attribute("Parameter start_time is required"))?;
    let start: i64 = text.parse().map_err(|_| Refusal::invalid_attribute("start_time must be an integer"))?;
    if start > world.now().timestamp() - 60 {
        let why = "Too recent start_time. Use a start_time older than 60 seconds";
        return Err(Refusal::named(StatusCode::UNPROCESSABLE_ENTITY, "InvalidValue", why));
    }
    Ok(start)
}

fn size(params: &Params) -> usize {
    params.get("per_page").and_then(|text| text.parse().ok()).unwrap_or(1_000).clamp(1, 1_000)
}

/// `GET /incremental/{users|tickets}/cursor?start_time=|cursor=`.
pub(crate) async fn by_cursor(
    State(world): State<World>,
    caller: Caller,
    Path(what): Path<String>,
    params: Params,
) -> Answer {
    if what == "organizations" {
        return Err(Refusal::invalid_endpoint());
    }
    let mut account = world.account();
    let budget = enter(&world, &mut account, &caller)?;
    let after: Key = match params.get("cursor") {
        Some(cursor) => {
            decode(cursor).ok_or_else(|| Refusal::invalid_attribute("Parameter cursor is invalid"))?
        }
        None => (start_time(&world, &params)?, 0),
    };
    let (page, end) = changed_after(&world, &account, &what, after, size(&params))?;
    let last = page.last().copied().unwrap_or(after);
    let cursor = BASE64_STANDARD.encode(format!("{}.0||{}|", last.0, last.1));
    let path = format!("{}/api/v2/incremental/{what}/cursor.json", world.base());
    let per_page = params.get("per_page").map(|text| format!("&per_page={text}")).unwrap_or_default();
    let escaped: String = url::form_urlencoded::byte_serialize(cursor.as_bytes()).collect();
    let mut body = json!({
        what.as_str(): shown(&world, &account, &what, &page),
        "after_url": format!("{path}?cursor={escaped}{per_page}"),
        "before_url": null,
        "after_cursor": cursor,
        "before_cursor": null,
        "end_of_stream": end,
    });
    identities::side_load(&world, &account, &mut body, &params);
    Ok(budget.announce(INCREMENTAL, ok(body)))
}

fn decode(cursor: &str) -> Option<(i64, u64)> {
    let text = String::from_utf8(BASE64_STANDARD.decode(cursor).ok()?).ok()?;
    let (at, id) = text.split_once("||")?;
    Some((at.split('.').next()?.parse().ok()?, id.trim_end_matches('|').parse().ok()?))
}

/// `GET /incremental/{users|tickets|organizations}?start_time=`: records of one second come again on the next page.
pub(crate) async fn by_time(
    State(world): State<World>,
    caller: Caller,
    Path(what): Path<String>,
    params: Params,
) -> Answer {
    let mut account = world.account();
    let budget = enter(&world, &mut account, &caller)?;
    let start = start_time(&world, &params)?;
    // Records of the second `start` come again; where they fill a page, the next one begins where this one did, for ever.
    let after = (start - 1, u64::MAX);
    let (page, end) = changed_after(&world, &account, &what, after, size(&params))?;
    let end_time = page.last().map_or(start, |(at, _)| *at);
    let path = format!("{}/api/v2/incremental/{what}.json", world.base());
    let mut body = json!({
        "count": page.len(),
        what.as_str(): shown(&world, &account, &what, &page),
        "next_page": format!("{path}?start_time={end_time}"),
        "end_of_stream": end,
        "end_time": end_time,
    });
    identities::side_load(&world, &account, &mut body, &params);
    Ok(budget.announce(INCREMENTAL, ok(body)))
}
