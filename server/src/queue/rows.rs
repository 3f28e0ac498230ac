//! From a request to a row, and what an operator does with rows.

use chrono::{DateTime, TimeDelta, Utc};

use super::{Count, Depth, Job, JobFilter, JobId, JobRow, State};
use crate::store::{Conn, Db, Row, StoreError, Tx, query};

/// A job as it is inserted.
#[derive(Debug, Clone)]
pub(super) struct NewJob {
    pub(super) account: String,
    pub(super) kind: String,
    pub(super) key: String,
    pub(super) concurrency_key: Option<String>,
    pub(super) concurrency_limit: Option<u32>,
    pub(super) payload: String,
    pub(super) priority: i32,
    pub(super) max_attempts: u32,
    pub(super) lease_us: i64,
}

impl NewJob {
    pub(super) fn of<J: Job>(job: &J) -> Result<Self, StoreError> {
        let payload =
            serde_json::to_string(job).map_err(|_| StoreError::corrupt("a job that JSON cannot hold"))?;
        Ok(Self {
            account: job.account().to_owned(),
            kind: J::NAME.to_owned(),
            key: job.key(),
            concurrency_key: job.concurrency_key(),
            concurrency_limit: job.concurrency_limit().map(|limit| limit.max(1)),
            payload,
            priority: J::PRIORITY,
            max_attempts: J::MAX_ATTEMPTS,
            lease_us: micros(J::LEASE),
        })
    }
}

/// Inserts a job, or becomes one with the live job of its key: brings one forward that was never started, and makes
/// one that runs run once more.
pub(super) async fn insert(
    tx: &mut Tx,
    job: NewJob,
    at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<JobId, StoreError> {
    let row = query(
        "INSERT INTO jobs (id, account, kind, key, concurrency_key, payload, priority, state, run_at_us, attempt,
                           max_attempts, lease_us, fence, again, since_us, created_us, concurrency_limit)
         VALUES ($1, $2, $3, $4, $5, $6, $7, 'ready', $8, 0, $9, $10, 0, 0, $11, $11, $12)
         ON CONFLICT (account, kind, key) WHERE state IN ('ready', 'leased') DO UPDATE
            SET run_at_us = CASE WHEN jobs.state = 'ready' AND jobs.fence = 0
                                      AND excluded.run_at_us < jobs.run_at_us
                                 THEN excluded.run_at_us ELSE jobs.run_at_us END,
                again = CASE WHEN jobs.state = 'leased' THEN 1 ELSE jobs.again END
         RETURNING id",
    )
    .bind(uuid::Uuid::now_v7().to_string())
    .bind(job.account)
    .bind(job.kind)
    .bind(job.key)
    .bind(job.concurrency_key)
    .bind(job.payload)
    .bind(job.priority)
    .bind(at)
    .bind(job.max_attempts)
    .bind(job.lease_us)
    .bind(now)
    .bind(job.concurrency_limit)
    .one(tx)
    .await?;
    Ok(JobId(row.get("id")?))
}

/// Only what waits is brought forward; what runs, or is done, is left as it is.
pub(super) async fn hasten<J: Job>(tx: &mut Tx, job: &J, at: DateTime<Utc>) -> Result<bool, StoreError> {
    let hastened = query(
        "UPDATE jobs SET run_at_us = $4
          WHERE account = $1 AND kind = $2 AND key = $3 AND state = 'ready' AND run_at_us > $4",
    )
    .bind(job.account())
    .bind(J::NAME)
    .bind(job.key())
    .bind(at)
    .execute(tx)
    .await?;
    Ok(hastened == 1)
}

/// When the lease of a job that runs ends.
pub(super) async fn lease_ends<J: Job>(on: impl Conn, job: &J) -> Result<Option<DateTime<Utc>>, StoreError> {
    let found = query(
        "SELECT lease_until_us FROM jobs WHERE account = $1 AND kind = $2 AND key = $3 AND state = 'leased'",
    )
    .bind(job.account())
    .bind(J::NAME)
    .bind(job.key())
    .optional(on)
    .await?;
    Ok(found.map(|row| row.get("lease_until_us")).transpose()?.flatten())
}

/// Whether the job is still held under this fence; if so it is until `until`.
pub(super) async fn renew(
    on: impl Conn,
    id: &JobId,
    fence: i64,
    until: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let renewed =
        query("UPDATE jobs SET lease_until_us = $3 WHERE id = $1 AND fence = $2 AND state = 'leased'")
            .bind(id.as_str())
            .bind(fence)
            .bind(until)
            .execute(on)
            .await?;
    Ok(renewed == 1)
}

/// The attempt that runs under this fence counts as the first, and the job's retry window counts from now.
pub(super) async fn begin_anew(
    on: impl Conn,
    id: &JobId,
    fence: i64,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    query("UPDATE jobs SET attempt = 1, since_us = $3 WHERE id = $1 AND fence = $2 AND state = 'leased'")
        .bind(id.as_str())
        .bind(fence)
        .bind(now)
        .execute(on)
        .await
        .map(drop)
}

/// What an operator changed.
#[derive(Debug)]
pub(super) struct Changed {
    pub(super) kind: String,
    pub(super) key: String,
    pub(super) payload: String,
}

fn changed(row: &Row) -> Result<Changed, StoreError> {
    Ok(Changed { kind: row.get("kind")?, key: row.get("key")?, payload: row.get("payload")? })
}

