//! The child's side of a cluster: nothing at all where the child runs the model itself, or where this build has no client.

use std::sync::Arc;

use tokio::runtime;

use super::request::Request;
use crate::{Answer, Engine, InProcess, Limits, Model, ModelError};

/// What a run has on a cluster, if it has.
#[derive(Debug, Clone)]
pub(super) struct Remote(Option<Arc<Job>>);

#[cfg(feature = "ballista")]
use crate::inside::{Cluster, Job};

#[cfg(not(feature = "ballista"))]
type Job = crate::ClusterAddress;

#[cfg_attr(
    not(feature = "ballista"),
    expect(clippy::unused_async, clippy::unused_self, reason = "this build has no client")
)]
impl Remote {
    pub(super) fn of(request: &Request) -> Self {
        Self(request.cluster().cloned().map(Job::from).map(Arc::new))
    }

    /// Connections only where some are made.
    pub(super) fn needs<'a>(&self, runtime: &'a mut runtime::Builder) -> &'a mut runtime::Builder {
        #[cfg(feature = "ballista")]
        if self.0.is_some() {
            return runtime.enable_io();
        }
        runtime
    }

    /// Runs the model on the cluster, or `here`.
    pub(super) async fn run(
        &self,
        model: &Model,
        limits: &Limits,
        here: InProcess,
    ) -> Result<Answer, ModelError> {
        match &self.0 {
            None => here.run(model, limits).await,
            #[cfg(feature = "ballista")]
            Some(job) => Cluster::new(job.clone(), here).run(model, limits).await,
            #[cfg(not(feature = "ballista"))]
            Some(address) => Err(ModelError::Cluster {
                address: address.to_string(),
                reason: "this server was built without the cargo feature `ballista`".to_owned(),
            }),
        }
    }

    /// Nothing is left on the cluster.
    pub(super) async fn end(&self) {
        #[cfg(feature = "ballista")]
        if let Some(job) = &self.0 {
            job.end().await;
        }
    }

    /// The same from a thread of its own, while the run still goes on.
    pub(super) fn cancel(&self) {
        #[cfg(feature = "ballista")]
        if self.0.is_some()
            && let Ok(runtime) = runtime::Builder::new_current_thread().enable_all().build()
        {
            runtime.block_on(self.end());
        }
    }
}
