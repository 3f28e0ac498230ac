//! Rows that go to the destination together. **Invariant:** a batch's number is kept before it is sent, so that a run which died in between
//! knows what it must read back.

use chrono::{DateTime, Utc};

use super::rows::{RunRow, columns, read};
use crate::store::{Conn, Db, StoreError, Tx, query, storable_json};

macro_rules! next_pending {
    ($from:literal) => {
        concat!(
            "SELECT ",
            columns!(),
            " FROM ",
            $from,
            " WHERE account = $1 AND run = $2 AND outcome = 'pending' AND batch IS NULL AND (destination_id IS NULL) = ($3 = 1)
              ORDER BY seq LIMIT $4"
        )
    };
}

/// A batch that was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    pub batch: u64,
    /// The destination's job; `None`: it was sent, and the answer is not known.
    pub job: Option<String>,
    /// The destination has settled it but for rows that it takes again from then on.
    pub held_until: Option<DateTime<Utc>>,
}

/// Rows that are to be written and are in no batch: those whose record is known, or those that make one.
pub async fn next_pending(
    db: &Db,
    account: &str,
    run: &str,
    makes_records: bool,
    limit: u32,
) -> Result<Vec<RunRow>, StoreError> {
    // Without being told, SQLite goes through all rows that are settled already, once for each delivery.
    let statement = if db.is_postgres() {
        next_pending!("run_rows")
    } else {
        next_pending!("run_rows INDEXED BY run_rows_by_outcome")
    };
    query(statement).bind(account).bind(run).bind(makes_records).bind(limit).all_as(db, read).await
}

/// Of the rows that are to be written and are in no batch: the places of those that write one of these records.
pub async fn pending_of_records(
    db: &Db,
    account: &str,
    run: &str,
    ids: &[String],
) -> Result<Vec<u64>, StoreError> {
    let statement = if db.is_postgres() {
        "SELECT seq FROM run_rows WHERE account = $1 AND run = $2 AND outcome = 'pending' AND batch IS NULL
            AND destination_id IN (SELECT jsonb_array_elements_text($3::jsonb)) ORDER BY seq"
    } else {
        "SELECT seq FROM run_rows WHERE account = $1 AND run = $2 AND outcome = 'pending' AND batch IS NULL
            AND destination_id IN (SELECT value FROM json_each($3)) ORDER BY seq"
    };
    query(statement).bind(account).bind(run).bind(storable_json(&ids)).all_as(db, |row| row.get("seq")).await
}

/// Those of these places that are still to be written and in no batch.
pub async fn pending_among(
    db: &Db,
    account: &str,
    run: &str,
    seqs: &[u64],
) -> Result<Vec<RunRow>, StoreError> {
    let statement = if db.is_postgres() {
        concat!(
            "SELECT ",
            columns!(),
            " FROM run_rows WHERE account = $1 AND run = $2 AND outcome = 'pending' AND batch IS NULL
                AND seq IN (SELECT CAST(jsonb_array_elements_text($3::jsonb) AS bigint)) ORDER BY seq"
        )
    } else {
        concat!(
            "SELECT ",
            columns!(),
            " FROM run_rows WHERE account = $1 AND run = $2 AND outcome = 'pending' AND batch IS NULL
                AND seq IN (SELECT value FROM json_each($3)) ORDER BY seq"
        )
    };
    query(statement).bind(account).bind(run).bind(storable_json(&seqs)).all_as(db, read).await
}

/// The rows of a batch whose answer is not known.
pub async fn batch_rows(
    on: impl Conn,
    account: &str,
    run: &str,
    batch: u64,
) -> Result<Vec<RunRow>, StoreError> {
    query(concat!(
        "SELECT ",
        columns!(),
        " FROM run_rows WHERE account = $1 AND run = $2 AND batch = $3 AND outcome = 'pending' ORDER BY seq"
    ))
    .bind(account)
    .bind(run)
    .bind(batch)
    .all_as(on, read)
    .await
}

