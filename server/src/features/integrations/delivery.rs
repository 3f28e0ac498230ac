//! Brings the pending rows to the destination. **Invariants:** a batch is in the database before it is sent; one whose answer is not
//! known is read back before any of its rows is sent again; a fingerprint is kept only for what the destination acknowledged.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use serde_json::Value;
use tokio::time::sleep;

use super::{
    attempt::Attempt,
    destination::{Destination, NewRecord, Record, Sent, Settled, Write},
    fields::Fields,
    question::{NEW_EXTERNAL_ID, NEW_NAME},
    values::{Field, Values, stored},
};
use crate::{
    queue::JobError,
    store::{
        StoreError,
        integrations::{self as kept, Answered, Level, RunRow},
    },
};

/// How often a delivery's state is asked for.
pub(super) const POLL: Duration = Duration::from_secs(1);
/// After so long the job gives its place to others and goes on later.
pub(super) const TURN: Duration = Duration::from_mins(2);

/// So often a row is sent without an answer; then it waits for the next run.
pub(super) const MOST_SENDS: u32 = 3;

/// What the delivery of one run needs.
pub(super) struct Deliverer<'a> {
    pub(super) attempt: &'a Attempt<'a>,
    pub(super) to: &'a dyn Destination,
    pub(super) fields: Fields,
    pub(super) integration: &'a str,
}

impl<'a> Deliverer<'a> {
    /// Nothing is sent before `deliver`.
    pub fn new(
        attempt: &'a Attempt<'a>,
        (to, fields): (&'a dyn Destination, Fields),
        integration: &'a str,
    ) -> Self {
        Self { attempt, to, fields, integration }
    }

    /// Those that can be written.
    pub fn fields(&self) -> &[Field] {
        self.fields.there()
    }

    /// Until nothing is pending.
    pub async fn deliver(&self) -> Result<(), JobError> {
        let (most_rows, most_deliveries) = self.to.at_most();
        let (mut size, mut next_batch, began) = (most_rows, 0, tokio::time::Instant::now());
        let mut urgent = self.urgent(size).await?;
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
                let rows = self.next(size, &mut urgent).await?;
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
            if still + sent == 0 && self.next(1, &mut urgent).await?.is_empty() {
                return Ok(());
            }
            if began.elapsed() > TURN {
                return Err(JobError::retry_after(Duration::ZERO, "the delivery goes on"));
            }
            sleep(POLL).await;
        }
    }

    /// The places of rows whose records somebody waits for. Nobody is asked where one delivery takes all rows.
    async fn urgent(&self, size: usize) -> Result<Vec<u64>, JobError> {
        if self.attempt.next_pending(false, size + 1).await?.len() <= size {
            return Ok(Vec::new());
        }
        let records: BTreeSet<String> = match self.to.urgent().await {
            Ok(records) => records,
            Err(error) => {
                let text = format!(
                    "which records have open tickets cannot be read, so they do not go first: {}",
                    error.chain()
                );
                self.attempt.log(Level::Warning, &text).await?;
                return Ok(Vec::new());
            }
        };
        let ids: Vec<String> = records.into_iter().collect();
        let (db, account) = (self.attempt.db(), self.attempt.account);
        Ok(kept::pending_of_records(db, account, self.attempt.run, &ids).await?)
    }

    /// The rows of the next delivery: those that are urgent, filled up with others; then those that make records.
    async fn next(&self, size: usize, urgent: &mut Vec<u64>) -> Result<Vec<RunRow>, JobError> {
        let (db, account) = (self.attempt.db(), self.attempt.account);
        let mut rows = Vec::new();
        while rows.is_empty() && !urgent.is_empty() {
            let first = &urgent[..size.min(urgent.len())];
            rows = kept::pending_among(db, account, self.attempt.run, first).await?;
            if rows.is_empty() {
                urgent.drain(..size.min(urgent.len()));
            }
        }
        if rows.len() < size {
            let chosen: BTreeSet<u64> = rows.iter().map(|row| row.seq).collect();
            let others = self.attempt.next_pending(false, size).await?.into_iter();
            rows.extend(others.filter(|row| !chosen.contains(&row.seq)).take(size - chosen.len()));
        }
        if rows.is_empty() {
            rows = self.attempt.next_pending(true, size).await?;
        }
        let mut rows = together(rows);
        rows.sort_by_key(|row| row.seq); // a delivery's rows are read again in this order
        Ok(rows)
    }

