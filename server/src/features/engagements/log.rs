//! What is written into an engagement's ticket, and when: a stage is requested by the agent's browser, by Twilio's own
//! webhook, or by both, and written once. A job writes it, so that a Zendesk that is down for ten minutes loses nothing.
//! **Invariant:** what a browser told counts only where Twilio says that the task is its agent's; the note is written for the
//! agent whose stage it is, into a ticket that they may see at that moment.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use wire::{ErrorCode, FlexSettings, LogRequest, LogStage, TicketId, UserId};

use super::{
    AfterPopDeps, Engagements, Inner, Origin,
    author::{self, Author},
    claims::TwilioTask,
    note::{self, Told},
    origin::origin_of,
    stage::{By, Known},
    ticket::{Actor, Request, ticket_of},
};
use crate::{
    connectors::{
        FailureKind, Rows, VendorError,
        zendesk::{self, ZendeskError},
    },
    features::{
        contracts::Contracts,
        recordings::{Call, Recorded, Recordings},
        tasks::TaskAttributes,
    },
    queue::{Job, JobError, Lease, Operated, Queue},
    store::{
        StoreError, Tx,
        engagements::{self, NoteKey, Outcome},
        wrapups,
    },
};

/// Until Twilio has put the recording and the agent's last words into a task that has just ended.
pub(super) const SETTLES: chrono::TimeDelta = chrono::TimeDelta::seconds(5);

/// Until Twilio's log has a task. It lags by seconds.
const UNTOLD: Duration = Duration::from_mins(2);

/// Writes one stage's note.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct LogNote {
    pub account: String,
    /// Of which task.
    pub task_sid: String,
    /// How far it is.
    pub stage: LogStage,
    /// Whose reservation; empty where the stage is the whole task's. Of what was noted after the end: whose.
    pub leg: String,
}

/// What the job needs.
#[derive(Clone)]
pub struct LogDeps {
    /// Knows the tickets.
    pub engagements: Engagements,
    /// Knows the customers.
    pub contracts: Contracts,
    /// The vendors.
    pub after: AfterPopDeps,
    /// Where calls can be heard.
    pub recordings: Recordings,
}

impl Engagements {
    /// A stage is to be written down, if the settings say so.
    pub async fn log(&self, task_sid: &str, request: &LogRequest, by: By<'_>) -> Result<(), StoreError> {
        let settings = self.settings().await?;
        self.log_by(&settings, task_sid, request, by).await
    }

    /// The same, with the settings at hand. What is not wanted waits for no database.
    pub async fn log_by(
        &self,
        settings: &FlexSettings,
        task_sid: &str,
        request: &LogRequest,
        by: By<'_>,
    ) -> Result<(), StoreError> {
        if !is_wanted(settings, request.stage) {
            return Ok(());
        }
        let inner = &self.0;
        let mut tx = inner.db.begin().await?;
        self.request_note(&mut tx, settings, task_sid, request, by).await?;
        tx.commit().await?;
        inner.queue.wake();
        Ok(())
    }

    /// The same, together with what else `tx` does.
    pub async fn request_note(
        &self,
        tx: &mut Tx,
        settings: &FlexSettings,
        task_sid: &str,
        request: &LogRequest,
        by: By<'_>,
    ) -> Result<(), StoreError> {
        if !is_wanted(settings, request.stage) {
            return Ok(());
        }
        let inner = &self.0;
        // A task begins once for each agent who has it, and ends once.
        let leg = match request.stage {
            LogStage::Start => request.reservation_sid.clone().unwrap_or_default(),
            _ => String::new(),
        };
        let job = LogNote {
            account: inner.account.clone(),
            task_sid: task_sid.to_owned(),
            stage: request.stage,
            leg,
        };
        let now = inner.clock.now();
        let before = engagements::note(&mut *tx, job.row()).await?;
        let mut known: Known =
            before.and_then(|note| serde_json::from_str(&note.facts).ok()).unwrap_or_default();
        known.add(request, by);
        let facts = serde_json::to_string(&known).expect("facts are plain data");
        if engagements::request_note(tx, job.row(), &facts, now).await? {
            let at = if request.stage == LogStage::Complete { now + SETTLES } else { now };
            inner.queue.enqueue_at(tx, &job, at).await?;
        }
        Ok(())
    }
}

impl Inner {
    /// Notes that wait for the agent's choice wait no longer.
    pub(super) async fn hasten(&self, tx: &mut Tx, task_sid: &str) -> Result<(), StoreError> {
        let now = self.clock.now();
        for (stage, leg, since) in engagements::waiting(&mut *tx, &self.account, task_sid).await? {
            let Some(stage) = note::stage(&stage) else { continue };
            let job = LogNote { account: self.account.clone(), task_sid: task_sid.to_owned(), stage, leg };
            let at = if stage == LogStage::Complete { now.max(since + SETTLES) } else { now };
            self.queue.hasten(tx, &job, at).await?;
        }
        Ok(())
    }
}

