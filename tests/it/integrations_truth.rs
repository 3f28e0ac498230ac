//! What is known of a record, by what it acknowledged and by its export: what is not written, not forgotten, not emptied.

use deskside_sandbox::{Fault, FaultId, FaultRule, Matching};
use reqwest::Method;
use serde_json::{Value, json};

use crate::integrations::{
    ADMIN, HANAKO, TARO, definition, field, first_run, keep, rows, run, until_it_ends, with,
};
use crate::support::testbed::{Testbed, bed};

const COMPANY: &str = "sfdc_company_name";

/// The definition with other companies, and what somebody changed there stays.
fn kept_with(company: &str) -> Value {
    with(|it| {
        let sql = it["model"]["sql"].as_str().expect("SQL");
        it["model"]["sql"] = json!(sql.replace("concat('Company of ', name)", company));
        it["on_drift"] = json!("keep");
    })
}

/// Until it is mended, looks at jobs are answered with an error.
fn jobs_cannot_be_seen(bed: &Testbed) -> FaultId {
    let on = Matching { path_contains: Some("job_statuses".to_owned()), ..Matching::default() };
    let fault = Fault::Status { status: 503, retry_after: None };
    bed.vendors().fault(FaultRule { on, times: u32::MAX, skip: 0, fault })
}

#[tokio::test]
async fn a_record_that_another_row_has_by_now_loses_nothing() {
    bed()
        .run_on_each(async |bed| {
            let admin = bed.agent(ADMIN).await;
            let first = bed.vendors().make_users(3);
            bed.pass(120); // an export does not go back to the moment at which the last one ended
            let [renamed, left, by_hand] = [0, 128, 256].map(|more| first + more);
            let by_external_id = with(|it| {
                it["model"]["sql"] = json!(
                    "SELECT external_id AS account, concat('Company of ', name) AS company, 1200.50 AS mrr
                       FROM people WHERE external_id LIKE 'made-%'"
                );
                it["key"] = json!({"column": "account", "field": "external_id"});
                it["removed"] = json!("clear");
                it["on_drift"] = json!("keep");
            });
            first_run(bed, &admin, &by_external_id).await;
            let company = field(bed, renamed, COMPANY);
            let company_left = field(bed, left, COMPANY);
            assert!(company.as_str().is_some_and(|text| text.starts_with("Company of")), "{company}");
            bed.vendors().set_user_fields(by_hand, &json!({COMPANY: "By hand"}));
            for (user, id) in [(renamed, "made-renamed"), (left, "left"), (by_hand, "left-too")] {
                let path = format!("/api/v2/users/{user}.json");
                bed.zendesk(Method::PUT, &path, &json!({"user": {"external_id": id}})).await;
            }
            bed.pass(120);
            let run = run(bed, &admin, json!({})).await;
            assert_eq!(
                (&run["state"], &run["counts"]["adopted"], &run["counts"]["removed"]),
                (&json!("completed"), &json!(1), &json!(3)),
                "{run}"
            );
            assert_eq!(field(bed, renamed, COMPANY), company, "another row has it now");
            assert_eq!(field(bed, left, COMPANY), Value::Null, "nobody has it any more");
            assert_eq!(field(bed, by_hand, COMPANY), "By hand", "and this one is not ours any more");
            assert_eq!(field(bed, by_hand, "sfdc_mrr"), Value::Null, "what is still ours goes");
            let emptied = rows(&admin, &run, "removed").await;
            let of = |user: u64| {
                let row =
                    emptied.iter().find(|row| row["destination_id"].as_str() == Some(&user.to_string()));
                row.unwrap_or_else(|| panic!("{user} is not among {emptied:?}")).clone()
            };
            assert_eq!(of(renamed)["changes"], json!([]));
            assert_eq!(
                of(left)["changes"][0],
                json!({"field": COMPANY, "before": company_left, "after": null})
            );
            assert_eq!(
                of(by_hand)["changes"],
                json!([{"field": "sfdc_mrr", "before": "1200.5", "after": null}])
            );
        })
        .await;
}

