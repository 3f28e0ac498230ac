//! Why a cluster has not run a model, as sentences for who wrote the model and for who keeps the cluster.
//! **Invariant:** the cluster's own words hold plans and the rows' values, so none of them gets into a sentence.

use crate::{ClusterAddress, ModelError};

pub(super) fn unreachable(cluster: &ClusterAddress) -> ModelError {
    at(cluster, "nothing answers there: start its scheduler, or correct `integrations.engine`")
}

pub(super) fn no_executors(cluster: &ClusterAddress) -> ModelError {
    at(cluster, "it has no executor: start one")
}

/// The scheduler has not taken the job.
pub(super) fn refused(cluster: &ClusterAddress, words: &str) -> ModelError {
    if words.contains("major version") {
        return at(cluster, "its Ballista has another version: use 55, as this server does");
    }
    at(cluster, "its scheduler refused the plan; the scheduler's log says why")
}

pub(super) fn lost(cluster: &ClusterAddress) -> ModelError {
    at(cluster, "its scheduler stopped answering while it had the model")
}

pub(super) fn rows_lost(cluster: &ClusterAddress) -> ModelError {
    at(
        cluster,
        "an executor made rows and cannot be asked for them: this server must reach the address that the executor tells its \
         scheduler, and the executor must live until its rows were read",
    )
}

/// The engine's own names of what can happen, as they stand in the words of a job that failed.
const SIGNS: &[(&str, Why)] = &[
    ("ResourcesExhausted(", Why::Memory),
    ("Resources exhausted", Why::Memory),
    ("StorageFull", Why::Disk),
    ("No space left", Why::Disk),
    ("NotFound", Why::Files),
    ("PermissionDenied", Why::Files),
    ("ObjectStore(", Why::Files),
    ("ParquetError(", Why::Files),
    ("DivideByZero", Why::Zero),
    ("ArithmeticOverflow(", Why::Overflow),
    ("CastError(", Why::Cast),
    ("ParseError(", Why::Cast),
    ("Execution(", Why::Rows),
    ("Internal(", Why::Rows),
    ("executor", Why::Executors),
    ("Executor", Why::Executors),
];

#[derive(Clone, Copy)]
enum Why {
    Memory,
    Disk,
    Files,
    Zero,
    Overflow,
    Cast,
    Rows,
    Executors,
}

/// What a job that failed says to whom.
pub(super) fn failed(cluster: &ClusterAddress, words: &str) -> ModelError {
    use super::super::refusal as rows;
    // The first one: what follows may be a row's value.
    let places = SIGNS.iter().filter_map(|(sign, why)| words.find(sign).map(|place| (place, *why)));
    match places.min_by_key(|(place, _)| *place).map(|(_, why)| why) {
        // It does not help to try that again.
        Some(Why::Memory) => ModelError::Rows(format!(
            "an executor of the cluster {cluster} has too little memory for the model: give it more, or let the model read fewer rows \
             and columns"
        )),
        Some(Why::Disk) => at(cluster, "an executor's disk is full"),
        Some(Why::Files) => at(
            cluster,
            "an executor cannot read the staged rows: the folder of `staging.store` must be there under the same path, readable \
             by the executor's user",
        ),
        Some(Why::Zero) => ModelError::Rows(rows::ZERO.to_owned()),
        Some(Why::Overflow) => ModelError::Rows(rows::OVERFLOW.to_owned()),
        Some(Why::Cast) => ModelError::Rows(rows::CAST.to_owned()),
        Some(Why::Rows) => ModelError::Rows(rows::FAILS.to_owned()),
        Some(Why::Executors) => at(
            cluster,
            "too many of its executors stopped while they worked on the model; their logs say why",
        ),
        None => at(cluster, "the job failed; the scheduler's log says why"),
    }
}

fn at(cluster: &ClusterAddress, reason: &str) -> ModelError {
    ModelError::Cluster { address: cluster.to_string(), reason: reason.to_owned() }
}
