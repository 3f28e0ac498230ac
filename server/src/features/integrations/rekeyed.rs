//! Rows that have another key than before: what their records acknowledged under a key that is gone counts for them. **Invariants:** of all
//! that a record acknowledged, the newest counts; memory is that of one step; where no key is gone, it costs one question to the database.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use wire::RunCounts;

use super::{
    attempt::Attempt,
    compare::{self, Decision, Held, Known, Policy},
    group::{self, Compared},
    values::{Field, Prints, Values},
};
use crate::{
    queue::JobError,
    store::{
        StoreError,
        integrations::{self as kept, Outcome, RowFilter, RunRow, State},
    },
};

/// Rows that are looked up at once.
const STEP: u32 = 500;

/// Decides again on such rows.
pub(super) struct Rekeyed<'a> {
    pub attempt: &'a Attempt<'a>,
    pub integration: &'a str,
    /// Those that are mapped.
    pub fields: &'a [Field],
    pub policy: Policy,
    /// Up to when the export has every change.
    pub known_at: DateTime<Utc>,
}

impl Rekeyed<'_> {
    /// Goes through all rows; what they come to changes with them.
    pub async fn decide(&self, compared: &mut Compared) -> Result<(), JobError> {
        let (db, account) = (self.attempt.db(), self.attempt.account);
        let of = (self.integration, self.attempt.run);
        if !kept::are_keys_gone(db, account, of).await? {
            return Ok(());
        }
        let mut after = 0;
        while after < compared.rows {
            let last = after + u64::from(STEP);
            let newest = kept::states_of_gone_keys(db, account, of, (after, last)).await?;
            if !newest.is_empty() {
                let of_record = |state: State| Some((state.destination_id.clone()?, state));
                let newest = newest.into_iter().filter_map(of_record).collect();
                let rows = kept::rows_of(db, account, of.1, &RowFilter::default(), after, STEP).await?;
                self.decide_some(rows, &newest, compared).await?;
            }
            after = last;
        }
        Ok(())
    }

    async fn decide_some(
        &self,
        rows: Vec<RunRow>,
        newest: &BTreeMap<String, State>,
        compared: &mut Compared,
    ) -> Result<(), JobError> {
        let mut changed = Vec::new();
        for row in rows {
            let is_open = matches!(row.outcome, Outcome::Pending | Outcome::Kept | Outcome::Adopted);
            let state = row.destination_id.as_ref().and_then(|id| newest.get(id));
            let Some(state) = state.filter(|_| is_open && !row.is_removal) else { continue };
            let again = self.decided(&row, state, compared)?;
            if again != row {
                changed.push(again);
            }
        }
        if changed.is_empty() {
            return Ok(());
        }
        let (db, account, run) = (self.attempt.db(), self.attempt.account, self.attempt.run);
        let mut tx = self.attempt.begin().await?;
        kept::decide_rows(db, &mut tx, account, run, &changed).await?;
        Ok(tx.commit().await?)
    }

    /// The row as this state has it. It was decided by what its export shows, so a field that is not among its changes holds what is
    /// wanted.
    fn decided(&self, row: &RunRow, state: &State, compared: &mut Compared) -> Result<RunRow, JobError> {
        let changes = row.changes.as_deref().unwrap_or("{}");
        let changes: BTreeMap<String, (Option<String>, Option<String>)> =
            serde_json::from_str(changes).map_err(|_| StoreError::corrupt("a row that is to be written"))?;
        let before = changes.iter().map(|(field, (before, _))| (field.clone(), before.clone()));
        let held = Held {
            id: row.destination_id.clone().unwrap_or_default(),
            label: row.label.clone(),
            values: before.collect(),
            updated_at: DateTime::default(),
            known_at: self.known_at,
        };
        let wanted: Values =
            changes.iter().map(|(field, (_, after))| (field.clone(), after.clone())).collect();
        let known = Known::of(&held, Some(state), self.fields);
        let decision = compare::decide(&wanted, &known, self.policy);
        let outcome = decision.outcome().unwrap_or(Outcome::Adopted);
        // Of a row that is kept, it is listed what stays.
        let (listed, written, drifted) = match decision {
            Decision::Unchanged | Decision::Adopted => (wanted.clone(), wanted.clone(), Vec::new()),
            Decision::Write { values, drifted } => (values.clone(), values, drifted),
            Decision::Kept { drifted } => {
                let mut written = wanted.clone();
                written.retain(|field, _| !drifted.contains(field));
                (wanted.clone(), written, drifted)
            }
        };
        let some_stay = outcome == Outcome::Pending && written.len() < wanted.len();
        let shown = known.changes(&listed, self.policy);
        let lost = |(before, after): &(Option<String>, Option<String>)| before.is_some() && after.is_none();
        let lost_before = row.outcome == Outcome::Pending && changes.values().any(lost);
        let loses = outcome == Outcome::Pending && known.loses(&shown);
        let again = RunRow {
            outcome,
            reason: group::why_drifted(&drifted, some_stay),
            is_drifted: !drifted.is_empty(),
            changes: (outcome != Outcome::Adopted).then(|| serde_json::Value::Object(shown).to_string()),
            fingerprint: Some(self.acknowledged(row, &known, (&wanted, &written))?),
            ..row.clone()
        };
        compared.clearing = (compared.clearing + u64::from(loses)).saturating_sub(u64::from(lost_before));
        count(&mut compared.counts, row, |count| count.saturating_sub(1));
        count(&mut compared.counts, &again, |count| count + 1);
        Ok(again)
    }

    /// What the record will have acknowledged. What the row said stays for fields that hold what is wanted.
    fn acknowledged(
        &self,
        row: &RunRow,
        known: &Known<'_>,
        (wanted, written): (&Values, &Values),
    ) -> Result<String, JobError> {
        let read = |prints: &str| {
            serde_json::from_str::<Prints>(prints).map_err(|_| StoreError::corrupt("a row's fingerprint"))
        };
        let mut all = read(&known.acknowledged_with(written, self.fields))?;
        for (field, print) in read(row.fingerprint.as_deref().unwrap_or("{}"))? {
            // With a reason, its own and older state said that some fields drifted: they are not among the changes.
            let is_held = row.reason.is_none() && known.is_by_export(&field) && !wanted.contains_key(&field);
            if is_held || !all.contains_key(&field) {
                all.insert(field, print);
            }
        }
        Ok(serde_json::json!(all).to_string())
    }
}

/// Changes the counts that a row is in.
fn count(counts: &mut RunCounts, row: &RunRow, change: impl Fn(u64) -> u64) {
    let of_outcome = match row.outcome {
        Outcome::Kept => &mut counts.kept,
        Outcome::Adopted => &mut counts.adopted,
        _ => &mut counts.pending,
    };
    *of_outcome = change(*of_outcome);
    if row.reason.is_some() {
        counts.drifted = change(counts.drifted);
    }
}
