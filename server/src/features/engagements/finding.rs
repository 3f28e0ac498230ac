//! Which ticket an engagement without a ticket's number belongs to. **Invariant:** two calls to Zendesk in line at most
//! before something is made: the caller, then everything about the caller at once.

use futures::future::try_join_all;
use wire::{Card, Customer, FlexSettings, TicketId, TicketSummary, UserId, WithoutNumber};

use super::{
    EngagementError, Engagements, Task,
    callers::{Caller, caller},
    making::{Named, Wanted, external_id},
};
use crate::connectors::zendesk;
use crate::features::contracts::{CardError, Contracts};
use crate::features::sessions::Viewer;

/// So many customers with one number are worth a choice; more have it by mistake.
const MOST_CUSTOMERS: usize = 5;

/// What was found for an engagement.
#[derive(Debug)]
pub enum Found {
    /// This ticket of this customer.
    Ticket(Box<Card>, TicketSummary),
    /// It was made just now.
    Made(TicketId, UserId),
    /// One of these tickets, or customers: the agent says which.
    Choose(Vec<(Option<TicketSummary>, Customer)>, Option<Box<Card>>),
    /// The customer, who has no ticket, and is to have none.
    Customer(Box<Card>),
    /// Nothing is known of who is at the other end.
    Nobody,
}

/// Why nothing was found.
#[derive(Debug, thiserror::Error)]
pub enum FindError {
    /// See the engagement's error.
    #[error(transparent)]
    Engagement(#[from] EngagementError),
    /// See the card's error.
    #[error(transparent)]
    Card(#[from] CardError),
}

/// Cards as one agent may see them.
#[derive(Clone, Copy)]
pub struct Visible<'a> {
    /// All cards.
    pub contracts: &'a Contracts,
    /// Who looks; `None`: nobody, a job is at work.
    pub viewer: Option<&'a Viewer>,
}

impl Engagements {
    /// The ticket of an engagement that names none, as the settings say. `chosen` is whom the agent meant.
    pub async fn find(
        &self,
        task: Task<'_>,
        settings: &FlexSettings,
        visible: Visible<'_>,
        chosen: Option<UserId>,
    ) -> Result<Found, FindError> {
        let caller = caller(task.attributes);
        let customers = match chosen {
            Some(user) => vec![user],
            None => self.customers(&caller).await?,
        };
        let cards = customers.into_iter().take(MOST_CUSTOMERS);
        let cards = cards.map(|id| visible.contracts.customer_card(visible.viewer, id));
        let mut cards: Vec<Card> = try_join_all(cards).await?;
        match cards.len() {
            0 => {}
            1 => return self.of_customer(task, settings, &caller, Box::new(cards.remove(0))).await,
            _ => return Ok(Found::Choose(choices(&cards), None)),
        }
        if caller == Caller::Unknown || !settings.create_user || !settings.create_ticket {
            return Ok(Found::Nobody);
        }
        let (ticket, user) = self.make(task, settings, Wanted { caller: &caller, known: None }).await?;
        Ok(Found::Made(ticket, user))
    }

    /// Whoever has the caller's number or address.
    async fn customers(&self, caller: &Caller) -> Result<Vec<UserId>, EngagementError> {
        let client = &self.0.zendesk;
        let found: Vec<zendesk::User> = match caller {
            Caller::Phone(number) => {
                let name = external_id(number);
                let (named, found) =
                    futures::try_join!(client.user_by_external_id(&name), client.users_by_phone(number))?;
                let others =
                    found.into_iter().filter(|user| named.as_ref().is_none_or(|named| named.id != user.id));
                let others: Vec<_> = others.collect();
                named.into_iter().chain(others).collect()
            }
            Caller::Email(address) => client.user_by_email(address).await?.into_iter().collect(),
            Caller::External(name) => client.user_by_external_id(name).await?.into_iter().collect(),
            Caller::Anonymous | Caller::Unknown => return Ok(vec![]),
        };
        Ok(found.iter().map(|user| UserId(user.id.0)).collect())
    }

    async fn of_customer(
        &self,
        task: Task<'_>,
        settings: &FlexSettings,
        caller: &Caller,
        card: Box<Card>,
    ) -> Result<Found, FindError> {
        let open = match settings.without_number {
            WithoutNumber::AlwaysNew => &[][..],
            WithoutNumber::LatestOpen => card.open_tickets.get(..1).unwrap_or_default(),
            WithoutNumber::Ask => &card.open_tickets[..],
        };
        match (open, &card.customer) {
            ([ticket], _) => {
                let ticket = ticket.clone();
                let made = self.made_by_another(task).await?.filter(|(id, _)| *id == ticket.id);
                return Ok(match made {
                    Some((ticket, user)) => Found::Made(ticket, user),
                    None => Found::Ticket(card, ticket),
                });
            }
            ([_, _, ..], Some(_)) => {
                let choices = choices(std::slice::from_ref(&*card));
                return Ok(Found::Choose(choices, Some(card)));
            }
            _ => {}
        }
        let Some(customer) = card.customer.as_ref().filter(|_| settings.create_ticket) else {
            return Ok(Found::Customer(card));
        };
        let known = Some(Named { id: customer.id, name: &customer.name });
        let (ticket, user) = self.make(task, settings, Wanted { caller, known }).await?;
        Ok(Found::Made(ticket, user))
    }
}

/// Every open ticket with its customer; a customer without one is a choice of its own.
fn choices(cards: &[Card]) -> Vec<(Option<TicketSummary>, Customer)> {
    let of_card = |card: &Card| -> Vec<_> {
        let Some(customer) = card.customer.clone() else { return vec![] };
        match card.open_tickets.as_slice() {
            [] => vec![(None, customer)],
            open => open.iter().map(|ticket| (Some(ticket.clone()), customer.clone())).collect(),
        }
    };
    cards.iter().flat_map(of_card).collect()
}