/// These rows are about to be sent together, under this number.
pub async fn open_batch(
    db: &Db,
    tx: &mut Tx,
    account: &str,
    run: &str,
    (batch, seqs): (u64, &[u64]),
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    query("INSERT INTO run_batches (account, run, batch, sent_us) VALUES ($1, $2, $3, $4)")
        .bind(account)
        .bind(run)
        .bind(batch)
        .bind(now)
        .execute(&mut *tx)
        .await?;
    let statement = if db.is_postgres() {
        "UPDATE run_rows SET batch = $3, sends = sends + 1 WHERE account = $1 AND run = $2 AND outcome = 'pending' AND batch IS NULL
            AND seq IN (SELECT CAST(jsonb_array_elements_text($4::jsonb) AS bigint))"
    } else {
        "UPDATE run_rows SET batch = $3, sends = sends + 1 WHERE account = $1 AND run = $2 AND outcome = 'pending' AND batch IS NULL
            AND seq IN (SELECT value FROM json_each($4))"
    };
    query(statement)
        .bind(account)
        .bind(run)
        .bind(batch)
        .bind(storable_json(&seqs))
        .execute(tx)
        .await
        .map(drop)
}

/// The destination took a batch as this job.
pub async fn keep_job(
    tx: &mut Tx,
    account: &str,
    run: &str,
    batch: u64,
    job: &str,
) -> Result<(), StoreError> {
    query("UPDATE run_batches SET job = $4 WHERE account = $1 AND run = $2 AND batch = $3")
        .bind(account)
        .bind(run)
        .bind(batch)
        .bind(job)
        .execute(tx)
        .await
        .map(drop)
}

/// Batches that were sent and not settled.
pub async fn batches(on: impl Conn, account: &str, run: &str) -> Result<Vec<Answered>, StoreError> {
    query("SELECT batch, job, held_until_us FROM run_batches WHERE account = $1 AND run = $2 ORDER BY batch")
        .bind(account)
        .bind(run)
        .all_as(on, |row| {
            let held_until = row.get("held_until_us")?;
            Ok(Answered { batch: row.get("batch")?, job: row.get("job")?, held_until })
        })
        .await
}

/// A batch is settled but for rows that are not sent again before this moment: those that are still pending.
pub async fn hold_batch(
    tx: &mut Tx,
    account: &str,
    run: &str,
    batch: u64,
    until: DateTime<Utc>,
) -> Result<(), StoreError> {
    query("UPDATE run_batches SET held_until_us = $4 WHERE account = $1 AND run = $2 AND batch = $3")
        .bind(account)
        .bind(run)
        .bind(batch)
        .bind(until)
        .execute(tx)
        .await
        .map(drop)
}

/// A batch was not taken: its rows count as not sent.
pub async fn take_back_batch(tx: &mut Tx, account: &str, run: &str, batch: u64) -> Result<(), StoreError> {
    query("UPDATE run_rows SET sends = sends - 1 WHERE account = $1 AND run = $2 AND batch = $3 AND outcome = 'pending'")
        .bind(account)
        .bind(run)
        .bind(batch)
        .execute(&mut *tx)
        .await?;
    close_batch(tx, account, run, batch).await
}

/// A batch is settled: rows of it that are still pending can go with another one.
pub async fn close_batch(tx: &mut Tx, account: &str, run: &str, batch: u64) -> Result<(), StoreError> {
    query("UPDATE run_rows SET batch = NULL WHERE account = $1 AND run = $2 AND batch = $3 AND outcome = 'pending'")
        .bind(account)
        .bind(run)
        .bind(batch)
        .execute(&mut *tx)
        .await?;
    query("DELETE FROM run_batches WHERE account = $1 AND run = $2 AND batch = $3")
        .bind(account)
        .bind(run)
        .bind(batch)
        .execute(tx)
        .await
        .map(drop)
}
