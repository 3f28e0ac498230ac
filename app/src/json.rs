//! JSON as the browser has parsed it, and the reading of `wire`'s types from it. **Invariant:** no parser of its own, no
//! I/O: the browser's `JSON.parse` is already there and weighs nothing.

#[cfg(any(feature = "editor", test))]
pub mod changing;
#[cfg(any(feature = "console", test))]
pub mod complete;
#[cfg(debug_assertions)]
mod place;
mod read;

use std::fmt::{self, Display, Write as _};

pub use read::Read;
#[cfg(any(feature = "console", test))]
pub(crate) use read::objects;
pub(crate) use read::{member, optional};

/// One JSON value.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Json {
    /// `null`, and whatever JSON cannot hold.
    #[default]
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// Any number.
    Number(f64),
    /// A long whole number in its digits, because a double may not hold it exactly; the console's reader alone has it.
    #[cfg(any(feature = "console", test))]
    Whole(String),
    /// A string.
    Text(String),
    /// An array.
    List(Vec<Json>),
    /// An object, in its own order.
    Object(Vec<(String, Json)>),
}

/// The value is not what its reader expects. What was expected, and where, is said in debug builds only: in what ships it would
/// weigh, and the server is ours and tested against `wire`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable(#[cfg(debug_assertions)] String);

#[cfg(debug_assertions)]
impl Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(not(debug_assertions))]
impl Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not the JSON that was expected")
    }
}

impl std::error::Error for Unreadable {}

impl Json {
    /// Reads one of `wire`'s types.
    pub fn read<T: Read>(self) -> Result<T, Unreadable> {
        let unreadable = || {
            Unreadable(
                #[cfg(debug_assertions)]
                place::told::<T>(),
            )
        };
        T::read(self).ok_or_else(unreadable)
    }

    /// The member of an object; `Null` where there is none.
    #[must_use]
    #[inline(never)]
    pub fn take(&mut self, key: &str) -> Json {
        let Json::Object(members) = self else { return Json::Null };
        match members.iter_mut().find(|(name, _)| name == key) {
            Some((_, value)) => std::mem::replace(value, Json::Null),
            None => Json::Null,
        }
    }

    /// The string, if it is one.
    #[must_use]
    pub fn text(self) -> Option<String> {
        if let Json::Text(text) = self { Some(text) } else { None }
    }

    /// An identifier: a whole positive number, or the same in a string.
    #[must_use]
    pub fn id(&self) -> Option<u64> {
        match self {
            Json::Number(number) => whole(*number).filter(|id| *id > 0),
            Json::Text(text) => text.parse().ok().filter(|id| *id > 0),
            _ => None,
        }
    }
}

/// The whole number in a double that holds one exactly; Zendesk's ids stay below 2^53.
fn whole(number: f64) -> Option<u64> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    let exact = (0.0..EXACT).contains(&number) && number.fract() == 0.0;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "checked: whole and within 0..2^53"
    )]
    exact.then_some(number as u64)
}

/// The text as a JSON string, quotes included.
#[must_use]
pub fn quote(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            '\0'..'\u{20}' => {
                // Writing to a string cannot fail.
                let _ = write!(quoted, "\\u{:04x}", u32::from(character));
            }
            _ => quoted.push(character),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
pub(crate) mod tests {
    use serde_json::Value;
    use wire::Card;

    use super::*;

    /// As `JSON.parse` would give it.
    pub(crate) fn parsed(text: &str) -> Json {
        of(serde_json::from_str(text).expect("JSON of a test"))
    }

    pub(crate) fn of(value: Value) -> Json {
        match value {
            Value::Null => Json::Null,
            Value::Bool(value) => Json::Bool(value),
            Value::Number(number) => Json::Number(number.as_f64().expect("a number of a test")),
            Value::String(text) => Json::Text(text),
            Value::Array(items) => Json::List(items.into_iter().map(of).collect()),
            Value::Object(members) => {
                Json::Object(members.into_iter().map(|(key, value)| (key, of(value))).collect())
            }
        }
    }

    #[test]
    fn what_is_not_a_card_is_refused() {
        for text in [
            "null",
            "[]",
            r#"{"contract":3}"#,
            r#"{"contract":{"state":["known"]},"badges":[],"open_tickets":[]}"#,
        ] {
            assert!(parsed(text).read::<Card>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_debug_build_says_what_was_expected_and_where() {
        for (text, expected) in [
            ("null", "expected Card"),
            (r#"{"badges":[]}"#, "expected Contract at contract"),
            (r#"{"contract":{"state":1}}"#, "expected ContractState at contract.state"),
            (r#"{"contract":{"state":"none"},"badges":["vip",3]}"#, "expected BadgeName at badges[1]"),
            (
                r#"{"contract":{"state":"none"},"badges":[],"open_tickets":[{"id":-1}]}"#,
                "expected TicketId at open_tickets[0].id",
            ),
        ] {
            assert_eq!(parsed(text).read::<Card>().expect_err("unreadable").to_string(), expected);
        }
        assert!(parsed("null").read::<Card>().is_err() && parsed("3").read::<u64>() == Ok(3));
    }

    #[test]
    fn quoted_text_survives() {
        for text in ["", "a\"b\\c", "\u{0}\n\u{1f}\u{7f}", "漢字 🐟\u{2028}"] {
            assert_eq!(serde_json::from_str::<String>(&quote(text)).expect("a JSON string"), text);
        }
    }

    #[test]
    fn an_id_is_a_whole_positive_number() {
        for (text, expected) in [
            ("42", Some(42)),
            (r#""42""#, Some(42)),
            ("0", None),
            ("-1", None),
            ("1.5", None),
            ("null", None),
        ] {
            assert_eq!(parsed(text).id(), expected, "{text}");
        }
    }
}
