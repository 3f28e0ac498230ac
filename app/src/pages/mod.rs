//! Pages of the console that are opened seldom, in the bundle of the editor (ADR 5): who was told of customers' tickets, the keys by which
//! machines start runs, and how many tickets there are. **Invariant:** no browser and no server here; a page asks for them by an
//! [`Effect`](crate::console::Effect).

pub mod keys;
pub mod notices;
pub mod tickets;

pub use keys::{KeysEvent, KeysPage};
pub use notices::{NoticesEvent, NoticesPage};
pub use tickets::{TicketsEvent, TicketsPage};

use crate::i18n::Locale;
use crate::model::Fault;
use crate::screens::{Send, tell};
use crate::ui::{Node, Weight, button, el};

/// Why a question was not answered, and a button that asks it again.
fn failed<E: Clone + 'static>(locale: Locale, why: &Fault, again: E, send: &Send<E>) -> Node {
    let again = button(Weight::Plain, locale.shared.try_again, tell(send, again)).test("page-again", "");
    el("div").class("stack").with(crate::console::frame::explained(locale, why)).with(el("div").with(again))
}
