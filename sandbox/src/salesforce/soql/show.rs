//! Records as queries answer them: JSON with parents and children, and CSV of the Bulk API. Recorded: a parent that is not there and
//! no children at all are `null`; in CSV every value is quoted and nothing is `""`.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde_json::{Map, Value, json};

use super::{
    Item, Path, Query,
    run::{children, select, steps, value_at},
};
use crate::salesforce::{
    org::Org,
    record::{Record, Table},
    schema::Kind,
};

/// A field's value as it is shown: an address is made of its parts.
pub(super) fn shown(table: &Table, record: &Record, name: &str) -> Value {
    match table.object.field(name) {
        Some(field) if field.kind == Kind::Address => address(table, record, field.name),
        _ => table.value(record, name).clone(),
    }
}

fn address(table: &Table, record: &Record, whole: &str) -> Value {
    let before = whole.trim_end_matches("Address");
    let part = |end: &str| table.value(record, &format!("{before}{end}")).clone();
    let (street, city) = (part("Street"), part("City"));
    let (code, country) = (part("PostalCode"), part("Country"));
    if [&street, &city, &code, &country].iter().all(|part| part.is_null()) {
        return Value::Null;
    }
    json!({"street": street, "city": city, "postalCode": code, "country": country, "state": null, "geocodeAccuracy": null,
           "latitude": null, "longitude": null})
}

/// What stands under `attributes` of a record.
pub(crate) fn attributes(table: &Table, id: &str, version: &str) -> Value {
    let name = table.object.name;
    json!({"type": name, "url": format!("/services/data/v{version}/sobjects/{name}/{id}")})
}

/// The records with these ids, as the query wants them.
pub(crate) fn rows(
    org: &Org,
    query: &Query,
    table: &Table,
    ids: &[String],
    version: &str,
    today: NaiveDate,
) -> Vec<Value> {
    let inner: Vec<_> = query
        .select
        .iter()
        .filter_map(|item| match item {
            Item::Children(inner) => {
                let (children, field) = children(org, query, table, inner).ok()?;
                Some((inner, children, by_parent(children, field)))
            }
            _ => None,
        })
        .collect();
    let row = |id: &String| {
        let record = table.get(id)?;
        let mut row = Map::from_iter([("attributes".to_owned(), attributes(table, id, version))]);
        for item in &query.select {
            if let Item::Field(path) = item {
                place(org, table, record, steps(query, table, path), version, &mut row);
            }
        }
        for (query, children, by_parent) in &inner {
            let all = by_parent.get(id.as_str()).map(Vec::as_slice).unwrap_or_default();
            let ids = select(org, query, children, all.iter().copied(), today);
            let ids: Vec<String> = ids.into_iter().cloned().collect();
            let found = if ids.is_empty() {
                Value::Null
            } else {
                json!({"totalSize": ids.len(), "done": true, "records": rows(org, query, children, &ids, version, today)})
            };
            let way =
                table.object.children.iter().find(|(way, ..)| way.eq_ignore_ascii_case(&query.from.parts[0]));
            row.insert(way.map_or_else(String::new, |(way, ..)| (*way).to_owned()), found);
        }
        Some(Value::Object(row))
    };
    ids.iter().filter_map(row).collect()
}

/// Living records by the record that they refer to.
fn by_parent<'a>(table: &'a Table, field: &str) -> BTreeMap<&'a str, Vec<(&'a String, &'a Record)>> {
    let mut all: BTreeMap<&str, Vec<_>> = BTreeMap::new();
    for (id, record) in table.records.iter().filter(|(_, record)| !record.deleted) {
        if let Some(parent) = table.value(record, field).as_str() {
            all.entry(parent).or_default().push((id, record));
        }
    }
    all
}

/// Puts a field's value into a row, below the parents that lead there.
fn place(
    org: &Org,
    table: &Table,
    record: &Record,
    steps: &[String],
    version: &str,
    row: &mut Map<String, Value>,
) {
    let Some((first, rest)) = steps.split_first() else { return };
    if rest.is_empty() {
        let name = table.object.field(first).map_or(first.as_str(), |field| field.name);
        row.insert(name.to_owned(), shown(table, record, first));
        return;
    }
    let Some((field, (object, way))) = table.object.way(first).and_then(|field| Some((field, field.refers?)))
    else {
        return;
    };
    let parents = org.table(object);
    let parent =
        table.value(record, field.name).as_str().and_then(|id| Some((id, parents?, parents?.get(id)?)));
    let Some((id, parents, parent)) = parent else {
        row.insert(way.to_owned(), Value::Null);
        return;
    };
    let below = row.entry(way).or_insert_with(|| json!({ "attributes": attributes(parents, id, version) }));
    if let Some(below) = below.as_object_mut() {
        place(org, parents, parent, rest, version, below);
    }
}

/// The first line of a CSV: the names as the object writes them, in quotes.
pub(crate) fn csv_head(org: &Org, query: &Query, table: &Table) -> Vec<String> {
    paths(query).map(|path| quoted(&canonical(org, table, steps(query, table, path)))).collect()
}

/// The lines of these records, each value in quotes.
pub(crate) fn csv<'a>(
    org: &'a Org,
    query: &'a Query,
    table: &'a Table,
    ids: &'a [String],
) -> impl Iterator<Item = Vec<String>> + use<'a> {
    ids.iter().filter_map(|id| table.get(id)).map(move |record| {
        let values =
            paths(query).map(|path| match value_at(org, table, record, steps(query, table, path)).1 {
                Value::Null => quoted(""),
                Value::String(text) => quoted(&text),
                other => quoted(&other.to_string()),
            });
        values.collect()
    })
}

fn quoted(value: &str) -> String {
    format!("\"{}\"", value.replace('"', "\"\""))
}

fn paths(query: &Query) -> impl Iterator<Item = &Path> {
    query.select.iter().filter_map(|item| match item {
        Item::Field(path) => Some(path),
        _ => None,
    })
}

fn canonical(org: &Org, table: &Table, steps: &[String]) -> String {
    match steps {
        [] => String::new(),
        [last] => table.object.field(last).map_or(last.as_str(), |field| field.name).to_owned(),
        [way, rest @ ..] => {
            let known = table.object.way(way).and_then(|field| field.refers);
            let parents = known.and_then(|(object, way)| Some((way, org.table(object)?)));
            parents.map_or_else(
                || steps.join("."),
                |(way, table)| format!("{way}.{}", canonical(org, table, rest)),
            )
        }
    }
}
