//! Where a run stands. **Invariant:** a run that ended stays ended.

use chrono::{DateTime, Utc};

use super::{phases::clocked, words};
use crate::store::{Conn, Row, StoreError, Tx, query};

macro_rules! columns {
    () => {
        "id, integration, kind, row_key, retry_of, state, phase, asked_by, definition, plan, confirmed, counts, staged, calls, allowed,
         problem_code, problem, requested_us, started_us, ended_us, compared_with, phases, phase_us"
    };
}

words! {
    /// What a run is for.
    RunKind {
        Run = "run",
        /// Everything is written, also what the destination has already.
        Resend = "resend",
        /// Nothing is written.
        Dry = "dry",
        /// One row is written, or those that another run could not write.
        Row = "row",
        /// What the integration wrote is emptied.
        Clear = "clear",
    }
}

words! {
    /// Where a run stands.
    RunState {
        Queued = "queued",
        Running = "running",
        /// Something would be written that a person must see first.
        Stopped = "stopped",
        Completed = "completed",
        Failed = "failed",
        Cancelled = "cancelled",
    }
}

words! {
    /// What a live run does.
    Phase {
        Reading = "reading",
        Comparing = "comparing",
        Delivering = "delivering",
        Copying = "copying",
        Ended = "ended",
    }
}

/// One run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    pub id: String,
    pub integration: String,
    pub kind: RunKind,
    pub row_key: Option<String>,
    /// The run whose rejected and waiting rows are written.
    pub retry_of: Option<String>,
    pub state: RunState,
    pub phase: Phase,
    pub asked_by: String,
    /// JSON, as it was when the run began to read.
    pub definition: Option<String>,
    /// What decides what is written, hashed.
    pub plan: Option<String>,
    /// A person has said that it goes on.
    pub confirmed: bool,
    /// JSON: [`wire::RunCounts`].
    pub counts: String,
    /// JSON: rows of each source.
    pub staged: String,
    /// Calls that wrote.
    pub calls: u64,
    /// JSON, of a run that stopped: what it would have changed.
    pub allowed: Option<String>,
    pub problem_code: Option<String>,
    pub problem: Option<String>,
    pub requested_at: DateTime<Utc>,
    pub started_at: Option<DateTime<Utc>>,
    pub ended_at: Option<DateTime<Utc>>,
    /// The destination whose records it compared with: place and object.
    pub compared_with: Option<String>,
    /// JSON: milliseconds that each phase took until now, and of the comparison those that the model took (`model`).
    pub phases: String,
    /// Since when it works on its phase.
    pub phase_at: Option<DateTime<Utc>>,
}

/// What [`start_run`] did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Started {
    /// The new one, or the live one that has its place.
    pub run: Run,
    pub is_new: bool,
}

/// What becomes of a live run; the default changes nothing.
#[derive(Debug, Clone, Default)]
pub struct RunChange {
    pub state: Option<RunState>,
    pub phase: Option<Phase>,
    pub definition: Option<String>,
    pub plan: Option<String>,
    pub confirmed: Option<bool>,
    pub counts: Option<String>,
    pub staged: Option<String>,
    pub more_calls: u64,
    pub allowed: Option<String>,
    /// Code and sentence.
    pub problem: Option<(String, String)>,
    /// How long the model took before its first row came.
    pub model_ms: u64,
}

/// Records a run, or finds the live one of its integration.
pub async fn start_run(
    tx: &mut Tx,
    account: &str,
    (id, integration): (&str, &str),
    (kind, row_key, retry_of): (RunKind, Option<&str>, Option<&str>),
    asked_by: &str,
    now: DateTime<Utc>,
) -> Result<Started, StoreError> {
    let inserted = query(concat!(
        "INSERT INTO integration_runs (account, id, integration, kind, row_key, state, phase, asked_by, requested_us, retry_of)
         VALUES ($1, $2, $3, $4, $5, 'queued', 'reading', $6, $7, $8)
         ON CONFLICT DO NOTHING RETURNING ",
        columns!()
    ))
    .bind(account)
    .bind(id)
    .bind(integration)
    .bind(kind.as_str())
    .bind(row_key)
    .bind(asked_by)
    .bind(now)
    .bind(retry_of)
    .optional_as(&mut *tx, read)
    .await?;
    if let Some(run) = inserted {
        return Ok(Started { run, is_new: true });
    }
    let is_dry = kind == RunKind::Dry;
    let live = query(concat!(
        "SELECT ",
        columns!(),
        " FROM integration_runs
          WHERE account = $1 AND integration = $2 AND state IN ('queued', 'running', 'stopped')
            AND (CASE WHEN kind = 'dry' THEN 1 ELSE 0 END) = $3"
    ))
    .bind(account)
    .bind(integration)
    .bind(is_dry)
    .optional_as(&mut *tx, read)
    .await?;
    match live {
        Some(run) => Ok(Started { run, is_new: false }),
        // It ended between the two statements.
        None => {
            Box::pin(start_run(tx, account, (id, integration), (kind, row_key, retry_of), asked_by, now))
                .await
        }
    }
}

