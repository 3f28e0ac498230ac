//! Who gets which job: the claim, and what becomes of lost leases. All of it happens behind the queue's gate, so that
//! limits hold exactly over all replicas.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::JobId;
use crate::store::{Db, Row, StoreError, Tx, query};

/// How many jobs of one concurrency key or account are looked at per claim; the rest is seen by the next claim.
const WINDOW: u32 = 16;

/// Who claims, and what.
#[derive(Debug, Clone)]
pub(super) struct Claimer {
    /// This worker, for people who read the table.
    pub(super) owner: String,
    /// `,kind,kind,`: only what it knows.
    pub(super) kinds: String,
    /// `,account,account,`: only those that it serves; empty: all.
    pub(super) accounts: String,
    pub(super) per_account: u32,
    pub(super) per_concurrency_key: u32,
    /// Places that jobs with a concurrency key leave to those without.
    pub(super) reserve: u32,
}

/// Whether a list like [`Claimer::kinds`] has a column's value: `replace` is the one way to ask that both databases have.
macro_rules! is_in {
    ($column:literal, $list:literal) => {
        concat!("replace(", $list, ", ',' || ", $column, " || ',', '') <> ", $list)
    };
}

/// Whether the claimer serves the row's account.
macro_rules! is_served {
    ($column:literal, $list:literal) => {
        concat!("(", $list, " = '' OR ", is_in!($column, $list), ")")
    };
}

/// A job under a lease.
#[derive(Debug, Clone)]
pub(super) struct Claimed {
    pub(super) id: JobId,
    pub(super) account: String,
    pub(super) kind: String,
    pub(super) payload: String,
    pub(super) attempt: u32,
    pub(super) max_attempts: u32,
    pub(super) fence: i64,
    pub(super) lease: Duration,
    pub(super) since: DateTime<Utc>,
    /// Of a job whose attempts are spent.
    pub(super) last_error: Option<String>,
}

/// What there is to do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Look {
    /// When the next job is due.
    pub(super) due: Option<DateTime<Utc>>,
    /// When the next lease ends, if nobody renews it.
    pub(super) lost: Option<DateTime<Utc>>,
    /// What time it is for the database, where it has a clock of its own.
    pub(super) now: Option<DateTime<Utc>>,
}

/// The time of the database's machine; SQLite has none but ours.
macro_rules! database_now {
    (postgres) => {
        "CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS BIGINT)"
    };
    (sqlite) => {
        "CAST(NULL AS INTEGER)"
    };
}

/// What time it is for the database, where it has a clock of its own.
pub(super) async fn now(db: &Db) -> Result<Option<DateTime<Utc>>, StoreError> {
    if !db.is_postgres() {
        return Ok(None);
    }
    query(concat!("SELECT ", database_now!(postgres), " AS now_us")).one(db).await?.get("now_us")
}

/// Takes no lock, so it can be done often.
pub(super) async fn look(db: &Db, claimer: &Claimer) -> Result<Look, StoreError> {
    macro_rules! sql {
        ($engine:ident) => {
            concat!(
                "SELECT (SELECT run_at_us FROM jobs
                          WHERE state = 'ready' AND ",
                is_in!("kind", "$1"),
                " AND ",
                is_served!("account", "$2"),
                " AND (SELECT count(*) FROM paused_kinds p WHERE p.kind = jobs.kind) < 1
                          ORDER BY run_at_us LIMIT 1) AS due_us,
                        (SELECT min(lease_until_us) FROM jobs
                          WHERE state = 'leased' AND ",
                is_in!("kind", "$1"),
                " AND ",
                is_served!("account", "$2"),
                ") AS lost_us, ",
                database_now!($engine),
                " AS now_us"
            )
        };
    }
    let look = if db.is_postgres() { query(sql!(postgres)) } else { query(sql!(sqlite)) };
    let row = look.bind(&claimer.kinds).bind(&claimer.accounts).one(db).await?;
    Ok(Look { due: row.get("due_us")?, lost: row.get("lost_us")?, now: row.get("now_us")? })
}

