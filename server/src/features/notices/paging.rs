//! A ticket was solved or closed: its page is resolved. **Invariants:** a page that is still on its way is
//! waited for; whether the emergency is over is asked of Zendesk before it is resolved.

use std::time::Duration;

use super::{
    Inner, Notices,
    kind::{self, Kind},
    rules::Reason,
    settings::Way,
};
use crate::{
    connectors::{
        FailureKind, VendorError,
        zendesk::{TicketId, TicketStatus},
    },
    queue::{JobError, Lease},
    store::notices::{self as kept, Notice, NoticeState, Progress},
};

/// How long a page that is on its way is waited for, at a time.
const WAIT: Duration = Duration::from_secs(20);

impl Notices {
    /// Resolves the pages of a notice's ticket.
    pub(super) async fn end_pages(&self, notice: &Notice, lease: &Lease) -> Result<(), JobError> {
        let Inner { account, db, clock, pagerduty, .. } = &*self.0;
        let Some(ticket) = notice.ticket_id else { return Ok(()) };
        let pages = kept::open_pages(db, account, ticket).await?;
        if pages.iter().any(|page| matches!(page.state, NoticeState::Waiting | NoticeState::Sending)) {
            return Err(JobError::retry_after(WAIT, "the ticket's page is still on its way"));
        }
        if self.is_paged_again(TicketId(ticket)).await? {
            let not = (NoticeState::NotTold, Some(Reason::PagedAgain));
            return self.settle(notice, lease, not, Progress::default()).await;
        }
        let paged = |page: &&Notice| page.channel.as_deref() == Some(Way::PagerDuty.as_str());
        let was_told = |page: &&Notice| matches!(page.state, NoticeState::Told | NoticeState::Fallback);
        let alert = pages.iter().filter(was_told).find(paged);
        if let (Some(page), Some(pagerduty)) = (alert, pagerduty) {
            pagerduty.resolve(&self.dedup_key(page)).await?;
        }
        let mut tx = db.begin().await?;
        lease.guard(&mut tx).await?;
        for page in &pages {
            kept::resolve(&mut tx, account, &page.id, clock.now()).await?;
        }
        tx.commit().await?;
        let outcome = match alert {
            Some(_) => (NoticeState::Told, None),
            None => (NoticeState::NotTold, Some(Reason::NoPage)),
        };
        let channel = alert.map(|_| Way::PagerDuty.as_str().to_owned());
        self.settle(notice, lease, outcome, Progress { channel, ..Progress::default() }).await
    }

    /// Whether the ticket is an emergency by now: its trigger has tagged it again, and will report its end, too.
    async fn is_paged_again(&self, ticket: TicketId) -> Result<bool, JobError> {
        let ticket = match self.0.zendesk.ticket(ticket).await {
            Err(error) if error.is(FailureKind::NotFound) => return Ok(false),
            ticket => ticket?,
        };
        let is_over = matches!(ticket.status, TicketStatus::Solved | TicketStatus::Closed);
        Ok(!is_over && ticket.tags.iter().any(|tag| tag == kind::tag(Kind::Page)))
    }
}
