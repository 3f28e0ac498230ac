//! Runs models on a Ballista cluster: planned here, like any model, then run by its executors, and checked and sorted here again.
//! A plan that cannot be sent is run here: then nothing is different but who computes.
//! Used in the child. **Invariant:** the plan that is sent names every file, so that an executor without the files fails
//! and never answers an empty table, as it would if the scheduler looked for them.

mod job;
mod plan;
mod refusal;
mod rows;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;

pub(crate) use job::Job;

use super::{answer, plan as planning, session};
use crate::{Answer, Column, Engine, InProcess, Limits, Model, ModelError};

/// An engine that plans in this process and has its plans run by others.
#[derive(Debug)]
pub(crate) struct Cluster {
    job: Arc<Job>,
    here: InProcess,
}

impl Cluster {
    /// For one run: `job` is what it becomes on the cluster. What only plans is done `here`.
    pub(crate) fn new(job: Arc<Job>, here: InProcess) -> Self {
        Self { job, here }
    }
}

#[async_trait]
impl Engine for Cluster {
    async fn plan(&self, model: &Model) -> Result<Vec<Column>, ModelError> {
        self.here.plan(model).await
    }

    async fn read(&self, model: &Model) -> Result<(), ModelError> {
        self.here.read(model).await
    }

    async fn run(&self, model: &Model, limits: &Limits) -> Result<Answer, ModelError> {
        let session = session::for_cluster(model, limits)?;
        let planned = planning::plan(&session, model).await?;
        let divided = plan::for_executors(planned.rows.clone(), limits.rows)?;
        let Some(query) = job::query(divided, &session) else { return self.here.run(model, limits).await };
        let parts = self.job.run(query).await?;
        let rows = rows::read_parts(planned.rows.schema(), parts)?;
        answer(&session, planned.read_from(rows), model, limits)
    }
}

/// How long a scheduler may take for an answer.
const CALL_TIMEOUT: Duration = Duration::from_secs(10);
/// How long it may take to hear that a job is not wanted any more: the child is killed soon after.
const CANCEL_TIMEOUT: Duration = Duration::from_secs(2);
