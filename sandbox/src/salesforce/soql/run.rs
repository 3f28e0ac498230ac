//! Finds what a query asks for. **Invariant:** a field that is hidden from the caller is as unknown as one that does not exist.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde_json::{Map, Value, json};

use super::{Item, Path, Query, Refused};
use crate::salesforce::{
    org::Org,
    record::{Record, Table},
    schema::{Field, Kind},
};

/// What a query found.
#[derive(Debug)]
pub(crate) enum Found {
    /// The ids of records, in the query's order.
    Records(Vec<String>),
    /// Groups, ready to be shown.
    Groups(Vec<Value>),
    /// How many there are.
    Count(usize),
}

/// The highest `OFFSET`.
const FURTHEST: usize = 2_000;

/// Refuses what cannot be answered; the object that is asked for.
pub(crate) fn check<'a>(org: &'a Org, query: &Query) -> Result<&'a Table, Refused> {
    let name = query.from.parts.join(".");
    let table = org.table(&name).ok_or_else(|| {
        let why = format!(
            "sObject type '{name}' is not supported. If you are attempting to use a custom object, be sure to append the '__c' \
             after the entity name. Please reference your WSDL or the describe call for the appropriate names."
        );
        Refused::at("INVALID_TYPE", &query.text, query.from.at, &why)
    })?;
    check_within(org, query, table)?;
    Ok(table)
}

fn check_within(org: &Org, query: &Query, table: &Table) -> Result<(), Refused> {
    let mut seen: Vec<String> = Vec::new();
    for item in &query.select {
        match item {
            Item::Field(path) => {
                let field = leads_to(org, query, table, path)?;
                let whole = path.parts.join(".").to_lowercase();
                if seen.contains(&whole) {
                    let why = format!("duplicate field selected: {}", field.name);
                    return Err(Refused::at("INVALID_FIELD", &query.text, path.at, &why));
                }
                seen.push(whole);
                if query.groups() && !query.group_by.iter().any(|by| same(by, path)) {
                    let why = format!("Field must be grouped or aggregated: {}", field.name);
                    return Err(Refused::at("MALFORMED_QUERY", &query.text, path.at, &why));
                }
            }
            Item::Aggregate { of: Some(path), .. } => {
                leads_to(org, query, table, path)?;
            }
            Item::Aggregate { .. } => {}
            Item::Children(inner) => {
                let (children, _) = children(org, query, table, inner)?;
                check_within(org, inner, children)?;
            }
        }
    }
    for path in query.group_by.iter().chain(query.order_by.iter().map(|order| &order.by)) {
        let aliased = query.select.iter().any(|item| {
            matches!(item, Item::Aggregate { alias: Some(alias), .. } if path.parts.len() == 1 && alias.eq_ignore_ascii_case(&path.parts[0]))
        });
        if !aliased {
            leads_to(org, query, table, path)?;
        }
    }
    if let Some(condition) = &query.condition {
        condition.check(query, &|path: &Path| leads_to(org, query, table, path))?;
    }
    if query.offset > FURTHEST {
        let message = format!("Maximum SOQL offset allowed is {FURTHEST}");
        return Err(Refused { code: "NUMBER_OUTSIDE_VALID_RANGE", message });
    }
    Ok(())
}

/// The records that a query within a query is about, and the field by which they refer to the outer one's.
pub(super) fn children<'a>(
    org: &'a Org,
    outer: &Query,
    table: &Table,
    inner: &Query,
) -> Result<(&'a Table, &'static str), Refused> {
    let way = inner.from.parts.join(".");
    let known = table.object.children.iter().find(|(name, ..)| name.eq_ignore_ascii_case(&way));
    let found = known.and_then(|(_, object, field)| Some((org.table(object)?, *field)));
    found.ok_or_else(|| {
        let why = format!(
            "Didn't understand relationship '{way}' in FROM part of query call. If you are attempting to use a custom relationship, be \
             sure to append the '__r' after the custom relationship name. Please reference your WSDL or the describe call for the \
             appropriate names."
        );
        Refused::at("INVALID_TYPE", &outer.text, inner.from.at, &why)
    })
}

fn same(one: &Path, other: &Path) -> bool {
    one.parts.len() == other.parts.len()
        && one.parts.iter().zip(&other.parts).all(|(one, other)| one.eq_ignore_ascii_case(other))
}

