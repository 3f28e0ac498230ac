//! A call comes in: which ticket is it, and does it show in both workspaces?

use deskside_sandbox::credentials;
use serde_json::{Value, json};
use sqlx::{Connection, Executor, SqliteConnection};

use crate::support::testbed::{Testbed, bed};

const AGENT: u64 = credentials::AGENT_ID;
const TASK: &str = "WT00000000000000000000000000000001";

/// The tickets that this agent's Zendesk was told to show so far.
fn shown(bed: &Testbed, agent: u64) -> Vec<u64> {
    let notices = bed.vendors().notified();
    let pops =
        notices.iter().filter(|notice| notice["event"] == "deskside_pop" && notice["agent_id"] == agent);
    pops.map(|notice| {
        let body: Value = serde_json::from_str(notice["body"].as_str().expect("text")).expect("JSON");
        assert_eq!(body["task_sid"], TASK);
        body["ticket_id"].as_u64().expect("a ticket")
    })
    .collect()
}

#[tokio::test]
async fn ticket_42_pops_in_flex_and_in_the_agents_zendesk() {
    bed()
        .run_on_each(async |bed| {
            let agent = bed.agent(AGENT).await;
            let mut workspace = bed.vendors().listen();
            let attributes = bed.vendors().task_attributes(TASK).expect("the seeded call");
            let popped = agent.pops(TASK, "accept", &attributes).await.json();
            let card = agent.card(42).await.json();
            let expected = json!({"outcome": "ticket", "ticket": card["ticket"], "customer": card["customer"],
                                  "contract": card["contract"], "badges": card["badges"],
                                  "open_tickets": card["open_tickets"], "choices": [], "created": false,
                                  "must_choose": false, "may_create": false});
            assert_eq!(popped, expected);
            assert_eq!(shown(bed, AGENT), Vec::<u64>::new(), "the agent did not wait for it");
            bed.run_jobs().await;
            assert_eq!(shown(bed, AGENT), [42]);
            let heard = std::iter::from_fn(|| workspace.try_recv().ok());
            let told = heard.filter(|told| told["type"] == "notify").collect::<Vec<_>>();
            assert_eq!(
                (told.len(), &told[0]["event"]),
                (1, &json!("deskside_pop")),
                "the open workspace hears of it"
            );
        })
        .await;
}

#[tokio::test]
async fn a_pop_that_dies_half_way_leaves_nothing_and_the_next_one_is_whole() {
    bed()
        .run(async |bed| {
            let agent = bed.agent(AGENT).await;
            let attributes = json!({"zd_ticket_id": "42"});
            let mut other =
                SqliteConnection::connect(&bed.database.url).await.expect("another program opens it");
            let dies = "CREATE TRIGGER dies BEFORE INSERT ON jobs WHEN NEW.kind = 'pop_notification'
                        BEGIN SELECT RAISE(ABORT, 'half way'); END";
            other.execute(dies).await.expect("a trigger");
            assert_eq!(agent.pops(TASK, "accept", &attributes).await.verdict(), "500 internal");
            let seen = agent.gets(&format!("/api/engagements/{TASK}")).await.json();
            assert_eq!(seen["ticket_id"], Value::Null, "it is not settled without its notice");
            assert!(bed.left_over().await.is_empty(), "and nothing is to follow");
            other.execute("DROP TRIGGER dies").await.expect("it is gone");
            assert_eq!(agent.pops(TASK, "accept", &attributes).await.verdict(), "200");
            bed.run_jobs().await;
            assert_eq!(shown(bed, AGENT), [42]);
        })
        .await;
}

