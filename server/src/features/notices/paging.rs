//! What a page needs besides being told: it ends when its ticket is solved or closed; one whose end nobody told ends when the next one is asked
//! for; and its trigger may act again where there was no emergency. **Invariants:** a page that is still on its way is waited for; whether
//! the emergency is over is asked of Zendesk before it is resolved; no loop with the trigger.

use std::time::Duration;

use chrono::TimeDelta;

use super::{
    Notices, Setup,
    job::Read,
    kind::{self, Kind},
    rules::Reason,
    settings::{Fallback, Settings, Way},
    telling::Undelivered,
};
use crate::{
    causes::with_causes,
    connectors::{
        self, FailureKind, VendorError,
        zendesk::{Ticket, TicketId, TicketStatus},
    },
    queue::{Advice, JobError, Lease},
    store::notices::{self as kept, Notice, NoticeState, Progress},
};

/// How long a page that is on its way is waited for, at a time.
const WAIT: Duration = Duration::from_secs(20);
/// A page is tried in its own way so long; then the fallback is told.
const PAGE_TIMEOUT: TimeDelta = TimeDelta::minutes(10);
/// Where Zendesk's trigger calls an emergency what is none, its tag comes off so often a day.
const MOST_RELEASES: u64 = 5;

impl Notices {
    /// Resolves the pages of a notice's ticket.
    pub(super) async fn end_pages(&self, notice: &Notice, lease: &Lease) -> Result<(), JobError> {
        let Setup { account, db, .. } = &*self.0;
        let Some(ticket) = notice.ticket_id else { return Ok(()) };
        let pages = kept::open_pages(db, account, ticket).await?;
        if pages.iter().any(|page| matches!(page.state, NoticeState::Waiting | NoticeState::Sending)) {
            return Err(JobError::retry_after(WAIT, "the ticket's page is still on its way"));
        }
        if self.is_paged_again(TicketId(ticket)).await? {
            let not = (NoticeState::NotTold, Some(Reason::PagedAgain));
            return self.settle(notice, lease, not, Progress::default()).await;
        }
        let was_resolved = self.resolve(&pages, lease).await?;
        let outcome = match pages.as_slice() {
            _ if was_resolved => (NoticeState::Told, None),
            [] => (NoticeState::NotTold, Some(Reason::NoPage)),
            _ => (NoticeState::NotTold, Some(Reason::NoAlert)),
        };
        let channel = was_resolved.then(|| Way::PagerDuty.as_str().to_owned());
        self.settle(notice, lease, outcome, Progress { channel, ..Progress::default() }).await
    }

    /// Before a page is told: earlier ones of its ticket are over, for the trigger acts only where its tag is off, and nobody said so. An
    /// alert that stayed open would take this page in, and nobody would hear of it.
    /// Only an alert can: what is told in another way does not wait until they are resolved.
    pub(super) async fn end_earlier(
        &self,
        notice: &Notice,
        lease: &Lease,
        way: Way,
    ) -> Result<(), Undelivered> {
        let Setup { account, db, .. } = &*self.0;
        let (Kind::Page, Some(ticket)) = (notice.kind, notice.ticket_id) else { return Ok(()) };
        let mut pages = kept::open_pages(db, account, ticket).await.map_err(JobError::from)?;
        pages.retain(|page| page.id != notice.id);
        if pages.is_empty() {
            return Ok(());
        }
        match self.resolve(&pages, lease).await {
            Err(error) if way != Way::PagerDuty => {
                let error = error.chain();
                tracing::warn!(
                    account,
                    ticket.id = ticket,
                    error,
                    "earlier pages of ticket {ticket} could not be resolved"
                );
                Ok(())
            }
            done => Ok(done.map(drop)?),
        }
    }

    /// Resolves their alert, if there may be one, and writes it down. False: there was none.
    async fn resolve(&self, pages: &[Notice], lease: &Lease) -> Result<bool, JobError> {
        let Setup { account, db, clock, pagerduty, .. } = &*self.0;
        let alert = pages.iter().find(|page| self.has_perhaps_an_alert(page));
        let alert = alert.and_then(|page| Some((page, pagerduty.as_ref()?)));
        if let Some((page, pagerduty)) = alert {
            pagerduty.resolve(&self.dedup_key(page)).await?;
        }
        let mut tx = db.begin().await?;
        lease.guard(&mut tx).await?;
        for page in pages {
            kept::resolve(&mut tx, account, &page.id, clock.now()).await?;
        }
        tx.commit().await?;
        Ok(alert.is_some())
    }

