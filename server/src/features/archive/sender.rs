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
        Role::EndUser if author.shared_agent => Sender::Agent,
        Role::EndUser if ticket.requester_id == Some(author.id) => Sender::Customer,
        Role::EndUser if acted_as_agent => Sender::Unknown,
        Role::EndUser if is_copied(ticket, author.id) && author.active => Sender::Customer,
        Role::EndUser | Role::Unknown => Sender::Unknown,
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

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const AUTHOR: u64 = 77;

    /// Who wrote a comment on a ticket with these fields, as a user with these, after this history.
    #[track_caller]
    fn check(ticket: Value, author: Value, history: Value, expected: Sender) {
        let whole = |mut fields: Value, more: Value| {
            fields.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
            fields
        };
        let times =
            json!({"id": 42, "created_at": "2026-11-20T00:00:00Z", "updated_at": "2026-11-20T00:00:00Z"});
        let ticket: Ticket = serde_json::from_value(whole(times, ticket)).expect("a ticket");
        let user = whole(json!({"id": AUTHOR, "role": "end-user", "active": true}), author);
        let user: User = serde_json::from_value(user).expect("a user");
        let history: Vec<Audit> = serde_json::from_value(history).expect("a history");
        let acted =
            agents_by_comments(&ticket, &[]).union(&agents_by_history(&history)).any(|id| id.0 == AUTHOR);
        assert_eq!(of(&ticket, Some(&user), acted), expected, "{ticket:?} {user:?} {history:?}");
    }

    #[test]
    fn a_customer_is_an_end_user_with_a_place_in_the_ticket() {
        let (none, nothing) = (json!({}), json!([]));
        let requested = json!({"requester_id": AUTHOR});
        let copied = json!({"email_cc_ids": [AUTHOR]});
        check(requested.clone(), none.clone(), nothing.clone(), Sender::Customer);
        check(
            requested.clone(),
            json!({"suspended": true, "active": false}),
            nothing.clone(),
            Sender::Customer,
        );
        check(copied.clone(), none.clone(), nothing.clone(), Sender::Customer);
        check(json!({"collaborator_ids": [AUTHOR]}), none.clone(), nothing.clone(), Sender::Customer);
        check(copied, json!({"active": false}), nothing.clone(), Sender::Unknown);
        let follows = json!({"collaborator_ids": [AUTHOR], "follower_ids": [AUTHOR]});
        check(follows, none.clone(), nothing.clone(), Sender::Unknown);
        check(json!({"submitter_id": AUTHOR}), none.clone(), nothing.clone(), Sender::Unknown);
        for role in ["agent", "admin"] {
            check(requested.clone(), json!({"role": role}), nothing.clone(), Sender::Agent);
        }
        check(requested.clone(), json!({"shared_agent": true}), nothing.clone(), Sender::Agent);
        check(requested, json!({"role": "robot"}), nothing, Sender::Unknown);
    }

    #[test]
    fn whoever_acted_as_an_agent_on_the_ticket_is_no_customer_of_it() {
        let copied = || json!({"email_cc_ids": [AUTHOR]});
        let audit = |author: u64, event: Value| json!([{"author_id": author, "via": {"channel": "web"}, "events": [event]}]);
        let change =
            |field: &str, value: Value| json!({"type": "Change", "field_name": field, "value": value});
        for (history, expected) in [
            (audit(1, change("assignee_id", json!(AUTHOR.to_string()))), Sender::Unknown),
            (audit(AUTHOR, change("tags", json!(["vip"]))), Sender::Unknown),
            (audit(AUTHOR, change("group_id", json!("9"))), Sender::Unknown),
            (audit(AUTHOR, change("status", json!("solved"))), Sender::Customer),
            (audit(1, change("tags", json!(["vip"]))), Sender::Customer),
        ] {
            check(copied(), json!({}), history, expected);
        }
        let mut by_rule = change("tags", json!(["vip"]));
        by_rule["via"] = json!({"channel": "rule"});
        check(copied(), json!({}), audit(AUTHOR, by_rule), Sender::Customer);
        let assigned = json!({"email_cc_ids": [AUTHOR], "assignee_id": AUTHOR});
        check(assigned, json!({}), json!([]), Sender::Unknown);
    }

    #[test]
    fn whom_zendesk_does_not_describe_is_unknown() {
        let ticket = json!({"id": 42, "requester_id": AUTHOR, "created_at": "2026-11-20T00:00:00Z",
            "updated_at": "2026-11-20T00:00:00Z"});
        let ticket: Ticket = serde_json::from_value(ticket).expect("a ticket");
        assert_eq!(of(&ticket, None, false), Sender::Unknown);
    }
}
