//! Where a harness may look in, or pull the plug. In production nobody does.

use super::JobId;

/// A moment in a job's life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Step {
    /// Its claim is in a transaction that has not committed.
    BeforeClaim,
    /// Its claim has committed.
    Claimed,
    /// Its `run` is about to start.
    BeforeRun,
    /// The fence was checked, in an effect's own transaction.
    Guarded,
    /// Its `run` has ended well.
    AfterRun,
    /// It is about to be marked done.
    BeforeDone,
    /// It is marked done.
    Done,
    /// Its `run` failed, and it is about to be put back.
    BeforeRetry,
    /// It is put back.
    Retried,
    /// Its attempts are spent; nobody has heard of it yet.
    BeforeDead,
    /// The feature has heard of it; the row does not say so yet.
    DeadHeard,
    /// It is marked dead.
    Dead,
    /// Its lease was renewed.
    Renewed,
}

impl Step {
    /// Every step.
    pub const ALL: [Self; 13] = [
        Self::BeforeClaim,
        Self::Claimed,
        Self::BeforeRun,
        Self::Guarded,
        Self::AfterRun,
        Self::BeforeDone,
        Self::Done,
        Self::BeforeRetry,
        Self::Retried,
        Self::BeforeDead,
        Self::DeadHeard,
        Self::Dead,
        Self::Renewed,
    ];
}

/// Told of every step.
pub trait Probe: Send + Sync + 'static {
    /// A job has reached a step. It may block: that is the point.
    fn at(&self, step: Step, job: &JobId);
}

/// Sees nothing.
pub(super) struct Blind;

impl Probe for Blind {
    fn at(&self, _: Step, _: &JobId) {}
}
