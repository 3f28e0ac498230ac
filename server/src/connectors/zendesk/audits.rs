//! Who changed what on a ticket. Zendesk wants the whole scope `read` for it: `tickets:read` is not enough.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::Value;

use super::calls::{List, MOST_ROWS, PAGE};
use super::types::or_default;
use super::{TicketId, UserId, ZendeskClient, ZendeskError};
use crate::connectors::Rows;

/// One change of a ticket, with everything that happened in it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Audit {
    /// The user who made it; absent for Zendesk itself.
    #[serde(default)]
    pub author_id: Option<UserId>,
    /// How it came in.
    #[serde(default, deserialize_with = "or_default")]
    pub via: Via,
    #[serde(default, deserialize_with = "or_default")]
    pub created_at: Option<DateTime<Utc>>,
    /// What happened, in order.
    pub events: Vec<AuditEvent>,
}

/// One thing that happened in a change.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct AuditEvent {
    /// Like `Create`, `Change`, `Comment`.
    #[serde(rename = "type", default, deserialize_with = "or_default")]
    pub kind: String,
    /// The property that changed, like `tags`.
    #[serde(default)]
    pub field_name: Option<String>,
    /// What it became.
    #[serde(default)]
    pub value: Value,
    /// What it was.
    #[serde(default)]
    pub previous_value: Value,
    /// How it came about, where that differs from the change as a whole.
    #[serde(default)]
    pub via: Option<Via>,
}

/// How something came in.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
pub struct Via {
    /// Like `web`, `email`, `api`; `rule` for triggers and automations.
    #[serde(default, deserialize_with = "or_default")]
    pub channel: String,
}

impl ZendeskClient {
    /// Every change of a ticket, oldest first, as far as it can be read.
    pub async fn ticket_audits(&self, ticket: TicketId) -> Result<Rows<Audit>, ZendeskError> {
        const CALL: &str = "GET /api/v2/tickets/{id}/audits";
        let url = self.url(&format!("/api/v2/tickets/{ticket}/audits"));
        let list = List { call: CALL, url, member: "audits", page: PAGE, most: MOST_ROWS };
        self.rows(list, |_| false).await
    }
}
