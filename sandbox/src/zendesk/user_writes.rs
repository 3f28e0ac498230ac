//! Writing users: create, update, upsert, merge, delete. **Invariant:** an e-mail address belongs to one user; an update
//! with another address only adds an identity.

use axum::{
    extract::{Path, State},
    response::Response,
};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value, json};

use super::{
    access::Caller,
    events, field_values,
    input::{Doc, id, id_in, words_in},
    limits::USERS_UPDATE,
    mails,
    record::{Identity, Role, User},
    refusal::{Answer, Refusal, created, ok},
    roles,
};
use crate::{state::Account, world::World};

/// What may be written of a user, or is taken without effect. Docs: "Users", JSON format.
const KNOWN: [&str; 30] = [
    "id",
    "name",
    "email",
    "phone",
    "external_id",
    "role",
    "custom_role_id",
    "ticket_restriction",
    "organization_id",
    "organization",
    "tags",
    "user_fields",
    "locale",
    "locale_id",
    "time_zone",
    "alias",
    "details",
    "notes",
    "signature",
    "suspended",
    "verified",
    "skip_verify_email",
    "identities",
    "default_group_id",
    "moderator",
    "only_private_comments",
    "shared_phone_number",
    "photo",
    "remote_photo_url",
    "agent_brand_ids",
];

/// `POST /users`.
pub(crate) async fn create(State(world): State<World>, caller: Caller, doc: Doc) -> Answer {
    caller.staff()?;
    let (patch, mut account) = (doc.part("user")?, world.account());
    let user = make(&mut account, &caller, patch, world.now())?;
    let location = format!("{}/api/v2/users/{}.json", world.base(), user.id);
    let mut response = created(&location, json!({"user": user.json(world.base())}));
    warn_of_dropped(&account, patch, "create", &mut response);
    Ok(response)
}

/// `POST /users/create_or_update`: 200 when the user existed, 201 when not.
pub(crate) async fn upsert(State(world): State<World>, caller: Caller, doc: Doc) -> Answer {
    caller.staff()?;
    let (patch, now) = (doc.part("user")?, world.now());
    let mut account = world.account();
    let known = find(&account, patch);
    if let Some(known) = known {
        spend(&world, &mut account, known)?;
        let user = change(&mut account, &caller, known, patch, now)?;
        return Ok(ok(json!({"user": user.json(world.base())})));
    }
    let user = make(&mut account, &caller, patch, now)?;
    let location = format!("{}/api/v2/users/{}.json", world.base(), user.id);
    Ok(created(&location, json!({"user": user.json(world.base())})))
}

/// `PUT /users/{id}`.
pub(crate) async fn update(
    State(world): State<World>,
    caller: Caller,
    Path(which): Path<String>,
    doc: Doc,
) -> Answer {
    let which = id(&which)?;
    let mut account = world.account();
    if caller.user_id != Some(which) {
        caller.staff()?;
    }
    if !account.users.contains_key(&which) {
        return Err(Refusal::not_found());
    }
    if !caller.workspace {
        spend(&world, &mut account, which)?;
    }
    let patch = doc.part("user")?;
    let user = change(&mut account, &caller, which, patch, world.now())?;
    let mut response = ok(json!({"user": user.json(world.base())}));
    warn_of_dropped(&account, patch, "update", &mut response);
    Ok(response)
}

/// Names in `X-Zendesk-Api-Warn` what was sent and is not known.
fn warn_of_dropped(account: &Account, patch: &Map<String, Value>, action: &str, response: &mut Response) {
    let unknown =
        patch.keys().filter(|name| !KNOWN.contains(&name.as_str())).map(|name| format!("user.{name}"));
    let fields = patch.get("user_fields").map(|sent| field_values::unknown(&account.user_fields, sent));
    let fields = fields.into_iter().flatten().map(|key| format!("user.user_fields.{key}"));
    let dropped: Vec<String> = unknown.chain(fields).collect();
    if !dropped.is_empty() {
        super::tickets::warn(
            response,
            "users",
            action,
            &dropped.iter().map(String::as_str).collect::<Vec<_>>(),
        );
    }
}

/// 5 a minute per user, 1 a second per account.
fn spend(world: &World, account: &mut Account, which: u64) -> Result<(), Refusal> {
    let (limits, now) = (&world.options().limits, world.now());
    let second = TimeDelta::seconds(1);
    account.windows.take("users", limits.user_updates_per_second, second, now).or_wait(USERS_UPDATE)?;
    let name = format!("user {which}");
    let budget = account.windows.take(&name, limits.per_user_updates, TimeDelta::minutes(1), now);
    if budget.spent { Err(Refusal::slow_down_for_user(budget.resets)) } else { Ok(()) }
}

