//! How much agents, sessions and strangers may ask for, and that nobody uses up what is another's.

use deskside_sandbox::{SignOptions, credentials};
use reqwest::Method;
use serde_json::{Value, json};

use super::flex_sessions::flex_token;
use crate::support::actors::{Answer, Visitor};
use crate::support::testbed::{Testbed, bed};

const AGENT: u64 = credentials::AGENT_ID;
const ADMIN: u64 = credentials::ADMIN_ID;
const TOO_MANY: &str = "429 too_many_requests";

/// Asks until it is refused: how many were not.
async fn until_refused(mut ask: impl AsyncFnMut(usize) -> Answer) -> (usize, Answer) {
    for before in 0..2_000 {
        let answer = ask(before).await;
        if answer.status == 429 {
            assert_eq!(answer.verdict(), TOO_MANY);
            return (before, answer);
        }
    }
    panic!("nobody was ever refused");
}

/// Waits as long as an answer says: a second before that it is too early.
async fn waits(bed: &Testbed, refused: &Answer, ask: impl AsyncFn() -> Answer) {
    let seconds: i64 = refused.header("retry-after").parse().expect("whole seconds");
    bed.pass(seconds - 1);
    assert_eq!(ask().await.status, 429, "a second too early");
    bed.pass(1);
    assert_ne!(ask().await.status, 429, "after {seconds} s");
}

#[tokio::test]
async fn a_fresh_reading_counts_however_its_query_is_written() {
    bed()
        .run(async |bed| {
            let queries =
                ["refresh=true", "%72efresh=true", "%72%65%66%72%65%73%68=%74rue", "a=b&refresh=true"];
            let agent = bed.agent(AGENT).await;
            let ask = async |turn: usize| {
                agent.gets(&format!("/api/tickets/42/card?{}", queries[turn % queries.len()])).await
            };
            let (before, refused) = until_refused(ask).await;
            assert_eq!(before, 300);
            waits(bed, &refused, async || ask(1).await).await;
        })
        .await;
}

#[tokio::test]
async fn an_agent_is_one_in_all_tabs_and_with_every_bearer() {
    bed()
        .run(async |bed| {
            let first = bed.agent(AGENT).await;
            for _ in 0..150 {
                assert_eq!(first.card(42).await.verdict(), "200");
            }
            let renewed = first.posts("/api/session/renew", &Value::Null).await.session();
            let (renewed, other_tab) = (first.with_bearer(&renewed.token), bed.agent(AGENT).await);
            let tabs = [&renewed, &other_tab, &first];
            let (before, _) = until_refused(async |turn| tabs[turn % 3].card(42).await).await;
            assert_eq!(before, 150);
            assert_eq!(bed.agent(ADMIN).await.card(42).await.verdict(), "200", "another agent is not slowed");
        })
        .await;
}

#[tokio::test]
async fn a_session_without_its_agent_is_one_through_its_renewals() {
    bed()
        .run(async |bed| {
            let nameless = SignOptions { omit_sub: true, ..SignOptions::default() };
            let token = bed.vendors().sign("ticket_sidebar", AGENT, &nameless);
            let session = bed.stranger().opens_page("ticket_sidebar", &token).await.session();
            let mut viewer = bed.stranger().with_bearer(&session.token);
            let ask = async |turn: usize| {
                if turn % 100 == 99 {
                    let renewed = viewer.posts("/api/session/renew", &Value::Null).await.session();
                    viewer = viewer.with_bearer(&renewed.token);
                }
                viewer.card(42).await
            };
            assert_eq!(until_refused(ask).await.0, 300);
        })
        .await;
}

#[tokio::test]
async fn renewals_and_customers_have_tighter_limits_of_their_own() {
    bed()
        .run(async |bed| {
            let agent = bed.agent(AGENT).await;
            let renews = async |_| agent.posts("/api/session/renew", &Value::Null).await;
            assert_eq!(until_refused(renews).await.0, 30);
            let looks_up =
                async |turn: usize| agent.gets(&format!("/api/customers/{}/card", 70 + turn)).await;
            assert_eq!(until_refused(looks_up).await.0, 60);
            assert_eq!(agent.card(42).await.verdict(), "200", "tickets go on");
        })
        .await;
}

