//! What the page reads of the server's answers. Source: `wire::IntegrationList`, `wire::RunList`, `wire::RowList`, `wire::Preview`.

use crate::json::objects;

/// Every integration.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Listing {
    pub integrations: Vec<Integration>,
}

/// One integration.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Integration {
    pub id: String,
    pub name: String,
    pub enabled: bool,
    /// `users`, `organizations`.
    pub object: String,
    pub last_run: Option<Run>,
    /// Why somebody was told that it does not work.
    pub trouble: Option<String>,
}

/// Runs of one integration.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Runs {
    pub runs: Vec<Run>,
}

/// The answer to a start, a confirmation, a cancellation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OneRun {
    pub run: Run,
}

/// One run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Run {
    pub id: String,
    /// The integration's id.
    pub integration: String,
    pub kind: String,
    /// The run whose rows are sent again.
    pub retry_of: Option<String>,
    pub state: String,
    pub phase: String,
    /// RFC 3339.
    pub requested_at: String,
    pub runtime_ms: Option<u64>,
    pub counts: Counts,
    /// Calls that wrote.
    pub calls: u64,
    pub problem: Option<Problem>,
}

impl Run {
    /// Whether it works, so that it is worth looking again.
    pub fn is_working(&self) -> bool {
        self.state == "queued" || self.state == "running"
    }
}

/// What is in its way.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Problem {
    pub code: String,
    pub message: String,
}

/// What it came to. Source: `wire::RunCounts`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
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
    pub pending: u64,
    pub drifted: u64,
    pub removed: u64,
}

impl Counts {
    /// By their names, in the order in which a run counts.
    pub const fn named(&self) -> [(&'static str, u64); 16] {
        [
            ("read", self.read),
            ("matched", self.matched),
            ("unmatched", self.unmatched),
            ("ambiguous", self.ambiguous),
            ("duplicate", self.duplicate),
            ("unchanged", self.unchanged),
            ("adopted", self.adopted),
            ("created", self.created),
            ("updated", self.updated),
            ("cleared", self.cleared),
            ("kept", self.kept),
            ("rejected", self.rejected),
            ("waiting", self.waiting),
            ("pending", self.pending),
            ("drifted", self.drifted),
            ("removed", self.removed),
        ]
    }
}

/// Rows of a run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rows {
    pub rows: Vec<Row>,
    /// Where the next page begins.
    pub next: Option<u64>,
}

/// What became of a row.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Row {
    pub seq: u64,
    pub key: String,
    pub destination_id: Option<String>,
    pub outcome: String,
    pub reason: Option<String>,
    pub changes: Vec<Change>,
    /// Of a run of one row.
    pub exchange: Option<Exchange>,
}

/// What was said about a row.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Exchange {
    pub record: String,
    pub answer: String,
    pub gone: bool,
    pub fields: Vec<Exchanged>,
}

/// What was said about one field.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Exchanged {
    pub field: String,
    pub sent: Option<String>,
    pub holds: Option<String>,
}

/// The first rows of a model. Source: `wire::Preview`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Preview {
    pub columns: Vec<Column>,
    pub rows: Vec<Vec<Option<String>>>,
    pub sources: Vec<Source>,
}

/// One of its columns.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Column {
    pub name: String,
}

/// What it was made from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Source {
    pub whole: bool,
}

/// A value before and after.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Change {
    pub field: String,
    pub before: Option<String>,
    pub after: Option<String>,
}

objects! {
    Listing { integrations }
    Integration { id, name, enabled, object, last_run, trouble }
    Runs { runs }
    OneRun { run }
    Run { id, integration, kind, retry_of, state, phase, requested_at, runtime_ms, counts, calls, problem }
    Problem { code, message }
    Counts {; read, matched, unmatched, ambiguous, duplicate, unchanged, adopted, created, updated, cleared, kept, rejected,
              waiting, pending, drifted, removed }
    Rows { rows, next }
    Row { seq, key, destination_id, outcome, reason, changes, exchange }
    Exchange { record, answer, gone, fields }
    Exchanged { field, sent, holds }
    Preview { columns, rows; sources }
    Column { name }
    Source { whole }
    Change { field, before, after }
}
