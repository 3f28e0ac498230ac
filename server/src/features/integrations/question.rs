//! What the engine is asked: the model, beside what the destination holds of each row, in the order of the rows' keys.
//! **Invariant:** no I/O; names that a browser chose are quoted.

use std::path::PathBuf;

use engine::{Column, Model, Table, Type, View};
use wire::{ContractColumns, Definition, Mode, OnAmbiguous};

use super::{Fault, definition::OWN, export::Freshened};
use crate::queue::JobError;

/// The model's rows, as a table.
const MODEL: &str = "__model";
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
/// What people know the record by.
const LABEL: &str = "__label";
/// The table of the addresses by which users are found.
const ADDRESSES: &str = "__addresses";
/// Whether the row has its record by a secondary address only, and another row has the same record.
const RIVAL: &str = "__rival";

/// What `str::trim` takes away; the engine's `trim` takes spaces alone. Mail clients and spreadsheets leave others around addresses.
const BLANKS: &str = "\t\n\u{b}\u{c}\r \u{85}\u{a0}\u{1680}\u{2000}\u{2001}\u{2002}\u{2003}\u{2004}\u{2005}\u{2006}\u{2007}\u{2008}\
                      \u{2009}\u{200a}\u{2028}\u{2029}\u{202f}\u{205f}\u{3000}";

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
    pub label: usize,
    /// Where records are found by addresses: another row has the record, too, and not by a secondary address as this one.
    pub rival: Option<usize>,
}

impl Places {
    /// In a result with these columns.
    pub fn of(columns: &[Column]) -> Result<Self, JobError> {
        let place = |name: &str| {
            let found = columns.iter().position(|column| column.name == name);
            found.ok_or_else(|| JobError::give_up(format!("the engine's answer has no column `{name}`")))
        };
        let (hash, key, id) = (place(HASH)?, place(KEY)?, place(ID)?);
        let rival = columns.iter().position(|column| column.name == RIVAL);
        let (fields, updated, label) = (place(FIELDS)?, place(UPDATED)?, place(LABEL)?);
        Ok(Self { hash, key, id, fields, updated, label, rival })
    }
}

/// The model as it is written, for planning and previews.
pub fn model(definition: &Definition, tables: Vec<Table>) -> Model {
    Model { sql: sql_of(definition), view: None, tables, order_by: Vec::new() }
}

fn sql_of(definition: &Definition) -> String {
    if let Some(model) = &definition.model {
        return model.sql.clone();
    }
    let table = definition.sources.first().map_or("", |source| &source.table);
    format!("SELECT * FROM {}", quoted(table))
}

/// The model's rows with their records, by key.
pub fn beside_destination(definition: &Definition, mut tables: Vec<Table>, records: &Freshened) -> Model {
    let (key, theirs) = keys(definition);
    let columns = format!(
        "CASE WHEN k.{KEY} = '' THEN '' ELSE encode(sha256(k.{KEY}), 'hex') END AS {HASH}, k.*, \
         d.id AS {ID}, d.fields AS {FIELDS}, d.updated_at AS {UPDATED}, {} AS {LABEL}",
        label(definition),
    );
    let rows = format!("(SELECT coalesce({key}, '') AS {KEY}, m.* FROM {MODEL} AS m) AS k");
    let sql = if is_by_address(definition) {
        // The row that has a record by its primary address is the first; `lead` sees whether there are others.
        let of_user = format!("OVER (PARTITION BY a.user_id ORDER BY a.is_primary DESC, k.{KEY})");
        format!(
            "SELECT {columns}, coalesce(NOT a.is_primary AND (row_number() {of_user} > 1 OR lead(k.{KEY}) {of_user} IS NOT NULL), FALSE) \
                    AS {RIVAL} \
               FROM {rows} \
               LEFT JOIN {ADDRESSES} AS a ON k.{KEY} = a.email_key AND k.{KEY} <> '' \
               LEFT JOIN {DESTINATION} AS d ON d.id = a.user_id"
        )
    } else {
        format!(
            "SELECT {columns} FROM {rows} LEFT JOIN {DESTINATION} AS d ON k.{KEY} = {theirs} AND k.{KEY} <> ''"
        )
    };
    tables.extend(tables_of(definition, records));
    let order_by = vec![HASH.to_owned(), ID.to_owned()];
    Model { sql, view: Some(view(sql_of(definition))), tables, order_by }
}

