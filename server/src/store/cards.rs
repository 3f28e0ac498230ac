//! The last card that was served for a ticket or customer, shown (marked stale) while Zendesk is down.

use chrono::{DateTime, Utc};

use super::{Conn, StoreError, query};

/// Keeps a card; an older one never replaces a newer one. `subject` is such as `ticket:42`.
pub async fn remember(
    on: impl Conn,
    account: &str,
    subject: &str,
    body_json: &str,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    query(
        "INSERT INTO cards (account, subject, body, at_us) VALUES ($1, $2, $3, $4)
         ON CONFLICT (account, subject) DO UPDATE SET body = excluded.body, at_us = excluded.at_us
          WHERE excluded.at_us >= cards.at_us",
    )
    .bind(account)
    .bind(subject)
    .bind(body_json)
    .bind(now)
    .execute(on)
    .await
    .map(drop)
}

/// The last card and when it was served.
pub async fn recall(
    on: impl Conn,
    account: &str,
    subject: &str,
) -> Result<Option<(String, DateTime<Utc>)>, StoreError> {
    query("SELECT body, at_us FROM cards WHERE account = $1 AND subject = $2")
        .bind(account)
        .bind(subject)
        .optional_as(on, |row| Ok((row.get("body")?, row.get("at_us")?)))
        .await
}
