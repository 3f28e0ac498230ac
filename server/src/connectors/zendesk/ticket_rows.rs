//! Tickets as rows of an export: states, times and whose they are, and nothing that somebody wrote. Read row by row; a row whose state or
//! owner cannot be read is lost, not changed. Zendesk's export does not say when a ticket was solved (metric sets do).

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::Value;

use super::types::or_default;
use crate::connectors::{Careful, Lenient};

/// How they are read: what decides what is counted, and for whom, costs the row.
pub(super) const COUNTED: Lenient = Lenient {
    vendor: "zendesk",
    careful: &[
        ("status", Careful::CostsRow),
        ("priority", Careful::CostsRow),
        ("requester_id", Careful::CostsRow),
        ("organization_id", Careful::CostsRow),
        ("satisfaction_rating", Careful::CostsRow),
        ("score", Careful::CostsRow),
        ("tags", Careful::CostsRow),
        ("custom_fields", Careful::CostsRow),
    ],
};

/// A ticket, without what is written in it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct TicketRow {
    pub id: u64,
    /// `new`, `open`, `pending`, `hold`, `solved`, `closed`, and in an export also `deleted`.
    pub status: String,
    /// `low`, `normal`, `high`, `urgent`.
    #[serde(default)]
    pub priority: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub via: Via,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    #[serde(default)]
    pub requester_id: Option<u64>,
    #[serde(default)]
    pub organization_id: Option<u64>,
    #[serde(default)]
    pub assignee_id: Option<u64>,
    #[serde(default)]
    pub group_id: Option<u64>,
    #[serde(default)]
    pub satisfaction_rating: Option<Rating>,
    #[serde(default, deserialize_with = "or_default")]
    pub tags: Vec<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub custom_fields: Vec<TicketField>,
}

impl TicketRow {
    /// Whether it is gone.
    pub fn is_deleted(&self) -> bool {
        self.status == "deleted"
    }
}

/// How it came in.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct Via {
    /// `web`, `email`, `voice`, `api`, ….
    #[serde(default)]
    pub channel: Option<String>,
}

/// What the customer said of it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Rating {
    /// `good`, `bad`, `offered`, `unoffered`.
    #[serde(default)]
    pub score: Option<String>,
}

/// The value of a custom field.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct TicketField {
    pub id: u64,
    #[serde(default)]
    pub value: Value,
}
