//! `GET /api/notices`: what an admin finds by kind and outcome, where a ticket is opened, and what is wrong with a trigger.

use reqwest::Method;
use serde_json::{Value, json};

use crate::integrations::ADMIN;
use crate::notices::{connected, contracts, writes};
use crate::support::hooks::run_all;
use crate::support::testbed::{Testbed, bed};

/// The kinds and outcomes that a page of notices has, sorted.
async fn found(bed: &Testbed, query: &str) -> Vec<String> {
    let page = bed.agent(ADMIN).await.gets(&format!("/api/notices{query}")).await;
    assert_eq!(page.verdict(), "200", "{query}: {}", page.text);
    let page = page.json();
    let rows = page["notices"].as_array().expect("a list");
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let mut found: Vec<_> =
        rows.iter().map(|row| text(&row["kind"]) + " " + &text(&row["outcome"])).collect();
    found.sort();
    found
}

#[tokio::test]
async fn notices_are_found_by_kind_and_outcome() {
    bed()
        .setting("notices.fallback", "off")
        .run_on_each(async |bed| {
            connected(bed, &contracts("")).await;
            let ticket = writes(bed, Some("urgent"), "Nothing works.");
            run_all(bed).await;
            let (new, near, page) = ("new_customer told", "renewal_near told", "page not_told");
            for (query, expected) in [
                ("", vec![new, page, near]),
                ("?kind=page", vec![page]),
                ("?outcome=told", vec![new, near]),
                ("?kind=renewal_near&outcome=told", vec![near]),
                ("?kind=renewal_near&outcome=not_told", vec![]),
            ] {
                assert_eq!(found(bed, query).await, expected, "{query}");
            }
            let admin = bed.agent(ADMIN).await;
            for query in ["?kind=", "?kind=pages", "?outcome=lost"] {
                let refused = admin.gets(&format!("/api/notices{query}")).await;
                assert_eq!(refused.verdict(), "400 query_invalid", "{query}");
            }
            let one = admin.gets("/api/notices?kind=page").await.json();
            let url = one["notices"][0]["ticket_url"].as_str().expect("a ticket has an address");
            assert!(url.ends_with(&format!("/agent/tickets/{ticket}")), "{url}");
        })
        .await;
}

#[tokio::test]
async fn a_page_of_notices_names_the_trigger_that_is_gone() {
    bed()
        .run(async |bed| {
            connected(bed, &contracts("")).await;
            let page = async || bed.agent(ADMIN).await.gets("/api/notices").await.json();
            let first = page().await;
            assert_eq!(
                (first["may_edit"].clone(), &first["triggers"][0]["problem"]),
                (json!(true), &Value::Null)
            );
            let gone = first["triggers"][0].clone();
            bed.zendesk(Method::DELETE, &format!("/api/v2/triggers/{}", gone["id"]), &json!({})).await;
            bed.pass(24 * 3_600);
            bed.tick_schedules().await;
            bed.run_jobs().await;
            let now = page().await["triggers"].as_array().expect("a list").clone();
            let told: Vec<_> = now.iter().filter(|one| !one["problem"].is_null()).collect();
            assert_eq!((told.len(), &told[0]["kind"]), (1, &gone["kind"]), "{now:?}");
            assert!(told[0]["problem"].as_str().is_some_and(|text| text.contains("is gone from Zendesk")));
        })
        .await;
    bed()
        .setting("integrations.editors", "addresses:nobody@example.com")
        .run(async |bed| {
            let page = bed.agent(ADMIN).await.gets("/api/notices").await.json();
            assert_eq!((&page["may_edit"], &page["triggers"]), (&json!(false), &json!([])));
        })
        .await;
}

/// check(a part of contracts that is for nobody; the company and who was told, as an admin sees them)
#[tokio::test]
async fn what_cards_hide_is_hidden_here() {
    async fn check(hidden: &str, expected: [Value; 2]) {
        bed()
            .setting("contracts.visible_to", hidden)
            .setting("notices.renewal_near", "off")
            .run(async |bed| {
                connected(bed, &contracts("")).await;
                writes(bed, None, "Hello");
                run_all(bed).await;
                let page = bed.agent(ADMIN).await.gets("/api/notices?outcome=told").await.json();
                let row = &page["notices"][0];
                assert_eq!(
                    [&row["company"], &row["told_to"]],
                    [&expected[0], &expected[1]],
                    "{hidden} {row}"
                );
            })
            .await;
    }
    check("{}", [json!("Aoba"), json!("Kim")]).await;
    check(r#"{ company = ["groups:7"] }"#, [Value::Null, json!("Kim")]).await;
    check(r#"{ owner = ["groups:7"] }"#, [json!("Aoba"), Value::Null]).await;
    check(r#"{ contract = ["admins"] }"#, [json!("Aoba"), json!("Kim")]).await;
}
