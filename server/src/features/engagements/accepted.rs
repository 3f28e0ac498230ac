//! An agent took a task, and Twilio itself told of it: their browser was closed, or did not reach us. The ticket becomes theirs
//! all the same, if they may see it, and after a transfer the next agent's. **Invariant:** older news than what is known changes
//! nothing.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use wire::{FlexSettings, LogStage, Role};

use super::{
    Claimant, Engagements, LogDeps,
    events::Event,
    origin::origin_of,
    ticket::{Actor, Request, ticket_of},
};
use crate::{
    features::sessions::{AgentError, Known},
    queue::{Job, JobError, Lease},
    store::{StoreError, Tx, engagements},
};

/// Gives the task's ticket to whoever took the task.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Accepted {
    pub account: String,
    pub task_sid: String,
    /// `WR…`: by which part of it.
    pub reservation_sid: String,
    /// The worker's address: the agent's in Zendesk.
    pub email: String,
    /// It is the one in the worker's attributes.
    #[serde(default)]
    pub by_attributes: bool,
    /// `WK…`.
    #[serde(default)]
    pub worker_sid: Option<String>,
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
        let worker = event.worker.as_ref().filter(|_| settings.enabled && settings.assign);
        let Some((worker, email)) =
            worker.and_then(|worker| Some((worker, worker.address(inner.trust_worker_email)?)))
        else {
            return Ok(());
        };
        if event.request.stage != LogStage::Start {
            return Ok(());
        }
        let job = Accepted {
            account: inner.account.clone(),
            task_sid: event.task_sid.clone(),
            reservation_sid: event.request.reservation_sid.clone().unwrap_or_default(),
            email: email.to_owned(),
            by_attributes: worker.by_attributes(),
            worker_sid: worker.sid.clone(),
            at: event.at.unwrap_or_else(|| inner.clock.now()),
            attributes: event.request.attributes.clone(),
        };
        inner.queue.enqueue(tx, &job).await.map(drop)
    }
}

impl Job for Accepted {
    const NAME: &'static str = "task_accepted";
    const MAX_ATTEMPTS: u32 = 14; // an outage of an hour, however the dice fall
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
        let Some(agent) = agent_of_address(deps, &self.email, self.by_attributes).await? else {
            tracing::info!(
                task = self.task_sid,
                "the worker who accepted this task is not a Zendesk agent; the ticket is not assigned"
            );
            return Ok(());
        };
        let claimant = Claimant { agent_id: agent.agent.id, worker_sid: self.worker_sid.clone() };
        deps.engagements.confirm(&claimant, &self.task_sid).await?;
        let actor = Actor { agent, claimant };
        let agent = actor.agent.agent.id;
        let known = deps.engagements.known(&self.task_sid).await?;
        let has_it = engagements::agent_of(&inner.db, &self.account, &self.task_sid).await?;
        if has_it == Some(agent.0) && known.is_some_and(|known| known.ticket_id.is_some()) {
            return Ok(()); // their browser told, too
        }
        let origin = origin_of(deps, &self.task_sid, None).await?;
        let attributes = origin.identify(&self.attributes);
        let request = Request {
            task_sid: &self.task_sid,
            attributes: &attributes,
            origin: &origin,
            chosen: None,
            actor: Some(&actor),
            accepted_by: Some(agent),
            accepted_at: Some(self.at),
        };
        // Where there is no ticket that they may see, there is nothing to assign.
        ticket_of(deps, &settings, request).await.map(drop)
    }
}

/// The agent with this address, as of now; nobody where it is no active agent's, or an admin's and only a worker's attributes
/// have it.
pub(super) async fn agent_of_address(
    deps: &LogDeps,
    email: &str,
    by_attributes: bool,
) -> Result<Option<Known>, JobError> {
    let Some(user) = deps.after.zendesk.user_by_email(email).await? else { return Ok(None) };
    match deps.engagements.0.sessions.agent_of(user).await {
        Ok(agent) if by_attributes && agent.agent.role == Role::Admin => Ok(None),
        Ok(agent) => Ok(Some((*agent).clone())),
        Err(AgentError::NotAllowed(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}
