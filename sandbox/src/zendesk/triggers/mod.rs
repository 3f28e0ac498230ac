//! Triggers: their records, what they may ask and do, and running them after each write of a ticket. Docs: "Ticket Triggers". Recorded: the
//! shapes of definitions, of a created trigger and its warning about unknown keys, of categories. **Invariant:** a trigger that does not
//! fit the account's definitions is refused as a whole.

mod actions; // what a trigger does
mod categories; // how triggers are sorted
mod check; // what is refused
mod conditions; // when it fires
mod definitions; // what there is to ask and do
mod operators; // how conditions compare
mod placeholders; // {{ticket.id}}
mod run; // after a write
mod values; // comparing fields of users and organizations

pub(crate) use categories::{FIRST as FIRST_CATEGORY, category};
pub(crate) use run::run;

use axum::{
    extract::{Path, State},
    http::HeaderValue,
    response::Response,
};
use serde_json::{Map, Value, json};

use super::{
    access::Caller,
    input::{Doc, Params, id},
    paging::{Paging, page},
    refusal::{Answer, Refusal, created, no_content, ok},
};
use crate::{clock::stamp, state::Account, world::World};

pub(crate) use categories::{create as create_category, list as list_categories, show as show_category};

/// What a caller may say of a trigger; other keys are dropped, and named in a header.
const WRITABLE: [&str; 9] =
    ["title", "active", "all", "any", "conditions", "actions", "description", "position", "category_id"];

/// Changing one of these clears the others first. Docs: "Update Ticket Trigger".
const RULE: [&str; 4] = ["all", "any", "conditions", "actions"];

/// The triggers in the order in which they run.
pub(crate) fn in_order(account: &Account) -> Vec<Map<String, Value>> {
    let mut all: Vec<_> = account.triggers.values().cloned().collect();
    all.sort_by_key(|trigger| trigger["position"].as_u64());
    all
}

/// Makes so many triggers that act on tickets with a tag which no ticket has.
pub(crate) fn make(world: &World, count: usize) {
    let mut account = world.account();
    let now = stamp(world.now());
    for number in 0..count {
        let id = account.fresh_id();
        let title = format!("Rule {number}");
        let condition = json!({"field": "current_tags", "operator": "includes", "value": "never_given"});
        let trigger = json!({
            "url": format!("{}/api/v2/triggers/{id}.json", world.base()), "id": id, "title": title, "active": true,
            "updated_at": now, "created_at": now, "default": false, "description": null,
            "actions": [{"field": "current_tags", "value": "rule"}], "conditions": {"all": [condition], "any": []},
            "position": account.triggers.len() + 1, "raw_title": title, "category_id": FIRST_CATEGORY.to_string(),
        });
        account.triggers.insert(id, trigger.as_object().cloned().unwrap_or_default());
    }
}

/// `GET /triggers?active=&category_id=`.
pub(crate) async fn list(State(world): State<World>, caller: Caller, params: Params) -> Answer {
    caller.staff()?;
    let active = params.get("active").map(|said| said == "true");
    rows(&world, &params, "triggers", active)
}

/// `GET /triggers/active`.
pub(crate) async fn active(State(world): State<World>, caller: Caller, params: Params) -> Answer {
    caller.staff()?;
    rows(&world, &params, "triggers/active", Some(true))
}

fn rows(world: &World, params: &Params, path: &str, active: Option<bool>) -> Answer {
    let category = params.get("category_id");
    let wanted = |trigger: &Map<String, Value>| {
        active.is_none_or(|active| trigger["active"] == active)
            && category.is_none_or(|category| trigger["category_id"] == category)
    };
    let all = in_order(&world.account());
    let all = all.into_iter().filter(wanted).map(Value::Object).collect();
    page("triggers", all, &format!("{}/api/v2/{path}.json", world.base()), params, Paging::Both).map(ok)
}

/// `GET /triggers/definitions`.
pub(crate) async fn definitions(State(world): State<World>, caller: Caller) -> Answer {
    caller.admin()?;
    Ok(ok(definitions::json_of(&world.account())))
}

/// `GET /triggers/{id}`.
pub(crate) async fn show(State(world): State<World>, caller: Caller, Path(which): Path<String>) -> Answer {
    caller.staff()?;
    let account = world.account();
    let trigger = account.triggers.get(&id(&which)?).ok_or_else(Refusal::not_found)?;
    Ok(ok(json!({"trigger": trigger})))
}

/// `POST /triggers`: runs last, unless the caller says where.
pub(crate) async fn create(State(world): State<World>, caller: Caller, doc: Doc) -> Answer {
    caller.admin()?;
    let part = doc.part("trigger")?;
    if part.get("title").and_then(Value::as_str).is_none_or(str::is_empty) {
        return Err(Refusal::invalid("title", "Title: cannot be blank", Some("BlankValue")));
    }
    let mut account = world.account();
    let (id, now) = (account.fresh_id(), stamp(world.now()));
    let url = format!("{}/api/v2/triggers/{id}.json", world.base());
    let body = json!({
        "url": url, "id": id, "title": "", "active": true, "updated_at": now, "created_at": now, "default": false,
        "actions": [], "conditions": {"all": [], "any": []}, "description": null,
        "position": account.triggers.len() + 1, "raw_title": "", "category_id": FIRST_CATEGORY.to_string(),
    });
    let trigger = body.as_object().cloned().unwrap_or_default();
    let trigger = write(&world, &mut account, id, trigger, part)?;
    let mut response = created(&url, json!({"trigger": trigger}));
    warn_of_dropped(part, &mut response);
    Ok(response)
}

