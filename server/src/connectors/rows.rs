//! What every source of rows answers, be it a database, a file or a vendor's report: columns first, then rows in bounded batches.
//! **Invariant:** a stream that ends without an error was read whole; a failed read is never a shorter one.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use engine::{Column, Value};
use futures::stream::BoxStream;

use super::files::{FILES, FileProblem};
use super::{CallFailure, FailureKind, Vendor, VendorError};

/// Rows in the order of the source; each has one value for each column.
pub type RowBatch = Vec<Vec<Value<'static>>>;

/// An opened source.
pub struct Rows {
    /// Names are in lower case, and no two are equal.
    pub columns: Vec<Column>,
    /// An error is the last item. Dropping the stream closes the source.
    pub batches: BoxStream<'static, Result<RowBatch, ReadError>>,
    /// Cells that did not fit. Complete when the stream has ended.
    pub oddities: Oddities,
    /// What was found out about the source, as sentences for the log: "the file is read as Shift-JIS".
    pub notes: Vec<String>,
}

impl fmt::Debug for Rows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rows").field("columns", &self.columns).finish_non_exhaustive()
    }
}

/// Why a source was not read, or not to its end.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ReadError {
    /// The source is not reached, refuses us, or stopped in the middle.
    #[error(transparent)]
    Call(#[from] CallFailure),
    /// The source answers, and its content cannot be staged.
    #[error("{content}")]
    Content {
        /// The kind of source.
        vendor: &'static Vendor,
        /// What is wrong with it.
        content: Content,
    },
    /// The file cannot be staged.
    #[error(transparent)]
    File(#[from] FileProblem),
}

/// What makes rows unfit for staging. An admin corrects the query or the file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Content {
    #[error("the query returns no columns; write one SELECT")]
    NoColumns,
    /// The source's own language: what is wrong, and what to write.
    #[error("the query cannot be read: {problem}")]
    Query { problem: String },
    #[error("column {position} has no name; give it one")]
    EmptyName {
        /// From 1.
        position: usize,
    },
    #[error("the columns `{first}` and `{second}` have the same name in lower case; rename one of them")]
    SameName { first: String, second: String },
    #[error("there are {found} columns, and at most {limit} are read; select fewer")]
    TooManyColumns { found: usize, limit: usize },
    #[error(
        "row {row} has {bytes} bytes in column `{column}`, and at most {limit} are read; shorten it or leave the column out"
    )]
    CellTooLarge {
        column: String,
        /// From 1.
        row: u64,
        bytes: usize,
        limit: usize,
    },
    #[error("row {row} has more than {limit} bytes; select fewer or shorter columns")]
    RowTooLarge {
        /// From 1.
        row: u64,
        limit: usize,
    },
}

impl VendorError for ReadError {
    fn remedy(&self) -> (&'static Vendor, FailureKind, Option<std::time::Duration>) {
        match self {
            Self::Call(failure) => failure.remedy(),
            Self::Content { vendor, content } => (vendor, content.kind(), None),
            Self::File(problem) => (&FILES, problem.kind(), None),
        }
    }
}

impl Content {
    const fn kind(&self) -> FailureKind {
        match self {
            Self::NoColumns | Self::Query { .. } | Self::EmptyName { .. } | Self::SameName { .. } => {
                FailureKind::Rejected
            }
            Self::TooManyColumns { .. } | Self::CellTooLarge { .. } | Self::RowTooLarge { .. } => {
                FailureKind::TooLarge
            }
        }
    }
}

/// A cell that a source can hold and a staged table cannot. Each has one meaning everywhere; `docs/sources.md` lists them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Oddity {
    /// `0000-00-00`, or a date with a month or a day of zero.
    ZeroDate,
    /// A date in the year 1: how some programs write "no date".
    YearOne,
    /// A date before the year 1 or after 9999, or an infinite one.
    DateOutOfRange,
    /// NaN.
    NotANumber,
    /// A number that is infinite or has more digits than its column can hold.
    NumberOutOfRange,
    /// A number with more digits after the point than its column can hold.
    Rounded,
    /// Bytes that are not text in the source's encoding.
    InvalidText,
    /// A value that is not of its column's type.
    WrongType,
}

