//! Attachments are put away: a run is recorded and enqueued at once, a job takes each item from `planned` through
//! `stored`, `verified`, `redacted`. **Invariant:** nothing is redacted before its stored copy was read back and its
//! SHA-256 matched.

mod asker; // who asks for a run
mod given_up; // the ticket hears of a run that was given up
mod job; // what a worker does
mod kinds; // what a file is, by its own word and by its bytes
mod label; // what stands beside a copy
mod listed; // what Zendesk says of the ticket
mod manifest; // what of a ticket is in the archive
mod memory; // how much of all files is in memory
mod note; // what the ticket says afterwards
mod notice; // what people are told elsewhere
mod operator; // without a session
mod policy; // which files the account wants archived
mod reading; // what decides about files, read afresh
mod redaction; // the step that cannot be undone
mod rights; // what those who asked may
mod rules; // which files there are, and where their copies go
mod sender; // who sent a file
mod steps; // one item, from Zendesk to its copy
mod tags; // how the ticket is tagged afterwards
mod transfer; // one file, streaming
mod trouble; // what goes wrong with a file, and who is told what
mod undo; // an agent takes a run back
mod unfinished; // what an earlier run could not end
mod updates; // how often a ticket may be changed
mod view; // what the agent sees
mod wish; // how a run begins

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use chrono::TimeDelta;
use moka::future::Cache;
use wire::{ArchiveView, AttachmentId, StartedRun, TicketId};

pub use asker::{Asker, Refusal};
pub use given_up::GivenUp;
pub use job::{ArchiveDeps, ArchiveRun};
pub use memory::Memory;
pub use notice::{NoticeDeps, RunNotice, When};
pub use operator::{Ended, Foreseen, Left, Standing};
pub use policy::{Infected, Policy};
pub use rules::is_quarantined;
pub use tags::OutcomeTags;
pub use transfer::TransferError;
pub use view::Pulse;

use crate::{
    clock::Clock,
    connectors::zendesk::{self, Comment, Comments, ZendeskClient, ZendeskError},
    features::{
        contracts::{CardError, Contracts},
        sessions::{Agent, Viewer},
    },
    queue::Queue,
    store::{
        Db, StoreError,
        archive::{self, ItemState, RunRow, RunState},
    },
};

/// How long a ticket's list of attachments is good: the panel asks for it, then starts a run, then follows it.
const LISTED_FOR: Duration = Duration::from_secs(10);

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
    terms: Terms,
    listings: Cache<TicketId, Arc<Comments>>,
}

/// On what terms runs are started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms {
    /// Agents who are not admins may.
    pub agents_may_start: bool,
    /// For how long a run that an agent started can be taken back.
    pub undo: TimeDelta,
    /// The same for a run that a tag started.
    pub undo_tag: TimeDelta,
}

