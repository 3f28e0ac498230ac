//! The phase of a run in which what will be written is decided and counted. **Invariant:** it writes nothing but rows of the run, however
//! often it begins.

use std::{collections::BTreeMap, pin::Pin};

use chrono::{DateTime, Utc};
use engine::{Answer, Model, ModelError, Reader, StagingError, Writer};
use futures::StreamExt;
use wire::{Definition, OnDrift, RunCounts, Source};

use super::{
    again::Doubts,
    behind::behind,
    clearing,
    compare::Policy,
    copy,
    definition::plan,
    destination::Destination,
    difference::Difference,
    ended,
    export::Freshened,
    fields::Fields,
    group::Compared,
    guard,
    invalid::{Cells, StandIn},
    job::{MOVED, Step},
    question,
    rekeyed::Rekeyed,
    removal::Removals,
    staged::{other_tables_of, rows_of},
    wanted::Wanted,
};
use crate::{
    queue::JobError,
    store::{
        StoreError,
        integrations::{self as kept, Level, Phase, RunChange, RunKind, RunState},
    },
};

/// So many need no forecast.
const FEW_CALLS: u64 = 10;

impl Step<'_> {
    /// The model's rows beside the destination's: what will be written is decided and counted here.
    pub(super) async fn compare(&self) -> Result<(), JobError> {
        let (attempt, definition) = (self.attempt, self.definition()?);
        let (deps, account) = (attempt.deps, attempt.account);
        let unanswered = |error| deps.staging.unanswered(error);
        self.clear().await?;
        ended::settle_all(attempt, &self.run.integration).await?;
        if self.has_moved(&definition).await? {
            return self.fail(MOVED.0, MOVED.1).await;
        }
        let outside = deps.outside(&definition.destination).await?;
        let records = outside.records(attempt).await?;
        let (known_at, name) = (records.known_at, outside.name());
        let mut tx = attempt.begin().await?;
        kept::set_compared(&mut tx, account, attempt.run, (&name, known_at)).await?;
        tx.commit().await?;
        let has_states = kept::are_states_of(attempt.db(), account, &self.run.integration, &name).await?;
        if self.run.kind == RunKind::Clear && !has_states && self.has_written().await? {
            return self.fail(MOVED.0, MOVED.1).await; // what it wrote is elsewhere
        }
        let fields = Fields::of(&definition, outside.destination()).await?;
        if let Err(why) = fields.check(&definition) {
            return self.fail("field_missing", &why).await;
        }
        let lacking = fields.lacking();
        if self.run.kind == RunKind::Row
            && let Some(lacking) = lacking.first()
        {
            let why = format!(
                "{lacking} is missing; a run of chosen rows makes no fields, so start a whole run first"
            );
            return self.fail("field_missing", &why).await;
        }
        if let Some(why) = self.misfit(&definition).await? {
            return self.fail("sql_unfit", &why).await;
        }
        let doubts = self.doubts(&definition).await?;
        let asked = question::beside_destination(&definition, self.tables()?, &records);
        let asked_at = attempt.now();
        let answer = deps.engine.run(&asked, &self.limits()?).await.map_err(unanswered)?;
        // Its rows come in the order of their keys: with the first one, all are known.
        let mut batches = answer.batches.peekable();
        Pin::new(&mut batches).peek().await;
        let answer = Answer { columns: answer.columns, batches: batches.boxed() };
        let model_ms = u64::try_from((attempt.now() - asked_at).num_milliseconds()).unwrap_or_default();
        let policy = Policy {
            on_ambiguous: definition.on_ambiguous,
            // Only what is the integration's own is emptied, whatever its runs may write over.
            on_drift: if self.run.kind == RunKind::Clear { OnDrift::Keep } else { definition.on_drift },
            // Rows that are sent again are compared first: somebody may have mended them meanwhile.
            resend: match self.run.kind {
                RunKind::Resend => true,
                RunKind::Row => self.run.retry_of.is_none(),
                RunKind::Run | RunKind::Dry | RunKind::Clear => false,
            },
        };
        let typed = self.run.row_key.as_ref().map(|key| question::typed_key(&definition, key));
        let wanted = match (&typed, &self.run.retry_of) {
            (Some(key), _) => Wanted::Key(key),
            (None, Some(run)) => Wanted::refused(run),
            (None, None) if self.run.kind == RunKind::Clear => Wanted::Written,
            (None, None) => Wanted::All,
        };
        let columns = answer.columns.clone();
        let is_dry = self.run.kind == RunKind::Dry;
        let (rows, unwritten) = behind();
        let difference = Difference::new(
            attempt,
            (&self.run.integration, &definition),
            (&fields, &columns),
            (policy, wanted, known_at),
            (has_states, doubts, rows),
        )?;
        let (mut compared, ()) = futures::try_join!(difference.run(answer), unwritten.write(attempt))?;
        let judged = (policy, known_at, has_states);
        self.decide_again(&definition, &records, judged, &mut compared).await?;
        let counts = compared.counts;
        if typed.is_some() && counts.read == 0 {
            return self.fail("row_not_found", "the model has no row with the key that was asked for").await;
        }
        self.say(&counts).await?;
        if let Some(text) = takes(counts.pending, outside.destination()) {
            attempt.log(Level::Info, &text).await?;
        }
        let json = Some(serde_json::json!(counts).to_string());
        let creates = if is_dry { "would create" } else { "will create" };
        for lacking in &lacking {
            attempt.log(Level::Info, &format!("{creates} {lacking}")).await?;
        }
        let shown = self.shown(&definition).await?;
        if is_dry {
            if let Some((_, why)) = self.stops(&compared, &lacking, &shown, self.run.plan.as_deref()).await? {
                attempt
                    .log(Level::Warning, &format!("a run would stop before its first write: {why}"))
                    .await?;
            }
            return attempt
                .set(RunChange {
                    state: Some(RunState::Completed),
                    counts: json,
                    model_ms,
                    ..RunChange::default()
                })
                .await
                .map(drop);
        }
        let asked_first = self.asked_first(&compared, &lacking, &shown).await?;
        let mut change =
            RunChange { phase: Some(Phase::Delivering), counts: json, model_ms, ..RunChange::default() };
        if let Some((code, why)) = asked_first {
            attempt.log(Level::Warning, &why).await?;
            let allowed = Some(serde_json::json!(would_change(&compared, &shown)).to_string());
            let problem = Some((code.to_owned(), why));
            change = RunChange {
                state: Some(RunState::Stopped),
                confirmed: Some(false),
                problem,
                allowed,
                ..change
            };
        }
        attempt.set(change).await.map(drop)
    }

    /// The model's rows twice more, where cells of its sources could not be read.
    async fn doubts(&self, definition: &Definition) -> Result<Doubts, JobError> {
        let (attempt, staged) = (self.attempt, self.staged()?);
        let (staging, integration) = (&attempt.deps.staging, self.run.integration.as_str());
        let invalid = staged.iter().filter_map(|(table, source)| Some((table, source.invalid.as_ref()?)));
        let cells = Cells::of(invalid.clone());
        if invalid.count() == 0 {
            return Ok(Doubts::default());
        }
        let mut answers = Vec::new();
        for (stand_in, what) in [(StandIn::Greatest, "again"), (StandIn::Least, "least")] {
            let Some(tables) = other_tables_of(staged.clone(), stand_in) else { continue };
            let limits = self.limits()?;
            let answered = async {
                let mut answer =
                    attempt.deps.engine.run(&question::alone(definition, tables), &limits).await?;
                let file = staging.beside_source(integration, "all", attempt.run, what);
                let unstaged = |error: StagingError| ModelError::Disk(error.to_string());
                let mut writer = Writer::create(&file, &answer.columns, &[]).map_err(unstaged)?;
                while let Some(batch) = answer.batches.next().await {
                    let batch = batch?;
                    for row in 0..batch.rows() {
                        let cells: Vec<_> =
                            (0..answer.columns.len()).map(|at| batch.value(row, at)).collect();
                        writer.push(&cells).map_err(unstaged)?;
                    }
                }
                writer.finish().map_err(unstaged)?;
                Reader::open(&file).map_err(unstaged)
            };
            match answered.await {
                Ok(rows) => answers.push(rows),
                Err(error @ (ModelError::Disk(_) | ModelError::Cluster { .. })) => {
                    return Err(staging.unanswered(error));
                }
                Err(error) => {
                    let text = format!(
                        "which rows depend on cells that could not be read is not wholly known: {error}"
                    );
                    attempt.log(Level::Warning, &text).await?;
                }
            }
        }
        Ok(Doubts::new(cells, answers))
    }

    /// Rows whose record had another key, and rows that are no more: what becomes of them is known only once all rows are.
    async fn decide_again(
        &self,
        definition: &Definition,
        records: &Freshened,
        (policy, known_at, has_states): (Policy, DateTime<Utc>, bool),
        compared: &mut Compared,
    ) -> Result<(), JobError> {
        let (attempt, integration) = (self.attempt, self.run.integration.as_str());
        let fields = compared.fields.clone();
        let fields = fields.as_slice();
        if has_states {
            Rekeyed { attempt, integration, fields, policy, known_at }.decide(compared).await?;
        }
        if compared.removals > 0 {
            let asked = question::beside_model(definition, self.tables()?, records);
            let answer = attempt.deps.engine.run(&asked, &self.limits()?).await;
            let answer = answer.map_err(|error| attempt.deps.staging.unanswered(error))?;
            let removals = Removals { attempt, integration, fields, policy, known_at };
            let spared = removals.decide(answer).await?;
            compared.clearing -= spared;
            compared.removals -= spared;
        }
        Ok(())
    }

    /// An attempt of before may have died in its comparison.
    async fn clear(&self) -> Result<(), JobError> {
        let (attempt, account) = (self.attempt, self.attempt.account);
        loop {
            let mut tx = attempt.begin().await?;
            let more = kept::clear_rows(&mut tx, account, attempt.run).await?;
            tx.commit().await?;
            if !more {
                return Ok(());
            }
        }
    }

    /// A run compares and writes what it read, where it began to: a connection that leads elsewhere meanwhile ends it.
    async fn has_moved(&self, definition: &Definition) -> Result<bool, JobError> {
        if self.run.kind == RunKind::Clear {
            return Ok(false); // it has read nothing, and the destination is looked at before the first write
        }
        let places = self.attempt.deps.vendors.places().await?;
        let planned = plan(definition, &places);
        let staged = self.staged()?;
        let is_other = |source: &Source| {
            let read = staged.get(&source.table).and_then(|staged| staged.place.as_ref());
            read != places.get(&source.connection)
        };
        Ok(self.run.plan.as_ref() != Some(&planned) || definition.sources.iter().any(is_other))
    }

    /// Whether any record is known that the integration wrote.
    async fn has_written(&self) -> Result<bool, JobError> {
        let (db, account) = (self.attempt.db(), self.attempt.account);
        Ok(!kept::states_after(db, account, &self.run.integration, ("", ""), 1).await?.is_empty())
    }

    /// Why the model and the contract's rows are not what the definition says of them; `None`: they are.
    async fn misfit(&self, definition: &Definition) -> Result<Option<String>, JobError> {
        let deps = self.attempt.deps;
        let plain = question::model(definition, self.tables()?);
        let columns = match deps.engine.plan(&plain).await {
            Ok(columns) => columns,
            Err(error @ ModelError::Sql { .. }) => return Ok(Some(error.to_string())),
            Err(error) => return Err(JobError::give_up(error)),
        };
        let mut wrong = question::missing_columns(definition, &columns);
        if let Some(contract) = &definition.contract {
            let rows = question::contract(definition, contract, self.tables()?);
            let columns = deps.engine.plan(&Model { order_by: Vec::new(), ..rows }).await;
            let columns = match columns {
                Ok(columns) => columns,
                Err(error @ ModelError::Sql { .. }) => {
                    return Ok(Some(format!("the contract's rows: {error}")));
                }
                Err(error) => return Err(JobError::give_up(format!("the contract's rows: {error}"))),
            };
            wrong.extend(copy::missing_columns(contract, &columns));
        }
        let wrong: Vec<_> = wrong.iter().map(ToString::to_string).collect();
        Ok((!wrong.is_empty()).then(|| format!("the SQL does not fit the integration: {}", wrong.join("; "))))
    }

    async fn say(&self, counts: &RunCounts) -> Result<(), JobError> {
        let text = format!(
            "{} rows: {} matched, {} unmatched, {} ambiguous, {} duplicate; {} unchanged, {} adopted, {} to be \
             written, {} kept, {} rejected, {} drifted, {} removed",
            counts.read,
            counts.matched,
            counts.unmatched,
            counts.ambiguous,
            counts.duplicate,
            counts.unchanged,
            counts.adopted,
            counts.pending,
            counts.kept,
            counts.rejected,
            counts.drifted,
            counts.removed,
        );
        self.attempt.log(Level::Info, &text).await
    }

    /// The people of the contract copy, before and after; a run of chosen rows does not write it.
    async fn shown(&self, definition: &Definition) -> Result<Vec<guard::Shown>, JobError> {
        match definition.contract.as_ref().filter(|_| self.run.kind != RunKind::Row) {
            Some(contract) => {
                let read = (self.tables()?, self.limits()?);
                copy::shown(self.attempt, self.run, (definition, contract), read).await
            }
            None => Ok(Vec::new()),
        }
    }

    /// Why a person must see this first; it is asked on what is kept now, not on what was when the run began.
    async fn asked_first(
        &self,
        compared: &Compared,
        lacking: &[String],
        shown: &[guard::Shown],
    ) -> Result<Option<(&'static str, String)>, JobError> {
        if self.run.confirmed {
            let allowed = self.run.allowed.as_deref().map(serde_json::from_str::<guard::Allowed>);
            let allowed = allowed.transpose().map_err(|_| StoreError::corrupt("what a run may change"))?;
            return Ok(allowed.and_then(|allowed| guard::grew(allowed, would_change(compared, shown))));
        }
        if self.run.kind == RunKind::Clear {
            return Ok(clearing::asks(compared.clearing));
        }
        let (db, account) = (self.attempt.db(), self.attempt.account);
        let accepted =
            kept::integration(db, account, &self.run.integration).await?.and_then(|kept| kept.accepted_plan);
        self.stops(compared, lacking, shown, accepted.as_deref()).await
    }

    /// Why a run stops that wrote this, where a dry run of this plan was accepted.
    async fn stops(
        &self,
        compared: &Compared,
        lacking: &[String],
        shown: &[guard::Shown],
        accepted: Option<&str>,
    ) -> Result<Option<(&'static str, String)>, JobError> {
        // A person chose these rows, so how many of them change says nothing; of one row, nothing does.
        let (is_chosen, is_one) = (self.run.kind == RunKind::Row, self.run.row_key.is_some());
        let (db, account) = (self.attempt.db(), self.attempt.account);
        let last = kept::last_complete(db, account, &self.run.integration).await?;
        let before = self.staged_before(&self.definition()?).await?;
        Ok(guard::stops(&guard::Facts {
            shown,
            plan: self.run.plan.as_deref().unwrap_or_default(),
            accepted,
            last_plan: last.as_ref().and_then(|run| run.plan.as_deref()),
            is_resend: self.run.kind == RunKind::Resend,
            lacking,
            matched: compared.counts.matched,
            pending: if is_chosen { 0 } else { compared.changing() },
            clearing: if is_one { 0 } else { compared.clearing },
            // What could not be read this time has not shrunk.
            staged: &rows_of(self.staged()?.iter().filter(|(_, source)| !source.is_old)),
            staged_before: &if is_one { BTreeMap::new() } else { rows_of(before.iter()) },
            most: self.attempt.deps.harm,
        }))
    }
}

fn would_change(compared: &Compared, shown: &[guard::Shown]) -> guard::Allowed {
    let people = shown.iter().map(guard::Shown::lost).max().unwrap_or_default();
    guard::Allowed { rows: compared.changing(), losses: compared.clearing, people }
}

/// About how long so many rows take, where that is more than a few calls: nobody should wait for them in front of the page.
fn takes(rows: u64, to: &dyn Destination) -> Option<String> {
    let (size, _) = to.at_most();
    let (calls, a_minute) = (rows.div_ceil(size as u64), to.calls_a_minute()?);
    let minutes = calls.div_ceil(a_minute.max(1));
    (calls > FEW_CALLS).then(|| {
        let (hours, minutes) = (minutes / 60, minutes % 60);
        format!("they need {calls} calls, at {a_minute} a minute about {hours} h {minutes} min (`integrations.budget_percent`)")
    })
}
