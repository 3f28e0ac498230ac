//! Organizations: list, one, search by name, create, update, delete.

use axum::extract::{OriginalUri, Path, State};
use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

use super::{
    access::Caller,
    events, field_values,
    input::{Doc, Params, id, id_in, words_in},
    paging::{Paging, page},
    refusal::{Answer, Refusal, created, no_content, ok},
};
use crate::{clock::stamp, state::Account, world::World};

/// `GET /organizations`, `GET /organizations/show_many?ids=|external_ids=`.
pub(crate) async fn list(
    State(world): State<World>,
    caller: Caller,
    OriginalUri(uri): OriginalUri,
    params: Params,
) -> Answer {
    caller.staff()?;
    let ids =
        params.list("ids")?.map(|ids| ids.iter().filter_map(|id| id.parse().ok()).collect::<Vec<u64>>());
    let external = params.list("external_ids")?;
    let account = world.account();
    let rows = account.organizations.iter().filter(|(id, row)| {
        ids.as_ref().is_none_or(|ids| ids.contains(id))
            && external
                .as_ref()
                .is_none_or(|ids| ids.iter().any(|id| row["external_id"].as_str() == Some(id)))
    });
    let rows = rows.map(|(_, row)| Value::Object(row.clone())).collect();
    let path = format!("{}{}.json", world.base(), uri.path().trim_end_matches(".json"));
    page("organizations", rows, &path, &params, Paging::Both).map(ok)
}

/// `GET /organizations/search?name=|external_id=`.
pub(crate) async fn search(State(world): State<World>, caller: Caller, params: Params) -> Answer {
    caller.staff()?;
    let account = world.account();
    let same = |row: &Map<String, Value>, name: &str| {
        params
            .get(name)
            .is_none_or(|wanted| row[name].as_str().is_some_and(|known| known.eq_ignore_ascii_case(wanted)))
    };
    let rows = account.organizations.values().filter(|row| same(row, "name") && same(row, "external_id"));
    let rows = rows.map(|row| Value::Object(row.clone())).collect();
    let path = format!("{}/api/v2/organizations/search.json", world.base());
    page("organizations", rows, &path, &params, Paging::Both).map(ok)
}

/// `GET /organizations/autocomplete?name=`: those whose names begin like this.
pub(crate) async fn autocomplete(State(world): State<World>, caller: Caller, params: Params) -> Answer {
    caller.staff()?;
    let begins = params.get("name").unwrap_or_default().to_lowercase();
    if begins.is_empty() {
        return Err(Refusal::invalid_attribute("Parameter name is required"));
    }
    let account = world.account();
    let named = |row: &&Map<String, Value>| {
        row["name"].as_str().unwrap_or_default().to_lowercase().starts_with(&begins)
    };
    let rows = account.organizations.values().filter(named).map(|row| Value::Object(row.clone())).collect();
    let path = format!("{}/api/v2/organizations/autocomplete.json", world.base());
    page("organizations", rows, &path, &params, Paging::Both).map(ok)
}

/// `GET /organizations/count`.
pub(crate) async fn count(State(world): State<World>, caller: Caller) -> Answer {
    caller.staff()?;
    let value = world.account().organizations.len();
    Ok(ok(json!({"count": {"value": value, "refreshed_at": stamp(world.now())}})))
}

/// `GET /organizations/{id}/related`.
pub(crate) async fn related(State(world): State<World>, caller: Caller, Path(which): Path<String>) -> Answer {
    caller.staff()?;
    let (which, account) = (id(&which)?, world.account());
    if !account.organizations.contains_key(&which) {
        return Err(Refusal::not_found());
    }
    let tickets = account.tickets.values().filter(|ticket| ticket.organization_id == Some(which)).count();
    let users =
        account.users.values().filter(|user| user.active && user.organization_id == Some(which)).count();
    Ok(ok(json!({"organization_related": {"tickets_count": tickets, "users_count": users}})))
}

/// `GET /organizations/{id}`.
pub(crate) async fn show(State(world): State<World>, caller: Caller, Path(which): Path<String>) -> Answer {
    caller.staff()?;
    let account = world.account();
    let row = account.organizations.get(&id(&which)?).ok_or_else(Refusal::not_found)?;
    Ok(ok(json!({"organization": row})))
}

/// `POST /organizations`.
pub(crate) async fn create(State(world): State<World>, caller: Caller, doc: Doc) -> Answer {
    caller.admin()?;
    answer_made(&world, doc.part("organization")?)
}

/// `POST /organizations/create_or_update`: by id, or by external id; 200 when it existed, 201 when not.
pub(crate) async fn upsert(State(world): State<World>, caller: Caller, doc: Doc) -> Answer {
    caller.admin()?;
    let part = doc.part("organization")?;
    let external = part.get("external_id").and_then(Value::as_str).filter(|text| !text.is_empty());
    let known = {
        let account = world.account();
        match part.get("id").and_then(id_in) {
            Some(id) => Some(account.organizations.get(&id).map(|_| id).ok_or_else(Refusal::not_found)?),
            None => external.and_then(|id| by_external_id(&account, id)),
        }
    };
    match known {
        Some(which) => {
            let row = patch(&mut world.account(), which, part, world.now())?;
            Ok(ok(json!({"organization": row})))
        }
        None => answer_made(&world, part),
    }
}