/// A path without the object's name or alias before it.
pub(super) fn steps<'a>(query: &Query, table: &Table, path: &'a Path) -> &'a [String] {
    let first = &path.parts[0];
    let named = query.alias.as_ref().is_some_and(|alias| alias.eq_ignore_ascii_case(first))
        || table.object.name.eq_ignore_ascii_case(first);
    if path.parts.len() > 1 && named { &path.parts[1..] } else { &path.parts }
}

/// The field that a path leads to.
fn leads_to<'a>(org: &'a Org, query: &Query, table: &'a Table, path: &Path) -> Result<&'a Field, Refused> {
    let steps = steps(query, table, path);
    let (last, ways) = steps.split_last().ok_or_else(|| Refused::malformed(&query.text, path.at, ""))?;
    let mut table = table;
    for way in ways {
        let parent = table.object.way(way).filter(|field| !org.hides(table.object.name, field.name));
        table = parent.and_then(|field| org.table(field.refers?.0)).ok_or_else(|| {
            let why = format!(
                "Didn't understand relationship '{way}' in field path. If you are attempting to use a custom relationship, be sure to \
                 append the '__r' after the custom relationship name. Please reference your WSDL or the describe call for the \
                 appropriate names."
            );
            Refused::at("INVALID_FIELD", &query.text, path.at, &why)
        })?;
    }
    let field = table.object.field(last).filter(|field| !org.hides(table.object.name, field.name));
    field.ok_or_else(|| {
        let why = format!(
            "No such column '{last}' on entity '{}'. If you are attempting to use a custom field, be sure to append the '__c' after the \
             custom field name. Please reference your WSDL or the describe call for the appropriate names.",
            table.object.name
        );
        Refused::at("INVALID_FIELD", &query.text, path.at, &why)
    })
}

/// The value that these steps lead to from a record, and of what kind it is.
pub(super) fn value_at(org: &Org, table: &Table, record: &Record, steps: &[String]) -> (Kind, Value) {
    let nothing = (Kind::Text, Value::Null);
    let Some((last, ways)) = steps.split_last() else { return nothing };
    let (mut table, mut record) = (table, Some(record));
    for way in ways {
        let Some(field) = table.object.way(way) else { return nothing };
        let id = record.map(|record| table.value(record, field.name).clone());
        let Some(parents) = field.refers.and_then(|(object, _)| org.table(object)) else { return nothing };
        (table, record) = (parents, id.as_ref().and_then(Value::as_str).and_then(|id| parents.get(id)));
    }
    let kind = table.object.field(last).map_or(Kind::Text, |field| field.kind);
    (kind, record.map_or(Value::Null, |record| super::show::shown(table, record, last)))
}

/// Runs a query that was checked; `deleted` includes the recycle bin.
pub(crate) fn find(org: &Org, query: &Query, table: &Table, deleted: bool, today: NaiveDate) -> Found {
    let records = table.records.iter().filter(|(_, record)| deleted || !record.deleted);
    let ids = select(org, query, table, records, today);
    if query.only_counts() {
        return Found::Count(ids.len());
    }
    if query.groups() {
        return Found::Groups(groups(org, query, table, &ids));
    }
    Found::Records(ids.into_iter().cloned().collect())
}

/// Those of `records` that fulfil the query's condition, ordered and cut.
pub(super) fn select<'a>(
    org: &Org,
    query: &Query,
    table: &Table,
    records: impl Iterator<Item = (&'a String, &'a Record)>,
    today: NaiveDate,
) -> Vec<&'a String> {
    let value = |record: &Record, path: &Path| value_at(org, table, record, steps(query, table, path));
    let held = records.filter(|(_, record)| {
        query
            .condition
            .as_ref()
            .is_none_or(|condition| condition.holds(&|path: &Path| value(record, path), today))
    });
    if query.order_by.is_empty() || query.groups() {
        let ids = held.map(|(id, _)| id);
        return if query.groups() { ids.collect() } else { cut(query, ids) };
    }
    let mut keyed: Vec<(Vec<Value>, &String)> = held
        .map(|(id, record)| (query.order_by.iter().map(|order| value(record, &order.by).1).collect(), id))
        .collect();
    keyed.sort_by(|(one, _), (other, _)| {
        let orders = query.order_by.iter().zip(one.iter().zip(other));
        orders.fold(Ordering::Equal, |so_far, (order, (one, other))| {
            so_far.then_with(|| match (one.is_null(), other.is_null()) {
                (true, true) => Ordering::Equal,
                (true, false) if order.nulls_last => Ordering::Greater,
                (true, false) => Ordering::Less,
                (false, true) if order.nulls_last => Ordering::Less,
                (false, true) => Ordering::Greater,
                (false, false) if order.descending => compare(other, one),
                (false, false) => compare(one, other),
            })
        })
    });
    cut(query, keyed.into_iter().map(|(_, id)| id))
}

