//! Pages of another bundle in the console: loaded when the first of them is opened, with an answer where it does not come.

use std::cell::Cell;
use std::rc::Rc;

use super::state::State;
use crate::console::RequestState;
use crate::host::page::spawn;
use crate::host::{address, within};
use crate::i18n::Locale;
use crate::i18n::console::words;
use crate::screens::fault;
use crate::ui::{Node, Weight, button, el, skeleton};

/// The other bundle, as far as it has come. A copy is the same.
#[derive(Clone)]
pub(super) struct Island {
    state: State<RequestState>,
    tries: Rc<Cell<u32>>,
}

impl Island {
    pub(super) fn new() -> Self {
        Self { state: State::new(RequestState::Pending), tries: Rc::default() }
    }

    /// Opens the page that the URL names.
    pub(super) fn open(&self) {
        let this = self.clone();
        spawn(Box::pin(async move {
            let came = within::show(&address::address(), this.tries.get()).await;
            match came {
                Ok(()) if this.state.get_untracked() == RequestState::Idle => {}
                // Its place is on the page now.
                Ok(()) => {
                    this.state.set(RequestState::Idle);
                    this.open();
                }
                Err(why) => {
                    this.tries.set(this.tries.get() + 1);
                    this.state.set(RequestState::Failed(why));
                }
            }
        }));
    }

    pub(super) fn view(&self, locale: Locale) -> Node {
        let words = words(locale.tag);
        self.state.with(|state| match state {
            // In an element of its own key: what the other bundle puts there goes with it.
            RequestState::Idle => el("div").with(el("div").attr("id", within::PLACE).key("within".into())),
            RequestState::Pending => skeleton(words.loading),
            RequestState::Failed(why) => {
                let this = self.clone();
                let again = move || {
                    this.state.set(RequestState::Pending);
                    this.open();
                };
                let again = button(Weight::Plain, locale.shared.try_again, again).test("page-again", "");
                fault(locale, why, Some(el("div").with(again)))
            }
        })
    }
}
