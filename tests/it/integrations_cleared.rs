//! An admin empties what an integration wrote before they delete it: nothing else goes, and nothing goes unseen.

use deskside_sandbox::{Fault, FaultRule, Matching};
use reqwest::Method;
use serde_json::{Value, json};

use crate::integrations::{ADMIN, field, first_run, run, until_it_ends, with};
use crate::support::actors::{Answer, Visitor};
use crate::support::testbed::{Testbed, bed};

const COMPANY: &str = "sfdc_company_name";

/// Customers that a test made get a company and a level.
fn made() -> Value {
    with(|it| {
        it["model"]["sql"] = json!(
            "SELECT id AS user_id, concat('Company of ', name) AS company, 'gold' AS level, 5.0 AS mrr
               FROM people WHERE external_id LIKE 'made-%'"
        );
        it["mapping"] = json!([
            {"column": "company", "field": COMPANY},
            {"column": "level", "field": "level"},
        ]);
    })
}

async fn switched(admin: &Visitor, enabled: bool) {
    let request = admin.request(Method::PUT, "/api/integrations/contracts/enabled");
    assert_eq!(Answer::to(request.json(&json!({"enabled": enabled}))).await.verdict(), "200");
}

async fn confirmed(bed: &Testbed, admin: &Visitor, run: &Value) -> Value {
    let id = run["id"].as_str().expect("an id");
    assert_eq!(admin.posts(&format!("/api/runs/{id}/confirm"), &json!({})).await.verdict(), "200");
    until_it_ends(bed, admin, id).await
}

/// Twelve customers whose fields an integration wrote, and which is paused.
async fn written(bed: &Testbed, admin: &Visitor) -> u64 {
    let level = json!({"user_field": {"key": "level", "title": "Level", "type": "text"}});
    bed.zendesk(Method::POST, "/api/v2/user_fields.json", &level).await;
    let user = bed.vendors().make_users(12);
    bed.pass(120);
    assert_eq!(first_run(bed, admin, &made()).await["counts"]["updated"], 12);
    bed.pass(120);
    user
}

async fn set(bed: &Testbed, user: u64, key: &str, value: &str) {
    let fields = json!({"user": {"user_fields": {key: value}}});
    bed.zendesk(Method::PUT, &format!("/api/v2/users/{user}.json"), &fields).await;
}

#[tokio::test]
async fn what_an_integration_wrote_is_emptied_once_somebody_confirms_it() {
    bed()
        .run_on_each(async |bed| {
            let admin = bed.agent(ADMIN).await;
            let user = written(bed, &admin).await;
            let (changed, other) = (user + 128, user + 2 * 128);
            set(bed, changed, COMPANY, "By hand").await;
            set(bed, other, "sfdc_mrr", "9").await;
            bed.pass(120);
            let refused = admin.posts("/api/integrations/contracts/runs", &json!({"kind": "clear"})).await;
            assert_eq!(refused.verdict(), "409 integration_enabled", "{}", refused.text);
            switched(&admin, false).await;

            let stopped = run(bed, &admin, json!({"kind": "clear"})).await;
            assert_eq!(
                (&stopped["state"], &stopped["problem"]["code"]),
                (&json!("stopped"), &json!("clears_too_much"))
            );
            let why = stopped["problem"]["message"].as_str().unwrap_or_default();
            assert!(why.starts_with("12 records would lose"), "{stopped}");
            assert_eq!(field(bed, user, "level"), "gold");

            let done = confirmed(bed, &admin, &stopped).await;
            assert_eq!(
                (&done["state"], &done["counts"]["cleared"]),
                (&json!("completed"), &json!(12)),
                "{done}"
            );
            for (of, key, left) in [
                (user, COMPANY, Value::Null),
                (user, "level", Value::Null),
                (changed, COMPANY, json!("By hand")),
                (changed, "level", Value::Null),
                // What a person wrote stays, though the integration's own runs would write over it.
            ] {
                assert_eq!(field(bed, of, key), left, "{key} of {of}");
            }
            assert_ne!(field(bed, other, "sfdc_mrr"), Value::Null, "it is not the integration's");
            assert_eq!(done["calls"], 1, "{done}");

            bed.pass(120);
            let again = run(bed, &admin, json!({"kind": "clear"})).await;
            assert_eq!((&again["state"], &again["calls"]), (&json!("completed"), &json!(0)), "{again}");
            let gone = admin.request(Method::DELETE, "/api/integrations/contracts");
            assert_eq!(Answer::to(gone).await.verdict(), "204");
        })
        .await;
}

