//! Writing tickets: create with an idempotency key, update, in bulk, merge. **Invariant:** a closed ticket takes no update;
//! a comment that does not say whether it is public inherits it from the ticket.

use axum::{
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, StatusCode},
};
use chrono::TimeDelta;
use serde_json::{Map, Value, json};

use super::{
    access::Caller,
    input::{Doc, Params, id, id_in, too_many_values},
    jobs,
    limits::{Budget, PER_TICKET, TICKETS_UPDATE},
    record::{Properties, Status, Ticket},
    refusal::{Answer, Refusal, created, ok},
    ticket_change::{Change, apply, close_audit, resolve_requester},
    tickets::{visible, warn},
    triggers,
};
use crate::{
    state::{Account, Remembered},
    world::World,
};

/// `POST /tickets`, with `Idempotency-Key`.
pub(crate) async fn create(
    State(world): State<World>,
    caller: Caller,
    headers: HeaderMap,
    raw: Bytes,
) -> Answer {
    caller.staff()?;
    let doc = Doc(serde_json::from_slice(&raw)
        .map_err(|_| Refusal::invalid_attribute("Error occurred while parsing request parameters"))?);
    let (key, now) = (headers.get("idempotency-key").and_then(|key| key.to_str().ok()), world.now());
    if key.is_some_and(|key| key.len() > 255) {
        return Err(idempotent("Idempotency key must not be longer than 255 characters"));
    }
    let one_at_a_time = key.map(|_| world.creating());
    if let Some(key) = key {
        let mut account = world.account();
        account.idempotency.retain(|_, known| now < known.at + TimeDelta::hours(2));
        if let Some(known) = account.idempotency.get(key) {
            if known.body != raw {
                return Err(idempotent("Request parameters don't match the given idempotency key"));
            }
            let mut response = created(&known.location, known.answer.clone());
            response.headers_mut().insert("x-idempotency-lookup", HeaderValue::from_static("hit"));
            return Ok(response);
        }
    }
    let (ticket, answer) = make(&world, &caller, doc.part("ticket")?)?;
    let location = format!("{}/api/v2/tickets/{ticket}.json", world.base());
    let mut response = created(&location, answer.clone());
    if let Some(key) = key {
        world
            .account()
            .idempotency
            .insert(key.to_owned(), Remembered { body: raw, answer, location, at: now });
        response.headers_mut().insert("x-idempotency-lookup", HeaderValue::from_static("miss"));
    }
    drop(one_at_a_time);
    Ok(response)
}

fn idempotent(description: &str) -> Refusal {
    Refusal::named(StatusCode::BAD_REQUEST, "IdempotentRequestError", description)
}

/// Makes a ticket through the API, runs the triggers, and answers `{ticket,audit}`.
pub(crate) fn make(
    world: &World,
    caller: &Caller,
    part: &Map<String, Value>,
) -> Result<(u64, Value), Refusal> {
    make_by(world, caller, part, "api")
}

/// The same through any channel.
pub(crate) fn make_by(
    world: &World,
    caller: &Caller,
    part: &Map<String, Value>,
    channel: &'static str,
) -> Result<(u64, Value), Refusal> {
    let now = world.now();
    let mut account = world.account();
    let has_comment = part.get("comment").is_some_and(|comment| comment.is_object() || comment.is_string());
    if !has_comment && part.get("description").and_then(Value::as_str).is_none_or(str::is_empty) {
        return Err(Refusal::invalid("base", "Description: cannot be blank", Some("BlankValue")));
    }
    let requester = resolve_requester(&mut account, caller, part, now)?.unwrap_or_else(|| caller.id());
    let who = account.users.get(&requester).ok_or_else(|| {
        Refusal::invalid("requester", "Requester: is missing or invalid", Some("InvalidValue"))
    })?;
    if who.suspended {
        return Err(Refusal::invalid("requester", &format!("Requester: {} is suspended.", who.name), None));
    }
    let organization_id = who.organization_id;
    let source = part.get("via_followup_source_id").and_then(id_in);
    if let Some(source) = source {
        let closed = account.tickets.get(&source).is_some_and(|ticket| ticket.status == Status::Closed);
        if !closed {
            let why = "Follow-up source must be a closed ticket";
            return Err(Refusal::invalid("via_followup_source_id", why, None));
        }
    }
    let number = account.fresh_ticket();
    let mut ticket = Ticket {
        id: number,
        subject: String::new(),
        status: Status::New,
        kind: None,
        priority: None,
        requester_id: requester,
        submitter_id: part.get("submitter_id").and_then(id_in).unwrap_or_else(|| caller.id()),
        assignee_id: None,
        group_id: None,
        organization_id,
        external_id: None,
        followup_source_id: source,
        followup_ids: Vec::new(),
        collaborator_ids: Vec::new(),
        follower_ids: Vec::new(),
        tags: Vec::new(),
        custom_fields: Vec::new(),
        satisfaction: None,
        channel,
        comments: Vec::new(),
        audits: Vec::new(),
        created_at: now,
        updated_at: now,
    };
    let mut change = Change::new(&mut account, caller.id(), true, now);
    change.channel = channel;
    change.note("requester_id", &json!(requester.to_string()), &Value::Null, &mut account);
    apply(world, &mut account, caller, &mut ticket, part, &mut change)?;
    let audit = close_audit(&mut ticket, change.clone(), world.base(), &account);
    if let Some(source) = source.and_then(|source| account.tickets.get_mut(&source)) {
        source.followup_ids.push(number);
    }
    account.tickets.insert(number, ticket);
    let deliveries = triggers::run(world, &mut account, number, &change);
    let answer = json!({"ticket": account.tickets.get(&number).map(|ticket| ticket.json(world.base())), "audit": audit});
    drop(account);
    deliveries.send(world);
    world.broadcast(json!({"type": "ticket_changed", "ticket_id": number}));
    Ok((number, answer))
}