/// Why the archive does not do what an agent asks.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// Agent: nothing to do.
    #[error("ticket {0} has no attachments to archive")]
    Nothing(TicketId),
    /// Agent: reload the panel, the list is old.
    #[error("ticket {1} has no attachment {0} that could be archived")]
    NoSuchAttachment(AttachmentId, TicketId),
    /// App: the run is of another account, or never was.
    #[error("there is no archive run {0}")]
    NoSuchRun(String),
    /// Agent: what has been redacted is gone; it is in the archive.
    #[error("archive run {0} can no longer be taken back")]
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
    #[error("Zendesk could not be asked whether you may archive attachments")]
    AgentUnread(#[source] Arc<ZendeskError>),
    /// See the store's error.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Archive {
    /// The archive of `account`.
    pub fn new(
        account: String,
        clock: Clock,
        db: Db,
        queue: Queue,
        zendesk: ZendeskClient,
        contracts: Contracts,
        terms: Terms,
    ) -> Self {
        let listings = Cache::builder().max_capacity(1_000).time_to_live(LISTED_FOR).build();
        Self(Arc::new(Inner { account, clock, db, queue, zendesk, contracts, terms, listings }))
    }

    /// Every attachment of a ticket, and its latest run.
    pub async fn view(&self, viewer: &Viewer, ticket: TicketId) -> Result<ArchiveView, ArchiveError> {
        self.0.contracts.card(viewer, ticket, false).await?;
        let listing = self.listing(ticket).await?;
        self.compose(ticket, &listing).await
    }

    /// Records the wish and enqueues the work, in one transaction. While a run lives, further wishes join it.
    pub async fn start(
        &self,
        viewer: &Viewer,
        agent: &Agent,
        ticket: TicketId,
        only: Option<&[AttachmentId]>,
    ) -> Result<StartedRun, ArchiveError> {
        let inner = &self.0;
        inner.contracts.card(viewer, ticket, false).await?;
        let may = inner.terms.agents_may_start;
        let may = rights::may_start(&inner.zendesk, may, zendesk::UserId(agent.id.0)).await;
        may.map_err(|error| ArchiveError::AgentUnread(Arc::new(error)))??;
        let listing = self.listing(ticket).await?;
        let mut present: BTreeSet<u64> =
            rules::wanted(&listing, None).map(|(_, attachment)| attachment.id.0).collect();
        // What failed after its copy was made may be out of Zendesk, and then only another run can say so.
        let known = archive::items_of_ticket(&inner.db, &inner.account, ticket.0).await?;
        let broke_down =
            known.iter().filter(|item| item.state == ItemState::Failed && unfinished::has_copy(item));
        present.extend(broke_down.map(|item| item.attachment_id));
        if let Some(missing) = only.unwrap_or_default().iter().find(|id| !present.contains(&id.0)) {
            return Err(ArchiveError::NoSuchAttachment(*missing, ticket));
        }
        let last = archive::latest_run(&inner.db, &inner.account, ticket.0).await?;
        let untold = last.is_some_and(|run| run.state == RunState::Failed && run.noted.is_none());
        if (present.is_empty() && !untold) || only.is_some_and(<[_]>::is_empty) {
            return Err(ArchiveError::Nothing(ticket));
        }
        let only = only.map(|ids| ids.iter().map(|id| id.0).collect());
        let mut tx = inner.db.begin().await?;
        let started = self.wish(&mut tx, Asker::Agent(agent.id), ticket, only, inner.clock.now()).await?;
        tx.commit().await?;
        Ok(started)
    }

    /// Where a run stands now, with the whole list.
    pub async fn run_view(&self, viewer: &Viewer, run_id: &str) -> Result<ArchiveView, ArchiveError> {
        let inner = &self.0;
        let run = archive::run(&inner.db, &inner.account, run_id).await?;
        let run = run.ok_or_else(|| ArchiveError::NoSuchRun(run_id.to_owned()))?;
        let ticket = TicketId(run.ticket_id);
        inner.contracts.card(viewer, ticket, false).await?;
        // While Zendesk does not answer, progress is still told of what the run has planned.
        let listing = self.listing(ticket).await.unwrap_or_default();
        self.compose(ticket, &listing).await
    }

    /// When a run last moved; cheap, for followers.
    pub async fn pulse(&self, run_id: &str) -> Result<Option<Pulse>, StoreError> {
        let inner = &self.0;
        let Some(run) = archive::run(&inner.db, &inner.account, run_id).await? else { return Ok(None) };
        let items = archive::items_of_ticket(&inner.db, &inner.account, run.ticket_id).await?;
        Ok(Some(Pulse::of(&run, &items)))
    }

    async fn compose(&self, ticket: TicketId, listing: &[Comment]) -> Result<ArchiveView, ArchiveError> {
        let inner = &self.0;
        let run: Option<RunRow> = archive::latest_run(&inner.db, &inner.account, ticket.0).await?;
        let rows = archive::items_of_ticket(&inner.db, &inner.account, ticket.0).await?;
        Ok(view::compose(run.as_ref(), &rows, listing))
    }

    async fn listing(&self, ticket: TicketId) -> Result<Arc<Comments>, ArchiveError> {
        let read = async { self.0.zendesk.comments(zendesk::TicketId(ticket.0)).await.map(Arc::new) };
        let read = self.0.listings.try_get_with(ticket, read).await;
        read.map_err(|error| ArchiveError::Zendesk(ticket, error))
    }
}
