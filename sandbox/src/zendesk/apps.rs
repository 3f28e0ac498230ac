//! Apps: their public key, notifications into open workspaces; and Talk's calls and displays.

use axum::{
    body::Bytes,
    extract::{Path, State},
    http::{StatusCode, header},
    response::{IntoResponse as _, Response},
};
use chrono::{DateTime, FixedOffset, SecondsFormat, TimeDelta, Utc};
use serde_json::{Map, Value, json};

use super::{
    access::Caller,
    input::{Doc, id, id_in},
    limits::APPS_NOTIFY,
    record::Role,
    refusal::{Answer, Refusal, created, ok},
    tickets::visible,
};
use crate::{clock::stamp, credentials::ACCOUNT_ID, world::World};

/// `GET /apps/{id}/public_key`: the PEM itself.
pub(crate) async fn public_key(
    State(world): State<World>,
    caller: Caller,
    Path(which): Path<String>,
) -> Answer {
    caller.staff()?;
    if id(&which)? != world.options().app.app_id {
        return Err(Refusal::not_found());
    }
    let pem = world.account().app_keys.public_pem();
    Ok(([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], pem).into_response())
}

/// `GET /apps/installations` : the one that exists.
pub(crate) async fn installations(State(world): State<World>, caller: Caller) -> Answer {
    caller.staff()?;
    let app = &world.options().app;
    Ok(ok(json!({"installations": [{
        "id": app.installation_id, "app_id": app.app_id, "product": "support", "enabled": true, "paid": null,
        "settings": {"title": "App under test"}, "settings_objects": [], "collapsible": true, "position": 0,
        "created_at": stamp(world.now()), "updated_at": stamp(world.now()),
    }]})))
}

/// `POST /apps/notify`: reaches the app in the open workspace of one agent, or of all.
pub(crate) async fn notify(State(world): State<World>, caller: Caller, raw: Bytes) -> Answer {
    caller.staff()?;
    if raw.len() > 1_048_576 {
        let why = "The notification is larger than 1 MB";
        return Err(Refusal::named(StatusCode::PAYLOAD_TOO_LARGE, "PayloadTooLarge", why));
    }
    let doc: Value = serde_json::from_slice(&raw)
        .map_err(|_| Refusal::invalid_attribute("Error occurred while parsing request parameters"))?;
    let (limit, now) = (world.options().limits.notify_per_minute, world.now());
    let mut account = world.account();
    let budget = account.windows.take("notify", limit, TimeDelta::minutes(1), now).or_wait(APPS_NOTIFY)?;
    let missing = |name: &str| Refusal::invalid_attribute(&format!("Parameter {name} is required"));
    let app_id = id_in(&doc["app_id"]).ok_or_else(|| missing("app_id"))?;
    let event = doc["event"].as_str().filter(|event| !event.is_empty()).ok_or_else(|| missing("event"))?;
    if doc["body"].is_null() {
        return Err(missing("body"));
    }
    if app_id != world.options().app.app_id {
        return Err(Refusal::not_found());
    }
    let agent = match &doc["agent_id"] {
        Value::Null => None,
        agent => {
            Some(id_in(agent).filter(|id| account.users.contains_key(id)).ok_or_else(Refusal::not_found)?)
        }
    };
    let notice = json!({
        "type": "notify", "app_id": app_id, "event": event, "body": doc["body"], "agent_id": agent, "sender": caller.id(),
    });
    account.notified.push(notice.clone());
    drop(account);
    world.broadcast(notice);
    Ok(budget.announce(APPS_NOTIFY, StatusCode::OK.into_response()))
}

/// `POST /channels/voice/agents/{agent}/{tickets|users}/{id}/display`: opens it in the agent's browser. For agents with Talk
/// Partner Edition; whoever is no agent is not found.
pub(crate) async fn display(
    State(world): State<World>,
    caller: Caller,
    Path((agent, what, which)): Path<(String, String, String)>,
) -> Answer {
    caller.staff()?;
    let (agent, which) = (id(&agent)?, id(&which)?);
    if !world.options().talk_partner {
        return Err(Refusal::forbidden());
    }
    let account = world.account();
    if account.users.get(&agent).is_none_or(|user| !user.active || user.role == Role::EndUser) {
        return Err(Refusal::not_found());
    }
    match what.as_str() {
        "tickets" => visible(&account, &caller, which).map(|_| ())?,
        "users" => account.users.get(&which).map(|_| ()).ok_or_else(Refusal::not_found)?,
        _ => return Err(Refusal::invalid_endpoint()),
    }
    drop(account);
    world.broadcast(
        json!({"type": "display", "agent_id": agent, "what": what.trim_end_matches('s'), "id": which}),
    );
    Ok(StatusCode::OK.into_response())
}