/// One run.
pub async fn run(on: impl Conn, account: &str, id: &str) -> Result<Option<Run>, StoreError> {
    query(concat!("SELECT ", columns!(), " FROM integration_runs WHERE account = $1 AND id = $2"))
        .bind(account)
        .bind(id)
        .optional_as(on, read)
        .await
}

/// Runs, newest first, at most `limit`; of one integration, in one state, asked for before this moment.
pub async fn runs_of(
    on: impl Conn,
    account: &str,
    (integration, state): (Option<&str>, Option<&str>),
    before: Option<DateTime<Utc>>,
    limit: u32,
) -> Result<Vec<Run>, StoreError> {
    query(concat!(
        "SELECT ",
        columns!(),
        " FROM integration_runs
          WHERE account = $1 AND ($2 = '' OR integration = $2) AND ($3 = '' OR state = $3) AND requested_us < $4
          ORDER BY requested_us DESC, id DESC LIMIT $5"
    ))
    .bind(account)
    .bind(integration.unwrap_or_default())
    .bind(state.unwrap_or_default())
    .bind(before.map_or(i64::MAX, |before| before.timestamp_micros()))
    .bind(limit)
    .all_as(on, read)
    .await
}

/// The newest run of an integration that wrote and ended well.
pub async fn last_complete(
    on: impl Conn,
    account: &str,
    integration: &str,
) -> Result<Option<Run>, StoreError> {
    query(concat!(
        "SELECT ",
        columns!(),
        " FROM integration_runs
          WHERE account = $1 AND integration = $2 AND state = 'completed' AND kind IN ('run', 'resend')
          ORDER BY requested_us DESC LIMIT 1"
    ))
    .bind(account)
    .bind(integration)
    .optional_as(on, read)
    .await
}

/// Integrations of which a live run empties what they wrote.
pub async fn being_emptied(on: impl Conn, account: &str) -> Result<Vec<String>, StoreError> {
    query(
        "SELECT integration FROM integration_runs
          WHERE account = $1 AND kind = 'clear' AND state IN ('queued', 'running', 'stopped')",
    )
    .bind(account)
    .all_as(on, |row| row.get("integration"))
    .await
}

/// Ended runs of an integration that left deliveries open, oldest first.
pub async fn ended_with_batches(
    on: impl Conn,
    account: &str,
    integration: &str,
) -> Result<Vec<Run>, StoreError> {
    query(concat!(
        "SELECT ",
        columns!(),
        " FROM integration_runs
          WHERE account = $1 AND integration = $2 AND state NOT IN ('queued', 'running', 'stopped')
            AND id IN (SELECT run FROM run_batches WHERE account = $1)
          ORDER BY requested_us"
    ))
    .bind(account)
    .bind(integration)
    .all_as(on, read)
    .await
}

/// Corrects the counts of a run that has ended.
pub async fn set_counts(tx: &mut Tx, account: &str, id: &str, counts: &str) -> Result<(), StoreError> {
    query("UPDATE integration_runs SET counts = $3 WHERE account = $1 AND id = $2")
        .bind(account)
        .bind(id)
        .bind(counts)
        .execute(tx)
        .await
        .map(drop)
}

