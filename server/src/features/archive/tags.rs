//! What a ticket is tagged with when its run has ended, so that agents, views and triggers can tell. **Invariant:** a ticket
//! has one of the two tags before anything else of the run's end is written on it, because every update fires triggers,
//! and the one that starts runs asks for these tags; and it is not touched where nothing changes.

use super::job::ArchiveDeps;
use crate::{
    connectors::zendesk::{Ticket, ZendeskError},
    store::{
        StoreError,
        archive::{ItemRow, ItemState},
    },
};

/// The tags' names; absent: none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OutcomeTags {
    /// Nothing is left that should have moved.
    pub done: Option<String>,
    /// Something failed, or is held.
    pub failed: Option<String>,
}

/// Whether something is left in Zendesk that should have moved.
pub(super) fn is_left(items: &[ItemRow]) -> bool {
    items.iter().any(|item| matches!(item.state, ItemState::Failed | ItemState::Held))
}

impl ArchiveDeps {
    /// Tags the ticket by whether something `is_left` there.
    pub(super) async fn tag(
        &self,
        account: &str,
        ticket: &Ticket,
        is_left: bool,
    ) -> Result<Result<(), ZendeskError>, StoreError> {
        let (add, remove) = self.tags.change(&ticket.tags, is_left);
        // First the new one: between the two the ticket would have neither, and the trigger would call.
        if let Some(tag) = add {
            self.counts(account, ticket.id.0).await?;
            if let Err(error) = self.zendesk.add_tags(ticket.id, &[tag]).await {
                return Ok(Err(error));
            }
        }
        if let Some(tag) = remove {
            self.counts(account, ticket.id.0).await?;
            return Ok(self.zendesk.remove_tags(ticket.id, &[tag]).await);
        }
        Ok(Ok(()))
    }
}

impl OutcomeTags {
    /// The tag that is missing, and the one that is there in error.
    fn change(&self, now: &[String], is_left: bool) -> (Option<&str>, Option<&str>) {
        let has = |tag: &&str| now.iter().any(|there| there == tag);
        let (right, wrong) = if is_left { (&self.failed, &self.done) } else { (&self.done, &self.failed) };
        let add = right.as_deref().filter(|tag| !has(tag));
        (add, wrong.as_deref().filter(has))
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    #[track_caller]
    fn check(now: &[&str], states: &[ItemState], expected: (Option<&str>, Option<&str>)) {
        let tags =
            OutcomeTags { done: Some("archived".to_owned()), failed: Some("archive_failed".to_owned()) };
        let now: Vec<_> = now.iter().map(|tag| (*tag).to_owned()).collect();
        let item = |state: &ItemState| ItemRow {
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
            reason_code: None,
            reason: None,
            sha256: None,
            object_key: None,
            done_bytes: 0,
            updated_at: DateTime::UNIX_EPOCH,
            verified_at: None,
        };
        let items: Vec<_> = states.iter().map(item).collect();
        assert_eq!(tags.change(&now, is_left(&items)), expected, "{now:?} {states:?}");
    }

    #[test]
    fn a_ticket_has_the_tag_of_its_last_run_and_not_the_other() {
        use ItemState::{Failed, Held, Redacted, Skipped};
        check(&[], &[Redacted, Skipped], (Some("archived"), None));
        check(&["archived"], &[Redacted], (None, None));
        check(&["archive_failed", "vip"], &[Redacted], (Some("archived"), Some("archive_failed")));
        check(&["archived"], &[Redacted, Failed], (Some("archive_failed"), Some("archived")));
        check(&[], &[Redacted, Held], (Some("archive_failed"), None));
        check(&["archive_failed"], &[Skipped], (Some("archived"), Some("archive_failed")));
        check(&[], &[], (Some("archived"), None));
    }
}
