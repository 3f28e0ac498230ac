//! User fields and organization fields: their definitions and their options.

use std::collections::BTreeMap;

use axum::{
    extract::{OriginalUri, Path, State},
    http::StatusCode,
    response::IntoResponse as _,
};
use serde_json::{Map, Value, json};

use super::{
    access::Caller,
    field_values::empty,
    input::{Doc, Params, id_in},
    paging::{Paging, page},
    refusal::{Answer, Refusal, created, no_content, ok},
};
use crate::{clock::stamp, state::Account, world::World};

/// Definitions by id.
pub(crate) type Fields = BTreeMap<u64, Map<String, Value>>;

const TYPES: &[&str] = &[
    "checkbox",
    "date",
    "decimal",
    "dropdown",
    "integer",
    "lookup",
    "multiselect",
    "regexp",
    "text",
    "textarea",
];

/// Which records the fields are of; the first part of the path says so.
#[derive(Debug, Clone, Copy)]
struct Of {
    many: &'static str,
    one: &'static str,
}

const USERS: Of = Of { many: "user_fields", one: "user_field" };
const ORGANIZATIONS: Of = Of { many: "organization_fields", one: "organization_field" };

impl Of {
    fn named(path: &str) -> Self {
        if path.contains("organization") { ORGANIZATIONS } else { USERS }
    }

    fn all(self, account: &mut Account) -> &mut Fields {
        if self.many == USERS.many { &mut account.user_fields } else { &mut account.organization_fields }
    }

    /// Changes the values that every record has.
    fn each(self, account: &mut Account, mut change: impl FnMut(&mut Map<String, Value>)) {
        if self.many == USERS.many {
            account.users.edit_all(|user| change(&mut user.user_fields));
        } else {
            let rows = account.organizations.values_mut();
            rows.filter_map(|row| row.get_mut("organization_fields")?.as_object_mut()).for_each(change);
        }
    }
}

/// `GET /user_fields`.
pub(crate) async fn list(
    State(world): State<World>,
    caller: Caller,
    OriginalUri(uri): OriginalUri,
    params: Params,
) -> Answer {
    caller.staff()?;
    let of = Of::named(uri.path());
    let mut account = world.account();
    let rows = of.all(&mut account).values().map(|field| Value::Object(field.clone())).collect();
    let path = format!("{}/api/v2/{}.json", world.base(), of.many);
    page(of.many, rows, &path, &params, Paging::Both).map(ok)
}

/// `GET /user_fields/{id or key}`.
pub(crate) async fn show(
    State(world): State<World>,
    caller: Caller,
    OriginalUri(uri): OriginalUri,
    Path(which): Path<String>,
) -> Answer {
    caller.staff()?;
    let of = Of::named(uri.path());
    let mut account = world.account();
    let field = find(of.all(&mut account), &which)?;
    Ok(ok(json!({of.one: field})))
}

/// `POST /user_fields`.
pub(crate) async fn create(
    State(world): State<World>,
    caller: Caller,
    OriginalUri(uri): OriginalUri,
    doc: Doc,
) -> Answer {
    caller.admin()?;
    let of = Of::named(uri.path());
    let part = doc.part(of.one)?;
    let text = |name: &str| part.get(name).and_then(Value::as_str).unwrap_or_default();
    let (key, title, kind) =
        (text("key"), text("title"), part.get("type").and_then(Value::as_str).unwrap_or("text"));
    let plain = key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if key.is_empty() || !plain || key.bytes().all(|byte| byte.is_ascii_digit()) {
        let why = "Key can only contain alphanumeric characters and underscores, and not only digits";
        return Err(Refusal::invalid("key", why, None));
    }
    if title.is_empty() {
        return Err(Refusal::invalid("title", "Title: cannot be blank", Some("BlankValue")));
    }
    if !TYPES.contains(&kind) {
        return Err(Refusal::invalid("type", "Type is invalid", None));
    }
    let mut account = world.account();
    if of.all(&mut account).values().any(|field| field["key"] == key) {
        return Err(Refusal::invalid("key", "Key: has already been taken", Some("DuplicateValue")));
    }
    let id = account.fresh_id();
    let now = stamp(world.now());
    let url = format!("{}/api/v2/{}/{id}.json", world.base(), of.many);
    let mut field = definition(id, &url, key, title, kind, &now);
    change(&mut account, of, &mut field, part);
    of.all(&mut account).insert(id, field.clone());
    let empty = empty(&field);
    of.each(&mut account, |values| {
        values.insert(key.to_owned(), empty.clone());
    });
    Ok(created(&url, json!({of.one: field})))
}

/// A field's definition as Zendesk shows it.
pub(crate) fn definition(
    id: u64,
    url: &str,
    key: &str,
    title: &str,
    kind: &str,
    now: &str,
) -> Map<String, Value> {
    let mut field = json!({
        "url": url, "id": id, "type": kind, "key": key, "title": title, "description": "", "raw_title": title,
        "raw_description": "", "position": 9999, "active": true, "system": false, "regexp_for_validation": null,
        "created_at": now, "updated_at": now,
    });
    match kind {
        "dropdown" | "multiselect" => field["custom_field_options"] = json!([]),
        "checkbox" => field["tag"] = Value::Null,
        _ => {}
    }
    match field {
        Value::Object(field) => field,
        _ => unreachable!("it was written as an object"),
    }
}