/// Changes a live run; `None` when it has ended.
pub async fn set_run(
    tx: &mut Tx,
    account: &str,
    id: &str,
    change: RunChange,
    now: DateTime<Utc>,
) -> Result<Option<Run>, StoreError> {
    let is_step = change.phase.is_some() || change.state.is_some();
    let before = if is_step { run(&mut *tx, account, id).await? } else { None };
    let (phases, phase_at) = before.map(|before| clocked(&before, &change, now)).unzip();
    let (code, problem) = change.problem.unzip();
    let ends = change.state.is_some_and(|state| !state.is_live());
    query(concat!(
        "UPDATE integration_runs
            SET state = COALESCE($3, state),
                phase = CASE WHEN $12 = 1 THEN 'ended' ELSE COALESCE($4, phase) END,
                definition = COALESCE($5, definition),
                plan = COALESCE($6, plan),
                confirmed = COALESCE($7, confirmed),
                counts = COALESCE($8, counts),
                staged = COALESCE($9, staged),
                calls = calls + $10,
                problem_code = COALESCE($11, problem_code),
                started_us = COALESCE(started_us, $13),
                ended_us = CASE WHEN $12 = 1 THEN $13 ELSE ended_us END,
                problem = COALESCE($14, problem),
                allowed = COALESCE($15, allowed),
                phases = COALESCE($16, phases),
                phase_us = CASE WHEN $16 IS NULL THEN phase_us ELSE $17 END
          WHERE account = $1 AND id = $2 AND state IN ('queued', 'running', 'stopped')
          RETURNING ",
        columns!()
    ))
    .bind(account)
    .bind(id)
    .bind(change.state.map(RunState::as_str))
    .bind(change.phase.map(Phase::as_str))
    .bind(change.definition)
    .bind(change.plan)
    .bind(change.confirmed)
    .bind(change.counts)
    .bind(change.staged)
    .bind(change.more_calls)
    .bind(code)
    .bind(ends)
    .bind(now)
    .bind(problem)
    .bind(change.allowed)
    .bind(phases)
    .bind(phase_at.flatten())
    .optional_as(tx, read)
    .await
}

/// Forgets something of an integration's runs that ended before this moment, except of the `spared` one; false: there is nothing
/// left to forget. A step is small, so that nobody waits for it.
pub async fn forget_runs_step(
    tx: &mut Tx,
    account: &str,
    (integration, spared): (&str, Option<&str>),
    before: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let oldest = query(
        "SELECT id FROM integration_runs
          WHERE account = $1 AND integration = $2 AND COALESCE(ended_us, requested_us) < $3 AND id <> $4
            AND state NOT IN ('queued', 'running', 'stopped')
          ORDER BY requested_us LIMIT 1",
    );
    let oldest = oldest.bind(account).bind(integration).bind(before).bind(spared.unwrap_or_default());
    let Some(oldest) = oldest.optional(&mut *tx).await? else { return Ok(false) };
    let oldest: String = oldest.get("id")?;
    for statement in [
        "DELETE FROM run_rows WHERE account = $1 AND run = $2 AND seq IN
            (SELECT seq FROM run_rows WHERE account = $1 AND run = $2 LIMIT 500)",
        "DELETE FROM run_log WHERE account = $1 AND run = $2 AND seq IN
            (SELECT seq FROM run_log WHERE account = $1 AND run = $2 LIMIT 500)",
        "DELETE FROM run_batches WHERE account = $1 AND run = $2",
        "DELETE FROM integration_runs WHERE account = $1 AND id = $2",
    ] {
        if query(statement).bind(account).bind(&oldest).execute(&mut *tx).await? == 500 {
            return Ok(true);
        }
    }
    Ok(true)
}

impl RunState {
    /// Those that can still change.
    pub const LIVE: [Self; 3] = [Self::Queued, Self::Running, Self::Stopped];

    /// Whether it can still change.
    pub const fn is_live(self) -> bool {
        matches!(self, Self::Queued | Self::Running | Self::Stopped)
    }
}

fn read(row: &Row) -> Result<Run, StoreError> {
    Ok(Run {
        id: row.get("id")?,
        integration: row.get("integration")?,
        kind: row.get("kind")?,
        row_key: row.get("row_key")?,
        retry_of: row.get("retry_of")?,
        state: row.get("state")?,
        phase: row.get("phase")?,
        asked_by: row.get("asked_by")?,
        definition: row.get("definition")?,
        plan: row.get("plan")?,
        confirmed: row.get("confirmed")?,
        counts: row.get("counts")?,
        staged: row.get("staged")?,
        calls: row.get("calls")?,
        allowed: row.get("allowed")?,
        problem_code: row.get("problem_code")?,
        problem: row.get("problem")?,
        requested_at: row.get("requested_us")?,
        started_at: row.get("started_us")?,
        ended_at: row.get("ended_us")?,
        compared_with: row.get("compared_with")?,
        phases: row.get("phases")?,
        phase_at: row.get("phase_us")?,
    })
}
