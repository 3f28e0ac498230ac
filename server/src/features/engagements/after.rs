//! What follows when an engagement has its ticket: tags, assignment, and the ticket's number back into the task, so that
//! a transfer and a second browser find it. No agent waits for it. Every step may happen twice.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use wire::{TicketId, UserId};

use super::Settings;
use crate::{
    connectors::{
        twilio::{TwilioClient, TwilioError},
        zendesk::{self, ZendeskClient, ZendeskError},
    },
    queue::{Job, JobError, Lease},
    store::{Db, engagements},
};

/// The attributes that we write. Source of the first: Twilio, Zendesk integration, "Customize".
const TICKET: &str = "zd_ticket_id";
const USER: &str = "zd_user_id";
/// Flex writes into the task while it is accepted. What it wrote is read, and merged with, at once so many times; then the
/// queue tries later.
const MERGES: usize = 4;

/// Tags, assigns, writes back.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AfterPop {
    /// Whose.
    pub account: String,
    /// Of which task.
    pub task_sid: String,
    /// Which ticket.
    pub ticket_id: TicketId,
    /// Whose ticket.
    pub user_id: Option<UserId>,
    /// Who accepted the task.
    pub agent_id: Option<UserId>,
    /// What the task brings for its ticket.
    pub tags: Vec<String>,
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
    pub twilio: Option<TwilioClient>,
    /// Has the tasks.
    pub workspace_sid: Option<String>,
    /// What admins decided.
    pub settings: Settings,
    /// Knows who has the task.
    pub db: Db,
}

impl Job for AfterPop {
    const NAME: &'static str = "after_pop";
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

    async fn run(&self, deps: &AfterPopDeps, _: &Lease) -> Result<(), JobError> {
        let settings = deps.settings.flex().await?;
        let ticket = zendesk::TicketId(self.ticket_id.0);
        let mut tags: Vec<&str> = self.tags.iter().map(String::as_str).collect();
        if !settings.automatic_tag.is_empty() {
            tags.push(&settings.automatic_tag);
        }
        if !self.tagged && !tags.is_empty() {
            done_or_closed(deps.zendesk.add_tags(ticket, &tags).await)?;
        }
        if let Some(agent) = self.agent_id.filter(|_| settings.assign)
            && self.still_has_it(deps, agent).await?
        {
            done_or_closed(deps.zendesk.assign(ticket, zendesk::UserId(agent.0)).await)?;
        }
        if let (Some(twilio), Some(workspace)) = (&deps.twilio, &deps.workspace_sid) {
            self.write_back(twilio, workspace).await?;
        }
        Ok(())
    }
}

impl AfterPop {
    /// A transferred task is its last agent's, however late the news of an earlier one is.
    async fn still_has_it(&self, deps: &AfterPopDeps, agent: UserId) -> Result<bool, JobError> {
        let has_it = engagements::agent_of(&deps.db, &self.account, &self.task_sid).await?;
        Ok(has_it.is_none_or(|has_it| has_it == agent.0))
    }

    /// Merged into what is there; another writer's change between is seen by the `ETag`, and merged with.
    async fn write_back(&self, twilio: &TwilioClient, workspace: &str) -> Result<(), JobError> {
        for _ in 1..MERGES {
            match self.merge(twilio, workspace).await {
                Err(TwilioError::Conflict { .. }) => {}
                outcome => return Ok(outcome?),
            }
        }
        Ok(self.merge(twilio, workspace).await?)
    }

    async fn merge(&self, twilio: &TwilioClient, workspace: &str) -> Result<(), TwilioError> {
        let task = match twilio.task(workspace, &self.task_sid).await {
            Ok(task) => task,
            Err(TwilioError::NotFound { .. }) => return Ok(()), // over, and forgotten
            Err(error) => return Err(error),
        };
        let mut merged = match &task.attributes {
            Value::Object(attributes) => attributes.clone(),
            _ => Map::new(),
        };
        merged.insert(TICKET.into(), json!(self.ticket_id.to_string()));
        if let Some(user) = self.user_id {
            merged.insert(USER.into(), json!(user.to_string()));
        }
        let merged = Value::Object(merged);
        if merged == task.attributes {
            return Ok(());
        }
        match twilio.write_attributes(workspace, &self.task_sid, &task, &merged).await {
            Err(TwilioError::NotFound { .. }) => Ok(()),
            outcome => outcome,
        }
    }
}

/// A closed ticket takes neither tags nor an assignee, and a deleted one nothing at all.
fn done_or_closed(outcome: Result<(), ZendeskError>) -> Result<(), ZendeskError> {
    match outcome {
        Err(ZendeskError::Closed { .. } | ZendeskError::NotFound { .. }) => Ok(()),
        outcome => outcome,
    }
}
