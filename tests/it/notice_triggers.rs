//! `deskside connect zendesk-contract-triggers` and its route: what is made in Zendesk, what is left alone, and what is refused.

use reqwest::Method;
use serde_json::{Value, json};

use crate::integrations::{ADMIN, first_run};
use crate::notices::contracts;
use crate::support::testbed::{Testbed, bed};

/// The triggers that admins find in Zendesk.
fn in_zendesk(bed: &Testbed) -> Vec<Value> {
    bed.vendors().triggers()
}

/// The first words of each line: what was done.
fn verbs(lines: &[String]) -> Vec<&str> {
    let known = ["would create", "would update", "found", "created", "updated", "changed", "warn"];
    lines.iter().filter_map(|line| known.into_iter().find(|verb| line.starts_with(verb))).collect()
}

async fn integrated(bed: &Testbed) {
    let admin = bed.agent(ADMIN).await;
    let done = first_run(bed, &admin, &contracts("")).await;
    assert_eq!(done["state"], "completed", "{done}");
}

/// Changes a trigger of Zendesk by hand. Whoever changes conditions sends the actions, too: Zendesk clears both.
async fn by_hand(bed: &Testbed, trigger: &Value, change: Value) {
    let mut whole = json!({"conditions": trigger["conditions"], "actions": trigger["actions"]});
    for (name, value) in change.as_object().expect("an object") {
        whole[name] = value.clone();
    }
    let path = format!("/api/v2/triggers/{}", trigger["id"]);
    bed.zendesk(Method::PUT, &path, &json!({"trigger": whole})).await;
}

#[tokio::test]
async fn a_dry_run_prints_the_triggers_and_a_second_run_changes_nothing() {
    bed()
        .setting("pagerduty.routing_key", "key")
        .setting("notices.fallback", "off")
        .run_on_each(async |bed| {
            integrated(bed).await;
            let dry = bed.connects_notices(&["--dry-run"]).await.expect("Zendesk answers");
            let page: Vec<_> = dry.iter().skip_while(|line| !line.contains("page on an emergency")).take(7).collect();
            assert_eq!(
                page,
                [
                    "would create the trigger \"Deskside: page on an emergency of a customer with a high MRR\"",
                    "          runs when the requester's field sfdc_mrr is not empty",
                    "                and the requester's field sfdc_mrr is 10000 or more",
                    "                and its priority is urgent",
                    "                and its status is less than solved",
                    "                and its tags contain none of: deskside_paged",
                    "                and it is created, or its priority has changed, or its status has changed, or its tags contain one of: \
                     deskside_contract",
                ]
            );
            assert_eq!(dry.last().map(String::as_str), Some("a dry run: nothing was changed"));
            assert!(in_zendesk(bed).is_empty());
            let first = bed.connects_notices(&[]).await.expect("they are made");
            assert_eq!(verbs(&first), ["created"; 6], "{first:#?}");
            let made = in_zendesk(bed);
            assert_eq!(made.len(), 4);
            let second = bed.connects_notices(&[]).await.expect("Zendesk answers");
            assert_eq!(verbs(&second), ["found"; 6], "{second:#?}");
            assert_eq!(second.last().map(String::as_str), Some("nothing had to be changed"));
            assert_eq!(in_zendesk(bed), made);
        })
        .await;
}

