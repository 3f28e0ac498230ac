//! What can go wrong with a staged file and with a model, and what an admin does about it.

use std::{fmt, io, path::PathBuf};

use serde::{Deserialize, Serialize};

/// A staged file was not written or cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum StagingError {
    /// Operator: the folder is missing, full or closed to us.
    #[error("{} cannot be {doing}", path.display())]
    File {
        path: PathBuf,
        doing: &'static str,
        #[source]
        source: io::Error,
    },
    /// Support: the file is damaged, or another version wrote it.
    #[error("{} cannot be {doing}: it is not a staged table", path.display())]
    Format {
        path: PathBuf,
        doing: &'static str,
        #[source]
        source: parquet::errors::ParquetError,
    },
    /// Admin: give the column another name.
    #[error("two columns are named `{0}`: rename one of them in the source")]
    TwoColumns(String),
    /// Admin: an address is a text.
    #[error("`{0}` is not a text column of this source, so it can have no key")]
    NotText(String),
    /// Support: a source handed over rows that are not of its own columns.
    #[error("a row has {found} cells, and the table {expected} columns")]
    Cells { found: usize, expected: usize },
    /// Support: a source handed over a value of another type.
    #[error("column `{column}` {problem}")]
    Value { column: String, problem: String },
}

/// Where in a model's SQL; both count from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    pub line: u64,
    pub column: u64,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}

/// A model has no result. The texts hold no cell of any row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum ModelError {
    /// Admin: correct the SQL at this place.
    #[error("{message}{}", place.map(|place| format!(" ({place})")).unwrap_or_default())]
    Sql { message: String, place: Option<Place> },
    /// Admin: the SQL is right, and some row does not fit it.
    #[error("{0}")]
    Rows(String),
    /// Admin: join more narrowly; operator: give it more memory.
    #[error(
        "the model needs more than {memory_mb} MB of memory: raise `integrations.memory_mb`, or let the model read fewer \
         rows and columns"
    )]
    Memory { memory_mb: u64 },
    /// Admin: a join without condition, or a recursion without end.
    #[error(
        "the model did not finish within {seconds} s and was stopped: look for a join without a condition and for a \
         recursion without an end"
    )]
    Time { seconds: u64 },
    /// Admin: the joins multiply rows.
    #[error("the model's result has more than {rows} rows: look for a join that matches too many rows")]
    TooManyRows { rows: u64 },
    /// Operator: the disk is full, or the folder is missing or closed to us.
    #[error("the folder for the engine's temporary files cannot be used: {0}")]
    Disk(String),
    /// Admin: run the integration, so that its sources are read again.
    #[error("the staged rows of `{table}` cannot be read: {reason}")]
    Table { table: String, reason: String },
    /// Admin: simplify the model; support: the text says where it ended.
    #[error(
        "the engine stopped while it worked on this model ({0}): simplify the model, or report this text"
    )]
    Crashed(String),
    /// Operator: the process could not be started or asked.
    #[error("the engine's process cannot be started: {0}")]
    Start(String),
    /// Operator: what the reason says, on the cluster that `integrations.engine` names.
    #[error("the cluster {address} cannot run the model: {reason}")]
    Cluster { address: String, reason: String },
    /// Operator: use a build with the feature `engine`.
    #[error("this server was built without the engine, so it runs no models")]
    NotBuilt,
}

impl ModelError {
    pub(crate) fn sql(message: impl Into<String>) -> Self {
        Self::Sql { message: message.into(), place: None }
    }

    pub(crate) fn nested() -> Self {
        Self::sql("the model is nested too deeply: divide it with `with … as (…)`")
    }

    pub(crate) fn memory(bytes: u64) -> Self {
        Self::Memory { memory_mb: bytes.div_ceil(1024 * 1024) }
    }
}