/// All that a call may hold besides what is computed.
const CALL_FIELDS: &str = "ticket_id end_user_id organization_id brand_id app_id agent_id from_line from_line_nickname \
    to_line to_line_nickname call_started_at call_ended_at direction duration dnis phone_name call_type \
    end_user_location callback callback_source callback_number wait_time time_to_answer queue_time exceeded_queue_time \
    queue_name ivr_time_spent ivr_hops ivr_action ivr_routed_to ivr_destination_group_name talk_time hold_time \
    consultation_time wrap_up_time completion_status call_abandoned_position customer_requested_voicemail voicemail \
    outside_business_hours overflowed overflowed_to call_disposition recording_url recording_time not_recording_time \
    call_recording_consent_action recording_control_interactions transcript external_id";

/// `POST /calls`.
pub(crate) async fn create_call(State(world): State<World>, caller: Caller, doc: Doc) -> Answer {
    caller.staff()?;
    let part = doc.part("call")?;
    for name in ["app_id", "from_line", "to_line", "call_started_at", "direction"] {
        if part.get(name).is_none_or(Value::is_null) {
            return Err(Refusal::invalid(name, &format!("{name} cannot be blank"), Some("BlankValue")));
        }
    }
    let (now, mut account) = (world.now(), world.account());
    let id = account.fresh_id();
    let mut call: Map<String, Value> =
        CALL_FIELDS.split_whitespace().map(|name| (name.to_owned(), Value::Null)).collect();
    call.insert("id".into(), json!(id));
    call.insert("account_id".into(), json!(ACCOUNT_ID));
    call.insert("created_at".into(), json!(stamp(now)));
    fill(&mut call, part, now);
    account.calls.insert(id, call.clone());
    Ok(created(&format!("{}/api/v2/calls/{id}", world.base()), json!({"call": call})))
}

/// `GET /calls/{id}`.
pub(crate) async fn show_call(
    State(world): State<World>,
    caller: Caller,
    Path(which): Path<String>,
) -> Answer {
    caller.staff()?;
    let account = world.account();
    let call = account.calls.get(&id(&which)?).ok_or_else(Refusal::not_found)?;
    Ok(ok(json!({"call": call})))
}

/// `PATCH /calls/{id}`.
pub(crate) async fn update_call(
    State(world): State<World>,
    caller: Caller,
    Path(which): Path<String>,
    doc: Doc,
) -> Answer {
    caller.staff()?;
    let (now, mut account) = (world.now(), world.account());
    let call = account.calls.get_mut(&id(&which)?).ok_or_else(Refusal::not_found)?;
    fill(call, doc.part("call")?, now);
    Ok(ok(json!({"call": call})))
}

/// Times come back in UTC.
fn fill(call: &mut Map<String, Value>, part: &Map<String, Value>, now: DateTime<Utc>) {
    for (name, value) in part {
        if !CALL_FIELDS.split_whitespace().any(|known| known == name) {
            continue;
        }
        let in_utc = value.as_str().filter(|_| name.ends_with("_at")).and_then(|text| {
            let text = if text.ends_with('Z')
                || text
                    .get(text.len().wrapping_sub(6)..)
                    .is_some_and(|z| z.contains(':') && z.starts_with(['+', '-']))
            {
                text.to_owned()
            } else {
                format!("{text}:00")
            };
            DateTime::<FixedOffset>::parse_from_rfc3339(&text).ok()
        });
        let value = in_utc.map_or_else(
            || value.clone(),
            |at| json!(at.to_utc().to_rfc3339_opts(SecondsFormat::Secs, true)),
        );
        call.insert(name.clone(), value);
    }
    call.insert("updated_at".into(), json!(stamp(now)));
}

/// `POST /calls/{id}/comments`.
pub(crate) async fn comment_call(
    State(world): State<World>,
    caller: Caller,
    Path(which): Path<String>,
    doc: Doc,
) -> Result<Response, Refusal> {
    caller.staff()?;
    let (now, mut account) = (world.now(), world.account());
    let (comment, audit) = (account.fresh_id(), account.fresh_id());
    let call = account.calls.get(&id(&which)?).ok_or_else(Refusal::not_found)?;
    let title = doc.0["title"].as_str().unwrap_or("Call");
    let lines: String = doc.0["call_fields"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .filter_map(|name| Some(format!("\n{}: {}", capital(name), call.get(name)?.as_str()?)))
        .collect();
    let body = format!("{title}\n\nSummary{lines}");
    let body = json!({
        "id": comment, "type": "TpeVoiceComment", "public": false, "title": title, "body": body,
        "html_body": format!("<div class=\"zd-comment\" dir=\"auto\"><p dir=\"auto\">{title}</p></div>"),
        "data": {
            "app_id": call["app_id"], "app_name": "App under test", "author_id": null, "call_id": call["id"],
            "direction": call["direction"], "external_id": call["external_id"], "title": title, "via_id": 45,
            "recording_url": call["recording_url"].as_str().unwrap_or_default(),
        },
        "formatted_from": "Unknown", "formatted_to": "Unknown", "transcription_visible": false,
        "author_id": caller.id(), "trusted": true, "attachments": [], "created_at": stamp(now), "audit_id": audit,
    });
    Ok((StatusCode::CREATED, axum::Json(body)).into_response())
}

fn capital(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