/// The model's rows alone, by key; their columns stand where those of [`beside_destination`] do.
pub fn alone(definition: &Definition, tables: Vec<Table>) -> Model {
    let (key, _) = keys(definition);
    let sql = format!(
        "SELECT CASE WHEN k.{KEY} = '' THEN '' ELSE encode(sha256(k.{KEY}), 'hex') END AS {HASH}, k.* \
           FROM (SELECT coalesce({key}, '') AS {KEY}, m.* FROM {MODEL} AS m) AS k"
    );
    Model { sql, view: Some(view(sql_of(definition))), tables, order_by: vec![HASH.to_owned()] }
}

/// All records, each with the key of the model's rows that have it; without a key where none has.
pub fn beside_model(definition: &Definition, mut tables: Vec<Table>, records: &Freshened) -> Model {
    let (key, theirs) = keys(definition);
    let keys = format!("(SELECT DISTINCT coalesce({key}, '') AS {KEY} FROM {MODEL} AS m)");
    let (keys, is_same) = if is_by_address(definition) {
        let keys = format!(
            "(SELECT a.user_id, max(k.{KEY}) AS {KEY} FROM {keys} AS k JOIN {ADDRESSES} AS a ON a.email_key = k.{KEY} \
               GROUP BY a.user_id)"
        );
        (keys, "k.user_id = d.id".to_owned())
    } else {
        (keys, format!("k.{KEY} = {theirs} AND k.{KEY} <> ''"))
    };
    let sql = format!(
        "SELECT '' AS {HASH}, k.{KEY} AS {KEY}, d.id AS {ID}, d.fields AS {FIELDS}, d.updated_at AS {UPDATED}, {} AS {LABEL} \
           FROM {DESTINATION} AS d LEFT JOIN {keys} AS k ON {is_same}",
        label(definition),
    );
    tables.extend(tables_of(definition, records));
    Model { sql, view: Some(view(sql_of(definition))), tables, order_by: Vec::new() }
}

/// What people know a record by, where that is not the key.
fn label(definition: &Definition) -> &'static str {
    match definition.key.field.as_str() {
        "email" => "d.name",
        "name" => "d.external_id",
        _ => "coalesce(nullif(d.email, ''), d.name)",
    }
}

/// Whether a record is found by any of its addresses.
fn is_by_address(definition: &Definition) -> bool {
    definition.key.field == "email"
}

fn tables_of(definition: &Definition, records: &Freshened) -> impl Iterator<Item = Table> {
    let table = |name: &str, files: &[PathBuf]| Table { name: name.to_owned(), files: files.to_vec() };
    // The second file has addresses that several users have. They are listed as ambiguous, and where one of the users would be chosen,
    // nobody is found by them: the export is older than a change.
    let files = match definition.on_ambiguous {
        OnAmbiguous::Skip => &records.addresses[..],
        OnAmbiguous::All | OnAmbiguous::Newest => &records.addresses[..records.addresses.len().min(1)],
    };
    let addresses = is_by_address(definition).then(|| table(ADDRESSES, files));
    [table(DESTINATION, &records.files)].into_iter().chain(addresses)
}

/// The key of a row of the model (`m`), and that of a record (`d`).
fn keys(definition: &Definition) -> (String, String) {
    let ours = trimmed(&format!("CAST(m.{} AS VARCHAR)", quoted(&definition.key.column)));
    let lower = |text: String| format!("lower({text})");
    // As `engine::key` makes it, but for NFKC: no address of a mailbox that exists differs by it.
    match definition.key.field.as_str() {
        // Of the other side, the addresses have a table of their own.
        "email" => (lower(ours), String::new()),
        // Zendesk compares the external ids of organizations without their case, and so refuses a second one.
        "external_id" if definition.destination.object == "organizations" => {
            (lower(ours), lower(trimmed("d.external_id")))
        }
        "external_id" => (ours, trimmed("d.external_id")),
        "name" => (lower(ours), lower(trimmed("d.name"))),
        _ => (ours, "CAST(d.id AS VARCHAR)".to_owned()),
    }
}

/// An expression's text without blanks around, as `str::trim` makes it.
fn trimmed(text: &str) -> String {
    format!("btrim({text}, '{BLANKS}')")
}

/// A query that another one reads as [`MODEL`].
fn view(sql: String) -> View {
    View { name: MODEL.to_owned(), sql }
}

/// The contract's rows.
pub fn contract(definition: &Definition, contract: &ContractColumns, tables: Vec<Table>) -> Model {
    let sql = contract.sql.clone().unwrap_or_else(|| sql_of(definition));
    Model { sql, view: None, tables, order_by: vec![contract.company_id.clone()] }
}

