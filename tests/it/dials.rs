//! An agent presses a number, and their own Flex calls it: once, or not at all, and they read which.

use std::time::Duration;

use deskside::store::dials::{self, DialKey, DialRow, Silence};
use deskside_sandbox::{SignOptions, credentials};
use futures::StreamExt;
use reqwest::Method;
use serde_json::{Value, json};

use super::flex_settings::set;
use super::trouble_with;
use crate::support::actors::{Answer, Visitor};
use crate::support::databases::for_each_database;
use crate::support::testbed::{Testbed, bed};

const AGENT: u64 = credentials::AGENT_ID;
const ADMIN: u64 = credentials::ADMIN_ID;
const RESTRICTED: u64 = credentials::RESTRICTED_AGENT_ID;
/// Of the requester of ticket 42.
pub const NUMBER: &str = "+815012340042";
/// Nobody's.
pub const OTHER: &str = "+815012349999";

async fn presses(agent: &Visitor, to: &str) -> Answer {
    agent.posts("/api/dial", &json!({"to": to, "ticket_id": 42})).await
}

/// The id of a dial that was taken down.
async fn dials(agent: &Visitor, to: &str) -> String {
    let answer = presses(agent, to).await;
    assert_eq!((answer.verdict().as_str(), &answer.json()["state"]), ("202", &json!("waiting")));
    answer.json()["id"].as_str().expect("an id").to_owned()
}

/// A Flex page takes a dial.
pub async fn takes(panel: &Visitor, id: &str) -> Answer {
    panel.posts(&format!("/api/dial/{id}/take"), &json!({})).await
}

/// And tells what came of it.
pub async fn says(panel: &Visitor, id: &str, outcome: &str) -> String {
    panel.posts(&format!("/api/dial/{id}/outcome"), &json!({"outcome": outcome})).await.verdict()
}

/// What the agent reads: the state, and the code where there is no call.
async fn reads(agent: &Visitor, id: &str) -> String {
    let dial = agent.gets(&format!("/api/dial/{id}")).await.json();
    let state = dial["state"].as_str().expect("a state").to_owned();
    dial["problem"]["code"].as_str().map_or(state.clone(), |code| format!("{state} {code}"))
}

/// A Flex panel that listens: the ids of the dials it hears of, as they come.
pub async fn listens(panel: &Visitor) -> impl futures::Stream<Item = String> + Unpin + use<> {
    let answer = panel.request(Method::GET, "/api/dial/events").send().await.expect("the stream opens");
    assert_eq!(answer.status(), 200);
    let ids = answer.bytes_stream().filter_map(async |bytes| {
        let text = String::from_utf8(bytes.ok()?.to_vec()).ok()?;
        let data = text.lines().find_map(|line| line.strip_prefix("data: "))?;
        serde_json::from_str::<Value>(data).ok()?["id"].as_str().map(str::to_owned)
    });
    Box::pin(ids)
}

/// The next dial that a panel hears of. That it hears of none is proved by the one that comes after.
pub async fn next(panel: &mut (impl futures::Stream<Item = String> + Unpin)) -> Option<String> {
    tokio::time::timeout(Duration::from_secs(30), panel.next()).await.expect("one comes")
}

#[tokio::test]
async fn one_flex_page_of_the_agent_takes_a_dial_at_whatever_replica() {
    bed()
        .run_on_each(async |bed| {
            let replica = bed.another_server(&[]).await;
            let agent = bed.agent(AGENT).await;
            let (here, there) = (agent.clone(), agent.moves_to(&replica));
            let (mut first, mut second) = (listens(&here).await, listens(&there).await);
            let colleague = bed.agent(ADMIN).await;
            let mut stranger = listens(&colleague).await;
            let id = dials(&agent, NUMBER).await;
            assert_eq!(
                (next(&mut first).await, next(&mut second).await),
                (Some(id.clone()), Some(id.clone()))
            );
            let (one, other) = futures::join!(takes(&here, &id), takes(&there, &id));
            let mut verdicts = [one.verdict(), other.verdict()];
            verdicts.sort();
            assert_eq!(verdicts, ["200", "404 dial_gone"]);
            assert_eq!(reads(&agent, &id).await, "taken");
            let order = if one.status == 200 { one } else { other }.json();
            let name = bed.vendors().ticket(42).expect("ticket 42")["requester_id"].to_string();
            assert_eq!(
                (&order["id"], &order["destination"], &order["caller_id"]),
                (&json!(id), &json!(NUMBER), &Value::Null)
            );
            assert_eq!(order["attributes"]["zd_ticket_id"], "42");
            assert_eq!(order["attributes"]["zd_user_id"], json!(name));
            assert_ne!(order["attributes"]["name"], json!(NUMBER), "the task has the customer's name");
            assert_eq!(says(&there, &id, "started").await, "204");
            assert_eq!(reads(&agent, &id).await, "started");
            assert_eq!(says(&here, &id, "failed").await, "404 dial_gone", "it is said once");
            let own = dials(&colleague, OTHER).await;
            assert_eq!(next(&mut stranger).await, Some(own), "and of nothing before");
        })
        .await;
}

