//! Triggers: after each write of a ticket, those whose conditions hold act once. **Invariant:** no I/O; what is to be sent
//! is handed back.

use axum::extract::{Path, State};
use serde_json::{Map, Value, json};

use super::{
    access::Caller,
    delivery::{Deliveries, Delivery},
    input::{Doc, Params, id, words_in},
    paging::{Paging, page},
    record::{Status, Ticket},
    refusal::{Answer, Refusal, created, no_content, ok},
    ticket_change::Change,
    webhooks::ulid,
};
use crate::{clock::stamp, state::Account, world::World};

/// `GET /triggers`.
pub(crate) async fn list(State(world): State<World>, caller: Caller, params: Params) -> Answer {
    caller.staff()?;
    let account = world.account();
    let rows = account.triggers.values().map(|trigger| Value::Object(trigger.clone())).collect();
    let path = format!("{}/api/v2/triggers.json", world.base());
    page("triggers", rows, &path, &params, Paging::Both).map(ok)
}

/// `GET /triggers/{id}`.
pub(crate) async fn show(State(world): State<World>, caller: Caller, Path(which): Path<String>) -> Answer {
    caller.staff()?;
    let account = world.account();
    let trigger = account.triggers.get(&id(&which)?).ok_or_else(Refusal::not_found)?;
    Ok(ok(json!({"trigger": trigger})))
}

/// `POST /triggers`.
pub(crate) async fn create(State(world): State<World>, caller: Caller, doc: Doc) -> Answer {
    caller.admin()?;
    let part = doc.part("trigger")?;
    let title = part.get("title").and_then(Value::as_str).unwrap_or_default();
    if title.is_empty() {
        return Err(Refusal::invalid("title", "Title: cannot be blank", Some("BlankValue")));
    }
    let mut account = world.account();
    let (id, now) = (account.fresh_id(), stamp(world.now()));
    let url = format!("{}/api/v2/triggers/{id}.json", world.base());
    let position = account.triggers.len() + 1;
    let body = json!({
        "url": url, "id": id, "title": title, "active": true, "updated_at": now, "created_at": now, "default": false,
        "actions": [], "conditions": {"all": [], "any": []}, "description": null, "position": position,
        "raw_title": title, "category_id": "6130869158682",
    });
    let mut trigger = body.as_object().cloned().unwrap_or_default();
    change(&mut trigger, part, &account)?;
    account.triggers.insert(id, trigger.clone());
    Ok(created(&url, json!({"trigger": trigger})))
}

/// `PUT /triggers/{id}`.
pub(crate) async fn update(
    State(world): State<World>,
    caller: Caller,
    Path(which): Path<String>,
    doc: Doc,
) -> Answer {
    caller.admin()?;
    let which = id(&which)?;
    let mut account = world.account();
    let mut trigger = account.triggers.get(&which).cloned().ok_or_else(Refusal::not_found)?;
    change(&mut trigger, doc.part("trigger")?, &account)?;
    trigger.insert("updated_at".into(), json!(stamp(world.now())));
    account.triggers.insert(which, trigger.clone());
    Ok(ok(json!({"trigger": trigger})))
}

/// `DELETE /triggers/{id}`.
pub(crate) async fn delete(State(world): State<World>, caller: Caller, Path(which): Path<String>) -> Answer {
    caller.admin()?;
    world.account().triggers.remove(&id(&which)?).ok_or_else(Refusal::not_found)?;
    Ok(no_content())
}

