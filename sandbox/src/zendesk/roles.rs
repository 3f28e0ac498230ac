//! The account's custom roles, as Enterprise plans have them: those that Zendesk brings along, and one of the account's own.
//! Read by admins only; an agent's role is changed through the user.

use axum::extract::{Path, State};
use serde_json::{Value, json};

use super::{
    access::Caller,
    input::{Params, id},
    paging::{Paging, page},
    record::Role,
    refusal::{Answer, Refusal, ok},
};
use crate::{clock::stamp, world::World};

/// A custom role.
#[derive(Debug)]
pub(crate) struct CustomRole {
    pub(crate) id: u64,
    name: &'static str,
    /// 0 custom, 1 light agent, 2 chat agent, 3 contributor, 4 admin, 5 billing admin.
    pub(crate) kind: u64,
    ticket_editing: bool,
}

const fn role(id: u64, name: &'static str, kind: u64, ticket_editing: bool) -> CustomRole {
    CustomRole { id, name, kind, ticket_editing }
}

/// Every agent's role until it is changed.
const AGENT: CustomRole = role(6_130_869_137_306, "Agent", 0, true);
const ADMIN: CustomRole = role(6_130_869_137_434, "Admin", 4, true);

/// The role of an agent who does not see every ticket.
const RESTRICTED: CustomRole = role(6_130_869_137_946, "Restricted agent", 0, true);

const ROLES: [CustomRole; 6] = [
    AGENT,
    ADMIN,
    RESTRICTED,
    role(crate::credentials::LIGHT_AGENT_ROLE, "Light agent", 1, false),
    role(crate::credentials::CONTRIBUTOR_ROLE, "Contributor", 3, false),
    role(crate::credentials::ADVISOR_ROLE, "Advisor", 0, false),
];

/// The custom role of this id.
pub(crate) fn by_id(id: u64) -> Option<&'static CustomRole> {
    ROLES.iter().find(|role| role.id == id)
}

/// The role of an agent or admin whose role nobody changed; end users have none.
pub(crate) const fn usual(role: Role, is_restricted: bool) -> Option<u64> {
    match role {
        Role::EndUser => None,
        Role::Agent if is_restricted => Some(RESTRICTED.id),
        Role::Agent => Some(AGENT.id),
        Role::Admin => Some(ADMIN.id),
    }
}

/// What an agent with this custom role is to those who know no custom roles.
pub(crate) fn role_of(id: u64) -> Role {
    if by_id(id).is_some_and(|role| role.kind == 4) { Role::Admin } else { Role::Agent }
}

impl CustomRole {
    fn json(&self, world: &World) -> Value {
        let members =
            world.account().users.values().filter(|user| user.custom_role() == Some(self.id)).count();
        let born = stamp(world.now() - chrono::TimeDelta::days(850));
        json!({
            "id": self.id,
            "name": self.name,
            "description": "",
            "role_type": self.kind,
            "team_member_count": members,
            "created_at": born,
            "updated_at": born,
            "configuration": {
                "light_agent": self.kind == 1,
                "ticket_access": if self.id == RESTRICTED.id { "assigned-only" } else { "all" },
                "ticket_comment_access": if self.ticket_editing { "public" } else { "none" },
                "ticket_deletion": self.kind == 4,
                "ticket_editing": self.ticket_editing,
                "ticket_merge": self.ticket_editing,
                "ticket_tag_editing": self.ticket_editing,
                "end_user_list_access": if self.id == RESTRICTED.id { "none" } else { "full" },
                "end_user_profile_access": if self.ticket_editing { "full" } else { "readonly" },
            },
        })
    }
}

/// `GET /custom_roles`.
pub(crate) async fn list(State(world): State<World>, caller: Caller, params: Params) -> Answer {
    caller.staff()?;
    let rows = ROLES.iter().map(|role| role.json(&world)).collect();
    let path = format!("{}/api/v2/custom_roles.json", world.base());
    page("custom_roles", rows, &path, &params, Paging::OffsetOnly).map(ok)
}

/// `GET /custom_roles/{id}`.
pub(crate) async fn show(State(world): State<World>, caller: Caller, Path(which): Path<String>) -> Answer {
    caller.admin()?;
    let role = by_id(id(&which)?).ok_or_else(Refusal::not_found)?;
    Ok(ok(json!({"custom_role": role.json(&world)})))
}