/// Whether the settings want a stage written down.
pub(super) const fn is_wanted(settings: &FlexSettings, stage: LogStage) -> bool {
    settings.enabled
        && match stage {
            LogStage::Start => settings.log_start,
            LogStage::Switch => settings.log_switch,
            LogStage::Complete => settings.log_complete,
            LogStage::Missed => settings.missed_ticket,
        }
}

impl Job for LogNote {
    const NAME: &'static str = "log_note";
    const MAX_ATTEMPTS: u32 = 14; // an outage of an hour, however the dice fall
    const LEASE: Duration = Duration::from_secs(30);
    type Deps = LogDeps;

    fn account(&self) -> &str {
        &self.account
    }

    fn key(&self) -> String {
        format!("{}:{}:{}", self.task_sid, note::name(self.stage), self.leg)
    }

    fn concurrency_key(&self) -> Option<String> {
        Some("engagements".to_owned())
    }

    async fn run(&self, deps: &LogDeps, lease: &Lease) -> Result<(), JobError> {
        let inner = &deps.engagements.0;
        let row = engagements::note(&inner.db, self.row()).await?.filter(|note| note.state == "waiting");
        let Some(row) = row else { return Ok(()) };
        let known: Known = serde_json::from_str(&row.facts).unwrap_or_default();
        // The note may be late; the accept was no later than it was told of.
        let accepted_at = known.told_at().map_or(row.since, |told| told.min(row.since));
        let settings = inner.settings.flex().await?;
        let task = match &deps.after.task_router {
            Some(task_router) => task_router.read(&self.task_sid).await?,
            None => None,
        };
        let Some(mut author) = author::author_of(deps, self, known, task.as_ref()).await? else {
            return self.leave_out(deps, lease, ErrorCode::EngagementNotFound).await;
        };
        let origin = origin_of(deps, &self.task_sid, task.as_ref()).await?;
        author.attributes = origin.identify(author.attributes.json());
        let nobodys = author.actor.is_none();
        if (nobodys || self.stage == LogStage::Missed)
            && !origin.is_known()
            && deps.after.task_router.is_some()
        {
            return Err(JobError::retry_after(
                UNTOLD,
                "Twilio's log does not tell yet how the task was made",
            ));
        }
        // Where no agent's reach bounds a note, no agent may have said where it goes.
        let by_an_agent = nobodys && origin.is_agents(task.as_ref());
        // A call of ours that the customer did not answer is no call that we missed.
        let then = origin.attributes().unwrap_or(&author.attributes);
        if by_an_agent || (self.stage == LogStage::Missed && then.is_outbound()) {
            return self.leave_out(deps, lease, ErrorCode::TicketOutOfReach).await;
        }
        let chosen = author.chosen.as_ref().and_then(|chosen| chosen.ticket().ok());
        let accepted_by = author.actor.as_ref().filter(|_| self.stage == LogStage::Start);
        let accepted_by = accepted_by.filter(|Actor { agent, claimant }| {
            task.as_ref().is_none_or(|task| task.was_taken_by(claimant, agent.email.as_deref()))
        });
        let request = Request {
            task_sid: &self.task_sid,
            attributes: &author.attributes,
            origin: &origin,
            chosen,
            actor: author.actor.as_ref(),
            accepted_by: accepted_by.map(|actor| actor.claimant.agent_id),
            accepted_at: Some(accepted_at),
        };
        let ticket = match ticket_of(deps, &settings, request).await? {
            Ok(ticket) => ticket,
            Err(why) => return self.leave_out(deps, lease, why).await,
        };
        let zendesk = &deps.after.zendesk;
        let ticket = zendesk::TicketId(ticket.0);
        // A worker may have died between writing the note and saying so.
        let marker = note::marker(&self.task_sid, self.stage, &self.leg);
        let there = lease.may_have_begun()
            && match zendesk.comments(ticket).await {
                Ok(comments) => comments.iter().any(|comment| note::has(&comment.html_body, &marker)),
                Err(error) if error.is(FailureKind::NotFound) => {
                    return self.leave_out(deps, lease, ErrorCode::TicketNotFound).await;
                }
                Err(error) => return Err(error.into()),
            };
        if !there {
            let html =
                self.html(deps, &settings, (&author, task.as_ref(), &origin), TicketId(ticket.0)).await?;
            match zendesk.add_internal_note(ticket, &html).await {
                // Closed or deleted meanwhile: there is nothing to write into.
                Err(ZendeskError::Closed { .. }) => {
                    return self.leave_out(deps, lease, ErrorCode::TicketClosed).await;
                }
                Err(error) if error.is(FailureKind::NotFound) => {
                    return self.leave_out(deps, lease, ErrorCode::TicketNotFound).await;
                }
                written => written?,
            }
        }
        self.close(deps, lease, Outcome::Written(ticket.0)).await
    }

