//! What an attempt does with single items: copy, and read back. **Invariant:** what can be done again waits for no disk; the
//! window's end, before anything is redacted, takes it there.

use std::{
    ops::ControlFlow,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use futures::{StreamExt, TryStreamExt, stream};
use tokio::time::Instant;
use wire::ErrorCode;

use super::{
    deps::ArchiveDeps, job::Attempt, kinds, policy::Verdict, reading::Reading, recovery::has_copy, rules,
    step_error::StepError, transfer,
};
use crate::{
    connectors::{Advice, objects::ObjectsError, zendesk},
    features::stored_names::{Place, is_quarantined},
    queue::JobError,
    store::{
        StoreError, Tx,
        archive::{self, ItemChange, ItemRow, ItemState},
        ledger::LedgerEntry,
    },
};

/// So many files of one run are copied at a time: each waits for its host and the store more than it works.
const AT_A_TIME: usize = 4;

/// Nobody sees a bar move more often.
const TOLD_EVERY: Duration = Duration::from_millis(500);

/// Progress, written down for whoever follows the run.
struct Told<'a> {
    deps: &'a ArchiveDeps,
    account: &'a str,
    attachment_id: u64,
    size: u64,
    last: Option<Instant>,
}

impl transfer::Progress for Told<'_> {
    async fn reached(&mut self, bytes: u64) {
        let lately = self.last.is_some_and(|last| last.elapsed() < TOLD_EVERY);
        if lately || bytes >= self.size {
            return; // when it is whole, its next step says so
        }
        self.last = Some(Instant::now());
        if let Err(error) = self.write(bytes).await {
            tracing::debug!(%error, "progress could not be told");
        }
    }
}

impl Told<'_> {
    async fn write(&self, bytes: u64) -> Result<(), StoreError> {
        let mut tx = self.deps.db.begin_unsynced().await?;
        let now = self.deps.clock.now();
        archive::set_done_bytes(&mut tx, self.account, self.attachment_id, bytes, now).await?;
        tx.commit().await
    }
}

