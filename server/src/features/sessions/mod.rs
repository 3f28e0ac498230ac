//! Who is asking. Zendesk's signed page token, or a Flex token, becomes a bearer of 15 minutes, bound to account,
//! agent, role and host. **Invariant:** what the frame claims about its agent is never proof.

mod audience; // who is among those whom a setting names
pub mod bearer; // our own token
mod bearers; // those of all accounts
mod directory; // which agents there are, and what they may
mod flex; // Flex token → bearer
mod keys; // the operator's
mod proof; // agents prove who they are where Zendesk's token does not name them
mod signed; // Zendesk's signed page token
mod verified; // bearers whose signature need not be checked again

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use secrecy::{ExposeSecret, SecretString};
use wire::{HostName, Role, SessionDocument, UserId};

pub use audience::standing;
pub use bearer::{BearerError, BearerKey};
pub use bearers::Bearers;
pub use directory::{AgentError, Known, Reach};
pub use flex::FlexLoginError;
pub use keys::{Keys, SealKey};
pub use proof::ProofError;
pub use signed::{SignedTokenError, issuer};

use crate::{
    clock::Clock,
    connectors::{
        twilio::TwilioClient,
        zendesk::{self, ZendeskClient},
    },
    features::limits::Limits,
    setting::Audience,
    store::{Db, SealKeys, StoreError, keys as stored_keys},
};

/// How long a bearer lives.
const LIFETIME: TimeDelta = TimeDelta::minutes(15);
/// How long renewals may follow one another before the agent must open the page again.
const LONGEST: TimeDelta = TimeDelta::hours(12);

/// Whoever holds a valid bearer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Viewer {
    /// The Zendesk subdomain of their account.
    pub account: Arc<str>,
    /// Where they sit.
    pub host: HostName,
    /// Who they are; `None` until they have proved it.
    pub agent: Option<Agent>,
    /// `WK…`: the worker whose Flex token the session began with. Twilio said so.
    pub worker_sid: Option<String>,
    /// The agent was found by an address that workers may be able to change: the session ends where they become an admin.
    never_admin: bool,
    /// The chain of renewals to which the bearer belongs.
    chain: Chain,
    /// When the bearer ends, seconds since the epoch.
    expires: i64,
}

/// The bearers that followed one sign-in, each a renewal of the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Chain {
    /// Its name.
    name: u64,
    /// When the first bearer was given, seconds since the epoch.
    since: i64,
}

/// By whom the requests of one account are counted: an agent counts as one in all tabs and with every bearer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Caller {
    /// A known agent.
    Agent(UserId),
    /// A session that does not know its agent yet, through all its renewals.
    Session(u64),
}

impl Viewer {
    /// Somebody who begins a session now.
    fn beginning(account: Arc<str>, host: HostName, now: DateTime<Utc>) -> Self {
        let chain = Chain { name: rand::random(), since: now.timestamp() };
        Self { account, host, agent: None, worker_sid: None, never_admin: false, chain, expires: i64::MAX }
    }

    /// Names the session through all its renewals.
    pub const fn session(&self) -> u64 {
        self.chain.name
    }

    /// By whom this session's requests are counted.
    pub fn caller(&self) -> Caller {
        self.agent.as_ref().map_or(Caller::Session(self.chain.name), |agent| Caller::Agent(agent.id))
    }
}

/// A signed-in agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agent {
    /// Zendesk's id of the agent.
    pub id: UserId,
    /// As Zendesk says.
    pub role: Role,
    /// Which tickets they may see.
    pub reach: Reach,
    /// Whether Zendesk lets them view customers who have no ticket before them.
    pub views_users: bool,
    /// Which of the roles and groups that settings name they belong to, as the settings write them.
    pub audiences: Vec<String>,
}

impl Agent {
    /// An agent without a role or a group that a setting names.
    pub const fn new(id: UserId, role: Role, reach: Reach) -> Self {
        let views_users = matches!((role, &reach), (Role::Admin, _) | (_, Reach::All));
        Self { id, role, reach, views_users, audiences: Vec::new() }
    }
}

