//! What is written into an engagement's ticket, and when: a stage is wished for by the agent's browser, by Twilio's own
//! webhook, or by both, and written once. A job writes it, so that a Zendesk that is down for ten minutes loses nothing.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use wire::{ErrorCode, FlexSettings, LogFacts, LogRequest, LogStage, TicketId, UserId};

use super::{
    AfterPopDeps, Engagements, Inner,
    callers::{is_outbound, text},
    note::{self, Told},
    ticket::{Asked, ticket_of},
};
use crate::{
    connectors::{
        twilio::TwilioError,
        zendesk::{self, ZendeskError},
    },
    features::{contracts::Contracts, recordings::Recordings},
    queue::{Job, JobError, Lease},
    store::{
        StoreError, Tx,
        engagements::{self, NoteKey, Outcome},
        wrapups,
    },
};

/// Until Twilio has put the recording and the agent's last words into a task that has just ended.
pub(super) const SETTLES: chrono::TimeDelta = chrono::TimeDelta::seconds(5);

/// Writes one stage's note.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct LogNote {
    /// Whose.
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

/// What is known of a stage before its note is written.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Known {
    attributes: Value,
    facts: LogFacts,
    agent_id: Option<UserId>,
}

impl Engagements {
    /// A stage is to be written down, if the settings say so.
    pub async fn log(
        &self,
        task_sid: &str,
        request: &LogRequest,
        agent: Option<UserId>,
    ) -> Result<(), StoreError> {
        let settings = self.settings().await?;
        self.log_by(&settings, task_sid, request, agent).await
    }

    /// The same, with the settings at hand. What is not wanted waits for no database.
    pub async fn log_by(
        &self,
        settings: &FlexSettings,
        task_sid: &str,
        request: &LogRequest,
        agent: Option<UserId>,
    ) -> Result<(), StoreError> {
        if !is_to_log(settings, request) {
            return Ok(());
        }
        let inner = &self.0;
        let mut tx = inner.db.begin().await?;
        self.wish(&mut tx, settings, task_sid, request, agent).await?;
        tx.commit().await?;
        inner.queue.wake();
        Ok(())
    }

