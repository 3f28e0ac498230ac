//! Customers who wrote for the first time: whose fields are being written, or were.

use chrono::{DateTime, TimeDelta, Utc};

use crate::store::{StoreError, Tx, query};

/// Nobody asks about an older one.
const KEPT_FOR: TimeDelta = TimeDelta::days(30);
/// A customer who was not known is looked up again after this.
const AGAIN_AFTER: TimeDelta = TimeDelta::hours(1);

/// Whether somebody is a newcomer whom nobody looked up yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Newcomer {
    /// Yes, if the transaction commits.
    Fresh,
    /// They were looked up, or are being looked up.
    Known,
}

/// Takes a newcomer; of several at once one is [`Newcomer::Fresh`]. One who was not known an hour ago is taken again.
pub async fn take_newcomer(
    tx: &mut Tx,
    account: &str,
    user: u64,
    now: DateTime<Utc>,
) -> Result<Newcomer, StoreError> {
    let taken = query(
        "INSERT INTO newcomers (account, user_id, at_us) VALUES ($1, $2, $3)
         ON CONFLICT (account, user_id) DO UPDATE SET at_us = excluded.at_us, outcome = NULL
          WHERE (newcomers.outcome IS NULL OR newcomers.outcome = 'unknown') AND newcomers.at_us < $4",
    )
    .bind(account)
    .bind(user)
    .bind(now)
    .bind(now - AGAIN_AFTER)
    .execute(&mut *tx)
    .await?;
    if taken == 0 {
        return Ok(Newcomer::Known);
    }
    query(
        "DELETE FROM newcomers WHERE at_us < $1 AND user_id IN
           (SELECT user_id FROM newcomers WHERE at_us < $1 ORDER BY at_us LIMIT 20)",
    )
    .bind(now - KEPT_FOR)
    .execute(tx)
    .await?;
    Ok(Newcomer::Fresh)
}

/// What became of one: `written`, `unknown`, or another word.
pub async fn settle_newcomer(
    tx: &mut Tx,
    account: &str,
    (user, outcome): (u64, &str),
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    query("UPDATE newcomers SET outcome = $3, at_us = $4 WHERE account = $1 AND user_id = $2")
        .bind(account)
        .bind(user)
        .bind(outcome)
        .bind(now)
        .execute(tx)
        .await
        .map(drop)
}