/// The sessions of one account.
#[derive(Clone)]
pub struct Sessions(Arc<Inner>);

struct Inner {
    account: Arc<str>,
    zendesk_origin: url::Url,
    app_id: u64,
    clock: Clock,
    db: Db,
    zendesk: ZendeskClient,
    twilio: Option<Flex>,
    bearers: Bearers,
    page_key: signed::PageKey,
    directory: directory::Directory,
    validated: flex::Validated,
    limits: Limits,
}

/// What signing in from Flex needs.
#[derive(Clone)]
pub struct Flex {
    /// Validates tokens.
    pub client: TwilioClient,
    /// Holds the workers.
    pub workspace_sid: Option<String>,
    /// Whether `email` in a worker's attributes says which agent they are.
    pub trust_worker_email: bool,
}

/// What [`Sessions`] are made of.
pub struct Setup {
    /// The Zendesk account's subdomain.
    pub account: Arc<str>,
    /// `zendesk.base_url`.
    pub zendesk_origin: url::Url,
    /// The app whose key signs the pages.
    pub app_id: u64,
    /// What time it is.
    pub clock: Clock,
    /// Remembers spent tokens and challenges.
    pub db: Db,
    /// Asked for keys, agents and notifications.
    pub zendesk: ZendeskClient,
    /// Present where Flex agents sign in.
    pub twilio: Option<Flex>,
    /// Those of all accounts.
    pub bearers: Bearers,
    /// Those whom settings name, and whom a session must know.
    pub audiences: Vec<Audience>,
    /// How many one-time codes are sent.
    pub limits: Limits,
}

impl Sessions {
    /// See [`Setup`].
    pub fn new(setup: Setup) -> Self {
        let Setup { account, zendesk_origin, app_id, clock, db, zendesk, twilio, bearers, audiences, limits } =
            setup;
        let directory = directory::Directory::new(zendesk.clone(), clock.clone(), audiences);
        let page_key = signed::PageKey::new(zendesk.clone(), app_id, clock.clone());
        Self(Arc::new(Inner {
            account,
            zendesk_origin,
            app_id,
            clock,
            db,
            zendesk,
            twilio,
            bearers,
            page_key,
            directory,
            validated: flex::Validated::default(),
            limits,
        }))
    }

    /// The Zendesk subdomain.
    pub fn account(&self) -> &Arc<str> {
        &self.0.account
    }

    /// The agent as Zendesk describes them now, for what is written in their name. An outage is an error.
    pub async fn agent_now(&self, id: UserId) -> Result<Arc<Known>, AgentError> {
        self.0.directory.agent_now(id).await
    }

    /// The same of a user whom Zendesk has just described.
    pub async fn agent_of(&self, user: zendesk::User) -> Result<Arc<Known>, AgentError> {
        self.0.directory.agent_of(user).await
    }

    /// The agent's e-mail address in Zendesk, as it was read a few minutes ago.
    pub async fn email(&self, id: UserId) -> Result<Option<String>, AgentError> {
        Ok(self.0.directory.agent(id).await?.email.clone())
    }

    /// Whether the bearer that a viewer showed has expired since.
    pub fn has_expired(&self, viewer: &Viewer) -> bool {
        viewer.expires <= self.0.clock.now().timestamp()
    }

    /// A new bearer while the old one is valid. Zendesk is asked again who the agent is, and what they may do now.
    pub async fn renew(&self, viewer: &Viewer) -> Result<SessionDocument, RenewError> {
        let now = self.0.clock.now();
        if now.timestamp() - viewer.chain.since > LONGEST.num_seconds() {
            return Err(RenewError::TooOld);
        }
        match &viewer.agent {
            Some(agent) => {
                let known = self.0.directory.agent_afresh(agent.id).await?;
                if viewer.never_admin && known.agent.role == Role::Admin {
                    return Err(RenewError::AdminByAttributes(agent.id));
                }
                Ok(self.issue(viewer, Some(&known)))
            }
            None => Ok(self.issue(viewer, None)),
        }
    }

