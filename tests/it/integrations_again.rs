//! What is decided by fresh facts, or not at all: retries, confirmations, cancellations, rows that come back, and fields that are not ours.

use deskside_sandbox::{Fault, FaultRule, Matching};
use reqwest::Method;
use serde_json::{Value, json};

use crate::integrations::{ADMIN, TARO, field, first_run, keep, rows, run, until_it_ends, updates, with};
use crate::support::testbed::{Testbed, bed};

const COMPANY: &str = "sfdc_company_name";
const MRR: &str = "sfdc_mrr";

/// The definition for customers that a test made: their company is this SQL's.
fn made(company: &str, change: impl FnOnce(&mut Value)) -> Value {
    with(|it| {
        it["model"]["sql"] = json!(format!(
            "SELECT id AS user_id, {company} AS company, 1200.50 AS mrr FROM people WHERE external_id LIKE 'made-%'"
        ));
        change(it);
    })
}

fn keeps(it: &mut Value) {
    it["on_drift"] = json!("keep");
}

/// Changes a user over the API, as another program does.
async fn changes(bed: &Testbed, user: u64, change: Value) {
    bed.zendesk(Method::PUT, &format!("/api/v2/users/{user}.json"), &json!({"user": change})).await;
}

#[tokio::test]
async fn rows_that_would_lose_values_are_not_retried_unasked() {
    bed()
        .run_on_each(async |bed| {
            let admin = bed.agent(ADMIN).await;
            let users: Vec<u64> = {
                let first = bed.vendors().make_users(20);
                (0..20).map(|at| first + at * 128).collect()
            };
            for user in &users {
                bed.vendors().set_user_fields(*user, &json!({COMPANY: "By hand"}));
            }
            bed.pass(120);
            for _ in 0..20 {
                bed.vendors().stop_next_job("failed", 0);
            }
            let by_name = made("CASE WHEN name LIKE 'Gone%' THEN NULL ELSE name END", |_| {});
            let waiting = first_run(bed, &admin, &by_name).await;
            assert_eq!(waiting["counts"]["waiting"], 20, "{waiting}");
            bed.vendors().clear_faults();
            for user in &users {
                changes(bed, *user, json!({"name": "Gone"})).await;
            }
            bed.pass(120);
            let path = format!("/api/runs/{}/retry", waiting["id"].as_str().expect("an id"));
            let retried = admin.posts(&path, &json!({})).await;
            assert_eq!(retried.verdict(), "202", "{}", retried.text);
            let stopped =
                until_it_ends(bed, &admin, retried.json()["run"]["id"].as_str().expect("an id")).await;
            assert_eq!(
                (&stopped["state"], &stopped["problem"]["code"]),
                (&json!("stopped"), &json!("clears_too_much")),
                "{stopped}"
            );
            assert_eq!(field(bed, users[0], COMPANY), "By hand");
        })
        .await;
}

#[tokio::test]
async fn a_field_that_was_never_ours_is_not_emptied_with_its_row() {
    bed()
        .run_on_each(async |bed| {
            let admin = bed.agent(ADMIN).await;
            let user = bed.vendors().make_users(3);
            bed.vendors().set_user_fields(user, &json!({MRR: 7}));
            bed.pass(120);
            let clears = made("name", |it| {
                let sql = it["model"]["sql"].as_str().expect("SQL");
                it["model"]["sql"] = json!(sql.replace("1200.50", "CAST(NULL AS DECIMAL(10, 2))"));
                it["mapping"] = json!([
                    {"column": "company", "field": COMPANY},
                    {"column": "mrr", "field": MRR, "missing": "keep"},
                ]);
                it["removed"] = json!("clear");
            });
            assert_eq!(first_run(bed, &admin, &clears).await["counts"]["updated"], 3);
            bed.pass(120);
            changes(bed, user, json!({"external_id": "left"})).await;
            bed.pass(120);
            let run = run(bed, &admin, json!({})).await;
            assert_eq!((&run["state"], &run["counts"]["removed"]), (&json!("completed"), &json!(1)), "{run}");
            assert_eq!((field(bed, user, COMPANY), field(bed, user, MRR)), (Value::Null, json!(7)));
            assert_eq!(run["counts"]["matched"], 2, "a row that is gone is in no count of the others: {run}");
            assert_eq!(
                (&run["counts"]["unchanged"], &run["counts"]["waiting"]),
                (&json!(2), &json!(0)),
                "{run}"
            );
        })
        .await;
}

#[tokio::test]
async fn rows_that_are_gone_count_among_what_a_run_would_change() {
    bed()
        .setting("limits.max_cleared_percent", "100")
        .run(async |bed| {
            let admin = bed.agent(ADMIN).await;
            let first = bed.vendors().make_users(30);
            bed.pass(120);
            first_run(bed, &admin, &made("name", |it| it["removed"] = json!("clear"))).await;
            bed.pass(120);
            for at in 0..20 {
                changes(bed, first + at * 128, json!({"external_id": format!("left-{at}")})).await;
            }
            bed.pass(120);
            let stopped = run(bed, &admin, json!({})).await;
            assert_eq!(stopped["problem"]["code"], "changes_too_much", "{stopped}");
            assert!(!field(bed, first, COMPANY).is_null());
        })
        .await;
}