/// The organization with this external id; case does not matter.
pub(crate) fn by_external_id(account: &Account, external_id: &str) -> Option<u64> {
    let same = |row: &Map<String, Value>| {
        row["external_id"].as_str().is_some_and(|known| known.eq_ignore_ascii_case(external_id))
    };
    account.organizations.iter().find(|(_, row)| same(row)).map(|(id, _)| *id)
}

fn answer_made(world: &World, part: &Map<String, Value>) -> Answer {
    let (id, row) = make(&mut world.account(), world.base(), part, world.now())?;
    let location = format!("{}/api/v2/organizations/{id}.json", world.base());
    Ok(created(&location, json!({"organization": row})))
}

/// A new organization out of what the caller sent.
pub(crate) fn make(
    account: &mut Account,
    base: &str,
    part: &Map<String, Value>,
    now: DateTime<Utc>,
) -> Result<(u64, Map<String, Value>), Refusal> {
    let name = part.get("name").and_then(Value::as_str).unwrap_or_default();
    if name.is_empty() {
        return Err(Refusal::invalid("name", "Name: cannot be blank", Some("BlankValue")));
    }
    let id = account.fresh_id();
    let mut row = organization(base, id, name, &stamp(now));
    row.insert(
        "organization_fields".into(),
        Value::Object(field_values::blank(&account.organization_fields)),
    );
    change(account, id, &mut row, part)?;
    account.organizations.insert(id, row.clone());
    events::organization_created(account, &row, now);
    Ok((id, row))
}

/// `PUT /organizations/{id}`.
pub(crate) async fn update(
    State(world): State<World>,
    caller: Caller,
    Path(which): Path<String>,
    doc: Doc,
) -> Answer {
    caller.admin()?;
    let row = patch(&mut world.account(), id(&which)?, doc.part("organization")?, world.now())?;
    Ok(ok(json!({"organization": row})))
}

/// `DELETE /organizations/{id}`: its members and tickets stay, without it.
pub(crate) async fn delete(State(world): State<World>, caller: Caller, Path(which): Path<String>) -> Answer {
    caller.admin()?;
    let (which, mut account) = (id(&which)?, world.account());
    let gone = account.organizations.remove(&which).ok_or_else(Refusal::not_found)?;
    events::organization_deleted(&mut account, &gone, world.now());
    account.users.edit_all(|user| user.organization_id = user.organization_id.filter(|id| *id != which));
    for ticket in account.tickets.values_mut().filter(|ticket| ticket.organization_id == Some(which)) {
        ticket.organization_id = None;
    }
    Ok(no_content())
}

/// Applies a patch: all of it or, with a refusal, nothing.
pub(crate) fn patch(
    account: &mut Account,
    which: u64,
    part: &Map<String, Value>,
    now: DateTime<Utc>,
) -> Result<Map<String, Value>, Refusal> {
    let mut row = account.organizations.get(&which).cloned().ok_or_else(Refusal::not_found)?;
    change(account, which, &mut row, part)?;
    row.insert("updated_at".into(), json!(stamp(now)));
    account.organizations.insert(which, row.clone());
    Ok(row)
}

fn change(
    account: &Account,
    which: u64,
    row: &mut Map<String, Value>,
    part: &Map<String, Value>,
) -> Result<(), Refusal> {
    for name in ["name", "external_id"] {
        let Some(wanted) = part.get(name).and_then(Value::as_str).filter(|text| !text.is_empty()) else {
            continue;
        };
        let taken = |row: &Map<String, Value>| {
            row[name].as_str().is_some_and(|known| known.eq_ignore_ascii_case(wanted))
        };
        if account.organizations.iter().any(|(id, row)| *id != which && taken(row)) {
            let title = if name == "name" { "Name" } else { "External" };
            let why = format!("{title}: has already been taken");
            return Err(Refusal::invalid(name, &why, Some("DuplicateValue")));
        }
    }
    for (name, value) in part {
        match name.as_str() {
            "name" | "external_id" | "details" | "notes" | "shared_tickets" | "shared_comments" => {
                row.insert(name.clone(), value.clone());
            }
            "group_id" => {
                row.insert(name.clone(), json!(id_in(value)));
            }
            "tags" | "domain_names" => {
                row.insert(name.clone(), json!(words_in(value)));
            }
            "organization_fields" => {
                let mut values = row["organization_fields"].as_object().cloned().unwrap_or_default();
                let of_boxes = field_values::merge(&account.organization_fields, &mut values, value)?;
                row.insert(name.clone(), Value::Object(values));
                let mut tags = words_in(row.get("tags").unwrap_or(&Value::Null));
                field_values::tag(&mut tags, of_boxes);
                row.insert("tags".into(), json!(tags));
            }
            _ => {}
        }
    }
    Ok(())
}

/// An organization about which only its name is known.
pub(crate) fn organization(base: &str, id: u64, name: &str, now: &str) -> Map<String, Value> {
    let body = json!({
        "url": format!("{base}/api/v2/organizations/{id}.json"), "id": id, "name": name, "shared_tickets": false,
        "shared_comments": false, "external_id": null, "created_at": now, "updated_at": now, "domain_names": [],
        "details": null, "notes": null, "group_id": null, "tags": [], "organization_fields": {},
    });
    match body {
        Value::Object(row) => row,
        _ => unreachable!("it was written as an object"),
    }
}
