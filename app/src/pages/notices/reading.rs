//! What the server says of notices and triggers.

use crate::json::objects;

/// Notices, and what is to be known beside them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Listing {
    pub notices: Vec<Row>,
    pub triggers: Vec<Kept>,
    pub may_edit: bool,
    pub next: Option<String>,
}

/// One notice.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Row {
    pub id: String,
    pub kind: String,
    pub ticket_id: Option<u64>,
    pub ticket_url: Option<String>,
    pub company: Option<String>,
    pub role: Option<String>,
    pub told_to: Option<String>,
    pub channel: Option<String>,
    pub outcome: String,
    pub reason: Option<Reason>,
    pub at: String,
    pub resolved_at: Option<String>,
}

/// Why somebody else was told, or nobody.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reason {
    pub code: String,
    pub message: String,
}

/// A trigger as it was when it was last looked at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Kept {
    pub kind: String,
    pub problem: Option<String>,
    pub checked_at: String,
}

/// How triggers and webhooks differ from what they must be, or what was done about it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    pub webhooks: Vec<Webhook>,
    pub triggers: Vec<Trigger>,
    pub warnings: Vec<String>,
}

impl Report {
    /// How many triggers and webhooks are in this state.
    #[must_use]
    pub fn count(&self, state: &str) -> u64 {
        let states = self.triggers.iter().map(|one| &one.state);
        let states = states.chain(self.webhooks.iter().map(|one| &one.state));
        states.filter(|found| *found == state).count() as u64
    }
}

/// A webhook.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Webhook {
    pub name: String,
    pub endpoint: String,
    pub state: String,
}

/// A trigger.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trigger {
    pub kind: String,
    pub title: String,
    pub state: String,
    pub conditions: Vec<String>,
    pub actions: String,
    pub differences: Vec<Difference>,
}

/// A part in which both differ.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Difference {
    pub part: String,
    pub there: String,
    pub wanted: String,
}

objects! {
    Listing { notices, next; triggers, may_edit }
    Row { id, kind, ticket_id, ticket_url, company, role, told_to, channel, outcome, reason, at, resolved_at }
    Reason { code, message }
    Kept { kind, problem, checked_at }
    Report { webhooks, triggers, warnings }
    Webhook { name, endpoint, state }
    Trigger { kind, title, state, conditions, actions, differences }
    Difference { part, there, wanted }
}
