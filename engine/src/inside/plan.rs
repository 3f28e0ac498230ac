//! Makes an executable plan of a model and checks what its result will consist of.

use std::{collections::HashMap, sync::Arc};

use datafusion::{
    arrow::compute::SortOptions,
    common::Column as Named,
    error::DataFusionError,
    execution::{SessionState, context::SQLOptions},
    logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder},
    physical_expr::{LexOrdering, PhysicalSortExpr, expressions},
    physical_plan::{
        ExecutionPlan,
        coalesce_partitions::CoalescePartitionsExec,
        sorts::{sort::SortExec, sort_preserving_merge::SortPreservingMergeExec},
    },
};

use super::{checked::Checked, refusal, result, session, statement};
use crate::{Column, Model, ModelError};

/// A model that can be run.
#[derive(Debug)]
pub(super) struct Planned {
    pub(super) columns: Vec<Column>,
    pub(super) rows: Arc<dyn ExecutionPlan>,
}

pub(super) async fn plan(session: &SessionState, model: &Model) -> Result<Planned, ModelError> {
    let mut tables: Vec<&str> = model.tables.iter().map(|table| table.name.as_str()).collect();
    if let Some(view) = &model.view {
        let rows = logical(session, &view.sql, &tables).await?;
        let rows = in_lower_case(rows).map_err(|error| refusal::while_planning(&error))?;
        session::add_view(session, &view.name, rows)?;
        tables.push(&view.name);
    }
    let logical = logical(session, &model.sql, &tables).await?;
    let rows = session.create_physical_plan(&logical).await;
    let rows = rows.map_err(|error| refusal::while_planning(&error))?;
    let columns = result::columns(&rows.schema())?;
    for name in &model.order_by {
        position(&columns, name)?;
    }
    Ok(Planned { columns, rows })
}

/// Whether its texts are queries over tables that there are.
pub(super) fn read(session: &SessionState, model: &Model) -> Result<(), ModelError> {
    let mut tables: Vec<&str> = model.tables.iter().map(|table| table.name.as_str()).collect();
    if let Some(view) = &model.view {
        statement::parse(session, &view.sql, &tables)?;
        tables.push(&view.name);
    }
    statement::parse(session, &model.sql, &tables).map(drop)
}

/// A query that only reads, with names that tell its columns apart.
async fn logical(session: &SessionState, sql: &str, tables: &[&str]) -> Result<LogicalPlan, ModelError> {
    let statement = statement::parse(session, sql, tables)?;
    let logical = session.statement_to_plan(statement).await;
    let logical = logical.map_err(|error| refusal::while_planning(&error))?;
    let options = SQLOptions::new().with_allow_ddl(false).with_allow_dml(false).with_allow_statements(false);
    options.verify_plan(&logical).map_err(|error| refusal::while_planning(&error))?;
    names_are_unique(logical.schema().fields().iter().map(|field| field.name().as_str()))?;
    Ok(logical)
}

/// The same rows; a result's columns have lower-case names, so a query over it finds them without quotes.
fn in_lower_case(rows: LogicalPlan) -> Result<LogicalPlan, DataFusionError> {
    let columns = rows.schema().columns();
    if columns.iter().all(|column| column.name == column.name.to_lowercase()) {
        return Ok(rows);
    }
    let lower = |column: Named| {
        let name = column.name.to_lowercase();
        Expr::Column(column).alias(name)
    };
    LogicalPlanBuilder::from(rows).project(columns.into_iter().map(lower))?.build()
}

fn names_are_unique<'a>(names: impl Iterator<Item = &'a str>) -> Result<(), ModelError> {
    let mut first = HashMap::new();
    for (position, name) in names.enumerate() {
        if let Some(earlier) = first.insert(name.to_lowercase(), position + 1) {
            return Err(ModelError::sql(format!(
                "columns {earlier} and {} of the result are both named `{name}`: rename one of them with `as`",
                position + 1
            )));
        }
    }
    Ok(())
}

/// Where a column stands in the result.
fn position(columns: &[Column], name: &str) -> Result<usize, ModelError> {
    columns.iter().position(|column| column.name == name).ok_or_else(|| {
        let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
        ModelError::sql(refusal::no_column("the model's result", name, &names))
    })
}

impl Planned {
    /// The same result, whose rows come from somewhere else.
    #[cfg(feature = "ballista")]
    pub(super) fn read_from(self, rows: Arc<dyn ExecutionPlan>) -> Self {
        Self { rows, ..self }
    }

    /// With types and number of rows checked before anything is sorted.
    pub(super) fn sorted(self, model: &Model, most: u64) -> Result<Arc<dyn ExecutionPlan>, ModelError> {
        let mut order = Vec::new();
        for name in &model.order_by {
            let column = expressions::Column::new(name, position(&self.columns, name)?);
            let options = SortOptions { descending: false, nulls_first: true };
            order.push(PhysicalSortExpr::new(Arc::new(column), options));
        }
        let rows: Arc<dyn ExecutionPlan> = Arc::new(Checked::new(self.rows, &self.columns, most));
        let parts = rows.properties().output_partitioning().partition_count();
        Ok(match LexOrdering::new(order) {
            Some(order) if parts > 1 => {
                let sorted = SortExec::new(order.clone(), rows).with_preserve_partitioning(true);
                Arc::new(SortPreservingMergeExec::new(order, Arc::new(sorted)))
            }
            Some(order) => Arc::new(SortExec::new(order, rows)),
            None if parts > 1 => Arc::new(CoalescePartitionsExec::new(rows)),
            None => rows,
        })
    }
}
