//! The agent proves himself where Zendesk's token does not name him: a one-time code goes to the workspace of the agent
//! whom the app names, and only the app that runs there can return it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use moka::future::Cache;
use sha2::{Digest, Sha256};
use uuid::Uuid;
use wire::{ProofChallenge, ProofNotice, SessionDocument, UserId};

use super::{AgentError, Sessions, Viewer};
use crate::{
    connectors::zendesk::{self, ZendeskError},
    store::{StoreError, challenges},
};

/// The event that the app listens to.
const EVENT: &str = "deskside_proof";
/// How long a code is good.
const GOOD_FOR: TimeDelta = TimeDelta::minutes(2);

/// How many codes an agent is sent in [`Codes::WINDOW`]. Notifications are few (100 a minute for the whole account, pops
/// included), and whoever holds a session without an agent can ask for codes in anybody's name.
const CODES: u32 = 5;

/// How many codes each agent was sent a moment ago.
pub(super) struct Codes(Cache<UserId, Arc<AtomicU32>>);

impl Codes {
    const WINDOW: Duration = Duration::from_mins(1);

    async fn allow(&self, agent: UserId) -> bool {
        let sent = self.0.get_with(agent, async { Arc::default() }).await;
        sent.fetch_add(1, Ordering::Relaxed) < CODES
    }
}

impl Default for Codes {
    fn default() -> Self {
        Self(Cache::builder().max_capacity(10_000).time_to_live(Self::WINDOW).build())
    }
}

/// Why a proof fails.
#[derive(Debug, thiserror::Error)]
pub enum ProofError {
    /// App: wait a minute; the codes that were sent are still good.
    #[error("agent {0} was sent several one-time codes a moment ago")]
    TooMany(UserId),
    /// App: ask for another code.
    #[error("this one-time code is wrong, used or too old")]
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
    /// Sends a one-time code to the open workspace of `agent_id`.
    pub async fn challenge(&self, agent_id: UserId) -> Result<ProofChallenge, ProofError> {
        let inner = &self.0;
        inner.directory.agent(agent_id).await?; // end users get no codes
        if !inner.codes.allow(agent_id).await {
            return Err(ProofError::TooMany(agent_id));
        }
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
                let known = inner.directory.agent(UserId(agent)).await?;
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
