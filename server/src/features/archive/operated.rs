//! An operator cancels the job of a run, or tries a dead one again. **Invariants:** a run without its job ends, so that the next
//! one begins; a copy is deleted only where the run could still be undone: elsewhere its file may be leaving Zendesk at this moment.

use chrono::{DateTime, Utc};
use wire::{ErrorCode, LedgerAction};

use super::{
    asker::Asker,
    undo::{keep_item, release_next_run},
};
use crate::{
    queue::Queue,
    store::{
        StoreError, Tx,
        archive::{self, ItemChange, ItemState, RunRow},
        ledger::{self, LedgerEntry},
    },
};

const WHY: &str = "the operator cancelled the run before it was removed from Zendesk";

/// The run ends as cancelled, and what is open of it stays in Zendesk.
pub(super) async fn cancelled(
    queue: &Queue,
    tx: &mut Tx,
    account: &str,
    run_id: &str,
) -> Result<(), StoreError> {
    let now = queue.clock().now();
    let Some(run) = archive::hold_run(tx, account, run_id).await? else { return Ok(()) };
    for item in archive::open_items_of_run(&mut *tx, account, run_id).await? {
        let entry = entry(&run, Some(item.attachment_id), LedgerAction::Cancelled, now);
        if run.undo_window.is_some() {
            keep_item(tx, queue, &item, WHY, &entry).await?;
            continue;
        }
        let change = ItemChange {
            reason_code: Some(ErrorCode::ArchiveCancelled.as_str().to_owned()),
            reason: Some(WHY.to_owned()),
            ..ItemChange::default()
        };
        let step = (item.state, ItemState::Skipped);
        archive::advance(tx, account, item.attachment_id, step, change, &entry).await?;
    }
    archive::cancel_run(tx, account, run_id, now).await?;
    ledger::append(tx, account, &entry(&run, None, LedgerAction::RunCancelled, now)).await?;
    release_next_run(tx, queue, &run, now).await
}

/// A run that has ended stays ended.
pub(super) async fn retried(
    tx: &mut Tx,
    account: &str,
    run_id: &str,
) -> Result<Result<(), String>, StoreError> {
    Ok(match archive::run(tx, account, run_id).await? {
        Some(run) if !run.state.is_live() => {
            Err(format!("the run has ended; start another with `deskside archive {}`", run.ticket_id))
        }
        Some(_) => Ok(()),
        None => Err("the database does not have its run any more".to_owned()),
    })
}

fn entry(run: &RunRow, attachment_id: Option<u64>, action: LedgerAction, now: DateTime<Utc>) -> LedgerEntry {
    LedgerEntry {
        at: now,
        actor: Asker::Operator.actor(),
        action: action.as_str().to_owned(),
        ticket_id: Some(run.ticket_id),
        attachment_id,
        sha256: None,
        object_key: None,
        detail: serde_json::json!({ "run": run.id }),
    }
}
