//! Tickets and customers of Zendesk in the few words that cross the wire. **Invariant:** no I/O.

use wire::{Customer, CustomerState, TicketId, TicketStatus, TicketSummary, UserId};

use crate::connectors::zendesk;

/// The few words that name a ticket.
pub fn summary(ticket: &zendesk::Ticket) -> TicketSummary {
    TicketSummary {
        id: TicketId(ticket.id.0),
        subject: ticket.subject.clone(),
        status: match ticket.status {
            zendesk::TicketStatus::New => TicketStatus::New,
            zendesk::TicketStatus::Open => TicketStatus::Open,
            zendesk::TicketStatus::Pending => TicketStatus::Pending,
            zendesk::TicketStatus::Hold => TicketStatus::Hold,
            zendesk::TicketStatus::Solved => TicketStatus::Solved,
            zendesk::TicketStatus::Closed => TicketStatus::Closed,
            zendesk::TicketStatus::Unknown => TicketStatus::Unknown,
        },
        requester_id: UserId(ticket.requester_id.map_or(0, |id| id.0)),
        priority: ticket.priority.and_then(|priority| match priority {
            zendesk::Priority::Urgent => Some("urgent".to_owned()),
            zendesk::Priority::High => Some("high".to_owned()),
            zendesk::Priority::Normal => Some("normal".to_owned()),
            zendesk::Priority::Low => Some("low".to_owned()),
            zendesk::Priority::Unknown => None,
        }),
    }
}

/// What stands of a customer on a card.
pub(super) fn customer(user: &zendesk::User) -> Customer {
    Customer {
        id: UserId(user.id.0),
        name: user.name.clone(),
        email: user.email.clone(),
        phone: user.phone.clone(),
        state: match (user.active, user.suspended) {
            (false, _) => CustomerState::Deleted,
            (true, true) => CustomerState::Suspended,
            (true, false) => CustomerState::Active,
        },
    }
}
