//! TaskRouter over HTTP: the workspace, its workers, and tasks whose attributes change under an `ETag`.
//! **Invariant:** `Attributes` replaces all.

use std::collections::HashMap;

use axum::{
    Json,
    body::Bytes,
    extract::{OriginalUri, Path, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::{
    Twilio, authenticate,
    delivery::changing,
    expression, flow,
    listing::{Asked, page},
    not_found, recordings, refuse,
    task::{QUEUE, Task, WORKERS, WORKFLOW, fresh, time, worker as known_worker},
};
use crate::{
    credentials::{TWILIO_ACCOUNT, TWILIO_WORKSPACE},
    world::World,
};

/// Where TaskRouter really is; bodies name it.
pub(crate) const BASE: &str = "https://taskrouter.twilio.com/v1/Workspaces";

/// A voice call and a chat, both with somebody who is in the support desk, and a call of yesterday that was recorded.
pub(crate) fn seed(twilio: &mut Twilio, now: DateTime<Utc>) {
    let sid = |kind: &str, digit: u8| format!("{kind}{}{digit}", "0".repeat(31));
    let call = json!({
        "from": "+815012340042", "name": "+815012340042", "direction": "inbound", "call_sid": format!("CA{}", "1".repeat(32)),
        "zd_ticket_id": "42", "channelType": "voice",
    });
    let chat = json!({
        "channelType": "web", "customerName": "Web visitor", "conversationSid": format!("CH{}", "1".repeat(32)),
        "direction": "inbound",
    });
    for (digit, attributes, channel) in [(1, call, "voice"), (2, chat, "chat")] {
        let sid = sid("WT", digit);
        flow::place(twilio, &sid, attributes.to_string(), channel, now);
        accept(twilio, &sid, now);
    }
    let (yesterday, sid) = (now - TimeDelta::days(1), sid("WT", 3));
    let call_sid = format!("CA{}", "3".repeat(32));
    let recording = recordings::seed(twilio, &call_sid, yesterday);
    let media = json!([{"url": recordings::address(&recording), "type": "VoiceRecording",
        "start_time": yesterday.timestamp_millis(), "channels": ["customer", "others"]}]);
    let recorded = json!({
        "from": "+815012340042", "direction": "inbound", "call_sid": call_sid, "zd_ticket_id": "42",
        "channelType": "voice", "conversations": {"media": media, "hang_up_by": "Customer"},
    });
    flow::place(twilio, &sid, recorded.to_string(), "voice", yesterday);
    accept(twilio, &sid, yesterday);
    flow::end(twilio, &sid, "completed", None, yesterday);
}

fn accept(twilio: &mut Twilio, task: &str, now: DateTime<Utc>) {
    let reservation = twilio.live(task).first().map(|one| one.sid.clone());
    let accepted = reservation.map(|sid| flow::move_reservation(twilio, &sid, "accepted", now));
    debug_assert_eq!(accepted, Some(Ok(())), "a seeded task is somebody's");
}

#[expect(clippy::result_large_err, reason = "the error is the response itself")]
pub(crate) fn enter(headers: &HeaderMap, workspace: &str) -> Result<(), Response> {
    authenticate(headers)?;
    if workspace == TWILIO_WORKSPACE {
        return Ok(());
    }
    Err(not_found(&format!("The requested resource /Workspaces/{workspace} was not found")))
}

/// Whether whoever asks has seen an older version.
pub(crate) fn outdated(headers: &HeaderMap, version: u64) -> bool {
    let expected = headers.get(header::IF_MATCH).and_then(|value| value.to_str().ok());
    expected.is_some_and(|expected| expected.trim_matches('"') != version.to_string())
}

/// A form's fields.
pub(crate) fn fields(body: &[u8]) -> HashMap<String, String> {
    url::form_urlencoded::parse(body).map(|(name, value)| (name.into_owned(), value.into_owned())).collect()
}

/// `GET …/Workspaces/{WS}`.
pub(crate) async fn workspace(
    State(world): State<World>,
    Path(workspace): Path<String>,
    headers: HeaderMap,
) -> Response {
    match enter(&headers, &workspace) {
        Err(refusal) => refusal,
        Ok(()) => Json(workspace_json(&world.twilio(), world.now())).into_response(),
    }
}

/// `POST …/Workspaces/{WS}`: `EventCallbackUrl`; an empty one ends it.
pub(crate) async fn set_workspace(
    State(world): State<World>,
    Path(workspace): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if let Err(refusal) = enter(&headers, &workspace) {
        return refusal;
    }
    let mut twilio = world.twilio();
    if let Some(callback) = fields(&body).get("EventCallbackUrl") {
        if !callback.is_empty() && !is_address(callback) {
            return refuse(StatusCode::BAD_REQUEST, 20_001, "EventCallbackUrl is not a valid URL");
        }
        twilio.callback = Some(callback.clone()).filter(|url| !url.is_empty());
    }
    Json(workspace_json(&twilio, world.now())).into_response()
}

/// Whether Twilio could call it.
pub(crate) fn is_address(text: &str) -> bool {
    url::Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}

pub(crate) fn workspace_json(twilio: &Twilio, now: DateTime<Utc>) -> Value {
    let (time, offline) = (time(now), format!("WA{}", "1".repeat(32)));
    let url = format!("{BASE}/{TWILIO_WORKSPACE}");
    let below = |name: &str| format!("{url}/{name}");
    json!({
        "account_sid": TWILIO_ACCOUNT, "date_created": time, "date_updated": time, "default_activity_name": "Offline",
        "default_activity_sid": offline, "event_callback_url": twilio.callback.clone().unwrap_or_default(),
        "events_filter": null, "friendly_name": "Flex Task Assignment", "links": {
            "activities": below("Activities"), "workers": below("Workers"), "task_queues": below("TaskQueues"),
            "workflows": below("Workflows"), "tasks": below("Tasks"), "events": below("Events"),
            "task_channels": below("TaskChannels"),
        }, "multi_task_enabled": true,
        "prioritize_queue_order": "FIFO", "sid": TWILIO_WORKSPACE, "timeout_activity_name": "Offline",
        "timeout_activity_sid": offline, "url": url,
    })
}

/// `GET …/Workers?FriendlyName=&ActivityName=&ActivitySid=&Available=&TargetWorkersExpression=`.
pub(crate) async fn workers(
    State(world): State<World>,
    Path(workspace): Path<String>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
) -> Response {
    if let Err(refusal) = enter(&headers, &workspace) {
        return refusal;
    }
    let asked = Asked::of(&uri);
    let mut rows = Vec::new();
    for worker in WORKERS {
        let row = worker.json(world.now());
        let is = |name: &str, key: &str| asked.takes(name, row[key].as_str().unwrap_or_default());
        let expressed = asked.get("TargetWorkersExpression");
        match expressed.map_or(Some(true), |text| expression::holds(text, &worker.attributes().to_string())) {
            None => return refuse(StatusCode::BAD_REQUEST, 20_001, "TargetWorkersExpression is not valid"),
            Some(holds) => {
                let named = is("FriendlyName", "friendly_name") && is("ActivityName", "activity_name");
                let there = is("ActivitySid", "activity_sid") && asked.takes("Available", "true");
                if holds && named && there {
                    rows.push(row);
                }
            }
        }
    }
    page("workers", rows, &format!("{BASE}/{TWILIO_WORKSPACE}/Workers"), &asked)
}

/// `GET …/Workers/{WK}`.
pub(crate) async fn worker(
    State(world): State<World>,
    Path((workspace, sid)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    match (enter(&headers, &workspace), known_worker(&sid)) {
        (Err(refusal), _) => refusal,
        (Ok(()), Some(worker)) => Json(worker.json(world.now())).into_response(),
        (Ok(()), None) => {
            not_found(&format!("The requested resource /Workspaces/{workspace}/Workers/{sid} was not found"))
        }
    }
}

/// `GET …/Tasks?AssignmentStatus=&Priority=&WorkflowSid=&TaskQueueSid=&EvaluateTaskAttributes=&Ordering=`: oldest first, if
/// not said otherwise.
pub(crate) async fn tasks(
    State(world): State<World>,
    Path(workspace): Path<String>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
) -> Response {
    if let Err(refusal) = enter(&headers, &workspace) {
        return refusal;
    }
    let asked = Asked::of(&uri);
    let twilio = world.twilio();
    let mut found: Vec<&Task> = Vec::new();
    for task in twilio.tasks.values() {
        let expressed = asked.get("EvaluateTaskAttributes");
        let Some(holds) = expressed.map_or(Some(true), |text| expression::holds(text, &task.attributes))
        else {
            return refuse(StatusCode::BAD_REQUEST, 20_001, "EvaluateTaskAttributes is not valid");
        };
        let routed = asked.takes("WorkflowSid", WORKFLOW) && asked.takes("TaskQueueSid", QUEUE);
        let stands = asked.takes("AssignmentStatus", task.status);
        if holds && routed && stands && asked.takes("Priority", &task.priority.to_string()) {
            found.push(task);
        }
    }
    let (key, direction) = asked.get("Ordering").and_then(|text| text.split_once(':')).unwrap_or(("", ""));
    match key {
        "Priority" => found.sort_by_key(|task| (task.priority, task.created_at)),
        _ => found.sort_by_key(|task| task.created_at),
    }
    if direction == "desc" {
        found.reverse();
    }
    let rows = found.into_iter().map(|task| task.json(world.now())).collect();
    page("tasks", rows, &format!("{BASE}/{TWILIO_WORKSPACE}/Tasks"), &asked)
}

/// `POST …/Tasks`: a new one, from a form.
pub(crate) async fn create(
    State(world): State<World>,
    Path(workspace): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if let Err(refusal) = enter(&headers, &workspace) {
        return refusal;
    }
    let form = fields(&body);
    let attributes = form.get("Attributes").cloned().unwrap_or_else(|| "{}".into());
    if serde_json::from_str::<Value>(&attributes).is_err() {
        return refuse(StatusCode::BAD_REQUEST, 20_001, "Attributes are not valid JSON");
    }
    if form.get("WorkflowSid").is_some_and(|sid| sid != WORKFLOW) {
        return refuse(StatusCode::BAD_REQUEST, 20_001, "WorkflowSid is not a workflow of this workspace");
    }
    let channel = form.get("TaskChannel").map_or("default", String::as_str);
    let number = |name: &str| form.get(name).and_then(|text| text.parse::<i64>().ok());
    changing(&world, |twilio, now| {
        let mut placed = flow::place(twilio, &fresh("WT"), attributes, channel, now);
        placed.priority = number("Priority").unwrap_or(placed.priority);
        placed.timeout = number("Timeout").unwrap_or(placed.timeout);
        if let Some(task) = twilio.tasks.get_mut(&placed.sid) {
            (task.priority, task.timeout) = (placed.priority, placed.timeout);
        }
        placed.answer(StatusCode::CREATED, now)
    })
}

/// `GET …/Tasks/{WT}`: with its `ETag`.
pub(crate) async fn show(
    State(world): State<World>,
    Path((workspace, task)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    if let Err(refusal) = enter(&headers, &workspace) {
        return refusal;
    }
    match world.twilio().tasks.get(&task) {
        Some(found) => found.answer(StatusCode::OK, world.now()),
        None => no_task(&task),
    }
}

/// `POST …/Tasks/{WT}`: `Attributes`, `AssignmentStatus`, `Priority`; `If-Match` guards them.
pub(crate) async fn update(
    State(world): State<World>,
    Path((workspace, sid)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if let Err(refusal) = enter(&headers, &workspace) {
        return refusal;
    }
    let form = fields(&body);
    changing(&world, |twilio, now| {
        let Some(task) = twilio.tasks.get(&sid) else { return no_task(&sid) };
        if outdated(&headers, task.version) {
            return refuse(
                StatusCode::PRECONDITION_FAILED,
                20_412,
                "The task was changed; the If-Match header is outdated",
            );
        }
        let attributes = form.get("Attributes");
        if attributes.is_some_and(|text| serde_json::from_str::<Value>(text).is_err()) {
            return refuse(StatusCode::BAD_REQUEST, 20_001, "Attributes are not valid JSON");
        }
        if let Some(status) = form.get("AssignmentStatus")
            && let Err(flow::Illegal(why)) =
                flow::move_task(twilio, &sid, status, form.get("Reason").cloned(), now)
        {
            return refuse(StatusCode::BAD_REQUEST, 20_001, &why);
        }
        let priority = form.get("Priority").and_then(|text| text.parse().ok());
        if let (Some(priority), Some(task)) = (priority, twilio.tasks.get_mut(&sid)) {
            task.priority = priority;
        }
        if let Some(attributes) = attributes {
            flow::write(twilio, &sid, attributes, now);
        }
        twilio.tasks.get(&sid).map_or_else(|| no_task(&sid), |task| task.answer(StatusCode::OK, now))
    })
}

fn no_task(sid: &str) -> Response {
    not_found(&format!("The requested resource /Workspaces/{TWILIO_WORKSPACE}/Tasks/{sid} was not found"))
}
