//! What people do with integrations: look, keep, forget. **Invariants:** one integration writes a field; what a person does is a row of the
//! ledger, in the same transaction.

use std::sync::Arc;

use engine::Engine;
use wire::{IntegrationDocument, IntegrationSummary, LedgerAction};

use super::{Alerts, Fault, Staging, difference::MOST_KEY, record, schedule, views};
use crate::{
    causes::with_causes,
    clock::Clock,
    features::{connections::Connections, to_the_end},
    queue::{Queue, Schedules},
    store::{
        Db, StoreError, Tx, companies,
        integrations::{self as kept, Integration, Run, RunChange, RunKind, RunState},
    },
};

/// The integrations of one account.
#[derive(Clone)]
pub struct Integrations(pub(super) Arc<Inner>);

pub(super) struct Inner {
    pub account: String,
    pub db: Db,
    pub clock: Clock,
    pub queue: Queue,
    pub schedules: Schedules,
    pub staging: Staging,
    /// Reads and plans what somebody wants to keep.
    pub engine: Arc<dyn Engine>,
    pub alerts: Alerts,
    pub connections: Connections,
}

/// Why it is not done.
#[derive(Debug, thiserror::Error)]
pub enum IntegrationsError {
    #[error("there is no integration `{0}`")]
    Unknown(String),
    #[error("there is no run `{0}`")]
    UnknownRun(String),
    #[error("there is an integration `{0}` already")]
    Taken(String),
    #[error("`{0}` was changed by somebody else in the meantime; look at it, and change it again")]
    Changed(String),
    #[error("the integration cannot be saved: {}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Faults(Vec<Fault>),
    #[error("the model, key or mapping is new or changed; start a dry run and accept it first")]
    DryRunNeeded,
    #[error("the dry run `{0}` belongs to an older version or failed; start a new one")]
    NotAcceptable(String),
    #[error("`{0}` is enabled, and its next run would write again what is emptied now; pause it first")]
    NotPaused(String),
    /// Admin: enable it, or let a person start the run.
    #[error("`{0}` is paused, so no machine starts it")]
    Paused(String),
    /// Admin: wait for the end of that run, or cancel it.
    #[error(
        "a run empties what `{0}` wrote; wait for its end, or cancel it, before you enable the integration"
    )]
    BeingEmptied(String),
    #[error("the run has ended")]
    Ended,
    #[error(
        "the integration `{integration}` has a live run `{run}` ({what}), and only one run at a time may write: wait for its end, or \
         confirm or cancel it; then ask again"
    )]
    Busy { integration: String, run: String, what: String },
    #[error("`{0}` is no state; a run can be queued, running, stopped, completed, failed or cancelled")]
    State(String),
    #[error("the run `{0}` does not wait for a confirmation")]
    NotWaiting(String),
    #[error("the run `{0}` is still running, or has no rejected or waiting rows")]
    NothingToRetry(String),
    #[error(
        "`{0}` is no outcome; a run's rows can be unmatched, ambiguous, duplicate, adopted, created, updated, cleared, kept, rejected, \
             pending, waiting or removed"
    )]
    Outcome(String),
    #[error(
        "a run of the kind `row` names the key of its row in `key`, and no other kind does; a key has at most {} characters",
        MOST_KEY
    )]
    RowKey,
    #[error("the id `{0}` must be lower-case letters, digits and hyphens, at most 40")]
    Id(String),
    #[error(
        "the integration was changed since this run was compared, so the run would write what nobody wants any more; cancel it, and \
         make a dry run of what is set now"
    )]
    PlanChanged,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Live runs of an integration: one that writes, and dry runs.
const MOST_LIVE: u32 = 1_000;

/// Of so many runs, the newest first, one says how an integration stands.
const MOST_LOOKED_AT: u32 = 20;

/// The run that says how an integration stands: one that waits for a person, otherwise the newest of all its rows. What was done for single
/// rows says nothing of the others.
fn telling(runs: &[Run]) -> Option<&Run> {
    let waits = runs.iter().find(|run| run.state == RunState::Stopped);
    waits.or_else(|| runs.iter().find(|run| run.kind != RunKind::Row)).or(runs.first())
}

impl Integrations {
    /// Those of `account`.
    pub fn new(
        account: String,
        (db, clock): (Db, Clock),
        (staging, engine): (Staging, Arc<dyn Engine>),
        (alerts, connections): (Alerts, Connections),
    ) -> Self {
        let queue = alerts.queue.clone();
        let schedules = Schedules::new(queue.clone());
        Self(Arc::new(Inner { account, db, clock, queue, schedules, staging, engine, alerts, connections }))
    }

