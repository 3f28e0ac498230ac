//! The console: the admins' pages, and the frame around them.

mod ledger;
mod volume;

pub use ledger::{FORM, ledger};

use crate::i18n::Locale;
use crate::i18n::console::ConsoleWords;
use crate::ui::{Node, el, empty};

/// The pages on the left, the one that is shown on the right.
#[must_use]
pub fn frame(words: &ConsoleWords, page: Node) -> Node {
    let current = el("a").attr("aria-current", "page").attr("href", "#").with(words.archive);
    el("div")
        .class("console")
        .with(
            el("nav")
                .attr("aria-label", words.pages)
                .with(el("b").with("Deskside"))
                .with(el("ul").with(el("li").with(current))),
        )
        .with(el("div").class("page").with(page))
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
