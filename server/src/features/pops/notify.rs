//! Tells the agent's open Zendesk to show the ticket: by our app in its background, or, where an admin says so, by Zendesk
//! itself (Talk Partner Edition). A notice that is late is dropped: a page that changes a minute after the call was taken is
//! in the way.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use wire::{PopNotice, Stage, TicketId, UserId};

use super::refusals::Refusals;
use crate::{
    clock::Clock,
    connectors::{
        VendorError,
        zendesk::{self, Display, ZendeskClient},
    },
    features::{
        contracts::{CardError, Contracts},
        sessions::{AgentError, Sessions},
    },
    queue::{Job, JobError, Lease, Operated, Queue},
    store::{StoreError, Tx},
};

/// The event that the app's background page listens to.
const EVENT: &str = "deskside_pop";
/// After this a notice is not sent any more.
const GOOD_FOR: TimeDelta = TimeDelta::seconds(30);

/// What the pop itself has checked is believed for so long.
const CHECKED_FOR: TimeDelta = TimeDelta::seconds(5);

/// Shows a ticket or a user in the Zendesk of `agent_id`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PopNotification {
    pub account: String,
    /// To whom.
    pub agent_id: UserId,
    /// Of which engagement.
    pub task_sid: String,
    /// What the agent did.
    pub stage: Stage,
    /// What to show.
    pub ticket_id: Option<TicketId>,
    /// Whom to show, where it is no ticket.
    #[serde(default)]
    pub user_id: Option<UserId>,
    /// Zendesk itself is to turn the page.
    #[serde(default)]
    pub talk_partner: bool,
    /// When the agent did it.
    pub asked_at: DateTime<Utc>,
}

impl PopNotification {
    /// What the agent's Zendesk is told.
    pub fn notice(&self) -> PopNotice {
        PopNotice {
            task_sid: self.task_sid.clone(),
            notice: format!("{}:{}", self.key(), self.asked_at.timestamp_micros()),
            ticket_id: self.ticket_id,
            user_id: self.user_id.filter(|_| self.ticket_id.is_none()),
        }
    }

    /// Whether the agent may still see the ticket, where the pop that found so is some seconds old.
    async fn still_visible(&self, deps: &NotifyDeps) -> Result<bool, JobError> {
        let Some(ticket) = self.ticket_id.filter(|_| deps.clock.now() - self.asked_at >= CHECKED_FOR) else {
            return Ok(true);
        };
        let agent = match deps.sessions.agent_now(self.agent_id).await {
            Ok(agent) => agent,
            Err(AgentError::NotAllowed(_)) => return Ok(false),
            Err(error) => return Err(error.into()),
        };
        match deps.contracts.ticket_now(Some(&agent.agent), ticket).await {
            Ok(_) => Ok(true),
            Err(CardError::TicketNotFound(_)) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Zendesk turns the page; false where this account, or this agent, has no Talk Partner Edition.
    async fn displayed(&self, deps: &NotifyDeps) -> Result<bool, JobError> {
        let what = match (self.ticket_id, self.user_id) {
            (Some(ticket), _) => Display::Ticket(zendesk::TicketId(ticket.0)),
            (None, Some(user)) => Display::User(zendesk::UserId(user.0)),
            (None, None) => return Ok(true), // there is nothing to show
        };
        let refusals = &deps.refusals;
        let version = refusals.version().await?;
        if refusals.holds(&self.account, self.agent_id, version) {
            return Ok(false);
        }
        match deps.zendesk.display(zendesk::UserId(self.agent_id.0), what).await {
            Ok(()) => Ok(true),
            Err(error) if error.is_denied_or_absent() => {
                tracing::warn!(
                    vendor = "zendesk",
                    agent.id = %self.agent_id,
                    %error,
                    "Talk Partner Edition does not turn this agent's page; the app in the background does. Admin: give the \
                     agent a Talk Partner Edition seat, or switch the setting off"
                );
                refusals.remember(&self.account, self.agent_id, version);
                Ok(false)
            }
            Err(error) => Err(error.into()),
        }
    }
}

/// What the job needs.
#[derive(Clone)]
pub struct NotifyDeps {
    /// Delivers.
    pub zendesk: ZendeskClient,
    /// Knows the agent.
    pub sessions: Sessions,
    /// Knows who may see the ticket.
    pub contracts: Contracts,
    /// The app whose page listens.
    pub app_id: u64,
    /// What time it is.
    pub clock: Clock,
    /// Whose page Zendesk would not turn.
    pub refusals: Refusals,
}

impl Job for PopNotification {
    const NAME: &'static str = "pop_notification";
    const MAX_ATTEMPTS: u32 = 3;
    const LEASE: Duration = Duration::from_secs(20);
    const PRIORITY: i32 = 100; // an agent is on the phone
    type Deps = NotifyDeps;

    fn account(&self) -> &str {
        &self.account
    }

    /// Accept and the select that follows it at once are two requests for the same thing.
    fn key(&self) -> String {
        let what = match (self.ticket_id, self.user_id) {
            (Some(ticket), _) => ticket.to_string(),
            (None, user) => format!("user {}", user.map_or(0, |id| id.0)),
        };
        format!("{}:{}:{what}", self.agent_id, self.task_sid)
    }

    async fn run(&self, deps: &NotifyDeps, _: &Lease) -> Result<(), JobError> {
        if deps.clock.now() - self.asked_at > GOOD_FOR {
            tracing::info!(task = self.task_sid, "a pop was too late to be shown");
            return Ok(());
        }
        if !self.still_visible(deps).await? {
            tracing::info!(
                task = self.task_sid,
                "a pop is not shown: the ticket is hidden from the agent by now"
            );
            return Ok(());
        }
        if self.talk_partner && self.displayed(deps).await? {
            return Ok(());
        }
        let body = serde_json::to_string(&self.notice()).expect("a notice is plain data");
        deps.zendesk.notify_app(deps.app_id, zendesk::UserId(self.agent_id.0), EVENT, &body).await?;
        Ok(())
    }

    async fn on_retry(
        job: Operated<'_>,
        queue: &Queue,
        _: &mut Tx,
    ) -> Result<Result<(), String>, StoreError> {
        let late = job.read::<Self>().is_some_and(|job| queue.clock().now() - job.asked_at > GOOD_FOR);
        let why = format!("a ticket is shown within {} s or not at all", GOOD_FOR.num_seconds());
        Ok(if late { Err(why) } else { Ok(()) })
    }
}
