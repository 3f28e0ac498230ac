//! What became of each row of a run. Rows that are to be written are pending; a batch of them goes to the destination under a number that is
//! kept before it is sent, so that a run which died in between knows what it must read back.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::words;
use crate::store::{Conn, Db, Row, StoreError, Tx, query, storable_json};

macro_rules! columns {
    () => {
        "seq, key, key_hash, destination_id, outcome, reason, changes, fingerprint, batch, sends, removal, drifted, exchange, label,
         updated_us"
    };
}
pub(super) use columns;

words! {
    /// What became of a row.
    Outcome {
        Unmatched = "unmatched",
        Ambiguous = "ambiguous",
        Duplicate = "duplicate",
        Adopted = "adopted",
        Created = "created",
        Updated = "updated",
        Cleared = "cleared",
        /// Somebody changed it at the destination, and it stays so.
        Kept = "kept",
        Rejected = "rejected",
        /// It is to be written by this run.
        Pending = "pending",
        /// The destination did not take it, and may take it later.
        Waiting = "waiting",
        /// The model has it no longer.
        Removed = "removed",
    }
}

/// One row of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RunRow {
    pub seq: u64,
    pub key: String,
    pub key_hash: String,
    pub destination_id: Option<String>,
    #[serde(serialize_with = "as_word")]
    pub outcome: Outcome,
    /// Why, for people.
    pub reason: Option<String>,
    /// JSON: `{"field": [before, after]}`, as the destination holds values.
    pub changes: Option<String>,
    /// What the destination holds when it has acknowledged the row.
    pub fingerprint: Option<String>,
    pub batch: Option<u64>,
    /// How often it was sent.
    #[serde(skip)]
    pub sends: u32,
    /// The model no longer has it, or its record no longer has its key. It is in no count of the model's rows.
    #[serde(serialize_with = "as_number")]
    pub is_removal: bool,
    /// Somebody changed a field of its record since an earlier run wrote it.
    #[serde(serialize_with = "as_number")]
    pub is_drifted: bool,
    /// JSON: what was sent, what was answered, and what the record holds; only of a run of one row.
    #[serde(skip)]
    pub exchange: Option<String>,
    /// What people know its record by.
    pub label: Option<String>,
    #[serde(skip)]
    pub updated_at: DateTime<Utc>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
fn as_word<S: serde::Serializer>(outcome: &Outcome, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(outcome.as_str())
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
fn as_number<S: serde::Serializer>(is: &bool, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_u8(u8::from(*is))
}

/// What the destination answered about a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RowChange {
    pub seq: u64,
    #[serde(serialize_with = "as_word")]
    pub outcome: Outcome,
    pub reason: Option<String>,
    /// Of a record that was made.
    pub destination_id: Option<String>,
}

/// Adds rows.
pub async fn insert_rows(
    db: &Db,
    tx: &mut Tx,
    account: &str,
    run: &str,
    rows: &[RunRow],
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    if rows.is_empty() {
        return Ok(());
    }
    let statement = if db.is_postgres() {
        "INSERT INTO run_rows (account, run, seq, key, key_hash, destination_id, outcome, reason, changes, fingerprint, removal,
                               drifted, label, updated_us)
         SELECT $1, $2, r.seq, r.key, r.key_hash, r.destination_id, r.outcome, r.reason, r.changes, r.fingerprint, r.is_removal,
                r.is_drifted, r.label, $4
           FROM jsonb_to_recordset($3::jsonb) AS r(seq bigint, key text, key_hash text, destination_id text, outcome text,
                                                   reason text, changes text, fingerprint text, is_removal bigint, is_drifted bigint,
                                                   label text)"
    } else {
        "INSERT INTO run_rows (account, run, seq, key, key_hash, destination_id, outcome, reason, changes, fingerprint, removal,
                               drifted, label, updated_us)
         SELECT $1, $2, value ->> 'seq', value ->> 'key', value ->> 'key_hash', value ->> 'destination_id', value ->> 'outcome',
                value ->> 'reason', value ->> 'changes', value ->> 'fingerprint', value ->> 'is_removal', value ->> 'is_drifted', value ->> 'label', $4
           FROM json_each($3)"
    };
    query(statement).bind(account).bind(run).bind(storable_json(&rows)).bind(now).execute(tx).await.map(drop)
}

/// Forgets some rows of a run that begins its comparison again; false: there are none left.
pub async fn clear_rows(tx: &mut Tx, account: &str, run: &str) -> Result<bool, StoreError> {
    let gone = query(
        "DELETE FROM run_rows WHERE account = $1 AND run = $2 AND seq IN
            (SELECT seq FROM run_rows WHERE account = $1 AND run = $2 LIMIT 500)",
    )
    .bind(account)
    .bind(run)
    .execute(tx)
    .await?;
    Ok(gone > 0)
}