#[tokio::test]
async fn what_somebody_changed_stays_though_its_row_was_away() {
    bed()
        .run_on_each(async |bed| {
            let admin = bed.agent(ADMIN).await;
            let user = bed.vendors().make_users(3);
            bed.pass(120);
            first_run(bed, &admin, &made("name", keeps)).await;
            bed.pass(120);
            bed.vendors().set_user_fields(user, &json!({COMPANY: "By hand"}));
            changes(bed, user, json!({"external_id": "away"})).await;
            bed.pass(120);
            assert_eq!(run(bed, &admin, json!({})).await["counts"]["removed"], 1);
            bed.pass(120);
            assert_eq!(run(bed, &admin, json!({})).await["counts"]["removed"], 0, "it is said once");
            changes(bed, user, json!({"external_id": "made-again"})).await;
            bed.pass(120);
            let back = run(bed, &admin, json!({})).await;
            assert_eq!(
                (&back["counts"]["kept"], &back["counts"]["drifted"]),
                (&json!(1), &json!(1)),
                "{back}"
            );
            assert_eq!(field(bed, user, COMPANY), "By hand");
        })
        .await;
}

#[tokio::test]
async fn a_field_that_stays_as_it_was_changed_holds_up_no_other() {
    bed()
        .run_on_each(async |bed| {
            let admin = bed.agent(ADMIN).await;
            let user = bed.vendors().make_users(2);
            bed.pass(120);
            first_run(bed, &admin, &made("name", keeps)).await;
            bed.pass(120);
            bed.vendors().set_user_fields(user, &json!({COMPANY: "By hand"}));
            bed.pass(120);
            let other = made("name", |it| {
                keeps(it);
                let sql = it["model"]["sql"].as_str().expect("SQL");
                it["model"]["sql"] = json!(sql.replace("1200.50", "99.25"));
            });
            let done = first_run(bed, &admin, &other).await;
            assert_eq!(
                (&done["counts"]["updated"], &done["counts"]["drifted"]),
                (&json!(2), &json!(1)),
                "{done}"
            );
            assert_eq!((field(bed, user, COMPANY), field(bed, user, MRR)), (json!("By hand"), json!(99.25)));
            let written = rows(&admin, &done, "updated").await;
            let why = written.iter().find_map(|row| row["reason"].as_str()).unwrap_or_default();
            assert!(
                why.contains("somebody changed `sfdc_company_name` there") && why.contains("it stays"),
                "{why}"
            );
            bed.pass(120);
            let again = run(bed, &admin, json!({})).await;
            assert_eq!((&again["counts"]["kept"], &again["calls"]), (&json!(1), &json!(0)), "{again}");
        })
        .await;
}

#[tokio::test]
async fn a_run_that_is_confirmed_looks_again_before_it_writes() {
    bed()
        .run_on_each(async |bed| {
            let admin = bed.agent(ADMIN).await;
            let first = bed.vendors().make_users(20);
            bed.pass(120);
            first_run(bed, &admin, &made("name", keeps)).await;
            bed.pass(120);
            let stopped = first_run(bed, &admin, &made("CAST(NULL AS VARCHAR)", keeps)).await;
            assert_eq!(stopped["state"], "stopped", "{stopped}");
            bed.vendors().set_user_fields(first, &json!({COMPANY: "By hand"}));
            bed.pass(120);
            let id = stopped["id"].as_str().expect("an id");
            assert_eq!(admin.posts(&format!("/api/runs/{id}/confirm"), &json!({})).await.verdict(), "200");
            let done = until_it_ends(bed, &admin, id).await;
            assert_eq!(
                (&done["state"], &done["counts"]["cleared"], &done["counts"]["kept"]),
                (&json!("completed"), &json!(19), &json!(1)),
                "{done}"
            );
            assert_eq!(field(bed, first, COMPANY), "By hand");
            let late = admin.posts(&format!("/api/runs/{id}/confirm"), &json!({})).await;
            assert_eq!(late.verdict(), "409 run_ended");
            assert!(late.text.contains("does not wait for a confirmation"), "{}", late.text);
        })
        .await;
}

