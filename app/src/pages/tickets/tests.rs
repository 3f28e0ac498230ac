//! What an admin sees of tickets per week.

use super::*;
use crate::console::asked;
use crate::i18n::Locale;
use crate::i18n::pages::words;
use crate::json::tests::parsed;
use crate::model::fault::refused;
use crate::screens::check::{nobody, text};

const ANSWER: &str = r#"{"since":"2026-09-07","known_at":"2026-11-22T09:00:00.000Z","groups":[
    {"week":"2026-09-07","plan":"pro","mrr_band":"100_to_1000","tickets":3},
    {"week":"2026-09-07","plan":"","mrr_band":"none","tickets":2},
    {"week":"2026-11-16","plan":"team","mrr_band":"below_100","tickets":7},
    {"week":"2026-11-16","plan":"pro","mrr_band":"100_to_1000","tickets":1},
    {"week":"2020-01-06","plan":"pro","mrr_band":"0","tickets":9}]}"#;

fn page(events: Vec<TicketsEvent>) -> (TicketsPage, Vec<String>) {
    let mut all = vec![];
    let page = events.into_iter().fold(TicketsPage::default(), |page, event| {
        let (page, effects) = page.update(event);
        all.extend(asked(&effects));
        page
    });
    (page, all)
}

fn answered(ask: u32) -> TicketsEvent {
    TicketsEvent::Answered(ask, Ok(Rc::new(parsed(ANSWER).read().expect("a report"))))
}

fn shown(tag: &'static str, events: Vec<TicketsEvent>) -> String {
    text(view(Locale::new(tag), words(tag), &page(events).0, &nobody()))
}

/// Name and sum of each group.
fn groups(report: &Report, by: By) -> Vec<(String, u64)> {
    let groups = Groups::of(report, 12, by).groups;
    groups.iter().map(|group| (group.name.clone(), group.sum())).collect()
}

#[test]
fn tickets_are_grouped_by_plan_or_by_mrr() {
    let report: Report = parsed(ANSWER).read().expect("a report");
    let named =
        |all: &[(&str, u64)]| all.iter().map(|(name, sum)| ((*name).to_owned(), *sum)).collect::<Vec<_>>();
    assert_eq!(groups(&report, By::Plan), named(&[("team", 7), ("pro", 4), ("", 2)]));
    assert_eq!(groups(&report, By::Mrr), named(&[("none", 2), ("below_100", 7), ("100_to_1000", 4)]));
    let all = Groups::of(&report, 12, By::Plan);
    assert_eq!((all.weeks.len(), all.weeks[11].as_str(), all.all[11]), (12, "2026-11-23", 0));
    assert_eq!(all.all.iter().sum::<u64>(), 13, "weeks that were not asked for do not count");
}

#[test]
fn many_plans_are_a_few_and_the_rest() {
    let count = |at: u64| Count {
        week: "2026-09-07".into(),
        plan: format!("plan {at}"),
        mrr_band: "0".into(),
        tickets: at,
    };
    let mut report = Report { since: "2026-09-07".into(), ..Report::default() };
    report.groups = (1..=9).map(count).chain([Count { plan: String::new(), ..count(50) }]).collect();
    let found = Groups::of(&report, 1, By::Plan).groups;
    let rest: Vec<_> = found.iter().map(|group| (group.is_rest, group.sum())).collect();
    assert_eq!(rest[5..], [(false, 4), (true, 6), (false, 50)], "1, 2 and 3 are together");
}

#[test]
fn what_is_shown_is_of_the_weeks_that_were_chosen_last() {
    use TicketsEvent as E;
    let (page, asked) = page(vec![E::Open, E::Weeks(52), answered(1), E::Save]);
    assert_eq!((page.report, page.state), (None, RequestState::Pending), "an answer that came late");
    assert_eq!(
        asked[1..],
        [
            "GET /api/reports/tickets?weeks=12",
            "GET /api/reports/tickets?weeks=52",
            "save /api/reports/tickets?weeks=52&format=csv as deskside-tickets.csv",
        ]
    );
}

#[test]
fn an_admin_reads_how_many_tickets_there_were() {
    use TicketsEvent as E;
    for (tag, by, expected) in [
        ("en", By::Plan, ["Tickets per week", "team", "No plan known", "13 tickets", "2026-11-16"]),
        ("ja", By::Plan, ["週ごとのチケット", "team", "プラン不明", "13 件", "2026-11-16"]),
        ("ko", By::Mrr, ["주별 티켓", "100 미만", "MRR 알 수 없음", "13건", "2026-11-16"]),
    ] {
        let shown = shown(tag, vec![E::Open, answered(1), E::Group(by)]);
        for word in expected {
            assert!(shown.contains(word), "{tag} {word}: {shown}");
        }
    }
    let refused = |code| vec![E::Open, E::Answered(1, Err(refused(code)))];
    assert!(shown("en", refused(wire::ErrorCode::TicketsNotKept)).contains("Go to integrations"));
    assert!(shown("en", refused(wire::ErrorCode::StoreBusy)).contains("Try again"));
    let none =
        TicketsEvent::Answered(1, Ok(Rc::new(Report { since: "2026-09-07".into(), ..Report::default() })));
    assert!(shown("en", vec![E::Open, none]).contains("No tickets in these weeks"));
}
