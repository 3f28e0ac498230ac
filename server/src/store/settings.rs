//! What an admin decided in the console, as JSON. **Invariant:** a change that was made from another version than the one
//! that is there changes nothing.

use chrono::{DateTime, Utc};

use super::{Conn, StoreError, Tx, query};

/// What is set, and which version of it; `None` where nobody has set anything.
pub async fn read(on: impl Conn, account: &str, section: &str) -> Result<Option<(String, u64)>, StoreError> {
    query("SELECT body, version FROM settings WHERE account = $1 AND section = $2")
        .bind(account)
        .bind(section)
        .optional_as(on, |row| Ok((row.get("body")?, row.get("version")?)))
        .await
}

/// A change, and who made it.
#[derive(Debug, Clone, Copy)]
pub struct Change<'a> {
    pub account: &'a str,
    pub section: &'a str,
    pub body: &'a str,
    /// What it was made from; 0: nothing was set.
    pub from_version: u64,
    /// Zendesk's id of the admin.
    pub agent_id: u64,
    pub now: DateTime<Utc>,
}

/// Makes the change; false where the version that it was made from is not the one that is there.
pub async fn write(tx: &mut Tx, change: Change<'_>) -> Result<bool, StoreError> {
    let Change { account, section, body, from_version, agent_id, now } = change;
    let written = query(if from_version == 0 {
        "INSERT INTO settings (account, section, body, version, agent_id, at_us) VALUES ($1, $2, $3, CAST($4 AS BIGINT) + 1, $5, $6)
         ON CONFLICT (account, section) DO NOTHING"
    } else {
        "UPDATE settings SET body = $3, version = CAST($4 AS BIGINT) + 1, agent_id = $5, at_us = $6
          WHERE account = $1 AND section = $2 AND version = CAST($4 AS BIGINT)"
    });
    let written = written.bind(account).bind(section).bind(body).bind(from_version).bind(agent_id).bind(now);
    Ok(written.execute(tx).await? == 1)
}
