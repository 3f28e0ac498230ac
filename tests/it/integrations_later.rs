//! Between the decision and the write days can pass: a run that waited for a person is decided on again, and by whom it may be.

use deskside_sandbox::Limits;
use reqwest::Method;
use serde_json::{Value, json};

use crate::integrations::{ADMIN, HANAKO, definition, field, first_run, keep, run, until_it_ends, with};
use crate::support::actors::Visitor;
use crate::support::testbed::{Testbed, bed};

/// A run that would empty every company's name, and waits for a person.
async fn stopped(bed: &Testbed, admin: &Visitor) -> (Value, String) {
    first_run(bed, admin, &definition()).await;
    let emptied = with(|it| {
        let sql = it["model"]["sql"].as_str().expect("SQL");
        it["model"]["sql"] = json!(sql.replace("concat('Company of ', name)", "CAST(NULL AS VARCHAR)"));
    });
    let run = first_run(bed, admin, &emptied).await;
    assert_eq!(run["state"], "stopped", "{run}");
    let path = format!("/api/runs/{}/confirm", run["id"].as_str().expect("an id"));
    (run, path)
}

#[tokio::test]
async fn a_run_is_not_confirmed_once_its_integration_is_another() {
    bed()
        .run_on_each(async |bed| {
            let admin = bed.agent(ADMIN).await;
            let (run, confirm) = stopped(bed, &admin).await;
            keep(&admin, &definition()).await;
            let refused = admin.posts(&confirm, &json!({})).await;
            assert_eq!(refused.verdict(), "409 integration_changed", "{}", refused.text);
            bed.run_jobs().await;
            let path = format!("/api/runs/{}", run["id"].as_str().expect("an id"));
            assert_eq!(admin.gets(&path).await.json()["run"]["state"], "stopped");
            assert_eq!(field(bed, HANAKO, "sfdc_company_name"), "Company of 佐藤 花子");
        })
        .await;
}

#[tokio::test]
async fn a_field_that_was_switched_off_meanwhile_fails_the_run_that_waited() {
    bed()
        .run(async |bed| {
            let admin = bed.agent(ADMIN).await;
            let (run, confirm) = stopped(bed, &admin).await;
            let off = json!({"user_field": {"active": false}});
            bed.zendesk(Method::PUT, "/api/v2/user_fields/sfdc_company_name.json", &off).await;
            assert_eq!(admin.posts(&confirm, &json!({})).await.verdict(), "200");
            let ended = until_it_ends(bed, &admin, run["id"].as_str().expect("an id")).await;
            let why = ended["problem"]["message"].as_str().unwrap_or_default();
            assert!(why.contains("no field `sfdc_company_name` that can be written"), "{ended}");
            assert!(why.contains("it is switched off in Zendesk"), "{ended}");
            assert_eq!((&ended["state"], &ended["calls"]), (&json!("failed"), &json!(0)));
            assert_eq!(ended["problem"]["code"], "field_missing", "{ended}");
            assert_eq!(field(bed, HANAKO, "sfdc_company_name"), "Company of 佐藤 花子");
        })
        .await;
}

#[tokio::test]
async fn other_admins_see_runs_and_start_them_and_change_nothing() {
    bed()
        .setting("integrations.editors", "addresses:somebody@example.com")
        .run(async |bed| {
            let admin = bed.agent(ADMIN).await;
            assert_eq!(admin.gets("/api/integrations").await.verdict(), "200");
            assert_eq!(keep(&admin, &definition()).await.verdict(), "403 connection_editors_only");
            assert_eq!(admin.gets("/api/runs/1/rows").await.verdict(), "403 connection_editors_only");
            let accept = json!({"accept": "1"});
            let started = admin.posts("/api/integrations/contracts/runs", &accept).await;
            assert_eq!(started.verdict(), "403 connection_editors_only");
            let started = admin.posts("/api/integrations/contracts/runs", &json!({})).await;
            assert_eq!(started.verdict(), "404 integration_not_found");
        })
        .await;
}

#[tokio::test]
async fn an_export_goes_on_where_the_vendors_limit_stopped_it() {
    bed()
        .limits(Limits { incremental_per_minute: 1, ..Limits::relaxed() })
        .run_on_each(async |bed| {
            let admin = bed.agent(ADMIN).await;
            bed.vendors().make_users(2_500);
            let kept = keep(&admin, &definition()).await;
            assert_eq!(kept.verdict(), "201", "{}", kept.text);
            let dry = run(bed, &admin, json!({"kind": "dry"})).await;
            assert_eq!(dry["state"], "completed", "{dry}");
            assert!(dry["counts"]["read"].as_u64().is_some_and(|read| read >= 2_500), "{dry}");
            let calls = bed.vendors().calls();
            let pages: Vec<_> = calls
                .iter()
                .filter(|call| call.path.contains("/incremental/") && call.status == 200)
                .collect();
            // Three pages, and one call that asks what changed before the comparison.
            assert_eq!(pages.len(), 4, "each page is read once: {pages:?}");
        })
        .await;
}
