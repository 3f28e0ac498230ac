//! The result of a background query: CSV as it comes, in pieces. Knows one record at a time. **Invariant:** no I/O.

use bytes::{Buf, Bytes};
use csv_core::{ReadRecordResult, Reader};

/// Salesforce's longest record has 400 000 characters.
const LONGEST_RECORD: usize = 4 * 1024 * 1024;
const MOST_FIELDS: usize = 5_000;

/// What became of the input.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// It is used up; give more.
    NeedsInput,
    /// A record can be read.
    Record,
    /// There are no more.
    End,
}

/// The record is larger than what is taken.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TooLong {
    pub(super) limit: usize,
}

/// One record after the other.
pub(super) struct Records {
    reader: Reader,
    text: Vec<u8>,
    ends: Vec<usize>,
    written: usize,
    fields: usize,
    is_complete: bool,
}

impl Records {
    pub(super) fn new() -> Self {
        let (text, ends) = (vec![0; 1024], vec![0; 32]);
        Self { reader: Reader::new(), text, ends, written: 0, fields: 0, is_complete: false }
    }

    /// Reads on; `is_last`: no more input comes.
    pub(super) fn step(&mut self, input: &mut Bytes, is_last: bool) -> Result<Step, TooLong> {
        if self.is_complete {
            (self.written, self.fields, self.is_complete) = (0, 0, false);
        }
        loop {
            if input.is_empty() && !is_last {
                return Ok(Step::NeedsInput);
            }
            let (result, read, written, fields) =
                self.reader.read_record(input, &mut self.text[self.written..], &mut self.ends[self.fields..]);
            input.advance(read);
            (self.written, self.fields) = (self.written + written, self.fields + fields);
            match result {
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull => grow(&mut self.text, LONGEST_RECORD)?,
                ReadRecordResult::OutputEndsFull => grow(&mut self.ends, MOST_FIELDS)?,
                ReadRecordResult::Record => {
                    self.is_complete = true;
                    return Ok(Step::Record);
                }
                ReadRecordResult::End => return Ok(Step::End),
            }
        }
    }

    /// The fields of the record.
    pub(super) fn len(&self) -> usize {
        self.fields
    }

    /// One of them.
    pub(super) fn field(&self, at: usize) -> &[u8] {
        let start = if at == 0 { 0 } else { self.ends[at - 1] };
        &self.text[start..self.ends[at]]
    }

    /// The bytes of all of them.
    pub(super) fn bytes(&self) -> usize {
        self.written
    }
}

fn grow<T: Clone + Default>(buffer: &mut Vec<T>, limit: usize) -> Result<(), TooLong> {
    if buffer.len() >= limit {
        return Err(TooLong { limit });
    }
    let length = (buffer.len() * 2).min(limit);
    buffer.resize(length, T::default());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The records, whatever the size of the pieces that they come in.
    #[track_caller]
    fn check(text: &str, expected: &[&[&str]]) {
        for size in [1, 2, 3, 7, text.len().max(1)] {
            let (mut records, mut found) = (Records::new(), Vec::new());
            let mut pieces = text.as_bytes().chunks(size).map(Bytes::copy_from_slice);
            let mut input = Bytes::new();
            let mut is_last = false;
            loop {
                match records.step(&mut input, is_last).expect("short records") {
                    Step::NeedsInput => match pieces.next() {
                        Some(piece) => input = piece,
                        None => is_last = true,
                    },
                    Step::Record => found.push(
                        (0..records.len())
                            .map(|at| String::from_utf8_lossy(records.field(at)).into_owned())
                            .collect::<Vec<_>>(),
                    ),
                    Step::End => break,
                }
            }
            assert_eq!(found, expected, "{text:?} by {size}");
        }
    }

    #[test]
    fn records_are_the_same_in_pieces_of_any_size() {
        check("", &[]);
        check("\"Id\",\"Name\"\n\"1\",\"\"\n", &[&["Id", "Name"], &["1", ""]]);
        check(
            "Id,Name\r\n1,\"two\nlines, \"\"quoted\"\"\"\r\n2,é",
            &[&["Id", "Name"], &["1", "two\nlines, \"quoted\""], &["2", "é"]],
        );
        let long = "x".repeat(5_000);
        check(&format!("\"a\"\n\"{long}\"\n"), &[&["a"], &[&long]]);
    }

    #[test]
    fn an_endless_record_ends_the_reading() {
        let mut records = Records::new();
        let mut input = Bytes::from(vec![b'x'; LONGEST_RECORD + 1]);
        assert_eq!(records.step(&mut input, false), Err(TooLong { limit: LONGEST_RECORD }));
    }
}
