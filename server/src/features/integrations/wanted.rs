//! Which rows of a comparison are of interest: all, one, or those that another run could not write.

use std::collections::VecDeque;

use super::attempt::Attempt;
use crate::{
    queue::JobError,
    store::integrations::{self as kept, State},
};

/// Rows that are looked up at once.
const CHUNK: u32 = 2_000;

/// Which rows.
pub(super) enum Wanted<'a> {
    All,
    /// All that were ever written, also those that the model had no more in an earlier run.
    Written,
    /// That of this key.
    Key(&'a str),
    Refused(Refused<'a>),
}

/// The rejected and waiting rows of another run, in the order of their keys' hashes.
pub(super) struct Refused<'a> {
    run: &'a str,
    after: u64,
    hashes: VecDeque<String>,
    is_end: bool,
}

impl<'a> Wanted<'a> {
    /// Those of this run.
    pub fn refused(run: &'a str) -> Self {
        Self::Refused(Refused { run, after: 0, hashes: VecDeque::new(), is_end: false })
    }

    /// Whether a row that left the model was said to have left it, and need not be looked at again.
    pub fn knows(&self, state: &State) -> bool {
        state.is_removed() && !matches!(self, Self::Written)
    }

    /// Whether a row is of interest; `key` is absent where only the hash is known. Hashes are asked for in their order.
    pub async fn holds(
        &mut self,
        attempt: &Attempt<'_>,
        hash: &str,
        key: Option<&str>,
    ) -> Result<bool, JobError> {
        match self {
            Self::All | Self::Written => Ok(true),
            Self::Key(wanted) => Ok(key == Some(wanted)),
            Self::Refused(refused) => refused.holds(attempt, hash).await,
        }
    }
}

impl Refused<'_> {
    async fn holds(&mut self, attempt: &Attempt<'_>, hash: &str) -> Result<bool, JobError> {
        loop {
            match self.hashes.front() {
                Some(first) if first.as_str() < hash => drop(self.hashes.pop_front()),
                Some(first) => return Ok(first == hash),
                None if self.is_end => return Ok(false),
                None => {
                    let (db, account) = (attempt.db(), attempt.account);
                    let rows = kept::refused_after(db, account, self.run, self.after, CHUNK).await?;
                    self.is_end = rows.is_empty();
                    for (seq, hash) in rows {
                        self.after = seq;
                        self.hashes.push_back(hash);
                    }
                }
            }
        }
    }
}
