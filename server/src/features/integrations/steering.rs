//! What people do with runs: start, look, confirm, cancel, send again. **Invariants:** a run that writes is asked for against the plan that
//! somebody has seen a dry run of, and that is looked at again before its first write; what a person does is a row of the ledger.

use std::{collections::BTreeMap, fmt::Write};

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::json;
use uuid::Uuid;
use wire::{Definition, LedgerAction, MachineRunKind, RowOutcome, RunProgress, RunSummary};

use super::{
    IntegrationRun, Integrations, IntegrationsError, definition::plan, difference::MOST_KEY, people::Inner,
    record, views,
};
use crate::store::{
    StoreError, Tx,
    integrations::{
        self as kept, Integration, Level, LogLine, Outcome, Phase, RowFilter, Run, RunChange, RunKind,
        RunState,
    },
};

/// How a run names the machine that asked for it, before the machine's name.
const MACHINE: &str = "machine";

/// What to start.
#[derive(Debug, Clone)]
pub struct RunStart {
    pub kind: RunKind,
    /// Of kind `row`: which.
    pub row_key: Option<String>,
    /// Of kind `row`: those that this run could not write.
    pub retry_of: Option<String>,
    /// A dry run whose result was seen: its plan is accepted.
    pub accept: Option<String>,
    /// An agent's id, `machine` with its name, `command` or `schedule`.
    pub asked_by: String,
    /// The person, as the ledger names them; absent: a schedule.
    pub by: Option<String>,
}

impl Default for RunStart {
    fn default() -> Self {
        Self {
            kind: RunKind::Run,
            row_key: None,
            retry_of: None,
            accept: None,
            asked_by: "schedule".to_owned(),
            by: None,
        }
    }
}

impl RunStart {
    /// What a machine of this name asks for: a run or a dry run, and never more than its plan allows.
    pub fn of_machine(kind: MachineRunKind, name: &str) -> Self {
        let kind = match kind {
            MachineRunKind::Run => RunKind::Run,
            MachineRunKind::Dry => RunKind::Dry,
        };
        let (asked_by, by) = (format!("{MACHINE} {name}"), format!("{MACHINE}:{name}"));
        Self { kind, asked_by, by: Some(by), ..Self::default() }
    }

    fn is_of_machine(&self) -> bool {
        self.asked_by.starts_with(MACHINE)
    }
}

fn busy(live: &Run) -> IntegrationsError {
    let what = match (&live.row_key, &live.retry_of) {
        (Some(_), _) => "it sends one row".to_owned(), // whoever hears this may not see rows
        (None, Some(of)) => format!("it sends rows of the run `{of}` again"),
        (None, None) if live.kind == RunKind::Resend => "it sends all rows again".to_owned(),
        (None, None) if live.kind == RunKind::Clear => "it empties what was written".to_owned(),
        (None, None) => "it writes what differs".to_owned(),
    };
    let what =
        if live.state == RunState::Stopped { format!("{what}, and has stopped for a person") } else { what };
    IntegrationsError::Busy { integration: live.integration.clone(), run: live.id.clone(), what }
}

impl Integrations {
    /// A run, as it is listed.
    pub async fn shown(&self, run: &Run) -> Result<RunSummary, IntegrationsError> {
        let one = self.all_shown(std::slice::from_ref(run)).await?.pop();
        one.ok_or_else(|| IntegrationsError::UnknownRun(run.id.clone()))
    }

    /// Runs, as they are listed.
    pub async fn all_shown(&self, runs: &[Run]) -> Result<Vec<RunSummary>, IntegrationsError> {
        let Inner { account, db, clock, .. } = &*self.0;
        let mut known = BTreeMap::new();
        for integration in kept::list(db, account).await? {
            let object = views::definition(&integration)?.destination.object;
            known.insert(integration.id, (integration.name, object));
        }
        let of =
            |run: &Run| known.get(&run.integration).map(|(name, object)| (name.as_str(), object.as_str()));
        let mut shown = Vec::new();
        for run in runs {
            shown.push(self.with_silence(run, views::of_run(run, of(run), clock.now())).await?);
        }
        Ok(shown)
    }

    /// The same run, which says so where its server does not answer.
    pub(super) async fn with_silence(&self, run: &Run, shown: RunSummary) -> Result<RunSummary, StoreError> {
        if run.state != RunState::Running {
            return Ok(shown);
        }
        let job = IntegrationRun { account: self.0.account.clone(), run: run.id.clone() };
        let ends = self.0.queue.lease_ends(&job).await?;
        Ok(views::with_silence(shown, ends, self.0.queue.clock().now()))
    }

