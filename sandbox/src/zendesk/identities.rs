//! The ways to reach a user: e-mail addresses and phone numbers; alone, or beside their users ("Side-loading related records").

use axum::extract::{Path, State};
use serde_json::{Value, json};

use super::{
    access::Caller,
    events,
    input::{Doc, Params, id},
    mails,
    paging::{Paging, page},
    record::{Identity, User},
    refusal::{Answer, Refusal, created, no_content, ok},
    user_writes::add_identity,
};
use crate::{state::Account, world::World};

/// `include=identities`: the addresses and numbers of the users of an answer, beside them.
pub(super) fn side_load(world: &World, account: &Account, body: &mut Value, params: &Params) {
    let is_wanted =
        params.get("include").is_some_and(|include| include.split(',').any(|part| part == "identities"));
    let Some(users) = body.get("users").and_then(Value::as_array).filter(|_| is_wanted) else { return };
    let users = users.iter().filter_map(|user| account.users.get(&user["id"].as_u64()?));
    let shown = |user: &User, identity: &Identity| user.identity_json(identity, world.base());
    let of = |user: &User| user.identities.iter().map(|identity| shown(user, identity)).collect::<Vec<_>>();
    let beside: Vec<Value> = users.flat_map(of).collect();
    body["identities"] = beside.into();
}

/// `GET /users/{id}/identities`.
pub(crate) async fn list(
    State(world): State<World>,
    caller: Caller,
    Path(which): Path<String>,
    params: Params,
) -> Answer {
    caller.staff()?;
    let account = world.account();
    let user = account.users.get(&id(&which)?).ok_or_else(Refusal::not_found)?;
    let rows = user.identities.iter().map(|identity| user.identity_json(identity, world.base())).collect();
    let path = format!("{}/api/v2/users/{}/identities.json", world.base(), user.id);
    page("identities", rows, &path, &params, Paging::Both).map(ok)
}

/// `GET /users/{id}/identities/{identity}`.
pub(crate) async fn show(
    State(world): State<World>,
    caller: Caller,
    Path((which, identity)): Path<(String, String)>,
) -> Answer {
    caller.staff()?;
    let (which, identity) = (id(&which)?, id(&identity)?);
    let account = world.account();
    let user = account.users.get(&which).ok_or_else(Refusal::not_found)?;
    let known = user.identities.iter().find(|known| known.id == identity).ok_or_else(Refusal::not_found)?;
    Ok(ok(json!({"identity": user.identity_json(known, world.base())})))
}

/// `PUT /users/{id}/identities/{identity}`: verifies it, or gives it another value.
pub(crate) async fn update(
    State(world): State<World>,
    caller: Caller,
    Path((which, identity)): Path<(String, String)>,
    doc: Doc,
) -> Answer {
    caller.staff()?;
    let (which, identity, part) = (id(&which)?, id(&identity)?, doc.part("identity")?);
    let value = part.get("value").and_then(|value| value.as_str());
    let mut account = world.account();
    if let Some(value) = value
        && account.user_by_email(value).is_some_and(|other| other.id != which)
    {
        let why = format!("Email: {value} is already being used by another user");
        return Err(Refusal::invalid("value", &why, Some("DuplicateValue")));
    }
    let mut user = account.users.get(&which).cloned().ok_or_else(Refusal::not_found)?;
    let known =
        user.identities.iter_mut().find(|known| known.id == identity).ok_or_else(Refusal::not_found)?;
    if let Some(value) = value {
        value.clone_into(&mut known.value);
    }
    // Nothing is ever unverified again.
    known.verified |= part.get("verified") == Some(&json!(true));
    let known = known.clone();
    user.updated_at = world.now();
    let body = user.identity_json(&known, world.base());
    account.users.put(user);
    Ok(ok(json!({ "identity": body })))
}

/// `POST /users/{id}/identities`.
pub(crate) async fn create(
    State(world): State<World>,
    caller: Caller,
    Path(which): Path<String>,
    doc: Doc,
) -> Answer {
    caller.staff()?;
    let part = doc.part("identity")?;
    let kind = match part.get("type").and_then(|kind| kind.as_str()) {
        Some("email") => "email",
        Some("phone_number") => "phone_number",
        _ => return Err(Refusal::invalid("type", "Type is invalid", None)),
    };
    let value = part.get("value").and_then(|value| value.as_str()).unwrap_or_default();
    let now = world.now();
    let mut account = world.account();
    let mut user = account.users.get(&id(&which)?).cloned().ok_or_else(Refusal::not_found)?;
    let known = user.identities.len();
    let mut identity = add_identity(&mut account, &mut user, kind, value, now)?;
    if let Some(added) = user.identities.get_mut(known) {
        added.verified |= part.get("verified") == Some(&json!(true));
        identity = added.clone();
        if kind == "email" && mails::verifies(part) {
            mails::ask_to_verify(&mut account, user.id, value, now);
        }
    }
    if kind == "phone_number" && user.phone.is_none() {
        (user.phone, user.shared_phone) = (Some(value.to_owned()), Some(false));
    }
    user.updated_at = now;
    let body = user.identity_json(&identity, world.base());
    let location = format!("{}/api/v2/users/{}/identities/{}.json", world.base(), user.id, identity.id);
    if user.identities.len() > known {
        events::identity_created(&mut account, &user, &identity, now);
    }
    account.users.put(user);
    Ok(created(&location, json!({"identity": body})))
}

/// `PUT /users/{id}/identities/{identity}/make_primary` (and `…/verify`): answers the whole list.
pub(crate) async fn promote(
    State(world): State<World>,
    caller: Caller,
    Path((which, identity, verb)): Path<(String, String, String)>,
) -> Answer {
    caller.staff()?;
    let (which, identity) = (id(&which)?, id(&identity)?);
    let mut account = world.account();
    let mut user = account.users.get(&which).cloned().ok_or_else(Refusal::not_found)?;
    let at = user.identities.iter().position(|known| known.id == identity).ok_or_else(Refusal::not_found)?;
    let kind = user.identities[at].kind;
    match verb.as_str() {
        "make_primary" => {
            for (index, known) in user.identities.iter_mut().enumerate() {
                if known.kind == kind {
                    known.primary = index == at;
                }
            }
        }
        "request_verification" => {
            mails::ask_to_verify(&mut account, which, &user.identities[at].value, world.now());
            return Ok(ok(json!({})));
        }
        "verify" => user.identities[at].verified = true,
        _ => return Err(Refusal::invalid_endpoint()),
    }
    user.updated_at = world.now();
    let rows: Vec<_> = user.identities.iter().map(|known| user.identity_json(known, world.base())).collect();
    account.users.put(user);
    let path = format!("{}/api/v2/users/{which}/identities.json", world.base());
    page("identities", rows, &path, &Params::default(), Paging::Both).map(ok)
}

/// `DELETE /users/{id}/identities/{identity}`; the primary one stays.
pub(crate) async fn delete(
    State(world): State<World>,
    caller: Caller,
    Path((which, identity)): Path<(String, String)>,
) -> Answer {
    caller.staff()?;
    let (which, identity) = (id(&which)?, id(&identity)?);
    let mut account = world.account();
    let mut user = account.users.get(&which).cloned().ok_or_else(Refusal::not_found)?;
    let at = user.identities.iter().position(|known| known.id == identity).ok_or_else(Refusal::not_found)?;
    if user.identities[at].primary {
        return Err(Refusal::invalid("base", "Cannot delete the primary identity", None));
    }
    user.identities.remove(at);
    user.updated_at = world.now();
    account.users.put(user);
    Ok(no_content())
}