pub(super) async fn cancel(
    tx: &mut Tx,
    account: &str,
    id: &JobId,
    now: DateTime<Utc>,
) -> Result<Option<Changed>, StoreError> {
    query(
        "UPDATE jobs SET state = 'cancelled', finished_us = $3, lease_owner = NULL, lease_until_us = NULL
          WHERE account = $1 AND id = $2 AND state IN ('ready', 'leased')
         RETURNING kind, key, payload",
    )
    .bind(account)
    .bind(id.as_str())
    .bind(now)
    .optional_as(tx, changed)
    .await
}

pub(super) async fn list(db: &Db, filter: &JobFilter) -> Result<Vec<JobRow>, StoreError> {
    let JobFilter { id, account, kind, state, limit } = filter;
    query(
        "SELECT id, account, kind, key, state, attempt, max_attempts, created_us, run_at_us, finished_us, last_error
           FROM jobs
          WHERE ($1 = '' OR id = $1) AND ($2 = '' OR account = $2) AND ($3 = '' OR kind = $3)
            AND ($4 = '' OR state = $4)
          ORDER BY created_us DESC, id DESC LIMIT $5",
    )
    .bind(id.as_ref().map_or("", JobId::as_str))
    .bind(account.as_deref().unwrap_or_default())
    .bind(kind.as_deref().unwrap_or_default())
    .bind(state.map_or("", State::as_str))
    .bind(*limit)
    .all_as(db, |row| {
        Ok(JobRow {
            id: JobId(row.get("id")?),
            account: row.get("account")?,
            kind: row.get("kind")?,
            key: row.get("key")?,
            state: State::parse(&row.get::<String>("state")?)?,
            attempt: row.get("attempt")?,
            max_attempts: row.get("max_attempts")?,
            created_at: row.get("created_us")?,
            run_at: row.get("run_at_us")?,
            finished_at: row.get("finished_us")?,
            last_error: row.get("last_error")?,
        })
    })
    .await
}

/// Three walks over small indexes: jobs that are done, which are the most, are not read.
pub(super) async fn depth(db: &Db, now: DateTime<Utc>) -> Result<Vec<Depth>, StoreError> {
    query(
        "SELECT kind, 'ready' AS state, count(*) AS jobs, min(run_at_us) AS first_us
           FROM jobs WHERE state = 'ready' GROUP BY kind
         UNION ALL
         SELECT kind, 'leased', count(*), NULL FROM jobs WHERE state = 'leased' GROUP BY kind
         UNION ALL
         SELECT kind, 'dead', count(*), NULL FROM jobs WHERE state = 'dead' GROUP BY kind",
    )
    .all_as(db, |row| {
        let first: Option<DateTime<Utc>> = row.get("first_us")?;
        Ok(Depth {
            kind: row.get("kind")?,
            state: State::parse(&row.get::<String>("state")?)?,
            jobs: row.get("jobs")?,
            oldest: first.map_or(TimeDelta::zero(), |first| (now - first).max(TimeDelta::zero())),
        })
    })
    .await
}

pub(super) async fn retry_dead(
    tx: &mut Tx,
    account: &str,
    id: &JobId,
    now: DateTime<Utc>,
) -> Result<Option<Changed>, StoreError> {
    query(
        "UPDATE jobs SET state = 'ready', attempt = 0, again = 0, run_at_us = $3, since_us = $3, finished_us = NULL
          WHERE account = $1 AND id = $2 AND state = 'dead'
            AND NOT EXISTS (SELECT 1 FROM jobs live
                             WHERE live.account = jobs.account AND live.kind = jobs.kind AND live.key = jobs.key
                               AND live.state IN ('ready', 'leased'))
         RETURNING kind, key, payload",
    )
    .bind(account)
    .bind(id.as_str())
    .bind(now)
    .optional_as(tx, changed)
    .await
}

pub(super) async fn pause(db: &Db, kind: &str) -> Result<bool, StoreError> {
    let paused = query("INSERT INTO paused_kinds (kind) VALUES ($1) ON CONFLICT DO NOTHING").bind(kind);
    Ok(paused.execute(db).await? == 1)
}

pub(super) async fn resume(tx: &mut Tx, kind: &str) -> Result<bool, StoreError> {
    Ok(query("DELETE FROM paused_kinds WHERE kind = $1").bind(kind).execute(tx).await? == 1)
}

pub(super) async fn paused(db: &Db) -> Result<Vec<String>, StoreError> {
    query("SELECT kind FROM paused_kinds ORDER BY kind").all_as(db, |row| row.get("kind")).await
}

pub(super) async fn counts(db: &Db) -> Result<Vec<Count>, StoreError> {
    let rows =
        query("SELECT kind, state, count(*) AS jobs FROM jobs GROUP BY kind, state ORDER BY kind, state")
            .all(db)
            .await?;
    rows.iter()
        .map(|row| {
            Ok(Count {
                kind: row.get("kind")?,
                state: State::parse(&row.get::<String>("state")?)?,
                jobs: row.get("jobs")?,
            })
        })
        .collect()
}

pub(super) async fn forget_finished(db: &Db, before: DateTime<Utc>) -> Result<u64, StoreError> {
    query("DELETE FROM jobs WHERE state IN ('done', 'cancelled') AND finished_us < $1")
        .bind(before)
        .execute(db)
        .await
}

fn micros(duration: std::time::Duration) -> i64 {
    TimeDelta::from_std(duration).ok().and_then(|delta| delta.num_microseconds()).unwrap_or(i64::MAX)
}
