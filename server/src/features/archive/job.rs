//! One run, from the list to the note. It may die at any instruction and start again: every step is idempotent, every
//! transition one transaction with its ledger row, guarded by the job's fence.

use std::{collections::BTreeSet, ops::ControlFlow};

use serde::{Deserialize, Serialize};
use wire::ErrorCode;

use super::{
    note,
    rules::{self, Place, Verdict},
    transfer,
    trouble::StepError,
};
use crate::{
    clock::Clock,
    connectors::{
        Advice,
        objects::{Objects, ObjectsError},
        zendesk::{self, Comment, TicketStatus, ZendeskClient, ZendeskError},
    },
    queue::{Job, JobError, Lease},
    store::{
        Db,
        archive::{self, ItemChange, ItemRow, ItemState, NewItem, Problem, RunChange, RunRow, RunState, Set},
        ledger::LedgerEntry,
    },
};

/// Moves one ticket's attachments to the account's archive.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ArchiveRun {
    /// Whose.
    pub account: String,
    /// Which run.
    pub run_id: String,
    /// Of which ticket.
    pub ticket_id: u64,
}

/// What the job needs.
#[derive(Clone)]
pub struct ArchiveDeps {
    /// What time it is.
    pub clock: Clock,
    /// Where each item stands.
    pub db: Db,
    /// Where the files are, and are redacted.
    pub zendesk: ZendeskClient,
    /// Where they go.
    pub objects: Objects,
    /// The largest file that is taken, bytes.
    pub max_file_bytes: u64,
    /// How much of a file is in memory at once, bytes.
    pub part_bytes: usize,
}

impl Job for ArchiveRun {
    const NAME: &'static str = "archive_run";
    type Deps = ArchiveDeps;

    fn account(&self) -> &str {
        &self.account
    }

    fn key(&self) -> String {
        self.run_id.clone()
    }

    fn concurrency_key(&self) -> Option<String> {
        Some("archive".to_owned())
    }

    async fn run(&self, deps: &ArchiveDeps, lease: &Lease) -> Result<(), JobError> {
        let attempt =
            Attempt { deps, lease, account: &self.account, run_id: &self.run_id, ticket_id: self.ticket_id };
        loop {
            let Some(run) = attempt.begin().await? else { return Ok(()) };
            let ticket = zendesk::TicketId(self.ticket_id);
            let listed = async {
                Ok::<_, ZendeskError>((
                    deps.zendesk.ticket(ticket).await?,
                    deps.zendesk.comments(ticket).await?,
                ))
            };
            let (ticket, comments) = match listed.await {
                Ok(listed) => listed,
                Err(error) => return Err(attempt.pause(error.into()).await),
            };
            attempt.plan(&run, &comments).await?;
            let closed = ticket.status == TicketStatus::Closed;
            if let Some(error) = attempt.work(&comments, ticket.id, closed).await? {
                return Err(attempt.pause(error).await);
            }
            if let Err(error) = attempt.write_note(ticket.id, &comments, closed).await? {
                return Err(attempt.pause(error.into()).await);
            }
            if attempt.end(&run).await? {
                return Ok(());
            }
            // An agent asked for more while this was under way.
        }
    }

    async fn on_dead(&self, deps: &ArchiveDeps, lease: &Lease, why: &str) -> Result<(), JobError> {
        let attempt =
            Attempt { deps, lease, account: &self.account, run_id: &self.run_id, ticket_id: self.ticket_id };
        attempt.give_up(why).await
    }
}

/// Progress, written down for whoever follows the run.
struct Told<'a> {
    deps: &'a ArchiveDeps,
    account: &'a str,
    attachment_id: u64,
}

impl transfer::Progress for Told<'_> {
    async fn reached(&self, bytes: u64) {
        let now = self.deps.clock.now();
        let told = archive::set_done_bytes(&self.deps.db, self.account, self.attachment_id, bytes, now).await;
        if let Err(error) = told {
            tracing::debug!(%error, "progress could not be told");
        }
    }
}

/// Whether a run still has something to do with an item that stands here.
const fn is_open(state: ItemState) -> bool {
    matches!(state, ItemState::Planned | ItemState::Stored | ItemState::Verified)
}

/// One attempt at a run.
struct Attempt<'a> {
    deps: &'a ArchiveDeps,
    lease: &'a Lease,
    account: &'a str,
    run_id: &'a str,
    ticket_id: u64,
}