    /// The same, together with what else `tx` does.
    pub async fn wish(
        &self,
        tx: &mut Tx,
        settings: &FlexSettings,
        task_sid: &str,
        request: &LogRequest,
        agent: Option<UserId>,
    ) -> Result<(), StoreError> {
        if !is_to_log(settings, request) {
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
        if !request.attributes.is_null() {
            known.attributes = request.attributes.clone();
        }
        merge(&mut known.facts, &request.facts);
        known.agent_id = known.agent_id.or(agent);
        let facts = serde_json::to_string(&known).expect("facts are plain data");
        if engagements::wish(tx, job.row(), &facts, now).await? {
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

/// A call of ours that the customer did not answer is no call that we missed.
fn is_to_log(settings: &FlexSettings, request: &LogRequest) -> bool {
    is_wanted(settings, request.stage)
        && !(request.stage == LogStage::Missed && is_outbound(&request.attributes))
}

/// Both know something: whoever spoke first is believed, the other adds.
fn merge(known: &mut LogFacts, more: &LogFacts) {
    let LogFacts { channel, queue, agent, at, wait_s, talk_s, hang_up_by, outcome, notes } = more.clone();
    known.channel = known.channel.take().or(channel);
    known.queue = known.queue.take().or(queue);
    known.agent = known.agent.take().or(agent);
    known.at = known.at.take().or(at);
    known.wait_s = known.wait_s.or(wait_s);
    known.talk_s = known.talk_s.or(talk_s);
    known.hang_up_by = known.hang_up_by.take().or(hang_up_by);
    known.outcome = known.outcome.take().or(outcome);
    known.notes = known.notes.take().or(notes);
}

impl Job for LogNote {
    const NAME: &'static str = "log_note";
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
        let mut known: Known = serde_json::from_str(&row.facts).unwrap_or_default();
        let settings = inner.settings.flex().await?;
        self.ask_twilio(deps, &mut known).await?;
        let asked = Asked {
            task_sid: &self.task_sid,
            attributes: &known.attributes,
            accepted_by: self.accepted_by(&known),
            accepted_at: None,
        };
        let ticket = ticket_of(deps, &settings, asked).await?;
        let Some(ticket) = ticket else { return self.leave_out(deps, lease, ErrorCode::CallerUnknown).await };
        let zendesk = &deps.after.zendesk;
        let ticket = zendesk::TicketId(ticket.0);
        // A worker may have died between writing the note and saying so.
        let marker = note::marker(&self.task_sid, self.stage, &self.leg);
        let there = lease.attempt() > 1
            && match zendesk.comments(ticket).await {
                Ok(comments) => comments.iter().any(|comment| note::has(&comment.html_body, &marker)),
                Err(ZendeskError::NotFound { .. }) => {
                    return self.leave_out(deps, lease, ErrorCode::TicketNotFound).await;
                }
                Err(error) => return Err(error.into()),
            };
        if !there {
            let html = self.html(deps, &settings, &known, TicketId(ticket.0)).await?;
            match zendesk.add_internal_note(ticket, &html).await {
                // Closed or deleted meanwhile: there is nothing to write into.
                Err(ZendeskError::Closed { .. }) => {
                    return self.leave_out(deps, lease, ErrorCode::TicketClosed).await;
                }
                Err(ZendeskError::NotFound { .. }) => {
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

    /// What Twilio knows now is newer than what a browser or an event brought; a task that is gone there is taken as told.
    async fn ask_twilio(&self, deps: &LogDeps, known: &mut Known) -> Result<(), JobError> {
        let (Some(twilio), Some(workspace)) = (&deps.after.twilio, &deps.after.workspace_sid) else {
            return Ok(());
        };
        match twilio.task(workspace, &self.task_sid).await {
            Ok(task) => {
                if task.attributes.is_object() {
                    known.attributes = task.attributes;
                }
                let more = LogFacts {
                    channel: Some(task.channel).filter(|channel| !channel.is_empty()),
                    queue: Some(task.queue).filter(|queue| !queue.is_empty()),
                    ..LogFacts::default()
                };
                merge(&mut known.facts, &more);
                Ok(())
            }
            Err(TwilioError::NotFound { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    fn accepted_by(&self, known: &Known) -> Option<UserId> {
        known.agent_id.filter(|_| self.stage == LogStage::Start)
    }

    async fn html(
        &self,
        deps: &LogDeps,
        settings: &FlexSettings,
        known: &Known,
        ticket: TicketId,
    ) -> Result<String, JobError> {
        let Known { attributes, facts, agent_id } = known;
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
        let recorded =
            if is_outbound(attributes) { settings.recording_outbound } else { settings.recording_inbound };
        let recording = if over && recorded {
            let db = &deps.engagements.0.db;
            let has_it = engagements::agent_of(db, &self.account, &self.task_sid).await?.map(UserId);
            deps.recordings.link(attributes, ticket, agent_id.or(has_it))
        } else {
            None
        };
        let conversation = text(attributes, "conversationSid").filter(|_| over && settings.transcript);
        let transcript = match (&deps.after.twilio, conversation) {
            (Some(twilio), Some(conversation)) => match twilio.messages(conversation).await {
                Ok(lines) => lines,
                Err(TwilioError::NotFound { .. }) => vec![],
                Err(error) => return Err(error.into()),
            },
            _ => vec![],
        };
        Ok(note::html(&Told {
            task_sid: &self.task_sid,
            stage: self.stage,
            leg: &self.leg,
            attributes,
            facts,
            noted: &noted,
            shown: &settings.logged_attributes,
            recording: recording.as_deref(),
            transcript: &transcript,
        }))
    }
}
