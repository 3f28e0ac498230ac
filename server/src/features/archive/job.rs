//! One run, from the list to the note. It may die at any instruction and start again: every step is idempotent, every
//! transition one transaction with its ledger row, guarded by the job's fence.

use std::{collections::BTreeSet, time::Duration};

use serde::{Deserialize, Serialize};
use wire::{ErrorCode, LedgerAction};

use super::{
    deps::ArchiveDeps,
    given_up::GivenUp,
    listed::Listed,
    note,
    notice::RunNotice,
    operated,
    reading::Reading,
    rules,
    step_error::StepError,
    tags::Outcome,
    undo::{self, is_undone},
};
use crate::{
    connectors::{FailureKind, VendorError, zendesk::ZendeskError},
    features::obeyed,
    queue::{Job, JobError, Lease, Operated, Queue},
    store::{
        StoreError, Tx,
        archive::{self, ItemChange, ItemRow, ItemState, Problem, RunChange, RunRow, RunState, Set, Window},
        ledger::{self, LedgerEntry},
    },
};

/// Moves one ticket's attachments to the account's archive.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ArchiveRun {
    pub account: String,
    /// Which run.
    pub run_id: String,
    /// Of which ticket.
    pub ticket_id: u64,
}

impl ArchiveRun {
    /// The job of a run.
    pub(super) fn of(run: &RunRow) -> Self {
        Self { account: run.account.clone(), run_id: run.id.clone(), ticket_id: run.ticket_id }
    }
}

impl Job for ArchiveRun {
    const NAME: &'static str = "archive_run";
    const LEASE: Duration = Duration::from_secs(20); // after a crash somebody goes on soon
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
            let mut reading = match attempt.read(&run).await? {
                Ok(reading) => reading,
                Err(error) if error.is(FailureKind::NotFound) => return attempt.ticket_is_gone().await,
                Err(error) => return Err(attempt.pause(error.into()).await),
            };
            let run = attempt.plan(run, &reading).await?;
            let (copied, mut redacted) = (attempt.copy_all(&reading).await?, None);
            match (attempt.settle_window(&run, copied.is_none()).await?, copied.is_some()) {
                (Window::Undone, _) => return attempt.leave_the_rest().await,
                (Window::Changed, _) => continue,
                (Window::Open(until), false) => {
                    let left = (until - deps.clock.now()).to_std().unwrap_or_default();
                    return Err(JobError::retry_after(left, "the run can still be undone"));
                }
                (Window::Ahead | Window::Open(_), _) => {}
                (Window::Closed, _) => redacted = attempt.redact_all(&run, &mut reading).await?,
            }
            if let Some(error) = copied.or(redacted) {
                return Err(attempt.pause(error).await);
            }
            if let Err(error) = attempt.write_manifest(&reading.listed).await? {
                return Err(attempt.pause(error).await);
            }
            if let Err(error) = attempt.tell_the_ticket(&run, &reading.listed).await? {
                return Err(attempt.pause(error.into()).await);
            }
            if attempt.end(&run, &reading.listed).await? {
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

    async fn on_cancelled(job: Operated<'_>, queue: &Queue, tx: &mut Tx) -> Result<(), StoreError> {
        operated::cancelled(queue, tx, job.account, job.key).await
    }

    async fn on_retry(job: Operated<'_>, _: &Queue, tx: &mut Tx) -> Result<Result<(), String>, StoreError> {
        operated::retried(tx, job.account, job.key).await
    }
}

/// One attempt at a run; what it does with single items is in `steps`.
pub(super) struct Attempt<'a> {
    pub(super) deps: &'a ArchiveDeps,
    pub(super) lease: &'a Lease,
    pub(super) account: &'a str,
    pub(super) run_id: &'a str,
    pub(super) ticket_id: u64,
}