    /// How far a run is, while it works.
    pub fn progress(run: &Run) -> Option<RunProgress> {
        views::progress(run)
    }

    /// Starts a run, or joins the live one that does the same.
    pub async fn start(&self, id: &str, start: &RunStart) -> Result<Run, IntegrationsError> {
        let Inner { account, db, clock, queue, .. } = &*self.0;
        let is_good =
            start.row_key.as_ref().is_none_or(|key| !key.is_empty() && key.chars().count() <= MOST_KEY);
        let chooses = start.row_key.is_some() || start.retry_of.is_some();
        if (start.kind == RunKind::Row) != chooses || !is_good {
            return Err(IntegrationsError::RowKey);
        }
        let mut tx = db.begin().await?;
        let new = Uuid::now_v7().to_string();
        let asked = (start.kind, start.row_key.as_deref(), start.retry_of.as_deref());
        let started =
            kept::start_run(&mut tx, account, (&new, id), asked, &start.asked_by, clock.now()).await?;
        let Run { kind, row_key, retry_of, .. } = &started.run;
        let is_part = start.kind == RunKind::Run && *kind == RunKind::Resend;
        if !is_part && (*kind, row_key.as_deref(), retry_of.as_deref()) != asked {
            return Err(busy(&started.run));
        }
        queue
            .enqueue(&mut tx, &IntegrationRun { account: account.clone(), run: started.run.id.clone() })
            .await?;
        // After run and job, in the order in which a run that ends takes them. Whoever changes the integration waits, or was waited for.
        let integration = kept::locked(&mut tx, account, id).await?;
        let integration = integration.ok_or_else(|| IntegrationsError::Unknown(id.to_owned()))?;
        let definition = views::definition(&integration)?;
        self.may_write(&mut tx, start.kind, (&integration, &definition)).await?;
        if start.is_of_machine() && start.kind != RunKind::Dry && !integration.enabled {
            return Err(IntegrationsError::Paused(integration.name));
        }
        let planned = plan(&definition, &self.0.connections.places(&mut tx).await?);
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
        } else if !matches!(start.kind, RunKind::Dry | RunKind::Clear)
            && integration.accepted_plan.as_deref() != Some(planned.as_str())
        {
            return Err(IntegrationsError::DryRunNeeded);
        }
        if let Some(by) = &start.by {
            let mut detail = record::of_run(&started.run);
            detail["kind"] = json!(start.kind.as_str());
            if let Some(accepted) = &start.accept {
                detail["accepted"] = json!(accepted);
            }
            if !started.is_new {
                detail["joined"] = json!(true);
            }
            if start.is_of_machine() {
                detail["started_by"] = json!(start.asked_by);
                let what = if started.is_new { "this run" } else { "a run and joined this one" };
                let text = format!("the {} asked for {what}", start.asked_by);
                let line = (Level::Info, text.as_str());
                kept::append_log(&mut tx, account, &started.run.id, line, clock.now()).await?;
            }
            record::append(&mut tx, account, (by, LedgerAction::IntegrationStarted), detail, clock.now())
                .await?;
        }
        tx.commit().await?;
        Ok(started.run)
    }

    /// Refused where a run of this kind would undo what somebody else does: one that is paused may have left its fields to another.
    async fn may_write(
        &self,
        tx: &mut Tx,
        kind: RunKind,
        (integration, definition): (&Integration, &Definition),
    ) -> Result<(), IntegrationsError> {
        if kind == RunKind::Clear && integration.enabled {
            return Err(IntegrationsError::NotPaused(integration.name.clone()));
        }
        if kind == RunKind::Dry || integration.enabled {
            return Ok(());
        }
        let faults = self.other_writers(tx, &integration.id, definition).await?;
        if faults.is_empty() { Ok(()) } else { Err(IntegrationsError::Faults(faults)) }
    }

    /// Sends the rejected and waiting rows of a run again: its sources are read anew, and only those rows are compared and written.
    pub async fn retry(&self, by: &str, run: &str, asked_by: &str) -> Result<Run, IntegrationsError> {
        let Inner { account, db, .. } = &*self.0;
        let failed = self.run(run).await?;
        let is_over = !failed.state.is_live() && !matches!(failed.kind, RunKind::Dry | RunKind::Clear);
        if !is_over || kept::refused_after(db, account, run, 0, 1).await?.is_empty() {
            return Err(IntegrationsError::NothingToRetry(run.to_owned()));
        }
        let start = RunStart {
            kind: RunKind::Row,
            retry_of: Some(run.to_owned()),
            asked_by: asked_by.to_owned(),
            by: Some(by.to_owned()),
            ..RunStart::default()
        };
        self.start(&failed.integration, &start).await
    }

    /// Runs, newest first.
    pub async fn runs(
        &self,
        (integration, state): (Option<&str>, Option<&str>),
        before: Option<DateTime<Utc>>,
        limit: u32,
    ) -> Result<Vec<Run>, IntegrationsError> {
        if let Some(word) = state.filter(|word| RunState::ALL.iter().all(|known| known.as_str() != *word)) {
            return Err(IntegrationsError::State(word.to_owned()));
        }
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
        filter: &RowFilter,
        after: u64,
        limit: u32,
    ) -> Result<Vec<RowOutcome>, IntegrationsError> {
        self.run(run).await?;
        Self::check_outcome(filter)?;
        let rows = kept::rows_of(&self.0.db, &self.0.account, run, filter, after, limit).await?;
        Ok(rows.into_iter().map(views::of_row).collect())
    }

    /// A word that no row has would find nothing, and that would look like an answer.
    pub(super) fn check_outcome(filter: &RowFilter) -> Result<(), IntegrationsError> {
        match &filter.outcome {
            Some(outcome) if !Outcome::ALL.iter().any(|known| known.as_str() == outcome) => {
                Err(IntegrationsError::Outcome(outcome.clone()))
            }
            _ => Ok(()),
        }
    }

    /// Ends a run; what it has written stays.
    pub async fn cancel(&self, by: &str, run: &str) -> Result<Run, IntegrationsError> {
        let Inner { account, db, clock, queue, .. } = &*self.0;
        self.run(run).await?;
        let change = RunChange { state: Some(RunState::Cancelled), ..RunChange::default() };
        let mut tx = db.begin().await?;
        // A run that stopped has no job, and what it has read must be removed. The job comes before the run, as in the worker's
        // transactions.
        queue.enqueue(&mut tx, &IntegrationRun { account: account.clone(), run: run.to_owned() }).await?;
        let changed = kept::set_run(&mut tx, account, run, change, clock.now()).await?;
        let changed = changed.ok_or(IntegrationsError::Ended)?;
        let detail = record::of_run(&changed);
        record::append(&mut tx, account, (by, LedgerAction::IntegrationCancelled), detail, clock.now())
            .await?;
        tx.commit().await?;
        Ok(changed)
    }

    /// A person has seen why it stopped: it goes on with the rows that it read, unless the integration is another by now.
    pub async fn confirm(&self, by: &str, run: &str) -> Result<Run, IntegrationsError> {
        let Inner { account, db, clock, queue, .. } = &*self.0;
        let stopped = self.run(run).await?;
        if stopped.state != RunState::Stopped {
            return Err(IntegrationsError::NotWaiting(run.to_owned()));
        }
        let mut tx = db.begin().await?;
        // The job before the run, as where somebody cancels it.
        queue.enqueue(&mut tx, &IntegrationRun { account: account.clone(), run: run.to_owned() }).await?;
        // What is written is decided anew: days may have passed.
        let change =
            RunChange { confirmed: Some(true), phase: Some(Phase::Comparing), ..RunChange::default() };
        let changed = kept::set_run(&mut tx, account, run, change, clock.now()).await?;
        let changed = changed.ok_or(IntegrationsError::Ended)?;
        let integration = kept::locked(&mut tx, account, &changed.integration).await?;
        let integration =
            integration.ok_or_else(|| IntegrationsError::Unknown(changed.integration.clone()))?;
        let definition = views::definition(&integration)?;
        self.may_write(&mut tx, changed.kind, (&integration, &definition)).await?;
        let set_now = plan(&definition, &self.0.connections.places(&mut tx).await?);
        if changed.plan.as_deref() != Some(set_now.as_str()) {
            return Err(IntegrationsError::PlanChanged);
        }
        if changed.kind != RunKind::Clear {
            kept::accept_plan(&mut tx, account, &changed.integration, &set_now).await?;
        }
        let mut detail = record::of_run(&changed);
        detail["problem"] = json!(changed.problem_code);
        record::append(&mut tx, account, (by, LedgerAction::IntegrationConfirmed), detail, clock.now())
            .await?;
        tx.commit().await?;
        Ok(changed)
    }
}
