//! One ticket's attachments on their way into the archive.

use serde::{Deserialize, Serialize};

use crate::{AttachmentId, CommentId, ErrorCode};

/// `GET /api/tickets/{id}/archive`, and the data of each event of `GET /api/archive/runs/{id}/events`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ArchiveView {
    /// The latest run on this ticket, if there was one.
    pub run: Option<RunView>,
    /// Every attachment of the ticket, oldest first.
    pub items: Vec<ArchiveItem>,
    /// How fresh the list of attachments is.
    #[serde(default)]
    pub listing: Listing,
    /// Attachments that Zendesk lists in a form that cannot be read; they are not among `items`, and stay where they are.
    #[serde(default)]
    pub unreadable: u64,
    /// For how long a run that this agent starts can be undone after its last copy was verified, seconds; 0: it cannot.
    #[serde(default)]
    pub undo_seconds: u64,
    /// Whether this agent may start a run; absent: an older server, which refuses when asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub may_start: Option<bool>,
    /// Whether this agent may open archived files; absent: an older server, which refuses when asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub may_open: Option<bool>,
}

/// How fresh a list of attachments is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Listing {
    /// Read from Zendesk within the last seconds.
    #[default]
    Fresh,
    /// Zendesk did not answer: the list that was read last.
    Last,
    /// Zendesk did not answer and no earlier list is known: only what runs have recorded.
    Missing,
    /// A value of a newer server.
    #[serde(other)]
    Unknown,
}

/// Where a run stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RunView {
    /// The run's id.
    pub id: String,
    /// Where it stands.
    pub state: RunState,
    /// Until when it can be cancelled, RFC 3339 UTC. Absent before the last copy was verified, when the time begins, and after
    /// it is over.
    #[serde(default)]
    pub undo_until: Option<String>,
    /// Whether it can be cancelled now: while files are copied, and until `undo_until`.
    #[serde(default)]
    pub can_undo: bool,
    /// What is in the way of the whole run, if something is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<ItemReason>,
    /// Whether the internal note is on the ticket: absent until the run ends, `false` where a closed ticket takes none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub noted: Option<bool>,
}

/// Where a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum RunState {
    /// Recorded; a worker will take it.
    Queued,
    /// A worker has it, or will try again by itself.
    Running,
    /// Every item is redacted or skipped.
    Done,
    /// It ended, and some item failed.
    Failed,
    /// Cancelled by an agent.
    Cancelled,
    /// A state of a newer server.
    #[serde(other)]
    Unknown,
}

/// One attachment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ArchiveItem {
    /// Zendesk's id of the attachment.
    pub attachment_id: AttachmentId,
    /// The comment that carries it.
    pub comment_id: CommentId,
    /// The name before redaction.
    pub file_name: String,
    /// Bytes.
    pub size: u64,
    /// As Zendesk claims it.
    pub content_type: String,
    /// Where it stands.
    pub state: ItemState,
    /// Why it is skipped, held or failed.
    #[serde(default)]
    pub reason: Option<String>,
    /// The same for programs, so that the app can translate it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason_code: Option<ErrorCode>,
    /// Bytes that have reached the archive.
    #[serde(default)]
    pub done: u64,
    /// For an attachment that is in Zendesk and that no live run has: why a run would leave it there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prevented: Option<ItemReason>,
    /// When an attachment that is too new can be archived, RFC 3339 UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub goes_from: Option<String>,
    /// Who sent it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sender: Option<Sender>,
    /// When its comment was written, RFC 3339 UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent_at: Option<String>,
}

/// Who sent an attachment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Sender {
    /// The ticket's customer or somebody on their side.
    Customer,
    /// An agent.
    Agent,
    /// Not known.
    #[serde(other)]
    Unknown,
}

/// What is in the way, for people and for programs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ItemReason {
    /// For programs.
    pub code: ErrorCode,
    /// For people.
    pub message: String,
}

/// Where an attachment stands. The order is the order of its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ItemState {
    /// In Zendesk; no run has taken it.
    InZendesk,
    /// A run will take it.
    Planned,
    /// Copied into the archive.
    Stored,
    /// The copy was read back and its SHA-256 matched.
    Verified,
    /// Gone from Zendesk; safe in the archive.
    Redacted,
    /// Left alone on purpose.
    Skipped,
    /// Left alone until something changes.
    Held,
    /// Something went wrong; it is still in Zendesk.
    Failed,
    /// A state of a newer server.
    #[serde(other)]
    Unknown,
}

/// `POST /api/tickets/{id}/archive`, and `POST /api/archive/runs/{id}/cancel`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct StartArchive {
    /// Which attachments; absent: all of the ticket, or of the run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attachment_ids: Option<Vec<AttachmentId>>,
}

/// `202` to `POST /api/tickets/{id}/archive`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StartedRun {
    /// The run that is now under way; the same one while it lives.
    pub run: RunRef,
}

/// `POST /api/archive/items/{id}/link`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FileLink {
    /// Below this server; opens the file without a session.
    pub url: String,
    /// RFC 3339 UTC.
    pub expires_at: String,
}

/// A run by its id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RunRef {
    /// The run's id.
    pub id: String,
}
