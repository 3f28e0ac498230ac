//! Pages: their end is found out where nobody tells it, an emergency that was none for a moment can come again, and a page that does not get
//! through is told in another way.

use deskside_sandbox::{Fault, FaultRule, Matching};
use reqwest::Method;
use serde_json::{Value, json};

use crate::integrations::HANAKO;
use crate::notices::{connected, contracts, listed, paging, writes};
use crate::support::hooks::{delivered, run_all};
use crate::support::testbed::{Plan, Testbed};

/// Only pages.
fn pages() -> Plan {
    paging().setting("notices.new_customer", "off").setting("notices.renewal_near", "off")
}

async fn change(bed: &Testbed, ticket: u64, wish: Value) {
    bed.pass(2); // deliveries of one second would have one signature
    bed.zendesk(Method::PUT, &format!("/api/v2/tickets/{ticket}"), &json!({"ticket": wish})).await;
}

fn states(bed: &Testbed) -> Vec<String> {
    let alerts = bed.vendors().alerts();
    alerts.iter().map(|alert| alert["status"].as_str().unwrap_or_default().to_owned()).collect()
}

fn tags(bed: &Testbed, ticket: u64) -> String {
    bed.vendors().ticket(ticket).expect("a ticket")["tags"].to_string()
}

/// From now on `PagerDuty` answers so.
fn pagerduty_answers(bed: &Testbed, fault: Fault) {
    let on = Matching { path_suffix: Some("/v2/enqueue".to_owned()), ..Matching::default() };
    bed.vendors().fault(FaultRule { on, times: 9_999, skip: 0, fault });
}

const DOWN: Fault = Fault::Status { status: 503, retry_after: None };

/// Time passes until nobody tries any more.
async fn until_given_up(bed: &Testbed) {
    for _ in 0..60 {
        bed.run_jobs().await;
        delivered(bed).await;
        if bed.left_over().await.is_empty() {
            return;
        }
        bed.pass(1_801);
    }
    panic!("it is still tried: {:?}", bed.left_over().await);
}

#[tokio::test]
async fn an_end_that_nobody_delivered_is_found_out() {
    pages()
        .run_on_each(async |bed| {
            connected(bed, &contracts("")).await;
            let ticket = writes(bed, Some("urgent"), "Nothing works.");
            run_all(bed).await;
            bed.vendors().break_deliveries(1);
            change(bed, ticket, json!({"status": "solved"})).await;
            run_all(bed).await;
            assert_eq!(states(bed), ["triggered"], "the delivery was lost");
            for _ in 0..2 {
                bed.pass(601);
                bed.tick_schedules().await;
                run_all(bed).await;
            }
            assert_eq!(states(bed), ["resolved"]);
            assert_eq!(listed(bed).await, ["page told pagerduty Ren -", "page_over told pagerduty - -"]);
        })
        .await;
}

#[tokio::test]
async fn the_next_page_is_heard_although_the_end_of_the_last_was_lost() {
    heard_again(pages(), contracts("")).await;
}

#[tokio::test]
async fn so_is_the_next_one_that_the_fallback_hears() {
    let mut nobody = contracts("");
    nobody["contract"]["owners"] = json!([]);
    let by_fallback = pages().setting("notices.page", "zendesk").setting("notices.fallback", "pagerduty");
    heard_again(by_fallback, nobody).await;
}

async fn heard_again(plan: Plan, definition: Value) {
    plan.run_on_each(async |bed| {
        connected(bed, &definition).await;
        let ticket = writes(bed, Some("urgent"), "Nothing works.");
        run_all(bed).await;
        bed.vendors().break_deliveries(1);
        change(bed, ticket, json!({"status": "solved"})).await;
        run_all(bed).await;
        bed.pass(2);
        bed.vendors().double_deliveries(5);
        bed.vendors().reply(ticket, "It is back").expect("a reply");
        run_all(bed).await;
        assert_eq!(states(bed), ["resolved", "triggered"], "{:?}", listed(bed).await);
        change(bed, ticket, json!({"status": "solved"})).await;
        run_all(bed).await;
        assert_eq!(states(bed), ["resolved", "resolved"]);
        let triggers: Vec<_> = bed.vendors().alerts().iter().map(|alert| alert["triggers"].clone()).collect();
        assert_eq!(triggers, [1, 1], "each was told once");
    })
    .await;
}