/// `DELETE /users/{id}`: inactive from now on.
pub(crate) async fn delete(State(world): State<World>, caller: Caller, Path(which): Path<String>) -> Answer {
    caller.admin()?;
    let (which, now) = (id(&which)?, world.now());
    let mut account = world.account();
    let open = account
        .tickets
        .values()
        .any(|ticket| ticket.requester_id == which && ticket.status < super::record::Status::Solved);
    let mut user =
        account.users.get(&which).filter(|user| user.active).cloned().ok_or_else(Refusal::not_found)?;
    if open {
        let why = format!("{} is the requester of tickets that are not closed", user.name);
        return Err(Refusal::invalid("base", &why, None));
    }
    (user.active, user.updated_at) = (false, now);
    let body = json!({"user": user.json(world.base())});
    events::user_deleted(&mut account, &user, now);
    account.users.put(user);
    Ok(ok(body))
}

/// `PUT /users/{id}/merge`: the user in the path goes into the one in the body, with addresses, tickets and external id.
pub(crate) async fn merge(
    State(world): State<World>,
    caller: Caller,
    Path(which): Path<String>,
    doc: Doc,
) -> Answer {
    caller.staff()?;
    let (which, now) = (id(&which)?, world.now());
    let into = doc.part("user")?.get("id").and_then(id_in).ok_or_else(Refusal::not_found)?;
    let mut account = world.account();
    let mut lost =
        account.users.get(&which).filter(|user| user.active).cloned().ok_or_else(Refusal::not_found)?;
    let mut kept =
        account.users.get(&into).filter(|user| user.active).cloned().ok_or_else(Refusal::not_found)?;
    if which == into || lost.role != Role::EndUser || kept.role != Role::EndUser {
        return Err(Refusal::invalid("base", "Only two different end users can be merged", None));
    }
    for identity in std::mem::take(&mut lost.identities) {
        kept.identities.push(Identity { primary: false, ..identity });
    }
    let external_id = lost.external_id.take();
    kept.external_id = kept.external_id.or(external_id);
    (lost.active, lost.updated_at, kept.updated_at) = (false, now, now);
    for ticket in account.tickets.values_mut().filter(|ticket| ticket.requester_id == which) {
        ticket.requester_id = into;
    }
    let body = json!({"user": kept.json(world.base())});
    events::user_merged(&mut account, &lost, &kept, now);
    account.users.put(lost);
    account.users.put(kept);
    Ok(ok(body))
}

/// Who is meant by a row that names an id, an external id or an e-mail address.
pub(crate) fn find(account: &Account, patch: &Map<String, Value>) -> Option<u64> {
    let text = |name: &str| patch.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let by_email = || text("email").and_then(|email| account.user_by_email(email));
    text("external_id").and_then(|id| account.user_by_external_id(id)).or_else(by_email).map(|user| user.id)
}

/// A new user out of what the caller sent.
pub(crate) fn make(
    account: &mut Account,
    caller: &Caller,
    patch: &Map<String, Value>,
    now: DateTime<Utc>,
) -> Result<User, Refusal> {
    let name = patch.get("name").and_then(Value::as_str).unwrap_or_default().trim();
    if name.is_empty() {
        return Err(Refusal::invalid("name", "Name: cannot be blank", Some("BlankValue")));
    }
    let id = account.fresh_id();
    let mut user = User::new(id, name, now);
    user.user_fields = field_values::blank(&account.user_fields);
    account.users.put(user);
    let told = account.happened.len();
    let made = change(account, caller, id, patch, now);
    account.happened.truncate(told); // what belongs to the making is one event
    match &made {
        Ok(user) => events::user_created(account, user, now),
        Err(_) => account.users.remove(id),
    }
    made
}

