//! The page of connections: with which vendors the account is connected, what is wrong, and how an admin connects, tries,
//! changes and ends them.

mod forms;
mod model;
mod panel;
mod reading;
mod state;
mod view;

pub use model::{ConnectionsEvent, ConnectionsPage};

use super::Page;
use crate::i18n::Locale;
use crate::i18n::console::ConsoleWords;
use crate::screens::Send;
use crate::ui::Node;

impl Page for ConnectionsPage {
    const ADDRESS: &'static str = "connections";

    fn title(words: &ConsoleWords) -> &'static str {
        words.connections
    }

    fn opened(_today: String) -> ConnectionsEvent {
        ConnectionsEvent::Open
    }

    fn returned(_today: String) -> Option<ConnectionsEvent> {
        Some(ConnectionsEvent::Refresh)
    }

    fn discarded() -> Option<ConnectionsEvent> {
        Some(ConnectionsEvent::Cancel)
    }

    fn is_unsaved(&self) -> bool {
        self.typed
    }

    fn view(&self, locale: Locale, words: &'static ConsoleWords, send: &Send<ConnectionsEvent>) -> Node {
        view::view(locale, words, self, send)
    }
}
