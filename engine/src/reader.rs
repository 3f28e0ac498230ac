//! Reads a staged table again, in batches: the last result, or what a source brought. Everything here blocks.

use std::{
    fs::File,
    path::{Path, PathBuf},
};

use parquet::{
    arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder},
    errors::ParquetError,
};

use crate::{Batch, Column, StagingError, columns, writer::refused};

const BATCH_ROWS: usize = 8192;

/// An iterator over the rows of a staged table; an error is its last item.
#[derive(Debug)]
pub struct Reader {
    path: PathBuf,
    columns: Vec<Column>,
    batches: ParquetRecordBatchReader,
}

impl Reader {
    pub fn open(path: &Path) -> Result<Self, StagingError> {
        let file = File::open(path);
        let file = file.map_err(|source| StagingError::File { path: path.into(), doing: "read", source })?;
        let builder = ParquetRecordBatchReaderBuilder::try_new(file);
        let builder = builder.map_err(|error| refused(path, "read", error))?;
        let columns = columns::columns(builder.schema()).ok_or_else(|| foreign(path))?;
        let batches = builder.with_batch_size(BATCH_ROWS).build();
        Ok(Self {
            path: path.into(),
            columns,
            batches: batches.map_err(|error| refused(path, "read", error))?,
        })
    }

    /// Those of the table, the keys among them.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }
}

impl Iterator for Reader {
    type Item = Result<Batch, StagingError>;

    fn next(&mut self) -> Option<Self::Item> {
        let batch = self.batches.next()?;
        let batch = batch.map_err(|error| refused(&self.path, "read", error.into()));
        Some(batch.and_then(|cells| Batch::new(cells).ok_or_else(|| foreign(&self.path))))
    }
}

/// A Parquet file with types that we do not write.
fn foreign(path: &Path) -> StagingError {
    refused(path, "read", ParquetError::General("it has columns of types that are never staged".to_owned()))
}
