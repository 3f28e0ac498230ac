//! The chosen integration's runs, and what became of the rows of one of them.

use std::rc::Rc;

use super::act::Act;
use super::model::{File, IntegrationsEvent, IntegrationsPage, KEY, KEY_FORM};
use super::reading::{Run, named};
use super::rows::rows;
use super::view::{beside, current, state};
use crate::console::frame::{coded, servers};
use crate::console::table::table;
use crate::console::{RequestState, minute};
use crate::i18n::Locale;
use crate::i18n::console::ConsoleWords;
use crate::screens::{Send, fault, tell};
use crate::ui::{Node, Tone, Weight, button, el, empty, notice, progress, skeleton};

/// Runs, and below them the chosen one.
pub(super) fn runs(
    locale: Locale,
    words: &'static ConsoleWords,
    model: &IntegrationsPage,
    send: &Send<IntegrationsEvent>,
) -> Node {
    let part = el("section").class("stack").attr("aria-label", words.runs).with(el("h2").with(words.runs));
    if let RequestState::Failed(why) = &model.asked
        && model.runs.is_empty()
    {
        return part.with(fault(locale, why, None));
    }
    let part =
        part.all((!model.runs.is_empty() || !model.state.is_empty()).then(|| states(words, model, send)));
    if model.runs.is_empty() {
        return part.with(match model.asked {
            RequestState::Pending => skeleton(words.loading),
            _ if model.state.is_empty() => empty(words.never_ran, words.never_ran_why),
            _ => el("p").class("subtle").with(words.nothing_found),
        });
    }
    let failed = match &model.asked {
        RequestState::Failed(why) => Some(fault(locale, why, None)),
        _ => None,
    };
    let older = model.older.as_ref().map(|_| {
        let more = button(Weight::Plain, words.older, tell(send, IntegrationsEvent::OlderRuns));
        el("div").with(more.test("runs-older", ""))
    });
    let heads = [words.when, words.run_kind_head, words.run_state_head, words.run_sum];
    let rows = model.runs.iter().map(|one| (one.id.clone(), line(words, model, one, send)));
    part.with(table(words.runs, "runs", heads, rows))
        .all(failed)
        .all(older)
        .all(model.shown_run().map(|run| shown(locale, words, model, run, send)))
}

/// The states by which runs are filtered.
const STATES: [&str; 5] = ["running", "stopped", "completed", "failed", "cancelled"];

fn states(words: &'static ConsoleWords, model: &IntegrationsPage, send: &Send<IntegrationsEvent>) -> Node {
    let all = STATES.map(|state| {
        let text = (words.run_state)(state);
        toggle(text, model.state == state, tell(send, IntegrationsEvent::State(state))).test("runs-in", state)
    });
    group(words.run_state_head, all)
}

/// A button that stays pressed.
fn toggle(text: impl Into<Node>, is_pressed: bool, press: impl Fn() + 'static) -> Node {
    button(Weight::Plain, text, press).attr("aria-pressed", if is_pressed { "true" } else { "false" })
}

fn group(label: &'static str, all: impl IntoIterator<Item = Node>) -> Node {
    el("div").class("acts tight").attr("role", "group").attr("aria-label", label).all(all)
}

fn line(
    words: &'static ConsoleWords,
    model: &IntegrationsPage,
    one: &Run,
    send: &Send<IntegrationsEvent>,
) -> Node {
    let show =
        button(Weight::Link, minute(&one.requested_at), tell(send, IntegrationsEvent::Show(one.id.clone())));
    let is_shown = model.shown.as_ref() == Some(&one.id);
    el("tr")
        .test("run", one.id.clone())
        .with(el("td").class("num").with(current(show, is_shown)))
        .with(el("td").with(if one.retry_of.is_some() {
            words.run_retry
        } else {
            (words.run_kind)(&one.kind)
        }))
        .with(el("td").with(state(words, one)).all(beside(words, one)))
        .with(el("td").class("small").with(sum(words, one)))
}

/// A run's counts in a line: those that are not zero.
pub(super) fn sum(words: &'static ConsoleWords, run: &Run) -> String {
    let counts = named(&run.counts);
    let told: Vec<String> = counts
        .iter()
        .filter(|(name, count)| *count > 0 && !matches!(*name, "read" | "matched"))
        .map(|(name, count)| (words.counted)(&count.to_string(), (words.outcome)(name)))
        .collect();
    if told.is_empty() { (words.counted)("0", (words.outcome)("read")) } else { told.join(" · ") }
}

