//! What a failed job asks of the queue. The queue obeys; it never looks into the cause.

use std::error::Error;
use std::time::Duration;

use super::LeaseError;
use crate::causes::with_causes;
use crate::store::StoreError;

/// What to do with a job that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Advice {
    /// Try again after a growing, random pause; at most so often as the job says.
    Retry,
    /// Try again after this long. It does not count as an attempt until the job's retry window is over.
    RetryAfter(Duration),
    /// Never try again: it cannot succeed without somebody's help.
    GiveUp,
}

/// Why a job failed, and what to do.
#[derive(Debug, thiserror::Error)]
#[error("{source}")]
pub struct JobError {
    advice: Advice,
    source: Box<dyn Error + Send + Sync>,
}

impl JobError {
    /// With this advice.
    pub fn new(advice: Advice, cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { advice, source: cause.into() }
    }

    /// Try again, counting.
    pub fn retry(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::new(Advice::Retry, cause)
    }

    /// Try again after this long, not counting.
    pub fn retry_after(wait: Duration, cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::new(Advice::RetryAfter(wait), cause)
    }

    /// Never try again.
    pub fn give_up(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::new(Advice::GiveUp, cause)
    }

    /// Says what it is about, for whoever reads the sentence alone.
    #[must_use]
    pub fn about(self, what: &str) -> Self {
        Self::new(self.advice, format!("{what}: {}", self.chain()))
    }

    /// What to do.
    pub const fn advice(&self) -> Advice {
        self.advice
    }

    /// The whole chain of causes, in one line.
    pub fn chain(&self) -> String {
        with_causes(self.source.as_ref())
    }
}

/// A database that does not answer now may later; what it refuses or cannot read stays so, and attempts run out.
impl From<StoreError> for JobError {
    fn from(error: StoreError) -> Self {
        Self::retry(error)
    }
}

/// Whoever lost the job has nothing to say about it: the queue drops this answer.
impl From<LeaseError> for JobError {
    fn from(error: LeaseError) -> Self {
        Self::retry(error)
    }
}