#[tokio::test]
async fn what_names_no_ticket_pops_nothing_and_says_why() {
    let check = async |bed: &Testbed, attributes: Value, outcome: &str, code: Value| {
        let popped = bed.agent(AGENT).await.pops(TASK, "accept", &attributes).await;
        assert_eq!(popped.status, 200, "{attributes}");
        let popped = popped.json();
        assert_eq!(
            (&popped["outcome"], &popped["problem"]["code"]),
            (&json!(outcome), &code),
            "{attributes}"
        );
        let words = popped["problem"]["message"].as_str();
        assert_eq!(words.is_some(), !code.is_null(), "{attributes}");
    };
    let number = |value: Value| json!({"zd_ticket_id": value});
    bed()
        .run(async |bed| {
            let (missing, invalid) = (json!("ticket_number_missing"), json!("ticket_number_invalid"));
            for value in [json!(""), json!("   "), json!("undefined"), json!("null"), json!(null)] {
                check(bed, number(value), "nothing", missing.clone()).await;
            }
            check(bed, json!({}), "nothing", missing.clone()).await;
            check(bed, json!("42"), "nothing", missing.clone()).await; // attributes that are no object
            check(bed, json!(null), "nothing", missing).await;
            for value in [
                json!(" 42# "),
                json!("42; drop"),
                json!("1234567890123456789012345678901234567890"),
                json!([42]),
                json!({"id": 42}),
                json!(-42),
                json!(42.5),
                json!(true),
                json!("0"),
                json!("４２"), // full-width digits
                json!("../42"),
            ] {
                check(bed, number(value), "nothing", invalid.clone()).await;
            }
            check(bed, number(json!(999_999)), "nothing", json!("ticket_not_found")).await;
            check(bed, number(json!(13)), "nothing", json!("ticket_not_found")).await; // deleted
            assert_eq!(bed.left_over().await, [], "nothing is on its way");
            check(bed, number(json!(" 42 ")), "ticket", json!(null)).await;
            check(bed, number(json!(42)), "ticket", json!(null)).await;
            check(bed, number(json!("0042")), "ticket", json!(null)).await;
            bed.run_jobs().await;
            assert_eq!(shown(bed, AGENT), [42], "three wishes for the same thing are one");
            check(bed, number(json!(4)), "ticket", json!("ticket_closed")).await; // shown, with the hint
            bed.run_jobs().await;
            assert_eq!(shown(bed, AGENT), [42, 4]);
        })
        .await;
}

#[tokio::test]
async fn a_malformed_wish_is_refused_in_the_envelope() {
    bed()
        .run(async |bed| {
            let agent = bed.agent(AGENT).await;
            let check = async |task: &str, body: Value, expected: &str| {
                let path = format!("/api/engagements/{task}/pop");
                assert_eq!(agent.posts(&path, &body).await.verdict(), expected, "{task} {body}");
            };
            let good = || json!({"attributes": {}, "stage": "accept"});
            check("a%20b", good(), "400 path_invalid").await;
            check("..%2F..%2Fapi", good(), "400 path_invalid").await;
            check(&"W".repeat(65), good(), "400 path_invalid").await;
            check(TASK, json!({"attributes": {}, "stage": "wave"}), "422 body_invalid").await;
            check(TASK, json!({"attributes": {}}), "422 body_invalid").await;
            check(TASK, json!({"attributes": {}, "stage": "accept", "agent_id": 9001}), "422 body_invalid")
                .await;
            check(TASK, json!([]), "422 body_invalid").await;
            check(TASK, good(), "200").await;
        })
        .await;
}

#[tokio::test]
async fn accepting_and_selecting_shows_the_ticket_once() {
    bed()
        .run_on_each(async |bed| {
            let agent = bed.agent(AGENT).await;
            let attributes = json!({"zd_ticket_id": "42"});
            agent.pops(TASK, "accept", &attributes).await;
            agent.pops(TASK, "select", &attributes).await;
            bed.run_jobs().await;
            assert_eq!(shown(bed, AGENT), [42]);
            bed.pass(5);
            agent.pops(TASK, "select", &attributes).await;
            bed.run_jobs().await;
            assert_eq!(shown(bed, AGENT), [42, 42]);
        })
        .await;
}

#[tokio::test]
async fn a_notice_that_is_late_is_not_sent() {
    let check = async |late: i64, expected: &[u64]| {
        bed()
            .run(async |bed| {
                bed.agent(AGENT).await.pops(TASK, "accept", &json!({"zd_ticket_id": "42"})).await;
                bed.pass(late);
                bed.run_jobs().await;
                assert_eq!(shown(bed, AGENT), expected, "{late} s");
            })
            .await;
    };
    check(30, &[42]).await;
    check(31, &[]).await;
}

