//! An agent whom Zendesk's token does not name proves who they are by a one-time code that reaches their open workspace only.

use deskside_sandbox::{SignOptions, credentials};
use serde_json::{Value, json};
use wire::{Role, SessionDocument};

use crate::support::actors::{Answer, Visitor};
use crate::support::testbed::{Testbed, bed};

const AGENT: u64 = credentials::AGENT_ID;

/// A page that Zendesk opened without saying for whom.
async fn anonymous(bed: &Testbed) -> (Visitor, SessionDocument) {
    let nameless = SignOptions { omit_sub: true, ..SignOptions::default() };
    let token = bed.vendors().sign("ticket_sidebar", AGENT, &nameless);
    let session = bed.stranger().opens_page("ticket_sidebar", &token).await.session();
    (bed.stranger().with_bearer(&session.token), session)
}

async fn asks_for_a_code(visitor: &Visitor, agent: u64) -> Answer {
    visitor.posts("/api/session/proof", &json!({"agent_id": agent})).await
}

async fn returns(visitor: &Visitor, challenge: &str, code: &str) -> Answer {
    visitor.posts("/api/session/proof/confirm", &json!({"challenge": challenge, "code": code})).await
}

/// The last code that arrived in this agent's open workspace, with its challenge.
fn arrived(bed: &Testbed, agent: u64) -> (String, String) {
    let last = bed.vendors().notified().pop().expect("a notification");
    assert_eq!((&last["event"], &last["agent_id"]), (&json!("deskside_proof"), &json!(agent)));
    let body: Value = serde_json::from_str(last["body"].as_str().expect("text")).expect("JSON");
    let word = |name: &str| body[name].as_str().expect("text").to_owned();
    (word("challenge"), word("code"))
}

#[tokio::test]
async fn a_page_that_does_not_name_its_agent_reads_nothing_until_they_prove_it() {
    bed()
        .run_on_each(async |bed| {
            let (viewer, session) = anonymous(bed).await;
            assert_eq!((session.proved, session.role), (false, None));
            let customer = bed.vendors().ticket(42).expect("the ticket")["requester_id"].clone();
            assert_eq!(viewer.card(42).await.verdict(), "403 agent_unproved");
            let card = viewer.gets(&format!("/api/customers/{customer}/card")).await;
            assert_eq!(card.verdict(), "403 agent_unproved");
            assert_eq!(viewer.attachments(42).await.verdict(), "403 agent_unproved");
            let started = viewer.posts("/api/tickets/42/archive", &json!({})).await;
            assert_eq!(started.verdict(), "403 agent_unproved");
            let popped = viewer.pops("WT1", "accept", &json!({"zd_ticket_id": 42})).await;
            assert_eq!(popped.verdict(), "403 agent_unproved");
            assert_eq!(
                viewer.gets("/api/customers?phone=%2B815012340042").await.verdict(),
                "403 agent_unproved"
            );
            assert!(
                !viewer.posts("/api/session/renew", &Value::Null).await.session().proved,
                "a renewal proves nothing"
            );

            let asked = asks_for_a_code(&viewer, AGENT).await;
            let (challenge, code) = arrived(bed, AGENT);
            assert_eq!(asked.json(), json!({"challenge": challenge}), "the answer holds no code");
            let proved = returns(&viewer, &challenge, &code).await.session();
            assert_eq!((proved.proved, proved.role, proved.locale.as_str()), (true, Some(Role::Agent), "ja"));
            let agent = viewer.with_bearer(&proved.token);
            assert_eq!(agent.card(42).await.verdict(), "200");
            assert_eq!(agent.attachments(42).await.verdict(), "200");
            assert_eq!(returns(&viewer, &challenge, &code).await.verdict(), "403 proof_invalid", "once only");
        })
        .await;
}

#[tokio::test]
async fn a_one_time_code_bears_few_guesses_and_little_time() {
    bed()
        .run_on_each(async |bed| {
            let (viewer, _) = anonymous(bed).await;
            let ask = async || {
                assert_eq!(asks_for_a_code(&viewer, AGENT).await.verdict(), "200");
                arrived(bed, AGENT)
            };
            let (challenge, code) = ask().await;
            for _ in 0..4 {
                assert_eq!(returns(&viewer, &challenge, "a guess").await.verdict(), "403 proof_invalid");
            }
            assert_eq!(
                returns(&viewer, &challenge, &code).await.verdict(),
                "200",
                "four guesses are forgiven"
            );
            let (challenge, code) = ask().await;
            for _ in 0..5 {
                assert_eq!(returns(&viewer, &challenge, "a guess").await.verdict(), "403 proof_invalid");
            }
            assert_eq!(
                returns(&viewer, &challenge, &code).await.verdict(),
                "403 proof_invalid",
                "five are not"
            );
            let (challenge, code) = ask().await;
            bed.pass(2 * 60);
            assert_eq!(
                returns(&viewer, &challenge, &code).await.verdict(),
                "403 proof_invalid",
                "two minutes"
            );
            let (_, code) = ask().await;
            assert_eq!(returns(&viewer, "unheard of", &code).await.verdict(), "403 proof_invalid");
        })
        .await;
}

#[tokio::test]
async fn codes_go_to_agents_only_and_a_failed_delivery_is_said() {
    bed()
        .run(async |bed| {
            let (viewer, _) = anonymous(bed).await;
            let customer =
                bed.vendors().ticket(42).expect("the ticket")["requester_id"].as_u64().expect("an id");
            assert_eq!(asks_for_a_code(&viewer, customer).await.verdict(), "403 agent_not_allowed");
            assert_eq!(asks_for_a_code(&viewer, 123_456).await.verdict(), "403 agent_not_allowed");
            assert_eq!(bed.vendors().notified(), Vec::<Value>::new());
            bed.vendors().fault(super::trouble_at("/api/v2/apps/notify", 503));
            assert_eq!(asks_for_a_code(&viewer, AGENT).await.verdict(), "502 zendesk_unavailable");
        })
        .await;
}