/// `PUT /user_fields/{id or key}`.
pub(crate) async fn update(
    State(world): State<World>,
    caller: Caller,
    OriginalUri(uri): OriginalUri,
    Path(which): Path<String>,
    doc: Doc,
) -> Answer {
    caller.admin()?;
    let of = Of::named(uri.path());
    let part = doc.part(of.one)?;
    let mut account = world.account();
    let mut field = find(of.all(&mut account), &which)?;
    if field["system"] == true && part.contains_key("active") {
        return Err(Refusal::invalid("base", "A system field cannot be deactivated", None));
    }
    change(&mut account, of, &mut field, part);
    field.insert("updated_at".into(), json!(stamp(world.now())));
    let id = id_in(&field["id"]).ok_or_else(Refusal::not_found)?;
    of.all(&mut account).insert(id, field.clone());
    let mut response = ok(json!({of.one: field}));
    if part.contains_key("id") {
        super::tickets::warn(&mut response, of.many, "update", &[&format!("{}.id", of.one)]);
    }
    Ok(response)
}

/// `DELETE /user_fields/{id or key}`: the values go too.
pub(crate) async fn delete(
    State(world): State<World>,
    caller: Caller,
    OriginalUri(uri): OriginalUri,
    Path(which): Path<String>,
) -> Answer {
    caller.admin()?;
    let of = Of::named(uri.path());
    let mut account = world.account();
    let field = find(of.all(&mut account), &which)?;
    if field["system"] == true {
        return Err(Refusal::invalid("base", "A system field cannot be deleted", None));
    }
    of.all(&mut account).retain(|_, known| known["key"] != field["key"]);
    let key = field["key"].as_str().unwrap_or_default();
    of.each(&mut account, |values| {
        values.remove(key);
    });
    Ok(no_content())
}

/// `GET /user_fields/{id}/options`.
pub(crate) async fn options(
    State(world): State<World>,
    caller: Caller,
    OriginalUri(uri): OriginalUri,
    Path(which): Path<String>,
    params: Params,
) -> Answer {
    caller.staff()?;
    let of = Of::named(uri.path());
    let mut account = world.account();
    let field = find(of.all(&mut account), &which)?;
    let rows = field.get("custom_field_options").and_then(Value::as_array).cloned().unwrap_or_default();
    let path = format!("{}{}.json", world.base(), uri.path().trim_end_matches(".json"));
    page("custom_field_options", rows, &path, &params, Paging::Both).map(ok)
}

/// `POST /user_fields/{id}/options`: adds one (201) or changes it (200).
pub(crate) async fn set_option(
    State(world): State<World>,
    caller: Caller,
    OriginalUri(uri): OriginalUri,
    Path(which): Path<String>,
    doc: Doc,
) -> Answer {
    caller.admin()?;
    let of = Of::named(uri.path());
    let part = doc.part("custom_field_option")?;
    let mut account = world.account();
    let mut field = find(of.all(&mut account), &which)?;
    let fresh = account.fresh_id();
    let Some(options) = field.get_mut("custom_field_options").and_then(Value::as_array_mut) else {
        return Err(Refusal::invalid("base", "This field has no options", None));
    };
    let known = options.iter().position(|option| {
        part.get("id").is_some_and(|id| *id == option["id"])
            || part.get("value").is_some_and(|v| *v == option["value"])
    });
    let position = known.unwrap_or(options.len());
    let id = known.map_or(json!(fresh), |at| options[at]["id"].clone());
    let option = option_json(&id, part, position);
    match known {
        Some(at) => options[at] = option.clone(),
        None => options.push(option.clone()),
    }
    let location = format!("{}{}/{}.json", world.base(), uri.path().trim_end_matches(".json"), option["id"]);
    let field_id = id_in(&field["id"]).ok_or_else(Refusal::not_found)?;
    of.all(&mut account).insert(field_id, field);
    let status = if known.is_some() { StatusCode::OK } else { StatusCode::CREATED };
    let body = axum::Json(json!({"custom_field_option": option}));
    Ok((status, [(axum::http::header::LOCATION, location)], body).into_response())
}

fn option_json(id: &Value, part: &Map<String, Value>, position: usize) -> Value {
    let name = part.get("name").cloned().unwrap_or_default();
    json!({"id": id, "name": name, "raw_name": name, "position": position, "value": part.get("value")})
}

fn find(fields: &Fields, which: &str) -> Result<Map<String, Value>, Refusal> {
    let found = match which.parse::<u64>() {
        Ok(id) => fields.get(&id),
        Err(_) => fields.values().find(|field| field["key"] == which),
    };
    found.cloned().ok_or_else(Refusal::not_found)
}

/// Options that the new list leaves out are gone, from every record too.
fn change(account: &mut Account, of: Of, field: &mut Map<String, Value>, part: &Map<String, Value>) {
    for (name, value) in part {
        match name.as_str() {
            "title" | "description" => {
                field.insert(format!("raw_{name}"), value.clone());
                field.insert(name.clone(), value.clone());
            }
            "active" | "position" | "regexp_for_validation" | "tag" => {
                field.insert(name.clone(), value.clone());
            }
            "custom_field_options" => {
                let rows = value.as_array().map(Vec::as_slice).unwrap_or_default();
                let options: Vec<_> = rows
                    .iter()
                    .filter_map(Value::as_object)
                    .enumerate()
                    .map(|(at, row)| {
                        let id = row.get("id").cloned().unwrap_or_else(|| json!(account.fresh_id()));
                        option_json(&id, row, at)
                    })
                    .collect();
                let key = field["key"].as_str().unwrap_or_default().to_owned();
                let stale = |known: &Value| options.iter().all(|option| option["value"] != *known);
                of.each(account, |values| {
                    if let Some(value) = values.get_mut(&key).filter(|value| stale(value)) {
                        *value = Value::Null;
                    }
                });
                field.insert(name.clone(), json!(options));
            }
            _ => {}
        }
    }
}
