//! The archive's page: how much left Zendesk, and what was done to which file.

use super::volume::{picture, tiles};
use crate::i18n::Locale;
use crate::i18n::console::{ACTIONS, Actor, ConsoleWords};
use crate::model::ledger::{Asked, Export, LedgerEvent, LedgerModel, Row, Search};
use crate::screens::{Send, fault, tell};
use crate::ui::{Node, Tone, Weight, button, el, empty, pill, row, skeleton};

/// The search form's id.
pub const FORM: &str = "ledger-search";
/// Its fields, in [`Search`]'s order.
pub const FIELDS: [&str; 5] = ["ticket", "action", "actor", "since", "until"];

/// The page. `search` reads the form.
#[must_use]
pub fn ledger(
    locale: Locale,
    words: &'static ConsoleWords,
    model: &LedgerModel,
    send: &Send<LedgerEvent>,
    search: impl Fn() + 'static,
) -> Node {
    let title = el("div")
        .class("stack tight")
        .with(el("h1").class("title").with(words.archive))
        .with(el("p").class("subtle").with(words.archive_what));
    el("div")
        .class("stack wide")
        .test("console-archive", "")
        .with(row(
            title,
            [("CSV", Export::Csv), ("JSON", Export::Json)].map(|save| saved(words, model, save, send)),
        ))
        .all(failed(locale, &model.export, None))
        .with(tiles(locale, words, model))
        .with(picture(locale, words, model, send))
        .with(form(words, &model.search, search))
        .with(el("p").class("sr").attr("role", "status").with(spoken(words, model)))
        .all(found(locale, words, model, send))
}

fn saved(
    words: &ConsoleWords,
    model: &LedgerModel,
    (name, export): (&'static str, Export),
    send: &Send<LedgerEvent>,
) -> Node {
    let text = if model.export == Asked::Waiting { words.saving.into() } else { (words.save)(name) };
    button(Weight::Plain, text, tell(send, LedgerEvent::Export(export))).test("ledger-save", name)
}

fn failed(locale: Locale, asked: &Asked, again: Option<Node>) -> Option<Node> {
    let Asked::Failed(why) = asked else { return None };
    Some(fault(locale, why, again))
}

fn form(words: &ConsoleWords, search: &Search, press: impl Fn() + 'static) -> Node {
    let actions = std::iter::once(("", words.anything))
        .chain(ACTIONS.iter().map(|action| (*action, (words.action)(action).unwrap_or(action))));
    let choices = actions.map(|(value, name)| {
        let choice = el("option").attr("value", value).with(name);
        if value == search.action { choice.attr("selected", "") } else { choice }
    });
    let choice = el("select").attr("name", "action").all(choices);
    let input = |name: &'static str, kind: &'static str, value: &str| {
        el("input").attr("name", name).attr("type", kind).attr("value", value.to_owned())
    };
    let field = |label: &'static str, input: Node| {
        el("label").with(el("span").class("small subtle").with(label)).with(input)
    };
    el("form")
        .class("search")
        .attr("id", FORM)
        .attr("role", "search")
        .attr("aria-label", words.search)
        .submit(std::rc::Rc::new(press))
        .with(field(
            words.ticket,
            input("ticket", "text", &search.ticket).attr("inputmode", "numeric").attr("size", "8"),
        ))
        .with(field(words.what, choice))
        .with(field(
            words.who,
            input("actor", "text", &search.actor).attr("placeholder", "agent:77").attr("size", "12"),
        ))
        .with(field(words.since, input("since", "date", &search.since)))
        .with(field(words.until, input("until", "date", &search.until)))
        .with(
            el("button")
                .attr("type", "submit")
                .class("btn primary")
                .test("ledger-search", "")
                .with(words.search),
        )
}

