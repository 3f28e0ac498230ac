//! What the destination acknowledged of each row and record, over all runs. **Invariants:** a fingerprint is kept only for what the
//! destination acknowledged; what a comparison found is taken over only once its run may write; all states of an integration are of one
//! destination.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::Outcome;
use crate::store::{Conn, Db, Row, StoreError, Tx, query, storable_json};

/// What is known of one row and one record that has its key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct State {
    /// SHA-256 of the row's key, hexadecimal.
    pub key_hash: String,
    pub destination_id: Option<String>,
    /// The fingerprint of what the record held by its own word, field by field.
    pub acknowledged: Option<String>,
    /// What became of the row last.
    pub outcome: String,
    /// How often in a row it was refused.
    pub attempts: u32,
    pub error: Option<String>,
    /// When the record was known to hold it.
    #[serde(rename = "updated_us", with = "chrono::serde::ts_microseconds")]
    pub updated_at: DateTime<Utc>,
}

impl State {
    /// The model had the row no more, and that was said.
    pub fn is_removed(&self) -> bool {
        self.outcome == Outcome::Removed.as_str()
    }
}

/// States in the order of their keys and records, after this one, at most `limit`.
pub async fn states_after(
    on: impl Conn,
    account: &str,
    integration: &str,
    (key_hash, destination_id): (&str, &str),
    limit: u32,
) -> Result<Vec<State>, StoreError> {
    query(
        "SELECT key_hash, destination_id, acknowledged, outcome, attempts, error, updated_us
           FROM row_states WHERE account = $1 AND integration = $2 AND (key_hash, destination_id) > ($3, $4)
          ORDER BY key_hash, destination_id LIMIT $5",
    )
    .bind(account)
    .bind(integration)
    .bind(key_hash)
    .bind(destination_id)
    .bind(limit)
    .all_as(on, read)
    .await
}

/// One state.
pub async fn state(
    on: impl Conn,
    account: &str,
    integration: &str,
    (key_hash, destination_id): (&str, &str),
) -> Result<Option<State>, StoreError> {
    query(
        "SELECT key_hash, destination_id, acknowledged, outcome, attempts, error, updated_us
           FROM row_states WHERE account = $1 AND integration = $2 AND key_hash = $3 AND destination_id = $4",
    )
    .bind(account)
    .bind(integration)
    .bind(key_hash)
    .bind(destination_id)
    .optional_as(on, read)
    .await
}

/// Whether keys are gone from the model: since earlier runs, or with this one.
pub async fn are_keys_gone(
    on: impl Conn,
    account: &str,
    (integration, run): (&str, &str),
) -> Result<bool, StoreError> {
    let gone = query(
        "SELECT 1 AS one FROM run_rows WHERE account = $1 AND run = $3 AND removal = 1
         UNION ALL
         SELECT 1 AS one FROM row_states WHERE account = $1 AND integration = $2 AND outcome = 'removed' LIMIT 1",
    );
    Ok(gone.bind(account).bind(integration).bind(run).optional(on).await?.is_some())
}

/// What the records of a run's rows, those after `after` up to `last`, acknowledged last under keys that are gone, where that is newer
/// than what is known under the row's own key.
pub async fn states_of_gone_keys(
    on: impl Conn,
    account: &str,
    (integration, run): (&str, &str),
    (after, last): (u64, u64),
) -> Result<Vec<State>, StoreError> {
    // Not as a join: without fresh statistics, a database goes through all states for each row. Times have equally many digits, so that
    // the greatest text is the newest.
    let found = query(
        "SELECT r.key_hash, r.destination_id,
                (SELECT MAX((SELECT s.updated_us || ' ' || s.acknowledged FROM row_states AS s
                              WHERE s.account = $1 AND s.integration = $2 AND s.key_hash = gone.key_hash
                                AND s.destination_id = gone.destination_id))
                   FROM row_states AS gone
                  WHERE gone.account = $1 AND gone.integration = $2 AND gone.outcome = 'removed'
                    AND gone.destination_id = r.destination_id) AS removed,
                (SELECT MAX((SELECT s.updated_us || ' ' || s.acknowledged FROM row_states AS s
                              WHERE s.account = $1 AND s.integration = $2 AND s.key_hash = gone.key_hash
                                AND s.destination_id = gone.destination_id))
                   FROM run_rows AS gone
                  WHERE gone.account = $1 AND gone.run = $3 AND gone.removal = 1
                    AND gone.destination_id = r.destination_id) AS leaving,
                (SELECT s.updated_us FROM row_states AS s
                  WHERE s.account = $1 AND s.integration = $2 AND s.key_hash = r.key_hash
                    AND s.destination_id = r.destination_id AND s.outcome <> 'removed'
                    AND s.acknowledged IS NOT NULL) AS own_us
           FROM run_rows AS r
          WHERE r.account = $1 AND r.run = $3 AND r.seq > $4 AND r.seq <= $5 AND r.removal = 0
            AND r.destination_id IS NOT NULL AND r.outcome IN ('pending', 'kept', 'adopted')",
    )
    .bind(account)
    .bind(integration)
    .bind(run)
    .bind(after)
    .bind(last)
    .all_as(on, |row| {
        let (removed, leaving): (Option<String>, Option<String>) = (row.get("removed")?, row.get("leaving")?);
        let own: Option<DateTime<Utc>> = row.get("own_us")?;
        let Some(newest) = removed.max(leaving) else { return Ok(None) };
        let corrupt = || StoreError::corrupt("what a record acknowledged");
        let (time, acknowledged) = newest.split_once(' ').ok_or_else(corrupt)?;
        let time = time.parse().ok().and_then(DateTime::from_timestamp_micros).ok_or_else(corrupt)?;
        let state = State {
            key_hash: row.get("key_hash")?,
            destination_id: row.get("destination_id")?,
            acknowledged: Some(acknowledged.to_owned()),
            outcome: Outcome::Removed.as_str().to_owned(),
            attempts: 0,
            error: None,
            updated_at: time,
        };
        Ok(own.is_none_or(|own| own < time).then_some(state))
    })
    .await?;
    Ok(found.into_iter().flatten().collect())
}

