//! The workspace that frames the panel, as a trait. **Invariant:** every question to it has our own time-out, and a
//! subscription ends when its value is dropped. Outside this folder nothing knows which workspace it is.

use std::fmt::{self, Debug};
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

use wire::{CallFacts, PopNotice, ProofNotice, TicketId, UserId};

use crate::json::Json;
use crate::model::Fault;
use crate::model::pop::Engagement;

#[cfg(target_arch = "wasm32")]
pub mod address;
#[cfg(target_arch = "wasm32")]
pub mod clock;
#[cfg(all(target_arch = "wasm32", feature = "editor"))]
pub mod editing;
pub mod events;
#[cfg(target_arch = "wasm32")]
mod flex;
#[cfg(target_arch = "wasm32")]
pub mod keyboard;
#[cfg(target_arch = "wasm32")]
pub mod page;
#[cfg(target_arch = "wasm32")]
mod scripted;
#[cfg(all(target_arch = "wasm32", feature = "console"))]
pub mod within;
#[cfg(target_arch = "wasm32")]
mod zendesk;

/// What the workspace tells us.
#[derive(Debug, Clone, PartialEq)]
pub enum HostEvent {
    /// The ticket's requester is now this one, saved or not.
    Requester(Option<UserId>),
    /// The ticket on the screen may be another than it was: it was saved, or the agent comes back to it.
    Updated,
    /// The workspace is dark, or light again.
    Dark(bool),
    /// The server asks this agent's workspace to show something.
    Pop(PopNotice),
    /// The server's one-time code for this agent.
    Proof(ProofNotice),
    /// The agent's token of the workspace, to be exchanged for a session.
    Token {
        /// Opaque.
        token: String,
        /// BCP 47, as the workspace shows itself.
        locale: Option<String>,
    },
    /// The agent accepted or selected an engagement.
    Engagement {
        engagement: Engagement,
        /// What it came by: `voice`, `web`, `sms`, …
        channel: Option<String>,
    },
    /// An engagement stands otherwise than before.
    Call { task_sid: String, call: CallFacts },
    /// The agent wanted to complete this engagement, and was kept from it until they have chosen a ticket.
    ChooseFirst(String),
    /// The agent is done with an engagement.
    Ended {
        task_sid: String,
        /// Its attributes at the end, JSON text.
        attributes: String,
        /// How it stood at the end.
        call: CallFacts,
    },
    /// No engagement is selected.
    Idle,
    /// The agent pressed a phone number of the workspace itself.
    Dialout(String),
    /// What became of an order to call somebody.
    Dialed {
        id: String,
        /// As `wire::DialOutcome` is written.
        outcome: String,
    },
    /// The workspace is in Zendesk's top bar.
    TopBar,
    /// What this names was shown there.
    Shown(String),
}

/// How an agent's workspace looks; nothing where it does not say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Looks {
    /// The agent's language, BCP 47.
    pub language: Option<String>,
    /// Dark or light.
    pub dark: Option<bool>,
}

/// An answer to come.
pub type Answer<T> = Pin<Box<dyn Future<Output = Result<T, Fault>>>>;

/// Whoever is told what happens.
pub type Listener = Rc<dyn Fn(HostEvent)>;

/// The workspace.
pub trait Host {
    /// Tells `listener` everything until the subscription is dropped.
    #[must_use]
    fn subscribe(&self, listener: Listener) -> Subscription;
    /// Who is signed in. A claim: the server checks it.
    fn agent(&self) -> Answer<UserId>;
    /// The requester whom the agent has chosen so far.
    fn requester(&self) -> Answer<Option<UserId>>;
    /// How the agent's workspace looks now.
    fn looks(&self) -> Answer<Looks>;
    /// Shows a ticket to the agent.
    fn show_ticket(&self, id: TicketId);
    /// Shows a user to the agent.
    fn show_user(&self, id: UserId);
    /// Shows whatever the server asks for.
    fn show(&self, notice: &PopNotice) {
        match (notice.ticket_id, notice.user_id) {
            (Some(ticket), _) => self.show_ticket(ticket),
            (None, Some(user)) => self.show_user(user),
            (None, None) => {}
        }
    }
    /// The panel's content is this high, in CSS pixels.
    fn resize(&self, height: u32);
    /// Calls somebody (`wire::DialOrder`); the workspace says `Dialed`.
    fn dial(&self, order: &Json);
    /// Says something to the agent, wherever they look.
    fn notify(&self, text: &str, is_problem: bool);
    /// The server refused the workspace's token.
    fn token_refused(&self);
    /// Whether the agent has still to choose a ticket for this engagement; only where engagements are completed.
    /// `told` is what an agent reads who completes all the same.
    fn choice(&self, _task_sid: &str, _open: bool, _told: &str) {}
}

/// Ends what it stands for when it is dropped.
pub struct Subscription(Option<Box<dyn FnOnce()>>);

impl Subscription {
    /// Runs `end` on drop.
    pub fn new(end: impl FnOnce() + 'static) -> Self {
        Self(Some(Box::new(end)))
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        if let Some(end) = self.0.take() {
            end();
        }
    }
}

impl Debug for Subscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Subscription")
    }
}

/// The workspace that the page names.
#[cfg(target_arch = "wasm32")]
pub fn of_page(page: &page::Page) -> Rc<dyn Host> {
    if cfg!(feature = "flex") {
        return Rc::new(flex::Flex);
    }
    match page.host {
        page::HostKind::Scripted => Rc::new(scripted::Scripted::new()),
        page::HostKind::Zendesk | page::HostKind::Flex => Rc::new(zendesk::Zendesk::new(page.location)),
    }
}
