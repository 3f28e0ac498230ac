//! Rows that the model no longer has and whose fields are to be emptied. **Invariants:** a record that another row of the model has loses
//! nothing; what somebody changed there stays where the integration says so; memory is that of one batch.

use chrono::{DateTime, Utc};
use engine::Answer;
use futures::StreamExt;
use wire::RowReason as Why;

use super::{
    attempt::Attempt,
    compare::{self, Decision, Held, Known, Policy},
    group,
    question::Places,
    reasons::reason,
    values::{Field, Values, stored, text_of},
};
use crate::{
    queue::JobError,
    store::integrations::{self as kept, Outcome, RunRow, State},
};

/// Looks at the records of such rows.
pub(super) struct Removals<'a> {
    pub attempt: &'a Attempt<'a>,
    pub integration: &'a str,
    /// Those that are mapped.
    pub fields: &'a [Field],
    pub policy: Policy,
    /// Up to when the export has every change.
    pub known_at: DateTime<Utc>,
}

impl Removals<'_> {
    /// Goes through all records, each with the key of the rows that have it; how many rows lose nothing.
    pub async fn decide(&self, mut answer: Answer) -> Result<u64, JobError> {
        let places = Places::of(&answer.columns)?;
        let (db, account, run) = (self.attempt.db(), self.attempt.account, self.attempt.run);
        let mut spared = 0;
        while let Some(batch) = answer.batches.next().await {
            let batch = batch.map_err(|error| self.attempt.deps.staging.unanswered(error))?;
            let ids: Vec<_> = (0..batch.rows()).map(|row| text_of(&batch.value(row, places.id))).collect();
            let mut rows = kept::removals_among(db, account, run, &ids).await?;
            if rows.is_empty() {
                continue;
            }
            for (place, id) in ids.into_iter().enumerate() {
                let Some(id) = id else { continue };
                let newest = self.newest_of(&rows, &id).await?;
                let mut of_record = rows.iter_mut().filter(|row| row.destination_id.as_ref() == Some(&id));
                let Some(first) = of_record.next() else { continue };
                let key = text_of(&batch.value(place, places.key));
                let (held, is_readable) =
                    group::record(self.fields, (&places, self.known_at), id.clone(), (&batch, place));
                first.label.clone_from(&held.label);
                if key.is_some() {
                    settle(first, Outcome::Removed, Why::RecordOfAnotherRow, &[]);
                } else if is_readable {
                    self.empty(first, &held, newest.as_ref())?;
                } else {
                    settle(first, Outcome::Waiting, Why::RecordUnreadable, &[]);
                }
                // A record is emptied once, however many rows had it.
                of_record.for_each(|row| settle(row, Outcome::Removed, Why::SameRecord, &[]));
            }
            spared += rows.iter().map(|row| u64::from(row.outcome != Outcome::Pending)).sum::<u64>();
            let mut tx = self.attempt.begin().await?;
            kept::decide_rows(db, &mut tx, account, run, &rows).await?;
            tx.commit().await?;
        }
        let mut tx = self.attempt.begin().await?;
        let why = reason(Why::RecordLost, &[]);
        spared += kept::settle_lost_removals(&mut tx, account, run, (Outcome::Removed, &why)).await?;
        tx.commit().await?;
        Ok(spared)
    }

    /// What a record acknowledged last: it can have had several keys, and each has a row.
    async fn newest_of(&self, rows: &[RunRow], id: &str) -> Result<Option<State>, JobError> {
        let (db, account) = (self.attempt.db(), self.attempt.account);
        let mut newest: Option<State> = None;
        for row in rows.iter().filter(|row| row.destination_id.as_deref() == Some(id)) {
            let state = kept::state(db, account, self.integration, (&row.key_hash, id)).await?;
            newest = newest.into_iter().chain(state).max_by_key(|state| state.updated_at);
        }
        Ok(newest)
    }

    /// What a row without a successor leaves in its record.
    fn empty(&self, row: &mut RunRow, held: &Held, state: Option<&State>) -> Result<(), JobError> {
        let known = Known::of(held, state, self.fields);
        let ours = self.fields.iter().filter(|field| known.is_ours(&field.name));
        let empty = |field: &Field| (field.name.clone(), stored(field, "").unwrap_or_default());
        let wanted: Values = ours.map(empty).collect();
        match compare::decide(&wanted, &known, Policy { resend: false, ..self.policy }) {
            Decision::Write { values, drifted } => {
                let changes = known.changes(&values, Policy { resend: false, ..self.policy });
                row.changes = Some(serde_json::Value::Object(changes).to_string());
                row.fingerprint = Some(known.acknowledged_with(&values, self.fields));
                if values.len() < wanted.len() {
                    row.reason = Some(reason(Why::NotInModelStays, &[&group::listed(&drifted)]));
                }
            }
            Decision::Kept { drifted } => {
                settle(row, Outcome::Kept, Why::NotInModelStays, &[&group::listed(&drifted)]);
            }
            Decision::Unchanged | Decision::Adopted => {
                settle(row, Outcome::Removed, Why::NothingOfOurs, &[]);
            }
        }
        Ok(())
    }
}

fn settle(row: &mut RunRow, outcome: Outcome, why: Why, about: &[&str]) {
    (row.outcome, row.reason, row.changes) = (outcome, Some(reason(why, about)), None);
}
