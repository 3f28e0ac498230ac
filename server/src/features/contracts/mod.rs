//! What the company knows about a customer, beside a ticket. The local copy first; where there is none, the requester's
//! fields in Zendesk, which are kept; what was last known while Zendesk does not answer.

mod access; // which tickets an agent may see
mod comment; // what was said last
mod customers; // who may read a customer's card without a ticket
mod error; // why there is none
mod parts; // which parts of a contract an agent sees
mod rules;
mod summaries; // tickets and customers in a few words

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use bytes::Bytes;
use moka::future::Cache;
use serde::{Deserialize, Serialize};
use wire::{Card, ContractState, ErrorCode, TicketId, UserId};

pub use access::{TicketFacts, may_see};
pub use customers::CallerCard;
pub use error::{CardError, Unread};
pub use parts::VisibleTo;
pub use rules::{BadgeRules, FieldNames};
use summaries::customer;
pub use summaries::summary;

use crate::{
    clock::Clock,
    connectors::zendesk::{self, OpenTickets, ZendeskClient, ZendeskError},
    features::{
        sessions::{Agent, Viewer},
        zendesk_code,
    },
    store::{
        Db, cards,
        contracts::{self, ContractRow},
    },
};

/// How long a card is served again without asking Zendesk. Opening a ticket asks for its card several times (tabs,
/// sidebars, Flex); nothing in it changes faster than this matters.
const FRESH_FOR: Duration = Duration::from_secs(10);
/// How long Zendesk may take for a card; then the last known one is better than more waiting.
const ZENDESK_PATIENCE: Duration = Duration::from_secs(6);
/// How long a card waits to be kept.
const PATIENCE: Duration = Duration::from_millis(250);
/// How many of a customer's other open tickets a card names.
const OPEN_TICKETS: usize = 10;

/// The cards of one account.
#[derive(Clone)]
pub struct Contracts(Arc<Inner>);

struct Inner {
    account: String,
    settings: Settings,
    clock: Clock,
    db: Db,
    zendesk: ZendeskClient,
    cards: Cache<Subject, Arc<Known>>,
    comments: comment::Comments,
    lookups: customers::Lookups,
}

/// What the operator decides about cards.
#[derive(Debug, Clone)]
pub struct Settings {
    /// ISO 4217 of every MRR.
    pub currency: String,
    /// Which user fields hold a contract.
    pub fields: FieldNames,
    /// Which badges a contract earns.
    pub badges: BadgeRules,
    /// Who sees which part of a contract.
    pub visible_to: VisibleTo,
    /// How many customers an agent may look at in an hour, apart from those whose ticket they open.
    pub customers_per_hour: u32,
}

/// What a card is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Subject {
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
    fn unread(self) -> Unread {
        match self {
            Self::Ticket(id) => Unread::Ticket(id),
            Self::Customer(id) => Unread::Customer(id),
        }
    }
}

/// A card, and who may see it.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Known {
    /// With all open tickets that were read.
    card: Card,
    facts: Option<TicketFacts>,
    /// Of each of the card's open tickets, in its order.
    open_facts: Vec<TicketFacts>,
    #[serde(skip)]
    open: OpenRead,
    /// The whole card as it goes over the wire, written once for all who may see all of it.
    #[serde(skip)]
    json: OnceLock<Bytes>,
}

/// How the reading of the open tickets went.
#[derive(Debug, Clone, Default)]
enum OpenRead {
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

impl Known {
    /// The card as an agent may read it.
    fn for_agent(&self, agent: &Agent, visible_to: &VisibleTo) -> Card {
        let mut card = self.card.clone();
        let mut facts = self.open_facts.iter();
        card.open_tickets.retain(|_| facts.next().is_some_and(|facts| access::may_see(agent, facts)));
        card.open_tickets.truncate(OPEN_TICKETS);
        visible_to.hide(&mut card, Some(agent));
        card
    }

