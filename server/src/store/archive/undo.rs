//! The time in which a run can be undone: from the request until its window, which begins when its last copy is verified, is
//! over. **Invariant:** a run's window is closed, in its row, before anything of it is redacted; an undo finds the window not
//! closed in the same row. So both can never happen to one file.

use chrono::{DateTime, Utc};

use super::{
    RunRow, RunState,
    runs::{columns, read},
};
use crate::store::{StoreError, Tx, query};

/// Where a run stands between copying and redacting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Window {
    /// Its time has not begun: copies are missing.
    Ahead,
    /// It can be undone until then.
    Open(DateTime<Utc>),
    /// It cannot be undone any more.
    Closed,
    /// It was asked for more, or less, since it was planned.
    Changed,
    /// It was undone.
    Undone,
}

/// Begins or closes the window of a live run, whichever is due. `planned` is the run as it was planned; `copied` says that
/// nothing of that remains to be copied.
pub async fn settle_window(
    tx: &mut Tx,
    planned: &RunRow,
    copied: bool,
    now: DateTime<Utc>,
) -> Result<Window, StoreError> {
    let Some(run) = hold_run(tx, &planned.account, &planned.id).await? else { return Ok(Window::Undone) };
    if run.attachment_ids != planned.attachment_ids {
        return Ok(Window::Changed);
    }
    let Some(window) = run.undo_window else { return Ok(Window::Closed) };
    let last_copy = last_copy(tx, &run).await?;
    let until = match (run.undo_until, last_copy) {
        // Nothing of it is copied: there is nothing to undo.
        (_, None) if copied => now,
        (None, Some(_)) if copied => now + window,
        // Files that an agent's run found later have their whole time, too; a tag never puts the end off.
        (Some(until), Some(copy)) if run.requested_by.is_some() && copied && copy > until - window => {
            copy + window
        }
        (Some(until), _) => until,
        (None, _) => return Ok(Window::Ahead),
    };
    if until <= now {
        set_window(tx, &run, None).await?;
        return Ok(Window::Closed);
    }
    if run.undo_until != Some(until) {
        set_window(tx, &run, Some((until, now))).await?;
    }
    Ok(Window::Open(until))
}

/// Holds a live run; `None` where it is not live.
pub async fn hold_run(tx: &mut Tx, account: &str, run_id: &str) -> Result<Option<RunRow>, StoreError> {
    query(concat!(
        "UPDATE archive_runs SET updated_us = updated_us
          WHERE account = $1 AND id = $2 AND state IN ('queued', 'running')
         RETURNING ",
        columns!()
    ))
    .bind(account)
    .bind(run_id)
    .optional_as(tx, read)
    .await
}

/// When the last copy was verified that the run has not yet redacted.
async fn last_copy(tx: &mut Tx, run: &RunRow) -> Result<Option<DateTime<Utc>>, StoreError> {
    query(
        "SELECT coalesce(verified_us, updated_us) AS verified_us FROM archive_items
          WHERE account = $1 AND run_id = $2 AND state = 'verified'
          ORDER BY 1 DESC LIMIT 1",
    )
    .bind(&run.account)
    .bind(&run.id)
    .optional_as(tx, |row| row.get("verified_us"))
    .await
}

/// Until when, and now; absent: it is closed.
async fn set_window(
    tx: &mut Tx,
    run: &RunRow,
    open: Option<(DateTime<Utc>, DateTime<Utc>)>,
) -> Result<(), StoreError> {
    let (until, now) = open.unzip();
    query(
        "UPDATE archive_runs
            SET undo_until_us = $3, undo_window_s = CASE WHEN $4 = 1 THEN NULL ELSE undo_window_s END,
                updated_us = coalesce($5, updated_us)
          WHERE account = $1 AND id = $2",
    )
    .bind(&run.account)
    .bind(&run.id)
    .bind(until)
    .bind(open.is_none())
    .bind(now)
    .execute(tx)
    .await
    .map(drop)
}

/// Ends a run that was undone as a whole.
pub async fn cancel_run(
    tx: &mut Tx,
    account: &str,
    run_id: &str,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    query(
        "UPDATE archive_runs SET state = $3, undo_window_s = NULL, undo_until_us = NULL, updated_us = $4, finished_us = $4
          WHERE account = $1 AND id = $2 AND state IN ('queued', 'running')",
    )
    .bind(account)
    .bind(run_id)
    .bind(RunState::Cancelled.as_str())
    .bind(now)
    .execute(tx)
    .await
    .map(drop)
}
