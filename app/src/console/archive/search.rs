//! What an admin searches the ledger for: the form's fields, and the request that they become.

use wire::LedgerAction;

use crate::console::form::{Field, Kind};
use crate::model::dates::{date, day};

/// The form's id.
pub const FORM: &str = "ledger-search";
/// Its fields, in [`Search`]'s order.
pub const FIELDS: [Field; 5] = [
    Field { name: "ticket", kind: Kind::Ticket },
    Field { name: "action", kind: Kind::Action(LedgerAction::ALL) },
    Field { name: "actor", kind: Kind::Example("agent:77") },
    Field { name: "since", kind: Kind::Day },
    Field { name: "until", kind: Kind::Day },
];

/// What an admin searches for, as it was typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Search {
    /// A ticket's number.
    pub ticket: String,
    /// What was done, such as `redacted`.
    pub action: String,
    /// Who did it, such as `agent:77`.
    pub actor: String,
    /// The first day, UTC.
    pub since: String,
    /// The last day, UTC; itself too.
    pub until: String,
}

impl Search {
    /// Whether anything is looked for in particular.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// From the form's fields, in their order.
    #[must_use]
    pub fn of(typed: Vec<Option<String>>) -> Self {
        let mut typed = typed.into_iter().map(Option::unwrap_or_default);
        let mut next = || typed.next().unwrap_or_default();
        let (ticket, action, actor) = (next(), next(), next());
        Self { ticket, action, actor, since: next(), until: next() }
    }

    /// What a field holds.
    #[must_use]
    pub fn value(&self, name: &str) -> &str {
        match name {
            "ticket" => &self.ticket,
            "action" => &self.action,
            "actor" => &self.actor,
            "since" => &self.since,
            _ => &self.until,
        }
    }

    /// Where the rows are that follow `before`.
    pub(super) fn path(&self, before: Option<u64>) -> String {
        // The server's `until` is the first moment that is too late.
        let until = day(&self.until).map_or_else(|| self.until.clone(), |day| date(day + 1));
        let before = before.map(|seq| seq.to_string()).unwrap_or_default();
        let wanted = [
            ("ticket", self.ticket.trim().trim_start_matches('#')),
            ("action", self.action.as_str()),
            ("actor", self.actor.trim()),
            ("since", self.since.as_str()),
            ("until", until.as_str()),
            ("before", before.as_str()),
        ];
        let mut path = "/api/ledger".to_owned();
        for (name, value) in wanted.into_iter().filter(|(_, value)| !value.is_empty()) {
            path.push(if path.contains('?') { '&' } else { '?' });
            path += name;
            path.push('=');
            encode(value, &mut path);
        }
        path
    }
}

/// As a query's value. Source: RFC 3986, 2.3.
fn encode(value: &str, into: &mut String) {
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            into.push(char::from(byte));
        } else {
            const HEX: &[u8; 16] = b"0123456789ABCDEF";
            into.extend(['%', HEX[usize::from(byte >> 4)].into(), HEX[usize::from(byte & 15)].into()]);
        }
    }
}
