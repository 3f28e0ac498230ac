//! Who asked for a run, and for which of its files. **Invariant:** an asker who asks twice has one row, for all that they
//! asked for.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use crate::store::{Conn, Row, StoreError, Tx, query};

/// One who asked for a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskerRow {
    /// Who, as the archive writes it: `agent:77`, `tag:archive_attachments` or `operator`.
    pub asker: String,
    /// Which attachments; absent: all.
    pub attachment_ids: Option<Vec<u64>>,
    /// When they asked, the last time.
    pub asked_at: DateTime<Utc>,
}

/// Writes down who asks for a run (absent `ids`: for all attachments). Call it in the transaction in which
/// [`start_run`](super::start_run) found the run: that transaction holds the run's row.
pub async fn add_asker(
    tx: &mut Tx,
    account: &str,
    run_id: &str,
    asker: &str,
    ids: Option<&[u64]>,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let before = query(
        "SELECT asker, attachment_ids, asked_us FROM archive_askers WHERE account = $1 AND run_id = $2 AND asker = $3",
    )
    .bind(account)
    .bind(run_id)
    .bind(asker)
    .optional(&mut *tx)
    .await?;
    let before = before.map(|row| read(&row)).transpose()?;
    let all = match (before.map(|row| row.attachment_ids), ids) {
        (Some(None), _) | (_, None) => None,
        (Some(Some(had)), Some(more)) => Some(had.into_iter().chain(more.iter().copied()).collect()),
        (None, Some(ids)) => Some(ids.iter().copied().collect::<BTreeSet<u64>>()),
    };
    query(
        "INSERT INTO archive_askers (account, run_id, asker, attachment_ids, asked_us) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (account, run_id, asker)
            DO UPDATE SET attachment_ids = excluded.attachment_ids, asked_us = excluded.asked_us",
    )
    .bind(account)
    .bind(run_id)
    .bind(asker)
    .bind(all.map(|ids| serde_json::json!(ids).to_string()))
    .bind(now)
    .execute(tx)
    .await
    .map(drop)
}

/// Everyone who asked for a run. Empty for a run of a version before this table.
pub async fn askers_of_run(on: impl Conn, account: &str, run_id: &str) -> Result<Vec<AskerRow>, StoreError> {
    query(
        "SELECT asker, attachment_ids, asked_us FROM archive_askers WHERE account = $1 AND run_id = $2 ORDER BY asked_us, asker",
    )
    .bind(account)
    .bind(run_id)
    .all_as(on, read)
    .await
}

fn read(row: &Row) -> Result<AskerRow, StoreError> {
    let ids: Option<String> = row.get("attachment_ids")?;
    let ids = ids.map(|ids| serde_json::from_str(&ids)).transpose();
    let attachment_ids = ids.map_err(|_| StoreError::corrupt("an asker's attachment ids"))?;
    Ok(AskerRow { asker: row.get("asker")?, attachment_ids, asked_at: row.get("asked_us")? })
}