    /// A page that ended in the fallback, or nowhere, may have reached `PagerDuty` before, whose answer was lost.
    fn has_perhaps_an_alert(&self, page: &Notice) -> bool {
        let settings = &self.0.settings;
        let tries_it = settings.page == Way::PagerDuty || settings.fallback == Fallback::By(Way::PagerDuty);
        page.channel.as_deref().is_some_and(|channel| tries_it || channel == Way::PagerDuty.as_str())
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

    /// A page was settled because its ticket is no emergency any more: the tag comes off, so that the trigger can act again. What became an
    /// emergency meanwhile, unseen by the trigger, is asked for in its place. Where the trigger acts on what is no emergency by the
    /// settings, the tag stays in the end: both would call each other for ever.
    pub(super) async fn release(&self, notice: &Notice, lease: &Lease) -> Result<(), JobError> {
        let Setup { account, db, clock, zendesk, .. } = &*self.0;
        let code = notice.reason.as_ref().map(|(code, _)| code.as_str());
        let (Kind::Page, Some(ticket), Some("no_emergency")) = (notice.kind, notice.ticket_id, code) else {
            return Ok(());
        };
        if !kept::is_latest_page(db, account, (ticket, &notice.id)).await? {
            return Ok(()); // the trigger has acted again, so the tag is the next page's
        }
        let since = clock.now() - TimeDelta::days(1);
        let code = Reason::NoEmergency.code();
        if kept::pages_settled(db, account, (ticket, code), since).await? > MOST_RELEASES {
            tracing::warn!(
                account,
                ticket.id = ticket,
                "the trigger of pages acts again and again on ticket {ticket}, which is no emergency by `notices.emergency`: see whether \
                 somebody changed the trigger"
            );
            return Ok(());
        }
        match zendesk.remove_tags(TicketId(ticket), &[kind::tag(Kind::Page)]).await {
            Err(error) if error.advice() == connectors::Advice::GiveUp => {
                let error = with_causes(&error);
                tracing::warn!(account, ticket.id = ticket, %error, "the tag of a page could not be taken off ticket {ticket}");
                return Ok(());
            }
            done => done?,
        }
        let Ok(read) = self.read(notice).await? else { return Ok(()) };
        if read.ticket.is_some_and(|ticket| lacks_tag(&ticket)) {
            let mut tx = db.begin().await?;
            lease.guard(&mut tx).await?;
            self.request(&mut tx, Kind::Page, ticket).await?;
            tx.commit().await?;
        }
        Ok(())
    }

    /// A page's ticket has its trigger's tag, without which nothing would report its end: it is put back where it is gone.
    pub(super) async fn keep_tag(&self, notice: &Notice, read: &Read) {
        let Some(ticket) = read.ticket.as_ref().filter(|_| notice.kind == Kind::Page) else { return };
        if !lacks_tag(ticket) {
            return;
        }
        if let Err(error) = self.0.zendesk.add_tags(ticket.id, &[kind::tag(Kind::Page)]).await {
            let error = with_causes(&error);
            tracing::warn!(account = self.0.account, ticket.id = %ticket.id, %error, "the tag of a page could not be put back on ticket {}", ticket.id);
        }
    }

    /// Whether a notice is still tried in its own way. A page is not for long, where there is another way: somebody has to hear of it.
    pub(super) fn is_patient(&self, notice: &Notice) -> bool {
        let Settings { page, fallback, .. } = &self.0.settings;
        let has_another = ![Fallback::By(Way::Off), Fallback::By(*page)].contains(fallback);
        !(has_another && self.is_late(notice))
    }

    /// Whether a page is told by its ticket's number alone: for ten minutes nothing could be read, and somebody can be told without.
    pub(super) fn is_told_unread(&self, notice: &Notice) -> bool {
        let Settings { page, fallback, .. } = &self.0.settings;
        let needs_owner = matches!(page, Way::Zendesk);
        self.is_late(notice) && (!needs_owner || *fallback != Fallback::By(Way::Off))
    }

    fn is_late(&self, notice: &Notice) -> bool {
        notice.kind == Kind::Page && self.0.clock.now() - notice.requested_at >= PAGE_TIMEOUT
    }

    /// When a notice that was not sent is tried again: a page before its patience ends, whatever its channel asks for.
    pub(super) fn tried_again(&self, notice: &Notice, error: JobError) -> JobError {
        let left = (PAGE_TIMEOUT - (self.0.clock.now() - notice.requested_at)).to_std().unwrap_or_default();
        match error.advice() {
            Advice::RetryAfter(wait) if notice.kind == Kind::Page && !left.is_zero() && wait > left => {
                JobError::retry_after(left, error.chain())
            }
            _ => error,
        }
    }
}

fn lacks_tag(ticket: &Ticket) -> bool {
    ticket.known_tags().is_ok_and(|tags| tags.iter().all(|known| known != kind::tag(Kind::Page)))
}
