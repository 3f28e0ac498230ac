//! What was done to which attachment, by whom, for admins.

use serde::{Deserialize, Serialize};

use crate::words::words;
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
    /// Did what: one of [`LedgerAction`].
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

words! {
    /// What can have been done, in the order in which it happens.
    LedgerAction
    /// A run was asked for.
    Requested = "requested",
    /// Somebody asked for a run that was under way.
    Joined = "joined",
    /// A copy was missing or wrong, and is made again.
    Planned = "planned",
    /// A file was copied into the archive.
    Stored = "stored",
    /// The copy was read back and matched.
    Verified = "verified",
    /// The file is gone from Zendesk.
    Redacted = "redacted",
    /// The file was left alone on purpose.
    Skipped = "skipped",
    /// The file is left alone until something changes.
    Held = "held",
    /// Something went wrong with the file.
    Failed = "failed",
    /// The file was kept in Zendesk: its run was undone or cancelled.
    Cancelled = "cancelled",
    /// A whole run was undone or cancelled.
    RunCancelled = "run_cancelled",
    /// The copy of a file that was kept was deleted.
    CopyDeleted = "copy_deleted",
    /// The copy of a file that was kept stays in the archive.
    CopyKept = "copy_kept",
    /// A run found no file.
    NothingToArchive = "nothing_to_archive",
    /// A run was given up.
    GaveUp = "gave_up",
    /// An agent opened an archived file.
    Opened = "opened",
    /// An agent was not allowed to open an archived file.
    OpenRefused = "open_refused",
    /// An archived file is not what was archived; it was not served.
    OpenMismatch = "open_mismatch",
    /// The recording of a call was opened.
    RecordingOpened = "recording_opened",
    /// A connection was added.
    ConnectionAdded = "connection_added",
    /// A connection was changed; the detail names the parts.
    ConnectionChanged = "connection_changed",
    /// A connection was disconnected.
    ConnectionDisconnected = "connection_disconnected",
    /// A connection was deleted.
    ConnectionDeleted = "connection_deleted",
    /// Rows of a connection were looked at.
    ConnectionSampled = "connection_sampled",
    /// An integration was made.
    IntegrationAdded = "integration_added",
    /// An integration was changed; the detail names the parts.
    IntegrationChanged = "integration_changed",
    /// An integration was deleted.
    IntegrationDeleted = "integration_deleted",
    /// Rows of an integration's model were looked at.
    IntegrationPreviewed = "integration_previewed",
    /// A run was asked for.
    IntegrationStarted = "integration_started",
    /// A run that had stopped goes on, because a person said so.
    IntegrationConfirmed = "integration_confirmed",
    /// A run was ended by a person.
    IntegrationCancelled = "integration_cancelled",
    /// The rows of a run were saved as a file.
    IntegrationExported = "integration_exported",
    /// A key for machines was made.
    MachineKeyMade = "machine_key_made",
    /// A key for machines was revoked.
    MachineKeyRevoked = "machine_key_revoked",
    /// The triggers that ask for notices were made or changed.
    TriggersConnected = "triggers_connected",
    /// Somebody was told of a customer's contract.
    NoticeTold = "notice_told",
    /// The fields of a customer who wrote for the first time were written.
    NewcomerWritten = "newcomer_written",
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
