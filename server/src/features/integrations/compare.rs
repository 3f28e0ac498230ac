//! What becomes of one row: nothing, a write, or a line in a list. **Invariants:** no I/O and no clock; a row with several records, or a
//! record with several rows, is never decided by which came first; each field is judged by the newest that is known of it.

use chrono::{DateTime, SubsecRound, Utc};
use wire::{OnAmbiguous, OnDrift};

use super::values::{Field, Prints, Values, print, prints};
use crate::store::integrations::{Outcome, State};

/// What the destination's export says of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    pub id: String,
    /// What people know it by.
    pub label: Option<String>,
    pub values: Values,
    /// When the record was changed last, by its own word.
    pub updated_at: DateTime<Utc>,
    /// Up to when the export has every change.
    pub known_at: DateTime<Utc>,
}

impl Held {
    /// A record of which nothing but its id is known.
    pub fn unseen(id: String, known_at: DateTime<Utc>) -> Self {
        Self { id, label: None, values: Values::new(), updated_at: DateTime::default(), known_at }
    }
}

/// What an integration says about cases that are not plain.
#[derive(Debug, Clone, Copy)]
pub struct Policy {
    pub on_ambiguous: OnAmbiguous,
    pub on_drift: OnDrift,
    /// Everything is written, also what the destination has already.
    pub resend: bool,
}

/// What becomes of a row, for one record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// The destination holds it, by its own word.
    Unchanged,
    /// The destination holds it, and we did not know: it is noted without a call.
    Adopted,
    /// These values are to be written; `drifted` are fields that somebody changed there.
    Write { values: Values, drifted: Vec<String> },
    /// Somebody changed these fields there, and they stay.
    Kept { drifted: Vec<String> },
}

impl Decision {
    /// What is written down of it; `None`: it is counted only.
    pub const fn outcome(&self) -> Option<Outcome> {
        match self {
            Self::Unchanged => None,
            Self::Adopted => Some(Outcome::Adopted),
            Self::Write { .. } => Some(Outcome::Pending),
            Self::Kept { .. } => Some(Outcome::Kept),
        }
    }
}

/// Which of a key's records are written.
pub fn chosen(records: Vec<Held>, policy: OnAmbiguous) -> Result<Vec<Held>, Vec<Held>> {
    if records.len() < 2 {
        return Ok(records);
    }
    match policy {
        OnAmbiguous::Skip => Err(records),
        OnAmbiguous::All => Ok(records),
        OnAmbiguous::Newest => Ok(records
            .into_iter()
            .max_by_key(|record| (record.updated_at, record.id.clone()))
            .into_iter()
            .collect()),
    }
}

/// What is known of one record: what its export says, and what it acknowledged to us, each with its time.
pub struct Known<'a> {
    held: &'a Held,
    acknowledged: Prints,
    /// The export is not older than what was acknowledged. Only then can it say that somebody changed something.
    is_newer: bool,
}

impl<'a> Known<'a> {
    /// Of this record; a state of another one says nothing of it. What the record acknowledged of a field or an option that is another
    /// by now counts no more.
    pub fn of(held: &'a Held, state: Option<&State>, fields: &[Field]) -> Self {
        let state = state.filter(|state| state.destination_id.as_deref() == Some(held.id.as_str()));
        let mut acknowledged: Option<Prints> =
            state.and_then(|state| serde_json::from_str(state.acknowledged.as_deref()?).ok());
        if let (Some(acknowledged), Some(state)) = (&mut acknowledged, state) {
            let is_other = |field: &Field, known: &String| {
                field.made_at > state.updated_at
                    || field.new_options.iter().any(|option| print(Some(option)) == *known)
            };
            let find = |name: &str| fields.iter().find(|field| field.name == name);
            acknowledged.retain(|name, known| !find(name).is_some_and(|field| is_other(field, known)));
        }
        // Zendesk tells whole seconds, so a change in the second of our own acknowledgement came after it.
        let is_newer = state.is_none_or(|state| {
            held.known_at >= state.updated_at || held.updated_at >= state.updated_at.trunc_subsecs(0)
        });
        Self { held, acknowledged: acknowledged.unwrap_or_default(), is_newer }
    }

