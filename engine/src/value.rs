//! What a cell of a staged table can hold. Every source is read into these types, and every result consists of them.

use std::borrow::Cow;

/// What the cells of one column hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Type {
    Text,
    /// 64 bits, signed.
    Integer,
    /// Exact, at most 38 digits, `scale` of them after the point.
    Decimal {
        precision: u8,
        scale: i8,
    },
    Boolean,
    /// A day without time zone.
    Date,
    /// A moment, UTC.
    Timestamp,
    /// Text that is a JSON document.
    Json,
}

/// A column of a table or of a result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Lower case: a model names it without quotes.
    pub name: String,
    pub kind: Type,
}

/// One cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value<'a> {
    Null,
    Text(Cow<'a, str>),
    Integer(i64),
    /// `unscaled` × 10^-`scale`.
    Decimal {
        unscaled: i128,
        scale: i8,
    },
    Boolean(bool),
    /// Days since 1970-01-01.
    Date(i32),
    /// Microseconds since 1970-01-01T00:00:00Z.
    Timestamp(i64),
    Json(Cow<'a, str>),
    /// Something that its column's type cannot hold, as its source wrote it. A table keeps nothing in its place; whoever stages it remembers
    /// that the cell was not empty.
    Invalid(Cow<'a, str>),
}
