//! The planner's and the executor's errors as sentences for the admin who wrote the model.
//! **Invariant:** no value of any row gets into a sentence.

use std::io;

use datafusion::{
    arrow::error::ArrowError,
    common::{Column, SchemaError},
    error::DataFusionError,
};

use crate::{ModelError, Place};

/// How different a name may be and still be meant.
const NEAR: f64 = 0.6;
/// A sentence of the engine's that is longer is no sentence.
const MOST: usize = 400;
/// What only plans have in them.
const PLAN_WORDS: &[&str] = &[
    "Exec:",
    "Exec {",
    "Exec(",
    "Plan:",
    "Projection:",
    "TableScan:",
    "Column {",
    "Literal(",
    "Expr {",
    "(Column(",
];

pub(super) fn no_table(name: &str, tables: &[&str]) -> String {
    no_column("this integration", name, tables).replacen("column", "source", 1)
}

/// That something has no such column, and which one may be meant.
pub(super) fn no_column(of: &str, name: &str, columns: &[&str]) -> String {
    let near = columns.iter().map(|column| (strsim::normalized_damerau_levenshtein(column, name), column));
    let near = near.filter(|(near, _)| *near >= NEAR).max_by(|(one, _), (other, _)| one.total_cmp(other));
    if let Some((_, column)) = near {
        return format!("{of} has no column `{name}`: did you mean `{column}`?");
    }
    let all = columns.iter().map(|column| format!("`{column}`")).collect::<Vec<_>>().join(", ");
    format!("{of} has no column `{name}`: there are {all}")
}

/// What an admin wrote that cannot be planned.
pub(super) fn while_planning(error: &DataFusionError) -> ModelError {
    if let Some(error) = ours(error) {
        return error;
    }
    let place = error
        .diagnostic()
        .and_then(|told| told.span)
        .map(|span| Place { line: span.start.line, column: span.start.column });
    for part in error.iter() {
        match part.find_root() {
            DataFusionError::SchemaError(error, _) => return schema(error, place),
            DataFusionError::SQL(error, _) => return parser(&error.to_string()),
            DataFusionError::ResourcesExhausted(_) => {
                return ModelError::sql(
                    "the model cannot be planned: it makes too large a value; remove `repeat` and the like",
                );
            }
            _ => {}
        }
    }
    let text = match error.diagnostic() {
        Some(told) => told.message.clone(),
        None => error.find_root().message().into_owned(),
    };
    ModelError::Sql { message: without_plan(&text), place }
}

/// The engine's words, or ours where its are a plan of its own: that says nothing to whoever wrote the model.
fn without_plan(text: &str) -> String {
    let text = plain(text);
    if text.contains("does not satisfy")
        && (text.contains("order requirement") || text.contains("distribution"))
    {
        return "the engine cannot order a window of this model (`… over (…)`): make what the window orders or divides by a column \
                of a `with … as (…)` first, and name that column in the window"
            .to_owned();
    }
    if let Some(name) = twice_named(&text) {
        return format!("two columns of one `SELECT` are both named `{name}`: rename one of them with `as`");
    }
    if PLAN_WORDS.iter().any(|word| text.contains(word)) || text.chars().count() > MOST {
        return "the engine cannot plan a part of this model: divide it with `with … as (…)`, with expressions of windows, joins and \
                groups as columns of their own, and see which part it is"
            .to_owned();
    }
    text
}

/// The name that two expressions of a `SELECT` have, by the engine's words: `… expression "a AS k" at position 0 and "b AS k" …`.
fn twice_named(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once("require unique expression names but the expression \"")?;
    let (expression, _) = rest.split_once("\" at position ")?;
    match expression.rsplit_once(" AS ") {
        Some((_, alias)) => Some(alias),
        None => Some(expression.rsplit_once('.').map_or(expression, |(_, column)| column)),
    }
}

