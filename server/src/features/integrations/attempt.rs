//! One attempt at a run: what every step of it may do. **Invariant:** whatever it writes passes the job's fence.

use chrono::{DateTime, Utc};
use engine::{Answer, Limits, Model};

use super::{
    RunDeps,
    alert::{self, Trouble},
};
use crate::{
    queue::{JobError, Lease},
    store::{
        Db, Tx,
        integrations::{self as kept, Level, Run, RunChange, RunKind, RunRow, RunState},
    },
};

/// One attempt.
pub(super) struct Attempt<'a> {
    pub deps: &'a RunDeps,
    pub lease: &'a Lease,
    pub account: &'a str,
    pub run: &'a str,
}

impl Attempt<'_> {
    /// Asks the engine about rows of ours: as many of them as there are.
    pub async fn ask(&self, model: &Model) -> Result<Answer, JobError> {
        let RunDeps { engine, staging, .. } = self.deps;
        engine.run(model, &self.limits()?).await.map_err(|error| staging.unanswered(error))
    }

    /// For questions about rows of ours.
    pub fn limits(&self) -> Result<Limits, JobError> {
        let RunDeps { staging, limits, .. } = self.deps;
        let spill = staging.make_spill()?;
        Ok(Limits { memory: limits.memory, spill, deadline: limits.deadline, rows: u64::MAX, now: None })
    }

    /// The database.
    pub fn db(&self) -> &Db {
        &self.deps.db
    }

    /// The time that all replicas share.
    pub fn now(&self) -> DateTime<Utc> {
        self.deps.clock.now()
    }

    /// A transaction that commits only while the job is ours.
    pub async fn begin(&self) -> Result<Tx, JobError> {
        let mut tx = self.deps.db.begin_unsynced().await?;
        self.lease.guard(&mut tx).await?;
        Ok(tx)
    }

    /// The run as it is now; `None` when it has ended.
    pub async fn live_run(&self) -> Result<Option<Run>, JobError> {
        let run = kept::run(self.db(), self.account, self.run).await?;
        Ok(run.filter(|run| run.state.is_live()))
    }

    /// Changes the run; `None` when it has ended.
    pub async fn set(&self, change: RunChange) -> Result<Option<Run>, JobError> {
        let mut tx = self.begin().await?;
        let state = change.state;
        let run = kept::set_run(&mut tx, self.account, self.run, change, self.now()).await?;
        if let (Some(run), Some(state)) = (&run, state) {
            self.tell(&mut tx, run, state).await?;
        }
        tx.commit().await?;
        Ok(run)
    }

    /// Whoever looks after the integration hears of its end, where that is news.
    async fn tell(&self, tx: &mut Tx, run: &Run, state: RunState) -> Result<(), JobError> {
        let change = match state {
            RunState::Completed => None,
            RunState::Failed => Some("failed"),
            RunState::Stopped => Some("stopped"),
            _ => return Ok(()),
        };
        if !matches!(run.kind, RunKind::Run | RunKind::Resend) {
            return Ok(());
        }
        let trouble = change.map(|change| Trouble {
            change: change.to_owned(),
            code: run.problem_code.clone().unwrap_or_default(),
            sentence: run.problem.clone().unwrap_or_default(),
        });
        let whose = (self.account, run.integration.as_str());
        Ok(alert::settle(&self.deps.alerts, tx, whose, trouble, self.now()).await?)
    }

    /// Says something in the run's log.
    pub async fn log(&self, level: Level, text: &str) -> Result<(), JobError> {
        let mut tx = self.begin().await?;
        kept::append_log(&mut tx, self.account, self.run, (level, text), self.now()).await?;
        Ok(tx.commit().await?)
    }

    /// Counts a call that writes; false: the run has ended, and nothing may be written for it any more.
    pub async fn count_call(&self, tx: &mut Tx) -> Result<bool, JobError> {
        let change = RunChange { more_calls: 1, ..RunChange::default() };
        Ok(kept::set_run(tx, self.account, self.run, change, self.now()).await?.is_some())
    }

    /// Rows that are to be written and are in no delivery: those whose record is known, or those that make one.
    pub async fn next_pending(&self, makes_records: bool, limit: usize) -> Result<Vec<RunRow>, JobError> {
        let limit = u32::try_from(limit).unwrap_or(u32::MAX);
        Ok(kept::next_pending(self.db(), self.account, self.run, makes_records, limit).await?)
    }

    /// The rows of a delivery whose answer is not known.
    pub async fn batch_rows(&self, batch: u64) -> Result<Vec<RunRow>, JobError> {
        Ok(kept::batch_rows(self.db(), self.account, self.run, batch).await?)
    }
}
