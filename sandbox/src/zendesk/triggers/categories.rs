//! Categories of triggers; every trigger is in one. Recorded: the id is a text. The account begins with "Notifications".

use axum::extract::{Path, State};
use serde_json::{Map, Value, json};

use crate::{
    clock::stamp,
    world::World,
    zendesk::{
        access::Caller,
        input::{Doc, Params, id},
        paging::{Paging, page},
        refusal::{Answer, Refusal, created, ok},
    },
};

/// The category that every account begins with.
pub(crate) const FIRST: u64 = 6_130_869_158_682;

/// A category as Zendesk shows it.
pub(crate) fn category(base: &str, id: u64, name: &str, position: usize, now: &str) -> Map<String, Value> {
    let body = json!({
        "url": format!("{base}/api/v2/trigger_categories/{id}.json"), "id": id.to_string(), "name": name,
        "updated_at": now, "created_at": now, "position": position,
    });
    body.as_object().cloned().unwrap_or_default()
}

/// `GET /trigger_categories`.
pub(crate) async fn list(State(world): State<World>, caller: Caller, params: Params) -> Answer {
    caller.staff()?;
    let rows = world.account().trigger_categories.values().cloned().map(Value::Object).collect();
    let path = format!("{}/api/v2/trigger_categories.json", world.base());
    page("trigger_categories", rows, &path, &params, Paging::CursorOnly).map(ok)
}

/// `GET /trigger_categories/{id}`.
pub(crate) async fn show(State(world): State<World>, caller: Caller, Path(which): Path<String>) -> Answer {
    caller.staff()?;
    let account = world.account();
    let row = account.trigger_categories.get(&id(&which)?).ok_or_else(Refusal::not_found)?;
    Ok(ok(json!({"trigger_category": row})))
}

/// `POST /trigger_categories`.
pub(crate) async fn create(State(world): State<World>, caller: Caller, doc: Doc) -> Answer {
    caller.admin()?;
    let name = doc.part("trigger_category")?.get("name").and_then(Value::as_str).unwrap_or_default();
    if name.is_empty() {
        return Err(Refusal::invalid("name", "Name: cannot be blank", Some("BlankValue")));
    }
    let mut account = world.account();
    let (id, place) = (account.fresh_id(), account.trigger_categories.len() + 1);
    let row = category(world.base(), id, name, place, &stamp(world.now()));
    let location = format!("{}/api/v2/trigger_categories/{id}.json", world.base());
    account.trigger_categories.insert(id, row.clone());
    Ok(created(&location, json!({"trigger_category": row})))
}