fn change(
    trigger: &mut Map<String, Value>,
    part: &Map<String, Value>,
    account: &Account,
) -> Result<(), Refusal> {
    for (name, value) in part {
        match name.as_str() {
            "title" => {
                trigger.insert("raw_title".into(), value.clone());
                trigger.insert(name.clone(), value.clone());
            }
            "active" | "description" | "position" | "category_id" | "actions" => {
                trigger.insert(name.clone(), value.clone());
            }
            "all" | "any" => trigger["conditions"][name] = value.clone(),
            "conditions" => {
                for kind in ["all", "any"] {
                    if let Some(rows) = value.get(kind) {
                        trigger["conditions"][kind] = rows.clone();
                    }
                }
            }
            _ => {}
        }
    }
    let actions = trigger["actions"].as_array().map(Vec::as_slice).unwrap_or_default();
    if actions.is_empty() {
        return Err(Refusal::invalid("base", "Trigger must have at least one action", None));
    }
    for action in actions.iter().filter(|action| action["field"] == "notification_webhook") {
        let refused = |why: &str| {
            Refusal::invalid("actions", &format!("Notify active webhook: {why}"), Some("InvalidValue"))
        };
        let webhook = action["value"][0].as_str().and_then(|id| account.webhooks.get(id));
        let webhook = webhook.ok_or_else(|| refused("the webhook does not exist"))?;
        if !webhook.is_for_triggers() {
            return Err(refused("the webhook is subscribed to events"));
        }
    }
    let conditions = &trigger["conditions"];
    let whole = |row: &Value| row["field"].is_string() && row["operator"].is_string();
    let rows = ["all", "any"].into_iter().flat_map(|kind| conditions[kind].as_array().into_iter().flatten());
    if !rows.clone().all(whole) {
        return Err(Refusal::invalid(
            "conditions",
            "Conditions: a condition is incomplete",
            Some("InvalidValue"),
        ));
    }
    Ok(())
}

/// Runs the triggers over a ticket that was just written.
pub(crate) fn run(world: &World, account: &mut Account, ticket: u64, change: &Change) -> Deliveries {
    let mut deliveries = Deliveries::default();
    let triggers: Vec<_> =
        account.triggers.values().filter(|trigger| trigger["active"] == true).cloned().collect();
    for trigger in triggers {
        let Some(found) = account.tickets.get(&ticket) else { break };
        if !holds(&trigger["conditions"], found, change) {
            continue;
        }
        let before = found.tags.clone();
        for action in trigger["actions"].as_array().into_iter().flatten() {
            act(world, account, ticket, action, &mut deliveries);
        }
        if let Some(found) = account.tickets.get(&ticket) {
            let (before, now) = (json!(before), json!(found.tags));
            note_tags(account, ticket, &trigger, &before, &now);
        }
    }
    deliveries
}

/// What a trigger changed belongs to the same audit; the event says that a rule did it.
fn note_tags(account: &mut Account, ticket: u64, trigger: &Map<String, Value>, before: &Value, now: &Value) {
    if before == now {
        return;
    }
    let from = json!({"id": trigger["id"], "title": trigger["title"], "deleted": false});
    let event = json!({
        "id": account.fresh_id(), "type": "Change", "field_name": "tags", "value": now, "previous_value": before,
        "via": {"channel": "rule", "source": {"from": from, "to": {}, "rel": "trigger"}},
    });
    let audit = account.tickets.get_mut(&ticket).and_then(|ticket| ticket.audits.last_mut());
    if let Some(events) = audit.and_then(|audit| audit["events"].as_array_mut()) {
        events.push(event);
    }
}

fn holds(conditions: &Value, ticket: &Ticket, change: &Change) -> bool {
    let rows = |kind: &str| conditions[kind].as_array().cloned().unwrap_or_default();
    let any = rows("any");
    rows("all").iter().all(|row| condition(row, ticket, change))
        && (any.is_empty() || any.iter().any(|row| condition(row, ticket, change)))
}

fn condition(row: &Value, ticket: &Ticket, change: &Change) -> bool {
    let operator = row["operator"].as_str().unwrap_or("is");
    let value = row["value"].as_str().unwrap_or_default();
    match row["field"].as_str().unwrap_or_default() {
        "current_tags" => {
            let has = words_in(&row["value"]).iter().any(|tag| ticket.tags.contains(tag));
            if operator == "not_includes" { !has } else { has }
        }
        "update_type" => (value == "Create") == change.create,
        "comment_is_public" => match value {
            "not_relevant" => change.comment_public.is_some(),
            _ => change.comment_public == Some(value == "true"),
        },
        "status" => {
            let wanted = Status::parse(value);
            let before = change.status_before;
            match operator {
                "is_not" => Some(ticket.status) != wanted,
                "less_than" => wanted.is_some_and(|wanted| ticket.status < wanted),
                "greater_than" => wanted.is_some_and(|wanted| ticket.status > wanted),
                "changed" => before != Some(ticket.status),
                "value" => before != Some(ticket.status) && Some(ticket.status) == wanted,
                "value_previous" => before != Some(ticket.status) && before == wanted,
                "not_changed" => before == Some(ticket.status),
                _ => Some(ticket.status) == wanted,
            }
        }
        "priority" => (ticket.priority.as_deref() == Some(value)) == (operator != "is_not"),
        "requester_id" => (ticket.requester_id.to_string() == value) == (operator != "is_not"),
        "assignee_id" => {
            (ticket.assignee_id.is_some_and(|id| id.to_string() == value)) == (operator != "is_not")
        }
        _ => false, // a condition that the sandbox does not know never holds
    }
}

