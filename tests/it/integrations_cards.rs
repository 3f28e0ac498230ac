//! The contracts that cards show, when a run would take them away.

use serde_json::{Value, json};

use crate::integrations::{ADMIN, first_run, keep, run, until_it_ends, with};
use crate::support::testbed::bed;

/// Every customer has a company, as far as `which` says so.
fn contracts(which: &str) -> Value {
    with(|it| {
        it["contract"] = json!({
            "sql": format!("SELECT id AS user_id, concat('Company of ', name) AS company FROM people
                             WHERE role = 'end-user' AND {which}"),
            "people": {"user": "user_id"}, "company_id": "company", "company": "company",
        });
    })
}

/// check(which customers still have a contract, whether a person must see it first)
#[tokio::test]
async fn a_run_that_takes_contracts_from_cards_asks_first() {
    async fn check(which: &str, asks: bool) {
        bed()
            .run_on_each(async |bed| {
                let admin = bed.agent(ADMIN).await;
                let source = async || {
                    let card = admin.gets("/api/tickets/42/card?refresh=true").await.json();
                    card["contract"]["source"].as_str().unwrap_or_default().to_owned()
                };
                bed.vendors().make_users(100);
                bed.pass(120);
                let first = first_run(bed, &admin, &contracts("true")).await;
                assert_eq!(first["state"], "completed", "{first}");
                assert_eq!(source().await, "Contracts");
                // The plan stays: no dry run is asked for.
                assert_eq!(keep(&admin, &contracts(which)).await.verdict(), "200");
                bed.pass(120);
                let next = run(bed, &admin, json!({})).await;
                if !asks {
                    assert_eq!(next["state"], "completed", "{which}: {next}");
                    return;
                }
                assert_eq!(
                    (&next["state"], &next["problem"]["code"]),
                    (&json!("stopped"), &json!("clears_too_much")),
                    "{which}: {next}"
                );
                let why = next["problem"]["message"].as_str().expect("a sentence");
                assert!(why.contains("people (by `user`) would lose the contract that cards show"), "{why}");
                assert_eq!(source().await, "Contracts", "cards show what they showed");
                let id = next["id"].as_str().expect("an id");
                let confirmed = admin.posts(&format!("/api/runs/{id}/confirm"), &json!({})).await;
                assert_eq!(confirmed.verdict(), "200", "{}", confirmed.text);
                assert_eq!(until_it_ends(bed, &admin, id).await["state"], "completed");
                assert_ne!(source().await, "Contracts", "somebody has seen it");
            })
            .await;
    }
    check("false", true).await;
    check("name LIKE 'Customer %' AND id % 3 = 0", true).await;
    check("name <> '山田 太郎'", false).await;
}