/// One run: what is in its way, what it is at, its counts, its rows.
fn shown(
    locale: Locale,
    words: &'static ConsoleWords,
    model: &IntegrationsPage,
    run: &Run,
    send: &Send<IntegrationsEvent>,
) -> Node {
    el("section")
        .class("stack")
        .attr("aria-label", words.run)
        .test("run-shown", run.id.clone())
        .with(el("h3").with((words.run_of)(&minute(&run.requested_at))))
        .all(problem(words, run))
        .all(beside(words, run))
        .all(at_work(locale, words, model, run))
        .all(facts(locale, words, run))
        .all(waits(words, model, run))
        .all(acts(words, model, run, send))
        .all(counts(words, model, run, send))
        .with(files(locale, words, model, send))
        .all(model.log.as_ref().map(|text| log(words, text.as_deref())))
        .all(model.may_edit().then(|| by_key(words, send)))
        .all(if model.may_edit() { rows(locale, words, model, send) } else { vec![] })
}

/// How long it took or takes, and what it cost.
fn facts(locale: Locale, words: &'static ConsoleWords, run: &Run) -> Option<Node> {
    let took = locale.span(run.runtime_ms? / 1000);
    let text = (words.run_facts)(&took, &run.calls.to_string());
    // Of a run that works, it is said what it is at.
    let phases = run.phases.iter().filter(|one| one.ms >= 1000 && !run.is_working());
    let text = phases.fold(text, |text, one| {
        [&text, " · ", (words.phase)(&one.phase), ": ", &locale.span(one.ms / 1000)].concat()
    });
    Some(el("p").class("small subtle num").test("run-facts", "").with(text))
}

/// What it said, line by line.
fn log(words: &'static ConsoleWords, text: Option<&str>) -> Node {
    let Some(text) = text else { return skeleton(words.loading) };
    el("pre")
        .class("log")
        .attr("tabindex", "0")
        .attr("role", "region")
        .attr("aria-label", words.run_log)
        .attr("lang", "en")
        .test("run-log-text", "")
        .with(text.to_owned())
}

fn problem(words: &'static ConsoleWords, run: &Run) -> Option<Node> {
    // What a person confirmed is in nobody's way any more.
    let is_past = run.is_working() || (run.state == "completed" && run.kind != "dry");
    let problem = run.problem.as_ref().filter(|_| !is_past)?;
    let tone = if run.state == "failed" { Tone::Bad } else { Tone::Warn };
    let text = (words.run_problem)(&problem.code);
    let more = text.map(|_| servers(&problem.message).class("small"));
    let text = text.map_or_else(|| coded("span", &problem.message).attr("lang", "en"), Node::from);
    Some(notice(tone, text, more).test("run-problem", problem.code.clone()))
}

/// What it does, and how far it is: a step for each phase, and in the longest one each row that was written.
fn at_work(
    locale: Locale,
    words: &'static ConsoleWords,
    model: &IntegrationsPage,
    run: &Run,
) -> Option<Node> {
    if !run.is_working() {
        return None;
    }
    let counts = &run.counts;
    let written = counts.created + counts.updated + counts.cleared + counts.rejected + counts.waiting;
    let all = written + counts.pending;
    let percent = match run.phase.as_str() {
        _ if run.state == "queued" => 0,
        "reading" => 10,
        "comparing" => 40,
        "delivering" => 50 + 45 * written / all.max(1),
        _ => 95,
    };
    let phase = if run.state == "queued" { "" } else { (words.phase)(&run.phase) };
    let label = if phase.is_empty() { (words.run_state)(&run.state) } else { phase };
    let phase =
        el("p").class("small").attr("role", "status").test("run-phase", run.phase.clone()).with(label);
    let bar = progress(Tone::Info, u32::try_from(percent).unwrap_or(100), label.to_owned(), "run-progress");
    let left = model.seconds_left(run).map(|seconds| (words.run_left)(&locale.span(seconds)));
    let is_writing = run.phase == "delivering" && all > 0;
    let done = is_writing.then(|| {
        let done = (words.rows_written)(&written.to_string(), &all.to_string());
        let left = left.map_or(String::new(), |left| [" · ", &left].concat());
        el("p").class("small subtle num").test("run-written", "").with([&done, left.as_str()].concat())
    });
    Some(el("div").class("stack tight").with(phase).with(bar).all(done))
}

/// What a person is to do, where nothing goes on without them.
fn waits(words: &'static ConsoleWords, model: &IntegrationsPage, run: &Run) -> Option<Node> {
    let is_latest = model.runs.first().is_some_and(|latest| latest.id == run.id);
    let what = match run.state.as_str() {
        "stopped" if !model.goes_on(run) => words.confirm_how,
        "completed" if run.kind == "dry" && is_latest => words.accept_how,
        _ => return None,
    };
    let what = if model.may_edit() { what } else { words.editor_needed };
    Some(notice(Tone::Info, what, None).test("run-waits", run.state.clone()))
}