#[tokio::test]
async fn a_panel_that_opens_while_a_dial_waits_hears_of_it_once() {
    bed()
        .run(async |bed| {
            let (agent, other) = (bed.agent(AGENT).await, bed.agent(ADMIN).await);
            let mut stranger = listens(&other).await;
            let id = dials(&agent, NUMBER).await;
            assert_eq!(next(&mut listens(&agent).await).await, Some(id.clone()));
            assert_eq!(takes(&agent, &id).await.status, 200);
            assert_eq!(says(&agent, &id, "on_call").await, "204");
            // Whoever hears of this one, from the same list, knows that the first one is over.
            let later = dials(&other, OTHER).await;
            assert_eq!(next(&mut stranger).await, Some(later));
            let mut late = listens(&agent).await;
            let again = dials(&agent, NUMBER).await;
            assert_eq!(next(&mut late).await, Some(again), "and of nothing before");
        })
        .await;
}

#[tokio::test]
async fn a_dial_that_nobody_takes_and_one_that_nobody_speaks_of_come_to_an_end() {
    bed()
        .run_on_each(async |bed| {
            let agent = bed.agent(AGENT).await;
            let id = dials(&agent, NUMBER).await;
            bed.pass(11);
            assert_eq!(reads(&agent, &id).await, "refused dial_flex_absent");
            assert_eq!(takes(&agent, &id).await.verdict(), "404 dial_gone", "nobody is called later");
            let id = dials(&agent, NUMBER).await;
            assert_eq!(takes(&agent, &id).await.status, 200);
            bed.pass(31);
            assert_eq!(reads(&agent, &id).await, "refused dial_failed");
            let next = dials(&agent, NUMBER).await;
            assert_eq!(says(&agent, &id, "started").await, "404 dial_gone");
            assert_eq!(
                (reads(&agent, &id).await, reads(&agent, &next).await),
                ("refused dial_failed".into(), "waiting".into())
            );
            bed.pass(660);
            dials(&agent, OTHER).await;
            assert_eq!(
                agent.gets(&format!("/api/dial/{id}")).await.verdict(),
                "404 dial_gone",
                "it is forgotten"
            );
        })
        .await;
}

#[tokio::test]
async fn a_double_click_dials_once_and_another_number_waits_for_its_turn() {
    bed()
        .run_on_each(async |bed| {
            let agent = bed.agent(AGENT).await;
            let there = agent.moves_to(&bed.another_server(&[]).await);
            let clicks = futures::future::join_all([
                presses(&agent, NUMBER),
                presses(&there, "+81 50-1234-0042"),
                presses(&agent, NUMBER),
                presses(&there, NUMBER),
            ]);
            let ids: Vec<_> = clicks.await.iter().map(|answer| answer.json()["id"].clone()).collect();
            assert!(ids[0].is_string() && ids.iter().all(|id| *id == ids[0]), "{ids:?}");
            let id = ids[0].as_str().expect("an id").to_owned();
            assert_eq!(presses(&agent, OTHER).await.verdict(), "409 dial_busy");
            assert_eq!(
                bed.agent(ADMIN).await.posts("/api/dial", &json!({"to": OTHER})).await.verdict(),
                "202"
            );
            takes(&agent, &id).await;
            assert_eq!(presses(&there, NUMBER).await.json()["id"], json!(id), "while Flex is at it");
            assert_eq!(says(&agent, &id, "started").await, "204");
            bed.pass(1);
            assert_eq!(presses(&agent, NUMBER).await.json()["id"], json!(id), "a slow double click");
            bed.pass(3);
            let again = dials(&agent, NUMBER).await;
            assert_ne!(again, id);
            takes(&agent, &again).await;
            assert_eq!(says(&agent, &again, "on_call").await, "204");
            assert_ne!(dials(&agent, NUMBER).await, again, "what was refused may be tried again at once");
        })
        .await;
}

