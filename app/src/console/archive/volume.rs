//! What left Zendesk, day by day: three numbers and a picture.

use super::model::{ArchiveEvent, ArchivePage, Day, SPANS, Volume};
use crate::console::frame::trouble;
use crate::console::picture::{Bar, bars};
use crate::i18n::Locale;
use crate::i18n::console::ConsoleWords;
use crate::screens::{Send, tell};
use crate::ui::{Node, Weight, button, el, row, skeleton};

/// The sums of the span. Nothing is guessed while it is on its way.
pub(super) fn tiles(locale: Locale, words: &ConsoleWords, model: &ArchivePage) -> Node {
    let days: &[Day] = if let Volume::Ready(days) = &model.volume { days } else { &[] };
    let files: u64 = days.iter().map(|day| day.files).sum();
    let bytes: u64 = days.iter().map(|day| day.bytes).sum();
    let busiest = days.iter().filter(|day| day.files > 0).max_by_key(|day| day.bytes);
    let known = |text: String| if days.is_empty() { "–".to_owned() } else { text };
    let busiest_day = busiest.map_or("–".into(), |day| locale.date(&day.date));
    let tile = |name: &'static str, value: String, more: String| {
        el("div")
            .class("tile")
            .with(el("span").class("small subtle").with(name))
            .with(el("b").class("num").with(value))
            .with(el("span").class("small subtle").with(more))
    };
    let span = (words.in_days)(model.span);
    el("div")
        .class("tiles")
        .with(
            tile(words.files_moved, known(files.to_string()), span.clone())
                .test("volume-files", files.to_string()),
        )
        .with(tile(words.bytes_moved, known(locale.size(bytes)), span))
        .with(tile(
            words.busiest_day,
            busiest_day,
            busiest.map_or(String::new(), |day| locale.size(day.bytes)),
        ))
}

/// One bar a day, the highest as high as there is room.
pub(super) fn picture(
    locale: Locale,
    words: &ConsoleWords,
    model: &ArchivePage,
    send: &Send<ArchiveEvent>,
) -> Node {
    let spans = SPANS.map(|span| {
        let pressed = if span == model.span { "true" } else { "false" };
        button(Weight::Plain, (words.days)(span), tell(send, ArchiveEvent::Span(span)))
            .attr("aria-pressed", pressed)
            .test("volume-span", span.to_string())
    });
    let inner = match &model.volume {
        Volume::Waiting => skeleton(words.loading),
        Volume::Failed(why) => {
            let again =
                button(Weight::Plain, locale.shared.try_again, tell(send, ArchiveEvent::Span(model.span)));
            trouble(locale, words, why, Some(el("div").with(again)))
        }
        Volume::Ready(days) if days.iter().all(|day| day.files == 0) => {
            el("p").class("subtle").with(words.nothing_moved)
        }
        Volume::Ready(days) => drawn(locale, words, days),
    };
    el("section").class("stack").with(row(el("h2").with(words.per_day), spans)).with(inner)
}

fn drawn(locale: Locale, words: &ConsoleWords, days: &[Day]) -> Node {
    let most = days.iter().map(|day| day.bytes).max().unwrap_or_default();
    let bar = |day: &Day| Bar {
        value: day.bytes,
        told: (words.bar)(&locale.date(&day.date), day.files, &locale.size(day.bytes)),
    };
    let ends = [days.first(), days.last()].map(|day| day.map_or(String::new(), |day| locale.date(&day.date)));
    let all: Vec<Bar> = days.iter().map(bar).collect();
    bars(words.per_day, "volume", locale.size(most), &all, ends)
}
