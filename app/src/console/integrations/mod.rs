//! The page of integrations: what is brought from where to where, its runs, and what became of their rows.

mod act;
mod model;
mod pages;
mod preview;
mod question;
mod reading;
mod rows;
mod run;
mod view;

pub use model::{IntegrationsEvent, IntegrationsPage};

use super::Page;
use crate::i18n::Locale;
use crate::i18n::console::ConsoleWords;
use crate::screens::Send;
use crate::ui::Node;

impl Page for IntegrationsPage {
    const ADDRESS: &'static str = "integrations";

    fn title(words: &ConsoleWords) -> &'static str {
        words.integrations
    }

    fn opened(_: String) -> IntegrationsEvent {
        IntegrationsEvent::Open
    }

    fn named(id: String) -> Option<IntegrationsEvent> {
        Some(IntegrationsEvent::Choose(id))
    }

    fn returned(_: String) -> Option<IntegrationsEvent> {
        Some(IntegrationsEvent::Open)
    }

    fn view(&self, locale: Locale, words: &'static ConsoleWords, send: &Send<IntegrationsEvent>) -> Node {
        view::view(locale, words, self, send)
    }
}
