//! The admins' pages. Each is one file or folder with its model, its effects and its view, and one line in
//! `run/console.rs`. **Invariant:** no browser and no server here: a page asks for them by an [`Effect`].

pub mod archive;
pub mod connections;
pub mod flex;
pub mod form;
pub mod frame;
pub mod integrations;
pub mod navigation;
pub mod picture;
pub mod table;

use std::fmt;
use std::rc::Rc;

use crate::i18n::Locale;
use crate::i18n::console::ConsoleWords;
use crate::json::{Json, Read};
use crate::model::fault::FaultKind;
use crate::model::{Fault, Model};
use crate::screens::Send;
use crate::ui::Node;

/// A page of the console.
pub trait Page: Model<Event: Clone, Effect = Effect<<Self as Model>::Event>> {
    /// What stands after `#` in its URL.
    const ADDRESS: &'static str;

    /// Its name in the navigation, and its heading.
    fn title(words: &ConsoleWords) -> &'static str;

    /// What happens when an admin opens it. `today` is UTC, like `2026-11-22`.
    fn opened(today: String) -> Self::Event;

    /// What happens when the URL names a part of it: what stands behind the page's address and a slash.
    fn named(_part: String) -> Option<Self::Event> {
        None
    }

    /// What happens when an admin comes back to the browser's tab, on this day (UTC).
    fn returned(_today: String) -> Option<Self::Event> {
        None
    }

    /// What happens when an admin leaves it and gives up what they typed.
    fn discarded() -> Option<Self::Event> {
        None
    }

    /// Whether an admin typed something here that is not saved.
    fn is_unsaved(&self) -> bool {
        false
    }

