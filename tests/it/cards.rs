//! What the sidebar shows beside a ticket: every state a contract, a customer and Zendesk itself can be in.

use deskside::store::cards;
use deskside_sandbox::{Fault, FaultRule, Matching, credentials};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::actors::{Answer, Visitor};
use crate::support::testbed::{Testbed, bed};

const AGENT: u64 = credentials::AGENT_ID;
/// Sees only what is assigned to them, like ticket 17.
const RESTRICTED: u64 = credentials::RESTRICTED_AGENT_ID;

const UNAVAILABLE: &str = "zendesk_unavailable";
const ANSWER: &str = "502 zendesk_unavailable";

fn requester(bed: &Testbed, ticket: u64) -> u64 {
    bed.vendors().ticket(ticket).expect("the ticket")["requester_id"].as_u64().expect("an id")
}

/// The card without the list of other tickets, which has a test of its own.
fn card(answer: &Answer) -> Value {
    assert_eq!(answer.verdict(), "200");
    let mut card = answer.json();
    card["open_tickets"].take();
    card
}

#[tokio::test]
async fn the_card_of_a_ticket_has_the_promised_shape() {
    bed()
        .run_on_each(async |bed| {
            let requester = requester(bed, 42);
            let agent = bed.agent(AGENT).await;
            let expected = json!({
                "ticket": {"id": 42, "subject": "10月分の請求について", "status": "open", "requester_id": requester,
                           "priority": "high"},
                "customer": {"id": requester, "name": "佐藤 花子", "email": "hanako.sato@example.com",
                             "phone": "+815012340042", "state": "active"},
                "contract": {"state": "known", "company": "青葉商事株式会社", "account_type": "customer",
                             "subscription_status": "active", "mrr": 120_000, "currency": null, "start": "2026-09-21",
                             "renewal": "2027-09-21", "owner": "営業一課 森", "as_of": "2026-11-22T12:00:00Z",
                             "source": "zendesk"},
                "badges": ["new_customer", "high_mrr"],
                "open_tickets": null,
            });
            assert_eq!(card(&agent.card(42).await), expected);
            let mut of_customer = expected;
            of_customer.as_object_mut().expect("an object").remove("ticket");
            assert_eq!(card(&agent.gets(&format!("/api/customers/{requester}/card")).await), of_customer);
        })
        .await;
}

#[tokio::test]
async fn a_card_names_the_customers_other_open_tickets() {
    bed()
        .run(async |bed| {
            let open = async |ticket: u64| {
                let card = bed.agent(AGENT).await.card(ticket).await.json();
                let open = card["open_tickets"].as_array().expect("a list").clone();
                open.iter().map(|ticket| ticket["id"].as_u64().expect("an id")).collect::<Vec<_>>()
            };
            let of_one = requester(bed, 42);
            let state = bed.vendors().state();
            let mut expected: Vec<u64> = state["tickets"]
                .as_array()
                .expect("a list")
                .iter()
                .filter(|ticket| ticket["requester_id"] == of_one)
                .filter(|ticket| !matches!(ticket["status"].as_str(), Some("solved" | "closed")))
                .map(|ticket| ticket["id"].as_u64().expect("an id"))
                .collect();
            expected.retain(|id| *id != 42);
            assert!(!expected.is_empty(), "the customer has other open tickets");
            let mut found = open(42).await;
            found.sort_unstable();
            assert_eq!(found, expected);
            bed.vendors().set_status(38, "open");
            assert!(open(42).await.contains(&38));
            bed.vendors().set_status(38, "solved");
            assert!(!open(42).await.contains(&38));
        })
        .await;
}

#[tokio::test]
async fn amounts_keep_their_fraction_and_only_theirs() {
    bed()
        .run(async |bed| {
            let agent = bed.agent(AGENT).await;
            for (value, expected) in [
                (json!(120_000.0), "\"mrr\":120000,"),
                (json!("1,234.50"), "\"mrr\":1234.5,"),
                (json!(0), "\"mrr\":0,"),
                (json!(null), "\"mrr\":null,"),
                (json!("a lot"), "\"mrr\":null,"),
            ] {
                bed.vendors().set_user_fields(requester(bed, 42), &json!({"sfdc_mrr": value}));
                let card = agent.card(42).await;
                assert!(card.text.contains(expected), "{expected} in {}", card.text);
            }
        })
        .await;
}

