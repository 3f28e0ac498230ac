//! A plan's last step before sorting: each row's types made ours, rows counted, and a result refused that has too many.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use datafusion::{
    arrow::{array::AsArray, datatypes::SchemaRef, record_batch::RecordBatch},
    common::tree_node::TreeNodeRecursion,
    error::{DataFusionError, Result},
    execution::{SendableRecordBatchStream, TaskContext},
    physical_expr::{EquivalenceProperties, Partitioning, PhysicalExpr},
    physical_plan::{
        DisplayAs, DisplayFormatType, ExecutionPlan, ExecutionPlanProperties, PlanProperties,
        stream::RecordBatchStreamAdapter,
    },
};
use futures::StreamExt;

use super::result;
use crate::{Column, ModelError, columns};

/// A value of a result is at most so large, because the process that serves agents reads it whole.
const CELL: usize = 1 << 20; // bytes

#[derive(Debug, Clone)]
pub(super) struct Checked {
    input: Arc<dyn ExecutionPlan>,
    columns: Arc<[Column]>,
    schema: SchemaRef,
    rows: Arc<AtomicU64>,
    most: u64,
    properties: Arc<PlanProperties>,
}

impl Checked {
    pub(super) fn new(input: Arc<dyn ExecutionPlan>, columns: &[Column], most: u64) -> Self {
        let schema = columns::schema(columns);
        let parts = input.output_partitioning().partition_count();
        let properties = PlanProperties::new(
            EquivalenceProperties::new(schema.clone()),
            Partitioning::UnknownPartitioning(parts),
            input.pipeline_behavior(),
            input.boundedness(),
        );
        Self {
            input,
            columns: columns.into(),
            schema,
            rows: Arc::default(),
            most,
            properties: Arc::new(properties),
        }
    }

    fn check(&self, batch: &RecordBatch) -> Result<RecordBatch, ModelError> {
        let rows = batch.num_rows() as u64;
        if self.rows.fetch_add(rows, Ordering::Relaxed) + rows > self.most {
            return Err(ModelError::TooManyRows { rows: self.most });
        }
        let cells = batch.columns().iter().zip(&*self.columns);
        let cells: Vec<_> =
            cells.map(|(cells, column)| result::convert(cells, column)).collect::<Result<_, _>>()?;
        for (cells, column) in cells.iter().zip(&*self.columns) {
            if cells
                .as_string_opt::<i32>()
                .is_some_and(|texts| texts.offsets().lengths().any(|bytes| bytes > CELL))
            {
                return Err(ModelError::Rows(format!(
                    "the model makes a value of more than 1 MB in the column `{}`: shorten it, with `left(…, 1000)` for example",
                    column.name
                )));
            }
        }
        Ok(RecordBatch::try_new(self.schema.clone(), cells).expect("cells were made for their columns"))
    }
}

impl DisplayAs for Checked {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Checked")
    }
}

impl ExecutionPlan for Checked {
    fn name(&self) -> &'static str {
        "Checked"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        vec![&self.input]
    }

    fn apply_expressions(
        &self,
        _: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn with_new_children(
        self: Arc<Self>,
        mut children: Vec<Arc<dyn ExecutionPlan>>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        Ok(Arc::new(Self { input: children.swap_remove(0), ..Self::clone(&self) }))
    }

    fn execute(&self, part: usize, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let this = self.clone();
        let rows = self.input.execute(part, context)?;
        let checked = rows.map(move |batch| {
            batch.and_then(|batch| {
                this.check(&batch).map_err(|error| DataFusionError::External(Box::new(error)))
            })
        });
        Ok(Box::pin(RecordBatchStreamAdapter::new(self.schema.clone(), checked)))
    }
}
