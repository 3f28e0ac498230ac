//! Brings the pending rows to the destination. **Invariants:** a batch is in the database before it is sent; one whose answer is not
//! known is read back before any of its rows is sent again; a fingerprint is kept only for what the destination acknowledged.

use std::{collections::BTreeMap, time::Duration};

use chrono::{DateTime, Utc};
use futures::future::join_all;
use wire::{RowReason as Why, RunCounts};

use super::{
    attempt::Attempt,
    destination::{Delivery, Destination, Record, Settled, Write},
    fields::Fields,
    order::{MOST_SENDS, Order},
    reasons::{self, reason},
    sending::{Next, write_of},
    values::{Field, fingerprint},
};
use crate::{
    queue::JobError,
    store::{
        Tx,
        integrations::{self as kept, Answered, Level, Outcome, RowChange, RunChange, RunRow, State},
    },
};

/// How often a delivery's state is asked for.
const POLL: Duration = Duration::from_secs(1);
const LONGEST_POLL: Duration = Duration::from_secs(8);
/// Deliveries that are on their way to the destination at once: so many answers are waited for together.
const AT_ONCE: usize = 4;
/// Rows that a record's limit holds up go again up to so much later than they may.
const JITTER: Duration = Duration::from_secs(15);
/// A destination that takes nothing, so many times in a row, is left alone for a while, whatever it asks for.
const IN_VAIN: u32 = 5;
const LEFT_ALONE: Duration = Duration::from_mins(1);
/// After so long the job gives its place to others and goes on later.
const TURN: Duration = Duration::from_mins(2);