#[tokio::test]
async fn a_setting_is_an_update_and_a_change_by_hand_stays() {
    bed()
        .setting("pagerduty.routing_key", "key")
        .setting("notices.fallback", "off")
        .run(async |bed| {
            integrated(bed).await;
            bed.connects_notices(&[]).await.expect("they are made");
            let told = bed.connects_notices(&["contracts.high_mrr=5000"]).await.expect("Zendesk answers");
            assert_eq!(verbs(&told).iter().filter(|verb| **verb == "updated").count(), 1, "{told:#?}");
            let all = in_zendesk(bed);
            let of = |kind: &str| all.iter().find(|one| one.to_string().contains(&format!("\\\"kind\\\":\\\"{kind}\\\"")));
            let page = of("page").expect("the trigger");
            let mut conditions = page["conditions"].clone();
            conditions["all"][1]["value"] = json!("7000");
            by_hand(bed, page, json!({"title": "Our page", "conditions": conditions})).await;
            let told = bed.connects_notices(&["contracts.high_mrr=5000"]).await.expect("Zendesk answers");
            assert_eq!(verbs(&told), ["found", "found", "found", "found", "changed", "found", "warn"], "{told:#?}");
            let lines = told.join("\n");
            assert!(lines.contains("in Zendesk: the requester's field sfdc_mrr is not empty; the requester's field sfdc_mrr is 7000 or more"), "{lines}");
            assert!(lines.contains("by the settings: the requester's field sfdc_mrr is not empty; the requester's field sfdc_mrr is 5000 or more"), "{lines}");
            let told = bed.connects_notices(&["contracts.high_mrr=5000", "--overwrite"]).await.expect("Zendesk answers");
            assert!(verbs(&told).contains(&"updated"), "{told:#?}");
            let page = in_zendesk(bed).into_iter().find(|one| one["id"] == page["id"]).expect("it is there");
            assert_eq!((&page["title"], &page["conditions"]["all"][1]["value"]), (&json!("Our page"), &json!("5000")));
            // Without its marker it is still found by its id.
            by_hand(bed, &page, json!({"description": "ours"})).await;
            let told = bed.connects_notices(&["contracts.high_mrr=5000"]).await.expect("Zendesk answers");
            assert_eq!(told.last().map(String::as_str), Some("nothing had to be changed"), "{told:#?}");
        })
        .await;
}

/// check(what is special, what the admin is told)
#[tokio::test]
async fn what_cannot_be_made_is_refused_before_anything_is() {
    async fn check(prepare: impl AsyncFn(&Testbed), expected: &str) {
        bed()
            .run(async |bed| {
                prepare(bed).await;
                let refused = bed.connects_notices(&[]).await.expect_err("it is refused").to_string();
                assert!(refused.contains(expected), "{refused}");
                assert!(in_zendesk(bed).is_empty());
            })
            .await;
    }
    check(async |_| {}, "no enabled integration brings the contracts").await;
    check(
        async |bed| {
            integrated(bed).await;
            bed.zendesk(Method::DELETE, "/api/v2/user_fields/sfdc_mrr.json", &json!({})).await;
        },
        "Zendesk's triggers do not know `requester.custom_fields.sfdc_mrr`",
    )
    .await;
    check(
        async |bed| {
            let admin = bed.agent(ADMIN).await;
            let mut definition = contracts("");
            definition["mapping"]
                .as_array_mut()
                .expect("a list")
                .retain(|one| one["field"] != "sfdc_contract_start");
            first_run(bed, &admin, &definition).await;
        },
        "writes the contract's `start` into no field",
    )
    .await;
}

#[tokio::test]
async fn the_route_is_for_editors_and_answers_the_same_report() {
    bed()
        .setting("integrations.editors", "addresses:nobody@example.com")
        .run(async |bed| {
            let admin = bed.agent(ADMIN).await;
            let refused = admin.posts("/api/notices/triggers", &json!({"dry": true})).await;
            assert_eq!(refused.verdict(), "403 connection_editors_only");
        })
        .await;
    bed()
        .run(async |bed| {
            let admin = bed.agent(ADMIN).await;
            let refused = admin.posts("/api/notices/triggers", &json!({"dry": true})).await;
            assert_eq!(refused.verdict(), "409 contract_not_integrated");
            integrated(bed).await;
            let report = admin.posts("/api/notices/triggers", &json!({"dry": true})).await;
            assert_eq!(report.verdict(), "200", "{}", report.text);
            let report = report.json();
            assert_eq!((&report["dry"], &report["triggers"][0]["state"]), (&json!(true), &json!("created")));
            assert!(report["warnings"].to_string().contains("`pagerduty.routing_key`"), "{report}");
            assert!(in_zendesk(bed).is_empty());
            let made = admin.posts("/api/notices/triggers", &json!({})).await.json();
            assert_eq!(made["triggers"].as_array().map(Vec::len), Some(4), "{made}");
            let ledger = admin.gets("/api/ledger?action=triggers_connected").await.json();
            assert_eq!(ledger["rows"][0]["actor"], format!("agent:{ADMIN}"), "{ledger}");
        })
        .await;
}