    /// Sends rows as one delivery.
    async fn send(&self, batch: u64, rows: &[RunRow]) -> Result<Next, JobError> {
        let (mut writes, mut seqs, mut unfit) = (Vec::new(), Vec::new(), BTreeMap::new());
        for row in rows {
            let write = write_of(row)?;
            if let Some(why) = self.misfit(&write) {
                unfit.insert(row.seq, Settled::Refused(why));
            } else {
                writes.push(write);
                seqs.push(row.seq);
            }
        }
        if !unfit.is_empty() {
            self.settled(batch, rows, &unfit).await?;
        }
        let Some(first) = seqs.first().copied() else { return Ok(Next::Sent) };
        let mut tx = self.attempt.begin().await?;
        let (db, account, run) = (self.attempt.db(), self.attempt.account, self.attempt.run);
        kept::open_batch(db, &mut tx, account, run, (batch, &seqs), self.attempt.now()).await?;
        self.attempt.count_call(&mut tx).await?;
        tx.commit().await?;
        // Where this fails, it may have arrived all the same: the next attempt reads back what these records hold.
        match self.to.send(&writes, self.fields.there()).await? {
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
            Sent::Refused(why) if seqs.len() == 1 => {
                self.settled(batch, rows, &BTreeMap::from([(first, Settled::Refused(why))])).await?;
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
        write.values.iter().find_map(|(name, value)| match self.fields.get(name) {
            Err(missing) => Some(missing),
            Ok(field) => {
                stored(field, value.as_deref().unwrap_or_default()).err().map(|error| error.to_string())
            }
        })
    }

    /// A batch of which the destination took nothing.
    async fn take_back(&self, batch: u64) -> Result<(), JobError> {
        let mut tx = self.attempt.begin().await?;
        kept::take_back_batch(&mut tx, self.attempt.account, self.attempt.run, batch).await?;
        Ok(tx.commit().await?)
    }
}

/// What follows an attempt to send.
enum Next {
    Sent,
    /// The whole delivery was refused for something in it.
    Smaller,
    Wait(Duration),
}

/// Those of these rows that go as one delivery: they were sent equally often. Where two deliveries had no answer, one row may be to blame,
/// and half of them go without the others.
fn together(mut rows: Vec<RunRow>) -> Vec<RunRow> {
    let sends = rows.first().map_or(0, |row| row.sends);
    rows.retain(|row| row.sends == sends);
    if sends + 1 >= MOST_SENDS {
        rows.truncate(rows.len().div_ceil(2));
    }
    rows
}

/// What is sent for a row: the fields that differ, or a record with all of them.
pub(super) fn write_of(row: &RunRow) -> Result<Write, StoreError> {
    let changes = row.changes.as_deref().map(serde_json::from_str::<serde_json::Map<String, Value>>);
    let corrupt = || StoreError::corrupt("a row that is to be written");
    let Some(Ok(changes)) = changes else { return Err(corrupt()) };
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let mut values: Values =
        changes.iter().map(|(field, change)| (field.clone(), text(&change[1]))).collect();
    let record = match &row.destination_id {
        Some(id) => Record::Known(id.clone()),
        None => Record::New(NewRecord {
            name: values.remove(NEW_NAME).flatten().ok_or_else(corrupt)?,
            external_id: values.remove(NEW_EXTERNAL_ID).flatten(),
        }),
    };
    Ok(Write { record, values })
}
