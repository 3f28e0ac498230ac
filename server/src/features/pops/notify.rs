//! Tells the agent's open Zendesk to show the ticket. A notice that is late is dropped: a page that changes a minute
//! after the call was taken is in the way.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use wire::{PopNotice, Stage, TicketId, UserId};

use crate::{
    clock::Clock,
    connectors::zendesk::{self, ZendeskClient},
    queue::{Job, JobError, Lease},
};

/// The event that the app's background page listens to.
const EVENT: &str = "deskside_pop";
/// After this a notice is not sent any more.
const GOOD_FOR: TimeDelta = TimeDelta::seconds(30);

/// Shows a ticket or a user in the Zendesk of `agent_id`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PopNotification {
    /// Whose.
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
    /// When the agent did it.
    pub asked_at: DateTime<Utc>,
}

/// What the job needs.
#[derive(Clone)]
pub struct NotifyDeps {
    /// Delivers.
    pub zendesk: ZendeskClient,
    /// The app whose page listens.
    pub app_id: u64,
    /// What time it is.
    pub clock: Clock,
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

    /// Accept and the select that follows it at once are two wishes for the same thing.
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
        let notice = PopNotice {
            task_sid: self.task_sid.clone(),
            notice: format!("{}:{}", self.key(), self.asked_at.timestamp_micros()),
            ticket_id: self.ticket_id,
            user_id: self.user_id.filter(|_| self.ticket_id.is_none()),
        };
        let body = serde_json::to_string(&notice).expect("a notice is plain data");
        deps.zendesk.notify_app(deps.app_id, zendesk::UserId(self.agent_id.0), EVENT, &body).await?;
        Ok(())
    }
}
