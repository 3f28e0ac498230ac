//! Who may open archived files: the agents that `archive.may_open` names, by what Zendesk says of them at that moment. **Invariant:**
//! where Zendesk does not answer, only a setting that asks for nothing beyond the session lets anybody in.

use std::{sync::Arc, time::Duration};

use moka::future::Cache;
use serde::Deserialize;
use wire::{Role, UserId};

use crate::{
    connectors::{
        FailureKind, VendorError,
        zendesk::{self, ZendeskClient, ZendeskError},
    },
    features::sessions::{self, Agent},
    setting::Audience,
};

/// How long the panel's *Open* is offered, or not, without asking again. Whether a file is opened is always asked anew.
const OFFERED_FOR: Duration = Duration::from_mins(1);

/// Section `archive`, as far as it is about opening files.
#[derive(Debug, Clone, Deserialize)]
pub struct Settings {
    /// Who may open archived files.
    pub(crate) may_open: Audience,
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
    rule: Arc<Audience>,
    zendesk: ZendeskClient,
    offered: Cache<UserId, bool>,
}

impl Openers {
    /// By this setting.
    pub fn new(settings: Settings, zendesk: ZendeskClient) -> Self {
        let offered = Cache::builder().max_capacity(10_000).time_to_live(OFFERED_FOR).build();
        Self { rule: Arc::new(settings.may_open), zendesk, offered }
    }

    /// The setting.
    pub fn rule(&self) -> &Audience {
        &self.rule
    }

    /// Whether the panel offers this agent to open files; `None` where Zendesk must be asked and does not answer.
    pub async fn may_open(&self, agent: &Agent) -> Option<bool> {
        match &*self.rule {
            Audience::Agents => Some(true),
            Audience::Admins => Some(agent.role == Role::Admin),
            Audience::Roles(_) | Audience::Groups(_) | Audience::Addresses(_) => {
                let asked = async { self.ask(agent.id).await.map(|opener| opener.may_open) };
                Box::pin(self.offered.try_get_with(agent.id, asked)).await.ok()
            }
        }
    }

    /// What Zendesk says of an agent now. With the default setting a session, or a link that one was given a minute ago, is
    /// enough while Zendesk does not answer.
    pub async fn opener(&self, agent: UserId) -> Result<Opener, ZendeskError> {
        match self.ask(agent).await {
            Err(error) if error.is_outage() && *self.rule == Audience::Agents => {
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
            Err(error) if error.is(FailureKind::NotFound) => return Ok(nobody),
            Err(error) => return Err(error),
        };
        let is_admin = user.role == zendesk::Role::Admin;
        if !(is_admin || user.role == zendesk::Role::Agent) || user.suspended || !user.active {
            return Ok(nobody);
        }
        let standing =
            sessions::standing(&self.zendesk, &user, None, std::slice::from_ref(&*self.rule)).await?;
        let may_open = self.rule.has(&standing);
        Ok(Opener { may_open, is_admin })
    }
}
