//! From what Zendesk and the store say to what crosses the wire: cards, tickets and customers in a few words. **Invariant:** no
//! I/O; `now` is an argument.

use std::sync::{Arc, OnceLock};

use chrono::{DateTime, Utc};
use wire::{Card, Customer, CustomerState, TicketId, TicketStatus, TicketSummary, UserId};

use super::{
    BadgeRules, Settings, TicketFacts,
    cache::{CachedCard, OpenRead},
    rules,
};
use crate::{
    connectors::zendesk::{self, OpenTickets, ZendeskError},
    store::contracts::ContractRow,
};

/// What was read for a card.
pub(super) struct Read<'a> {
    /// The ticket; absent of a card that is a customer's alone.
    pub ticket: Option<&'a zendesk::Ticket>,
    /// Its requester, or the customer; absent where they are gone.
    pub user: Option<&'a zendesk::User>,
    /// Their open tickets.
    pub open: Result<OpenTickets, ZendeskError>,
    /// What integrations have brought of them.
    pub rows: &'a [ContractRow],
}

/// The card, and the contract that the customer's own fields in Zendesk tell of.
pub(super) fn card(
    read: Read<'_>,
    (settings, badges): (&Settings, &BadgeRules),
    now: DateTime<Utc>,
) -> (CachedCard, Vec<ContractRow>) {
    let Read { ticket, user, open, rows } = read;
    let (contract, live) = match user {
        Some(user) => {
            let live = rules::from_user_fields(user.id.0, &user.user_fields, &settings.fields, now);
            let live: Vec<_> = live.into_iter().collect();
            (rules::resolve(rows, &live, &settings.currency), live)
        }
        None => (rules::none(), Vec::new()),
    };
    let tags = user.map(|user| user.tags.as_slice()).unwrap_or_default();
    let badges = rules::badges(&contract, tags, badges, now.date_naive());
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
    let known = CachedCard {
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
        json: OnceLock::new(),
    };
    (known, live)
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
