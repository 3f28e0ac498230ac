//! Cards that were read a moment ago, and the last ones known for the time in which Zendesk does not answer. **Invariant:** a
//! card is cached whole, with who may see it; what an agent gets of it is decided when they ask.

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use wire::{Card, ContractState, ErrorCode, TicketId, UserId};

use super::{CardError, Contracts, TicketFacts, Unread, access, parts::VisibleTo, requester::Requester};
use crate::{
    connectors::{VendorError, zendesk::ZendeskError},
    features::sessions::{Agent, Viewer},
    store::{cards, companies::CopyMark},
};

/// How long a card is served again without asking Zendesk. Opening a ticket asks for its card several times (tabs,
/// sidebars, Flex); nothing in it changes faster than this matters.
pub(super) const FRESH_FOR: Duration = Duration::from_secs(10);
/// How long a card waits to be kept.
const KEEP_TIMEOUT: Duration = Duration::from_millis(250);
/// How many of a customer's other open tickets a card names.
const OPEN_TICKETS: usize = 10;
/// What a card is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Subject {
    Ticket(TicketId),
    Customer(UserId),
}

impl Subject {
    /// Its name in the store.
    fn key(self) -> String {
        match self {
            Self::Ticket(id) => format!("ticket:{id}"),
            Self::Customer(id) => format!("customer:{id}"),
        }
    }

    /// Its name in an error.
    pub(super) fn unread(self) -> Unread {
        match self {
            Self::Ticket(id) => Unread::Ticket(id),
            Self::Customer(id) => Unread::Customer(id),
        }
    }
}

/// A card, and who may see it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct CachedCard {
    /// With all open tickets that were read.
    pub(super) card: Card,
    pub(super) facts: Option<TicketFacts>,
    /// Of each of the card's open tickets, in its order.
    pub(super) open_facts: Vec<TicketFacts>,
    #[serde(skip)]
    pub(super) open: OpenRead,
    /// Whose contract it is; absent of a card that is an older one, and where the customer is gone.
    #[serde(skip)]
    pub(super) requester: Option<Arc<Requester>>,
    /// The contract copy that the contract was looked up in.
    #[serde(skip)]
    pub(super) copy: Option<CopyMark>,
    /// The whole card as it goes over the wire, written once for all who may see all of it.
    #[serde(skip)]
    pub(super) json: OnceLock<Bytes>,
}

/// How the reading of the open tickets went.
#[derive(Debug, Clone, Default)]
pub(super) enum OpenRead {
    /// It did not: the card is an older one.
    #[default]
    Stale,
    /// They could not be read.
    Failed(Arc<ZendeskError>),
    /// There may be more than were read.
    CutOff,
    /// All, or the most that anybody looks at.
    Whole,
}

impl CachedCard {
    /// The card as an agent may read it.
    pub(super) fn for_agent(&self, agent: &Agent, visible_to: &VisibleTo) -> Card {
        let mut card = self.card.clone();
        let mut facts = self.open_facts.iter();
        card.open_tickets.retain(|_| facts.next().is_some_and(|facts| access::may_see(agent, facts)));
        card.open_tickets.truncate(OPEN_TICKETS);
        visible_to.hide(&mut card, Some(agent));
        card
    }

    /// The agent behind a session, where they may see the ticket.
    pub(super) fn reader<'a>(&self, viewer: &'a Viewer) -> Option<&'a Agent> {
        let facts = self.facts.as_ref()?;
        viewer.agent.as_ref().filter(|agent| access::may_see(agent, facts))
    }

    /// The card as JSON, for an agent who may see its ticket or customer.
    pub(super) fn json_for(&self, agent: &Agent, visible_to: &VisibleTo) -> Bytes {
        if access::sees_everything(agent) && visible_to.shows_all(Some(agent)) {
            return self.json.get_or_init(|| json(&self.for_agent(agent, visible_to))).clone();
        }
        json(&self.for_agent(agent, visible_to))
    }
}

impl Contracts {
    pub(super) async fn known(&self, subject: Subject, refresh: bool) -> Result<Arc<CachedCard>, CardError> {
        // Both in boxes of their own: a handler's future that is larger than a kilobyte costs the allocator's slow way.
        let from_memory = async {
            let known = self.0.cards.get(&subject).await?;
            Some(self.with_newest_copy(subject, known).await)
        };
        if !refresh && let Some(known) = Box::pin(from_memory).await {
            return Ok(known);
        }
        Box::pin(self.read_once(subject, refresh)).await
    }

    /// Asks Zendesk, once for all who wait; where it does not answer, what was last known.
    async fn read_once(&self, subject: Subject, refresh: bool) -> Result<Arc<CachedCard>, CardError> {
        if refresh {
            self.0.cards.invalidate(&subject).await;
        }
        match self.0.cards.try_get_with(subject, Box::pin(self.read(subject))).await {
            Ok(known) => {
                // The next who asks may be luckier with the open tickets.
                if matches!(known.open, OpenRead::Failed(_)) {
                    self.0.cards.invalidate(&subject).await;
                }
                Ok(known)
            }
            Err(error) => {
                if let CardError::Zendesk(_, fault) = &*error
                    && let Some(last) = self.last_known(subject, fault.code()).await?
                {
                    return Ok(last);
                }
                Err(error.repeat())
            }
        }
    }

    /// Keeps what was read for the hour in which Zendesk does not answer. An agent waits for the card meanwhile, so a
    /// database that is slow or full costs a moment and a line in the log, not the card.
    pub(super) async fn keep(&self, subject: Subject, known: &CachedCard) {
        let inner = &self.0;
        let body = serde_json::to_string(known).expect("a card is plain data");
        let key = subject.key();
        let kept = cards::remember(&inner.db, &inner.account, &key, &body, inner.clock.now());
        match tokio::time::timeout(KEEP_TIMEOUT, kept).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "the last known card could not be kept"),
            Err(_) => tracing::warn!("the last known card could not be kept: the database is slow"),
        }
    }

    async fn last_known(
        &self,
        subject: Subject,
        reason: ErrorCode,
    ) -> Result<Option<Arc<CachedCard>>, CardError> {
        let inner = &self.0;
        let kept = cards::recall(&inner.db, &inner.account, &subject.key()).await.map_err(Arc::new)?;
        let Some((body, _)) = kept else { return Ok(None) };
        let Ok(mut known) = serde_json::from_str::<CachedCard>(&body) else { return Ok(None) };
        known.card.stale_because = Some(reason);
        if known.card.contract.state == ContractState::Known {
            known.card.contract.state = ContractState::Stale;
        }
        Ok(Some(Arc::new(known)))
    }
}

fn json(card: &Card) -> Bytes {
    serde_json::to_vec(card).expect("a card is plain data").into()
}
