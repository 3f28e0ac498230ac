//! The step that cannot be undone: an attachment is redacted in Zendesk. Right before each one everything that speaks for it
//! is looked at again: the ticket, the rights of those who asked, the policy, and the stored copy. **Invariants:** what is
//! older than a few seconds decides nothing; only what Zendesk then lists so is `redacted`.

use chrono::{DateTime, TimeDelta, Utc};

use super::{
    job::Attempt,
    listed::Listed,
    policy::Verdict,
    reading::{GOOD_FOR, Reading, is_within},
    rules,
    step_error::StepError,
};
use crate::{
    connectors::{
        objects::ObjectsError,
        zendesk::{self, Comments, ZendeskError},
    },
    features::stored_names::is_quarantined,
    queue::JobError,
    store::archive::{self, ItemChange, ItemRow, ItemState, RunRow},
};

/// What Zendesk does when it merges: redaction reaches the one ticket only.
const COPY_STAYS: &str = "it is archived and gone from this ticket; the ticket that this one was merged into has a copy of its own";
/// A copy that was read back within this time is only asked for its size.
const PROOF_GOOD_FOR: TimeDelta = TimeDelta::minutes(5);
/// So often everything is looked at before an attempt gives in: what was looked at first is too old when the rest has come.
const ROUNDS: usize = 4;

/// What became of a file that was to be redacted.
enum Outcome {
    /// Zendesk was asked to redact it, by this attempt or by one before.
    Asked,
    /// It stays in Zendesk, and its row says why.
    Stays,
}