    /// The agent behind a session, where they may see the ticket.
    fn reader<'a>(&self, viewer: &'a Viewer) -> Option<&'a Agent> {
        let facts = self.facts.as_ref()?;
        viewer.agent.as_ref().filter(|agent| access::may_see(agent, facts))
    }

    /// The card as JSON, for an agent who may see its ticket or customer.
    fn json_for(&self, agent: &Agent, visible_to: &VisibleTo) -> Bytes {
        if access::sees_everything(agent) && visible_to.shows_all(Some(agent)) {
            return self.json.get_or_init(|| json(&self.for_agent(agent, visible_to))).clone();
        }
        json(&self.for_agent(agent, visible_to))
    }
}

impl Contracts {
    /// The cards of `account`.
    pub fn new(account: String, settings: Settings, clock: Clock, db: Db, zendesk: ZendeskClient) -> Self {
        let cards = Cache::builder().max_capacity(10_000).time_to_live(FRESH_FOR).build();
        let comments = comment::kept_for(FRESH_FOR);
        let lookups = customers::Lookups::new(settings.customers_per_hour);
        Self(Arc::new(Inner { account, settings, clock, db, zendesk, cards, comments, lookups }))
    }

    /// What the sidebar shows beside a ticket. `refresh` asks Zendesk even if the card is fresh.
    pub async fn card(&self, viewer: &Viewer, ticket: TicketId, refresh: bool) -> Result<Card, CardError> {
        let known = self.known(Subject::Ticket(ticket), refresh).await?;
        let agent = known.reader(viewer).ok_or(CardError::TicketNotFound(ticket))?;
        Ok(known.for_agent(agent, &self.0.settings.visible_to))
    }

    /// The same as JSON, for those who only pass it on.
    pub async fn card_json(
        &self,
        viewer: &Viewer,
        ticket: TicketId,
        refresh: bool,
    ) -> Result<Bytes, CardError> {
        let known = self.known(Subject::Ticket(ticket), refresh).await?;
        let agent = known.reader(viewer).ok_or(CardError::TicketNotFound(ticket))?;
        Ok(known.json_for(agent, &self.0.settings.visible_to))
    }

    /// Refuses a ticket that this session may not see. Of most agents nobody need be asked.
    pub async fn may_see(&self, viewer: &Viewer, ticket: TicketId) -> Result<(), CardError> {
        if viewer.agent.as_ref().is_some_and(access::sees_everything) {
            return Ok(());
        }
        self.card(viewer, ticket, false).await.map(drop)
    }

    /// The ticket as it is now, for an agent in whose name something is written into it; `None`: nobody's, so every ticket.
    pub async fn ticket_now(
        &self,
        agent: Option<&Agent>,
        ticket: TicketId,
    ) -> Result<zendesk::Ticket, CardError> {
        let read = self.0.zendesk.ticket(zendesk::TicketId(ticket.0)).await;
        let read = read.map_err(|error| match error {
            ZendeskError::NotFound { .. } => CardError::TicketNotFound(ticket),
            error => Unread::Ticket(ticket).because()(error),
        })?;
        if agent.is_some_and(|agent| !access::may_see(agent, &TicketFacts::of(&read))) {
            return Err(CardError::TicketNotFound(ticket));
        }
        Ok(read)
    }

    async fn known(&self, subject: Subject, refresh: bool) -> Result<Arc<Known>, CardError> {
        // Both in boxes of their own: a handler's future that is larger than a kilobyte costs the allocator's slow way.
        if !refresh && let Some(known) = Box::pin(self.0.cards.get(&subject)).await {
            return Ok(known);
        }
        Box::pin(self.read_once(subject, refresh)).await
    }

