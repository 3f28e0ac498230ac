//! What the server says of connections, as far as it is shown: types of `wire` where all of them is.

use crate::console::form::field::as_typed;
use crate::json::{Json, Read, objects};

/// The connections, and what is to be known to change them.
#[derive(Debug, Default, PartialEq)]
pub struct Listing {
    pub connections: Vec<Row>,
    pub may_edit: bool,
    pub callback_url: String,
    pub keeps_secrets: bool,
}

/// One connection.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    pub id: String,
    pub kind: String,
    pub name: String,
    pub environment: String,
    pub state: Option<String>,
    pub problem: Option<wire::ConnectionProblem>,
    pub checked_at: Option<String>,
    pub in_file: bool,
    pub detail: String,
    pub settings: Values,
    pub version: u64,
    pub used_by: Vec<String>,
}

impl Row {
    /// Whether nothing is kept that could be used again: it was disconnected, or its secret does not open.
    pub fn needs_secret(&self) -> bool {
        let is_locked = self.problem.as_ref().is_some_and(|problem| problem.code == "secret_locked");
        is_locked || self.state.as_deref() == Some("disconnected")
    }
}

/// A connection as it is now, and its test.
#[derive(Debug, PartialEq)]
pub struct Saved {
    pub connection: Row,
    pub test: Option<wire::ConnectionTest>,
}

/// What came of an end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    pub hint: Option<String>,
}

/// How a consent stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authorization {
    pub state: String,
    pub organization: String,
    pub user: String,
    pub problem: Option<wire::ConnectionProblem>,
}

/// The settings of a connection, as a form's fields hold them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Values(Vec<(String, String)>);

impl Values {
    /// What a field holds.
    pub fn of(&self, name: &str) -> Option<String> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone())
    }
}

impl Read for Values {
    fn part(json: Json, _: &mut bool) -> Self {
        let Json::Object(members) = json else { return Self::default() };
        let typed = members.into_iter().filter_map(|(name, value)| Some((name, as_typed(&value)?)));
        Self(typed.collect())
    }
}

objects! {
    Listing { connections; may_edit, callback_url, keeps_secrets }
    Row { id, kind, name, environment, state, problem, checked_at; in_file, detail, settings, version, used_by }
    wire::ConnectionProblem { code, message, hint }
    Saved { connection, test }
    wire::ConnectionTest { ok, steps }
    wire::TestStep { name, ok, message, hint }
    Ended { hint }
    wire::AuthorizationStart { url, id }
    Authorization { state, problem; organization, user }
}