/// What can be done with it; nothing for most.
fn acts(
    words: &'static ConsoleWords,
    model: &IntegrationsPage,
    run: &Run,
    send: &Send<IntegrationsEvent>,
) -> Option<Node> {
    use IntegrationsEvent as E;
    let is_live = run.is_working() || run.waits();
    let accept = (model.may_edit() && run.kind == "dry" && run.state == "completed").then(|| {
        let start =
            Act::Start { integration: run.integration.clone(), kind: "run", accept: Some(run.id.clone()) };
        button(Weight::Primary, words.accept_and_run, tell(send, E::Do(start)))
            .test("run-accept", run.id.clone())
    });
    let confirm = (model.may_edit() && run.waits() && !model.goes_on(run)).then(|| {
        button(Weight::Primary, words.confirm_run, tell(send, E::Do(Act::Confirm(run.id.clone()))))
            .test("run-confirm", run.id.clone())
    });
    let cancel = is_live.then(|| {
        button(Weight::Plain, words.cancel_run, tell(send, E::Do(Act::Cancel(run.id.clone()))))
            .test("run-cancel", run.id.clone())
    });
    let has_refused = run.counts.rejected + run.counts.waiting > 0;
    let retry = (!is_live && run.kind != "dry" && has_refused).then(|| {
        button(Weight::Primary, words.retry_rows, tell(send, E::Do(Act::Retry(run.id.clone()))))
            .test("run-retry", run.id.clone())
    });
    let mut acts = accept.into_iter().chain(confirm).chain(cancel).chain(retry).peekable();
    acts.peek().is_some().then(|| el("div").class("acts tight").all(acts))
}

/// The run's log and rows, as files.
fn files(
    locale: Locale,
    words: &'static ConsoleWords,
    model: &IntegrationsPage,
    send: &Send<IntegrationsEvent>,
) -> Node {
    let file = |name: &str, testid, file| {
        let is_saving = model.saved == RequestState::Pending;
        let text = if is_saving { words.saving.to_owned() } else { (words.save)(name) };
        button(Weight::Plain, text, tell(send, IntegrationsEvent::Save(file))).test(testid, "")
    };
    let failed = match &model.saved {
        RequestState::Failed(why) => Some(fault(locale, why, None)),
        _ => None,
    };
    let show = toggle(words.run_log_show, model.log.is_some(), tell(send, IntegrationsEvent::Log));
    // A file has the rows that are shown, so it says which.
    let only = |name: &str| match model.outcome.as_str() {
        "" => name.to_owned(),
        outcome => [name, ": ", (words.outcome)(outcome)].concat(),
    };
    let rows = model.may_edit().then(|| {
        let csv = file(&only("CSV"), "run-csv", File::Csv);
        [csv, file(&only("JSON Lines"), "run-jsonl", File::JsonLines)]
    });
    let files = el("div")
        .class("acts tight")
        .with(show.test("run-log-show", ""))
        .with(file(words.run_log, "run-log", File::Log))
        .all(rows.into_iter().flatten());
    el("div").class("stack").with(files).all(failed)
}

/// Sends the row of a key that somebody types.
fn by_key(words: &'static ConsoleWords, send: &Send<IntegrationsEvent>) -> Node {
    let input = el("input")
        .attr("name", KEY)
        .attr("id", KEY)
        .attr("type", "text")
        .attr("autocomplete", "off")
        .attr("spellcheck", "false");
    let field =
        el("div").class("field").with(el("label").attr("for", KEY).with(words.send_row_key)).with(input);
    let submit = el("button").class("btn").attr("type", "submit").test("row-send", "").with(words.send_row);
    el("form")
        .class("search")
        .attr("id", KEY_FORM)
        .attr("aria-label", words.send_row)
        .attr("novalidate", "")
        .submit(Rc::new(tell(send, IntegrationsEvent::Key)))
        .with(field)
        .with(submit)
}

/// Counts that add up; each leads to its rows. A run that has counted nothing yet has none.
fn counts(
    words: &'static ConsoleWords,
    model: &IntegrationsPage,
    run: &Run,
    send: &Send<IntegrationsEvent>,
) -> Option<Node> {
    let all = named(&run.counts).into_iter().filter(|(_, count)| *count > 0).map(|(name, count)| {
        let text = (words.counted)(&count.to_string(), (words.outcome)(name));
        // Unchanged rows are counted only; the sums are no outcomes.
        if matches!(name, "read" | "matched" | "unchanged") || !model.may_edit() {
            return el("span").class("pill").test("run-count", name).with(text);
        }
        let filter = tell(send, IntegrationsEvent::Filter(name.into()));
        toggle(text, model.outcome == name, filter).test("run-count", name)
    });
    let mut all = all.peekable();
    all.peek().is_some().then(|| group(words.run_sum, all))
}