impl Oddity {
    /// As the log and the API name it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ZeroDate => "zero_date",
            Self::YearOne => "year_one",
            Self::DateOutOfRange => "date_out_of_range",
            Self::NotANumber => "not_a_number",
            Self::NumberOutOfRange => "number_out_of_range",
            Self::Rounded => "rounded",
            Self::InvalidText => "invalid_text",
            Self::WrongType => "wrong_type",
        }
    }

    /// What stands in the row for such a cell: nothing where that is how programs write "nothing", else what its source wrote. What could not be
    /// read is not empty.
    pub fn value(self, text: impl Into<Cow<'static, str>>) -> Value<'static> {
        match self {
            Self::ZeroDate | Self::YearOne => Value::Null,
            _ => Value::Invalid(text.into()),
        }
    }

    /// What the cell reads as, to follow a column and a count: `start: 12 cells with …`.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::ZeroDate => "a zero date, read as null",
            Self::YearOne => "a date in the year 1, read as null",
            Self::DateOutOfRange => {
                "a date outside of the years 2 to 9999, which cannot be read and is not taken for empty"
            }
            Self::NotANumber => "NaN, which cannot be read and is not taken for empty",
            Self::NumberOutOfRange => {
                "a number outside of the column's range, which cannot be read and is not taken for empty"
            }
            Self::Rounded => "a number that was rounded to the column's digits",
            Self::InvalidText => "bytes that are not text, read with � in their place",
            Self::WrongType => "a value of another type, which cannot be read and is not taken for empty",
        }
    }
}

/// How many odd cells a source had, by column. Clones share the counts.
#[derive(Debug, Clone, Default)]
pub struct Oddities(Arc<Mutex<BTreeMap<(String, Oddity), u64>>>);

impl Oddities {
    /// Counts one cell.
    pub fn add(&self, column: &str, oddity: Oddity) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *counts.entry((column.to_owned(), oddity)).or_default() += 1;
    }

    /// All counts so far, by column.
    pub fn counts(&self) -> Vec<(String, Oddity, u64)> {
        let counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        counts.iter().map(|((column, oddity), count)| (column.clone(), *oddity, *count)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connectors::VendorSettings;

    #[test]
    fn odd_cells_are_counted_by_column_over_all_clones() {
        let oddities = Oddities::default();
        oddities.add("start", Oddity::ZeroDate);
        oddities.clone().add("start", Oddity::ZeroDate);
        oddities.add("mrr", Oddity::NotANumber);
        let expected = [("mrr".to_owned(), Oddity::NotANumber, 1), ("start".to_owned(), Oddity::ZeroDate, 2)];
        assert_eq!(oddities.counts(), expected);
    }

    #[test]
    fn what_cannot_be_read_is_not_empty() {
        for (oddity, is_empty) in [
            (Oddity::ZeroDate, true),
            (Oddity::YearOne, true),
            (Oddity::DateOutOfRange, false),
            (Oddity::NotANumber, false),
            (Oddity::NumberOutOfRange, false),
            (Oddity::WrongType, false),
        ] {
            assert_eq!(oddity.value("x") == Value::Null, is_empty, "{}", oddity.name());
        }
    }

    #[test]
    fn unfit_content_is_not_tried_again() {
        static SOURCE: Vendor = Vendor {
            id: "source",
            name: "the source",
            credentials: "the password",
            oauth_client: "",
            forbidden: "ask its administrator",
            not_found: "",
            settings: VendorSettings { credentials: "", permission: "", allowed_hosts: "", address: "" },
            code: |_| wire::ErrorCode::SourceUnreadable,
        };
        let check = |content: Content, kind, sentence: &str| {
            let error = ReadError::Content { vendor: &SOURCE, content };
            assert_eq!((error.kind(), error.is_outage()), (kind, false));
            assert_eq!(error.to_string(), sentence);
        };
        check(
            Content::SameName { first: "Email".into(), second: "email".into() },
            FailureKind::Rejected,
            "the columns `Email` and `email` have the same name in lower case; rename one of them",
        );
        check(
            Content::CellTooLarge { column: "note".into(), row: 7, bytes: 9, limit: 8 },
            FailureKind::TooLarge,
            "row 7 has 9 bytes in column `note`, and at most 8 are read; shorten it or leave the column out",
        );
    }
}
