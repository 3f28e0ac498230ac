//! Twilio tells us itself what becomes of a task, so that a browser that is closed loses nothing: a `TaskRouter` workspace's
//! callback as a form, Event Streams as an array of `CloudEvents`. **Invariant:** no I/O; what is not understood is left out.
//! Source: <https://www.twilio.com/docs/taskrouter/api/event/reference>, <https://www.twilio.com/docs/events/event-types/taskrouter>.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use wire::{LogFacts, LogRequest, LogStage};

use crate::connectors::twilio::{LENIENT, decode_identity};

/// Events of one delivery; Twilio sends a few.
const MOST: usize = 1_000;

/// Something that became of a task.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// Repeats carry the same.
    pub id: String,
    pub task_sid: String,
    /// What is to be written down.
    pub request: LogRequest,
    /// The worker whom it is about.
    pub worker: Option<Worker>,
    /// When it happened.
    pub at: Option<DateTime<Utc>>,
}

/// A worker, as Twilio names them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Worker {
    /// `WK…`.
    #[serde(default)]
    pub sid: Option<String>,
    /// The address that they sign in with.
    #[serde(default)]
    pub email: Option<String>,
    /// The address in their attributes, which workers may be able to change.
    #[serde(default)]
    pub attributes_email: Option<String>,
}

impl Worker {
    /// The address that says which agent it is.
    pub fn address(&self, trust_attributes: bool) -> Option<&str> {
        let trusted = self.attributes_email.as_ref().filter(|_| trust_attributes);
        self.email.as_ref().or(trusted).map(String::as_str)
    }

    /// Whether that address is the one in their attributes: it names no admin.
    pub const fn by_attributes(&self) -> bool {
        self.email.is_none()
    }
}

/// Why a delivery is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// Neither of Twilio's two forms.
    #[error("the body is neither a TaskRouter callback nor an array of events")]
    Shape,
    /// All of it is somebody else's, though signed with our token.
    #[error("this delivery is for another Twilio account or workspace")]
    Account,
}

/// Whose events these must be.
#[derive(Debug, Clone)]
pub struct Ours {
    /// `AC…`.
    pub account_sid: String,
    /// `WS…`; `None`: any.
    pub workspace_sid: Option<String>,
}

/// A form of the workspace's callback.
pub fn of_form(body: &[u8], ours: &Ours) -> Result<Vec<Event>, Unreadable> {
    let form: HashMap<_, _> = url::form_urlencoded::parse(body).collect();
    let get = |name: &str| form.get(name).map(AsRef::as_ref).filter(|value| !value.is_empty());
    let kind = get("EventType").ok_or(Unreadable::Shape)?;
    if get("AccountSid") != Some(&ours.account_sid) || is_foreign(get("WorkspaceSid"), ours) {
        return Err(Unreadable::Account);
    }
    let told = Told {
        // It has no name of its own; a repetition is the same to the last byte.
        id: get("Sid").map_or_else(|| hex::encode(Sha256::digest(body)), str::to_owned),
        kind,
        task_sid: get("TaskSid"),
        reservation_sid: get("ReservationSid"),
        attributes: get("TaskAttributes"),
        channel: get("TaskChannelUniqueName"),
        queue: get("TaskQueueName"),
        worker: get("WorkerName"),
        worker_sid: get("WorkerSid"),
        worker_attributes: get("WorkerAttributes"),
        age: get("TaskAge").and_then(|age| age.parse().ok()),
        at: get("Timestamp").and_then(|at| at.parse().ok()).and_then(|at| DateTime::from_timestamp(at, 0)),
    };
    Ok(told.event().into_iter().collect())
}

