//! Who sent a file: the ticket's customer, or somebody of the company. What an agent sent, the customer would lose.
//! **Invariant:** no I/O; a user's role today does not say what they were when they wrote, so in doubt the sender is unknown.

use std::collections::BTreeSet;

use wire::Sender;

use crate::connectors::zendesk::{Audit, Comment, Role, Ticket, User, UserId};

/// Who wrote a comment. A customer is an end user who requested the ticket, or who is copied on it and never acted on it as
/// an agent does.
pub(super) fn of(ticket: &Ticket, author: Option<&User>, acted_as_agent: bool) -> Sender {
    let Some(author) = author else { return Sender::Unknown };
    match author.role {
        Role::Agent | Role::Admin => Sender::Agent,
        Role::Unknown => Sender::Unknown,
        Role::EndUser if author.shared_agent => Sender::Agent,
        Role::EndUser if ticket.requester_id == Some(author.id) => Sender::Customer,
        Role::EndUser if acted_as_agent => Sender::Unknown,
        Role::EndUser if is_copied(ticket, author.id) && author.active => Sender::Customer,
        Role::EndUser => Sender::Unknown,
    }
}

/// Whether a user is copied on the ticket as customers are: agents follow.
pub(super) fn is_copied(ticket: &Ticket, user: UserId) -> bool {
    let copied = ticket.email_cc_ids.iter().chain(&ticket.collaborator_ids).any(|id| *id == user);
    copied && !ticket.follower_ids.contains(&user)
}

/// Users who did what only agents can: wrote an internal comment, or have the ticket assigned.
pub(super) fn agents_by_comments(ticket: &Ticket, comments: &[Comment]) -> BTreeSet<UserId> {
    let internal = comments.iter().filter(|comment| !comment.public).filter_map(|comment| comment.author_id);
    internal.chain(ticket.assignee_id).collect()
}

/// Users who did what only agents can, by the ticket's history: had it assigned, or changed its assignee, group or tags.
pub(super) fn agents_by_history(audits: &[Audit]) -> BTreeSet<UserId> {
    let mut agents = BTreeSet::new();
    for audit in audits {
        for event in &audit.events {
            let field = event.field_name.as_deref().unwrap_or_default();
            if field == "assignee_id" {
                agents.extend([&event.value, &event.previous_value].into_iter().filter_map(user_in));
            }
            let by_rule = event.via.as_ref().unwrap_or(&audit.via).channel == "rule";
            if event.kind == "Change" && !by_rule && ["assignee_id", "group_id", "tags"].contains(&field) {
                agents.extend(audit.author_id);
            }
        }
    }
    agents
}

/// Zendesk writes ids of histories as text, or as numbers.
fn user_in(value: &serde_json::Value) -> Option<UserId> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok()).map(UserId)
}
