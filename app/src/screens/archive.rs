//! A ticket's attachments, and their way into the archive.

use std::sync::Arc;

use wire::{ArchiveView, RunState};

use super::files::{button_id, files};
use super::{Send, fault, tell};
use crate::i18n::Locale;
use crate::model::archive::{ArchiveEvent, ArchiveModel, Link, Phase, Which};
use crate::model::session::{Proof, SessionEvent, Standing};
use crate::ui::{Node, Tone, Weight, button, el, notice, problem, progress, row, skeleton};

/// The archive's section; nothing where there is no saved ticket.
#[must_use]
pub fn archive(locale: Locale, model: &ArchiveModel, send: &Send<ArchiveEvent>) -> Option<Node> {
    let words = locale.words;
    let section = el("section").class("stack part").test("archive", "");
    Some(match &model.phase {
        Phase::Closed => return None,
        Phase::Loading => section.attr("aria-busy", "true").with(skeleton(words.loading)),
        Phase::Failed { fault: why, .. } => {
            let again = button(Weight::Plain, words.try_again, tell(send, ArchiveEvent::Reload));
            section.with(fault(locale, why, Some(el("div").with(again))))
        }
        Phase::Ready(view) if view.items.is_empty() => {
            section.with(el("p").class("subtle small").with(words.no_attachments))
        }
        Phase::Ready(view) => section.all(ready(locale, model, view, send)),
    })
}

/// In the archive's place while the agent is being checked, and where that failed.
#[must_use]
pub fn unproved(locale: Locale, standing: &Standing, send: &Send<SessionEvent>) -> Option<Node> {
    let Standing::Unproved(proof) = standing else { return None };
    let inner = if let Proof::Failed(_) = proof {
        let again = button(Weight::Plain, locale.words.try_again, tell(send, SessionEvent::ProveAgain));
        problem(locale.words.agent_unproved.into(), "agent_unproved", Some(el("div").with(again)))
    } else {
        el("p").class("subtle small").with(locale.words.checking_agent)
    };
    Some(el("section").class("stack part").with(inner))
}

/// What is read aloud: only what changed for the agent, not every byte.
#[must_use]
pub fn spoken(locale: Locale, model: &ArchiveModel) -> String {
    match &model.link {
        Link::Idle => outcome(locale, model).map(|(_, text)| text).unwrap_or_default(),
        Link::Reconnecting(_) => locale.words.reconnecting.into(),
        Link::Starting | Link::Following(_) => heading(locale, model),
    }
}

fn ready(locale: Locale, model: &ArchiveModel, view: &ArchiveView, send: &Send<ArchiveEvent>) -> Vec<Node> {
    let words = locale.words;
    let idle = !model.live() && model.confirm.is_none();
    let act = if model.live() {
        undo(locale, view, send)
    } else {
        (idle && !model.candidates(Which::All).is_empty()).then(|| {
            button(Weight::Plain, words.archive_all, tell(send, ArchiveEvent::Wish(Which::All)))
                .attr("id", button_id(Which::All))
                .test("archive-all", "")
        })
    };
    let title = el("h2").attr("id", "archive-title").attr("tabindex", "-1").with(heading(locale, model));
    let bytes = view.items.iter().map(|item| item.size).sum();
    let size = (!model.live()).then(|| el("span").class("small subtle num").with(locale.size(bytes)));
    let mut parts = vec![row(el("div").class("dotted").with(title).all(size), act)];
    if model.live() {
        parts.push(progress(
            Tone::Plain,
            model.progress().percent,
            heading(locale, model),
            "archive-progress",
        ));
    }
    if model.live() {
        parts.extend(window(locale, view));
    }
    if matches!(model.link, Link::Reconnecting(_)) {
        parts.push(el("p").class("small subtle").test("archive-lost", "").with(words.reconnecting));
    }
    match model.confirm {
        Some(which) => parts.push(confirmation(locale, model, which, send)),
        None => parts.extend(after(locale, model, view, send)),
    }
    parts.push(files(locale, view, model.live(), idle, send));
    parts
}

fn heading(locale: Locale, model: &ArchiveModel) -> String {
    let progress = model.progress();
    match &model.link {
        Link::Following(_) | Link::Reconnecting(_) if progress.total > 0 => {
            (locale.words.archiving)(progress.settled, progress.total)
        }
        Link::Starting | Link::Following(_) | Link::Reconnecting(_) => locale.words.starting.into(),
        Link::Idle => {
            let count = model.view().map_or(0, |view| view.items.len());
            (locale.words.attachments)(count)
        }
    }
}

