//! Who may open archived files: the agents that `archive.may_open` names, by what Zendesk says of them at that moment. **Invariant:**
//! where Zendesk does not answer, only a setting that asks for nothing beyond the session lets anybody in.

use std::{fmt, sync::Arc, time::Duration};

use moka::future::Cache;
use wire::{Role, UserId};

use crate::{
    connectors::zendesk::{self, User, ZendeskClient, ZendeskError},
    features::{is_outage, sessions::Agent},
};

/// How long the panel's *Open* is offered, or not, without asking again. Whether a file is opened is always asked anew.
const OFFERED_FOR: Duration = Duration::from_mins(1);

/// `archive.may_open`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MayOpen {
    /// Every agent, light agents too: Zendesk shows them the files of a ticket as well.
    Agents,
    /// Admins.
    Admins,
    /// Whose role in Zendesk has one of these names, in any case: `admin`, `agent`, or a custom role's name.
    Roles(Vec<String>),
    /// Who is in one of these groups of Zendesk, by id or by name in any case.
    Groups(Vec<String>),
}

impl fmt::Display for MayOpen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Agents => f.write_str("agents"),
            Self::Admins => f.write_str("admins"),
            Self::Roles(names) => write!(f, "roles:{}", names.join(",")),
            Self::Groups(names) => write!(f, "groups:{}", names.join(",")),
        }
    }
}

/// What Zendesk says of somebody who wants to open a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Opener {
    /// Whether they may open archived files.
    pub may_open: bool,
    /// Whether they are an admin.
    pub is_admin: bool,
}

/// Asks Zendesk who may.
#[derive(Clone)]
pub struct Openers {
    rule: Arc<MayOpen>,
    zendesk: ZendeskClient,
    offered: Cache<UserId, bool>,
}

impl Openers {
    /// By this setting.
    pub fn new(rule: MayOpen, zendesk: ZendeskClient) -> Self {
        let offered = Cache::builder().max_capacity(10_000).time_to_live(OFFERED_FOR).build();
        Self { rule: Arc::new(rule), zendesk, offered }
    }

    /// The setting.
    pub fn rule(&self) -> &MayOpen {
        &self.rule
    }

    /// Whether the panel offers this agent to open files; `None` where Zendesk must be asked and does not answer.
    pub async fn may_open(&self, agent: &Agent) -> Option<bool> {
        match &*self.rule {
            MayOpen::Agents => Some(true),
            MayOpen::Admins => Some(agent.role == Role::Admin),
            MayOpen::Roles(_) | MayOpen::Groups(_) => {
                let asked = async { self.ask(agent.id).await.map(|opener| opener.may_open) };
                self.offered.try_get_with(agent.id, asked).await.ok()
            }
        }
    }

    /// What Zendesk says of an agent now. With the default setting a session, or a link that one was given a minute ago, is
    /// enough while Zendesk does not answer.
    pub async fn opener(&self, agent: UserId) -> Result<Opener, ZendeskError> {
        match self.ask(agent).await {
            Err(error) if is_outage(&error) && *self.rule == MayOpen::Agents => {
                Ok(Opener { may_open: true, is_admin: false })
            }
            outcome => outcome,
        }
    }

    async fn ask(&self, agent: UserId) -> Result<Opener, ZendeskError> {
        let id = zendesk::UserId(agent.0);
        let nobody = Opener { may_open: false, is_admin: false };
        let user = match self.zendesk.user(id).await {
            Ok(user) => user,
            Err(ZendeskError::NotFound { .. }) => return Ok(nobody),
            Err(error) => return Err(error),
        };
        let is_admin = user.role == zendesk::Role::Admin;
        if !(is_admin || user.role == zendesk::Role::Agent) || user.suspended || !user.active {
            return Ok(nobody);
        }
        let may_open = match &*self.rule {
            MayOpen::Agents => true,
            MayOpen::Admins => is_admin,
            MayOpen::Roles(names) => self.has_role(&user, names).await?,
            MayOpen::Groups(names) => self.is_in(id, names).await?,
        };
        Ok(Opener { may_open, is_admin })
    }

    async fn has_role(&self, user: &User, names: &[String]) -> Result<bool, ZendeskError> {
        let plain = if user.role == zendesk::Role::Admin { "admin" } else { "agent" };
        if is_one_of(plain, names) {
            return Ok(true);
        }
        let Some(id) = user.custom_role_id else { return Ok(false) };
        let name = self.zendesk.custom_role_name(id).await?;
        Ok(name.is_some_and(|name| is_one_of(&name, names)))
    }

    async fn is_in(&self, user: zendesk::UserId, names: &[String]) -> Result<bool, ZendeskError> {
        let ids = self.zendesk.group_ids_of(user).await?;
        if ids.iter().any(|id| is_one_of(&id.to_string(), names)) {
            return Ok(true);
        }
        if names.iter().all(|name| name.bytes().all(|byte| byte.is_ascii_digit())) {
            return Ok(false); // no names to look up
        }
        let groups = self.zendesk.groups().await?;
        Ok(groups.iter().any(|group| ids.contains(&group.id) && is_one_of(&group.name, names)))
    }
}

fn is_one_of(name: &str, names: &[String]) -> bool {
    names.iter().any(|known| known.trim().to_lowercase() == name.trim().to_lowercase())
}
