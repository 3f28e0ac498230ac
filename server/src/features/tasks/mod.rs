//! What a Flex task says about itself in its attributes: who is at the other end, which ticket, which tags. **Invariants:** no
//! I/O; attributes are read once, here, and everybody else asks this room. Whether they can be believed is another
//! question: agents write into the attributes of their own tasks (`engagements/origin.rs`).

mod callers; // who is at the other end
mod ids; // which ticket, which customer
mod tags; // which tags the ticket gets

use serde_json::Value;
use wire::{TicketId, UserId};

pub use callers::{Caller, phone_number};
pub use ids::{NumberProblem, TICKET_ATTRIBUTE, USER_ATTRIBUTE};
pub use tags::OwnTags;

/// A task's attributes, and what they say.
#[derive(Debug, Clone, PartialEq)]
pub struct TaskAttributes {
    json: Value,
    is_outbound: bool,
    caller: Caller,
    ticket: Result<TicketId, NumberProblem>,
    user: Option<UserId>,
    tags: Vec<String>,
}

impl From<Value> for TaskAttributes {
    fn from(json: Value) -> Self {
        Self {
            is_outbound: callers::is_outbound(&json),
            caller: callers::caller(&json),
            ticket: ids::ticket_number(&json),
            user: ids::user_id(&json),
            tags: tags::custom_tags(&json),
            json,
        }
    }
}

impl Default for TaskAttributes {
    fn default() -> Self {
        Value::Null.into()
    }
}

impl TaskAttributes {
    /// The attributes as Twilio has them.
    pub const fn json(&self) -> &Value {
        &self.json
    }

    /// Whether the agent called the customer.
    pub const fn is_outbound(&self) -> bool {
        self.is_outbound
    }

    /// Who is at the other end.
    pub const fn caller(&self) -> &Caller {
        &self.caller
    }

    /// The ticket whose number was given.
    pub const fn ticket(&self) -> Result<TicketId, NumberProblem> {
        self.ticket
    }

    /// The customer whom Deskside has written into the task.
    pub const fn user(&self) -> Option<UserId> {
        self.user
    }

    /// The tags for the task's ticket, without those that give Deskside orders.
    pub fn tags(&self, own: &OwnTags) -> Vec<String> {
        self.tags.iter().filter(|tag| !own.has(tag)).cloned().collect()
    }

    /// `voice`, `sms`, `web`, …
    pub fn channel(&self) -> Option<&str> {
        self.text("channelType").or_else(|| self.text("channel"))
    }

    /// `CH…`, of a chat.
    pub fn conversation(&self) -> Option<&str> {
        self.text("conversationSid")
    }

    /// The text of any attribute; a dot in the name leads into a nested object.
    pub fn text(&self, name: &str) -> Option<&str> {
        callers::text(&self.json, name)
    }

    /// The value of any attribute; a dot in the name leads into a nested object.
    pub fn member(&self, name: &str) -> Option<&Value> {
        callers::member(&self.json, name)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_task_is_read_once_and_says_everything() {
        let task = TaskAttributes::from(json!({
            "direction": "outbound", "outbound_to": "+815012345678", "zd_ticket_id": " 42 ", "zd_user_id": 7,
            "zdCustomTags": "vip,legal_hold", "channel": "voice", "conversationSid": "CH1", "plan": {"name": "Gold"},
        }));
        assert!(task.is_outbound());
        assert_eq!(task.caller(), &Caller::Phone("+815012345678".into()));
        assert_eq!((task.ticket(), task.user()), (Ok(TicketId(42)), Some(UserId(7))));
        assert_eq!(task.tags(&OwnTags::new(["legal_hold".to_owned()])), ["vip"]);
        assert_eq!((task.channel(), task.conversation()), (Some("voice"), Some("CH1")));
        assert_eq!(task.text("plan.name"), Some("Gold"));
    }

    #[test]
    fn a_task_without_attributes_says_nothing() {
        let task = TaskAttributes::default();
        assert_eq!(task.caller(), &Caller::Unknown);
        assert_eq!((task.ticket(), task.user()), (Err(NumberProblem::Missing), None));
        assert!(!task.is_outbound() && task.tags(&OwnTags::default()).is_empty() && task.json().is_null());
    }
}