/// Keeps these, each under its key and record, unless the integration was deleted. Of two moments the later one stays: what is known of
/// a record does not grow older.
pub async fn keep_states(
    db: &Db,
    tx: &mut Tx,
    account: &str,
    integration: &str,
    states: &[State],
) -> Result<(), StoreError> {
    if states.is_empty() {
        return Ok(());
    }
    let statement = if db.is_postgres() {
        "INSERT INTO row_states AS known
                (account, integration, key_hash, destination_id, acknowledged, outcome, attempts, error, updated_us)
         SELECT $1, $2, s.key_hash, COALESCE(s.destination_id, ''), s.acknowledged, s.outcome, s.attempts, s.error, s.updated_us
           FROM jsonb_to_recordset($3::jsonb) AS s(key_hash text, destination_id text, acknowledged text, outcome text,
                                                   attempts bigint, error text, updated_us bigint)
          WHERE EXISTS (SELECT 1 FROM integrations WHERE account = $1 AND id = $2)
         ON CONFLICT (account, integration, key_hash, destination_id) DO UPDATE
            SET acknowledged = excluded.acknowledged, outcome = excluded.outcome, attempts = excluded.attempts,
                error = excluded.error, updated_us = GREATEST(known.updated_us, excluded.updated_us)"
    } else {
        "INSERT INTO row_states AS known
                (account, integration, key_hash, destination_id, acknowledged, outcome, attempts, error, updated_us)
         SELECT $1, $2, value ->> 'key_hash', COALESCE(value ->> 'destination_id', ''), value ->> 'acknowledged',
                value ->> 'outcome', value ->> 'attempts', value ->> 'error', value ->> 'updated_us'
           FROM json_each($3) WHERE EXISTS (SELECT 1 FROM integrations WHERE account = $1 AND id = $2)
         ON CONFLICT (account, integration, key_hash, destination_id) DO UPDATE
            SET acknowledged = excluded.acknowledged, outcome = excluded.outcome, attempts = excluded.attempts,
                error = excluded.error, updated_us = MAX(known.updated_us, excluded.updated_us)"
    };
    query(statement).bind(account).bind(integration).bind(storable_json(&states)).execute(tx).await.map(drop)
}

