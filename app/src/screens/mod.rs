//! What the agent sees, from the models' states. **Invariant:** a screen reads values and calls back; it fetches nothing.

pub mod archive;
pub mod card;
pub mod contract;
pub mod files;
pub mod pop;
pub mod tickets;

use std::sync::Arc;

use crate::i18n::Locale;
use crate::model::Fault;
use crate::ui::{Node, problem};

/// Whom a screen tells what the agent did.
pub type Send<E> = Arc<dyn Fn(E) + std::marker::Send + Sync>;

/// A fault, and what can be done about it.
#[must_use]
pub fn fault(locale: Locale, fault: &Fault, act: Option<Node>) -> Node {
    problem(locale.fault(fault), fault.code().map_or("offline", wire::ErrorCode::as_str), act)
}

/// What a button is called where its text alone does not say of what.
fn named(text: &str, of: &str) -> String {
    [text, ": ", of].concat()
}

/// A press that tells one thing.
fn tell<E: Clone + std::marker::Send + Sync + 'static>(
    send: &Send<E>,
    event: E,
) -> impl Fn() + std::marker::Send + Sync + use<E> {
    let send = Arc::clone(send);
    move || send(event.clone())
}

#[cfg(test)]
mod check;
