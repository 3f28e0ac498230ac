//! What executors made, as rows of a plan in this process.

use std::sync::Arc;

use ballista_core::{client::BallistaClient, serde::protobuf::PartitionLocation};
use datafusion::{
    arrow::datatypes::SchemaRef,
    error::DataFusionError,
    execution::{SendableRecordBatchStream, TaskContext},
    physical_plan::{
        ExecutionPlan,
        stream::RecordBatchStreamAdapter,
        streaming::{PartitionStream, StreamingTableExec},
    },
};
use futures::{StreamExt, TryStreamExt, stream};

use super::{job::MAX_MESSAGE, refusal};
use crate::{ClusterAddress, ModelError};

/// How often a part is asked for, and how long is waited in between, in milliseconds.
const MAX_TRIES: u8 = 3;
const RETRY_WAIT_MS: u64 = 500;

/// One part of a result, on the disk of an executor.
#[derive(Debug, Clone)]
pub(super) struct ResultPart {
    pub(super) part: PartitionLocation,
    /// `host:port` of who hands it out, where that is not the executor.
    pub(super) proxy: Option<String>,
    pub(super) cluster: ClusterAddress,
}

/// Reads the parts one after the other, in their order.
pub(super) fn read_parts(
    schema: SchemaRef,
    parts: Vec<ResultPart>,
) -> Result<Arc<dyn ExecutionPlan>, ModelError> {
    let parts: Arc<dyn PartitionStream> = Arc::new(Parts { schema: schema.clone(), parts });
    let leaf = StreamingTableExec::try_new(schema, vec![parts], None, [], false, None);
    leaf.map(|leaf| Arc::new(leaf) as Arc<dyn ExecutionPlan>)
        .map_err(|error| ModelError::Crashed(format!("rows of other columns: {error}")))
}

#[derive(Debug)]
struct Parts {
    schema: SchemaRef,
    parts: Vec<ResultPart>,
}

impl PartitionStream for Parts {
    fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    fn execute(&self, _: Arc<TaskContext>) -> SendableRecordBatchStream {
        let parts = stream::iter(self.parts.clone()).then(fetch).try_flatten();
        Box::pin(RecordBatchStreamAdapter::new(self.schema.clone(), parts))
    }
}

async fn fetch(found: ResultPart) -> Result<SendableRecordBatchStream, DataFusionError> {
    let cluster = found.cluster.clone();
    let failed = move || DataFusionError::External(Box::new(refusal::rows_lost(&cluster)));
    let ResultPart { part, proxy, .. } = found;
    let layout = part.layout();
    let (Some(executor), Some(id)) = (part.executor_meta, part.partition_id) else { return Err(failed()) };
    let port = u16::try_from(executor.port).map_err(|_| failed())?;
    let from = match &proxy {
        None => Some((executor.host.as_str(), port)),
        Some(proxy) => proxy.rsplit_once(':').and_then(|(host, port)| Some((host, port.parse().ok()?))),
    };
    let (host, at) = from.ok_or_else(&failed)?;
    let client =
        BallistaClient::try_new(host, at, MAX_MESSAGE, false, None, MAX_TRIES, RETRY_WAIT_MS, 0, 0).await;
    let mut client = client.map_err(|_| failed())?;
    let id = id.into();
    let rows = client
        .fetch_partition_proxied(&executor.id, &id, part.file_id, layout, &executor.host, port, true)
        .await
        .map_err(|_| failed())?;
    let schema = rows.schema();
    Ok(Box::pin(RecordBatchStreamAdapter::new(schema, rows.map_err(move |_| failed()))))
}
