//! Single records: read, made, changed, deleted. Docs: "sObject Rows", "sObject Rows by External ID". **Invariant:** an e-mail address is
//! kept in lower case, as recorded.

use std::collections::HashMap;

use axum::{
    Extension,
    extract::{Path, Query as UrlQuery, State},
    http::{StatusCode, header},
    response::IntoResponse as _,
};
use serde_json::{Map, Value, json};

use super::{
    access::Caller,
    org::Org,
    record::{Record, Table, whole_id},
    refusal::{Answer, Refusal, ok},
    schema::{Field, Kind},
    soql::{check, parse, rows},
};
use crate::world::World;

fn table<'a>(org: &'a Org, name: &str) -> Result<&'a Table, Refusal> {
    org.table(name).ok_or_else(Refusal::not_found)
}

fn living<'a>(table: &'a Table, id: &str) -> Result<&'a Record, Refusal> {
    let record = table.get(id).ok_or_else(Refusal::not_found)?;
    if record.deleted {
        let why = "entity is deleted";
        return Err(Refusal::of_fields(StatusCode::NOT_FOUND, "ENTITY_IS_DELETED", why, &[]));
    }
    Ok(record)
}

/// `GET …/sobjects/{object}/{id}?fields=`.
pub(crate) async fn show(
    State(world): State<World>,
    Extension(caller): Extension<Caller>,
    Path((_, object, id)): Path<(String, String, String)>,
    UrlQuery(asked): UrlQuery<HashMap<String, String>>,
) -> Answer {
    let org = world.salesforce();
    let table = table(&org, &object)?;
    let id = whole_id(&id);
    if table.get(&id).is_none_or(|record| record.deleted) {
        return Err(Refusal::not_found());
    }
    one(&org, &world, table, id, asked.get("fields"), &caller)
}

/// `GET …/sobjects/{object}/{field}/{value}`: by an external id; several with the same are listed with 300.
pub(crate) async fn show_by_key(
    State(world): State<World>,
    Extension(caller): Extension<Caller>,
    Path((_, object, key, value)): Path<(String, String, String, String)>,
    UrlQuery(asked): UrlQuery<HashMap<String, String>>,
) -> Answer {
    let org = world.salesforce();
    let table = table(&org, &object)?;
    let field =
        table.object.field(&key).filter(|field| field.id_lookup && !org.hides(table.object.name, field.name));
    let field = field.ok_or_else(|| {
        let why = format!("Provided external ID field does not exist or is not accessible: {key}");
        Refusal::new(StatusCode::NOT_FOUND, "NOT_FOUND", &why)
    })?;
    let same = |record: &&Record| {
        let known = table.value(record, field.name).as_str();
        !record.deleted && known.is_some_and(|known| known.eq_ignore_ascii_case(&value))
    };
    let ids: Vec<String> = table
        .records
        .values()
        .filter(same)
        .filter_map(|record| record.values[0].as_str().map(str::to_owned))
        .collect();
    match &ids[..] {
        [] => Err(Refusal::not_found()),
        [id] => one(&org, &world, table, id.clone(), asked.get("fields"), &caller),
        several => {
            let base = format!("/services/data/v{}/sobjects/{}", caller.version, table.object.name);
            let urls: Vec<String> = several.iter().map(|id| format!("{base}/{id}")).collect();
            Ok((StatusCode::MULTIPLE_CHOICES, ok(&json!(urls))).into_response())
        }
    }
}

fn one(
    org: &Org,
    world: &World,
    table: &Table,
    id: String,
    fields: Option<&String>,
    caller: &Caller,
) -> Answer {
    let name = table.object.name;
    let visible = || {
        let names = table.object.fields.iter().map(|field| field.name);
        names.filter(|field| !org.hides(name, field)).collect::<Vec<_>>().join(",")
    };
    let query = parse(&format!("SELECT {} FROM {name}", fields.cloned().unwrap_or_else(visible)))?;
    check(org, &query)?;
    let mut found = rows(org, &query, table, &[id], &caller.version, world.now().date_naive());
    found.pop().map(|row| ok(&row)).ok_or_else(Refusal::not_found)
}

/// `POST …/sobjects/{object}`.
pub(crate) async fn create(
    State(world): State<World>,
    Extension(caller): Extension<Caller>,
    Path((version, object)): Path<(String, String)>,
    body: axum::body::Bytes,
) -> Answer {
    let (mut org, now) = (world.salesforce(), world.now());
    let known = table(&org, &object)?;
    let mut values = accepted(&org, known, &sent(&body)?)?;
    let missing: Vec<&str> = known
        .object
        .fields
        .iter()
        .filter(|field| {
            field.required && !values.iter().any(|(name, value)| *name == field.name && !value.is_null())
        })
        .map(|field| field.name)
        .collect();
    if !missing.is_empty() {
        let why = format!("Required fields are missing: [{}]", missing.join(", "));
        return Err(Refusal::of_fields(StatusCode::BAD_REQUEST, "REQUIRED_FIELD_MISSING", &why, &missing));
    }
    if known.object.field("OwnerId").is_some() && !values.iter().any(|(name, _)| *name == "OwnerId") {
        values.push(("OwnerId", json!(caller.user)));
    }
    let name = known.object.name;
    let id = org.table_mut(name).ok_or_else(Refusal::not_found)?.add(&values, now);
    let location = format!("/services/data/{version}/sobjects/{name}/{id}");
    let body = ok(&json!({"id": id, "success": true, "errors": []}));
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], body).into_response())
}

