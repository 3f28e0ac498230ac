//! One ticket's move of attachments. **Invariants:** a ticket has at most one live run that works, and at most one that waits
//! for its end (partial unique indexes say so, whatever the number of replicas); a run that ended stays ended.

use chrono::{DateTime, TimeDelta, Utc};

use super::{Set, words};
use crate::store::{Conn, Row, StoreError, Tx, query};

/// Named one by one: a replica of the version before must not stumble over a new column.
macro_rules! columns {
    () => {
        "id, account, ticket_id, state, requested_by, attachment_ids, undo_window_s, undo_until_us, after_run,
         problem_code, problem, noted, created_us, updated_us, finished_us"
    };
}

pub(super) use columns;

/// In `requested_by`: no user of Zendesk has this id. Not NULL, which a replica of the version before could not read.
const NOBODY: u64 = 0;

words! {
    /// Where a run stands.
    RunState {
        /// Recorded; nobody has taken it.
        Queued = "queued",
        /// Somebody has, or will again.
        Running = "running",
        /// Ended; every item is redacted or skipped.
        Done = "done",
        /// Ended; something is left.
        Failed = "failed",
        /// Ended by an agent.
        Cancelled = "cancelled",
    }
}

impl RunState {
    /// Whether it can still change.
    pub const fn is_live(self) -> bool {
        matches!(self, Self::Queued | Self::Running)
    }
}

/// What is in the way of a whole run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub code: String,
    pub message: String,
}

/// One run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunRow {
    pub id: String,
    pub account: String,
    /// Of which ticket.
    pub ticket_id: u64,
    /// Where it stands.
    pub state: RunState,
    /// The agent who asked; nobody in person where a tag did.
    pub requested_by: Option<u64>,
    /// Which attachments; absent: all.
    pub attachment_ids: Option<Vec<u64>>,
    /// How long it can be undone once its last copy is verified; absent: it cannot be undone, or not any more.
    pub undo_window: Option<TimeDelta>,
    /// Until when it can be undone; absent before its last copy is verified.
    pub undo_until: Option<DateTime<Utc>>,
    /// The run of this ticket that must end before this one begins.
    pub after_run: Option<String>,
    /// What is in the way, for programs.
    pub problem_code: Option<String>,
    /// What is in the way, for people.
    pub problem: Option<String>,
    /// Whether the internal note is on the ticket.
    pub noted: Option<bool>,
    /// When it was asked for.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
    /// When it ended.
    pub finished_at: Option<DateTime<Utc>>,
}

/// A run to start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRun {
    /// Its id, if it becomes one (a version 7 UUID).
    pub id: String,
    pub account: String,
    /// Of which ticket.
    pub ticket_id: u64,
    /// The agent who asks; nobody in person where a tag does.
    pub requested_by: Option<u64>,
    /// Which attachments; absent: all.
    pub attachment_ids: Option<Vec<u64>>,
    /// How long it can be undone once its last copy is verified.
    pub undo_window: Option<TimeDelta>,
    pub now: DateTime<Utc>,
}

/// What becomes of a run; the default changes nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RunChange {
    /// Only if it stands here; absent: if it is live (for a new `state`), or in any case (for the rest).
    pub from: Option<RunState>,
    /// Where it will stand.
    pub state: Option<RunState>,
    /// What is in its way.
    pub problem: Set<Problem>,
    /// Whether the note is on the ticket.
    pub noted: Option<bool>,
}

/// The statement that inserts a run, or finds the one that has its place.
macro_rules! insert {
    ($place:literal) => {
        concat!(
            "INSERT INTO archive_runs (id, account, ticket_id, state, requested_by, attachment_ids, undo_window_s, after_run,
                                       created_us, updated_us)
             VALUES ($1, $2, $3, 'queued', $4, $5, $6, $7, $8, $8)
             ON CONFLICT (account, ticket_id) WHERE state IN ('queued', 'running') AND ",
            $place,
            " DO UPDATE SET ticket_id = excluded.ticket_id RETURNING ",
            columns!()
        )
    };
}

/// Starts a run, or finds the ticket's live one (then the second value is false, and it is left as it is).
pub async fn start_run(tx: &mut Tx, new: &NewRun) -> Result<(RunRow, bool), StoreError> {
    insert(tx, insert!("after_run IS NULL"), new, None).await
}

/// Records a run that begins when `after`, which is live, has ended; or finds the one that waits already. Call it in the
/// transaction in which [`start_run`] found `after`: that transaction holds the row.
pub async fn start_next_run(tx: &mut Tx, new: &NewRun, after: &RunRow) -> Result<(RunRow, bool), StoreError> {
    insert(tx, insert!("after_run IS NOT NULL"), new, Some(&after.id)).await
}

async fn insert(
    tx: &mut Tx,
    statement: &'static str,
    new: &NewRun,
    after: Option<&str>,
) -> Result<(RunRow, bool), StoreError> {
    let ids = new.attachment_ids.as_ref().map(|ids| serde_json::json!(ids).to_string());
    let row = query(statement)
        .bind(&new.id)
        .bind(&new.account)
        .bind(new.ticket_id)
        .bind(new.requested_by.unwrap_or(NOBODY))
        .bind(ids)
        .bind(new.undo_window.map(|window| window.num_seconds()))
        .bind(after)
        .bind(new.now)
        .one(tx)
        .await?;
    let run = read(&row)?;
    let created = run.id == new.id;
    Ok((run, created))
}

