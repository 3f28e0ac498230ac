//! The time in which a run can be taken back. **Invariant:** a run's window is closed, in its row, before anything of it is
//! redacted; what is taken back finds the window open in the same row. So both can never happen to one file.

use chrono::{DateTime, Utc};

use super::{RunState, runs};
use crate::store::{StoreError, Tx, query};

/// Where a run stands between copying and redacting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Window {
    /// It can be taken back until then.
    Open(DateTime<Utc>),
    /// It cannot, any more.
    Closed,
    /// It was.
    TakenBack,
}

/// Closes the window of a live run if its time is over.
pub async fn close_window(
    tx: &mut Tx,
    account: &str,
    run_id: &str,
    now: DateTime<Utc>,
) -> Result<Window, StoreError> {
    query(
        "UPDATE archive_runs SET undo_until_us = NULL
          WHERE account = $1 AND id = $2 AND undo_until_us <= $3",
    )
    .bind(account)
    .bind(run_id)
    .bind(now)
    .execute(&mut *tx)
    .await?;
    let run = runs::run(tx, account, run_id).await?.filter(|run| run.state.is_live());
    Ok(match run {
        None => Window::TakenBack,
        Some(run) => run.undo_until.map_or(Window::Closed, Window::Open),
    })
}

/// Holds a live run whose window is open; false where it is not.
pub async fn hold_window(
    tx: &mut Tx,
    account: &str,
    run_id: &str,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let held = query(
        "UPDATE archive_runs SET updated_us = $3
          WHERE account = $1 AND id = $2 AND undo_until_us > $3 AND state IN ('queued', 'running')",
    )
    .bind(account)
    .bind(run_id)
    .bind(now)
    .execute(tx)
    .await?;
    Ok(held == 1)
}

/// Ends a run that was taken back as a whole.
pub async fn cancel_run(
    tx: &mut Tx,
    account: &str,
    run_id: &str,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    query(
        "UPDATE archive_runs SET state = $3, undo_until_us = NULL, updated_us = $4, finished_us = $4
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
