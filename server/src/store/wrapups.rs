//! What agents note of a task: one text each, the last that was saved.

use chrono::{DateTime, Utc};

use super::{Conn, Row, StoreError, query};

/// What one agent noted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WrapUp {
    pub agent_id: u64,
    /// In the agent's own words.
    pub body: String,
    /// What came of it; empty: not said.
    pub outcome: String,
}

/// What everybody noted, the earliest first.
pub async fn of_task(on: impl Conn, account: &str, task_sid: &str) -> Result<Vec<WrapUp>, StoreError> {
    let rows = query(
        "SELECT agent_id, body, outcome FROM engagement_wrapups
          WHERE account = $1 AND task_sid = $2 ORDER BY at_us, agent_id",
    );
    let rows = rows.bind(account).bind(task_sid).all(on).await?;
    let read = |row: Row| {
        Ok(WrapUp { agent_id: row.get("agent_id")?, body: row.get("body")?, outcome: row.get("outcome")? })
    };
    rows.into_iter().map(read).collect()
}

/// Keeps what an agent noted, in place of what they had noted before.
pub async fn keep(
    on: impl Conn,
    account: &str,
    task_sid: &str,
    noted: &WrapUp,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    query(
        "INSERT INTO engagement_wrapups (account, task_sid, agent_id, body, outcome, at_us)
         VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (account, task_sid, agent_id) DO UPDATE SET
           body = excluded.body, outcome = excluded.outcome, at_us = excluded.at_us",
    )
    .bind(account)
    .bind(task_sid)
    .bind(noted.agent_id)
    .bind(noted.body.as_str())
    .bind(noted.outcome.as_str())
    .bind(now)
    .execute(on)
    .await
    .map(drop)
}
