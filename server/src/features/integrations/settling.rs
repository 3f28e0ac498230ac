//! What became of deliveries, row by row. **Invariant:** a fingerprint is kept only for what the destination acknowledged.

use std::{collections::BTreeMap, time::Duration};

use tokio::time::sleep;

use super::{
    delivery::{Deliverer, MOST_SENDS, POLL, TURN, write_of},
    destination::{Delivery, Record, Settled, Write},
    values::fingerprint,
};
use crate::{
    queue::JobError,
    store::integrations::{self as kept, Answered, Level, Outcome, RowChange, RunRow, State},
};

impl Deliverer<'_> {
    /// Until it is known what became of all that was sent; nothing more is.
    pub async fn settle_open(&self) -> Result<(), JobError> {
        let began = tokio::time::Instant::now();
        loop {
            let open = kept::batches(self.attempt.db(), self.attempt.account, self.attempt.run).await?;
            if open.is_empty() {
                return Ok(());
            }
            let (working, lost): (Vec<_>, Vec<_>) = open.into_iter().partition(|batch| batch.job.is_some());
            for lost in &lost {
                self.read_back(lost).await?;
            }
            if self.settle(&working).await? > 0 {
                if began.elapsed() > TURN {
                    return Err(JobError::retry_after(Duration::ZERO, "the delivery goes on"));
                }
                sleep(POLL).await;
            }
        }
    }

    /// What became of deliveries to a place that the connection does not lead to any more cannot be found out.
    pub async fn give_up_open(&self, why: &str) -> Result<(), JobError> {
        for batch in kept::batches(self.attempt.db(), self.attempt.account, self.attempt.run).await? {
            let rows = self.attempt.batch_rows(batch.batch).await?;
            let later = rows.iter().map(|row| (row.seq, Settled::Later(why.to_owned()))).collect();
            self.settled(batch.batch, &rows, &later).await?;
        }
        Ok(())
    }

    /// Looks how deliveries stand and writes down what became of their rows; how many are still under way.
    pub(super) async fn settle(&self, working: &[Answered]) -> Result<usize, JobError> {
        if working.is_empty() {
            return Ok(0);
        }
        let (mut jobs, mut rows_of) = (Vec::new(), Vec::new());
        for batch in working {
            let rows = self.attempt.batch_rows(batch.batch).await?;
            let writes = rows.iter().map(write_of).collect::<Result<Vec<_>, _>>()?;
            jobs.push((batch.job.clone().unwrap_or_default(), writes));
            rows_of.push(rows);
        }
        let mut still = 0;
        let standing = self.to.look(&jobs, self.fields.there()).await?;
        for ((batch, rows), delivery) in working.iter().zip(rows_of).zip(standing) {
            match delivery {
                Delivery::Working => still += 1,
                Delivery::Done(settled) => {
                    let settled = rows.iter().map(|row| row.seq).zip(settled).collect();
                    self.settled(batch.batch, &rows, &settled).await?;
                }
                Delivery::Unknown(why) => {
                    self.attempt
                        .log(
                            Level::Warning,
                            &format!("a delivery ended without a result ({why}); its records are read back"),
                        )
                        .await?;
                    self.read_back(batch).await?;
                }
            }
        }
        Ok(still)
    }

    /// A delivery whose answer is not known: what its records hold now decides what is sent again.
    pub(super) async fn read_back(&self, batch: &Answered) -> Result<(), JobError> {
        let rows = self.attempt.batch_rows(batch.batch).await?;
        let writes = rows.iter().map(write_of).collect::<Result<Vec<_>, _>>()?;
        let held = self.to.read(&writes, self.fields.there()).await?;
        let mut found = BTreeMap::new();
        for ((row, write), held) in rows.iter().zip(&writes).zip(held) {
            let has_arrived = held.as_ref().is_some_and(|held| {
                fingerprint(&super::compare::only(&held.values, &write.values)) == fingerprint(&write.values)
            });
            let settled = match (&write.record, held) {
                (Record::Known(_), Some(_)) if has_arrived => Settled::Done,
                (Record::Known(_), None) => Settled::Refused("the record is gone".to_owned()),
                (Record::New(_), Some(held)) if has_arrived => Settled::Made(held.id),
                (Record::New(_), Some(held)) => Settled::Refused(format!(
                    "the destination has it by now, as {}; the next run writes its fields",
                    held.id
                )),
                _ => Settled::Open,
            };
            found.insert(row.seq, settled);
        }
        let count = |wanted: fn(&Settled) -> bool| found.values().filter(|settled| wanted(settled)).count();
        let done = count(|settled| matches!(settled, Settled::Done | Settled::Made(_)));
        let again = count(|settled| *settled == Settled::Open);
        let text = format!(
            "{} rows were sent and the answer was lost: {done} had arrived, {again} are sent again",
            rows.len()
        );
        self.attempt.log(Level::Warning, &text).await?;
        self.settled(batch.batch, &rows, &found).await
    }

    /// Writes down what became of a batch's rows, and closes it: those that nothing is known of can be sent again.
    pub(super) async fn settled(
        &self,
        batch: u64,
        rows: &[RunRow],
        records: &BTreeMap<u64, Settled>,
    ) -> Result<(), JobError> {
        let (mut changes, mut states, mut gone) = (Vec::new(), Vec::new(), Vec::new());
        for row in rows {
            let Some(settled) = records.get(&row.seq) else { continue };
            let is_removal = row.fingerprint.is_none();
            let (outcome, reason) = match settled {
                Settled::Open if row.sends < MOST_SENDS => continue,
                Settled::Open => {
                    let why = "it was sent several times, and the destination has not taken it";
                    (Outcome::Waiting, Some(why.to_owned()))
                }
                Settled::Made(_) => (Outcome::Created, row.reason.clone()),
                Settled::Done if is_removal => (Outcome::Removed, None),
                Settled::Done => (written_outcome(&write_of(row)?), row.reason.clone()),
                Settled::Later(why) => (Outcome::Waiting, Some(why.clone())),
                Settled::Refused(why) => (Outcome::Rejected, Some(why.clone())),
            };
            if *settled == Settled::Done && is_removal {
                gone.push((row.key_hash.clone(), row.destination_id.clone()));
            } else if outcome != Outcome::Waiting {
                let mut state = self.state_after(row, outcome, reason.clone()).await?;
                if let Settled::Made(id) = settled {
                    state.destination_id = Some(id.clone());
                }
                states.push(state);
            }
            let destination_id = match settled {
                Settled::Made(id) => Some(id.clone()),
                _ => None,
            };
            changes.push(RowChange { seq: row.seq, outcome, reason, destination_id });
        }
        let (db, account, run, now) =
            (self.attempt.db(), self.attempt.account, self.attempt.run, self.attempt.now());
        let mut tx = self.attempt.begin().await?;
        kept::settle_rows(db, &mut tx, account, run, &changes, now).await?;
        kept::keep_states(db, &mut tx, account, self.integration, &states).await?;
        kept::remove_states(db, &mut tx, account, self.integration, &gone).await?;
        kept::close_batch(&mut tx, account, run, batch).await?;
        Ok(tx.commit().await?)
    }

    async fn state_after(
        &self,
        row: &RunRow,
        outcome: Outcome,
        error: Option<String>,
    ) -> Result<State, JobError> {
        let is_refused = outcome == Outcome::Rejected;
        let before = if is_refused {
            let of = (row.key_hash.as_str(), row.destination_id.as_deref().unwrap_or_default());
            kept::state(self.attempt.db(), self.attempt.account, self.integration, of).await?
        } else {
            None
        };
        Ok(State {
            key_hash: row.key_hash.clone(),
            destination_id: row.destination_id.clone(),
            acknowledged: if is_refused {
                before.as_ref().and_then(|state| state.acknowledged.clone())
            } else {
                row.fingerprint.clone()
            },
            outcome: outcome.as_str().to_owned(),
            // What was refused changed nothing of what is known.
            updated_at: before.as_ref().map_or_else(|| self.attempt.now(), |state| state.updated_at),
            attempts: if is_refused { before.map_or(1, |state| state.attempts + 1) } else { 0 },
            error: error.filter(|_| is_refused),
        })
    }
}

/// Whether a row that was written only took values away.
fn written_outcome(write: &Write) -> Outcome {
    let only_clears = !write.values.is_empty() && write.values.values().all(Option::is_none);
    if only_clears { Outcome::Cleared } else { Outcome::Updated }
}
