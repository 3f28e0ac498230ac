//! Reports as files: CSV and JSON lines in a folder of the server. Docs: <https://www.rfc-editor.org/rfc/rfc4180>,
//! <https://jsonlines.org>. A file is read twice: once to find its encoding, its delimiter and its types, once for the rows.
//! Traps: a byte order mark, a semicolon in place of the comma, Shift-JIS, an export that is still being written, a quote that is
//! never closed. **Invariant:** only regular files below a folder that the operator named are read, and never through a link that
//! leads out of it.

mod encoding; // which encoding it is
mod error;
mod guess; // what the cells of a column are
mod json_lines;
mod not_finite; // NaN in JSON lines
mod place; // which file is meant
mod separated; // CSV
mod settings;
mod value; // a cell of a file as a value

use std::io::{self, Read, Seek};
use std::path::PathBuf;

use engine::Column;
use futures::StreamExt;
use futures::stream::{self, BoxStream};
use tokio::sync::mpsc;

pub(super) use error::FILES;
pub use error::FileProblem;
use error::cannot_read;
pub use settings::{Format, ReadFile, ReportSettings, Settings};

use super::cells::Batcher;
use super::rows::{Oddities, ReadError, RowBatch, Rows};
use encoding::Text;
use place::Opened;

/// A larger file is refused.
const FILE_LIMIT: u64 = 2 * 1024 * 1024 * 1024;
/// Batches that wait for whoever takes them.
const AHEAD: usize = 2;

/// A folder whose files are read.
#[derive(Debug, Clone)]
pub struct FileSource {
    folder: PathBuf,
    allowed: Vec<PathBuf>,
}

/// What the first reading found.
struct Plan {
    columns: Vec<Column>,
    text: Text,
    format: Planned,
    notes: Vec<String>,
}

enum Planned {
    Separated(separated::Dialect),
    JsonLines { names: Vec<String> },
}

impl FileSource {
    /// More files of a folder are not listed.
    pub const MOST: usize = place::MOST;

    /// A folder that a connection names, as far as the operator's settings let this account read it.
    pub fn new(report: &ReportSettings, settings: &Settings, account: &str) -> Self {
        Self { folder: report.folder.clone(), allowed: settings.folders_of(account) }
    }

    /// Whether the folder is one that may be read. Looks at the disk.
    pub fn check(&self) -> Result<(), FileProblem> {
        place::folder_of(&self.folder, &self.allowed).map(drop)
    }

    /// The names of the files that can be read, by name; at most [`FileSource::MOST`].
    pub async fn files(&self) -> Result<Vec<String>, ReadError> {
        let (folder, allowed) = (self.folder.clone(), self.allowed.clone());
        blocking(move || place::list(&folder, &allowed)).await
    }

    /// Opens a file. Columns are known before the first row; the file must not change until the last.
    pub async fn read(&self, read: &ReadFile) -> Result<Rows, ReadError> {
        let (source, read) = (self.clone(), read.clone());
        let (opened, plan) = blocking(move || {
            let mut opened = place::open(&source.folder, &source.allowed, &read.path)?;
            let plan = plan(&mut opened, &read)?;
            Ok((opened, plan))
        })
        .await?;
        let oddities = Oddities::default();
        let (columns, notes) = (plan.columns.clone(), plan.notes.clone());
        let batcher = Batcher::new(&FILES, columns.clone(), oddities.clone());
        Ok(Rows { columns, batches: batches(opened, plan, batcher), oddities, notes })
    }
}

/// What a thread that reads sends: a stream that just ends was cut off.
enum Message {
    Batch(RowBatch),
    Failed(ReadError),
    End,
}

