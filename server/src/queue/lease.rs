//! What a running job holds: the right to run, proved by a fence that every claim raises.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::probe::{Probe, Step};
use super::{JobId, rows};
use crate::clock::Clock;
use crate::store::{StoreError, Tx};

/// Why an effect must not happen.
#[derive(Debug, thiserror::Error)]
pub enum LeaseError {
    /// Nothing to do: somebody else has the job now, or it was cancelled.
    #[error("job {0} was taken over or cancelled; this attempt stops without effect")]
    Lost(JobId),
    /// The check itself failed.
    #[error("the lease of a job could not be checked")]
    Store(#[from] StoreError),
}

/// The right to run a job, for now.
pub struct Lease {
    pub(super) id: JobId,
    pub(super) fence: i64,
    pub(super) attempt: u32,
    pub(super) max_attempts: u32,
    pub(super) length: Duration,
    pub(super) clock: Clock,
    pub(super) probe: Arc<dyn Probe>,
}

impl Lease {
    /// Which job.
    pub const fn job(&self) -> &JobId {
        &self.id
    }

    /// Which attempt this is; the first is 1.
    pub const fn attempt(&self) -> u32 {
        self.attempt
    }

    /// Whether somebody may have done some of it already. An attempt that was cut off by a shutdown does not count as one, and
    /// has begun all the same.
    pub const fn may_have_begun(&self) -> bool {
        self.fence > 1
    }

    /// Whether no attempt will follow if this one fails.
    pub const fn is_last(&self) -> bool {
        self.attempt >= self.max_attempts
    }

    /// Makes what follows in `tx` happen only if the job is still ours: until `tx` ends nobody can take it over.
    pub async fn guard(&self, tx: &mut Tx) -> Result<(), LeaseError> {
        if !rows::renew(&mut *tx, &self.id, self.fence, self.clock.now() + self.length).await? {
            return Err(LeaseError::Lost(self.id.clone()));
        }
        self.probe.at(Step::Guarded, &self.id);
        Ok(())
    }
}

impl fmt::Debug for Lease {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, fence, attempt, .. } = self;
        f.debug_struct("Lease")
            .field("id", id)
            .field("fence", fence)
            .field("attempt", attempt)
            .finish_non_exhaustive()
    }
}
