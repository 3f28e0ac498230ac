//! A notice on its way: what it is about is read afresh, it is decided whether anybody is told, and they are told once. **Invariants:** that
//! it is being sent is committed before it is sent; every write is guarded by the job's lease; nothing waits in a transaction.

use std::time::Duration;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use wire::LedgerAction;

use super::{
    Notices, Setup,
    compose::Subject,
    kind::{self, Kind},
    rules::{self, Reason},
    settings::Way,
    telling::Undelivered,
};
use crate::{
    causes::with_causes,
    connectors::{
        FailureKind, VendorError,
        zendesk::{Ticket, TicketId, User, UserId},
    },
    features::contracts::ContractFacts,
    queue::{Advice, Job, JobError, Lease, Operated, Queue},
    store::{
        StoreError, Tx,
        ledger::{self, LedgerEntry},
        notices::{self as kept, Notice, NoticeState, Progress},
    },
};

/// A refusal is final where it comes after so many attempts, and so long after the notice was asked for.
const REFUSED_AT_MOST: u32 = 8;
const REFUSED_FOR: TimeDelta = TimeDelta::minutes(30);

/// Tells whoever is in charge.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SendNotice {
    pub account: String,
    /// Its id.
    pub notice: String,
    /// Notices about the same wait for one another.
    pub about: String,
}

impl Job for SendNotice {
    const NAME: &'static str = "contract_notice";
    const MAX_ATTEMPTS: u32 = 30; // five hours or so
    const LEASE: Duration = Duration::from_mins(1);
    const PRIORITY: i32 = 5;
    type Deps = Notices;

    fn account(&self) -> &str {
        &self.account
    }

    fn key(&self) -> String {
        self.notice.clone()
    }

    fn concurrency_key(&self) -> Option<String> {
        Some(format!("notices of {}", self.about))
    }

    fn concurrency_limit(&self) -> Option<u32> {
        Some(1)
    }

    async fn run(&self, notices: &Notices, lease: &Lease) -> Result<(), JobError> {
        let Some(notice) = kept::notice(&notices.0.db, &self.account, &self.notice).await? else {
            return Ok(());
        };
        let done = match notice.kind {
            _ if is_settled(&notice) => notices.release(&notice, lease).await,
            Kind::PageOver => notices.end_pages(&notice, lease).await,
            _ => notices.send(&notice, lease).await,
        };
        let age = notices.0.clock.now() - notice.requested_at;
        done.map_err(|error| unless_refused_for_long(error, (lease.attempt(), age)))
    }

    async fn on_dead(&self, notices: &Notices, lease: &Lease, _: &str) -> Result<(), JobError> {
        let notice = kept::notice(&notices.0.db, &self.account, &self.notice).await?;
        match notice.filter(|notice| !is_settled(notice)) {
            Some(notice) => notices.give_up(&notice, lease).await,
            None => Ok(()),
        }
    }

    /// Nobody waits for the notice any more, and the next one about the same is another.
    async fn on_cancelled(job: Operated<'_>, queue: &Queue, tx: &mut Tx) -> Result<(), StoreError> {
        let Some(Self { account, notice, .. }) = job.read() else { return Ok(()) };
        let found = kept::notice(&mut *tx, &account, &notice).await?;
        let state = match found.filter(|notice| !is_settled(notice)) {
            Some(notice) if notice.state == NoticeState::Sending => NoticeState::Unsure,
            Some(_) => NoticeState::NotTold,
            None => return Ok(()),
        };
        let progress = Progress { reason: Some(Reason::Cancelled.kept()), ..Progress::default() };
        kept::set(tx, &account, &notice, (state, &progress), queue.clock().now()).await
    }

    /// A notice that was given up with its job waits again.
    async fn on_retry(job: Operated<'_>, _: &Queue, tx: &mut Tx) -> Result<Result<(), String>, StoreError> {
        let Some(Self { account, notice, .. }) = job.read() else { return Ok(Ok(())) };
        let found = kept::notice(&mut *tx, &account, &notice).await?;
        let was_given_up = |notice: &Notice| {
            let code = notice.reason.as_ref().map(|(code, _)| code.as_str());
            notice.state == NoticeState::NotTold && code == Some(Reason::GaveUp.code())
        };
        Ok(match found {
            Some(found) if was_given_up(&found) => {
                kept::reopen(tx, &account, &notice).await?;
                Ok(())
            }
            Some(found) if !is_settled(&found) => Ok(()),
            _ => Err("its notice was told, or nobody need be told any more".to_owned()),
        })
    }
}