fn schema(error: &SchemaError, place: Option<Place>) -> ModelError {
    let message = match error {
        SchemaError::FieldNotFound { field, valid_fields } => {
            let of = field
                .relation
                .as_ref()
                .map_or("what the model reads".to_owned(), |of| format!("`{}`", of.table()));
            let valid: Vec<&str> = valid_fields.iter().map(Column::name).collect();
            no_column(&of, field.name(), &valid)
        }
        SchemaError::AmbiguousReference { field } => {
            format!(
                "`{}` is a column of several sources: write the source before it, with a point",
                field.name()
            )
        }
        SchemaError::DuplicateQualifiedField { name, .. }
        | SchemaError::DuplicateUnqualifiedField { name } => {
            format!("two columns of the result are named `{name}`: rename one of them with `as`")
        }
    };
    ModelError::Sql { message, place }
}

/// The parser says where in its text.
fn parser(text: &str) -> ModelError {
    if text.contains("recursion limit") {
        return ModelError::nested();
    }
    let text = text.trim_start_matches("sql parser error: ").trim_start_matches("ParserError(\"");
    let number = |after: &str| -> Option<u64> {
        let rest = text.split(after).nth(1)?;
        rest.trim_start().split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
    };
    let place = number("Line:").zip(number("Column:")).map(|(line, column)| Place { line, column });
    let message = text.split(" at Line:").next().unwrap_or(text);
    ModelError::Sql { message: format!("the model cannot be read: {}", plain(message)), place }
}

/// On one line, without what only the engine's makers read.
fn plain(text: &str) -> String {
    let text = text.split("\n\nbacktrace:").next().unwrap_or(text);
    text.split_whitespace().collect::<Vec<_>>().join(" ").trim_end_matches('.').to_owned()
}

/// What happened while rows were read and joined.
pub(super) fn while_running(error: &DataFusionError, memory: u64) -> ModelError {
    if let Some(error) = ours(error) {
        return error;
    }
    for part in error.iter() {
        match part.find_root() {
            DataFusionError::ResourcesExhausted(text)
                if text.contains("disk space") || text.contains("temp") =>
            {
                return ModelError::Disk("the model needs more space than it may take".to_owned());
            }
            DataFusionError::ResourcesExhausted(_) => return ModelError::memory(memory),
            DataFusionError::IoError(error) => return ModelError::Disk(disk(error)),
            DataFusionError::ArrowError(error, _) => return arrow(error),
            DataFusionError::ParquetError(_) | DataFusionError::ObjectStore(_) => {
                return ModelError::Table {
                    table: "its sources".to_owned(),
                    reason: plain(&error.to_string()),
                };
            }
            _ => {}
        }
    }
    // The engine's own words hold the row's values, which are the customers'.
    ModelError::Rows(FAILS.to_owned())
}

/// What the rows of a model did to it.
pub(super) const FAILS: &str = "the model fails on the value of some row: use `try_cast`, or leave such rows out with `WHERE`, in each \
                                function that reads a text as something else";
pub(super) const ZERO: &str =
    "the model divides by zero in some row: write `nullif(…, 0)` around the divisor";
pub(super) const CAST: &str =
    "the model reads a text as a number, date or time, and some row has another text: use `try_cast`";
pub(super) const OVERFLOW: &str =
    "a number in some row is too large for its type: write `cast(… as decimal(38, 6))`";

fn disk(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::StorageFull => "the disk is full".to_owned(),
        _ => error.to_string(),
    }
}

fn arrow(error: &ArrowError) -> ModelError {
    let words = match error {
        ArrowError::DivideByZero => ZERO,
        ArrowError::CastError(_) | ArrowError::ParseError(_) => CAST,
        ArrowError::ArithmeticOverflow(_) => OVERFLOW,
        ArrowError::IoError(_, error) => return ModelError::Disk(disk(error)),
        ArrowError::ExternalError(error) => {
            return error
                .downcast_ref::<ModelError>()
                .cloned()
                .unwrap_or_else(|| ModelError::Crashed("an error without a name".to_owned()));
        }
        _ => FAILS,
    };
    ModelError::Rows(words.to_owned())
}

/// An error of ours that went through the executor.
fn ours(error: &DataFusionError) -> Option<ModelError> {
    error.iter().find_map(|part| match part.find_root() {
        DataFusionError::External(error) => error.downcast_ref::<ModelError>().cloned(),
        _ => None,
    })
}
