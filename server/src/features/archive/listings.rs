//! What Zendesk listed of each ticket, kept for agents who look at it: for seconds as fresh, for hours as the last list in case
//! that Zendesk does not answer. **Invariant:** a failed read is never an empty list.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use moka::future::Cache;
use wire::TicketId;

use super::{listed::Listed, rules};
use crate::{
    clock::Clock,
    connectors::zendesk::{self, Attachment, Comment, ZendeskClient, ZendeskError},
    store::archive::RunRow,
};

/// How long a ticket's list of attachments is good: the panel asks for it, then starts a run, then follows it.
const FRESH_FOR: Duration = Duration::from_secs(10);
/// How long it is shown while Zendesk does not answer.
const KEPT_FOR: Duration = Duration::from_hours(8);
/// How many comments with files are kept, of all tickets.
const MOST_COMMENTS: u64 = 100_000;
/// How long a failed read is not repeated for those who can be shown something else.
const FAILED_FOR: Duration = Duration::from_secs(5);

/// A ticket's list.
pub(super) struct Listing {
    /// Without what its comments say.
    pub(super) listed: Listed,
    read_at: DateTime<Utc>,
}

impl Listing {
    pub(super) fn comments(&self) -> &[Comment] {
        &self.listed.comments
    }

    /// This attachment with its comment, gone or not.
    pub(super) fn find(&self, attachment_id: u64) -> Option<(&Comment, &Attachment)> {
        rules::find(self.comments(), zendesk::AttachmentId(attachment_id))
    }

    /// Whether it lists this attachment, gone or not.
    pub(super) fn has(&self, attachment_id: u64) -> bool {
        self.find(attachment_id).is_some()
    }

    /// The ids of what is still in Zendesk.
    pub(super) fn present(&self) -> impl Iterator<Item = u64> {
        rules::wanted(self.comments(), None).map(|(_, attachment)| attachment.id.0)
    }

    /// Whether the run has changed the ticket since, or a tag that somebody else set has.
    fn is_older_than(&self, run: &RunRow) -> bool {
        let asked = run.requested_by.is_none().then_some(run.created_at);
        [run.finished_at, asked].into_iter().flatten().any(|at| self.read_at <= at)
    }
}

/// The lists of one account.
#[derive(Clone)]
pub(super) struct Listings {
    fresh: Cache<TicketId, Arc<Listing>>,
    last: Cache<TicketId, Arc<Listing>>,
    failed: Cache<TicketId, Arc<ZendeskError>>,
    clock: Clock,
    zendesk: ZendeskClient,
}

impl Listings {
    /// Of this account.
    pub(super) fn new(clock: Clock, zendesk: ZendeskClient) -> Self {
        let weight = |_: &TicketId, listing: &Arc<Listing>| {
            u32::try_from(1 + listing.comments().len()).unwrap_or(u32::MAX)
        };
        Self {
            fresh: Cache::builder().max_capacity(1_000).time_to_live(FRESH_FOR).build(),
            last: Cache::builder().weigher(weight).max_capacity(MOST_COMMENTS).time_to_live(KEPT_FOR).build(),
            failed: Cache::builder().max_capacity(1_000).time_to_live(FAILED_FOR).build(),
            clock,
            zendesk,
        }
    }

    /// The ticket's list, at most seconds old; once for all who wait.
    pub(super) async fn read(&self, ticket: TicketId) -> Result<Arc<Listing>, Arc<ZendeskError>> {
        let outcome = self.fresh.try_get_with(ticket, Box::pin(self.ask(ticket))).await;
        match &outcome {
            Ok(listing) => self.last.insert(ticket, Arc::clone(listing)).await,
            Err(error) => self.failed.insert(ticket, Arc::clone(error)).await,
        }
        outcome
    }

    /// The same, asked of Zendesk now.
    pub(super) async fn read_anew(&self, ticket: TicketId) -> Result<Arc<Listing>, Arc<ZendeskError>> {
        self.fresh.invalidate(&ticket).await;
        self.read(ticket).await
    }

    /// The same for somebody who looks at `run`: not from before its end. A read that failed a moment ago is not repeated.
    pub(super) async fn read_for(
        &self,
        ticket: TicketId,
        run: Option<&RunRow>,
    ) -> Result<Arc<Listing>, Arc<ZendeskError>> {
        if let Some(listing) = self.fresh.get(&ticket).await {
            if !run.is_some_and(|run| listing.is_older_than(run)) {
                return Ok(listing);
            }
            self.fresh.invalidate(&ticket).await;
        } else if let Some(error) = self.failed.get(&ticket).await {
            return Err(error);
        }
        self.read(ticket).await
    }

    /// The list that was read last.
    pub(super) async fn last(&self, ticket: TicketId) -> Option<Arc<Listing>> {
        self.last.get(&ticket).await
    }

    /// The next reader asks Zendesk.
    pub(super) async fn forget(&self, ticket: TicketId) {
        self.fresh.invalidate(&ticket).await;
        self.failed.invalidate(&ticket).await;
    }

    async fn ask(&self, ticket: TicketId) -> Result<Arc<Listing>, ZendeskError> {
        let read_at = self.clock.now();
        let listed = Listed::read(&self.zendesk, zendesk::TicketId(ticket.0)).await?;
        Ok(Arc::new(Listing { listed: listed.without_text(), read_at }))
    }
}
