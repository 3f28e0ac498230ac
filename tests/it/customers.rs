//! Who reads a customer's card, and which parts of the contract.

use deskside_sandbox::credentials;
use serde_json::{Value, json};

use crate::support::actors::Visitor;
use crate::support::testbed::{Testbed, bed};

const AGENT: u64 = credentials::AGENT_ID;
/// Sees only what is assigned to them, like ticket 17.
const RESTRICTED: u64 = credentials::RESTRICTED_AGENT_ID;

fn requester(bed: &Testbed, ticket: u64) -> u64 {
    bed.vendors().ticket(ticket).expect("the ticket")["requester_id"].as_u64().expect("an id")
}

#[tokio::test]
async fn a_customer_is_read_through_a_ticket_or_by_who_may_view_customers() {
    const HIDDEN: &str = "404 customer_not_found";
    bed()
        .run(async |bed| {
            let (ren, aoi) = (bed.agent(RESTRICTED).await, bed.agent(AGENT).await);
            let (own, other) = (requester(bed, 17), requester(bed, 42));
            let check = async |who: &Visitor, path: String, expected: &str| {
                assert_eq!(who.gets(&path).await.verdict(), expected, "{path}");
            };
            for customer in [own, other, other + 128, other + 256] {
                check(&ren, format!("/api/customers/{customer}/card"), HIDDEN).await;
                check(&aoi, format!("/api/customers/{customer}/card"), "200").await;
            }
            check(&ren, format!("/api/customers/{own}/card?ticket=17"), "200").await;
            check(&ren, format!("/api/customers/{other}/card?ticket=17"), HIDDEN).await;
            check(&ren, format!("/api/customers/{other}/card?ticket=42"), "404 ticket_not_found").await;
            check(&ren, "/api/customers?phone=%2B815012340042".into(), "403 customers_hidden").await;
        })
        .await;
}

#[tokio::test]
async fn an_agent_who_reads_one_customer_after_the_other_is_stopped() {
    bed()
        .setting("contracts.customers_per_hour", "3")
        .run(async |bed| {
            let (aoi, mika) = (bed.agent(AGENT).await, bed.agent(credentials::ADMIN_ID).await);
            let first = requester(bed, 42);
            let card = |place: u64| format!("/api/customers/{}/card", first + place * 128);
            for (who, place, expected) in [
                (&aoi, 0, "200"),
                (&aoi, 1, "200"),
                (&aoi, 2, "200"),
                (&aoi, 3, "429 too_many_requests"),
                (&aoi, 1, "200"),
                (&mika, 3, "200"),
            ] {
                assert_eq!(who.gets(&card(place)).await.verdict(), expected, "{place}");
            }
            assert_eq!(aoi.card(17).await.verdict(), "200", "a ticket's card is not counted");
        })
        .await;
}

#[tokio::test]
async fn a_part_of_a_contract_is_seen_by_whom_the_operator_names() {
    let group = credentials::GROUP_ID;
    let check = async |visible_to: &str, who: u64, expected: &str| {
        bed()
            .setting("contracts.visible_to", visible_to)
            .run(async |bed| {
                let visitor = bed.agent(who).await;
                let seen = |card: &Value| {
                    let contract = &card["contract"];
                    format!(
                        "{} {} {} {}",
                        contract["mrr"], contract["currency"], contract["owner"], card["badges"]
                    )
                };
                let customer = requester(bed, 42);
                let of_customer = format!("/api/customers/{customer}/card");
                assert_eq!(seen(&visitor.card(42).await.json()), expected, "{visible_to} {who}");
                assert_eq!(seen(&visitor.gets(&of_customer).await.json()), expected, "{visible_to} {who}");
                if who == AGENT {
                    let attributes = json!({"zd_ticket_id": "42"});
                    let task = bed.vendors().place_task(&attributes, "voice");
                    let popped = visitor.pops(&task, "accept", &attributes).await.json();
                    assert_eq!(seen(&popped), expected, "the panel: {visible_to}");
                    bed.run_jobs_to_the_end().await;
                }
                bed.vendors().fault(crate::trouble_with("zendesk", 503));
                let stale = visitor.card(42).await.json();
                assert_eq!(
                    (seen(&stale), &stale["contract"]["state"]),
                    (expected.to_owned(), &json!("stale"))
                );
            })
            .await;
    };
    let all = r#"120000 null "営業一課 森" ["new_customer","high_mrr"]"#;
    let no_mrr = r#"null null "営業一課 森" ["new_customer"]"#;
    check("{}", AGENT, all).await;
    check(r#"{ mrr = ["admins"] }"#, AGENT, no_mrr).await;
    check(r#"{ mrr = ["admins"] }"#, credentials::ADMIN_ID, all).await;
    check(&format!(r#"{{ mrr = ["groups:{group}"] }}"#), AGENT, all).await;
    check(r#"{ mrr = ["admins", "groups:SUPPORT"] }"#, AGENT, all).await;
    check(r#"{ mrr = ["roles:agent"] }"#, AGENT, all).await;
    check(r#"{ mrr = ["groups:1,Privacy"], owner = ["agents"] }"#, AGENT, no_mrr).await;
    check(r#"{ contract = ["roles:1"] }"#, AGENT, "null null null []").await;
}
