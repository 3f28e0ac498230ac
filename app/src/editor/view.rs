//! The page: what it is for, a template to begin with, six parts, and below them what became of the last save.

mod contract;
mod mapping;
mod parts;
mod sources;
mod when;

use self::parts::{Form, columns, told};
use super::model::{Conflict, EditorEvent as E, EditorPage, FORM, SAID};
use crate::console::RequestState;
use crate::console::frame::{TITLE, coded, heading, in_english};
use crate::format::zone;
use crate::i18n::editor::EditorWords;
use crate::i18n::{Locale, sentence};
use crate::json::Json;
use crate::model::fault::FaultKind;
use crate::screens::{Send, fault, tell};
use crate::ui::{Node, Tone, Weight, button, el, empty, notice, skeleton};

/// The page.
#[must_use]
pub fn view(locale: Locale, words: &'static EditorWords, page: &EditorPage, send: &Send<E>) -> Node {
    let root = el("div").class("stack wide editor").test("editor", page.id.clone().unwrap_or_default());
    if page.may_edit() == Some(false) {
        let title = el("span").attr("id", TITLE).attr("tabindex", "-1").with(words.denied);
        return root.with(empty(title, words.denied_why).test("problem", "connection_editors_only"));
    }
    let root = root.with(match &page.draft {
        Some(draft) if draft.is_kept() => {
            titled((words.title_edit)(draft.base.at("name").shown().as_str()), words)
        }
        _ => heading(words.title_new, words.what),
    });
    let again = || {
        let open = E::Open(page.id.clone(), zone());
        Some(el("div").with(button(Weight::Plain, locale.shared.try_again, tell(send, open))))
    };
    match (&page.draft, &page.loading, &page.listing) {
        (_, RequestState::Failed(why), _) | (None, _, RequestState::Failed(why)) => {
            root.with(fault(locale, why, again()))
        }
        (None, ..) => root.with(skeleton(words.loading)),
        (Some(_), _, RequestState::Pending) if page.connections.is_none() => {
            root.with(skeleton(words.loading))
        }
        (Some(draft), ..) => {
            let failed = match &page.listing {
                RequestState::Failed(why) => Some(fault(locale, why, again())),
                _ => None,
            };
            root.all(failed).with(form(&Form { locale, words, page, draft, send }))
        }
    }
}

fn titled(title: String, words: &'static EditorWords) -> Node {
    el("div")
        .class("stack tight")
        .with(el("h1").class("title").attr("id", TITLE).attr("tabindex", "-1").with(title))
        .with(el("p").class("subtle").with(words.what))
}

fn form(form: &Form<'_>) -> Node {
    let Form { words, page, draft, send, .. } = *form;
    let recalled = page.recalled.then(|| {
        let discard = form.act(words.discard, "draft-discard", E::Discard(zone()));
        notice(Tone::Info, words.recalled, Some(el("div").with(discard))).test("draft-recalled", "")
    });
    let begin = (!draft.is_kept() && !page.templates.is_empty()).then(|| templates(form));
    let id = (!draft.is_kept()).then(|| form.text("id"));
    let names = el("div").class("pair").with(form.text("name")).all(id);
    let steps = ["1", "2", "3", "4", "5", "6"].map(|number| {
        let go = button(Weight::Link, (words.step)(number).0, tell(send, E::Go(STEPS[usize_of(number)])));
        el("li").with(go)
    });
    let known = page.contract_columns().or_else(|| page.columns()).unwrap_or_default();
    el("form")
        .class("settings")
        .attr("id", FORM)
        .attr("novalidate", "")
        .attr("aria-label", words.title_new)
        .key(page.round.to_string())
        .input(told(send, E::Changed))
        .submit(told(send, E::Submit))
        .all(recalled)
        .all(begin)
        .with(el("nav").attr("aria-label", words.steps).with(el("ol").class("steps").all(steps)))
        .with(names)
        .with(sources::sources(form))
        .with(sources::model(form))
        .with(mapping::destination(form))
        .with(mapping::mapping(form))
        .with(contract::contract(form))
        .with(when::when(form))
        .with(columns(form, known))
        .with(foot(form))
}

const STEPS: [&str; 6] = ["step-1", "step-2", "step-3", "step-4", "step-5", "step-6"];

fn usize_of(number: &str) -> usize {
    number.parse::<usize>().unwrap_or(1) - 1
}

/// Templates to begin with.
fn templates(form: &Form<'_>) -> Node {
    let one = |(at, template): (usize, &Json)| {
        let id = template.at("id").shown();
        let (name, what) = (form.words.option)(&["template.", &id].concat());
        let name = if name.is_empty() { template.at("name").shown() } else { name.to_owned() };
        let press = button(Weight::Plain, el("b").with(name), tell(form.send, E::Template(at)));
        el("li").with(press.with(el("div").class("small subtle").with(what)).test("template", id))
    };
    let all = form.page.templates.iter().enumerate().map(one);
    el("section")
        .class("stack tight")
        .attr("aria-label", form.words.templates)
        .with(el("p").with(form.words.templates))
        .with(el("ul").class("choices").all(all))
}

