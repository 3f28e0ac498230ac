//! What the panel is shown of a ticket's attachments: the run and its undo also while Zendesk does not answer, and what a run would
//! leave in Zendesk before anybody starts one.

use chrono::{DateTime, TimeDelta, Utc};
use deskside_sandbox::credentials;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::actors::Visitor;
use crate::support::archive::{files, states};
use crate::support::hooks::{Delivery, SECRET};
use crate::support::testbed::{Plan, Testbed, bed};
use crate::{trouble_at, trouble_with};

const TICKET: u64 = 42;

async fn refreshed(agent: &Visitor, ticket: u64) -> Value {
    let answer = agent.gets(&format!("/api/tickets/{ticket}/archive?refresh=true")).await;
    assert_eq!(answer.verdict(), "200");
    answer.json()
}

fn ids(view: &Value) -> Vec<u64> {
    let items = view["items"].as_array().expect("a list").iter();
    items.map(|item| item["attachment_id"].as_u64().expect("an id")).collect()
}

#[tokio::test]
async fn a_live_run_and_its_undo_are_shown_while_zendesk_is_down() {
    bed()
        .setting("archive.undo_button_s", "600")
        .run_on_each(async |bed| {
            let agent = bed.agent(credentials::AGENT_ID).await;
            let run = agent.archives(TICKET).await;
            bed.run_jobs().await;
            let newer = bed.vendors().attach(TICKET, "newer.bin", 10).expect("a file");
            assert!(ids(&refreshed(&agent, TICKET).await).contains(&newer));
            bed.vendors().fault(trouble_with("zendesk", 503));
            let view = refreshed(&agent, TICKET).await;
            assert_eq!((&view["listing"], &view["run"]["can_undo"]), (&json!("last"), &json!(true)));
            assert!(ids(&view).contains(&newer), "the last list is shown");
            // A replica that never read it.
            let elsewhere = agent.moves_to(&bed.another_server(&[]).await);
            let view = refreshed(&elsewhere, TICKET).await;
            assert_eq!((&view["listing"], &view["run"]["id"]), (&json!("missing"), &json!(run)));
            assert_eq!((states(&view).len(), &view["run"]["can_undo"]), (4, &json!(true)));
            let undone = elsewhere.posts(&format!("/api/archive/runs/{run}/cancel"), &json!({})).await;
            assert_eq!(undone.verdict(), "200");
            assert_eq!(undone.json()["run"]["state"], "cancelled");
            let events = elsewhere.gets(&format!("/api/archive/runs/{run}/events")).await;
            assert!(events.text.contains("\"listing\":\"missing\""), "{}", events.text);
            let bare = elsewhere.gets("/api/tickets/44/archive").await;
            assert_eq!(bare.verdict(), "502 zendesk_unavailable", "of this one nothing is known");
            bed.vendors().clear_faults();
            bed.run_jobs_to_the_end().await;
        })
        .await;
}

#[tokio::test]
async fn who_may_not_see_a_ticket_sees_no_run_of_it_while_zendesk_is_down() {
    bed()
        .run(async |bed| {
            bed.agent(credentials::AGENT_ID).await.archives(TICKET).await;
            bed.run_jobs().await;
            let restricted = bed.agent(credentials::RESTRICTED_AGENT_ID).await;
            let path = format!("/api/tickets/{TICKET}/archive");
            bed.vendors().fault(trouble_with("zendesk", 503));
            assert_eq!(restricted.gets(&path).await.verdict(), "404 ticket_not_found", "by its last card");
            bed.vendors().clear_faults();
        })
        .await;
}

#[tokio::test]
async fn a_list_that_cannot_be_read_is_not_an_empty_one() {
    bed()
        .run(async |bed| {
            let agent = bed.agent(credentials::AGENT_ID).await;
            bed.vendors().fault(trouble_at("/comments", 503));
            let path = format!("/api/tickets/{TICKET}/archive");
            assert_eq!(agent.gets(&path).await.verdict(), "502 zendesk_unavailable");
            bed.vendors().clear_faults();
            let view = refreshed(&agent, TICKET).await;
            assert_eq!((&view["listing"], ids(&view).len()), (&json!("fresh"), 4));
            bed.vendors().fault(trouble_at("/comments", 503));
            let view = refreshed(&agent, TICKET).await;
            assert_eq!((&view["listing"], ids(&view).len()), (&json!("last"), 4), "without a run, too");
            bed.vendors().clear_faults();
        })
        .await;
}

#[tokio::test]
async fn the_list_is_read_again_on_a_delivery_and_on_refresh() {
    bed()
        .setting("zendesk.webhook_secret", SECRET)
        .run(async |bed| {
            let agent = bed.agent(credentials::AGENT_ID).await;
            let listed = async || ids(&agent.attachments(TICKET).await.json()).len();
            assert_eq!(listed().await, 4);
            bed.vendors().attach(TICKET, "first.bin", 10).expect("a file");
            assert_eq!(listed().await, 4, "read a moment ago");
            assert_eq!(ids(&refreshed(&agent, TICKET).await).len(), 5);
            bed.vendors().attach(TICKET, "second.bin", 10).expect("a file");
            assert_eq!(Delivery::about(bed, TICKET).sent(bed).await.status, 202);
            assert_eq!(listed().await, 6);
            bed.run_jobs_to_the_end().await;
            assert_eq!(states(&agent.attachments(TICKET).await.json()), ["redacted"; 6]);
        })
        .await;
}

