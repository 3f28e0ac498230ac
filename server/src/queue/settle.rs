//! How a run of a job ends. Every statement checks the fence: who lost the job changes nothing, and hears so (false).

use chrono::{DateTime, Utc};

use super::JobId;
use crate::store::{Db, StoreError, query};

/// A job as it is held.
#[derive(Debug, Clone)]
pub(super) struct Held {
    pub(super) id: JobId,
    pub(super) fence: i64,
}

/// What becomes of it.
#[derive(Debug, Clone)]
pub(super) enum End {
    /// It is done, or runs once more if somebody requested it meanwhile.
    Done,
    /// It waits for its next attempt; `attempts` is how many count so far.
    Again { at: DateTime<Utc>, attempts: u32, why: String },
    /// Nothing starts it again by itself.
    Dead { why: String },
}

/// Longer errors are cut.
const LONGEST_ERROR: usize = 2_000;

/// Waits for no disk: what a power cut takes back leaves the job held, and then it runs once more. That it was begun is
/// on the disk, so the next run knows that it is not the first.
pub(super) async fn settle(db: &Db, held: &Held, end: &End, now: DateTime<Utc>) -> Result<bool, StoreError> {
    let statement = match end {
        End::Done => query(
            "UPDATE jobs
                SET state = CASE WHEN again = 1 THEN 'ready' ELSE 'done' END,
                    attempt = CASE WHEN again = 1 THEN 0 ELSE attempt END,
                    run_at_us = CASE WHEN again = 1 THEN $3 ELSE run_at_us END,
                    since_us = CASE WHEN again = 1 THEN $3 ELSE since_us END,
                    finished_us = CASE WHEN again = 1 THEN NULL ELSE $3 END,
                    again = 0, last_error = NULL, lease_owner = NULL, lease_until_us = NULL
              WHERE id = $1 AND fence = $2 AND state = 'leased'",
        )
        .bind(held.id.as_str())
        .bind(held.fence)
        .bind(now),
        End::Again { at, attempts, why } => query(
            "UPDATE jobs
                SET state = 'ready', attempt = $4, run_at_us = $3, last_error = $5,
                    again = 0, lease_owner = NULL, lease_until_us = NULL
              WHERE id = $1 AND fence = $2 AND state = 'leased'",
        )
        .bind(held.id.as_str())
        .bind(held.fence)
        .bind(*at)
        .bind(*attempts)
        .bind(shortened(why)),
        End::Dead { why } => query(
            "UPDATE jobs
                SET state = 'dead', finished_us = $3, last_error = $4,
                    again = 0, lease_owner = NULL, lease_until_us = NULL
              WHERE id = $1 AND fence = $2 AND state = 'leased'",
        )
        .bind(held.id.as_str())
        .bind(held.fence)
        .bind(now)
        .bind(shortened(why)),
    };
    let mut tx = db.begin_unsynced().await?;
    let settled = statement.execute(&mut tx).await? == 1;
    tx.commit().await?;
    Ok(settled)
}

fn shortened(why: &str) -> String {
    why.chars().take(LONGEST_ERROR).collect()
}