/// Event Streams' array.
pub fn of_json(body: &[u8], ours: &Ours) -> Result<Vec<Event>, Unreadable> {
    #[derive(Deserialize)]
    struct Cloud {
        id: String,
        #[serde(default)]
        r#type: String,
        #[serde(default)]
        time: Option<DateTime<Utc>>,
        #[serde(default)]
        data: Data,
    }
    #[derive(Default, Deserialize)]
    struct Data {
        account_sid: Option<String>,
        #[serde(default)]
        payload: Payload,
    }
    #[derive(Default, Deserialize)]
    struct Payload {
        account_sid: Option<String>,
        workspace_sid: Option<String>,
        eventtype: Option<String>,
        task_sid: Option<String>,
        reservation_sid: Option<String>,
        task_attributes: Option<String>,
        task_channel_unique_name: Option<String>,
        task_queue_name: Option<String>,
        worker_name: Option<String>,
        worker_sid: Option<String>,
        worker_attributes: Option<String>,
        task_age: Option<Value>,
    }
    let clouds: Vec<Value> = serde_json::from_slice(body).map_err(|_| Unreadable::Shape)?;
    let (mut events, mut own, mut foreign) = (Vec::new(), 0_u64, 0_u64);
    for cloud in clouds.into_iter().take(MOST) {
        // One that is not of a task must not cost the others.
        let Ok(cloud) = LENIENT.object::<Cloud>("events", cloud) else { continue };
        let payload = cloud.data.payload;
        let account = cloud.data.account_sid.as_deref().or(payload.account_sid.as_deref());
        if account.is_some_and(|account| account != ours.account_sid)
            || is_foreign(payload.workspace_sid.as_deref(), ours)
        {
            foreign += 1;
            continue;
        }
        own += 1;
        let kind = cloud.r#type.strip_prefix("com.twilio.taskrouter.").or(payload.eventtype.as_deref());
        let age =
            payload.task_age.as_ref().and_then(|age| age.as_u64().or_else(|| age.as_str()?.parse().ok()));
        let told = Told {
            id: cloud.id,
            kind: kind.unwrap_or_default(),
            task_sid: payload.task_sid.as_deref(),
            reservation_sid: payload.reservation_sid.as_deref(),
            attributes: payload.task_attributes.as_deref(),
            channel: payload.task_channel_unique_name.as_deref(),
            queue: payload.task_queue_name.as_deref(),
            worker: payload.worker_name.as_deref(),
            worker_sid: payload.worker_sid.as_deref(),
            worker_attributes: payload.worker_attributes.as_deref(),
            age,
            at: cloud.time,
        };
        events.extend(told.event());
    }
    if foreign > 0 {
        metrics::counter!("deskside_twilio_events_foreign_total").increment(foreign);
        tracing::warn!(foreign, own, "{foreign} of Twilio's events are for another account or workspace");
    }
    // A sink may send several accounts' events in one batch: another's cost ours nothing.
    if foreign > 0 && own == 0 { Err(Unreadable::Account) } else { Ok(events) }
}

fn is_foreign(workspace: Option<&str>, ours: &Ours) -> bool {
    matches!((workspace, &ours.workspace_sid), (Some(theirs), Some(ours)) if theirs != ours)
}

/// What both forms tell.
struct Told<'a> {
    id: String,
    kind: &'a str,
    task_sid: Option<&'a str>,
    reservation_sid: Option<&'a str>,
    attributes: Option<&'a str>,
    channel: Option<&'a str>,
    queue: Option<&'a str>,
    worker: Option<&'a str>,
    worker_sid: Option<&'a str>,
    worker_attributes: Option<&'a str>,
    age: Option<u64>,
    at: Option<DateTime<Utc>>,
}