/// The server refuses once the window is over.
fn undo(locale: Locale, view: &ArchiveView, send: &Send<ArchiveEvent>) -> Option<Node> {
    view.run.as_ref()?.undo_until.as_ref()?;
    Some(
        button(Weight::Link, locale.words.undo, tell(send, ArchiveEvent::Undo(None)))
            .test("archive-undo", ""),
    )
}

/// Until when nothing is removed.
fn window(locale: Locale, view: &ArchiveView) -> Option<Node> {
    let until = locale.moment(view.run.as_ref()?.undo_until.as_ref()?);
    Some(el("p").class("small subtle").test("archive-until", "").with((locale.words.kept_until)(&until)))
}

/// Says that it is for good, and takes the keyboard's focus; Escape leaves it.
fn confirmation(locale: Locale, model: &ArchiveModel, which: Which, send: &Send<ArchiveEvent>) -> Node {
    let words = locale.words;
    let files = model.candidates(which);
    let name = match (which, files.as_slice()) {
        (Which::One(_), [file]) => Some(el("p").class("clip").with(file.file_name.clone())),
        _ => None,
    };
    let yes = button(Weight::Primary, (words.confirm)(files.len()), tell(send, ArchiveEvent::Confirm))
        .test("archive-confirm", "");
    let no = button(Weight::Plain, words.cancel, tell(send, ArchiveEvent::Cancel)).test("archive-cancel", "");
    el("div")
        .class("notice warn")
        .attr("id", "archive-confirmation")
        .attr("role", "alertdialog")
        .attr("tabindex", "-1")
        .attr("aria-labelledby", "archive-for-good")
        .attr("aria-describedby", "archive-how")
        .escape(Arc::new(tell(send, ArchiveEvent::Cancel)))
        .all(name)
        .with(el("p").with(el("b").attr("id", "archive-for-good").with(words.confirm_for_good)))
        .with(el("p").attr("id", "archive-how").with(words.confirm_how))
        .with(el("div").class("acts").with(yes).with(no))
}

/// What came of the last run, and of the last wish.
fn after(
    locale: Locale,
    model: &ArchiveModel,
    view: &ArchiveView,
    send: &Send<ArchiveEvent>,
) -> Option<Node> {
    if let Some(why) = &model.fault {
        return Some(fault(locale, why, None));
    }
    if let Some(reason) = view.run.as_ref().and_then(|run| run.problem.as_ref()) {
        return Some(problem(locale.problem(reason.code, &reason.message, None), reason.code.as_str(), None));
    }
    let (tone, text) = outcome(locale, model)?;
    let retry = (model.candidates(Which::Failed).len() > 1).then(|| {
        let again =
            button(Weight::Link, locale.words.retry_failed, tell(send, ArchiveEvent::Wish(Which::Failed)))
                .attr("id", button_id(Which::Failed))
                .test("archive-retry", "");
        el("div").with(again)
    });
    Some(notice(tone, text, retry))
}

fn outcome(locale: Locale, model: &ArchiveModel) -> Option<(Tone, String)> {
    let words = locale.words;
    let view = model.view()?;
    let run = view.run.as_ref().filter(|_| !model.live())?;
    let failed = model.candidates(Which::Failed).len();
    let archived = model.archived();
    let (tone, mut said) = match run.state {
        RunState::Done if archived == 0 => (Tone::Plain, vec![(words.some_failed)(view.items.len())]),
        RunState::Done => (Tone::Ok, vec![(words.archived)(archived)]),
        RunState::Failed if archived > 0 => {
            (Tone::Bad, vec![(words.archived)(archived), (words.some_failed)(failed)])
        }
        RunState::Failed => (Tone::Bad, vec![(words.some_failed)(failed)]),
        RunState::Cancelled => (Tone::Plain, vec![words.cancelled.into()]),
        RunState::Queued | RunState::Running | RunState::Unknown => return None,
    };
    if run.noted == Some(false) {
        said.push(words.not_noted.into());
    }
    Some((tone, said.join(" ")))
}

#[cfg(test)]
mod tests;
