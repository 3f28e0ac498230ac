//! Zendesk's search language, as far as callers use it: `key:value`, `key>value`, quotes, `-`, free words.
//! **Invariant:** no I/O; terms of one key are alternatives, different keys must all hold.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};

use super::record::{Status, Ticket, User};
use crate::state::Account;

/// One part of a query.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Term {
    key: String,
    op: char,
    value: String,
    not: bool,
}

/// A query, taken apart.
#[derive(Debug, Clone, Default)]
pub(crate) struct Query(Vec<Term>);

impl Query {
    pub(crate) fn parse(text: &str) -> Self {
        Self(pieces(text).into_iter().filter_map(|piece| Term::parse(&piece)).collect())
    }

    /// The value of `type:`, if it is given.
    pub(crate) fn kind(&self) -> Option<&str> {
        self.0.iter().find(|term| term.key == "type").map(|term| term.value.as_str())
    }

    pub(crate) fn matches_user(&self, user: &User, account: &Account) -> bool {
        self.holds(|term| term.of_user(user, account))
    }

    pub(crate) fn matches_ticket(&self, ticket: &Ticket, account: &Account) -> bool {
        self.holds(|term| term.of_ticket(ticket, account))
    }

    fn holds(&self, mut test: impl FnMut(&Term) -> bool) -> bool {
        let mut groups: BTreeMap<(String, bool, char), bool> = BTreeMap::new();
        for (at, term) in self.0.iter().enumerate().filter(|(_, term)| term.key != "type") {
            // Free words must all be there; so must each bound and each negation.
            let alone = term.key.is_empty() || term.op != ':' || term.not;
            let key = if alone { format!("{}#{at}", term.key) } else { term.key.clone() };
            *groups.entry((key, term.not, term.op)).or_default() |= test(term) != term.not;
        }
        groups.values().all(|held| *held)
    }
}

impl Term {
    fn parse(piece: &str) -> Option<Self> {
        let (not, piece) = piece.strip_prefix('-').map_or((false, piece), |rest| (true, rest));
        let quoted = piece.starts_with('"');
        let split = (!quoted).then(|| piece.find([':', '<', '>'])).flatten().filter(|at| *at > 0);
        let (key, op, value) = match split {
            Some(at) => {
                let op = piece[at..].chars().next()?;
                let rest = &piece[at + 1..];
                (piece[..at].to_lowercase(), op, rest.strip_prefix('=').unwrap_or(rest))
            }
            None => (String::new(), ':', piece),
        };
        let value = value.trim_matches('"').to_owned();
        (!value.is_empty()).then_some(Self { key, op, value, not })
    }

    fn of_user(&self, user: &User, account: &Account) -> bool {
        let value = self.value.to_lowercase();
        let has = |text: Option<&str>| text.is_some_and(|text| text.to_lowercase().contains(&value));
        let is = |text: Option<&str>| text.is_some_and(|text| text.eq_ignore_ascii_case(&value));
        match self.key.as_str() {
            "" => {
                has(Some(&user.name))
                    || has(user.notes.as_deref())
                    || has(user.details.as_deref())
                    || is(user.external_id.as_deref())
                    || user.identities.iter().any(|identity| has(Some(&identity.value)))
                    || user.phone.as_deref().is_some_and(|phone| same_phone(phone, &value))
            }
            "name" => value.split_whitespace().all(|word| user.name.to_lowercase().contains(word)),
            "email" => match value.strip_suffix('*') {
                Some(prefix) => {
                    user.identities.iter().any(|identity| identity.value.to_lowercase().starts_with(prefix))
                }
                None => user.has_email(&value),
            },
            "phone" => {
                user.phone.as_deref().is_some_and(|phone| same_phone(phone, &value))
                    || user
                        .identities
                        .iter()
                        .any(|known| known.kind == "phone_number" && same_phone(&known.value, &value))
            }
            "role" => is(Some(user.role.name())),
            "external_id" => is(user.external_id.as_deref()),
            "tags" => user.tags.iter().any(|tag| tag.eq_ignore_ascii_case(&value)),
            "suspended" | "is_suspended" => is(Some(if user.suspended { "true" } else { "false" })),
            "organization" => organization_is(account, user.organization_id, &value),
            "created" | "created_at" => self.of_time(user.created_at),
            "updated" | "updated_at" => self.of_time(user.updated_at),
            key => user.user_fields.get(key).is_some_and(|known| match known {
                serde_json::Value::String(text) => text.eq_ignore_ascii_case(&value),
                other => other.as_f64().is_some_and(|known| value.parse() == Ok(known)),
            }),
        }
    }

