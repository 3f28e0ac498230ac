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
use crate::connectors::{twilio::TwilioError, zendesk::ZendeskError};

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

/// How long Twilio's word about a token is good; the panel signs in again on every renewal and reload.
const VALID_FOR: Duration = Duration::from_mins(1);

/// Whose tokens were validated a moment ago, by the token's hash.
#[derive(Clone)]
pub(super) struct Validated(Cache<[u8; 32], (UserId, Option<DateTime<Utc>>)>);

impl Default for Validated {
    fn default() -> Self {
        Self(Cache::builder().max_capacity(10_000).time_to_live(VALID_FOR).build())
    }
}

impl Sessions {
    /// A session for the agent whose Flex token this is.
    pub async fn open_flex(&self, token: &SecretString) -> Result<SessionDocument, FlexLoginError> {
        let inner = &self.0;
        let now = inner.clock.now();
        let hash: [u8; 32] = Sha256::digest(token.expose_secret().as_bytes()).into();
        let known = inner.validated.0.get(&hash).await;
        let agent = if let Some((agent, _)) =
            known.filter(|(_, expires)| expires.is_none_or(|expires| now < expires))
        {
            agent
        } else {
            let (agent, expires) = self.whose(token).await?;
            inner.validated.0.insert(hash, (agent, expires)).await;
            agent
        };
        let known = inner.directory.agent(agent).await?;
        Ok(self.issue(HostName::Flex, Some(&known), now.timestamp()))
    }

    /// Twilio says which worker it is, the worker's e-mail which agent.
    async fn whose(&self, token: &SecretString) -> Result<(UserId, Option<DateTime<Utc>>), FlexLoginError> {
        let inner = &self.0;
        let flex = inner.twilio.as_ref().ok_or(FlexLoginError::NotConfigured)?;
        let identity = match flex.client.validate_flex_token(token).await {
            Ok(identity) => identity,
            Err(TwilioError::InvalidToken) => return Err(FlexLoginError::TokenInvalid),
            Err(error) => return Err(FlexLoginError::Twilio(error)),
        };
        let worker = identity.worker_sid.clone().unwrap_or_default();
        let signed_in = [identity.realm_user_id, Some(identity.identity)];
        let signed_in = signed_in.into_iter().flatten().find(|name| name.contains('@'));
        let email = match (signed_in, &flex.workspace_sid, &identity.worker_sid) {
            (Some(email), ..) => Some(email),
            (None, Some(workspace), Some(worker)) => {
                let worker = flex.client.worker(workspace, worker).await.map_err(FlexLoginError::Twilio)?;
                worker.email().map(str::to_owned)
            }
            _ => None,
        };
        let email = email.ok_or_else(|| FlexLoginError::Unknown(worker.clone()))?;
        let user = inner.zendesk.user_by_email(&email).await.map_err(FlexLoginError::Zendesk)?;
        let user = user.ok_or(FlexLoginError::Unknown(worker))?;
        Ok((UserId(user.id.0), identity.expires_at))
    }
}
