//! When it runs by itself, in words, and what it does in doubt.

use super::parts::Form;
use crate::console::frame::in_english;
use crate::format::zone;
use crate::i18n::editor::EditorWords;
use crate::i18n::sentence;
use crate::model::fault::FaultKind;
use crate::screens::fault;
use crate::ui::{Node, el};

/// The sixth part.
pub(super) fn when(form: &Form<'_>) -> Node {
    let words = form.words;
    let kind = form.draft.get("schedule");
    let time = match kind {
        "interval" => {
            vec![form.select("every", &EVERY.map(|minutes| (minutes.to_string(), every(words, minutes))))]
        }
        "daily" => vec![form.field("at", form.line("at").attr("type", "time")), form.text("zone")],
        "cron" => vec![form.text("cron"), form.text("zone")],
        _ => vec![],
    };
    let schedule = el("div")
        .class("pair")
        .with(form.choice("schedule", "schedule", &["manual", "interval", "daily", "cron"]))
        .all(time);
    let doubts = el("div")
        .class("pair")
        .with(form.choice("on_ambiguous", "on_ambiguous", &["skip", "all", "newest"]))
        .with(form.choice("removed", "removed", &["keep", "clear"]))
        .with(form.choice("on_drift", "on_drift", &["overwrite", "keep"]))
        .with(form.text("log_days"));
    form.step("6", [schedule, told(form), form.switch("enabled"), doubts])
}

/// Minutes: those that the server takes.
const EVERY: [u64; 15] = [5, 6, 10, 12, 15, 20, 30, 60, 120, 180, 240, 360, 480, 720, 1440];

fn every(words: &'static EditorWords, minutes: u64) -> String {
    if minutes >= 60 { (words.every_hours)(minutes / 60) } else { (words.every_minutes)(minutes) }
}

/// The schedule in words, and its next times: on its own clock, in UTC, and on the admin's.
fn told(form: &Form<'_>) -> Node {
    let (words, draft) = (form.words, form.draft);
    let its_zone = draft.get("zone").trim();
    let first = form.page.next.first().map(|at| form.locale.clock(at, "UTC"));
    let text = match draft.get("schedule") {
        "manual" => words.by_hand.into(),
        "interval" => every(words, draft.get("every").trim().parse().unwrap_or_default()),
        "daily" => in_utc(words, (words.daily)(draft.get("at"), its_zone), its_zone, first),
        _ => (words.cron)(draft.get("cron").trim(), its_zone),
    };
    let here = zone();
    let next = form.page.next.iter().map(|at| {
        let own =
            [&form.locale.instant(at, its_zone_or(its_zone)), " (", its_zone_or(its_zone), ")"].concat();
        let utc = (its_zone_or(its_zone) != "UTC").then(|| [&form.locale.clock(at, "UTC"), " UTC"].concat());
        let yours = (here != its_zone_or(its_zone) && here != "UTC")
            .then(|| (words.your_time)(&form.locale.instant(at, &here)));
        let all: Vec<String> = [Some(own), utc, yours].into_iter().flatten().collect();
        el("li").class("num").test("next-run", at.clone()).with(all.join(" · "))
    });
    let failed = form.page.next_failed.as_ref().map(|why| match &why.kind {
        FaultKind::Refused(body) => {
            let message = body.problems.first().map_or(&body.message, |one| &one.message);
            el("div").class("small error").test("schedule-error", "").with(in_english(&sentence(message)))
        }
        _ => fault(form.locale, why, None),
    });
    let next: Vec<Node> = next.collect();
    let list = (!next.is_empty()).then(|| {
        el("div")
            .with(el("span").class("small subtle").with(words.next_runs))
            .with(el("ul").class("small").all(next))
    });
    el("div")
        .class("stack tight")
        .attr("aria-live", "polite")
        .with(el("b").test("schedule-words", "").with(text))
        .all(failed)
        .all(list)
}

fn its_zone_or(zone: &str) -> &str {
    if zone.is_empty() { "UTC" } else { zone }
}

/// `Every day at 09:00, Asia/Tokyo; that is 00:00 UTC`.
fn in_utc(words: &'static EditorWords, text: String, zone: &str, first: Option<String>) -> String {
    match first.filter(|_| zone != "UTC" && !zone.is_empty()) {
        Some(utc) => [text.as_str(), &(words.that_is)(&utc)].concat(),
        None => text,
    }
}