/// Applies a patch: all of it or, with a refusal, nothing.
pub(crate) fn change(
    account: &mut Account,
    caller: &Caller,
    which: u64,
    patch: &Map<String, Value>,
    now: DateTime<Utc>,
) -> Result<User, Refusal> {
    let mut user = account.users.get(&which).cloned().ok_or_else(Refusal::not_found)?;
    if user.role != Role::EndUser && caller.user_id != Some(which) {
        caller.admin()?; // agents may change end users only
    }
    let text = |value: &Value| value.as_str().filter(|text| !text.is_empty()).map(str::to_owned);
    let (known, mut tags_of_fields) = (user.identities.len(), Vec::new());
    for (name, value) in patch {
        match name.as_str() {
            "name" => {
                let cannot =
                    || Refusal::invalid("name", "Name: is too short (minimum is 1 characters)", None);
                user.name = text(value).ok_or_else(cannot)?;
            }
            "email" => {
                if let Some(email) = text(value) {
                    add_identity(account, &mut user, "email", &email, now)?;
                }
            }
            "phone" => set_phone(account, &mut user, text(value), now),
            "external_id" => {
                let id = text(value);
                let taken = id.as_deref().and_then(|id| account.user_by_external_id(id));
                if taken.is_some_and(|other| other.id != which) {
                    let why = "External has already been taken";
                    return Err(Refusal::invalid("external_id", why, Some("DuplicateValue")));
                }
                user.external_id = id;
            }
            "role" => {
                let role = value.as_str().and_then(Role::parse);
                let role = role.ok_or_else(|| Refusal::invalid("role", "Role is invalid", None))?;
                if role != user.role {
                    caller.admin()?;
                    user.role = role;
                    user.custom_role_id = None;
                    user.ticket_restriction = (role == Role::EndUser).then_some("requested");
                }
            }
            "custom_role_id" => {
                caller.admin()?;
                let role = id_in(value).filter(|id| roles::by_id(*id).is_some());
                let role =
                    role.ok_or_else(|| Refusal::invalid("custom_role_id", "Custom role is invalid", None))?;
                (user.custom_role_id, user.role) = (Some(role), roles::role_of(role));
            }
            "ticket_restriction" if user.role == Role::Agent => {
                caller.admin()?;
                user.ticket_restriction = match value.as_str() {
                    None => None,
                    Some("organization") => Some("organization"),
                    Some("groups") => Some("groups"),
                    Some("assigned") => Some("assigned"),
                    Some("requested") => Some("requested"),
                    Some(_) => {
                        let why = "Ticket restriction is invalid";
                        return Err(Refusal::invalid("ticket_restriction", why, None));
                    }
                };
            }
            "organization_id" => user.organization_id = id_in(value),
            "tags" => user.tags = words_in(value),
            "user_fields" => {
                let tags = field_values::merge(&account.user_fields, &mut user.user_fields, value)?;
                tags_of_fields.extend(tags);
            }
            "locale" => user.locale = text(value).unwrap_or_else(|| "en-US".into()),
            "alias" => user.alias = text(value),
            "details" => user.details = text(value),
            "notes" => user.notes = text(value),
            "signature" => user.signature = text(value),
            "suspended" => user.suspended = value.as_bool().unwrap_or(user.suspended),
            "verified" => {
                user.verified = value.as_bool().unwrap_or(user.verified);
                for identity in user.identities.iter_mut().filter(|identity| identity.primary) {
                    identity.verified |= user.verified;
                }
            }
            "identities" => {
                for identity in value.as_array().into_iter().flatten() {
                    let kind = if identity["type"] == "phone_number" { "phone_number" } else { "email" };
                    if let Some(value) = identity["value"].as_str() {
                        add_identity(account, &mut user, kind, value, now)?;
                    }
                }
            }
            _ => {} // ignored, as Zendesk does
        }
    }
    field_values::tag(&mut user.tags, tags_of_fields);
    user.updated_at = now;
    note_added(account, &user, known, mails::verifies(patch), now);
    account.users.put(user.clone());
    Ok(user)
}

/// Reports the identities after the first `known`; the owner of a new address may have to confirm it.
fn note_added(account: &mut Account, user: &User, known: usize, verifies: bool, now: DateTime<Utc>) {
    for added in user.identities.iter().skip(known) {
        if verifies && added.kind == "email" {
            mails::ask_to_verify(account, user.id, &added.value, now);
        }
        events::identity_created(account, user, added, now);
    }
}

/// A phone number becomes an identity (direct) unless another user has it already (then it is shared).
fn set_phone(account: &mut Account, user: &mut User, phone: Option<String>, now: DateTime<Utc>) {
    user.identities
        .retain(|identity| identity.kind != "phone_number" || Some(&identity.value) != user.phone.as_ref());
    let taken = phone.as_ref().is_some_and(|phone| {
        account
            .users
            .values()
            .any(|other| other.id != user.id && other.active && other.phone.as_ref() == Some(phone))
    });
    user.shared_phone = phone.as_ref().map(|_| taken);
    if let (Some(phone), false) = (&phone, taken) {
        let id = account.fresh_id();
        let value = phone.clone();
        let identity =
            Identity { id, kind: "phone_number", value, verified: true, primary: false, created_at: now };
        user.identities.push(identity);
    }
    user.phone = phone;
}

/// Adds a way to reach the user, unless it is somebody else's.
pub(crate) fn add_identity(
    account: &mut Account,
    user: &mut User,
    kind: &'static str,
    value: &str,
    now: DateTime<Utc>,
) -> Result<Identity, Refusal> {
    if kind == "email" {
        let well_formed =
            value.split_once('@').is_some_and(|(name, host)| !name.is_empty() && host.contains('.'));
        if !well_formed {
            return Err(Refusal::invalid(
                "email",
                &format!("Email: {value} is not properly formatted"),
                None,
            ));
        }
        if account.user_by_email(value).is_some_and(|other| other.id != user.id) {
            let why = format!("Email: {value} is already being used by another user");
            return Err(Refusal::invalid("email", &why, Some("DuplicateValue")));
        }
    }
    if let Some(known) = user.identities.iter().find(|known| known.value.eq_ignore_ascii_case(value)) {
        return Ok(known.clone());
    }
    let primary = kind == "email" && user.email().is_none();
    let id = account.fresh_id();
    let identity = Identity { id, kind, value: value.to_owned(), verified: false, primary, created_at: now };
    user.identities.push(identity.clone());
    Ok(identity)
}
