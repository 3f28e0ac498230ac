//! What a live run is asked for changes: a further request joins it, or an agent keeps files that it has not planned yet.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};

use super::RunRow;
use crate::store::{StoreError, Tx, query};

/// Adds `more` (absent: all attachments) to what a live run is asked for. With a `window`, and while the run can be undone, the
/// time for that begins anew after its last copy, and is at least that long; a window that is closed stays closed, because
/// something may be on its way out already. Call it in the transaction in which [`start_run`](super::start_run) found `run`:
/// that transaction holds the row.
pub async fn add_attachments(
    tx: &mut Tx,
    account: &str,
    run: &RunRow,
    more: Option<&[u64]>,
    window: Option<TimeDelta>,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let union = match (&run.attachment_ids, more) {
        (Some(had), Some(more)) => Some(had.iter().chain(more).copied().collect::<BTreeSet<u64>>()),
        _ => None,
    };
    let renewed = window.filter(|_| run.undo_window.is_some());
    let undo_window = run.undo_window.max(renewed);
    let undo_until = run.undo_until.filter(|_| renewed.is_none());
    query(
        "UPDATE archive_runs SET attachment_ids = $3, undo_window_s = $4, undo_until_us = $5, updated_us = $6
          WHERE account = $1 AND id = $2",
    )
    .bind(account)
    .bind(&run.id)
    .bind(union.map(|ids| serde_json::json!(ids).to_string()))
    .bind(undo_window.map(|window| window.num_seconds()))
    .bind(undo_until)
    .bind(now)
    .execute(tx)
    .await
    .map(drop)
}

/// Replaces what a live run is asked for. Call it in the transaction that holds the row.
pub async fn keep_attachments(
    tx: &mut Tx,
    account: &str,
    run_id: &str,
    attachment_ids: &BTreeSet<u64>,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    query("UPDATE archive_runs SET attachment_ids = $3, updated_us = $4 WHERE account = $1 AND id = $2")
        .bind(account)
        .bind(run_id)
        .bind(serde_json::json!(attachment_ids).to_string())
        .bind(now)
        .execute(tx)
        .await
        .map(drop)
}
