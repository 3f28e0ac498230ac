//! What the jobs that write about a call into its ticket need.

use super::Flexible;
use crate::features::{contracts::Contracts, engagements::LogDeps, recordings::Recordings};

/// Clones of what is there.
pub(super) fn deps(flex: &Flexible, contracts: &Contracts, recordings: &Recordings) -> LogDeps {
    LogDeps {
        engagements: flex.engagements.clone(),
        contracts: contracts.clone(),
        after: flex.after.clone(),
        recordings: recordings.clone(),
    }
}
