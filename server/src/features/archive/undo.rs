//! An agent takes a run back, or single files of it, while nothing of it is redacted. The copies stay in the archive: they
//! are whole, and a later run finds them there.

use std::collections::BTreeSet;

use wire::{AttachmentId, ErrorCode, TicketId};

use super::{Archive, ArchiveError};
use crate::{
    features::sessions::{Agent, Viewer},
    store::{
        archive::{self, ItemChange, ItemState},
        ledger::{self, LedgerEntry},
    },
};

impl Archive {
    /// Takes back what has not left Zendesk: all of the run (absent), or these attachments.
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
        inner.contracts.card(viewer, TicketId(run.ticket_id), false).await?;
        let now = inner.clock.now();
        let mut tx = inner.db.begin().await?;
        if !archive::hold_window(&mut tx, &inner.account, run_id, now).await? {
            return Err(ArchiveError::UndoOver(run_id.to_owned()));
        }
        let mut taken = archive::open_items_of_run(&mut tx, &inner.account, run_id).await?;
        if let Some(ids) = only {
            let open: BTreeSet<u64> = taken.iter().map(|item| item.attachment_id).collect();
            if let Some(missing) = ids.iter().find(|id| !open.contains(&id.0)) {
                return Err(ArchiveError::NoSuchAttachment(*missing, TicketId(run.ticket_id)));
            }
            taken.retain(|item| ids.contains(&AttachmentId(item.attachment_id)));
        }
        let entry = |attachment_id, action: &str| LedgerEntry {
            at: now,
            actor: format!("agent:{}", agent.id),
            action: action.to_owned(),
            ticket_id: Some(run.ticket_id),
            attachment_id,
            sha256: None,
            object_key: None,
            detail: serde_json::json!({ "run": run_id }),
        };
        for item in taken {
            let change = ItemChange {
                reason_code: Some(ErrorCode::ArchiveCancelled.as_str().to_owned()),
                reason: Some("it was taken back before it was removed from Zendesk".to_owned()),
                ..ItemChange::default()
            };
            let step = (item.state, ItemState::Skipped);
            let cancelled = entry(Some(item.attachment_id), "cancelled");
            archive::advance(&mut tx, &inner.account, item.attachment_id, step, change, &cancelled).await?;
        }
        if only.is_none() {
            archive::cancel_run(&mut tx, &inner.account, run_id, now).await?;
            ledger::append(&mut tx, &inner.account, &entry(None, "run_cancelled")).await?;
        }
        tx.commit().await?;
        Ok(())
    }
}
