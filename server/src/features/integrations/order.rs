//! Which rows go to the destination next: first those whose records somebody waits for, then the others, then those that make records.
//! **Invariant:** rows of one delivery were sent equally often, so that one that spoils its delivery is found.

use std::collections::BTreeSet;

use super::{attempt::Attempt, destination::Destination};
use crate::{
    queue::JobError,
    store::integrations::{self as kept, Level, RunRow},
};

/// So often a row is sent without an answer; then it waits for the next run.
pub(super) const MOST_SENDS: u32 = 3;
/// After so many deliveries the rows that somebody waits for are written.
const URGENT_CALLS: u64 = 100;

/// What is left of the rows that go first.
pub(super) struct Order {
    urgent: Vec<u64>,
}

impl Order {
    /// Asks the destination for the records that somebody waits for. Not where one delivery takes all rows, nor where so many were
    /// sent that those rows were among them.
    pub async fn of(attempt: &Attempt<'_>, to: &dyn Destination, size: usize) -> Result<Self, JobError> {
        let calls = attempt.live_run().await?.map_or(0, |run| run.calls);
        if calls > URGENT_CALLS || attempt.next_pending(false, size + 1).await?.len() <= size {
            return Ok(Self { urgent: Vec::new() });
        }
        let records: BTreeSet<String> = match to.urgent().await {
            Ok(records) => records,
            Err(error) => {
                let text = format!(
                    "which records have open tickets cannot be read, so they do not go first: {}",
                    error.chain()
                );
                attempt.log(Level::Warning, &text).await?;
                return Ok(Self { urgent: Vec::new() });
            }
        };
        let ids: Vec<String> = records.into_iter().collect();
        let urgent = kept::pending_of_records(attempt.db(), attempt.account, attempt.run, &ids).await?;
        Ok(Self { urgent })
    }

    /// The rows of the next delivery, at most so many; none: everything was sent.
    pub async fn next(&mut self, attempt: &Attempt<'_>, size: usize) -> Result<Vec<RunRow>, JobError> {
        let mut rows = Vec::new();
        while rows.is_empty() && !self.urgent.is_empty() {
            let first = &self.urgent[..size.min(self.urgent.len())];
            rows = kept::pending_among(attempt.db(), attempt.account, attempt.run, first).await?;
            if rows.is_empty() {
                self.urgent.drain(..size.min(self.urgent.len()));
            }
        }
        if rows.len() < size {
            let chosen: BTreeSet<u64> = rows.iter().map(|row| row.seq).collect();
            let others = attempt.next_pending(false, size).await?.into_iter();
            rows.extend(others.filter(|row| !chosen.contains(&row.seq)).take(size - chosen.len()));
        }
        if rows.is_empty() {
            rows = attempt.next_pending(true, size).await?;
        }
        let mut rows = together(rows);
        rows.sort_by_key(|row| row.seq); // a delivery's rows are read again in this order
        Ok(rows)
    }
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
