//! Who belongs to what: the members of organizations and of groups, and the tickets of an organization. **Invariant:** a
//! user has one organization at most.

use axum::extract::{OriginalUri, Path, State};
use serde_json::{Value, json};

use super::{
    access::Caller,
    input::{Params, id},
    paging::{Paging, page},
    record::User,
    refusal::{Answer, Refusal, ok},
    tickets::sort,
};
use crate::{clock::stamp, state::Account, world::World};

/// Which list this is: its address without a query.
fn address(world: &World, uri: &axum::http::Uri) -> String {
    format!("{}{}.json", world.base(), uri.path().trim_end_matches(".json"))
}

/// `GET /organization_memberships`, also below `/users/{id}` and `/organizations/{id}`.
pub(crate) async fn memberships(
    State(world): State<World>,
    caller: Caller,
    which: Option<Path<String>>,
    OriginalUri(uri): OriginalUri,
    params: Params,
) -> Answer {
    caller.staff()?;
    let which = which.map(|Path(text)| id(&text)).transpose()?;
    let account = world.account();
    let of_user = uri.path().contains("/users/");
    let known = which.is_none_or(|which| {
        if of_user { account.users.contains_key(&which) } else { account.organizations.contains_key(&which) }
    });
    if !known {
        return Err(Refusal::not_found());
    }
    let members = account.users.values().filter(|user| user.active);
    let members = members.filter(|user| {
        which.is_none_or(|which| if of_user { user.id == which } else { user.organization_id == Some(which) })
    });
    let rows = members.filter_map(|user| membership(&world, &account, user)).collect();
    page("organization_memberships", rows, &address(&world, &uri), &params, Paging::Both).map(ok)
}

fn membership(world: &World, account: &Account, user: &User) -> Option<Value> {
    let organization = account.organizations.get(&user.organization_id?)?;
    let (id, at) = (700_000_000_000_000 + user.id % 100_000_000_000_000, stamp(user.created_at));
    Some(json!({
        "url": format!("{}/api/v2/organization_memberships/{id}.json", world.base()), "id": id, "user_id": user.id,
        "organization_id": user.organization_id, "organization_name": organization["name"], "default": true,
        "view_tickets": false, "created_at": at, "updated_at": at,
    }))
}

/// `GET /users/{id}/organizations`.
pub(crate) async fn organizations_of_user(
    State(world): State<World>,
    caller: Caller,
    Path(which): Path<String>,
    OriginalUri(uri): OriginalUri,
    params: Params,
) -> Answer {
    caller.staff()?;
    let account = world.account();
    let user = account.users.get(&id(&which)?).ok_or_else(Refusal::not_found)?;
    let organization = user.organization_id.and_then(|id| account.organizations.get(&id));
    let rows = organization.map(|row| Value::Object(row.clone())).into_iter().collect();
    page("organizations", rows, &address(&world, &uri), &params, Paging::Both).map(ok)
}

/// `GET /organizations/{id}/users` and `GET /groups/{id}/users`.
pub(crate) async fn users(
    State(world): State<World>,
    caller: Caller,
    Path(which): Path<String>,
    OriginalUri(uri): OriginalUri,
    params: Params,
) -> Answer {
    caller.staff()?;
    let (which, account) = (id(&which)?, world.account());
    let of_group = uri.path().contains("/groups/");
    let known = if of_group {
        account.groups.contains_key(&which)
    } else {
        account.organizations.contains_key(&which)
    };
    if !known {
        return Err(Refusal::not_found());
    }
    let members = account.users.values().filter(|user| {
        user.active && Some(which) == if of_group { user.group_id } else { user.organization_id }
    });
    let rows = members.map(|user| user.json(world.base())).collect();
    page("users", rows, &address(&world, &uri), &params, Paging::Both).map(ok)
}

/// `GET /organizations/{id}/tickets`.
pub(crate) async fn tickets_of_organization(
    State(world): State<World>,
    caller: Caller,
    Path(which): Path<String>,
    OriginalUri(uri): OriginalUri,
    params: Params,
) -> Answer {
    caller.staff()?;
    let (which, account) = (id(&which)?, world.account());
    if !account.organizations.contains_key(&which) {
        return Err(Refusal::not_found());
    }
    let mut found: Vec<_> = account
        .tickets
        .values()
        .filter(|ticket| caller.sees(ticket) && ticket.organization_id == Some(which))
        .collect();
    sort(&mut found, &params);
    let rows = found.iter().map(|ticket| ticket.json(world.base())).collect();
    page("tickets", rows, &address(&world, &uri), &params, Paging::Both).map(ok)
}