impl Told<'_> {
    fn known_worker(&self) -> Option<Worker> {
        let address = |text: &str| {
            let text = decode_identity(text.trim());
            (text.contains('@') && text.len() <= 254).then_some(text)
        };
        let attributes = self.worker_attributes.and_then(|text| serde_json::from_str::<Value>(text).ok());
        let written = attributes.as_ref().and_then(|attributes| attributes.get("email")?.as_str());
        let worker = Worker {
            sid: self.worker_sid.map(str::to_owned),
            email: self.worker.and_then(address),
            attributes_email: written.and_then(address),
        };
        (worker != Worker::default()).then_some(worker)
    }

    /// What is to be written down; most events are none.
    fn event(self) -> Option<Event> {
        let stage = match self.kind {
            "reservation.accepted" => LogStage::Start,
            // A reservation is completed by every agent who passes a task on; the task, by the last.
            "task.completed" => LogStage::Complete,
            "task.canceled" => LogStage::Missed,
            _ => return None,
        };
        let is_sid = |sid: &&str| {
            (3..=64).contains(&sid.len()) && sid.bytes().all(|byte| byte.is_ascii_alphanumeric())
        };
        let task_sid = self.task_sid.filter(is_sid)?.to_owned();
        let attributes =
            self.attributes.and_then(|text| serde_json::from_str(text).ok()).unwrap_or(Value::Null);
        let text = |value: Option<&str>| value.map(str::to_owned);
        let facts = LogFacts {
            channel: text(self.channel),
            queue: text(self.queue),
            agent: text(self.worker.filter(|_| stage == LogStage::Start)),
            at: self.at.map(|at| at.format("%Y-%m-%dT%H:%M:%SZ").to_string()),
            wait_s: self.age.filter(|_| stage != LogStage::Complete),
            ..LogFacts::default()
        };
        let reservation_sid = text(self.reservation_sid.filter(is_sid));
        Some(Event {
            worker: self.known_worker(),
            at: self.at,
            id: self.id,
            task_sid,
            request: LogRequest { stage, attributes, reservation_sid, facts },
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn ours() -> Ours {
        Ours { account_sid: "AC1".into(), workspace_sid: Some("WS1".into()) }
    }

    fn form(pairs: &[(&str, &str)]) -> Vec<u8> {
        url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish().into_bytes()
    }

    fn cloud(kind: &str, payload: &Value) -> Value {
        json!({"specversion": "1.0", "id": "EV1", "type": format!("com.twilio.taskrouter.{kind}"),
            "time": "2026-11-22T12:00:00.000Z", "data": {"account_sid": "AC1", "payload": payload}})
    }

    #[test]
    fn the_address_in_a_workers_attributes_names_nobody_unless_it_is_trusted() {
        let check = |name: &str, trusted: bool, expected: Option<&str>| {
            let payload = json!({"task_sid": "WT1", "worker_name": name, "worker_sid": "WK1",
                "worker_attributes": r#"{"email":"admin@example.com"}"#});
            let body = json!([cloud("reservation.accepted", &payload)]).to_string();
            let events = of_json(body.as_bytes(), &ours()).expect("events");
            let worker = events[0].worker.clone().expect("a worker");
            assert_eq!(worker.address(trusted), expected, "{name} {trusted}");
        };
        check("ada@example.com", false, Some("ada@example.com"));
        check("ada_40example_2Ecom", true, Some("ada@example.com"));
        check("ada", false, None);
        check("ada", true, Some("admin@example.com"));
    }

    fn said(events: Result<Vec<Event>, Unreadable>) -> String {
        match events {
            Err(error) => format!("{error:?}"),
            Ok(events) => {
                let said = |event: &Event| {
                    let LogRequest { stage, attributes, reservation_sid, .. } = &event.request;
                    format!(
                        "{stage:?} {} {} {attributes}",
                        event.task_sid,
                        reservation_sid.as_deref().unwrap_or("-")
                    )
                };
                events.iter().map(said).collect::<Vec<_>>().join("; ")
            }
        }
    }

    #[test]
    fn both_of_twilios_forms_tell_the_same() {
        let accepted = [
            ("EventType", "reservation.accepted"),
            ("AccountSid", "AC1"),
            ("WorkspaceSid", "WS1"),
            ("TaskSid", "WT1"),
            ("ReservationSid", "WR1"),
            ("TaskAttributes", r#"{"a":1}"#),
            ("TaskAge", "7"),
        ];
        let expected = r#"Start WT1 WR1 {"a":1}"#;
        assert_eq!(said(of_form(&form(&accepted), &ours())), expected);
        let payload = json!({"task_sid": "WT1", "reservation_sid": "WR1", "task_attributes": r#"{"a":1}"#, "task_age": 7,
            "workspace_sid": "WS1"});
        let body = json!([cloud("reservation.accepted", &payload)]).to_string();
        let events = of_json(body.as_bytes(), &ours()).expect("events");
        assert_eq!(events[0].request.facts.wait_s, Some(7));
        assert_eq!(said(Ok(events)), expected);
    }

    #[test]
    fn what_nobody_writes_down_is_left_out() {
        for kind in
            ["reservation.created", "reservation.completed", "task.updated", "worker.activity.update", ""]
        {
            let body = json!([cloud(kind, &json!({"task_sid": "WT1"}))]).to_string();
            assert_eq!(said(of_json(body.as_bytes(), &ours())), "", "{kind}");
        }
        let odd = json!([1, null, {"id": "x"}, cloud("task.completed", &json!({"task_sid": "WT1"})),
            cloud("task.canceled", &json!({"task_sid": "../x"})), cloud("task.canceled", &json!({}))]);
        assert_eq!(said(of_json(odd.to_string().as_bytes(), &ours())), "Complete WT1 - null");
        let broken = [
            ("EventType", "task.completed"),
            ("AccountSid", "AC1"),
            ("TaskSid", "WT1"),
            ("TaskAttributes", "{"),
        ];
        assert_eq!(said(of_form(&form(&broken), &ours())), "Complete WT1 - null");
    }

    #[test]
    fn what_is_another_accounts_is_refused() {
        let foreign = [("EventType", "task.completed"), ("AccountSid", "AC2"), ("TaskSid", "WT1")];
        assert_eq!(said(of_form(&form(&foreign), &ours())), "Account");
        let foreign = [
            ("EventType", "task.completed"),
            ("AccountSid", "AC1"),
            ("WorkspaceSid", "WS2"),
            ("TaskSid", "WT1"),
        ];
        assert_eq!(said(of_form(&form(&foreign), &ours())), "Account");
        let body =
            json!([cloud("task.completed", &json!({"task_sid": "WT1", "workspace_sid": "WS2"}))]).to_string();
        assert_eq!(said(of_json(body.as_bytes(), &ours())), "Account");
        let mixed = json!([
            cloud("task.completed", &json!({"task_sid": "WT1", "workspace_sid": "WS2"})),
            cloud("task.completed", &json!({"task_sid": "WT2", "workspace_sid": "WS1"})),
        ]);
        assert_eq!(said(of_json(mixed.to_string().as_bytes(), &ours())), "Complete WT2 - null");
    }

    #[test]
    fn what_is_neither_is_refused() {
        for body in ["", "{}", "nonsense", "null"] {
            assert_eq!(said(of_json(body.as_bytes(), &ours())), "Shape", "{body}");
            assert_eq!(said(of_form(body.as_bytes(), &ours())), "Shape", "{body}");
        }
    }
}
