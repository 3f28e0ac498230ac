//! Our column types as Arrow's, there and back. A file, a pipe and a result hold these Arrow types and no others.

use std::{collections::HashMap, sync::Arc};

use arrow_schema::{DataType, Field, Schema, SchemaRef, TimeUnit};

use crate::{Column, Type};

/// Timestamps are moments; Arrow's name of the time zone in which it counts them.
pub(crate) const UTC: &str = "+00:00";

/// What marks a text as a JSON document, in a field's metadata.
const MARK: &str = "deskside.type";
const JSON: &str = "json";

pub(crate) fn schema(columns: &[Column]) -> SchemaRef {
    Arc::new(Schema::new(columns.iter().map(field).collect::<Vec<_>>()))
}

fn field(column: &Column) -> Field {
    let field = Field::new(&column.name, data_type(column.kind), true);
    match column.kind {
        Type::Json => field.with_metadata(HashMap::from([(MARK.to_owned(), JSON.to_owned())])),
        _ => field,
    }
}

pub(crate) fn data_type(kind: Type) -> DataType {
    match kind {
        Type::Text | Type::Json => DataType::Utf8,
        Type::Integer => DataType::Int64,
        Type::Decimal { precision, scale } => DataType::Decimal128(precision, scale),
        Type::Boolean => DataType::Boolean,
        Type::Date => DataType::Date32,
        Type::Timestamp => DataType::Timestamp(TimeUnit::Microsecond, Some(UTC.into())),
    }
}

/// The columns of a schema that this crate wrote; `None` for any other.
pub(crate) fn columns(schema: &Schema) -> Option<Vec<Column>> {
    schema.fields().iter().map(|field| column(field)).collect()
}

fn column(field: &Field) -> Option<Column> {
    let kind = match field.data_type() {
        DataType::Utf8 if is_json(field) => Type::Json,
        DataType::Utf8 => Type::Text,
        DataType::Int64 => Type::Integer,
        DataType::Decimal128(precision, scale) => Type::Decimal { precision: *precision, scale: *scale },
        DataType::Boolean => Type::Boolean,
        DataType::Date32 => Type::Date,
        DataType::Timestamp(TimeUnit::Microsecond, Some(zone)) if &**zone == UTC => Type::Timestamp,
        _ => return None,
    };
    Some(Column { name: field.name().clone(), kind })
}

fn is_json(field: &Field) -> bool {
    field.metadata().get(MARK).is_some_and(|mark| mark == JSON)
}
