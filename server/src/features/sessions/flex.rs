//! A Flex token becomes a bearer: Twilio says whose it is, and the e-mail address that they signed in with says which
//! Zendesk agent that is. **Invariant:** the address in a worker's attributes, which workers and supervisors can change,
//! names nobody unless the operator says that it is locked, and never an admin.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use moka::future::Cache;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use wire::{HostName, Role, SessionDocument, UserId};

use super::{AgentError, Sessions, Viewer};
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
    #[error("no Zendesk agent has the e-mail address that Flex worker {0} signed in with")]
    Unknown(String),
    /// Admin: let the single sign-on send an e-mail address, or lock the workers' attributes.
    #[error("Flex worker {0} did not sign in with an e-mail address, so no Zendesk agent is found")]
    Nameless(String),
    /// Admin: sign in with the address itself.
    #[error("the address in the attributes of Flex worker {0} is an admin's, and attributes name no admin")]
    Admin(String),
    /// See the connector's error.
    #[error("Twilio did not say whose Flex token this is")]
    Twilio(#[source] TwilioError),
    /// See the connector's error.
    #[error("Zendesk did not say which agent this is")]
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
    agent: Option<Named>,
}

/// The agent whom a token stands for.
#[derive(Clone, Copy)]
struct Named {
    agent: UserId,
    /// The worker's attributes named them.
    by_attributes: bool,
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
        let worker_sid = accepted.identity.worker_sid.clone();
        let named = if let Some(named) = accepted.agent {
            named
        } else {
            let named = self.whose(&accepted.identity).await?;
            inner.validated.0.insert(hash(token), Accepted { agent: Some(named), ..accepted }).await;
            named
        };
        let known = inner.directory.agent_afresh(named.agent).await?; // a panel's sessions follow one another by signing in
        // What an agent may is asked of Zendesk by their id in many places: who is no admin here must be none there.
        if named.by_attributes && known.agent.role == Role::Admin {
            return Err(FlexLoginError::Admin(worker_sid.unwrap_or_default()));
        }
        let viewer = Viewer {
            worker_sid,
            never_admin: named.by_attributes,
            ..Viewer::beginning(Arc::clone(&inner.account), HostName::Flex, inner.clock.now())
        };
        Ok(self.issue(&viewer, Some(&known)))
    }

    /// Whether agents can sign in from Flex at all.
    pub fn has_flex(&self) -> bool {
        self.0.twilio.is_some()
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

    /// The e-mail address that they signed in with says which agent it is.
    async fn whose(&self, identity: &FlexIdentity) -> Result<Named, FlexLoginError> {
        let inner = &self.0;
        let worker = identity.worker_sid.clone().unwrap_or_default();
        let signed_in = [identity.realm_user_id.as_ref(), Some(&identity.identity)];
        let signed_in = signed_in.into_iter().flatten().find(|name| name.contains('@'));
        let (email, by_attributes) = match signed_in {
            Some(email) => (Some(email.clone()), false),
            None => (self.email_in_attributes(identity).await?, true),
        };
        let email = email.ok_or_else(|| FlexLoginError::Nameless(worker.clone()))?;
        let user = inner.zendesk.user_by_email(&email).await.map_err(FlexLoginError::Zendesk)?;
        let user = user.ok_or(FlexLoginError::Unknown(worker))?;
        Ok(Named { agent: UserId(user.id.0), by_attributes })
    }

    /// The address in the worker's attributes, where the operator says that workers cannot change it.
    async fn email_in_attributes(&self, identity: &FlexIdentity) -> Result<Option<String>, FlexLoginError> {
        let flex = self.0.twilio.as_ref().ok_or(FlexLoginError::NotConfigured)?;
        let (true, Some(workspace), Some(worker)) =
            (flex.trust_worker_email, &flex.workspace_sid, &identity.worker_sid)
        else {
            return Ok(None);
        };
        let worker = flex.client.worker(workspace, worker).await.map_err(FlexLoginError::Twilio)?;
        Ok(worker.email().map(str::to_owned))
    }
}

fn hash(token: &SecretString) -> [u8; 32] {
    Sha256::digest(token.expose_secret().as_bytes()).into()
}
