//! What a run would write: the model's rows beside the destination's, and whether a person must see it first.

use std::collections::BTreeMap;

use wire::{Definition, RunCounts, Source};

use super::{
    compare::Policy,
    copy,
    definition::plan,
    difference::Difference,
    ended,
    fields::Fields,
    group::Compared,
    guard,
    job::{Step, moved},
    question,
    removal::Removals,
    staged::rows_of,
    wanted::Wanted,
};
use crate::{
    queue::JobError,
    store::integrations::{self as kept, Level, Outcome, Phase, RunChange, RunKind, RunState},
};

impl Step<'_> {
    /// The model's rows beside the destination's: what will be written is decided and counted here.
    pub(super) async fn compare(&self) -> Result<(), JobError> {
        let (attempt, definition) = (self.attempt, self.definition()?);
        let (deps, account) = (attempt.deps, attempt.account);
        self.clear().await?;
        ended::settle_all(attempt, &self.run.integration).await?;
        if self.has_moved(&definition).await? {
            return Err(moved());
        }
        let outside = deps.outside(&definition.destination).await?;
        let records = outside.records(attempt).await?;
        let (known_at, name) = (records.known_at, outside.name());
        let mut tx = attempt.begin().await?;
        kept::set_compared(&mut tx, account, attempt.run, (&name, known_at)).await?;
        tx.commit().await?;
        let has_states = kept::are_states_of(attempt.db(), account, &self.run.integration, &name).await?;
        let fields = Fields::of(&definition, outside.destination()).await?;
        let lacking = fields.lacking();
        if self.run.kind == RunKind::Row
            && let Some(lacking) = lacking.first()
        {
            return Err(JobError::give_up(format!(
                "{lacking} is missing, and a run of one row makes no fields"
            )));
        }
        self.check_columns(&definition).await?;
        let asked = question::beside_destination(&definition, self.tables()?, records.files.clone());
        let answer = deps.engine.run(&asked, &self.limits()?).await.map_err(JobError::give_up)?;
        let policy = Policy {
            on_ambiguous: definition.on_ambiguous,
            on_drift: definition.on_drift,
            // Rows that are sent again are compared first: somebody may have mended them meanwhile.
            resend: match self.run.kind {
                RunKind::Resend => true,
                RunKind::Row => self.run.retry_of.is_none(),
                RunKind::Run | RunKind::Dry => false,
            },
        };
        let wanted = match (&self.run.row_key, &self.run.retry_of) {
            (Some(key), _) => Wanted::Key(key),
            (None, Some(run)) => Wanted::refused(run),
            (None, None) => Wanted::All,
        };
        let columns = answer.columns.clone();
        let is_dry = self.run.kind == RunKind::Dry;
        let difference = Difference::new(
            attempt,
            (&self.run.integration, &definition),
            (&fields, &columns),
            (policy, wanted, known_at),
            has_states,
        )?;
        let mut compared = difference.run(answer).await?;
        if compared.removals > 0 {
            let asked = question::beside_model(&definition, self.tables()?, records.files);
            let answer = deps.engine.run(&asked, &self.limits()?).await.map_err(JobError::give_up)?;
            let (integration, fields) = (self.run.integration.as_str(), compared.fields.as_slice());
            let removals = Removals { attempt, integration, fields, policy, known_at };
            compared.clearing -= removals.decide(answer).await?;
        }
        let counts = compared.counts;
        self.say(&counts).await?;
        let json = Some(serde_json::json!(counts).to_string());
        for lacking in &lacking {
            attempt
                .log(
                    Level::Info,
                    &format!("{} {lacking}", if is_dry { "would create" } else { "will create" }),
                )
                .await?;
        }
        let shown = self.shown(&definition).await?;
        if is_dry {
            if let Some(why) = guard::hides(&shown, deps.harm) {
                attempt.log(Level::Warning, &why).await?;
            }
            return attempt
                .set(RunChange { state: Some(RunState::Completed), counts: json, ..RunChange::default() })
                .await
                .map(drop);
        }
        let asked_first = self.asked_first(&compared, &lacking, &shown).await?;
        let mut change = RunChange { phase: Some(Phase::Delivering), counts: json, ..RunChange::default() };
        if let Some((code, why)) = asked_first {
            attempt.log(Level::Warning, &why).await?;
            change =
                RunChange { state: Some(RunState::Stopped), problem: Some((code.to_owned(), why)), ..change };
        }
        attempt.set(change).await.map(drop)
    }

    /// An attempt of before may have died in its comparison.
    async fn clear(&self) -> Result<(), JobError> {
        let (attempt, account) = (self.attempt, self.attempt.account);
        loop {
            let mut tx = attempt.begin().await?;
            let more = kept::clear_rows(&mut tx, account, attempt.run).await?;
            tx.commit().await?;
            if !more {
                break;
            }
        }
        Ok(())
    }

    /// Whether the model and the contract's rows have the columns that the definition names.
    async fn check_columns(&self, definition: &Definition) -> Result<(), JobError> {
        let deps = self.attempt.deps;
        let plain = question::model(definition, self.tables()?);
        let columns = deps.engine.plan(&plain).await.map_err(JobError::give_up)?;
        if let Some(wrong) = question::missing_columns(definition, &columns).first() {
            return Err(JobError::give_up(wrong.clone()));
        }
        if let Some(contract) = &definition.contract {
            let columns = deps.engine.plan(&question::contract(definition, contract, self.tables()?)).await;
            copy::fits(
                contract,
                &columns.map_err(|error| JobError::give_up(format!("the contract's rows: {error}")))?,
            )?;
        }
        Ok(())
    }

    async fn say(&self, counts: &RunCounts) -> Result<(), JobError> {
        let text = format!(
            "{} rows: {} matched, {} unmatched, {} ambiguous, {} duplicate; {} unchanged, {} adopted, {} to be \
             written, {} drifted, {} removed",
            counts.read,
            counts.matched,
            counts.unmatched,
            counts.ambiguous,
            counts.duplicate,
            counts.unchanged,
            counts.adopted,
            counts.pending,
            counts.drifted,
            counts.removed,
        );
        self.attempt.log(Level::Info, &text).await
    }

    /// A run compares and writes what it read, where it began to: a connection that leads elsewhere meanwhile ends it.
    async fn has_moved(&self, definition: &Definition) -> Result<bool, JobError> {
        let places = self.attempt.deps.vendors.places().await?;
        let planned = plan(definition, &places);
        let staged = self.staged()?;
        let is_other = |source: &Source| {
            let read = staged.get(&source.table).and_then(|staged| staged.place.as_ref());
            read != places.get(&source.connection)
        };
        Ok(self.run.plan.as_ref() != Some(&planned) || definition.sources.iter().any(is_other))
    }

    /// Why a person must see this first; it is asked on what is kept now, not on what was when the run began.
    async fn asked_first(
        &self,
        compared: &Compared,
        lacking: &[String],
        shown: &[guard::Shown],
    ) -> Result<Option<(&'static str, String)>, JobError> {
        if self.run.confirmed {
            return Ok(None);
        }
        // A person chose these rows, so how many they are says nothing.
        let is_chosen = self.run.kind == RunKind::Row;
        let (db, account) = (self.attempt.db(), self.attempt.account);
        let accepted =
            kept::integration(db, account, &self.run.integration).await?.and_then(|kept| kept.accepted_plan);
        let last = kept::last_complete(db, account, &self.run.integration).await?;
        let pending = kept::count_rows(db, account, self.attempt.run).await?;
        let pending =
            pending.iter().find(|(outcome, _)| *outcome == Outcome::Pending).map_or(0, |(_, rows)| *rows);
        let before = self.staged_before(&self.definition()?).await?;
        Ok(guard::stops(&guard::Facts {
            shown,
            plan: self.run.plan.as_deref().unwrap_or_default(),
            accepted: accepted.as_deref(),
            last_plan: last.as_ref().and_then(|run| run.plan.as_deref()),
            is_resend: self.run.kind == RunKind::Resend,
            lacking,
            matched: if is_chosen { 0 } else { compared.counts.matched },
            pending: if is_chosen { 0 } else { pending },
            clearing: if is_chosen { 0 } else { compared.clearing },
            // What could not be read this time has not shrunk.
            staged: &rows_of(self.staged()?.iter().filter(|(_, source)| !source.is_old)),
            staged_before: &if is_chosen { BTreeMap::new() } else { rows_of(before.iter()) },
            most: self.attempt.deps.harm,
        }))
    }

    /// The people of the contract copy, before and after; a run of single rows does not write it.
    async fn shown(&self, definition: &Definition) -> Result<Vec<guard::Shown>, JobError> {
        match definition.contract.as_ref().filter(|_| self.run.kind != RunKind::Row) {
            Some(contract) => {
                let read = (self.tables()?, self.limits()?);
                copy::shown(self.attempt, self.run, (definition, contract), read).await
            }
            None => Ok(Vec::new()),
        }
    }
}
