//! Some rows of a staged file or of a result, read cell by cell.

use arrow_array::{Array, ArrayRef, RecordBatch, cast::AsArray, types};

use crate::{Column, Type, Value, columns};

/// Rows whose cells are read by position.
#[derive(Debug, Clone)]
pub struct Batch {
    columns: Vec<Column>,
    cells: RecordBatch,
}

impl Batch {
    /// `None` for rows of types that this crate does not write.
    pub(crate) fn new(cells: RecordBatch) -> Option<Self> {
        let columns = columns::columns(cells.schema_ref())?;
        Some(Self { columns, cells })
    }

    #[cfg(feature = "datafusion")]
    pub(crate) fn into_cells(self) -> RecordBatch {
        self.cells
    }

    pub fn rows(&self) -> usize {
        self.cells.num_rows()
    }

    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// Panics where row or column do not exist, like an index into a slice.
    pub fn value(&self, row: usize, column: usize) -> Value<'_> {
        value(self.cells.column(column), self.columns[column].kind, row)
    }
}

fn value(cells: &ArrayRef, kind: Type, row: usize) -> Value<'_> {
    if cells.is_null(row) {
        return Value::Null;
    }
    match kind {
        Type::Text => Value::Text(cells.as_string::<i32>().value(row).into()),
        Type::Json => Value::Json(cells.as_string::<i32>().value(row).into()),
        Type::Integer => Value::Integer(cells.as_primitive::<types::Int64Type>().value(row)),
        Type::Decimal { scale, .. } => {
            Value::Decimal { unscaled: cells.as_primitive::<types::Decimal128Type>().value(row), scale }
        }
        Type::Boolean => Value::Boolean(cells.as_boolean().value(row)),
        Type::Date => Value::Date(cells.as_primitive::<types::Date32Type>().value(row)),
        Type::Timestamp => {
            Value::Timestamp(cells.as_primitive::<types::TimestampMicrosecondType>().value(row))
        }
    }
}
