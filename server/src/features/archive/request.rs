//! A request to put a ticket's attachments away: the run, its row in the ledger and its job. **Invariants:** all three in the
//! caller's transaction, which also holds whatever made the request; while a run lives, further requests join it, or, where it can no
//! longer be undone and the request must be, the run that begins after it.

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;
use wire::{LedgerAction, RunRef, StartedRun, TicketId};

use super::{Archive, ArchiveRun, Asker};
use crate::store::{
    StoreError, Tx,
    archive::{self, NewRun, RunRow},
    ledger::{self, LedgerEntry},
};

impl Archive {
    /// Records the request (absent: all attachments) and enqueues the work. It asks no vendor: what the ticket holds, and
    /// whether it exists, is found out by the job.
    pub async fn request(
        &self,
        tx: &mut Tx,
        asker: Asker<'_>,
        ticket: TicketId,
        only: Option<Vec<u64>>,
        now: DateTime<Utc>,
    ) -> Result<StartedRun, StoreError> {
        let inner = &self.0;
        let window = match asker {
            Asker::Agent(_) => inner.settings.terms.undo,
            Asker::Tag(_) => inner.settings.terms.undo_tag,
            Asker::Operator => TimeDelta::zero(), // a dry run comes before, not after
        };
        let new = NewRun {
            id: Uuid::now_v7().to_string(),
            account: inner.account.clone(),
            ticket_id: ticket.0,
            requested_by: asker.in_person(),
            attachment_ids: only.clone(),
            undo_window: Some(window).filter(|window| *window > TimeDelta::zero()),
            now,
        };
        let (live, mut created) = archive::start_run(tx, &new).await?;
        let mut run = live.clone();
        if !created && comes_too_late(asker, &new, &live) {
            (run, created) = archive::start_next_run(tx, &new, &live).await?;
        }
        if !created {
            // Every update of a tagged ticket joins; it must not put the end off again and again.
            let window = new.undo_window.filter(|_| !matches!(asker, Asker::Tag(_)));
            archive::add_attachments(tx, &inner.account, &run, only.as_deref(), window, now).await?;
        }
        let kept = asker.kept();
        archive::add_asker(tx, &inner.account, &run.id, &kept, only.as_deref(), now).await?;
        let entry = LedgerEntry {
            at: now,
            actor: asker.actor(),
            action: if created { LedgerAction::Requested } else { LedgerAction::Joined }.as_str().to_owned(),
            ticket_id: Some(ticket.0),
            attachment_id: None,
            sha256: None,
            object_key: None,
            detail: serde_json::json!({ "run": run.id, "attachments": only }),
        };
        ledger::append(tx, &inner.account, &entry).await?;
        // The run that waits has no job yet: the end of the live one enqueues it.
        let job = ArchiveRun::of(&live);
        inner.queue.enqueue(tx, &job).await?;
        if !created && run.id == live.id && live.undo_until.is_some() {
            inner.queue.hasten(tx, &job, now).await?; // there may be more to copy
        }
        Ok(StartedRun { run: RunRef { id: run.id } })
    }
}

/// Whether a request that can be undone meets a live run that cannot be undone any more. A tag that asks for nothing new joins it:
/// what the run does to the ticket is an update, too, and calls again.
fn comes_too_late(asker: Asker<'_>, new: &NewRun, live: &RunRow) -> bool {
    let adds_nothing = matches!(asker, Asker::Tag(_)) && live.attachment_ids.is_none();
    new.undo_window.is_some() && live.undo_window.is_none() && !adds_nothing
}
