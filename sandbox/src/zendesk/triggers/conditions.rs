//! Whether a trigger's conditions hold for a ticket that was just written. Facts: a ticket without an organization fulfils no condition on
//! organizations; "changed" compares with the ticket before the update, and a new ticket changed whatever it has; all of `all` and, where
//! there are any, one of `any`. **Invariant:** nothing is changed here.

use serde_json::Value;

use super::{
    check::scalar,
    definitions::{CHANNELS, PRIORITIES, role_number},
    values::{self, Here, is_nothing},
};
use crate::{
    state::Account,
    zendesk::{
        fields::Fields,
        input::words_in,
        record::{Properties, Role, Status, Ticket},
        schema::{BRAND, FORM},
        ticket_change::Change,
    },
};

/// A ticket after a write.
#[derive(Debug, Clone, Copy)]
pub(super) struct Written<'a> {
    pub(super) account: &'a Account,
    pub(super) ticket: &'a Ticket,
    pub(super) change: &'a Change,
    pub(super) here: Here,
}

impl Written<'_> {
    /// Whether a trigger fires.
    pub(super) fn fulfils(self, conditions: &Value) -> bool {
        let rows = |kind: &str| conditions[kind].as_array().map(Vec::as_slice).unwrap_or_default();
        let any = rows("any");
        rows("all").iter().all(|row| self.condition(row))
            && (any.is_empty() || any.iter().any(|row| self.condition(row)))
    }

    fn condition(self, row: &Value) -> bool {
        let subject = row["field"].as_str().unwrap_or_default();
        let operator = row["operator"].as_str().unwrap_or_default();
        let wanted = scalar(&row["value"]).unwrap_or_default();
        let is = |holds: bool| holds == (operator == "is");
        let (ticket, change) = (self.ticket, self.change);
        if let Some((of, key)) = subject.split_once(".custom_fields.") {
            return self.field(of, key, operator, &wanted);
        }
        match subject {
            "current_tags" => {
                let has = words_in(&row["value"]).iter().any(|tag| ticket.tags.contains(&tag.to_lowercase()));
                has == (operator == "includes")
            }
            "update_type" => (wanted == "Create") == change.create,
            "role" => {
                let role = self.account.users.get(&change.author_id).map(|user| user.role);
                is(match wanted.as_str() {
                    "agent" => role.is_some_and(|role| role != Role::EndUser),
                    "end_user" => role.is_none_or(|role| role == Role::EndUser),
                    id => id == change.author_id.to_string(),
                })
            }
            "requester_role" => {
                let requester = self.account.users.get(&ticket.requester_id);
                is(requester.is_some_and(|user| role_number(user.role) == wanted))
            }
            "comment_is_public" => match wanted.as_str() {
                "not_relevant" => change.comment_public.is_some(),
                "requester_can_see_comment" => change.comment_public == Some(true),
                said => change.comment_public == Some(said == "true"),
            },
            "ticket_is_public" => (wanted == "public") == ticket.is_public(),
            "via_id" => is(channel_number(ticket.channel) == Some(wanted.as_str())),
            "current_via_id" => is(channel_number(change.channel) == Some(wanted.as_str())),
            "subject_includes_word" => string(&ticket.subject, operator, &wanted),
            "comment_includes_word" => {
                let comment = ticket.comments.iter().find(|comment| comment.audit_id == change.audit_id);
                string(comment.map(|comment| comment.body.as_str()).unwrap_or_default(), operator, &wanted)
            }
            "brand_id" => constant(change, operator, wanted == BRAND.to_string()),
            "ticket_form_id" => constant(change, operator, wanted == FORM.to_string()),
            _ => self.property(subject, operator, &wanted),
        }
    }

    /// A property of the ticket that may have changed.
    fn property(self, subject: &str, operator: &str, wanted: &str) -> bool {
        let (ticket, change) = (self.ticket, self.change);
        let wanted = match wanted {
            "current_user" => Some(change.author_id.to_string()),
            "requester_id" => Some(ticket.requester_id.to_string()),
            "assignee_id" => ticket.assignee_id.map(|id| id.to_string()),
            nothing if is_nothing(nothing) => None,
            value => Some(value.to_owned()),
        };
        let now = Properties::of(ticket).text(subject);
        let before = change.before.as_ref().map(|before| before.text(subject));
        let changed = before.as_ref().map_or(now.is_some(), |before| *before != now);
        match operator {
            "is" => now == wanted,
            "is_not" => now != wanted,
            "less_than" => rank(subject, now.as_deref()) < rank(subject, wanted.as_deref()),
            "greater_than" => rank(subject, now.as_deref()) > rank(subject, wanted.as_deref()),
            "changed" => changed,
            "not_changed" => !changed,
            "value" => changed && now == wanted,
            "not_value" => !(changed && now == wanted),
            "value_previous" => changed && before == Some(wanted),
            "not_value_previous" => !(changed && before == Some(wanted)),
            _ => false,
        }
    }

    /// A field of the requester, or of the ticket's organization.
    fn field(self, of: &str, key: &str, operator: &str, wanted: &str) -> bool {
        let account = self.account;
        let (fields, values): (&Fields, Option<&Value>) = if of == "requester" {
            let user = account.users.get(&self.ticket.requester_id);
            let value = user.and_then(|user| {
                user.user_fields.iter().find(|(known, _)| known.to_lowercase() == key).map(|(_, value)| value)
            });
            (&account.user_fields, Some(value.unwrap_or(&Value::Null)))
        } else {
            let row = self.ticket.organization_id.and_then(|id| account.organizations.get(&id));
            let values = row.map(|row| row["organization_fields"].as_object());
            let value = values.map(|values| {
                let mut all = values.into_iter().flatten();
                all.find(|(known, _)| known.to_lowercase() == key).map_or(&Value::Null, |(_, value)| value)
            });
            (&account.organization_fields, value)
        };
        let field = fields.values().find(|field| {
            field["active"] == true && field["key"].as_str().is_some_and(|known| known.to_lowercase() == key)
        });
        match (field, values) {
            (Some(field), Some(value)) => values::holds(field, value, operator, wanted, self.here),
            _ => false, // the field is gone, or there is no organization
        }
    }
}

/// What every ticket has and nobody changes; a new ticket got it now.
fn constant(change: &Change, operator: &str, same: bool) -> bool {
    match operator {
        "is" => same,
        "is_not" => !same,
        "changed" => change.create,
        "value" => change.create && same,
        "not_changed" => !change.create,
        "not_value" => !(change.create && same),
        "not_value_previous" => true,
        _ => false,
    }
}

/// `is` and `is_not` of texts look for the whole string.
fn string(text: &str, operator: &str, wanted: &str) -> bool {
    let operator = match operator {
        "includes" => "includes_words",
        "not_includes" => "not_includes_words",
        "is" => "includes_string",
        _ => "not_includes_string",
    };
    values::text(text, operator, wanted)
}

fn rank(subject: &str, value: Option<&str>) -> usize {
    let Some(value) = value else { return 0 };
    let place = if subject == "status" {
        Status::ALL.iter().position(|status| status.name() == value)
    } else {
        PRIORITIES.iter().position(|(name, _)| *name == value)
    };
    place.map_or(0, |place| place + 1)
}

fn channel_number(channel: &str) -> Option<&'static str> {
    CHANNELS.iter().find(|(name, ..)| *name == channel).map(|(_, number, _)| *number)
}
