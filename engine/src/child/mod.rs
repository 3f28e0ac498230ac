//! Plans and runs models in a process of its own, because a model can ask for more memory than there is while it is
//! planned, and need not end. What happens there cannot harm the agents' process.
//!
//! The parent writes one request as JSON to the child's input and keeps it open: the child ends when it closes.
//! The child answers Arrow's IPC stream on its output, and on failure one JSON line on its error output. Where a cluster runs the
//! models, the child plans them and is the cluster's client (ADR 28).

#[cfg(feature = "datafusion")]
mod confine;
mod death;
mod entry;
mod process;
#[cfg(feature = "datafusion")]
mod remote;
mod request;

use std::{path::PathBuf, sync::Arc, time::Duration};

use async_trait::async_trait;
use futures::{StreamExt, stream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

pub use entry::main;
use process::{Bounds, Failure, Held, Process};
use request::{Request, Task};

use crate::{Answer, ClusterAddress, Column, Engine, Limits, Model, ModelError, Table};

/// Enough to plan any model that ever finishes, and no more.
const PLAN_MEMORY: u64 = 256 * 1024 * 1024;
const PLAN_DEADLINE: Duration = Duration::from_secs(20);
/// Plans that are made at the same time.
const PLANS: usize = 2;

/// An engine that is another process of the same program.
#[derive(Debug, Clone)]
pub struct Child {
    program: PathBuf,
    plans: Arc<Semaphore>,
    runs: Arc<Semaphore>,
    cluster: Option<ClusterAddress>,
}

impl Child {
    /// `program engine` must call [`main`]. At most `runs` models run at the same time; others wait for their turn.
    pub fn new(program: PathBuf, runs: usize) -> Self {
        let (plans, runs) = (Arc::new(Semaphore::new(PLANS)), Arc::new(Semaphore::new(runs)));
        Self { program, plans, runs, cluster: None }
    }

    /// The same, whose models are run by the executors of a cluster; what only plans stays here. For builds with
    /// [`HAS_BALLISTA`](crate::HAS_BALLISTA).
    #[must_use]
    pub fn on_cluster(self, cluster: ClusterAddress) -> Self {
        Self { cluster: Some(cluster), ..self }
    }

    /// Starts a process and waits until it has planned the model.
    async fn start(&self, request: &Request, bounds: Bounds, held: &Arc<Held>) -> Result<Process, Failure> {
        let mut process = Process::start(&self.program, request, bounds, held).await?;
        process.read_columns().await?;
        Ok(process)
    }

    /// What needs no rows.
    async fn look(&self, model: &Model, task: Task) -> Result<Vec<Column>, ModelError> {
        let held = Arc::new(Held { _spill: None, _turn: turn(&self.plans).await });
        let request = Request::new(model, task, PLAN_MEMORY, PLAN_DEADLINE)?;
        let bounds = Bounds::from_now(PLAN_MEMORY, PLAN_DEADLINE);
        let mut process = self.start(&request, bounds, &held).await.map_err(Failure::error)?;
        while process.next().await.map_err(Failure::error)?.is_some() {}
        Ok(process.columns().to_vec())
    }

    /// Starts a run and waits for its first rows: until then it can be repeated in another way.
    async fn first_rows(
        &self,
        request: &Request,
        bounds: Bounds,
        held: &Arc<Held>,
    ) -> Result<Answer, Failure> {
        let mut process = self.start(request, bounds, held).await?;
        let columns = process.columns().to_vec();
        let first = process.next().await?;
        let Some(first) = first else {
            return Ok(Answer { columns, batches: stream::empty().boxed() });
        };
        let rest = stream::try_unfold(process, async |mut process| {
            Ok(process.next().await.map_err(Failure::error)?.map(|batch| (batch, process)))
        });
        Ok(Answer { columns, batches: stream::once(async { Ok(first) }).chain(rest).boxed() })
    }
}

#[async_trait]
impl Engine for Child {
    async fn plan(&self, model: &Model) -> Result<Vec<Column>, ModelError> {
        self.look(model, Task::Plan).await
    }

    async fn read(&self, model: &Model) -> Result<(), ModelError> {
        let tables = model.tables.iter().map(|table| Table { files: Vec::new(), ..table.clone() });
        let model = Model { tables: tables.collect(), ..model.clone() };
        self.look(&model, Task::Read).await.map(drop)
    }

    async fn run(&self, model: &Model, limits: &Limits) -> Result<Answer, ModelError> {
        let turn = turn(&self.runs).await;
        let spill = tempfile::Builder::new().prefix("run-").tempdir_in(&limits.spill);
        let spill =
            spill.map_err(|error| ModelError::Disk(format!("{}: {error}", limits.spill.display())))?;
        let cluster = self.cluster.clone();
        let (rows, now) = (limits.rows, limits.now);
        let task = Task::Run { spill: spill.path().into(), rows, hash_join: true, now, cluster };
        let mut request = Request::new(model, task, limits.memory, limits.deadline)?;
        let held = Arc::new(Held { _spill: Some(spill), _turn: turn });
        let bounds = Bounds::from_now(limits.memory, limits.deadline);
        let answer = match self.first_rows(&request, bounds, &held).await {
            // Joining by sorting needs less, and writes to disk what it cannot hold.
            Err(Failure::Reported(ModelError::Memory { .. })) if request.join_by_sorting() => {
                self.first_rows(&request, bounds, &held).await
            }
            answer => answer,
        };
        answer.map_err(Failure::error)
    }
}

async fn turn(of: &Arc<Semaphore>) -> OwnedSemaphorePermit {
    of.clone().acquire_owned().await.expect("it is never closed")
}