/// What the delivery of one run needs.
pub(super) struct Deliverer<'a> {
    pub attempt: &'a Attempt<'a>,
    pub to: &'a dyn Destination,
    pub fields: Fields,
    integration: &'a str,
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
        let (mut size, mut next_batch, mut pause) = (most_rows, 0, POLL);
        let (began, mut in_vain) = (tokio::time::Instant::now(), 0);
        let mut order = Order::of(self.attempt, self.to, size).await?;
        loop {
            if self.attempt.live_run().await?.is_none() {
                return Ok(()); // somebody ended it
            }
            let open = kept::batches(self.attempt.db(), self.attempt.account, self.attempt.run).await?;
            next_batch = next_batch.max(open.iter().map(|batch| batch.batch + 1).max().unwrap_or_default());
            let open = self.released(open).await?;
            let all = open.len();
            let (working, lost): (Vec<_>, Vec<_>) = open.into_iter().partition(|batch| batch.job.is_some());
            for lost in &lost {
                self.read_back(lost).await?;
            }
            let still = self.settle(&working).await?;
            let mut sent = 0;
            while still + sent < most_deliveries {
                let room = (most_deliveries - still - sent).min(AT_ONCE);
                let Some(opened) = self.open_some(&mut order, size, (&mut next_batch, room)).await? else {
                    return Ok(()); // somebody ended it
                };
                if opened.is_empty() {
                    break;
                }
                let answers = join_all(opened.iter().map(|delivery| self.send(delivery))).await;
                let (mut grown, mut wait) = ((size * 2).min(most_rows), None);
                for (delivery, answer) in opened.iter().zip(answers) {
                    match answer? {
                        Next::Sent => sent += 1,
                        Next::Smaller => grown = grown.min((delivery.rows.len() / 2).max(1)),
                        Next::Wait(asked) => wait = wait.max(Some(asked)),
                    }
                }
                size = grown;
                in_vain = if wait.is_some() && sent == 0 { in_vain + 1 } else { 0 };
                match wait.map(|wait| if in_vain < IN_VAIN { wait } else { wait.max(LEFT_ALONE) }) {
                    None => {}
                    Some(wait) if wait > LONGEST_POLL => {
                        let why = format!("the destination takes no more calls for {} s", wait.as_secs());
                        return Err(JobError::retry_after(wait, why));
                    }
                    Some(wait) => {
                        self.attempt.deps.clock.wait(wait).await;
                        break;
                    }
                }
            }
            if still + sent == 0 && order.next(self.attempt, 1).await?.is_empty() {
                let Some(until) = self.first_held().await? else { return Ok(()) };
                let wait = (until - self.attempt.now()).to_std().unwrap_or_default();
                return Err(JobError::retry_after(
                    wait,
                    "records that are left take no more changes for now",
                ));
            }
            if began.elapsed() > TURN {
                return Err(JobError::retry_after(Duration::ZERO, "the delivery goes on"));
            }
            // Looking is a call as well: it becomes rarer where it tells nothing.
            pause = if sent > 0 || still < all { POLL } else { (pause * 2).min(LONGEST_POLL) };
            self.attempt.deps.clock.wait(pause).await;
        }
    }

    /// Those of these deliveries that are on their way; rows that were held long enough can be sent again.
    async fn released(&self, open: Vec<Answered>) -> Result<Vec<Answered>, JobError> {
        let now = self.attempt.now();
        let (held, on_their_way): (Vec<_>, Vec<_>) =
            open.into_iter().partition(|batch| batch.held_until.is_some());
        for batch in held.iter().filter(|batch| batch.held_until.is_some_and(|until| until <= now)) {
            let mut tx = self.attempt.begin().await?;
            kept::close_batch(&mut tx, self.attempt.account, self.attempt.run, batch.batch).await?;
            tx.commit().await?;
        }
        Ok(on_their_way)
    }

    /// When the first of the rows that are held can be sent again.
    async fn first_held(&self) -> Result<Option<DateTime<Utc>>, JobError> {
        let open = kept::batches(self.attempt.db(), self.attempt.account, self.attempt.run).await?;
        Ok(open.into_iter().filter_map(|batch| batch.held_until).min())
    }

    /// Until it is known what became of all that was sent; nothing more is.
    pub async fn settle_open(&self) -> Result<(), JobError> {
        let began = tokio::time::Instant::now();
        loop {
            let open = kept::batches(self.attempt.db(), self.attempt.account, self.attempt.run).await?;
            let (held, open): (Vec<_>, Vec<_>) =
                open.into_iter().partition(|batch| batch.held_until.is_some());
            for batch in held {
                self.give_up(batch.batch, &reason(Why::RecordBusy, &[])).await?;
            }
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
                self.attempt.deps.clock.wait(POLL).await;
            }
        }
    }

    /// What became of deliveries to a place that the connection does not lead to any more cannot be found out.
    pub async fn give_up_open(&self, why: &str) -> Result<(), JobError> {
        for batch in kept::batches(self.attempt.db(), self.attempt.account, self.attempt.run).await? {
            self.give_up(batch.batch, why).await?;
        }
        Ok(())
    }

    async fn give_up(&self, batch: u64, why: &str) -> Result<(), JobError> {
        let rows = self.attempt.batch_rows(batch).await?;
        let later = rows.iter().map(|row| (row.seq, Settled::Later(why.to_owned()))).collect();
        self.settled(batch, &rows, &later).await
    }

    /// Looks how deliveries stand and writes down what became of their rows; how many are still under way.
    async fn settle(&self, working: &[Answered]) -> Result<usize, JobError> {
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
    async fn read_back(&self, batch: &Answered) -> Result<(), JobError> {
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
                (Record::Known(_), None) => Settled::Refused(reason(Why::RecordGone, &[])),
                (Record::New(_), Some(held)) if has_arrived => Settled::Made(held.id),
                (Record::New(_), Some(held)) => Settled::Refused(reason(Why::ThereByNow, &[&held.id])),
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

    /// A batch of which the destination took nothing.
    pub async fn take_back(&self, batch: u64) -> Result<(), JobError> {
        let mut tx = self.attempt.begin().await?;
        kept::take_back_batch(&mut tx, self.attempt.account, self.attempt.run, batch).await?;
        Ok(tx.commit().await?)
    }

    /// Writes down what became of a batch's rows, and closes it: those that nothing is known of can be sent again.
    pub async fn settled(
        &self,
        batch: u64,
        rows: &[RunRow],
        records: &BTreeMap<u64, Settled>,
    ) -> Result<(), JobError> {
        let (mut changes, mut states) = (Vec::new(), Vec::new());
        let mut wait = None;
        for row in rows {
            let Some(settled) = records.get(&row.seq) else { continue };
            let (outcome, why) = match settled {
                Settled::Open if row.sends < MOST_SENDS => continue,
                Settled::Busy(asked) if row.sends < MOST_SENDS => {
                    wait = wait.max(Some(*asked));
                    continue;
                }
                Settled::Busy(_) => (Outcome::Waiting, Some(reason(Why::RecordBusy, &[]))),
                Settled::Open => (Outcome::Waiting, Some(reason(Why::SentInVain, &[]))),
                Settled::Made(_) => (Outcome::Created, row.reason.clone()),
                Settled::Done if row.is_removal => (Outcome::Removed, row.reason.clone()),
                Settled::Done => (written_outcome(&write_of(row)?), row.reason.clone()),
                Settled::Later(why) => (Outcome::Waiting, Some(why.clone())),
                Settled::Refused(why) => (Outcome::Rejected, Some(why.clone())),
            };
            if outcome != Outcome::Waiting {
                let mut state = self.state_after(row, outcome, why.clone()).await?;
                if let Settled::Made(id) = settled {
                    state.destination_id = Some(id.clone());
                }
                states.push(state);
            }
            let destination_id = match settled {
                Settled::Made(id) => Some(id.clone()),
                _ => None,
            };
            changes.push(RowChange { seq: row.seq, outcome, reason: why, destination_id });
        }
        let (db, account, run, now) =
            (self.attempt.db(), self.attempt.account, self.attempt.run, self.attempt.now());
        let mut tx = self.attempt.begin().await?;
        kept::settle_rows(db, &mut tx, account, run, &changes, now).await?;
        self.count(&mut tx, rows, &changes).await?;
        kept::keep_states(db, &mut tx, account, self.integration, &states).await?;
        match wait {
            None => kept::close_batch(&mut tx, account, run, batch).await?,
            // A little later than they may, and not all at once: other programs write there, too.
            Some(wait) => {
                let until = now + wait + JITTER.mul_f64(rand::random::<f64>());
                kept::hold_batch(&mut tx, account, run, batch, until).await?;
            }
        }
        self.attempt.lease.got_further(&mut tx).await?;
        Ok(tx.commit().await?)
    }

    /// A live run says how far it is; when it ends, its rows are counted.
    async fn count(&self, tx: &mut Tx, rows: &[RunRow], changes: &[RowChange]) -> Result<(), JobError> {
        let (account, run) = (self.attempt.account, self.attempt.run);
        let Some(live) = kept::run(&mut *tx, account, run).await?.filter(|run| run.state.is_live()) else {
            return Ok(());
        };
        let Ok(mut counts) = serde_json::from_str::<RunCounts>(&live.counts) else { return Ok(()) };
        let is_counted =
            |change: &&RowChange| rows.iter().any(|row| row.seq == change.seq && !row.is_removal);
        for change in changes.iter().filter(is_counted) {
            let count = match change.outcome {
                Outcome::Created => &mut counts.created,
                Outcome::Updated => &mut counts.updated,
                Outcome::Cleared => &mut counts.cleared,
                Outcome::Rejected => &mut counts.rejected,
                Outcome::Waiting => &mut counts.waiting,
                _ => continue,
            };
            *count += 1;
            counts.pending = counts.pending.saturating_sub(1);
        }
        let change =
            RunChange { counts: Some(serde_json::json!(counts).to_string()), ..RunChange::default() };
        kept::set_run(tx, account, run, change, self.attempt.now()).await?;
        Ok(())
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
            error: error.filter(|_| is_refused).map(|why| reasons::told(&why).text),
        })
    }
}

/// Whether a row that was written only took values away.
fn written_outcome(write: &Write) -> Outcome {
    let only_clears = !write.values.is_empty() && write.values.values().all(Option::is_none);
    if only_clears { Outcome::Cleared } else { Outcome::Updated }
}