impl Attempt<'_> {
    /// Takes every open item as far as its copy goes, a few at a time. One item's failure does not stop the others, unless
    /// it would meet them, too: then those that are under way come to their end, and no other begins. The first that may
    /// pass is given back.
    pub(super) async fn copy_all(&self, reading: &Reading) -> Result<Option<StepError>, JobError> {
        let items = archive::open_items_of_run(&self.deps.db, self.account, self.run_id).await?;
        let stopped = AtomicBool::new(false);
        let numbered = items.into_iter().enumerate();
        let copies = numbered.map(|(place, item)| self.copy_or_stop(place, item, reading, &stopped));
        let failed: Vec<_> = stream::iter(copies).buffer_unordered(AT_A_TIME).try_collect().await?;
        Ok(failed.into_iter().flatten().min_by_key(|(place, _)| *place).map(|(_, error)| error))
    }

    /// One item of many. Its failure is settled here, where the others go on meanwhile: whoever waited for the database
    /// outside would stop those that hold it.
    async fn copy_or_stop(
        &self,
        place: usize,
        item: ItemRow,
        reading: &Reading,
        stopped: &AtomicBool,
    ) -> Result<Option<(usize, StepError)>, JobError> {
        let mut first_error = None;
        if !stopped.load(Ordering::Relaxed)
            && self.is_open(&item).await?
            && let Err(error) = self.copy(&item, reading).await?
            && self.settle(&item, error, &mut first_error).await?.is_break()
        {
            stopped.store(true, Ordering::Relaxed);
        }
        Ok(first_error.map(|error| (place, error)))
    }

    /// `planned` → `stored` → `verified`.
    async fn copy(&self, item: &ItemRow, reading: &Reading) -> Result<Result<(), StepError>, JobError> {
        let mut state = item.state;
        let (mut sha256, mut key) = (item.sha256.clone(), item.object_key.clone());
        if state == ItemState::Planned {
            let (comments, id) = (&reading.listed.comments, zendesk::AttachmentId(item.attachment_id));
            let found = rules::find(comments, id);
            if found.is_none() && comments.may_hide(id) {
                return Ok(Err(StepError::Unreadable));
            }
            let found = found.filter(|(_, attachment)| !rules::is_gone(attachment));
            if found.is_none() && has_copy(item) {
                // It is in the archive, if the copy is whole: nobody needs it from Zendesk any more.
                self.advance(item, (ItemState::Planned, ItemState::Stored), ItemChange::default()).await?;
                return self.verify(item, sha256, key).await;
            }
            let Some((comment, attachment)) = found else {
                let why = "it is no longer in Zendesk; somebody else removed it";
                self.end_item(item, ItemState::Skipped, ErrorCode::AttachmentNotFound, why).await?;
                return Ok(Ok(()));
            };
            let quarantine = match self.judge(reading, comment, attachment) {
                Verdict::Take => false,
                Verdict::Quarantine => true,
                Verdict::Wait => return Ok(Err(StepError::NotScanned)),
                Verdict::Skip(code, why) => {
                    self.end_item(item, ItemState::Skipped, code, &why).await?;
                    return Ok(Ok(()));
                }
                Verdict::Hold(code, why) => {
                    self.end_item(item, ItemState::Held, code, &why).await?;
                    return Ok(Ok(()));
                }
            };
            let place = Place {
                account: self.account,
                ticket_id: item.ticket_id,
                comment_id: item.comment_id,
                attachment_id: item.attachment_id,
                author_id: comment.author_id.map(|author| author.0),
                written: comment.created_at,
                quarantine,
                deleted_copies: item.deleted_copies,
            };
            let stored = match self.transfer(item, attachment, &place).await {
                Ok(stored) => stored,
                Err(error) => return Ok(Err(error)),
            };
            (sha256, key) = (Some(stored.sha256), Some(stored.object_key));
            let change = ItemChange {
                sha256: sha256.clone(),
                object_key: key.clone(),
                done_bytes: Some(stored.size),
                sniffed: stored.sniffed,
                ..ItemChange::default()
            };
            if !self.advance(item, (ItemState::Planned, ItemState::Stored), change).await? {
                self.leave_copy(item, (sha256, key)).await?;
                return Ok(Ok(()));
            }
            state = ItemState::Stored;
        }
        if state == ItemState::Stored {
            return self.verify(item, sha256, key).await;
        }
        Ok(Ok(()))
    }

    /// `stored` → `verified`, or back to `planned`.
    async fn verify(
        &self,
        item: &ItemRow,
        sha256: Option<String>,
        key: Option<String>,
    ) -> Result<Result<(), StepError>, JobError> {
        let (Some(sha256), Some(key)) = (sha256, key) else {
            // A stored item without its hash is none: store it again.
            self.advance(item, (ItemState::Stored, ItemState::Planned), ItemChange::default()).await?;
            return Ok(Err(StepError::Mismatch));
        };
        match self.deps.objects.read_back(&key).await {
            Ok((size, read)) if read == sha256 && size == item.size => {
                let same =
                    ItemChange { sha256: Some(sha256), object_key: Some(key), ..ItemChange::default() };
                self.advance(item, (ItemState::Stored, ItemState::Verified), same).await?;
                Ok(Ok(()))
            }
            Ok(_) | Err(ObjectsError::NotFound { .. }) => {
                self.advance(item, (ItemState::Stored, ItemState::Planned), ItemChange::default()).await?;
                Ok(Err(StepError::Mismatch))
            }
            Err(error) => Ok(Err(error.into())),
        }
    }

    async fn transfer(
        &self,
        item: &ItemRow,
        attachment: &zendesk::Attachment,
        place: &Place<'_>,
    ) -> Result<transfer::Stored, StepError> {
        let (deps, size) = (self.deps, attachment.size);
        let _room = deps.memory.room_for(size).await; // before the host begins to send
        let download = deps.zendesk.download(&attachment.content_url).await?;
        let mut told =
            Told { deps, account: self.account, attachment_id: item.attachment_id, size, last: None };
        Ok(transfer::store(download, attachment, place, &deps.objects, &deps.memory, &mut told).await?)
    }

    /// A failure that passes is kept for the queue; one that does not ends the item. Breaks where Zendesk asks us to
    /// wait: it would say the same of the next item.
    pub(super) async fn settle(
        &self,
        item: &ItemRow,
        error: StepError,
        first_error: &mut Option<StepError>,
    ) -> Result<ControlFlow<()>, JobError> {
        let advice = error.advice();
        if advice != Advice::GiveUp {
            tracing::warn!(
                ticket.id = item.ticket_id,
                attachment.id = item.attachment_id,
                error = %error,
                "an attachment of ticket {} could not be archived yet",
                item.ticket_id
            );
            let stops = error.stops_all();
            first_error.get_or_insert(error);
            return Ok(if stops { ControlFlow::Break(()) } else { ControlFlow::Continue(()) });
        }
        tracing::warn!(
            ticket.id = item.ticket_id,
            attachment.id = item.attachment_id,
            error = %error,
            "an attachment of ticket {} could not be archived",
            item.ticket_id
        );
        self.end_item(item, ItemState::Failed, error.code(), &error.told()).await?;
        Ok(ControlFlow::Continue(()))
    }

    pub(super) async fn end_item(
        &self,
        item: &ItemRow,
        to: ItemState,
        code: ErrorCode,
        why: &str,
    ) -> Result<(), JobError> {
        let now = archive::item(&self.deps.db, self.account, item.attachment_id).await?;
        let from = now.map_or(item.state, |now| now.state);
        if !matches!(from, ItemState::Planned | ItemState::Stored | ItemState::Verified) {
            return Ok(()); // an agent kept it meanwhile
        }
        let change = ItemChange {
            reason_code: Some(code.as_str().to_owned()),
            reason: Some(why.to_owned()),
            ..ItemChange::default()
        };
        self.advance(item, (from, to), change).await.map(drop)
    }

    /// False where the item was not (any more) where the step begins.
    pub(super) async fn advance(
        &self,
        item: &ItemRow,
        step: (ItemState, ItemState),
        change: ItemChange,
    ) -> Result<bool, JobError> {
        let mut tx = self.deps.db.begin_unsynced().await?;
        self.lease.guard(&mut tx).await?;
        let moved = self.advance_in(&mut tx, item, step, change).await?;
        tx.commit().await?;
        Ok(moved)
    }

    pub(super) async fn advance_in(
        &self,
        tx: &mut Tx,
        item: &ItemRow,
        (from, to): (ItemState, ItemState),
        change: ItemChange,
    ) -> Result<bool, StoreError> {
        let sha256 = change.sha256.clone().or_else(|| item.sha256.clone());
        let object_key = change.object_key.clone().or_else(|| item.object_key.clone());
        let mut detail = serde_json::json!({ "reason": change.reason_code, "size": item.size });
        if object_key.as_deref().is_some_and(|key| is_quarantined(self.account, key)) {
            detail["quarantined"] = true.into();
        }
        if let Some(sniffed) = &change.sniffed
            && kinds::differs(&item.content_type, sniffed)
        {
            detail["says"] = item.content_type.chars().take(120).collect::<String>().into();
            detail["is"] = sniffed.as_str().into();
        }
        let entry = LedgerEntry {
            at: self.deps.clock.now(),
            actor: format!("run:{}", self.run_id),
            action: to.as_str().to_owned(),
            ticket_id: Some(item.ticket_id),
            attachment_id: Some(item.attachment_id),
            sha256,
            object_key,
            detail,
        };
        archive::advance(tx, self.account, item.attachment_id, (from, to), change, &entry).await
    }
}

#[cfg(test)]
mod tests {
    use wire::LedgerAction;

    use super::*;

    #[test]
    fn every_state_of_a_file_is_an_action_of_the_ledger() {
        use ItemState as S;
        for state in [S::Planned, S::Stored, S::Verified, S::Redacted, S::Skipped, S::Held, S::Failed] {
            assert!(LedgerAction::ALL.contains(&state.as_str()), "{}", state.as_str());
        }
    }
}
