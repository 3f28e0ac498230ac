//! Claims, runs, answers.

use std::future::Future;
use std::time::Duration;

use super::{Job, Queue};
use crate::store::StoreError;

/// Makes a [`Worker`].
#[derive(Debug)]
pub struct WorkerBuilder {
    queue: Queue,
}

/// Runs jobs.
#[derive(Debug)]
pub struct Worker {
    queue: Queue,
}

/// What a worker did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Ran {
    /// Ended well.
    pub done: u64,
    /// Failed, and will be tried again.
    pub retried: u64,
    /// Dead-lettered.
    pub dead: u64,
    /// Taken over or cancelled while they ran.
    pub lost: u64,
}

impl Worker {
    /// Starts to make one.
    pub fn builder(queue: Queue) -> WorkerBuilder {
        WorkerBuilder { queue }
    }

    /// Works until `shutdown`, then lets running jobs end.
    pub async fn run(&self, _shutdown: impl Future<Output = ()> + Send) {
        let _ = &self.queue;
        todo!("follows")
    }

    /// Runs everything that is due now, and what that makes due now. For tests and one-off commands.
    pub async fn run_until_idle(&self) -> Result<Ran, StoreError> {
        todo!("follows")
    }
}

impl WorkerBuilder {
    /// Knows this kind of job.
    #[must_use]
    pub fn register<J: Job>(self, _deps: J::Deps) -> Self {
        self
    }

    /// So many jobs at a time (8).
    #[must_use]
    pub fn concurrency(self, _jobs: usize) -> Self {
        self
    }

    /// So many jobs of one account at a time, over all replicas (4).
    #[must_use]
    pub fn per_account(self, _jobs: u32) -> Self {
        self
    }

    /// So many jobs of one concurrency key at a time, over all replicas (1).
    #[must_use]
    pub fn per_concurrency_key(self, _jobs: u32) -> Self {
        self
    }

    /// How long running jobs may take to end after the shutdown (30 s); then they are put back.
    #[must_use]
    pub fn drain(self, _for_at_most: Duration) -> Self {
        self
    }

    /// Makes it.
    pub fn build(self) -> Worker {
        Worker { queue: self.queue }
    }
}
