//! When a worker may work on a kind of job: what the kind needs of this machine is looked at before each claim. **Invariant:** a kind that is left to
//! other workers is not claimed, so it costs no attempt.

use std::sync::Arc;

use async_trait::async_trait;

use super::claims::Claimer;

/// Whether this process may work on a kind of job now. It is asked about once a second, so it looks rarely.
#[async_trait]
pub trait Condition: Send + Sync + 'static {
    async fn holds(&self) -> bool;
}

/// Those of a worker, each with its kind.
#[derive(Clone, Default)]
pub(super) struct Conditions(Vec<(&'static str, Arc<dyn Condition>)>);

impl Conditions {
    pub(super) fn add(&mut self, kind: &'static str, condition: impl Condition) {
        self.0.push((kind, Arc::new(condition)));
    }

    /// The claimer without the kinds that are left to others now.
    pub(super) async fn allowed(&self, claimer: &Claimer) -> Claimer {
        let mut claimer = claimer.clone();
        for (kind, condition) in &self.0 {
            if !condition.holds().await {
                claimer.kinds = claimer.kinds.replace(&format!(",{kind},"), ",");
            }
        }
        claimer
    }
}