fn cut<T>(query: &Query, rows: impl Iterator<Item = T>) -> Vec<T> {
    rows.skip(query.offset).take(query.limit.unwrap_or(usize::MAX)).collect()
}

fn compare(one: &Value, other: &Value) -> Ordering {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => {
            one.as_f64().partial_cmp(&other.as_f64()).unwrap_or(Ordering::Equal)
        }
        (Value::String(one), Value::String(other)) => one.to_lowercase().cmp(&other.to_lowercase()),
        (one, other) => one.to_string().cmp(&other.to_string()),
    }
}

fn groups(org: &Org, query: &Query, table: &Table, ids: &[&String]) -> Vec<Value> {
    let value = |id: &str, path: &Path| {
        let record = table.get(id);
        record.map_or(Value::Null, |record| value_at(org, table, record, steps(query, table, path)).1)
    };
    let mut grouped: BTreeMap<Vec<String>, Vec<&str>> = BTreeMap::new();
    for id in ids {
        let key = query.group_by.iter().map(|path| value(id, path).to_string()).collect();
        grouped.entry(key).or_default().push(id);
    }
    if grouped.is_empty() && query.group_by.is_empty() {
        grouped.insert(Vec::new(), Vec::new());
    }
    let rows = grouped.into_values().map(|ids| {
        let mut row = Map::from_iter([("attributes".to_owned(), json!({"type": "AggregateResult"}))]);
        let mut unnamed = 0;
        for item in &query.select {
            match item {
                Item::Field(path) => {
                    let name = path.parts.last().cloned().unwrap_or_default();
                    row.insert(name, ids.first().map_or(Value::Null, |id| value(id, path)));
                }
                Item::Aggregate { function, of, alias } => {
                    let name = alias.clone().unwrap_or_else(|| format!("expr{unnamed}"));
                    unnamed += usize::from(alias.is_none());
                    let values =
                        of.as_ref().map(|path| ids.iter().map(|id| value(id, path)).collect::<Vec<_>>());
                    row.insert(name, aggregate(function, values, ids.len()));
                }
                Item::Children(_) => {}
            }
        }
        Value::Object(row)
    });
    let mut rows: Vec<Value> = rows.collect();
    for order in query.order_by.iter().rev() {
        let name = order.by.parts.last().cloned().unwrap_or_default();
        rows.sort_by(|one, other| {
            let ascending = compare(&one[&name], &other[&name]);
            if order.descending { ascending.reverse() } else { ascending }
        });
    }
    cut(query, rows.into_iter())
}

#[expect(clippy::cast_precision_loss, reason = "an average of fewer than 2^52 values")]
fn aggregate(function: &str, values: Option<Vec<Value>>, rows: usize) -> Value {
    let Some(values) = values else { return json!(rows) };
    let known: Vec<Value> = values.into_iter().filter(|value| !value.is_null()).collect();
    let sum = || known.iter().filter_map(Value::as_f64).sum::<f64>();
    match function {
        "COUNT" => json!(known.len()),
        "COUNT_DISTINCT" => {
            let mut distinct: Vec<String> = known.iter().map(Value::to_string).collect();
            distinct.sort();
            distinct.dedup();
            json!(distinct.len())
        }
        _ if known.is_empty() => Value::Null,
        "SUM" => json!(sum()),
        "AVG" => json!(sum() / known.len() as f64),
        "MIN" => known.into_iter().min_by(compare).unwrap_or_default(),
        _ => known.into_iter().max_by(compare).unwrap_or_default(),
    }
}
