//! The rows of one key with its records, and what would be made of them. **Invariant:** no I/O.

use chrono::{DateTime, Utc};
use engine::Column;
use wire::{Definition, RunCounts};

use super::{
    compare::{self, Held},
    destination::NewRecord,
    question::{self, NEW_EXTERNAL_ID, NEW_NAME},
    values::{Values, fingerprint},
};
use crate::store::integrations::{Outcome, State};

/// The rows of one key.
#[derive(Default)]
pub(super) struct Group {
    pub hash: String,
    pub key: String,
    pub rows: u64,
    pub values: Option<Result<Values, String>>,
    pub records: Vec<Held>,
    /// What would be made of it.
    pub new: Option<NewRecord>,
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
    let mut changes = compare::changes(&Values::new(), values);
    changes.insert(NEW_NAME.to_owned(), serde_json::json!([null, new.name]));
    if let Some(id) = &new.external_id {
        changes.insert(NEW_EXTERNAL_ID.to_owned(), serde_json::json!([null, id]));
    }
    serde_json::Value::Object(changes).to_string()
}

/// What the destination holds already is acknowledged by its export.
pub(super) fn state_of(group: &Group, record: &Held, wanted: &Values, now: DateTime<Utc>) -> State {
    State {
        key_hash: group.hash.clone(),
        destination_id: Some(record.id.clone()),
        acknowledged: Some(fingerprint(wanted)),
        outcome: Outcome::Adopted.as_str().to_owned(),
        attempts: 0,
        error: None,
        updated_at: now,
    }
}

/// What a comparison came to.
pub(super) struct Compared {
    pub counts: RunCounts,
    /// Rows that would lose a value.
    pub clearing: u64,
}