#[tokio::test]
async fn customers_who_are_suspended_or_deleted_are_shown_as_such() {
    bed()
        .run(async |bed| {
            let agent = bed.agent(AGENT).await;
            for (ticket, name, state) in
                [(4, "Blocked Sender", "suspended"), (2, "Deleted Person", "deleted")]
            {
                let card = agent.card(ticket).await.json();
                let customer = &card["customer"];
                assert_eq!((&customer["name"], &customer["state"]), (&json!(name), &json!(state)));
                assert_eq!(card["ticket"]["status"], "closed");
            }
        })
        .await;
}

#[tokio::test]
async fn what_does_not_exist_or_is_hidden_is_not_found() {
    let check = async |bed: &Testbed, agent: u64, path: &str, expected: &str| {
        assert_eq!(bed.agent(agent).await.gets(path).await.verdict(), expected, "agent {agent}: {path}");
    };
    bed()
        .run(async |bed| {
            const HIDDEN: &str = "404 ticket_not_found";
            check(bed, AGENT, "/api/tickets/999999/card", HIDDEN).await;
            check(bed, AGENT, "/api/tickets/13/card", HIDDEN).await; // deleted
            check(bed, AGENT, "/api/tickets/0/card", HIDDEN).await;
            check(bed, AGENT, "/api/tickets/18446744073709551615/card", HIDDEN).await;
            check(bed, AGENT, "/api/customers/999999/card", "404 customer_not_found").await;
            check(bed, RESTRICTED, "/api/tickets/17/card", "200").await;
            check(bed, AGENT, "/api/tickets/42/card", "200").await;
            check(bed, RESTRICTED, "/api/tickets/42/card", HIDDEN).await; // also when it was read a moment ago
            check(bed, RESTRICTED, "/api/tickets/42/archive", HIDDEN).await;
            let restricted = bed.agent(RESTRICTED).await;
            let started = restricted.posts("/api/tickets/42/archive", &json!({})).await;
            assert_eq!(started.verdict(), HIDDEN);
        })
        .await;
}

#[tokio::test]
async fn a_card_is_read_once_for_all_who_ask_at_the_same_time() {
    bed()
        .run(async |bed| {
            let agent = bed.agent(AGENT).await;
            let read =
                || bed.vendors().calls().iter().filter(|call| call.path == "/api/v2/tickets/{id}").count();
            let asks = || agent.gets("/api/tickets/42/card");
            let all = futures::future::join_all((0..20).map(|_| asks())).await;
            assert!(all.iter().all(|answer| answer.status == 200));
            assert_eq!(read(), 1);
            bed.vendors().set_user_fields(requester(bed, 42), &json!({"sfdc_company_name": "Renamed"}));
            assert_eq!(asks().await.json()["contract"]["company"], "青葉商事株式会社");
            assert_eq!(agent.card(42).await.json()["contract"]["company"], "Renamed");
            assert_eq!(asks().await.json()["contract"]["company"], "Renamed");
            assert_eq!(read(), 2);
        })
        .await;
}

/// A card that was read just now and is kept. A slow database must not keep an agent waiting, so not every one is.
async fn kept_card(bed: &Testbed, agent: &Visitor, ticket: u64) -> Value {
    for _ in 0..100 {
        let card = agent.card(ticket).await.json();
        let kept = cards::recall(&bed.db, credentials::SUBDOMAIN, &format!("ticket:{ticket}")).await;
        if kept.expect("the store answers").is_some_and(|(_, at)| at == bed.clock.now()) {
            return card;
        }
    }
    panic!("no card of ticket {ticket} is kept");
}

