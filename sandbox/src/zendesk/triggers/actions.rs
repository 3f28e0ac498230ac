//! What a trigger does to the ticket that fired it, to its requester's and organization's fields, and whom it tells. **Invariant:** no I/O;
//! what is to be sent is handed back, and no mail leaves.

use serde_json::{Map, Value, json};

use super::{
    check::scalar,
    placeholders::{Scene, render},
    values::is_nothing,
};
use crate::{
    state::Account,
    world::World,
    zendesk::{
        delivery::{Deliveries, Delivery},
        field_values,
        fields::Fields,
        input::words_in,
        mails,
        record::{Role, Status, Ticket, User},
        webhooks::ulid,
    },
};

/// Who acted on which ticket, and which trigger this is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Firing<'a> {
    pub(super) ticket: u64,
    pub(super) actor: u64,
    pub(super) trigger: &'a Map<String, Value>,
}

/// Does one action.
pub(super) fn act(
    world: &World,
    account: &mut Account,
    firing: Firing<'_>,
    action: &Value,
    deliveries: &mut Deliveries,
) {
    let value = &action["value"];
    match action["field"].as_str().unwrap_or_default() {
        "notification_webhook" => deliveries.0.extend(call(world, account, firing, value)),
        "notification_user" => mail(world, account, firing, value, recipients),
        "notification_group" => mail(world, account, firing, value, members),
        field => match field.split_once(".custom_fields.") {
            Some((of, key)) => set_field(world, account, firing.ticket, of, (key, value)),
            None => change(account, firing, field, value),
        },
    }
}

/// Changes a property of the ticket.
fn change(account: &mut Account, firing: Firing<'_>, field: &str, value: &Value) {
    let Some(ticket) = account.tickets.get(&firing.ticket) else { return };
    let text = scalar(value).unwrap_or_default();
    let chosen = match text.as_str() {
        "current_user" => Some(firing.actor),
        "requester_id" => Some(ticket.requester_id),
        id => id.parse().ok(),
    };
    let group = chosen.and_then(|id| account.users.get(&id)?.group_id);
    let is_staff =
        chosen.and_then(|id| account.users.get(&id)).is_some_and(|user| user.role != Role::EndUser);
    let words = words_in(value).into_iter().map(|tag| tag.to_lowercase());
    let Some(ticket) = account.tickets.get_mut(&firing.ticket) else { return };
    match field {
        "current_tags" => ticket.tags.extend(words),
        "set_tags" => ticket.tags = words.collect(),
        "remove_tags" => {
            let gone: Vec<_> = words.collect();
            ticket.tags.retain(|tag| !gone.contains(tag));
        }
        "status" => ticket.status = Status::parse(&text).unwrap_or(ticket.status),
        "priority" => ticket.priority = Some(text),
        "type" => ticket.kind = Some(text),
        "group_id" => ticket.group_id = chosen,
        "assignee_id" if is_nothing(&text) => ticket.assignee_id = None,
        "assignee_id" if is_staff => {
            (ticket.assignee_id, ticket.group_id) = (chosen, group.or(ticket.group_id));
            if ticket.status == Status::New {
                ticket.status = Status::Open;
            }
        }
        _ => {} // a customer cannot be assigned
    }
    ticket.tags.sort();
    ticket.tags.dedup();
}

/// Sets a field of the requester, or of the ticket's organization. A choice is named by its option's id, and kept as its tag.
fn set_field(world: &World, account: &mut Account, ticket: u64, of: &str, (key, value): (&str, &Value)) {
    let Some(ticket) = account.tickets.get(&ticket) else { return };
    let (requester, organization) = (ticket.requester_id, ticket.organization_id);
    let of_user = of == "requester";
    let fields = if of_user { &account.user_fields } else { &account.organization_fields };
    let Some(patch) = patch(fields, key, value) else { return };
    let fields = fields.clone();
    let merge = |values: &mut Map<String, Value>, tags: &mut Vec<String>| {
        if let Ok(of_boxes) = field_values::merge(&fields, values, &patch) {
            field_values::tag(tags, of_boxes);
        }
    };
    if of_user {
        let now = world.now();
        account.users.edit(requester, |user| {
            merge(&mut user.user_fields, &mut user.tags);
            user.updated_at = now;
        });
    } else if let Some(row) = organization.and_then(|id| account.organizations.get_mut(&id)) {
        let mut values = row["organization_fields"].as_object().cloned().unwrap_or_default();
        let mut tags = words_in(&row["tags"]);
        merge(&mut values, &mut tags);
        row.insert("organization_fields".into(), Value::Object(values));
        row.insert("tags".into(), json!(tags));
    }
}

