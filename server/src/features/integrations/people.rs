//! What people do with integrations: look, keep, forget. **Invariants:** one integration writes a field; what a person does is a row of the
//! ledger, in the same transaction.

use std::sync::Arc;

use wire::{Definition, IntegrationDocument, IntegrationSummary, LedgerAction};

use super::{
    Alerts, Fault, Staging,
    definition::{self, shared_field},
    difference::MOST_KEY,
    record::{self, parts},
    schedule, views,
};
use crate::{
    causes::with_causes,
    clock::Clock,
    features::{connections::Connections, to_the_end},
    queue::{Queue, Schedules},
    store::{
        Db, StoreError, Tx, companies,
        integrations::{self as kept, Integration, RunChange, RunState},
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
    schedules: Schedules,
    staging: Staging,
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
    #[error("the integration cannot be kept: {}", .0.iter().map(|fault| format!("{} {}", fault.at, fault.message)).collect::<Vec<_>>().join("; "))]
    Faults(Vec<Fault>),
    #[error("its model, key or mapping is new: look at a dry run first, and accept it")]
    DryRunNeeded,
    #[error("the dry run `{0}` is of another plan, or has not ended well; make a new one")]
    NotAcceptable(String),
    #[error("the run has ended")]
    Ended,
    #[error("the run `{0}` is still at work, or no row of it was rejected or waits")]
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

impl Integrations {
    /// Those of `account`.
    pub fn new(
        account: String,
        (db, clock): (Db, Clock),
        staging: Staging,
        (alerts, connections): (Alerts, Connections),
    ) -> Self {
        let queue = alerts.queue.clone();
        let schedules = Schedules::new(queue.clone());
        Self(Arc::new(Inner { account, db, clock, queue, schedules, staging, alerts, connections }))
    }

    /// All, by name, each with its last run.
    pub async fn summaries(&self) -> Result<Vec<IntegrationSummary>, IntegrationsError> {
        let Inner { account, db, clock, connections, .. } = &*self.0;
        let places = connections.places(db).await?;
        let mut listed = Vec::new();
        for integration in kept::list(db, account).await? {
            let last = kept::runs_of(db, account, (Some(&integration.id), None), None, 1).await?;
            listed.push(views::summary(integration, (last.first(), &places), clock.now())?);
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

    /// Keeps an integration: a new one (`version` absent), or a change of the one that has this version.
    pub async fn save(
        &self,
        by: &str,
        (id, name, enabled): (&str, &str, bool),
        definition: &Definition,
        version: Option<u64>,
    ) -> Result<IntegrationDocument, IntegrationsError> {
        let Inner { account, db, clock, .. } = &*self.0;
        let is_id = !id.is_empty()
            && id.len() <= 40
            && id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if !is_id {
            return Err(IntegrationsError::Id(id.to_owned()));
        }
        let mut faults = definition::faults(definition);
        if name.trim().is_empty() || name.len() > 200 {
            faults.push(Fault { at: "name".into(), message: "must be from 1 to 200 bytes".into() });
        }
        if version.is_none() && kept::integration(db, account, id).await?.is_none() {
            // Where an earlier one of this id was deleted and the server died, the new one does not go on with what is left of it.
            self.forget_rest(id).await?;
        }
        let mut tx = db.begin().await?;
        kept::take_turns(&mut tx, account).await?;
        if enabled {
            faults.extend(self.other_writers(&mut tx, id, definition).await?);
        }
        if !faults.is_empty() {
            return Err(IntegrationsError::Faults(faults));
        }
        let new = Integration {
            id: id.to_owned(),
            name: name.trim().to_owned(),
            enabled,
            definition: serde_json::json!(definition).to_string(),
            version: 0,
            accepted_plan: None,
            updated_at: clock.now(),
            trouble: None,
            trouble_at: None,
        };
        let before = kept::locked(&mut tx, account, id).await?;
        if !kept::save(&mut tx, account, &new, version, clock.now()).await? {
            return Err(match (version, before) {
                (None, _) => IntegrationsError::Taken(id.to_owned()),
                (Some(_), Some(_)) => IntegrationsError::Changed(id.to_owned()),
                (Some(_), None) => IntegrationsError::Unknown(id.to_owned()),
            });
        }
        let (action, changed) = match before.filter(|_| version.is_some()) {
            Some(before) => (LedgerAction::IntegrationChanged, parts(&before, &new)),
            None => (LedgerAction::IntegrationAdded, Vec::new()),
        };
        let detail = record::of_integration(id, &changed);
        let is_shown = self.follow(&mut tx, id, enabled, definition).await?;
        record::append(&mut tx, account, (by, action), detail, clock.now()).await?;
        tx.commit().await?;
        if !is_shown {
            self.forget_copy(id).await;
        }
        self.document(id).await
    }

    /// Other enabled integrations that write one of its fields, or the contract that cards show.
    async fn other_writers(
        &self,
        tx: &mut Tx,
        id: &str,
        definition: &Definition,
    ) -> Result<Vec<Fault>, IntegrationsError> {
        let mut faults = Vec::new();
        for other in kept::list(tx, &self.0.account).await? {
            if other.id == id || !other.enabled {
                continue;
            }
            let theirs = views::definition(&other)?;
            if let Some(field) = shared_field(definition, &theirs) {
                let message = format!(
                    "`{field}` is written by the integration `{}`; one integration writes a field",
                    other.name
                );
                faults.push(Fault { at: "mapping".into(), message });
            }
            if definition.contract.is_some() && theirs.contract.is_some() {
                let message = format!(
                    "cards show the contracts of the integration `{}`; one integration brings them",
                    other.name
                );
                faults.push(Fault { at: "contract".into(), message });
            }
        }
        Ok(faults)
    }

    /// Schedule and copy follow what is kept, in the same transaction. False: cards do not show its contracts.
    async fn follow(
        &self,
        tx: &mut Tx,
        id: &str,
        enabled: bool,
        definition: &Definition,
    ) -> Result<bool, IntegrationsError> {
        let Inner { account, schedules, .. } = &*self.0;
        let wanted = schedule::of(account, id, &definition.schedule).ok().flatten().filter(|_| enabled);
        match wanted {
            Some(schedule) => {
                let job = super::Scheduled { account: account.clone(), integration: id.to_owned() };
                schedules.set_in(&mut *tx, &schedule, &job).await?;
            }
            None => Schedules::remove_in(&mut *tx, account, &schedule::name(id)).await?,
        }
        let is_shown = enabled && definition.contract.is_some();
        if !is_shown {
            companies::hide(tx, account, id).await?;
        }
        Ok(is_shown)
    }

    /// Deletes rows that no card reads any more. What is left is deleted with the integration's next change.
    async fn forget_copy(&self, id: &str) {
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
    async fn forget_rest(&self, id: &str) -> Result<(), IntegrationsError> {
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
