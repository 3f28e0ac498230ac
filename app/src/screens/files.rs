//! One line per attachment: where it stands, and what can be done with it.

use wire::{ArchiveItem, ArchiveView, ErrorCode, ItemState};

use super::{Send, named, tell};
use crate::i18n::Locale;
use crate::model::archive::{ArchiveEvent, Which, can_go, percent};
use crate::ui::{Node, Tone, Weight, button, el, pill, progress};

/// All of them.
#[must_use]
pub fn files(locale: Locale, view: &ArchiveView, live: bool, idle: bool, send: &Send<ArchiveEvent>) -> Node {
    let undo = live && view.run.as_ref().is_some_and(|run| run.undo_until.is_some());
    let file = |item: &ArchiveItem| {
        let name = el("div").class("clip").attr("title", item.file_name.clone()).with(item.file_name.clone());
        let size = el("div").class("small subtle num").with(locale.size(item.size));
        let head = el("div")
            .class("row")
            .with(el("div").class("grow").with(name).with(size))
            .with(state(locale, item))
            .all(idle.then(|| act(locale, item, send)).flatten())
            .all((undo && moves(item.state)).then(|| keep(locale, item, send)));
        let bar = (live && moves(item.state))
            .then(|| progress(Tone::Plain, percent(item), item.file_name.clone(), "archive-item-progress"));
        let why = reason(locale, item).map(|why| el("p").class("small why").with(why));
        el("li").test("archive-item", item.attachment_id.to_string()).with(head).all(bar).all(why)
    };
    el("ul").class("list").all(view.items.iter().map(file))
}

/// Takes this one back.
fn keep(locale: Locale, item: &ArchiveItem, send: &Send<ArchiveEvent>) -> Node {
    let text = locale.words.undo;
    button(Weight::Plain, text, tell(send, ArchiveEvent::Undo(Some(item.attachment_id))))
        .attr("aria-label", named(text, &item.file_name))
        .test("archive-keep", item.attachment_id.to_string())
}

/// What is simply there needs no mark, only its name for programs and for readers who do not see.
fn state(locale: Locale, item: &ArchiveItem) -> Node {
    let text = (locale.words.item)(item.state);
    let (tone, value) = match item.state {
        ItemState::InZendesk => return el("span").class("sr").test("archive-state", "in_zendesk").with(text),
        ItemState::Planned => (Tone::Plain, "planned"),
        ItemState::Stored => (Tone::Info, "stored"),
        ItemState::Verified => (Tone::Info, "verified"),
        ItemState::Redacted => (Tone::Ok, "redacted"),
        ItemState::Skipped => (Tone::Plain, "skipped"),
        ItemState::Held => (Tone::Warn, "held"),
        ItemState::Failed => (Tone::Bad, "failed"),
        ItemState::Unknown => (Tone::Plain, "unknown"),
    };
    pill(tone, text, "archive-state", value.into())
}

fn act(locale: Locale, item: &ArchiveItem, send: &Send<ArchiveEvent>) -> Option<Node> {
    if item.state == ItemState::Redacted {
        let text = locale.words.open;
        let open = button(Weight::Link, text, tell(send, ArchiveEvent::Show(item.attachment_id)))
            .attr("aria-label", named(text, &item.file_name))
            .test("archive-open", item.attachment_id.to_string());
        return Some(open);
    }
    let text = match item.state {
        _ if can_go(item) => locale.words.archive,
        ItemState::Failed if item.reason_code != Some(ErrorCode::AttachmentMalware) => locale.words.try_again,
        _ => return None,
    };
    let which = Which::One(item.attachment_id);
    let button = button(Weight::Plain, text, tell(send, ArchiveEvent::Wish(which)))
        .attr("id", button_id(which))
        .attr("aria-label", named(text, &item.file_name))
        .test("archive-one", item.attachment_id.to_string());
    Some(button)
}

/// The button that asks for this, so that the focus can come back to it.
#[must_use]
pub fn button_id(which: Which) -> String {
    match which {
        Which::All => "archive-all".into(),
        Which::Failed => "archive-failed".into(),
        Which::One(id) => ["archive-", &id.to_string()].concat(),
    }
}

fn moves(state: ItemState) -> bool {
    matches!(state, ItemState::Planned | ItemState::Stored | ItemState::Verified)
}

fn reason(locale: Locale, item: &ArchiveItem) -> Option<String> {
    if !matches!(item.state, ItemState::Skipped | ItemState::Held | ItemState::Failed) {
        return None;
    }
    let reason = item.reason.as_deref()?;
    Some(item.reason_code.map_or_else(|| reason.to_owned(), |code| locale.problem(code, reason, None)))
}
