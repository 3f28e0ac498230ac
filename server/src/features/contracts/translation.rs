//! From what Zendesk and the store say to what crosses the wire: cards, tickets and customers in a few words. **Invariant:** no
//! I/O; `now` is an argument.

use std::sync::{Arc, OnceLock};

use wire::{
    BadgeName, Card, Contract, Customer, CustomerState, TicketId, TicketStatus, TicketSummary, UserId,
};

use super::{
    Rules, TicketFacts,
    cache::{CachedCard, OpenRead},
    requester::Requester,
    rules,
};
use crate::{
    connectors::zendesk::{self, OpenTickets, ZendeskError},
    store::companies::Found,
};

/// What was read for a card.
pub(super) struct Read<'a> {
    /// The ticket; absent of a card that is a customer's alone.
    pub ticket: Option<&'a zendesk::Ticket>,
    /// Its requester, or the customer; absent where they are gone.
    pub user: Option<&'a zendesk::User>,
    /// Their open tickets.
    pub open: Result<OpenTickets, ZendeskError>,
    /// Whose contract it is, and what the contract copy knows of them.
    pub found: Option<(Requester, Found)>,
}

/// The card.
pub(super) fn card(read: Read<'_>, rules: Rules<'_>) -> CachedCard {
    let Read { ticket, user, open, found } = read;
    let (requester, found) = found.unzip();
    let (contract, badges) = match (&requester, &found) {
        (Some(requester), Some(found)) => contract(requester, found, rules),
        _ => (rules::none(), Vec::new()),
    };
    // The list of other tickets is a courtesy: a card without it is better than none. What is decided by the list is not.
    let (mut open, open_read) = match open {
        Ok(OpenTickets { tickets, complete: true }) => (tickets, OpenRead::Whole),
        Ok(OpenTickets { tickets, complete: false }) => (tickets, OpenRead::CutOff),
        Err(error) => {
            tracing::warn!(error = %error, "the customer's other open tickets could not be read");
            (Vec::new(), OpenRead::Failed(Arc::new(error)))
        }
    };
    open.retain(|other| Some(other.id) != ticket.map(|ticket| ticket.id));
    CachedCard {
        card: Card {
            ticket: ticket.map(summary),
            customer: user.map(customer),
            contract,
            badges,
            open_tickets: open.iter().map(summary).collect(),
            stale_because: None,
        },
        facts: ticket.map(TicketFacts::of),
        open_facts: open.iter().map(TicketFacts::of).collect(),
        open: open_read,
        requester: requester.map(Arc::new),
        copy: found.and_then(|found| found.copy),
        json: OnceLock::new(),
    }
}

/// The same card with another contract.
pub(super) fn again(
    card: &CachedCard,
    requester: Arc<Requester>,
    found: &Found,
    rules: Rules<'_>,
) -> CachedCard {
    let (contract, badges) = contract(&requester, found, rules);
    CachedCard {
        requester: Some(requester),
        card: Card { contract, badges, ..card.card.clone() },
        copy: found.copy.clone(),
        json: OnceLock::new(),
        ..card.clone()
    }
}

pub(super) fn contract(requester: &Requester, found: &Found, rules: Rules<'_>) -> (Contract, Vec<BadgeName>) {
    let Rules { settings, badges, now } = rules;
    let contract = rules::resolve(found, requester, (&settings.fields, &settings.currency), now);
    let today = settings.thresholds.today(now);
    let by = (badges, &settings.thresholds, settings.currency.as_str());
    let badges = rules::badges(&contract, &requester.tags, by, today);
    (contract, badges)
}

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