fn patch(fields: &Fields, key: &str, value: &Value) -> Option<Value> {
    let same = |field: &&Map<String, Value>| {
        field["key"].as_str().is_some_and(|known| known.to_lowercase() == key) && field["active"] == true
    };
    let field = fields.values().find(same)?;
    let options = field.get("custom_field_options").and_then(Value::as_array).into_iter().flatten();
    let text = scalar(value).unwrap_or_default();
    let kept = match field["type"].as_str()? {
        "dropdown" => options
            .clone()
            .find(|row| row["id"].to_string() == text)
            .map_or_else(|| json!(""), |row| row["value"].clone()),
        _ if is_nothing(&text) => Value::Null,
        _ => json!(text),
    };
    Some(json!({ field["key"].as_str()?: kept }))
}

/// The call of a webhook, unless it is switched off.
fn call(world: &World, account: &Account, firing: Firing<'_>, value: &Value) -> Option<Delivery> {
    let ticket = account.tickets.get(&firing.ticket)?;
    let webhook = account.webhooks.get(value[0].as_str()?)?;
    let body = render(value[1].as_str().unwrap_or_default(), scene(world, account, ticket, firing));
    webhook.is_active().then(|| webhook.delivery(ulid(world.now()), body))
}

fn scene<'a>(world: &'a World, account: &'a Account, ticket: &'a Ticket, firing: Firing<'_>) -> Scene<'a> {
    Scene { subdomain: &world.options().subdomain, base: world.base(), account, ticket, actor: firing.actor }
}

type Recipients = fn(&Account, Firing<'_>, &Ticket, &str) -> Vec<u64>;

/// Writes to everybody whom the action means and who has an address; nobody is written to twice.
fn mail(world: &World, account: &mut Account, firing: Firing<'_>, value: &Value, whom: Recipients) {
    let Some(ticket) = account.tickets.get(&firing.ticket) else { return };
    let part = |at: usize| value[at].as_str().unwrap_or_default();
    let scene = scene(world, account, ticket, firing);
    let (subject, body) = (render(part(1), scene), render(part(2), scene));
    let mut people = whom(account, firing, ticket, &scalar(&value[0]).unwrap_or_default());
    people.sort_unstable();
    people.dedup();
    let notice = mails::Notice {
        ticket: firing.ticket,
        trigger: firing.trigger["id"].as_u64().unwrap_or_default(),
        subject,
        body,
    };
    for user in people {
        mails::notify(account, user, &notice, world.now());
    }
}

fn recipients(account: &Account, firing: Firing<'_>, ticket: &Ticket, named: &str) -> Vec<u64> {
    match named {
        "current_user" => vec![firing.actor],
        "requester_id" => vec![ticket.requester_id],
        "requester_and_ccs" => {
            let copies = ticket.collaborator_ids.iter().copied();
            copies.chain([ticket.requester_id]).collect()
        }
        "assignee_id" => ticket.assignee_id.into_iter().collect(),
        "all_agents" => {
            let unrestricted = |user: &&User| user.role != Role::EndUser && user.ticket_restriction.is_none();
            account.users.values().filter(unrestricted).map(|user| user.id).collect()
        }
        id => id.parse().into_iter().collect(),
    }
}

/// The agents of a group; `group_id` is the group that the ticket is assigned to.
fn members(account: &Account, _: Firing<'_>, ticket: &Ticket, named: &str) -> Vec<u64> {
    let group = if named == "group_id" { ticket.group_id } else { named.parse().ok() };
    let of_group = |user: &&User| user.role != Role::EndUser && group.is_some() && user.group_id == group;
    account.users.values().filter(of_group).map(|user| user.id).collect()
}
