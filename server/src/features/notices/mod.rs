//! Notices to whoever is in charge of a customer: a trigger of Zendesk saw a ticket, or a day came; the contract is read afresh, and whoever
//! looks after the customer is told, or others are, with the reason. **Invariants:** nothing is decided by what a trigger says but
//! the ticket's id and the kind; what was asked for twice is told once; a ticket is never given to somebody else.

mod compose; // what is told
mod due; // renewals, once a day
mod fallback; // others are told
mod job; // a notice on its way
pub mod kind; // what notices are about
mod newcomers; // customers who write for the first time
mod open_pages; // an emergency whose end nobody told
mod owner; // who is in charge
mod paging; // an emergency is over, or is none
mod rules; // whether somebody is told
mod settings; // what the operator decides
mod telling; // how
mod triggers; // what asks for notices in Zendesk
mod view; // what admins see

use std::sync::Arc;

use url::Url;

pub use due::{RenewalsDue, schedule as schedule_renewals};
pub use job::SendNotice;
pub use kind::Kind;
pub use newcomers::WriteNewcomer;
pub use open_pages::{CheckPages, schedule as schedule_open_pages};
pub use settings::{Emergency, Fallback, Settings, Way};
pub use triggers::{CheckTriggers, Options, TriggersError};

use crate::{
    clock::Clock,
    connectors::{notify::NotifyClient, pagerduty::PagerDutyClient, zendesk::ZendeskClient},
    features::contracts::{self, Contracts},
    queue::Queue,
    store::{
        Db, StoreError, Tx,
        notices::{self as kept, NewNotice},
    },
};

/// The notices of one account.
#[derive(Clone)]
pub struct Notices(Arc<Setup>);

/// What [`Notices`] are made of.
pub struct Setup {
    /// The Zendesk account's subdomain.
    pub account: String,
    pub clock: Clock,
    pub db: Db,
    pub queue: Queue,
    /// For jobs.
    pub zendesk: ZendeskClient,
    /// Whose contract it is.
    pub contracts: Contracts,
    pub settings: Settings,
    /// From when on a contract is new, a renewal near, an MRR high; which parts everybody may see.
    pub contract_settings: contracts::Settings,
    pub endpoints: Endpoints,
    /// The company's webhook, where there is one.
    pub notify: Option<NotifyClient>,
    /// Who is paged, where somebody is.
    pub pagerduty: Option<PagerDutyClient>,
    /// Where tickets are, for people: `https://acme.zendesk.com/agent/tickets/`.
    pub tickets_url: String,
}

/// Where Zendesk's webhooks call this account.
#[derive(Debug, Clone)]
pub struct Endpoints {
    /// Triggers ask for notices.
    pub notice: Url,
    /// Events of users.
    pub events: Url,
}

impl Notices {
    /// See [`Setup`].
    pub fn new(setup: Setup) -> Self {
        Self(Arc::new(setup))
    }

    /// Records that a trigger asks for a notice, and enqueues it. False: the same was asked for before.
    pub async fn request(&self, tx: &mut Tx, kind: Kind, ticket: u64) -> Result<bool, StoreError> {
        let Setup { account, queue, clock, .. } = &*self.0;
        let mut once = format!("{} {ticket}", kind.as_str());
        // An emergency may come again, and end again: what is on its way is one with it, what is settled is another.
        if matches!(kind, Kind::Page | Kind::PageOver) {
            let before = kept::last_settled(&mut *tx, account, ticket, kind).await?;
            once = format!("{once} {}", before.as_deref().unwrap_or("first"));
        }
        let id = uuid::Uuid::now_v7().to_string();
        let new = NewNotice {
            id: &id,
            kind,
            once: &once,
            ticket_id: Some(ticket),
            company_id: None,
            company: None,
        };
        if !kept::take(tx, account, &new, clock.now()).await? {
            return Ok(false);
        }
        let job = SendNotice { account: account.clone(), notice: id, about: format!("ticket {ticket}") };
        queue.enqueue(tx, &job).await?;
        Ok(true)
    }
}