    /// All, by name, each with its last run.
    pub async fn summaries(&self) -> Result<Vec<IntegrationSummary>, IntegrationsError> {
        let Inner { account, db, clock, connections, .. } = &*self.0;
        let places = connections.places(db).await?;
        let mut listed = Vec::new();
        for integration in kept::list(db, account).await? {
            let last =
                kept::runs_of(db, account, (Some(&integration.id), None), None, MOST_LOOKED_AT).await?;
            let last = telling(&last);
            let mut one = views::summary(integration, (last, &places), (account, clock.now()))?;
            if let (Some(run), Some(shown)) = (last, one.last_run.take()) {
                one.last_run = Some(self.with_silence(run, shown).await?);
            }
            listed.push(one);
        }
        Ok(listed)
    }

    /// One, as it is edited.
    pub async fn document(&self, id: &str) -> Result<IntegrationDocument, IntegrationsError> {
        Ok(views::document(self.get(id).await?)?)
    }

    pub(super) async fn get(&self, id: &str) -> Result<Integration, IntegrationsError> {
        let found = kept::integration(&self.0.db, &self.0.account, id).await?;
        found.ok_or_else(|| IntegrationsError::Unknown(id.to_owned()))
    }

    /// Whether it runs by itself; false where there is none of this id.
    pub(super) async fn is_enabled(&self, id: &str) -> Result<bool, StoreError> {
        Ok(kept::integration(&self.0.db, &self.0.account, id).await?.is_some_and(|kept| kept.enabled))
    }

    /// Deletes rows that no card reads any more. What is left is deleted with the integration's next change.
    pub(super) async fn forget_copy(&self, id: &str) {
        let Inner { account, db, .. } = &*self.0;
        if let Err(error) = companies::forget_integration(db, account, id, &Unguarded).await {
            let error = with_causes(&error);
            tracing::warn!(account, integration = id, %error, "the contract copy of the integration `{id}` was hidden, and not all of it was deleted");
        }
    }

    /// Forgets an integration. What it wrote stays where it is.
    pub async fn delete(&self, by: &str, id: &str) -> Result<(), IntegrationsError> {
        let (this, by, id) = (self.clone(), by.to_owned(), id.to_owned());
        to_the_end(async move { this.delete_now(&by, &id).await }).await
    }

    async fn delete_now(&self, by: &str, id: &str) -> Result<(), IntegrationsError> {
        let Inner { account, db, clock, .. } = &*self.0;
        self.get(id).await?;
        let mut tx = db.begin().await?;
        let mut cancelled = Vec::new();
        for state in RunState::LIVE {
            let of = (Some(id), Some(state.as_str()));
            for run in kept::runs_of(&mut tx, account, of, None, MOST_LIVE).await? {
                let change = RunChange { state: Some(RunState::Cancelled), ..RunChange::default() };
                cancelled.extend(kept::set_run(&mut tx, account, &run.id, change, clock.now()).await?);
            }
        }
        kept::delete(&mut tx, account, id).await?;
        Schedules::remove_in(&mut tx, account, &schedule::name(id)).await?;
        companies::hide(&mut tx, account, id).await?;
        for run in &cancelled {
            let (action, detail) = (LedgerAction::IntegrationCancelled, record::of_run(run));
            record::append(&mut tx, account, (by, action), detail, clock.now()).await?;
        }
        let detail = record::of_integration(id, &[]);
        record::append(&mut tx, account, (by, LedgerAction::IntegrationDeleted), detail, clock.now()).await?;
        tx.commit().await?;
        self.forget_copy(id).await;
        self.forget_rest(id).await
    }

    /// Forgets the runs, states and files of an integration that is no more.
    pub(super) async fn forget_rest(&self, id: &str) -> Result<(), IntegrationsError> {
        let Inner { account, db, clock, .. } = &*self.0;
        loop {
            let mut tx = db.begin_unsynced().await?;
            let all = clock.now() + chrono::TimeDelta::days(1);
            let more = kept::forget_runs_step(&mut tx, account, (id, None), all).await?
                || kept::forget_states_step(&mut tx, account, id).await?;
            tx.commit().await?;
            if !more {
                break;
            }
        }
        let _left = self.0.staging.keep_only(id, &[]); // the next run of the name removes what could not be
        Ok(())
    }
}

/// A person is in no job that could have been taken over.
pub(super) struct Unguarded;

impl companies::Guard for Unguarded {
    type Error = StoreError;

    async fn check(&self, _: &mut Tx) -> Result<(), StoreError> {
        Ok(())
    }
}
