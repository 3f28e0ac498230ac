//! What a job is: a payload, a key and `run`.

use std::fmt;
use std::future::Future;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{JobError, Lease, Operated, Queue};
use crate::store::{StoreError, Tx};

/// Something to do later. It may run twice, and may die at any instruction, with the same result.
pub trait Job: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// Its kind, for ever: rows carry it.
    const NAME: &'static str;
    /// How often it is started before it is dead-lettered; crashes count.
    const MAX_ATTEMPTS: u32 = 10;
    /// How long a claim holds without a sign of life; renewed at a third of it while the job runs.
    const LEASE: Duration = Duration::from_mins(1);
    /// Higher goes first, within its account.
    const PRIORITY: i32 = 0;
    /// For how long [`Advice::RetryAfter`](super::Advice::RetryAfter) costs no attempt.
    const RETRY_WINDOW: Duration = Duration::from_hours(24);
    /// What it needs to run.
    type Deps: Clone + Send + Sync + 'static;

    /// Whose it is.
    fn account(&self) -> &str;

    /// Jobs of one kind and account with the same key are one while it is ready or running. Requested again while
    /// it runs, it runs once more afterwards.
    fn key(&self) -> String;

    /// Of the jobs of one account with the same one, whatever their kind, only so many run at a time.
    fn concurrency_key(&self) -> Option<String> {
        None
    }

    /// How many jobs of its concurrency key may run once this one has started; absent: as many as the worker says.
    fn concurrency_limit(&self) -> Option<u32> {
        None
    }

    /// Does it.
    fn run(&self, deps: &Self::Deps, lease: &Lease) -> impl Future<Output = Result<(), JobError>> + Send;

    /// It is about to be dead-lettered because of `why` (it may hear so twice): let the feature say so.
    fn on_dead(
        &self,
        _deps: &Self::Deps,
        _lease: &Lease,
        _why: &str,
    ) -> impl Future<Output = Result<(), JobError>> + Send {
        async { Ok(()) }
    }

    /// An operator cancelled it: what ends with it, in the same transaction.
    fn on_cancelled(
        _job: Operated<'_>,
        _queue: &Queue,
        _tx: &mut Tx,
    ) -> impl Future<Output = Result<(), StoreError>> + Send {
        async { Ok(()) }
    }

    /// An operator tries it again after it was dead: what must change with it, in the same transaction; an error says why it
    /// would do nothing, and what to do instead.
    fn on_retry(
        _job: Operated<'_>,
        _queue: &Queue,
        _tx: &mut Tx,
    ) -> impl Future<Output = Result<Result<(), String>, StoreError>> + Send {
        async { Ok(Ok(())) }
    }
}

/// A job's id.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct JobId(pub(super) String);

impl JobId {
    /// From a route or a command line.
    pub fn new(id: impl Into<String>) -> Self {
        Self(id.into())
    }

    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for JobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
