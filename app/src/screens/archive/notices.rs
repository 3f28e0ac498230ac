//! What an agent is told above the list of files: how old it is, what came of a run and of an undo, what is new.

use wire::{ArchiveItem, ArchiveView, ErrorCode, ItemState, Listing, RunState};

use super::super::files::button_id;
use super::super::{Send, fault, tell};
use crate::i18n::Locale;
use crate::model::archive::{ArchiveEvent, ArchiveModel, UndoFailed, Which};
use crate::ui::{Node, Tone, Weight, button, el, notice, problem, row};

/// That the list is not fresh, and why.
pub(super) fn freshness(locale: Locale, model: &ArchiveModel, view: &ArchiveView) -> Option<Node> {
    let words = locale.words();
    // A session that is over is said above the card, once.
    let stale = model.stale.as_ref().filter(|why| !why.ends_session());
    let (value, why) = match (stale, view.listing) {
        (Some(why), _) => ("unread", locale.fault(why)),
        (None, Listing::Last) => ("last", words.zendesk_silent.into()),
        (None, Listing::Missing) => ("missing", words.list_unreadable.into()),
        (None, Listing::Fresh | Listing::Unknown) => return None,
    };
    let of = model.fresh_at.as_deref().map(|at| (words.list_of)(&locale.time(at)));
    let said: Vec<_> = std::iter::once(why).chain(of).collect();
    Some(notice(Tone::Warn, locale.sentences(&said), None).test("archive-stale", value))
}

/// That files are missing from the list, where the run does not say so.
pub(super) fn unreadable(locale: Locale, model: &ArchiveModel, view: &ArchiveView) -> Option<Node> {
    let is_said = model.run_problem().is_some_and(|why| why.code == ErrorCode::AttachmentUnreadable);
    let text =
        (view.unreadable > 0 && !is_said).then(|| (locale.words().unreadable_files)(view.unreadable))?;
    Some(el("p").class("small").test("archive-unreadable", view.unreadable.to_string()).with(text))
}

/// That an undo is lost, or did not work.
pub(super) fn undo(
    locale: Locale,
    model: &ArchiveModel,
    view: &ArchiveView,
    send: &Send<ArchiveEvent>,
) -> Option<Node> {
    let words = locale.words();
    if model.undo.is_lost() {
        return Some(problem(words.undo_lost.into(), "undo_lost", None));
    }
    let (only, is_late) = match model.undo.failed.as_ref()? {
        UndoFailed::Refused(why) => return Some(fault(locale, why, None)),
        UndoFailed::TooLate(only) => (only, true),
        UndoFailed::NotReached(only) => (only, false),
    };
    let is_gone = |item: &&ArchiveItem| {
        item.state == ItemState::Redacted && only.is_none_or(|only| only == item.attachment_id)
    };
    let gone: Vec<_> = view.items.iter().filter(is_gone).collect();
    let said = match (is_late, gone.len()) {
        (true, 0) => words.undo_over,
        (true, _) => words.undo_too_late,
        (false, _) => words.undo_not_reached,
    };
    // Of several, each has its own link below.
    let copy = match gone.as_slice() {
        [file] if view.may_open != Some(false) => {
            let open =
                button(Weight::Link, words.open_copy, tell(send, ArchiveEvent::Show(file.attachment_id)));
            Some(el("div").with(open.test("archive-copy", "")))
        }
        _ => None,
    };
    Some(problem(said.into(), if is_late { "archive_undo_over" } else { "undo_not_reached" }, copy))
}

/// What came of the last run, and of the last wish.
pub(super) fn after(locale: Locale, model: &ArchiveModel, send: &Send<ArchiveEvent>) -> Option<Node> {
    if let Some(why) = &model.fault {
        // That the ticket is gone is said once, by the card above.
        let said_above = why.code() == Some(ErrorCode::TicketNotFound);
        return (!said_above).then(|| fault(locale, why, None));
    }
    if let Some(reason) = model.run_problem() {
        return Some(problem(locale.problem(reason.code, &reason.message, None), reason.code.as_str(), None));
    }
    let (tone, text) = outcome(locale, model)?;
    let retry = (model.candidates(Which::Failed).len() > 1 && model.may_start()).then(|| {
        let again =
            button(Weight::Link, locale.words().retry_failed, tell(send, ArchiveEvent::Wish(Which::Failed)))
                .attr("id", button_id(Which::Failed))
                .test("archive-retry", "");
        el("div").with(again)
    });
    Some(notice(tone, text, retry))
}

/// What came of the run whose end the agent has seen.
pub(super) fn outcome(locale: Locale, model: &ArchiveModel) -> Option<(Tone, String)> {
    let words = locale.words();
    let run = model.view()?.run.as_ref().filter(|_| model.saw_end)?;
    let archived = model.archived();
    let (tone, left) = match run.state {
        RunState::Done | RunState::Cancelled if archived == 0 => (Tone::Plain, model.in_zendesk()),
        RunState::Done => (Tone::Ok, 0),
        RunState::Cancelled => (Tone::Plain, model.in_zendesk()),
        RunState::Failed => (Tone::Bad, model.in_zendesk()),
        RunState::Queued | RunState::Running | RunState::Unknown => return None,
    };
    let mut said = vec![];
    if archived > 0 {
        said.push((words.archived)(archived));
    }
    if run.state == RunState::Cancelled && archived == 0 {
        said.push(words.undone.into());
    } else if left > 0 {
        said.push((words.still_in_zendesk)(left));
    }
    if run.noted == Some(false) {
        said.push(words.not_noted.into());
    }
    Some((tone, locale.sentences(&said)))
}

/// Files that came after the agent had asked for the others: they did not go with them.
pub(super) fn arrived(locale: Locale, model: &ArchiveModel, send: &Send<ArchiveEvent>) -> Option<Node> {
    let text = arrived_text(locale, model)?;
    let can_go = !model.candidates(Which::New).is_empty();
    let archive = (can_go && model.may_wish()).then(|| {
        button(Weight::Plain, locale.words().archive, tell(send, ArchiveEvent::Wish(Which::New)))
            .attr("id", button_id(Which::New))
            .test("archive-new", "")
    });
    Some(el("div").class("notice").test("archive-arrived", "").with(row(el("p").with(text), archive)))
}

pub(super) fn arrived_text(locale: Locale, model: &ArchiveModel) -> Option<String> {
    let count = model.arrived();
    (count > 0).then(|| (locale.words().arrived)(count))
}

/// Why there is nothing to press.
pub(super) fn nothing_to_press(locale: Locale, model: &ArchiveModel) -> Option<Node> {
    if model.live() || model.in_zendesk() == 0 {
        return None;
    }
    let why = if !model.may_start() {
        locale.words().may_not_start
    } else if model.candidates(Which::All).is_empty() {
        locale.words().none_can_go
    } else {
        return None;
    };
    Some(el("p").class("small subtle").test("archive-none", "").with(why))
}
