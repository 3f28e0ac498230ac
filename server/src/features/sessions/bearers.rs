//! The bearers of all accounts: whose a request is stands in the bearer that it shows, and nowhere else.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::{
    Agent, BearerKey, Chain, Viewer,
    bearer::{Bearer, BearerError, Claims},
    verified::Verified,
};
use crate::clock::Clock;

/// Reads and writes bearers. Clones are the same.
#[derive(Clone)]
pub struct Bearers(Arc<Inner>);

struct Inner {
    key: BearerKey,
    clock: Clock,
    verified: Verified,
}

impl Bearers {
    /// Signed with `key`, which all replicas share; good by this machine's `clock`.
    pub fn new(key: BearerKey, clock: Clock) -> Self {
        let verified = Verified::new(key.clone());
        Self(Arc::new(Inner { key, clock, verified }))
    }

    /// Who shows a bearer, and of which account they are. Pure arithmetic: no database, no vendor.
    pub fn viewer(&self, token: &str) -> Result<Viewer, BearerError> {
        Ok(viewer(&*self.0.verified.read(token, self.0.clock.now())?))
    }

    /// The same of a bearer whose time may be over.
    pub fn perhaps_expired(&self, token: &str) -> Result<Viewer, BearerError> {
        Ok(viewer(&self.0.key.read(token)?))
    }

    /// A bearer for `claims`.
    pub(super) fn write(&self, claims: &Claims, account: &str, expires: DateTime<Utc>) -> String {
        self.0.key.write(claims, account, expires)
    }
}

fn viewer(bearer: &Bearer) -> Viewer {
    let Claims { host, agent, worker_sid, never_admin, since, chain } = bearer.claims.clone();
    Viewer {
        account: Arc::clone(&bearer.account),
        host,
        agent: agent.map(|agent| Agent {
            id: agent.id,
            role: agent.role,
            reach: agent.reach,
            views_users: agent.views_users,
            audiences: agent.audiences,
        }),
        worker_sid,
        never_admin,
        chain: Chain { name: chain, since },
        expires: bearer.expires,
    }
}
