//! A field of a form: how it is entered, what is wrong with what was typed, and what is sent of it.

use crate::json::{Json, quote};
use crate::model::fault::Fault;

/// A field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// Its name in the server's document, and the id of its element.
    pub name: &'static str,
    /// How it is entered.
    pub kind: Kind,
}

/// How a value is entered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// On or off.
    Switch,
    /// One of these.
    Choice(&'static [&'static str]),
    /// One of the ledger's actions, or any.
    Action(&'static [&'static str]),
    /// One line.
    Text,
    /// One line, with an example while it is empty.
    Example(&'static str),
    /// One line that nobody reads over a shoulder, and that is kept as it is typed.
    Secret,
    /// Several lines.
    Long,
    /// A list, one a line.
    Lines,
    /// A whole number, from here to there.
    Number(u32, u32),
    /// The same, or nothing.
    MaybeNumber(u32, u32),
    /// Digits that are copied from somewhere else.
    Digits,
    /// A ticket's number, or nothing.
    Ticket,
    /// A day like `2026-11-22`, or nothing.
    Day,
}

/// What is wrong with what was typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wrong {
    /// Not a whole number from here to there.
    Range(u32, u32),
    /// Not the number of a ticket.
    Ticket,
    /// The server does not take it.
    Refused(Fault),
}

impl Kind {
    /// What is wrong with it, as far as it can be told without the server.
    #[must_use]
    pub fn wrong(self, typed: &str) -> Option<Wrong> {
        let typed = typed.trim();
        match self {
            Self::MaybeNumber(..) if typed.is_empty() => None,
            Self::Number(least, most) | Self::MaybeNumber(least, most) => {
                let number = typed.parse::<u32>().ok().filter(|number| (least..=most).contains(number));
                number.is_none().then_some(Wrong::Range(least, most))
            }
            Self::Ticket => {
                let number = typed.trim_start_matches('#');
                let is_number = typed.is_empty() || number.parse::<u64>().is_ok_and(|number| number > 0);
                (!is_number).then_some(Wrong::Ticket)
            }
            _ => None,
        }
    }

    /// What is sent of it, as JSON text.
    #[must_use]
    pub fn json(self, typed: Option<&str>) -> String {
        let text = typed.unwrap_or_default();
        match self {
            Self::Switch => typed.is_some().to_string(),
            Self::Lines => {
                let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
                ["[", &lines.map(quote).collect::<Vec<_>>().join(","), "]"].concat()
            }
            // What is not a number is not sent: `wrong` says so.
            Self::Number(..) => text.trim().parse::<u32>().map_or_else(|_| quote(text), |n| n.to_string()),
            Self::Long => quote(text.replace('\r', "").trim()),
            Self::Secret => quote(text),
            _ => quote(text.trim()),
        }
    }
}

/// What a field holds that shows this value; a switch that is on holds `on`.
pub(crate) fn as_typed(value: &Json) -> Option<String> {
    Some(match value {
        Json::Bool(true) => "on".into(),
        Json::Text(text) => text.clone(),
        Json::List(items) => {
            let lines = items.iter().filter_map(|item| item.clone().text());
            lines.collect::<Vec<_>>().join("\n")
        }
        Json::Number(_) | Json::Whole(_) => value.clone().read::<i64>().ok()?.to_string(),
        Json::Bool(false) | Json::Null | Json::Object(_) => return None,
    })
}
