//! What the destination acknowledged of each row, over all runs. **Invariant:** a fingerprint is kept only for what the destination
//! acknowledged.

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::store::{Conn, Db, Row, StoreError, Tx, query};

/// What is known of one row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct State {
    /// SHA-256 of the row's key, hexadecimal.
    pub key_hash: String,
    pub destination_id: Option<String>,
    /// The fingerprint of what the destination holds by its own word.
    pub acknowledged: Option<String>,
    /// What became of the row last.
    pub outcome: String,
    /// How often in a row it was refused.
    pub attempts: u32,
    pub error: Option<String>,
    #[serde(skip)]
    pub updated_at: DateTime<Utc>,
}

/// States in the order of their keys, after this one, at most `limit`.
pub async fn states_after(
    on: impl Conn,
    account: &str,
    integration: &str,
    after: &str,
    limit: u32,
) -> Result<Vec<State>, StoreError> {
    query(
        "SELECT key_hash, destination_id, acknowledged, outcome, attempts, error, updated_us
           FROM row_states WHERE account = $1 AND integration = $2 AND key_hash > $3
          ORDER BY key_hash LIMIT $4",
    )
    .bind(account)
    .bind(integration)
    .bind(after)
    .bind(limit)
    .all_as(on, read)
    .await
}

/// One state.
pub async fn state(
    on: impl Conn,
    account: &str,
    integration: &str,
    key_hash: &str,
) -> Result<Option<State>, StoreError> {
    query(
        "SELECT key_hash, destination_id, acknowledged, outcome, attempts, error, updated_us
           FROM row_states WHERE account = $1 AND integration = $2 AND key_hash = $3",
    )
    .bind(account)
    .bind(integration)
    .bind(key_hash)
    .optional_as(on, read)
    .await
}

/// Keeps these, each under its key.
pub async fn keep_states(
    db: &Db,
    tx: &mut Tx,
    account: &str,
    integration: &str,
    states: &[State],
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    if states.is_empty() {
        return Ok(());
    }
    let statement = if db.is_postgres() {
        "INSERT INTO row_states (account, integration, key_hash, destination_id, acknowledged, outcome, attempts, error, updated_us)
         SELECT $1, $2, s.key_hash, s.destination_id, s.acknowledged, s.outcome, s.attempts, s.error, $4
           FROM jsonb_to_recordset($3::jsonb) AS s(key_hash text, destination_id text, acknowledged text, outcome text,
                                                   attempts bigint, error text)
         ON CONFLICT (account, integration, key_hash) DO UPDATE
            SET destination_id = excluded.destination_id, acknowledged = excluded.acknowledged, outcome = excluded.outcome,
                attempts = excluded.attempts, error = excluded.error, updated_us = excluded.updated_us"
    } else {
        "INSERT INTO row_states (account, integration, key_hash, destination_id, acknowledged, outcome, attempts, error, updated_us)
         SELECT $1, $2, value ->> 'key_hash', value ->> 'destination_id', value ->> 'acknowledged', value ->> 'outcome',
                value ->> 'attempts', value ->> 'error', $4
           FROM json_each($3) WHERE true
         ON CONFLICT (account, integration, key_hash) DO UPDATE
            SET destination_id = excluded.destination_id, acknowledged = excluded.acknowledged, outcome = excluded.outcome,
                attempts = excluded.attempts, error = excluded.error, updated_us = excluded.updated_us"
    };
    query(statement)
        .bind(account)
        .bind(integration)
        .bind(serde_json::json!(states).to_string())
        .bind(now)
        .execute(tx)
        .await
        .map(drop)
}

/// Forgets these.
pub async fn remove_states(
    db: &Db,
    tx: &mut Tx,
    account: &str,
    integration: &str,
    key_hashes: &[String],
) -> Result<(), StoreError> {
    let statement = if db.is_postgres() {
        "DELETE FROM row_states WHERE account = $1 AND integration = $2
            AND key_hash IN (SELECT jsonb_array_elements_text($3::jsonb))"
    } else {
        "DELETE FROM row_states WHERE account = $1 AND integration = $2 AND key_hash IN (SELECT value FROM json_each($3))"
    };
    query(statement)
        .bind(account)
        .bind(integration)
        .bind(serde_json::json!(key_hashes).to_string())
        .execute(tx)
        .await
        .map(drop)
}

/// Forgets some states of an integration that is no more; false: there are none left.
pub async fn forget_states_step(tx: &mut Tx, account: &str, integration: &str) -> Result<bool, StoreError> {
    let gone = query(
        "DELETE FROM row_states WHERE account = $1 AND integration = $2 AND key_hash IN
            (SELECT key_hash FROM row_states WHERE account = $1 AND integration = $2 LIMIT 500)",
    )
    .bind(account)
    .bind(integration)
    .execute(tx)
    .await?;
    Ok(gone > 0)
}

fn read(row: &Row) -> Result<State, StoreError> {
    Ok(State {
        key_hash: row.get("key_hash")?,
        destination_id: row.get("destination_id")?,
        acknowledged: row.get("acknowledged")?,
        outcome: row.get("outcome")?,
        attempts: row.get("attempts")?,
        error: row.get("error")?,
        updated_at: row.get("updated_us")?,
    })
}
