//! What a run said, line by line.

use chrono::{DateTime, Utc};

use super::words;
use crate::store::{Conn, Row, StoreError, Tx, query};

words! {
    /// How bad it is.
    Level {
        Info = "info",
        Warning = "warning",
        Error = "error",
    }
}

/// One line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    pub seq: u64,
    pub at: DateTime<Utc>,
    pub level: Level,
    pub text: String,
}

/// Adds a line.
pub async fn append_log(
    tx: &mut Tx,
    account: &str,
    run: &str,
    (level, text): (Level, &str),
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    query(
        "INSERT INTO run_log (account, run, seq, at_us, level, text)
         SELECT $1, $2, COALESCE(MAX(seq), 0) + 1, $3, $4, $5 FROM run_log WHERE account = $1 AND run = $2",
    )
    .bind(account)
    .bind(run)
    .bind(now)
    .bind(level.as_str())
    .bind(text)
    .execute(tx)
    .await
    .map(drop)
}

/// The lines after `after`, in order.
pub async fn log_of(on: impl Conn, account: &str, run: &str, after: u64) -> Result<Vec<LogLine>, StoreError> {
    query("SELECT seq, at_us, level, text FROM run_log WHERE account = $1 AND run = $2 AND seq > $3 ORDER BY seq LIMIT 10000")
        .bind(account)
        .bind(run)
        .bind(after)
        .all_as(on, read)
        .await
}

fn read(row: &Row) -> Result<LogLine, StoreError> {
    Ok(LogLine {
        seq: row.get("seq")?,
        at: row.get("at_us")?,
        level: row.get("level")?,
        text: row.get("text")?,
    })
}
