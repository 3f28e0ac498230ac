//! One line per attachment: where it stands, and what can be done with it.

use wire::{ArchiveItem, ArchiveView, AttachmentId, ErrorCode, ItemState};

use super::{Send, named, tell};
use crate::i18n::Locale;
use crate::model::archive::{ArchiveEvent, ArchiveModel, Stage, Which, can_go, copied};
use crate::ui::{Node, Tone, Weight, button, el, pill, progress};

/// Wider names lose their middle: they differ in their ends, too. In Latin letters.
const LONG: usize = 24;
/// How much of a long name's end always shows.
const TAIL: usize = 10;

/// All of them.
#[must_use]
pub fn files(locale: Locale, model: &ArchiveModel, view: &ArchiveView, send: &Send<ArchiveEvent>) -> Node {
    let file = |item: &ArchiveItem| {
        let about = el("div").class("small subtle num").with(about(locale, item));
        let head = el("div")
            .class("row")
            .with(el("div").class("grow").with(name(&item.file_name)).with(about))
            .with(state(locale, model, item))
            .all(act(locale, model, view, item, send));
        let bar = (model.live() && model.stage() != Stage::Waiting && is_copying(item.state))
            .then(|| progress(Tone::Plain, copied(item), item.file_name.clone(), "archive-item-progress"));
        let why = why(locale, model, item).map(|why| el("p").class("small why").with(why));
        el("li").test("archive-item", item.attachment_id.to_string()).with(head).all(bar).all(why)
    };
    el("ul").class("list").all(view.items.iter().map(file))
}

/// `2.1 MB · customer · today`.
fn about(locale: Locale, item: &ArchiveItem) -> String {
    let sender = item.sender.and_then(locale.words().sender).map(str::to_owned);
    let sent = item.sent_at.as_deref().map(|at| locale.day(at).replace(' ', "\u{a0}"));
    let parts: Vec<_> = [Some(locale.size(item.size)), sender, sent].into_iter().flatten().collect();
    parts.join(" · ")
}

fn name(name: &str) -> Node {
    let all = el("div").attr("title", name.to_owned());
    let long = name.chars().map(width).sum::<usize>() > LONG;
    match name.split_at_checked(tail(name)).filter(|_| long) {
        Some((start, end)) => {
            let part = |text: &str| el("span").with(text.to_owned());
            all.class("name").with(part(start)).with(part(end))
        }
        None => all.class("clip").with(name.to_owned()),
    }
}

/// Where the end of a long name begins: never between the parts of one letter, which some systems write apart.
fn tail(name: &str) -> usize {
    let mut room = 0;
    let mut places = name.char_indices().rev().skip_while(|(_, letter)| {
        room += width(*letter);
        room < TAIL || width(*letter) == 0
    });
    places.next().map_or(0, |(place, _)| place)
}

/// In Latin letters. Accents, vowels of Hangul, voicing marks of kana, and what colours emoji belong to the letter before.
fn width(letter: char) -> usize {
    match letter {
        '\u{300}'..='\u{36f}'
        | '\u{1161}'..='\u{11ff}'
        | '\u{200d}'
        | '\u{3099}'
        | '\u{309a}'
        | '\u{fe0f}'
        | '\u{1f3fb}'..='\u{1f3ff}' => 0,
        '\u{1100}'.. => 2,
        _ => 1,
    }
}

/// What is simply there needs no mark, only its name for programs and for readers who do not see.
fn state(locale: Locale, model: &ArchiveModel, item: &ArchiveItem) -> Node {
    let words = locale.words();
    let stays = stays(item);
    let (tone, value) = match item.state {
        ItemState::InZendesk if stays.is_some() => (Tone::Plain, "prevented"),
        ItemState::InZendesk => {
            let text = (words.item)(item.state);
            return el("span").class("sr").test("archive-state", "in_zendesk").with(text);
        }
        ItemState::Planned => (Tone::Plain, "planned"),
        ItemState::Stored => (Tone::Info, "stored"),
        ItemState::Verified => (Tone::Info, "verified"),
        ItemState::Redacted => (Tone::Ok, "redacted"),
        ItemState::Skipped => (Tone::Plain, "skipped"),
        ItemState::Held => (Tone::Warn, "held"),
        ItemState::Failed => (Tone::Bad, "failed"),
        ItemState::Unknown => (Tone::Plain, "unknown"),
    };
    let tone = match stays {
        Some(ErrorCode::AttachmentMalware) => Tone::Bad,
        Some(ErrorCode::ArchiveLegalHold) => Tone::Warn,
        _ => tone,
    };
    let text = match (stays, item.state) {
        (Some(code), state) => (words.stays)(code).unwrap_or_else(|| match state {
            ItemState::InZendesk => (words.item)(ItemState::Skipped),
            state => (words.item)(state),
        }),
        (None, ItemState::Verified) if model.stage() == Stage::Waiting => words.ready,
        (None, state) => (words.item)(state),
    };
    pill(tone, text, "archive-state", value.into())
}

