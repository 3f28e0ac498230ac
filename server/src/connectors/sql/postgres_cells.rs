//! PostgreSQL's types as ours. Docs: <https://www.postgresql.org/docs/current/datatype.html>. The server casts what has a form of
//! its own; what arrives is text, or a fixed number of bytes: days and microseconds count from 2000-01-01, their extremes are
//! `-infinity` and `infinity`.

use std::error::Error;

use engine::{Column, Type, Value};
use tokio_postgres::types::{FromSql, Kind, Type as PgType};

use crate::connectors::cells::{Cell, OPEN_DECIMAL};

/// Days from 1970-01-01 to 2000-01-01.
const DAYS: i64 = 10_957;
const MICROS: i64 = DAYS * 24 * 3_600 * 1_000_000;

/// How one column is asked for and read.
pub(super) struct Reading {
    pub(super) column: Column,
    form: Form,
}

/// What arrives.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// 8 bytes.
    Integer,
    Boolean,
    Date,
    Timestamp,
    /// Digits.
    Number,
    /// `money`, which has no digits of its own.
    Money,
    Text,
    /// Text of bytes.
    Bytes,
    /// An address, without the mask of a single one.
    Address,
    /// A document.
    Json,
    /// An array or a record.
    Document,
}

/// How to read a query's columns, whose names are in lower case already.
pub(super) fn readings(names: Vec<String>, columns: &[tokio_postgres::Column]) -> Vec<Reading> {
    let reading = |(name, of): (String, &tokio_postgres::Column)| {
        let (kind, form) = kind(of.type_(), of.type_modifier());
        Reading { column: Column { name, kind }, form }
    };
    names.into_iter().zip(columns).map(reading).collect()
}

fn kind(of: &PgType, modifier: i32) -> (Type, Form) {
    match of.kind() {
        Kind::Domain(below) => return kind(below, modifier),
        Kind::Array(_) | Kind::Composite(_) => return (Type::Json, Form::Document),
        _ => {}
    }
    match *of {
        PgType::INT2 | PgType::INT4 | PgType::INT8 | PgType::OID => (Type::Integer, Form::Integer),
        PgType::BOOL => (Type::Boolean, Form::Boolean),
        PgType::NUMERIC => (decimal(modifier), Form::Number),
        PgType::FLOAT4 | PgType::FLOAT8 => (OPEN_DECIMAL, Form::Number),
        PgType::MONEY => (OPEN_DECIMAL, Form::Money),
        PgType::DATE => (Type::Date, Form::Date),
        PgType::TIMESTAMP | PgType::TIMESTAMPTZ => (Type::Timestamp, Form::Timestamp),
        PgType::JSON | PgType::JSONB => (Type::Json, Form::Json),
        PgType::BYTEA => (Type::Text, Form::Bytes),
        PgType::INET => (Type::Text, Form::Address),
        PgType::RECORD | PgType::RECORD_ARRAY => (Type::Json, Form::Document),
        _ => (Type::Text, Form::Text),
    }
}

/// `numeric(12,2)` says how many digits it has, `numeric` does not. The modifier is 4 more than both in 16 bits each; a scale may be
/// negative since PostgreSQL 15, in 11 bits.
fn decimal(modifier: i32) -> Type {
    let Ok(modifier) = u32::try_from(modifier - 4) else { return OPEN_DECIMAL };
    let digits = (modifier >> 16) & 0xffff;
    let scale = i32::try_from(modifier & 0x7ff).map_or(0, |scale| (scale ^ 1024) - 1024);
    match (u8::try_from(digits), i8::try_from(scale)) {
        (Ok(precision @ 1..=38), Ok(scale)) if scale >= 0 && i16::from(scale) <= i16::from(precision) => {
            Type::Decimal { precision, scale }
        }
        _ => OPEN_DECIMAL,
    }
}

impl Reading {
    /// What to select in place of a column.
    pub(super) fn expression(&self, column: &str) -> String {
        match self.form {
            Form::Integer => format!("{column}::int8"),
            Form::Boolean | Form::Date => column.to_owned(),
            Form::Timestamp => format!("{column}::timestamptz"),
            Form::Number | Form::Text | Form::Json => format!("{column}::text"),
            Form::Money => format!("{column}::numeric::text"),
            Form::Bytes => format!("encode({column}, 'hex')"),
            Form::Address => format!("abbrev({column})"),
            Form::Document => format!("to_json({column})::text"),
        }
    }

    pub(super) fn cell(&self, raw: Option<Raw<'_>>) -> Cell {
        let Some(Raw(bytes)) = raw else { return Cell::NULL };
        match (self.form, self.column.kind) {
            (Form::Integer, _) => fixed(bytes, |number| Cell::of(Value::Integer(i64::from_be_bytes(number)))),
            (Form::Boolean, _) => fixed(bytes, |[flag]| Cell::of(Value::Boolean(flag != 0))),
            (Form::Date, _) => fixed(bytes, |days| match i32::from_be_bytes(days) {
                i32::MIN | i32::MAX => Cell::day(i64::MAX),
                days => Cell::day(i64::from(days) + DAYS),
            }),
            (Form::Timestamp, _) => fixed(bytes, |micros| match i64::from_be_bytes(micros) {
                i64::MIN => Cell::timestamp(None),
                micros => Cell::timestamp(micros.checked_add(MICROS)),
            }),
            (Form::Number | Form::Money, Type::Decimal { precision, scale }) => {
                Cell::decimal(&String::from_utf8_lossy(bytes), precision, scale)
            }
            (Form::Json | Form::Document, _) => Cell::json(bytes.to_vec()),
            _ => Cell::text(bytes.to_vec()),
        }
    }
}

/// The server sends other bytes only where it is not PostgreSQL.
fn fixed<const N: usize>(bytes: &[u8], read: impl FnOnce([u8; N]) -> Cell) -> Cell {
    bytes
        .try_into()
        .map_or_else(|_| Cell::odd(crate::connectors::rows::Oddity::WrongType, hex::encode(bytes)), read)
}

/// A cell as it came.
#[derive(Clone, Copy)]
pub(super) struct Raw<'a>(&'a [u8]);

impl<'a> FromSql<'a> for Raw<'a> {
    fn from_sql(_: &PgType, raw: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self(raw))
    }

    fn accepts(_: &PgType) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_numeric_column_has_the_digits_that_postgresql_says() {
        let check = |digits: i32, scale: i32, expected| {
            assert_eq!(decimal(((digits << 16) | (scale & 0x7ff)) + 4), expected, "{digits} {scale}");
        };
        check(12, 2, Type::Decimal { precision: 12, scale: 2 });
        check(38, 0, Type::Decimal { precision: 38, scale: 0 });
        check(60, 2, OPEN_DECIMAL);
        check(3, -2, OPEN_DECIMAL);
        check(2, 5, OPEN_DECIMAL);
        assert_eq!(decimal(-1), OPEN_DECIMAL);
    }
}