/// What is told a day later.
async fn problem(bed: &Testbed) -> Value {
    bed.pass(24 * 3_600);
    bed.tick_schedules().await;
    bed.run_jobs().await;
    let admin = bed.agent(ADMIN).await;
    let all = admin.gets("/api/connections").await.json();
    let all = all["connections"].as_array().expect("a list").clone();
    all.into_iter().find(|one| one["kind"] == "zendesk").expect("Zendesk")["problem"].clone()
}

#[tokio::test]
async fn what_acts_no_more_is_a_problem_of_the_connection() {
    bed()
        .run(async |bed| {
            integrated(bed).await;
            bed.connects_notices(&[]).await.expect("they are made");
            let trigger = in_zendesk(bed)[0].clone();
            by_hand(bed, &trigger, json!({"active": false})).await;
            let told = problem(bed).await.to_string();
            assert!(told.contains("notices is not active in Zendesk"), "{told}");
            by_hand(bed, &trigger, json!({"active": true})).await;
            assert_eq!(problem(bed).await, Value::Null);
            let actions = trigger["actions"].as_array().expect("a list").clone();
            let calls =
                actions.into_iter().find(|one| one["field"] == "notification_webhook").expect("a call");
            let webhook = calls["value"][0].as_str().expect("an id").to_owned();
            let path = format!("/api/v2/webhooks/{webhook}");
            bed.zendesk(Method::PATCH, &path, &json!({"webhook": {"status": "inactive"}})).await;
            let told = problem(bed).await.to_string();
            assert!(told.contains("calls a webhook that is not active"), "{told}");
            bed.connects_notices(&[]).await.expect("it is mended");
            assert_eq!(problem(bed).await, Value::Null);
        })
        .await;
}

#[tokio::test]
async fn a_trigger_that_is_gone_is_a_problem_of_the_connection() {
    bed()
        .run(async |bed| {
            integrated(bed).await;
            bed.connects_notices(&[]).await.expect("they are made");
            assert_eq!(problem(bed).await, Value::Null);
            let trigger = in_zendesk(bed)[0].clone();
            bed.zendesk(Method::DELETE, &format!("/api/v2/triggers/{}", trigger["id"]), &json!({})).await;
            let told = problem(bed).await;
            assert_eq!(told["code"], "notice_trigger", "{told}");
            assert!(
                told["message"].as_str().is_some_and(|text| text.contains("is gone from Zendesk")),
                "{told}"
            );
            bed.connects_notices(&[]).await.expect("it is made again");
            assert_eq!(problem(bed).await, Value::Null);
        })
        .await;
}

#[tokio::test]
async fn an_option_that_was_made_again_is_mended_where_deskside_wrote_it() {
    bed()
        .setting("notices.emergency", "user_field:sfdc_account_type=customer")
        .run(async |bed| {
            integrated(bed).await;
            bed.connects_notices(&[]).await.expect("they are made");
            let option = || {
                let page = in_zendesk(bed).into_iter().find(|one| one["title"].to_string().contains("page on")).expect("it");
                let all = page["conditions"]["all"].as_array().expect("a list").clone();
                let of_type = |one: &&Value| one["field"].to_string().contains("account_type") && one["operator"] == "is";
                all.iter().find(of_type).expect("the condition")["value"].clone()
            };
            let before = option();
            bed.zendesk(Method::DELETE, "/api/v2/user_fields/sfdc_account_type.json", &json!({})).await;
            let field = json!({"user_field": {"key": "sfdc_account_type", "title": "Account type", "type": "dropdown",
                "custom_field_options": [{"name": "Customer", "value": "customer"}]}});
            bed.zendesk(Method::POST, "/api/v2/user_fields", &field).await;
            bed.pass(24 * 3_600);
            bed.tick_schedules().await;
            bed.run_jobs().await;
            assert_ne!(option(), before, "the condition names the option of today");
        })
        .await;
}
