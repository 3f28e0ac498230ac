//! The rows of one key with its records, and what would be made of them. **Invariant:** no I/O.

use chrono::{DateTime, Utc};
use engine::{Batch, Column, Value};
use wire::{Definition, RowReason as Why, RunCounts};

use super::{
    again::Written,
    compare::Held,
    destination::NewRecord,
    question::{self, NEW_EXTERNAL_ID, NEW_NAME, Places},
    reasons::{self, reason},
    values::{Field, Rule, Values, held, text_of},
};
use crate::store::integrations::{Outcome, RunRow, State};

/// What a record is known by is kept to so many characters.
const MOST_LABEL: usize = 200;

/// The rows of one key.
#[derive(Default)]
pub(super) struct Group {
    pub hash: String,
    pub key: String,
    pub rows: u64,
    pub values: Option<Result<Values, String>>,
    /// The same, rule by rule.
    pub written: Written,
    /// Fields that get their default, because their cells are empty.
    pub defaulted: Vec<String>,
    pub records: Vec<Held>,
    /// Of these, the ids of those that another row has, too, and not by a secondary address as this one.
    pub rivals: Vec<String>,
    /// What would be made of it.
    pub new: Option<NewRecord>,
}

impl Group {
    /// Records that acknowledged something to this row, and that a row with a better address has now: for that one it counts.
    pub fn lost(&self, states: &[State]) -> Vec<Option<String>> {
        let is_rival =
            |state: &State| state.destination_id.as_ref().is_some_and(|id| self.rivals.contains(id));
        let lost = states.iter().filter(|state| is_rival(state) && !state.is_removed());
        lost.map(|state| state.destination_id.clone()).collect()
    }

    /// What is written down of it.
    pub fn row(
        &self,
        record: Option<&Held>,
        (outcome, reason): (Outcome, Option<String>),
        (seq, updated_at): (u64, DateTime<Utc>),
    ) -> RunRow {
        RunRow {
            seq,
            key: self.key.clone(),
            key_hash: self.hash.clone(),
            destination_id: record.map(|record| record.id.clone()),
            outcome,
            reason,
            changes: None,
            fingerprint: None,
            batch: None,
            sends: 0,
            is_removal: false,
            is_drifted: false,
            exchange: None,
            label: record.and_then(|record| record.label.clone()),
            updated_at,
        }
    }

    /// What one row of the answer says of a record.
    pub fn add_record(
        &mut self,
        fields: &[Field],
        (places, known_at): (&Places, DateTime<Utc>),
        (batch, row): (&Batch, usize),
    ) {
        let Some(id) = text_of(&batch.value(row, places.id)) else { return };
        if places.rival.is_some_and(|rival| batch.value(row, rival) == Value::Boolean(true)) {
            self.rivals.push(id.clone());
        }
        if self.records.iter().any(|record| record.id == id) {
            return;
        }
        let (record, is_readable) = record(fields, (places, known_at), id, (batch, row));
        if !is_readable {
            self.values = Some(Err(reason(Why::RecordUnreadable, &[])));
        }
        self.records.push(record);
    }
}

/// The values of fields, or why the first of them that does not fit does not.
pub(super) fn values_of(rules: &[Rule], written: &Written) -> Result<Values, String> {
    let values = rules.iter().zip(written).filter_map(|(rule, value)| match value {
        Ok(value) => value.clone().map(|value| Ok((rule.field.name.clone(), value))),
        Err(error) => Some(Err(reasons::of_value(error))),
    });
    values.collect()
}

/// How a record is made of a row that has none: the columns of its name and, where that is the key, of its external id.
pub(super) struct Makes {
    name: usize,
    external_id: Option<usize>,
}

impl Makes {
    /// `None`: an integration that makes none.
    pub fn of(definition: &Definition, columns: &[Column]) -> Option<Self> {
        let place = |name: &str| columns.iter().position(|column| column.name == name);
        let name = place(question::new_name(definition)?)?;
        let is_by_id = definition.key.field == "external_id";
        Some(Self { name, external_id: if is_by_id { place(&definition.key.column) } else { None } })
    }

    /// What a row's record would be made with.
    pub fn record(&self, cell: impl Fn(usize) -> Option<String>) -> NewRecord {
        let text = |place| cell(place).unwrap_or_default().trim().to_owned();
        NewRecord { name: text(self.name), external_id: self.external_id.map(text) }
    }
}

/// All that a record is made with, as the changes of its row.
pub(super) fn changes_of(new: &NewRecord, values: &Values) -> String {
    let set = values.iter().filter_map(|(field, value)| Some((field, value.as_ref()?)));
    let set = set.map(|(field, value)| (field.clone(), serde_json::json!([null, value])));
    let mut changes: serde_json::Map<String, serde_json::Value> = set.collect();
    changes.insert(NEW_NAME.to_owned(), serde_json::json!([null, new.name]));
    if let Some(id) = &new.external_id {
        changes.insert(NEW_EXTERNAL_ID.to_owned(), serde_json::json!([null, id]));
    }
    serde_json::Value::Object(changes).to_string()
}

/// What the destination holds, by one row of an answer, and whether it could be read: fields that cannot are not empty ones.
pub(super) fn record(
    fields: &[Field],
    (places, known_at): (&Places, DateTime<Utc>),
    id: String,
    (batch, row): (&Batch, usize),
) -> (Held, bool) {
    let json = text_of(&batch.value(row, places.fields)).map(|json| serde_json::from_str(&json));
    let shown: Option<serde_json::Map<String, serde_json::Value>> = json.and_then(Result::ok);
    let is_readable = shown.is_some();
    let shown = shown.unwrap_or_default();
    let updated_at = match batch.value(row, places.updated) {
        Value::Timestamp(micros) => DateTime::from_timestamp_micros(micros).unwrap_or_default(),
        _ => DateTime::default(),
    };
    let values = fields.iter().map(|field| {
        let value = shown.get(&field.name).filter(|_| updated_at >= field.made_at);
        let value = held(field, value.unwrap_or(&serde_json::Value::Null));
        (field.name.clone(), value.filter(|value| !field.new_options.contains(value)))
    });
    let label = text_of(&batch.value(row, places.label)).map(|text| text.chars().take(MOST_LABEL).collect());
    (Held { id, label, values: values.collect(), updated_at, known_at }, is_readable)
}

/// Fields as a sentence names them.
pub(super) fn listed(fields: &[String]) -> String {
    fields.iter().map(|field| format!("`{field}`")).collect::<Vec<_>>().join(", ")
}

/// Why a row says that its record was changed; `some_stay`: what was changed is left, and other fields are written.
pub(super) fn why_drifted(drifted: &[String], some_stay: bool) -> Option<String> {
    let why = if some_stay { Why::ChangedThereStays } else { Why::ChangedThere };
    (!drifted.is_empty()).then(|| reason(why, &[&listed(drifted)]))
}

/// What a comparison came to.
pub(super) struct Compared {
    pub counts: RunCounts,
    /// Rows that would lose a value.
    pub clearing: u64,
    /// Rows that are no more and whose fields are to be emptied, as far as no other row has their record.
    pub removals: u64,
    /// Those that are mapped.
    pub fields: Vec<Field>,
    /// Rows that were written down; they are numbered from 1.
    pub rows: u64,
}

impl Compared {
    /// Rows whose records would change: the model's, and those that it no longer has.
    pub const fn changing(&self) -> u64 {
        self.counts.pending + self.removals
    }
}
