//! The console: the admins' pages, and the frame around them.

mod ledger;
mod settings;
mod volume;

use std::rc::Rc;

pub use ledger::{FIELDS as LEDGER_FIELDS, FORM as LEDGER_FORM, ledger};
pub use settings::{FORM as SETTINGS_FORM, settings};

use super::{Send, tell};
use crate::i18n::Locale;
use crate::i18n::console::ConsoleWords;
use crate::ui::{Node, el, empty};

/// The console's pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Page {
    /// What left Zendesk.
    Archive,
    /// What happens on a call.
    Flex,
}

/// The pages on the left, the one that is shown on the right.
#[must_use]
pub fn frame(words: &ConsoleWords, shown: Page, go: &Send<Page>, content: Node) -> Node {
    let entry = |page: Page, address: &'static str, name: &'static str| {
        let link = el("a").attr("href", address).with(name).press(Rc::new(tell(go, page)));
        el("li").with(if page == shown { link.attr("aria-current", "page") } else { link })
    };
    let pages = el("ul").with(entry(Page::Archive, "#archive", words.archive)).with(entry(
        Page::Flex,
        "#flex",
        words.flex,
    ));
    el("div")
        .class("console")
        .with(el("nav").attr("aria-label", words.pages).with(el("b").with("Deskside")).with(pages))
        .with(el("main").class("page").with(content))
}

/// For whoever is no admin.
#[must_use]
pub fn denied(words: &ConsoleWords) -> Node {
    el("div")
        .class("page")
        .test("problem", "admin_required")
        .with(empty(words.admins_only, words.admins_only_why))
}

/// While the session is being opened.
#[must_use]
pub fn checking(locale: Locale) -> Node {
    el("div")
        .class("page")
        .attr("aria-busy", "true")
        .with(el("p").class("subtle").with(locale.words.checking_agent))
}
