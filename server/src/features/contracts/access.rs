//! Which tickets an agent may see. Our token sees all of them, so Zendesk cannot refuse for us: we must.
//! **Invariant:** no I/O.

use serde::{Deserialize, Serialize};
use wire::UserId;

use crate::{
    connectors::zendesk::Ticket,
    features::sessions::{Agent, Reach},
};

/// What decides who sees a ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketFacts {
    pub assignee_id: Option<u64>,
    /// Which group answers.
    pub group_id: Option<u64>,
    /// Whose ticket it is.
    pub organization_id: Option<u64>,
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

/// Whether no ticket is hidden from this agent.
pub fn sees_everything(agent: &Agent) -> bool {
    agent.reach == Reach::All
}

/// Whether an agent may see the ticket.
pub fn may_see(agent: &Agent, facts: &TicketFacts) -> bool {
    reaches(&agent.reach, agent.id, facts)
}

/// Whether the ticket is within this reach of an agent.
pub fn reaches(reach: &Reach, UserId(id): UserId, facts: &TicketFacts) -> bool {
    match reach {
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
    use wire::Role;

    use super::*;

    #[test]
    fn an_agent_sees_the_tickets_that_zendesk_would_show_them() {
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
            let agent = Agent::new(UserId(agent), Role::Agent, reach);
            assert_eq!(may_see(&agent, &facts), expected, "{agent:?}");
        }
    }
}