/// Why a file stays in Zendesk, for programs.
fn stays(item: &ArchiveItem) -> Option<ErrorCode> {
    match item.state {
        ItemState::InZendesk => item.prevented.as_ref().map(|reason| reason.code),
        ItemState::Skipped | ItemState::Held => item.reason_code,
        _ => None,
    }
}

/// The reason in a sentence, where the mark does not say it all.
fn why(locale: Locale, model: &ArchiveModel, item: &ArchiveItem) -> Option<String> {
    if let Some(at) = &item.goes_from {
        return Some((locale.words().goes_from)(&locale.moment(at)));
    }
    let says_all = |code: ErrorCode| {
        (locale.words().stays)(code).is_some()
            && !matches!(code, ErrorCode::ArchiveByPolicy | ErrorCode::AttachmentMalware)
    };
    let is_said_above = model.run_problem().is_some_and(|why| Some(why.code) == item.reason_code);
    if is_said_above || stays(item).is_some_and(says_all) {
        return None;
    }
    let (code, text) = match (item.state, &item.prevented) {
        (ItemState::InZendesk, Some(reason)) => (Some(reason.code), reason.message.as_str()),
        (ItemState::Skipped | ItemState::Held | ItemState::Failed, _) => {
            (item.reason_code, item.reason.as_deref()?)
        }
        _ => return None,
    };
    Some(code.map_or_else(|| text.to_owned(), |code| locale.problem(code, text, None)))
}

fn act(
    locale: Locale,
    model: &ArchiveModel,
    view: &ArchiveView,
    item: &ArchiveItem,
    send: &Send<ArchiveEvent>,
) -> Option<Node> {
    let (words, id) = (locale.words(), item.attachment_id);
    if item.state == ItemState::Redacted {
        let open = || {
            button(Weight::Link, words.open, tell(send, ArchiveEvent::Show(id)))
                .attr("aria-label", named(words.open, &item.file_name))
                .test("archive-open", id.to_string())
        };
        return (view.may_open != Some(false)).then(open);
    }
    // All of them: that is said above, once.
    if model.can_undo()
        && !model.undo.is_all()
        && (is_copying(item.state) || item.state == ItemState::Verified)
    {
        let undoing = model.undo.includes(id);
        let text = if undoing { words.undoing } else { words.keep };
        let keep = undo_button(locale, words.keep, undoing, Some(id), send);
        return Some(
            keep.attr("aria-label", named(text, &item.file_name)).test("archive-keep", id.to_string()),
        );
    }
    // A file that the run has taken is the run's until it ends.
    let is_free = !model.live() || item.state == ItemState::InZendesk;
    if !model.may_wish() || !is_free || !can_go(item) {
        return None;
    }
    let text = if item.state == ItemState::Failed { locale.shared.try_again } else { words.archive };
    let which = Which::One(id);
    let button = button(Weight::Plain, text, tell(send, ArchiveEvent::Wish(which)))
        .attr("id", button_id(which))
        .attr("aria-label", named(text, &item.file_name))
        .test("archive-one", id.to_string());
    Some(button)
}

/// Takes a file back, or all. While the server is asked it stays where it is, so that the focus does.
pub(super) fn undo_button(
    locale: Locale,
    text: &'static str,
    undoing: bool,
    only: Option<AttachmentId>,
    send: &Send<ArchiveEvent>,
) -> Node {
    let text = if undoing { locale.words().undoing } else { text };
    button(Weight::Plain, text, tell(send, ArchiveEvent::Undo(only)))
        .attr("aria-disabled", if undoing { "true" } else { "false" })
}

/// The button that asks for this, so that the focus can come back to it.
#[must_use]
pub fn button_id(which: Which) -> String {
    match which {
        Which::All => "archive-all".into(),
        Which::Failed => "archive-failed".into(),
        Which::New => "archive-new".into(),
        Which::One(id) => ["archive-", &id.to_string()].concat(),
    }
}

fn is_copying(state: ItemState) -> bool {
    matches!(state, ItemState::Planned | ItemState::Stored)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_name_is_cut_in_its_middle_and_never_within_a_letter() {
        #[track_caller]
        fn check(name: &str, end: &str) {
            assert_eq!(&name[tail(name)..], end);
        }
        check("a very long name that goes on and on.pdf", "and on.pdf");
        check("請求書の控え（二〇二六年十月分）最終版.pdf", "最終版.pdf");
        check("a\u{301}bcdefghi\u{301}jklmn\u{301}.pdf", "i\u{301}jklmn\u{301}.pdf");
        check(
            "x\u{1112}\u{1161}\u{11ab}\u{1100}\u{1173}\u{11af}12.pdf",
            "\u{1112}\u{1161}\u{11ab}\u{1100}\u{1173}\u{11af}12.pdf",
        );
        check("short.pdf", "short.pdf");
    }
}
