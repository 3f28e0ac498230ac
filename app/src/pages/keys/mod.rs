//! The keys by which an account's own machines start runs (ADR 34). **Invariant:** a key is shown once, when it is made; it is forgotten when
//! the page is opened again.

mod view;

use std::rc::Rc;

use crate::console::frame::{PANEL, TITLE};
use crate::console::{Effect, RequestState, read};
use crate::json::{Json, objects, quote};
use crate::model::Model;
use crate::model::fault::Fault;

pub use view::view;

/// The id of the form, and the name of its field.
pub const FORM: &str = "key-form";
pub const NAME: &str = "key-name";

/// The page.
#[derive(Debug, Default, PartialEq)]
pub struct KeysPage {
    /// How the question for the list stands.
    pub state: RequestState,
    pub list: Option<Rc<Listing>>,
    /// How making or revoking a key stands.
    pub working: RequestState,
    /// How many keys were made: the form is empty after each.
    pub round: u32,
    /// The key that was just made.
    pub made: Option<Rc<Made>>,
    /// What was copied last, and whether the browser did it.
    pub copied: Option<(&'static str, bool)>,
    /// The key that is about to be revoked.
    pub revoking: Option<Key>,
    /// The name of the key that was revoked last.
    pub revoked: Option<String>,
}

/// What can happen.
#[derive(Debug, Clone, PartialEq)]
pub enum KeysEvent {
    Open,
    /// Ask for the list again.
    Again,
    Listed(Result<Rc<Listing>, Fault>),
    /// The form is sent.
    Create,
    /// This is what its field holds.
    Named(Vec<Option<String>>),
    Made(Result<Rc<Made>, Fault>),
    /// The text of the element of this id is wanted elsewhere.
    Copy(&'static str),
    Copied(&'static str, bool),
    /// The key is not shown any more.
    Hide,
    Ask(Key),
    Cancel,
    /// The question is answered with yes.
    Yes,
    Revoked(Result<Key, Fault>),
}

/// The keys, and the address of the account's hooks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Listing {
    pub keys: Vec<Key>,
    pub address: String,
}

/// One key, without what opens anything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Key {
    pub id: String,
    pub name: String,
    pub made_by: String,
    pub made_at: String,
    pub last_used_at: Option<String>,
    pub revoked_at: Option<String>,
}

/// A key that was made.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Made {
    pub key: Key,
    pub token: String,
}

objects! {
    Listing { keys, address }
    Key { id, name, made_by, made_at, last_used_at, revoked_at }
    Made { key, token }
}

impl Model for KeysPage {
    type Event = KeysEvent;
    type Effect = Effect<KeysEvent>;

    fn update(mut self, event: KeysEvent) -> (Self, Vec<Effect<KeysEvent>>) {
        use KeysEvent as E;
        let effects = match event {
            E::Open => {
                self = Self { list: self.list, round: self.round + 1, ..Self::default() };
                vec![Effect::Focus(TITLE.into()), self.ask()]
            }
            E::Again => vec![self.ask()],
            E::Listed(answer) => {
                match answer {
                    Ok(list) => (self.list, self.state) = (Some(list), RequestState::Idle),
                    Err(fault) => self.state = RequestState::Failed(fault),
                }
                vec![]
            }
            E::Create if self.working == RequestState::Pending => vec![],
            E::Create => vec![Effect::Read(FORM, vec![NAME], Box::new(E::Named))],
            E::Named(typed) => {
                (self.working, self.revoking, self.revoked) = (RequestState::Pending, None, None);
                let name = typed.into_iter().flatten().next().unwrap_or_default();
                let body = ["{\"name\":", &quote(name.trim()), "}"].concat();
                let then = |answer: Result<Json, Fault>| E::Made(read(answer).map(Rc::new));
                vec![Effect::Post("/api/machine-keys".into(), body, Box::new(then))]
            }
            E::Made(Ok(made)) => {
                self.working = RequestState::Idle;
                (self.made, self.copied) = (Some(made), None);
                self.round += 1;
                vec![Effect::Focus(PANEL.into()), self.ask()]
            }
            E::Made(Err(fault)) => {
                self.working = RequestState::Failed(fault);
                vec![Effect::Focus(NAME.into())]
            }
            E::Copy(id) => vec![Effect::Copy(id, Box::new(move |done| E::Copied(id, done)))],
            E::Copied(id, done) => {
                self.copied = Some((id, done));
                vec![]
            }
            E::Hide => {
                self.made = None;
                vec![Effect::Focus(TITLE.into())]
            }
            E::Ask(key) => {
                (self.working, self.revoking, self.revoked) = (RequestState::Idle, Some(key), None);
                vec![Effect::Focus(PANEL.into())]
            }
            E::Cancel => {
                self.working = RequestState::Idle;
                let key = self.revoking.take();
                vec![Effect::Focus(key.map_or(TITLE.into(), |key| ["revoke-", &key.id].concat()))]
            }
            E::Yes => match &self.revoking {
                Some(key) if self.working != RequestState::Pending => {
                    self.working = RequestState::Pending;
                    let then = |answer: Result<Json, Fault>| E::Revoked(read(answer));
                    vec![Effect::Delete(["/api/machine-keys/", &key.id].concat(), Box::new(then))]
                }
                _ => vec![],
            },
            E::Revoked(Ok(key)) => {
                (self.working, self.revoking) = (RequestState::Idle, None);
                if self.made.as_ref().is_some_and(|made| made.key.id == key.id) {
                    self.made = None;
                }
                self.revoked = Some(key.name);
                vec![Effect::Focus(TITLE.into()), self.ask()]
            }
            E::Revoked(Err(fault)) => {
                self.working = RequestState::Failed(fault);
                vec![]
            }
        };
        (self, effects)
    }
}

impl KeysPage {
    fn ask(&mut self) -> Effect<KeysEvent> {
        self.state = RequestState::Pending;
        let then = |answer| KeysEvent::Listed(read(answer).map(Rc::new));
        Effect::Get("/api/machine-keys".into(), Box::new(then))
    }
}

#[cfg(test)]
mod tests;
