//! CSV: values between delimiters. Docs: <https://www.rfc-editor.org/rfc/rfc4180>. The first line names the columns; a row with
//! another number of cells is refused with its line, because nobody can tell which cell is missing.

use std::io::{self, Cursor, Read};
use std::rc::Rc;

use csv::{Reader, ReaderBuilder, StringRecord};
use engine::Column;

use super::encoding::Text;
use super::error::{FILES, FileProblem, cannot_read};
use super::guess::{Guess, columns};
use super::place::Opened;
use super::settings::ReadFile;
use super::value::{invalid, name_of, read as read_value};
use super::{ReadError, RowBatch, decoded};
use crate::connectors::cells::{Batcher, Cell, ROW_LIMIT, column_names};
use crate::connectors::rows::Oddity;

/// In the order in which they are preferred.
const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];
/// So much of a file shows its delimiter.
const SAMPLE: usize = 64 * 1024;

/// How a file separates its cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Dialect {
    delimiter: u8,
    /// Excel writes `sep=;` into a line before the names.
    has_hint: bool,
}

impl Dialect {
    pub(super) fn note(self) -> String {
        let name = match self.delimiter {
            b',' => "commas",
            b';' => "semicolons",
            b'\t' => "tabs",
            _ => "vertical bars",
        };
        format!("its cells are separated by {name}")
    }

    /// `is_cut`: the sample's last row may not be whole.
    fn find(sample: &str, is_cut: bool, wanted: Option<char>) -> Result<Self, FileProblem> {
        let hint = sample.lines().next().and_then(|line| line.strip_prefix("sep=")).map(str::as_bytes);
        let hint = hint.and_then(|hint| DELIMITERS.into_iter().find(|known| hint == [*known]));
        if let Some(wanted) = wanted {
            let wanted = u8::try_from(wanted).ok().filter(|wanted| DELIMITERS.contains(wanted));
            let delimiter = wanted.ok_or(FileProblem::Delimiter)?;
            return Ok(Self { delimiter, has_hint: hint.is_some() });
        }
        if let Some(delimiter) = hint {
            return Ok(Self { delimiter, has_hint: true });
        }
        let best = DELIMITERS.into_iter().rev().max_by_key(|delimiter| score(sample, is_cut, *delimiter));
        Ok(Self { delimiter: best.unwrap_or(b','), has_hint: false })
    }

    fn reader<R: Read>(self, from: R) -> Reader<R> {
        ReaderBuilder::new().delimiter(self.delimiter).flexible(true).has_headers(false).from_reader(from)
    }
}

/// How well a delimiter divides a sample: rows of equal length first, then their length.
fn score(sample: &str, is_cut: bool, delimiter: u8) -> (bool, usize) {
    let dialect = Dialect { delimiter, has_hint: false };
    let mut reader = dialect.reader(Cursor::new(sample));
    let lengths: Vec<usize> = reader.records().map_while(Result::ok).map(|row| row.len()).collect();
    let whole = if is_cut && lengths.len() > 1 { &lengths[..lengths.len() - 1] } else { &lengths[..] };
    let first = whole.first().copied().unwrap_or(0);
    (first > 1 && whole.iter().all(|length| *length == first), first)
}

