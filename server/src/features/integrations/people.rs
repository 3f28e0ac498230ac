//! What people do with integrations and their runs: keep, start, look, confirm, cancel. **Invariants:** one integration writes a field; a run
//! that writes is asked for against the plan that somebody has seen a dry run of, and that is looked at again before its first write.

use std::{fmt::Write, sync::Arc};

use chrono::{DateTime, SecondsFormat, Utc};
use uuid::Uuid;
use wire::{Definition, IntegrationDocument, IntegrationSummary, RowOutcome, RunSummary};

use super::{
    Fault, IntegrationRun, Staging,
    definition::{self, plan, shared_field},
    difference::MOST_KEY,
    schedule, views,
};
use crate::{
    clock::Clock,
    queue::{Queue, Schedules},
    store::{
        Db, StoreError, Tx, companies,
        integrations::{self as kept, Integration, LogLine, Run, RunChange, RunKind, RunState},
    },
};

/// The integrations of one account.
#[derive(Clone)]
pub struct Integrations(Arc<Inner>);

struct Inner {
    account: String,
    db: Db,
    clock: Clock,
    queue: Queue,
    schedules: Schedules,
    staging: Staging,
}

/// What to start.
#[derive(Debug, Clone)]
pub struct RunStart {
    pub kind: RunKind,
    /// Of kind `row`: which.
    pub row_key: Option<String>,
    /// A dry run whose result was seen: its plan is accepted.
    pub accept: Option<String>,
    /// An agent's id, or `command`.
    pub asked_by: String,
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
    pub fn new(account: String, (db, clock, queue): (Db, Clock, Queue), staging: Staging) -> Self {
        let schedules = Schedules::new(queue.clone());
        Self(Arc::new(Inner { account, db, clock, queue, schedules, staging }))
    }

    /// All, by name, each with its last run.
    pub async fn summaries(&self) -> Result<Vec<IntegrationSummary>, IntegrationsError> {
        let Inner { account, db, clock, .. } = &*self.0;
        let mut listed = Vec::new();
        for integration in kept::list(db, account).await? {
            let last = kept::runs_of(db, account, (Some(&integration.id), None), None, 1).await?;
            listed.push(views::summary(integration, last.first(), clock.now())?);
        }
        Ok(listed)
    }

    /// One, as it is edited.
    pub async fn document(&self, id: &str) -> Result<IntegrationDocument, IntegrationsError> {
        Ok(views::document(self.get(id).await?)?)
    }

    /// A run, as it is listed.
    pub fn shown(&self, run: &Run) -> RunSummary {
        views::of_run(run, self.0.clock.now())
    }

    async fn get(&self, id: &str) -> Result<Integration, IntegrationsError> {
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
        if enabled {
            faults.extend(self.other_writers(id, definition).await?);
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
        };
        let mut tx = db.begin().await?;
        if !kept::save(&mut tx, account, &new, version, clock.now()).await? {
            drop(tx);
            return Err(match (version, kept::integration(db, account, id).await?) {
                (None, _) => IntegrationsError::Taken(id.to_owned()),
                (Some(_), Some(_)) => IntegrationsError::Changed(id.to_owned()),
                (Some(_), None) => IntegrationsError::Unknown(id.to_owned()),
            });
        }
        tx.commit().await?;
        self.follow(id, enabled, definition).await?;
        self.document(id).await
    }

