//! The model's rows beside what the destination holds and what it acknowledged, all three in the order of their keys. **Invariants:**
//! memory is that of one batch; nothing is written to the destination.

use std::collections::VecDeque;

use chrono::DateTime;
use engine::{Answer, Batch, Column, Value};
use futures::StreamExt;
use wire::{Definition, Removed, RunCounts};

use super::{
    attempt::Attempt,
    compare::{self, Held, Policy},
    destination::NewRecord,
    fields::Fields,
    group::{self, Compared, Group, Makes, state_of},
    question::Places,
    values::{Field, Rule, Values, fingerprint, held, text_of},
    wanted::Wanted,
};
use crate::{
    queue::JobError,
    store::integrations::{self as kept, Outcome, RunRow, State},
};

/// Rows of one transaction: an agent never waits long for it.
const CHUNK: usize = 500;
/// Of a key that is kept with a row.
/// A row's key is kept to so many characters.
pub(super) const MOST_KEY: usize = 200;

/// Compares a whole result.
pub(super) struct Difference<'a> {
    attempt: &'a Attempt<'a>,
    integration: &'a str,
    definition: &'a Definition,
    policy: Policy,
    rules: Vec<Rule>,
    /// Those that are mapped.
    fields: Vec<Field>,
    wanted: Wanted<'a>,
    /// Nothing will be written: what is adopted is not noted either.
    is_dry: bool,
    places: Places,
    makes: Option<Makes>,
    states: VecDeque<State>,
    last_state: Option<String>,
    rows: Vec<RunRow>,
    adopted: Vec<State>,
    forgotten: Vec<String>,
    seq: u64,
    counts: RunCounts,
    clearing: u64,
}