    fn of_ticket(&self, ticket: &Ticket, account: &Account) -> bool {
        let value = self.value.to_lowercase();
        let person = |id: Option<u64>| match (id.and_then(|id| account.users.get(&id)), value.as_str()) {
            (found, "none") => found.is_none(),
            (Some(user), _) => {
                value.parse() == Ok(user.id) || user.has_email(&value) || user.name.to_lowercase() == value
            }
            (None, _) => false,
        };
        match self.key.as_str() {
            "" => {
                ticket.subject.to_lowercase().contains(&value)
                    || ticket.id.to_string() == value
                    || ticket.comments.iter().any(|comment| comment.body.to_lowercase().contains(&value))
            }
            "status" => Status::parse(&value).is_some_and(|wanted| match self.op {
                '<' => ticket.status < wanted,
                '>' => ticket.status > wanted,
                _ => ticket.status == wanted,
            }),
            "requester" => person(Some(ticket.requester_id)),
            "assignee" => person(ticket.assignee_id),
            "submitter" => person(Some(ticket.submitter_id)),
            "tags" => match value.as_str() {
                "none" => ticket.tags.is_empty(),
                _ => ticket.tags.iter().any(|tag| value.split_whitespace().any(|wanted| tag == wanted)),
            },
            "subject" => ticket.subject.to_lowercase().contains(value.trim_matches('*')),
            "external_id" => {
                ticket.external_id.as_deref().is_some_and(|known| known.eq_ignore_ascii_case(&value))
            }
            "priority" => ticket.priority.as_deref().unwrap_or("none") == value,
            "ticket_type" => ticket.kind.as_deref().unwrap_or("none") == value,
            "via" => ticket.channel == value,
            "organization" => organization_is(account, ticket.organization_id, &value),
            "group" => ticket.group_id.is_some_and(|id| id.to_string() == value),
            "created" | "created_at" => self.of_time(ticket.created_at),
            "updated" | "updated_at" => self.of_time(ticket.updated_at),
            "has_attachment" => (ticket.attachment_ids().count() > 0) == (value == "true"),
            key => key.strip_prefix("custom_field_").and_then(|id| id.parse().ok()).is_some_and(|id: u64| {
                ticket
                    .custom_fields
                    .iter()
                    .any(|(known, field)| *known == id && field.as_str() == Some(&value))
            }),
        }
    }

    fn of_time(&self, time: DateTime<Utc>) -> bool {
        let at = self.value.parse::<DateTime<Utc>>().ok();
        let day = self.value.parse::<NaiveDate>().ok();
        match (at, day, self.op) {
            (Some(at), _, '<') => time <= at,
            (Some(at), _, '>') => time >= at,
            (Some(at), ..) => time == at,
            (None, Some(day), '<') => time.date_naive() < day,
            (None, Some(day), '>') => time.date_naive() >= day,
            (None, Some(day), _) => time.date_naive() == day,
            (None, None, _) => false,
        }
    }
}

fn organization_is(account: &Account, id: Option<u64>, value: &str) -> bool {
    let Some(id) = id else { return value == "none" };
    let name = account.organizations.get(&id).and_then(|organization| organization["name"].as_str());
    id.to_string() == value || name.is_some_and(|name| name.to_lowercase() == value)
}

/// Phone numbers are compared by their digits; a leading `+` is nothing.
fn same_phone(left: &str, right: &str) -> bool {
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    let (left, right) = (digits(left), digits(right));
    !right.is_empty() && left == right
}

/// Splits at blanks outside quotes.
fn pieces(text: &str) -> Vec<String> {
    let (mut pieces, mut quoted) = (vec![String::new()], false);
    for letter in text.chars() {
        match letter {
            '"' => {
                quoted = !quoted;
                pieces.last_mut().expect("there is always a piece").push(letter);
            }
            ' ' if !quoted => pieces.push(String::new()),
            _ => pieces.last_mut().expect("there is always a piece").push(letter),
        }
    }
    pieces.retain(|piece| !piece.is_empty());
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::zendesk::record::Identity;

    #[track_caller]
    fn check(query: &str, found: bool) {
        let now = "2026-11-22T09:00:00Z".parse().unwrap();
        let mut user = User::new(7, "佐藤 花子", now);
        user.phone = Some("+81 50-1234-0042".into());
        user.external_id = Some("CRM-7".into());
        user.tags = vec!["vip".into()];
        user.identities.push(Identity {
            id: 1,
            kind: "email",
            value: "hanako.sato@example.com".into(),
            verified: true,
            primary: true,
            created_at: now,
        });
        assert_eq!(Query::parse(query).matches_user(&user, &Account::empty()), found, "{query}");
    }

    #[test]
    fn users_are_found_as_zendesk_finds_them() {
        check("email:hanako.sato@example.com", true);
        check("email:\"Hanako.Sato@example.com\"", true);
        check("email:sato@example.com", false);
        check("hanako.sato@example.com", true);
        check("phone:+815012340042", true);
        check("phone:\"+81 50 1234 0042\"", true);
        check("phone:+815012340043", false);
        check("role:end-user 佐藤", true);
        check("role:agent", false);
        check("role:agent role:end-user", true);
        check("-role:agent", true);
        check("external_id:crm-7", true);
        check("tags:vip created>2026-11-01", true);
        check("created<2026-11-01", false);
        check("\"佐藤 花子\"", true);
        check("type:user", true);
    }
}
