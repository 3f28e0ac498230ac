//! Which deliveries of vendors' webhooks were taken, so that a repeated one starts nothing twice. Of a signature only its
//! hash is kept.

use chrono::{DateTime, TimeDelta, Utc};

use super::{StoreError, Tx, query};

/// Zendesk forgets deliveries after seven days; nobody can send an older one again.
const KEPT_FOR: TimeDelta = TimeDelta::days(7);

/// What a delivery is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// New: it counts, if the transaction commits.
    Fresh,
    /// The vendor sent it again.
    Repeated,
    /// Its signature came before, under another name: not the vendor's doing.
    Replayed,
}

/// Takes a delivery by its name and its signature's hash; of several at once one is [`Taken::Fresh`].
pub async fn take(
    tx: &mut Tx,
    account: &str,
    invocation: &str,
    signature_sha256: &str,
    now: DateTime<Utc>,
) -> Result<Taken, StoreError> {
    let fresh = query(
        "INSERT INTO hook_deliveries (account, invocation, signature_sha256, at_us) VALUES ($1, $2, $3, $4)
         ON CONFLICT DO NOTHING",
    )
    .bind(account)
    .bind(invocation)
    .bind(signature_sha256)
    .bind(now)
    .execute(&mut *tx)
    .await?;
    if fresh == 1 {
        prune(tx, now).await?;
        return Ok(Taken::Fresh);
    }
    let known = query("SELECT at_us FROM hook_deliveries WHERE account = $1 AND invocation = $2")
        .bind(account)
        .bind(invocation)
        .optional(tx)
        .await?;
    Ok(if known.is_some() { Taken::Repeated } else { Taken::Replayed })
}

/// Forgets a few old ones of any account: each that is taken pays for a little more than itself.
async fn prune(tx: &mut Tx, now: DateTime<Utc>) -> Result<(), StoreError> {
    query(
        "DELETE FROM hook_deliveries WHERE invocation IN
           (SELECT invocation FROM hook_deliveries WHERE at_us < $1 ORDER BY at_us LIMIT 20)
           AND at_us < $1",
    )
    .bind(now - KEPT_FOR)
    .execute(tx)
    .await
    .map(drop)
}