/// One more update of this ticket by this user: 30 in 10 minutes, and 100 a minute in the account.
pub(crate) fn spend(
    world: &World,
    account: &mut Account,
    caller: &Caller,
    ticket: u64,
) -> Result<Budget, Refusal> {
    let (limits, now) = (&world.options().limits, world.now());
    let name = format!("ticket {ticket} by {}", caller.id());
    account.windows.take(&name, limits.per_ticket_updates, TimeDelta::minutes(10), now).or_wait(PER_TICKET)
}

/// What Zendesk says of a closed ticket.
pub(crate) fn closed() -> Refusal {
    Refusal::invalid("status", "closed prevents ticket update", None)
}

/// `PUT /tickets/{id}`.
pub(crate) async fn update(
    State(world): State<World>,
    caller: Caller,
    Path(which): Path<String>,
    doc: Doc,
) -> Answer {
    caller.staff()?;
    let which = id(&which)?;
    let part = doc.part("ticket")?;
    let (limit, now) = (world.options().limits.ticket_updates_per_minute, world.now());
    let (account_wide, per_ticket) = {
        let mut account = world.account();
        visible(&account, &caller, which)?;
        let minute = TimeDelta::minutes(1);
        let budget = account.windows.take("tickets-update", limit, minute, now).or_wait(TICKETS_UPDATE)?;
        (budget, spend(&world, &mut account, &caller, which)?)
    };
    let answer = change(&world, &caller, which, part)?;
    let mut response = per_ticket.announce(PER_TICKET, account_wide.announce(TICKETS_UPDATE, ok(answer)));
    if part.contains_key("id") {
        warn(&mut response, "tickets", "update", &["ticket.id"]);
    }
    Ok(response)
}

/// Changes a ticket through the API, runs the triggers, and answers `{ticket,audit}`.
pub(crate) fn change(
    world: &World,
    caller: &Caller,
    which: u64,
    part: &Map<String, Value>,
) -> Result<Value, Refusal> {
    change_by(world, caller, which, part, "api")
}

/// The same through any channel.
pub(crate) fn change_by(
    world: &World,
    caller: &Caller,
    which: u64,
    part: &Map<String, Value>,
    channel: &'static str,
) -> Result<Value, Refusal> {
    let now = world.now();
    let mut account = world.account();
    let mut ticket = account.tickets.get(&which).ok_or_else(Refusal::not_found)?.clone();
    if !caller.writes_to(&ticket) {
        return Err(Refusal::forbidden());
    }
    if ticket.status == Status::Closed {
        return Err(closed());
    }
    // A value of false has the same effect as true: the key alone counts.
    if part.contains_key("safe_update") {
        let stamp = part.get("updated_stamp").and_then(Value::as_str);
        let same = stamp.and_then(|stamp| stamp.parse::<chrono::DateTime<chrono::Utc>>().ok());
        if same.map(|stamp| stamp.timestamp()) != Some(ticket.updated_at.timestamp()) {
            return Err(outdated());
        }
    }
    let before = Properties::of(&ticket);
    if let Some(requester) = resolve_requester(&mut account, caller, part, now)? {
        ticket.requester_id = requester;
    }
    let mut change = Change::new(&mut account, caller.id(), false, now);
    change.before = Some(before);
    change.channel = channel;
    apply(world, &mut account, caller, &mut ticket, part, &mut change)?;
    ticket.updated_at = now;
    let audit = close_audit(&mut ticket, change.clone(), world.base(), &account);
    account.tickets.insert(which, ticket);
    let deliveries = triggers::run(world, &mut account, which, &change);
    let answer = json!({"ticket": account.tickets.get(&which).map(|ticket| ticket.json(world.base())), "audit": audit});
    drop(account);
    deliveries.send(world);
    world.broadcast(json!({"type": "ticket_changed", "ticket_id": which}));
    Ok(answer)
}