/// What became of the last save, and the button for the next one; it stays in sight.
fn foot(form: &Form<'_>) -> Node {
    let Form { locale, words, page, draft, .. } = *form;
    let said = match (&page.conflict, &page.saving) {
        (Some(conflict), _) => Some(changed(form, conflict)),
        (None, RequestState::Failed(why)) => Some(refused(locale, words, page, why)),
        _ if !page.wrong.is_empty() => {
            let count = (words.wrong_fields)(page.wrong.len());
            Some(
                el("div")
                    .class("notice bad")
                    .attr("role", "alert")
                    .test("problem", "field_wrong")
                    .with(count),
            )
        }
        _ if page.saved => Some(offer(form)),
        _ => None,
    };
    let is_pending = page.saving == RequestState::Pending;
    let text = if is_pending { words.saving } else { words.save };
    let save = el("button").attr("type", "submit").class("btn primary").test("editor-save", "").with(text);
    let status = if page.typed && !is_pending { words.unsaved } else { "" };
    let back = if draft.is_kept() {
        ["#integrations/", draft.get("id")].concat()
    } else {
        "#integrations".to_owned()
    };
    let acts = el("div")
        .class("acts")
        .with(save)
        .with(el("a").class("btn").attr("href", back).with(words.back))
        .with(el("span").class("subtle").attr("role", "status").test("editor-status", "").with(status));
    let said = el("div").class("said").attr("id", SAID).attr("tabindex", "-1").all(said);
    el("div").class("foot stack").with(said).with(acts)
}

/// Saved; what comes next.
fn offer(form: &Form<'_>) -> Node {
    let words = form.words;
    let failed = match &form.page.starting {
        RequestState::Failed(why) => Some(fault(form.locale, why, None)),
        _ => None,
    };
    let start = button(Weight::Primary, words.dry_run, tell(form.send, E::DryRun)).test("editor-dry-run", "");
    el("div")
        .class("notice")
        .attr("role", "status")
        .test("editor-saved", "")
        .with(el("p").with(words.saved))
        .with(el("div").class("acts").with(start))
        .all(failed)
}

/// Why the server does not take it: what is not said at a field is said here.
fn refused(
    locale: Locale,
    words: &'static EditorWords,
    page: &EditorPage,
    why: &crate::model::Fault,
) -> Node {
    let FaultKind::Refused(body) = &why.kind else { return fault(locale, why, None) };
    let said = |message: &str| {
        page.wrong.iter().any(|(_, wrong)| *wrong == super::check::Wrong::Server(message.into()))
    };
    let rest: Vec<Node> = body
        .problems
        .iter()
        .filter(|one| !said(&one.message))
        .map(|one| in_english(&[&one.field, " ", &one.message].concat()))
        .collect();
    let counted = (!page.wrong.is_empty()).then(|| el("p").with((words.wrong_fields)(page.wrong.len())));
    let own = body.problems.is_empty().then(|| {
        let hint = body.hint.as_deref().map(sentence).unwrap_or_default();
        in_english(&[&sentence(&body.message), " ", &hint].concat())
    });
    let known =
        (locale.shared.error)(body.code).filter(|_| page.wrong.is_empty()).map(|text| el("p").with(text));
    el("div")
        .class("notice bad")
        .attr("role", "alert")
        .test("problem", body.code.as_str())
        .all(counted)
        .all(known)
        .all(own)
        .all(rest)
}

/// Somebody else has saved meanwhile: what they changed.
fn changed(form: &Form<'_>, conflict: &Conflict) -> Node {
    let words = form.words;
    let value = |text: &str| {
        if text.is_empty() { el("i").with(words.empty_value) } else { el("code").with(text.to_owned()) }
    };
    let line = |(place, before, after): &(String, String, String)| {
        el("li")
            .test("conflict-change", place.clone())
            .with(el("b").with(place.clone()))
            .with(": ")
            .with(value(before))
            .with(" → ")
            .with(value(after))
    };
    let theirs = form.act(words.load_theirs, "conflict-theirs", E::LoadTheirs);
    let mine = form.act(words.save_mine, "conflict-mine", E::SaveMine);
    el("div")
        .class("notice bad")
        .attr("role", "alert")
        .test("problem", "integration_changed")
        .with(coded("p", words.conflict))
        .with(el("ul").class("small").all(conflict.changes.iter().map(line)))
        .with(el("div").class("acts").with(theirs).with(mine))
}

#[cfg(test)]
mod tests;