#[tokio::test]
async fn while_zendesk_is_down_the_last_known_card_is_shown() {
    let at_zendesk = |fault: Fault| FaultRule {
        on: Matching { host: Some("zendesk".into()), ..Matching::default() },
        times: u32::MAX,
        skip: 0,
        fault,
    };
    let status = |status: u16, retry_after| Fault::Status { status, retry_after };
    let check = async |bed: &Testbed, fault: Fault, code: &str, expected: &str, retry_after: &str| {
        let agent = bed.agent(AGENT).await;
        let before = kept_card(bed, &agent, 42).await;
        kept_card(bed, &agent, 33).await;
        bed.pass(3_600);
        let agent = bed.agent(AGENT).await;
        bed.vendors().fault(at_zendesk(fault));
        let mut stale = before.clone();
        stale["contract"]["state"] = json!("stale");
        stale["stale_because"] = json!(code);
        let (known, nothing, unknown) = futures::join!(agent.card(42), agent.card(33), agent.card(40));
        assert_eq!(known.json(), stale, "{fault:?}");
        let nothing = nothing.json();
        let told = (&nothing["contract"]["state"], &nothing["stale_because"]);
        assert_eq!(told, (&json!("none"), &json!(code)), "{fault:?}");
        let told = (unknown.verdict(), unknown.header("retry-after"));
        assert_eq!(told, (expected.to_owned(), retry_after), "{fault:?}");
        bed.vendors().clear_faults();
        bed.pass(30); // for so long a refusal of the client is believed
        let again = agent.card(42).await.json();
        assert_eq!(again["contract"]["state"], "known", "{fault:?}: it recovers by itself");
    };
    bed()
        .run_on_each(async |bed| {
            check(bed, status(503, None), UNAVAILABLE, ANSWER, "10").await;
            check(bed, status(500, None), UNAVAILABLE, ANSWER, "10").await;
            check(bed, Fault::Reset { reset: true }, UNAVAILABLE, ANSWER, "10").await;
            check(bed, Fault::Truncate { truncate: 20 }, UNAVAILABLE, ANSWER, "10").await;
            check(bed, Fault::EndsEarly { ends_after: 20 }, UNAVAILABLE, ANSWER, "10").await;
            check(bed, Fault::EndsEarly { ends_after: 0 }, UNAVAILABLE, ANSWER, "10").await;
            check(bed, status(429, Some(93)), "zendesk_rate_limited", "503 zendesk_rate_limited", "93").await;
            check(bed, status(401, None), "zendesk_reconnect", "409 zendesk_reconnect", "").await;
            check(bed, status(403, None), "zendesk_forbidden", "409 zendesk_forbidden", "").await;
            let flips = Fault::FlipByte { flip_byte: 0 };
            check(bed, flips, "zendesk_rejected", "502 zendesk_rejected", "10").await;
        })
        .await;
    bed()
        .setting("net.total_timeout_s", "1")
        .run(async |bed| {
            check(bed, Fault::Delay { delay_ms: 1_500 }, UNAVAILABLE, ANSWER, "10").await;
        })
        .await;
}

#[tokio::test]
async fn a_stale_card_is_hidden_from_whom_the_fresh_one_was() {
    bed()
        .run(async |bed| {
            kept_card(bed, &bed.agent(AGENT).await, 42).await;
            let restricted = bed.agent(RESTRICTED).await;
            bed.vendors().fault(super::trouble_with("zendesk", 503));
            assert_eq!(restricted.card(42).await.verdict(), "404 ticket_not_found");
        })
        .await;
}

#[tokio::test]
async fn a_token_that_zendesk_does_not_know_any_more_is_replaced_unseen() {
    bed()
        .run(async |bed| {
            let agent = bed.agent(AGENT).await;
            bed.vendors().expire_tokens();
            assert_eq!(agent.card(42).await.verdict(), "200");
            bed.pass(600);
            assert_eq!(agent.card(42).await.verdict(), "200");
        })
        .await;
}

#[tokio::test]
async fn a_number_finds_its_customer_and_anything_else_is_refused() {
    bed()
        .run(async |bed| {
            let agent = bed.agent(AGENT).await;
            let found = agent.gets("/api/customers?phone=%2B815012340042").await;
            let (id, name) = (requester(bed, 42), "佐藤 花子");
            let expected = json!({"customers": [{"id": id, "name": name, "email": "hanako.sato@example.com",
                                                 "phone": "+815012340042", "state": "active"}]});
            assert_eq!(found.json(), expected);
            let nobody = agent.gets("/api/customers?phone=%2B815000000000").await;
            assert_eq!(nobody.json(), json!({"customers": []}));
            for query in [
                "",
                "?phone=",
                "?phone=%2B",
                "?phone=815012340042",
                "?phone=+815012340042",
                "?phone=%2B81-50",
                "?phone=%2B1234567890123456",
                "?phone=%2B81%22%20OR%20role%3Aadmin",
                "?telephone=%2B815012340042",
                "?phone=%FF",
            ] {
                let answer = agent.gets(&format!("/api/customers{query}")).await;
                assert_eq!(answer.verdict(), "400 query_invalid", "{query}");
            }
            bed.zendesk(Method::PUT, &format!("/api/v2/users/{id}"), &json!({"user": {"suspended": true}}))
                .await;
            let found = agent.gets("/api/customers?phone=%2B815012340042").await.json();
            assert_eq!(found["customers"][0]["state"], "suspended");
        })
        .await;
}
