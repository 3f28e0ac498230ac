//! What the engine is asked: the model, beside what the destination holds of each row, in the order of the rows' keys.
//! **Invariant:** no I/O; names that a browser chose are quoted.

use std::path::PathBuf;

use engine::{Column, Model, Table, Type};
use wire::{ContractColumns, Definition, Mode};

use super::{Fault, definition::OWN};
use crate::queue::JobError;

/// The table of the destination's records.
const DESTINATION: &str = "__destination";
/// SHA-256 of the key, hexadecimal; empty where the row has no key.
const HASH: &str = "__hash";
/// The key as text.
const KEY: &str = "__key";
/// Of the destination's record: its id, its fields as JSON, when it was changed last.
const ID: &str = "__id";
const FIELDS: &str = "__fields";
const UPDATED: &str = "__updated_at";

/// Of a record that is to be made, among the changes of its row: no custom field is mapped under these.
pub const NEW_NAME: &str = "name";
pub const NEW_EXTERNAL_ID: &str = "external_id";

/// The column that names a record which is to be made; `None`: none is made.
pub fn new_name(definition: &Definition) -> Option<&str> {
    if definition.destination.mode != Mode::Upsert {
        return None;
    }
    Some(definition.destination.new_name.as_ref().unwrap_or(&definition.key.column))
}

/// A key that a person typed, as [`keys`] makes it of a row's.
pub fn typed_key(definition: &Definition, text: &str) -> String {
    let text = text.trim();
    match definition.key.field.as_str() {
        "email" | "name" => text.to_lowercase(),
        "external_id" if definition.destination.object == "organizations" => text.to_lowercase(),
        _ => text.to_owned(),
    }
}

/// Where our own columns are in a result.
pub struct Places {
    pub hash: usize,
    pub key: usize,
    pub id: usize,
    pub fields: usize,
    pub updated: usize,
}

impl Places {
    /// In a result with these columns.
    pub fn of(columns: &[Column]) -> Result<Self, JobError> {
        let place = |name: &str| {
            let found = columns.iter().position(|column| column.name == name);
            found.ok_or_else(|| JobError::give_up(format!("the engine's answer has no column `{name}`")))
        };
        let (hash, key, id) = (place(HASH)?, place(KEY)?, place(ID)?);
        Ok(Self { hash, key, id, fields: place(FIELDS)?, updated: place(UPDATED)? })
    }
}

/// The model as it is written, for planning and previews.
pub fn model(definition: &Definition, tables: Vec<Table>) -> Model {
    Model { sql: sql_of(definition), tables, order_by: Vec::new() }
}

fn sql_of(definition: &Definition) -> String {
    if let Some(model) = &definition.model {
        return model.sql.trim().trim_end_matches(';').to_owned();
    }
    let table = definition.sources.first().map_or("", |source| &source.table);
    format!("SELECT * FROM {}", quoted(table))
}

/// The model's rows with their records, by key.
pub fn beside_destination(definition: &Definition, mut tables: Vec<Table>, records: Vec<PathBuf>) -> Model {
    let (key, theirs) = keys(definition);
    let sql = format!(
        "SELECT CASE WHEN k.{KEY} = '' THEN '' ELSE encode(sha256(k.{KEY}), 'hex') END AS {HASH}, k.*, \
                d.id AS {ID}, d.fields AS {FIELDS}, d.updated_at AS {UPDATED} \
           FROM (SELECT coalesce({key}, '') AS {KEY}, m.* FROM (\n{}\n) AS m) AS k \
           LEFT JOIN {DESTINATION} AS d ON k.{KEY} = {theirs} AND k.{KEY} <> ''",
        sql_of(definition),
    );
    tables.push(Table { name: DESTINATION.to_owned(), files: records });
    Model { sql, tables, order_by: vec![HASH.to_owned(), ID.to_owned()] }
}

/// All records, each with the key of the model's rows that have it; without a key where none has.
pub fn beside_model(definition: &Definition, mut tables: Vec<Table>, records: Vec<PathBuf>) -> Model {
    let (key, theirs) = keys(definition);
    let sql = format!(
        "SELECT '' AS {HASH}, k.{KEY} AS {KEY}, d.id AS {ID}, d.fields AS {FIELDS}, d.updated_at AS {UPDATED} \
           FROM {DESTINATION} AS d \
           LEFT JOIN (SELECT DISTINCT coalesce({key}, '') AS {KEY} FROM (\n{}\n) AS m) AS k \
             ON k.{KEY} = {theirs} AND k.{KEY} <> ''",
        sql_of(definition),
    );
    tables.push(Table { name: DESTINATION.to_owned(), files: records });
    Model { sql, tables, order_by: Vec::new() }
}

