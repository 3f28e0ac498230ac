//! Which ticket an engagement without a ticket's number belongs to. **Invariants:** two calls to Zendesk in line at most
//! before something is made: the caller, then everything about the caller at once; a read that failed, or was cut off, is an
//! error and never "nothing": then nothing is made.

use futures::future::try_join_all;
use wire::{Card, Customer, FlexSettings, TicketId, TicketSummary, UserId, WithoutNumber};

use super::{
    EngagementError, Engagements, Task,
    making::{Made, Named, Wanted, external_id},
};
use crate::connectors::zendesk::{self, ZendeskError};
use crate::connectors::{FailureKind, VendorError};
use crate::features::contracts::{CallerCard, CardError, Contracts};
use crate::features::sessions::{Agent, AgentError};
use crate::features::tasks::{Caller, TaskAttributes};

/// So many customers with one number are worth a choice; more have it by mistake.
const MOST_CUSTOMERS: usize = 5;

/// What was found for an engagement.
#[derive(Debug)]
pub enum Found {
    /// This ticket of this customer.
    Ticket(Box<Card>, TicketSummary),
    /// It was made just now.
    Made {
        /// The ticket.
        ticket: TicketId,
        /// Its requester.
        user: UserId,
        /// The requester has other open tickets, which the agent may not see.
        hidden: bool,
    },
    /// One of these tickets, or customers: the agent says which.
    Choose {
        /// A customer without a ticket is a choice of a new one.
        choices: Vec<(Option<TicketSummary>, Customer)>,
        /// The customer, where there is one.
        card: Option<Box<Card>>,
        /// There are open tickets that the agent may not see.
        hidden: bool,
    },
    /// The customer, who has no ticket.
    Customer(Box<Card>, NoTicket),
    /// Nothing is known of who is at the other end.
    Nobody(NoTicket),
}

/// Why no ticket was made.
#[derive(Debug)]
pub enum NoTicket {
    /// The settings say so, or nothing names a person.
    NotWanted,
    /// Twilio has not confirmed the task: a job makes the ticket.
    Later,
    /// The agent could not see it.
    OutOfReach,
    /// Zendesk refused to make it.
    Refused(ZendeskError),
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
    /// See the directory's error.
    #[error(transparent)]
    Agent(#[from] AgentError),
}

/// For whom a ticket is looked for.
#[derive(Clone, Copy)]
pub struct Acting<'a> {
    /// All cards.
    pub contracts: &'a Contracts,
    /// The agent who has the task; `None`: nobody took it.
    pub agent: Option<&'a Agent>,
    /// Twilio has confirmed the task: a ticket may be made, and the agent talks to the caller.
    pub claimed: bool,
    /// The agent sees what is found: it counts against their limit.
    pub shown: bool,
}

/// The customers who were found for a caller.
#[derive(Debug)]
pub struct Searched {
    caller: Caller,
    customers: Vec<UserId>,
}

/// What is found, where a customer is known.
struct Looked<'a> {
    task: Task<'a>,
    settings: &'a FlexSettings,
    acting: Acting<'a>,
    caller: &'a Caller,
    /// The agent chose the customer.
    chosen: bool,
}

impl Engagements {
    /// The customers whom a task's attributes name. Asked before Twilio's word about the attributes has come.
    pub async fn search(&self, attributes: &TaskAttributes) -> Result<Searched, EngagementError> {
        let caller = attributes.caller().clone();
        let customers = self.customers(&caller).await?;
        Ok(Searched { caller, customers })
    }