/// What is read aloud when a search is answered.
fn spoken(words: &ConsoleWords, model: &LedgerModel) -> String {
    match model.asked {
        Asked::Answered if model.rows.is_empty() => words.nothing_found.into(),
        Asked::Answered => (words.rows)(model.rows.len(), model.next.is_some()),
        Asked::Waiting | Asked::Failed(_) => String::new(),
    }
}

fn found(
    locale: Locale,
    words: &'static ConsoleWords,
    model: &LedgerModel,
    send: &Send<LedgerEvent>,
) -> Vec<Node> {
    let again =
        || el("div").with(button(Weight::Plain, locale.words.try_again, tell(send, LedgerEvent::Again)));
    let more = match &model.asked {
        Asked::Waiting => Some(skeleton(words.loading)),
        Asked::Failed(_) => failed(locale, &model.asked, Some(again())),
        Asked::Answered if model.rows.is_empty() && model.search.is_empty() => {
            Some(empty(words.nothing_yet, words.nothing_yet_why))
        }
        Asked::Answered if model.rows.is_empty() => Some(empty(words.nothing_found, words.nothing_found_why)),
        Asked::Answered => model.next.map(|_| {
            el("div").with(
                button(Weight::Plain, words.older, tell(send, LedgerEvent::More)).test("ledger-older", ""),
            )
        }),
    };
    let table = (!model.rows.is_empty()).then(|| table(locale, words, model));
    table.into_iter().chain(more).collect()
}

fn table(locale: Locale, words: &'static ConsoleWords, model: &LedgerModel) -> Node {
    let heads = [words.when, words.what, words.ticket, words.file, words.who, words.sha256, words.place];
    let heads = heads.map(|head| el("th").attr("scope", "col").with(head));
    el("div")
        .class("scroll")
        .attr("tabindex", "0")
        .attr("role", "region")
        .attr("aria-label", words.archive)
        .with(
            el("table")
                .test("ledger", "")
                .with(el("thead").with(el("tr").all(heads)))
                .with(el("tbody").all(model.rows.iter().map(|line| line_of(locale, words, line)))),
        )
}

fn line_of(locale: Locale, words: &'static ConsoleWords, line: &Row) -> Node {
    let Row { seq, at, actor, action, ticket_id, attachment_id, sha256, object_key, detail } = line;
    let done = (words.action)(action).map_or_else(|| action.clone(), str::to_owned);
    let cell = |content: Option<Node>| el("td").all(content);
    let small = |text: String| el("span").class("small subtle").with(text);
    let why = detail.reason.clone().map(|reason| el("div").class("small subtle").with(reason));
    let size = detail.size.map(|size| small(locale.size(size)));
    let file = attachment_id.map(|id| el("div").class("num").with(id.to_string()).with(" ").all(size));
    // Both are long, and are compared rather than read: the whole of them is in the tooltip.
    let clipped =
        |text: &String| el("code").class("clip small").attr("title", text.clone()).with(text.clone());
    el("tr")
        .test("ledger-row", seq.to_string())
        .with(el("td").class("num").with(time(at)))
        .with(cell(Some(pill(tone(action), done, "ledger-action", action.clone()))).all(why))
        .with(el("td").class("num").all(ticket_id.map(|id| Node::from(["#", &id.to_string()].concat()))))
        .with(cell(file))
        .with(el("td").attr("title", actor.clone()).with((words.actor)(Actor::of(actor))))
        .with(cell(sha256.as_ref().map(clipped)))
        .with(cell(object_key.as_ref().map(clipped)))
}

/// `2026-11-22 12:00:07` of RFC 3339 UTC: a record is compared with other records, so it is not put into words.
fn time(at: &str) -> String {
    at.get(..19).map_or_else(|| at.to_owned(), |time| time.replace('T', " "))
}

fn tone(action: &str) -> Tone {
    match action {
        "redacted" => Tone::Ok,
        "failed" | "gave_up" => Tone::Bad,
        "held" | "skipped" => Tone::Warn,
        "opened" => Tone::Info,
        _ => Tone::Plain,
    }
}

#[cfg(test)]
mod tests;
