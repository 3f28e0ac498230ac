//! Takes typed values out of the layers and collects everything that is wrong or missing, so that the operator reads it
//! all at once. Returns a stand-in for what is wrong: [`Reader::finish`] tells, and nothing of it is used before.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::str::FromStr;

use secrecy::SecretString;
use toml::Value;
use url::Url;

use super::error::{ConfigError, InvalidKey, MissingKey};
use super::layers::{Entry, Layers};
use crate::connectors::zendesk::stored_tag;

/// Where nothing usable was set; never leaves this folder.
const STAND_IN: &str = "https://not-set.invalid";

const NO_TAG: &str =
    "is no tag that Zendesk could store: a tag is one word of letters, digits, `-`, `_`, `:` and `/`";

pub(super) struct Reader<'a> {
    layers: &'a Layers,
    missing: Vec<MissingKey>,
    invalid: Vec<InvalidKey>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(layers: &'a Layers) -> Self {
        Self { layers, missing: Vec::new(), invalid: Vec::new() }
    }

    /// The value, or everything that is wrong.
    pub(super) fn finish<T>(self, value: T) -> Result<T, ConfigError> {
        match (self.invalid.is_empty(), self.missing.is_empty()) {
            (true, true) => Ok(value),
            (true, false) => Err(ConfigError::Missing(self.missing)),
            (false, _) => Err(ConfigError::Invalid(self.invalid)),
        }
    }

    fn entry(&self, key: &str) -> &'a Entry {
        self.layers.get(key).expect("every key read here is in the manual, and a test reads them all")
    }

    pub(super) fn refuse(&mut self, key: &str, problem: impl Display) {
        let origin = self.entry(key).origin.clone();
        self.invalid.push(InvalidKey { key: key.to_owned(), origin, problem: problem.to_string() });
    }

    pub(super) fn missing(&mut self, key: &'static str, purpose: &'static str) {
        self.missing.push(MissingKey { key, purpose });
    }

    /// Text that may be empty.
    pub(super) fn text(&mut self, key: &str) -> String {
        if let Value::String(text) = &self.entry(key).value {
            text.trim().to_owned()
        } else {
            self.refuse(key, "must be text in quotes");
            String::new()
        }
    }

    /// Text; empty is not set.
    pub(super) fn optional(&mut self, key: &str) -> Option<String> {
        Some(self.text(key)).filter(|text| !text.is_empty())
    }

    /// Text that must not be empty.
    pub(super) fn filled(&mut self, key: &str) -> String {
        let text = self.text(key);
        if text.is_empty() && matches!(self.entry(key).value, Value::String(_)) {
            self.refuse(key, "must not be empty");
        }
        text
    }

    pub(super) fn required(&mut self, key: &'static str, purpose: &'static str) -> String {
        let is_text = matches!(self.entry(key).value, Value::String(_));
        let text = self.text(key);
        if is_text && text.is_empty() {
            self.missing(key, purpose);
        }
        text
    }

    pub(super) fn secret(&mut self, key: &str) -> Option<SecretString> {
        self.optional(key).map(SecretString::from)
    }

    pub(super) fn required_secret(&mut self, key: &'static str, purpose: &'static str) -> SecretString {
        self.required(key, purpose).into()
    }

    /// An `https` or `http` address without user name, query or fragment.
    pub(super) fn url(&mut self, key: &str) -> Option<Url> {
        let text = self.optional(key)?;
        let parsed =
            Url::parse(&text).ok().filter(|url| matches!(url.scheme(), "https" | "http") && url.has_host());
        let Some(url) = parsed else {
            self.refuse(key, "must be an address like https://example.com");
            return None;
        };
        if !url.username().is_empty()
            || url.password().is_some()
            || url.query().is_some()
            || url.fragment().is_some()
        {
            self.refuse(key, "must be an address without user name, password, `?` and `#`");
            return None;
        }
        Some(url)
    }

    /// The same where it cannot be absent.
    pub(super) fn url_or(&mut self, key: &str, default: &str) -> Url {
        let before = self.invalid.len();
        match self.url(key) {
            Some(url) => url,
            None if self.invalid.len() > before => stand_in(),
            None => Url::parse(default).unwrap_or_else(|_| stand_in()),
        }
    }

    pub(super) fn required_url(&mut self, key: &'static str, purpose: &'static str) -> Url {
        if self.entry(key).value.as_str().is_some_and(|text| text.trim().is_empty()) {
            self.missing(key, purpose);
        }
        self.url_or(key, STAND_IN)
    }

    /// A whole number between two others, both allowed.
    pub(super) fn number<T: TryFrom<i64>>(&mut self, key: &str, least: i64, most: i64) -> T {
        let number = self.entry(key).value.as_integer().filter(|number| (least..=most).contains(number));
        if let Some(number) = number.and_then(|number| T::try_from(number).ok()) {
            return number;
        }
        self.refuse(key, format_args!("must be a whole number from {least} to {most}"));
        T::try_from(least).unwrap_or_else(|_| unreachable!("every range begins inside its type"))
    }

    /// Numbers have no empty; zero says it where the manual says so.
    pub(super) fn is_zero(&self, key: &str) -> bool {
        self.entry(key).value.as_integer() == Some(0)
    }

    /// A finite number, zero or above.
    pub(super) fn amount(&mut self, key: &str) -> f64 {
        let amount = match &self.entry(key).value {
            #[expect(clippy::cast_precision_loss, reason = "amounts of money are far below 2^53")]
            Value::Integer(number) => Some(*number as f64),
            Value::Float(number) => Some(*number),
            _ => None,
        };
        amount.filter(|amount| amount.is_finite() && *amount >= 0.0).unwrap_or_else(|| {
            self.refuse(key, "must be a number, zero or above");
            0.0
        })
    }

    pub(super) fn flag(&mut self, key: &str) -> bool {
        self.entry(key).value.as_bool().unwrap_or_else(|| {
            self.refuse(key, "must be true or false");
            false
        })
    }

    /// A list of texts.
    pub(super) fn list(&mut self, key: &str) -> Vec<String> {
        let items = self.entry(key).value.as_array().and_then(|items| {
            items.iter().map(|item| Some(item.as_str()?.trim().to_owned())).collect::<Option<Vec<_>>>()
        });
        match items {
            Some(items) if items.iter().all(|item| !item.is_empty()) => items,
            _ => {
                self.refuse(key, "must be a list of texts, like [\"one\", \"two\"]");
                Vec::new()
            }
        }
    }

    /// A list of tags, as Zendesk stores them.
    pub(super) fn tags(&mut self, key: &str) -> Vec<String> {
        let texts = self.list(key);
        let tags: Option<Vec<_>> = texts.iter().map(|text| stored_tag(text)).collect();
        tags.unwrap_or_else(|| {
            self.refuse(key, NO_TAG);
            Vec::new()
        })
    }

    /// A tag as Zendesk stores it; empty is not set.
    pub(super) fn tag(&mut self, key: &str) -> Option<String> {
        let text = self.optional(key)?;
        let tag = stored_tag(&text);
        if tag.is_none() {
            self.refuse(key, NO_TAG);
        }
        tag
    }

    /// Lists of texts, each under its name; in the environment as TOML writes them in one line.
    pub(super) fn lists(&mut self, key: &str) -> BTreeMap<String, Vec<String>> {
        let inline = match &self.entry(key).value {
            Value::String(text) => format!("lists = {text}").parse::<toml::Table>().ok(),
            Value::Table(table) => {
                Some([("lists".to_owned(), Value::Table(table.clone()))].into_iter().collect())
            }
            _ => None,
        };
        let texts = |value: Value| {
            let items = value.as_array()?.iter();
            items.map(|item| Some(item.as_str()?.trim().to_owned())).collect::<Option<Vec<_>>>()
        };
        let lists = inline.and_then(|mut table| match table.remove("lists")? {
            Value::Table(table) => {
                table.into_iter().map(|(name, value)| Some((name, texts(value)?))).collect::<Option<_>>()
            }
            _ => None,
        });
        lists.unwrap_or_else(|| {
            self.refuse(key, "must be lists of texts by their names, like { one = [\"a\", \"b\"] }");
            BTreeMap::new()
        })
    }

    /// Anything with a text form. The parser's own error may quote the value, so `expected` speaks instead.
    pub(super) fn parsed<T: FromStr>(&mut self, key: &str, expected: &str, stand_in: T) -> T {
        let text = self.text(key);
        text.parse().unwrap_or_else(|_| {
            self.refuse(key, format_args!("must be {expected}"));
            stand_in
        })
    }
}

fn stand_in() -> Url {
    Url::parse(STAND_IN).expect("a constant that a test parses")
}
