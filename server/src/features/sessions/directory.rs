//! Which agents there are, and what each may see. Zendesk is asked; its answer is good for five minutes, and for a
//! working day while Zendesk does not answer, so that an outage does not sign everybody out. What is written into Zendesk
//! for an agent is decided by an answer of the last seconds.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use moka::future::Cache;
use serde::{Deserialize, Serialize};
use wire::{Role, UserId};

use super::{AGENT_KNOWN_FOR, Agent, audience::standing};
use crate::{
    clock::Clock,
    connectors::{
        FailureKind, VendorError,
        zendesk::{self, Role as UserRole, TicketRestriction, ZendeskClient, ZendeskError},
    },
    setting::Audience,
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
    /// Those that the agent asked for themselves.
    Requested,
}

impl Reach {
    /// Of an agent as Zendesk describes them, and their groups, where [`Reach::needs_groups`].
    pub fn of(user: &zendesk::User, groups: Vec<u64>) -> Self {
        match user.ticket_restriction {
            _ if user.role == UserRole::Admin => Self::All,
            None => Self::All,
            Some(TicketRestriction::Groups) => Self::Groups(groups),
            Some(TicketRestriction::Organization) => Self::Organization(user.organization_id),
            Some(TicketRestriction::Requested) => Self::Requested,
            // A restriction that Zendesk added later may only ever narrow.
            Some(TicketRestriction::Assigned | TicketRestriction::Unknown) => Self::Assigned,
        }
    }

    /// Whether only their groups tell.
    pub fn needs_groups(user: &zendesk::User) -> bool {
        user.role != UserRole::Admin && user.ticket_restriction == Some(TicketRestriction::Groups)
    }
}

/// An agent as Zendesk describes them.
#[derive(Debug, Clone)]
pub struct Known {
    /// Who they are, and what they may.
    pub agent: Agent,
    /// Their primary e-mail address.
    pub email: Option<String>,
    /// The group that their new assignments go to.
    pub default_group: Option<u64>,
    pub(super) locale: String,
    read_at: DateTime<Utc>,
}

#[cfg(test)]
impl Known {
    /// An agent for a rule's test.
    pub fn of(agent: Agent, default_group: Option<u64>) -> Self {
        Self { agent, email: None, default_group, locale: String::new(), read_at: DateTime::UNIX_EPOCH }
    }
}

/// Why somebody is not signed in.
#[derive(Debug, thiserror::Error)]
pub enum AgentError {
    /// Nothing to do: this user serves nobody.
    #[error("Zendesk user {0} is not an active agent of this account")]
    NotAllowed(UserId),
    /// See the connector's error.
    #[error("Zendesk did not say who agent {0} is")]
    Zendesk(UserId, #[source] Arc<ZendeskError>),
}

pub(super) struct Directory {
    zendesk: ZendeskClient,
    clock: Clock,
    known: Cache<UserId, Arc<Known>>,
    /// Whether a custom role may view customers, by its id.
    roles: Cache<u64, bool>,
    /// Roles and groups that settings name: whether an agent belongs to these is read.
    audiences: Vec<Audience>,
}

/// How long an answer serves while Zendesk gives no newer one.
const IN_AN_OUTAGE: TimeDelta = TimeDelta::hours(8);
/// How old an answer may be by which something is written.
const TO_ACT: Duration = Duration::from_secs(5);
/// How long the permissions of a custom role are believed.
const ROLE_KNOWN_FOR: Duration = Duration::from_mins(5);

impl Directory {
    pub(super) fn new(zendesk: ZendeskClient, clock: Clock, audiences: Vec<Audience>) -> Self {
        let known = Cache::builder().max_capacity(10_000).build();
        let roles = Cache::builder().max_capacity(1_000).time_to_live(ROLE_KNOWN_FOR).build();
        let is_named = |one: &Audience| !matches!(one, Audience::Agents | Audience::Admins);
        let audiences = audiences.into_iter().filter(is_named).collect();
        Self { zendesk, clock, known, roles, audiences }
    }

    /// The agent as of the last seconds. An outage is an error here.
    pub(super) async fn agent_now(&self, id: UserId) -> Result<Arc<Known>, AgentError> {
        let now = self.clock.now();
        if let Some(known) = self.known.get(&id).await
            && (now - known.read_at).to_std().is_ok_and(|age| age < TO_ACT)
        {
            return Ok(known);
        }
        let fresh = Arc::new(self.ask(id, now).await?);
        self.known.insert(id, Arc::clone(&fresh)).await;
        Ok(fresh)
    }

