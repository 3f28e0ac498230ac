//! DataFusion, and all that names it: plans and runs models in this process. Used in the child.

mod checked;
#[cfg(feature = "ballista")]
mod cluster;
mod plan;
mod refusal;
mod result;
mod session;
mod statement;

use async_trait::async_trait;
use datafusion::{
    arrow::record_batch::RecordBatch, error::DataFusionError, execution::SessionState,
    physical_plan::execute_stream,
};
use futures::{StreamExt, TryStreamExt};

#[cfg(feature = "ballista")]
pub(crate) use cluster::{Cluster, Job};
use plan::Planned;

use crate::{Answer, Batch, Column, Engine, Limits, Model, ModelError};

/// An engine without a process of its own: nothing limits what planning takes.
#[derive(Debug, Clone, Copy)]
pub struct InProcess {
    threads: usize,
    hash_join: bool,
}

impl InProcess {
    /// Joins by hash tables, or, with less memory and slower, by sorting.
    pub fn new(threads: usize, hash_join: bool) -> Self {
        Self { threads, hash_join }
    }
}

#[async_trait]
impl Engine for InProcess {
    async fn plan(&self, model: &Model) -> Result<Vec<Column>, ModelError> {
        let session = session::without_rows(model, self.threads)?;
        Ok(plan::plan(&session, model).await?.columns)
    }

    async fn read(&self, model: &Model) -> Result<(), ModelError> {
        plan::read(&session::without_tables(self.threads)?, model)
    }

    async fn run(&self, model: &Model, limits: &Limits) -> Result<Answer, ModelError> {
        let session = session::session(model, limits, self.threads, self.hash_join)?;
        let planned = plan::plan(&session, model).await?;
        answer(&session, planned, model, limits)
    }
}

/// The rows of a plan, checked, in the order that was asked for.
fn answer(
    session: &SessionState,
    planned: Planned,
    model: &Model,
    limits: &Limits,
) -> Result<Answer, ModelError> {
    let memory = limits.memory;
    let failed = move |error: DataFusionError| refusal::while_running(&error, memory);
    let columns = planned.columns.clone();
    let sorted = planned.sorted(model, limits.rows)?;
    let rows = execute_stream(sorted, session.task_ctx()).map_err(failed)?;
    let batches = rows.map_err(failed).and_then(async |cells: RecordBatch| {
        Batch::new(cells).ok_or_else(|| ModelError::Crashed("rows of unknown types".to_owned()))
    });
    Ok(Answer { columns, batches: batches.boxed() })
}
