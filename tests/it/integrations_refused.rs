//! What is no integration, and models that cannot run: a sentence for each, with its place.

use deskside_sandbox::credentials;
use serde_json::{Value, json};

use crate::integrations::{ADMIN, HANAKO, definition, first_run, keep, refused_at, run, updates, with};
use crate::support::actors::Visitor;
use crate::support::testbed::{Testbed, bed};

#[tokio::test]
async fn an_integration_is_refused_with_the_place_of_each_fault() {
    async fn check(admin: &Visitor, change: impl FnOnce(&mut Value), place: &str, told: &str) {
        refused_at(admin, &with(change), place, told).await;
    }
    bed()
        .run(async |bed| {
            let admin = bed.agent(ADMIN).await;
            check(&admin, |it| it["sources"][0]["as"] = json!("People"), "sources[0].as", "all lower case")
                .await;
            check(
                &admin,
                |it| it["destination"]["object"] = json!("tickets"),
                "destination.object",
                "`users`",
            )
            .await;
            check(&admin, |it| it["destination"]["mode"] = json!("upsert"), "destination.mode", "`update`")
                .await;
            check(&admin, |it| it["key"]["field"] = json!("phone"), "key.field", "external_id").await;
            check(
                &admin,
                |it| it["sources"][0]["read"] = json!({"kind": "sql", "sql": "  "}),
                "sources[0].read.sql",
                "must not be empty",
            )
            .await;
            check(
                &admin,
                |it| it["mapping"][1]["field"] = json!("sfdc_company_name"),
                "mapping[1].field",
                "twice",
            )
            .await;
            check(
                &admin,
                |it| it["mapping"][0]["functions"] = json!(["rond(2)"]),
                "mapping[0].functions",
                "round(2)",
            )
            .await;
            let agent = bed.agent(credentials::AGENT_ID).await;
            assert_eq!(agent.gets("/api/integrations").await.verdict(), "403 admin_only");
        })
        .await;
}

#[tokio::test]
async fn one_integration_writes_a_field() {
    bed()
        .run(async |bed| {
            let admin = bed.agent(ADMIN).await;
            keep(&admin, &definition()).await;
            let second =
                json!({"id": "second", "name": "Second", "enabled": true, "definition": definition()});
            let refused = admin.posts("/api/integrations", &second).await;
            assert_eq!(refused.verdict(), "422 integration_invalid");
            assert!(refused.text.contains("is written by the integration `Contracts`"), "{}", refused.text);
        })
        .await;
}

#[tokio::test]
async fn one_row_is_asked_for_by_its_key() {
    bed()
        .run(async |bed| {
            let admin = bed.agent(ADMIN).await;
            first_run(bed, &admin, &definition()).await;
            let written = updates(bed);
            for start in [
                json!({"kind": "row"}),
                json!({"kind": "row", "key": ""}),
                json!({"kind": "row", "key": "9".repeat(300)}),
                json!({"kind": "run", "key": "1"}),
                json!({"kind": "dry", "key": "1"}),
            ] {
                let refused = admin.posts("/api/integrations/contracts/runs", &start).await;
                assert_eq!(refused.verdict(), "422 integration_invalid", "{start}");
                assert_eq!(refused.json()["error"]["field"], "key", "{start}");
            }
            bed.run_jobs().await;
            assert_eq!(updates(bed), written);
            run(bed, &admin, json!({"kind": "row", "key": HANAKO.to_string()})).await;
            assert_eq!(updates(bed), written + 1);
        })
        .await;
}

/// check(a window, in a model whose columns are the mapping's)
#[tokio::test]
async fn no_sentence_about_a_model_holds_the_plan_of_the_engine() {
    async fn check(bed: &Testbed, admin: &Visitor, window: &str) {
        let sql = format!(
            "WITH ranked AS (SELECT id, name, email, {window} AS place FROM people)
             SELECT id AS user_id, name AS company, place AS mrr FROM ranked WHERE place = 1"
        );
        let kept = keep(admin, &with(|it| it["model"]["sql"] = json!(sql))).await;
        if kept.verdict() == "422 integration_invalid" {
            for word in ["Exec", "Plan:", "Column {", "[\\\""] {
                assert!(!kept.text.contains(word), "{window}: {}", kept.text);
            }
            assert!(kept.text.contains("with … as (…)"), "{window}: {}", kept.text);
            return;
        }
        let run = run(bed, admin, json!({"kind": "dry"})).await;
        assert_eq!(run["state"], "completed", "{window}: {run}");
    }
    bed()
        .run(async |bed| {
            let admin = bed.agent(ADMIN).await;
            for window in [
                "row_number() OVER (PARTITION BY role ORDER BY id % 7 DESC)",
                "row_number() OVER (PARTITION BY role ORDER BY CASE WHEN suspended THEN 1 ELSE 0 END DESC, id)",
                "row_number() OVER (PARTITION BY id ORDER BY (id > 5) DESC, updated_at DESC NULLS LAST, name)",
                "row_number() OVER (PARTITION BY lower(email), role ORDER BY lower(name), length(email))",
                "row_number() OVER (ORDER BY organization_id IS NULL, id)",
            ] {
                check(bed, &admin, window).await;
            }
        })
        .await;
}
