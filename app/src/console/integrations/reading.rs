//! What the page reads of the server's answers: types of `wire` where it shows all of them, and otherwise what it shows of them.

use crate::json::objects;

/// Every integration.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Listing {
    pub integrations: Vec<Integration>,
    pub may_edit: bool,
}

impl Listing {
    /// The integration of this id.
    pub fn named(&self, id: &str) -> Option<&Integration> {
        self.integrations.iter().find(|one| one.id == id)
    }
}

/// One integration.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Integration {
    pub id: String,
    pub name: String,
    pub enabled: bool,
    /// `users`, `organizations`.
    pub object: String,
    pub schedule: Schedule,
    /// Whether a dry run of what it is now was accepted; nothing where the server does not say.
    pub plan_accepted: Option<bool>,
    pub last_run: Option<Run>,
    /// RFC 3339.
    pub next_run_at: Option<String>,
    /// Why somebody was told that it does not work.
    pub trouble: Option<String>,
}

/// When it runs by itself: of `kind` `manual`, `interval`, `daily`, `cron`, each with its own members.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Schedule {
    pub kind: String,
    pub every_minutes: u64,
    /// `09:00`.
    pub at: String,
    pub cron: String,
    pub time_zone: String,
}

/// Runs of one integration.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Runs {
    pub runs: Vec<Run>,
    /// Where older ones begin.
    pub next: Option<String>,
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
    pub phases: Vec<wire::PhaseTime>,
    pub counts: wire::RunCounts,
    /// Calls that wrote.
    pub calls: u64,
    pub problem: Option<wire::RunProblem>,
    pub old_sources: Vec<OldSource>,
    /// When another server takes it over, RFC 3339; its own does not answer.
    pub taken_over_at: Option<String>,
}

/// A source of which a run used old rows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OldSource {
    pub table: String,
    pub read_at: Option<String>,
}

impl Run {
    /// Whether it works, so that it is worth looking again.
    pub fn is_working(&self) -> bool {
        self.state == "queued" || self.state == "running"
    }

    /// Whether it waits for a person.
    pub fn waits(&self) -> bool {
        self.state == "stopped"
    }
}

/// The first rows of a model: what the page shows of them.
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

/// Counts by their names, in the order in which a run counts.
pub const fn named(counts: &wire::RunCounts) -> [(&'static str, u64); 16] {
    [
        ("read", counts.read),
        ("matched", counts.matched),
        ("unmatched", counts.unmatched),
        ("ambiguous", counts.ambiguous),
        ("duplicate", counts.duplicate),
        ("unchanged", counts.unchanged),
        ("adopted", counts.adopted),
        ("created", counts.created),
        ("updated", counts.updated),
        ("cleared", counts.cleared),
        ("kept", counts.kept),
        ("rejected", counts.rejected),
        ("waiting", counts.waiting),
        ("pending", counts.pending),
        ("drifted", counts.drifted),
        ("removed", counts.removed),
    ]
}

objects! {
    Listing { integrations; may_edit }
    Integration { id, name, enabled, object, schedule, plan_accepted, last_run, next_run_at, trouble }
    Schedule { kind; every_minutes, at, cron, time_zone }
    Runs { runs, next }
    OneRun { run }
    Run { id, integration, kind, retry_of, state, phase, requested_at, runtime_ms, counts, calls, problem, taken_over_at; phases, old_sources }
    OldSource { table, read_at }
    wire::PhaseTime { phase, ms }
    wire::RunProblem { code, message }
    wire::RunCounts {; read, matched, unmatched, ambiguous, duplicate, unchanged, adopted, created, updated, cleared, kept, rejected,
              waiting, pending, drifted, removed }
    wire::RowList { rows, next }
    wire::RowOutcome { seq, key, destination_id, label, outcome, reason, reason_code, changes, exchange; reason_about, drifted }
    wire::Exchange { record, answer, gone, fields }
    wire::ExchangedField { field, sent, holds }
    Preview { columns, rows; sources }
    Column { name }
    Source { whole }
    wire::FieldChange { field, before, after }
}
