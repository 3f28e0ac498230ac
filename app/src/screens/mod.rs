//! What the agent sees, from the models' states. **Invariant:** a screen reads values and calls back; it fetches nothing.

pub mod archive;
pub mod card;
pub mod console;
pub mod contract;
pub mod dial;
pub mod files;
pub mod panel;
pub mod pop;
pub mod tickets;

use std::sync::Arc;

use crate::i18n::Locale;
use crate::model::Fault;
use crate::model::session::Standing;
use crate::ui::{Node, Tone, notice, problem};

/// Whom a screen tells what the agent did.
pub type Send<E> = Arc<dyn Fn(E) + std::marker::Send + Sync>;

/// A fault, and what can be done about it.
#[must_use]
pub fn fault(locale: Locale, fault: &Fault, act: Option<Node>) -> Node {
    problem(locale.fault(fault), fault.code().map_or("offline", wire::ErrorCode::as_str), act)
}

/// A session that is over, above what is still on the screen.
#[must_use]
pub fn lost(locale: Locale, standing: &Standing, renewable: bool) -> Option<Node> {
    let Standing::Lost(fault) = standing else { return None };
    let text = match (fault.ends_session(), renewable) {
        (true, true) => return Some(notice(Tone::Plain, locale.words.signing_in, None)),
        (true, false) => locale.words.session_over.into(),
        (false, _) => locale.fault(fault),
    };
    Some(problem(text, fault.code().map_or("offline", wire::ErrorCode::as_str), None))
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