    /// A bearer in place of one that has expired, as after a night's sleep of the machine. It reads nothing until its agent has
    /// proved who they are, and its chain ends when it would have ended. Flex brings a token of its own.
    pub fn reopen(&self, expired: Viewer) -> Result<SessionDocument, BearerError> {
        let is_over = self.0.clock.now().timestamp() - expired.chain.since > LONGEST.num_seconds();
        if is_over || expired.host != HostName::Zendesk {
            return Err(BearerError::Expired);
        }
        Ok(self.issue(&Viewer { agent: None, ..expired }, None))
    }

    /// A bearer for `known` that continues what `viewer` began.
    fn issue(&self, viewer: &Viewer, known: Option<&Known>) -> SessionDocument {
        let expires = self.0.clock.now() + LIFETIME;
        let role = known.map(|known| known.agent.role);
        let claims = bearer::Claims {
            host: viewer.host,
            agent: known.map(|known| bearer::AgentClaim {
                id: known.agent.id,
                role: known.agent.role,
                reach: known.agent.reach.clone(),
                views_users: known.agent.views_users,
                audiences: known.agent.audiences.clone(),
            }),
            worker_sid: viewer.worker_sid.clone(),
            never_admin: viewer.never_admin,
            since: viewer.chain.since,
            chain: viewer.chain.name,
        };
        SessionDocument {
            token: self.0.bearers.write(&claims, &self.0.account, expires),
            expires_at: expires.to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
            locale: known.map_or_else(String::new, |known| known.locale.clone()),
            proved: known.is_some(),
            role,
        }
    }
}

/// Why a bearer is not renewed.
#[derive(Debug, thiserror::Error)]
pub enum RenewError {
    /// Agent: reload the panel.
    #[error("this session has reached its limit of 12 hours; open the panel again")]
    TooOld,
    /// Agent: sign in to Flex with the admin's own address.
    #[error("Zendesk user {0} has become an admin, and only a Flex worker's attributes name them")]
    AdminByAttributes(UserId),
    /// As for signing in.
    #[error(transparent)]
    Agent(#[from] AgentError),
}

/// The name of the key in the database that is used where `server.secret_key` is not set.
pub const SHARED_KEY: &str = "bearer";

/// Where the server's own keys come from: `server.secret_key`, otherwise a key that the replicas share through the database.
#[derive(Debug, Clone, Copy)]
pub struct KeySource<'a> {
    /// `server.secret_key`.
    pub secret: Option<&'a SecretString>,
    /// Holds the shared one.
    pub db: &'a Db,
    /// Encrypt the shared one.
    pub seals: &'a SealKeys,
}

impl KeySource<'_> {
    /// The key that signs bearers.
    pub async fn bearer_key(self) -> Result<BearerKey, StoreError> {
        match self.secret {
            Some(secret) => Ok(BearerKey::derived(secret)),
            None => Ok(BearerKey::new(&self.shared().await?)),
        }
    }

    /// A key for one other use, from the same secret, so that no operator has to set a second one.
    pub async fn key_for(self, purpose: &'static str) -> Result<[u8; 32], StoreError> {
        match self.secret {
            Some(secret) => Ok(bearer::derived(secret.expose_secret().as_bytes(), purpose)),
            None => Ok(bearer::derived(&self.shared().await?, purpose)),
        }
    }

    async fn shared(self) -> Result<Vec<u8>, StoreError> {
        let fresh: [u8; 32] = rand::random();
        stored_keys::secret(self.db, SHARED_KEY, &fresh, self.seals).await
    }
}

/// How long Zendesk's answer about an agent is good when a page opens. A renewal asks again.
const AGENT_KNOWN_FOR: Duration = Duration::from_mins(5);