impl Attempt<'_> {
    /// Marks the run as running; `None` when it ended already.
    async fn begin(&self) -> Result<Option<RunRow>, JobError> {
        let change = RunChange { state: Some(RunState::Running), ..RunChange::default() };
        self.set_run(change).await
    }

    async fn set_run(&self, change: RunChange) -> Result<Option<RunRow>, JobError> {
        let now = self.deps.clock.now();
        let mut tx = self.deps.db.begin_unsynced().await?;
        self.lease.guard(&mut tx).await?;
        let run = archive::set_run(&mut tx, self.account, self.run_id, change, now).await?;
        tx.commit().await?;
        Ok(run)
    }

    /// Whoever tagged it may have deleted or merged it since; no later attempt finds it.
    async fn ticket_is_gone(&self) -> Result<(), JobError> {
        let message = format!("ticket {} does not exist, was deleted, or is hidden from us", self.ticket_id);
        let problem = Problem { code: ErrorCode::TicketNotFound.as_str().to_owned(), message };
        self.set_run(RunChange { problem: Set::To(problem), ..RunChange::default() }).await?;
        self.give_up("").await
    }

    /// Says on the run what is in its way, and hands the cause to the queue with its advice.
    async fn pause(&self, error: StepError) -> JobError {
        let problem = Problem { code: error.code().as_str().to_owned(), message: error.told() };
        let change = RunChange { problem: Set::To(problem), ..RunChange::default() };
        if let Err(error) = self.set_run(change).await {
            return error;
        }
        obeyed(error.advice(), error)
    }

    /// Writes down every attachment that the run is asked for now; gives back the run as it was planned. What an earlier
    /// attempt of this run has planned or ended stays so.
    ///
    /// What an agent kept stays kept, also when the tag calls again, until somebody asks for it after that.
    async fn plan(&self, begun: RunRow, reading: &Reading) -> Result<RunRow, JobError> {
        let (now, comments) = (self.deps.clock.now(), &reading.listed.comments[..]);
        let all = archive::items_of_ticket(&self.deps.db, self.account, self.ticket_id).await?;
        let stays = |item: &&ItemRow| {
            if is_undone(item) { !reading.asks_again(item, self.run_id) } else { item.run_id == self.run_id }
        };
        let known: BTreeSet<u64> = all.iter().filter(stays).map(|item| item.attachment_id).collect();
        let mut tx = self.deps.db.begin_unsynced().await?;
        self.lease.guard(&mut tx).await?;
        let Some(run) = archive::hold_run(&mut tx, self.account, self.run_id).await? else {
            return Ok(begun);
        };
        for (comment, attachment) in rules::wanted(comments, run.attachment_ids.as_deref()) {
            if known.contains(&attachment.id.0) {
                continue;
            }
            let new = rules::new_item(&run, comment, attachment, now);
            archive::plan_item(&mut tx, new).await?;
        }
        self.take_over(&mut tx, &all, comments).await?;
        tx.commit().await?;
        Ok(run)
    }

    /// Whether the run can still be undone. Where it cannot, nobody can from here on. Its commit waits for the disk, and takes
    /// there all that the run did before: a power cut may not forget the copy of a file that is redacted.
    async fn settle_window(&self, planned: &RunRow, copied: bool) -> Result<Window, JobError> {
        let mut tx = self.deps.db.begin().await?;
        self.lease.guard(&mut tx).await?;
        let window = archive::settle_window(&mut tx, planned, copied, self.deps.clock.now()).await?;
        tx.commit().await?;
        Ok(window)
    }

    /// The run was undone while this attempt planned: what it planned stays in Zendesk.
    async fn leave_the_rest(&self) -> Result<(), JobError> {
        for item in archive::open_items_of_run(&self.deps.db, self.account, self.run_id).await? {
            let why = "the run was taken back before it was removed from Zendesk";
            let mut tx = self.deps.db.begin_unsynced().await?;
            self.lease.guard(&mut tx).await?;
            let entry = LedgerEntry {
                attachment_id: Some(item.attachment_id),
                ..self.entry(
                    &format!("run:{}", self.run_id),
                    LedgerAction::Skipped,
                    Some(ErrorCode::ArchiveCancelled.as_str()),
                )
            };
            undo::keep_item(&mut tx, &self.deps.queue, &item, why, &entry).await?;
            tx.commit().await?;
        }
        Ok(())
    }

    /// The tags, then the internal note, once: a run that died after writing it finds it by its marker. A closed ticket
    /// takes neither.
    async fn tell_the_ticket(
        &self,
        run: &RunRow,
        listed: &Listed,
    ) -> Result<Result<(), ZendeskError>, JobError> {
        let Listed { ticket, comments, .. } = listed;
        let all = archive::items_of_ticket(&self.deps.db, self.account, self.ticket_id).await?;
        let has_archived = all.iter().any(|item| item.state == ItemState::Redacted);
        let hides = listed.hides(run.attachment_ids.as_deref());
        let unreadable = if hides { rules::unreadable(comments, &all) } else { 0 };
        let items: Vec<ItemRow> = all.into_iter().filter(|item| item.run_id == self.run_id).collect();
        let moved = items.iter().any(|item| item.state == ItemState::Redacted);
        let outcome = if hides { Outcome::Failed } else { Outcome::of(&items, has_archived) };
        // Where nobody asked in person and nothing moved, the ticket may say it already. A note would be an update that asks
        // once more. An attempt that tagged it says so in the run.
        let is_told = run.requested_by.is_none()
            && !moved
            && run.noted.is_none()
            && self.deps.settings.tags.say(&ticket.tags, outcome);
        if !moved && !is_told {
            self.set_run(RunChange { noted: Some(false), ..RunChange::default() }).await?;
        }
        if !listed.is_closed()
            && let Err(error) = self.deps.tag(self.account, ticket, outcome).await?
        {
            return Ok(Err(error));
        }
        if items.is_empty() {
            return Ok(Ok(())); // nothing was to be told: that is not a note that could not be written
        }
        let marker = note::marker(self.run_id, &items);
        let there = comments.iter().any(|comment| comment.html_body.contains(&marker));
        let noted = if there || is_told {
            true
        } else if listed.is_closed() {
            false
        } else {
            let html = note::html(self.run_id, &items, unreadable, self.deps.objects.name());
            match self.deps.note(self.account, ticket.id, &html).await? {
                Ok(()) => true,
                Err(ZendeskError::Closed { .. }) => false,
                Err(error) => return Ok(Err(error)),
            }
        };
        self.set_run(RunChange { noted: Some(noted), ..RunChange::default() }).await?;
        Ok(Ok(()))
    }

    pub(super) async fn items(&self) -> Result<Vec<ItemRow>, JobError> {
        let mut items = archive::items_of_ticket(&self.deps.db, self.account, self.ticket_id).await?;
        items.retain(|item| item.run_id == self.run_id);
        Ok(items)
    }

    /// Ends the run, unless an agent asked for more meanwhile.
    async fn end(&self, planned: &RunRow, listed: &Listed) -> Result<bool, JobError> {
        let items = self.items().await?;
        let hides = listed.hides(planned.attachment_ids.as_deref());
        let failed = hides || items.iter().any(|item| item.state == ItemState::Failed);
        let now = self.deps.clock.now();
        let mut tx = self.deps.db.begin().await?;
        self.lease.guard(&mut tx).await?;
        // Changes nothing, but holds the row: a request that joins from here on finds the run ended.
        let row = archive::set_run(&mut tx, self.account, self.run_id, RunChange::default(), now).await?;
        if row.is_some_and(|row| row.attachment_ids != planned.attachment_ids) {
            return Ok(false);
        }
        let state = if failed { RunState::Failed } else { RunState::Done };
        let problem = if hides { Set::To(unreadable()) } else { Set::Clear };
        self.end_as(&mut tx, RunChange { state: Some(state), problem, ..RunChange::default() }).await?;
        if items.is_empty() && !hides {
            self.tell(&mut tx, LedgerAction::NothingToArchive, None).await?;
        }
        tx.commit().await?;
        Ok(true)
    }

    /// False when it had ended before.
    async fn end_as(&self, tx: &mut Tx, change: RunChange) -> Result<bool, JobError> {
        let ended = archive::set_run(tx, self.account, self.run_id, change, self.deps.clock.now()).await?;
        let Some(run) = ended else { return Ok(false) };
        undo::release_next_run(tx, &self.deps.queue, &run, self.deps.clock.now()).await?;
        if self.deps.tells {
            self.deps.queue.enqueue(tx, &RunNotice { account: run.account, run_id: run.id }).await?;
        }
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
        let problem = Set::To(Problem { code: code.clone(), message });
        let change = RunChange { state: Some(RunState::Failed), problem, ..RunChange::default() };
        let mut tx = self.deps.db.begin().await?;
        self.lease.guard(&mut tx).await?;
        if self.end_as(&mut tx, change).await? {
            self.tell(&mut tx, LedgerAction::GaveUp, Some(&code)).await?;
            if code != ErrorCode::TicketNotFound.as_str() {
                let told = GivenUp { account: self.account.to_owned(), run_id: self.run_id.to_owned() };
                self.deps.queue.enqueue(&mut tx, &told).await?;
            }
        }
        tx.commit().await?;
        Ok(())
    }

    /// Writes into the ledger what became of the run as a whole, where no file's row tells it.
    async fn tell(&self, tx: &mut Tx, action: LedgerAction, code: Option<&str>) -> Result<(), StoreError> {
        ledger::append(tx, self.account, &self.entry("deskside", action, code)).await.map(drop)
    }

    fn entry(&self, actor: &str, action: LedgerAction, code: Option<&str>) -> LedgerEntry {
        LedgerEntry {
            at: self.deps.clock.now(),
            actor: actor.to_owned(),
            action: action.as_str().to_owned(),
            ticket_id: Some(self.ticket_id),
            attachment_id: None,
            sha256: None,
            object_key: None,
            detail: serde_json::json!({ "run": self.run_id, "code": code }),
        }
    }
}

/// Why a run is not done that has nothing more to do.
fn unreadable() -> Problem {
    Problem {
        code: ErrorCode::AttachmentUnreadable.as_str().to_owned(),
        message: "Zendesk lists a file on this ticket whose entry cannot be read; it stays in Zendesk"
            .to_owned(),
    }
}
