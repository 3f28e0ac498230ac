//! A picture of all tickets and one for each group, on one scale, and the same as a table.

use wire::ErrorCode;

use super::{By, Group, Groups, SPANS, TicketsEvent, TicketsPage};
use crate::console::RequestState;
use crate::console::frame::{explained, heading};
use crate::console::picture::{Bar, scaled};
use crate::console::table::numbers;
use crate::i18n::Locale;
use crate::i18n::pages::PageWords;
use crate::pages::failed;
use crate::screens::{Send, tell};
use crate::ui::{Node, Weight, button, el, empty, row, skeleton};

/// The page.
#[must_use]
pub fn view(
    locale: Locale,
    words: &'static PageWords,
    page: &TicketsPage,
    send: &Send<TicketsEvent>,
) -> Node {
    let root = el("div").class("stack wide").test("page-tickets", "");
    let head = heading(words.tickets, words.tickets_what);
    match (&page.state, &page.report) {
        (RequestState::Failed(why), _) if why.code() == Some(ErrorCode::TicketsNotKept) => {
            let link = el("a").class("btn").attr("href", "#integrations").with(words.to_integrations);
            let empty = empty(words.not_kept, words.not_kept_why).test("tickets-not-kept", "");
            root.with(head).with(empty).with(el("div").with(link))
        }
        (RequestState::Failed(why), _) => {
            root.with(head).with(failed(locale, why, TicketsEvent::Again, send))
        }
        (_, None) => root.with(head).with(skeleton(words.loading)),
        (state, Some((weeks, report))) => {
            let groups = Groups::of(report, *weeks, page.by);
            let text = if page.saving == RequestState::Pending { words.saving } else { words.save_csv };
            let save = button(Weight::Plain, text, tell(send, TicketsEvent::Save)).test("tickets-save", "");
            let until = (words.known_until)(&locale.date_time(&report.known_at));
            let shown = el("div").class("stack wide").all(shown(locale, words, page.by, &groups));
            let is_new = *state == RequestState::Idle;
            root.with(row(head, [save]))
                .with(el("div").class("said").all(not_saved(locale, page)))
                .with(choices(words, page, send))
                .with(if is_new { shown } else { shown.attr("aria-busy", "true") })
                .with(el("p").class("small subtle").with(until))
        }
    }
}

fn not_saved(locale: Locale, page: &TicketsPage) -> Option<Node> {
    let RequestState::Failed(why) = &page.saving else { return None };
    Some(explained(locale, why))
}

/// For how many weeks, and by what.
fn choices(words: &'static PageWords, page: &TicketsPage, send: &Send<TicketsEvent>) -> Node {
    let choice = |text: String, testid: &'static str, value: String, is_chosen: bool, event: TicketsEvent| {
        button(Weight::Plain, text, tell(send, event))
            .attr("aria-pressed", if is_chosen { "true" } else { "false" })
            .test(testid, value)
    };
    let group = |label: &'static str| el("div").class("acts").attr("role", "group").attr("aria-label", label);
    let spans = SPANS.map(|span| {
        let event = TicketsEvent::Weeks(span);
        choice((words.weeks)(span), "tickets-weeks", span.to_string(), span == page.weeks, event)
    });
    let ways = [(By::Plan, words.by_plan, "plan"), (By::Mrr, words.by_mrr, "mrr")];
    let ways = ways.map(|(by, text, value)| {
        choice(text.into(), "tickets-by", value.into(), by == page.by, TicketsEvent::Group(by))
    });
    let named = |text: &'static str| el("span").class("small subtle").with(text);
    el("div")
        .class("chosen")
        .with(group(words.group_by).with(named(words.group_by)).all(ways))
        .with(group(words.span).with(named(words.span)).all(spans))
}

fn shown(locale: Locale, words: &'static PageWords, by: By, groups: &Groups) -> Vec<Node> {
    if groups.groups.is_empty() {
        return vec![empty(words.no_tickets, words.no_tickets_why).test("tickets-none", "")];
    }
    vec![pictures(locale, words, by, groups), counts(locale, words, by, groups)]
}

/// Who listens to the page has the table, which says the same.
fn pictures(locale: Locale, words: &'static PageWords, by: By, groups: &Groups) -> Node {
    let most = groups.all.iter().copied().max().unwrap_or_default();
    let first_and_last = || {
        [groups.weeks.first(), groups.weeks.last()]
            .map(|week| week.map_or(String::new(), |week| locale.date(week)))
    };
    let plot = |name: String, counts: &[u64], testid: &'static str| {
        let bar = |(week, count): (&String, &u64)| Bar {
            value: *count,
            told: (words.week_told)(&locale.date(week), &(words.count_of_tickets)(*count)),
        };
        let all: Vec<Bar> = groups.weeks.iter().zip(counts).map(bar).collect();
        let sum = (words.count_of_tickets)(counts.iter().sum());
        let sum = el("span").class("small subtle num").with(sum);
        let picture = scaled(words.tickets, testid, (most, most.to_string()), &all, first_and_last());
        el("div").class("stack tight").with(row(el("h3").with(name.clone()), [sum])).with(picture).key(name)
    };
    // One group alone is all of it.
    let each = groups
        .groups
        .iter()
        .filter(|_| groups.groups.len() > 1)
        .map(|group| plot(name(words, by, group), &group.counts, "tickets-plot"));
    el("div")
        .class("stack wide")
        .attr("aria-hidden", "true")
        .with(plot(words.all_tickets.into(), &groups.all, "tickets-plot-all"))
        .with(el("div").class("plots").all(each))
}

fn counts(locale: Locale, words: &'static PageWords, by: By, groups: &Groups) -> Node {
    let heads = [words.week, words.total].map(str::to_owned);
    let heads = heads.into_iter().chain(groups.groups.iter().map(|group| name(words, by, group)));
    let number = |count: u64| {
        let cell = el("td").class(if count == 0 { "num subtle" } else { "num" });
        cell.with(count.to_string())
    };
    let line = |(at, week): (usize, &String)| {
        let of = |counts: &Vec<u64>| number(counts.get(at).copied().unwrap_or_default());
        let line = el("tr")
            .test("tickets-week", week.clone())
            .with(el("th").attr("scope", "row").with(locale.date(week)))
            .with(of(&groups.all))
            .all(groups.groups.iter().map(|group| of(&group.counts)));
        (week.clone(), line)
    };
    let sums = el("tr")
        .test("tickets-sums", "")
        .with(el("th").attr("scope", "row").with(words.total))
        .with(number(groups.all.iter().sum()))
        .all(groups.groups.iter().map(|group| number(group.sum())));
    let rows = groups.weeks.iter().enumerate().rev().map(line).chain([("sums".into(), sums)]);
    numbers(words.tickets, "tickets-table", heads, rows)
}

fn name(words: &'static PageWords, by: By, group: &Group) -> String {
    match (by, group.name.as_str()) {
        _ if group.is_rest => words.other_plans.into(),
        (By::Plan, "") => words.no_plan.into(),
        (By::Plan, "others") => words.other_plans.into(), // as the server calls those after fifty
        (By::Plan, plan) => plan.into(),
        (By::Mrr, band) => Some((words.band)(band)).filter(|text| !text.is_empty()).unwrap_or(band).into(),
    }
}