    /// The agent, asked of Zendesk at most every five minutes.
    pub(super) async fn agent(&self, id: UserId) -> Result<Arc<Known>, AgentError> {
        let now = self.clock.now();
        let known = self.known.get(&id).await;
        let is_fresh =
            |known: &Arc<Known>| (now - known.read_at).to_std().is_ok_and(|age| age < AGENT_KNOWN_FOR);
        match known.filter(is_fresh) {
            Some(known) => Ok(known),
            None => self.agent_afresh(id).await,
        }
    }

    /// The agent as Zendesk describes them now; in an outage, as it last did.
    pub(super) async fn agent_afresh(&self, id: UserId) -> Result<Arc<Known>, AgentError> {
        let now = self.clock.now();
        match self.ask(id, now).await {
            Ok(fresh) => {
                let fresh = Arc::new(fresh);
                self.known.insert(id, Arc::clone(&fresh)).await;
                Ok(fresh)
            }
            Err(AgentError::Zendesk(_, error)) if error.is_outage() => {
                let known = self.known.get(&id).await.filter(|known| now - known.read_at < IN_AN_OUTAGE);
                known.ok_or(AgentError::Zendesk(id, error))
            }
            Err(error) => {
                self.known.invalidate(&id).await;
                Err(error)
            }
        }
    }

    /// The agent behind a user whom Zendesk has just described.
    pub(super) async fn agent_of(&self, user: zendesk::User) -> Result<Arc<Known>, AgentError> {
        let id = UserId(user.id.0);
        let fresh = Arc::new(self.described(user, self.clock.now()).await?);
        self.known.insert(id, Arc::clone(&fresh)).await;
        Ok(fresh)
    }

    async fn ask(&self, id: UserId, now: DateTime<Utc>) -> Result<Known, AgentError> {
        let user = self.zendesk.user(zendesk::UserId(id.0)).await.map_err(wrap(id))?;
        self.described(user, now).await
    }

    async fn described(&self, user: zendesk::User, now: DateTime<Utc>) -> Result<Known, AgentError> {
        let id = UserId(user.id.0);
        let role = match user.role {
            UserRole::Agent => Role::Agent,
            UserRole::Admin => Role::Admin,
            UserRole::EndUser | UserRole::Unknown => return Err(AgentError::NotAllowed(id)),
        };
        if user.suspended || !user.active {
            return Err(AgentError::NotAllowed(id));
        }
        let restricted = role != Role::Admin && user.ticket_restriction.is_some();
        let in_groups = Reach::needs_groups(&user);
        let groups = async {
            if in_groups || self.audiences.iter().any(|one| !one.groups().is_empty()) {
                self.zendesk.group_ids_of(zendesk::UserId(id.0)).await
            } else {
                Ok(Vec::new())
            }
        };
        let views_users = async {
            match (role, user.custom_role_id) {
                (Role::Admin, _) => Ok(true),
                (_, Some(custom_role)) => self.role_views_users(custom_role, !restricted).await,
                (_, None) => Ok(!restricted),
            }
        };
        let (groups, views_users) = futures::try_join!(groups, views_users).map_err(wrap(id))?;
        let audiences = self.audiences_of(&user, &groups).await.map_err(wrap(id))?;
        let reach = Reach::of(&user, groups);
        Ok(Known {
            agent: Agent { id, role, reach, views_users, audiences },
            email: user.email,
            default_group: user.default_group_id,
            locale: user.locale.unwrap_or_default(),
            read_at: now,
        })
    }

    /// Which of the roles and groups that settings name an agent belongs to.
    async fn audiences_of(&self, user: &zendesk::User, groups: &[u64]) -> Result<Vec<String>, ZendeskError> {
        if self.audiences.is_empty() {
            return Ok(Vec::new());
        }
        let standing = standing(&self.zendesk, user, Some(groups), &self.audiences).await?;
        Ok(self.audiences.iter().filter(|one| one.has(&standing)).map(Audience::to_string).collect())
    }

    /// Whether a custom role lets its agents view customers who have no ticket before them; `otherwise` where the account
    /// has no such role any more, or does not let us read it.
    async fn role_views_users(&self, id: u64, otherwise: bool) -> Result<bool, ZendeskError> {
        if let Some(known) = self.roles.get(&id).await {
            return Ok(known);
        }
        let views = match self.zendesk.role_configuration(id).await {
            Ok(role) => role.views_customers(),
            Err(error) if error.is_denied_or_absent() => otherwise,
            Err(error) => return Err(error),
        };
        self.roles.insert(id, views).await;
        Ok(views)
    }
}

fn wrap(id: UserId) -> impl Fn(ZendeskError) -> AgentError {
    move |error| match error {
        error if error.is(FailureKind::NotFound) => AgentError::NotAllowed(id),
        error => AgentError::Zendesk(id, Arc::new(error)),
    }
}
