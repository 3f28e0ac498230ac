//! Brings the pending rows to the destination. **Invariants:** a batch is in the database before it is sent; one whose answer is not
//! known is read back before any of its rows is sent again; a fingerprint is kept only for what the destination acknowledged.

use std::{collections::BTreeMap, time::Duration};

use serde_json::Value;
use tokio::time::sleep;

use super::{
    attempt::Attempt,
    destination::{Delivery, Destination, Sent, Settled, Write},
    values::{Field, Values, fingerprint, no_field, stored},
};
use crate::{
    queue::JobError,
    store::{
        StoreError,
        integrations::{self as kept, Answered, Level, Outcome, RowChange, RunRow, State},
    },
};

/// How often a delivery's state is asked for.
const POLL: Duration = Duration::from_secs(1);
/// After so long the job gives its place to others and goes on later.
const TURN: Duration = Duration::from_mins(2);

/// So often a row is sent without an answer; then it waits for the next run.
const MOST_SENDS: u32 = 3;

/// What the delivery of one run needs.
pub(super) struct Deliverer<'a> {
    pub attempt: &'a Attempt<'a>,
    pub to: &'a dyn Destination,
    pub fields: Vec<Field>,
    pub integration: &'a str,
}

impl Deliverer<'_> {
    /// Until nothing is pending.
    pub async fn deliver(&self) -> Result<(), JobError> {
        let (most_rows, most_deliveries) = self.to.at_most();
        let (mut size, mut next_batch, began) = (most_rows, 0, tokio::time::Instant::now());
        loop {
            if self.attempt.live_run().await?.is_none() {
                return Ok(()); // somebody ended it
            }
            let open = kept::batches(self.attempt.db(), self.attempt.account, self.attempt.run).await?;
            next_batch = next_batch.max(open.iter().map(|batch| batch.batch + 1).max().unwrap_or_default());
            for lost in open.iter().filter(|batch| batch.job.is_none()) {
                self.read_back(lost).await?;
            }
            let working: Vec<Answered> = open.into_iter().filter(|batch| batch.job.is_some()).collect();
            let still = self.settle(&working).await?;
            let mut sent = 0;
            while still + sent < most_deliveries {
                let rows = together(self.attempt.next_pending(size).await?);
                if rows.is_empty() {
                    break;
                }
                match self.send(next_batch, &rows).await? {
                    Next::Sent => (sent, size) = (sent + 1, (size * 2).min(most_rows)),
                    Next::Smaller => size = (rows.len() / 2).max(1),
                    Next::Wait(wait) => {
                        sleep(wait.min(TURN)).await;
                        break;
                    }
                }
                next_batch += 1;
            }
            if still + sent == 0 && self.attempt.next_pending(1).await?.is_empty() {
                return Ok(());
            }
            if began.elapsed() > TURN {
                return Err(JobError::retry_after(Duration::ZERO, "the delivery goes on"));
            }
            sleep(POLL).await;
        }
    }

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

    /// Sends rows as one delivery.
    async fn send(&self, batch: u64, rows: &[RunRow]) -> Result<Next, JobError> {
        let mut writes = Vec::new();
        let mut unfit = BTreeMap::new();
        for row in rows {
            let write = write_of(row)?;
            match self.misfit(&write) {
                Some(why) => drop(unfit.insert(write.id, Settled::Refused(why))),
                None => writes.push(write),
            }
        }
        if !unfit.is_empty() {
            self.settled(batch, rows, &unfit).await?;
        }
        let fit: Vec<&RunRow> = rows.iter().filter(|row| !unfit.contains_key(&id_of(row))).collect();
        let (Some(first), Some(last)) = (fit.first(), fit.last()) else { return Ok(Next::Sent) };
        let mut tx = self.attempt.begin().await?;
        kept::open_batch(
            &mut tx,
            self.attempt.account,
            self.attempt.run,
            batch,
            (first.seq, last.seq),
            self.attempt.now(),
        )
        .await?;
        self.attempt.count_call(&mut tx).await?;
        tx.commit().await?;
        // Where this fails, it may have arrived all the same: the next attempt reads back what these records hold.
        match self.to.send(&writes, &self.fields).await? {
            Sent::Job(job) => {
                let mut tx = self.attempt.begin().await?;
                kept::keep_job(&mut tx, self.attempt.account, self.attempt.run, batch, &job).await?;
                tx.commit().await?;
                Ok(Next::Sent)
            }
            Sent::Full(wait) => {
                self.take_back(batch).await?;
                Ok(Next::Wait(wait))
            }
            Sent::Refused(why) if fit.len() == 1 => {
                self.settled(batch, rows, &BTreeMap::from([(id_of(first), Settled::Refused(why))])).await?;
                Ok(Next::Sent)
            }
            Sent::Refused(_) => {
                self.take_back(batch).await?;
                Ok(Next::Smaller)
            }
        }
    }

    /// Why a write does not fit the fields as they are now: the run may have waited for a person since it was decided on.
    fn misfit(&self, write: &Write) -> Option<String> {
        write.values.iter().find_map(|(name, value)| {
            match self.fields.iter().find(|field| field.name == *name) {
                None => Some(no_field(name, &self.fields)),
                Some(field) => {
                    stored(field, value.as_deref().unwrap_or_default()).err().map(|error| error.to_string())
                }
            }
        })
    }

    /// Looks how deliveries stand and writes down what became of their rows; how many are still under way.
    async fn settle(&self, working: &[Answered]) -> Result<usize, JobError> {
        if working.is_empty() {
            return Ok(0);
        }
        let mut jobs = Vec::new();
        for batch in working {
            let rows = self.attempt.batch_rows(batch.batch).await?;
            jobs.push((batch.job.clone().unwrap_or_default(), rows.iter().map(id_of).collect()));
        }
        let mut still = 0;
        for (batch, delivery) in working.iter().zip(self.to.look(&jobs).await?) {
            match delivery {
                Delivery::Working => still += 1,
                Delivery::Done(records) => {
                    let rows = self.attempt.batch_rows(batch.batch).await?;
                    self.settled(batch.batch, &rows, &records).await?;
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
    async fn read_back(&self, batch: &Answered) -> Result<(), JobError> {
        let rows = self.attempt.batch_rows(batch.batch).await?;
        let ids: Vec<String> = rows.iter().map(id_of).collect();
        let held = self.to.read(&ids, &self.fields).await?;
        let mut found = BTreeMap::new();
        for row in &rows {
            let write = write_of(row)?;
            match held.get(&write.id) {
                Some(values)
                    if fingerprint(&super::compare::only(values, &write.values))
                        == fingerprint(&write.values) =>
                {
                    found.insert(write.id, Settled::Done);
                }
                Some(_) if row.sends >= MOST_SENDS => {
                    let why = "it was sent several times, and the destination did not take it";
                    found.insert(write.id, Settled::Later(why.to_owned()));
                }
                Some(_) => {}
                None => {
                    found.insert(write.id, Settled::Refused("the record is gone".to_owned()));
                }
            }
        }
        let done = found.values().filter(|settled| **settled == Settled::Done).count();
        let again = rows.len() - found.len();
        let text = format!(
            "{} rows were sent and the answer was lost: {done} had arrived, {again} are sent again",
            rows.len()
        );
        self.attempt.log(Level::Warning, &text).await?;
        self.settled(batch.batch, &rows, &found).await
    }

    /// A batch of which the destination took nothing.
    async fn take_back(&self, batch: u64) -> Result<(), JobError> {
        let mut tx = self.attempt.begin().await?;
        kept::take_back_batch(&mut tx, self.attempt.account, self.attempt.run, batch).await?;
        Ok(tx.commit().await?)
    }

    /// Writes down what became of a batch's rows, and closes it: those that nothing is known of can be sent again.
    async fn settled(
        &self,
        batch: u64,
        rows: &[RunRow],
        records: &BTreeMap<String, Settled>,
    ) -> Result<(), JobError> {
        let (mut changes, mut states, mut gone) = (Vec::new(), Vec::new(), Vec::new());
        for row in rows {
            let Some(settled) = records.get(&id_of(row)) else { continue };
            let is_removal = row.fingerprint.is_none();
            let (outcome, reason) = match settled {
                Settled::Done if is_removal => (Outcome::Removed, None),
                Settled::Done => (written_outcome(&write_of(row)?), row.reason.clone()),
                Settled::Later(why) => (Outcome::Waiting, Some(why.clone())),
                Settled::Refused(why) => (Outcome::Rejected, Some(why.clone())),
            };
            if *settled == Settled::Done && is_removal {
                gone.push((row.key_hash.clone(), row.destination_id.clone()));
            } else if outcome != Outcome::Waiting {
                states.push(self.state_after(row, outcome, reason.clone()).await?);
            }
            changes.push(RowChange { seq: row.seq, outcome, reason });
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

/// What follows an attempt to send.
enum Next {
    Sent,
    /// The whole delivery was refused for something in it.
    Smaller,
    Wait(Duration),
}

/// Rows that go as one delivery: those that were sent equally often. Where two deliveries had no answer, one row may be to blame, and
/// half of them go without the others.
fn together(mut rows: Vec<RunRow>) -> Vec<RunRow> {
    let sends = rows.first().map_or(0, |row| row.sends);
    let alike = rows.iter().take_while(|row| row.sends == sends).count();
    rows.truncate(if sends + 1 < MOST_SENDS { alike } else { alike.div_ceil(2) });
    rows
}

fn id_of(row: &RunRow) -> String {
    row.destination_id.clone().unwrap_or_default()
}

/// Whether a row that was written only took values away.
fn written_outcome(write: &Write) -> Outcome {
    let only_clears = !write.values.is_empty() && write.values.values().all(Option::is_none);
    if only_clears { Outcome::Cleared } else { Outcome::Updated }
}

/// What is sent for a row: the fields that differ.
fn write_of(row: &RunRow) -> Result<Write, StoreError> {
    let changes = row.changes.as_deref().map(serde_json::from_str::<serde_json::Map<String, Value>>);
    let (Some(Ok(changes)), Some(id)) = (changes, row.destination_id.clone()) else {
        return Err(StoreError::corrupt("a row that is to be written"));
    };
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let values: Values = changes.iter().map(|(field, change)| (field.clone(), text(&change[1]))).collect();
    Ok(Write { id, values })
}