/// Reads all of a file, and finds its columns.
pub(super) fn plan(
    opened: &mut Opened,
    text: &Text,
    read: &ReadFile,
) -> Result<(Vec<Column>, Dialect), ReadError> {
    let name = opened.name.clone();
    let mut sample = Vec::new();
    let beginning = decoded(opened, text)?.take(SAMPLE as u64).read_to_end(&mut sample);
    beginning.map_err(|cause| cannot_read(&name, cause))?;
    let dialect = Dialect::find(&String::from_utf8_lossy(&sample), sample.len() == SAMPLE, read.delimiter)?;
    let mut reader = Guarded::new(decoded(opened, text)?, dialect, &name);
    let header = reader.header()?.ok_or_else(|| FileProblem::Empty { name: name.clone() })?;
    let names = column_names(&header).map_err(|content| ReadError::Content { vendor: &FILES, content })?;
    let mut guesses = vec![Guess::default(); names.len()];
    let mut ragged: Option<(u64, u64, usize)> = None;
    while let Some((line, row)) = reader.next()? {
        if row.len() != names.len() {
            let (count, line, found) = ragged.unwrap_or((0, line, row.len()));
            ragged = Some((count + 1, line, found));
        }
        for (cell, guess) in row.iter().zip(&mut guesses) {
            if !cell.is_empty() {
                guess.see(cell);
            }
        }
    }
    // The parser takes the next quote, or the end of the file, for the end of this one, and so all rows between for one cell.
    if let Some(line) = reader.open_quote() {
        return Err(FileProblem::OpenQuote { name, line }.into());
    }
    drop(reader);
    if let Some((count, line, found)) = ragged {
        return Err(FileProblem::Ragged { name, count, line, found, expected: names.len() }.into());
    }
    let columns = columns(&name, names, guesses.iter().map(Guess::kind), &read.types)?;
    Ok((columns, dialect))
}

/// Sends every row.
pub(super) fn rows(
    from: impl Read,
    name: &str,
    dialect: Dialect,
    columns: &[Column],
    replaces: bool,
    batcher: &mut Batcher,
    send: &mut dyn FnMut(RowBatch) -> bool,
) -> Result<(), ReadError> {
    let mut reader = Guarded::new(from, dialect, name);
    reader.header()?;
    while let Some((line, row)) = reader.next()? {
        if row.len() != columns.len() {
            return Err(FileProblem::Changed { name: name.to_owned() }.into());
        }
        let mut cells = Vec::with_capacity(columns.len());
        for (text, column) in row.iter().zip(columns) {
            cells.push(cell(text, column, replaces).ok_or_else(|| FileProblem::Type {
                name: name.to_owned(),
                line,
                column: column.name.clone(),
                expected: name_of(column.kind),
            })?);
        }
        if let Some(batch) = batcher.push(cells)?
            && !send(batch)
        {
            return Ok(());
        }
    }
    Ok(())
}

/// Only an empty cell is null: `NA`, `null` and `nan` are texts.
pub(super) fn cell(text: &str, column: &Column, replaces: bool) -> Option<Cell> {
    if text.is_empty() {
        return Some(Cell::NULL);
    }
    let cell = read_value(text, column.kind).or_else(|| invalid(text, column.kind))?;
    let is_broken = replaces && cell.oddity.is_none() && text.contains(char::REPLACEMENT_CHARACTER);
    Some(if is_broken { Cell { oddity: Some(Oddity::InvalidText), ..cell } } else { cell })
}

/// Reads records, none larger than a row may be.
struct Guarded<'a, R> {
    reader: Reader<Counted<R>>,
    counts: Rc<Counts>,
    row: StringRecord,
    has_hint: bool,
    name: &'a str,
}

#[derive(Default)]
struct Counts {
    quotes: std::cell::Cell<Quotes>,
    /// Bytes that were read for the record.
    bytes: std::cell::Cell<usize>,
}

impl<'a, R: Read> Guarded<'a, R> {
    fn new(from: R, dialect: Dialect, name: &'a str) -> Self {
        let counts = Rc::<Counts>::default();
        let reader = dialect.reader(Counted { from, counts: counts.clone(), delimiter: dialect.delimiter });
        Self { reader, counts, row: StringRecord::new(), has_hint: dialect.has_hint, name }
    }

    /// The line of names; nothing where the file is empty.
    fn header(&mut self) -> Result<Option<Vec<String>>, ReadError> {
        if self.has_hint {
            self.next()?;
        }
        let header = self.next()?;
        Ok(header.map(|(_, row)| row.iter().map(|name| name.trim().to_owned()).collect()))
    }