#[tokio::test]
async fn one_session_is_sent_few_one_time_codes_whomever_it_names() {
    bed()
        .run(async |bed| {
            let nameless = SignOptions { omit_sub: true, ..SignOptions::default() };
            let token = bed.vendors().sign("ticket_sidebar", AGENT, &nameless);
            let session = bed.stranger().opens_page("ticket_sidebar", &token).await.session();
            let mut viewer = bed.stranger().with_bearer(&session.token);
            let agents = [AGENT, ADMIN, credentials::RESTRICTED_AGENT_ID, 123_456];
            let ask = async |turn: usize| {
                let renewed = viewer.posts("/api/session/renew", &Value::Null).await.session();
                viewer = viewer.with_bearer(&renewed.token); // which is no new session
                viewer.posts("/api/session/proof", &json!({"agent_id": agents[turn % agents.len()]})).await
            };
            let (before, refused) = until_refused(ask).await;
            assert_eq!((before, refused.header("retry-after")), (10, "600"));
            assert!(bed.vendors().notified().len() <= 10);
        })
        .await;
}

#[tokio::test]
async fn one_agent_is_sent_few_one_time_codes_whoever_asks() {
    bed()
        .run(async |bed| {
            let ask = async |turn: usize| {
                let nameless = SignOptions { omit_sub: true, ..SignOptions::default() };
                let token = bed.vendors().sign("ticket_sidebar", 9000 + turn as u64, &nameless);
                let session = bed.stranger().opens_page("ticket_sidebar", &token).await.session();
                let viewer = bed.stranger().with_bearer(&session.token);
                viewer.posts("/api/session/proof", &json!({"agent_id": AGENT})).await
            };
            let (before, refused) = until_refused(ask).await;
            assert_eq!(before, 5);
            waits(bed, &refused, async || ask(1).await).await;
        })
        .await;
}

async fn signs_in(visitor: &Visitor, from: &str, body: &str) -> Answer {
    let request = visitor.request(Method::POST, "/api/session/flex").header("x-forwarded-for", from);
    Answer::to(request.body(body.to_owned())).await
}

#[tokio::test]
async fn sign_ins_without_a_token_keep_nobody_out() {
    bed()
        .run(async |bed| {
            let token = flex_token(bed, &json!({})).await;
            let good = json!({ "token": token }).to_string();
            let asked = bed.vendors().calls().len();
            let bodies = ["", "{}", "[]", r#"{"token":""}"#, r#"{"token":"x"}"#, "\u{0}"];
            for turn in 0..500 {
                let refused = signs_in(&bed.stranger(), "", bodies[turn % bodies.len()]).await;
                assert!((400..500).contains(&refused.status), "{refused:?}");
            }
            assert_eq!(bed.vendors().calls().len(), asked, "nobody was asked about them");
            assert_eq!(signs_in(&bed.stranger(), "", &good).await.verdict(), "200", "from the same address");
        })
        .await;
}

#[tokio::test]
async fn refused_sign_ins_are_counted_by_the_address_that_our_proxy_saw() {
    bed()
        .setting("server.client_address_header", "X-Forwarded-For")
        .run(async |bed| {
            let good = json!({"token": flex_token(bed, &json!({})).await}).to_string();
            let made_up = |turn: usize| json!({"token": format!("made.up.{turn}.d.e")}).to_string();
            let attacks = async |turn: usize| {
                let from = format!("192.0.2.{}, 203.0.113.7", turn % 200); // the client writes what it likes before
                signs_in(&bed.stranger(), &from, &made_up(turn)).await
            };
            let (before, refused) = until_refused(attacks).await;
            assert_eq!(before, 100);
            assert_eq!(signs_in(&bed.stranger(), "203.0.113.8", &good).await.verdict(), "200");
            for _ in 0..200 {
                let again = signs_in(&bed.stranger(), "203.0.113.8", &good).await;
                assert_eq!(again.verdict(), "200", "who is let in does not count");
            }
            waits(bed, &refused, async || attacks(1).await).await;
        })
        .await;
}

#[tokio::test]
async fn strangers_are_counted_by_their_network() {
    bed()
        .setting("server.client_address_header", "X-Forwarded-For")
        .run(async |bed| {
            let knocks = async |from: &str| {
                let request = bed.stranger().request(Method::GET, "/api/tickets/42/card");
                Answer::to(request.header("x-forwarded-for", from)).await
            };
            let of_one_network = async |turn: usize| knocks(&format!("2001:db8:1:2::{turn:x}")).await;
            assert_eq!(until_refused(of_one_network).await.0, 600);
            assert_eq!(knocks("2001:db8:1:3::1").await.verdict(), "401 session_missing");
            assert_eq!(bed.agent(AGENT).await.card(42).await.verdict(), "200", "agents are not counted so");
        })
        .await;
}
