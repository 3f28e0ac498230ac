//! Which triggers of Zendesk ask for notices, and what is wrong with them.

use chrono::{DateTime, Utc};

use super::{NoticeKind, Row};
use crate::store::{Conn, StoreError, query, storable};

/// A trigger that Deskside made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TriggerRow {
    pub kind: NoticeKind,
    /// Zendesk's id of it.
    pub trigger_id: u64,
    /// What is wrong with it, for people.
    pub problem: Option<String>,
    pub checked_at: DateTime<Utc>,
}

/// Those of an account.
pub async fn triggers(on: impl Conn, account: &str) -> Result<Vec<TriggerRow>, StoreError> {
    let read = |row: &Row| {
        Ok(TriggerRow {
            kind: row.get("kind")?,
            trigger_id: row.get("trigger_id")?,
            problem: row.get("problem")?,
            checked_at: row.get("checked_us")?,
        })
    };
    query(
        "SELECT kind, trigger_id, problem, checked_us FROM notice_triggers WHERE account = $1 ORDER BY kind",
    )
    .bind(account)
    .all_as(on, read)
    .await
}

/// This trigger is the one of its kind, and nothing is wrong with it.
pub async fn keep_trigger(
    on: impl Conn,
    account: &str,
    (kind, trigger_id): (NoticeKind, u64),
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    query(
        "INSERT INTO notice_triggers (account, kind, trigger_id, checked_us) VALUES ($1, $2, $3, $4)
         ON CONFLICT (account, kind) DO UPDATE
            SET trigger_id = excluded.trigger_id, problem = NULL, checked_us = excluded.checked_us",
    )
    .bind(account)
    .bind(kind.as_str())
    .bind(trigger_id)
    .bind(now)
    .execute(on)
    .await
    .map(drop)
}

/// What is wrong with the trigger of a kind; `None`: nothing.
pub async fn set_trigger_problem(
    on: impl Conn,
    account: &str,
    (kind, problem): (NoticeKind, Option<&str>),
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    query("UPDATE notice_triggers SET problem = $3, checked_us = $4 WHERE account = $1 AND kind = $2")
        .bind(account)
        .bind(kind.as_str())
        .bind(problem.map(|text| storable(text).into_owned()))
        .bind(now)
        .execute(on)
        .await
        .map(drop)
}

/// There is no trigger of this kind any more.
pub async fn forget_trigger(on: impl Conn, account: &str, kind: NoticeKind) -> Result<(), StoreError> {
    query("DELETE FROM notice_triggers WHERE account = $1 AND kind = $2")
        .bind(account)
        .bind(kind.as_str())
        .execute(on)
        .await
        .map(drop)
}