    async fn on_dead(&self, deps: &LogDeps, lease: &Lease, why: &str) -> Result<(), JobError> {
        tracing::error!(
            task = self.task_sid,
            stage = note::name(self.stage),
            why,
            "a note could not be written"
        );
        self.leave_out(deps, lease, ErrorCode::NoteGivenUp).await
    }

    /// Nobody waits for the note any more.
    async fn on_cancelled(job: Operated<'_>, _: &Queue, tx: &mut Tx) -> Result<(), StoreError> {
        let Some(job) = job.read::<Self>() else { return Ok(()) };
        let note = engagements::note(&mut *tx, job.row()).await?;
        if note.is_some_and(|note| note.state == "waiting") {
            engagements::close(tx, job.row(), Outcome::LeftOut(ErrorCode::NoteGivenUp.as_str())).await?;
        }
        Ok(())
    }

    /// The note was given up with its job: it waits again.
    async fn on_retry(job: Operated<'_>, _: &Queue, tx: &mut Tx) -> Result<Result<(), String>, StoreError> {
        let Some(job) = job.read::<Self>() else { return Ok(Ok(())) };
        engagements::reopen(&mut *tx, job.row(), ErrorCode::NoteGivenUp.as_str()).await?;
        let note = engagements::note(tx, job.row()).await?;
        let waits = note.is_some_and(|note| note.state == "waiting");
        Ok(if waits { Ok(()) } else { Err("its note is written, or has no ticket".to_owned()) })
    }
}

impl LogNote {
    pub(super) fn row(&self) -> NoteKey<'_> {
        NoteKey {
            account: &self.account,
            task_sid: &self.task_sid,
            stage: note::name(self.stage),
            leg: &self.leg,
        }
    }

    async fn leave_out(&self, deps: &LogDeps, lease: &Lease, why: ErrorCode) -> Result<(), JobError> {
        self.close(deps, lease, Outcome::LeftOut(why.as_str())).await
    }

    async fn close(&self, deps: &LogDeps, lease: &Lease, outcome: Outcome<'_>) -> Result<(), JobError> {
        let mut tx = deps.engagements.0.db.begin().await?;
        lease.guard(&mut tx).await?;
        engagements::close(&mut tx, self.row(), outcome).await?;
        tx.commit().await?;
        Ok(())
    }

    async fn html(
        &self,
        deps: &LogDeps,
        settings: &FlexSettings,
        (author, task, origin): (&Author, Option<&TwilioTask>, &Origin),
        ticket: TicketId,
    ) -> Result<String, JobError> {
        let Author { attributes, facts, .. } = author;
        let afterwards = self.stage == LogStage::Complete && !self.leg.is_empty();
        let over = self.stage == LogStage::Complete && !afterwards;
        let mut noted = match self.stage {
            LogStage::Complete => {
                wrapups::of_task(&deps.engagements.0.db, &self.account, &self.task_sid).await?
            }
            _ => vec![],
        };
        if afterwards {
            noted.retain(|noted| noted.agent_id.to_string() == self.leg);
        }
        let noted = author::of_this_task(deps, self, noted, task).await?;
        let recorded =
            if attributes.is_outbound() { settings.recording_outbound } else { settings.recording_inbound };
        let recording = if over && recorded {
            let db = &deps.engagements.0.db;
            let has_it = engagements::agent_of(db, &self.account, &self.task_sid).await?.map(UserId);
            let call_sid = origin.leg_of_caller(task);
            let call = Call { task_sid: &self.task_sid, attributes: attributes.json(), call_sid };
            deps.recordings.link(call, ticket, author.agent_id().or(has_it)).await?
        } else {
            Recorded::Nothing
        };
        // Another chat's could be written into the task.
        let conversation = origin.attributes().and_then(TaskAttributes::conversation);
        let conversation = conversation.filter(|_| over && settings.transcript);
        let transcript = match (&deps.after.task_router, conversation) {
            (Some(task_router), Some(conversation)) => {
                match task_router.client.messages(conversation).await {
                    Ok(lines) => lines,
                    Err(error) if error.is(FailureKind::NotFound) => Rows::default(),
                    Err(error) => return Err(error.into()),
                }
            }
            _ => Rows::default(),
        };
        Ok(note::html(&Told {
            task_sid: &self.task_sid,
            stage: self.stage,
            leg: &self.leg,
            attributes,
            facts,
            noted: &noted,
            shown: &settings.logged_attributes,
            recording: &recording,
            transcript: &transcript,
            cut_off: transcript.is_cut_off(),
        }))
    }
}
