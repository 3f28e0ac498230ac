//! Incremental exports of users and tickets, for admins: by cursor or by time; of organizations by time only. **Invariant:** a record comes again after
//! each change; deleted ones come too.

use axum::{
    extract::{Path, State},
    http::StatusCode,
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::{
    access::Caller,
    input::Params,
    limits::{Budget, INCREMENTAL},
    refusal::{Answer, Refusal, ok},
};
use crate::{state::Account, world::World};

/// A record and when it last changed.
type Row = (DateTime<Utc>, u64, Value);

fn enter(world: &World, account: &mut Account, caller: &Caller) -> Result<Budget, Refusal> {
    caller.admin()?;
    let limit = world.options().limits.incremental_per_minute;
    account.windows.take("incremental", limit, TimeDelta::minutes(1), world.now()).or_wait(INCREMENTAL)
}

fn rows(world: &World, account: &Account, what: &str) -> Result<Vec<Row>, Refusal> {
    let base = world.base();
    let mut rows: Vec<Row> = match what {
        "users" => account.users.values().map(|user| (user.updated_at, user.id, user.json(base))).collect(),
        "tickets" => {
            let last_minute = world.now() - TimeDelta::minutes(1);
            let live =
                account.tickets.values().map(|ticket| (ticket.updated_at, ticket.id, ticket.json(base)));
            let gone = account.deleted_tickets.values().map(|(ticket, at, _)| {
                let mut row = ticket.json(base);
                row["status"] = json!("deleted");
                (*at, ticket.id, row)
            });
            live.chain(gone).filter(|(at, ..)| *at < last_minute).collect()
        }
        "organizations" => {
            let changed = |row: &Value| row["updated_at"].as_str()?.parse::<DateTime<Utc>>().ok();
            let all = account.organizations.iter().map(|(id, row)| (*id, Value::Object(row.clone())));
            all.filter_map(|(id, row)| Some((changed(&row)?, id, row))).collect()
        }
        _ => return Err(Refusal::invalid_endpoint()),
    };
    rows.sort_by_key(|(at, id, _)| (at.timestamp(), *id));
    Ok(rows)
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
    let after: (i64, u64) = match params.get("cursor") {
        Some(cursor) => {
            decode(cursor).ok_or_else(|| Refusal::invalid_attribute("Parameter cursor is invalid"))?
        }
        None => (start_time(&world, &params)?, 0),
    };
    let rows = rows(&world, &account, &what)?;
    let next: Vec<_> = rows.into_iter().filter(|(at, id, _)| (at.timestamp(), *id) > after).collect();
    let size = size(&params);
    let end = next.len() <= size;
    let page: Vec<_> = next.into_iter().take(size).collect();
    let last = page.last().map_or(after, |(at, id, _)| (at.timestamp(), *id));
    let cursor = BASE64_STANDARD.encode(format!("{}.0||{}", last.0, last.1));
    let path = format!("{}/api/v2/incremental/{what}/cursor.json", world.base());
    let per_page = params.get("per_page").map(|text| format!("&per_page={text}")).unwrap_or_default();
    let escaped: String = url::form_urlencoded::byte_serialize(cursor.as_bytes()).collect();
    let body = json!({
        what: page.into_iter().map(|(.., row)| row).collect::<Vec<_>>(),
        "after_url": format!("{path}?cursor={escaped}{per_page}"),
        "before_url": null,
        "after_cursor": cursor,
        "before_cursor": null,
        "end_of_stream": end,
    });
    Ok(budget.announce(INCREMENTAL, ok(body)))
}

fn decode(cursor: &str) -> Option<(i64, u64)> {
    let text = String::from_utf8(BASE64_STANDARD.decode(cursor).ok()?).ok()?;
    let (at, id) = text.split_once("||")?;
    Some((at.split('.').next()?.parse().ok()?, id.parse().ok()?))
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
    let rows = rows(&world, &account, &what)?;
    let next: Vec<_> = rows.into_iter().filter(|(at, ..)| at.timestamp() >= start).collect();
    let size = size(&params);
    let end = next.len() <= size;
    let page: Vec<_> = next.into_iter().take(size).collect();
    let end_time = page.last().map_or(start, |(at, ..)| at.timestamp());
    let path = format!("{}/api/v2/incremental/{what}.json", world.base());
    let body = json!({
        "count": page.len(),
        what: page.into_iter().map(|(.., row)| row).collect::<Vec<_>>(),
        "next_page": format!("{path}?start_time={end_time}"),
        "end_of_stream": end,
        "end_time": end_time,
    });
    Ok(budget.announce(INCREMENTAL, ok(body)))
}
