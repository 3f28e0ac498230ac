//! What an admin sees: a row for each integration with its last run, and below it the chosen one's runs.

use super::act::Act;
use super::model::{IntegrationsEvent, IntegrationsPage, List};
use super::preview::preview;
use super::question::question;
use super::reading::{Integration, Listing, Run, Schedule};
use super::run;
use crate::console::frame::{coded, explained, heading};
use crate::console::table::table;
use crate::console::{RequestState, minute};
use crate::i18n::Locale;
use crate::i18n::console::ConsoleWords;
use crate::screens::{Send, fault, tell};
use crate::ui::{Node, Tone, Weight, button, el, notice, pill, row, skeleton};

/// The page.
pub(super) fn view(
    locale: Locale,
    words: &'static ConsoleWords,
    model: &IntegrationsPage,
    send: &Send<IntegrationsEvent>,
) -> Node {
    let page = el("div")
        .class("stack wide")
        .test("console-integrations", "")
        .with(row(heading(words.integrations, words.integrations_what), may_make(model).then(|| new(words))));
    match &model.list {
        List::Waiting => page.with(skeleton(words.loading)),
        List::Failed(why) => {
            let again = button(Weight::Plain, locale.shared.try_again, tell(send, IntegrationsEvent::Open));
            page.with(fault(locale, why, Some(el("div").with(again))))
        }
        List::Ready(listing) if listing.integrations.is_empty() => page.with(
            el("div")
                .class("stack tight")
                .with(el("h2").class("title").with(words.no_integrations))
                .with(coded("p", words.no_integrations_why).class("subtle")),
        ),
        List::Ready(listing) => page
            .all((!listing.may_edit).then(|| notice(Tone::Plain, words.integrations_read_only, None)))
            .all(refused(locale, model))
            .all(question(locale, words, model, send))
            .with(integrations(locale, words, model, listing, send))
            .all(preview(locale, words, model, listing, send))
            .all(model.chosen.as_ref().map(|_| run::runs(locale, words, model, send))),
    }
}

fn may_make(model: &IntegrationsPage) -> bool {
    matches!(&model.list, List::Ready(listing) if listing.may_edit)
}

fn new(words: &'static ConsoleWords) -> Node {
    el("a")
        .class("btn primary")
        .attr("href", "#integration-new")
        .test("integration-new", "")
        .with(words.integration_new)
}

/// Why what the admin last did was refused, and with which integration. A question says it itself.
fn refused(locale: Locale, model: &IntegrationsPage) -> Option<Node> {
    let RequestState::Failed(why) = &model.acted else { return None };
    let name = || el("b").test("refused-of", "").with(model.about.clone());
    model.question.is_none().then(|| el("div").class("stack tight").with(name()).with(explained(locale, why)))
}

fn integrations(
    locale: Locale,
    words: &'static ConsoleWords,
    model: &IntegrationsPage,
    listing: &Listing,
    send: &Send<IntegrationsEvent>,
) -> Node {
    let heads = [words.integration, words.schedule, words.last_run, words.integration_acts];
    let rows = listing.integrations.iter().map(|one| (one.id.clone(), line(locale, words, model, one, send)));
    table(words.integrations, "integrations", heads, rows)
}

fn line(
    locale: Locale,
    words: &'static ConsoleWords,
    model: &IntegrationsPage,
    one: &Integration,
    send: &Send<IntegrationsEvent>,
) -> Node {
    use IntegrationsEvent as E;
    let choose = button(Weight::Link, one.name.clone(), tell(send, E::Choose(one.id.clone())));
    let is_chosen = model.chosen.as_ref() == Some(&one.id);
    let choose = current(choose.test("integration-open", one.id.clone()), is_chosen);
    let disabled =
        (!one.enabled).then(|| pill(Tone::Plain, words.disabled, "integration-disabled", String::new()));
    let last = match &one.last_run {
        None => el("span").class("subtle").with(words.never_ran),
        Some(last) => el("div")
            .test("last-run", last.id.clone())
            .with(state(words, last))
            .all(beside(words, last))
            .with(el("div").class("small num").with(of_what(words, last)))
            .with(el("div").class("small subtle").with(run::sum(words, last))),
    };
    let next = one.next_run_at.as_ref().map(|at| {
        let at = (words.next_run)(&locale.date_time(at));
        el("div").class("small subtle num").test("integration-next", "").with(at)
    });
    let is_new = one.plan_accepted == Some(false);
    let new = is_new
        .then(|| el("div").class("small warned").test("plan-not-accepted", "").with(words.plan_not_accepted));
    // What the last run says itself, or the line above, is not said twice.
    let said = one.last_run.as_ref().and_then(|run| run.problem.as_ref()).map(|problem| &problem.code);
    let is_said = |code: &&String| Some(*code) == said || (is_new && *code == "dry_run_needed");
    let trouble = one.trouble.as_ref().filter(|code| !is_said(code)).map(|code| {
        let text = (words.run_problem)(code).map_or_else(|| code.clone(), str::to_owned);
        el("div").class("small warned").test("integration-trouble", code.clone()).with(text)
    });
    el("tr")
        .test("integration", one.id.clone())
        .with(
            el("td")
                .with(choose)
                .with(" ")
                .all(disabled)
                .with(el("div").class("small subtle").with((words.object)(&one.object))),
        )
        .with(
            el("td")
                .with(el("div").test("integration-schedule", "").with(schedule(words, one)))
                .all(next)
                .all(new),
        )
        .with(el("td").with(last).all(trouble))
        .with(el("td").all(acts(words, model, one, send)))
}

