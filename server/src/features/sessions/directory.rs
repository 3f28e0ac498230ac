//! Which agents there are, and what each may see. Zendesk is asked; its answer is good for five minutes, and for a
//! working day while Zendesk does not answer, so that an outage does not sign everybody out.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use moka::future::Cache;
use serde::{Deserialize, Serialize};
use wire::{Role, UserId};

use super::{AGENT_KNOWN_FOR, Agent};
use crate::{
    clock::Clock,
    connectors::zendesk::{self, Role as UserRole, TicketRestriction, ZendeskClient, ZendeskError},
    features::is_outage,
};

/// Which tickets an agent may see. Source: Zendesk, Users API, `ticket_restriction`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reach {
    /// Every ticket.
    All,
    /// Those of the agent's groups.
    Groups(Vec<u64>),
    /// Those of the agent's organisation.
    Organization(Option<u64>),
    /// Those assigned to the agent.
    Assigned,
    /// Those that the agent asked for himself.
    Requested,
}

/// An agent as Zendesk describes him.
#[derive(Debug, Clone)]
pub(super) struct Known {
    pub(super) agent: Agent,
    pub(super) locale: String,
    read_at: DateTime<Utc>,
}

/// Why somebody is not signed in.
#[derive(Debug, thiserror::Error)]
pub enum AgentError {
    /// Nothing to do: this user serves nobody.
    #[error("Zendesk user {0} is not an active agent of this account")]
    NotAllowed(UserId),
    /// See the connector's error.
    #[error("Zendesk could not be asked who agent {0} is")]
    Zendesk(UserId, #[source] Arc<ZendeskError>),
}

pub(super) struct Directory {
    zendesk: ZendeskClient,
    clock: Clock,
    known: Cache<UserId, Arc<Known>>,
}

/// How long an answer serves while Zendesk gives no newer one.
const IN_AN_OUTAGE: TimeDelta = TimeDelta::hours(8);

impl Directory {
    pub(super) fn new(zendesk: ZendeskClient, clock: Clock) -> Self {
        Self { zendesk, clock, known: Cache::builder().max_capacity(10_000).build() }
    }

    /// The agent, asked of Zendesk at most every five minutes.
    pub(super) async fn agent(&self, id: UserId) -> Result<Arc<Known>, AgentError> {
        let now = self.clock.now();
        let known = self.known.get(&id).await;
        let age = known.as_ref().map(|known| now - known.read_at);
        if let (Some(known), Some(age)) = (&known, age)
            && age.to_std().is_ok_and(|age| age < AGENT_KNOWN_FOR)
        {
            return Ok(Arc::clone(known));
        }
        match self.ask(id, now).await {
            Ok(fresh) => {
                let fresh = Arc::new(fresh);
                self.known.insert(id, Arc::clone(&fresh)).await;
                Ok(fresh)
            }
            Err(AgentError::Zendesk(_, error)) if is_outage(&error) => match (known, age) {
                (Some(known), Some(age)) if age < IN_AN_OUTAGE => Ok(known),
                _ => Err(AgentError::Zendesk(id, error)),
            },
            Err(error) => {
                self.known.invalidate(&id).await;
                Err(error)
            }
        }
    }

    async fn ask(&self, id: UserId, now: DateTime<Utc>) -> Result<Known, AgentError> {
        let wrap = |error: ZendeskError| match error {
            ZendeskError::NotFound { .. } => AgentError::NotAllowed(id),
            error => AgentError::Zendesk(id, Arc::new(error)),
        };
        let user = self.zendesk.user(zendesk::UserId(id.0)).await.map_err(wrap)?;
        let role = match user.role {
            UserRole::Agent => Role::Agent,
            UserRole::Admin => Role::Admin,
            UserRole::EndUser | UserRole::Unknown => return Err(AgentError::NotAllowed(id)),
        };
        if user.suspended || !user.active {
            return Err(AgentError::NotAllowed(id));
        }
        let reach = match user.ticket_restriction {
            _ if role == Role::Admin => Reach::All,
            None => Reach::All,
            Some(TicketRestriction::Groups) => {
                Reach::Groups(self.zendesk.group_ids_of(zendesk::UserId(id.0)).await.map_err(wrap)?)
            }
            Some(TicketRestriction::Organization) => Reach::Organization(user.organization_id),
            Some(TicketRestriction::Requested) => Reach::Requested,
            // A restriction that Zendesk added later may only ever narrow.
            Some(TicketRestriction::Assigned | TicketRestriction::Unknown) => Reach::Assigned,
        };
        Ok(Known { agent: Agent { id, role, reach }, locale: user.locale.unwrap_or_default(), read_at: now })
    }
}