impl Attempt<'_> {
    /// Marks the run as running; `None` when it ended already.
    async fn begin(&self) -> Result<Option<RunRow>, JobError> {
        let change = RunChange { state: Some(RunState::Running), ..RunChange::default() };
        self.set_run(change).await
    }

    async fn set_run(&self, change: RunChange) -> Result<Option<RunRow>, JobError> {
        let now = self.deps.clock.now();
        let mut tx = self.deps.db.begin().await?;
        self.lease.guard(&mut tx).await?;
        let run = archive::set_run(&mut tx, self.account, self.run_id, change, now).await?;
        tx.commit().await?;
        Ok(run)
    }

    /// Says on the run what is in its way, and hands the cause to the queue with its advice.
    async fn pause(&self, error: StepError) -> JobError {
        let problem = Problem { code: error.code().as_str().to_owned(), message: error.told() };
        let change = RunChange { problem: Set::To(problem), ..RunChange::default() };
        if let Err(error) = self.set_run(change).await {
            return error;
        }
        match error.advice() {
            Advice::Retry => JobError::retry(error),
            Advice::RetryAfter(after) => JobError::retry_after(after, error),
            Advice::GiveUp => JobError::give_up(error),
        }
    }

    /// Writes down every attachment that the run is asked for. What an earlier attempt of this run has ended stays so.
    async fn plan(&self, run: &RunRow, comments: &[Comment]) -> Result<(), JobError> {
        let now = self.deps.clock.now();
        let ended = self.items().await?.into_iter().filter(|item| !is_open(item.state));
        let ended: BTreeSet<u64> = ended.map(|item| item.attachment_id).collect();
        let mut tx = self.deps.db.begin().await?;
        self.lease.guard(&mut tx).await?;
        for (comment, attachment) in rules::wanted(comments, run.attachment_ids.as_deref()) {
            if ended.contains(&attachment.id.0) {
                continue;
            }
            let new = NewItem {
                account: self.account.to_owned(),
                attachment_id: attachment.id.0,
                comment_id: comment.id.0,
                ticket_id: run.ticket_id,
                run_id: run.id.clone(),
                file_name: attachment.file_name.clone(),
                size: attachment.size,
                content_type: attachment.content_type.clone(),
                now,
            };
            archive::plan_item(&mut tx, new).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// Takes every open item as far as it goes. One item's trouble does not stop the others; the first that may pass
    /// is given back.
    async fn work(
        &self,
        comments: &[Comment],
        ticket: zendesk::TicketId,
        closed: bool,
    ) -> Result<Option<StepError>, JobError> {
        let mut trouble = None;
        for item in archive::open_items_of_run(&self.deps.db, self.account, self.run_id).await? {
            if let Err(error) = self.copy(&item, comments).await?
                && self.settle(&item, error, &mut trouble).await?.is_break()
            {
                return Ok(trouble);
            }
        }
        let mut redacted = Vec::new();
        for item in archive::open_items_of_run(&self.deps.db, self.account, self.run_id).await? {
            if item.state != ItemState::Verified {
                continue;
            }
            match self.redact(&item, comments, ticket, closed).await {
                Ok(()) => redacted.push(item),
                Err(error) => {
                    if self.settle(&item, error, &mut trouble).await?.is_break() {
                        break;
                    }
                }
            }
        }
        if !redacted.is_empty() {
            // Zendesk's 200 proves nothing: the list does.
            match self.deps.zendesk.comments(ticket).await {
                Err(error) => trouble = trouble.or(Some(error.into())),
                Ok(after) => {
                    for item in &redacted {
                        if self.is_redacted(item, &after) {
                            let step = (ItemState::Verified, ItemState::Redacted);
                            self.advance(item, step, ItemChange::default()).await?;
                        } else {
                            trouble = trouble.or(Some(StepError::Unproven));
                        }
                    }
                }
            }
        }
        Ok(trouble)
    }

    /// `planned` → `stored` → `verified`.
    async fn copy(&self, item: &ItemRow, comments: &[Comment]) -> Result<Result<(), StepError>, JobError> {
        let deps = self.deps;
        let mut state = item.state;
        let (mut sha256, mut key) = (item.sha256.clone(), item.object_key.clone());
        if state == ItemState::Planned {
            let found = rules::find(comments, zendesk::AttachmentId(item.attachment_id));
            let Some((comment, attachment)) = found.filter(|(_, attachment)| !rules::is_gone(attachment))
            else {
                let why = "it is no longer in Zendesk; somebody else removed it";
                self.skip(item, ErrorCode::AttachmentNotFound, why).await?;
                return Ok(Ok(()));
            };
            if let Verdict::Skip(code, why) = rules::judge(attachment, deps.max_file_bytes) {
                self.skip(item, code, &why).await?;
                return Ok(Ok(()));
            }
            let place = Place {
                account: self.account,
                ticket_id: item.ticket_id,
                comment_id: item.comment_id,
                attachment_id: item.attachment_id,
                written: comment.created_at,
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
                ..ItemChange::default()
            };
            self.advance(item, (ItemState::Planned, ItemState::Stored), change).await?;
            state = ItemState::Stored;
        }
        if state == ItemState::Stored {
            let (Some(sha256), Some(key)) = (sha256, key) else {
                // A stored item without its hash is none: store it again.
                self.advance(item, (ItemState::Stored, ItemState::Planned), ItemChange::default()).await?;
                return Ok(Err(StepError::Mismatch));
            };
            match deps.objects.read_back(&key).await {
                Ok((size, read)) if read == sha256 && size == item.size => {
                    self.advance(item, (ItemState::Stored, ItemState::Verified), ItemChange::default())
                        .await?;
                }
                Ok(_) | Err(ObjectsError::NotFound { .. }) => {
                    self.advance(item, (ItemState::Stored, ItemState::Planned), ItemChange::default())
                        .await?;
                    return Ok(Err(StepError::Mismatch));
                }
                Err(error) => return Ok(Err(error.into())),
            }
        }
        Ok(Ok(()))
    }

    async fn transfer(
        &self,
        item: &ItemRow,
        attachment: &zendesk::Attachment,
        place: &Place<'_>,
    ) -> Result<transfer::Stored, StepError> {
        let deps = self.deps;
        let download = deps.zendesk.download(&attachment.content_url).await?;
        let progress = Told { deps, account: self.account, attachment_id: item.attachment_id };
        let (size, name) = (attachment.size, &attachment.file_name);
        Ok(transfer::store(download, size, name, place, &deps.objects, deps.part_bytes, &progress).await?)
    }

    async fn redact(
        &self,
        item: &ItemRow,
        comments: &[Comment],
        ticket: zendesk::TicketId,
        closed: bool,
    ) -> Result<(), StepError> {
        let id = zendesk::AttachmentId(item.attachment_id);
        let Some((comment, attachment)) = rules::find(comments, id) else { return Ok(()) };
        if self.is_redacted(item, comments) {
            return Ok(()); // before this attempt
        }
        let zendesk = &self.deps.zendesk;
        let in_workspace = || zendesk.redact_in_workspace(comment.id, ticket, &attachment.content_url);
        if closed {
            return Ok(in_workspace().await?);
        }
        match zendesk.redact_attachment(ticket, comment.id, id).await {
            // Closed since the ticket was read.
            Err(ZendeskError::Closed { .. }) => Ok(in_workspace().await?),
            outcome => Ok(outcome?),
        }
    }

    /// Gone from the list, or there under the name of a redacted file.
    fn is_redacted(&self, item: &ItemRow, comments: &[Comment]) -> bool {
        rules::find(comments, zendesk::AttachmentId(item.attachment_id)).is_none_or(|(_, attachment)| {
            rules::is_gone(attachment) || rules::is_renamed(attachment, &item.file_name)
        })
    }

    /// A trouble that passes is kept for the queue; one that does not ends the item. Breaks where Zendesk asks us to
    /// wait: it would say the same of the next item.
    async fn settle(
        &self,
        item: &ItemRow,
        error: StepError,
        trouble: &mut Option<StepError>,
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
            trouble.get_or_insert(error);
            let waits = matches!(advice, Advice::RetryAfter(_));
            return Ok(if waits { ControlFlow::Break(()) } else { ControlFlow::Continue(()) });
        }
        tracing::warn!(
            ticket.id = item.ticket_id,
            attachment.id = item.attachment_id,
            error = %error,
            "an attachment of ticket {} could not be archived",
            item.ticket_id
        );
        self.fail(item, error.code(), &error.told()).await?;
        Ok(ControlFlow::Continue(()))
    }

    async fn skip(&self, item: &ItemRow, code: ErrorCode, why: &str) -> Result<(), JobError> {
        self.end_item(item, ItemState::Skipped, code, why).await
    }

    async fn fail(&self, item: &ItemRow, code: ErrorCode, why: &str) -> Result<(), JobError> {
        self.end_item(item, ItemState::Failed, code, why).await
    }

    async fn end_item(
        &self,
        item: &ItemRow,
        to: ItemState,
        code: ErrorCode,
        why: &str,
    ) -> Result<(), JobError> {
        let now = archive::item(&self.deps.db, self.account, item.attachment_id).await?;
        let from = now.map_or(item.state, |now| now.state);
        let change = ItemChange {
            reason_code: Some(code.as_str().to_owned()),
            reason: Some(why.to_owned()),
            ..ItemChange::default()
        };
        self.advance(item, (from, to), change).await
    }

    async fn advance(
        &self,
        item: &ItemRow,
        (from, to): (ItemState, ItemState),
        change: ItemChange,
    ) -> Result<(), JobError> {
        let sha256 = change.sha256.clone().or_else(|| item.sha256.clone());
        let object_key = change.object_key.clone().or_else(|| item.object_key.clone());
        let entry = LedgerEntry {
            at: self.deps.clock.now(),
            actor: format!("run:{}", self.run_id),
            action: to.as_str().to_owned(),
            ticket_id: Some(item.ticket_id),
            attachment_id: Some(item.attachment_id),
            sha256,
            object_key,
            detail: serde_json::json!({ "reason": change.reason_code, "size": item.size }),
        };
        let mut tx = self.deps.db.begin().await?;
        self.lease.guard(&mut tx).await?;
        archive::advance(&mut tx, self.account, item.attachment_id, (from, to), change, &entry).await?;
        tx.commit().await?;
        Ok(())
    }

    /// The internal note, once: a run that died after writing it finds it by its marker.
    async fn write_note(
        &self,
        ticket: zendesk::TicketId,
        comments: &[Comment],
        closed: bool,
    ) -> Result<Result<(), ZendeskError>, JobError> {
        let items = self.items().await?;
        let marker = note::marker(self.run_id, &items);
        let there = comments.iter().any(|comment| comment.html_body.contains(&marker));
        let noted = if there {
            true
        } else if closed || items.is_empty() {
            false
        } else {
            let html = note::html(self.run_id, &items, self.deps.objects.address());
            match self.deps.zendesk.add_internal_note(ticket, &html).await {
                Ok(()) => true,
                Err(ZendeskError::Closed { .. }) => false,
                Err(error) => return Ok(Err(error)),
            }
        };
        self.set_run(RunChange { noted: Some(noted), ..RunChange::default() }).await?;
        Ok(Ok(()))
    }

    async fn items(&self) -> Result<Vec<ItemRow>, JobError> {
        let mut items = archive::items_of_ticket(&self.deps.db, self.account, self.ticket_id).await?;
        items.retain(|item| item.run_id == self.run_id);
        Ok(items)
    }

    /// Ends the run, unless an agent asked for more meanwhile.
    async fn end(&self, planned: &RunRow) -> Result<bool, JobError> {
        let failed = self.items().await?.iter().any(|item| item.state == ItemState::Failed);
        let now = self.deps.clock.now();
        let mut tx = self.deps.db.begin().await?;
        self.lease.guard(&mut tx).await?;
        // Changes nothing, but holds the row: a wish that joins from here on finds the run ended.
        let row = archive::set_run(&mut tx, self.account, self.run_id, RunChange::default(), now).await?;
        if row.is_some_and(|row| row.attachment_ids != planned.attachment_ids) {
            return Ok(false);
        }
        let state = if failed { RunState::Failed } else { RunState::Done };
        let change = RunChange { state: Some(state), problem: Set::Clear, ..RunChange::default() };
        archive::set_run(&mut tx, self.account, self.run_id, change, now).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// The queue tries no more: what is open has failed, and stays in Zendesk.
    async fn give_up(&self, why: &str) -> Result<(), JobError> {
        let Some(run) = archive::run(&self.deps.db, self.account, self.run_id).await? else { return Ok(()) };
        let code = run.problem_code.clone().unwrap_or_else(|| ErrorCode::Internal.as_str().to_owned());
        let message = run.problem.clone().unwrap_or_else(|| why.to_owned());
        for item in archive::open_items_of_run(&self.deps.db, self.account, self.run_id).await? {
            let change = ItemChange {
                reason_code: Some(code.clone()),
                reason: Some(message.clone()),
                ..ItemChange::default()
            };
            self.advance(&item, (item.state, ItemState::Failed), change).await?;
        }
        let problem = Set::To(Problem { code, message });
        self.set_run(RunChange { state: Some(RunState::Failed), problem, ..RunChange::default() }).await?;
        Ok(())
    }
}
