//! Which of the engine's types a result may have, and what each becomes.
//!
//! Floating-point numbers are refused: a sum of them depends on the order in which threads add, so the same rows would
//! differ from one day to the next, and be written again. `cast(… as decimal(…))` says where to round.

use datafusion::arrow::{
    array::{Array, ArrayRef, AsArray},
    compute::{CastOptions, cast_with_options, max},
    datatypes::{DataType, Field, Schema, UInt64Type},
};

use crate::{Column, ModelError, Type, columns};

pub(super) fn columns(schema: &Schema) -> Result<Vec<Column>, ModelError> {
    schema.fields().iter().map(|field| column(field)).collect()
}

fn column(field: &Field) -> Result<Column, ModelError> {
    let name = field.name().to_lowercase();
    match kind(field.data_type()) {
        Ok(kind) => Ok(Column { name, kind }),
        Err((is, write)) => {
            Err(ModelError::sql(format!("column `{name}` of the result is {is}: write `{write}`")))
        }
    }
}

/// What a type is called and what to write instead, where a result may not have it.
fn kind(data_type: &DataType) -> Result<Type, (String, &'static str)> {
    Ok(match data_type {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => Type::Text,
        DataType::Dictionary(_, texts) if matches!(**texts, DataType::Utf8 | DataType::Utf8View) => {
            Type::Text
        }
        kind if kind.is_integer() => Type::Integer,
        DataType::Decimal32(precision, scale)
        | DataType::Decimal64(precision, scale)
        | DataType::Decimal128(precision, scale) => Type::Decimal { precision: *precision, scale: *scale },
        DataType::Boolean => Type::Boolean,
        DataType::Date32 => Type::Date,
        DataType::Timestamp(..) => Type::Timestamp,
        DataType::Float16 | DataType::Float32 | DataType::Float64 => {
            let why = "a floating-point number, which is not exact";
            return Err((why.to_owned(), "cast(… as decimal(18, 2))"));
        }
        DataType::Decimal256(..) => {
            return Err(("a decimal of more than 38 digits".to_owned(), "cast(… as decimal(38, 6))"));
        }
        DataType::Null => return Err(("always empty".to_owned(), "cast(null as text)")),
        DataType::Date64 => return Err(("a date with a time".to_owned(), "cast(… as timestamp)")),
        DataType::Time32(_) | DataType::Time64(_) => {
            return Err(("a time without a date".to_owned(), "cast(… as text)"));
        }
        DataType::Interval(_) | DataType::Duration(_) => {
            return Err(("a length of time".to_owned(), "cast(… as text)"));
        }
        other => return Err((format!("of type {other}"), "cast(… as text)")),
    })
}

/// The cells in the one form that a batch has.
pub(super) fn convert(cells: &ArrayRef, column: &Column) -> Result<ArrayRef, ModelError> {
    let wanted = columns::data_type(column.kind);
    if *cells.data_type() == wanted {
        return Ok(cells.clone());
    }
    if let Some(numbers) = cells.as_primitive_opt::<UInt64Type>()
        && max(numbers).is_some_and(|most| i64::try_from(most).is_err())
    {
        return Err(ModelError::Rows(format!(
            "column `{}` has a number above 9223372036854775807: write `cast(… as decimal(20, 0))`",
            column.name
        )));
    }
    let options = CastOptions { safe: false, ..CastOptions::default() };
    cast_with_options(cells, &wanted, &options).map_err(|_| {
        ModelError::Rows(format!("column `{}` has a value beyond what its type holds", column.name))
    })
}
