//! Where rows go, and which field gets what.

use super::parts::{Choice, Form};
use super::sources::connections;
use crate::console::RequestState;
use crate::editor::EditorEvent as E;
use crate::editor::check::{Wrong, of_mapping};
use crate::editor::draft::{NEW_FIELD, ON, Row, Rows};
use crate::screens::fault;
use crate::ui::{Node, el, skeleton};

/// The third part: destination and key.
pub(super) fn destination(form: &Form<'_>) -> Node {
    let to = connections(form, "to", |one| one.kind == "zendesk");
    let is_users = form.draft.get("object") == "users";
    let modes: &[&str] = if is_users { &["update"] } else { &["update", "upsert"] };
    let keys: &[&str] =
        if is_users { &["id", "external_id", "email"] } else { &["id", "external_id", "name"] };
    let ends = el("div").class("pair").with(form.select("to", &to)).with(form.choice(
        "object",
        "object",
        &["users", "organizations"],
    ));
    let key = el("div").class("pair").with(form.column("key.column", None)).with(form.choice(
        "key.field",
        "key",
        keys,
    ));
    let new_name = form.draft.names_new().then(|| form.column("new_name", None));
    form.step("3", [ends, form.choice("mode", "mode", modes), key].into_iter().chain(new_name))
}

/// The fourth part: fields.
pub(super) fn mapping(form: &Form<'_>) -> Node {
    let state = match &form.page.reading_fields {
        RequestState::Pending => Some(skeleton(form.words.loading)),
        RequestState::Failed(why) => {
            let again = form.act(form.locale.shared.try_again, "fields-again", E::ReadFields);
            Some(fault(form.locale, why, Some(el("div").with(again))))
        }
        RequestState::Idle => None,
    };
    let rows = form.draft.mapping.iter().enumerate().map(|(at, row)| line(form, at, row));
    let add =
        form.act(form.words.mapping_add, "mapping-add", E::Add(Rows::Mapping)).attr("id", "mapping-add");
    let rows = el("div").class("stack").all(rows);
    form.step("4", state.into_iter().chain([rows, el("div").class("acts").with(add)]))
}

fn line(form: &Form<'_>, at: usize, row: &Row) -> Node {
    let live = of_mapping(form.draft, row, form.page.known());
    let wrong = |part: &str| live.as_ref().filter(|(of, _)| *of == part).map(|(_, wrong)| wrong);
    let name = |part: &str| row.name(part);
    let label = (form.words.mapping_of)(at + 1);
    let is_constant = form.draft.of(row, "from") == "constant";
    let value = if is_constant {
        form.live(&name("constant"), form.line(&name("constant")), wrong("constant"))
    } else {
        form.column(&name("column"), wrong("column"))
    };
    let remove = (form.draft.mapping.len() > 1).then(|| {
        form.act(form.words.remove, "mapping-remove", E::Remove(row.clone()))
            .attr("aria-label", (form.words.remove_of)(&label))
    });
    let first = el("div")
        .class("ends")
        .with(form.choice(&name("from"), "from", &["column", "constant"]))
        .with(value)
        .with(field(form, row, wrong("field")));
    let creates = form.draft.of(row, "field") == NEW_FIELD || wrong("type").is_some();
    el("div")
        .class("mapping stack tight")
        .attr("role", "group")
        .attr("aria-label", label)
        .test("mapping-row", form.draft.field(row).to_owned())
        .with(first)
        .all(creates.then(|| create(form, row, wrong("type"))))
        .with(el("div").class("row tail").with(steps(form, row, is_constant)).all(remove))
        .key(row.key())
}

/// The field: one that is there, a new one, or, while nobody knows which there are, its key.
fn field(form: &Form<'_>, row: &Row, wrong: Option<&Wrong>) -> Node {
    let name = row.name("field");
    if form.page.fields.is_none() {
        return form.live(&name, form.line(&name), wrong);
    }
    let chosen = form.draft.get(&name);
    let title = |label: &str, key: &str, kind: &str| {
        let kind = match (form.words.kind)(kind) {
            "" => kind,
            known => known,
        };
        let label = if label == key { String::new() } else { [label, " · "].concat() };
        [&label, key, " (", kind, ")"].concat()
    };
    let writable = form.page.writable();
    let there: Vec<Choice> = writable
        .iter()
        .map(|field| (field.name.clone(), title(&field.label, &field.name, &field.kind)))
        .collect();
    let is_there = chosen.is_empty() || chosen == NEW_FIELD || there.iter().any(|(key, _)| key == chosen);
    // A template makes its fields where they are missing.
    let made = (!is_there).then(|| {
        let text = if form.draft.of(row, "create") == ON {
            [form.draft.of(row, "title"), " · ", chosen, " (", form.words.is_made, ")"].concat()
        } else {
            (form.words.not_there)(chosen)
        };
        (chosen.to_owned(), text)
    });
    let none = chosen.is_empty().then(|| (String::new(), form.words.choose.to_owned()));
    let new = (NEW_FIELD.to_owned(), form.words.new_field.to_owned());
    let all: Vec<Choice> = none.into_iter().chain(there).chain(made).chain([new]).collect();
    form.live(&name, form.options(&name, &all), wrong)
}

/// The field that is made where Zendesk lacks it.
fn create(form: &Form<'_>, row: &Row, wrong: Option<&Wrong>) -> Node {
    let name = |part: &str| row.name(part);
    let kinds = ["text", "textarea", "integer", "decimal", "date", "checkbox", "dropdown"];
    let kinds: Vec<Choice> =
        kinds.iter().map(|kind| ((*kind).to_owned(), (form.words.kind)(kind).to_owned())).collect();
    let is_new = form.draft.of(row, "field") == NEW_FIELD;
    let on = el("input").attr("type", "hidden").attr("name", name("create")).attr("value", ON);
    let options = (form.draft.of(row, "type") == "dropdown").then(|| form.lines(&name("options")));
    el("div")
        .class("made")
        .all(is_new.then_some(on))
        .all(is_new.then(|| form.text(&name("key"))))
        .all(is_new.then(|| form.text(&name("title"))))
        .with(form.live(&name("type"), form.options(&name("type"), &kinds), wrong))
        .all(options)
}

/// What is done with a value on its way, and with one that is missing.
fn steps(form: &Form<'_>, row: &Row, is_constant: bool) -> Node {
    let name = |part: &str| row.name(part);
    let default = (form.draft.of(row, "missing") == "default").then(|| form.text(&name("default")));
    let missing =
        (!is_constant).then(|| form.choice(&name("missing"), "missing", &["clear", "keep", "default"]));
    let summary = [
        (form.words.option)(&["missing.", form.draft.of(row, "missing")].concat()).0,
        form.draft.of(row, "functions"),
    ];
    let summary: Vec<&str> = summary.into_iter().filter(|text| !text.is_empty()).collect();
    let details = el("details")
        .with(el("summary").class("small").with([form.words.details, ": ", &summary.join(" · ")].concat()))
        .with(el("div").class("pair").all(missing).all(default).with(form.text(&name("functions"))));
    let is_wrong =
        ["missing", "default", "functions"].iter().any(|part| form.page.wrong_at(&name(part)).is_some());
    if is_wrong { details.attr("open", "") } else { details }
}
