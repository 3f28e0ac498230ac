//! A scheduler and executors of Ballista, each in a runtime of its own, so that one can be stopped like a process that died.

use std::{
    fmt,
    future::pending,
    net::{Ipv4Addr, TcpListener},
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use ballista_core::{
    JobId, RuntimeProducer, config::TaskSchedulingPolicy::PullStaged, serde::protobuf::ShuffleWritePartition,
};
use ballista_executor::{
    execution_engine::{DefaultExecutionEngine, ExecutionEngine, QueryStageExecutor},
    executor_process::{ExecutorProcessConfig, start_executor_process},
};
use ballista_scheduler::{
    cluster::{BallistaCluster, ClusterState},
    config::{SchedulerConfig, TaskDistributionPolicy},
    scheduler_process::{create_scheduler, start_grpc_service_with_listener},
    scheduler_server::SchedulerServer,
};
use datafusion::{
    common::Result,
    execution::TaskContext,
    physical_plan::{ExecutionPlan, metrics::MetricsSet},
    prelude::SessionConfig,
};
use datafusion_proto::protobuf::{LogicalPlanNode, PhysicalPlanNode};
use engine::ClusterAddress;
use tempfile::TempDir;
use tokio::{
    runtime::{Builder, Runtime},
    sync::Notify,
    time::{sleep, timeout},
};

/// After so many seconds without a sign of life an executor is taken for lost. One that is busy gives a sign every 5 s.
const LOST_AFTER: u64 = 12;

pub struct Cluster {
    pub address: ClusterAddress,
    pub executors: Vec<Executor>,
    scheduler: SchedulerServer<LogicalPlanNode, PhysicalPlanNode>,
    state: Arc<dyn ClusterState>,
    port: u16,
    runtime: Option<Runtime>,
}

impl Cluster {
    /// With so many executors, which ask for tasks: where the scheduler pushes them, Ballista 55.0.0 loses count of free cores with every
    /// job that is cancelled and every executor that is lost, and later jobs wait for ever.
    pub async fn start(executors: usize) -> Self {
        let mut cluster = Self::without_executors().await;
        for _ in 0..executors {
            cluster.add(None).await;
        }
        cluster
    }

    pub async fn without_executors() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        listener.set_nonblocking(true).expect("a socket");
        let port = listener.local_addr().expect("an address").port();
        let config = SchedulerConfig {
            external_host: "127.0.0.1".to_owned(),
            bind_port: port,
            scheduling_policy: PullStaged,
            task_distribution: TaskDistributionPolicy::RoundRobin,
            executor_timeout_seconds: LOST_AFTER,
            expire_dead_executor_interval_seconds: 1,
            no_executors_grace_period_seconds: LOST_AFTER,
            ..SchedulerConfig::default()
        };
        let runtime = runtime("scheduler");
        let started = runtime.spawn(async move {
            let cluster = BallistaCluster::new_from_config(&config).await.expect("a cluster");
            let state = cluster.cluster_state();
            let scheduler = create_scheduler(cluster, Arc::new(config)).await.expect("a scheduler");
            let listener = tokio::net::TcpListener::from_std(listener).expect("a listener");
            tokio::spawn(start_grpc_service_with_listener(listener, scheduler.clone()));
            (scheduler, state)
        });
        let (scheduler, state) = started.await.expect("a scheduler");
        let address = format!("ballista://127.0.0.1:{port}").parse().expect("an address");
        Self { address, executors: Vec::new(), scheduler, state, port, runtime: Some(runtime) }
    }

    /// Starts one more, and waits until the scheduler knows it. `files` replaces what it sees of this machine's files.
    pub async fn add(&mut self, files: Option<RuntimeProducer>) {
        let work = tempfile::tempdir().expect("a folder");
        let watch = Arc::new(Watch::default());
        let config = ExecutorProcessConfig {
            port: free_port(),
            grpc_port: free_port(),
            external_host: Some("127.0.0.1".to_owned()),
            scheduler_host: "127.0.0.1".to_owned(),
            scheduler_port: self.port,
            vcores: 2,
            task_scheduling_policy: PullStaged,
            work_dir: Some(work.path().display().to_string()),
            executor_heartbeat_interval_seconds: 1,
            memory_pool_size: Some(1 << 30),
            override_execution_engine: Some(Arc::new(Watched {
                engine: DefaultExecutionEngine::new(),
                watch: watch.clone(),
            })),
            override_runtime_producer: files,
            ..ExecutorProcessConfig::default()
        };
        let runtime = runtime("executor");
        runtime.spawn(start_executor_process(Arc::new(config)));
        self.executors.push(Executor { watch, work, runtime: Some(runtime) });
        let known = self.executors.len();
        until("the scheduler knows its executors", || self.state.executor_heartbeats().len() == known).await;
    }

    /// Waits until nothing is left of any job.
    pub async fn until_empty(&self) {
        until("no job runs", || self.scheduler.running_job_number() == 0).await;
        until("no rows are left", || self.executors.iter().all(|executor| is_empty(executor.work.path())))
            .await;
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.executors.iter_mut().for_each(Executor::stop);
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

pub struct Executor {
    pub watch: Arc<Watch>,
    work: TempDir,
    runtime: Option<Runtime>,
}

impl Executor {
    /// Like SIGKILL: no word to the scheduler, and its rows cannot be fetched any more.
    pub fn stop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// What an executor does.
#[derive(Default)]
pub struct Watch {
    pub tasks: AtomicUsize,
    /// After so many tasks, all others never end; 0: they do.
    pub hangs_after: AtomicUsize,
    /// One hangs.
    pub hung: Notify,
}

struct Watched {
    engine: DefaultExecutionEngine,
    watch: Arc<Watch>,
}

impl ExecutionEngine for Watched {
    fn create_query_stage_exec(
        &self,
        job: JobId,
        stage: usize,
        task: usize,
        parts: Vec<usize>,
        plan: Arc<dyn ExecutionPlan>,
        work: &str,
        config: &SessionConfig,
    ) -> Result<Arc<dyn QueryStageExecutor>> {
        let before = self.watch.tasks.fetch_add(1, Ordering::Relaxed);
        let after = self.watch.hangs_after.load(Ordering::Relaxed);
        if after > 0 && before >= after {
            return Ok(Arc::new(Hangs(self.watch.clone())));
        }
        self.engine.create_query_stage_exec(job, stage, task, parts, plan, work, config)
    }
}

/// A task that never ends.
struct Hangs(Arc<Watch>);

impl fmt::Debug for Hangs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hangs")
    }
}

impl fmt::Display for Hangs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hangs")
    }
}

