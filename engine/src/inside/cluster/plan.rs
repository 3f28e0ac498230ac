//! What of a plan executors run, and what must be different because each of them sees a part of the rows.

use std::sync::Arc;

use datafusion::{
    common::{
        JoinType,
        tree_node::{Transformed, TreeNode},
    },
    error::Result as Planned,
    physical_plan::{
        ChildrenPropertiesMode, ExecutionPlan, ExecutionPlanProperties, ReplaceChildrenOptions,
        coalesce_partitions::CoalescePartitionsExec, joins::NestedLoopJoinExec, limit::LocalLimitExec,
    },
};

use super::super::refusal::while_planning as planning_refused;
use crate::ModelError;

/// The plan as it is sent. No part of it writes more rows than a result may have, and one: a join without a condition
/// ends there, and not when the executors' disks are full.
pub(super) fn for_executors(
    rows: Arc<dyn ExecutionPlan>,
    most: u64,
) -> Result<Arc<dyn ExecutionPlan>, ModelError> {
    let rows = rows.transform_up(gather_right_side).map_err(|error| planning_refused(&error))?;
    let most = usize::try_from(most).unwrap_or(usize::MAX).saturating_add(1);
    Ok(Arc::new(LocalLimitExec::new(rows.data, most)))
}

/// A join that has no columns to be divided by, and answers rows of its left side that match nothing: only where one executor has
/// all of the right side is it known that they match nothing.
fn gather_right_side(plan: Arc<dyn ExecutionPlan>) -> Planned<Transformed<Arc<dyn ExecutionPlan>>> {
    let Some(join) = plan.downcast_ref::<NestedLoopJoinExec>() else { return Ok(Transformed::no(plan)) };
    let answers_left = matches!(
        join.join_type(),
        JoinType::Left | JoinType::Full | JoinType::LeftSemi | JoinType::LeftAnti | JoinType::LeftMark
    );
    if !answers_left || join.right().output_partitioning().partition_count() == 1 {
        return Ok(Transformed::no(plan));
    }
    let right: Arc<dyn ExecutionPlan> = Arc::new(CoalescePartitionsExec::new(join.right().clone()));
    let left = join.left().clone();
    let options = ReplaceChildrenOptions::new(ChildrenPropertiesMode::Recompute);
    plan.replace_children(vec![left, right], options).map(Transformed::yes)
}
