//! The properties of a ticket that business rules compare with how they were before an update.

use serde_json::{Value, json};

use super::{Status, Ticket};

/// How a ticket was at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Properties {
    status: Status,
    kind: Option<String>,
    priority: Option<String>,
    group_id: Option<u64>,
    assignee_id: Option<u64>,
    requester_id: u64,
    organization_id: Option<u64>,
    tags: Vec<String>,
}

impl Properties {
    /// What business rules change.
    pub(crate) const CHANGEABLE: [&'static str; 6] =
        ["status", "type", "priority", "group_id", "assignee_id", "tags"];

    pub(crate) fn of(ticket: &Ticket) -> Self {
        Self {
            status: ticket.status,
            kind: ticket.kind.clone(),
            priority: ticket.priority.clone(),
            group_id: ticket.group_id,
            assignee_id: ticket.assignee_id,
            requester_id: ticket.requester_id,
            organization_id: ticket.organization_id,
            tags: ticket.tags.clone(),
        }
    }

    /// As a condition names it; nothing where the ticket has none.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        match self.json(name) {
            Value::String(text) => Some(text),
            Value::Number(id) => Some(id.to_string()),
            _ => None,
        }
    }

    /// As an audit shows it.
    pub(crate) fn json(&self, name: &str) -> Value {
        match name {
            "status" => json!(self.status.name()),
            "type" => json!(self.kind),
            "priority" => json!(self.priority),
            "group_id" => json!(self.group_id),
            "assignee_id" => json!(self.assignee_id),
            "requester_id" => json!(self.requester_id),
            "organization_id" => json!(self.organization_id),
            "tags" => json!(self.tags),
            _ => Value::Null,
        }
    }
}
