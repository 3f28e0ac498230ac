//! A Flex token becomes a bearer: Twilio says whose it is, and the worker's e-mail says which Zendesk agent that is.

use secrecy::SecretString;
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

impl Sessions {
    /// A session for the agent whose Flex token this is.
    pub async fn open_flex(&self, token: &SecretString) -> Result<SessionDocument, FlexLoginError> {
        let inner = &self.0;
        let flex = inner.twilio.as_ref().ok_or(FlexLoginError::NotConfigured)?;
        let identity = match flex.client.validate_flex_token(token).await {
            Ok(identity) => identity,
            Err(TwilioError::InvalidToken) => return Err(FlexLoginError::TokenInvalid),
            Err(error) => return Err(FlexLoginError::Twilio(error)),
        };
        let worker = identity.worker_sid.clone().unwrap_or_default();
        let registered = match (&flex.workspace_sid, &identity.worker_sid) {
            (Some(workspace), Some(worker)) => {
                let worker = flex.client.worker(workspace, worker).await.map_err(FlexLoginError::Twilio)?;
                worker.email().map(str::to_owned)
            }
            _ => None,
        };
        let signed_in = [identity.realm_user_id, Some(identity.identity)];
        let signed_in = signed_in.into_iter().flatten().find(|name| name.contains('@'));
        let email = registered.or(signed_in).ok_or_else(|| FlexLoginError::Unknown(worker.clone()))?;
        let user = inner.zendesk.user_by_email(&email).await.map_err(FlexLoginError::Zendesk)?;
        let user = user.ok_or(FlexLoginError::Unknown(worker))?;
        let known = inner.directory.agent(UserId(user.id.0)).await?;
        Ok(self.issue(HostName::Flex, Some(&known), inner.clock.now().timestamp()))
    }
}
