//! The first rows of an integration's model.

use super::model::{IntegrationsEvent, IntegrationsPage};
use super::reading::{Listing, Preview};
use crate::console::RequestState;
use crate::i18n::Locale;
use crate::i18n::console::ConsoleWords;
use crate::screens::{Send, fault, tell};
use crate::ui::{Node, Tone, Weight, button, el, notice, row, skeleton};

/// The rows, while they are asked for or shown.
pub(super) fn preview(
    locale: Locale,
    words: &'static ConsoleWords,
    model: &IntegrationsPage,
    listing: &Listing,
    send: &Send<IntegrationsEvent>,
) -> Option<Node> {
    let id = model.previewed.as_ref()?;
    let name = listing.integrations.iter().find(|one| one.id == *id).map_or(id, |one| &one.name);
    let close = button(Weight::Plain, words.close, tell(send, IntegrationsEvent::ClosePreview));
    let content = match (&model.looked, &model.preview) {
        (RequestState::Failed(why), _) => vec![fault(locale, why, None)],
        (_, Some(preview)) => rows(words, preview),
        (_, None) => vec![skeleton(words.loading)],
    };
    Some(
        el("section")
            .class("stack")
            .attr("aria-label", words.preview)
            .test("preview", id.clone())
            .with(row(el("h2").with((words.preview_of)(name)), Some(close.test("preview-close", ""))))
            .all(content),
    )
}

fn rows(words: &'static ConsoleWords, preview: &Preview) -> Vec<Node> {
    let is_partial = preview.sources.iter().any(|source| !source.whole);
    let partial =
        is_partial.then(|| notice(Tone::Info, words.preview_partial, None).test("preview-partial", ""));
    if preview.rows.is_empty() {
        let none = el("p").class("subtle").with(words.preview_empty);
        return partial.into_iter().chain([none]).collect();
    }
    let heads = preview.columns.iter().map(|column| el("th").attr("scope", "col").with(column.name.clone()));
    let cell = |cell: &Option<String>| {
        let text = el("td").class("small");
        match cell {
            Some(value) => text.with(value.clone()),
            None => text.with(el("span").class("subtle").with(words.empty_value)),
        }
    };
    let line = |cells: &Vec<Option<String>>| el("tr").test("preview-row", "").all(cells.iter().map(cell));
    let table = el("table")
        .with(el("thead").with(el("tr").all(heads)))
        .with(el("tbody").all(preview.rows.iter().map(line)));
    let scroll = el("div")
        .class("scroll")
        .attr("tabindex", "0")
        .attr("role", "region")
        .attr("aria-label", words.preview)
        .with(table);
    partial.into_iter().chain([scroll]).collect()
}
