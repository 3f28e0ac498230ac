//! Something that became of a task, in the two spellings in which Twilio reports it. **Invariant:** no I/O.
//! Source: <https://www.twilio.com/docs/taskrouter/api/event/reference>,
//! <https://www.twilio.com/docs/events/event-types/taskrouter/reservation>.

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Map, Value, json};

use super::{
    listing::Asked,
    task::{QUEUE, Reservation, Task, WORKFLOW, channel_sid, fresh, time},
};
use crate::credentials::{TWILIO_ACCOUNT, TWILIO_WORKSPACE};

/// How Event Streams names TaskRouter's events.
pub(crate) const PREFIX: &str = "com.twilio.taskrouter.";

/// Every kind that this workspace reports.
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
    pub(crate) at: DateTime<Utc>,
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
            "task_sid": task.sid, "task_attributes": task.attributes, "task_priority": task.priority,
            "task_age": (now - task.created_at).num_seconds(), "task_assignment_status": task.status,
            "task_channel_sid": channel_sid(&task.channel), "task_channel_unique_name": task.channel,
            "task_queue_sid": QUEUE, "task_queue_name": "Everyone",
            "workflow_sid": WORKFLOW, "workflow_name": "Assign To Anyone",
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

    /// Whether a list of events that is asked for like this has it.
    pub(crate) fn is_asked_for(&self, asked: &Asked) -> bool {
        let is = |name: &str, key: &str| {
            asked.takes(name, self.payload.get(key).and_then(Value::as_str).unwrap_or_default())
        };
        asked.takes("EventType", self.kind)
            && asked.takes("TaskSid", &self.task_sid)
            && is("WorkerSid", "worker_sid")
            && is("ReservationSid", "reservation_sid")
    }

    /// As the workspace's list of events has it.
    pub(crate) fn logged(&self) -> Value {
        let workspace = format!("https://taskrouter.twilio.com/v1/Workspaces/{TWILIO_WORKSPACE}");
        json!({
            "account_sid": TWILIO_ACCOUNT, "actor_sid": TWILIO_WORKSPACE, "actor_type": "workspace", "actor_url": workspace,
            "description": self.payload["event_description"], "event_data": self.payload, "event_date": time(self.at),
            "event_date_ms": self.at.timestamp_millis(), "event_type": self.kind, "resource_sid": self.payload["resource_sid"],
            "resource_type": self.payload["resource_type"], "resource_url": format!("{workspace}/Tasks/{}", self.task_sid),
            "sid": self.id, "source": "taskrouter", "source_ip_address": null, "workspace_sid": TWILIO_WORKSPACE,
            "url": format!("{workspace}/Events/{}", self.id),
        })
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
