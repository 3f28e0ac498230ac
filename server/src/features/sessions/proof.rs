//! Agents prove who they are where Zendesk's token does not name them: a one-time code goes to the workspace of the agent
//! whom the app names, and only the app that runs there can return it.

use std::sync::Arc;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use sha2::{Digest, Sha256};
use uuid::Uuid;
use wire::{ProofChallenge, ProofNotice, SessionDocument, UserId};

use super::{AgentError, Caller, Sessions, Viewer};
use crate::{
    connectors::zendesk::{self, ZendeskError},
    features::limits::{CODES_OF_SESSION, CODES_TO_AGENT, TooMany},
    store::{StoreError, challenges},
};

/// The event that the app listens to.
const EVENT: &str = "deskside_proof";
/// How long a code is good.
const GOOD_FOR: TimeDelta = TimeDelta::minutes(2);

/// Why a proof fails.
#[derive(Debug, thiserror::Error)]
pub enum ProofError {
    /// App: wait; the codes that were sent are still good.
    #[error("too many one-time codes were requested for this agent or session; wait a moment")]
    TooMany(#[source] TooMany),
    /// App: ask for another code.
    #[error("this one-time code is wrong, used or expired")]
    Invalid,
    /// As for signing in.
    #[error(transparent)]
    Agent(#[from] AgentError),
    /// See the connector's error.
    #[error("Zendesk could not deliver the one-time code to agent {0}")]
    Zendesk(UserId, #[source] Arc<ZendeskError>),
    /// The database could not remember the code.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Sessions {
    /// Sends a one-time code to the open workspace of `agent_id`. Any session can ask in anybody's name, so what it asks for
    /// and what the agent is sent are both counted.
    pub async fn challenge(&self, viewer: &Viewer, agent_id: UserId) -> Result<ProofChallenge, ProofError> {
        let inner = &self.0;
        let counted =
            |limit, who: Caller| inner.limits.take(limit, who).map(drop).map_err(ProofError::TooMany);
        counted(&CODES_OF_SESSION, viewer.caller())?;
        inner.directory.agent(agent_id).await?; // end users get no codes
        counted(&CODES_TO_AGENT, Caller::Agent(agent_id))?;
        let challenge = Uuid::now_v7().to_string();
        let code = BASE64_URL_SAFE_NO_PAD.encode(rand::random::<[u8; 24]>());
        let now = inner.clock.now();
        let (db, account, code_hash) = (&inner.db, &inner.account, digest(&code));
        challenges::create(db, account, &challenge, agent_id.0, &code_hash, now + GOOD_FOR, now).await?;
        let notice = ProofNotice { challenge: challenge.clone(), code };
        let body = serde_json::to_string(&notice).expect("a notice is plain data");
        let agent = zendesk::UserId(agent_id.0);
        let sent = inner.zendesk.notify_app(inner.app_id, agent, EVENT, &body).await;
        sent.map_err(|error| ProofError::Zendesk(agent_id, Arc::new(error)))?;
        Ok(ProofChallenge { challenge })
    }

    /// A full session for the agent who got the code.
    pub async fn confirm(
        &self,
        viewer: &Viewer,
        challenge: &str,
        code: &str,
    ) -> Result<SessionDocument, ProofError> {
        let inner = &self.0;
        let now = inner.clock.now();
        match challenges::answer(&inner.db, &inner.account, challenge, &digest(code), now).await? {
            challenges::Answer::Proved(agent) => {
                let known = inner.directory.agent_afresh(UserId(agent)).await?;
                // The code reached the agent's own workspace: nothing better proves who they are.
                let viewer = Viewer { never_admin: false, ..viewer.clone() };
                Ok(self.issue(&viewer, Some(&known)))
            }
            challenges::Answer::Wrong | challenges::Answer::Gone => Err(ProofError::Invalid),
        }
    }
}

fn digest(code: &str) -> String {
    hex::encode(Sha256::digest(code.as_bytes()))
}
