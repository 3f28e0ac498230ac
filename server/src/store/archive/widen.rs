//! A further wish for a ticket that a run is moving already: it joins that run.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::RunRow;
use crate::store::{StoreError, Tx, query};

/// Adds `more` (absent: all attachments) to what a live run is asked for. While the run can be taken back, it gets the new
/// wish's time for that; a window that is closed stays closed, because something may be on its way out already. Call it in
/// the transaction in which [`start_run`](super::start_run) found `run`: that transaction holds the row.
pub async fn widen_run(
    tx: &mut Tx,
    account: &str,
    run: &RunRow,
    more: Option<&[u64]>,
    undo_until: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let union = match (&run.attachment_ids, more) {
        (Some(had), Some(more)) => Some(had.iter().chain(more).copied().collect::<BTreeSet<u64>>()),
        _ => None,
    };
    let ids = union.map(|ids| serde_json::json!(ids).to_string());
    query(
        "UPDATE archive_runs SET attachment_ids = $3, updated_us = $5,
                undo_until_us = CASE WHEN undo_until_us IS NULL THEN NULL ELSE coalesce($4, undo_until_us) END
          WHERE account = $1 AND id = $2",
    )
    .bind(account)
    .bind(&run.id)
    .bind(ids)
    .bind(undo_until)
    .bind(now)
    .execute(tx)
    .await
    .map(drop)
}
