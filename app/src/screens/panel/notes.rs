//! What the agent notes at the end: an outcome and words of their own. The field keeps what is typed; the model what is saved.

use std::rc::Rc;

use crate::i18n::Locale;
use crate::i18n::panel::words;
use crate::model::notes::{Draft, LONGEST, NotesModel, Standing};
use crate::ui::{Node, el};

/// The form's id, and its fields.
pub const FORM: &str = "wrap-up";
/// See [`FORM`].
pub const FIELDS: [&str; 2] = ["text", "outcome"];

/// How many characters are left before anybody is told.
const NEAR: usize = 400;

/// The form. `typed` reads it.
#[must_use]
pub fn notes(
    locale: Locale,
    task: &str,
    model: &NotesModel,
    outcomes: &[String],
    typed: impl Fn() + 'static,
) -> Node {
    let words = words(locale.tag);
    let empty = Draft::default();
    let draft = model.draft().unwrap_or(&empty);
    let (round, seed) = &draft.seed;
    let option = |value: &str, text: String| {
        let option = el("option").attr("value", value.to_owned()).with(text);
        if seed.outcome == value { option.attr("selected", "") } else { option }
    };
    let known = outcomes.contains(&seed.outcome) || seed.outcome.is_empty();
    let of_before = (!known).then(|| option(&seed.outcome, seed.outcome.clone()));
    let select = el("select")
        .attr("id", FIELDS[1])
        .attr("name", FIELDS[1])
        .test("notes-outcome", "")
        .with(option("", words.no_outcome.into()))
        .all(outcomes.iter().map(|outcome| option(outcome, outcome.clone())))
        .all(of_before);
    // It keeps its place also where nothing is to be chosen: the field below it must not be made anew.
    let outcome =
        el("div").class("field").with(el("label").attr("for", FIELDS[1]).with(words.outcome)).with(select);
    let outcome = if outcomes.is_empty() { outcome.attr("hidden", "") } else { outcome };
    let area = el("textarea")
        .attr("id", FIELDS[0])
        .attr("name", FIELDS[0])
        .attr("rows", "4")
        .attr("maxlength", LONGEST.to_string())
        .attr("aria-describedby", "notes-hint")
        .test("notes-text", "")
        .with(seed.text.clone());
    let field =
        el("div").class("field").with(el("label").attr("for", FIELDS[0]).with(words.notes)).with(area);
    let (form, typed) = (el("form").class("stack tight").attr("id", FORM), Rc::new(typed));
    let form = form
        .key([task, "/", &round.to_string()].concat())
        .input(typed)
        .submit(Rc::new(|| ()))
        .with(outcome)
        .with(field);
    let title = el("h2").class("grow").with(words.wrap_up);
    el("section")
        .class("stack tight")
        .test("notes", standing_name(draft))
        .with(el("div").class("row").with(title).with(standing(locale, draft)))
        .with(form)
        .with(below(locale, draft))
}

fn standing_name(draft: &Draft) -> &'static str {
    match draft.standing() {
        Standing::Empty => "empty",
        Standing::Saving => "saving",
        Standing::Saved => "saved",
        Standing::Waiting => "waiting",
        Standing::Refused => "refused",
    }
}

/// Only that it is saved is said aloud: that it is being saved is no news.
fn standing(locale: Locale, draft: &Draft) -> Node {
    let words = words(locale.tag);
    let (loud, quiet) = match draft.standing() {
        Standing::Saved => (words.saved, ""),
        Standing::Saving => ("", words.saving),
        Standing::Empty | Standing::Waiting | Standing::Refused => ("", ""),
    };
    el("span")
        .class("small subtle")
        .with(el("span").attr("role", "status").with(loud))
        .with(el("span").attr("aria-hidden", "true").with(quiet))
}

/// What is in the way, or else what becomes of the notes, and how many characters are left.
fn below(locale: Locale, draft: &Draft) -> Node {
    let words = words(locale.tag);
    let left = LONGEST.saturating_sub(draft.noted.text.chars().count());
    let left = (left <= NEAR).then(|| el("span").class("num").with((words.left)(left)));
    let problem = draft.fault.as_ref().map(|fault| {
        let text = match draft.standing() {
            Standing::Waiting => words.unsaved.to_owned(),
            _ => locale.fault(fault),
        };
        let code = fault.code().map_or("offline", wire::ErrorCode::as_str);
        el("div").class("notice bad").test("notes-problem", code).with(el("p").with(text))
    });
    let hint = el("p").class("row small subtle");
    el("div")
        .class("stack tight")
        .with(el("div").attr("role", "alert").all(problem))
        .with(hint.with(el("span").class("grow").attr("id", "notes-hint").with(words.notes_hint)).all(left))
}
