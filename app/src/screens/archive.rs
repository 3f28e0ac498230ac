//! A ticket's attachments, and their way into the archive.

use leptos::prelude::*;
use wire::{ArchiveView, RunState};

use super::files::{button_id, files};
use crate::i18n::Locale;
use crate::model::archive::{ArchiveEvent, ArchiveModel, Link, Phase, Which};
use crate::model::session::{Proof, SessionEvent, Standing};
use crate::ui::{Names, Tone, Weight, button, labelled, notice, problem, progress, row, skeleton};

/// The archive's section; nothing where there is no saved ticket.
pub fn archive(locale: Locale, model: &ArchiveModel, send: Callback<ArchiveEvent>) -> Option<AnyView> {
    let words = locale.words;
    let inner = match &model.phase {
        Phase::Closed => return None,
        Phase::Loading => skeleton(words.loading),
        Phase::Failed { fault, .. } => {
            let again = button(Weight::Plain, words.try_again, Names::default(), move || send.run(ArchiveEvent::Reload));
            problem(locale.fault(fault), fault.code().map_or("offline", wire::ErrorCode::as_str), Some(again))
        }
        Phase::Ready(view) if view.items.is_empty() => {
            view! { <p class="subtle small">{words.no_attachments}</p> }.into_any()
        }
        Phase::Ready(view) => ready(locale, model, view, send),
    };
    let busy = matches!(model.phase, Phase::Loading).to_string();
    Some(view! { <section class="stack part" data-testid="archive" aria-busy=busy>{inner}</section> }.into_any())
}

/// In the archive's place while the agent is being checked, and where that failed.
pub fn unproved(locale: Locale, standing: &Standing, send: Callback<SessionEvent>) -> Option<AnyView> {
    let Standing::Unproved(proof) = standing else { return None };
    let inner = if let Proof::Failed(_) = proof {
        let again = button(Weight::Plain, locale.words.try_again, Names::default(), move || {
            send.run(SessionEvent::ProveAgain);
        });
        problem(locale.words.agent_unproved.into(), "agent_unproved", Some(again))
    } else {
        view! { <p class="subtle small">{locale.words.checking_agent}</p> }.into_any()
    };
    Some(view! { <section class="stack part">{inner}</section> }.into_any())
}

/// What is read aloud: only what changed for the agent, not every byte.
#[must_use]
pub fn spoken(locale: Locale, model: &ArchiveModel) -> String {
    match &model.link {
        Link::Idle => outcome(locale, model).map(|(_, text)| text).unwrap_or_default(),
        Link::Starting => locale.words.starting.into(),
        Link::Following(_) => heading(locale, model),
        Link::Reconnecting(_) => locale.words.reconnecting.into(),
    }
}

fn ready(locale: Locale, model: &ArchiveModel, view: &ArchiveView, send: Callback<ArchiveEvent>) -> AnyView {
    let words = locale.words;
    let all = model.candidates(Which::All);
    let act = if model.live() {
        undo(locale, view, send)
    } else {
        (!all.is_empty() && model.confirm.is_none()).then(|| {
            let names =
                Names { id: Some(button_id(Which::All)), testid: Some("archive-all"), ..Names::default() };
            button(Weight::Plain, words.archive_all, names, move || send.run(ArchiveEvent::Wish(Which::All)))
        })
    };
    let title = view! { <h2 id="archive-title" tabindex="-1">{heading(locale, model)}</h2> }.into_any();
    view! {
        {row(title, act.into_any())}
        {model.live().then(|| overall(locale, model))}
        {model.confirm.map(|which| confirmation(locale, model, which, send))}
        {after(locale, model, view, send)}
        {files(locale, &view.items, model.live() || model.confirm.is_some(), send)}
    }
    .into_any()
}

fn heading(locale: Locale, model: &ArchiveModel) -> String {
    let progress = model.progress();
    match &model.link {
        Link::Following(_) | Link::Reconnecting(_) if progress.total > 0 => {
            (locale.words.archiving)(progress.settled, progress.total)
        }
        Link::Starting | Link::Following(_) | Link::Reconnecting(_) => locale.words.starting.into(),
        Link::Idle => {
            let items = model.view().map(|view| view.items.as_slice()).unwrap_or_default();
            let bytes = items.iter().map(|item| item.size).sum();
            [(locale.words.attachments)(items.len()), locale.size(bytes)].join(" · ")
        }
    }
}

