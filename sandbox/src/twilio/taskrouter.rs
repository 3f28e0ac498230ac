//! TaskRouter: the worker, and tasks whose attributes change under an `ETag`. **Invariant:** `Attributes` replaces all.

use axum::{
    Json,
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};

use super::{Twilio, authenticate, not_found, refuse};
use crate::{
    credentials::{TWILIO_ACCOUNT, TWILIO_WORKER, TWILIO_WORKSPACE, WORKER_EMAIL},
    world::World,
};

/// A task.
#[derive(Debug, Clone)]
pub(crate) struct Task {
    sid: String,
    pub(crate) attributes: String,
    status: String,
    channel: String,
    reason: Option<String>,
    version: u64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl Task {
    pub(crate) fn end(&mut self, status: &str) {
        status.clone_into(&mut self.status);
        self.version += 1;
    }

    fn json(&self, now: DateTime<Utc>) -> Value {
        let time = |time: DateTime<Utc>| time.to_rfc3339_opts(SecondsFormat::Secs, true);
        let base = "https://taskrouter.twilio.com/v1/Workspaces";
        json!({
            "account_sid": TWILIO_ACCOUNT, "age": (now - self.created_at).num_seconds(),
            "assignment_status": self.status, "attributes": self.attributes, "addons": "{}",
            "date_created": time(self.created_at), "date_updated": time(self.updated_at),
            "task_queue_entered_date": time(self.created_at), "virtual_start_time": time(self.created_at),
            "priority": 0, "reason": self.reason, "sid": self.sid, "task_queue_sid": format!("WQ{}", "a".repeat(32)),
            "task_queue_friendly_name": "Everyone", "task_channel_sid": format!("TC{}", "1".repeat(32)),
            "task_channel_unique_name": self.channel, "timeout": 86_400, "workflow_sid": format!("WW{}", "a".repeat(32)),
            "workflow_friendly_name": "Assign To Anyone", "workspace_sid": TWILIO_WORKSPACE, "ignore_capacity": false,
            "routing_target": null, "url": format!("{base}/{TWILIO_WORKSPACE}/Tasks/{}", self.sid), "links": {},
        })
    }

    fn answer(&self, status: StatusCode, now: DateTime<Utc>) -> Response {
        let mut response = (status, Json(self.json(now))).into_response();
        if let Ok(etag) = HeaderValue::from_str(&format!("\"{}\"", self.version)) {
            response.headers_mut().insert(header::ETAG, etag);
        }
        response
    }
}

/// A voice call and a chat, both with somebody who is in the support desk.
pub(crate) fn seed(twilio: &mut Twilio, now: DateTime<Utc>) {
    let call = json!({
        "from": "+815012340042", "name": "+815012340042", "direction": "inbound", "call_sid": format!("CA{}", "1".repeat(32)),
        "zd_ticket_id": "42", "channelType": "voice",
    });
    let chat = json!({
        "channelType": "web", "customerName": "Web visitor", "conversationSid": format!("CH{}", "1".repeat(32)),
        "direction": "inbound",
    });
    insert(twilio, &format!("WT{}1", "0".repeat(31)), call.to_string(), "voice", now);
    insert(twilio, &format!("WT{}2", "0".repeat(31)), chat.to_string(), "chat", now);
}

fn insert(twilio: &mut Twilio, sid: &str, attributes: String, channel: &str, now: DateTime<Utc>) -> Task {
    let task = Task {
        sid: sid.to_owned(),
        attributes,
        status: "assigned".into(),
        channel: channel.to_owned(),
        reason: None,
        version: 0,
        created_at: now,
        updated_at: now,
    };
    twilio.tasks.insert(sid.to_owned(), task.clone());
    task
}

#[expect(clippy::result_large_err, reason = "the error is the response itself")]
fn enter(headers: &HeaderMap, workspace: &str) -> Result<(), Response> {
    authenticate(headers)?;
    if workspace == TWILIO_WORKSPACE {
        return Ok(());
    }
    Err(not_found(&format!("The requested resource /Workspaces/{workspace} was not found")))
}

fn worker_json(now: DateTime<Utc>) -> Value {
    let time = now.to_rfc3339_opts(SecondsFormat::Secs, true);
    let attributes = json!({
        "contact_uri": "client:agent_40example_2Ecom", "full_name": "Aoi Agent", "email": WORKER_EMAIL, "roles": ["agent"],
    });
    let base = "https://taskrouter.twilio.com/v1/Workspaces";
    json!({
        "account_sid": TWILIO_ACCOUNT, "activity_name": "Available", "activity_sid": format!("WA{}", "2".repeat(32)),
        "attributes": attributes.to_string(), "available": true, "date_created": time, "date_status_changed": time,
        "date_updated": time, "friendly_name": WORKER_EMAIL, "sid": TWILIO_WORKER, "workspace_sid": TWILIO_WORKSPACE,
        "url": format!("{base}/{TWILIO_WORKSPACE}/Workers/{TWILIO_WORKER}"), "links": {},
    })
}

/// `GET …/Workers`.
pub(crate) async fn workers(
    State(world): State<World>,
    Path(workspace): Path<String>,
    headers: HeaderMap,
) -> Response {
    match enter(&headers, &workspace) {
        Err(refusal) => refusal,
        Ok(()) => {
            Json(json!({"workers": [worker_json(world.now())], "meta": meta("workers")})).into_response()
        }
    }
}

/// `GET …/Workers/{WK}`.
pub(crate) async fn worker(
    State(world): State<World>,
    Path((workspace, worker)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    match enter(&headers, &workspace) {
        Err(refusal) => refusal,
        Ok(()) if worker == TWILIO_WORKER => Json(worker_json(world.now())).into_response(),
        Ok(()) => not_found(&format!(
            "The requested resource /Workspaces/{workspace}/Workers/{worker} was not found"
        )),
    }
}

/// `GET …/Tasks`.
pub(crate) async fn tasks(
    State(world): State<World>,
    Path(workspace): Path<String>,
    headers: HeaderMap,
) -> Response {
    if let Err(refusal) = enter(&headers, &workspace) {
        return refusal;
    }
    let rows: Vec<_> = world.twilio().tasks.values().map(|task| task.json(world.now())).collect();
    Json(json!({"tasks": rows, "meta": meta("tasks")})).into_response()
}

fn meta(key: &str) -> Value {
    json!({"page": 0, "page_size": 50, "first_page_url": "", "previous_page_url": null, "url": "", "next_page_url": null,
           "key": key})
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
    let channel = form.get("TaskChannel").map_or("default", String::as_str);
    let sid = format!("WT{}", uuid::Uuid::new_v4().simple());
    let now = world.now();
    insert(&mut world.twilio(), &sid, attributes, channel, now).answer(StatusCode::CREATED, now)
}

/// `POST /_sandbox/flex/tasks {"attributes","channel"}`: a task appears, as if somebody called.
pub(crate) async fn place(State(world): State<World>, body: Bytes) -> Response {
    let asked: Value = serde_json::from_slice(&body).unwrap_or_default();
    let sid = format!("WT{}", uuid::Uuid::new_v4().simple());
    let attributes = match &asked["attributes"] {
        Value::Null => "{}".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let now = world.now();
    let channel = asked["channel"].as_str().unwrap_or("voice");
    insert(&mut world.twilio(), &sid, attributes, channel, now).answer(StatusCode::CREATED, now)
}

/// A task comes in, as from a flow; answers its sid.
pub(crate) fn place_task(world: &World, attributes: String, channel: &str) -> String {
    let sid = format!("WT{}", uuid::Uuid::new_v4().simple());
    insert(&mut world.twilio(), &sid, attributes, channel, world.now());
    sid
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
        None => {
            not_found(&format!("The requested resource /Workspaces/{workspace}/Tasks/{task} was not found"))
        }
    }
}

/// `POST …/Tasks/{WT}`: `Attributes`, `AssignmentStatus`; `If-Match` guards both.
pub(crate) async fn update(
    State(world): State<World>,
    Path((workspace, sid)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if let Err(refusal) = enter(&headers, &workspace) {
        return refusal;
    }
    let (form, now) = (fields(&body), world.now());
    let mut twilio = world.twilio();
    let Some(task) = twilio.tasks.get_mut(&sid) else {
        return not_found(&format!(
            "The requested resource /Workspaces/{workspace}/Tasks/{sid} was not found"
        ));
    };
    let expected = headers.get(header::IF_MATCH).and_then(|value| value.to_str().ok());
    if expected.is_some_and(|expected| expected.trim_matches('"') != task.version.to_string()) {
        return refuse(
            StatusCode::PRECONDITION_FAILED,
            20_412,
            "The task was changed; the If-Match header is outdated",
        );
    }
    if matches!(task.status.as_str(), "completed" | "canceled") && form.contains_key("AssignmentStatus") {
        let why = format!("Cannot transition task {sid} because it is {}", task.status);
        return refuse(StatusCode::BAD_REQUEST, 20_001, &why);
    }
    if let Some(attributes) = form.get("Attributes") {
        if serde_json::from_str::<Value>(attributes).is_err() {
            return refuse(StatusCode::BAD_REQUEST, 20_001, "Attributes are not valid JSON");
        }
        task.attributes.clone_from(attributes);
    }
    if let Some(status) = form.get("AssignmentStatus") {
        task.status.clone_from(status);
    }
    task.reason = form.get("Reason").cloned().or_else(|| task.reason.take());
    task.version += 1;
    task.updated_at = now;
    task.answer(StatusCode::OK, now)
}

fn fields(body: &[u8]) -> std::collections::HashMap<String, String> {
    url::form_urlencoded::parse(body).map(|(name, value)| (name.into_owned(), value.into_owned())).collect()
}
