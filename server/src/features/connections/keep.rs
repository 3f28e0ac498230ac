//! Connections are kept alive: once a week the tokens of each consent are renewed, so that they do not end unused (Salesforce:
//! after 30 days). Consents that nobody confirmed are revoked then, too.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{Connections, attention, kind_of, kinds, kinds::Candidate};
use crate::{
    connectors::VendorError,
    queue::{CatchUp, Job, JobError, Lease, Queue, Schedule, Schedules},
    store::{
        StoreError,
        connections::{self, ConnectionState},
    },
};

/// Its name among the account's schedules.
const SCHEDULE: &str = "keep_connections";

/// Renews the tokens of an account's connections.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct KeepConnections {
    pub account: String,
}

impl Job for KeepConnections {
    const NAME: &'static str = "keep_connections";
    const LEASE: Duration = Duration::from_mins(2);
    const PRIORITY: i32 = -10;
    type Deps = Connections;

    fn account(&self) -> &str {
        &self.account
    }

    fn key(&self) -> String {
        SCHEDULE.to_owned()
    }

    /// A connection whose vendor refuses says so by itself; one whose vendor is away is tried again.
    async fn run(&self, connections: &Connections, _: &Lease) -> Result<(), JobError> {
        connections.end_expired().await.map_err(JobError::retry)?;
        let mut trouble = None;
        for row in connections::list(connections.db(), &self.account).await? {
            // What only its last test says ends no token.
            let stops = row.attention.as_ref().is_some_and(attention::stops_renewals);
            if stops || row.state == ConnectionState::Disconnected {
                continue;
            }
            let (Ok(Some(secret)), Ok(kind)) = (row.open(&connections.seals), kind_of(&row)) else {
                continue;
            };
            let candidate = Candidate {
                connections,
                id: &row.id,
                settings: &row.settings,
                secret: &secret,
                again: false,
            };
            if let Err(error) = kinds::renew(kind, &candidate).await {
                let said = crate::causes::with_causes(&error);
                tracing::warn!(account = self.account, connection = row.id, error = %said, "the tokens of the connection `{}` were not renewed", row.id);
                if error.is_outage() {
                    trouble = Some(JobError::from(error));
                }
            }
        }
        trouble.map_or(Ok(()), Err)
    }
}

/// From now on an account's connections are kept alive. Accounts have times of their own, so that not all come at once.
pub(super) async fn schedule(queue: &Queue, account: &str) -> Result<(), StoreError> {
    let digest = Sha256::digest(account);
    let (minute, hour, day) = (digest[0] % 60, digest[1] % 24, digest[2] % 7);
    let cron = format!("{minute} {hour} * * {day}");
    let schedule = Schedule::new(account, SCHEDULE, &cron, "UTC", CatchUp::Last);
    let schedule = schedule.expect("numbers within their ranges are a time of the week");
    let job = KeepConnections { account: account.to_owned() };
    Schedules::new(queue.clone()).set(&schedule, &job).await
}
