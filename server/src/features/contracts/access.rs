//! Which tickets an agent may see. Our token sees all of them, so Zendesk cannot refuse for us: we must.
//! **Invariant:** no I/O.

use serde::{Deserialize, Serialize};
use wire::UserId;

use crate::{
    connectors::zendesk::Ticket,
    features::sessions::{Reach, Viewer},
};

/// What decides who sees a ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketFacts {
    /// Who answers.
    pub assignee_id: Option<u64>,
    /// Which group answers.
    pub group_id: Option<u64>,
    /// Whose ticket it is.
    pub organization_id: Option<u64>,
    /// Who asked.
    pub requester_id: u64,
}

impl TicketFacts {
    /// From Zendesk's ticket.
    pub fn of(ticket: &Ticket) -> Self {
        Self {
            assignee_id: ticket.assignee_id.map(|id| id.0),
            group_id: ticket.group_id,
            organization_id: ticket.organization_id,
            requester_id: ticket.requester_id.map_or(0, |id| id.0),
        }
    }
}

/// Whether nothing is hidden from this session.
pub fn sees_everything(viewer: &Viewer) -> bool {
    viewer.agent.as_ref().is_none_or(|agent| agent.reach == Reach::All)
}

/// Whether a session may see the ticket. One that has not proved its agent sees it, as Zendesk's frame does: Zendesk
/// opened that frame for an agent who has the ticket before him.
pub fn may_see(viewer: &Viewer, facts: Option<&TicketFacts>) -> bool {
    let (Some(agent), Some(facts)) = (&viewer.agent, facts) else { return true };
    let UserId(id) = agent.id;
    match &agent.reach {
        Reach::All => true,
        Reach::Groups(groups) => {
            facts.group_id.is_some_and(|group| groups.contains(&group)) || facts.assignee_id == Some(id)
        }
        Reach::Organization(own) => own.is_some() && facts.organization_id == *own,
        Reach::Assigned => facts.assignee_id == Some(id),
        Reach::Requested => facts.requester_id == id,
    }
}

#[cfg(test)]
mod tests {
    use wire::{HostName, Role};

    use super::*;
    use crate::features::sessions::Agent;

    #[test]
    fn an_agent_sees_the_tickets_that_zendesk_would_show_him() {
        let facts = TicketFacts {
            assignee_id: Some(9002),
            group_id: Some(31),
            organization_id: Some(500),
            requester_id: 77,
        };
        for (agent, reach, expected) in [
            (9001, Reach::All, true),
            (9001, Reach::Groups(vec![30, 31]), true),
            (9001, Reach::Groups(vec![30]), false),
            (9002, Reach::Groups(vec![]), true),
            (9001, Reach::Organization(Some(500)), true),
            (9001, Reach::Organization(Some(501)), false),
            (9001, Reach::Organization(None), false),
            (9002, Reach::Assigned, true),
            (9001, Reach::Assigned, false),
            (77, Reach::Requested, true),
            (9001, Reach::Requested, false),
        ] {
            let agent = Agent { id: UserId(agent), role: Role::Agent, reach };
            let viewer = Viewer::of(HostName::Zendesk, Some(agent));
            assert_eq!(may_see(&viewer, Some(&facts)), expected, "{viewer:?}");
        }
    }
}
