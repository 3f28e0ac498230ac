//! One run, from the sources to the end. It may die at any instruction and start again: each phase is idempotent, and the next begins
//! with the transaction that ends the one before. **Invariant:** nothing is written to the destination before the comparison is whole
//! and nothing in it asks for a person first.

use std::{collections::BTreeMap, time::SystemTime};

use engine::{Limits, Table};
use serde::{Deserialize, Serialize};
use wire::{Definition, Source};

use super::{
    RunDeps,
    attempt::Attempt,
    clearing, copy,
    definition::plan,
    delivery::Deliverer,
    ended, exchange,
    fields::Fields,
    guard, leftovers, question, sources,
    staged::{StagedSources, comparable, staged_of, tables_of},
};
use crate::{
    queue::{Advice, Job, JobError, Lease, Operated, Queue},
    store::{
        StoreError, Tx,
        integrations::{self as kept, Level, Phase, Run, RunChange, RunKind, RunState},
    },
};

/// Runs an integration once.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct IntegrationRun {
    pub account: String,
    pub run: String,
}

impl Job for IntegrationRun {
    const NAME: &'static str = "integration_run";
    const PRIORITY: i32 = -10; // agents' work goes first
    type Deps = RunDeps;

    fn account(&self) -> &str {
        &self.account
    }

    fn key(&self) -> String {
        self.run.clone()
    }

    fn concurrency_key(&self) -> Option<String> {
        Some("integrations".to_owned())
    }

    fn concurrency_limit(&self) -> Option<u32> {
        Some(1)
    }

    async fn run(&self, deps: &RunDeps, lease: &Lease) -> Result<(), JobError> {
        let attempt = Attempt { deps, lease, account: &self.account, run: &self.run };
        let came = all_phases(&attempt).await;
        if let Err(error) = &came
            && error.advice() == Advice::Retry
            && lease.attempt() < Self::MAX_ATTEMPTS
        {
            // Refused where the job is another worker's by now, and where the database itself is the trouble.
            let text = format!("{}; it is tried again", error.chain());
            let _refused = attempt.log(Level::Warning, &text).await;
        }
        came
    }

    async fn on_dead(&self, deps: &RunDeps, lease: &Lease, why: &str) -> Result<(), JobError> {
        let attempt = Attempt { deps, lease, account: &self.account, run: &self.run };
        attempt.log(Level::Error, why).await?;
        let mut change = failed("run_failed", why);
        if let Some(run) = attempt.live_run().await? {
            let counts = ended::counted(attempt.db(), attempt.account, &run).await?;
            change.counts = Some(serde_json::json!(counts).to_string());
        }
        attempt.set(change).await?;
        match kept::run(attempt.db(), attempt.account, attempt.run).await? {
            Some(run) => leftovers::remove(&attempt, &run.integration).await,
            None => Ok(()),
        }
    }

    async fn on_cancelled(job: Operated<'_>, queue: &Queue, tx: &mut Tx) -> Result<(), StoreError> {
        let mut change = RunChange { state: Some(RunState::Cancelled), ..RunChange::default() };
        if let Some(run) = kept::run(&mut *tx, job.account, job.key).await? {
            let counts = ended::counted(&mut *tx, job.account, &run).await?;
            change.counts = Some(serde_json::json!(counts).to_string());
        }
        let now = queue.clock().now();
        if kept::set_run(&mut *tx, job.account, job.key, change, now).await?.is_some() {
            // A worker that has the job may still be writing: after its lease nobody is, and what the run left is removed.
            let again = Self { account: job.account.to_owned(), run: job.key.to_owned() };
            queue.enqueue_at(tx, &again, now + Self::LEASE).await?;
        }
        Ok(())
    }

    async fn on_retry(job: Operated<'_>, _: &Queue, tx: &mut Tx) -> Result<Result<(), String>, StoreError> {
        Ok(match kept::run(tx, job.account, job.key).await? {
            Some(run) if !run.state.is_live() => Err(format!(
                "the run has ended; start another with `deskside integrations run {}`",
                run.integration
            )),
            _ => Ok(()),
        })
    }
}

/// From where an earlier attempt stood to the end, or to where somebody must confirm it.
async fn all_phases(attempt: &Attempt<'_>) -> Result<(), JobError> {
    let mut before = None;
    loop {
        let Some(run) = attempt.live_run().await? else { return ended::settle(attempt, before).await };
        if run.state == RunState::Stopped && !run.confirmed {
            return Ok(()); // it goes on when a person says so
        }
        let Some(run) =
            attempt.set(RunChange { state: Some(RunState::Running), ..RunChange::default() }).await?
        else {
            before = Some(run);
            continue; // it ended just now
        };
        let step = Step { attempt, run: &run };
        match run.phase {
            Phase::Reading => step.read().await?,
            Phase::Comparing => step.compare().await?,
            Phase::Delivering => step.deliver().await?,
            Phase::Copying => step.copy().await?,
            Phase::Ended => return Ok(()),
        }
        before = Some(run);
    }
}

