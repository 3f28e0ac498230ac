//! Event webhooks: what happened to users and organizations, told to every active webhook that subscribed to it. Docs: "Webhook event types",
//! "User events", "Organization events". Recorded: the envelope, whose ids are texts; a user who is gone has neither address nor external
//! id. **Invariant:** what happened is noted under the account's lock and sent after it; the order of arrival is not promised.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{
    delivery::Deliveries,
    record::{Identity, User},
    webhooks::{Webhook, ulid},
};
use crate::{clock::stamp, credentials::ACCOUNT_ID, state::Account, world::World};

/// The version of the recorded envelope.
const VERSION: &str = "2022-11-06";

/// Every subscription begins like this, but that of triggers.
const PREFIX: &str = "zen:event-type:";

/// The events of users and organizations that the documentation lists. Those of other domains are taken as they come.
const KNOWN: [&str; 33] = [
    "organization.created",
    "organization.custom_field_changed",
    "organization.deleted",
    "organization.external_id_changed",
    "organization.name_changed",
    "organization.tags_changed",
    "user.active_changed",
    "user.alias_changed",
    "user.created",
    "user.custom_field_changed",
    "user.custom_role_changed",
    "user.default_group_changed",
    "user.deleted",
    "user.details_changed",
    "user.external_id_changed",
    "user.group_membership_created",
    "user.group_membership_deleted",
    "user.identity_changed",
    "user.identity_created",
    "user.identity_deleted",
    "user.last_login_changed",
    "user.merged",
    "user.name_changed",
    "user.notes_changed",
    "user.only_private_comments_changed",
    "user.organization_membership_created",
    "user.organization_membership_deleted",
    "user.password_changed",
    "user.photo_changed",
    "user.role_changed",
    "user.suspended_changed",
    "user.tags_changed",
    "user.time_zone_changed",
];

/// Whether a webhook may subscribe to this.
pub(crate) fn is_known(subscription: &str) -> bool {
    subscription.strip_prefix(PREFIX).is_some_and(|name| {
        let ours = name.starts_with("user.") || name.starts_with("organization.");
        if ours { KNOWN.contains(&name) } else { name.contains('.') }
    })
}

/// Something that happened, not told yet.
#[derive(Debug)]
pub(crate) struct Event {
    name: &'static str,
    body: Value,
}

impl Event {
    fn new(name: &'static str, subject: &str, detail: Value, event: Value, now: DateTime<Utc>) -> Self {
        let mut body = json!({
            "account_id": ACCOUNT_ID, "id": Uuid::new_v4().to_string(), "subject": subject, "time": stamp(now),
            "type": format!("{PREFIX}{name}"), "zendesk_event_version": VERSION,
        });
        (body["detail"], body["event"]) = (detail, event);
        Self { name, body }
    }

    fn of_user(name: &'static str, user: &User, event: Value, now: DateTime<Utc>) -> Self {
        let id = |id: Option<u64>| id.unwrap_or_default().to_string();
        let (email, external_id) = if name == "user.deleted" {
            ("", "")
        } else {
            (user.email().unwrap_or_default(), user.external_id.as_deref().unwrap_or_default())
        };
        let detail = json!({
            "created_at": stamp(user.created_at), "default_group_id": id(user.group_id), "email": email,
            "external_id": external_id, "id": user.id.to_string(), "organization_id": id(user.organization_id),
            "role": user.role.name(), "updated_at": stamp(user.updated_at),
        });
        Self::new(name, &format!("zen:user:{}", user.id), detail, event, now)
    }
}

/// A user was made, in whatever way.
pub(crate) fn user_created(account: &mut Account, user: &User, now: DateTime<Utc>) {
    account.happened.push(Event::of_user("user.created", user, json!({}), now));
}

/// A user has one more way to be reached.
pub(crate) fn identity_created(account: &mut Account, user: &User, identity: &Identity, now: DateTime<Utc>) {
    let event = json!({"identity": {
        "id": identity.id.to_string(), "primary": identity.primary, "type": identity.kind, "value": identity.value,
    }});
    account.happened.push(Event::of_user("user.identity_created", user, event, now));
}

/// A user is gone. Docs: one who is not active any more was soft-deleted.
pub(crate) fn user_deleted(account: &mut Account, user: &User, now: DateTime<Utc>) {
    let event = json!({"current": false, "previous": true});
    account.happened.push(Event::of_user("user.active_changed", user, event, now));
    account.happened.push(Event::of_user("user.deleted", user, json!({}), now));
}

/// A user went into another one. What the event names is unverified: the one who is kept.
pub(crate) fn user_merged(account: &mut Account, lost: &User, kept: &User, now: DateTime<Utc>) {
    let event = json!({"user": {"id": kept.id.to_string()}});
    account.happened.push(Event::of_user("user.merged", lost, event, now));
    let event = json!({"current": false, "previous": true});
    account.happened.push(Event::of_user("user.active_changed", lost, event, now));
}

/// An organization was made.
pub(crate) fn organization_created(account: &mut Account, row: &Map<String, Value>, now: DateTime<Utc>) {
    of_organization(account, "organization.created", row, now);
}

/// An organization is gone.
pub(crate) fn organization_deleted(account: &mut Account, row: &Map<String, Value>, now: DateTime<Utc>) {
    of_organization(account, "organization.deleted", row, now);
}

fn of_organization(account: &mut Account, name: &'static str, row: &Map<String, Value>, now: DateTime<Utc>) {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let id = |value: &Value| value.as_u64().unwrap_or_default().to_string();
    let detail = json!({
        "created_at": row["created_at"], "external_id": text(&row["external_id"]), "group_id": id(&row["group_id"]),
        "id": id(&row["id"]), "name": row["name"], "shared_comments": row["shared_comments"],
        "shared_tickets": row["shared_tickets"], "updated_at": row["updated_at"],
    });
    let subject = format!("zen:organization:{}", id(&row["id"]));
    account.happened.push(Event::new(name, &subject, detail, json!({}), now));
}

/// Tells what has happened since the last time. Whatever changed the account calls this after it.
pub(crate) fn tell(world: &World) {
    let deliveries = {
        let mut account = world.account();
        let happened = std::mem::take(&mut account.happened);
        let told = happened.iter().flat_map(|event| {
            let listens =
                |webhook: &&Webhook| webhook.is_active() && webhook.hears(&format!("{PREFIX}{}", event.name));
            let body = event.body.to_string();
            let listeners = account.webhooks.values().filter(listens);
            listeners.map(|webhook| webhook.delivery(ulid(world.now()), body.clone())).collect::<Vec<_>>()
        });
        Deliveries(told.collect())
    };
    deliveries.send(world);
}
