//! Which accounts there are, and the key that names each in the addresses which vendors call. All accounts share this
//! table.

use chrono::{DateTime, Utc};

use super::{Conn, Db, StoreError, query};

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

/// The account that a key names.
pub async fn by_key(on: impl Conn, hook_key: &str) -> Result<Option<String>, StoreError> {
    query("SELECT account FROM accounts WHERE hook_key = $1")
        .bind(hook_key)
        .optional_as(on, |row| row.get("account"))
        .await
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
