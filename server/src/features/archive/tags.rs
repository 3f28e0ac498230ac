//! What a ticket is tagged with when its run has ended, so that agents, views and triggers can tell. **Invariant:** a ticket
//! has one of these tags before anything else of the run's end is written on it, because every update fires triggers, and
//! the one that starts runs asks for these tags; and it is not touched where nothing changes.

use serde::Deserialize;
use wire::ErrorCode;

use crate::connectors::zendesk::optional_tag;
use crate::store::archive::{ItemRow, ItemState};

/// The tags' names; absent: none.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct OutcomeTags {
    /// A file is in the archive, and nothing is left that should have moved.
    #[serde(rename = "done_tag", deserialize_with = "optional_tag")]
    pub done: Option<String>,
    /// Something failed.
    #[serde(rename = "failed_tag", deserialize_with = "optional_tag")]
    pub failed: Option<String>,
    /// Nothing failed, and something is held.
    #[serde(rename = "held_tag", deserialize_with = "optional_tag")]
    pub held: Option<String>,
    /// No file is in the archive: they are infected.
    #[serde(rename = "infected_tag", deserialize_with = "optional_tag")]
    pub infected: Option<String>,
    /// No file is in the archive: there is none, or all are left alone on purpose.
    #[serde(rename = "nothing_tag", deserialize_with = "optional_tag")]
    pub nothing: Option<String>,
}

/// How a ticket's run ended, for the ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// See [`OutcomeTags`].
    Done,
    /// See [`OutcomeTags`].
    Failed,
    /// See [`OutcomeTags`].
    Held,
    /// See [`OutcomeTags`].
    Infected,
    /// See [`OutcomeTags`].
    Nothing,
}

impl Outcome {
    /// Of a run's files; `has_archived` says that a file of the ticket is in the archive, whichever run moved it.
    pub(super) fn of(items: &[ItemRow], has_archived: bool) -> Self {
        let any = |state| items.iter().any(|item| item.state == state);
        let malware = ErrorCode::AttachmentMalware.as_str();
        if any(ItemState::Failed) {
            Self::Failed
        } else if any(ItemState::Held) {
            Self::Held
        } else if has_archived || any(ItemState::Redacted) {
            Self::Done
        } else if items.iter().any(|item| item.reason_code.as_deref() == Some(malware)) {
            Self::Infected
        } else {
            Self::Nothing
        }
    }
}

impl OutcomeTags {
    /// Those that are set.
    pub fn names(&self) -> Vec<&str> {
        self.all().into_iter().filter_map(|(_, tag)| tag).collect()
    }

    /// The setting that names a tag.
    pub(super) fn setting_of(&self, tag: &str) -> Option<&'static str> {
        self.all().into_iter().find(|(_, name)| *name == Some(tag)).map(|(setting, _)| setting)
    }

    /// Each with its setting.
    pub(super) fn all(&self) -> [(&'static str, Option<&str>); 5] {
        let Self { done, failed, held, infected, nothing } = self;
        [
            ("done_tag", done),
            ("failed_tag", failed),
            ("held_tag", held),
            ("infected_tag", infected),
            ("nothing_tag", nothing),
        ]
        .map(|(setting, tag)| (setting, tag.as_deref()))
    }

    /// Whether a ticket with these tags says this already.
    pub(super) fn say(&self, now: &[String], outcome: Outcome) -> bool {
        self.of(outcome).is_some() && self.change(now, outcome) == (None, Vec::new())
    }

    /// The tag that is missing, and those that are there in error.
    pub(super) fn change(&self, now: &[String], outcome: Outcome) -> (Option<&str>, Vec<&str>) {
        let right = self.of(outcome);
        let has = |tag: &&str| now.iter().any(|there| there == tag);
        let wrong = self.names().into_iter().filter(|tag| Some(*tag) != right).filter(has).collect();
        (right.filter(|tag| !has(tag)), wrong)
    }

    fn of(&self, outcome: Outcome) -> Option<&str> {
        let tag = match outcome {
            Outcome::Done => &self.done,
            Outcome::Failed => &self.failed,
            Outcome::Held => &self.held,
            Outcome::Infected => &self.infected,
            Outcome::Nothing => &self.nothing,
        };
        tag.as_deref()
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    #[track_caller]
    fn check(
        now: &[&str],
        files: &[(ItemState, &str)],
        has_archived: bool,
        expected: (Option<&str>, &[&str]),
    ) {
        let tags = OutcomeTags {
            done: Some("archived".to_owned()),
            failed: Some("archive_failed".to_owned()),
            held: Some("archive_held".to_owned()),
            infected: Some("archive_infected".to_owned()),
            nothing: Some("archive_nothing".to_owned()),
        };
        let now: Vec<_> = now.iter().map(|tag| (*tag).to_owned()).collect();
        let item = |(state, code): &(ItemState, &str)| ItemRow {
            account: "acme".into(),
            attachment_id: 9,
            comment_id: 420,
            ticket_id: 42,
            run_id: "r1".into(),
            file_name: "a".into(),
            size: 1,
            content_type: "image/png".into(),
            sniffed: None,
            state: *state,
            reason_code: Some((*code).to_owned()),
            reason: None,
            sha256: None,
            object_key: None,
            deleted_copies: 0,
            done_bytes: 0,
            updated_at: DateTime::UNIX_EPOCH,
            verified_at: None,
        };
        let items: Vec<_> = files.iter().map(item).collect();
        let (add, remove) = tags.change(&now, Outcome::of(&items, has_archived));
        assert_eq!((add, &*remove), expected, "{now:?} {files:?}");
    }

    #[test]
    fn a_ticket_has_the_tag_of_its_last_run_and_none_of_the_others() {
        use ItemState::{Failed, Held, Redacted, Skipped};
        let (moved, failed) = ((Redacted, ""), (Failed, "zendesk_unavailable"));
        let (held, infected) = ((Held, "archive_legal_hold"), (Skipped, "attachment_malware"));
        let policy = (Skipped, "archive_by_policy");
        check(&[], &[moved, policy], false, (Some("archived"), &[]));
        check(&["archived"], &[moved], false, (None, &[]));
        check(&["archive_failed", "vip"], &[moved], false, (Some("archived"), &["archive_failed"]));
        check(&["archived"], &[moved, failed], false, (Some("archive_failed"), &["archived"]));
        check(&[], &[moved, held], false, (Some("archive_held"), &[]));
        check(&[], &[held, failed], false, (Some("archive_failed"), &[]));
        check(&[], &[moved, infected], false, (Some("archived"), &[]));
    }

    #[test]
    fn a_ticket_without_an_archived_file_is_not_tagged_archived() {
        use ItemState::Skipped;
        let infected = (Skipped, "attachment_malware");
        let (kept, policy) = ((Skipped, "archive_cancelled"), (Skipped, "archive_by_policy"));
        check(&["archived"], &[infected], false, (Some("archive_infected"), &["archived"]));
        check(&[], &[policy, infected], false, (Some("archive_infected"), &[]));
        check(&["archive_failed"], &[kept], false, (Some("archive_nothing"), &["archive_failed"]));
        check(&[], &[], false, (Some("archive_nothing"), &[]));
        check(&["archived"], &[policy], true, (None, &[]));
        check(&["archived"], &[], true, (None, &[]));
    }
}
