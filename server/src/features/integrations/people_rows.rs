//! Users and organizations as rows of an export. **Invariant:** no I/O.

use chrono::{DateTime, Utc};
use engine::{Column, Type, Value};
use serde_json::json;

use super::{addresses::USERS, export};

/// A record, as the export tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Exported {
    pub id: u64,
    /// False: it was deleted.
    pub active: bool,
    pub name: Option<String>,
    pub email: Option<String>,
    pub external_id: Option<String>,
    pub organization_id: Option<u64>,
    pub role: Option<String>,
    pub suspended: bool,
    pub updated_at: DateTime<Utc>,
    /// JSON: the custom fields.
    pub fields: String,
    /// A user's verified secondary addresses; `None`: the vendor did not say.
    pub addresses: Option<Vec<String>>,
}

/// JSON: a user's verified secondary addresses; empty: nobody has said.
pub(super) const ADDRESSES: &str = "addresses";
/// Whether they came with the newest of the user; those that did not are of an earlier time. Empty: the vendor was asked for them, and does
/// not tell all.
pub(super) const TOLD: &str = "addresses_told";

/// Users and organizations have the same.
pub(super) fn columns() -> Vec<Column> {
    let column = |(name, kind): (&str, Type)| Column { name: name.to_owned(), kind };
    [
        ("id", Type::Integer),
        (export::ACTIVE, Type::Boolean),
        ("name", Type::Text),
        ("email", Type::Text),
        ("external_id", Type::Text),
        ("organization_id", Type::Integer),
        ("role", Type::Text),
        ("suspended", Type::Boolean),
        ("updated_at", Type::Timestamp),
        ("fields", Type::Text),
        (ADDRESSES, Type::Text),
        (TOLD, Type::Boolean),
    ]
    .map(column)
    .into()
}

/// The record as a row with these columns.
pub(super) fn cells(record: Exported) -> Vec<Value<'static>> {
    let text = |text: Option<String>| text.map_or(Value::Null, |text| Value::Text(text.into()));
    let whole = |number: u64| Value::Integer(number.cast_signed());
    vec![
        whole(record.id),
        Value::Boolean(record.active),
        text(record.name),
        text(record.email),
        text(record.external_id),
        record.organization_id.map_or(Value::Null, whole),
        text(record.role),
        Value::Boolean(record.suspended),
        Value::Timestamp(record.updated_at.timestamp_micros()),
        Value::Text(record.fields.into()),
        record.addresses.as_ref().map_or(Value::Null, |all| Value::Text(json!(all).to_string().into())),
        Value::Boolean(record.addresses.is_some()),
    ]
}

/// A row of no part, which says nothing of a user but their addresses; `None`: they were asked for, and the vendor does not tell all.
pub(super) fn cells_of_addresses(user: u64, addresses: Option<&[String]>) -> Vec<Value<'static>> {
    let cell = |column: Column| match (column.name.as_str(), addresses) {
        ("id", _) => Value::Integer(user.cast_signed()),
        (export::ACTIVE, _) | (TOLD, Some(_)) => Value::Boolean(true),
        ("part" | "seq", _) => Value::Integer(0),
        (ADDRESSES, Some(addresses)) => Value::Text(json!(addresses).to_string().into()),
        _ => Value::Null,
    };
    export::part_columns(USERS).into_iter().map(cell).collect()
}