#[tokio::test]
async fn whatever_flex_says_the_agent_reads_what_to_do() {
    let check = async |bed: &Testbed, outcome: &str, expected: &str, words: &str| {
        let agent = bed.agent(AGENT).await;
        let id = dials(&agent, NUMBER).await;
        takes(&agent, &id).await;
        assert_eq!(says(&agent, &id, outcome).await, "204");
        assert_eq!(reads(&agent, &id).await, expected);
        let problem = agent.gets(&format!("/api/dial/{id}")).await.json()["problem"].clone();
        assert!(problem["message"].as_str().expect("a message").contains(words), "{problem}");
        assert!(problem["hint"].as_str().is_some_and(|hint| hint.ends_with('.')), "{problem}");
    };
    bed()
        .run(async |bed| {
            check(bed, "offline", "refused dial_offline", "offline").await;
            check(bed, "on_call", "refused dial_on_call", "a call").await;
            check(bed, "not_enabled", "refused dial_not_enabled", "outbound").await;
            check(bed, "number", "refused dial_number_invalid", "number").await;
            check(bed, "failed", "refused dial_failed", "did not").await;
            let agent = bed.agent(AGENT).await;
            let id = dials(&agent, NUMBER).await;
            takes(&agent, &id).await;
            assert_eq!(says(&agent, &id, "melted").await, "422 body_invalid");
            assert_eq!(says(&agent, "nothing", "started").await, "404 dial_gone");
        })
        .await;
}

#[tokio::test]
async fn an_agent_dials_takes_and_reads_what_is_his() {
    bed()
        .run_on_each(async |bed| {
            let agent = bed.agent(AGENT).await;
            let id = dials(&agent, NUMBER).await;
            let other = bed.agent(ADMIN).await;
            assert_eq!(other.gets(&format!("/api/dial/{id}")).await.verdict(), "404 dial_gone");
            assert_eq!(takes(&other, &id).await.verdict(), "404 dial_gone");
            takes(&agent, &id).await;
            assert_eq!(says(&other, &id, "started").await, "404 dial_gone");
            assert_eq!(reads(&agent, &id).await, "taken");
            let restricted = bed.agent(RESTRICTED).await;
            assert_eq!(presses(&restricted, NUMBER).await.verdict(), "404 ticket_not_found");
            assert_eq!(restricted.posts("/api/dial", &json!({"to": NUMBER})).await.verdict(), "202");
            let foreign = bed.another_server(&[("zendesk.subdomain", "globex")]).await;
            assert_eq!(presses(&agent.moves_to(&foreign), NUMBER).await.verdict(), "401 session_invalid");
        })
        .await;
}

#[tokio::test]
async fn a_dial_is_its_accounts_and_its_agents() {
    for_each_database(async |db| {
        let now = "2026-11-22T12:00:00Z".parse().expect("a time");
        let until = "2026-11-22T12:00:10Z".parse().expect("a time");
        let dial = DialRow {
            id: "d1".into(),
            agent_id: 7,
            destination: NUMBER.into(),
            ticket_id: Some(42),
            user_id: None,
            name: None,
            state: "waiting".into(),
            reason: None,
            until,
        };
        let mut tx = db.begin().await.unwrap();
        assert!(dials::create(&mut tx, "acme", &dial, now).await.unwrap());
        assert!(dials::create(&mut tx, "globex", &dial, now).await.unwrap(), "another account's is another");
        assert!(
            !dials::create(&mut tx, "acme", &DialRow { id: "d2".into(), ..dial.clone() }, now).await.unwrap()
        );
        tx.commit().await.unwrap();
        assert_eq!(dials::waiting(&db, "acme", now).await.unwrap(), [(7, "d1".to_owned())]);
        let key = |account, agent_id| DialKey { account, agent_id, id: "d1" };
        for (account, agent) in [("initech", 7), ("acme", 8)] {
            assert_eq!(dials::of_agent(&db, account, agent, "d1").await.unwrap(), None);
            assert!(!dials::take(&db, key(account, agent), until, now).await.unwrap(), "{account} {agent}");
        }
        assert!(!dials::take(&db, key("acme", 7), until, until).await.unwrap(), "it is too late");
        assert!(dials::take(&db, key("acme", 7), until, now).await.unwrap());
        assert_eq!(dials::waiting(&db, "globex", now).await.unwrap(), [(7, "d1".to_owned())]);
        let silence = Silence { waiting: "absent", taken: "failed" };
        let mut tx = db.begin().await.unwrap();
        dials::tidy(&mut tx, "acme", 7, silence, until).await.unwrap();
        tx.commit().await.unwrap();
        let reason = |dial: Option<DialRow>| dial.and_then(|dial| dial.reason);
        assert_eq!(reason(dials::of_agent(&db, "acme", 7, "d1").await.unwrap()).as_deref(), Some("failed"));
        assert_eq!(reason(dials::of_agent(&db, "globex", 7, "d1").await.unwrap()), None);
    })
    .await;
}

