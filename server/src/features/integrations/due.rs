//! A run that is due.

use serde::{Deserialize, Serialize};

use super::{Integrations, IntegrationsError, RunStart};
use crate::{
    queue::{Job, JobError, Lease},
    store::integrations::RunKind,
};

/// What a schedule makes: it starts a run as a person would.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Scheduled {
    pub account: String,
    pub integration: String,
}

impl Job for Scheduled {
    const NAME: &'static str = "integration_due";
    type Deps = Integrations;

    fn account(&self) -> &str {
        &self.account
    }

    fn key(&self) -> String {
        self.integration.clone()
    }

    async fn run(&self, integrations: &Integrations, _: &Lease) -> Result<(), JobError> {
        let is_enabled = integrations.is_enabled(&self.integration).await.map_err(JobError::retry)?;
        if !is_enabled {
            return Ok(()); // it was disabled or deleted a moment ago, and its schedule goes with it
        }
        let start =
            RunStart { kind: RunKind::Run, row_key: None, accept: None, asked_by: "schedule".to_owned() };
        match integrations.start(&self.integration, &start).await {
            Ok(_) => Ok(()),
            // Its own list says so; nothing is gained by trying again before somebody looks.
            Err(error @ (IntegrationsError::Unknown(_) | IntegrationsError::DryRunNeeded)) => {
                Err(JobError::give_up(error))
            }
            Err(error) => Err(JobError::retry(error)),
        }
    }
}
