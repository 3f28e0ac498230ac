//! What the page of connections can be about: its list, the open panel, and what was done last.

use std::rc::Rc;

use wire::{AuthorizationStart, ConnectionProblem, ConnectionTest};

use super::forms::ConnectionForm;
use super::reading::{Listing, Row};
use crate::model::Fault;

/// All connections, as far as they are known.
#[derive(Debug, Default, PartialEq)]
pub enum List {
    #[default]
    Waiting,
    Failed(Fault),
    Ready(Rc<Listing>),
}

/// What an admin is about to do.
#[derive(Debug, Default, PartialEq)]
pub enum Panel {
    #[default]
    Closed,
    /// They choose a kind.
    Kinds,
    /// They fill a form: for a new connection, or for one that is there.
    Form(&'static ConnectionForm, Option<Row>),
    /// They give consent at the vendor.
    Consent(Consent),
    /// They look at what a test found.
    Test(Row, Option<ConnectionTest>),
    /// They are asked once more.
    Question(Question, Row),
}

/// What an admin is asked before it is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Question {
    Disconnect,
    Delete,
}

/// A consent under way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consent {
    /// The vendor.
    pub kind: String,
    pub start: AuthorizationStart,
    pub standing: Standing,
}

/// How a consent stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// The vendor has not sent the admin back.
    Waiting,
    /// It has: this organization, and this user.
    Granted(String, String),
    /// It came to nothing.
    Failed(ConnectionProblem),
}

/// What was done last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Done {
    Saved,
    Connected,
    /// What the vendor did not do, in the server's words.
    Disconnected(Option<String>),
    /// The same.
    Deleted(Option<String>),
}
