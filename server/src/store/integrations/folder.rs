//! Which folder is the one that all workers share. It is of the whole store, so its key is shared by all accounts.

use chrono::{DateTime, Utc};

use crate::store::{Db, StoreError, query};

/// Whether the folder with this mark is the one: it is written down as seen now. Another folder becomes it where nobody has seen the one
/// since `lost`.
pub async fn is_the_folder(
    db: &Db,
    mark: &str,
    now: DateTime<Utc>,
    lost: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let mut tx = db.begin_unsynced().await?;
    let changed = query(
        "INSERT INTO staging_folder (id, mark, seen_us) VALUES (1, $1, $2)
         ON CONFLICT (id) DO UPDATE SET mark = excluded.mark, seen_us = excluded.seen_us
          WHERE staging_folder.mark = excluded.mark OR staging_folder.seen_us < $3",
    );
    let changed = changed.bind(mark).bind(now).bind(lost).execute(&mut tx).await?;
    tx.commit().await?;
    Ok(changed == 1)
}

/// Whether any account has an integration.
pub async fn are_there(db: &Db) -> Result<bool, StoreError> {
    Ok(query("SELECT 1 AS one FROM integrations LIMIT 1").optional(db).await?.is_some())
}

/// The mark of the one folder, where a worker has seen it since `lost`.
pub async fn folder_in_use(db: &Db, lost: DateTime<Utc>) -> Result<Option<String>, StoreError> {
    query("SELECT mark FROM staging_folder WHERE id = 1 AND seen_us >= $1")
        .bind(lost)
        .optional_as(db, |row| row.get("mark"))
        .await
}