fn overall(locale: Locale, model: &ArchiveModel) -> AnyView {
    let lost = matches!(model.link, Link::Reconnecting(_))
        .then(|| view! { <p class="small subtle" data-testid="archive-lost">{locale.words.reconnecting}</p> });
    let bar = progress(Tone::Plain, model.progress().percent, heading(locale, model), "archive-progress");
    view! { {bar}{lost} }.into_any()
}

/// The server refuses once the window is over.
fn undo(locale: Locale, view: &ArchiveView, send: Callback<ArchiveEvent>) -> Option<AnyView> {
    view.run.as_ref()?.undo_until.as_ref()?;
    Some(button(Weight::Link, locale.words.undo, Names::default(), move || send.run(ArchiveEvent::Undo)))
}

/// Says that it is for good, and takes the keyboard's focus; Escape leaves it.
fn confirmation(locale: Locale, model: &ArchiveModel, which: Which, send: Callback<ArchiveEvent>) -> AnyView {
    let words = locale.words;
    let files = model.candidates(which);
    let name = match (which, files.as_slice()) {
        (Which::One(_), [file]) => Some(view! { <p class="clip">{file.file_name.clone()}</p> }),
        _ => None,
    };
    let names = Names { testid: Some("archive-confirm"), ..Names::default() };
    let yes = Box::new(move || send.run(ArchiveEvent::Confirm));
    let confirm = labelled(Weight::Primary, (words.confirm)(files.len()), names, yes);
    let cancel = button(Weight::Plain, words.cancel, Names::default(), move || send.run(ArchiveEvent::Cancel));
    let key = move |event: leptos::ev::KeyboardEvent| {
        if event.key() == "Escape" {
            send.run(ArchiveEvent::Cancel);
        }
    };
    view! {
        <div class="notice warn" id="archive-confirmation" role="alertdialog" tabindex="-1"
            aria-labelledby="archive-for-good" aria-describedby="archive-how" on:keydown=key>
            {name}
            <p><b id="archive-for-good">{words.confirm_for_good}</b></p>
            <p id="archive-how">{words.confirm_how}</p>
            <div class="acts">{confirm}{cancel}</div>
        </div>
    }
    .into_any()
}

/// What came of the last run, and of the last wish.
fn after(locale: Locale, model: &ArchiveModel, view: &ArchiveView, send: Callback<ArchiveEvent>) -> Option<AnyView> {
    if model.confirm.is_some() {
        return None;
    }
    let run = view.run.as_ref();
    if let Some(fault) = &model.fault {
        return Some(problem(locale.fault(fault), fault.code().map_or("offline", wire::ErrorCode::as_str), None));
    }
    if let Some(reason) = run.and_then(|run| run.problem.as_ref()) {
        return Some(problem(locale.problem(reason.code, &reason.message, None), reason.code.as_str(), None));
    }
    let (tone, text) = outcome(locale, model)?;
    let failed = model.candidates(Which::Failed).len();
    let retry = (failed > 1).then(|| {
        let names = Names { id: Some(button_id(Which::Failed)), testid: Some("archive-retry"), ..Names::default() };
        let again = button(Weight::Link, locale.words.retry_failed, names, move || {
            send.run(ArchiveEvent::Wish(Which::Failed));
        });
        view! { <div class="acts">{again}</div> }.into_any()
    });
    Some(notice(tone, text, retry))
}

fn outcome(locale: Locale, model: &ArchiveModel) -> Option<(Tone, String)> {
    let words = locale.words;
    let view = model.view()?;
    let run = view.run.as_ref().filter(|_| !model.live())?;
    let failed = model.candidates(Which::Failed).len();
    let archived = view.items.iter().filter(|item| item.state == wire::ItemState::Redacted).count();
    let (tone, mut said) = match run.state {
        RunState::Done => (Tone::Ok, vec![(words.archived)(archived)]),
        RunState::Failed if archived > 0 => (Tone::Bad, vec![(words.archived)(archived), (words.some_failed)(failed)]),
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
