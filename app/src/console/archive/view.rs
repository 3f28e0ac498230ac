//! What an admin reads of the archive: sums, a picture, a search form, and a table of what was found.

use std::rc::Rc;

use wire::ErrorCode;

use super::model::{ArchiveEvent, ArchivePage, Export, Row};
use super::search::{FIELDS, FORM};
use super::volume::{picture, tiles};
use crate::console::RequestState;
use crate::console::form::view::{Label, field};
use crate::console::frame::{heading, trouble};
use crate::console::table::table;
use crate::i18n::Locale;
use crate::i18n::console::{Actor, ConsoleWords};
use crate::screens::{Send, tell};
use crate::ui::{Node, Tone, Weight, button, el, empty, pill, row, skeleton};

/// The page.
pub(super) fn view(
    locale: Locale,
    words: &'static ConsoleWords,
    model: &ArchivePage,
    send: &Send<ArchiveEvent>,
) -> Node {
    let title = heading(words.archive, words.archive_what);
    el("div")
        .class("stack wide")
        .test("console-archive", "")
        .with(row(
            title,
            [("CSV", Export::Csv), ("JSON", Export::Json)].map(|save| saved(words, model, save, send)),
        ))
        .with(el("div").class("said").all(failed(locale, words, &model.export, None)))
        .with(tiles(locale, words, model))
        .with(picture(locale, words, model, send))
        .with(form(locale, words, model, send))
        .with(el("p").class("sr").attr("role", "status").with(spoken(words, model)))
        .with(rows(locale, words, model, send))
        .all(below(locale, words, model, send))
}

fn saved(
    words: &ConsoleWords,
    model: &ArchivePage,
    (name, export): (&'static str, Export),
    send: &Send<ArchiveEvent>,
) -> Node {
    let text = if model.export == RequestState::Pending { words.saving.into() } else { (words.save)(name) };
    button(Weight::Plain, text, tell(send, ArchiveEvent::Export(export))).test("ledger-save", name)
}

fn failed(locale: Locale, words: &ConsoleWords, asked: &RequestState, again: Option<Node>) -> Option<Node> {
    let RequestState::Failed(why) = asked else { return None };
    Some(trouble(locale, words, why, again))
}

fn form(
    locale: Locale,
    words: &'static ConsoleWords,
    model: &ArchivePage,
    send: &Send<ArchiveEvent>,
) -> Node {
    let shown = FIELDS.into_iter().map(|one| {
        let label = match one.name {
            "ticket" => words.ticket,
            "action" => words.what,
            "actor" => words.who,
            "since" => words.since,
            _ => words.until,
        };
        let wrong = model.wrong.as_ref().filter(|_| one.name == "ticket");
        let value = Some(model.search.value(one.name).to_owned());
        let key = [one.name, "/", &model.filled.to_string()].concat();
        field(locale, words, one, Label { label, help: "" }, value, wrong).key(key)
    });
    let search = el("button").attr("type", "submit").class("btn primary").test("ledger-search", "");
    el("form")
        .class("search")
        .attr("id", FORM)
        .attr("role", "search")
        .attr("aria-label", words.search)
        .attr("novalidate", "")
        .submit(Rc::new(tell(send, ArchiveEvent::Submit)))
        .all(shown)
        .with(search.with(words.search))
}

/// What is read aloud when a search is answered.
fn spoken(words: &ConsoleWords, model: &ArchivePage) -> String {
    match model.found {
        RequestState::Idle if model.rows.is_empty() => words.nothing_found.into(),
        RequestState::Idle => {
            let say = if model.next.is_some() { words.latest_rows } else { words.rows };
            say(model.rows.len())
        }
        RequestState::Pending | RequestState::Failed(_) => String::new(),
    }
}

/// What stands below the rows: that more are on their way, that there are none, or how to see older ones.
fn below(
    locale: Locale,
    words: &'static ConsoleWords,
    model: &ArchivePage,
    send: &Send<ArchiveEvent>,
) -> Option<Node> {
    let act = |text, event| el("div").with(button(Weight::Plain, text, tell(send, event)));
    match &model.found {
        RequestState::Pending => Some(skeleton(words.loading)),
        RequestState::Failed(_) => {
            failed(locale, words, &model.found, Some(act(locale.shared.try_again, ArchiveEvent::Again)))
        }
        RequestState::Idle if model.rows.is_empty() && model.search.is_empty() => {
            Some(empty(words.nothing_yet, words.nothing_yet_why))
        }
        RequestState::Idle if model.rows.is_empty() => {
            Some(empty(words.nothing_found, words.nothing_found_why))
        }
        RequestState::Idle => {
            model.next.map(|_| act(words.older, ArchiveEvent::More).test("ledger-older", ""))
        }
    }
}

fn rows(
    locale: Locale,
    words: &'static ConsoleWords,
    model: &ArchivePage,
    send: &Send<ArchiveEvent>,
) -> Node {
    if model.rows.is_empty() {
        return el("div").attr("hidden", "");
    }
    let heads = [words.when, words.what, words.ticket, words.file, words.who, words.sha256, words.place];
    let rows = model.rows.iter().map(|line| (line.seq.to_string(), line_of(locale, words, line, send)));
    table(words.archive, "ledger", heads, rows)
}

fn line_of(locale: Locale, words: &'static ConsoleWords, line: &Row, send: &Send<ArchiveEvent>) -> Node {
    let Row { seq, at, actor, action, ticket_id, attachment_id, sha256, object_key, detail } = line;
    let done = (words.action)(action).map_or_else(|| action.clone(), str::to_owned);
    let cell = |content: Option<Node>| el("td").all(content);
    let small = |text: String| el("span").class("small subtle").with(text);
    let why = detail.reason.as_ref().map(|code| {
        let reason = el("div").class("small subtle").attr("title", code.clone());
        reason.with(reason_of(locale, words, code))
    });
    let about = detail.connection.clone().or_else(|| detail.integration.clone());
    let why = why.or(about.map(|id| el("div").class("small subtle").with(id)));
    let size = detail.size.map(|size| small(locale.size(size)));
    let file = attachment_id.map(|id| el("div").class("num").with(id.to_string()).with(" ").all(size));
    let ticket = ticket_id.map(|id| {
        let text = ["#", &id.to_string()].concat();
        let only = (words.only_ticket)(&text);
        button(Weight::Link, text, tell(send, ArchiveEvent::Only(id))).attr("aria-label", only)
    });
    // Both are long, and are compared rather than read: the whole of them is in the tooltip.
    let clipped =
        |text: &String| el("code").class("clip small").attr("title", text.clone()).with(text.clone());
    el("tr")
        .test("ledger-row", seq.to_string())
        .with(el("td").class("num").with(time(at)))
        .with(cell(Some(pill(tone(action), done, "ledger-action", action.clone()))).all(why))
        .with(el("td").class("num").all(ticket))
        .with(cell(file))
        .with(el("td").attr("title", actor.clone()).with(words.actor(Actor::of(actor))))
        .with(cell(sha256.as_ref().map(clipped)))
        .with(cell(object_key.as_ref().map(clipped)))
}

/// Why something was done, or not, in words.
fn reason_of(locale: Locale, words: &ConsoleWords, code: &str) -> String {
    let known = ErrorCode::ALL.iter().find(|known| known.as_str() == code);
    let sentence = known.and_then(|known| (locale.shared.error)(*known)).or_else(|| (words.reason)(code));
    sentence.map_or_else(|| code.to_owned(), str::to_owned)
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
