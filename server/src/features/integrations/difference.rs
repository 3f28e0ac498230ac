//! The model's rows beside what the destination holds and what it acknowledged, all three in the order of their keys. **Invariants:**
//! memory is that of one batch; all that comes of it is rows of the run: no state changes before the run may write.

use std::cmp::Ordering;

use chrono::{DateTime, Utc};
use engine::{Answer, Batch, Column};
use futures::StreamExt;
use wire::{Definition, Removed, RowReason as Why, RunCounts};

use super::{
    again::{self, Doubts},
    attempt::Attempt,
    behind::Behind,
    compare::{self, Decision, Held, Known, Policy},
    destination::NewRecord,
    fields::Fields,
    group::{self, Compared, Group, Makes},
    question::Places,
    reasons::reason,
    states::States,
    values::{Field, Rule, Values, fingerprint, text_of},
    wanted::Wanted,
};
use crate::{
    queue::JobError,
    store::integrations::{Outcome, RunRow, State},
};

/// Rows after which others have their turn: whoever serves agents, and what writes our rows.
const TURN: usize = 32;
/// A row's key is kept to so many characters.
pub(super) const MOST_KEY: usize = 200;

/// Compares a whole result.
pub(super) struct Difference<'a> {
    attempt: &'a Attempt<'a>,
    definition: &'a Definition,
    policy: Policy,
    rules: Vec<Rule>,
    /// Those that are mapped.
    fields: Vec<Field>,
    wanted: Wanted<'a>,
    /// Up to when the destination's export has every change.
    known_at: DateTime<Utc>,
    places: Places,
    makes: Option<Makes>,
    states: States<'a>,
    rows: Behind,
    seq: u64,
    counts: RunCounts,
    clearing: u64,
    /// Rows that are no more and whose fields are to be emptied.
    removals: u64,
    /// The key that was counted as removed last.
    last_removed: String,
    /// About cells that could not be read.
    doubts: Doubts,
}