impl Attempt<'_> {
    /// Redacts every item whose copy is verified, and believes only Zendesk's own list that it is gone.
    pub(super) async fn redact_all(
        &self,
        run: &RunRow,
        reading: &mut Reading,
    ) -> Result<Option<StepError>, JobError> {
        let (mut first_error, mut redacted) = (None, Vec::new());
        for mut item in archive::open_items_of_run(&self.deps.db, self.account, self.run_id).await? {
            if item.state != ItemState::Verified {
                continue;
            }
            match self.redact(run, &mut item, reading).await? {
                Ok(Outcome::Asked) => redacted.push(item),
                Ok(Outcome::Stays) => {}
                Err(error @ (StepError::Unread(_) | StepError::TooSlow)) => {
                    first_error = first_error.or(Some(error));
                    break;
                }
                Err(error) => {
                    if self.settle(&item, error, &mut first_error).await?.is_break() {
                        break;
                    }
                }
            }
        }
        if !redacted.is_empty() {
            // Zendesk's 200 proves nothing: the list does.
            match self.deps.zendesk.comments(reading.listed.ticket.id).await {
                Err(error) => first_error = first_error.or(Some(error.into())),
                Ok(after) => {
                    let all = redacted.len();
                    redacted.retain(|item| Self::is_redacted(item, &after));
                    if redacted.len() < all {
                        first_error = first_error.or(Some(StepError::Unproven));
                    }
                    self.are_redacted(&redacted, reading.listed.is_merged()).await?;
                }
            }
        }
        Ok(first_error)
    }

    /// All that are proven, in one transaction, which waits for the disk.
    async fn are_redacted(&self, items: &[ItemRow], merged: bool) -> Result<(), JobError> {
        let mut tx = self.deps.db.begin().await?;
        self.lease.guard(&mut tx).await?;
        for item in items {
            let reason = merged.then(|| COPY_STAYS.to_owned());
            let change = ItemChange { reason, ..ItemChange::default() };
            self.advance_in(&mut tx, item, (ItemState::Verified, ItemState::Redacted), change).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// Looks at everything until all of it is fresh at once, then asks Zendesk.
    async fn redact(
        &self,
        run: &RunRow,
        item: &mut ItemRow,
        reading: &mut Reading,
    ) -> Result<Result<Outcome, StepError>, JobError> {
        let now = || self.deps.clock.now();
        let (mut checked, mut counted): (Option<DateTime<Utc>>, bool) = (None, false);
        for _ in 0..ROUNDS {
            if let Err(error) = self.refresh(run, reading).await? {
                return Ok(Err(StepError::Unread(error)));
            }
            if Self::is_redacted(item, &reading.listed.comments) {
                // By an attempt whose answer was lost, or by somebody else: archived is only what the archive holds.
                return Ok(self.check_copy(item).await?.map(|()| Outcome::Asked));
            }
            match self.may_go(item, reading).await? {
                Ok(Outcome::Asked) => {}
                stays => return Ok(stays),
            }
            if checked.is_none_or(|at| !is_within(at, now(), GOOD_FOR)) {
                checked = Some(now());
                if let Err(error) = self.check_copy(item).await? {
                    return Ok(Err(error));
                }
            }
            if !counted {
                if let Some(wait) = self.may_redact().await? {
                    return Ok(Err(StepError::ManyRedactions { wait }));
                }
                counted = true;
            }
            if reading.is_fresh(now()) && checked.is_some_and(|at| is_within(at, now(), GOOD_FOR)) {
                return Ok(self.ask(item, &reading.listed).await.map(|()| Outcome::Asked));
            }
        }
        Ok(Err(StepError::TooSlow))
    }

    /// Whether the file may leave Zendesk by what the reading says; where not, its row says why.
    async fn may_go(
        &self,
        item: &ItemRow,
        reading: &Reading,
    ) -> Result<Result<Outcome, StepError>, JobError> {
        let id = zendesk::AttachmentId(item.attachment_id);
        let Some((comment, attachment)) = rules::find(&reading.listed.comments, id) else {
            return Ok(Err(StepError::Unreadable));
        };
        let (to, code, why) = match self.judge(reading, comment, attachment) {
            Verdict::Take => return Ok(Ok(Outcome::Asked)),
            Verdict::Quarantine => {
                let key = item.object_key.as_deref();
                if key.is_some_and(|key| is_quarantined(self.account, key)) {
                    return Ok(Ok(Outcome::Asked));
                }
                self.advance(item, (ItemState::Verified, ItemState::Planned), ItemChange::default()).await?;
                return Ok(Err(StepError::NotInQuarantine));
            }
            Verdict::Wait => return Ok(Err(StepError::NotScanned)),
            Verdict::Skip(code, why) => (ItemState::Skipped, code, why),
            Verdict::Hold(code, why) => (ItemState::Held, code, why),
        };
        self.end_item(item, to, code, &why).await?;
        Ok(Ok(Outcome::Stays))
    }

    /// Whether the stored copy is whole: by its size, and by its hash where that was last compared too long ago. A copy that
    /// is not sends the item back to be copied again.
    async fn check_copy(&self, item: &mut ItemRow) -> Result<Result<(), StepError>, JobError> {
        let (deps, now) = (self.deps, self.deps.clock.now());
        let proven = item.verified_at.is_some_and(|at| is_within(at, now, PROOF_GOOD_FOR));
        let whole = match (&item.object_key, &item.sha256) {
            (Some(key), Some(sha256)) => match deps.objects.size(key).await {
                Ok(size) if size != item.size => Ok(false),
                Ok(_) if proven => Ok(true),
                Ok(size) => deps.objects.holds(key, (size, sha256)).await,
                Err(error) => Err(error),
            },
            _ => Ok(false),
        };
        match whole {
            Ok(true) if proven => Ok(Ok(())),
            Ok(true) => {
                let mut tx = deps.db.begin_unsynced().await?;
                self.lease.guard(&mut tx).await?;
                archive::prove_item(&mut tx, self.account, item.attachment_id, now).await?;
                tx.commit().await?;
                item.verified_at = Some(now);
                Ok(Ok(()))
            }
            Ok(false) | Err(ObjectsError::NotFound { .. }) => {
                self.advance(item, (ItemState::Verified, ItemState::Planned), ItemChange::default()).await?;
                Ok(Err(StepError::Mismatch))
            }
            Err(error) => Ok(Err(error.into())),
        }
    }

    /// Asks Zendesk to redact a file that is there.
    async fn ask(&self, item: &ItemRow, listed: &Listed) -> Result<(), StepError> {
        let Listed { ticket, comments, .. } = listed;
        let id = zendesk::AttachmentId(item.attachment_id);
        let Some((comment, attachment)) = rules::find(comments, id) else {
            return Err(StepError::Unreadable);
        };
        let in_workspace = async || self.redact_in_workspace(ticket.id, comment.id, attachment).await;
        if listed.is_closed() {
            return in_workspace().await;
        }
        match self.deps.zendesk.redact_attachment(ticket.id, comment.id, id).await {
            // Closed since the ticket was read.
            Err(ZendeskError::Closed { .. }) => in_workspace().await,
            outcome => outcome.map_err(Into::into),
        }
    }

    /// Gone from the list, or there under the name of a redacted file. What cannot be read is not gone.
    fn is_redacted(item: &ItemRow, comments: &Comments) -> bool {
        let id = zendesk::AttachmentId(item.attachment_id);
        match rules::find(comments, id) {
            None => !comments.may_hide(id),
            Some((_, file)) => rules::is_gone(file) || rules::is_renamed(file, &item.file_name),
        }
    }
}
