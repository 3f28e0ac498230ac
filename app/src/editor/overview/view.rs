//! Tiles, a bar for each day, and the same as a table.

use super::{Budget, Day, Last, Overview, OverviewEvent, OverviewPage};
use crate::console::RequestState;
use crate::console::frame::TITLE;
use crate::console::picture::{Bar, bars};
use crate::console::table::numbers;
use crate::i18n::Locale;
use crate::i18n::editor::EditorWords;
use crate::screens::{Send, fault, tell};
use crate::ui::{Node, Weight, button, el, empty, skeleton};

/// The page.
#[must_use]
pub fn view(
    locale: Locale,
    words: &'static EditorWords,
    page: &OverviewPage,
    send: &Send<OverviewEvent>,
) -> Node {
    let name = page.overview.as_ref().map_or(page.id.as_str(), |overview| &overview.name);
    let head = el("div")
        .class("stack tight")
        .with(el("h1").class("title").attr("id", TITLE).attr("tabindex", "-1").with(name.to_owned()))
        .with(el("p").class("subtle").with(words.overview_what));
    let links = el("div")
        .class("acts")
        .with(el("a").class("btn").attr("href", ["#integrations/", &page.id].concat()).with(words.runs))
        .with(el("a").class("btn").attr("href", ["#integration-edit/", &page.id].concat()).with(words.edit));
    let root = el("div").class("stack wide").test("overview", page.id.clone()).with(head).with(links);
    match (&page.overview, &page.state) {
        (_, RequestState::Failed(why)) => {
            let again = button(Weight::Plain, locale.shared.try_again, tell(send, OverviewEvent::Again));
            root.with(fault(locale, why, Some(el("div").with(again))))
        }
        (None, _) => root.with(skeleton(words.loading)),
        (Some(overview), _) => root.all(shown(locale, words, overview)),
    }
}

fn shown(locale: Locale, words: &'static EditorWords, overview: &Overview) -> Vec<Node> {
    let Some(last) = &overview.last else {
        return vec![empty(words.no_run, words.no_run_why).test("overview-empty", "")];
    };
    vec![tiles(locale, words, overview, last), picture(locale, words, &overview.days)]
}

fn tiles(locale: Locale, words: &'static EditorWords, overview: &Overview, last: &Last) -> Node {
    let tile = |testid: &'static str, name: &'static str, value: u64, more: String| {
        el("div")
            .class("tile")
            .test(testid, value.to_string())
            .with(el("span").class("small subtle").with(name))
            .with(el("b").class("num").with(value.to_string()))
            .with(el("span").class("small subtle").with(more))
    };
    let counts = &last.counts;
    let of = || (words.of_rows)(&counts.read.to_string());
    let shown = match overview.object.as_str() {
        "organizations" => words.organizations_with_contract,
        _ => words.users_with_contract,
    };
    let as_of = || (words.as_of)(&locale.date_time(&last.at));
    el("div")
        .class("tiles")
        .all(overview.with_contract.map(|people| tile("overview-contract", shown, people, as_of())))
        .with(tile("overview-matched", words.matched, counts.matched, as_of()))
        .with(tile("overview-unmatched", words.unmatched, counts.unmatched, of()))
        .with(tile("overview-ambiguous", words.ambiguous, counts.ambiguous, of()))
        .with(tile("overview-drifted", words.drifted, counts.drifted, words.drifted_what.into()))
        .with(tile("overview-rejected", words.rejected, counts.rejected, (words.and_waiting)(counts.waiting)))
        .all(overview.budget.as_ref().map(|budget| used(words, budget)))
}

fn used(words: &'static EditorWords, budget: &Budget) -> Node {
    let percent = (budget.used * 100).checked_div(budget.limit).unwrap_or_default();
    let of = (words.calls_of)(&budget.used.to_string(), &budget.limit.to_string());
    el("div")
        .class("tile")
        .test("overview-budget", percent.to_string())
        .with(el("span").class("small subtle").with(words.budget))
        .with(el("b").class("num").with([&percent.to_string(), " %"].concat()))
        .with(el("span").class("small subtle").with([&of, " · ", &(words.share)(budget.share)].concat()))
}

/// One bar a day, and the days on which something ran as a table.
fn picture(locale: Locale, words: &'static EditorWords, days: &[Day]) -> Node {
    let most = days.iter().map(|day| day.changed).max().unwrap_or_default();
    let heading = el("h2").with(words.per_day);
    if days.iter().all(|day| day.runs == 0) {
        return el("section").class("stack").with(heading).with(el("p").class("subtle").with(words.no_days));
    }
    let all: Vec<Bar> = days
        .iter()
        .map(|day| Bar {
            value: day.changed,
            told: (words.day_told)(&locale.date(&day.day), &day.changed.to_string()),
        })
        .collect();
    let ends = [days.first(), days.last()].map(|day| day.map_or(String::new(), |day| locale.date(&day.day)));
    let heads = [words.day, words.runs, words.changed, words.rejected, words.waiting, words.calls];
    let rows = days.iter().rev().filter(|day| day.runs > 0).map(|day| {
        let number = |value: u64| el("td").class("num").with(value.to_string());
        let cells = [day.runs, day.changed, day.rejected, day.waiting, day.calls].map(number);
        let line = el("tr").test("overview-day", day.day.clone());
        let date = el("th").attr("scope", "row").with(locale.date(&day.day));
        (day.day.clone(), line.with(date).all(cells))
    });
    el("section")
        .class("stack")
        .with(heading)
        .with(bars(words.per_day, "overview-plot", most.to_string(), &all, ends))
        .with(numbers(words.per_day, "overview-days", heads.map(str::to_owned), rows))
}
