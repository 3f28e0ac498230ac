//! A task and its reservations, as TaskRouter shows them. **Invariant:** data only; what may become of them is in `flow.rs`.

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};

use crate::credentials::{
    ADMIN_EMAIL, RESTRICTED_EMAIL, TWILIO_ACCOUNT, TWILIO_OTHER_WORKER, TWILIO_RESTRICTED_WORKER,
    TWILIO_WORKER, TWILIO_WORKSPACE, WORKER_EMAIL,
};

/// Where TaskRouter really is; bodies name it.
const BASE: &str = "https://taskrouter.twilio.com/v1/Workspaces";

/// The one queue, in which every task waits.
pub(crate) const QUEUE: &str = "WQaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
/// The one workflow, which puts it there.
pub(crate) const WORKFLOW: &str = "WWaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

/// Unique name and name of every channel.
pub(crate) const CHANNELS: [(&str, &str); 5] = [
    ("voice", "Voice"),
    ("chat", "Programmable Chat"),
    ("default", "Default"),
    ("sms", "SMS"),
    ("video", "Video"),
];

/// A channel's sid; one that is not among them goes as the default one.
pub(crate) fn channel_sid(unique_name: &str) -> String {
    let at = CHANNELS.iter().position(|(known, _)| *known == unique_name).unwrap_or(2);
    format!("TC{}", (at + 1).to_string().repeat(32))
}

/// A task.
#[derive(Debug, Clone)]
pub(crate) struct Task {
    pub(crate) sid: String,
    pub(crate) attributes: String,
    pub(crate) status: &'static str,
    pub(crate) channel: String,
    pub(crate) reason: Option<String>,
    pub(crate) priority: i64,
    /// Seconds after which nobody needs it any more.
    pub(crate) timeout: i64,
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
    pub(crate) full_name: &'static str,
}

/// Everybody who works here; the first is offered what comes in.
pub(crate) const WORKERS: [Worker; 3] = [
    Worker { sid: TWILIO_WORKER, email: WORKER_EMAIL, full_name: "Aoi Agent" },
    Worker { sid: TWILIO_OTHER_WORKER, email: ADMIN_EMAIL, full_name: "Mika Owner" },
    Worker { sid: TWILIO_RESTRICTED_WORKER, email: RESTRICTED_EMAIL, full_name: "Ren Restricted" },
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

impl Task {
    pub(crate) fn json(&self, now: DateTime<Utc>) -> Value {
        let workspace = format!("{BASE}/{TWILIO_WORKSPACE}");
        json!({
            "account_sid": TWILIO_ACCOUNT, "age": (now - self.created_at).num_seconds(),
            "assignment_status": self.status, "attributes": self.attributes, "addons": "{}",
            "date_created": time(self.created_at), "date_updated": time(self.updated_at),
            "task_queue_entered_date": time(self.created_at), "virtual_start_time": time(self.created_at),
            "priority": self.priority, "reason": self.reason, "sid": self.sid, "task_queue_sid": QUEUE,
            "task_queue_friendly_name": "Everyone", "task_channel_sid": channel_sid(&self.channel),
            "task_channel_unique_name": self.channel, "timeout": self.timeout, "workflow_sid": WORKFLOW,
            "workflow_friendly_name": "Assign To Anyone", "workspace_sid": TWILIO_WORKSPACE, "ignore_capacity": false,
            "routing_target": self.routing_target, "url": format!("{workspace}/Tasks/{}", self.sid),
            "links": {"task_queue": format!("{workspace}/TaskQueues/{QUEUE}"), "workspace": workspace,
                      "workflow": format!("{workspace}/Workflows/{WORKFLOW}"),
                      "reservations": format!("{workspace}/Tasks/{}/Reservations", self.sid)},
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
    /// What the Flex page calls them: `ren`.
    pub(crate) fn short_name(self) -> String {
        self.full_name.split(' ').next().unwrap_or_default().to_lowercase()
    }

    pub(crate) fn attributes(self) -> Value {
        let uri = self.email.replace('@', "_40").replace('.', "_2E");
        json!({"contact_uri": format!("client:{uri}"), "full_name": self.full_name, "email": self.email, "roles": ["agent"]})
    }

    pub(crate) fn json(self, now: DateTime<Utc>) -> Value {
        let (time, workspace) = (time(now), format!("{BASE}/{TWILIO_WORKSPACE}"));
        json!({
            "account_sid": TWILIO_ACCOUNT, "activity_name": "Available", "activity_sid": format!("WA{}", "2".repeat(32)),
            "attributes": self.attributes().to_string(), "available": true, "date_created": time,
            "date_status_changed": time, "date_updated": time, "friendly_name": self.email, "sid": self.sid,
            "workspace_sid": TWILIO_WORKSPACE, "url": format!("{workspace}/Workers/{}", self.sid),
            "links": {"workspace": workspace, "activity": format!("{workspace}/Activities/WA{}", "2".repeat(32)),
                      "reservations": format!("{workspace}/Workers/{}/Reservations", self.sid)},
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
