//! What was done to which attachment, by whom, for admins.

use serde::{Deserialize, Serialize};

use crate::{AttachmentId, TicketId};

/// `GET /api/ledger`: newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LedgerPage {
    /// What was found.
    pub rows: Vec<LedgerLine>,
    /// The next page's `before`; absent at the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<u64>,
}

/// One row; each line of an export is one, too.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LedgerLine {
    /// 1, 2, 3, … without a gap.
    pub seq: u64,
    /// When, RFC 3339 UTC.
    pub at: String,
    /// Who: `agent:77`, `operator`, `run:…`.
    pub actor: String,
    /// Did what: `requested`, `stored`, `verified`, `redacted`, `opened`, …
    pub action: String,
    /// To which ticket.
    pub ticket_id: Option<TicketId>,
    /// To which attachment.
    pub attachment_id: Option<AttachmentId>,
    /// The bytes.
    pub sha256: Option<String>,
    /// Where they are in the archive.
    pub object_key: Option<String>,
    /// More.
    pub detail: serde_json::Value,
    /// The hash of the row before.
    pub prev_hash: String,
    /// Over everything above.
    pub hash: String,
}

/// `GET /api/ledger/volume`: what left Zendesk, day by day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LedgerVolume {
    /// Oldest first; days on which nothing left are absent.
    pub days: Vec<LedgerDay>,
}

/// One day, UTC.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LedgerDay {
    /// Like `2026-11-22`.
    pub day: String,
    /// Files that were redacted.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
}
