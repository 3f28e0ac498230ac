//! What is known of an integration's rows, in the order of their keys. **Invariant:** memory is that of one page.

use std::collections::VecDeque;

use super::attempt::Attempt;
use crate::{
    queue::JobError,
    store::integrations::{self as kept, State},
};

/// States that are read at once.
const PAGE: u32 = 2_000;

/// Reads them.
pub(super) struct States<'a> {
    attempt: &'a Attempt<'a>,
    integration: &'a str,
    read: VecDeque<State>,
    /// Key and record of the last one that was read; `None`: there are no more.
    last: Option<(String, String)>,
}

impl<'a> States<'a> {
    /// `any`: those that are kept are of the run's destination.
    pub fn new(attempt: &'a Attempt<'a>, integration: &'a str, any: bool) -> Self {
        Self { attempt, integration, read: VecDeque::new(), last: any.then(Default::default) }
    }

    /// The next one.
    pub async fn next(&mut self) -> Result<Option<State>, JobError> {
        if self.read.is_empty()
            && let Some((key, id)) = self.last.take()
        {
            let (db, account) = (self.attempt.db(), self.attempt.account);
            self.read = kept::states_after(db, account, self.integration, (&key, &id), PAGE).await?.into();
            let id = |state: &State| state.destination_id.clone().unwrap_or_default();
            self.last = self.read.back().map(|state| (state.key_hash.clone(), id(state)));
        }
        Ok(self.read.pop_front())
    }

    /// This one comes again.
    pub fn put_back(&mut self, state: State) {
        self.read.push_front(state);
    }
}
