//! Deliveries on their way: written down first, then sent, several at once. **Invariant:** nothing is sent that is not written down, and nothing
//! for a run that has ended.

use std::{collections::BTreeMap, time::Duration};

use serde_json::Value;
use wire::RowReason as Why;

use super::{
    delivery::Deliverer,
    destination::{NewRecord, Record, Sent, Settled, Write},
    order::Order,
    question::{NEW_EXTERNAL_ID, NEW_NAME},
    reasons::{self, reason},
    values::{Values, stored},
};
use crate::{
    queue::JobError,
    store::{
        StoreError,
        integrations::{self as kept, RunRow},
    },
};

/// A delivery that is written down.
pub(super) struct Opened {
    pub batch: u64,
    pub rows: Vec<RunRow>,
    writes: Vec<Write>,
    /// The places of the rows that are written.
    seqs: Vec<u64>,
}

/// What became of rows that were to be a delivery.
enum Opening {
    Opened(Opened),
    /// None of them fits its fields any more, and that is written down.
    Unfit,
    /// Somebody ended the run.
    Ended,
}

/// What follows an attempt to send.
pub(super) enum Next {
    Sent,
    /// The whole delivery was refused for something in it.
    Smaller,
    Wait(Duration),
}

impl Deliverer<'_> {
    /// The next deliveries, at most `room`, written down and not sent yet; `None`: the run has ended.
    pub async fn open_some(
        &self,
        order: &mut Order,
        size: usize,
        (next_batch, room): (&mut u64, usize),
    ) -> Result<Option<Vec<Opened>>, JobError> {
        let mut opened: Vec<Opened> = Vec::new();
        while opened.len() < room {
            let rows = order.next(self.attempt, size).await?;
            if rows.is_empty() {
                break;
            }
            match self.open(*next_batch, rows).await? {
                Opening::Ended => {
                    for delivery in &opened {
                        self.take_back(delivery.batch).await?;
                    }
                    return Ok(None);
                }
                Opening::Unfit => {}
                Opening::Opened(delivery) => opened.push(delivery),
            }
            *next_batch += 1;
        }
        Ok(Some(opened))
    }

    /// Writes rows down as one delivery.
    async fn open(&self, batch: u64, rows: Vec<RunRow>) -> Result<Opening, JobError> {
        let (mut writes, mut seqs, mut unfit) = (Vec::new(), Vec::new(), BTreeMap::new());
        for row in &rows {
            let write = write_of(row)?;
            if let Some(why) = self.misfit(&write) {
                unfit.insert(row.seq, Settled::Refused(why));
            } else {
                writes.push(write);
                seqs.push(row.seq);
            }
        }
        if !unfit.is_empty() {
            self.settled(batch, &rows, &unfit).await?;
        }
        if seqs.is_empty() {
            return Ok(Opening::Unfit);
        }
        let mut tx = self.attempt.begin().await?;
        let (db, account, run) = (self.attempt.db(), self.attempt.account, self.attempt.run);
        kept::open_batch(db, &mut tx, account, run, (batch, &seqs), self.attempt.now()).await?;
        if !self.attempt.count_call(&mut tx).await? {
            return Ok(Opening::Ended);
        }
        tx.commit().await?;
        Ok(Opening::Opened(Opened { batch, rows, writes, seqs }))
    }

    /// Sends a delivery that is written down.
    pub async fn send(&self, Opened { batch, rows, writes, seqs }: &Opened) -> Result<Next, JobError> {
        let batch = *batch;
        // Where this fails, it may have arrived all the same: the next attempt reads back what these records hold.
        match self.to.send(writes, self.fields.there()).await? {
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
                self.settled(batch, rows, &BTreeMap::from([(seqs[0], Settled::Refused(why))])).await?;
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
            Err(_) => Some(reason(Why::FieldGone, &[name])),
            Ok(field) => {
                let stored = stored(field, value.as_deref().unwrap_or_default());
                stored.err().map(|error| reasons::of_value(&error))
            }
        })
    }
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
