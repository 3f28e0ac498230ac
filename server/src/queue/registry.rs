//! From a row's kind to the job that it is. What a newer version enqueued stays in the table for the newer version.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use super::{Job, JobError, Lease};

/// The end of a run, later.
pub(super) type Running = Pin<Box<dyn Future<Output = Result<(), JobError>> + Send>>;

/// What a kind of job needs, by the account whose job it is.
pub trait Provide<D>: Send + Sync + 'static {
    /// What the jobs of `account` need; an error where this process cannot serve that account now.
    fn provide(&self, account: &str) -> Result<D, JobError>;
}

/// The same for every account.
impl<D: Clone + Send + Sync + 'static> Provide<D> for D {
    fn provide(&self, _: &str) -> Result<D, JobError> {
        Ok(self.clone())
    }
}

/// A kind of job with what it needs.
pub(super) trait Kind: Send + Sync {
    /// Does it.
    fn run(&self, payload: String, lease: Arc<Lease>) -> Running;
    /// Lets the feature say that it is dead.
    fn on_dead(&self, payload: String, lease: Arc<Lease>, why: String) -> Running;
    /// For how long a vendor may make it wait.
    fn retry_window(&self) -> std::time::Duration;
}

/// The kinds that a worker knows.
#[derive(Clone, Default)]
pub(super) struct Registry(BTreeMap<&'static str, Arc<dyn Kind>>);

impl Registry {
    pub(super) fn add<J: Job>(&mut self, deps: impl Provide<J::Deps>) {
        self.0.insert(J::NAME, Arc::new(Known::<J> { deps: Arc::new(deps) }));
    }

    pub(super) fn get(&self, kind: &str) -> Option<Arc<dyn Kind>> {
        self.0.get(kind).cloned()
    }

    /// `,kind,kind,`
    pub(super) fn kinds(&self) -> String {
        self.0.keys().fold(String::from(","), |kinds, kind| kinds + kind + ",")
    }
}

struct Known<J: Job> {
    deps: Arc<dyn Provide<J::Deps>>,
}

impl<J: Job> Kind for Known<J> {
    fn run(&self, payload: String, lease: Arc<Lease>) -> Running {
        let deps = Arc::clone(&self.deps);
        Box::pin(async move {
            let job = parse::<J>(&payload)?;
            let deps = (*deps).provide(job.account())?;
            job.run(&deps, &lease).await
        })
    }

    fn on_dead(&self, payload: String, lease: Arc<Lease>, why: String) -> Running {
        let deps = Arc::clone(&self.deps);
        Box::pin(async move {
            match parse::<J>(&payload) {
                Ok(job) => job.on_dead(&(*deps).provide(job.account())?, &lease, &why).await,
                Err(_) => Ok(()), // `why` says so; there is no job to ask
            }
        })
    }

    fn retry_window(&self) -> std::time::Duration {
        J::RETRY_WINDOW
    }
}

fn parse<J: Job>(payload: &str) -> Result<J, JobError> {
    serde_json::from_str(payload).map_err(|cause| {
        // serde's message names fields and places; the payload itself stays out of it.
        JobError::give_up(format!("this version cannot read the payload of a `{}` job: {cause}", J::NAME))
    })
}
