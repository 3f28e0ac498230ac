//! Something that became of a task, in the two spellings in which Twilio tells of it. **Invariant:** no I/O.
//! Source: <https://www.twilio.com/docs/taskrouter/api/event/reference>,
//! <https://www.twilio.com/docs/events/event-types/taskrouter/reservation>.

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Map, Value, json};

use super::task::{Reservation, Task, fresh};
use crate::credentials::{TWILIO_ACCOUNT, TWILIO_WORKSPACE};

/// How Event Streams names TaskRouter's events.
pub(crate) const PREFIX: &str = "com.twilio.taskrouter.";

/// Every kind that this workspace tells of.
pub(crate) const KINDS: &[&str] = &[
    "reservation.accepted",
    "reservation.canceled",
    "reservation.completed",
    "reservation.created",
    "reservation.rejected",
    "reservation.timeout",
    "reservation.wrapup",
    "task.canceled",
    "task.completed",
    "task.created",
    "task.transfer-completed",
    "task.transfer-initiated",
    "task.updated",
    "task.wrapup",
];

/// One event. However often it is sent, it is the same.
#[derive(Debug, Clone)]
pub(crate) struct Event {
    pub(crate) id: String,
    pub(crate) kind: &'static str,
    pub(crate) task_sid: String,
    at: DateTime<Utc>,
    payload: Map<String, Value>,
}

impl Event {
    pub(crate) fn about(
        kind: &'static str,
        task: &Task,
        reservation: Option<&Reservation>,
        now: DateTime<Utc>,
    ) -> Self {
        let id = fresh("EV");
        let resource = kind.split('.').next().unwrap_or_default();
        let resource_sid = match reservation {
            Some(reservation) if resource == "reservation" => &reservation.sid,
            _ => &task.sid,
        };
        let mut payload = json!({
            "eventtype": kind, "sid": id, "account_sid": TWILIO_ACCOUNT, "workspace_sid": TWILIO_WORKSPACE,
            "workspace_name": "Flex Task Assignment", "event_description": kind.replace('.', " "),
            "resource_type": resource, "resource_sid": resource_sid,
            "timestamp": now.to_rfc3339_opts(SecondsFormat::Millis, true),
            "task_sid": task.sid, "task_attributes": task.attributes, "task_priority": 0,
            "task_age": (now - task.created_at).num_seconds(), "task_assignment_status": task.status,
            "task_channel_sid": format!("TC{}", "1".repeat(32)), "task_channel_unique_name": task.channel,
            "task_queue_sid": format!("WQ{}", "a".repeat(32)), "task_queue_name": "Everyone",
            "workflow_sid": format!("WW{}", "a".repeat(32)), "workflow_name": "Assign To Anyone",
        });
        match (kind, &task.reason) {
            ("task.canceled", Some(reason)) => payload["task_canceled_reason"] = json!(reason),
            ("task.completed", Some(reason)) => payload["task_completed_reason"] = json!(reason),
            _ => {}
        }
        if let Some(Reservation { sid, worker, status, version, .. }) = reservation {
            let more = json!({
                "worker_sid": worker.sid, "worker_name": worker.email, "worker_attributes": worker.attributes().to_string(),
                "worker_activity_name": "Available", "reservation_sid": sid, "reservation_status": status,
                "reservation_version": version,
            });
            merge(&mut payload, more);
        }
        let payload = payload.as_object().cloned().unwrap_or_default();
        Self { id, kind, task_sid: task.sid.clone(), at: now, payload }
    }

    /// As Event Streams names it.
    pub(crate) fn type_name(&self) -> String {
        format!("{PREFIX}{}", self.kind)
    }

    /// One of the `CloudEvents` of a sink's delivery.
    pub(crate) fn cloud(&self) -> Value {
        let time = self.at.to_rfc3339_opts(SecondsFormat::Millis, true);
        json!({
            "specversion": "1.0", "type": self.type_name(), "id": self.id, "time": time,
            "source": format!("/v1/Workspaces/{TWILIO_WORKSPACE}/Tasks/{}", self.task_sid),
            "dataschema": "https://events-schemas.twilio.com/TaskRouter.WDSEvent/4", "datacontenttype": "application/json",
            "data": {
                "sid": self.id, "name": self.kind, "account_sid": TWILIO_ACCOUNT, "timestamp": time, "level": "INFO",
                "group": self.kind.split('.').next(), "product_name": "TaskRouter", "publisher": "TaskRouter",
                "payload_type": "TaskRouter.WDSEvent", "payload": self.payload,
            },
        })
    }

    /// The fields of the workspace's callback.
    pub(crate) fn form(&self) -> Vec<(String, String)> {
        let fields = self.payload.iter().filter(|(name, _)| *name != "timestamp");
        let mut form: Vec<_> = fields.map(|(name, value)| (camel(name), text(value))).collect();
        form.push(("Timestamp".into(), self.at.timestamp().to_string()));
        form.push(("TimestampMs".into(), self.at.timestamp_millis().to_string()));
        form
    }

    /// What tests and the demonstration see.
    pub(crate) fn summary(&self) -> Value {
        json!({"id": self.id, "type": self.kind, "task_sid": self.task_sid})
    }
}

fn merge(into: &mut Value, more: Value) {
    if let (Some(into), Value::Object(more)) = (into.as_object_mut(), more) {
        into.extend(more);
    }
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// `task_sid` → `TaskSid`.
fn camel(name: &str) -> String {
    if name == "eventtype" {
        return "EventType".into();
    }
    name.split('_')
        .map(|word| {
            let (first, rest) = word.split_at(1);
            first.to_uppercase() + rest
        })
        .collect()
}
