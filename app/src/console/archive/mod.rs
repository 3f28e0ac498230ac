//! The archive's page: how much left Zendesk, and what was done to which file.

mod model;
mod search;
mod view;
mod volume;

pub use model::{ArchiveEvent, ArchivePage};

use super::Page;
use crate::i18n::Locale;
use crate::i18n::console::ConsoleWords;
use crate::screens::Send;
use crate::ui::Node;

impl Page for ArchivePage {
    const ADDRESS: &'static str = "archive";

    fn title(words: &ConsoleWords) -> &'static str {
        words.archive
    }

    fn opened(today: String) -> ArchiveEvent {
        ArchiveEvent::Open(today)
    }

    fn returned(today: String) -> Option<ArchiveEvent> {
        Some(ArchiveEvent::Refresh(today))
    }

    fn view(&self, locale: Locale, words: &'static ConsoleWords, send: &Send<ArchiveEvent>) -> Node {
        view::view(locale, words, self, send)
    }
}