#[tokio::test]
async fn rows_that_left_the_model_before_are_emptied_too() {
    bed()
        .run_on_each(async |bed| {
            let admin = bed.agent(ADMIN).await;
            let user = written(bed, &admin).await;
            let id = json!({"user": {"external_id": "left-1"}});
            bed.zendesk(Method::PUT, &format!("/api/v2/users/{user}.json"), &id).await;
            bed.pass(120);
            assert_eq!(run(bed, &admin, json!({})).await["counts"]["removed"], 1);
            assert_eq!(field(bed, user, "level"), "gold");
            bed.pass(120);
            switched(&admin, false).await;
            let stopped = run(bed, &admin, json!({"kind": "clear"})).await;
            let done = confirmed(bed, &admin, &stopped).await;
            assert_eq!(done["counts"]["cleared"], 12, "{done}");
            assert_eq!(field(bed, user, "level"), Value::Null);
        })
        .await;
}

#[tokio::test]
async fn a_field_that_is_gone_is_left_out_and_not_made() {
    bed()
        .run_on_each(async |bed| {
            let admin = bed.agent(ADMIN).await;
            let user = written(bed, &admin).await;
            bed.zendesk(Method::DELETE, "/api/v2/user_fields/level.json", &json!({})).await;
            bed.pass(120);
            switched(&admin, false).await;
            let stopped = run(bed, &admin, json!({"kind": "clear"})).await;
            let done = confirmed(bed, &admin, &stopped).await;
            assert_eq!(done["counts"]["cleared"], 12, "{done}");
            assert_eq!(field(bed, user, COMPANY), Value::Null);
            let fields = bed.vendors().user(user).expect("a user")["user_fields"].clone();
            assert!(fields.get("level").is_none(), "{fields}");
            let log = admin.gets(&format!("/api/runs/{}/log", done["id"].as_str().expect("an id"))).await;
            assert!(log.text.contains("the field `level` is not there"), "{}", log.text);
        })
        .await;
}

#[tokio::test]
async fn nobody_writes_while_it_is_emptied_and_a_later_run_brings_it_back() {
    bed()
        .run_on_each(async |bed| {
            let admin = bed.agent(ADMIN).await;
            let user = written(bed, &admin).await;
            switched(&admin, false).await;
            let stopped = run(bed, &admin, json!({"kind": "clear"})).await;
            let enable = admin.request(Method::PUT, "/api/integrations/contracts/enabled");
            let refused = Answer::to(enable.json(&json!({"enabled": true}))).await;
            assert_eq!(refused.verdict(), "409 run_in_progress", "{}", refused.text);
            // Nor does another integration take its fields meanwhile.
            let other = json!({"id": "other", "name": "Other", "enabled": true, "definition": made()});
            let refused = admin.posts("/api/integrations", &other).await;
            assert_eq!(refused.verdict(), "422 integration_invalid", "{}", refused.text);
            // Zendesk is away for a moment; the run goes on.
            let on = Matching { path_contains: Some("update_many".into()), ..Matching::default() };
            bed.vendors().fault(FaultRule {
                on,
                times: 1,
                skip: 0,
                fault: Fault::LostAnswer { lost_answer: 502 },
            });
            assert_eq!(confirmed(bed, &admin, &stopped).await["state"], "completed");
            assert_eq!(field(bed, user, "level"), Value::Null);
            bed.pass(120);
            switched(&admin, true).await;
            let back = run(bed, &admin, json!({})).await;
            let back = if back["state"] == "stopped" { confirmed(bed, &admin, &back).await } else { back };
            assert_eq!(back["counts"]["updated"], 12, "{back}");
            assert_eq!(field(bed, user, "level"), "gold");
        })
        .await;
}
