//! A Flex token becomes a bearer: Twilio says whose it is, and the e-mail address says which Zendesk agent that is.
//! **Invariant:** the address that somebody signed in with prevails over the one in the worker's attributes, which a
//! worker can change by himself.

use std::time::Duration;

use chrono::{DateTime, Utc};
use moka::future::Cache;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use wire::{HostName, SessionDocument, UserId};

use super::{AgentError, Sessions};
use crate::connectors::{
    twilio::{FlexIdentity, TwilioError},
    zendesk::ZendeskError,
};

/// Why a Flex agent is not signed in.
#[derive(Debug, thiserror::Error)]
pub enum FlexLoginError {
    /// Operator: set the `twilio` section.
    #[error("this server is not connected to Twilio")]
    NotConfigured,
    /// App: ask Flex for a fresh token.
    #[error("Twilio does not accept this Flex token")]
    TokenInvalid,
    /// Admin: give the Zendesk agent and the Flex worker the same e-mail address.
    #[error("no Zendesk agent has the e-mail address of Flex worker {0}")]
    Unknown(String),
    /// See the connector's error.
    #[error("Twilio could not be asked whose Flex token this is")]
    Twilio(#[source] TwilioError),
    /// See the connector's error.
    #[error("Zendesk could not be asked which agent this is")]
    Zendesk(#[source] ZendeskError),
    /// As for signing in.
    #[error(transparent)]
    Agent(#[from] AgentError),
}

/// How long Twilio's word about a token is good; Flex asks for its plugins a moment before the panel signs in, and the panel
/// signs in again on every renewal and reload.
const VALID_FOR: Duration = Duration::from_mins(1);

/// What is known of a token that Twilio accepted a moment ago.
#[derive(Clone)]
struct Accepted {
    identity: FlexIdentity,
    /// Once Zendesk was asked.
    agent: Option<UserId>,
}

impl Accepted {
    fn holds(&self, now: DateTime<Utc>) -> bool {
        self.identity.expires_at.is_none_or(|expires| now < expires)
    }
}

/// Whose tokens were validated a moment ago, by the token's hash.
#[derive(Clone)]
pub(super) struct Validated(Cache<[u8; 32], Accepted>);

impl Default for Validated {
    fn default() -> Self {
        Self(Cache::builder().max_capacity(10_000).time_to_live(VALID_FOR).build())
    }
}

impl Sessions {
    /// A session for the agent whose Flex token this is.
    pub async fn open_flex(&self, token: &SecretString) -> Result<SessionDocument, FlexLoginError> {
        let inner = &self.0;
        let accepted = self.accepted(token).await?;
        let agent = if let Some(agent) = accepted.agent {
            agent
        } else {
            let agent = self.whose(&accepted.identity).await?;
            inner.validated.0.insert(hash(token), Accepted { agent: Some(agent), ..accepted }).await;
            agent
        };
        let known = inner.directory.agent(agent).await?;
        Ok(self.issue(HostName::Flex, Some(&known), inner.clock.now().timestamp()))
    }

    /// Whether this is a token of our account, whoever's. Zendesk is not asked: Flex waits for the answer when it starts.
    pub async fn is_of_flex(&self, token: &SecretString) -> Result<(), FlexLoginError> {
        self.accepted(token).await.map(drop)
    }

    /// Twilio's word about a token.
    async fn accepted(&self, token: &SecretString) -> Result<Accepted, FlexLoginError> {
        let inner = &self.0;
        let known = inner.validated.0.get(&hash(token)).await;
        if let Some(known) = known.filter(|known| known.holds(inner.clock.now())) {
            return Ok(known);
        }
        let flex = inner.twilio.as_ref().ok_or(FlexLoginError::NotConfigured)?;
        let identity = match flex.client.validate_flex_token(token).await {
            Ok(identity) => identity,
            Err(TwilioError::InvalidToken) => return Err(FlexLoginError::TokenInvalid),
            Err(error) => return Err(FlexLoginError::Twilio(error)),
        };
        let accepted = Accepted { identity, agent: None };
        inner.validated.0.insert(hash(token), accepted.clone()).await;
        Ok(accepted)
    }

    /// The worker's e-mail says which agent it is.
    async fn whose(&self, identity: &FlexIdentity) -> Result<UserId, FlexLoginError> {
        let inner = &self.0;
        let flex = inner.twilio.as_ref().ok_or(FlexLoginError::NotConfigured)?;
        let worker = identity.worker_sid.clone().unwrap_or_default();
        let signed_in = [identity.realm_user_id.as_ref(), Some(&identity.identity)];
        let signed_in = signed_in.into_iter().flatten().find(|name| name.contains('@'));
        let email = match (signed_in, &flex.workspace_sid, &identity.worker_sid) {
            (Some(email), ..) => Some(email.clone()),
            (None, Some(workspace), Some(worker)) => {
                let worker = flex.client.worker(workspace, worker).await.map_err(FlexLoginError::Twilio)?;
                worker.email().map(str::to_owned)
            }
            _ => None,
        };
        let email = email.ok_or_else(|| FlexLoginError::Unknown(worker.clone()))?;
        let user = inner.zendesk.user_by_email(&email).await.map_err(FlexLoginError::Zendesk)?;
        let user = user.ok_or(FlexLoginError::Unknown(worker))?;
        Ok(UserId(user.id.0))
    }
}

fn hash(token: &SecretString) -> [u8; 32] {
    Sha256::digest(token.expose_secret().as_bytes()).into()
}