impl<'a> Difference<'a> {
    /// Between a definition's rows and these fields; `columns` are those of the engine's answer.
    pub fn new(
        attempt: &'a Attempt<'a>,
        (integration, definition): (&'a str, &'a Definition),
        (fields, columns): (&Fields, &[Column]),
        (policy, wanted, is_dry): (Policy, Wanted<'a>, bool),
    ) -> Result<Self, JobError> {
        let rules = definition.mapping.iter().map(|mapping| {
            let field = fields.get(&mapping.field).map_err(JobError::give_up)?.clone();
            Rule::of(mapping, columns, field).ok_or_else(|| {
                JobError::give_up(format!("the model has no column for the field `{}`", mapping.field))
            })
        });
        let rules: Vec<Rule> = rules.collect::<Result<_, _>>()?;
        Ok(Self {
            attempt,
            integration,
            definition,
            policy,
            fields: rules.iter().map(|rule| rule.field.clone()).collect(),
            rules,
            wanted,
            is_dry,
            places: Places::of(columns)?,
            makes: Makes::of(definition, columns),
            states: VecDeque::new(),
            last_state: Some(String::new()),
            rows: Vec::new(),
            adopted: Vec::new(),
            forgotten: Vec::new(),
            seq: 0,
            counts: RunCounts::default(),
            clearing: 0,
        })
    }

    /// Goes through all of it.
    pub async fn run(mut self, mut answer: Answer) -> Result<Compared, JobError> {
        let mut group = Group::default();
        while let Some(batch) = answer.batches.next().await {
            let batch = batch.map_err(JobError::give_up)?;
            for row in 0..batch.rows() {
                let hash = text_of(&batch.value(row, self.places.hash)).unwrap_or_default();
                // A row without a key is a group of its own.
                if hash != group.hash || hash.is_empty() {
                    self.close(std::mem::take(&mut group)).await?;
                    group.hash = hash;
                }
                self.add(&mut group, &batch, row);
            }
        }
        self.close(group).await?;
        if !matches!(self.wanted, Wanted::Key(_)) {
            while let Some(state) = self.next_state().await? {
                self.removed(state).await?;
            }
        }
        self.flush().await?;
        Ok(Compared { counts: self.counts, clearing: self.clearing })
    }

    fn add(&self, group: &mut Group, batch: &Batch, row: usize) {
        let cell = |column: usize| text_of(&batch.value(row, column));
        if group.rows == 0 {
            group.key = cell(self.places.key).unwrap_or_default().chars().take(MOST_KEY).collect();
            let mut values = Ok(Values::new());
            for rule in &self.rules {
                match (rule.value(cell), &mut values) {
                    (Ok(Some(value)), Ok(values)) => drop(values.insert(rule.field.name.clone(), value)),
                    (Err(error), values @ Ok(_)) => *values = Err(error.to_string()),
                    _ => {}
                }
            }
            group.values = Some(values);
            group.new = self.makes.as_ref().map(|makes| makes.record(cell));
        }
        group.rows += 1;
        if let Some(id) = cell(self.places.id)
            && !group.records.iter().any(|record| record.id == id)
        {
            let (record, is_readable) = self.record(id, batch, row);
            if !is_readable {
                let why = "what is kept of its record cannot be read, so nothing is known of its fields";
                group.values = Some(Err(why.to_owned()));
            }
            group.records.push(record);
        }
    }

    /// What the destination holds, and whether it could be read: fields that cannot are not empty ones.
    fn record(&self, id: String, batch: &Batch, row: usize) -> (Held, bool) {
        let fields = text_of(&batch.value(row, self.places.fields)).map(|json| serde_json::from_str(&json));
        let fields: Option<serde_json::Map<String, serde_json::Value>> = fields.and_then(Result::ok);
        let is_readable = fields.is_some();
        let fields = fields.unwrap_or_default();
        let values = self.fields.iter().map(|field| {
            let value = fields.get(&field.name).unwrap_or(&serde_json::Value::Null);
            (field.name.clone(), held(field, value))
        });
        let updated_at = match batch.value(row, self.places.updated) {
            Value::Timestamp(micros) => DateTime::from_timestamp_micros(micros).unwrap_or_default(),
            _ => DateTime::default(),
        };
        (Held { id, values: values.collect(), updated_at }, is_readable)
    }

    /// Decides on the rows of one key.
    async fn close(&mut self, group: Group) -> Result<(), JobError> {
        if group.rows == 0 {
            return Ok(());
        }
        let state = self.state_of(&group.hash).await?;
        if !self.wanted.holds(self.attempt, &group.hash, Some(&group.key)).await? {
            return Ok(());
        }
        let records = u64::try_from(group.records.len()).unwrap_or(u64::MAX);
        let rows = group.rows / records.max(1);
        self.counts.read += rows;
        if rows > 1 {
            self.counts.duplicate += rows;
            let reason = format!("{rows} rows have this key; let the model give one (GROUP BY, or DISTINCT)");
            return self.note(&group, None, Outcome::Duplicate, Some(reason)).await;
        }
        if group.records.is_empty()
            && !group.hash.is_empty()
            && let Some(new) = group.new.clone()
        {
            return self.make(&group, &new).await;
        }
        if group.hash.is_empty() || group.records.is_empty() {
            self.counts.unmatched += 1;
            let reason = if group.hash.is_empty() { "its key is empty" } else { "no record has this key" };
            return self.note(&group, None, Outcome::Unmatched, Some(reason.to_owned())).await;
        }
        let chosen = compare::chosen(group.records.clone(), self.policy.on_ambiguous);
        let chosen = match chosen {
            Ok(chosen) => chosen,
            Err(records) => {
                self.counts.ambiguous += 1;
                let ids: Vec<_> = records.iter().take(10).map(|record| record.id.as_str()).collect();
                let reason = format!("{} records have this key: {}", records.len(), ids.join(", "));
                return self.note(&group, None, Outcome::Ambiguous, Some(reason)).await;
            }
        };
        self.counts.matched += 1;
        match group.values.clone() {
            Some(Ok(values)) => {
                for record in chosen {
                    self.decide(&group, &values, &record, state.as_ref()).await?;
                }
                Ok(())
            }
            Some(Err(reason)) => {
                self.counts.rejected += 1;
                self.note(&group, chosen.first(), Outcome::Rejected, Some(reason)).await
            }
            None => Ok(()),
        }
    }

    async fn decide(
        &mut self,
        group: &Group,
        wanted: &Values,
        record: &Held,
        state: Option<&State>,
    ) -> Result<(), JobError> {
        let decision = compare::decide(wanted, record, state, self.policy);
        let (is_kept, is_drifted) = match decision {
            compare::Decision::Write { is_drifted } => (false, is_drifted),
            compare::Decision::Kept => (true, true),
            _ => (false, false),
        };
        self.counts.drifted += u64::from(is_drifted);
        match decision.outcome() {
            None => self.counts.unchanged += 1,
            Some(Outcome::Adopted) => {
                self.counts.adopted += 1;
                self.adopted.push(state_of(group, record, wanted, self.attempt.now()));
                self.note(group, Some(record), Outcome::Adopted, None).await?;
            }
            Some(outcome) => {
                self.counts.kept += u64::from(is_kept);
                self.counts.pending += u64::from(!is_kept);
                let changes = if self.policy.resend {
                    wanted
                        .iter()
                        .map(|(field, value)| {
                            (field.clone(), serde_json::json!([record.values.get(field), value]))
                        })
                        .collect()
                } else {
                    compare::changes(&record.values, wanted)
                };
                self.clearing += u64::from(changes.values().any(|change| change[1].is_null()));
                let reason = is_drifted.then(|| "somebody changed it there since the last run".to_owned());
                let row = RunRow {
                    changes: Some(serde_json::Value::Object(changes).to_string()),
                    fingerprint: Some(fingerprint(wanted)),
                    ..self.row(group, Some(record), outcome, reason)
                };
                self.push(row).await?;
            }
        }
        Ok(())
    }

    /// A row whose record is to be made.
    async fn make(&mut self, group: &Group, new: &NewRecord) -> Result<(), JobError> {
        self.counts.matched += 1;
        let values = match &group.values {
            Some(Ok(values)) if !new.name.is_empty() => values,
            values => {
                self.counts.rejected += 1;
                let reason = match values {
                    Some(Err(reason)) => reason.clone(),
                    _ => "a new organization needs a name, and its name is empty".to_owned(),
                };
                return self.note(group, None, Outcome::Rejected, Some(reason)).await;
            }
        };
        self.counts.pending += 1;
        let reason = Some("no organization has this key: it is made".to_owned());
        let row = RunRow {
            changes: Some(group::changes_of(new, values)),
            fingerprint: Some(fingerprint(values)),
            ..self.row(group, None, Outcome::Pending, reason)
        };
        self.push(row).await
    }

    /// A row that the model no longer has.
    async fn removed(&mut self, state: State) -> Result<(), JobError> {
        if !self.wanted.holds(self.attempt, &state.key_hash, None).await? {
            return Ok(());
        }
        self.counts.removed += 1;
        let clears = self.definition.removed == Removed::Clear && state.acknowledged.is_some();
        let id = state.destination_id.clone();
        let group =
            Group { hash: state.key_hash.clone(), key: id.clone().unwrap_or_default(), ..Group::default() };
        let record = id.map(|id| Held { id, values: Values::new(), updated_at: DateTime::default() });
        if !clears || record.is_none() {
            self.forgotten.push(state.key_hash);
            return self.note(&group, record.as_ref(), Outcome::Removed, None).await;
        }
        self.clearing += 1;
        let changes = self.fields.iter().map(|field| {
            let empty = super::values::stored(field, "").unwrap_or_default();
            (field.name.clone(), serde_json::json!([null, empty]))
        });
        let changes = serde_json::Value::Object(changes.collect()).to_string();
        let reason = Some("the model no longer has this row".to_owned());
        let row =
            RunRow { changes: Some(changes), ..self.row(&group, record.as_ref(), Outcome::Pending, reason) };
        self.push(row).await
    }

    /// The state of a key; those before it are of rows that are no more.
    async fn state_of(&mut self, hash: &str) -> Result<Option<State>, JobError> {
        loop {
            let Some(state) = self.next_state().await? else { return Ok(None) };
            if *state.key_hash == *hash {
                return Ok(Some(state));
            }
            if *state.key_hash > *hash {
                self.states.push_front(state);
                return Ok(None);
            }
            self.removed(state).await?;
        }
    }

    async fn next_state(&mut self) -> Result<Option<State>, JobError> {
        if self.states.is_empty()
            && let Some(after) = self.last_state.take()
        {
            let limit = u32::try_from(CHUNK * 4).unwrap_or(u32::MAX);
            let (db, account) = (self.attempt.db(), self.attempt.account);
            self.states = kept::states_after(db, account, self.integration, &after, limit).await?.into();
            self.last_state = self.states.back().map(|state| state.key_hash.clone());
        }
        Ok(self.states.pop_front())
    }

    fn row(
        &mut self,
        group: &Group,
        record: Option<&Held>,
        outcome: Outcome,
        reason: Option<String>,
    ) -> RunRow {
        self.seq += 1;
        RunRow {
            seq: self.seq,
            key: group.key.clone(),
            key_hash: group.hash.clone(),
            destination_id: record.map(|record| record.id.clone()),
            outcome,
            reason,
            changes: None,
            fingerprint: None,
            batch: None,
            exchange: None,
            updated_at: self.attempt.now(),
        }
    }

    async fn note(
        &mut self,
        group: &Group,
        record: Option<&Held>,
        outcome: Outcome,
        reason: Option<String>,
    ) -> Result<(), JobError> {
        let row = self.row(group, record, outcome, reason);
        self.push(row).await
    }

    async fn push(&mut self, row: RunRow) -> Result<(), JobError> {
        self.rows.push(row);
        if self.rows.len() >= CHUNK { self.flush().await } else { Ok(()) }
    }

    async fn flush(&mut self) -> Result<(), JobError> {
        let (db, account, run, now) =
            (self.attempt.db(), self.attempt.account, self.attempt.run, self.attempt.now());
        let (rows, adopted) = (std::mem::take(&mut self.rows), std::mem::take(&mut self.adopted));
        let forgotten = std::mem::take(&mut self.forgotten);
        let mut tx = self.attempt.begin().await?;
        kept::insert_rows(db, &mut tx, account, run, &rows, now).await?;
        if !self.is_dry {
            kept::keep_states(db, &mut tx, account, self.integration, &adopted, now).await?;
            if !forgotten.is_empty() {
                kept::remove_states(db, &mut tx, account, self.integration, &forgotten).await?;
            }
        }
        Ok(tx.commit().await?)
    }
}
