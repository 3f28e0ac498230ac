//! How far each of a call's notes is, and what to do about one that will not be written.

use wire::{LogLine, LogStage, LogState, TicketId};

use crate::i18n::Locale;
use crate::i18n::panel::words;
use crate::model::trace::TraceModel;
use crate::screens::{Send, named};
use crate::ui::{Node, Tone, Weight, button, el, pill};

/// One line a stage; nothing before the server has said so. `chooses`: the agent has still to choose a ticket.
#[must_use]
pub fn log(locale: Locale, model: &TraceModel, chooses: bool, open: &Send<TicketId>) -> Option<Node> {
    let words = words(locale.tag);
    let view = model.view.as_ref()?;
    let title = if model.is_over() { words.last_log } else { words.log };
    let lines = view.log.iter().filter(|line| shown(line)).map(|line| one(locale, line, chooses, open));
    Some(
        el("section")
            .class("stack tight")
            .test("log", if model.is_over() { "over" } else { "" })
            .with(el("h2").with(title))
            .with(el("ul").class("list log").all(lines)),
    )
}

/// What screen readers hear when a note arrives, or is given up.
#[must_use]
pub fn spoken(locale: Locale, model: &TraceModel) -> String {
    let words = words(locale.tag);
    let told = |line: &LogLine| {
        matches!(line.state, LogState::Written | LogState::GivenUp)
            .then(|| [(words.stage)(line.stage), ": ", &text(locale, line, false), "."].concat())
    };
    let lines = model.view.iter().flat_map(|view| &view.log).filter_map(told);
    lines.collect::<Vec<_>>().join(" ")
}

/// A switch is off to begin with, and nobody misses it.
fn shown(line: &LogLine) -> bool {
    !(line.stage == LogStage::Switch && matches!(line.state, LogState::Off | LogState::Ahead))
}

fn one(locale: Locale, line: &LogLine, chooses: bool, open: &Send<TicketId>) -> Node {
    let words = words(locale.tag);
    let (tone, value) = match line.state {
        LogState::Off => (Tone::Plain, "off"),
        LogState::Ahead => (Tone::Plain, "ahead"),
        LogState::Waiting => (Tone::Info, "waiting"),
        LogState::Written => (Tone::Ok, "written"),
        LogState::GivenUp => (Tone::Bad, "given_up"),
        LogState::Unknown => (Tone::Plain, "unknown"),
    };
    let testid = match line.stage {
        LogStage::Start => "log-start",
        LogStage::Switch => "log-switch",
        LogStage::Complete => "log-complete",
        LogStage::Missed => "log-missed",
    };
    let ticket = line.ticket_id.map(|id| {
        let (text, open) = (["#", &id.to_string()].concat(), std::rc::Rc::clone(open));
        let label = named(locale.words().show_in_zendesk, &text);
        button(Weight::Link, text, move || open(id))
            .attr("aria-label", label)
            .test("log-ticket", id.to_string())
    });
    let state = pill(tone, text(locale, line, chooses), testid, value.into());
    let why = line.reason.map(|code| {
        let known =
            (words.log_reason)(code).or_else(|| (locale.shared.error)(code)).unwrap_or(words.log_refused);
        el("p").class("small why").test("log-reason", code.as_str()).with(known)
    });
    let row = el("div").class("row").with(el("span").class("grow").with((words.stage)(line.stage)));
    el("li").with(row.all(ticket).with(state)).all(why)
}

fn text(locale: Locale, line: &LogLine, chooses: bool) -> String {
    let words = words(locale.tag);
    match line.state {
        LogState::Waiting if chooses => words.log_waits_for_choice.into(),
        state => (words.log_state)(state).into(),
    }
}
