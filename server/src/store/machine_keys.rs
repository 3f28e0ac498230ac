//! Keys by which an account's own machines start runs. **Invariant:** a key itself is never here, only its hash.

use chrono::{DateTime, Utc};

use super::{Conn, Row, StoreError, Tx, query};

/// A key, without what opens anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MachineKeyRow {
    /// Part of the key, and no secret.
    pub id: String,
    pub name: String,
    /// SHA-256 of the whole key, hexadecimal.
    pub hash: String,
    /// As the ledger names them.
    pub made_by: String,
    pub made_at: DateTime<Utc>,
    pub last_used_at: Option<DateTime<Utc>>,
    pub revoked_at: Option<DateTime<Utc>>,
}

macro_rules! columns {
    () => {
        "id, name, hash, made_by, made_us, last_used_us, revoked_us"
    };
}

/// Keeps a key; false: one that is not revoked has its name.
pub async fn keep(tx: &mut Tx, account: &str, key: &MachineKeyRow) -> Result<bool, StoreError> {
    let kept = query(
        "INSERT INTO machine_keys (account, id, name, hash, made_by, made_us) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
    )
    .bind(account)
    .bind(&key.id)
    .bind(&key.name)
    .bind(&key.hash)
    .bind(&key.made_by)
    .bind(key.made_at);
    Ok(kept.execute(tx).await? == 1)
}

/// One key, revoked or not.
pub async fn one(on: impl Conn, account: &str, id: &str) -> Result<Option<MachineKeyRow>, StoreError> {
    query(concat!("SELECT ", columns!(), " FROM machine_keys WHERE account = $1 AND id = $2"))
        .bind(account)
        .bind(id)
        .optional_as(on, read)
        .await
}

/// All of an account, those that are not revoked first, then the newest first; at most `limit`.
pub async fn list(on: impl Conn, account: &str, limit: u32) -> Result<Vec<MachineKeyRow>, StoreError> {
    query(concat!(
        "SELECT ",
        columns!(),
        " FROM machine_keys WHERE account = $1
          ORDER BY CASE WHEN revoked_us IS NULL THEN 0 ELSE 1 END, made_us DESC, id LIMIT $2"
    ))
    .bind(account)
    .bind(limit)
    .all_as(on, read)
    .await
}

/// How many are not revoked.
pub async fn count_live(on: impl Conn, account: &str) -> Result<u64, StoreError> {
    query("SELECT COUNT(*) AS live FROM machine_keys WHERE account = $1 AND revoked_us IS NULL")
        .bind(account)
        .one(on)
        .await?
        .get("live")
}

/// Somebody showed the key.
pub async fn used(on: impl Conn, account: &str, id: &str, now: DateTime<Utc>) -> Result<(), StoreError> {
    query("UPDATE machine_keys SET last_used_us = $3 WHERE account = $1 AND id = $2")
        .bind(account)
        .bind(id)
        .bind(now)
        .execute(on)
        .await
        .map(drop)
}

/// Revokes a key; `None` where there is none, or it was revoked before.
pub async fn revoke(
    tx: &mut Tx,
    account: &str,
    id: &str,
    now: DateTime<Utc>,
) -> Result<Option<MachineKeyRow>, StoreError> {
    query(concat!(
        "UPDATE machine_keys SET revoked_us = $3 WHERE account = $1 AND id = $2 AND revoked_us IS NULL RETURNING ",
        columns!()
    ))
    .bind(account)
    .bind(id)
    .bind(now)
    .optional_as(tx, read)
    .await
}

/// Forgets keys that were revoked before this moment; the ledger still names them.
pub async fn forget_revoked(tx: &mut Tx, account: &str, before: DateTime<Utc>) -> Result<(), StoreError> {
    query("DELETE FROM machine_keys WHERE account = $1 AND revoked_us < $2")
        .bind(account)
        .bind(before)
        .execute(tx)
        .await
        .map(drop)
}

fn read(row: &Row) -> Result<MachineKeyRow, StoreError> {
    Ok(MachineKeyRow {
        id: row.get("id")?,
        name: row.get("name")?,
        hash: row.get("hash")?,
        made_by: row.get("made_by")?,
        made_at: row.get("made_us")?,
        last_used_at: row.get("last_used_us")?,
        revoked_at: row.get("revoked_us")?,
    })
}