    /// The next record and its first line.
    fn next(&mut self) -> Result<Option<(u64, &StringRecord)>, ReadError> {
        self.counts.bytes.set(0);
        match self.reader.read_record(&mut self.row) {
            Ok(false) => Ok(None),
            Ok(true) => Ok(Some((self.row.position().map_or(0, csv::Position::line), &self.row))),
            Err(error) => {
                let (name, line) = (self.name.to_owned(), self.reader.position().line());
                Err(match error.into_kind() {
                    csv::ErrorKind::Io(cause) if cause.kind() == io::ErrorKind::FileTooLarge => {
                        FileProblem::LineTooLarge { name, line, limit: ROW_LIMIT }.into()
                    }
                    csv::ErrorKind::Io(cause) => cannot_read(&name, cause).into(),
                    _ => cannot_read(&name, io::ErrorKind::InvalidData.into()).into(),
                })
            }
        }
    }

    /// The first line whose quote is not closed at the end of a cell, in what was read so far.
    fn open_quote(&self) -> Option<u64> {
        self.counts.quotes.get().open()
    }
}

/// Follows the quotes of a file as the parser does. **Invariant:** a quote opens a cell only as its first byte, and closes it only before a
/// delimiter, a line's end, or the file's.
#[derive(Debug, Clone, Copy)]
struct Quotes {
    at: At,
    /// Line breaks so far, and the line of the last quote that opened.
    line: u64,
    opened: u64,
    /// The line of the first quote that closed in the middle of a cell.
    misplaced: Option<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    Start,
    Plain,
    Quoted,
    /// Behind a quote in a quoted cell: it closes, or it is one of two.
    Closing,
}

impl Default for Quotes {
    fn default() -> Self {
        Self { at: At::Start, line: 1, opened: 0, misplaced: None }
    }
}

impl Quotes {
    fn see(mut self, bytes: &[u8], delimiter: u8) -> Self {
        for byte in bytes {
            self.at = match (self.at, *byte) {
                (At::Quoted, b'"') => At::Closing,
                (At::Quoted, _) | (At::Closing, b'"') => At::Quoted,
                (At::Start, b'"') => {
                    self.opened = self.line;
                    At::Quoted
                }
                (_, b'\n' | b'\r') => At::Start,
                (_, byte) if byte == delimiter => At::Start,
                (At::Closing, _) => {
                    self.misplaced = self.misplaced.or(Some(self.opened));
                    At::Plain
                }
                (At::Start | At::Plain, _) => At::Plain,
            };
            self.line += u64::from(*byte == b'\n');
        }
        self
    }

    fn open(self) -> Option<u64> {
        self.misplaced.or((self.at == At::Quoted).then_some(self.opened))
    }
}

/// What the parser reads from.
struct Counted<R> {
    from: R,
    counts: Rc<Counts>,
    delimiter: u8,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.from.read(into)?;
        self.counts.quotes.set(self.counts.quotes.get().see(&into[..read], self.delimiter));
        self.counts.bytes.set(self.counts.bytes.get() + read);
        if self.counts.bytes.get() > ROW_LIMIT {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_delimiter_is_the_one_that_divides_all_rows_alike() {
        let check = |sample: &str, delimiter, has_hint| {
            let found = Dialect::find(sample, false, None).ok();
            assert_eq!(found, Some(Dialect { delimiter, has_hint }), "{sample}");
        };
        check("a,b\n1,2\n", b',', false);
        check("a;b\n1,5;2,5\n3,5;4,5\n", b';', false);
        check("a\tb\n1,5\t2\n", b'\t', false);
        check("a|b\n1|2\n", b'|', false);
        check("email\nann@acme.example\n", b',', false);
        check("name;mrr\n\"Acme; Inc\";\"1,5\"\n", b';', false);
        check("sep=;\na,b;c\n", b';', true);
        check("A;B;C\n1;2;3;4\n", b';', false);
        check("", b',', false);
    }
}
