//! Cards and the contract copy: whose contract it is, for how long it prevails, and where Zendesk says something else.

use std::time::Duration;

use deskside::store::companies::{
    Company, CopyRun, Entry, Owner, OwnerRole, Person, PersonKind, Written, forget_integration, replace,
};
use deskside::store::query;
use deskside_sandbox::credentials;
use futures::stream;
use reqwest::Method;
use serde_json::{Value, json};

use super::accounts::two;
use crate::support::actors::Visitor;
use crate::support::testbed::{SECOND, Testbed, bed};

const ACCOUNT: &str = credentials::SUBDOMAIN;
const AGENT: u64 = credentials::AGENT_ID;
/// Of a customer whose fields in Zendesk are empty.
const EMPTY: u64 = 33;

fn requester(bed: &Testbed, ticket: u64) -> u64 {
    bed.vendors().ticket(ticket).expect("the ticket")["requester_id"].as_u64().expect("an id")
}

fn company(name: &str) -> Company {
    Company {
        company_id: format!("id of {name}"),
        company: Some(name.into()),
        account_type: Some("Strategic".into()),
        mrr: Some("99.50".into()),
        currency: Some("EUR".into()),
        renewal: "2026-12-31".parse().ok(),
        owners: vec![Owner { role: OwnerRole::Sales, name: Some("Kim Minji".into()), email: None }],
        ..Company::default()
    }
}

/// A run of the integration ends: these companies belong to this person, and nobody else to any.
async fn brings(bed: &Testbed, account: &str, run: &str, way: (PersonKind, String), companies: Vec<Company>) {
    let run = CopyRun {
        account,
        integration: "contracts",
        name: "Contracts daily",
        run,
        as_of: bed.clock.now(),
        period: Some(Duration::from_hours(24)),
    };
    let entries = companies.into_iter().map(|company| {
        let person = Person { kind: way.0, value: way.1.clone(), company_id: company.company_id.clone() };
        Ok(Entry { company, people: vec![person] })
    });
    let written = replace(&bed.db, &run, stream::iter(entries), &(), bed.clock.now()).await;
    assert!(matches!(written, Ok(Written::Whole { left_out: 0, .. })), "{written:?}");
}

fn user(id: u64) -> (PersonKind, String) {
    (PersonKind::User, id.to_string())
}

/// State, company and source.
fn told(card: &Value) -> String {
    let contract = &card["contract"];
    let words = [&contract["state"], &contract["company"], &contract["source"]];
    words.into_iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" ")
}

#[tokio::test]
async fn the_copy_prevails_and_several_companies_are_a_question() {
    bed()
        .setting("badges.vip_account_types", "strategic")
        .setting("badges.renewal_near_days", "90") // by its former name
        .run_on_each(async |bed| {
            let agent = bed.agent(AGENT).await;
            let mut run = 0;
            let mut check = async |ticket: u64, companies: &[&str], expected: &str, badges: Value| {
                run += 1;
                let companies: Vec<_> = companies.iter().map(|name| company(name)).collect();
                let choices = if companies.len() > 1 { companies.len() } else { 0 };
                brings(bed, ACCOUNT, &run.to_string(), user(requester(bed, ticket)), companies).await;
                let card = agent.card(ticket).await.json();
                assert_eq!((told(&card).as_str(), &card["badges"]), (expected, &badges));
                assert_eq!(card["contract"]["choices"].as_array().map_or(0, Vec::len), choices);
            };
            check(EMPTY, &[], "none", json!([])).await;
            check(EMPTY, &["One"], "known One Contracts daily", json!(["vip", "renewal_near"])).await;
            check(EMPTY, &["One", "Two"], "ambiguous", json!([])).await;
            check(EMPTY, &[], "none", json!([])).await;
            check(42, &["Another"], "known Another Contracts daily", json!(["vip", "renewal_near"])).await;
            check(42, &[], "known 青葉商事株式会社 zendesk", json!(["new_customer", "high_mrr"])).await;
        })
        .await;
}

