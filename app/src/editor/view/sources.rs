//! What is read, and the table that is made of it.

use super::parts::{Choice, Form};
use crate::editor::EditorEvent as E;
use crate::editor::draft::{Row, Rows};
use crate::editor::model::{Look, Of};
use crate::editor::reading::Connection;
use crate::editor::rows::looked;
use crate::ui::{Node, el};

/// The first part: sources.
pub(super) fn sources(form: &Form<'_>) -> Node {
    let rows = form.draft.sources.iter().enumerate().map(|(at, row)| source(form, at, row));
    let add = form.act(form.words.source_add, "source-add", E::Add(Rows::Sources)).attr("id", "source-add");
    let more = el("a").attr("href", "#connections").with(form.words.connection_add);
    let acts = el("div").class("acts").with(add).with(more);
    form.step("1", rows.chain([acts]).collect::<Vec<_>>())
}

fn source(form: &Form<'_>, at: usize, row: &Row) -> Node {
    let name = |part: &str| row.name(part);
    let label = (form.words.source_of)(at + 1);
    let kind = form.draft.of(row, "read");
    let read = match kind {
        "users" | "organizations" | "tickets" => {
            vec![form.choice(&name("read"), "object", &["users", "organizations", "tickets"])]
        }
        "sql" | "soql" => vec![form.sql(&name("sql")), form.text(&name("emails"))],
        "file" => vec![form.text(&name("path")), form.text(&name("emails"))],
        _ => vec![],
    };
    let remove = (form.draft.sources.len() > 1).then(|| {
        form.act(form.words.remove, "source-remove", E::Remove(row.clone()))
            .attr("aria-label", (form.words.remove_of)(&label))
    });
    let sample = form.act(form.words.sample, "source-sample", E::Look(Of::Source(row.clone())));
    let look = form.page.samples.iter().find(|(known, _)| *known == row.key()).map(|(_, look)| look);
    let found = look.and_then(|look: &Look| {
        looked(form.locale, form.words, look, ("sample-row", (form.words.rows_of)(&label)))
    });
    el("fieldset")
        .test("source", "")
        .with(el("legend").with(label))
        .with(el("div").class("pair").with(form.text(&name("as"))).with(form.select(
            &name("connection"),
            &connections(form, &name("connection"), |one| !one.reads().is_empty()),
        )))
        .all(read)
        .with(form.choice(&name("on_failed"), "on_failed", &["stop", "yesterday"]))
        .with(el("div").class("acts").with(sample).all(remove))
        .all(found)
        .key(row.key())
}

/// The connections that fit, and the one that is chosen already.
pub(super) fn connections(form: &Form<'_>, name: &str, fits: impl Fn(&Connection) -> bool) -> Vec<Choice> {
    let chosen = form.draft.get(name);
    let all = form.page.connections.as_deref().map_or(&[][..], |all| &all.connections);
    let fitting: Vec<Choice> =
        all.iter().filter(|one| fits(one)).map(|one| (one.id.clone(), one.name.clone())).collect();
    let is_there = chosen.is_empty() || fitting.iter().any(|(id, _)| id == chosen);
    let none = chosen.is_empty().then(|| (String::new(), form.words.choose.to_owned()));
    let lost = (!is_there).then(|| (chosen.to_owned(), (form.words.connection_lost)(chosen)));
    none.into_iter().chain(fitting).chain(lost).collect()
}

/// The second part: the model.
pub(super) fn model(form: &Form<'_>) -> Node {
    let preview = form.act(form.words.preview, "model-preview", E::Look(Of::Model));
    let found =
        looked(form.locale, form.words, &form.page.preview, ("preview-row", form.words.preview.to_owned()));
    let acts = el("div").class("acts").with(preview);
    form.step("2", [form.sql("model"), acts].into_iter().chain(found))
}
