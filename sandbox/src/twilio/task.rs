//! A task and its reservations, as TaskRouter shows them. **Invariant:** data only; what may become of them is in `flow.rs`.

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};

use crate::credentials::{
    ADMIN_EMAIL, TWILIO_ACCOUNT, TWILIO_OTHER_WORKER, TWILIO_WORKER, TWILIO_WORKSPACE, WORKER_EMAIL,
};

/// Where TaskRouter really is; bodies name it.
const BASE: &str = "https://taskrouter.twilio.com/v1/Workspaces";

/// A task.
#[derive(Debug, Clone)]
pub(crate) struct Task {
    pub(crate) sid: String,
    pub(crate) attributes: String,
    pub(crate) status: &'static str,
    pub(crate) channel: String,
    pub(crate) reason: Option<String>,
    pub(crate) version: u64,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) updated_at: DateTime<Utc>,
    /// The worker whose own it is, and nobody else's: the caller's, of an outbound call.
    pub(crate) routing_target: Option<&'static str>,
    /// The reservation by which it shall move to another worker.
    pub(crate) transfer: Option<String>,
}

/// A worker's place at a task.
#[derive(Debug, Clone)]
pub(crate) struct Reservation {
    pub(crate) sid: String,
    pub(crate) task_sid: String,
    pub(crate) worker: Worker,
    pub(crate) status: &'static str,
    pub(crate) version: u64,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) updated_at: DateTime<Utc>,
}

/// One of the workspace's workers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Worker {
    pub(crate) sid: &'static str,
    pub(crate) email: &'static str,
    full_name: &'static str,
}

/// Everybody who works here; the first is offered what comes in.
pub(crate) const WORKERS: [Worker; 2] = [
    Worker { sid: TWILIO_WORKER, email: WORKER_EMAIL, full_name: "Aoi Agent" },
    Worker { sid: TWILIO_OTHER_WORKER, email: ADMIN_EMAIL, full_name: "Mika Owner" },
];

/// The worker with this sid.
pub(crate) fn worker(sid: &str) -> Option<Worker> {
    WORKERS.into_iter().find(|worker| worker.sid == sid)
}

/// A sid of a kind, `WT…`.
pub(crate) fn fresh(kind: &str) -> String {
    format!("{kind}{}", uuid::Uuid::new_v4().simple())
}

/// A time as Twilio's newer APIs write it.
pub(crate) fn time(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// The one page of a list that has no second.
pub(crate) fn meta(key: &str) -> Value {
    json!({"page": 0, "page_size": 50, "first_page_url": "", "previous_page_url": null, "url": "", "next_page_url": null,
           "key": key})
}

impl Task {
    pub(crate) fn json(&self, now: DateTime<Utc>) -> Value {
        json!({
            "account_sid": TWILIO_ACCOUNT, "age": (now - self.created_at).num_seconds(),
            "assignment_status": self.status, "attributes": self.attributes, "addons": "{}",
            "date_created": time(self.created_at), "date_updated": time(self.updated_at),
            "task_queue_entered_date": time(self.created_at), "virtual_start_time": time(self.created_at),
            "priority": 0, "reason": self.reason, "sid": self.sid, "task_queue_sid": format!("WQ{}", "a".repeat(32)),
            "task_queue_friendly_name": "Everyone", "task_channel_sid": format!("TC{}", "1".repeat(32)),
            "task_channel_unique_name": self.channel, "timeout": 86_400, "workflow_sid": format!("WW{}", "a".repeat(32)),
            "workflow_friendly_name": "Assign To Anyone", "workspace_sid": TWILIO_WORKSPACE, "ignore_capacity": false,
            "routing_target": self.routing_target, "url": format!("{BASE}/{TWILIO_WORKSPACE}/Tasks/{}", self.sid), "links": {},
        })
    }

    pub(crate) fn answer(&self, status: StatusCode, now: DateTime<Utc>) -> Response {
        tagged(status, self.version, self.json(now))
    }
}

impl Reservation {
    /// Whether its worker still has it, or may have it.
    pub(crate) fn is_live(&self) -> bool {
        matches!(self.status, "pending" | "accepted" | "wrapping")
    }

    /// `below` is the worker or the task that was asked.
    pub(crate) fn json(&self, below: &str) -> Value {
        let workspace = format!("{BASE}/{TWILIO_WORKSPACE}");
        json!({
            "account_sid": TWILIO_ACCOUNT, "date_created": time(self.created_at), "date_updated": time(self.updated_at),
            "links": {"task": format!("{workspace}/Tasks/{}", self.task_sid), "workspace": workspace,
                      "worker": format!("{workspace}/Workers/{}", self.worker.sid)},
            "reservation_status": self.status, "sid": self.sid, "task_sid": self.task_sid,
            "url": format!("{workspace}/{below}/Reservations/{}", self.sid), "worker_name": self.worker.email,
            "worker_sid": self.worker.sid, "workspace_sid": TWILIO_WORKSPACE,
        })
    }

    pub(crate) fn answer(&self, below: &str) -> Response {
        tagged(StatusCode::OK, self.version, self.json(below))
    }
}

impl Worker {
    pub(crate) fn attributes(self) -> Value {
        let uri = self.email.replace('@', "_40").replace('.', "_2E");
        json!({"contact_uri": format!("client:{uri}"), "full_name": self.full_name, "email": self.email, "roles": ["agent"]})
    }

    pub(crate) fn json(self, now: DateTime<Utc>) -> Value {
        let time = time(now);
        json!({
            "account_sid": TWILIO_ACCOUNT, "activity_name": "Available", "activity_sid": format!("WA{}", "2".repeat(32)),
            "attributes": self.attributes().to_string(), "available": true, "date_created": time,
            "date_status_changed": time, "date_updated": time, "friendly_name": self.email, "sid": self.sid,
            "workspace_sid": TWILIO_WORKSPACE, "url": format!("{BASE}/{TWILIO_WORKSPACE}/Workers/{}", self.sid), "links": {},
        })
    }
}

fn tagged(status: StatusCode, version: u64, body: Value) -> Response {
    let mut response = (status, Json(body)).into_response();
    if let Ok(etag) = HeaderValue::from_str(&format!("\"{version}\"")) {
        response.headers_mut().insert(header::ETAG, etag);
    }
    response
}
