//! Records that go, or become two, while rows are on their way to them.

use deskside_sandbox::{Fault, FaultRule, Matching};
use reqwest::Method;
use serde_json::{Value, json};

use crate::integrations::{ADMIN, field, first_run, keep, rows, run, until_it_ends, with};
use crate::support::testbed::{Testbed, bed};

const COMPANY: &str = "sfdc_company_name";

/// Customers that a test made get this SQL as their company.
fn made(company: &str) -> Value {
    with(|it| {
        it["model"]["sql"] = json!(format!(
            "SELECT id AS user_id, {company} AS company, 1200.50 AS mrr FROM people WHERE external_id LIKE 'made-%'"
        ));
    })
}

/// check(what becomes of a customer while the run waits for a person, whether its rows are decided by then, what their row is, and what it says)
#[tokio::test]
async fn who_goes_while_a_run_waits_is_left_out_and_the_others_are_not() {
    async fn check(goes: impl AsyncFn(&Testbed, u64), is_late: bool, outcome: &str, told: &str) {
        bed()
            .run_on_each(async |bed| {
                let admin = bed.agent(ADMIN).await;
                let user = bed.vendors().make_users(20);
                bed.pass(120);
                first_run(bed, &admin, &made("name")).await;
                bed.pass(120);
                let stopped = first_run(bed, &admin, &made("CAST(NULL AS VARCHAR)")).await;
                assert_eq!(stopped["state"], "stopped", "{stopped}");
                let id = stopped["id"].as_str().expect("an id");
                if is_late {
                    // Its rows are compared, and Zendesk takes none of them for a minute.
                    let on = Matching { path_contains: Some("update_many".into()), ..Matching::default() };
                    let fault = Fault::Status { status: 429, retry_after: Some(60) };
                    bed.vendors().fault(FaultRule { on, times: 1, skip: 0, fault });
                } else {
                    goes(bed, user).await;
                    bed.pass(120);
                }
                assert_eq!(
                    admin.posts(&format!("/api/runs/{id}/confirm"), &json!({})).await.verdict(),
                    "200"
                );
                if is_late {
                    bed.run_jobs().await;
                    goes(bed, user).await;
                }
                let done = until_it_ends(bed, &admin, id).await;
                assert_eq!(done["state"], "completed", "{done}");
                let others = if outcome == "cleared" { 20 } else { 19 };
                assert_eq!(done["counts"]["cleared"], others, "{done}");
                let row = rows(&admin, &done, outcome).await;
                let why = row.first().unwrap_or_else(|| panic!("no row is {outcome}: {done}"))["reason"]
                    .as_str()
                    .unwrap_or_default();
                assert!(why.contains(told), "{row:?} of {done}");
                assert_eq!(field(bed, user + 128, COMPANY), Value::Null);
            })
            .await;
    }
    async fn deleted(bed: &Testbed, user: u64) {
        bed.zendesk(Method::DELETE, &format!("/api/v2/users/{user}.json"), &json!({})).await;
    }
    async fn merged(bed: &Testbed, user: u64) {
        let into = json!({"user": {"id": user + 128}});
        bed.zendesk(Method::PUT, &format!("/api/v2/users/{user}/merge.json"), &into).await;
    }
    async fn suspended(bed: &Testbed, user: u64) {
        let change = json!({"user": {"suspended": true}});
        bed.zendesk(Method::PUT, &format!("/api/v2/users/{user}.json"), &change).await;
    }
    const SAID: &str = "it was deleted or merged; the next run leaves it out";
    check(deleted, false, "unmatched", "no record has this key").await;
    check(merged, false, "unmatched", "no record has this key").await;
    check(suspended, false, "cleared", "").await;
    check(deleted, true, "rejected", SAID).await;
    check(merged, true, "rejected", SAID).await;
}

#[tokio::test]
async fn a_field_made_anew_with_another_type_takes_no_old_values() {
    bed()
        .run_on_each(async |bed| {
            let admin = bed.agent(ADMIN).await;
            bed.vendors().make_users(5);
            let field = |kind: &str| json!({"user_field": {"key": "level", "title": "Level", "type": kind}});
            bed.zendesk(Method::POST, "/api/v2/user_fields.json", &field("text")).await;
            bed.pass(120);
            let mut writes = made("concat('Level of ', name)");
            writes["mapping"] = json!([{"column": "company", "field": "level"}]);
            assert_eq!(first_run(bed, &admin, &writes).await["counts"]["updated"], 5);
            bed.pass(120);
            bed.zendesk(Method::DELETE, "/api/v2/user_fields/level.json", &json!({})).await;
            bed.zendesk(Method::POST, "/api/v2/user_fields.json", &field("integer")).await;
            bed.pass(120);
            let failed = run(bed, &admin, json!({})).await;
            assert_eq!(
                (&failed["state"], &failed["problem"]["code"], &failed["counts"]["rejected"]),
                (&json!("failed"), &json!("all_rejected"), &json!(5)),
                "{failed}"
            );
            let why =
                rows(&admin, &failed, "rejected").await[0]["reason"].as_str().unwrap_or_default().to_owned();
            assert!(why.contains("`level` takes a whole number"), "{why}");
        })
        .await;
}

#[tokio::test]
async fn a_key_that_two_records_have_is_skipped_with_both_ids() {
    bed()
        .run_on_each(async |bed| {
            let admin = bed.agent(ADMIN).await;
            let plan = json!({"organization_field": {"key": "plan", "title": "Plan", "type": "text"}});
            bed.zendesk(Method::POST, "/api/v2/organization_fields.json", &plan).await;
            for name in ["ÉTOILE", "étoile"] {
                let body = json!({"organization": {"name": name}});
                bed.zendesk(Method::POST, "/api/v2/organizations.json", &body).await;
            }
            bed.pass(120);
            let by_name = with(|it| {
                it["model"]["sql"] = json!("SELECT DISTINCT 'Étoile' AS company, 'gold' AS plan FROM people");
                it["destination"]["object"] = json!("organizations");
                it["key"] = json!({"column": "company", "field": "name"});
                it["mapping"] = json!([{"column": "plan", "field": "plan"}]);
            });
            assert_eq!(keep(&admin, &by_name).await.verdict(), "201");
            let dry = run(bed, &admin, json!({"kind": "dry"})).await;
            assert_eq!(dry["counts"]["ambiguous"], 1, "{dry}");
            let why =
                rows(&admin, &dry, "ambiguous").await[0]["reason"].as_str().unwrap_or_default().to_owned();
            let all = bed.vendors().organizations();
            let both = all.iter().filter(|one| {
                one["name"].as_str().is_some_and(|name| name.ends_with("toile") || name == "ÉTOILE")
            });
            let ids: Vec<_> = both.map(|one| one["id"].to_string()).collect();
            assert!(ids.len() == 2 && ids.iter().all(|id| why.contains(id)), "{ids:?}: {why}");
            assert!(why.ends_with("; merge them in Zendesk, or set `on_ambiguous`"), "{why}");
        })
        .await;
}
