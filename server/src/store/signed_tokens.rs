//! Which signed pages were opened already, so that a replayed token opens nothing. Only hashes are kept.

use chrono::{DateTime, TimeDelta, Utc};

use super::{Db, StoreError, query};

/// Spends a token: true the first time only. `expires` must be when nobody accepts it any more (with clock skew).
pub async fn spend(
    db: &Db,
    account: &str,
    token_sha256: &str,
    expires: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let mut tx = db.begin().await?;
    let fresh = query(
        "INSERT INTO signed_tokens (account, token_sha256, expires_us) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
    )
    .bind(account)
    .bind(token_sha256)
    .bind(expires)
    .execute(&mut tx)
    .await?;
    sweep(&mut tx, now).await?;
    tx.commit().await?;
    Ok(fresh == 1)
}

/// Forgets a few tokens of any account that expired an hour ago: each opening pays for a little more than itself.
async fn sweep(tx: &mut super::Tx, now: DateTime<Utc>) -> Result<(), StoreError> {
    query(
        "DELETE FROM signed_tokens WHERE token_sha256 IN
           (SELECT token_sha256 FROM signed_tokens WHERE expires_us < $1 ORDER BY expires_us LIMIT 20)
           AND expires_us < $1",
    )
    .bind(now - TimeDelta::hours(1))
    .execute(tx)
    .await
    .map(drop)
}