#[tokio::test]
async fn a_notice_that_zendesk_did_not_take_is_tried_again_while_it_is_of_use() {
    bed()
        .run(async |bed| {
            let agent = bed.agent(AGENT).await;
            bed.vendors()
                .fault(deskside_sandbox::FaultRule { times: 1, ..super::trouble_at("/apps/notify", 503) });
            agent.pops(TASK, "accept", &json!({"zd_ticket_id": "42"})).await;
            bed.run_jobs().await;
            assert_eq!(shown(bed, AGENT), Vec::<u64>::new());
            bed.pass(6);
            bed.run_jobs().await;
            assert_eq!(shown(bed, AGENT), [42]);

            bed.vendors().fault(super::trouble_at("/apps/notify", 503));
            agent.pops(TASK, "select", &json!({"zd_ticket_id": "38"})).await;
            bed.run_jobs_to_the_end().await;
            assert_eq!(shown(bed, AGENT), [42]);
        })
        .await;
}

#[tokio::test]
async fn a_ticket_that_the_agent_may_not_see_is_not_shown_to_him_anywhere() {
    bed()
        .run(async |bed| {
            let restricted = bed.agent(credentials::RESTRICTED_AGENT_ID).await;
            let popped = restricted.pops(TASK, "accept", &json!({"zd_ticket_id": "42"})).await.json();
            assert_eq!(popped["outcome"], "nothing");
            assert_eq!(popped["problem"]["code"], "ticket_not_found");
            assert_eq!((&popped["ticket"], &popped["customer"]), (&json!(null), &json!(null)));
            bed.run_jobs().await;
            assert_eq!(shown(bed, credentials::RESTRICTED_AGENT_ID), Vec::<u64>::new());
        })
        .await;
}

#[tokio::test]
async fn while_zendesk_is_down_a_known_ticket_still_pops_in_flex() {
    bed()
        .run(async |bed| {
            let agent = bed.agent(AGENT).await;
            assert_eq!(agent.card(42).await.verdict(), "200");
            bed.vendors().fault(super::trouble_with("zendesk", 503));
            agent.card(42).await; // what was read a moment ago is forgotten
            let popped = agent.pops(TASK, "accept", &json!({"zd_ticket_id": "42"})).await.json();
            assert_eq!(
                (&popped["outcome"], &popped["contract"]["state"]),
                (&json!("ticket"), &json!("stale"))
            );
            let unknown = agent.pops(TASK, "accept", &json!({"zd_ticket_id": "38"})).await;
            assert_eq!(unknown.verdict(), "502 zendesk_unavailable");
            bed.pass(31);
            bed.run_jobs().await;
            bed.vendors().clear_faults();
            bed.run_jobs_to_the_end().await; // what follows from the pop was not lost meanwhile
        })
        .await;
}

/// Lists in lists, so deep.
fn nested(depth: usize) -> Value {
    (0..depth).fold(json!("x"), |inner, _| json!([inner]))
}

#[tokio::test]
async fn large_or_deep_attributes_pop_as_small_ones_do_within_reason() {
    bed()
        .run(async |bed| {
            let agent = bed.agent(AGENT).await;
            let check = async |beside: Value, expected: &str| {
                let attributes = json!({"zd_ticket_id": "42", "beside": beside});
                let popped = agent.pops(TASK, "accept", &attributes).await;
                assert_eq!(popped.verdict(), expected);
                if expected == "200" {
                    assert_eq!(popped.json()["ticket"]["id"], 42);
                }
            };
            check(json!("x".repeat(10_240)), "200").await;
            check(json!("未".repeat(10_240)), "200").await;
            check(nested(100), "200").await;
            check(nested(1_000), "422 body_invalid").await;
            check(json!("x".repeat(3 << 20)), "413 body_too_large").await;
            bed.run_jobs().await;
            assert_eq!(shown(bed, AGENT), [42], "the agent's Zendesk went there once");
        })
        .await;
}