/// What is done to states that are named by key and record.
macro_rules! those {
    ($what:literal, $named:literal) => {
        concat!(
            $what,
            " WHERE account = $1 AND integration = $2 AND (key_hash, destination_id) IN
                (SELECT value ->> 0, COALESCE(value ->> 1, '') FROM ",
            $named,
            ")"
        )
    };
}

/// Marks these as rows that the model no longer has: what their records acknowledged stays known.
async fn mark_removed(
    db: &Db,
    tx: &mut Tx,
    account: &str,
    integration: &str,
    gone: &[(String, Option<String>)],
) -> Result<(), StoreError> {
    if gone.is_empty() {
        return Ok(());
    }
    let statement = if db.is_postgres() {
        those!("UPDATE row_states SET outcome = 'removed'", "jsonb_array_elements($3::jsonb)")
    } else {
        those!("UPDATE row_states SET outcome = 'removed'", "json_each($3)")
    };
    query(statement).bind(account).bind(integration).bind(storable_json(&gone)).execute(tx).await.map(drop)
}

/// Rows of one step: an agent never waits long for it.
const STEP: u32 = 500;

/// Takes over some of what a run's comparison found: what was adopted, what stays under another key than before, and what is no more.
/// False: there is nothing left.
pub async fn note_step(db: &Db, tx: &mut Tx, account: &str, run: &str) -> Result<bool, StoreError> {
    let Some(stands) = query(
        "SELECT integration, noted, COALESCE(known_us, requested_us) AS known_us FROM integration_runs
          WHERE account = $1 AND id = $2",
    )
    .bind(account)
    .bind(run)
    .optional(&mut *tx)
    .await?
    else {
        return Ok(false);
    };
    let (integration, noted): (String, u64) = (stands.get("integration")?, stands.get("noted")?);
    let known_at: DateTime<Utc> = stands.get("known_us")?;
    let found = query(
        "SELECT seq, key_hash, destination_id, outcome, fingerprint FROM run_rows
          WHERE account = $1 AND run = $2 AND seq > $3
            AND outcome IN ('adopted', 'kept', 'removed') AND (outcome <> 'kept' OR fingerprint IS NOT NULL)
          ORDER BY seq LIMIT $4",
    )
    .bind(account)
    .bind(run)
    .bind(noted)
    .bind(STEP)
    .all_as(&mut *tx, |row| {
        let state = State {
            key_hash: row.get("key_hash")?,
            destination_id: row.get("destination_id")?,
            acknowledged: row.get("fingerprint")?,
            outcome: row.get("outcome")?,
            attempts: 0,
            error: None,
            updated_at: known_at,
        };
        Ok((row.get::<u64>("seq")?, state))
    })
    .await?;
    let Some(last) = found.last().map(|(seq, _)| *seq) else { return Ok(false) };
    let (removed, known): (Vec<State>, Vec<State>) =
        found.into_iter().map(|(_, state)| state).partition(State::is_removed);
    keep_states(db, tx, account, &integration, &known).await?;
    let gone: Vec<_> = removed.into_iter().map(|state| (state.key_hash, state.destination_id)).collect();
    mark_removed(db, tx, account, &integration, &gone).await?;
    query("UPDATE integration_runs SET noted = $3 WHERE account = $1 AND id = $2")
        .bind(account)
        .bind(run)
        .bind(last)
        .execute(tx)
        .await?;
    Ok(true)
}

/// The run begins to compare with a destination, whose export has every change up to this moment.
pub async fn set_compared(
    tx: &mut Tx,
    account: &str,
    run: &str,
    (destination, known_at): (&str, DateTime<Utc>),
) -> Result<(), StoreError> {
    query(
        "UPDATE integration_runs SET compared_with = $3, known_us = $4, noted = 0 WHERE account = $1 AND id = $2",
    )
    .bind(account)
    .bind(run)
    .bind(destination)
    .bind(known_at)
    .execute(tx)
    .await
    .map(drop)
}

/// Whether the states of an integration are those of this destination.
pub async fn are_states_of(
    on: impl Conn,
    account: &str,
    integration: &str,
    destination: &str,
) -> Result<bool, StoreError> {
    let kept = query("SELECT states_of FROM integrations WHERE account = $1 AND id = $2")
        .bind(account)
        .bind(integration)
        .optional(on)
        .await?;
    let Some(kept) = kept else { return Ok(false) };
    // Those of before were kept without their destination.
    Ok(kept.get::<Option<String>>("states_of")?.is_none_or(|of| of == destination))
}

/// Forgets some states of another destination; once there are none left, those that follow are of this one. False: it is done.
pub async fn claim_states_step(
    tx: &mut Tx,
    account: &str,
    integration: &str,
    destination: &str,
) -> Result<bool, StoreError> {
    let are_others = !are_states_of(&mut *tx, account, integration, destination).await?;
    if are_others && forget_states_step(tx, account, integration).await? {
        return Ok(true);
    }
    query("UPDATE integrations SET states_of = $3 WHERE account = $1 AND id = $2")
        .bind(account)
        .bind(integration)
        .bind(destination)
        .execute(tx)
        .await?;
    Ok(false)
}

/// Forgets some states of an integration that is no more; false: there are none left.
pub async fn forget_states_step(tx: &mut Tx, account: &str, integration: &str) -> Result<bool, StoreError> {
    let gone = query(
        "DELETE FROM row_states WHERE account = $1 AND integration = $2 AND (key_hash, destination_id) IN
            (SELECT key_hash, destination_id FROM row_states WHERE account = $1 AND integration = $2 LIMIT 500)",
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
        destination_id: row.get::<Option<String>>("destination_id")?.filter(|id| !id.is_empty()),
        acknowledged: row.get("acknowledged")?,
        outcome: row.get("outcome")?,
        attempts: row.get("attempts")?,
        error: row.get("error")?,
        updated_at: row.get("updated_us")?,
    })
}