    fn exported(&self, field: &str) -> Option<&str> {
        self.held.values.get(field).and_then(Option::as_deref)
    }

    /// Whether the export is the newest that is known of a field.
    pub fn is_by_export(&self, field: &str) -> bool {
        self.is_newer || !self.acknowledged.contains_key(field)
    }

    fn holds(&self, field: &str, print_of_it: &str) -> bool {
        if self.is_by_export(field) {
            print(self.exported(field)) == print_of_it
        } else {
            self.acknowledged[field] == print_of_it
        }
    }

    /// Somebody changed the field since it was acknowledged, to something that is not wanted.
    fn is_drifted(&self, field: &str, wanted: &str) -> bool {
        let is = || print(self.exported(field));
        self.is_newer && self.acknowledged.get(field).is_some_and(|known| *known != is()) && is() != wanted
    }

    /// Those of these fields that somebody changed.
    pub fn drifted(&self, wanted: &Values) -> Vec<String> {
        let is_drifted =
            |(field, value): &(&String, &Option<String>)| self.is_drifted(field, &print(value.as_deref()));
        wanted.iter().filter(is_drifted).map(|(field, _)| field.clone()).collect()
    }

    /// Whether the record's value in this field is ours: it acknowledged one.
    pub fn is_ours(&self, field: &str) -> bool {
        self.acknowledged.contains_key(field)
    }

    /// What is sent for these values, before and after: those that the record does not hold, or all of them. What it held before is
    /// not known where it acknowledged something after its export.
    pub fn changes(&self, wanted: &Values, policy: Policy) -> serde_json::Map<String, serde_json::Value> {
        let sent = wanted
            .iter()
            .filter(|(field, value)| policy.resend || !self.holds(field, &print(value.as_deref())));
        let before = |field: &String, value: &Option<String>| {
            if self.is_by_export(field) {
                return self.exported(field).map(str::to_owned);
            }
            value.clone().filter(|value| self.holds(field, &print(Some(value))))
        };
        sent.map(|(field, value)| (field.clone(), serde_json::json!([before(field, value), value]))).collect()
    }

    /// Whether these changes take a value away that the record holds.
    pub fn loses(&self, changes: &serde_json::Map<String, serde_json::Value>) -> bool {
        changes.iter().any(|(field, change)| change[1].is_null() && !self.holds(field, &print(None)))
    }

    /// What will be acknowledged once the record holds `wanted`: also what it acknowledged of mapped fields that stay as they are.
    pub fn acknowledged_with(&self, wanted: &Values, mapped: &[Field]) -> String {
        let mut all = prints(wanted);
        for (field, print) in &self.acknowledged {
            if mapped.iter().any(|mapped| mapped.name == *field) {
                all.entry(field.clone()).or_insert_with(|| print.clone());
            }
        }
        serde_json::json!(all).to_string()
    }
}

/// Decides on one row and one record. `wanted` holds only the fields that the mapping does not leave alone. Each field is judged by itself:
/// one that somebody changed there, and that stays, holds up no other.
pub fn decide(wanted: &Values, known: &Known<'_>, policy: Policy) -> Decision {
    let drifted = known.drifted(wanted);
    if policy.resend {
        return Decision::Write { values: wanted.clone(), drifted };
    }
    let stays = |field: &String| policy.on_drift == OnDrift::Keep && drifted.contains(field);
    let mut values = wanted.clone();
    values.retain(|field, _| !stays(field));
    let is_held = values.iter().all(|(field, value)| known.holds(field, &print(value.as_deref())));
    let stay = values.len() < wanted.len();
    match (is_held, stay) {
        (false, _) => Decision::Write { values, drifted },
        (true, true) => Decision::Kept { drifted },
        (true, false) => {
            let is_known =
                prints(wanted).iter().all(|(field, print)| known.acknowledged.get(field) == Some(print));
            if is_known { Decision::Unchanged } else { Decision::Adopted }
        }
    }
}

/// The fields of `of` that are in `like`; one that the destination does not show is empty.
pub fn only(of: &Values, like: &Values) -> Values {
    like.keys().map(|field| (field.clone(), of.get(field).cloned().flatten())).collect()
}

#[cfg(test)]
mod tests;