/// `PATCH …/sobjects/{object}/{id}`.
pub(crate) async fn update(
    State(world): State<World>,
    Path((_, object, id)): Path<(String, String, String)>,
    body: axum::body::Bytes,
) -> Answer {
    let (mut org, now) = (world.salesforce(), world.now());
    let known = table(&org, &object)?;
    living(known, &id)?;
    let values = accepted(&org, known, &sent(&body)?)?;
    let name = known.object.name;
    org.table_mut(name).ok_or_else(Refusal::not_found)?.change(&id, &values, now);
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// `DELETE …/sobjects/{object}/{id}`.
pub(crate) async fn delete(
    State(world): State<World>,
    Path((_, object, id)): Path<(String, String, String)>,
) -> Answer {
    let (mut org, now) = (world.salesforce(), world.now());
    let known = table(&org, &object)?;
    living(known, &id)?;
    let name = known.object.name;
    org.table_mut(name).ok_or_else(Refusal::not_found)?.delete(&id, now);
    Ok(StatusCode::NO_CONTENT.into_response())
}

fn sent(body: &[u8]) -> Result<Map<String, Value>, Refusal> {
    serde_json::from_slice(body).map_err(|error| {
        Refusal::bad("JSON_PARSER_ERROR", &format!("The request body is not an object: {error}"))
    })
}

/// The values as they are kept, or why one of them is refused.
pub(super) fn accepted(
    org: &Org,
    table: &Table,
    sent: &Map<String, Value>,
) -> Result<Vec<(&'static str, Value)>, Refusal> {
    let mut values = Vec::new();
    for (name, value) in sent.iter().filter(|(name, _)| *name != "attributes") {
        let object = table.object.name;
        let field = table.object.field(name).filter(|field| !org.hides(object, field.name));
        let field = field.ok_or_else(|| {
            Refusal::bad("INVALID_FIELD", &format!("No such column '{name}' on sobject of type {object}"))
        })?;
        if !field.writable || !table.object.writable {
            let why = format!(
                "Unable to create/update fields: {}. Please check the security settings of this field and verify that it is read/write for \
                 your profile or permission set.",
                field.name
            );
            return Err(refused(field, "INVALID_FIELD_FOR_INSERT_UPDATE", &why));
        }
        values.push((field.name, kept(field, value)?));
    }
    Ok(values)
}

fn refused(field: &Field, code: &str, why: &str) -> Refusal {
    Refusal::of_fields(StatusCode::BAD_REQUEST, code, why, &[field.name])
}

fn kept(field: &Field, value: &Value) -> Result<Value, Refusal> {
    let wrong = || {
        let why = format!("Cannot deserialize instance of {} from {value}", field.kind.name());
        Refusal::bad("JSON_PARSER_ERROR", &why)
    };
    if value.is_null() || *value == "" {
        return Ok(Value::Null);
    }
    let text = value.as_str();
    match field.kind {
        Kind::Boolean => value.as_bool().map(|_| value.clone()).ok_or_else(wrong),
        Kind::Integer => value.as_i64().map(|_| value.clone()).ok_or_else(wrong),
        kind if kind.is_number() => value.as_f64().map(|number| json!(number)).ok_or_else(wrong),
        Kind::Date => text
            .and_then(|text| text.get(..10)?.parse::<chrono::NaiveDate>().ok())
            .map(|day| json!(day))
            .ok_or_else(wrong),
        _ => {
            let text = text.ok_or_else(wrong)?;
            if text.chars().count() > usize::try_from(field.length).unwrap_or(usize::MAX) {
                let why =
                    format!("{}: data value too large: {text} (max length={})", field.label, field.length);
                return Err(refused(field, "STRING_TOO_LONG", &why));
            }
            if field.kind == Kind::Email
                && !text.split_once('@').is_some_and(|(name, host)| !name.is_empty() && host.contains('.'))
            {
                let why = format!("{}: invalid email address: {text}", field.label);
                return Err(refused(field, "INVALID_EMAIL_ADDRESS", &why));
            }
            let restricted = field.kind == Kind::Picklist && field.name.ends_with("__c");
            if restricted && !field.choices.contains(&text) {
                let why = format!("{}: bad value for restricted picklist field: {text}", field.label);
                return Err(refused(field, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", &why));
            }
            Ok(if field.kind == Kind::Email { json!(text.to_lowercase()) } else { json!(text) })
        }
    }
}