#[tokio::test]
async fn a_customer_is_found_by_id_address_external_id_and_organization() {
    bed()
        .run_on_each(async |bed| {
            let agent = bed.agent(AGENT).await;
            let id = requester(bed, EMPTY);
            let own = json!({"user": {"external_id": "CRM-7"}});
            bed.zendesk(Method::PUT, &format!("/api/v2/users/{id}"), &own).await;
            let card = agent.card(EMPTY).await.json();
            let address = card["customer"]["email"].as_str().expect("an address").to_uppercase();
            let ticket = bed.vendors().ticket(EMPTY).expect("the ticket");
            let mut ways = vec![
                user(id),
                (PersonKind::Email, format!(" {address}")),
                (PersonKind::ExternalId, "crm-7".to_owned()),
            ];
            ways.extend(
                ticket["organization_id"].as_u64().map(|id| (PersonKind::Organization, id.to_string())),
            );
            for (run, way) in ways.into_iter().enumerate() {
                let name = format!("by {}", way.0.as_str());
                brings(bed, ACCOUNT, &run.to_string(), way, vec![company(&name)]).await;
                assert_eq!(told(&agent.card(EMPTY).await.json()), format!("known {name} Contracts daily"));
            }
            brings(bed, ACCOUNT, "other", user(id + 1), vec![company("of another")]).await;
            assert_eq!(told(&agent.card(EMPTY).await.json()), "none");
        })
        .await;
}

/// Asks until the card says so; a new copy is noticed within a second.
async fn until_told(agent: &Visitor, path: &str, expected: &str) {
    let wait = async {
        while told(&agent.gets(path).await.json()) != expected {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), wait).await.expect("the card says it in time");
}

#[tokio::test]
async fn a_card_in_memory_takes_a_new_copy_without_a_call_to_zendesk() {
    bed()
        .run_on_each(async |bed| {
            let other = bed.another_server(&[]).await;
            let here = bed.agent(AGENT).await;
            let there = here.moves_to(&other);
            let path = format!("/api/tickets/{EMPTY}/card");
            for agent in [&here, &there] {
                assert_eq!(told(&agent.gets(&path).await.json()), "none");
            }
            let calls = bed.vendors().calls().len();
            let id = requester(bed, EMPTY);
            brings(bed, ACCOUNT, "1", user(id), vec![company("One")]).await;
            let until = async |expected: &str| {
                futures::join!(until_told(&here, &path, expected), until_told(&there, &path, expected))
            };
            until("known One Contracts daily").await;
            forget_integration(&bed.db, ACCOUNT, "contracts", &()).await.expect("it is forgotten");
            until("none").await;
            assert_eq!(bed.vendors().calls().len(), calls, "Zendesk was asked");
        })
        .await;
}

#[tokio::test]
async fn a_copy_that_misses_two_runs_gives_way_to_zendesks_fields() {
    bed()
        .run_on_each(async |bed| {
            brings(bed, ACCOUNT, "1", user(requester(bed, 42)), vec![company("Copied")]).await;
            let check = async |expected: &str, last_run: Value| {
                let card = bed.agent(AGENT).await.card(42).await.json();
                assert_eq!((told(&card).as_str(), &card["contract"]["last_run"]), (expected, &last_run));
                assert_eq!(card["stale_because"], json!(null));
            };
            bed.pass(48 * 3_600);
            check("known Copied Contracts daily", json!(null)).await;
            bed.pass(1);
            check("stale 青葉商事株式会社 zendesk", json!("2026-11-22T12:00:00Z")).await;
            brings(bed, ACCOUNT, "2", user(requester(bed, 42)), vec![company("Copied again")]).await;
            check("known Copied again Contracts daily", json!(null)).await;
        })
        .await;
}

