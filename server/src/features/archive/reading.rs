//! What decides about a run's files: the ticket as Zendesk has it, and the rights of those who asked. A reading is good for
//! seconds; nothing is redacted on an older one. **Invariant:** reads, and changes nothing.

use chrono::{DateTime, TimeDelta, Utc};

use super::{
    asker::Refusal,
    job::Attempt,
    listed::Listed,
    policy::{Candidate, Verdict},
    rights::{History, Rights},
};
use crate::{
    connectors::zendesk::{Attachment, Comment, TicketId, ZendeskError},
    queue::JobError,
    store::archive::{self, ItemRow, RunRow},
};

/// Nothing is redacted on facts that are older.
pub(super) const GOOD_FOR: TimeDelta = TimeDelta::seconds(5);

/// One reading.
#[derive(Debug)]
pub(super) struct Reading {
    pub(super) listed: Listed,
    rights: Rights,
    history: History,
    at: DateTime<Utc>,
}

impl Reading {
    /// Whether a file may still be redacted on it.
    pub(super) fn is_fresh(&self, now: DateTime<Utc>) -> bool {
        is_within(self.at, now, GOOD_FOR)
    }

    /// See [`Rights::ask_again`].
    pub(super) fn asks_again(&self, kept: &ItemRow, run_id: &str) -> bool {
        self.rights.ask_again(kept, run_id)
    }
}

/// Whether `at` is at most so long ago. A time that has not come yet is none: the clock was set back.
pub(super) fn is_within(at: DateTime<Utc>, now: DateTime<Utc>, limit: TimeDelta) -> bool {
    (TimeDelta::zero()..=limit).contains(&(now - at))
}

impl Attempt<'_> {
    /// Reads the ticket and the rights: three calls, fewer for the operator's runs.
    pub(super) async fn read(&self, run: &RunRow) -> Result<Result<Reading, ZendeskError>, JobError> {
        self.read_with(run, History::default()).await
    }

    /// Reads them again where they are too old. A ticket's history is read once an attempt.
    pub(super) async fn refresh(
        &self,
        run: &RunRow,
        reading: &mut Reading,
    ) -> Result<Result<(), ZendeskError>, JobError> {
        if reading.is_fresh(self.deps.clock.now()) {
            return Ok(Ok(()));
        }
        let history = std::mem::take(&mut reading.history);
        Ok(self.read_with(run, history).await?.map(|new| *reading = new))
    }

    async fn read_with(
        &self,
        run: &RunRow,
        mut history: History,
    ) -> Result<Result<Reading, ZendeskError>, JobError> {
        let askers = archive::askers_of_run(&self.deps.db, self.account, self.run_id).await?;
        let read = async {
            let (zendesk, id) = (&self.deps.zendesk, TicketId(self.ticket_id));
            // The list of a long talk takes many calls: it comes first, and what people change on purpose last.
            let comments = zendesk.comments_and_authors(id).await?;
            let at = self.deps.clock.now();
            let may = self.deps.settings.terms.agents_may_start;
            let ticket = zendesk.ticket(id).await?;
            let rights = Rights::read(zendesk, may, &ticket, run, &askers, &mut history).await?;
            let listed = Listed::of(zendesk, ticket, comments, &mut history).await?;
            Ok(Reading { listed, rights, history, at })
        };
        Ok(read.await)
    }

    /// What to do with an attachment: those who asked may have it archived, and the account's policy wants it.
    pub(super) fn judge(&self, reading: &Reading, comment: &Comment, attachment: &Attachment) -> Verdict {
        if let Err((refusal, why)) = reading.rights.of(attachment.id.0) {
            return match refusal {
                Refusal::Withdrawn => Verdict::Skip(refusal.code(), why.clone()),
                _ => Verdict::Hold(refusal.code(), why.clone()),
            };
        }
        let Listed { ticket, .. } = &reading.listed;
        let sender = reading.listed.sender(comment);
        let candidate = Candidate { attachment, comment, sender, tags: &ticket.tags };
        self.deps.settings.policy.judge(candidate, self.deps.clock.now())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reading_is_good_for_seconds_and_not_where_the_clock_went_back() {
        let at = DateTime::UNIX_EPOCH + TimeDelta::days(20_000);
        for (seconds, good) in [(0, true), (5, true), (6, false), (-1, false), (-600, false)] {
            assert_eq!(is_within(at, at + TimeDelta::seconds(seconds), GOOD_FOR), good, "{seconds}");
        }
    }
}