/// Reads on a thread of its own, not further ahead than [`AHEAD`] batches.
fn batches(
    mut opened: Opened,
    plan: Plan,
    mut batcher: Batcher,
) -> BoxStream<'static, Result<RowBatch, ReadError>> {
    let (sender, receiver) = mpsc::channel(AHEAD);
    let name = opened.name.clone();
    tokio::task::spawn_blocking(move || {
        let read = rows(&mut opened, &plan, &mut batcher, &mut |batch| {
            sender.blocking_send(Message::Batch(batch)).is_ok()
        });
        let last = read.and_then(|()| opened.check_unchanged().map_err(ReadError::from));
        let _nobody_waits_any_more = sender.blocking_send(match last {
            Ok(()) => Message::End,
            Err(error) => Message::Failed(error),
        });
    });
    stream::unfold(Some((receiver, name)), |state| async {
        let (mut receiver, name) = state?;
        match receiver.recv().await {
            Some(Message::Batch(batch)) => Some((Ok(batch), Some((receiver, name)))),
            Some(Message::Failed(error)) => Some((Err(error), None)),
            Some(Message::End) => None,
            None => Some((Err(cannot_read(&name, io::ErrorKind::Interrupted.into()).into()), None)),
        }
    })
    .boxed()
}

/// The first reading.
fn plan(opened: &mut Opened, read: &ReadFile) -> Result<Plan, ReadError> {
    refuse_packed(opened)?;
    let text = encoding::find(&mut opened.file, read.encoding.as_deref(), &opened.name)?;
    let mut notes = text.note().into_iter().collect();
    let format = read.format.unwrap_or_else(|| settings::format_of(&read.path));
    let (columns, format) = match format {
        Format::Csv => {
            let (columns, dialect) = separated::plan(opened, &text, read)?;
            Vec::push(&mut notes, dialect.note());
            (columns, Planned::Separated(dialect))
        }
        Format::JsonLines => {
            let (columns, names) = json_lines::plan(opened, &text, read)?;
            (columns, Planned::JsonLines { names })
        }
    };
    opened.check_unchanged()?;
    Ok(Plan { columns, text, format, notes })
}

/// What files begin with that hold no text: ZIP (which Excel's `.xlsx` is), Excel's old format, gzip, XZ, Zstandard, Parquet.
const PACKED: [&[u8]; 6] =
    [b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"\x1f\x8b", b"\xfd7zXZ\0", b"\x28\xb5\x2f\xfd", b"PAR1\x15"];

fn refuse_packed(opened: &mut Opened) -> Result<(), FileProblem> {
    let name = opened.name.clone();
    let mut first = Vec::new();
    let read = opened.file.by_ref().take(8).read_to_end(&mut first).and_then(|_| opened.file.rewind());
    read.map_err(|cause| cannot_read(&name, cause))?;
    if PACKED.iter().any(|begin| first.starts_with(begin)) {
        return Err(FileProblem::Packed { name });
    }
    Ok(())
}

/// The second. Stops early where nobody takes the rows.
fn rows(
    opened: &mut Opened,
    plan: &Plan,
    batcher: &mut Batcher,
    send: &mut dyn FnMut(RowBatch) -> bool,
) -> Result<(), ReadError> {
    let name = opened.name.clone();
    let reader = decoded(opened, &plan.text)?;
    let replaces = plan.text.replaces;
    match &plan.format {
        Planned::Separated(dialect) => {
            separated::rows(reader, &name, *dialect, &plan.columns, replaces, batcher, send)?;
        }
        Planned::JsonLines { names } => {
            json_lines::rows(reader, &name, names, &plan.columns, replaces, batcher, send)?;
        }
    }
    if let Some(batch) = batcher.finish() {
        send(batch);
    }
    Ok(())
}

/// The file from its beginning, as UTF-8.
fn decoded<'a>(opened: &'a mut Opened, text: &Text) -> Result<Box<dyn Read + 'a>, FileProblem> {
    let name = opened.name.clone();
    opened.file.rewind().map_err(|cause| cannot_read(&name, cause))?;
    Ok(text.decode(&mut opened.file))
}

/// Files are read where waiting harms nobody.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ReadError> + Send + 'static,
) -> Result<T, ReadError> {
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()))
}

#[cfg(test)]
mod tests;