/// The key of a row of the model (`m`), and that of a record (`d`).
fn keys(definition: &Definition) -> (String, &'static str) {
    let column = quoted(&definition.key.column);
    // As `engine::key` makes it, but for NFKC: no address of a mailbox that exists differs by it.
    match definition.key.field.as_str() {
        "email" => (format!("lower(trim(CAST(m.{column} AS VARCHAR)))"), "d.email_key"),
        // Zendesk compares the external ids of organizations without their case, and so refuses a second one.
        "external_id" if definition.destination.object == "organizations" => {
            (format!("lower(trim(CAST(m.{column} AS VARCHAR)))"), "lower(trim(d.external_id))")
        }
        "external_id" => (format!("trim(CAST(m.{column} AS VARCHAR))"), "d.external_id"),
        "name" => (format!("lower(trim(CAST(m.{column} AS VARCHAR)))"), "lower(trim(d.name))"),
        _ => (format!("trim(CAST(m.{column} AS VARCHAR))"), "CAST(d.id AS VARCHAR)"),
    }
}

/// The contract's rows.
pub fn contract(definition: &Definition, contract: &ContractColumns, tables: Vec<Table>) -> Model {
    let sql = contract
        .sql
        .as_ref()
        .map_or_else(|| sql_of(definition), |sql| sql.trim().trim_end_matches(';').to_owned());
    Model { sql, tables, order_by: vec![contract.company_id.clone()] }
}

/// How many different people the contract's rows name, a column for each of these columns of identifiers.
pub fn contract_people(
    definition: &Definition,
    contract: &ContractColumns,
    tables: Vec<Table>,
    columns: &[&str],
) -> Model {
    let Model { sql, tables, .. } = self::contract(definition, contract, tables);
    // As the copy compares them; what has no company is not copied.
    let count = |column: &&str| {
        format!("count(DISTINCT nullif(lower(trim(CAST(c.{} AS VARCHAR))), ''))", quoted(column))
    };
    let counts: Vec<_> = columns.iter().map(count).collect();
    let counts = counts.iter().enumerate().map(|(place, count)| format!("{count} AS {OWN}{place}"));
    let sql = format!(
        "SELECT {} FROM (\n{sql}\n) AS c WHERE trim(CAST(c.{} AS VARCHAR)) <> ''",
        counts.collect::<Vec<_>>().join(", "),
        quoted(&contract.company_id),
    );
    Model { sql, tables, order_by: Vec::new() }
}

/// The newest row of each record over all parts of an export; records that are gone are left out.
pub fn merged(parts: Vec<PathBuf>, columns: &[Column]) -> Model {
    let names: Vec<String> = columns.iter().map(|column| quoted(&column.name)).collect();
    let names = names.join(", ");
    let sql = format!(
        "SELECT {names} FROM (SELECT *, row_number() OVER (PARTITION BY id ORDER BY part DESC, seq DESC) AS newest FROM parts) \
         WHERE newest = 1 AND active"
    );
    Model { sql, tables: vec![Table { name: "parts".into(), files: parts }], order_by: vec!["id".into()] }
}

/// What is wrong with a model's result, as far as the definition says what must be in it; the last one says what there is.
pub fn missing_columns(definition: &Definition, columns: &[Column]) -> Vec<Fault> {
    let key = &definition.key.column;
    let own = columns.iter().filter(|column| column.name.starts_with(OWN)).map(|column| {
        let message = format!("has a column `{}`; names that begin with `{OWN}` are Deskside's", column.name);
        Fault { at: "model.sql".into(), message }
    });
    let is_no_key =
        |column: &&Column| column.name == *key && matches!(column.kind, Type::Boolean | Type::Json);
    let no_key = columns.iter().find(is_no_key).map(|_| Fault {
        at: "key.column".into(),
        message: format!("is `{key}`, which must be a text or a number"),
    });
    let mut named = vec![("key.column".to_owned(), key.as_str())];
    if definition.destination.new_name.is_some() {
        named.extend(new_name(definition).map(|name| ("destination.new_name".to_owned(), name)));
    }
    let mapped = definition.mapping.iter().enumerate();
    named.extend(mapped.filter_map(|(index, mapping)| {
        Some((format!("mapping[{index}].column"), mapping.column.as_deref()?))
    }));
    own.chain(no_key).chain(absent("the model", named, columns)).collect()
}

/// Columns that are named and not there, each with its place in the definition; the last one says what there is.
pub fn absent<'a>(
    of: &str,
    named: impl IntoIterator<Item = (String, &'a str)>,
    columns: &[Column],
) -> Vec<Fault> {
    let has = |name: &str| columns.iter().any(|column| column.name == name);
    let absent = named.into_iter().filter(|(_, name)| !has(name));
    let mut faults: Vec<Fault> = absent
        .map(|(at, name)| Fault { at, message: format!("names `{name}`, and {of} has no column `{name}`") })
        .collect();
    if let Some(last) = faults.last_mut() {
        last.message = format!("{}; it has {}", last.message, list(columns));
    }
    faults
}

fn list(columns: &[Column]) -> String {
    columns.iter().map(|column| format!("`{}`", column.name)).collect::<Vec<_>>().join(", ")
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
