//! A run as a job of a Ballista scheduler: handed over, waited for, and taken back when nobody wants its answer.
//! Protocol: `ballista-core` 55, `proto/ballista.proto`; not authenticated and not encrypted.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use ballista_core::{
    BALLISTA_VERSION,
    extension::{BallistaGrpcMetadataInterceptor, SessionConfigExt, SessionConfigHelperExt},
    serde::protobuf::{
        CancelJobParams, CleanJobDataParams, ExecuteQueryParams, GetJobStatusParams, PartitionLocation,
        execute_query_params::Query, execute_query_result, get_job_status_result::FlightProxy, job_status,
        scheduler_grpc_client::SchedulerGrpcClient,
    },
    utils::{GrpcClientConfig, create_grpc_client_connection},
    version::BALLISTA_VERSION_HEADER,
};
use datafusion::{execution::SessionState, physical_plan::ExecutionPlan};
use datafusion_proto::{physical_plan::AsExecutionPlan, protobuf::PhysicalPlanNode};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::{sleep, timeout},
};

use super::{CALL_TIMEOUT, CANCEL_TIMEOUT, refusal, rows::ResultPart};
use crate::{ClusterAddress, ModelError};

/// Between two questions whether a job is done.
const POLL_INTERVAL: Duration = Duration::from_millis(100);
/// The largest message of both sides, in bytes: Ballista's own default.
pub(super) const MAX_MESSAGE: usize = 16 * 1024 * 1024;

/// What became of a run on a cluster.
#[derive(Debug)]
pub(crate) struct Job {
    address: ClusterAddress,
    state: Mutex<State>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum State {
    Unsent,
    /// The scheduler may have it already.
    Sent,
    Running(String),
    /// Its rows lie with the executors.
    Done(String),
}

/// The cluster's scheduler. A macro, because the type that it makes has no name without another crate.
macro_rules! scheduler {
    ($job:expr) => {{
        let config = GrpcClientConfig {
            connect_timeout_seconds: CALL_TIMEOUT.as_secs(),
            timeout_seconds: CALL_TIMEOUT.as_secs(),
            ..GrpcClientConfig::default()
        };
        let url = format!("http://{}", $job.address.authority());
        let connected = create_grpc_client_connection(url, &config).await;
        let version = HashMap::from([(BALLISTA_VERSION_HEADER.to_owned(), BALLISTA_VERSION.to_owned())]);
        connected.map_err(|_| refusal::unreachable(&$job.address)).map(|channel| {
            SchedulerGrpcClient::with_interceptor(channel, BallistaGrpcMetadataInterceptor::new(version))
                .max_encoding_message_size(MAX_MESSAGE)
                .max_decoding_message_size(MAX_MESSAGE)
        })
    }};
}

impl From<ClusterAddress> for Job {
    fn from(address: ClusterAddress) -> Self {
        Self { address, state: Mutex::new(State::Unsent) }
    }
}

impl Job {
    fn state(&self) -> State {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(&self, state: State) {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner) = state;
    }

    /// Runs a plan to its end, and says where its rows are.
    pub(super) async fn run(&self, query: ExecuteQueryParams) -> Result<Vec<ResultPart>, ModelError> {
        let mut scheduler = scheduler!(self)?;
        self.require_executors().await?;
        self.set(State::Sent);
        let answer = match scheduler.execute_query(query).await {
            Ok(answer) => answer.into_inner().result.ok_or_else(String::new),
            Err(status) => Err(status.message().to_owned()),
        };
        let Ok(execute_query_result::Result::Success(job)) = answer else {
            self.set(State::Unsent);
            return Err(refusal::refused(&self.address, &answer.err().unwrap_or_default()));
        };
        let id = job.job_id;
        self.set(State::Running(id.clone()));
        loop {
            let question = GetJobStatusParams { job_id: id.clone() };
            let answer = scheduler.get_job_status(question).await;
            let answer = answer.map_err(|_| refusal::lost(&self.address))?.into_inner();
            match answer.status.and_then(|job| job.status) {
                Some(job_status::Status::Successful(job)) => {
                    self.set(State::Done(id));
                    return Ok(self.parts(job.partition_location, answer.flight_proxy.as_ref()));
                }
                Some(job_status::Status::Failed(job)) => {
                    self.set(State::Done(id));
                    return Err(refusal::failed(&self.address, &job.error));
                }
                _ => sleep(POLL_INTERVAL).await,
            }
        }
    }

    /// A cluster without executors would keep a job until its deadline. The scheduler answers on the port of its protocol.
    async fn require_executors(&self) -> Result<(), ModelError> {
        let authority = self.address.authority();
        let asked = async {
            let mut scheduler = TcpStream::connect(&authority).await?;
            let question = format!("GET /readyz HTTP/1.1\r\nhost: {authority}\r\nconnection: close\r\n\r\n");
            scheduler.write_all(question.as_bytes()).await?;
            let mut line = [0; 12];
            scheduler.read_exact(&mut line).await?;
            std::io::Result::Ok(line)
        };
        match timeout(CALL_TIMEOUT, asked).await {
            Ok(Ok(line)) if line.ends_with(b" 503") => Err(refusal::no_executors(&self.address)),
            _ => Ok(()),
        }
    }

    /// Where the parts of a result are, and who hands them out.
    fn parts(&self, parts: Vec<PartitionLocation>, proxy: Option<&FlightProxy>) -> Vec<ResultPart> {
        let proxy = match proxy {
            Some(FlightProxy::External(authority)) => Some(authority.clone()),
            Some(FlightProxy::Local(true)) => Some(self.address.authority()),
            _ => None,
        };
        let of = |part| ResultPart { part, proxy: proxy.clone(), cluster: self.address.clone() };
        parts.into_iter().map(of).collect()
    }

    /// Leaves nothing on the cluster: neither work nor rows. What goes wrong is left to the scheduler's own cleaning.
    pub(crate) async fn end(&self) {
        let _ = timeout(CANCEL_TIMEOUT, self.cancel_and_clean()).await;
    }

    async fn cancel_and_clean(&self) -> Result<(), ModelError> {
        while self.state() == State::Sent {
            sleep(POLL_INTERVAL / 10).await;
        }
        let (id, is_running) = match self.state() {
            State::Running(id) => (id, true),
            State::Done(id) => (id, false),
            State::Unsent | State::Sent => return Ok(()),
        };
        let mut scheduler = scheduler!(self)?;
        if is_running {
            let _ = scheduler.cancel_job(CancelJobParams { job_id: id.clone() }).await;
        }
        let _ =
            scheduler.clean_job_data(CleanJobDataParams { job_id: id, remove_stage_ids: Vec::new() }).await;
        Ok(())
    }
}

/// A plan as the scheduler takes it, with the settings by which it was made. `None` where the protocol has no words for it (a
/// recursion), or where it is too large.
pub(super) fn query(plan: Arc<dyn ExecutionPlan>, session: &SessionState) -> Option<ExecuteQueryParams> {
    let config = session.config();
    let codec = config.ballista_physical_extension_codec();
    let node = PhysicalPlanNode::try_from_physical_plan(plan, codec.as_ref()).ok()?;
    let mut bytes = Vec::new();
    node.try_encode(&mut bytes).ok()?;
    (bytes.len() < MAX_MESSAGE).then(|| ExecuteQueryParams {
        session_id: session.session_id().to_owned(),
        settings: config.to_key_value_pairs(),
        operation_id: session.session_id().to_owned(),
        query: Some(Query::PhysicalPlan(bytes)),
    })
}
