//! Reading users: list, one, many, search, and what belongs to one of them.

use axum::extract::{Path, State};
use serde_json::{Value, json};

use super::{
    access::Caller,
    identities,
    input::{Params, id},
    paging::{Paging, page},
    query::Query,
    record::{Role, User},
    refusal::{Answer, Refusal, ok},
};
use crate::world::World;

/// `GET /users`, with `role`, `role[]`, `external_id`.
pub(crate) async fn list(State(world): State<World>, caller: Caller, params: Params) -> Answer {
    caller.staff()?;
    let account = world.account();
    let roles: Vec<_> = ["role", "role[]"].iter().filter_map(|name| Role::parse(params.get(name)?)).collect();
    let external_id = params.get("external_id");
    let users = account.users.values().filter(|user| user.active).filter(|user| {
        (roles.is_empty() || roles.contains(&user.role))
            && external_id.is_none_or(|wanted| {
                user.external_id.as_deref().is_some_and(|known| known.eq_ignore_ascii_case(wanted))
            })
    });
    let rows = users.map(|user| user.json(world.base())).collect();
    let path = format!("{}/api/v2/users.json", world.base());
    let mut body = page("users", rows, &path, &params, Paging::Both)?;
    identities::side_load(&world, &account, &mut body, &params);
    Ok(ok(body))
}

/// `GET /users/count`.
pub(crate) async fn count(State(world): State<World>, caller: Caller) -> Answer {
    caller.staff()?;
    let value = world.account().users.values().filter(|user| user.active).count();
    Ok(ok(json!({"count": {"value": value, "refreshed_at": crate::clock::stamp(world.now())}})))
}

/// `GET /users/me`: 200 for everybody.
pub(crate) async fn me(State(world): State<World>, caller: Option<axum::Extension<Caller>>) -> Answer {
    let account = world.account();
    let user = caller.and_then(|caller| account.users.get(&caller.user_id?));
    let body = user.map_or_else(
        || User::anonymous(world.base(), world.now()),
        |user| {
            let mut body = user.json(world.base());
            body["authenticity_token"] = json!("sandbox");
            body
        },
    );
    Ok(ok(json!({"user": body})))
}

/// `GET /users/{id}`; deleted users are still shown, inactive.
pub(crate) async fn show(State(world): State<World>, caller: Caller, Path(which): Path<String>) -> Answer {
    let which = id(&which)?;
    if caller.user_id != Some(which) {
        caller.staff()?;
    }
    let account = world.account();
    let user = account.users.get(&which).ok_or_else(Refusal::not_found)?;
    Ok(ok(json!({"user": user.json(world.base())})))
}

/// `GET /users/show_many?ids=` or `?external_ids=`: unknown ones are left out.
pub(crate) async fn show_many(State(world): State<World>, caller: Caller, params: Params) -> Answer {
    caller.staff()?;
    let (ids, external) = (params.list("ids")?, params.list("external_ids")?);
    let account = world.account();
    let users: Vec<Value> = match (ids, external) {
        (Some(ids), _) => {
            let found = ids.iter().filter_map(|text| account.users.get(&text.parse().ok()?));
            found.map(|user| user.json(world.base())).collect()
        }
        (None, Some(external)) => {
            let found = external.iter().filter_map(|text| account.user_by_external_id(text));
            found.map(|user| user.json(world.base())).collect()
        }
        (None, None) => return Err(Refusal::invalid_attribute("Parameter ids or external_ids is required")),
    };
    let path = format!("{}/api/v2/users/show_many.json", world.base());
    let mut body = page("users", users, &path, &Params::default(), Paging::OffsetOnly)?;
    identities::side_load(&world, &account, &mut body, &params);
    Ok(ok(body))
}

/// `GET /users/search?query=` or `?external_id=`, and `GET /users/autocomplete?name=`.
pub(crate) async fn search(State(world): State<World>, caller: Caller, params: Params) -> Answer {
    caller.staff()?;
    let account = world.account();
    let query = params.get("query").or_else(|| params.get("name")).map(Query::parse);
    let external_id = params.get("external_id");
    if query.is_none() && external_id.is_none() {
        return Err(Refusal::invalid_attribute("Parameter query or external_id is required"));
    }
    let horizon = world.search_horizon();
    let found =
        account.users.values().filter(|user| user.active && user.created_at <= horizon).filter(|user| {
            query.as_ref().is_none_or(|query| query.matches_user(user, &account))
                && external_id.is_none_or(|wanted| {
                    user.external_id.as_deref().is_some_and(|known| known.eq_ignore_ascii_case(wanted))
                })
        });
    let rows = found.map(|user| user.json(world.base())).collect();
    let path = format!("{}/api/v2/users/search.json", world.base());
    page("users", rows, &path, &params, Paging::OffsetOnly).map(ok)
}

/// What is still told of a deleted user.
const LEFT: [&str; 16] = [
    "id",
    "url",
    "name",
    "email",
    "created_at",
    "updated_at",
    "time_zone",
    "iana_time_zone",
    "phone",
    "shared_phone_number",
    "photo",
    "locale_id",
    "locale",
    "organization_id",
    "role",
    "active",
];

