//! Stages rows: a Parquet file that appears whole or not at all, and that only this user may read.
//! Memory is bounded by one row group. Everything here blocks: call it from a thread that may.

use std::{
    collections::HashSet,
    fs::File,
    io,
    path::{Path, PathBuf},
};

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use parquet::{
    arrow::ArrowWriter,
    basic::{Compression, ZstdLevel},
    errors::ParquetError,
    file::properties::WriterProperties,
};
use tempfile::NamedTempFile;

use crate::{Column, StagingError, Type, Value, cells::Cells, columns};

/// Rows that are encoded together.
const BATCH_ROWS: usize = 8192;
/// Bytes after which fewer rows are encoded together.
const BATCH_BYTES: usize = 8 * 1024 * 1024;
/// A row group is held in memory until it is whole, and is the least that one thread reads.
const GROUP_ROWS: usize = 128 * 1024;
const GROUP_BYTES: usize = 32 * 1024 * 1024;

/// A table while it is written. Dropped unfinished, it leaves nothing; a killed process leaves a file `.….part`.
#[derive(Debug)]
pub struct Writer {
    path: PathBuf,
    schema: SchemaRef,
    columns: Vec<Column>,
    cells: Vec<Cells>,
    collected: Collected,
    file: ArrowWriter<NamedTempFile>,
    rows: u64,
}

/// How much waits to be encoded.
#[derive(Debug, Default)]
struct Collected {
    rows: usize,
    bytes: usize,
}

/// What was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Staged {
    pub rows: u64,
    pub bytes: u64,
}

impl Writer {
    /// Each text column in `keyed` gets a neighbour `<name>_key` that holds the [`key`](crate::key()) of its texts, and
    /// nothing where none is left. The neighbours are written by this, not by whoever pushes rows.
    pub fn create(path: &Path, columns: &[Column], keyed: &[String]) -> Result<Self, StagingError> {
        let all = with_keys(columns, keyed)?;
        let schema = columns::schema(&all);
        let folder = path.parent().unwrap_or(Path::new("."));
        let file = tempfile::Builder::new().prefix(".").suffix(".part").tempfile_in(folder);
        let file =
            file.map_err(|source| StagingError::File { path: path.into(), doing: "written", source })?;
        let level = ZstdLevel::try_new(1).expect("1 is a level");
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(level))
            .set_max_row_group_row_count(Some(GROUP_ROWS))
            .set_max_row_group_bytes(Some(GROUP_BYTES))
            .build();
        let file = ArrowWriter::try_new(file, schema.clone(), Some(properties));
        Ok(Self {
            path: path.into(),
            cells: columns.iter().map(|column| Cells::new(column, keyed.contains(&column.name))).collect(),
            columns: columns.to_vec(),
            collected: Collected::default(),
            file: file.map_err(|error| refused(path, "written", error))?,
            schema,
            rows: 0,
        })
    }

    /// Adds a row: a cell for each of the columns given to [`Writer::create`].
    pub fn push(&mut self, row: &[Value<'_>]) -> Result<(), StagingError> {
        if row.len() != self.columns.len() {
            return Err(StagingError::Cells { found: row.len(), expected: self.columns.len() });
        }
        for ((cells, value), column) in self.cells.iter_mut().zip(row).zip(&self.columns) {
            let bytes = cells.push(value);
            self.collected.bytes +=
                bytes.map_err(|problem| StagingError::Value { column: column.name.clone(), problem })?;
        }
        self.collected.rows += 1;
        self.rows += 1;
        if self.collected.rows >= BATCH_ROWS || self.collected.bytes >= BATCH_BYTES {
            self.encode()?;
        }
        Ok(())
    }

    fn encode(&mut self) -> Result<(), StagingError> {
        let mut arrays = Vec::with_capacity(self.schema.fields().len());
        for cells in &mut self.cells {
            cells.take(&mut arrays);
        }
        let batch = RecordBatch::try_new(self.schema.clone(), arrays).expect("cells are of their columns");
        self.collected = Collected::default();
        self.file.write(&batch).map_err(|error| refused(&self.path, "written", error))
    }

    /// Makes the table appear, in place of an older one: on disk first, then under its name.
    pub fn finish(mut self) -> Result<Staged, StagingError> {
        if self.collected.rows > 0 {
            self.encode()?;
        }
        let Self { path, file, rows, .. } = self;
        let file = file.into_inner().map_err(|error| refused(&path, "written", error))?;
        let failed = |source| StagingError::File { path: path.clone(), doing: "written", source };
        file.as_file().sync_all().map_err(failed)?;
        let file = file.persist(&path).map_err(|error| failed(error.error))?;
        let bytes = file.metadata().map_err(failed)?.len();
        sync_folder(&path).map_err(failed)?;
        Ok(Staged { rows, bytes })
    }
}

/// The columns with the neighbours of `keyed` behind them.
fn with_keys(columns: &[Column], keyed: &[String]) -> Result<Vec<Column>, StagingError> {
    if let Some(name) = keyed
        .iter()
        .find(|name| !columns.iter().any(|column| column.name == **name && column.kind == Type::Text))
    {
        return Err(StagingError::NotText(name.clone()));
    }
    let mut all = Vec::new();
    for column in columns {
        all.push(column.clone());
        if keyed.contains(&column.name) {
            all.push(Column { name: format!("{}_key", column.name), kind: Type::Text });
        }
    }
    let mut names = HashSet::new();
    match all.iter().find(|column| !names.insert(&column.name)) {
        Some(twice) => Err(StagingError::TwoColumns(twice.name.clone())),
        None => Ok(all),
    }
}

/// A new name is on disk only when its folder is.
fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

/// Tells a disk's refusal from a file that is no table.
pub(crate) fn refused(path: &Path, doing: &'static str, error: ParquetError) -> StagingError {
    let path = path.into();
    match error {
        ParquetError::External(cause) => match cause.downcast::<io::Error>() {
            Ok(source) => StagingError::File { path, doing, source: *source },
            Err(cause) => StagingError::Format { path, doing, source: ParquetError::External(cause) },
        },
        source => StagingError::Format { path, doing, source },
    }
}
