//! Integrations as they are listed and edited, their runs, and what became of rows.

use serde::{Deserialize, Serialize};

use crate::{Definition, Schedule};

/// What a run came to: `read` = `matched` + `unmatched` + `ambiguous` + `duplicate`, and `matched` = `unchanged` + `adopted` + `created` +
/// `updated` + `cleared` + `kept` + `rejected` + `waiting` + `pending`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct RunCounts {
    pub read: u64,
    pub matched: u64,
    pub unmatched: u64,
    pub ambiguous: u64,
    pub duplicate: u64,
    pub unchanged: u64,
    pub adopted: u64,
    pub created: u64,
    pub updated: u64,
    pub cleared: u64,
    pub kept: u64,
    pub rejected: u64,
    pub waiting: u64,
    /// What a dry run found to write, or a run has still to write; none once a run has ended.
    pub pending: u64,
    /// Of the matched: a field was changed by somebody else since.
    pub drifted: u64,
    /// Rows that the model no longer has.
    pub removed: u64,
}

/// An integration, as it is listed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct IntegrationSummary {
    pub id: String,
    pub name: String,
    /// Whether it runs by itself.
    pub enabled: bool,
    /// `users`, `organizations`.
    pub object: String,
    pub schedule: Schedule,
    /// Whether a dry run of what it is now, and of what its connections lead to now, was accepted; without that its schedule starts nothing.
    #[serde(default)]
    pub plan_accepted: bool,
    pub last_run: Option<RunSummary>,
    /// When its schedule starts the next run, RFC 3339 UTC; absent: it starts none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_run_at: Option<String>,
    /// Why somebody was told that it does not work: a run's problem, `dry_run_needed`, or `overdue`; absent: it works.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trouble: Option<String>,
}

/// `GET /api/integrations`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct IntegrationList {
    pub integrations: Vec<IntegrationSummary>,
    /// Whether this admin may change integrations, accept and confirm their runs, and see rows (`integrations.editors`).
    #[serde(default)]
    pub may_edit: bool,
}

/// `PUT /api/integrations/{id}/enabled`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SwitchIntegration {
    /// Whether it runs by itself, and cards show the contracts that it brings.
    pub enabled: bool,
}

/// `GET` and `PUT /api/integrations/{id}`, `POST /api/integrations`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct IntegrationDocument {
    /// Lower-case letters, digits and hyphens, at most 40.
    pub id: String,
    pub name: String,
    pub enabled: bool,
    pub definition: Definition,
    /// Rises with every change; a change names the one that it was made from, a new integration none.
    #[serde(default)]
    pub version: Option<u64>,
}

/// Where a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum IntegrationRunState {
    Queued,
    Running,
    /// Before its first write: a person must see something first, and confirm.
    Stopped,
    Completed,
    Failed,
    Cancelled,
}

/// What a run is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum IntegrationRunKind {
    #[default]
    Run,
    /// Everything is written, also what the destination has already.
    Resend,
    /// Nothing is written.
    Dry,
    /// One row is written, or those that another run could not write.
    Row,
    /// What the integration wrote is emptied; only of one that is paused, and only once somebody has confirmed how many records that is.
    Clear,
}

/// A run, as it is listed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RunSummary {
    pub id: String,
    /// The integration's id.
    pub integration: String,
    /// The integration's name now.
    #[serde(default)]
    pub name: String,
    /// What it writes: `users`, `organizations`.
    #[serde(default)]
    pub object: String,
    pub kind: IntegrationRunKind,
    pub state: IntegrationRunState,
    /// The run whose rejected and waiting rows are sent again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_of: Option<String>,
    /// `reading`, `comparing`, `delivering`, `copying`, `ended`.
    pub phase: String,
    /// `agent 77`, `machine airflow`, `command`, `schedule`.
    #[serde(default)]
    pub started_by: String,
    /// RFC 3339.
    pub requested_at: String,
    pub started_at: Option<String>,
    /// Until it ended, or until now.
    pub runtime_ms: Option<u64>,
    /// How long each phase took until now, in their order; `model` is what the model took of `comparing`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub phases: Vec<PhaseTime>,
    pub counts: RunCounts,
    /// Calls that wrote.
    pub calls: u64,
    pub problem: Option<RunProblem>,
    /// Sources that could not be read this time: the run used what an earlier one had read of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub old_sources: Vec<OldSource>,
    /// Its server has given no sign of life for a while; another one takes the run over at this time, RFC 3339 UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub taken_over_at: Option<String>,
}

/// A source of which a run used old rows.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OldSource {
    /// Its name in the model.
    pub table: String,
    pub connection: String,
    /// When the rows were read, RFC 3339 UTC.
    pub read_at: Option<String>,
}

/// How long a phase of a run took; without the time in which the run waited for a person.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PhaseTime {
    /// `reading`, `model`, `comparing`, `delivering`, `copying`.
    pub phase: String,
    pub ms: u64,
}

/// What is in a run's way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RunProblem {
    pub code: String,
    pub message: String,
}

/// `GET /api/runs`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RunList {
    pub runs: Vec<RunSummary>,
    /// Where the next page begins: `before`.
    pub next: Option<String>,
}

/// `POST /api/integrations/{id}/runs`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct StartRun {
    #[serde(default)]
    pub kind: IntegrationRunKind,
    /// Of kind `row`: which.
    #[serde(default)]
    pub key: Option<String>,
    /// A dry run whose result was seen.
    #[serde(default)]
    pub accept: Option<String>,
}

/// A run that was started, or the live one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RunDocument {
    pub run: RunSummary,
}

/// What became of a row.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RowOutcome {
    /// Counts a run's rows; the next page begins behind it.
    pub seq: u64,
    pub key: String,
    pub destination_id: Option<String>,
    /// What people know its record by: a name, or an address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// `unmatched`, `ambiguous`, `duplicate`, `adopted`, `updated`, `cleared`, `kept`, `rejected`, `pending`, `waiting`, `removed`.
    pub outcome: String,
    /// Why, in English.
    pub reason: Option<String>,
    /// The same for programs, where Deskside says it: a word of [`RowReason`](crate::RowReason).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason_code: Option<String>,
    /// What the reason is about: fields, values, ids, in the order of its sentence.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reason_about: Vec<String>,
    /// Somebody changed a field of its record there since an earlier run wrote it.
    #[serde(default)]
    pub drifted: bool,
    pub changes: Vec<FieldChange>,
    /// Of a run of one row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exchange: Option<Exchange>,
}

/// What was said about a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Exchange {
    /// The record's id at the destination.
    pub record: String,
    /// The outcome, and what the destination said.
    pub answer: String,
    /// The destination does not have the record any more.
    pub gone: bool,
    pub fields: Vec<ExchangedField>,
}

/// What was said about one field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ExchangedField {
    pub field: String,
    pub sent: Option<String>,
    /// What the record held afterwards.
    pub holds: Option<String>,
}

/// A value before and after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FieldChange {
    pub field: String,
    pub before: Option<String>,
    pub after: Option<String>,
}

/// `GET /api/runs/{id}/rows`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RowList {
    pub rows: Vec<RowOutcome>,
    /// Where the next page begins: `after`.
    pub next: Option<u64>,
}