#[tokio::test]
async fn a_run_that_is_confirmed_asks_again_where_it_would_change_more() {
    bed()
        .run(async |bed| {
            let admin = bed.agent(ADMIN).await;
            let first = bed.vendors().make_users(60);
            bed.pass(120);
            first_run(bed, &admin, &made("name", |_| {})).await;
            bed.pass(120);
            let users: Vec<u64> = (0..60).map(|at| first + at * 128).collect();
            for user in &users[..40] {
                bed.vendors().set_user_fields(*user, &json!({COMPANY: "By hand"}));
            }
            bed.pass(120);
            let stopped = run(bed, &admin, json!({})).await;
            assert_eq!(stopped["problem"]["code"], "changes_too_much", "{stopped}");
            run(bed, &admin, json!({"kind": "dry"})).await;
            let list = admin.gets("/api/integrations").await.json();
            let last = &list["integrations"][0]["last_run"];
            assert_eq!(last["id"], stopped["id"], "what waits for a person stays in sight: {last}");
            for user in &users[40..] {
                bed.vendors().set_user_fields(*user, &json!({COMPANY: "By hand"}));
            }
            bed.pass(120);
            let confirm = format!("/api/runs/{}/confirm", stopped["id"].as_str().expect("an id"));
            let before = updates(bed);
            assert_eq!(admin.posts(&confirm, &json!({})).await.verdict(), "200");
            let again = until_it_ends(bed, &admin, stopped["id"].as_str().expect("an id")).await;
            let why = again["problem"]["message"].as_str().unwrap_or_default();
            assert!(again["state"] == "stopped" && why.contains("60 rows would change by now"), "{again}");
            assert_eq!(updates(bed), before);
            assert_eq!(admin.posts(&confirm, &json!({})).await.verdict(), "200");
            let done = until_it_ends(bed, &admin, stopped["id"].as_str().expect("an id")).await;
            assert_eq!(
                (&done["state"], &done["counts"]["updated"]),
                (&json!("completed"), &json!(60)),
                "{done}"
            );
        })
        .await;
}

#[tokio::test]
async fn a_run_that_is_cancelled_sends_nothing_more() {
    bed()
        .run_on_each(async |bed| {
            let admin = bed.agent(ADMIN).await;
            bed.vendors().make_users(2_000);
            bed.pass(120);
            assert_eq!(keep(&admin, &made("name", |_| {})).await.verdict(), "201");
            let dry = run(bed, &admin, json!({"kind": "dry"})).await;
            let on = Matching { path_suffix: Some("update_many".into()), ..Matching::default() };
            bed.vendors().fault(FaultRule { on, times: 99, skip: 0, fault: Fault::Late { late_ms: 300 } });
            let started =
                admin.posts("/api/integrations/contracts/runs", &json!({"accept": dry["id"]})).await.json();
            let cancel = format!("/api/runs/{}/cancel", started["run"]["id"].as_str().expect("an id"));
            let cancels = async {
                while updates(bed) < 2 {
                    tokio::task::yield_now().await;
                }
                assert_eq!(admin.posts(&cancel, &json!({})).await.verdict(), "200");
                updates(bed)
            };
            let (_, sent) = tokio::join!(bed.run_jobs(), cancels);
            bed.run_jobs_to_the_end().await;
            // Four are on their way together.
            assert!(updates(bed) <= sent + 3, "{} updates, and {sent} before it was cancelled", updates(bed));
        })
        .await;
}

#[tokio::test]
async fn a_key_with_a_nul_character_is_a_row_like_any_other() {
    bed()
        .run_on_each(async |bed| {
            let admin = bed.agent(ADMIN).await;
            let odd = with(|it| {
                it["model"]["sql"] = json!(format!(
                    "SELECT concat('no', chr(0), 'body') AS user_id, 'x' AS company, 1 AS mrr FROM people WHERE id = {TARO}"
                ));
            });
            let done = first_run(bed, &admin, &odd).await;
            assert_eq!((&done["state"], &done["counts"]["unmatched"]), (&json!("completed"), &json!(1)), "{done}");
            assert_eq!(rows(&admin, &done, "unmatched").await[0]["key"], "no\u{fffd}body");
        })
        .await;
}

/// check(the key as somebody typed it, what the run of that row comes to)
#[tokio::test]
async fn a_row_is_found_by_its_key_as_people_type_it() {
    bed()
        .run(async |bed| {
            let admin = bed.agent(ADMIN).await;
            bed.vendors().make_users(3);
            bed.pass(120);
            let by_email = made("name", |it| {
                let sql = it["model"]["sql"].as_str().expect("SQL");
                it["model"]["sql"] = json!(sql.replace("id AS user_id", "email"));
                it["key"] = json!({"column": "email", "field": "email"});
            });
            let done = first_run(bed, &admin, &by_email).await;
            let key = rows(&admin, &done, "updated").await[0]["key"].as_str().expect("a key").to_uppercase();
            let check = async |key: &str, state: &str, said: &str| {
                let one = run(bed, &admin, json!({"kind": "row", "key": key})).await;
                assert_eq!(one["state"], state, "{key}: {one}");
                assert!(one.to_string().contains(said), "{key}: {one}");
            };
            check(&format!(" {key} "), "completed", r#""updated":1"#).await;
            check("nobody@example.com", "failed", "the model has no row with the key that was asked for")
                .await;
            check("nobody@example.com", "failed", r#""code":"row_not_found""#).await;
        })
        .await;
}
