//! Which accounts there are, and the key that names each in the addresses which vendors call. All accounts share this
//! table.

use chrono::{DateTime, Utc};

use super::{Conn, Db, StoreError, Tx, query};

/// Where an account's settings are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// In the operator's settings file.
    File,
}

impl Origin {
    const fn as_str(self) -> &'static str {
        match self {
            Self::File => "file",
        }
    }
}

/// An account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountRow {
    /// The Zendesk subdomain.
    pub account: String,
    /// `file` or `installed`.
    pub origin: String,
    /// Names it in the addresses that vendors call.
    pub hook_key: String,
}

/// Writes down that there is this account: its key, which stays what it was, or becomes `fresh_key`.
pub async fn declare(
    db: &Db,
    account: &str,
    origin: Origin,
    fresh_key: &str,
    now: DateTime<Utc>,
) -> Result<String, StoreError> {
    // Nothing is written where nothing changes: a server starts on a database that takes no writes.
    let known = query("SELECT hook_key FROM accounts WHERE account = $1 AND origin = $2");
    let known = known.bind(account).bind(origin.as_str()).optional_as(db, |row| row.get("hook_key")).await?;
    if let Some(key) = known {
        return Ok(key);
    }
    let mut tx = db.begin().await?;
    let key = query(
        "INSERT INTO accounts (account, origin, hook_key, created_us) VALUES ($1, $2, $3, $4)
         ON CONFLICT (account) DO UPDATE SET origin = excluded.origin
         RETURNING hook_key",
    )
    .bind(account)
    .bind(origin.as_str())
    .bind(fresh_key)
    .bind(now)
    .one(&mut tx)
    .await?
    .get("hook_key")?;
    tx.commit().await?;
    Ok(key)
}

/// All of them, in alphabetical order.
pub async fn list(on: impl Conn) -> Result<Vec<AccountRow>, StoreError> {
    query("SELECT account, origin, hook_key FROM accounts ORDER BY account")
        .all_as(on, |row| {
            Ok(AccountRow {
                account: row.get("account")?,
                origin: row.get("origin")?,
                hook_key: row.get("hook_key")?,
            })
        })
        .await
}

/// The account's connections changed: replicas build the account anew.
pub async fn connections_changed(tx: &mut Tx, account: &str) -> Result<(), StoreError> {
    let changed =
        query("UPDATE accounts SET connections_version = connections_version + 1 WHERE account = $1");
    changed.bind(account).execute(tx).await.map(drop)
}

/// How often the connections of each account changed; accounts whose connections never did are left out.
pub async fn connections_versions(on: impl Conn) -> Result<Vec<(String, u64)>, StoreError> {
    query("SELECT account, connections_version FROM accounts WHERE connections_version > 0")
        .all_as(on, |row| Ok((row.get("account")?, row.get("connections_version")?)))
        .await
}