#[tokio::test]
async fn an_emergency_that_was_taken_back_pages_when_it_comes_again() {
    pages()
        .run_on_each(async |bed| {
            connected(bed, &contracts("")).await;
            let ticket = writes(bed, Some("urgent"), "Nothing works.");
            delivered(bed).await;
            change(bed, ticket, json!({"priority": "normal"})).await;
            run_all(bed).await;
            assert_eq!(listed(bed).await, ["page not_told - - no_emergency"]);
            assert!(!tags(bed, ticket).contains("deskside_paged"), "{}", tags(bed, ticket));
            change(bed, ticket, json!({"priority": "urgent"})).await;
            run_all(bed).await;
            assert_eq!(listed(bed).await, ["page not_told - - no_emergency", "page told pagerduty Ren -"]);
            assert_eq!(states(bed), ["triggered"]);
            assert!(tags(bed, ticket).contains("deskside_paged"));
        })
        .await;
}

#[tokio::test]
async fn a_tag_stays_where_nobody_is_paged_for_another_reason() {
    pages()
        .run(async |bed| {
            connected(bed, &contracts("")).await;
            let ticket = writes(bed, Some("urgent"), "Nothing works.");
            delivered(bed).await;
            bed.zendesk(
                Method::PUT,
                &format!("/api/v2/users/{HANAKO}"),
                &json!({"user": {"suspended": true}}),
            )
            .await;
            run_all(bed).await;
            assert_eq!(listed(bed).await, ["page not_told - - requester_suspended"]);
            assert!(tags(bed, ticket).contains("deskside_paged"));
        })
        .await;
}

#[tokio::test]
async fn a_trigger_that_calls_everything_an_emergency_makes_no_loop() {
    pages()
        .run(async |bed| {
            connected(bed, &contracts("")).await;
            let all = bed.vendors().triggers();
            let page = all.iter().find(|one| one["title"].to_string().contains("page on")).expect("it");
            let mut conditions = page["conditions"].clone();
            conditions["all"].as_array_mut().expect("a list").retain(|one| one["field"] != "priority");
            conditions["any"] = json!([{"field": "update_type", "operator": "is", "value": "Change"},
                                       {"field": "update_type", "operator": "is", "value": "Create"}]);
            let change = json!({"trigger": {"conditions": conditions, "actions": page["actions"]}});
            bed.zendesk(Method::PUT, &format!("/api/v2/triggers/{}", page["id"]), &change).await;
            let ticket = writes(bed, None, "A question.");
            for _ in 0..20 {
                delivered(bed).await;
                bed.pass(1);
                bed.run_jobs().await;
            }
            // Deliveries of one second have one signature, and only the first of them counts: so it can end sooner.
            let asked = listed(bed).await;
            assert!((1..=6).contains(&asked.len()), "{asked:?}");
            assert!(tags(bed, ticket).contains("deskside_paged"));
        })
        .await;
}

/// check(what `PagerDuty` answers, who hears of it, and how many alerts are open when the ticket is solved)
#[tokio::test]
async fn a_page_that_does_not_get_through_is_told_in_another_way() {
    async fn check(fault: Fault, alerts: usize, expected: &str) {
        pages()
            .run_on_each(async |bed| {
                connected(bed, &contracts("")).await;
                pagerduty_answers(bed, fault);
                let ticket = writes(bed, Some("urgent"), "Nothing works.");
                delivered(bed).await;
                for _ in 0..30 {
                    bed.run_jobs().await;
                    bed.pass(60);
                }
                assert_eq!(listed(bed).await, [expected]);
                let told = bed.vendors().notices();
                assert_eq!(told.len(), 1, "{told:?}");
                bed.vendors().clear_faults();
                bed.pass(3_700); // who asked for an hour has it
                assert_eq!(states(bed), vec!["triggered"; alerts]);
                change(bed, ticket, json!({"status": "solved"})).await;
                run_all(bed).await;
                assert_eq!(states(bed), vec!["resolved"; alerts]);
            })
            .await;
    }
    check(DOWN, 0, "page fallback notify notify channel_down").await;
    check(Fault::LostAnswer { lost_answer: 502 }, 1, "page fallback notify notify channel_down").await;
    let asks_to_wait = Fault::Status { status: 429, retry_after: Some(3_600) };
    check(asks_to_wait, 0, "page fallback notify notify channel_down").await;
    let refuses = Fault::Status { status: 400, retry_after: None };
    check(refuses, 0, "page fallback notify notify channel_refused").await;
}

