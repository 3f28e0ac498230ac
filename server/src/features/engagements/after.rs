//! What follows when an engagement has its ticket: tags, assignment, and the ticket's number back into the task, so that
//! a transfer and a second browser find it. No agent waits for it. Every step may happen twice. **Invariant:** all of it is
//! done for an agent whose task it is by Twilio's word, in a ticket that they may see now; for a task that nobody took, the
//! admin's own tag and the number only.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use wire::{TicketId, UserId};

use super::{
    Claimant, Engagements, Settings, TaskRouter,
    claims::{Place, TwilioTask},
};
use crate::{
    connectors::{
        FailureKind, VendorError,
        twilio::{self, TwilioError},
        zendesk::{self, ZendeskClient, ZendeskError},
    },
    features::{
        contracts::{CardError, Contracts},
        sessions::{AgentError, Known},
        tasks::{TICKET_ATTRIBUTE, USER_ATTRIBUTE},
    },
    queue::{Job, JobError, Lease},
    store::engagements::{self, Engagement},
};

/// Flex writes into the task while it is accepted. What it wrote is read, and merged with, at once so many times; then the
/// queue tries later.
const MERGES: usize = 4;

/// Tags, assigns, writes back.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AfterPop {
    pub account: String,
    /// Of which task.
    pub task_sid: String,
    /// Which ticket.
    pub ticket_id: TicketId,
    /// Whose ticket.
    pub user_id: Option<UserId>,
    /// Who accepted the task.
    pub agent_id: Option<UserId>,
    #[serde(default)]
    pub accepted_at: Option<DateTime<Utc>>,
    /// The agent who caused it; `None`: nobody took the task, and the caller caused it.
    #[serde(default)]
    pub by: Option<Claimant>,
    /// Twilio had not said that the task is theirs: it is settled here.
    #[serde(default)]
    pub unclaimed: bool,
    /// The ticket was made just now, for this task, and with its tags.
    #[serde(default)]
    pub tagged: bool,
}

/// What the job needs.
#[derive(Clone)]
pub struct AfterPopDeps {
    /// Has the ticket.
    pub zendesk: ZendeskClient,
    /// Has the task; absent where there is no Twilio account.
    pub task_router: Option<TaskRouter>,
    /// What admins decided.
    pub settings: Settings,
    /// Knows who has the task.
    pub engagements: Engagements,
    /// Knows who may see the ticket.
    pub contracts: Contracts,
}

impl Job for AfterPop {
    const NAME: &'static str = "after_pop";
    const MAX_ATTEMPTS: u32 = 14; // an outage of an hour, however the dice fall
    const PRIORITY: i32 = 50; // the agent will look for it
    const LEASE: Duration = Duration::from_secs(30);
    type Deps = AfterPopDeps;

    fn account(&self) -> &str {
        &self.account
    }

    fn key(&self) -> String {
        let agent = self.agent_id.map_or(0, |id| id.0);
        format!("{}:{}:{agent}", self.task_sid, self.ticket_id)
    }

    fn concurrency_key(&self) -> Option<String> {
        Some("engagements".to_owned())
    }

    async fn run(&self, deps: &AfterPopDeps, lease: &Lease) -> Result<(), JobError> {
        let Some(task_router) = &deps.task_router else { return Ok(()) };
        let settings = deps.settings.flex().await?;
        let task = task_router.read(&self.task_sid).await?;
        let Some(agent) = self.allowed(deps, task.as_ref()).await? else { return Ok(()) };
        let accepted_by = self.agent_id.filter(|_| self.was_taken(task.as_ref(), agent.as_ref()));
        if self.unclaimed {
            self.settle(deps, lease, accepted_by).await?;
        }
        let ticket = zendesk::TicketId(self.ticket_id.0);
        let tags = Self::tags(deps, &settings.automatic_tag, task.as_ref(), agent.is_some());
        if !self.tagged && !tags.is_empty() {
            let tags: Vec<&str> = tags.iter().map(String::as_str).collect();
            self.done_or_refused("tags", deps.zendesk.add_tags(ticket, &tags).await)?;
        }
        if let Some(accepted_by) = accepted_by.filter(|_| settings.assign)
            && self.still_has_it(deps, accepted_by).await?
        {
            let assigned = deps.zendesk.assign(ticket, zendesk::UserId(accepted_by.0)).await;
            self.done_or_refused("assignee", assigned)?;
        }
        if let Some(task) = task {
            self.write_back(task_router, task.task).await?;
        }
        Ok(())
    }
}

