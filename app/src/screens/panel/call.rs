//! The call itself: what it is, where it came from, how long it has been going on.

use crate::i18n::Locale;
use crate::i18n::panel::words;
use crate::model::call::{CallModel, clock};
use crate::ui::{Node, Tone, el, pill};

/// The strip above everything; nothing of a call of which Flex says nothing.
#[must_use]
pub fn call(locale: Locale, model: &CallModel, channel: Option<&str>) -> Option<Node> {
    let facts = model.facts.as_ref()?;
    let words = words(locale.tag);
    let spans = model.spans();
    let status = facts.status.as_deref().unwrap_or_default();
    let state = (words.state)(status).map(|text| {
        let tone = match status {
            "accepted" => Tone::Ok,
            "wrapping" => Tone::Warn,
            "pending" => Tone::Info,
            _ => Tone::Plain,
        };
        pill(tone, text, "call-state", status.to_owned())
    });
    let channel = channel.unwrap_or("voice");
    let kind = (words.channel)(channel).map_or_else(|| channel.to_owned(), str::to_owned);
    let way = match facts.direction.as_deref() {
        Some("outbound") => Some((words.outbound, "outbound")),
        Some(_) => Some((words.inbound, "inbound")),
        None => None,
    };
    let way = way.map(|(text, value)| el("span").class("subtle").test("call-direction", value).with(text));
    let title = el("h2")
        .class("grow dotted")
        .with(el("span").test("call-channel", channel.to_owned()).with(kind))
        .all(way);
    // A screen reader asks for it; it is not told every second.
    let duration = spans.talked_s.map(|seconds| {
        el("span")
            .class("num clock")
            .attr("role", "timer")
            .attr("aria-label", words.duration)
            .test("call-duration", seconds.to_string())
            .with(clock(seconds))
    });
    let fact = |term: &'static str, testid, text: Option<String>| {
        text.map(|text| {
            el("div")
                .with(el("dt").with(term))
                .with(el("dd").class("num").test(testid, text.clone()).with(text))
        })
    };
    let strip = el("dl")
        .class("strip")
        .all(fact(words.from, "call-from", facts.from.clone()))
        .all(fact(words.to, "call-to", facts.to.clone()))
        .all(fact(words.queue, "call-queue", facts.queue.clone()))
        .all(fact(words.waited, "call-waited", spans.waited_s.map(clock)));
    let head = el("div").class("row").with(title).all(duration).all(state);
    Some(el("section").class("stack tight call").test("call", status.to_owned()).with(head).with(strip))
}