    /// The ticket of an engagement that names none, as the settings say. `chosen` is whom the agent meant; it counts where
    /// they may view any customer, or it is one of those who have the caller's number.
    pub async fn find(
        &self,
        task: Task<'_>,
        settings: &FlexSettings,
        acting: Acting<'_>,
        chosen: Option<UserId>,
        searched: Option<Searched>,
    ) -> Result<Found, FindError> {
        let caller = task.attributes.caller();
        let customers = match searched {
            Some(searched) if searched.caller == *caller => searched.customers,
            _ => self.customers(caller).await?,
        };
        let views_users = acting.agent.is_none_or(|agent| agent.views_users);
        let chosen = chosen.filter(|user| views_users || customers.contains(user));
        let customers = chosen.map_or(customers, |user| vec![user]);
        // Until Twilio says that the caller is theirs, an agent sees whom Zendesk would show them.
        let customers = if acting.claimed || views_users { customers } else { Vec::new() };
        let looked = Looked { task, settings, acting, caller, chosen: chosen.is_some() };
        let cards = customers.into_iter().take(MOST_CUSTOMERS);
        let cards = cards.map(|id| acting.contracts.caller(acting.agent, id, acting.shown));
        let mut cards: Vec<CallerCard> = try_join_all(cards).await?;
        match cards.len() {
            0 => {}
            1 => return self.of_customer(looked, cards.remove(0)).await,
            _ => {
                let hidden = cards.iter().any(|card| card.hidden > 0);
                let cards: Vec<_> = cards.into_iter().map(|card| card.card).collect();
                return Ok(Found::Choose { choices: choices(&cards), card: None, hidden });
            }
        }
        if *caller == Caller::Unknown || !settings.create_user || !settings.create_ticket {
            return Ok(Found::Nobody(NoTicket::NotWanted));
        }
        Ok(match self.make_for(looked, None).await? {
            Ok((ticket, user)) => Found::Made { ticket, user, hidden: false },
            Err(why) => Found::Nobody(why),
        })
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

    async fn of_customer(&self, looked: Looked<'_>, found: CallerCard) -> Result<Found, FindError> {
        let Looked { task, settings, chosen, .. } = looked;
        let CallerCard { card, hidden } = found;
        let (card, hidden) = (Box::new(card), hidden > 0);
        let open = match settings.without_number {
            WithoutNumber::AlwaysNew => &[][..],
            WithoutNumber::LatestOpen => card.open_tickets.get(..1).unwrap_or_default(),
            WithoutNumber::Ask => &card.open_tickets[..],
        };
        // An open ticket that the agent may not see is not doubled without a word: they say that they want a new one.
        let asks = match settings.without_number {
            WithoutNumber::AlwaysNew => false,
            WithoutNumber::LatestOpen => hidden && open.is_empty() && !chosen,
            WithoutNumber::Ask => open.len() > 1 || hidden && !(chosen && open.is_empty()),
        };
        if asks && card.customer.is_some() {
            let choices = choices(std::slice::from_ref(&*card));
            return Ok(Found::Choose { choices, card: Some(card), hidden });
        }
        if let [ticket, ..] = open {
            let ticket = ticket.clone();
            let made = self.made_by_another(task).await?.filter(|(id, _)| *id == ticket.id);
            return Ok(match made {
                Some((ticket, user)) => Found::Made { ticket, user, hidden },
                None => Found::Ticket(card, ticket),
            });
        }
        let Some(customer) = card.customer.as_ref().filter(|_| settings.create_ticket) else {
            return Ok(Found::Customer(card, NoTicket::NotWanted));
        };
        let known = Named { id: customer.id, name: &customer.name };
        Ok(match self.make_for(looked, Some(known)).await? {
            Ok((ticket, user)) => Found::Made { ticket, user, hidden },
            Err(why) => Found::Customer(card, why),
        })
    }

    /// A ticket that the agent may see, or why there is none.
    async fn make_for(&self, looked: Looked<'_>, known: Option<Named<'_>>) -> Result<Made, FindError> {
        let Looked { task, settings, acting, caller, .. } = looked;
        if !acting.claimed {
            return Ok(Err(NoTicket::Later));
        }
        let agent = match acting.agent {
            Some(agent) => Some(self.0.sessions.agent_now(agent.id).await?),
            None => None,
        };
        let wanted = Wanted { caller, known, agent: agent.as_deref() };
        match self.make(task, settings, wanted).await {
            Ok(made) => Ok(made),
            Err(EngagementError::Zendesk(refused)) if refused.is(FailureKind::Rejected) => {
                tracing::warn!(task = task.sid, error = %refused, "Zendesk refused to make a ticket for a call");
                Ok(Err(NoTicket::Refused(refused)))
            }
            Err(error) => Err(error.into()),
        }
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