impl AfterPop {
    /// The agent for whom all this is done, as of now: `Some(None)` where nobody took the task, `None` where nothing may be
    /// done. A ticket that is gone takes nothing either.
    async fn allowed(
        &self,
        deps: &AfterPopDeps,
        task: Option<&TwilioTask>,
    ) -> Result<Option<Option<Known>>, JobError> {
        let Some(claimant) = &self.claimant() else { return Ok(Some(None)) };
        let agent = match deps.engagements.0.sessions.agent_now(claimant.agent_id).await {
            Ok(agent) => agent,
            Err(AgentError::NotAllowed(_)) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let theirs = match task {
            Some(task) => task.place_of(claimant, agent.email.as_deref()) == Place::Holder,
            None => deps.engagements.is_confirmed(claimant.agent_id, &self.task_sid).await?,
        };
        let refused = |why| {
            tracing::info!(task = self.task_sid, ticket.id = %self.ticket_id, agent.id = %claimant.agent_id,
                "nothing is written into ticket {}: {why}", self.ticket_id);
        };
        if !theirs {
            // A call that was passed on meanwhile is its next agent's; their own job follows.
            refused("the task is not this agent's");
            return Ok(None);
        }
        if self.was_taken(task, Some(&agent)) {
            deps.engagements.confirm(claimant, &self.task_sid).await?;
        }
        match deps.contracts.ticket_now(Some(&agent.agent), self.ticket_id).await {
            Ok(_) => Ok(Some(Some((*agent).clone()))),
            Err(CardError::TicketNotFound(_)) => {
                refused("it is gone, or this agent may not see it");
                Ok(None)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// The agent who caused it.
    fn claimant(&self) -> Option<Claimant> {
        let old = self.agent_id.map(|agent_id| Claimant { agent_id, worker_sid: None });
        self.by.clone().or(old)
    }

    /// Whether that agent has accepted the task; of one that Twilio has forgotten, only such were confirmed.
    fn was_taken(&self, task: Option<&TwilioTask>, agent: Option<&Known>) -> bool {
        let (Some(claimant), Some(agent)) = (self.claimant(), agent) else { return false };
        task.is_none_or(|task| task.was_taken_by(&claimant, agent.email.as_deref()))
    }

    /// What the task brings for its ticket, where an agent answers for it, and the admin's own tag.
    fn tags(deps: &AfterPopDeps, automatic: &str, task: Option<&TwilioTask>, for_agent: bool) -> Vec<String> {
        let own = &deps.engagements.0.own_tags;
        let task = task.filter(|_| for_agent);
        let mut tags = task.map(|task| task.attributes().tags(own)).unwrap_or_default();
        if !automatic.is_empty() && !own.has(automatic) {
            tags.push(automatic.to_owned());
        }
        tags
    }

    /// Twilio has said that the task is theirs: it belongs to the ticket.
    async fn settle(
        &self,
        deps: &AfterPopDeps,
        lease: &Lease,
        accepted_by: Option<UserId>,
    ) -> Result<(), JobError> {
        let inner = &deps.engagements.0;
        let engagement = Engagement {
            ticket_id: Some(self.ticket_id.0),
            user_id: self.user_id.map(|id| id.0),
            created: false,
        };
        let accepted =
            accepted_by.map(|agent| (agent, self.accepted_at.unwrap_or_else(|| inner.clock.now())));
        let mut tx = inner.db.begin().await?;
        lease.guard(&mut tx).await?;
        inner.write_down(&mut tx, &self.task_sid, engagement, accepted).await?;
        tx.commit().await?;
        Ok(())
    }

    /// A transferred task is its last agent's, however late the news of an earlier one is.
    async fn still_has_it(&self, deps: &AfterPopDeps, agent: UserId) -> Result<bool, JobError> {
        let inner = &deps.engagements.0;
        let has_it = engagements::agent_of(&inner.db, &self.account, &self.task_sid).await?;
        Ok(has_it.is_none_or(|has_it| has_it == agent.0))
    }

    /// A closed ticket takes neither tags nor an assignee, a deleted one nothing at all, and the account's own rules may refuse
    /// either. Trying again helps none of these, and what else is to be done does not wait for it.
    fn done_or_refused(&self, what: &str, outcome: Result<(), ZendeskError>) -> Result<(), ZendeskError> {
        match outcome {
            Err(ZendeskError::Closed { .. }) => Ok(()),
            Err(error) if error.is(FailureKind::NotFound) => Ok(()),
            Err(error) if error.is(FailureKind::Rejected) || error.is(FailureKind::Forbidden) => {
                tracing::warn!(task = self.task_sid, ticket.id = %self.ticket_id, what, %error,
                    "Zendesk refuses this of ticket {}: {what}", self.ticket_id);
                Ok(())
            }
            outcome => outcome,
        }
    }

    /// Merged into what is there; another writer's change between is seen by the `ETag`, and merged with.
    async fn write_back(&self, task_router: &TaskRouter, read: twilio::Task) -> Result<(), JobError> {
        let TaskRouter { client, workspace_sid } = task_router;
        let mut read = read;
        for _ in 1..MERGES {
            match self.merge(task_router, &read).await {
                Err(error) if error.is(FailureKind::Conflict) => {}
                outcome => return Ok(outcome?),
            }
            read = match client.task(workspace_sid, &self.task_sid).await {
                Err(error) if error.is(FailureKind::NotFound) => return Ok(()), // over, and forgotten
                task => task?,
            };
        }
        Ok(self.merge(task_router, &read).await?)
    }

    async fn merge(&self, task_router: &TaskRouter, task: &twilio::Task) -> Result<(), TwilioError> {
        let TaskRouter { client, workspace_sid } = task_router;
        let mut merged = match &task.attributes {
            Value::Object(attributes) => attributes.clone(),
            _ => Map::new(),
        };
        merged.insert(TICKET_ATTRIBUTE.into(), json!(self.ticket_id.to_string()));
        if let Some(user) = self.user_id {
            merged.insert(USER_ATTRIBUTE.into(), json!(user.to_string()));
        }
        let merged = Value::Object(merged);
        if merged == task.attributes {
            return Ok(());
        }
        match client.write_attributes(workspace_sid, &self.task_sid, task, &merged).await {
            Err(error) if error.is(FailureKind::NotFound) => Ok(()),
            outcome => outcome,
        }
    }
}