    /// Other enabled integrations that write one of its fields, or the contract that cards show.
    async fn other_writers(
        &self,
        id: &str,
        definition: &Definition,
    ) -> Result<Vec<Fault>, IntegrationsError> {
        let mut faults = Vec::new();
        for other in kept::list(&self.0.db, &self.0.account).await? {
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

    /// Schedule and copy follow what is kept.
    async fn follow(
        &self,
        id: &str,
        enabled: bool,
        definition: &Definition,
    ) -> Result<(), IntegrationsError> {
        let Inner { account, db, schedules, .. } = &*self.0;
        let wanted = schedule::of(account, id, &definition.schedule).ok().flatten().filter(|_| enabled);
        match wanted {
            Some(schedule) => {
                let job = super::Scheduled { account: account.clone(), integration: id.to_owned() };
                schedules.set(&schedule, &job).await?;
            }
            None => schedules.remove(account, &schedule::name(id)).await?,
        }
        if !enabled || definition.contract.is_none() {
            companies::forget_integration(db, account, id, &Unguarded).await?;
        }
        Ok(())
    }

    /// Forgets an integration. What it wrote stays where it is.
    pub async fn delete(&self, id: &str) -> Result<(), IntegrationsError> {
        let Inner { account, db, clock, schedules, .. } = &*self.0;
        self.get(id).await?;
        schedules.remove(account, &schedule::name(id)).await?;
        for state in RunState::LIVE {
            for run in kept::runs_of(db, account, (Some(id), Some(state.as_str())), None, MOST_LIVE).await? {
                self.cancel(&run.id).await?;
            }
        }
        companies::forget_integration(db, account, id, &Unguarded).await?;
        let mut tx = db.begin().await?;
        kept::delete(&mut tx, account, id).await?;
        tx.commit().await?;
        loop {
            let mut tx = db.begin_unsynced().await?;
            let more = kept::forget_runs_step(&mut tx, account, id, clock.now() + chrono::TimeDelta::days(1))
                .await?
                || kept::forget_states_step(&mut tx, account, id).await?;
            tx.commit().await?;
            if !more {
                break;
            }
        }
        let _left = self.0.staging.keep_only(id, &[]); // the next run of the name removes what could not be
        Ok(())
    }

    /// Starts a run, or joins the live one.
    pub async fn start(&self, id: &str, start: &RunStart) -> Result<Run, IntegrationsError> {
        let Inner { account, db, clock, queue, .. } = &*self.0;
        let is_good =
            start.row_key.as_ref().is_none_or(|key| !key.is_empty() && key.chars().count() <= MOST_KEY);
        if (start.kind == RunKind::Row) != start.row_key.is_some() || !is_good {
            return Err(IntegrationsError::RowKey);
        }
        let integration = self.get(id).await?;
        let definition = views::definition(&integration)?;
        let planned = plan(&definition);
        let mut tx = db.begin().await?;
        if let Some(dry) = &start.accept {
            let seen = kept::run(&mut tx, account, dry).await?;
            let fits = seen.is_some_and(|run| {
                run.integration == id
                    && run.kind == RunKind::Dry
                    && run.state == RunState::Completed
                    && run.plan.as_deref() == Some(planned.as_str())
            });
            if !fits {
                return Err(IntegrationsError::NotAcceptable(dry.clone()));
            }
            kept::accept_plan(&mut tx, account, id, &planned).await?;
        } else if start.kind != RunKind::Dry && integration.accepted_plan.as_deref() != Some(planned.as_str())
        {
            return Err(IntegrationsError::DryRunNeeded);
        }
        let new = Uuid::now_v7().to_string();
        let asked = (start.kind, start.row_key.as_deref());
        let started =
            kept::start_run(&mut tx, account, (&new, id), asked, &start.asked_by, clock.now()).await?;
        queue
            .enqueue(&mut tx, &IntegrationRun { account: account.clone(), run: started.run.id.clone() })
            .await?;
        tx.commit().await?;
        Ok(started.run)
    }

    /// Runs, newest first.
    pub async fn runs(
        &self,
        (integration, state): (Option<&str>, Option<&str>),
        before: Option<DateTime<Utc>>,
        limit: u32,
    ) -> Result<Vec<Run>, IntegrationsError> {
        Ok(kept::runs_of(&self.0.db, &self.0.account, (integration, state), before, limit).await?)
    }

    /// One run.
    pub async fn run(&self, id: &str) -> Result<Run, IntegrationsError> {
        let found = kept::run(&self.0.db, &self.0.account, id).await?;
        found.ok_or_else(|| IntegrationsError::UnknownRun(id.to_owned()))
    }

    /// What its log says, a line each: time, level, text.
    pub async fn log_text(&self, id: &str) -> Result<String, IntegrationsError> {
        self.run(id).await?;
        let (mut text, mut after) = (String::new(), 0);
        loop {
            let lines = kept::log_of(&self.0.db, &self.0.account, id, after).await?;
            let Some(last) = lines.last() else { return Ok(text) };
            after = last.seq;
            for LogLine { at, level, text: line, .. } in &lines {
                let at = at.to_rfc3339_opts(SecondsFormat::Millis, true);
                let _infallible = writeln!(text, "{at} {:<7} {line}", level.as_str());
            }
        }
    }

    /// What became of its rows; those that were unchanged are not kept.
    pub async fn row_outcomes(
        &self,
        run: &str,
        of: (Option<&str>, Option<&str>),
        after: u64,
        limit: u32,
    ) -> Result<Vec<RowOutcome>, IntegrationsError> {
        self.run(run).await?;
        let rows = kept::rows_of(&self.0.db, &self.0.account, run, of, after, limit).await?;
        Ok(rows.into_iter().map(views::of_row).collect())
    }

    /// Ends a run; what it has written stays.
    pub async fn cancel(&self, run: &str) -> Result<Run, IntegrationsError> {
        let change = RunChange { state: Some(RunState::Cancelled), ..RunChange::default() };
        self.change(run, change).await
    }

    /// A person has seen why it stopped: it goes on with the rows that it read, unless the integration is another by now.
    pub async fn confirm(&self, run: &str) -> Result<Run, IntegrationsError> {
        let Inner { account, db, clock, queue, .. } = &*self.0;
        let stopped = self.run(run).await?;
        if stopped.state != RunState::Stopped {
            return Err(IntegrationsError::Ended);
        }
        let set_now = plan(&views::definition(&self.get(&stopped.integration).await?)?);
        if stopped.plan.as_deref() != Some(set_now.as_str()) {
            return Err(IntegrationsError::PlanChanged);
        }
        let mut tx = db.begin().await?;
        let change = RunChange { confirmed: Some(true), ..RunChange::default() };
        let changed = kept::set_run(&mut tx, account, run, change, clock.now()).await?;
        let changed = changed.ok_or(IntegrationsError::Ended)?;
        kept::accept_plan(&mut tx, account, &changed.integration, &set_now).await?;
        queue.enqueue(&mut tx, &IntegrationRun { account: account.clone(), run: run.to_owned() }).await?;
        tx.commit().await?;
        Ok(changed)
    }

    async fn change(&self, run: &str, change: RunChange) -> Result<Run, IntegrationsError> {
        let Inner { account, db, clock, .. } = &*self.0;
        self.run(run).await?;
        let mut tx = db.begin().await?;
        let changed = kept::set_run(&mut tx, account, run, change, clock.now()).await?;
        tx.commit().await?;
        changed.ok_or(IntegrationsError::Ended)
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
