//! People are told how a run ended: how many files moved and what failed, and once when things begin to fail and once when
//! they are well again. **Invariant:** no file names and nobody's address: what is told leaves the house.

use std::{collections::BTreeMap, time::Duration};

use serde::{Deserialize, Serialize};
use serde_json::json;
use wire::ErrorCode;

use crate::{
    connectors::notify::NotifyClient,
    queue::{Job, JobError, Lease},
    store::{
        Db,
        archive::{self, ItemRow, ItemState, RunRow, RunState},
    },
};

/// Which ends are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum When {
    /// All.
    Every,
    /// The first that fails, and the first that is well again.
    Changes,
}

/// What changed with a run's end, for the whole account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// The run before was well.
    Failing,
    /// The run before was not.
    Recovered,
}

/// Tells how a run ended.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RunNotice {
    pub account: String,
    /// Which run.
    pub run_id: String,
}

/// What the job needs.
#[derive(Clone)]
pub struct NoticeDeps {
    /// What became of the run.
    pub db: Db,
    /// Who is told; absent: nobody.
    pub notify: Option<NotifyClient>,
    /// Of which ends.
    pub when: When,
    /// Where tickets are, for people: `https://acme.zendesk.com/agent/tickets/`.
    pub tickets_url: String,
}

impl Job for RunNotice {
    const NAME: &'static str = "archive_notice";
    const MAX_ATTEMPTS: u32 = 8;
    const LEASE: Duration = Duration::from_mins(1);
    type Deps = NoticeDeps;

    fn account(&self) -> &str {
        &self.account
    }

    fn key(&self) -> String {
        self.run_id.clone()
    }

    async fn run(&self, deps: &NoticeDeps, _: &Lease) -> Result<(), JobError> {
        let Some(notify) = &deps.notify else { return Ok(()) };
        let Some(run) = archive::run(&deps.db, &self.account, &self.run_id).await? else { return Ok(()) };
        let change = change(archive::end_before(&deps.db, &run).await?, run.state);
        if deps.when == When::Changes && change.is_none() {
            return Ok(());
        }
        let mut items = archive::items_of_ticket(&deps.db, &self.account, run.ticket_id).await?;
        items.retain(|item| item.run_id == run.id);
        let sum = Sum::of(&items);
        let ticket_url = format!("{}{}", deps.tickets_url, run.ticket_id);
        let more = json!({
            "event": "archive_run_ended", "account": self.account, "run_id": run.id, "state": run.state.as_str(),
            "ticket_id": run.ticket_id, "ticket_url": ticket_url, "change": change,
            "files": {"moved": sum.moved, "skipped": sum.skipped, "held": sum.held, "failed": sum.failed},
            "bytes": sum.bytes, "reasons": sum.reasons,
        });
        Ok(notify.tell(&run.id, &sum.sentence(&run, change, &ticket_url), more).await?)
    }
}

/// Whether this end differs from the one before.
fn change(before: Option<RunState>, now: RunState) -> Option<Change> {
    match (before, now) {
        (Some(RunState::Failed), RunState::Failed) => None,
        (_, RunState::Failed) => Some(Change::Failing),
        (Some(RunState::Failed), RunState::Done) => Some(Change::Recovered),
        _ => None,
    }
}

/// What became of a run's files.
#[derive(Debug, Default, PartialEq, Eq)]
struct Sum {
    moved: usize,
    skipped: usize,
    held: usize,
    failed: usize,
    /// That left Zendesk.
    bytes: u64,
    /// How many files stayed, by the reason's code.
    reasons: BTreeMap<String, usize>,
}

impl Sum {
    fn of(items: &[ItemRow]) -> Self {
        let mut sum = Self::default();
        for item in items {
            match item.state {
                ItemState::Redacted => {
                    sum.moved += 1;
                    sum.bytes += item.size;
                    continue;
                }
                ItemState::Skipped => sum.skipped += 1,
                ItemState::Held => sum.held += 1,
                _ => sum.failed += 1,
            }
            let code = item.reason_code.clone().unwrap_or_else(|| "unknown".to_owned());
            *sum.reasons.entry(code).or_default() += 1;
        }
        sum
    }

