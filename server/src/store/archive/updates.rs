//! What we lately changed on each ticket, whichever run or replica it was. **Invariant:** what is older than the window that
//! is asked about is forgotten.

use chrono::{DateTime, TimeDelta, Utc};

use crate::store::{StoreError, Tx, query};

/// Remembers an update of a ticket at this moment; forgets those that are older than `window`.
pub async fn count_update(
    tx: &mut Tx,
    account: &str,
    ticket_id: u64,
    window: TimeDelta,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    query("DELETE FROM archive_updates WHERE account = $1 AND ticket_id = $2 AND at_us <= $3")
        .bind(account)
        .bind(ticket_id)
        .bind(now - window)
        .execute(&mut *tx)
        .await?;
    query("INSERT INTO archive_updates (account, ticket_id, at_us) VALUES ($1, $2, $3)")
        .bind(account)
        .bind(ticket_id)
        .bind(now)
        .execute(tx)
        .await
        .map(drop)
}

/// Until when a ticket has had `most` updates within `window`; absent: it has had fewer.
pub async fn crowded_until(
    tx: &mut Tx,
    account: &str,
    ticket_id: u64,
    (most, window): (u64, TimeDelta),
    now: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>, StoreError> {
    let row = query(
        "SELECT at_us FROM archive_updates WHERE account = $1 AND ticket_id = $2 AND at_us > $3
          ORDER BY at_us DESC LIMIT 1 OFFSET $4",
    )
    .bind(account)
    .bind(ticket_id)
    .bind(now - window)
    .bind(most.saturating_sub(1))
    .optional(tx)
    .await?;
    let at: Option<DateTime<Utc>> = row.map(|row| row.get("at_us")).transpose()?;
    Ok(at.map(|at| at + window))
}
