//! An agent undoes a run, or keeps single files of it, while nothing of it is redacted. Their copies are then deleted, where the
//! store allows it.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use wire::{AttachmentId, ErrorCode, LedgerAction, TicketId};

use super::{Archive, ArchiveError, ArchiveRun, delete_copy::DeleteCopy, job::Attempt, rules};
use crate::{
    features::sessions::{Agent, Viewer},
    queue::{JobError, Queue},
    store::{
        StoreError, Tx,
        archive::{self, ItemChange, ItemRow, ItemState, RunRow},
        ledger::{self, LedgerEntry},
    },
};

impl Archive {
    /// Undoes what has not left Zendesk: all of the run (absent), or these attachments.
    pub async fn cancel(
        &self,
        viewer: &Viewer,
        agent: &Agent,
        run_id: &str,
        only: Option<&[AttachmentId]>,
    ) -> Result<(), ArchiveError> {
        let inner = &self.0;
        let run = archive::run(&inner.db, &inner.account, run_id).await?;
        let run = run.ok_or_else(|| ArchiveError::NoSuchRun(run_id.to_owned()))?;
        let now = inner.clock.now(); // when the agent asked
        inner.contracts.may_see(viewer, TicketId(run.ticket_id)).await?;
        let mut undo = Undo { archive: self, tx: inner.db.begin().await?, agent, now };
        let held = archive::hold_run(&mut undo.tx, &inner.account, run_id).await?;
        let Some(run) = held.filter(|run| can_undo(run, now)) else {
            return Err(ArchiveError::UndoOver(run_id.to_owned()));
        };
        match only {
            None => undo.all(&run).await?,
            Some(ids) => undo.some(&run, ids).await?,
        }
        Ok(undo.tx.commit().await?)
    }
}

/// Whether a run can be undone: while its files are copied, and until its time is over.
pub(super) fn can_undo(run: &RunRow, now: DateTime<Utc>) -> bool {
    run.state.is_live() && run.undo_window.is_some() && run.undo_until.is_none_or(|until| until > now)
}

/// One undo, in the transaction that holds the run.
struct Undo<'a> {
    archive: &'a Archive,
    tx: Tx,
    agent: &'a Agent,
    now: DateTime<Utc>,
}

impl Undo<'_> {
    async fn all(&mut self, run: &RunRow) -> Result<(), ArchiveError> {
        let inner = &self.archive.0;
        for item in archive::open_items_of_run(&mut self.tx, &inner.account, &run.id).await? {
            self.keep(run, &item).await?;
        }
        archive::cancel_run(&mut self.tx, &inner.account, &run.id, self.now).await?;
        let entry = self.entry(run, None, LedgerAction::RunCancelled);
        ledger::append(&mut self.tx, &inner.account, &entry).await?;
        release_next_run(&mut self.tx, &inner.queue, run, self.now).await?;
        Ok(())
    }

    /// Those that the run has planned stay where they are, those that it has not are no longer asked for.
    async fn some(&mut self, run: &RunRow, ids: &[AttachmentId]) -> Result<(), ArchiveError> {
        let inner = &self.archive.0;
        let kept: BTreeSet<u64> = ids.iter().map(|id| id.0).collect();
        let mut items = archive::items_of_ticket(&mut self.tx, &inner.account, run.ticket_id).await?;
        items.retain(|item| item.run_id == run.id);
        let planned: BTreeSet<u64> = items.iter().map(|item| item.attachment_id).collect();
        let unplanned: BTreeSet<u64> = kept.difference(&planned).copied().collect();
        if !unplanned.is_empty() {
            self.ask_for_less(run, &unplanned).await?;
        }
        for item in items.iter().filter(|item| kept.contains(&item.attachment_id)) {
            match item.state {
                ItemState::Planned | ItemState::Stored | ItemState::Verified => self.keep(run, item).await?,
                ItemState::Skipped if is_undone(item) => {} // kept already: a repeated request
                _ => {
                    let (id, ticket) = (AttachmentId(item.attachment_id), TicketId(run.ticket_id));
                    return Err(ArchiveError::NoSuchAttachment(id, ticket));
                }
            }
        }
        Ok(())
    }

    async fn ask_for_less(&mut self, run: &RunRow, kept: &BTreeSet<u64>) -> Result<(), ArchiveError> {
        let inner = &self.archive.0;
        let ticket = TicketId(run.ticket_id);
        let mut asked: BTreeSet<u64> = match &run.attachment_ids {
            Some(ids) => ids.iter().copied().collect(),
            // All: those that the agent could see.
            None => inner.listings.last(ticket).await.iter().flat_map(|listing| listing.present()).collect(),
        };
        if let Some(unknown) = kept.iter().find(|id| !asked.contains(id)) {
            return Err(ArchiveError::NoSuchAttachment(AttachmentId(*unknown), ticket));
        }
        asked.retain(|id| !kept.contains(id));
        if asked.is_empty() {
            return self.all(run).await;
        }
        archive::keep_attachments(&mut self.tx, &inner.account, &run.id, &asked, self.now).await?;
        let listing = inner.listings.last(ticket).await;
        for id in kept {
            let listed = listing.as_ref().and_then(|listing| listing.find(*id));
            if let Some((comment, attachment)) = listed {
                // Planned and kept at once: the tag that calls again finds that an agent kept it.
                let new = rules::new_item(run, comment, attachment, self.now);
                let item = archive::plan_item(&mut self.tx, new).await?;
                self.keep(run, &item).await?;
            } else {
                let entry = self.entry(run, Some(*id), LedgerAction::Cancelled);
                ledger::append(&mut self.tx, &inner.account, &entry).await?;
            }
        }
        Ok(())
    }

    async fn keep(&mut self, run: &RunRow, item: &ItemRow) -> Result<(), StoreError> {
        let inner = &self.archive.0;
        let why = "undone before the file was removed from Zendesk";
        let entry = self.entry(run, Some(item.attachment_id), LedgerAction::Cancelled);
        keep_item(&mut self.tx, &inner.queue, item, why, &entry).await
    }

    fn entry(&self, run: &RunRow, attachment_id: Option<u64>, action: LedgerAction) -> LedgerEntry {
        LedgerEntry {
            at: self.now,
            actor: format!("agent:{}", self.agent.id),
            action: action.as_str().to_owned(),
            ticket_id: Some(run.ticket_id),
            attachment_id,
            sha256: None,
            object_key: None,
            detail: serde_json::json!({ "run": run.id }),
        }
    }
}