    fn sentence(&self, run: &RunRow, change: Option<Change>, ticket_url: &str) -> String {
        let all = self.moved + self.skipped + self.held + self.failed;
        let moved = match self.moved {
            0 => format!("Ticket {}: no file was archived", run.ticket_id),
            1 if all == 1 => format!("Ticket {}: 1 of 1 file was archived", run.ticket_id),
            moved => format!("Ticket {}: {moved} of {all} files were archived", run.ticket_id),
        };
        let left = [(self.failed, "failed"), (self.held, "held"), (self.skipped, "left alone")];
        let left =
            left.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!(", {count} {what}"));
        let reasons: Vec<_> =
            self.reasons.iter().map(|(code, count)| format!("{}: {count}", in_words(code))).collect();
        let reasons = if reasons.is_empty() { String::new() } else { format!(" ({})", reasons.join(", ")) };
        let change = match change {
            Some(Change::Failing) => ". The archive begins to fail here; the runs before were well",
            Some(Change::Recovered) => ". The archive works again",
            None => "",
        };
        [moved, left.collect(), reasons, change.to_owned(), format!(". {ticket_url}")].concat()
    }
}

/// Why files stayed, for people.
fn in_words(code: &str) -> &'static str {
    use ErrorCode as C;
    let known = ErrorCode::ALL.iter().find(|known| known.as_str() == code);
    match known.copied().unwrap_or(C::Unknown) {
        C::ArchiveCancelled => "undone or cancelled",
        C::ArchiveLegalHold => "held by a tag",
        C::ArchiveByPolicy => "left by the settings",
        C::ArchiveTooNew => "too new",
        C::ArchiveSentByUs => "sent to the customer by an agent",
        C::AttachmentMalware => "malware found",
        C::AttachmentNotScanned => "not yet scanned for malware",
        C::AttachmentTooLarge => "too large",
        C::AttachmentNotFound => "not in Zendesk any more",
        C::AttachmentHostRefused => "on a host that the settings do not allow",
        C::AttachmentIncomplete => "download incomplete",
        C::ArchiveDenied | C::ArchiveElsewhere => "refused by the store",
        C::ArchiveFull => "the store is full",
        C::ArchiveUnavailable => "the store does not answer",
        C::ArchiveMismatch => "the copy differs",
        C::RedactionUnproven | C::RedactionLimit => "not yet removed by Zendesk",
        C::RedactionNeedsWorkspace => "Agent Workspace is needed on closed tickets",
        C::RedactionImageNotFound => "an image in the text of a closed ticket",
        C::ZendeskUnavailable | C::ZendeskRateLimited => "Zendesk does not answer",
        C::ZendeskReconnect => "Zendesk refuses our credentials",
        C::ZendeskForbidden | C::ZendeskRejected => "refused by Zendesk",
        _ => "another reason, see the panel",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notice_gives_reasons_in_words() {
        for (code, expected) in [
            ("archive_cancelled", "undone or cancelled"),
            ("attachment_malware", "malware found"),
            ("a_code_of_a_newer_server", "another reason, see the panel"),
        ] {
            assert_eq!(in_words(code), expected);
        }
    }

    #[test]
    fn a_change_is_told_once_in_each_direction() {
        use RunState::{Done, Failed};
        for (before, now, expected) in [
            (None, Done, None),
            (None, Failed, Some(Change::Failing)),
            (Some(Done), Done, None),
            (Some(Done), Failed, Some(Change::Failing)),
            (Some(Failed), Failed, None),
            (Some(Failed), Done, Some(Change::Recovered)),
        ] {
            assert_eq!(change(before, now), expected, "{before:?} {now:?}");
        }
    }
}