/// What can be done with one: every day, and rarely. Its name is read aloud with each.
fn acts(
    words: &'static ConsoleWords,
    model: &IntegrationsPage,
    one: &Integration,
    send: &Send<IntegrationsEvent>,
) -> [Node; 2] {
    use IntegrationsEvent as E;
    let is_busy = model.acted == RequestState::Pending || one.last_run.as_ref().is_some_and(Run::is_working);
    let act = |weight, text: &'static str, testid: &'static str, event: E| {
        button(weight, text, tell(send, event))
            .attr("aria-label", [text, ": ", &one.name].concat())
            .test(testid, one.id.clone())
    };
    let start = |kind| Act::Start { integration: one.id.clone(), kind, accept: None };
    let run = |text, testid, kind| {
        // Not `disabled`, which takes the keyboard's focus away from the button that was pressed.
        let run = act(Weight::Plain, text, testid, E::Do(start(kind)));
        if is_busy { run.attr("aria-disabled", "true") } else { run }
    };
    let (id, may_edit) = (|| one.id.clone(), model.may_edit());
    let look = may_edit.then(|| act(Weight::Plain, words.preview, "integration-preview", E::Preview(id())));
    let often = el("div")
        .class("acts tight")
        .with(run(words.run_now, "run-now", "run"))
        .with(run(words.dry_run, "dry-run", "dry"))
        .all(look);
    let page = |text: &'static str, testid: &'static str| {
        el("a")
            .attr("href", ["#", testid, "/", &one.id].concat())
            .attr("aria-label", [text, ": ", &one.name].concat())
            .test(testid, one.id.clone())
            .with(text)
    };
    let overview = page(words.overview, "integration-overview");
    let edit = may_edit.then(|| page(words.edit, "integration-edit"));
    let resend = act(Weight::Link, words.resend, "integration-resend", E::Ask(start("resend")));
    let edits = may_edit.then(|| {
        let switch = Act::Switch(id(), !one.enabled);
        let switch = if one.enabled {
            act(Weight::Link, words.pause, "integration-pause", E::Ask(switch))
        } else {
            act(Weight::Link, words.enable, "integration-enable", E::Do(switch))
        };
        let clear = act(Weight::Link, words.clear_fields, "integration-clear", E::Ask(start("clear")));
        let clear = (!one.enabled).then_some(clear);
        [
            Some(switch),
            clear,
            Some(act(Weight::Link, words.delete, "integration-delete", E::Ask(Act::Delete(id())))),
        ]
    });
    let rarely = el("div")
        .class("acts rare small")
        .with(overview)
        .all(edit)
        .with(resend)
        .all(edits.into_iter().flatten().flatten());
    [often, rarely]
}

/// What is shown below is named to those who cannot see the mark.
pub(super) fn current(choose: Node, is_shown: bool) -> Node {
    if is_shown { choose.attr("aria-current", "true") } else { choose }
}

/// When it was asked for, and what for where that is not the usual.
fn of_what(words: &'static ConsoleWords, run: &Run) -> String {
    let kind = if run.retry_of.is_some() { words.run_retry } else { (words.run_kind)(&run.kind) };
    let at = [&minute(&run.requested_at), " UTC"].concat();
    if run.kind == "run" { at } else { [&at, " · ", kind].concat() }
}

/// When it runs by itself.
fn schedule(words: &'static ConsoleWords, one: &Integration) -> String {
    let Schedule { kind, every_minutes, at, cron, time_zone } = &one.schedule;
    match (kind.as_str(), every_minutes / 60, every_minutes % 60) {
        _ if !one.enabled => words.by_hand.into(),
        ("interval", hours, 0) => (words.every_hours)(hours),
        ("interval", ..) => (words.every_minutes)(*every_minutes),
        ("daily", ..) => (words.daily)(at, time_zone),
        ("cron", ..) => (words.cron)(cron, time_zone),
        _ => words.by_hand.into(),
    }
}

/// Where a run stands.
pub(super) fn state(words: &'static ConsoleWords, run: &Run) -> Node {
    let tone = match run.state.as_str() {
        "completed" => Tone::Ok,
        "failed" => Tone::Bad,
        "stopped" => Tone::Warn,
        "running" | "queued" => Tone::Info,
        _ => Tone::Plain,
    };
    pill(tone, (words.run_state)(&run.state), "run-state", run.state.clone())
}

/// What its state does not say: that it used old rows, and that its server does not answer.
pub(super) fn beside(words: &'static ConsoleWords, run: &Run) -> Vec<Node> {
    let told = |text: String| el("div").class("small warned").test("run-beside", "").with(text);
    let at = |time: &str| [&minute(time), " UTC"].concat();
    let old = run
        .old_sources
        .iter()
        .map(|one| told((words.old_rows)(&one.table, &at(one.read_at.as_deref().unwrap_or_default()))));
    old.chain(run.taken_over_at.as_deref().map(|time| told((words.taken_over)(&at(time))))).collect()
}

#[cfg(test)]
mod tests;