/// Which rows of a run; the default is all.
#[derive(Debug, Clone, Default)]
pub struct RowFilter {
    pub outcome: Option<String>,
    pub key: Option<String>,
    /// Only those whose record somebody changed.
    pub drifted: bool,
    /// Without those that were adopted, where no outcome is named.
    pub spares_adopted: bool,
}

/// Rows in their order after `after`, at most `limit`.
pub async fn rows_of(
    db: &Db,
    account: &str,
    run: &str,
    filter: &RowFilter,
    after: u64,
    limit: u32,
) -> Result<Vec<RunRow>, StoreError> {
    if !filter.spares_adopted || filter.drifted || filter.outcome.is_some() {
        return rows_in_order(db, (account, run), filter, (after, limit)).await;
    }
    // By the index of each outcome: there can be a million adopted rows before the next other one.
    let mut rows = Vec::new();
    for outcome in Outcome::ALL.into_iter().filter(|outcome| **outcome != Outcome::Adopted) {
        let of_one = RowFilter { outcome: Some(outcome.as_str().to_owned()), ..filter.clone() };
        rows.extend(rows_in_order(db, (account, run), &of_one, (after, limit)).await?);
    }
    rows.sort_by_key(|row| row.seq);
    rows.dedup_by_key(|row| row.seq); // of a live run, one can have changed meanwhile
    rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok(rows)
}

async fn rows_in_order(
    db: &Db,
    (account, run): (&str, &str),
    filter: &RowFilter,
    (after, limit): (u64, u32),
) -> Result<Vec<RunRow>, StoreError> {
    macro_rules! those {
        ($more:literal) => {
            concat!(
                "SELECT ",
                columns!(),
                " FROM run_rows WHERE account = $1 AND run = $2 AND ",
                $more,
                " AND ($4 = '' OR key = $4) AND seq > $5 ORDER BY seq LIMIT $6"
            )
        };
    }
    // Said in the text, so that the index of those few rows is used.
    query(match (filter.drifted, &filter.outcome) {
        (true, _) => those!("($3 = '' OR outcome = $3) AND drifted = 1"),
        (false, Some(_)) => those!("outcome = $3"),
        (false, None) => those!("$3 = ''"),
    })
    .bind(account)
    .bind(run)
    .bind(filter.outcome.as_deref().unwrap_or_default())
    .bind(filter.key.as_deref().unwrap_or_default())
    .bind(after)
    .bind(limit)
    .all_as(db, read)
    .await
}

/// How many of the model's rows, in a run, have which outcome; `with_removals`: those that the model no longer has count, too, and
/// are cleared where something of them was emptied.
pub async fn count_rows(
    on: impl Conn,
    account: &str,
    run: &str,
    with_removals: bool,
) -> Result<Vec<(Outcome, u64)>, StoreError> {
    query("SELECT CASE WHEN removal = 1 AND outcome = 'removed' AND changes IS NOT NULL THEN 'cleared' ELSE outcome END AS outcome,
                COUNT(*) AS rows
           FROM run_rows WHERE account = $1 AND run = $2 AND removal <= $3 GROUP BY 1")
        .bind(account)
        .bind(run)
        .bind(u64::from(with_removals))
        .all_as(on, |row| Ok((row.get("outcome")?, row.get("rows")?)))
        .await
}

/// Writes down what became of rows.
pub async fn settle_rows(
    db: &Db,
    tx: &mut Tx,
    account: &str,
    run: &str,
    changes: &[RowChange],
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    if changes.is_empty() {
        return Ok(());
    }
    let statement = if db.is_postgres() {
        "UPDATE run_rows SET outcome = c.outcome, reason = c.reason, updated_us = $4,
                destination_id = COALESCE(c.destination_id, run_rows.destination_id)
           FROM jsonb_to_recordset($3::jsonb) AS c(seq bigint, outcome text, reason text, destination_id text)
          WHERE run_rows.account = $1 AND run_rows.run = $2 AND run_rows.seq = c.seq"
    } else {
        // Materialized with account and run: otherwise SQLite goes through the whole run once for each of these rows.
        "WITH c AS MATERIALIZED (
             SELECT $1 AS account, $2 AS run, value ->> 'seq' AS seq, value ->> 'outcome' AS outcome, value ->> 'reason' AS reason,
                    value ->> 'destination_id' AS destination_id
               FROM json_each($3))
         UPDATE run_rows SET outcome = c.outcome, reason = c.reason, updated_us = $4,
                destination_id = COALESCE(c.destination_id, run_rows.destination_id)
           FROM c WHERE run_rows.account = c.account AND run_rows.run = c.run AND run_rows.seq = c.seq"
    };
    query(statement)
        .bind(account)
        .bind(run)
        .bind(storable_json(&changes))
        .bind(now)
        .execute(tx)
        .await
        .map(drop)
}

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
            " FROM run_rows WHERE account = $1 AND run = $2 AND outcome = 'pending' AND removal = 1
                AND destination_id IN (SELECT jsonb_array_elements_text($3::jsonb)) ORDER BY seq"
        )
    } else {
        concat!(
            "SELECT ",
            columns!(),
            // By itself SQLite goes through the whole run.
            " FROM run_rows INDEXED BY run_rows_removals
              WHERE account = $1 AND run = $2 AND outcome = 'pending' AND removal = 1
                AND destination_id IN (SELECT value FROM json_each($3)) ORDER BY seq"
        )
    };
    query(statement).bind(account).bind(run).bind(storable_json(&ids)).all_as(db, read).await
}

