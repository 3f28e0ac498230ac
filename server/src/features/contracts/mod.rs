//! What the company knows about a customer, beside a ticket. The contract copy first, which an integration writes; where that knows
//! nothing, the requester's fields in Zendesk, which are kept; what was last known while Zendesk does not answer.

mod access; // which tickets an agent may see
mod addresses; // a customer's secondary addresses
mod cache; // cards that were read before
mod comment; // what was said last
mod copied; // the contract copy, and cards that were read before it changed
mod customers; // who may read a customer's card without a ticket
mod differences; // where Zendesk's fields differ from the copy
mod error; // why there is none
mod facts; // the contract for whoever decides about a customer
mod newcomers; // customers whose fields nobody has written yet
mod parts; // which parts of a contract an agent sees
mod reading; // what Zendesk says now
mod requester; // what decides whose contract it is
mod rules; // which contract, which badges
mod thresholds; // from when on a contract is new, a renewal near, an MRR high
mod translation; // from what was read to what crosses the wire
mod visible_to; // the setting that says so

use std::sync::Arc;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use moka::future::Cache;
use serde::{Deserialize, Deserializer};
use wire::{Card, TicketId};

pub use access::{TicketFacts, may_see, reaches};
use cache::{CachedCard, FRESH_FOR, Subject};
pub use customers::CallerCard;
pub use error::{CardError, Unread};
pub use facts::ContractFacts;
pub use parts::VisibleTo;
pub use rules::{BadgeRules, FieldNames};
pub use thresholds::Thresholds;
pub use translation::summary;
pub use visible_to::Part;

use crate::{
    clock::Clock,
    connectors::{
        FailureKind, VendorError,
        zendesk::{self, ZendeskClient},
    },
    features::sessions::{Agent, Viewer},
    setting,
    store::Db,
};

/// The cards of one account.
#[derive(Clone)]
pub struct Contracts(Arc<Inner>);

struct Inner {
    account: String,
    settings: Settings,
    badges: BadgeRules,
    clock: Clock,
    db: Db,
    zendesk: ZendeskClient,
    cards: Cache<Subject, Arc<CachedCard>>,
    marks: copied::Marks,
    addresses: addresses::Addresses,
    comments: comment::Comments,
    lookups: customers::Lookups,
    newcomers: newcomers::Newcomers,
}

/// What turns facts into a card.
#[derive(Clone, Copy)]
struct Rules<'a> {
    settings: &'a Settings,
    badges: &'a BadgeRules,
    now: DateTime<Utc>,
}

/// What the operator decides about cards.
#[derive(Debug, Clone, Deserialize)]
pub struct Settings {
    /// ISO 4217 of an MRR that comes without one; empty: nobody has said.
    #[serde(deserialize_with = "currency")]
    pub(crate) currency: String,
    pub(crate) thresholds: Thresholds,
    pub(crate) fields: FieldNames,
    pub(crate) visible_to: VisibleTo,
    /// How many customers an agent may look at in an hour, apart from those whose ticket they open.
    #[serde(deserialize_with = "setting::whole::<1, 100_000, _, _>")]
    pub(crate) customers_per_hour: u32,
}

/// Empty where the operator says none.
fn currency<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    let is_code = |text: &str| text.len() == 3 && text.bytes().all(|letter| letter.is_ascii_uppercase());
    let code = setting::optional(from, "must be three capital letters, like USD", |text| {
        is_code(text).then(|| text.to_owned())
    })?;
    Ok(code.unwrap_or_default())
}

impl Contracts {
    /// The cards of `account`.
    pub fn new(
        account: String,
        (settings, badges): (Settings, BadgeRules),
        clock: Clock,
        db: Db,
        zendesk: ZendeskClient,
    ) -> Self {
        let cards = Cache::builder().max_capacity(10_000).time_to_live(FRESH_FOR).build();
        let (marks, addresses) = (copied::marks(), addresses::addresses());
        let comments = comment::kept_for(FRESH_FOR);
        let lookups = customers::Lookups::new(settings.customers_per_hour);
        Self(Arc::new(Inner {
            account,
            settings,
            badges,
            clock,
            db,
            zendesk,
            cards,
            marks,
            addresses,
            comments,
            lookups,
            newcomers: newcomers::Newcomers::default(),
        }))
    }

    fn rules(&self) -> Rules<'_> {
        Rules { settings: &self.0.settings, badges: &self.0.badges, now: self.0.clock.now() }
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
            error if error.is(FailureKind::NotFound) => CardError::TicketNotFound(ticket),
            error => Unread::Ticket(ticket).because()(error),
        })?;
        if agent.is_some_and(|agent| !access::may_see(agent, &TicketFacts::of(&read))) {
            return Err(CardError::TicketNotFound(ticket));
        }
        Ok(read)
    }
}
