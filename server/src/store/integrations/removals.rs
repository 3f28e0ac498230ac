//! Rows of a run that its model no longer has, and whose fields are to be emptied.

use super::rows::{Outcome, RunRow, columns, read};
use crate::store::{Db, StoreError, Tx, query};

/// Rows of these records that the model no longer has and whose fields are to be emptied.
pub async fn removals_among(
    db: &Db,
    account: &str,
    run: &str,
    ids: &[Option<String>],
) -> Result<Vec<RunRow>, StoreError> {
    let statement = if db.is_postgres() {
        concat!(
            "SELECT ",
            columns!(),
            " FROM run_rows WHERE account = $1 AND run = $2 AND outcome = 'pending' AND fingerprint IS NULL
                AND destination_id IN (SELECT jsonb_array_elements_text($3::jsonb)) ORDER BY seq"
        )
    } else {
        concat!(
            "SELECT ",
            columns!(),
            " FROM run_rows WHERE account = $1 AND run = $2 AND outcome = 'pending' AND fingerprint IS NULL
                AND destination_id IN (SELECT value FROM json_each($3)) ORDER BY seq"
        )
    };
    query(statement).bind(account).bind(run).bind(serde_json::json!(ids).to_string()).all_as(db, read).await
}

/// Writes down what is to become of such rows.
pub async fn decide_removals(
    db: &Db,
    tx: &mut Tx,
    account: &str,
    run: &str,
    rows: &[RunRow],
) -> Result<(), StoreError> {
    let statement = if db.is_postgres() {
        "UPDATE run_rows SET outcome = c.outcome, reason = c.reason, changes = c.changes
           FROM jsonb_to_recordset($3::jsonb) AS c(seq bigint, outcome text, reason text, changes text)
          WHERE run_rows.account = $1 AND run_rows.run = $2 AND run_rows.seq = c.seq"
    } else {
        "UPDATE run_rows SET outcome = c.value ->> 'outcome', reason = c.value ->> 'reason', changes = c.value ->> 'changes'
           FROM json_each($3) AS c
          WHERE run_rows.account = $1 AND run_rows.run = $2 AND run_rows.seq = c.value ->> 'seq'"
    };
    query(statement)
        .bind(account)
        .bind(run)
        .bind(serde_json::json!(rows).to_string())
        .execute(tx)
        .await
        .map(drop)
}

/// Settles such rows that nothing was decided on, because no record was seen that is theirs; how many they are.
pub async fn settle_lost_removals(
    tx: &mut Tx,
    account: &str,
    run: &str,
    (outcome, reason): (Outcome, &str),
) -> Result<u64, StoreError> {
    query(
        "UPDATE run_rows SET outcome = $3, reason = $4
          WHERE account = $1 AND run = $2 AND outcome = 'pending' AND fingerprint IS NULL AND changes IS NULL",
    )
    .bind(account)
    .bind(run)
    .bind(outcome.as_str())
    .bind(reason)
    .execute(tx)
    .await
}