fn deleted_json(user: &User, base: &str) -> Value {
    let mut row = user.json(base);
    if let Some(row) = row.as_object_mut() {
        row.retain(|name, _| LEFT.contains(&name.as_str()));
        row.insert("url".into(), json!(format!("{base}/api/v2/deleted_users/{}.json", user.id)));
    }
    row
}

/// `GET /deleted_users`.
pub(crate) async fn deleted(State(world): State<World>, caller: Caller, params: Params) -> Answer {
    caller.staff()?;
    let account = world.account();
    let gone = account.users.values().filter(|user| !user.active);
    let rows = gone.map(|user| deleted_json(user, world.base())).collect();
    let path = format!("{}/api/v2/deleted_users.json", world.base());
    page("deleted_users", rows, &path, &params, Paging::Both).map(ok)
}

/// `GET /deleted_users/{id}`.
pub(crate) async fn deleted_one(
    State(world): State<World>,
    caller: Caller,
    Path(which): Path<String>,
) -> Answer {
    caller.staff()?;
    let account = world.account();
    let user = account.users.get(&id(&which)?).filter(|user| !user.active).ok_or_else(Refusal::not_found)?;
    Ok(ok(json!({"deleted_user": deleted_json(user, world.base())})))
}

/// `GET /users/{id}/tickets/requested`, `…/assigned`, `…/ccd`.
pub(crate) async fn tickets(
    State(world): State<World>,
    caller: Caller,
    Path((which, relation)): Path<(String, String)>,
    params: Params,
) -> Answer {
    caller.staff()?;
    let which = id(&which)?;
    let account = world.account();
    if !account.users.contains_key(&which) {
        return Err(Refusal::not_found());
    }
    let mut found: Vec<_> = account
        .tickets
        .values()
        .filter(|ticket| caller.sees(ticket))
        .filter(|ticket| match relation.as_str() {
            "requested" => ticket.requester_id == which,
            "assigned" => ticket.assignee_id == Some(which),
            _ => ticket.collaborator_ids.contains(&which),
        })
        .collect();
    super::tickets::sort(&mut found, &params);
    let rows = found.iter().map(|ticket| ticket.json(world.base())).collect();
    let path = format!("{}/api/v2/users/{which}/tickets/{relation}.json", world.base());
    page("tickets", rows, &path, &params, Paging::Both).map(ok)
}

/// `GET /users/{id}/related`.
pub(crate) async fn related(State(world): State<World>, caller: Caller, Path(which): Path<String>) -> Answer {
    caller.staff()?;
    let which = id(&which)?;
    let account = world.account();
    let user = account.users.get(&which).ok_or_else(Refusal::not_found)?;
    let requested = account.tickets.values().filter(|ticket| ticket.requester_id == user.id).count();
    let assigned = account.tickets.values().filter(|ticket| ticket.assignee_id == Some(user.id)).count();
    Ok(ok(json!({"user_related": {
        "assigned_tickets": assigned, "requested_tickets": requested, "ccd_tickets": 0,
        "organization_subscriptions": 0,
    }})))
}

/// `GET /users/{id}/groups` and `GET /groups`.
pub(crate) async fn groups(
    State(world): State<World>,
    caller: Caller,
    which: Option<Path<String>>,
    params: Params,
) -> Answer {
    caller.staff()?;
    let account = world.account();
    let of = match which {
        Some(Path(text)) => Some(account.users.get(&id(&text)?).ok_or_else(Refusal::not_found)?.group_id),
        None => None,
    };
    let rows = account.groups.iter().filter(|(id, _)| of.is_none_or(|of| of == Some(**id)));
    let rows = rows.map(|(_, group)| Value::Object(group.clone())).collect();
    let path = format!("{}/api/v2/groups.json", world.base());
    page("groups", rows, &path, &params, Paging::Both).map(ok)
}

/// `GET /groups/{id}`.
pub(crate) async fn group(State(world): State<World>, caller: Caller, Path(which): Path<String>) -> Answer {
    caller.staff()?;
    let account = world.account();
    let group = account.groups.get(&id(&which)?).ok_or_else(Refusal::not_found)?;
    Ok(ok(json!({"group": group})))
}

/// `GET /users/{id}/group_memberships` and `GET /group_memberships`.
pub(crate) async fn memberships(
    State(world): State<World>,
    caller: Caller,
    which: Option<Path<String>>,
    params: Params,
) -> Answer {
    caller.staff()?;
    let which = which.map(|Path(text)| id(&text)).transpose()?;
    let account = world.account();
    let members =
        account.users.values().filter(|user| user.active && which.is_none_or(|which| which == user.id));
    let rows = members
        .filter_map(|user| {
            let (group, base) = (user.group_id?, world.base());
            let membership = 500_000 + user.id;
            Some(json!({
                "url": format!("{base}/api/v2/group_memberships/{membership}.json"),
                "id": membership,
                "user_id": user.id,
                "group_id": group,
                "default": true,
                "created_at": crate::clock::stamp(user.created_at),
                "updated_at": crate::clock::stamp(user.created_at),
            }))
        })
        .collect();
    let path = format!("{}/api/v2/group_memberships.json", world.base());
    page("group_memberships", rows, &path, &params, Paging::Both).map(ok)
}
