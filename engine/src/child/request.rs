//! What the parent asks of the child: one line of JSON.

use std::{
    io::{BufRead, Read},
    path::PathBuf,
    time::{Duration, SystemTime},
};

use serde::{Deserialize, Serialize};

use crate::{ClusterAddress, Model, ModelError};

/// The longest model, in bytes.
const LONGEST: usize = 100_000;
/// The longest request: a model and the paths of its files.
const LONGEST_REQUEST: u64 = 16 * 1024 * 1024;

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Request {
    pub(super) model: Model,
    pub(super) task: Task,
    /// Bytes.
    pub(super) memory: u64,
    pub(super) deadline: Duration,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Task {
    Plan,
    Read,
    Run {
        spill: PathBuf,
        rows: u64,
        hash_join: bool,
        /// What `now()` is.
        now: Option<SystemTime>,
        /// Whose executors run it, instead of the child.
        cluster: Option<ClusterAddress>,
    },
}

impl Request {
    pub(super) fn new(
        model: &Model,
        task: Task,
        memory: u64,
        deadline: Duration,
    ) -> Result<Self, ModelError> {
        let view = model.view.as_ref().map_or(0, |view| view.sql.len());
        if model.sql.len().max(view) > LONGEST {
            return Err(ModelError::sql(format!("the model has more than {LONGEST} bytes: shorten it")));
        }
        Ok(Self { model: model.clone(), task, memory, deadline })
    }

    /// Changes to what needs less memory; `false` where there is nothing to change: a cluster joins by sorting anyway.
    pub(super) fn join_by_sorting(&mut self) -> bool {
        match &mut self.task {
            Task::Run { hash_join, cluster: None, .. } => std::mem::replace(hash_join, false),
            _ => false,
        }
    }

    /// Who runs it, if that is not the child.
    #[cfg_attr(not(feature = "datafusion"), expect(dead_code, reason = "only the child asks"))]
    pub(super) fn cluster(&self) -> Option<&ClusterAddress> {
        if let Task::Run { cluster, .. } = &self.task { cluster.as_ref() } else { None }
    }

    #[cfg_attr(not(feature = "datafusion"), expect(dead_code, reason = "only the child reads"))]
    pub(super) fn read(from: &mut impl BufRead) -> Result<Self, ModelError> {
        let mut line = String::new();
        let read = from.take(LONGEST_REQUEST).read_line(&mut line);
        let request = read
            .map_err(|error| error.to_string())
            .and_then(|_| serde_json::from_str(&line).map_err(|error| error.to_string()));
        request.map_err(|error| ModelError::Start(format!("its request cannot be read: {error}")))
    }
}
