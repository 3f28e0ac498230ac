//! Writing users: create, update, upsert, in bulk, delete. **Invariant:** an e-mail address belongs to one user; an update
//! with another address only adds an identity.

use axum::{
    extract::{Path, State},
    http::StatusCode,
};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value, json};

use super::{
    access::Caller,
    fields,
    input::{Doc, Params, id, id_in, too_many_values, words_in},
    jobs,
    limits::USERS_UPDATE,
    record::{Identity, Role, User},
    refusal::{Answer, Refusal, created, ok},
    roles,
};
use crate::{state::Account, world::World};

/// `POST /users`.
pub(crate) async fn create(State(world): State<World>, caller: Caller, doc: Doc) -> Answer {
    caller.staff()?;
    let user = make(&mut world.account(), &caller, doc.part("user")?, world.now())?;
    let location = format!("{}/api/v2/users/{}.json", world.base(), user.id);
    Ok(created(&location, json!({"user": user.json(world.base())})))
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
    let user = change(&mut account, &caller, which, doc.part("user")?, world.now())?;
    Ok(ok(json!({"user": user.json(world.base())})))
}

/// 5 a minute per user, 1 a second per account.
fn spend(world: &World, account: &mut Account, which: u64) -> Result<(), Refusal> {
    let (limits, now) = (&world.options().limits, world.now());
    let second = TimeDelta::seconds(1);
    account.windows.take("users", limits.user_updates_per_second, second, now).or_wait(USERS_UPDATE)?;
    let name = format!("user {which}");
    account.windows.take(&name, limits.per_user_updates, TimeDelta::minutes(1), now).or_wait(USERS_UPDATE)?;
    Ok(())
}

/// `PUT /users/update_many?ids=` with one patch, or with a list of patches.
pub(crate) async fn update_many(
    State(world): State<World>,
    caller: Caller,
    params: Params,
    doc: Doc,
) -> Answer {
    caller.staff()?;
    let now = world.now();
    let ids = params.list("ids")?;
    let external = params.list("external_ids")?;
    let mut account = world.account();
    jobs::room(&world, &account)?;
    let rows: Vec<(Value, Map<String, Value>)> = if let Some(ids) = ids {
        let patch = doc.part("user")?;
        ids.iter().map(|id| (json!({"id": id}), patch.clone())).collect()
    } else if let Some(external) = external {
        let patch = doc.part("user")?;
        external.iter().map(|id| (json!({"external_id": id}), patch.clone())).collect()
    } else {
        let rows = doc.0["users"]
            .as_array()
            .ok_or_else(|| Refusal::invalid_attribute("Parameter users is required"))?;
        if rows.len() > 100 {
            return Err(too_many("updated"));
        }
        rows.iter().filter_map(|row| Some((row.clone(), row.as_object()?.clone()))).collect()
    };
    let results = rows
        .iter()
        .map(|(key, patch)| {
            let known = match id_in(&key["id"]) {
                Some(id) => account.users.get(&id).filter(|user| user.active).map(|user| user.id),
                None => key["external_id"]
                    .as_str()
                    .and_then(|id| account.user_by_external_id(id))
                    .map(|user| user.id),
            };
            let mut patch = patch.clone();
            if id_in(&key["id"]).is_none() {
                patch.remove("external_id"); // it was the key
            }
            let outcome = known
                .ok_or_else(|| Refusal::named(StatusCode::NOT_FOUND, "UserNotFound", "User not found"))
                .and_then(|id| change(&mut account, &caller, id, &patch, now));
            match outcome {
                Ok(user) => json!({"id": user.id, "action": "update", "status": "Updated", "success": true}),
                Err(refusal) => {
                    let (error, details) = refusal.words();
                    let id = known.map_or_else(|| id_in(&key["id"]), Some);
                    json!({"id": id, "action": "update", "success": false, "status": "Failed", "error": error,
                           "details": details})
                }
            }
        })
        .collect();
    Ok(ok(jobs::start(&world, &mut account, "Bulk Update User", "Updating user", results)))
}

