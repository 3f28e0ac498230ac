//! The contract that cards show: which columns it is made of.

use super::parts::Form;
use crate::editor::EditorEvent as E;
use crate::editor::draft::{CONTRACT, ON, PEOPLE, Row, Rows};
use crate::editor::model::Of;
use crate::editor::rows::looked;
use crate::ui::{Node, el};

/// The fifth part.
pub(super) fn contract(form: &Form<'_>) -> Node {
    let switch = form.switch("contract");
    if form.draft.get("contract") != ON {
        return form.step("5", [switch]);
    }
    let column = |part: &&str| form.column(&["c.", part].concat(), None);
    let people = el("fieldset")
        .with(el("legend").with(form.words.people))
        .with(el("div").class("pair").all(PEOPLE.iter().map(column)));
    let columns = el("fieldset")
        .with(el("legend").with(form.words.contract_columns))
        .with(el("div").class("pair").all(CONTRACT.iter().map(column)));
    let owners = form.draft.owners.iter().enumerate().map(|(at, row)| owner(form, at, row));
    let add = form.act(form.words.owner_add, "owner-add", E::Add(Rows::Owners)).attr("id", "owner-add");
    let owners = el("fieldset")
        .with(el("legend").with(form.words.owners))
        .all(owners)
        .with(el("div").class("acts").with(add));
    let preview = form.act(form.words.preview, "contract-preview", E::Look(Of::Contract));
    let has_own = !form.draft.get("c.sql").trim().is_empty();
    let found =
        looked(form.locale, form.words, &form.page.contract, ("contract-row", form.words.preview.to_owned()));
    let own = [form.sql("c.sql")]
        .into_iter()
        .chain(has_own.then(|| el("div").class("acts").with(preview)))
        .chain(found.filter(|_| has_own));
    let all = [switch].into_iter().chain(own).chain([people, columns, owners, form.lines("c.extra")]);
    form.step("5", all.collect::<Vec<_>>())
}

fn owner(form: &Form<'_>, at: usize, row: &Row) -> Node {
    let name = |part: &str| row.name(part);
    let remove = form
        .act(form.words.remove, "owner-remove", E::Remove(row.clone()))
        .attr("aria-label", (form.words.remove_of)(&(form.words.owner_of)(at + 1)));
    el("div")
        .class("ends")
        .attr("role", "group")
        .attr("aria-label", (form.words.owner_of)(at + 1))
        .with(form.choice(&name("role"), "role", &["sales", "success"]))
        .with(form.column(&name("name"), None))
        .with(form.column(&name("email"), None))
        .with(el("div").class("acts").with(remove))
        .key(row.key())
}