/// `PUT /triggers/{id}`.
pub(crate) async fn update(
    State(world): State<World>,
    caller: Caller,
    Path(which): Path<String>,
    doc: Doc,
) -> Answer {
    caller.admin()?;
    let (which, part) = (id(&which)?, doc.part("trigger")?);
    let mut account = world.account();
    let mut trigger = account.triggers.get(&which).cloned().ok_or_else(Refusal::not_found)?;
    trigger.insert("updated_at".into(), json!(stamp(world.now())));
    let trigger = write(&world, &mut account, which, trigger, part)?;
    let mut response = ok(json!({"trigger": trigger}));
    warn_of_dropped(part, &mut response);
    Ok(response)
}

/// `DELETE /triggers/{id}`.
pub(crate) async fn delete(State(world): State<World>, caller: Caller, Path(which): Path<String>) -> Answer {
    caller.admin()?;
    world.account().triggers.remove(&id(&which)?).ok_or_else(Refusal::not_found)?;
    Ok(no_content())
}

/// Applies what the caller sent: all of it or, with a refusal, nothing.
fn write(
    world: &World,
    account: &mut Account,
    id: u64,
    mut trigger: Map<String, Value>,
    part: &Map<String, Value>,
) -> Result<Map<String, Value>, Refusal> {
    if RULE.iter().any(|name| part.contains_key(*name)) {
        trigger.insert("conditions".into(), json!({"all": [], "any": []}));
        trigger.insert("actions".into(), json!([]));
    }
    for (name, value) in part {
        match name.as_str() {
            "title" => {
                trigger.insert("raw_title".into(), value.clone());
                trigger.insert(name.clone(), value.clone());
            }
            "category_id" => {
                let known = value.as_str().and_then(|id| account.trigger_categories.get(&id.parse().ok()?));
                if known.is_none() {
                    return Err(Refusal::invalid("category_id", "Category is invalid", Some("InvalidValue")));
                }
                trigger.insert(name.clone(), value.clone());
            }
            "active" | "description" => {
                trigger.insert(name.clone(), value.clone());
            }
            "actions" => {
                trigger.insert(name.clone(), parts(value, &["field", "value"]));
            }
            "all" | "any" => trigger["conditions"][name] = parts(value, &["field", "operator", "value"]),
            "conditions" => {
                for kind in ["all", "any"] {
                    let rows = value.get(kind).unwrap_or(&Value::Null);
                    trigger["conditions"][kind] = parts(rows, &["field", "operator", "value"]);
                }
            }
            _ => {}
        }
    }
    let problems = check::problems(&Value::Object(trigger.clone()), account);
    if !problems.is_empty() {
        return Err(Refusal::invalid_base(&problems));
    }
    let is_active = |trigger: &Map<String, Value>| trigger["active"] == true;
    let others = account.triggers.iter().filter(|(known, other)| **known != id && is_active(other)).count();
    let most = world.options().limits.active_triggers;
    if is_active(&trigger) && others >= most {
        let why = format!("You cannot have more than {most} active triggers");
        return Err(Refusal::invalid("base", &why, None));
    }
    account.triggers.insert(id, trigger);
    if let Some(position) = part.get("position").and_then(Value::as_u64) {
        reposition(account, id, position);
    }
    account.triggers.get(&id).cloned().ok_or_else(Refusal::not_found)
}

/// The rows of a list, each with the keys that a trigger keeps.
fn parts(rows: &Value, keys: &[&str]) -> Value {
    let rows = rows.as_array().into_iter().flatten();
    rows.map(|row| {
        let kept = keys.iter().map(|key| ((*key).to_owned(), row[*key].clone()));
        Value::Object(kept.collect())
    })
    .collect()
}

/// Moves a trigger; the others keep their order.
fn reposition(account: &mut Account, id: u64, position: u64) {
    let order = in_order(account);
    let mut ids: Vec<_> =
        order.iter().filter_map(|trigger| trigger["id"].as_u64()).filter(|known| *known != id).collect();
    let at = usize::try_from(position).unwrap_or(usize::MAX).saturating_sub(1).min(ids.len());
    ids.insert(at, id);
    for (place, id) in ids.iter().enumerate() {
        if let Some(trigger) = account.triggers.get_mut(id) {
            trigger.insert("position".into(), json!(place + 1));
        }
    }
}

/// Names in `X-Zendesk-Api-Warn` what was sent and is not known; as recorded.
fn warn_of_dropped(part: &Map<String, Value>, response: &mut Response) {
    let dropped: Vec<_> = part.keys().filter(|name| !WRITABLE.contains(&name.as_str())).collect();
    if dropped.is_empty() {
        return;
    }
    let text = format!("Removed restricted keys {dropped:?} from parameters according to whitelist");
    if let Ok(value) = HeaderValue::from_str(&text) {
        response.headers_mut().insert("x-zendesk-api-warn", value);
    }
}
