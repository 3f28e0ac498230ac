//! Who answers a ticket that is made for an agent, so that they may see it. **Invariant:** no I/O.

use crate::{
    connectors::zendesk::{Owner, UserId},
    features::sessions::{Known, Reach},
};

/// The owner with whom the agent sees the ticket; `None` where no owner does that. `organization_id` is the requester's.
pub(super) fn owner_for(agent: &Known, organization_id: Option<u64>) -> Option<Owner> {
    match &agent.agent.reach {
        Reach::All => Some(Owner::Nobody),
        Reach::Groups(groups) => {
            let default = agent.default_group.filter(|group| groups.contains(group));
            default.or_else(|| groups.first().copied()).map(Owner::Group)
        }
        Reach::Assigned => Some(Owner::Agent(UserId(agent.agent.id.0))),
        Reach::Organization(own) => (own.is_some() && *own == organization_id).then_some(Owner::Nobody),
        Reach::Requested => None,
    }
}

#[cfg(test)]
mod tests {
    use wire::Role;

    use super::*;
    use crate::features::sessions::Agent;

    #[test]
    fn what_is_made_for_an_agent_is_theirs_to_see() {
        use Owner::{Agent as ToAgent, Group, Nobody};
        for (reach, default_group, organization, expected) in [
            (Reach::All, None, None, Some(Nobody)),
            (Reach::Groups(vec![30, 31]), Some(31), None, Some(Group(31))),
            (Reach::Groups(vec![30, 31]), Some(32), None, Some(Group(30))),
            (Reach::Groups(vec![]), Some(32), None, None),
            (Reach::Assigned, None, None, Some(ToAgent(UserId(7)))),
            (Reach::Organization(Some(500)), None, Some(500), Some(Nobody)),
            (Reach::Organization(Some(500)), None, Some(501), None),
            (Reach::Organization(Some(500)), None, None, None),
            (Reach::Organization(None), None, None, None),
            (Reach::Requested, None, None, None),
        ] {
            let agent = Agent::new(wire::UserId(7), Role::Agent, reach);
            let known = Known::of(agent, default_group);
            assert_eq!(owner_for(&known, organization), expected, "{known:?}");
        }
    }
}
