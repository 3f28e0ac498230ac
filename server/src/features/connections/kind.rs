//! Which vendors an account can be connected with: a row of [`KINDS`] for each.

use std::fmt;

use clap::{ValueEnum, builder::PossibleValue};

use super::{
    ConnectionError,
    kinds::{KeptKind, OauthKind, database, report, salesforce, zendesk},
};

/// Every kind. Those of the first rows have connections that admins make, and are registered here alone.
static KINDS: [Kind; 8] = [
    kept("zendesk", &zendesk::ZendeskKind),
    kept("salesforce", &salesforce::SalesforceKind),
    kept("mysql", &database::MYSQL),
    kept("postgres", &database::POSTGRES),
    kept("report", &report::ReportKind),
    in_file("twilio"),
    in_file("objects"),
    in_file("notify"),
];

const fn kept(word: &'static str, kept: &'static dyn KeptKind) -> Kind {
    Kind { word, kept: Some(kept) }
}

const fn in_file(word: &'static str) -> Kind {
    Kind { word, kept: None }
}

/// A kind of vendor.
#[derive(Clone, Copy)]
pub struct Kind {
    word: &'static str,
    /// Absent: its connections are set in the settings file alone.
    kept: Option<&'static dyn KeptKind>,
}

impl Kind {
    /// As it is kept.
    pub const fn as_str(self) -> &'static str {
        self.word
    }

    /// From its word.
    pub fn read(word: &str) -> Option<Self> {
        KINDS.into_iter().find(|kind| kind.word == word)
    }

    /// One whose connections can be kept in the database.
    pub(super) fn read_kept(word: &str) -> Result<Self, ConnectionError> {
        let kind = Self::read(word).filter(|kind| kind.kept.is_some());
        kind.ok_or_else(|| Self::must_be(|kind| kind.kept.is_some()))
    }

    /// One whose vendor asks for consent.
    pub(super) fn read_oauth(word: &str) -> Result<Self, ConnectionError> {
        let kind = Self::read(word).filter(|kind| kind.oauth().is_some());
        kind.ok_or_else(|| Self::must_be(|kind| kind.oauth().is_some()))
    }

    fn must_be(fits: impl Fn(&Self) -> bool) -> ConnectionError {
        let words: Vec<_> = KINDS.into_iter().filter(fits).map(Self::as_str).collect();
        let (last, others) = words.split_last().expect("there are some");
        ConnectionError::invalid("kind", format!("must be {} or {last}", others.join(", ")))
    }

    /// What is known of its connections in the database.
    pub(super) fn kept(self) -> Result<&'static dyn KeptKind, ConnectionError> {
        self.kept.ok_or(ConnectionError::FileOnly(self.word))
    }

    /// What is known of its consent, where the vendor asks for one.
    pub(super) fn oauth(self) -> Option<&'static dyn OauthKind> {
        self.kept?.oauth()
    }
}

impl PartialEq for Kind {
    fn eq(&self, other: &Self) -> bool {
        self.word == other.word
    }
}

impl Eq for Kind {}

impl fmt::Debug for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word)
    }
}

/// On the command line.
impl ValueEnum for Kind {
    fn value_variants<'a>() -> &'a [Self] {
        &KINDS
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.word))
    }
}
