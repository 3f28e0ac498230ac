//! Integrations, their runs, and what became of every row. **Invariant:** an integration has at most one live run that writes
//! (a partial unique index says so, whatever the number of replicas).

mod batches; // rows that go out together
mod exports; // how far a vendor's export is kept
mod folder; // which folder all workers share
mod log; // what a run said
mod phases; // how long they took
mod rows; // what became of each row of a run
mod runs; // where a run stands
mod states; // what the destination acknowledged, over all runs
mod sums; // what many runs came to

use chrono::{DateTime, Utc};

pub use batches::{
    Answered, batch_rows, batches, close_batch, hold_batch, keep_job, next_pending, open_batch,
    pending_among, pending_of_records, take_back_batch,
};
pub use exports::{Export, complete_exports, export, forget_exports, keep_export};
pub use folder::{are_there, folder_in_use, is_the_folder};
pub use log::{Level, LogLine, append_log, log_of};
pub use rows::{
    Outcome, RowChange, RowFilter, RunRow, clear_rows, count_rows, decide_rows, insert_rows, keep_exchange,
    refused_after, removals_among, rows_of, settle_lost_removals, settle_rows,
};
pub use runs::{
    Phase, Run, RunChange, RunKind, RunState, Started, being_emptied, ended_with_batches, forget_runs_step,
    last_complete, run, runs_of, set_counts, set_run, start_run,
};
pub use states::{
    State, are_keys_gone, are_states_of, claim_states_step, forget_states_step, keep_states, note_step,
    set_compared, state, states_after, states_of_gone_keys,
};
pub use sums::{RunSum, sums_since};

use super::{Conn, Row, StoreError, Tx, query, words};

/// One integration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Integration {
    pub id: String,
    pub name: String,
    /// Whether it runs by itself, and its contract copy is shown.
    pub enabled: bool,
    /// JSON.
    pub definition: String,
    /// Rises with every change.
    pub version: u64,
    /// The plan whose dry run somebody accepted.
    pub accepted_plan: Option<String>,
    pub updated_at: DateTime<Utc>,
    /// A code: why somebody was told that it does not work.
    pub trouble: Option<String>,
    pub trouble_at: Option<DateTime<Utc>>,
}

/// All integrations of an account, by name.
pub async fn list(on: impl Conn, account: &str) -> Result<Vec<Integration>, StoreError> {
    query(
        "SELECT id, name, enabled, definition, version, accepted_plan, updated_us, trouble, trouble_us
           FROM integrations WHERE account = $1 ORDER BY name, id",
    )
    .bind(account)
    .all_as(on, read)
    .await
}

/// One integration.
pub async fn integration(on: impl Conn, account: &str, id: &str) -> Result<Option<Integration>, StoreError> {
    query(
        "SELECT id, name, enabled, definition, version, accepted_plan, updated_us, trouble, trouble_us
           FROM integrations WHERE account = $1 AND id = $2",
    )
    .bind(account)
    .bind(id)
    .optional_as(on, read)
    .await
}

/// One integration, which nobody changes or deletes before the transaction ends. (SQLite has one writer anyway.) Whoever also changes
/// a run or a job does so before: a run that ends has these, and then wants the integration.
pub async fn locked(tx: &mut Tx, account: &str, id: &str) -> Result<Option<Integration>, StoreError> {
    if tx.is_postgres() {
        query("SELECT 1 AS one FROM integrations WHERE account = $1 AND id = $2 FOR UPDATE")
            .bind(account)
            .bind(id)
            .optional(&mut *tx)
            .await?;
    }
    integration(tx, account, id).await
}

/// Whoever keeps integrations of an account waits here for one another until they commit: what one sees of the others stays true.
pub async fn take_turns(tx: &mut Tx, account: &str) -> Result<(), StoreError> {
    if !tx.is_postgres() {
        return Ok(()); // it has one writer
    }
    query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))")
        .bind(format!("integrations of {account}"))
        .execute(tx)
        .await
        .map(drop)
}

/// Keeps an integration whose version is still `expected` (absent: there is none yet). False: somebody was faster.
pub async fn save(
    tx: &mut Tx,
    account: &str,
    new: &Integration,
    expected: Option<u64>,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let statement = if expected.is_none() {
        "INSERT INTO integrations (account, id, name, enabled, definition, version, created_us, updated_us, states_of)
         VALUES ($1, $2, $3, $4, $5, 1, $6, $6, '') ON CONFLICT (account, id) DO NOTHING"
    } else {
        "UPDATE integrations SET name = $3, enabled = $4, definition = $5, updated_us = $6, version = version + 1
          WHERE account = $1 AND id = $2 AND version = $7"
    };
    let statement = query(statement)
        .bind(account)
        .bind(&new.id)
        .bind(&new.name)
        .bind(new.enabled)
        .bind(&new.definition)
        .bind(now);
    let statement = match expected {
        None => statement,
        Some(version) => statement.bind(version),
    };
    Ok(statement.execute(tx).await? == 1)
}

/// An integration runs by itself, or does not any more. Who edits it has to look again.
pub async fn enable(
    tx: &mut Tx,
    account: &str,
    id: &str,
    enabled: bool,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    query(
        "UPDATE integrations SET enabled = $3, updated_us = $4, version = version + 1
          WHERE account = $1 AND id = $2 AND enabled <> $3",
    )
    .bind(account)
    .bind(id)
    .bind(enabled)
    .bind(now)
    .execute(tx)
    .await
    .map(drop)
}

/// Somebody accepted what a dry run of this plan showed.
pub async fn accept_plan(tx: &mut Tx, account: &str, id: &str, plan: &str) -> Result<(), StoreError> {
    query("UPDATE integrations SET accepted_plan = $3 WHERE account = $1 AND id = $2")
        .bind(account)
        .bind(id)
        .bind(plan)
        .execute(tx)
        .await
        .map(drop)
}

/// Writes down whether an integration works (`None`) or why not. True: that is news.
pub async fn set_trouble(
    tx: &mut Tx,
    account: &str,
    id: &str,
    code: Option<&str>,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let changed = query(
        "UPDATE integrations SET trouble = $3, trouble_us = $4
          WHERE account = $1 AND id = $2 AND (trouble IS NULL) <> (CAST($3 AS TEXT) IS NULL)",
    )
    .bind(account)
    .bind(id)
    .bind(code)
    .bind(code.map(|_| now))
    .execute(tx)
    .await?;
    Ok(changed == 1)
}

/// Forgets an integration. Its runs and states go by [`forget_runs_step`] and [`forget_states_step`].
pub async fn delete(tx: &mut Tx, account: &str, id: &str) -> Result<(), StoreError> {
    query("DELETE FROM integrations WHERE account = $1 AND id = $2")
        .bind(account)
        .bind(id)
        .execute(tx)
        .await
        .map(drop)
}

fn read(row: &Row) -> Result<Integration, StoreError> {
    Ok(Integration {
        id: row.get("id")?,
        name: row.get("name")?,
        enabled: row.get("enabled")?,
        definition: row.get("definition")?,
        version: row.get("version")?,
        accepted_plan: row.get("accepted_plan")?,
        updated_at: row.get("updated_us")?,
        trouble: row.get("trouble")?,
        trouble_at: row.get("trouble_us")?,
    })
}
