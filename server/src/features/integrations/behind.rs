//! Rows of a comparison, written down while it goes on: the database works while the next rows are compared. **Invariant:** they are written in their
//! order, and not further behind than a few transactions.

use tokio::sync::mpsc;

use super::attempt::Attempt;
use crate::{
    queue::JobError,
    store::integrations::{self as kept, RunRow},
};

/// Rows of one transaction: an agent never waits long for it.
pub(super) const CHUNK: usize = 500;
/// Transactions that wait for the one that is written.
const AHEAD: usize = 2;

/// Takes rows.
pub(super) struct Behind {
    rows: Vec<RunRow>,
    to: mpsc::Sender<Vec<RunRow>>,
}

/// Rows that were taken and are not written yet.
pub(super) struct Unwritten(mpsc::Receiver<Vec<RunRow>>);

pub(super) fn behind() -> (Behind, Unwritten) {
    let (to, from) = mpsc::channel(AHEAD);
    (Behind { rows: Vec::new(), to }, Unwritten(from))
}

impl Behind {
    /// Waits where the database is too far behind.
    pub async fn push(&mut self, row: RunRow) -> Result<(), JobError> {
        self.rows.push(row);
        if self.rows.len() >= CHUNK { self.pass_on().await } else { Ok(()) }
    }

    async fn pass_on(&mut self) -> Result<(), JobError> {
        let rows = std::mem::replace(&mut self.rows, Vec::with_capacity(CHUNK));
        self.to.send(rows).await.map_err(|_| JobError::retry("the rows before could not be written down"))
    }

    /// There are no more.
    pub async fn end(mut self) -> Result<(), JobError> {
        self.pass_on().await
    }
}

impl Unwritten {
    /// Writes all of them, until [`Behind::end`].
    pub async fn write(mut self, attempt: &Attempt<'_>) -> Result<(), JobError> {
        while let Some(rows) = self.0.recv().await {
            let mut tx = attempt.begin().await?;
            kept::insert_rows(attempt.db(), &mut tx, attempt.account, attempt.run, &rows, attempt.now())
                .await?;
            tx.commit().await?;
        }
        Ok(())
    }
}