#[tokio::test]
async fn a_number_without_its_country_is_of_the_consoles_country() {
    bed()
        .run(async |bed| {
            let agent = bed.agent(AGENT).await;
            let check = async |to: &str, expected: &str, words: &str| {
                let answer = presses(&agent, to).await;
                assert_eq!(answer.verdict(), expected, "{to}");
                assert!(answer.text.contains(words), "{to}: {}", answer.text);
            };
            check("", "422 dial_number_invalid", "not a phone number").await;
            check("anonymous", "422 dial_number_invalid", "not a phone number").await;
            check("110", "422 dial_number_invalid", "short numbers").await;
            check("050-1234-0042", "422 dial_number_invalid", "no country code").await;
            assert_eq!(set(bed, json!({"outbound_country": "+81"})).await.status, 200);
            check("050-1234-0042", "202", NUMBER).await;
            assert_eq!(
                agent.posts("/api/dial", &json!({"ticket_id": 42})).await.verdict(),
                "422 body_invalid"
            );
        })
        .await;
}

#[tokio::test]
async fn what_an_admin_decides_goes_into_the_order_and_switched_off_is_off() {
    bed()
        .run(async |bed| {
            let agent = bed.agent(AGENT).await;
            let sid = |kind: &str| format!("{kind}{}", "c".repeat(32));
            let outbound = json!({"outbound_caller_id": "+815011112222", "outbound_queue_sid": sid("WQ"),
                "outbound_workflow_sid": sid("WW"), "outbound_task_channel_sid": sid("TC")});
            assert_eq!(set(bed, outbound).await.status, 200);
            let id = dials(&agent, NUMBER).await;
            let order = takes(&agent, &id).await.json();
            for (name, expected) in [
                ("caller_id", "+815011112222".to_owned()),
                ("queue_sid", sid("WQ")),
                ("workflow_sid", sid("WW")),
                ("task_channel_sid", sid("TC")),
            ] {
                assert_eq!(order[name], json!(expected), "{name}");
            }
            assert_eq!(set(bed, json!({"outbound_caller_id": "110"})).await.verdict(), "422 setting_invalid");
            assert_eq!(set(bed, json!({"enabled": false})).await.status, 200);
            assert_eq!(presses(&agent, OTHER).await.verdict(), "409 flex_disabled");
            let without = bed.another_server(&[("twilio.account_sid", "")]).await;
            for (url, expected) in [(bed.url(), r#""dials":true"#), (without.as_str(), r#""dials":false"#)] {
                let token = bed.vendors().sign("ticket_sidebar", AGENT, &SignOptions::default());
                let page = Visitor::at(url).opens_page("ticket_sidebar", &token).await;
                assert!(
                    page.text.contains(expected),
                    "the page says whether numbers can be pressed: {}",
                    page.text
                );
            }
            assert_eq!(
                presses(&agent.moves_to(&without), OTHER).await.verdict(),
                "404 twilio_not_configured"
            );
        })
        .await;
}

#[tokio::test]
async fn while_zendesk_is_down_the_call_is_made_all_the_same() {
    bed()
        .run(async |bed| {
            let agent = bed.agent(AGENT).await;
            bed.vendors().fault(trouble_with("zendesk", 503));
            let id = dials(&agent, NUMBER).await;
            let order = takes(&agent, &id).await.json();
            assert_eq!(
                order["attributes"],
                json!({"name": NUMBER}),
                "a ticket that cannot be checked is left out"
            );
        })
        .await;
}
