//! Keys that all replicas share, and all accounts: the first replica that needs one makes it, the others read it.

use super::{Db, StoreError, query};

/// The key of that name; `fresh` becomes it if there was none.
pub async fn first_writer_wins(db: &Db, name: &str, fresh: &[u8]) -> Result<Vec<u8>, StoreError> {
    let read = || query("SELECT value FROM shared_keys WHERE name = $1").bind(name);
    if let Some(row) = read().optional(db).await? {
        return row.get("value");
    }
    query("INSERT INTO shared_keys (name, value) VALUES ($1, $2) ON CONFLICT DO NOTHING")
        .bind(name)
        .bind(fresh)
        .execute(db)
        .await?;
    read().one(db).await?.get("value")
}
