//! Attachments are put away: a run is recorded and enqueued at once, a job takes each item from `planned` through
//! `stored`, `verified`, `redacted`. **Invariant:** nothing is redacted before its stored copy was read back and its
//! SHA-256 matched.

mod asker; // who asks for a run
mod closed_ticket; // how its files are redacted
mod delete_copy; // an undone run's copies go
mod deps; // what the jobs need
mod given_up; // the ticket hears of a run that was given up
mod inline_image; // an image in the text of a closed ticket
mod job; // what a worker does
mod kinds; // what a file is, by its own word and by its bytes
mod listed; // what Zendesk says of the ticket
mod listings; // the same, kept for agents who look at it
mod manifest; // what of a ticket is in the archive
mod memory; // how much of all files is in memory
mod note; // the text of the note
mod notice; // what people are told elsewhere
mod operated; // an operator changes a run's job
mod operator; // without a session
mod policy; // which files the account wants archived
mod reading; // what decides about files, read afresh
mod recovery; // what an earlier run could not end
mod redaction; // the step that cannot be undone
mod request; // how a run begins
mod rights; // what those who asked may
mod rules; // which files there are
mod sender; // who sent a file
mod settings; // what the operator decides
mod step_error; // what goes wrong with a file, and who is told what
mod steps; // one item, from Zendesk to its copy
mod tags; // which tag says how a run ended
mod ticket; // what is written on the ticket
mod transfer; // one file, streaming
mod undo; // an agent undoes a run
mod updates; // how often a ticket may be changed
mod view; // what the agent sees

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use moka::future::Cache;
use wire::{ArchiveView, AttachmentId, Listing as Freshness, StartedRun, TicketId, UserId};

pub use asker::{Asker, Refusal};
pub use delete_copy::DeleteCopy;
pub use deps::ArchiveDeps;
pub use given_up::GivenUp;
pub use job::ArchiveRun;
pub use memory::Memory;
pub use notice::{NoticeDeps, RunNotice, When};
pub use operator::{Ended, Foreseen, Left, Standing};
pub use policy::Policy;
pub use settings::{Parts, Settings};
pub use transfer::TransferError;
pub use view::Pulse;

use self::listings::{Listing, Listings};
use crate::{
    clock::Clock,
    connectors::zendesk::{self, ZendeskClient, ZendeskError},
    features::{
        contracts::{CardError, Contracts},
        files::Openers,
        sessions::{Agent, Viewer},
    },
    queue::Queue,
    store::{
        Db, StoreError,
        archive::{self, ItemRow, ItemState, RunRow, RunState},
    },
};

/// How long the panel's *Archive* is offered, or not, without asking again.
const OFFERED_FOR: Duration = Duration::from_mins(1);

/// The archive of one account.
#[derive(Clone)]
pub struct Archive(Arc<Inner>);

#[derive(Clone)]
struct Inner {
    account: String,
    clock: Clock,
    db: Db,
    queue: Queue,
    zendesk: ZendeskClient,
    contracts: Contracts,
    openers: Openers,
    settings: Settings,
    listings: Listings,
    /// Who may start a run, as far as the panel offers it.
    starters: Cache<UserId, bool>,
}

/// What an [`Archive`] is made of.
pub struct Setup {
    /// The Zendesk account's subdomain.
    pub account: String,
    /// What time it is.
    pub clock: Clock,
    /// Where each run and each file stands.
    pub db: Db,
    /// Takes the jobs.
    pub queue: Queue,
    /// Where the files are.
    pub zendesk: ZendeskClient,
    /// Who may see which ticket.
    pub contracts: Contracts,
    /// Who may open what is archived.
    pub openers: Openers,
    /// What the operator decides.
    pub settings: Settings,
}