#[tokio::test]
async fn a_run_that_was_stopped_and_cancelled_has_forgotten_nothing() {
    bed()
        .run_on_each(async |bed| {
            let admin = bed.agent(ADMIN).await;
            let full = kept_with("concat('Company of ', name)");
            first_run(bed, &admin, &full).await;
            bed.vendors().set_user_fields(TARO, &json!({COMPANY: "By hand"}));
            bed.pass(120);
            assert_eq!(run(bed, &admin, json!({})).await["counts"]["kept"], 1);
            let mut shrunk = kept_with("CAST(NULL AS VARCHAR)");
            let sql = format!("{} AND id <> {TARO}", shrunk["model"]["sql"].as_str().expect("SQL"));
            shrunk["model"]["sql"] = json!(sql);
            let stopped = first_run(bed, &admin, &shrunk).await;
            assert_eq!((&stopped["state"], &stopped["counts"]["removed"]), (&json!("stopped"), &json!(1)));
            let cancel = format!("/api/runs/{}/cancel", stopped["id"].as_str().expect("an id"));
            assert_eq!(admin.posts(&cancel, &json!({})).await.verdict(), "200");
            let run = first_run(bed, &admin, &full).await;
            assert_eq!((&run["state"], &run["counts"]["kept"]), (&json!("completed"), &json!(1)), "{run}");
            assert_eq!(field(bed, TARO, COMPANY), "By hand");
        })
        .await;
}

#[tokio::test]
async fn what_changed_while_a_run_waited_is_found_by_the_next_one() {
    bed()
        .run_on_each(async |bed| {
            let admin = bed.agent(ADMIN).await;
            first_run(bed, &admin, &definition()).await;
            let emptied = with(|it| {
                let sql = it["model"]["sql"].as_str().expect("SQL");
                let sql = sql.replace("concat('Company of ', name)", "CAST(NULL AS VARCHAR)");
                it["model"]["sql"] = json!(sql);
            });
            let stopped = first_run(bed, &admin, &emptied).await;
            assert_eq!(stopped["state"], "stopped", "{stopped}");
            // Between the write and its settling some time passes.
            let fault = jobs_cannot_be_seen(bed);
            let id = stopped["id"].as_str().expect("an id");
            assert_eq!(admin.posts(&format!("/api/runs/{id}/confirm"), &json!({})).await.verdict(), "200");
            bed.run_jobs().await;
            // Its comparison saw the right number, and only the company was sent.
            bed.vendors().set_user_fields(TARO, &json!({"sfdc_mrr": 99}));
            bed.vendors().mend(fault);
            bed.pass(10);
            assert_eq!(until_it_ends(bed, &admin, id).await["state"], "completed");
            bed.pass(120);
            let run = run(bed, &admin, json!({})).await;
            assert_eq!(
                (&run["counts"]["drifted"], &run["counts"]["updated"]),
                (&json!(1), &json!(1)),
                "{run}"
            );
            assert_eq!(field(bed, TARO, "sfdc_mrr").to_string().trim_matches('"'), "1200.5");
        })
        .await;
}

