//! An agent undid a run: the copies of its files are deleted, where the store allows it. **Invariants:** never the copy of a file
//! that is not in Zendesk any more, and never one that another run has taken: both are decided on what Zendesk and our books say
//! at that moment; a copy is given up in our books before it is deleted, and the next one has another name.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use wire::{ErrorCode, LedgerAction};

use super::{asker::Asker, deps::ArchiveDeps, rules, undo::is_undone};
use crate::{
    connectors::{
        FailureKind, VendorError,
        zendesk::{self, ZendeskError},
    },
    features::obeyed,
    queue::{Job, JobError, Lease, Operated, Queue},
    store::{
        StoreError, Tx,
        archive::{self, ItemRow},
        ledger::{self, LedgerEntry},
    },
};

/// Deletes one copy.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DeleteCopy {
    account: String,
    ticket_id: u64,
    attachment_id: u64,
    run_id: String,
    object_key: String,
    sha256: String,
    /// How many copies of this attachment were deleted before this one was made.
    deleted_copies: u64,
}

impl DeleteCopy {
    /// The copy of an item, if it has one.
    pub(super) fn of(item: &ItemRow) -> Option<Self> {
        Some(Self {
            account: item.account.clone(),
            ticket_id: item.ticket_id,
            attachment_id: item.attachment_id,
            run_id: item.run_id.clone(),
            object_key: item.object_key.clone()?,
            sha256: item.sha256.clone()?,
            deleted_copies: item.deleted_copies,
        })
    }
}

impl Job for DeleteCopy {
    const NAME: &'static str = "archive_delete_copy";
    const MAX_ATTEMPTS: u32 = 20; // an outage may last
    const LEASE: Duration = Duration::from_mins(1);
    type Deps = ArchiveDeps;

    fn account(&self) -> &str {
        &self.account
    }

    fn key(&self) -> String {
        self.object_key.clone()
    }

    async fn run(&self, deps: &ArchiveDeps, lease: &Lease) -> Result<(), JobError> {
        let item = archive::item(&deps.db, &self.account, self.attachment_id).await?;
        let Some(item) = item else { return Ok(()) };
        // An attempt that gave it up and died before it deleted it leaves a higher number.
        if item.deleted_copies <= self.deleted_copies {
            if !is_undone(&item) || item.object_key.as_deref() != Some(&self.object_key) {
                return Ok(()); // another run has it
            }
            match self.is_in_zendesk(deps).await {
                Ok(true) => {}
                Ok(false) => {
                    return self.write_down(deps, lease, LedgerAction::CopyKept, "not_in_zendesk").await;
                }
                Err(error) => return Err(error.into()),
            }
            if !self.give_up(deps, lease).await? {
                return Ok(());
            }
        }
        match deps.objects.delete_copy(&self.object_key).await {
            Ok(()) => self.write_down(deps, lease, LedgerAction::CopyDeleted, "undone").await,
            Err(error) if error.is_refusal() => {
                self.write_down(deps, lease, LedgerAction::CopyKept, ErrorCode::ArchiveDenied.as_str()).await
            }
            Err(error) => Err(obeyed(error.advice(), error)),
        }
    }

    async fn on_dead(&self, deps: &ArchiveDeps, lease: &Lease, _: &str) -> Result<(), JobError> {
        self.write_down(deps, lease, LedgerAction::CopyKept, "gave_up").await
    }

    async fn on_cancelled(job: Operated<'_>, queue: &Queue, tx: &mut Tx) -> Result<(), StoreError> {
        let Some(copy) = job.read::<Self>() else { return Ok(()) };
        let entry =
            copy.entry(queue.clock().now(), Asker::Operator.actor(), LedgerAction::CopyKept, "cancelled");
        ledger::append(tx, &copy.account, &entry).await.map(drop)
    }
}

impl DeleteCopy {
    /// Whether the ticket still has the file, by Zendesk's own list.
    async fn is_in_zendesk(&self, deps: &ArchiveDeps) -> Result<bool, ZendeskError> {
        let comments = match deps.zendesk.comments(zendesk::TicketId(self.ticket_id)).await {
            Ok(comments) => comments,
            Err(error) if error.is(FailureKind::NotFound) => return Ok(false),
            Err(error) => return Err(error),
        };
        let found = rules::find(&comments, zendesk::AttachmentId(self.attachment_id));
        Ok(found.is_some_and(|(_, attachment)| !rules::is_gone(attachment)))
    }

    /// From here on no run uses this copy. The commit waits for the disk: a power cut may not remember it as a copy that is
    /// gone.
    async fn give_up(&self, deps: &ArchiveDeps, lease: &Lease) -> Result<bool, JobError> {
        let mut tx = deps.db.begin().await?;
        lease.guard(&mut tx).await?;
        let undone = ErrorCode::ArchiveCancelled.as_str();
        let (account, id) = (&self.account, self.attachment_id);
        let given_up = archive::give_up_copy(&mut tx, account, id, undone, &self.object_key).await?;
        tx.commit().await?;
        Ok(given_up)
    }

    async fn write_down(
        &self,
        deps: &ArchiveDeps,
        lease: &Lease,
        action: LedgerAction,
        reason: &str,
    ) -> Result<(), JobError> {
        let entry = self.entry(deps.clock.now(), format!("run:{}", self.run_id), action, reason);
        let mut tx = deps.db.begin().await?;
        lease.guard(&mut tx).await?;
        ledger::append(&mut tx, &self.account, &entry).await?;
        Ok(tx.commit().await?)
    }

    fn entry(&self, at: DateTime<Utc>, actor: String, action: LedgerAction, reason: &str) -> LedgerEntry {
        LedgerEntry {
            at,
            actor,
            action: action.as_str().to_owned(),
            ticket_id: Some(self.ticket_id),
            attachment_id: Some(self.attachment_id),
            sha256: Some(self.sha256.clone()),
            object_key: Some(self.object_key.clone()),
            detail: serde_json::json!({ "run": self.run_id, "reason": reason }),
        }
    }
}
