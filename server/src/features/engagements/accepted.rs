//! An agent took a task, and Twilio itself told of it: his browser was closed, or did not reach us. The ticket becomes his all
//! the same, and after a transfer the next agent's. **Invariant:** older news than what is known changes nothing.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use wire::{FlexSettings, LogStage, UserId};

use super::{
    Engagements, LogDeps,
    events::Event,
    ticket::{Asked, ticket_of},
};
use crate::{
    connectors::zendesk::Role,
    queue::{Job, JobError, Lease},
    store::{StoreError, Tx, engagements},
};

/// Gives the task's ticket to whoever took the task.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Accepted {
    /// Whose.
    pub account: String,
    /// Which task.
    pub task_sid: String,
    /// `WR…`: by which part of it.
    pub reservation_sid: String,
    /// The worker's address: the agent's in Zendesk.
    pub email: String,
    /// When.
    pub at: DateTime<Utc>,
    /// The task's attributes then.
    pub attributes: Value,
}

impl Engagements {
    /// Twilio told that somebody took a task.
    pub async fn accepted(
        &self,
        tx: &mut Tx,
        settings: &FlexSettings,
        event: &Event,
    ) -> Result<(), StoreError> {
        let inner = &self.0;
        let Some(email) = event.worker_email.as_ref().filter(|_| settings.enabled && settings.assign) else {
            return Ok(());
        };
        if event.request.stage != LogStage::Start {
            return Ok(());
        }
        let job = Accepted {
            account: inner.account.clone(),
            task_sid: event.task_sid.clone(),
            reservation_sid: event.request.reservation_sid.clone().unwrap_or_default(),
            email: email.clone(),
            at: event.at.unwrap_or_else(|| inner.clock.now()),
            attributes: event.request.attributes.clone(),
        };
        inner.queue.enqueue(tx, &job).await.map(drop)
    }
}

impl Job for Accepted {
    const NAME: &'static str = "task_accepted";
    const LEASE: Duration = Duration::from_secs(30);
    type Deps = LogDeps;

    fn account(&self) -> &str {
        &self.account
    }

    fn key(&self) -> String {
        format!("{}:{}", self.task_sid, self.reservation_sid)
    }

    fn concurrency_key(&self) -> Option<String> {
        Some("engagements".to_owned())
    }

    async fn run(&self, deps: &LogDeps, _: &Lease) -> Result<(), JobError> {
        let inner = &deps.engagements.0;
        let settings = inner.settings.flex().await?;
        if !settings.enabled || !settings.assign {
            return Ok(()); // switched off meanwhile
        }
        let user = deps.after.zendesk.user_by_email(&self.email).await?;
        let Some(user) =
            user.filter(|user| matches!(user.role, Role::Agent | Role::Admin) && !user.suspended)
        else {
            tracing::info!(
                task = self.task_sid,
                "whoever took this task is no agent in Zendesk; it is not assigned"
            );
            return Ok(());
        };
        let agent = UserId(user.id.0);
        let known = deps.engagements.known(&self.task_sid).await?;
        let has_it = engagements::agent_of(&inner.db, &self.account, &self.task_sid).await?;
        if has_it == Some(agent.0) && known.is_some_and(|known| known.ticket_id.is_some()) {
            return Ok(()); // his browser told, too
        }
        let asked = Asked {
            task_sid: &self.task_sid,
            attributes: &self.attributes,
            accepted_by: Some(agent),
            accepted_at: Some(self.at),
        };
        ticket_of(deps, &settings, asked).await?;
        Ok(())
    }
}
