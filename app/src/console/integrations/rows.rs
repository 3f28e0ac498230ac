//! What became of the rows of the shown run.

use wire::{Exchange, ExchangedField, FieldChange, RowOutcome};

use super::model::{IntegrationsEvent, IntegrationsPage};
use crate::console::RequestState;
use crate::console::frame::coded;
use crate::console::table::table;
use crate::i18n::Locale;
use crate::i18n::console::{ConsoleWords, filled};
use crate::screens::{Send, fault, tell};
use crate::ui::{Node, Weight, button, el, skeleton};

/// The rows that are wanted, and what is in their way.
pub(super) fn rows(
    locale: Locale,
    words: &'static ConsoleWords,
    model: &IntegrationsPage,
    send: &Send<IntegrationsEvent>,
) -> Vec<Node> {
    let pages = &model.pages;
    let failed = match &pages.asked {
        RequestState::Failed(why) => Some(fault(locale, why, None)),
        _ => None,
    };
    if pages.rows.is_empty() || (failed.is_some() && !pages.are_wanted()) {
        let instead = match pages.asked {
            RequestState::Pending => skeleton(words.loading),
            _ => el("p").class("subtle").with(words.no_rows),
        };
        return vec![failed.unwrap_or(instead)];
    }
    let heads = [words.row_key, words.row_outcome, words.row_changes, words.row_reason];
    let lines = pages.rows.iter().map(|row| (row.seq.to_string(), row_line(words, row)));
    let more = pages.next.map(|_| {
        el("div").with(
            button(Weight::Plain, words.more_rows, tell(send, IntegrationsEvent::More)).test("rows-more", ""),
        )
    });
    std::iter::once(table(words.rows_of_run, "rows", heads, lines)).chain(failed).chain(more).collect()
}

fn row_line(words: &'static ConsoleWords, row: &RowOutcome) -> Node {
    let id = row.destination_id.as_ref().filter(|id| **id != row.key);
    let id = id.map(|id| el("div").class("small subtle num").with(["#", id].concat()));
    let label =
        row.label.as_ref().map(|label| el("div").class("small").test("row-label", "").with(label.clone()));
    let changes = row.changes.iter().map(|change| changed(words, change));
    let said = row.exchange.as_ref().map(|exchange| said(words, row, exchange));
    el("tr")
        .test("row-outcome", row.outcome.clone())
        .with(el("td").with(el("code").class("small").with(row.key.clone())).all(label).all(id))
        .with(el("td").with((words.outcome)(&row.outcome)))
        .with(el("td").class("small").all(changes).all(said))
        .with(el("td").class("small").all(reason(words, row)))
}

/// Why, in the admin's language where there are words for it.
fn reason(words: &'static ConsoleWords, row: &RowOutcome) -> Option<Node> {
    let translated = row.reason_code.as_deref().and_then(words.row_reason_of);
    match translated {
        Some(sentence) => Some(coded("span", &filled(sentence, &row.reason_about))),
        None => row.reason.as_ref().map(|why| coded("span", why).attr("lang", "en")),
    }
}

/// What was sent for a row, what was answered, and what its record holds.
fn said(words: &'static ConsoleWords, row: &RowOutcome, exchange: &Exchange) -> Node {
    let line = |label: &str, text: String| el("div").with([label, ": ", &text].concat());
    let values = |of: fn(&ExchangedField) -> &Option<String>| {
        let each = exchange.fields.iter().map(|field| {
            let value = of(field).as_deref().unwrap_or(words.empty_value);
            [&field.field, " = ", value].concat()
        });
        each.collect::<Vec<_>>().join(", ")
    };
    let holds = if exchange.gone { words.record_gone.to_owned() } else { values(|field| &field.holds) };
    el("div")
        .class("stack tight subtle")
        .test("row-exchange", exchange.record.clone())
        .with(line(words.exchange_sent, ["#", &exchange.record, " ", &values(|field| &field.sent)].concat()))
        .with(line(words.exchange_answer, (words.outcome)(&row.outcome).into()))
        .with(line(words.exchange_holds, holds))
}

fn changed(words: &'static ConsoleWords, change: &FieldChange) -> Node {
    let shown = |value: &Option<String>| value.clone().unwrap_or_else(|| words.empty_value.to_owned());
    let text = [&change.field, ": ", &shown(&change.before), " → ", &shown(&change.after)].concat();
    el("div").with(text)
}