#[tokio::test]
async fn what_a_cancelled_run_had_sent_is_found_out() {
    bed()
        .run_on_each(async |bed| {
            let admin = bed.agent(ADMIN).await;
            let good = kept_with("concat('Company of ', name)");
            first_run(bed, &admin, &good).await;
            bed.pass(120);
            let wrong = kept_with("'Nonsense'");
            assert_eq!(keep(&admin, &wrong).await.verdict(), "200");
            let dry = run(bed, &admin, json!({"kind": "dry"})).await;
            let fault = jobs_cannot_be_seen(bed);
            let started =
                admin.posts("/api/integrations/contracts/runs", &json!({"accept": dry["id"]})).await.json();
            bed.run_jobs().await;
            let path = format!("/api/runs/{}", started["run"]["id"].as_str().expect("an id"));
            let sent = admin.gets(&path).await.json()["run"].clone();
            assert_eq!((&sent["state"], &sent["phase"]), (&json!("running"), &json!("delivering")), "{sent}");
            assert_eq!(admin.posts(&format!("{path}/cancel"), &json!({})).await.verdict(), "200");
            bed.vendors().mend(fault);
            bed.pass(10);
            // All of it is to be written back, and that asks first.
            let stopped = first_run(bed, &admin, &good).await;
            assert_eq!(stopped["problem"]["code"], "changes_too_much", "{stopped}");
            let id = stopped["id"].as_str().expect("an id");
            assert_eq!(admin.posts(&format!("/api/runs/{id}/confirm"), &json!({})).await.verdict(), "200");
            let done = until_it_ends(bed, &admin, id).await;
            assert_eq!(
                (&done["state"], &done["counts"]["kept"], &done["counts"]["updated"]),
                (&json!("completed"), &json!(0), &done["counts"]["matched"]),
                "{done}"
            );
            assert_eq!(field(bed, HANAKO, COMPANY), "Company of 佐藤 花子");
            bed.run_jobs_to_the_end().await;
            let cancelled = admin.gets(&path).await.json()["run"].clone();
            assert_eq!(
                (&cancelled["state"], &cancelled["counts"]["updated"], &cancelled["counts"]["waiting"]),
                (&json!("cancelled"), &cancelled["counts"]["matched"], &json!(0)),
                "{cancelled}"
            );
        })
        .await;
}

#[tokio::test]
async fn every_record_of_a_key_is_known_by_itself() {
    bed()
        .run_on_each(async |bed| {
            let admin = bed.agent(ADMIN).await;
            let plan = json!({"organization_field": {"key": "plan", "title": "Plan", "type": "text"}});
            bed.zendesk(Method::POST, "/api/v2/organization_fields.json", &plan).await;
            for name in ["ÉTOILE", "étoile"] {
                let body = json!({"organization": {"name": name}});
                bed.zendesk(Method::POST, "/api/v2/organizations.json", &body).await;
            }
            let all = with(|it| {
                it["model"]["sql"] = json!("SELECT DISTINCT 'Étoile' AS company, 'gold' AS plan FROM people");
                it["destination"]["object"] = json!("organizations");
                it["key"] = json!({"column": "company", "field": "name"});
                it["mapping"] = json!([{"column": "plan", "field": "plan"}]);
                it["on_ambiguous"] = json!("all");
            });
            let first = first_run(bed, &admin, &all).await;
            assert_eq!(
                (&first["state"], &first["counts"]["updated"]),
                (&json!("completed"), &json!(2)),
                "{first}"
            );
            bed.pass(120);
            let second = run(bed, &admin, json!({})).await;
            assert_eq!(
                (&second["counts"]["unchanged"], &second["counts"]["adopted"]),
                (&json!(2), &json!(0)),
                "{second}"
            );
        })
        .await;
}

#[tokio::test]
async fn what_zendesk_fails_again_and_again_waits_for_the_next_run() {
    bed()
        .run_on_each(async |bed| {
            let admin = bed.agent(ADMIN).await;
            for _ in 0..20 {
                bed.vendors().stop_next_job("failed", 0);
            }
            let only = with(|it| {
                let sql = it["model"]["sql"].as_str().expect("SQL");
                it["model"]["sql"] = json!(format!("{sql} AND id <= {TARO}"));
            });
            let failed = first_run(bed, &admin, &only).await;
            assert_eq!(
                (&failed["state"], &failed["counts"]["waiting"], &failed["counts"]["updated"]),
                (&json!("completed"), &failed["counts"]["matched"], &json!(0)),
                "{failed}"
            );
            let why = rows(&admin, &failed, "waiting").await[0]["reason"].clone();
            assert!(why.as_str().is_some_and(|why| why.contains("sent several times")), "{why}");
        })
        .await;
}
