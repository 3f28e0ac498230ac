//! What a running job holds: the right to run, proved by a fence that every claim raises.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::watch;

use super::claims::Claimed;
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
    pub(super) cancelled: watch::Sender<bool>,
    /// The attempt has done a part of the work for good.
    pub(super) got_further: AtomicBool,
    /// The job waits for that, or has.
    pub(super) listens: AtomicBool,
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

    /// Returns when the run is to end: an operator cancelled the job, or the lease is lost. A job that waits for this beside its
    /// work has ten seconds from then on to stop in order; any other is stopped where it stands.
    pub async fn cancelled(&self) {
        self.listens.store(true, Ordering::Relaxed);
        let mut cancelled = self.cancelled.subscribe();
        // The sender is this lease's own, so it is there as long as anybody waits.
        let _ = cancelled.wait_for(|cancelled| *cancelled).await;
    }

    /// Ends the run; whether the job listens, and so has time to stop in order.
    pub(super) fn cancel(&self) -> bool {
        self.cancelled.send_replace(true);
        self.listens.load(Ordering::Relaxed)
    }

    /// Makes what follows in `tx` happen only if the job is still ours: until `tx` ends nobody can take it over.
    pub async fn guard(&self, tx: &mut Tx) -> Result<(), LeaseError> {
        if !rows::renew(&mut *tx, &self.id, self.fence, self.clock.now() + self.length).await? {
            self.cancel();
            return Err(LeaseError::Lost(self.id.clone()));
        }
        self.probe.at(Step::Guarded, &self.id);
        Ok(())
    }
}

impl Lease {
    /// With what follows in `tx`, a part of the job is done for good: its attempts and its retry window begin anew, so that a long job is given
    /// up only where it stands still.
    pub async fn got_further(&self, tx: &mut Tx) -> Result<(), StoreError> {
        self.got_further.store(true, Ordering::Relaxed);
        rows::begin_anew(&mut *tx, &self.id, self.fence, self.clock.now()).await
    }

    /// The job, as it was claimed or as it is since it got further.
    pub(super) fn as_it_stands(&self, job: &Claimed) -> Claimed {
        if self.got_further.load(Ordering::Relaxed) {
            Claimed { attempt: 1, since: self.clock.now(), ..job.clone() }
        } else {
            job.clone()
        }
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
