//! What Zendesk says of a ticket: its tags and status, its comments, and who sent their files. **Invariant:** reads, and
//! changes nothing.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use wire::Sender;

use super::{
    policy::{Candidate, Policy, Verdict},
    rights::History,
    rules, sender,
};
use crate::connectors::zendesk::{
    Attachment, AttachmentId, Comment, Comments, Ticket, TicketId, TicketStatus, User, UserId, ZendeskClient,
    ZendeskError,
};

/// The tag that Zendesk gives a ticket when it closes it by merging.
const MERGED: &str = "closed_by_merge";

/// A ticket, its comments, and their authors.
#[derive(Debug)]
pub(super) struct Listed {
    pub(super) ticket: Ticket,
    pub(super) comments: Comments,
    authors: BTreeMap<UserId, User>,
    /// Authors who acted on the ticket as agents do, whatever they are today.
    agents: BTreeSet<UserId>,
}

impl Listed {
    /// Two calls; a third, for the ticket's history, where an end user who is copied on it sent files.
    pub(super) async fn read(zendesk: &ZendeskClient, id: TicketId) -> Result<Self, ZendeskError> {
        let comments = zendesk.comments_and_authors(id).await?;
        let ticket = zendesk.ticket(id).await?;
        Self::of(zendesk, ticket, comments, &mut History::default()).await
    }

    /// The same of what was read before.
    pub(super) async fn of(
        zendesk: &ZendeskClient,
        ticket: Ticket,
        (comments, authors): (Comments, Vec<User>),
        history: &mut History,
    ) -> Result<Self, ZendeskError> {
        ticket.known_tags()?; // one of them may hold its files
        let authors: BTreeMap<UserId, User> = authors.into_iter().map(|user| (user.id, user)).collect();
        let mut agents = sender::agents_by_comments(&ticket, &comments);
        let senders = rules::wanted(&comments, None)
            .filter(|(comment, _)| comment.public)
            .filter_map(|(comment, _)| comment.author_id);
        let copied = senders.filter(|id| ticket.requester_id != Some(*id) && sender::is_copied(&ticket, *id));
        let copied: BTreeSet<UserId> = copied.collect();
        if !copied.is_empty() {
            match history.of(zendesk, ticket.id).await? {
                Some(audits) => agents.extend(sender::agents_by_history(audits)),
                None => agents.extend(copied), // nothing says that they are not
            }
        }
        Ok(Self { ticket, comments, authors, agents })
    }

    /// Whether a file that a run is asked for (`only`; `None`: every file) is listed and cannot be read.
    pub(super) fn hides(&self, only: Option<&[u64]>) -> bool {
        let is_hidden = |id: &u64| {
            let id = AttachmentId(*id);
            rules::find(&self.comments, id).is_none() && self.comments.may_hide(id)
        };
        match only {
            None => self.comments.unreadable().next().is_some(),
            // Whoever asked for all that can be read meant all.
            Some(ids) if self.comments.unreadable().next().is_some() => {
                let all = rules::wanted(&self.comments, None).all(|(_, file)| ids.contains(&file.id.0));
                all || ids.iter().any(is_hidden)
            }
            Some(_) => false,
        }
    }

    /// It can be read, not changed.
    pub(super) fn is_closed(&self) -> bool {
        self.ticket.status == TicketStatus::Closed
    }

    /// It was merged into another one, which then has copies of its files.
    pub(super) fn is_merged(&self) -> bool {
        self.ticket.tags.iter().any(|tag| tag == MERGED)
    }

    /// Who wrote a comment of this ticket.
    pub(super) fn sender(&self, comment: &Comment) -> Sender {
        let author = comment.author_id.and_then(|id| self.authors.get(&id));
        let acted_as_agent = author.is_some_and(|author| self.agents.contains(&author.id));
        sender::of(&self.ticket, author, acted_as_agent)
    }

    /// What the account's policy wants of an attachment.
    pub(super) fn judge(
        &self,
        policy: &Policy,
        (comment, attachment): (&Comment, &Attachment),
        now: DateTime<Utc>,
    ) -> Verdict {
        let sender = self.sender(comment);
        policy.judge(Candidate { attachment, comment, sender, tags: &self.ticket.tags }, now)
    }

    /// Without what only a run needs: what comments say, and comments without files.
    pub(super) fn without_text(self) -> Self {
        Self { comments: self.comments.without_text(), ..self }
    }
}
