//! Who is asking. Zendesk's signed page token, or a Flex token, becomes a bearer of 15 minutes, bound to account,
//! agent, role and host. **Invariant:** what the frame claims about its agent is never proof.

pub mod bearer; // our own token
mod directory; // which agents there are, and what they may
mod flex; // Flex token → bearer
mod proof; // the agent proves himself where Zendesk's token does not name him
mod signed; // Zendesk's signed page token
mod verified; // bearers whose signature need not be checked again

use std::{sync::Arc, time::Duration};

use chrono::TimeDelta;
use secrecy::{ExposeSecret, SecretString};
use wire::{HostName, Role, SessionDocument, UserId};

pub use bearer::{BearerError, BearerKey};
pub use directory::{AgentError, Reach};
pub use flex::FlexLoginError;
pub use proof::ProofError;
pub use signed::SignedTokenError;

use crate::{
    clock::Clock,
    connectors::{twilio::TwilioClient, zendesk::ZendeskClient},
    store::{Db, SealKeys, StoreError, keys},
};

/// How long a bearer lives.
const LIFETIME: TimeDelta = TimeDelta::minutes(15);
/// How long renewals may follow one another before the agent must open the page again.
const LONGEST: TimeDelta = TimeDelta::hours(12);

/// Whoever holds a valid bearer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Viewer {
    /// Where he sits.
    pub host: HostName,
    /// Who he is; `None` until he has proved it.
    pub agent: Option<Agent>,
    /// When the first bearer of this chain of renewals was given, seconds since the epoch.
    since: i64,
}

impl Viewer {
    /// A holder as of the epoch; for rules and their tests.
    #[cfg(test)]
    pub const fn of(host: HostName, agent: Option<Agent>) -> Self {
        Self { host, agent, since: 0 }
    }
}

/// A signed-in agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agent {
    /// Zendesk's id of the agent.
    pub id: UserId,
    /// As Zendesk says.
    pub role: Role,
    /// Which tickets he may see.
    pub reach: Reach,
}

/// The sessions of one account.
#[derive(Clone)]
pub struct Sessions(Arc<Inner>);

struct Inner {
    account: String,
    zendesk_origin: url::Url,
    app_id: u64,
    clock: Clock,
    db: Db,
    zendesk: ZendeskClient,
    twilio: Option<Flex>,
    key: BearerKey,
    verified: verified::Verified,
    page_key: signed::PageKey,
    directory: directory::Directory,
    validated: flex::Validated,
    codes: proof::Codes,
}

/// What signing in from Flex needs.
#[derive(Clone)]
pub struct Flex {
    /// Validates tokens.
    pub client: TwilioClient,
    /// Holds the workers.
    pub workspace_sid: Option<String>,
}

/// What [`Sessions`] are made of.
pub struct Setup {
    /// The Zendesk account's subdomain.
    pub account: String,
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
    /// Signs bearers; shared by all replicas.
    pub key: BearerKey,
}

impl Sessions {
    /// See [`Setup`].
    pub fn new(setup: Setup) -> Self {
        let Setup { account, zendesk_origin, app_id, clock, db, zendesk, twilio, key } = setup;
        let directory = directory::Directory::new(zendesk.clone(), clock.clone());
        let page_key = signed::PageKey::new(zendesk.clone(), app_id, clock.clone());
        let verified = verified::Verified::new(key.clone(), account.clone());
        Self(Arc::new(Inner {
            account,
            zendesk_origin,
            app_id,
            clock,
            db,
            zendesk,
            twilio,
            key,
            verified,
            page_key,
            directory,
            validated: flex::Validated::default(),
            codes: proof::Codes::default(),
        }))
    }

    /// Reads a bearer. Pure arithmetic: no database, no vendor.
    pub fn viewer(&self, token: &str) -> Result<Viewer, BearerError> {
        let bearer = self.0.verified.read(token, self.0.clock.now())?;
        let bearer::Claims { host, agent, since } = &bearer.claims;
        let agent = agent.as_ref();
        let agent = agent.map(|agent| Agent { id: agent.id, role: agent.role, reach: agent.reach.clone() });
        Ok(Viewer { host: *host, agent, since: *since })
    }

    /// A new bearer while the old one is valid; the agent's role is read again.
    pub async fn renew(&self, viewer: &Viewer) -> Result<SessionDocument, RenewError> {
        let now = self.0.clock.now();
        if now.timestamp() - viewer.since > LONGEST.num_seconds() {
            return Err(RenewError::TooOld);
        }
        match &viewer.agent {
            Some(agent) => {
                let known = self.0.directory.agent(agent.id).await?;
                Ok(self.issue(viewer.host, Some(&known), viewer.since))
            }
            None => Ok(self.issue(viewer.host, None, viewer.since)),
        }
    }

    fn issue(&self, host: HostName, agent: Option<&directory::Known>, since: i64) -> SessionDocument {
        let expires = self.0.clock.now() + LIFETIME;
        let claims = bearer::Claims {
            host,
            agent: agent.map(|known| bearer::AgentClaim {
                id: known.agent.id,
                role: known.agent.role,
                reach: known.agent.reach.clone(),
            }),
            since,
        };
        SessionDocument {
            token: self.0.key.write(&claims, &self.0.account, expires),
            expires_at: expires.to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
            locale: agent.map_or_else(String::new, |known| known.locale.clone()),
            proved: agent.is_some(),
            role: agent.map(|known| known.agent.role),
        }
    }
}

/// Why a bearer is not renewed.
#[derive(Debug, thiserror::Error)]
pub enum RenewError {
    /// Agent: reload the panel.
    #[error("this session was renewed for 12 hours; open the panel again")]
    TooOld,
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
        keys::secret(self.db, SHARED_KEY, &fresh, self.seals).await
    }
}

/// How long a vendor's answer about an agent is good.
const AGENT_KNOWN_FOR: Duration = Duration::from_mins(5);