/// What stands beside each file that is in Zendesk: the code of the reason why it would stay.
async fn prevented(plan: Plan, ticket: u64, prepare: impl AsyncFn(&Testbed), expected: &str) {
    plan.run(async |bed| {
        prepare(bed).await;
        let view = bed.agent(credentials::AGENT_ID).await.attachments(ticket).await.json();
        let items = view["items"].as_array().expect("a list");
        assert!(!items.is_empty());
        for item in items {
            assert_eq!(item["state"], "in_zendesk");
            assert_eq!(item["prevented"]["code"].as_str().unwrap_or("goes"), expected, "{item}");
            assert!(!item["prevented"].to_string().contains('`'), "{item}");
            assert!(item["sent_at"].as_str().is_some_and(|at| at.ends_with('Z')), "{item}");
        }
    })
    .await;
}

#[tokio::test]
async fn what_a_run_would_leave_in_zendesk_is_marked_before_it_starts() {
    let nothing = async |_: &Testbed| {};
    prevented(bed(), TICKET, nothing, "goes").await;
    let held = async |bed: &Testbed| {
        bed.zendesk(Method::PUT, "/api/v2/tickets/42/tags", &json!({"tags": ["legal_hold"]})).await;
    };
    prevented(bed(), TICKET, held, "archive_legal_hold").await;
    prevented(bed(), 7, nothing, "attachment_malware").await;
    prevented(bed().setting("archive.min_age_days", "3650"), TICKET, nothing, "archive_too_new").await;
    let types = "application/*,image/*,text/*";
    prevented(bed().setting("archive.exclude_types", types), TICKET, nothing, "archive_by_policy").await;
    prevented(bed().setting("archive.max_file_mb", "1"), 20, nothing, "attachment_too_large").await;
}

#[tokio::test]
async fn a_file_that_is_too_new_says_from_when_on_it_can_go_and_goes_then() {
    bed()
        .setting("archive.min_age_days", "400")
        .run(async |bed| {
            let view = async || bed.agent(credentials::AGENT_ID).await.attachments(TICKET).await.json();
            let time = |of: &Value| of.as_str().expect("a time").parse::<DateTime<Utc>>().expect("RFC 3339");
            let check = |view: &Value, state: &str| {
                for item in view["items"].as_array().expect("a list") {
                    assert_eq!(item["state"], state, "{item}");
                    let wait = time(&item["goes_from"]) - time(&item["sent_at"]);
                    assert_eq!(wait, TimeDelta::days(400), "{item}");
                    let day = &item["goes_from"].as_str().expect("a time")[..10];
                    let why = format!("it is younger than 400 days; it can be archived from {day}");
                    assert_eq!(item["prevented"]["message"], why);
                }
            };
            check(&view().await, "in_zendesk");
            bed.operator_archives(TICKET).await;
            bed.run_jobs_to_the_end().await;
            check(&view().await, "skipped");
            bed.pass(400 * 86_400);
            let older = view().await;
            for item in older["items"].as_array().expect("a list") {
                assert_eq!((&item["state"], item.get("prevented")), (&json!("in_zendesk"), None), "{item}");
                assert_eq!(item.get("goes_from"), None, "{item}");
            }
            bed.agent(credentials::AGENT_ID).await.archives(TICKET).await;
            bed.run_jobs_to_the_end().await;
            assert_eq!(states(&view().await), ["redacted"; 4]);
        })
        .await;
}

#[tokio::test]
async fn the_view_says_who_sent_each_file_and_what_the_agent_may() {
    bed()
        .setting("archive.agents_may_start", "false")
        .setting("archive.may_open", "admins")
        .run(async |bed| {
            let view = async |id| bed.agent(id).await.attachments(TICKET).await.json();
            let agents = view(credentials::AGENT_ID).await;
            assert_eq!((&agents["may_start"], &agents["may_open"]), (&json!(false), &json!(false)));
            assert!(
                agents["items"].as_array().expect("a list").iter().any(|item| item["sender"] == "customer")
            );
            let admins = view(credentials::ADMIN_ID).await;
            assert_eq!((&admins["may_start"], &admins["may_open"]), (&json!(true), &json!(true)));
        })
        .await;
}

#[tokio::test]
async fn exactly_the_files_that_were_on_the_screen_go() {
    bed()
        .run_on_each(async |bed| {
            let agent = bed.agent(credentials::AGENT_ID).await;
            let screen = ids(&agent.attachments(TICKET).await.json());
            let late = bed.vendors().attach(TICKET, "late.bin", 10).expect("a file");
            let wish = async |ids: &[u64]| {
                let path = format!("/api/tickets/{TICKET}/archive");
                agent.posts(&path, &json!({"attachment_ids": ids})).await.verdict()
            };
            assert_eq!(wish(&[screen[0], 1]).await, "404 attachment_not_found");
            assert_eq!(wish(&[]).await, "409 archive_nothing");
            assert_eq!(wish(&screen[..1]).await, "202");
            bed.run_jobs().await;
            assert_eq!(wish(&screen[..1]).await, "409 archive_nothing", "it is archived already");
            assert_eq!(wish(&screen).await, "202", "one of a stale screen is gone, the others go");
            bed.run_jobs().await;
            assert_eq!(files(bed, TICKET).into_keys().collect::<Vec<_>>(), [late]);
            assert_eq!(wish(&[late]).await, "202", "newer than our list");
            bed.run_jobs().await;
            assert!(files(bed, TICKET).is_empty());
        })
        .await;
}
