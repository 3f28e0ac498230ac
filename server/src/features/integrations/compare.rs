//! What becomes of one row: nothing, a write, or a line in a list. **Invariants:** no I/O and no clock; a row with several records, or a
//! record with several rows, is never decided by which came first.

use chrono::{DateTime, Utc};
use wire::{OnAmbiguous, OnDrift};

use super::values::{Values, fingerprint};
use crate::store::integrations::{Outcome, State};

/// What the destination's export says of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    pub id: String,
    pub values: Values,
    pub updated_at: DateTime<Utc>,
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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// The destination holds it, by its own word.
    Unchanged,
    /// The destination holds it, and we did not know: it is noted without a call.
    Adopted,
    /// It is to be written.
    Write { is_drifted: bool },
    /// Somebody changed it there, and it stays.
    Kept,
}

impl Decision {
    /// What is written down of it; `None`: it is counted only.
    pub const fn outcome(self) -> Option<Outcome> {
        match self {
            Self::Unchanged => None,
            Self::Adopted => Some(Outcome::Adopted),
            Self::Write { .. } => Some(Outcome::Pending),
            Self::Kept => Some(Outcome::Kept),
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

/// Decides on one row and one record. `wanted` holds only the fields that the mapping does not leave alone.
pub fn decide(wanted: &Values, held: &Held, state: Option<&State>, policy: Policy) -> Decision {
    let wanted_print = fingerprint(wanted);
    let held_print = fingerprint(&only(&held.values, wanted));
    let acknowledged = state.filter(|state| state.destination_id.as_deref() == Some(held.id.as_str()));
    let written_at = acknowledged.map(|state| state.updated_at);
    let acknowledged = acknowledged.and_then(|state| state.acknowledged.as_deref());
    // An export row that is older than our last write proves nothing.
    let is_proof = written_at.is_none_or(|at| held.updated_at >= at) || acknowledged.is_none();
    let is_drifted = is_proof && acknowledged.is_some_and(|print| print != held_print);
    if policy.resend {
        return Decision::Write { is_drifted };
    }
    match (held_print == wanted_print, acknowledged) {
        (true, Some(print)) if print == wanted_print => Decision::Unchanged,
        (true, _) if is_proof => Decision::Adopted,
        (false, Some(print)) if print == wanted_print && !is_proof => Decision::Unchanged,
        _ if is_drifted && policy.on_drift == OnDrift::Keep => Decision::Kept,
        _ => Decision::Write { is_drifted },
    }
}

/// The fields of `of` that are in `like`; one that the destination does not show is empty.
pub fn only(of: &Values, like: &Values) -> Values {
    like.keys().map(|field| (field.clone(), of.get(field).cloned().flatten())).collect()
}

/// The fields that differ: before and after.
pub fn changes(held: &Values, wanted: &Values) -> serde_json::Map<String, serde_json::Value> {
    let held = only(held, wanted);
    let differing = wanted.iter().filter(|(field, value)| held[*field] != **value);
    differing.map(|(field, value)| (field.clone(), serde_json::json!([held[field], value]))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(text: &str) -> Values {
        Values::from([("plan".to_owned(), Some(text.to_owned()).filter(|text| !text.is_empty()))])
    }

    fn at(hour: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + hour * 3600, 0).expect("a time")
    }

    /// Wanted, held, when it was changed there, what was acknowledged, whether drift is kept.
    #[track_caller]
    fn check(
        wanted: &str,
        held: (&str, i64),
        acknowledged: Option<(&str, i64)>,
        keep: bool,
        expected: Decision,
    ) {
        let held = Held { id: "7".into(), values: values(held.0), updated_at: at(held.1) };
        let state = acknowledged.map(|(text, hour)| State {
            key_hash: "k".into(),
            destination_id: Some("7".into()),
            acknowledged: Some(fingerprint(&values(text))),
            outcome: "updated".into(),
            attempts: 0,
            error: None,
            updated_at: at(hour),
        });
        let on_drift = if keep { OnDrift::Keep } else { OnDrift::Overwrite };
        let policy = Policy { on_ambiguous: OnAmbiguous::Skip, on_drift, resend: false };
        assert_eq!(decide(&values(wanted), &held, state.as_ref(), policy), expected);
    }

    #[test]
    fn only_what_differs_is_written() {
        check("gold", ("gold", 5), Some(("gold", 1)), false, Decision::Unchanged);
        check("gold", ("tin", 5), Some(("tin", 1)), false, Decision::Write { is_drifted: false });
        check("gold", ("", 0), None, false, Decision::Write { is_drifted: false });
    }

    #[test]
    fn what_the_destination_holds_already_is_adopted() {
        check("gold", ("gold", 0), None, false, Decision::Adopted);
        check("gold", ("gold", 5), Some(("tin", 1)), false, Decision::Adopted);
    }

    #[test]
    fn what_somebody_changed_there_is_drifted() {
        check("gold", ("tin", 5), Some(("gold", 1)), false, Decision::Write { is_drifted: true });
        check("gold", ("tin", 5), Some(("gold", 1)), true, Decision::Kept);
        check("gold", ("tin", 5), Some(("silver", 1)), true, Decision::Kept);
    }

    #[test]
    fn an_export_older_than_our_last_write_proves_nothing() {
        check("gold", ("tin", 0), Some(("gold", 1)), true, Decision::Unchanged);
        check("silver", ("tin", 0), Some(("gold", 1)), true, Decision::Write { is_drifted: false });
        check("tin", ("tin", 0), Some(("gold", 1)), false, Decision::Write { is_drifted: false });
    }

    #[test]
    fn several_records_are_never_decided_by_which_came_first() {
        let record = |id: &str, hour| Held { id: id.into(), values: values(""), updated_at: at(hour) };
        let both = || vec![record("1", 5), record("2", 1)];
        assert_eq!(chosen(both(), OnAmbiguous::Skip), Err(both()));
        assert_eq!(chosen(both(), OnAmbiguous::All), Ok(both()));
        assert_eq!(chosen(both(), OnAmbiguous::Newest), Ok(vec![record("1", 5)]));
    }
}
