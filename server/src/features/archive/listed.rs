//! What Zendesk says of a ticket when an attempt at its run begins. **Invariant:** reads, and changes nothing.

use std::collections::BTreeSet;

use super::rules;
use crate::connectors::zendesk::{
    AttachmentId, Comment, Comments, Role, Ticket, TicketId, TicketStatus, UserId, ZendeskClient,
    ZendeskError,
};

/// The tag that Zendesk gives a ticket when it closes it by merging.
const MERGED: &str = "closed_by_merge";

/// A ticket, its comments, and who of their authors is a customer.
pub(super) struct Listed {
    pub(super) ticket: Ticket,
    pub(super) comments: Comments,
    customers: BTreeSet<UserId>,
}

impl Listed {
    /// Two calls; a third where somebody other than the requester sent files, and only if that matters.
    pub(super) async fn read(
        zendesk: &ZendeskClient,
        sent_by_us: bool,
        id: TicketId,
    ) -> Result<Self, ZendeskError> {
        let ticket = zendesk.ticket(id).await?;
        ticket.known_tags()?; // one of them may hold its files
        let comments = zendesk.comments(id).await?;
        let mut customers: BTreeSet<UserId> = ticket.requester_id.into_iter().collect();
        let others: BTreeSet<UserId> = rules::wanted(&comments, None)
            .filter(|(comment, _)| comment.public)
            .filter_map(|(comment, _)| comment.author_id)
            .filter(|author| !customers.contains(author))
            .collect();
        if !sent_by_us && !others.is_empty() {
            let others: Vec<UserId> = others.into_iter().collect();
            let users = zendesk.users(&others).await?;
            customers.extend(users.iter().filter(|user| user.role == Role::EndUser).map(|user| user.id));
        }
        Ok(Self { ticket, comments, customers })
    }

    /// Whether a file that a run is asked for (`only`; `None`: every file) is listed and cannot be read.
    pub(super) fn hides(&self, only: Option<&[u64]>) -> bool {
        let is_hidden = |id: &u64| {
            let id = AttachmentId(*id);
            rules::find(&self.comments, id).is_none() && self.comments.may_hide(id)
        };
        match only {
            None => self.comments.unreadable().next().is_some(),
            Some(ids) => ids.iter().any(is_hidden),
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

    /// Whether a customer wrote it; who is not known to be one is none.
    pub(super) fn is_from_customer(&self, comment: &Comment) -> bool {
        comment.author_id.is_some_and(|author| self.customers.contains(&author))
    }
}
