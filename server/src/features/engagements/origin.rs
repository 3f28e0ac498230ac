//! What a task was before an agent could write into it (ADR 15). Agents write the attributes of the tasks that they are offered, so
//! what decides whose call it is, whose recording and whose chat, is read from `TaskRouter`'s own log. **Invariant:** an event
//! counts only where it is the task's first reservation, or its creation.

use serde_json::{Map, Value, json};

use super::{LogDeps, TaskRouter, claims::TwilioTask};
use crate::{
    connectors::twilio::{TaskEvent, TwilioError},
    features::tasks::TaskAttributes,
    queue::JobError,
};

const CREATED: &str = "task.created";
const OFFERED: &str = "reservation.created";

/// Attributes that say who is at the other end, of which call and which chat.
const IDENTITY: &[&str] = &[
    "direction",
    "from",
    "customerAddress",
    "caller",
    "customers.phone",
    "outbound_to",
    "to",
    "called",
    "customers.email",
    "email",
    "customer_email",
    "customers.external_id",
    "external_id",
    "zd_user_id",
    "call_sid",
    "conversationSid",
];

/// The attributes that a task had when it was offered to somebody for the first time.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Origin(Option<TaskAttributes>);

impl TaskRouter {
    /// How the task was before any agent had it.
    pub async fn origin(&self, task_sid: &str) -> Result<Origin, TwilioError> {
        let Self { client, workspace_sid } = self;
        let all = client.task_events(workspace_sid, task_sid, None).await?;
        if all.proves_absence().is_ok() && all.iter().any(|event| event.kind == CREATED) {
            return Ok(Origin::of(&all));
        }
        // So much became of the task that its beginning is not among it, or what cannot be read may be its first offer.
        Ok(Origin::of(&client.task_events(workspace_sid, task_sid, Some(CREATED)).await?))
    }
}

impl Origin {
    /// Of events that begin with the task's creation, in any order.
    fn of(events: &[TaskEvent]) -> Self {
        let first = |kind: &str| {
            let events = events.iter().filter(|event| event.kind == kind);
            events.min_by_key(|event| event.at_ms).and_then(|event| event.attributes.clone())
        };
        let created = first(CREATED);
        Self(created.map(|created| first(OFFERED).unwrap_or(created).into()))
    }

    /// A task that nobody was ever offered: no agent could write into it.
    pub fn untouched(attributes: &Value) -> Self {
        Self(Some(attributes.clone().into()))
    }

    /// Whether Twilio's log has it.
    pub const fn is_known(&self) -> bool {
        self.0.is_some()
    }

    /// As they were.
    pub const fn attributes(&self) -> Option<&TaskAttributes> {
        self.0.as_ref()
    }

    /// The attributes as they are now, but who is at the other end as it was then. Unchanged where Twilio's log tells nothing.
    pub fn identify(&self, now: &Value) -> TaskAttributes {
        let Some(known) = &self.0 else { return now.clone().into() };
        let (Value::Object(then), Value::Object(now)) = (known.json(), now) else { return known.clone() };
        let mut identified = now.clone();
        for name in IDENTITY {
            put(&mut identified, name, then.get(*name));
            let Some((outer, inner)) = name.split_once('.') else { continue };
            let value = then.get(outer).and_then(|nested| nested.get(inner));
            match (identified.get_mut(outer), value) {
                (Some(Value::Object(nested)), value) => put(nested, inner, value),
                (_, Some(value)) => drop(identified.insert(outer.to_owned(), json!({ inner: value }))),
                (_, None) => {}
            }
        }
        Value::Object(identified).into()
    }

    /// Whether an agent made the task, and with it what it was before anybody had it: a call of theirs, or one for themselves. Of a
    /// task that Twilio has forgotten its log tells the direction only.
    pub(super) fn is_agents(&self, task: Option<&TwilioTask>) -> bool {
        self.attributes().is_some_and(TaskAttributes::is_outbound)
            || task.is_some_and(|task| task.task.routing_target.is_some())
    }

    /// `CA…`, where no agent chose it: of a call of theirs, and of any other task that they made, they did.
    pub(super) fn leg_of_caller(&self, task: Option<&TwilioTask>) -> Option<&str> {
        let routed = task.is_some_and(|task| task.task.routing_target.is_none());
        self.attributes().filter(|then| routed && !then.is_outbound())?.text("call_sid")
    }
}

/// How a task was before any agent had it; also of one that Twilio has forgotten meanwhile.
pub(super) async fn origin_of(
    deps: &LogDeps,
    task_sid: &str,
    task: Option<&TwilioTask>,
) -> Result<Origin, JobError> {
    match (task, &deps.after.task_router) {
        (Some(task), _) => Ok(task.origin.clone()),
        (None, Some(task_router)) => Ok(task_router.origin(task_sid).await?),
        (None, None) => Ok(Origin::default()),
    }
}

fn put(attributes: &mut Map<String, Value>, name: &str, value: Option<&Value>) {
    match value {
        Some(value) => drop(attributes.insert(name.to_owned(), value.clone())),
        None => drop(attributes.remove(name)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_calls_is_what_the_first_offer_or_the_creation_says() {
        let event = |(kind, at_ms, from): &(&str, u64, &str)| TaskEvent {
            kind: (*kind).to_owned(),
            at_ms: *at_ms,
            attributes: Some(json!({ "from": from })),
        };
        for (events, expected) in [
            (&[(CREATED, 1, "a")][..], Some("a")),
            (&[(OFFERED, 2, "b"), (CREATED, 1, "a")], Some("b")),
            (&[(OFFERED, 9, "x"), ("task.updated", 3, "x"), (OFFERED, 2, "b"), (CREATED, 1, "a")], Some("b")),
            (&[("task.updated", 2, "x"), (CREATED, 1, "a")], Some("a")),
            (&[(OFFERED, 9, "x")], None),
            (&[], None),
        ] {
            let origin = Origin::of(&events.iter().map(event).collect::<Vec<_>>());
            assert_eq!(origin.attributes().and_then(|then| then.text("from")), expected, "{events:?}");
        }
    }

    #[test]
    fn what_an_agent_writes_later_changes_nobodys_identity() {
        let then = json!({"from": "a", "customers": {"email": "a@example.com"}});
        for (now, expected) in [
            (json!({"from": "b", "zd_ticket_id": "7"}), json!({"from": "a", "zd_ticket_id": "7"})),
            (json!({"customerAddress": "b", "direction": "outbound", "to": "b"}), json!({"from": "a"})),
            (json!({"customers.phone": "b", "call_sid": "CA2"}), json!({"from": "a"})),
            (
                json!({"conversations": {"outcome": "x"}}),
                json!({"from": "a", "conversations": {"outcome": "x"}}),
            ),
            (json!("text"), json!({"from": "a"})),
        ] {
            let identified = Origin::untouched(&then).identify(&now);
            let mut expected = expected;
            expected["customers"] = json!({"email": "a@example.com"});
            assert_eq!(identified.json(), &expected, "{now}");
        }
        let now = json!({"customers": {"email": "b@example.com", "phone": "b", "plan": "Gold"}});
        let identified = Origin::untouched(&then).identify(&now);
        assert_eq!(identified.json()["customers"], json!({"email": "a@example.com", "plan": "Gold"}));
        assert_eq!(Origin::default().identify(&now).json(), &now, "Twilio's log tells nothing");
    }
}