/// Why the archive does not do what an agent asks.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// Agent: nothing to do.
    #[error("ticket {0} has no attachments to archive")]
    Nothing(TicketId),
    /// Agent: reload the panel, the list is old.
    #[error("ticket {1} has no attachment {0} that can be archived")]
    NoSuchAttachment(AttachmentId, TicketId),
    /// App: the run is of another account, or never was.
    #[error("archive run {0} does not exist")]
    NoSuchRun(String),
    /// Agent: what has been redacted is gone; it is in the archive.
    #[error("archive run {0} can no longer be undone")]
    UndoOver(String),
    /// By the reason: ask an admin, or another agent.
    #[error(transparent)]
    NotAllowed(#[from] Refusal),
    /// As for its card.
    #[error(transparent)]
    Ticket(#[from] CardError),
    /// See the connector's error.
    #[error("the attachments of ticket {0} could not be read from Zendesk")]
    Zendesk(TicketId, #[source] Arc<ZendeskError>),
    /// See the connector's error.
    #[error("Zendesk did not say whether you may archive attachments")]
    AgentUnread(#[source] Arc<ZendeskError>),
    /// See the store's error.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Archive {
    /// See [`Setup`].
    pub fn new(setup: Setup) -> Self {
        let Setup { account, clock, db, queue, zendesk, contracts, openers, settings } = setup;
        let listings = Listings::new(clock.clone(), zendesk.clone());
        let starters = Cache::builder().max_capacity(10_000).time_to_live(OFFERED_FOR).build();
        Self(Arc::new(Inner {
            account,
            clock,
            db,
            queue,
            zendesk,
            contracts,
            openers,
            settings,
            listings,
            starters,
        }))
    }

    /// Every attachment of a ticket, and its run. `refresh` asks Zendesk even if the list is fresh. While Zendesk does not
    /// answer, a ticket of which a run is known is shown all the same.
    pub async fn view(
        &self,
        viewer: &Viewer,
        agent: &Agent,
        ticket: TicketId,
        refresh: bool,
    ) -> Result<ArchiveView, ArchiveError> {
        let inner = &self.0;
        let seen = inner.contracts.card(viewer, ticket, false).await;
        let run = archive::current_run(&inner.db, &inner.account, ticket.0).await?;
        match seen {
            Err(CardError::Zendesk(..)) if run.is_some() => inner.contracts.may_see(viewer, ticket).await?,
            seen => drop(seen?),
        }
        if refresh {
            inner.listings.forget(ticket).await;
        }
        self.compose(agent, ticket, run).await
    }

    /// Records the request and enqueues the work, in one transaction. While a run lives, further requests join it, or the one that
    /// begins after it.
    pub async fn start(
        &self,
        viewer: &Viewer,
        agent: &Agent,
        ticket: TicketId,
        only: Option<&[AttachmentId]>,
    ) -> Result<StartedRun, ArchiveError> {
        let inner = &self.0;
        inner.contracts.card(viewer, ticket, false).await?;
        self.may_start(agent).await.map_err(|error| ArchiveError::AgentUnread(Arc::new(error)))??;
        let rows = archive::items_of_ticket(&inner.db, &inner.account, ticket.0).await?;
        let last = archive::latest_run(&inner.db, &inner.account, ticket.0).await?;
        let read = |error| ArchiveError::Zendesk(ticket, error);
        // All is what there is now, not what there was a moment ago.
        let listing = match only {
            Some(_) => inner.listings.read(ticket).await,
            None => inner.listings.read_anew(ticket).await,
        };
        let mut listing = listing.map_err(read)?;
        let is_known = |listing: &Listing, id: &AttachmentId| {
            listing.has(id.0) || rows.iter().any(|item| item.attachment_id == id.0)
        };
        let ids = only.unwrap_or_default();
        if !ids.iter().all(|id| is_known(&listing, id)) {
            // What the agent saw may be newer than our list.
            listing = inner.listings.read_anew(ticket).await.map_err(read)?;
        }
        if let Some(missing) = ids.iter().find(|id| !is_known(&listing, id)) {
            return Err(ArchiveError::NoSuchAttachment(*missing, ticket));
        }
        let is_archived =
            |id: u64| rows.iter().any(|item| item.attachment_id == id && item.state == ItemState::Redacted);
        let mut present: BTreeSet<u64> = listing.present().filter(|id| !is_archived(*id)).collect();
        // What failed after its copy was made may be out of Zendesk, and then only another run can say so.
        present.extend(rows.iter().filter(|item| broke_down(item)).map(|item| item.attachment_id));
        let is_untold = last.is_some_and(|run| run.state == RunState::Failed && run.noted.is_none());
        // An agent's screen may still show what is archived, or gone: that is no reason to refuse the rest.
        // Without a choice it is all that is there now: what a customer sends later, nobody has looked at.
        let wanted: Vec<u64> = match only {
            Some(ids) => ids.iter().map(|id| id.0).filter(|id| present.contains(id)).collect(),
            None => present.into_iter().collect(),
        };
        if wanted.is_empty() && !(only.is_none() && is_untold) {
            return Err(ArchiveError::Nothing(ticket));
        }
        let wanted = Some(wanted);
        let mut tx = inner.db.begin().await?;
        let started =
            self.request(&mut tx, Asker::Agent(agent.id), ticket, wanted, inner.clock.now()).await?;
        tx.commit().await?;
        Ok(started)
    }

    /// Where a run's ticket stands now, with the whole list.
    pub async fn run_view(
        &self,
        viewer: &Viewer,
        agent: &Agent,
        run_id: &str,
    ) -> Result<ArchiveView, ArchiveError> {
        let inner = &self.0;
        let run = archive::run(&inner.db, &inner.account, run_id).await?;
        let run = run.ok_or_else(|| ArchiveError::NoSuchRun(run_id.to_owned()))?;
        let ticket = TicketId(run.ticket_id);
        inner.contracts.may_see(viewer, ticket).await?;
        let current = archive::current_run(&inner.db, &inner.account, ticket.0).await?;
        self.compose(agent, ticket, current).await
    }

    /// When a run, or the one that begins after it, last moved; cheap, for followers.
    pub async fn pulse(&self, run_id: &str) -> Result<Option<Pulse>, StoreError> {
        let inner = &self.0;
        let Some(run) = archive::run(&inner.db, &inner.account, run_id).await? else { return Ok(None) };
        let items = archive::items_of_ticket(&inner.db, &inner.account, run.ticket_id).await?;
        let current = archive::current_run(&inner.db, &inner.account, run.ticket_id).await?;
        Ok(Some(Pulse::of(&run, current.as_ref(), &items)))
    }

    /// Zendesk told us that a ticket changed.
    pub async fn ticket_changed(&self, ticket: TicketId) {
        self.0.listings.forget(ticket).await;
    }

    /// Whether this agent may start a run, by what Zendesk says of them now.
    async fn may_start(&self, agent: &Agent) -> Result<Result<(), Refusal>, ZendeskError> {
        let inner = &self.0;
        rights::may_start(&inner.zendesk, inner.settings.terms.agents_may_start, zendesk::UserId(agent.id.0))
            .await
    }

    /// The same of a minute ago, for the panel; `None` where Zendesk does not answer.
    async fn offers_start(&self, agent: &Agent) -> Option<bool> {
        let asked = async { self.may_start(agent).await.map(|may| may.is_ok()) };
        self.0.starters.try_get_with(agent.id, Box::pin(asked)).await.ok()
    }

    /// Where Zendesk does not answer: over the list that was read last, or over nothing but what runs have recorded; without
    /// either it is an error.
    async fn compose(
        &self,
        agent: &Agent,
        ticket: TicketId,
        run: Option<RunRow>,
    ) -> Result<ArchiveView, ArchiveError> {
        let inner = &self.0;
        let rows = archive::items_of_ticket(&inner.db, &inner.account, ticket.0).await?;
        let (listing, freshness) = match inner.listings.read_for(ticket, run.as_ref()).await {
            Ok(listing) => (Some(listing), Freshness::Fresh),
            Err(error) => match inner.listings.last(ticket).await {
                Some(last) => (Some(last), Freshness::Last),
                None if run.is_some() => (None, Freshness::Missing),
                None => return Err(ArchiveError::Zendesk(ticket, error)),
            },
        };
        let view::Composed { run, items } = view::compose(
            run.as_ref(),
            &rows,
            listing.as_deref().map(|listing| &listing.listed),
            &inner.settings.policy,
            inner.clock.now(),
        );
        let unreadable =
            listing.as_deref().map_or(0, |listing| rules::unreadable(&listing.listed.comments, &rows));
        let unreadable = u64::try_from(unreadable).unwrap_or(u64::MAX);
        Ok(ArchiveView {
            run,
            items,
            listing: freshness,
            unreadable,
            undo_seconds: inner.settings.terms.undo.num_seconds().try_into().unwrap_or_default(),
            may_start: self.offers_start(agent).await,
            may_open: inner.openers.may_open(agent).await,
        })
    }
}

/// Copied, and then its run failed.
fn broke_down(item: &ItemRow) -> bool {
    item.state == ItemState::Failed && recovery::has_copy(item)
}