#[tokio::test]
async fn what_zendesk_has_instead_is_told_to_whom_may_see_it() {
    bed()
        .setting("contracts.visible_to", r#"{ mrr = ["admins"] }"#)
        .run(async |bed| {
            let id = requester(bed, 42);
            let copied = Company {
                company: Some("青葉商事株式会社".into()),
                account_type: Some("Customer".into()),
                mrr: Some("120000.0".into()),
                owners: vec![],
                ..company("Aoba")
            };
            brings(bed, ACCOUNT, "1", user(id), vec![copied]).await;
            let check = async |agent: u64, expected: Value| {
                let card = bed.agent(agent).await.card(42).await.json();
                assert_eq!(card["contract"]["differences"], expected, "{agent}");
            };
            let renewal = json!({"part": "renewal", "value": "2027-09-21"});
            check(credentials::ADMIN_ID, json!([renewal])).await;
            bed.vendors().set_user_fields(id, &json!({"sfdc_mrr": "1,000.00", "sfdc_account_type": null}));
            let (kind, mrr) =
                (json!({"part": "account_type", "value": null}), json!({"part": "mrr", "value": "1000"}));
            check(credentials::ADMIN_ID, json!([kind, mrr, renewal])).await;
            check(AGENT, json!([kind, renewal])).await;
        })
        .await;
}

#[tokio::test]
async fn an_amount_arrives_with_every_digit() {
    bed()
        .run_on_each(async |bed| {
            let agent = bed.agent(AGENT).await;
            let long = "12345678901234567890.12";
            for (run, (mrr, number, exact)) in [
                ("120000.00", json!(120_000), json!(null)),
                ("0.10", json!(0.1), json!(null)),
                (long, json!(1.234_567_890_123_456_7e19), json!(long)),
                ("9007199254740993", json!(9_007_199_254_740_992.0), json!("9007199254740993")),
            ]
            .into_iter()
            .enumerate()
            {
                let company = Company { mrr: Some(mrr.into()), ..company("Exact") };
                brings(bed, ACCOUNT, &run.to_string(), user(requester(bed, EMPTY)), vec![company]).await;
                let contract = &agent.card(EMPTY).await.json()["contract"];
                let told = (&contract["mrr"], &contract["mrr_exact"], &contract["currency"]);
                assert_eq!(told, (&number, &exact, &json!("EUR")));
            }
        })
        .await;
}

#[tokio::test]
async fn a_secondary_address_finds_the_company_and_no_card_waits_for_it() {
    bed()
        .run_on_each(async |bed| {
            let agent = bed.agent(AGENT).await;
            let id = requester(bed, EMPTY);
            let path = format!("/api/v2/users/{id}/identities");
            let is_asked = |path: &str| path.ends_with("/identities") || path.ends_with("/show_many");
            let asked = || bed.vendors().calls().iter().filter(|call| is_asked(&call.path)).count();
            let second = json!({"identity": {"type": "email", "value": "Private@Example.org", "skip_verify_email": true}});
            bed.zendesk(Method::POST, &path, &second).await;
            let before = asked();
            agent.card(EMPTY).await;
            assert_eq!(asked(), before, "without a copy nobody looks for addresses");
            brings(bed, ACCOUNT, "1", (PersonKind::Email, "private@example.org".into()), vec![company("One")]).await;
            until_told(&agent, &format!("/api/tickets/{EMPTY}/card?refresh=true"), "known One Contracts daily").await;
            let once = asked();
            assert!(once > before);
            agent.card(EMPTY).await;
            assert_eq!(asked(), once, "once in ten minutes");
            brings(bed, ACCOUNT, "2", user(requester(bed, 42)), vec![company("Two")]).await;
            assert_eq!(told(&agent.card(42).await.json()), "known Two Contracts daily");
            assert_eq!(asked(), once, "who is found needs no other address");
        })
        .await;
}

#[tokio::test]
async fn a_copy_that_cannot_be_read_is_never_no_contract() {
    bed()
        .run_on_each(async |bed| {
            let agent = bed.agent(AGENT).await;
            let path = "/api/tickets/42/card";
            brings(bed, ACCOUNT, "1", user(requester(bed, 42)), vec![company("One")]).await;
            assert_eq!(told(&agent.card(42).await.json()), "known One Contracts daily");
            change(bed, "ALTER TABLE company_people RENAME TO elsewhere").await;
            assert_eq!(told(&agent.gets(path).await.json()), "known One Contracts daily", "from memory");
            for ticket in [42, EMPTY] {
                let refused = agent.card(ticket).await;
                assert!(refused.status >= 500, "{ticket}: {}", refused.text);
            }
            change(bed, "ALTER TABLE elsewhere RENAME TO company_people").await;
            assert_eq!(told(&agent.card(42).await.json()), "known One Contracts daily");
            assert_eq!(told(&agent.card(EMPTY).await.json()), "none");
        })
        .await;
}

async fn change(bed: &Testbed, statement: &'static str) {
    let mut tx = bed.db.begin().await.expect("a transaction");
    query(statement).execute(&mut tx).await.expect("the schema is changed");
    tx.commit().await.expect("it is committed");
}

#[tokio::test]
async fn the_same_ids_in_another_account_are_other_customers() {
    two()
        .run_on_each(async |bed| {
            let id = requester(bed, EMPTY);
            brings(bed, ACCOUNT, "1", user(id), vec![company("First")]).await;
            brings(bed, SECOND, "1", user(id), vec![company("Second")]).await;
            let first = bed.agent(AGENT).await;
            let second = bed.agent_of_second(AGENT).await;
            assert_eq!(told(&first.card(EMPTY).await.json()), "known First Contracts daily");
            assert_eq!(told(&second.card(EMPTY).await.json()), "known Second Contracts daily");
            forget_integration(&bed.db, ACCOUNT, "contracts", &()).await.expect("it is forgotten");
            assert_eq!(told(&first.card(EMPTY).await.json()), "none");
            assert_eq!(told(&second.card(EMPTY).await.json()), "known Second Contracts daily");
        })
        .await;
}
