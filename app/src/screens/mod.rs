//! What the agent sees, from the models' states. **Invariant:** a screen reads values and calls back; it fetches nothing.

pub mod archive;
pub mod card;
pub mod contract;
pub mod dial;
pub mod files;
pub mod panel;
pub mod pop;
pub mod tickets;

use std::rc::Rc;

use crate::i18n::Locale;
use crate::model::Fault;
use crate::model::session::{SessionEvent, SessionModel, Standing};
use crate::ui::{Node, Tone, Weight, button, el, notice, problem};

/// Whom a screen tells what the agent did.
pub type Send<E> = Rc<dyn Fn(E)>;

/// A fault, and what can be done about it.
#[must_use]
pub fn fault(locale: Locale, fault: &Fault, act: Option<Node>) -> Node {
    problem(locale.fault(fault), fault.code().map_or("offline", wire::ErrorCode::as_str), act)
}

/// A session that is over, above what is still on the screen. `renewable`: the workspace brings another token.
#[must_use]
pub fn lost(
    locale: Locale,
    model: &SessionModel,
    renewable: bool,
    send: &Send<SessionEvent>,
) -> Option<Node> {
    let (words, Standing::Lost(why)) = (locale.words(), &model.standing) else { return None };
    let label = if why.ends_session() { words.reload } else { locale.shared.try_again };
    let act = model.may_reload().then(|| {
        let again = button(Weight::Plain, label, tell(send, SessionEvent::Reload));
        el("div").with(again.test("session-reload", ""))
    });
    if renewable && why.ends_session() && model.asks_for_token() {
        return Some(notice(Tone::Plain, words.signing_in, act)); // the token may never come
    }
    let is_over = why.ends_session() && model.may_reload();
    let text = if is_over { words.session_over.into() } else { locale.fault(why) };
    Some(problem(text, why.code().map_or("offline", wire::ErrorCode::as_str), act))
}

/// What a button is called where its text alone does not say of what.
fn named(text: &str, of: &str) -> String {
    [text, ": ", of].concat()
}

/// A press that tells one thing.
pub(crate) fn tell<E: Clone + 'static>(send: &Send<E>, event: E) -> impl Fn() + use<E> {
    let send = Rc::clone(send);
    move || send(event.clone())
}

#[cfg(test)]
pub(crate) mod check;