fn failed(code: &str, why: &str) -> RunChange {
    RunChange {
        state: Some(RunState::Failed),
        problem: Some((code.to_owned(), why.to_owned())),
        ..RunChange::default()
    }
}

/// Where what was read, or what was compared with, is elsewhere now.
pub(super) const MOVED: (&str, &str) = (
    "connection_moved",
    "a connection of the integration was changed to another account, database or folder during the run; start another run",
);

/// One phase of an attempt.
pub(super) struct Step<'a> {
    pub attempt: &'a Attempt<'a>,
    pub run: &'a Run,
}

impl Step<'_> {
    pub(super) fn definition(&self) -> Result<Definition, JobError> {
        let json = self.run.definition.as_deref().unwrap_or_default();
        serde_json::from_str(json)
            .map_err(|error| JobError::give_up(format!("the definition cannot be read: {error}")))
    }

    pub(super) fn staged(&self) -> Result<StagedSources, JobError> {
        Ok(staged_of(self.run)?)
    }

    /// Every source into the staging folder, those that an earlier attempt has read excepted.
    async fn read(&self) -> Result<(), JobError> {
        let (attempt, account) = (self.attempt, self.attempt.account);
        let Some(kept_as) = kept::integration(attempt.db(), account, &self.run.integration).await? else {
            return attempt.set(failed("integration_gone", "the integration was deleted")).await.map(drop);
        };
        // What runs is what is kept when it begins; a change meanwhile is for the next run.
        let mut json = self.run.definition.clone().unwrap_or(kept_as.definition);
        let mut definition: Definition = serde_json::from_str(&json).map_err(JobError::give_up)?;
        if self.run.definition.is_none() {
            let used = definition.sources.iter().map(|source| source.connection.as_str());
            let used: Vec<_> = used.chain([definition.destination.connection.as_str()]).collect();
            attempt.deps.vendors.meet(&used).await?;
            let plan = plan(&definition, &attempt.deps.vendors.places().await?);
            if self.run.kind == RunKind::Clear {
                definition = clearing::definition(attempt, definition).await?;
                json = serde_json::json!(definition).to_string();
            }
            let change = RunChange { definition: Some(json), plan: Some(plan), ..RunChange::default() };
            attempt.set(change).await?;
        }
        let mut staged = self.staged()?;
        if staged.is_empty() {
            // Before an hour of reading: what is missing there is mended first.
            let outside = attempt.deps.outside(&definition.destination).await?;
            let fields = Fields::of(&definition, outside.destination()).await?;
            if let Err(why) = fields.check(&definition) {
                return self.fail("field_missing", &why).await;
            }
        }
        let before = self.staged_before(&definition).await?;
        for source in &definition.sources {
            if staged.contains_key(&source.table) {
                continue;
            }
            let read =
                sources::stage(attempt, &self.run.integration, source, before.get(&source.table)).await;
            let read = match read {
                Err(error) if error.advice() == Advice::GiveUp => {
                    return self.fail("source_failed", &error.chain()).await;
                }
                read => read?,
            };
            staged.insert(source.table.clone(), read);
            let json = serde_json::json!(staged).to_string();
            attempt.set(RunChange { staged: Some(json), ..RunChange::default() }).await?;
        }
        attempt.set(RunChange { phase: Some(Phase::Comparing), ..RunChange::default() }).await.map(drop)
    }

    /// What the last complete run read of the same places; nothing where there was none.
    pub(super) async fn staged_before(&self, definition: &Definition) -> Result<StagedSources, JobError> {
        let (db, account) = (self.attempt.db(), self.attempt.account);
        let last = kept::last_complete(db, account, &self.run.integration).await?;
        let before = last.as_ref().map(staged_of).transpose()?.unwrap_or_default();
        Ok(comparable(before, &self.places_of_tables(definition).await?))
    }

    /// What the connection of each source leads to now.
    async fn places_of_tables(&self, definition: &Definition) -> Result<BTreeMap<String, String>, JobError> {
        let places = self.attempt.deps.vendors.places().await?;
        let place = |source: &Source| Some((source.table.clone(), places.get(&source.connection)?.clone()));
        Ok(definition.sources.iter().filter_map(place).collect())
    }

    /// The run ends here; the code is for readers in other languages.
    pub(super) async fn fail(&self, code: &str, why: &str) -> Result<(), JobError> {
        self.attempt.log(Level::Error, why).await?;
        let counts = ended::counted(self.attempt.db(), self.attempt.account, self.run).await?;
        let counts = Some(serde_json::json!(counts).to_string());
        self.attempt.set(RunChange { counts, ..failed(code, why) }).await.map(drop)
    }

    pub(super) fn tables(&self) -> Result<Vec<Table>, JobError> {
        Ok(tables_of(self.staged()?))
    }

    pub(super) fn limits(&self) -> Result<Limits, JobError> {
        let deps = self.attempt.deps;
        Ok(Limits {
            memory: deps.limits.memory,
            spill: deps.staging.make_spill()?,
            deadline: deps.limits.deadline,
            rows: deps.limits.rows,
            // However often its model is asked, and whatever waits in between.
            now: self.run.started_at.map(SystemTime::from),
        })
    }

    async fn deliver(&self) -> Result<(), JobError> {
        let (attempt, definition) = (self.attempt, self.definition()?);
        let outside = attempt.deps.outside(&definition.destination).await?;
        if self.run.compared_with.as_ref().is_some_and(|with| *with != outside.name()) {
            return self.fail(MOVED.0, MOVED.1).await;
        }
        self.claim_states(&outside.name()).await?;
        self.note().await?;
        let fields = Fields::of(&definition, outside.destination()).await?;
        let fields = fields.made(attempt, &definition, outside.destination()).await?;
        let to = (outside.destination(), fields);
        let deliverer = Deliverer::new(attempt, to, &self.run.integration);
        deliverer.deliver().await?;
        if self.run.kind == RunKind::Row && self.run.row_key.is_some() {
            exchange::keep(attempt, outside.destination(), deliverer.fields()).await?;
        }
        attempt.set(RunChange { phase: Some(Phase::Copying), ..RunChange::default() }).await.map(drop)
    }

    /// The states that follow are of this destination; those of another one are forgotten.
    async fn claim_states(&self, destination: &str) -> Result<(), JobError> {
        let (account, integration) = (self.attempt.account, self.run.integration.as_str());
        loop {
            let mut tx = self.attempt.begin().await?;
            let more = kept::claim_states_step(&mut tx, account, integration, destination).await?;
            tx.commit().await?;
            if !more {
                return Ok(());
            }
        }
    }

    /// What the comparison found is known from now on: the run may write.
    async fn note(&self) -> Result<(), JobError> {
        loop {
            let mut tx = self.attempt.begin().await?;
            let more =
                kept::note_step(self.attempt.db(), &mut tx, self.attempt.account, self.attempt.run).await?;
            tx.commit().await?;
            if !more {
                return Ok(());
            }
        }
    }

    /// The contract copy, whether or not the destination took every row; then the end.
    async fn copy(&self) -> Result<(), JobError> {
        let (attempt, definition) = (self.attempt, self.definition()?);
        if let Some(contract) = definition.contract.as_ref().filter(|_| self.run.kind != RunKind::Row) {
            let model = question::contract(&definition, contract, self.tables()?);
            let answer = attempt.deps.engine.run(&model, &self.limits()?).await;
            let answer = answer.map_err(|error| attempt.deps.staging.unanswered(error))?;
            // What the cards show is as old as the oldest of its sources.
            let began = self.run.started_at.unwrap_or(self.run.requested_at);
            let as_of = self.staged()?.values().map(|source| source.read_at.unwrap_or(began)).min();
            let as_of = as_of.unwrap_or(began).min(began);
            copy::write(attempt, self.run, (&definition, contract), (answer, as_of)).await?;
        }
        self.end().await
    }

    async fn end(&self) -> Result<(), JobError> {
        let (attempt, account) = (self.attempt, self.attempt.account);
        let mut counts = ended::counted(attempt.db(), account, self.run).await?;
        counts.waiting += std::mem::take(&mut counts.pending);
        let text = format!(
            "{} created, {} updated, {} cleared, {} kept, {} rejected, {} wait for the next run",
            counts.created, counts.updated, counts.cleared, counts.kept, counts.rejected, counts.waiting
        );
        attempt.log(Level::Info, &text).await?;
        let mut change = match guard::wrong_end(&counts) {
            None => RunChange { state: Some(RunState::Completed), ..RunChange::default() },
            Some((code, why)) => failed(code, &why),
        };
        change.counts = Some(serde_json::json!(counts).to_string());
        attempt.set(change).await.map(drop)
    }
}