    /// Asks Zendesk, once for all who wait; where it does not answer, what was last known.
    async fn read_once(&self, subject: Subject, refresh: bool) -> Result<Arc<Known>, CardError> {
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
                    && let Some(last) = self.last_known(subject, zendesk_code(fault)).await?
                {
                    return Ok(last);
                }
                Err(error.repeat())
            }
        }
    }

    /// Asks Zendesk, for so long; ticket first, because it names the requester, then everything else at once.
    async fn read(&self, subject: Subject) -> Result<Arc<Known>, CardError> {
        let silent = |_| subject.unread().because()(ZendeskError::Idle { call: "the card" });
        tokio::time::timeout(ZENDESK_PATIENCE, self.ask(subject))
            .await
            .unwrap_or_else(|late| Err(silent(late)))
    }

    async fn ask(&self, subject: Subject) -> Result<Arc<Known>, CardError> {
        let zendesk = &self.0.zendesk;
        let (ticket, customer) = match subject {
            Subject::Ticket(id) => {
                let read = zendesk.ticket(zendesk::TicketId(id.0)).await;
                let ticket = read.map_err(|error| match error {
                    ZendeskError::NotFound { .. } => CardError::TicketNotFound(id),
                    error => subject.unread().because()(error),
                })?;
                let requester = ticket.requester_id;
                (Some(ticket), requester)
            }
            Subject::Customer(id) => (None, Some(zendesk::UserId(id.0))),
        };
        let (user, open) = if let Some(id) = customer {
            futures::join!(zendesk.user(id), zendesk.open_tickets_of(id))
        } else {
            let nobody = OpenTickets { tickets: Vec::new(), complete: true };
            (Err(ZendeskError::NotFound { call: "the ticket's requester" }), Ok(nobody))
        };
        let user = match (user, subject) {
            (Ok(user), _) => Some(user),
            // A requester who is gone does not hide the ticket.
            (Err(ZendeskError::NotFound { .. }), Subject::Ticket(_)) => None,
            (Err(ZendeskError::NotFound { .. }), Subject::Customer(id)) => {
                return Err(CardError::CustomerNotFound(id));
            }
            (Err(error), _) => return Err(subject.unread().because()(error)),
        };
        let (known, live) = self.assemble(ticket.as_ref(), user.as_ref(), open).await?;
        self.keep(subject, &known, user.as_ref().map(|user| user.id), &live).await;
        Ok(Arc::new(known))
    }

    async fn assemble(
        &self,
        ticket: Option<&zendesk::Ticket>,
        user: Option<&zendesk::User>,
        open: Result<OpenTickets, ZendeskError>,
    ) -> Result<(Known, Vec<ContractRow>), CardError> {
        let inner = &self.0;
        let now = inner.clock.now();
        let (contract, live) = match user {
            Some(user) => {
                let rows =
                    contracts::of_user(&inner.db, &inner.account, user.id.0).await.map_err(Arc::new)?;
                let live = rules::from_user_fields(user.id.0, &user.user_fields, &inner.settings.fields, now);
                let live: Vec<_> = live.into_iter().collect();
                (rules::resolve(&rows, &live, &inner.settings.currency), live)
            }
            None => (rules::none(), Vec::new()),
        };
        let tags = user.map(|user| user.tags.as_slice()).unwrap_or_default();
        let badges = rules::badges(&contract, tags, &inner.settings.badges, now.date_naive());
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
        let known = Known {
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
        Ok((known, live))
    }

    /// Keeps what was read for the hour in which Zendesk does not answer. An agent waits for the card meanwhile, so a
    /// database that is slow or full costs a moment and a line in the log, not the card.
    async fn keep(
        &self,
        subject: Subject,
        known: &Known,
        user: Option<zendesk::UserId>,
        live: &[ContractRow],
    ) {
        let inner = &self.0;
        let body = serde_json::to_string(known).expect("a card is plain data");
        let (db, account) = (&inner.db, inner.account.as_str());
        let writes = async {
            if let Some(user) = user {
                contracts::keep(db, account, user.0, rules::LIVE, live).await?;
            }
            cards::remember(db, account, &subject.key(), &body, inner.clock.now()).await
        };
        match tokio::time::timeout(PATIENCE, writes).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "the last known card could not be kept"),
            Err(_) => tracing::warn!("the last known card could not be kept: the database is slow"),
        }
    }

    async fn last_known(&self, subject: Subject, reason: ErrorCode) -> Result<Option<Arc<Known>>, CardError> {
        let inner = &self.0;
        let kept = cards::recall(&inner.db, &inner.account, &subject.key()).await.map_err(Arc::new)?;
        let Some((body, _)) = kept else { return Ok(None) };
        let Ok(mut known) = serde_json::from_str::<Known>(&body) else { return Ok(None) };
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
