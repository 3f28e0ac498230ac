//! Runs that ended: what became of rows that were under way is found out all the same, and what the run left behind is removed.
//! **Invariants:** nothing is sent for a run that ended; no comparison begins while it is unknown what an earlier run wrote.

use wire::{Definition, RowReason as Why, RunCounts};

use super::{attempt::Attempt, delivery::Deliverer, fields::Fields, leftovers, reasons::reason};
use crate::{
    queue::{Advice, JobError},
    store::{
        Conn, StoreError,
        integrations::{self as kept, Level, Outcome, Run, RunKind, RunState},
    },
};

/// The attempt's own run, which has ended; `before` is the run as this attempt last saw it: by now it may be deleted.
pub(super) async fn settle(attempt: &Attempt<'_>, before: Option<Run>) -> Result<(), JobError> {
    let run = kept::run(attempt.db(), attempt.account, attempt.run).await?;
    if let Some(run) = run.as_ref().filter(|run| run.state == RunState::Cancelled) {
        settle_run(attempt, run).await?;
    }
    match run.or(before) {
        Some(run) => leftovers::remove(attempt, &run.integration).await,
        None => Ok(()),
    }
}

/// All runs of an integration.
pub(super) async fn settle_all(attempt: &Attempt<'_>, integration: &str) -> Result<(), JobError> {
    for run in kept::ended_with_batches(attempt.db(), attempt.account, integration).await? {
        let of_it = Attempt { run: &run.id, ..*attempt };
        match settle_run(&of_it, &run).await {
            Err(error) if error.advice() == Advice::GiveUp => {
                let text = format!(
                    "what became of the last deliveries of the run `{}` cannot be found out: {}",
                    run.id,
                    error.chain()
                );
                attempt.log(Level::Warning, &text).await?;
            }
            settled => settled?,
        }
    }
    Ok(())
}

async fn settle_run(attempt: &Attempt<'_>, run: &Run) -> Result<(), JobError> {
    let (db, account) = (attempt.db(), attempt.account);
    if !kept::batches(db, account, &run.id).await?.is_empty() {
        let json = run.definition.as_deref().unwrap_or_default();
        let definition: Definition = serde_json::from_str(json).map_err(JobError::give_up)?;
        let outside = attempt.deps.outside(&definition.destination).await?;
        let fields = Fields::of(&definition, outside.destination()).await?;
        let is_there = run.compared_with.as_ref().is_none_or(|with| *with == outside.name());
        let deliverer = Deliverer::new(attempt, (outside.destination(), fields), &run.integration);
        if is_there {
            deliverer.settle_open().await?;
        } else {
            deliverer.give_up_open(&reason(Why::ConnectionMoved, &[])).await?;
        }
    }
    let counts = counted(db, account, run).await?;
    let mut tx = attempt.begin().await?;
    kept::set_counts(&mut tx, account, &run.id, &serde_json::json!(counts).to_string()).await?;
    Ok(tx.commit().await?)
}

/// A run's counts, with what became of its rows by now.
pub(super) async fn counted(on: impl Conn, account: &str, run: &Run) -> Result<RunCounts, StoreError> {
    let compared = serde_json::from_str(&run.counts);
    let mut counts: RunCounts = compared.map_err(|_| StoreError::corrupt("a run's counts"))?;
    if counts == RunCounts::default() {
        return Ok(counts); // its comparison is not whole, and neither are its rows
    }
    (counts.waiting, counts.pending) = (0, 0);
    // A run that empties has no other rows than those that are no more.
    let empties = run.kind == RunKind::Clear;
    for (outcome, rows) in kept::count_rows(on, account, &run.id, empties).await? {
        match outcome {
            Outcome::Kept if empties => counts.kept = rows,
            Outcome::Created => counts.created = rows,
            Outcome::Updated => counts.updated = rows,
            Outcome::Cleared => counts.cleared = rows,
            Outcome::Rejected => counts.rejected = rows,
            Outcome::Waiting => counts.waiting = rows,
            Outcome::Pending => counts.pending = rows,
            _ => {}
        }
    }
    Ok(counts)
}
