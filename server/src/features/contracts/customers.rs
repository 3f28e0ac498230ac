//! Customers who are read without a ticket before the agent: by an agent whom Zendesk lets view customers, or beside a ticket
//! that they may see, or because the customer calls them. **Invariant:** each counts against the agent's limit, so that nobody
//! reads the customers of an account one after the other.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex},
    time::Duration,
};

use bytes::Bytes;
use moka::sync::Cache;
use wire::{Card, Customer, TicketId, UserId};

use super::{
    CardError, Contracts, TicketFacts, Unread, access,
    cache::{CachedCard, OpenRead, Subject},
    translation::{customer, summary},
};
use crate::{
    connectors::zendesk,
    features::sessions::{Agent, Viewer},
};

/// The time over which customers are counted; it begins with the first.
const WINDOW: Duration = Duration::from_hours(1);

/// Which customers each agent has looked at in the last hour, at this server.
pub(super) struct Lookups {
    seen: Cache<UserId, Arc<Mutex<HashSet<UserId>>>>,
    limit: u32,
}

impl Lookups {
    pub(super) fn new(limit: u32) -> Self {
        Self { seen: Cache::builder().max_capacity(10_000).time_to_live(WINDOW).build(), limit }
    }

    fn count(&self, agent: UserId, customer: UserId) -> Result<(), CardError> {
        let seen = self.seen.get_with(agent, Arc::default);
        let mut seen = seen.lock().expect("nobody panics while counting");
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        if !seen.contains(&customer) && seen.len() >= limit {
            tracing::warn!(agent.id = %agent, limit, "this agent looks at more customers in an hour than is allowed");
            return Err(CardError::TooManyCustomers(self.limit));
        }
        seen.insert(customer);
        Ok(())
    }
}

/// What is known of a caller, as the agent may read it.
#[derive(Debug, Clone)]
pub struct CallerCard {
    /// With the open tickets that the agent may see.
    pub card: Card,
    /// How many open tickets they may not see.
    pub hidden: usize,
}

impl Contracts {
    /// What the user sidebar shows, as JSON; `beside` is a ticket of the customer.
    pub async fn customer_card_json(
        &self,
        viewer: &Viewer,
        customer: UserId,
        beside: Option<TicketId>,
        refresh: bool,
    ) -> Result<Bytes, CardError> {
        let agent = self.reader_of(viewer, customer, beside).await?;
        let known = self.known(Subject::Customer(customer), refresh).await?;
        Ok(known.json_for(agent, &self.0.settings.visible_to))
    }

    /// The same as a value.
    pub async fn customer_card(
        &self,
        viewer: &Viewer,
        customer: UserId,
        beside: Option<TicketId>,
    ) -> Result<Card, CardError> {
        let agent = self.reader_of(viewer, customer, beside).await?;
        let known = self.known(Subject::Customer(customer), false).await?;
        Ok(known.for_agent(agent, &self.0.settings.visible_to))
    }

    /// The agent who may read this customer's card.
    async fn reader_of<'a>(
        &self,
        viewer: &'a Viewer,
        customer: UserId,
        beside: Option<TicketId>,
    ) -> Result<&'a Agent, CardError> {
        let hidden = || CardError::CustomerNotFound(customer);
        let agent = viewer.agent.as_ref().ok_or_else(hidden)?;
        if let Some(ticket) = beside {
            let card = self.card(viewer, ticket, false).await?;
            if card.ticket.is_some_and(|ticket| ticket.requester_id == customer) {
                return Ok(agent);
            }
        }
        if !agent.views_users {
            return Err(hidden());
        }
        self.0.lookups.count(agent.id, customer)?;
        Ok(agent)
    }

    /// The customer who calls this agent; with no agent, for a job that acts for nobody, all of it. It counts where the agent
    /// is `shown` it. An error where the customer's open tickets are not known: a ticket is made where there is none.
    pub async fn caller(
        &self,
        agent: Option<&Agent>,
        caller: UserId,
        shown: bool,
    ) -> Result<CallerCard, CardError> {
        if let Some(agent) = agent.filter(|_| shown) {
            self.0.lookups.count(agent.id, caller)?;
        }
        let known = self.known(Subject::Customer(caller), false).await?;
        let unread = |error| CardError::Zendesk(Unread::OpenTickets(caller), error);
        let known = match &known.open {
            OpenRead::Whole => known,
            OpenRead::Failed(error) => return Err(unread(Arc::clone(error))),
            OpenRead::CutOff if !known.card.open_tickets.is_empty() => known,
            OpenRead::CutOff | OpenRead::Stale => {
                let ask = self.0.zendesk.open_tickets_to_decide(zendesk::UserId(caller.0));
                let open = ask.await.map_err(|error| unread(Arc::new(error)))?.tickets;
                Arc::new(CachedCard {
                    card: Card { open_tickets: open.iter().map(summary).collect(), ..known.card.clone() },
                    open_facts: open.iter().map(TicketFacts::of).collect(),
                    ..(*known).clone()
                })
            }
        };
        let Some(agent) = agent else { return Ok(CallerCard { card: known.card.clone(), hidden: 0 }) };
        let seen = known.open_facts.iter().filter(|facts| access::may_see(agent, facts)).count();
        let card = known.for_agent(agent, &self.0.settings.visible_to);
        Ok(CallerCard { card, hidden: known.open_facts.len() - seen })
    }

    /// The customers who have this phone number.
    pub async fn customers_by_phone(&self, viewer: &Viewer, phone: &str) -> Result<Vec<Customer>, CardError> {
        let agent = viewer.agent.as_ref().filter(|agent| agent.views_users).ok_or(CardError::NoSearch)?;
        let users = self.0.zendesk.users_by_phone(phone).await.map_err(Unread::Callers.because())?;
        for user in &users {
            self.0.lookups.count(agent.id, UserId(user.id.0))?;
        }
        Ok(users.iter().map(customer).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_agent_who_reads_one_customer_after_the_other_is_stopped() {
        let lookups = Lookups::new(2);
        let check = |agent, customer, expected| {
            let counted = lookups.count(UserId(agent), UserId(customer)).is_ok();
            assert_eq!(counted, expected, "{agent} {customer}");
        };
        check(1, 70, true);
        check(1, 71, true);
        check(1, 71, true); // the same again
        check(1, 72, false);
        check(2, 72, true); // another agent
    }
}
