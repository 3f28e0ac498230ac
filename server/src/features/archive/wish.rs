//! A wish to put a ticket's attachments away: the run, its row in the ledger and its job. **Invariant:** all three in the
//! caller's transaction, which also holds whatever made the wish; while a run lives, further wishes join it.

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;
use wire::{RunRef, StartedRun, TicketId};

use super::{Archive, ArchiveRun, Asker};
use crate::store::{
    StoreError, Tx,
    archive::{self, NewRun},
    ledger::{self, LedgerEntry},
};

impl Archive {
    /// Records the wish (absent: all attachments) and enqueues the work. It asks no vendor: what the ticket holds, and
    /// whether it exists, is found out by the job.
    pub async fn wish(
        &self,
        tx: &mut Tx,
        asker: Asker<'_>,
        ticket: TicketId,
        only: Option<Vec<u64>>,
        now: DateTime<Utc>,
    ) -> Result<StartedRun, StoreError> {
        let inner = &self.0;
        let window = match asker {
            Asker::Agent(_) => inner.terms.undo,
            Asker::Tag(_) => inner.terms.undo_tag,
            Asker::Operator => TimeDelta::zero(), // a dry run comes before, not after
        };
        let undo_until = (window > TimeDelta::zero()).then(|| now + window);
        let new = NewRun {
            id: Uuid::now_v7().to_string(),
            account: inner.account.clone(),
            ticket_id: ticket.0,
            requested_by: asker.in_person(),
            attachment_ids: only.clone(),
            undo_until,
            now,
        };
        let (run, created) = archive::start_run(tx, new).await?;
        if !created {
            // Every update of a tagged ticket joins; it must not put the end off again and again.
            let undo_until = undo_until.filter(|_| !matches!(asker, Asker::Tag(_)));
            archive::widen_run(tx, &inner.account, &run, only.as_deref(), undo_until, now).await?;
        }
        let kept = asker.kept();
        archive::add_asker(tx, &inner.account, &run.id, &kept, only.as_deref(), now).await?;
        let entry = LedgerEntry {
            at: now,
            actor: asker.actor(),
            action: if created { "requested" } else { "joined" }.to_owned(),
            ticket_id: Some(ticket.0),
            attachment_id: None,
            sha256: None,
            object_key: None,
            detail: serde_json::json!({ "run": run.id, "attachments": only }),
        };
        ledger::append(tx, &inner.account, &entry).await?;
        let job = ArchiveRun { account: inner.account.clone(), run_id: run.id.clone(), ticket_id: ticket.0 };
        inner.queue.enqueue(tx, &job).await?;
        Ok(StartedRun { run: RunRef { id: run.id } })
    }
}