impl<'a> Difference<'a> {
    /// Between a definition's rows and these fields; `columns` are the answer's. `has_states`: those that are kept are of this destination.
    pub fn new(
        attempt: &'a Attempt<'a>,
        (integration, definition): (&'a str, &'a Definition),
        (fields, columns): (&Fields, &[Column]),
        (policy, wanted, known_at): (Policy, Wanted<'a>, DateTime<Utc>),
        (has_states, doubts, rows): (bool, Doubts, Behind),
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
            definition,
            policy,
            fields: rules.iter().map(|rule| rule.field.clone()).collect(),
            rules,
            wanted,
            known_at,
            places: Places::of(columns)?,
            makes: Makes::of(definition, columns),
            states: States::new(attempt, integration, has_states),
            rows,
            seq: 0,
            counts: RunCounts::default(),
            clearing: 0,
            removals: 0,
            last_removed: String::new(),
            doubts,
        })
    }

    /// Goes through all of it.
    pub async fn run(mut self, mut answer: Answer) -> Result<Compared, JobError> {
        let mut group = Group::default();
        while let Some(batch) = answer.batches.next().await {
            let batch = batch.map_err(|error| self.attempt.deps.staging.unanswered(error))?;
            for row in 0..batch.rows() {
                if row % TURN == 0 {
                    tokio::task::yield_now().await;
                }
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
            while let Some(state) = self.states.next().await? {
                self.removed(state).await?;
            }
        }
        let Self { counts, clearing, removals, fields, rows, seq, .. } = self;
        rows.end().await?;
        Ok(Compared { counts, clearing, removals, fields, rows: seq })
    }

    fn add(&self, group: &mut Group, batch: &Batch, row: usize) {
        let cell = |column: usize| text_of(&batch.value(row, column));
        if group.rows == 0 {
            group.key = cell(self.places.key).unwrap_or_default().chars().take(MOST_KEY).collect();
            group.written = again::written(&self.rules, (batch, row));
            group.values = Some(group::values_of(&self.rules, &group.written));
            group.defaulted = again::defaulted(&self.rules, (batch, row));
            group.new = self.makes.as_ref().map(|makes| makes.record(cell));
        }
        group.rows += 1;
        group.add_record(&self.fields, (&self.places, self.known_at), (batch, row));
    }

    /// Decides on the rows of one key.
    async fn close(&mut self, mut group: Group) -> Result<(), JobError> {
        if group.rows == 0 {
            return Ok(());
        }
        let states = self.states_of(&group.hash).await?;
        let records = u64::try_from(group.records.len()).unwrap_or(u64::MAX);
        let rows = group.rows / records.max(1);
        let written = (rows, &group.written, group.new.as_ref());
        let how = (&self.rules[..], &self.places, self.makes.as_ref());
        if let Some(why) = self.doubts.about_row(&group.hash, how, written)? {
            group.values = Some(Err(why));
        }
        if !self.wanted.holds(self.attempt, &group.hash, Some(&group.key)).await? {
            return Ok(());
        }
        self.counts.read += rows;
        if rows > 1 {
            self.counts.duplicate += rows;
            let why = reason(Why::DuplicateKey, &[&rows.to_string()]);
            return self.note(&group, None, Outcome::Duplicate, Some(why)).await;
        }
        if group.records.is_empty()
            && !group.hash.is_empty()
            && let Some(new) = group.new.clone()
        {
            if states.iter().any(|state| state.destination_id.is_some() && state.updated_at > self.known_at) {
                self.counts.matched += 1;
                self.counts.unchanged += 1; // it was made after the export was read
                return Ok(());
            }
            return self.make(&group, &new).await;
        }
        let is_of = |state: &State, record: &Held| state.destination_id.as_ref() == Some(&record.id);
        let has = |state: &State| group.records.iter().any(|record| is_of(state, record));
        let is_left = |state: &&State| state.destination_id.is_some() && !state.is_removed() && !has(state);
        let left: Vec<_> = states.iter().filter(is_left).map(|state| state.destination_id.clone()).collect();
        if group.hash.is_empty() || group.records.is_empty() {
            self.counts.unmatched += 1;
            if !left.is_empty() {
                return self.leave(&group, left, Outcome::Unmatched, Why::HadTheKeyBefore).await;
            }
            let why = if group.hash.is_empty() { Why::KeyEmpty } else { Why::NoRecord };
            return self.note(&group, None, Outcome::Unmatched, Some(reason(why, &[]))).await;
        }
        self.leave(&group, left, Outcome::Removed, Why::KeyMoved).await?;
        let chosen = compare::chosen(group.records.clone(), self.policy.on_ambiguous);
        let chosen = match chosen {
            Ok(chosen) => chosen,
            Err(records) => {
                self.counts.ambiguous += 1;
                let ids: Vec<_> = records.iter().take(10).map(|record| record.id.as_str()).collect();
                let why = reason(Why::SeveralRecords, &[&records.len().to_string(), &ids.join(", ")]);
                return self.note(&group, None, Outcome::Ambiguous, Some(why)).await;
            }
        };
        if chosen.iter().any(|record| group.rivals.contains(&record.id)) {
            self.counts.duplicate += 1;
            let lost = group.lost(&states);
            self.leave(&group, lost, Outcome::Removed, Why::RecordOfAnotherRow).await?;
            let why = Some(reason(Why::RecordByAnotherAddress, &[]));
            return self.note(&group, chosen.first(), Outcome::Duplicate, why).await;
        }
        self.counts.matched += 1;
        match group.values.clone() {
            Some(Ok(values)) => {
                for record in chosen {
                    let state = states.iter().find(|state| is_of(state, &record));
                    self.decide(&group, &values, &record, state).await?;
                }
                Ok(())
            }
            Some(Err(why)) => {
                self.counts.rejected += 1;
                self.note(&group, chosen.first(), Outcome::Rejected, Some(why)).await
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
        let is_back = state.is_some_and(State::is_removed);
        // Another key can have had the record meanwhile: `rekeyed.rs` looks at what is newest.
        let known = Known::of(record, state.filter(|_| !is_back), &self.fields);
        let decision = compare::decide(wanted, &known, self.policy);
        if let Decision::Write { values, .. } = &decision
            && let Some(why) = self.doubts.about_emptied()
            && let changes = known.changes(values, self.policy)
            && (known.loses(&changes) || group.defaulted.iter().any(|field| changes.contains_key(field)))
        {
            self.counts.rejected += 1;
            return self.note(group, Some(record), Outcome::Rejected, Some(why)).await;
        }
        let outcome = decision.outcome().unwrap_or(Outcome::Adopted);
        let (values, drifted) = match decision {
            Decision::Unchanged if !is_back => {
                self.counts.unchanged += 1;
                return Ok(());
            }
            // Also one that is back: it is known again as a row that the model has.
            Decision::Unchanged | Decision::Adopted => {
                self.counts.adopted += 1;
                (wanted.clone(), Vec::new())
            }
            Decision::Write { values, drifted } => {
                self.counts.pending += 1;
                (values, drifted)
            }
            Decision::Kept { drifted } => {
                self.counts.kept += 1;
                (wanted.clone(), drifted)
            }
        };
        self.counts.drifted += u64::from(!drifted.is_empty());
        let changes = known.changes(&values, self.policy);
        self.clearing += u64::from(outcome == Outcome::Pending && known.loses(&changes));
        let why = group::why_drifted(&drifted, values.len() < wanted.len());
        let row = RunRow {
            is_drifted: !drifted.is_empty(),
            changes: (outcome != Outcome::Adopted).then(|| serde_json::Value::Object(changes).to_string()),
            fingerprint: (outcome != Outcome::Kept).then(|| known.acknowledged_with(&values, &self.fields)),
            ..self.row(group, Some(record), outcome, why)
        };
        self.rows.push(row).await
    }

    /// Records that had the key of these rows before.
    async fn leave(
        &mut self,
        group: &Group,
        left: Vec<Option<String>>,
        outcome: Outcome,
        why: Why,
    ) -> Result<(), JobError> {
        for destination_id in left {
            let row = self.row(group, None, outcome, Some(reason(why, &[])));
            self.rows.push(RunRow { destination_id, is_removal: true, ..row }).await?;
        }
        Ok(())
    }

    /// A row whose record is to be made.
    async fn make(&mut self, group: &Group, new: &NewRecord) -> Result<(), JobError> {
        self.counts.matched += 1;
        if let Some(why) = self.doubts.about_emptied().filter(|_| !group.defaulted.is_empty()) {
            self.counts.rejected += 1;
            return self.note(group, None, Outcome::Rejected, Some(why)).await;
        }
        let values = match &group.values {
            Some(Ok(values)) if !new.name.is_empty() => values,
            values => {
                self.counts.rejected += 1;
                let why = match values {
                    Some(Err(why)) => why.clone(),
                    _ => reason(Why::NameEmpty, &[]),
                };
                return self.note(group, None, Outcome::Rejected, Some(why)).await;
            }
        };
        self.counts.pending += 1;
        let row = RunRow {
            changes: Some(group::changes_of(new, values)),
            fingerprint: Some(fingerprint(values)),
            label: new.external_id.as_ref().map(|_| new.name.clone()),
            ..self.row(group, None, Outcome::Pending, Some(reason(Why::IsMade, &[])))
        };
        self.rows.push(row).await
    }

    /// A row that the model no longer has.
    async fn removed(&mut self, state: State) -> Result<(), JobError> {
        if self.wanted.knows(&state) || !self.wanted.holds(self.attempt, &state.key_hash, None).await? {
            return Ok(());
        }
        let is_first = state.key_hash != self.last_removed;
        self.last_removed.clone_from(&state.key_hash);
        let how = (&self.rules[..], &self.places, self.makes.as_ref());
        let doubt = self.doubts.about_removed(&state.key_hash, how)?;
        if doubt.is_none() {
            self.counts.removed += u64::from(is_first);
        } else if is_first {
            (self.counts.read, self.counts.matched) = (self.counts.read + 1, self.counts.matched + 1);
            self.counts.rejected += 1;
        } else {
            return Ok(());
        }
        let clears = self.definition.removed == Removed::Clear && state.acknowledged.is_some();
        let id = state.destination_id.clone();
        let group =
            Group { hash: state.key_hash.clone(), key: id.clone().unwrap_or_default(), ..Group::default() };
        let record = id.map(|id| Held::unseen(id, self.known_at));
        if doubt.is_some() {
            return self.note(&group, record.as_ref(), Outcome::Rejected, doubt).await;
        }
        if !clears || record.is_none() {
            let row = self.row(&group, record.as_ref(), Outcome::Removed, None);
            return self.rows.push(RunRow { is_removal: true, ..row }).await;
        }
        self.clearing += 1;
        self.removals += 1;
        let why = Some(reason(Why::NotInModel, &[]));
        let row = self.row(&group, record.as_ref(), Outcome::Pending, why);
        self.rows.push(RunRow { is_removal: true, ..row }).await
    }

    /// The states of a key, one for each record; those before them are of rows that are no more.
    async fn states_of(&mut self, hash: &str) -> Result<Vec<State>, JobError> {
        let mut found = Vec::new();
        while let Some(state) = self.states.next().await? {
            match state.key_hash.as_str().cmp(hash) {
                Ordering::Less => self.removed(state).await?,
                Ordering::Equal => found.push(state),
                Ordering::Greater => {
                    self.states.put_back(state);
                    break;
                }
            }
        }
        Ok(found)
    }

    fn row(
        &mut self,
        group: &Group,
        record: Option<&Held>,
        outcome: Outcome,
        reason: Option<String>,
    ) -> RunRow {
        self.seq += 1;
        group.row(record, (outcome, reason), (self.seq, self.attempt.now()))
    }

    async fn note(
        &mut self,
        group: &Group,
        record: Option<&Held>,
        outcome: Outcome,
        reason: Option<String>,
    ) -> Result<(), JobError> {
        let row = self.row(group, record, outcome, reason);
        self.rows.push(row).await
    }
}