/// Writes down what is to become of rows that were decided again.
pub async fn decide_rows(
    db: &Db,
    tx: &mut Tx,
    account: &str,
    run: &str,
    rows: &[RunRow],
) -> Result<(), StoreError> {
    let statement = if db.is_postgres() {
        "UPDATE run_rows SET outcome = c.outcome, reason = c.reason, changes = c.changes, fingerprint = c.fingerprint,
                drifted = c.is_drifted, label = c.label
           FROM jsonb_to_recordset($3::jsonb) AS c(seq bigint, outcome text, reason text, changes text, fingerprint text,
                                                   is_drifted bigint, label text)
          WHERE run_rows.account = $1 AND run_rows.run = $2 AND run_rows.seq = c.seq"
    } else {
        // As above.
        "WITH c AS MATERIALIZED (
             SELECT $1 AS account, $2 AS run, value ->> 'seq' AS seq, value ->> 'outcome' AS outcome, value ->> 'reason' AS reason,
                    value ->> 'changes' AS changes, value ->> 'fingerprint' AS fingerprint, value ->> 'is_drifted' AS is_drifted,
                    value ->> 'label' AS label
               FROM json_each($3))
         UPDATE run_rows SET outcome = c.outcome, reason = c.reason, changes = c.changes, fingerprint = c.fingerprint,
                drifted = c.is_drifted, label = c.label
           FROM c WHERE run_rows.account = c.account AND run_rows.run = c.run AND run_rows.seq = c.seq"
    };
    query(statement).bind(account).bind(run).bind(storable_json(&rows)).execute(tx).await.map(drop)
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
          WHERE account = $1 AND run = $2 AND outcome = 'pending' AND removal = 1 AND changes IS NULL",
    )
    .bind(account)
    .bind(run)
    .bind(outcome.as_str())
    .bind(reason)
    .execute(tx)
    .await
}

/// What was sent for a row, what was answered, and what its record holds now.
pub async fn keep_exchange(
    tx: &mut Tx,
    account: &str,
    run: &str,
    seq: u64,
    exchange: &str,
) -> Result<(), StoreError> {
    query("UPDATE run_rows SET exchange = $4 WHERE account = $1 AND run = $2 AND seq = $3")
        .bind(account)
        .bind(run)
        .bind(seq)
        .bind(exchange)
        .execute(tx)
        .await
        .map(drop)
}

/// Rows that were rejected or wait, after `after`, at most `limit`: their numbers and the hashes of their keys, which ascend.
pub async fn refused_after(
    on: impl Conn,
    account: &str,
    run: &str,
    after: u64,
    limit: u32,
) -> Result<Vec<(u64, String)>, StoreError> {
    query(
        "SELECT seq, key_hash FROM run_rows
          WHERE account = $1 AND run = $2 AND outcome IN ('rejected', 'waiting') AND seq > $3
          ORDER BY seq LIMIT $4",
    )
    .bind(account)
    .bind(run)
    .bind(after)
    .bind(limit)
    .all_as(on, |row| Ok((row.get("seq")?, row.get("key_hash")?)))
    .await
}

pub(super) fn read(row: &Row) -> Result<RunRow, StoreError> {
    Ok(RunRow {
        seq: row.get("seq")?,
        key: row.get("key")?,
        key_hash: row.get("key_hash")?,
        destination_id: row.get("destination_id")?,
        outcome: row.get("outcome")?,
        reason: row.get("reason")?,
        changes: row.get("changes")?,
        fingerprint: row.get("fingerprint")?,
        batch: row.get("batch")?,
        sends: row.get("sends")?,
        is_removal: row.get("removal")?,
        is_drifted: row.get("drifted")?,
        exchange: row.get("exchange")?,
        label: row.get("label")?,
        updated_at: row.get("updated_us")?,
    })
}
