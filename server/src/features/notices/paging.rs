//! A ticket was solved or closed: its page is resolved. **Invariant:** a page that is still on its way is waited for.

use std::time::Duration;

use super::{Inner, Notices, rules::Reason, settings::Way};
use crate::{
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
}