/// `POST /users/create_many` and `/users/create_or_update_many`.
pub(crate) async fn create_many(
    State(world): State<World>,
    caller: Caller,
    uri: axum::http::Uri,
    doc: Doc,
) -> Answer {
    caller.staff()?;
    let rows =
        doc.0["users"].as_array().ok_or_else(|| Refusal::invalid_attribute("Parameter users is required"))?;
    if rows.len() > 100 {
        return Err(too_many("created"));
    }
    if !world.options().bulk_user_import {
        return Err(Refusal::forbidden());
    }
    let (upsert, now) = (uri.path().contains("create_or_update"), world.now());
    let mut account = world.account();
    jobs::room(&world, &account)?;
    let results = rows
        .iter()
        .filter_map(Value::as_object)
        .enumerate()
        .map(|(index, patch)| {
            let known = upsert.then(|| find(&account, patch)).flatten();
            let (outcome, status) = match known {
                Some(id) => (change(&mut account, &caller, id, patch, now), "Updated"),
                None => (make(&mut account, &caller, patch, now), "Created"),
            };
            match outcome {
                Ok(user) => json!({"id": user.id, "status": status}),
                Err(refusal) => {
                    let (error, details) = refusal.words();
                    json!({"index": index, "status": "Failed", "error": error, "details": details})
                }
            }
        })
        .collect();
    Ok(ok(jobs::start(&world, &mut account, "Bulk Create User", "Creating user", results)))
}

fn too_many(done: &str) -> Refusal {
    let description = format!("Maximum 100 users may be {done} per call");
    Refusal::bad_request(json!({"error": "TooManyValues", "description": description}))
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
    let user = account.users.get_mut(&which).filter(|user| user.active).ok_or_else(Refusal::not_found)?;
    if open {
        let why = format!("{} is the requester of tickets that are not closed", user.name);
        return Err(Refusal::invalid("base", &why, None));
    }
    (user.active, user.updated_at) = (false, now);
    Ok(ok(json!({"user": user.json(world.base())})))
}

/// `DELETE /users/destroy_many?ids=`.
pub(crate) async fn delete_many(State(world): State<World>, caller: Caller, params: Params) -> Answer {
    caller.admin()?;
    let ids = params.list("ids")?.ok_or_else(|| too_many_values("ids"))?;
    let now = world.now();
    let mut account = world.account();
    jobs::room(&world, &account)?;
    let results = ids
        .iter()
        .map(|text| {
            let user = text.parse().ok().and_then(|id: u64| account.users.get_mut(&id)).filter(|user| user.active);
            match user {
                Some(user) => {
                    (user.active, user.updated_at) = (false, now);
                    json!({"id": user.id, "action": "delete", "status": "Deleted", "success": true})
                }
                None => json!({"id": text.parse::<u64>().ok(), "action": "delete", "success": false, "error": "UserNotFound"}),
            }
        })
        .collect();
    Ok(ok(jobs::start(&world, &mut account, "Bulk Delete User", "Deleting user", results)))
}

/// Who is meant by a row that names an id, an external id or an e-mail address.
fn find(account: &Account, patch: &Map<String, Value>) -> Option<u64> {
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
    account.users.insert(id, User::new(id, name, now));
    let made = change(account, caller, id, patch, now);
    if made.is_err() {
        account.users.remove(&id);
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
            "user_fields" => fields::merge(&account.user_fields, &mut user.user_fields, value)?,
            "locale" => user.locale = text(value).unwrap_or_else(|| "en-US".into()),
            "alias" => user.alias = text(value),
            "details" => user.details = text(value),
            "notes" => user.notes = text(value),
            "signature" => user.signature = text(value),
            "suspended" => user.suspended = value.as_bool().unwrap_or(user.suspended),
            "verified" => user.verified = value.as_bool().unwrap_or(user.verified),
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
    user.updated_at = now;
    account.users.insert(which, user.clone());
    Ok(user)
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