/// Lets the run begin that waited for the end of `ended`. Call it in the transaction that ends `ended`.
pub async fn release_next_run(
    tx: &mut Tx,
    account: &str,
    ended: &str,
    now: DateTime<Utc>,
) -> Result<Option<RunRow>, StoreError> {
    query(concat!(
        "UPDATE archive_runs SET after_run = NULL, updated_us = $3
          WHERE account = $1 AND after_run = $2 AND state IN ('queued', 'running')
         RETURNING ",
        columns!()
    ))
    .bind(account)
    .bind(ended)
    .bind(now)
    .optional_as(tx, read)
    .await
}

/// A run by its id.
pub async fn run(on: impl Conn, account: &str, id: &str) -> Result<Option<RunRow>, StoreError> {
    query(concat!("SELECT ", columns!(), " FROM archive_runs WHERE account = $1 AND id = $2"))
        .bind(account)
        .bind(id)
        .optional_as(on, read)
        .await
}

/// The run that an agent is shown: the ticket's live one (of two, the one that waits), otherwise the latest.
pub async fn current_run(on: impl Conn, account: &str, ticket_id: u64) -> Result<Option<RunRow>, StoreError> {
    query(concat!(
        "SELECT ",
        columns!(),
        " FROM archive_runs WHERE account = $1 AND ticket_id = $2
          ORDER BY CASE WHEN state NOT IN ('queued', 'running') THEN 2 WHEN after_run IS NULL THEN 1 ELSE 0 END,
                   created_us DESC, id DESC LIMIT 1"
    ))
    .bind(account)
    .bind(ticket_id)
    .optional_as(on, read)
    .await
}

/// The ticket's latest run.
pub async fn latest_run(on: impl Conn, account: &str, ticket_id: u64) -> Result<Option<RunRow>, StoreError> {
    query(concat!(
        "SELECT ",
        columns!(),
        " FROM archive_runs WHERE account = $1 AND ticket_id = $2 ORDER BY created_us DESC, id DESC LIMIT 1"
    ))
    .bind(account)
    .bind(ticket_id)
    .optional_as(on, read)
    .await
}

/// How the run of the account ended that ended before this one: well or not.
pub async fn end_before(on: impl Conn, run: &RunRow) -> Result<Option<RunState>, StoreError> {
    query(
        "SELECT state FROM archive_runs
          WHERE account = $1 AND state IN ('done', 'failed') AND id <> $2 AND finished_us <= coalesce($3, finished_us)
          ORDER BY finished_us DESC, id DESC LIMIT 1",
    )
    .bind(&run.account)
    .bind(&run.id)
    .bind(run.finished_at)
    .optional_as(on, |row| row.get("state"))
    .await
}

/// Changes a run; `None` when it is not there, or not (any more) where the change starts from.
pub async fn set_run(
    tx: &mut Tx,
    account: &str,
    id: &str,
    change: RunChange,
    now: DateTime<Utc>,
) -> Result<Option<RunRow>, StoreError> {
    let (keep, code, message) = match change.problem {
        Set::Keep => (true, None, None),
        Set::Clear => (false, None, None),
        Set::To(problem) => (false, Some(problem.code), Some(problem.message)),
    };
    let ends = change.state.is_some_and(|state| !state.is_live());
    query(concat!(
        "UPDATE archive_runs
            SET state = coalesce($3, state),
                problem_code = CASE WHEN $4 = 1 THEN problem_code ELSE $5 END,
                problem = CASE WHEN $4 = 1 THEN problem ELSE $6 END,
                noted = coalesce($7, noted),
                finished_us = coalesce($8, finished_us),
                updated_us = $9
          WHERE account = $1 AND id = $2 AND state = coalesce($10, state)
            AND ($3 IS NULL OR state IN ('queued', 'running'))
         RETURNING ",
        columns!()
    ))
    .bind(account)
    .bind(id)
    .bind(change.state.map(RunState::as_str))
    .bind(keep)
    .bind(code)
    .bind(message)
    .bind(change.noted)
    .bind(ends.then_some(now))
    .bind(now)
    .bind(change.from.map(RunState::as_str))
    .optional_as(tx, read)
    .await
}

pub(super) fn read(row: &Row) -> Result<RunRow, StoreError> {
    let ids: Option<String> = row.get("attachment_ids")?;
    let window: Option<i64> = row.get("undo_window_s")?;
    let ids = ids.map(|ids| serde_json::from_str(&ids)).transpose();
    Ok(RunRow {
        id: row.get("id")?,
        account: row.get("account")?,
        ticket_id: row.get("ticket_id")?,
        state: row.get("state")?,
        requested_by: Some(row.get("requested_by")?).filter(|agent| *agent != NOBODY),
        attachment_ids: ids.map_err(|_| StoreError::corrupt("a run's attachment ids"))?,
        undo_window: window.map(TimeDelta::seconds),
        undo_until: row.get("undo_until_us")?,
        after_run: row.get("after_run")?,
        problem_code: row.get("problem_code")?,
        problem: row.get("problem")?,
        noted: row.get("noted")?,
        created_at: row.get("created_us")?,
        updated_at: row.get("updated_us")?,
        finished_at: row.get("finished_us")?,
    })
}