#[async_trait::async_trait]
impl QueryStageExecutor for Hangs {
    async fn execute_query_stage(&self, _: usize, _: Arc<TaskContext>) -> Result<Vec<ShuffleWritePartition>> {
        self.0.hung.notify_one();
        pending().await
    }

    fn collect_plan_metrics(&self) -> Vec<MetricsSet> {
        Vec::new()
    }
}

fn runtime(name: &str) -> Runtime {
    Builder::new_multi_thread().worker_threads(2).thread_name(name).enable_all().build().expect("a runtime")
}

fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    listener.local_addr().expect("an address").port()
}

fn is_empty(folder: &Path) -> bool {
    std::fs::read_dir(folder).expect("a folder").flatten().all(|entry| !holds_files(&entry.path()))
}

fn holds_files(path: &Path) -> bool {
    path.is_file()
        || std::fs::read_dir(path)
            .is_ok_and(|mut inner| inner.any(|entry| entry.is_ok_and(|entry| holds_files(&entry.path()))))
}

/// Waits for something that comes soon.
async fn until(what: &str, is_so: impl Fn() -> bool) {
    let waited = timeout(Duration::from_secs(20), async {
        while !is_so() {
            sleep(Duration::from_millis(50)).await;
        }
    });
    waited.await.unwrap_or_else(|_| panic!("{what}: not within 20 s"));
}
