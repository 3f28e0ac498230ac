//! What an engine is asked and what it answers.

use std::{
    path::PathBuf,
    time::{Duration, SystemTime},
};

use async_trait::async_trait;
use futures::stream::BoxStream;
use serde::{Deserialize, Serialize};

use crate::{Batch, Column, ModelError};

/// Staged rows under the name by which a model reads them.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Table {
    /// Lower case.
    pub name: String,
    /// All with the same columns; at least one.
    pub files: Vec<PathBuf>,
}

/// A query whose result another one reads as a table, with its columns' names in lower case.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct View {
    /// Lower case.
    pub name: String,
    /// One `SELECT`, read by itself: a comment or a `;` at its end is not in the way, and an error has its place in this text.
    pub sql: String,
}

/// One `SELECT` over staged tables.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Model {
    pub sql: String,
    /// What `sql` reads beside the tables.
    pub view: Option<View>,
    pub tables: Vec<Table>,
    /// Columns of the result, ascending, empty cells first; texts by their bytes.
    pub order_by: Vec<String>,
}

/// What one run may use.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Limits {
    /// Bytes; more is written to `spill`, up to eight times as much.
    pub memory: u64,
    /// An existing folder; what a run leaves there goes with its end.
    pub spill: PathBuf,
    /// From the start until the last row was read from the answer.
    pub deadline: Duration,
    /// Rows of the result.
    pub rows: u64,
    /// What `now()` and `current_date` are; `None`: when the run begins.
    pub now: Option<SystemTime>,
}

/// Something that plans and runs models.
#[async_trait]
pub trait Engine: Send + Sync {
    /// The columns that the model's result will have; reads no rows.
    async fn plan(&self, model: &Model) -> Result<Vec<Column>, ModelError>;
    /// Whether the text is one `SELECT` over these tables. Needs no files: their columns are not looked at.
    async fn read(&self, model: &Model) -> Result<(), ModelError>;
    async fn run(&self, model: &Model, limits: &Limits) -> Result<Answer, ModelError>;
}

/// A result, read while it is made. Dropping it ends the run.
pub struct Answer {
    pub columns: Vec<Column>,
    /// An error is the last item; an end without error means that the result is whole.
    pub batches: BoxStream<'static, Result<Batch, ModelError>>,
}

impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Answer").field("columns", &self.columns).finish_non_exhaustive()
    }
}
