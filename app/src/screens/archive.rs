//! A ticket's attachments, and their way into the archive.

mod notices;

use std::rc::Rc;

use wire::{ArchiveView, ItemState, Listing};

use super::files::{button_id, files, undo_button};
use super::{Send, fault, tell};
use crate::i18n::Locale;
use crate::model::archive::{ArchiveEvent, ArchiveModel, Link, Phase, Stage, Which};
use crate::model::call::clock;
use crate::model::session::{Proof, SessionEvent, Standing};
use crate::ui::{Node, Tone, Weight, button, el, problem, progress, row, skeleton};

/// The archive's section; nothing where there is no saved ticket.
#[must_use]
pub fn archive(locale: Locale, model: &ArchiveModel, send: &Send<ArchiveEvent>) -> Option<Node> {
    let words = locale.words();
    let section = el("section").class("stack part").test("archive", "");
    let again =
        || el("div").with(button(Weight::Plain, locale.shared.try_again, tell(send, ArchiveEvent::Reload)));
    Some(match &model.phase {
        Phase::Closed => return None,
        Phase::Loading => section.attr("aria-busy", "true").with(skeleton(words.loading)),
        Phase::Failed(why) => section.with(fault(locale, why, Some(again()))),
        Phase::Ready(view) if view.items.is_empty() && !model.live() => {
            if view.unreadable > 0 {
                section.all(notices::unreadable(locale, model, view)).with(again())
            } else if view.listing == Listing::Fresh {
                section.with(el("p").class("subtle small").with(words.no_attachments))
            } else {
                section.all(notices::freshness(locale, model, view)).with(again())
            }
        }
        Phase::Ready(view) => section.all(ready(locale, model, view, send)),
    })
}

/// In the archive's place while the agent is being checked, and where that failed.
#[must_use]
pub fn unproved(locale: Locale, standing: &Standing, send: &Send<SessionEvent>) -> Option<Node> {
    let Standing::Unproved(proof) = standing else { return None };
    let inner = if let Proof::Failed(_) = proof {
        let again = button(Weight::Plain, locale.shared.try_again, tell(send, SessionEvent::ProveAgain));
        problem(locale.shared.agent_unproved.into(), "agent_unproved", Some(el("div").with(again)))
    } else {
        el("p").class("subtle small").with(locale.shared.checking_agent)
    };
    Some(el("section").class("stack part").with(inner))
}

/// What is read aloud: only what changed for the agent, not every byte, and of the countdown its start and its last minute.
#[must_use]
pub fn spoken(locale: Locale, model: &ArchiveModel) -> String {
    let words = locale.words();
    let said = match &model.link {
        Link::Idle => notices::outcome(locale, model).map(|(_, text)| text).unwrap_or_default(),
        Link::Reconnecting(_) => words.reconnecting.into(),
        Link::Starting | Link::Following(_) => heading(locale, model),
    };
    let left = model.seconds_left().filter(|_| model.stage() == Stage::Waiting);
    let left = left.map(|left| if left < 60 { words.last_minute } else { words.can_undo }.to_owned());
    let arrived = notices::arrived_text(locale, model);
    [Some(said), left, arrived]
        .into_iter()
        .flatten()
        .filter(|text| !text.is_empty())
        .collect::<Vec<_>>()
        .join(" · ")
}

fn ready(locale: Locale, model: &ArchiveModel, view: &ArchiveView, send: &Send<ArchiveEvent>) -> Vec<Node> {
    let run = if model.live() { run(locale, model) } else { vec![] };
    let mut parts = vec![el("div").class("stack tight").with(head(locale, model, view, send)).all(run)];
    parts.extend(notices::unreadable(locale, model, view));
    parts.extend(notices::freshness(locale, model, view));
    parts.extend(notices::undo(locale, model, view, send));
    match model.confirm {
        Some(which) => parts.push(confirmation(locale, model, view, which, send)),
        None => parts.extend(notices::after(locale, model, send)),
    }
    parts.extend(notices::arrived(locale, model, send));
    parts.extend(notices::nothing_to_press(locale, model));
    parts.push(files(locale, model, view, send));
    parts
}