/// What Zendesk refuses, or answers as nobody can read it, may be for a moment, and nobody asks for the notice again.
fn unless_refused_for_long(error: JobError, (attempt, age): (u32, TimeDelta)) -> JobError {
    let may_pass = attempt < REFUSED_AT_MOST || age < REFUSED_FOR;
    if may_pass && error.advice() == Advice::GiveUp { JobError::retry(error.chain()) } else { error }
}

fn is_settled(notice: &Notice) -> bool {
    !matches!(notice.state, NoticeState::Waiting | NoticeState::Sending)
}

/// What a notice is about, as it was read.
pub(super) struct Read {
    pub ticket: Option<Ticket>,
    pub facts: ContractFacts,
    /// What the ticket begins with. Read once, and before it is written down that the notice is being sent.
    pub first_comment: Option<String>,
}

impl Read {
    /// What is kept of it.
    pub(super) fn known(&self, kind: Kind) -> Progress {
        Progress {
            company_id: self.facts.company.as_ref().map(|company| company.company_id.clone()),
            company: self.facts.contract.company.clone(),
            role: Some(kind::role_word(kind::role(kind)).to_owned()),
            ..Progress::default()
        }
    }

    /// Nothing could be read.
    pub(super) fn nothing() -> Self {
        Self { ticket: None, facts: ContractFacts::unknown(), first_comment: None }
    }
}

impl Notices {
    async fn send(&self, notice: &Notice, lease: &Lease) -> Result<(), JobError> {
        let was_interrupted = notice.state == NoticeState::Sending;
        if was_interrupted && !self.can_be_repeated(notice) {
            return self
                .settle(notice, lease, (NoticeState::Unsure, Some(Reason::Interrupted)), Progress::default())
                .await;
        }
        let read = match self.read(notice).await {
            Ok(Ok(read)) => read,
            Ok(Err(reason)) => {
                let not = (NoticeState::NotTold, Some(reason));
                self.settle(notice, lease, not, Progress::default()).await?;
                let code = reason.kept();
                return self.release(&Notice { reason: Some(code), ..notice.clone() }, lease).await;
            }
            Err(error) if self.is_told_unread(notice) => {
                let (account, error) = (&self.0.account, error.chain());
                tracing::warn!(
                    account,
                    notice = notice.id,
                    error,
                    "a page is told unread, with its ticket's number"
                );
                Read::nothing()
            }
            Err(error) => return Err(self.tried_again(notice, error)),
        };
        self.keep_tag(notice, &read).await;
        let reason = match self.tell_in_charge(notice, lease, &read).await? {
            Ok(progress) => return self.settle(notice, lease, (NoticeState::Told, None), progress).await,
            Err(Undelivered::Because(reason)) => reason,
            Err(Undelivered::Later(error)) if self.is_patient(notice) => {
                return self.later(notice, lease, self.tried_again(notice, error)).await;
            }
            Err(Undelivered::Later(error)) => {
                let (account, error) = (&self.0.account, error.chain());
                tracing::warn!(
                    account,
                    notice = notice.id,
                    error,
                    "a page does not get through; the fallback is told"
                );
                Reason::ChannelDown
            }
        };
        self.fall_back(notice, lease, (&read, reason), read.known(notice.kind)).await
    }

    /// What the notice is about, or why nobody is told.
    pub(super) async fn read(&self, notice: &Notice) -> Result<Result<Read, Reason>, JobError> {
        let Setup { zendesk, contracts, settings, .. } = &*self.0;
        if settings.way(notice.kind) == Way::Off {
            return Ok(Err(Reason::Off));
        }
        let Some(id) = notice.ticket_id else {
            let company = notice.company_id.as_deref().unwrap_or_default();
            let Some(facts) = contracts.facts_of_company(company).await? else {
                return Ok(Err(Reason::NoContract));
            };
            return Ok(rules::of_contract(notice.kind, &facts, false).map(|()| Read {
                ticket: None,
                facts,
                first_comment: None,
            }));
        };
        let ticket = match zendesk.ticket(TicketId(id)).await {
            Err(error) if error.is(FailureKind::NotFound) => return Ok(Err(Reason::TicketGone)),
            ticket => ticket?,
        };
        if let Err(reason) = rules::of_ticket(notice.kind, &ticket) {
            return Ok(Err(reason));
        }
        let requester = match self.requester(ticket.requester_id).await? {
            Ok(requester) => requester,
            Err(reason) => return Ok(Err(reason)),
        };
        let facts = contracts.facts_of(&requester, Some(&ticket)).await?;
        let is_visitor = requester.email.is_none();
        let decided = rules::of_contract(notice.kind, &facts, is_visitor)
            .and_then(|()| rules::of_emergency(notice.kind, &settings.emergency, &ticket, &requester));
        if let Err(reason) = decided {
            return Ok(Err(reason));
        }
        let first_comment = self.first_comment(&ticket).await;
        Ok(Ok(Read { ticket: Some(ticket), facts, first_comment }))
    }