/// How many different people the contract's rows name, a column for each of these columns of identifiers.
pub fn contract_people(
    definition: &Definition,
    contract: &ContractColumns,
    tables: Vec<Table>,
    columns: &[&str],
) -> Model {
    let Model { sql, tables, .. } = self::contract(definition, contract, tables);
    let view = Some(self::view(sql));
    let text = |column: &str| trimmed(&format!("CAST(c.{} AS VARCHAR)", quoted(column)));
    // As the copy compares them; what has no company is not copied.
    let count = |column: &&str| format!("count(DISTINCT nullif(lower({}), ''))", text(column));
    let counts: Vec<_> = columns.iter().map(count).collect();
    let counts = counts.iter().enumerate().map(|(place, count)| format!("{count} AS {OWN}{place}"));
    let sql = format!(
        "SELECT {} FROM {MODEL} AS c WHERE {} <> ''",
        counts.collect::<Vec<_>>().join(", "),
        text(&contract.company_id),
    );
    Model { sql, view, tables, order_by: Vec::new() }
}

/// All rows of each record over all parts of an export, the newest of each first.
pub fn merged(parts: Vec<PathBuf>, columns: &[Column]) -> Model {
    let names: Vec<String> = columns.iter().map(|column| quoted(&column.name)).collect();
    let sql = format!("SELECT {}, -part AS older, -seq AS earlier FROM parts", names.join(", "));
    let order_by = ["id", "older", "earlier"].map(str::to_owned).into();
    Model { sql, view: None, tables: vec![Table { name: "parts".into(), files: parts }], order_by }
}

/// Users with their addresses.
pub fn users_with_addresses(users: PathBuf) -> Model {
    let tables = vec![Table { name: "users".into(), files: vec![users] }];
    Model {
        sql: "SELECT id, email, addresses, addresses_told FROM users".into(),
        view: None,
        tables,
        order_by: Vec::new(),
    }
}

/// Users after this one whose addresses did not come with the newest of them, and who were not asked for since, by their ids.
pub fn users_without_addresses(users: PathBuf, after: i64, most: usize) -> Model {
    let sql =
        format!("SELECT id FROM users WHERE NOT addresses_told AND id > {after} ORDER BY id LIMIT {most}");
    let tables = vec![Table { name: "users".into(), files: vec![users] }];
    Model { sql, view: None, tables, order_by: vec!["id".into()] }
}

/// Secondary addresses that are nobody's primary one, each with how many users have it.
pub fn secondary_addresses(users: PathBuf, claims: PathBuf) -> Model {
    let table = |name: &str, file| Table { name: name.to_owned(), files: vec![file] };
    let sql = "WITH one AS (
                   SELECT user_id, email_key, min(email) AS email FROM claims WHERE email_key IS NOT NULL GROUP BY user_id, email_key
               )
               SELECT one.user_id, one.email, owned.users
                 FROM one
                 JOIN (SELECT email_key, count(*) AS users FROM one GROUP BY email_key) AS owned ON owned.email_key = one.email_key
                WHERE NOT EXISTS (SELECT 1 FROM users WHERE users.email_key = one.email_key)";
    let tables = vec![table("users", users), table("claims", claims)];
    Model { sql: sql.to_owned(), view: None, tables, order_by: Vec::new() }
}

/// What is wrong with a model's result, as far as the definition says what must be in it; the last one says what there is.
pub fn missing_columns(definition: &Definition, columns: &[Column]) -> Vec<Fault> {
    let key = &definition.key.column;
    let own = columns.iter().filter(|column| column.name.starts_with(OWN)).map(|column| {
        let message = format!("has a column `{}`; names that begin with `{OWN}` are Deskside's", column.name);
        Fault { at: "model.sql".into(), message }
    });
    let kind = columns.iter().find(|column| column.name == *key).map(|column| column.kind);
    let no_key = match kind {
        Some(Type::Boolean | Type::Date | Type::Timestamp | Type::Json) => {
            Some(format!("is `{key}`, and must be a text or a whole number: write `cast({key} as varchar)`"))
        }
        // As text it would be `7.00000000`.
        Some(Type::Decimal { scale: 1.., .. }) => Some(format!(
            "is `{key}`, a number with digits behind the point, and no record has such a key: write `cast({key} as bigint)`"
        )),
        _ => None,
    };
    let no_key = no_key.map(|message| Fault { at: "key.column".into(), message });
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_blanks_of_keys_are_those_of_every_other_text() {
        let blanks: String = (char::MIN..=char::MAX).filter(|letter| letter.is_whitespace()).collect();
        assert_eq!(BLANKS, blanks);
    }
}