fn head(locale: Locale, model: &ArchiveModel, view: &ArchiveView, send: &Send<ArchiveEvent>) -> Node {
    let words = locale.words();
    let (go, left) = (model.candidates(Which::All).len(), model.in_zendesk());
    let act = if model.live() {
        model.can_undo().then(|| {
            let undoing = model.undo.is_all();
            undo_button(locale, words.undo_all, undoing, None, send).test("archive-undo", "")
        })
    } else {
        (go > 0 && model.may_wish()).then(|| {
            let text: Node = match (go, left) {
                _ if go < left => (words.archive_some)(go, left).into(),
                (1, _) => words.archive.into(),
                _ => words.archive_all.into(),
            };
            button(Weight::Plain, text, tell(send, ArchiveEvent::Wish(Which::All)))
                .attr("id", button_id(Which::All))
                .test("archive-all", "")
        })
    };
    let title = el("h2").attr("id", "archive-title").attr("tabindex", "-1").with(heading(locale, model));
    let is_untouched = !model.live() && left == view.items.len();
    let size = is_untouched.then(|| {
        let bytes = view.items.iter().map(|item| item.size).sum();
        el("span").class("small subtle num").with(locale.size(bytes))
    });
    row(el("div").class("dotted").with(title).all(size), act)
}

fn heading(locale: Locale, model: &ArchiveModel) -> String {
    let words = locale.words();
    if model.link == Link::Idle {
        let (left, all) = (model.in_zendesk(), model.view().map_or(0, |view| view.items.len()));
        return match left {
            left if left == all => (words.attachments)(all),
            0 => (words.all_archived)(all),
            left => (words.in_and_out)(left, all - left),
        };
    }
    let progress = model.progress();
    match model.stage() {
        Stage::Waiting => (words.copied)(ready_files(model)),
        _ if progress.total == 0 => words.starting.into(),
        Stage::Copying => (words.copying)(progress.settled, progress.total),
        Stage::Removing => (words.archiving)(progress.settled, progress.total),
    }
}

/// Files that leave Zendesk when the time to undo is over.
fn ready_files(model: &ArchiveModel) -> usize {
    let items = model.view().map(|view| view.items.as_slice()).unwrap_or_default();
    items.iter().filter(|item| item.state == ItemState::Verified).count()
}

/// How far the run is, or for how much longer it can be undone.
fn run(locale: Locale, model: &ArchiveModel) -> Vec<Node> {
    let mut parts = vec![];
    if model.stage() == Stage::Waiting {
        parts.extend(model.seconds_left().map(|left| {
            let text = (locale.words().leaves_in)(ready_files(model), &clock(left.into()));
            el("p").class("num").attr("role", "timer").test("archive-until", left.to_string()).with(text)
        }));
    } else {
        let percent = model.progress().percent;
        parts.push(progress(Tone::Plain, percent, heading(locale, model), "archive-progress"));
    }
    if matches!(model.link, Link::Reconnecting(_)) {
        parts.push(el("p").class("small subtle").test("archive-lost", "").with(locale.words().reconnecting));
    }
    parts
}

/// Says what happens and whether it can be undone, and takes the keyboard's focus; Escape leaves it.
fn confirmation(
    locale: Locale,
    model: &ArchiveModel,
    view: &ArchiveView,
    which: Which,
    send: &Send<ArchiveEvent>,
) -> Node {
    let words = locale.words();
    let files = model.confirming();
    let name = match (which, files.as_slice()) {
        (Which::One(_), [file]) => Some(el("p").class("clip").with(file.file_name.clone())),
        _ => None,
    };
    let (class, undo) = match view.undo_seconds {
        0 => ("notice warn", words.confirm_final.into()),
        seconds => ("notice", (words.confirm_undo)(&locale.span(seconds))),
    };
    let how = locale.sentences(&[(words.confirm_how)(files.len()).into(), undo]);
    let yes = button(Weight::Primary, (words.confirm)(files.len()), tell(send, ArchiveEvent::Confirm))
        .test("archive-confirm", "");
    let no = button(Weight::Plain, words.cancel, tell(send, ArchiveEvent::Cancel)).test("archive-cancel", "");
    el("div")
        .class(class)
        .attr("id", "archive-confirmation")
        .attr("role", "alertdialog")
        .attr("tabindex", "-1")
        .attr("aria-labelledby", "archive-question")
        .attr("aria-describedby", "archive-how")
        .escape(Rc::new(tell(send, ArchiveEvent::Cancel)))
        .with(el("p").with(el("b").attr("id", "archive-question").with((words.confirm_title)(files.len()))))
        .all(name)
        .with(el("p").attr("id", "archive-how").with(how))
        .with(el("div").class("acts").with(yes).with(no))
}

#[cfg(test)]
mod tests;
