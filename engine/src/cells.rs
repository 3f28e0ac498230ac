//! Cells of one column while they are collected. **Invariant:** a value of another type than the column's is refused,
//! never converted; only a decimal may be written with fewer digits after the point than its column has.

use std::sync::Arc;

use arrow_array::{ArrayRef, builder};

use crate::{Column, Type, Value, columns, key::key};

#[derive(Debug)]
pub(crate) struct Cells {
    kind: Type,
    builder: Builder,
    /// The neighbour, with the key of each text.
    key: Option<builder::StringBuilder>,
}

#[derive(Debug)]
enum Builder {
    Text(builder::StringBuilder),
    Integer(builder::Int64Builder),
    Decimal(builder::Decimal128Builder),
    Boolean(builder::BooleanBuilder),
    Date(builder::Date32Builder),
    Timestamp(builder::TimestampMicrosecondBuilder),
}

impl Cells {
    pub(crate) fn new(column: &Column, keyed: bool) -> Self {
        let builder = match column.kind {
            Type::Text | Type::Json => Builder::Text(builder::StringBuilder::new()),
            Type::Integer => Builder::Integer(builder::Int64Builder::new()),
            Type::Decimal { .. } => Builder::Decimal(
                builder::Decimal128Builder::new().with_data_type(columns::data_type(column.kind)),
            ),
            Type::Boolean => Builder::Boolean(builder::BooleanBuilder::new()),
            Type::Date => Builder::Date(builder::Date32Builder::new()),
            Type::Timestamp => Builder::Timestamp(
                builder::TimestampMicrosecondBuilder::new().with_data_type(columns::data_type(column.kind)),
            ),
        };
        Self { kind: column.kind, builder, key: keyed.then(builder::StringBuilder::new) }
    }

    /// Adds a value and says how many bytes it takes; says what is wrong with one that does not fit.
    pub(crate) fn push(&mut self, value: &Value<'_>) -> Result<usize, String> {
        match (&mut self.builder, value, self.kind) {
            (Builder::Text(cells), Value::Text(text), Type::Text)
            | (Builder::Text(cells), Value::Json(text), Type::Json) => {
                cells.append_value(text);
                let mut bytes = text.len();
                if let Some(keys) = &mut self.key {
                    let key = key(text);
                    bytes += key.len();
                    // Rows without an address would all be joined with each other.
                    keys.append_option((!key.is_empty()).then_some(key));
                }
                return Ok(bytes);
            }
            (Builder::Integer(cells), Value::Integer(number), _) => cells.append_value(*number),
            (Builder::Decimal(cells), Value::Decimal { unscaled, scale }, Type::Decimal { .. }) => {
                cells.append_value(fitting(*unscaled, *scale, self.kind)?);
            }
            (Builder::Boolean(cells), Value::Boolean(truth), _) => cells.append_value(*truth),
            (Builder::Date(cells), Value::Date(days), _) => cells.append_value(*days),
            (Builder::Timestamp(cells), Value::Timestamp(micros), _) => cells.append_value(*micros),
            (_, Value::Null | Value::Invalid(_), _) => self.push_null(),
            (_, other, kind) => return Err(format!("holds {kind:?} and was given {}", name(other))),
        }
        Ok(16)
    }

    fn push_null(&mut self) {
        match &mut self.builder {
            Builder::Text(cells) => cells.append_null(),
            Builder::Integer(cells) => cells.append_null(),
            Builder::Decimal(cells) => cells.append_null(),
            Builder::Boolean(cells) => cells.append_null(),
            Builder::Date(cells) => cells.append_null(),
            Builder::Timestamp(cells) => cells.append_null(),
        }
        if let Some(keys) = &mut self.key {
            keys.append_null();
        }
    }

    /// What was collected, with its keys after it where there are some; begins anew.
    pub(crate) fn take(&mut self, into: &mut Vec<ArrayRef>) {
        into.push(match &mut self.builder {
            Builder::Text(cells) => Arc::new(cells.finish()) as ArrayRef,
            Builder::Integer(cells) => Arc::new(cells.finish()),
            Builder::Decimal(cells) => Arc::new(cells.finish()),
            Builder::Boolean(cells) => Arc::new(cells.finish()),
            Builder::Date(cells) => Arc::new(cells.finish()),
            Builder::Timestamp(cells) => Arc::new(cells.finish()),
        });
        if let Some(keys) = &mut self.key {
            into.push(Arc::new(keys.finish()));
        }
    }
}

/// The same number with the column's scale.
fn fitting(unscaled: i128, scale: i8, kind: Type) -> Result<i128, String> {
    let Type::Decimal { precision, scale: wanted } = kind else { unreachable!("asked for decimals only") };
    let more = u32::try_from(i16::from(wanted) - i16::from(scale)).ok();
    let number = more.and_then(|more| unscaled.checked_mul(10_i128.checked_pow(more)?));
    let bound = 10_i128.checked_pow(u32::from(precision));
    number.filter(|number| bound.is_none_or(|bound| number.abs() < bound)).ok_or_else(|| {
        format!("holds decimals of {precision} digits, {wanted} after the point; a number has more")
    })
}

/// What a value is, without telling what it says.
fn name(value: &Value<'_>) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Text(_) => "text",
        Value::Integer(_) => "an integer",
        Value::Decimal { .. } => "a decimal",
        Value::Boolean(_) => "a boolean",
        Value::Date(_) => "a date",
        Value::Timestamp(_) => "a timestamp",
        Value::Json(_) => "JSON",
        Value::Invalid(_) => "something invalid",
    }
}