#[tokio::test]
async fn where_nobody_else_is_to_be_told_a_page_is_tried_for_hours() {
    pages()
        .setting("notices.fallback", "off")
        .run(async |bed| {
            connected(bed, &contracts("")).await;
            pagerduty_answers(bed, DOWN);
            writes(bed, Some("urgent"), "Nothing works.");
            delivered(bed).await;
            for _ in 0..3 {
                bed.run_jobs().await;
                bed.pass(1_801);
            }
            bed.vendors().clear_faults();
            run_all(bed).await;
            assert_eq!(listed(bed).await, ["page told pagerduty Ren -"]);
        })
        .await;
}

/// check(what Zendesk does not answer, what is told in the end)
#[tokio::test]
async fn what_is_given_up_is_told_to_others() {
    async fn check(plan: Plan, path: &str, expected: (&str, &str)) {
        plan.run_on_each(async |bed| {
            connected(bed, &contracts("")).await;
            let ticket = writes(bed, None, "Nothing works.");
            delivered(bed).await;
            let path_suffix = Some(path.replace("{ticket}", &ticket.to_string()));
            let on = Matching { host: Some("zendesk".to_owned()), path_suffix, ..Matching::default() };
            bed.vendors().fault(FaultRule { on, times: 9_999, skip: 0, fault: DOWN });
            until_given_up(bed).await;
            bed.vendors().clear_faults();
            assert_eq!(listed(bed).await, [expected.0]);
            let told = bed.vendors().notices();
            let texts: Vec<_> = told.iter().filter_map(|told| told["body"]["text"].as_str()).collect();
            let begin = expected.1.replace("{ticket}", &ticket.to_string());
            assert!(texts.len() == 1 && texts[0].starts_with(&begin), "{texts:?}");
            bed.pass(3_600);
            run_all(bed).await;
        })
        .await;
    }
    let customers = paging().setting("notices.page", "off").setting("notices.renewal_near", "off");
    let owner = "/users/search";
    let told = ("new_customer fallback notify notify gave_up", "Ticket {ticket}: Aoba is a new customer");
    check(customers, owner, told).await;
}

/// check(who is told of pages, and in their place; what is listed)
#[tokio::test]
async fn a_page_that_cannot_be_read_is_told_by_its_number_after_ten_minutes() {
    async fn check((page, fallback): (&str, &str), expected: &str) {
        let plan = pages().setting("notices.page", page).setting("notices.fallback", fallback);
        plan.run_on_each(async |bed| {
            connected(bed, &contracts("")).await;
            let ticket = writes(bed, Some("urgent"), "Nothing works.");
            delivered(bed).await;
            let path_suffix = Some(format!("/tickets/{ticket}"));
            let on = Matching { host: Some("zendesk".to_owned()), path_suffix, ..Matching::default() };
            bed.vendors().fault(FaultRule { on, times: 9_999, skip: 0, fault: DOWN });
            for _ in 0..25 {
                bed.run_jobs().await;
                bed.pass(60);
            }
            assert_eq!(listed(bed).await, [expected]);
            let (alerts, notices) = (states(bed), bed.vendors().notices());
            assert_eq!(alerts.len() + notices.len(), 1, "{alerts:?} {notices:?}");
            let begin = format!("Ticket {ticket}: an emergency of a customer, which has a high MRR");
            let text = notices.first().and_then(|told| told["body"]["text"].as_str());
            assert!(text.is_none_or(|text| text.starts_with(&begin)), "{text:?}");
            bed.vendors().clear_faults();
        })
        .await;
    }
    check(("pagerduty", "off"), "page told pagerduty PagerDuty -").await;
    check(("notify", "off"), "page told notify notify -").await;
    check(("zendesk", "notify"), "page fallback notify notify gave_up").await;
}

#[tokio::test]
async fn a_page_without_an_alert_ends_without_one() {
    pages()
        .setting("notices.page", "notify")
        .run(async |bed| {
            connected(bed, &contracts("")).await;
            let ticket = writes(bed, Some("urgent"), "Nothing works.");
            run_all(bed).await;
            change(bed, ticket, json!({"status": "solved"})).await;
            run_all(bed).await;
            assert_eq!(listed(bed).await, ["page told notify Ren -", "page_over not_told - - no_alert"]);
        })
        .await;
}
