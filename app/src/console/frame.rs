//! What stands around a page: the navigation, the question about unsaved changes, and what is shown in place of pages.

use std::rc::Rc;

use super::navigation::NavigationEvent;
use crate::i18n::console::ConsoleWords;
use crate::i18n::{Locale, sentence};
use crate::model::Fault;
use crate::model::fault::FaultKind;
use crate::model::session::{SessionEvent, SessionModel, Standing};
use crate::screens::archive::unproved;
use crate::screens::{Send, fault, tell};
use crate::ui::{Node, Press, Weight, button, el, empty, problem};

/// The id of the heading of every page.
pub const TITLE: &str = "page-title";
/// The id of the heading of what an admin is about to do, which gets the focus.
pub const PANEL: &str = "panel-title";
/// The id of the button that keeps unsaved changes.
pub const STAY: &str = "stay";

/// The pages on the left, by address and title, and one of them on the right.
#[must_use]
pub fn frame(
    words: &ConsoleWords,
    pages: impl IntoIterator<Item = (&'static str, &'static str)>,
    shown: &'static str,
    content: Node,
    question: Option<Node>,
) -> Node {
    let entry = |(address, title): (&'static str, &'static str)| {
        let link = el("a").attr("href", ["#", address].concat()).with(title);
        el("li").with(if address == shown { link.attr("aria-current", "page") } else { link })
    };
    let nav = el("nav")
        .attr("aria-label", words.pages)
        .with(el("b").with("Deskside"))
        .with(el("ul").all(pages.into_iter().map(entry)));
    let main = el("main").class("page").with(content.key(shown.into()));
    let console = el("div").class("console").with(nav).with(main);
    // Nothing behind a question can be reached by the keyboard.
    let console = if question.is_some() { console.attr("inert", "") } else { console };
    el("div").with(console).all(question)
}

/// The heading of a page, and what it is for.
#[must_use]
pub fn heading(title: &'static str, what: &'static str) -> Node {
    el("div")
        .class("stack tight")
        .with(el("h1").class("title").attr("id", TITLE).attr("tabindex", "-1").with(title))
        .with(el("p").class("subtle").with(what))
}

/// A text in which names of commands and settings stand between backticks.
#[must_use]
pub fn coded(tag: &'static str, text: &str) -> Node {
    let parts = text.split('`').enumerate().map(|(at, part)| {
        let part = Node::from(part.to_owned());
        if at % 2 == 0 { part } else { el("code").with(part) }
    });
    el(tag).all(parts)
}

/// The server's own words, which are English, as a sentence.
#[must_use]
pub fn servers(text: &str) -> Node {
    coded("div", &sentence(text)).attr("lang", "en")
}

/// What an admin is about to do, between the page's heading and its list; Escape closes it.
#[must_use]
pub fn sheet(title: String, close: Press, content: Node) -> Node {
    el("section")
        .class("sheet stack")
        .attr("aria-labelledby", PANEL)
        .escape(close)
        .with(el("h2").attr("id", PANEL).attr("tabindex", "-1").with(title))
        .with(content)
}

/// The server's own words, below a translated sentence.
#[must_use]
pub fn in_english(text: &str) -> Node {
    coded("p", text).class("small subtle").attr("lang", "en")
}

/// What went wrong. A translated sentence is followed by the server's own words where these say more.
#[must_use]
pub fn explained(locale: Locale, why: &Fault) -> Node {
    let more = match &why.kind {
        FaultKind::Refused(body) if (locale.shared.error)(body.code).is_some() => {
            let hint = body.hint.as_deref().map(sentence).unwrap_or_default();
            Some(in_english(&[&sentence(&body.message), " ", &hint].concat()))
        }
        _ => None,
    };
    el("div").class("stack tight").with(fault(locale, why, None)).all(more)
}

/// Whether the admin gives up their changes.
#[must_use]
pub fn question(words: &ConsoleWords, send: &Send<NavigationEvent>) -> Node {
    let (title, why) = ("leave-title", "leave-why");
    let stay = Rc::new(tell(send, NavigationEvent::Stay));
    let keep = button(Weight::Primary, words.stay, tell(send, NavigationEvent::Stay)).attr("id", STAY);
    let leave = button(Weight::Plain, words.leave, tell(send, NavigationEvent::Leave));
    let dialog = el("div")
        .class("dialog stack")
        .attr("role", "alertdialog")
        .attr("aria-modal", "true")
        .attr("aria-labelledby", title)
        .attr("aria-describedby", why)
        .test("leave", "")
        .escape(stay)
        .with(el("h2").attr("id", title).with(words.leave_title))
        .with(el("p").attr("id", why).with(words.leave_why))
        .with(el("div").class("acts").with(keep).with(leave));
    el("div").class("backdrop").with(dialog)
}

/// A failure of something on a page. A session that is over is opened again above the page, which stays.
#[must_use]
pub fn trouble(locale: Locale, words: &ConsoleWords, why: &Fault, act: Option<Node>) -> Node {
    if !why.ends_session() {
        return fault(locale, why, act);
    }
    problem(words.session_over.into(), code_of(why), act)
}

/// How the session stands, where the admin has to know: over, or not proved. It stands above the page, whose fields keep what was
/// typed.
#[must_use]
pub fn session(
    locale: Locale,
    words: &ConsoleWords,
    model: &SessionModel,
    send: &Send<SessionEvent>,
) -> Option<Node> {
    let Standing::Lost(why) = &model.standing else { return unproved(locale, &model.standing, send) };
    let (text, label) = match (why.ends_session(), model.may_reload()) {
        (true, true) => (words.session_over.into(), words.sign_in_again),
        (true, false) => (words.session_gone.into(), words.sign_in_again),
        (false, _) => (locale.fault(why), locale.shared.try_again),
    };
    let act = model.may_reload().then(|| {
        let again = button(Weight::Plain, label, tell(send, SessionEvent::Reload));
        el("div").with(again.test("session-reload", ""))
    });
    Some(problem(text, code_of(why), act))
}

fn code_of(why: &Fault) -> &'static str {
    why.code().map_or("offline", wire::ErrorCode::as_str)
}

/// For somebody who is not an admin.
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
        .with(el("p").class("subtle").with(locale.shared.checking_agent))
}
