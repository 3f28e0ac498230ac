//! Why there is no card, or no comment: in words that name what was asked for.

use std::sync::Arc;

use wire::{TicketId, UserId};

use crate::{connectors::zendesk::ZendeskError, store::StoreError};

/// Why there is no card.
#[derive(Debug, thiserror::Error)]
pub enum CardError {
    /// Agent: nothing to do, the ticket is gone or hidden from you.
    #[error("ticket {0} does not exist or you may not see it")]
    TicketNotFound(TicketId),
    /// Agent: nothing to do, the customer is gone, or has no ticket that you may see.
    #[error("customer {0} does not exist or you may not see them")]
    CustomerNotFound(UserId),
    /// Agent: open the customer in Zendesk.
    #[error("only agents who may view all customers in Zendesk can search them by phone number")]
    NoSearch,
    /// Agent: wait. Admin: somebody reads one customer after the other.
    #[error("you have opened {0} customers within an hour, which is the limit")]
    TooManyCustomers(u32),
    /// See the connector's error.
    #[error("{0} could not be read from Zendesk")]
    Zendesk(Unread, #[source] Arc<ZendeskError>),
    /// See the store's error.
    #[error(transparent)]
    Store(#[from] Arc<StoreError>),
}

/// What could not be read, as whoever asked for it calls it.
#[derive(Debug, Clone, Copy, thiserror::Error)]
pub enum Unread {
    /// What stands beside a ticket.
    #[error("ticket {0} and its contract")]
    Ticket(TicketId),
    /// What stands beside a customer.
    #[error("customer {0} and the contract")]
    Customer(UserId),
    /// What decides whether a new ticket is made.
    #[error("the open tickets of customer {0}")]
    OpenTickets(UserId),
    /// What was said last.
    #[error("the last public comment of ticket {0}")]
    Comment(TicketId),
    /// Who has a number.
    #[error("the customers with this phone number")]
    Callers,
}

impl CardError {
    /// The same error for another caller who waited for the same card.
    pub(super) fn repeat(&self) -> Self {
        match self {
            Self::TicketNotFound(id) => Self::TicketNotFound(*id),
            Self::CustomerNotFound(id) => Self::CustomerNotFound(*id),
            Self::NoSearch => Self::NoSearch,
            Self::TooManyCustomers(limit) => Self::TooManyCustomers(*limit),
            Self::Zendesk(what, error) => Self::Zendesk(*what, Arc::clone(error)),
            Self::Store(error) => Self::Store(Arc::clone(error)),
        }
    }
}

impl Unread {
    /// For `map_err`.
    pub(super) fn because(self) -> impl Fn(ZendeskError) -> CardError {
        move |error| CardError::Zendesk(self, Arc::new(error))
    }
}
