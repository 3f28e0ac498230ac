//! A run that is due, and the watch over those that were: an integration whose plan nobody has accepted is told of at once, and one without
//! a complete run for two of its periods, too.

use chrono::SecondsFormat;
use serde::{Deserialize, Serialize};

use super::{
    Integrations, IntegrationsError, RunStart,
    alert::{self, Trouble},
    guard::DRY_RUN_NEEDED,
    people::Inner,
    schedule, views,
};
use crate::{
    queue::{Job, JobError, Lease},
    store::integrations as kept,
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
        let started = integrations.start(&self.integration, &RunStart::default()).await;
        if matches!(started, Err(IntegrationsError::DryRunNeeded)) {
            integrations.waits_for_a_dry_run(&self.integration).await.map_err(JobError::retry)?;
        }
        integrations.watch(&self.integration).await.map_err(JobError::retry)?;
        match started {
            Ok(_) => Ok(()),
            // Its own list says so; nothing is gained by trying again before somebody looks.
            Err(error @ (IntegrationsError::Unknown(_) | IntegrationsError::DryRunNeeded)) => {
                Err(JobError::give_up(error))
            }
            Err(error) => Err(JobError::retry(error)),
        }
    }
}

impl Integrations {
    /// Whoever looks after an integration hears that its schedule starts nothing before somebody accepts what it would do.
    async fn waits_for_a_dry_run(&self, id: &str) -> Result<(), IntegrationsError> {
        let Inner { account, db, clock, alerts, .. } = &*self.0;
        let trouble = Trouble {
            change: "stopped".to_owned(),
            code: DRY_RUN_NEEDED.to_owned(),
            sentence: "a run was due and was not started: the model, the key, the mapping or a connection is new, and nobody has \
                       accepted a dry run of it; make a dry run, look at its rows, and accept it"
                .to_owned(),
        };
        let mut tx = db.begin().await?;
        alert::settle(alerts, &mut tx, (account, id), Some(trouble), clock.now()).await?;
        Ok(tx.commit().await?)
    }

    /// Whoever looks after an integration hears that two of its runs were due and none was complete, whatever the reason.
    async fn watch(&self, id: &str) -> Result<(), IntegrationsError> {
        let Inner { account, db, clock, alerts, .. } = &*self.0;
        let Some(integration) = kept::integration(db, account, id).await?.filter(|it| it.enabled) else {
            return Ok(());
        };
        let wish = views::definition(&integration)?.schedule;
        let Some(schedule) = schedule::of(account, id, &wish).ok().flatten() else { return Ok(()) };
        let last = kept::last_complete(db, account, id).await?.map(|run| run.requested_at);
        // Who changed it has begun it anew.
        let since = last.map_or(integration.updated_at, |last| last.max(integration.updated_at));
        let second = schedule.next_after(since).and_then(|first| schedule.next_after(first));
        if second.is_none_or(|second| clock.now() < second) {
            return Ok(());
        }
        let since = since.to_rfc3339_opts(SecondsFormat::Secs, true);
        let trouble = Trouble {
            change: "overdue".to_owned(),
            code: "overdue".to_owned(),
            sentence: format!(
                "two of its runs were due since {since}, and none was complete; see the list of its runs"
            ),
        };
        let mut tx = db.begin().await?;
        alert::settle(alerts, &mut tx, (account, id), Some(trouble), clock.now()).await?;
        Ok(tx.commit().await?)
    }
}