/// Somebody else was faster.
pub(crate) fn outdated() -> Refusal {
    let why = "Safe Update prevented the update due to outdated ticket data. Please fetch the latest ticket data and try \
               again.";
    Refusal::named(StatusCode::CONFLICT, "UpdateConflict", why)
}

/// `POST /tickets/create_many`.
pub(crate) async fn create_many(State(world): State<World>, caller: Caller, doc: Doc) -> Answer {
    caller.staff()?;
    let rows = doc.rows("tickets")?;
    jobs::room(&world, &world.account())?;
    let results = rows
        .iter()
        .filter_map(Value::as_object)
        .enumerate()
        .map(|(index, part)| match make(&world, &caller, part) {
            Ok((id, _)) => json!({"index": index, "id": id, "account_id": crate::credentials::ACCOUNT_ID}),
            Err(refusal) => {
                let (error, details) = refusal.words();
                json!({"index": index, "success": false, "error": error, "details": details})
            }
        })
        .collect();
    Ok(ok(jobs::start(&world, &mut world.account(), "Bulk Create Ticket", "Creating ticket", results)))
}

/// `PUT /tickets/update_many?ids=` with one patch, or with a list of patches.
pub(crate) async fn update_many(
    State(world): State<World>,
    caller: Caller,
    params: Params,
    doc: Doc,
) -> Answer {
    caller.staff()?;
    let rows: Vec<(Option<u64>, Map<String, Value>)> = if let Some(ids) = params.list("ids")? {
        let part = doc.part("ticket")?;
        ids.iter().map(|text| (text.parse().ok(), part.clone())).collect()
    } else {
        let rows = doc.rows("tickets")?;
        rows.iter().filter_map(|row| Some((id_in(&row["id"]), row.as_object()?.clone()))).collect()
    };
    if rows.len() > 100 {
        return Err(too_many_values(""));
    }
    jobs::room(&world, &world.account())?;
    let results = rows
        .iter()
        .enumerate()
        .map(|(index, (id, part))| {
            let outcome = id.ok_or_else(Refusal::not_found).and_then(|id| change(&world, &caller, id, part));
            match outcome {
                Ok(_) => json!({"index": index, "id": id, "action": "update", "status": "Updated", "success": true}),
                Err(refusal) => {
                    let (error, details) = refusal.words();
                    json!({"index": index, "id": id, "action": "update", "success": false, "error": error,
                           "details": details})
                }
            }
        })
        .collect();
    Ok(ok(jobs::start(&world, &mut world.account(), "Bulk Update Ticket", "Updating ticket", results)))
}

/// `POST /tickets/{id}/merge`: the sources close, and point at the target.
pub(crate) async fn merge(
    State(world): State<World>,
    caller: Caller,
    Path(target): Path<String>,
    doc: Doc,
) -> Answer {
    caller.staff()?;
    let target = id(&target)?;
    let sources: Vec<u64> = doc.0["ids"].as_array().into_iter().flatten().filter_map(id_in).collect();
    let text = |name: &str| doc.0[name].as_str().map(str::to_owned);
    let comment = |body: String, public: bool| json!({"comment": {"body": body, "public": public}});
    {
        let account = world.account();
        for which in sources.iter().chain([&target]) {
            if visible(&account, &caller, *which)?.status == Status::Closed {
                return Err(closed());
            }
        }
        jobs::room(&world, &account)?;
    }
    let mut results = Vec::new();
    for source in &sources {
        let words = text("source_comment")
            .unwrap_or_else(|| format!("This request was closed and merged into request #{target}"));
        let mut part = comment(words, doc.0["source_comment_is_public"].as_bool().unwrap_or(false));
        part["status"] = json!("closed");
        part["additional_tags"] = json!(["closed_by_merge"]);
        change(&world, &caller, *source, part.as_object().unwrap_or(&Map::new()))?;
        results.push(json!({"id": source, "action": "update", "status": "Updated", "success": true}));
    }
    let words = text("target_comment")
        .unwrap_or_else(|| format!("Requests {sources:?} were closed and merged into this request"));
    let part = comment(words, doc.0["target_comment_is_public"].as_bool().unwrap_or(false));
    change(&world, &caller, target, part.as_object().unwrap_or(&Map::new()))?;
    Ok(ok(jobs::start(&world, &mut world.account(), "Ticket Merge", "Merging ticket", results)))
}