fn act(world: &World, account: &mut Account, ticket: u64, action: &Value, deliveries: &mut Deliveries) {
    let words = words_in(&action["value"]);
    match action["field"].as_str().unwrap_or_default() {
        "notification_webhook" => {
            let (id, template) = (action["value"][0].as_str(), action["value"][1].as_str().unwrap_or("{}"));
            let body = render(template, account, ticket);
            let Some(webhook) = id.and_then(|id| account.webhooks.get(id)) else { return };
            if webhook.text("status") == "active" {
                deliveries.0.push(Delivery {
                    webhook_id: webhook.text("id").to_owned(),
                    invocation_id: ulid(world.now()),
                    endpoint: webhook.text("endpoint").to_owned(),
                    method: webhook.text("http_method").to_owned(),
                    secret: webhook.secret.clone(),
                    authentication: webhook.doc.get("authentication").cloned().unwrap_or_default(),
                    body,
                });
            }
        }
        field => {
            let Some(found) = account.tickets.get_mut(&ticket) else { return };
            match field {
                "current_tags" => found.tags.extend(words),
                "set_tags" => found.tags = words,
                "remove_tags" => found.tags.retain(|tag| !words.contains(tag)),
                "status" => {
                    found.status = action["value"].as_str().and_then(Status::parse).unwrap_or(found.status);
                }
                "priority" => found.priority = action["value"].as_str().map(str::to_owned),
                _ => {}
            }
            found.tags.sort();
            found.tags.dedup();
        }
    }
}

/// Fills `{{placeholders}}`; an unknown one becomes nothing. Quotes are escaped, so that JSON stays JSON.
fn render(template: &str, account: &Account, ticket: u64) -> String {
    let Some(ticket) = account.tickets.get(&ticket) else { return String::new() };
    let mut text = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("{{") {
        let (name, after) = after.split_once("}}").unwrap_or((after, ""));
        text.push_str(before);
        let value = json!(placeholder(name.trim(), account, ticket)).to_string();
        text.push_str(&value[1..value.len() - 1]);
        rest = after;
    }
    text + rest
}

fn placeholder(name: &str, account: &Account, ticket: &Ticket) -> String {
    let person = |id: Option<u64>, field: &str| {
        let user = id.and_then(|id| account.users.get(&id));
        user.map_or_else(String::new, |user| match field {
            "id" => user.id.to_string(),
            "name" => user.name.clone(),
            "email" => user.email().unwrap_or_default().to_owned(),
            "phone" => user.phone.clone().unwrap_or_default(),
            "external_id" => user.external_id.clone().unwrap_or_default(),
            field => field
                .strip_prefix("custom_fields.")
                .and_then(|key| user.user_fields.get(key))
                .map_or_else(String::new, |value| {
                    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
                }),
        })
    };
    let latest = || ticket.comments.last().map(|comment| comment.body.clone()).unwrap_or_default();
    match name.strip_prefix("ticket.").unwrap_or(name) {
        "id" => ticket.id.to_string(),
        "title" => ticket.subject.clone(),
        "status" => ticket.status.name().to_owned(),
        "priority" => ticket.priority.clone().unwrap_or_default(),
        "tags" => ticket.tags.join(" "),
        "external_id" => ticket.external_id.clone().unwrap_or_default(),
        "url" | "link" => format!("/agent/tickets/{}", ticket.id),
        "description" => ticket.comments.first().map(|comment| comment.body.clone()).unwrap_or_default(),
        "latest_comment" | "latest_public_comment" => latest(),
        "created_at_with_timestamp" => stamp(ticket.created_at),
        "updated_at_with_timestamp" => stamp(ticket.updated_at),
        path => match path.split_once('.') {
            Some(("requester", field)) => person(Some(ticket.requester_id), field),
            Some(("assignee", field)) => person(ticket.assignee_id, field),
            Some(("current_user" | "submitter", field)) => person(Some(ticket.submitter_id), field),
            _ => String::new(),
        },
    }
}
