//! The first rows of a source or of a model, as a table whose heads say the types.

use super::model::Look;
use super::reading::Rows;
use crate::console::RequestState;
use crate::console::frame::in_english;
use crate::i18n::editor::EditorWords;
use crate::i18n::{Locale, sentence};
use crate::model::fault::{Fault, FaultKind};
use crate::screens::fault;
use crate::ui::{Node, Tone, el, notice, skeleton};

/// What came of a look: rows, or why there are none; nothing where nobody has looked.
#[must_use]
pub fn looked(
    locale: Locale,
    words: &'static EditorWords,
    look: &Look,
    (testid, label): (&'static str, String),
) -> Option<Node> {
    let found = match (&look.state, &look.rows) {
        (RequestState::Pending, None) => skeleton(words.loading),
        (RequestState::Failed(why), _) => failed(locale, words, why),
        (_, Some(rows)) => table(words, rows, (testid, label)),
        (RequestState::Idle, None) => return None,
    };
    let found = el("div").attr("aria-live", "polite").with(found);
    Some(if look.state == RequestState::Pending { found.attr("aria-busy", "true") } else { found })
}

/// What is wrong with the SQL, with its place; the server says it in English.
fn failed(locale: Locale, words: &'static EditorWords, why: &Fault) -> Node {
    let FaultKind::Refused(body) = &why.kind else { return fault(locale, why, None) };
    let code = body.code.as_str();
    let place = body.line.zip(body.column).map(|(line, column)| {
        el("b")
            .test("sql-place", [line.to_string(), column.to_string()].join(":"))
            .with((words.at_line)(line, column))
    });
    el("div")
        .class("notice bad")
        .attr("role", "alert")
        .test("problem", code)
        .all(place)
        .with(in_english(&sentence(&body.message)))
        .all(body.hint.as_deref().map(|hint| in_english(&sentence(hint))))
}

fn table(words: &'static EditorWords, rows: &Rows, (testid, label): (&'static str, String)) -> Node {
    let is_partial = rows.sources.iter().any(|source| !source.whole);
    let partial = is_partial.then(|| notice(Tone::Info, words.rows_partial, None).test("rows-partial", ""));
    let head = |column: &super::reading::Column| {
        let kind = el("div").class("kind").with((words.kind)(&column.kind));
        el("th").attr("scope", "col").with(column.name.clone()).with(kind)
    };
    let cell = |cell: &Option<String>| match cell {
        Some(value) => el("td").class("small").with(value.clone()),
        None => el("td").class("small subtle").with(words.empty_value),
    };
    let line = |cells: &Vec<Option<String>>| el("tr").test(testid, "").all(cells.iter().map(cell));
    let table = el("table")
        .with(el("thead").with(el("tr").all(rows.columns.iter().map(head))))
        .with(el("tbody").all(rows.rows.iter().map(line)));
    let scroll =
        el("div").class("scroll rows").attr("tabindex", "0").attr("role", "region").attr("aria-label", label);
    let none = rows.rows.is_empty().then(|| el("p").class("subtle").with(words.no_rows));
    el("div").class("stack tight").all(partial).with(scroll.with(table)).all(none)
}