    async fn requester(&self, id: Option<UserId>) -> Result<Result<User, Reason>, JobError> {
        let Some(id) = id else { return Ok(Err(Reason::NoRequester)) };
        match self.0.zendesk.user(id).await {
            Err(error) if error.is(FailureKind::NotFound) => Ok(Err(Reason::NoRequester)),
            Err(error) => Err(error.into()),
            Ok(user) => Ok(rules::of_requester(&user).map(|()| user)),
        }
    }

    /// That it is being sent. What waits for the disk here is not sent before.
    pub(super) async fn begin(
        &self,
        notice: &Notice,
        lease: &Lease,
        progress: &Progress,
    ) -> Result<(), JobError> {
        let Setup { account, db, clock, .. } = &*self.0;
        let mut tx = db.begin().await?;
        lease.guard(&mut tx).await?;
        kept::set(&mut tx, account, &notice.id, (NoticeState::Sending, progress), clock.now()).await?;
        Ok(tx.commit().await?)
    }

    /// It was not sent, and is tried again.
    pub(super) async fn later(
        &self,
        notice: &Notice,
        lease: &Lease,
        error: JobError,
    ) -> Result<(), JobError> {
        let Setup { account, db, clock, .. } = &*self.0;
        let mut tx = db.begin().await?;
        lease.guard(&mut tx).await?;
        let waiting = (NoticeState::Waiting, &Progress::default());
        kept::set(&mut tx, account, &notice.id, waiting, clock.now()).await?;
        tx.commit().await?;
        Err(error)
    }

    /// Writes down what became of it, and, where somebody was told, a row of the ledger.
    pub(super) async fn settle(
        &self,
        notice: &Notice,
        lease: &Lease,
        (state, reason): (NoticeState, Option<Reason>),
        progress: Progress,
    ) -> Result<(), JobError> {
        let Setup { account, db, clock, .. } = &*self.0;
        let progress = Progress { reason: reason.map(Reason::kept).or(progress.reason), ..progress };
        let mut tx = db.begin().await?;
        lease.guard(&mut tx).await?;
        kept::set(&mut tx, account, &notice.id, (state, &progress), clock.now()).await?;
        if matches!(state, NoticeState::Told | NoticeState::Fallback) {
            let detail = serde_json::json!({
                "notice": notice.id, "kind": notice.kind.as_str(), "outcome": state.as_str(), "channel": progress.channel,
                "reason": reason.map(Reason::code),
            });
            let entry =
                LedgerEntry::of_account(clock.now(), ("deskside", LedgerAction::NoticeTold.as_str()), detail);
            let entry = LedgerEntry { ticket_id: notice.ticket_id, ..entry };
            ledger::append(&mut tx, account, &entry).await?;
        }
        tx.commit().await?;
        if let Some(reason) = reason.filter(|_| state == NoticeState::NotTold) {
            tracing::info!(
                account,
                notice = notice.id,
                kind = notice.kind.as_str(),
                code = reason.code(),
                "nobody is told by the notice {}: {}",
                notice.id,
                reason.sentence()
            );
        }
        Ok(())
    }

    /// What is told of.
    async fn first_comment(&self, ticket: &Ticket) -> Option<String> {
        match self.0.zendesk.first_comment(ticket.id).await {
            Ok(text) => text,
            // The notice is worth more than the words in it.
            Err(error) => {
                let error = with_causes(&error);
                tracing::warn!(ticket.id = %ticket.id, %error, "the first comment of ticket {} could not be read for a notice", ticket.id);
                None
            }
        }
    }

    pub(super) fn subject<'a>(
        &'a self,
        notice: &Notice,
        read: &'a Read,
        owner: Option<&'a str>,
    ) -> Subject<'a> {
        Subject {
            kind: notice.kind,
            account: &self.0.account,
            number: notice.ticket_id,
            facts: &read.facts,
            ticket: read.ticket.as_ref(),
            first_comment: read.first_comment.as_deref(),
            owner,
            tickets_url: &self.0.tickets_url,
            visible_to: &self.0.contract_settings.visible_to,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// check(how often it was tried, minutes since it was asked for, whether it is final)
    #[test]
    fn one_refusal_after_other_failures_is_not_final() {
        let check = |attempt: u32, minutes: i64, is_final: bool| {
            let refused = JobError::give_up("the ticket cannot be read");
            let error = unless_refused_for_long(refused, (attempt, TimeDelta::minutes(minutes)));
            assert_eq!(error.advice() == Advice::GiveUp, is_final, "{attempt} {minutes}");
        };
        check(1, 0, false);
        check(9, 12, false);
        check(1, 300, false);
        check(8, 30, true);
    }
}