/// Enters the gate; whoever is in it is alone until the transaction ends. (SQLite's transactions are.)
pub(super) async fn enter_gate(tx: &mut Tx) -> Result<(), StoreError> {
    if tx.is_postgres() {
        query("SELECT id FROM queue_gate WHERE id = 1 FOR UPDATE").all(tx).await?;
    }
    Ok(())
}

/// The claim, one statement: the accounts that have something ready (a loose index scan), of each the first jobs that
/// are due and whose concurrency key has room (by the job's own limit, or else the worker's), and of these as many as the account
/// has room for. Whoever holds least goes first: an account whose jobs hang does not take every place that gets free. A worker's
/// last places (`reserve`) are for jobs without a concurrency key: files of many accounts together do not keep a pop waiting.
///
/// It stays fast behind a long line of jobs as long as the innermost query walks `jobs_ready` in order: therefore it
/// counts paused kinds (`NOT EXISTS` would become a join that reads and sorts the whole line), and asks for `< 1`
/// (PostgreSQL takes `= 0` for so rare that it would do the same).
///
/// Its two texts differ only in how a subquery runs once per account, and in that PostgreSQL skips rows that others
/// have locked (by coalescing or cancelling), for whom a claim would otherwise wait inside the gate.
macro_rules! claim_sql {
    ($for_each:literal, $end:literal, $id:literal, $lock:literal) => {
        concat!(
            "WITH RECURSIVE accounts (account) AS (
                SELECT min(account) FROM jobs WHERE state = 'ready'
                UNION ALL
                SELECT (SELECT min(j.account) FROM jobs j WHERE j.state = 'ready' AND j.account > accounts.account)
                  FROM accounts WHERE accounts.account IS NOT NULL
             ),
             held AS (
                SELECT account, concurrency_key FROM jobs WHERE state = 'leased' AND lease_until_us > $1
             ),
             roomy AS (
                SELECT account, $2 - (SELECT count(*) FROM held WHERE held.account = accounts.account) AS room
                  FROM accounts WHERE account IS NOT NULL AND ",
            is_served!("account", "$8"),
            "),
             due AS (
                SELECT j.id, j.account, j.concurrency_key, coalesce(j.concurrency_limit, $3) AS key_room, j.priority, j.run_at_us, roomy.room,
                       row_number() OVER (PARTITION BY j.account, j.concurrency_key
                                          ORDER BY j.priority DESC, j.run_at_us, j.id)
                       + (SELECT count(*) FROM held
                           WHERE held.account = j.account AND held.concurrency_key = j.concurrency_key) AS key_rank
                  FROM roomy ",
            $for_each,
            "SELECT d.id FROM jobs d
              WHERE d.state = 'ready' AND d.account = roomy.account AND d.run_at_us <= $1
                AND ",
            is_in!("d.kind", "$4"),
            " AND (SELECT count(*) FROM paused_kinds p WHERE p.kind = d.kind) < 1
                AND (d.concurrency_key IS NULL OR coalesce(d.concurrency_limit, $3) >
                     (SELECT count(*) FROM held
                       WHERE held.account = d.account AND held.concurrency_key = d.concurrency_key))
              ORDER BY d.priority DESC, d.run_at_us, d.id LIMIT $7",
            $end,
            " JOIN jobs j ON j.id = ",
            $id,
            " WHERE roomy.room > 0
             ),
             ranked AS (
                SELECT id, concurrency_key, priority, run_at_us, room,
                       row_number() OVER (PARTITION BY account ORDER BY priority DESC, run_at_us, id) AS account_rank
                  FROM due WHERE concurrency_key IS NULL OR key_rank <= key_room
             ),
             turns AS (
                SELECT id,
                       row_number() OVER (ORDER BY account_rank - room, priority DESC, run_at_us, id) AS turn,
                       CASE WHEN concurrency_key IS NULL THEN 0 ELSE
                           row_number() OVER (PARTITION BY concurrency_key IS NULL
                                              ORDER BY account_rank - room, priority DESC, run_at_us, id)
                       END AS keyed_turn
                  FROM ranked WHERE account_rank <= room
             ),
             picked AS MATERIALIZED (
                SELECT id AS picked_id FROM jobs
                 WHERE state = 'ready'
                   AND id IN (SELECT id FROM turns WHERE keyed_turn <= $9 ORDER BY turn LIMIT $5) ",
            $lock,
            ")
             UPDATE jobs
                SET state = 'leased', attempt = attempt + 1, fence = fence + 1,
                    lease_owner = $6, lease_until_us = $1 + lease_us
               FROM picked WHERE id = picked_id
             RETURNING id, account, kind, payload, attempt, max_attempts, fence, lease_us, since_us, last_error",
        )
    };
}

/// Claims at most so many jobs that are due.
pub(super) async fn claim(
    tx: &mut Tx,
    claimer: &Claimer,
    at_most: u32,
    now: DateTime<Utc>,
) -> Result<Vec<Claimed>, StoreError> {
    let claim = if tx.is_postgres() {
        query(claim_sql!("CROSS JOIN LATERAL (", ") c", "c.id", "FOR UPDATE SKIP LOCKED"))
    } else {
        query(claim_sql!("JOIN json_each((SELECT json_group_array(id) FROM (", "))) c", "c.value", ""))
    };
    claim
        .bind(now)
        .bind(claimer.per_account)
        .bind(claimer.per_concurrency_key)
        .bind(&claimer.kinds)
        .bind(at_most)
        .bind(&claimer.owner)
        .bind(WINDOW.max(at_most))
        .bind(&claimer.accounts)
        .bind(at_most.saturating_sub(claimer.reserve))
        .all_as(tx, read)
        .await
}

/// Puts jobs back whose lease ended, as long as they have attempts left. Rows that somebody's effect holds are in use.
pub(super) async fn put_back_lost(tx: &mut Tx, now: DateTime<Utc>) -> Result<u64, StoreError> {
    macro_rules! sql {
        ($lock:literal) => {
            concat!(
                "UPDATE jobs SET state = 'ready', run_at_us = $1, lease_owner = NULL, lease_until_us = NULL, again = 0,
                        last_error = coalesce(last_error, 'its worker stopped without a word')
                  WHERE id IN (SELECT id FROM jobs
                                WHERE state = 'leased' AND lease_until_us <= $1 AND attempt < max_attempts ",
                $lock,
                ")"
            )
        };
    }
    let statement = if tx.is_postgres() { query(sql!("FOR UPDATE SKIP LOCKED")) } else { query(sql!("")) };
    statement.bind(now).execute(tx).await
}

/// Takes over jobs whose lease ended with their last attempt. They are not to be run, only to be buried.
pub(super) async fn take_spent(
    tx: &mut Tx,
    claimer: &Claimer,
    now: DateTime<Utc>,
) -> Result<Vec<Claimed>, StoreError> {
    macro_rules! sql {
        ($lock:literal) => {
            concat!(
                "UPDATE jobs SET fence = fence + 1, lease_owner = $2, lease_until_us = $1 + lease_us
                  WHERE id IN (SELECT id FROM jobs
                                WHERE state = 'leased' AND lease_until_us <= $1 AND attempt >= max_attempts
                                  AND ",
                is_in!("kind", "$3"),
                " AND ",
                is_served!("account", "$4"),
                $lock,
                " ) RETURNING id, account, kind, payload, attempt, max_attempts, fence, lease_us, since_us, last_error"
            )
        };
    }
    let statement = if tx.is_postgres() { query(sql!(" FOR UPDATE SKIP LOCKED")) } else { query(sql!("")) };
    statement
        .bind(now)
        .bind(&claimer.owner)
        .bind(&claimer.kinds)
        .bind(&claimer.accounts)
        .all_as(tx, read)
        .await
}

fn read(row: &Row) -> Result<Claimed, StoreError> {
    let lease = TimeDelta::microseconds(row.get("lease_us")?);
    Ok(Claimed {
        id: JobId(row.get("id")?),
        account: row.get("account")?,
        kind: row.get("kind")?,
        payload: row.get("payload")?,
        attempt: row.get("attempt")?,
        max_attempts: row.get("max_attempts")?,
        fence: row.get("fence")?,
        lease: lease.to_std().map_err(|_| StoreError::corrupt("a job's lease"))?,
        since: row.get("since_us")?,
        last_error: row.get("last_error")?,
    })
}