impl Attempt<'_> {
    /// Whether no agent kept it since this attempt listed it.
    pub(super) async fn is_open(&self, item: &ItemRow) -> Result<bool, JobError> {
        let now = archive::item(&self.deps.db, self.account, item.attachment_id).await?;
        Ok(now.is_some_and(|now| now.run_id == item.run_id && now.state == item.state))
    }

    /// An agent kept the file while it was copied: its copy is deleted like any other of an undone run.
    pub(super) async fn leave_copy(
        &self,
        item: &ItemRow,
        (sha256, key): (Option<String>, Option<String>),
    ) -> Result<(), JobError> {
        let item = ItemRow { sha256, object_key: key, ..item.clone() };
        let (Some(sha256), Some(key)) = (&item.sha256, &item.object_key) else { return Ok(()) };
        let undone = ErrorCode::ArchiveCancelled.as_str();
        let mut tx = self.deps.db.begin_unsynced().await?;
        self.lease.guard(&mut tx).await?;
        let id = item.attachment_id;
        if archive::adopt_copy(&mut tx, self.account, id, undone, (key, sha256)).await?
            && let Some(copy) = DeleteCopy::of(&item)
        {
            self.deps.queue.enqueue(&mut tx, &copy).await?;
        }
        Ok(tx.commit().await?)
    }
}

/// Leaves an open item of an undone run in Zendesk; its copy, if it has one, is deleted later.
pub(super) async fn keep_item(
    tx: &mut Tx,
    queue: &Queue,
    item: &ItemRow,
    why: &str,
    entry: &LedgerEntry,
) -> Result<(), StoreError> {
    let change = ItemChange {
        reason_code: Some(ErrorCode::ArchiveCancelled.as_str().to_owned()),
        reason: Some(why.to_owned()),
        ..ItemChange::default()
    };
    let step = (item.state, ItemState::Skipped);
    let kept = archive::advance(tx, &item.account, item.attachment_id, step, change, entry).await?;
    if kept && let Some(copy) = DeleteCopy::of(item) {
        queue.enqueue(tx, &copy).await?;
    }
    Ok(())
}

/// Whether an agent kept it.
pub(super) fn is_undone(item: &ItemRow) -> bool {
    item.state == ItemState::Skipped
        && item.reason_code.as_deref() == Some(ErrorCode::ArchiveCancelled.as_str())
}

/// Starts the run that waited for the end of `ended`. Call it in the transaction that ends that.
pub(super) async fn release_next_run(
    tx: &mut Tx,
    queue: &Queue,
    ended: &RunRow,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    if let Some(next) = archive::release_next_run(tx, &ended.account, &ended.id, now).await? {
        queue.enqueue(tx, &ArchiveRun::of(&next)).await?;
    }
    Ok(())
}