    /// What it shows.
    fn view(&self, locale: Locale, words: &'static ConsoleWords, send: &Send<Self::Event>) -> Node;
}

/// What a page asks for, and which event the answer is.
pub enum Effect<E> {
    /// JSON from the server.
    Get(String, Then<Result<Json, Fault>, E>),
    /// The server is to keep a body of JSON text.
    Put(String, String, Then<Result<Json, Fault>, E>),
    /// The server is to do something with a body of JSON text.
    Post(String, String, Then<Result<Json, Fault>, E>),
    /// The server is to forget something.
    Delete(String, Then<Result<Json, Fault>, E>),
    /// Something happens after so many milliseconds.
    Wait(i32, Then<(), E>),
    /// An answer of the server becomes a file of this name.
    Download(String, &'static str, Then<Result<(), Fault>, E>),
    /// An answer that is plain text.
    Text(String, Then<Result<String, Fault>, E>),
    /// What the fields of a form hold: in the order of their names, nothing of a box that is not checked.
    Read(&'static str, Vec<&'static str>, Then<Vec<Option<String>>, E>),
    /// The keyboard's focus goes to the element of this id.
    Focus(String),
    /// All that the fields of a form hold, by their names.
    #[cfg(any(feature = "editor", test))]
    ReadAll(&'static str, Then<Json, E>),
    /// The browser's tab keeps a text under this name; an empty one is forgotten.
    #[cfg(any(feature = "editor", test))]
    Keep(String, String),
    /// The JSON that the tab keeps under this name; `Null` where there is none.
    #[cfg(any(feature = "editor", test))]
    Recall(String, Then<Json, E>),
    /// The focus goes to this line and column, both from 1, of the text field of this id.
    #[cfg(any(feature = "editor", test))]
    Caret(String, u64, u64),
    /// The page of this address is opened.
    #[cfg(any(feature = "editor", test))]
    Go(String),
    /// The text of the element of this id is selected and copied; false where the browser does not copy it.
    #[cfg(any(feature = "editor", test))]
    Copy(&'static str, Then<bool, E>),
}

/// Makes an event of an answer.
pub type Then<A, E> = Box<dyn FnOnce(A) -> E>;

impl<E: 'static> Effect<E> {
    /// The same, where `send` is told the event. Whoever carries it out need not know the page, so there is one for all.
    #[must_use]
    pub fn telling(self, send: &Send<E>) -> Effect<()> {
        match self {
            Self::Get(path, then) => Effect::Get(path, told(then, send)),
            Self::Put(path, body, then) => Effect::Put(path, body, told(then, send)),
            Self::Post(path, body, then) => Effect::Post(path, body, told(then, send)),
            Self::Delete(path, then) => Effect::Delete(path, told(then, send)),
            Self::Wait(milliseconds, then) => Effect::Wait(milliseconds, told(then, send)),
            Self::Download(path, name, then) => Effect::Download(path, name, told(then, send)),
            Self::Text(path, then) => Effect::Text(path, told(then, send)),
            Self::Read(form, names, then) => Effect::Read(form, names, told(then, send)),
            Self::Focus(id) => Effect::Focus(id),
            #[cfg(any(feature = "editor", test))]
            Self::ReadAll(form, then) => Effect::ReadAll(form, told(then, send)),
            #[cfg(any(feature = "editor", test))]
            Self::Keep(name, text) => Effect::Keep(name, text),
            #[cfg(any(feature = "editor", test))]
            Self::Recall(name, then) => Effect::Recall(name, told(then, send)),
            #[cfg(any(feature = "editor", test))]
            Self::Caret(id, line, column) => Effect::Caret(id, line, column),
            #[cfg(any(feature = "editor", test))]
            Self::Go(address) => Effect::Go(address),
            #[cfg(any(feature = "editor", test))]
            Self::Copy(id, then) => Effect::Copy(id, told(then, send)),
        }
    }
}

fn told<A: 'static, E: 'static>(then: Then<A, E>, send: &Send<E>) -> Then<A, ()> {
    let send = Rc::clone(send);
    Box::new(move |answer| send(then(answer)))
}

/// What is asked for; the event stays inside.
impl<E> fmt::Debug for Effect<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Get(path, _) | Self::Text(path, _) => write!(f, "GET {path}"),
            Self::Put(path, body, _) => write!(f, "PUT {path} {body}"),
            Self::Post(path, body, _) => write!(f, "POST {path} {body}"),
            Self::Delete(path, _) => write!(f, "DELETE {path}"),
            Self::Wait(milliseconds, _) => write!(f, "wait {milliseconds} ms"),
            Self::Download(path, name, _) => write!(f, "save {path} as {name}"),
            Self::Read(form, ..) => write!(f, "read {form}"),
            Self::Focus(id) => write!(f, "focus {id}"),
            #[cfg(any(feature = "editor", test))]
            Self::ReadAll(form, _) => write!(f, "read all of {form}"),
            #[cfg(any(feature = "editor", test))]
            Self::Keep(name, text) if text.is_empty() => write!(f, "forget {name}"),
            #[cfg(any(feature = "editor", test))]
            Self::Keep(name, _) => write!(f, "keep {name}"),
            #[cfg(any(feature = "editor", test))]
            Self::Recall(name, _) => write!(f, "recall {name}"),
            #[cfg(any(feature = "editor", test))]
            Self::Caret(id, line, column) => write!(f, "focus {id} at {line}:{column}"),
            #[cfg(any(feature = "editor", test))]
            Self::Go(address) => write!(f, "go to {address}"),
            #[cfg(any(feature = "editor", test))]
            Self::Copy(id, _) => write!(f, "copy {id}"),
        }
    }
}

/// How a request to the server stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum RequestState {
    /// Answered, or never made.
    #[default]
    Idle,
    /// On its way.
    Pending,
    /// Refused, or unanswered.
    Failed(Fault),
}

/// An answer as a page needs it; one that cannot be read is a fault.
pub(crate) fn read<T: Read>(answer: Result<Json, Fault>) -> Result<T, Fault> {
    answer.and_then(|json| json.read().map_err(|_| Fault::plain(FaultKind::Unreadable)))
}

/// `2026-11-22 12:00` of RFC 3339 UTC.
pub(crate) fn minute(at: &str) -> String {
    at.get(..16).map_or_else(|| at.to_owned(), |time| time.replace('T', " "))
}

/// What a page asked for, for tests.
#[cfg(test)]
pub(crate) fn asked<E>(effects: &[Effect<E>]) -> Vec<String> {
    effects.iter().map(|effect| format!("{effect:?}")).collect()
}
