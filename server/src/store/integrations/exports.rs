//! How far a vendor's export is kept, and of what account. **Invariants:** a cursor is kept only with the part that holds everything
//! before it; it is of the place that is kept beside it.

use chrono::{DateTime, Utc};

use crate::store::{Conn, Row, StoreError, Tx, query};

/// How far it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Export {
    /// The vendor account that it was read from; `None`: nobody knows.
    pub place: Option<String>,
    /// Where to go on; `None`: at the beginning.
    pub cursor: Option<String>,
    /// The newest part that is whole; 0: none.
    pub part: u64,
    pub rows: u64,
    /// Up to when everything was read at least once.
    pub complete_at: Option<DateTime<Utc>>,
}

/// How far it is; `None`: it was never begun.
pub async fn export(
    on: impl Conn,
    account: &str,
    connection: &str,
    object: &str,
) -> Result<Option<Export>, StoreError> {
    query(
        "SELECT place, cursor, part, rows, complete_us FROM exports WHERE account = $1 AND connection = $2 AND object = $3",
    )
    .bind(account)
    .bind(connection)
    .bind(object)
    .optional_as(on, read)
    .await
}

/// The exports of an object that were read to their end at least once and have rows, each with its connection.
pub async fn complete_exports(
    on: impl Conn,
    account: &str,
    object: &str,
) -> Result<Vec<(String, Export)>, StoreError> {
    query(
        "SELECT connection, place, cursor, part, rows, complete_us FROM exports
          WHERE account = $1 AND object = $2 AND part > 0 AND complete_us IS NOT NULL ORDER BY connection",
    )
    .bind(account)
    .bind(object)
    .all_as(on, |row| Ok((row.get("connection")?, read(row)?)))
    .await
}

/// Keeps how far it is.
pub async fn keep_export(
    tx: &mut Tx,
    account: &str,
    (connection, object): (&str, &str),
    export: &Export,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    query(
        "INSERT INTO exports (account, connection, object, place, cursor, part, rows, complete_us, updated_us)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
         ON CONFLICT (account, connection, object) DO UPDATE
            SET place = excluded.place, cursor = excluded.cursor, part = excluded.part, rows = excluded.rows, complete_us = excluded.complete_us,
                updated_us = excluded.updated_us",
    )
    .bind(account)
    .bind(connection)
    .bind(object)
    .bind(export.place.as_ref())
    .bind(export.cursor.as_ref())
    .bind(export.part)
    .bind(export.rows)
    .bind(export.complete_at)
    .bind(now)
    .execute(tx)
    .await
    .map(drop)
}

/// A connection was deleted: what was kept of its exports is known no more.
pub async fn forget_exports(tx: &mut Tx, account: &str, connection: &str) -> Result<(), StoreError> {
    query("DELETE FROM exports WHERE account = $1 AND connection = $2")
        .bind(account)
        .bind(connection)
        .execute(tx)
        .await
        .map(drop)
}

fn read(row: &Row) -> Result<Export, StoreError> {
    Ok(Export {
        place: row.get("place")?,
        cursor: row.get("cursor")?,
        part: row.get("part")?,
        rows: row.get("rows")?,
        complete_at: row.get("complete_us")?,
    })
}
