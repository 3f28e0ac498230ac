//! What waits: a wish for another run, and rows whose records take no more changes for now.

use deskside_sandbox::{Fault, FaultRule, Matching};
use serde_json::{Value, json};

use crate::integrations::{
    ADMIN, HANAKO, TARO, definition, field, first_run, keep, rows, run, until_it_ends, updates, with,
};
use crate::support::testbed::bed;

const RUNS: &str = "/api/integrations/contracts/runs";

#[tokio::test]
async fn what_the_live_run_does_not_do_is_refused_and_not_lost() {
    bed()
        .run_on_each(async |bed| {
            let admin = bed.agent(ADMIN).await;
            let refused = with(|it| {
                it["model"]["sql"] = json!(format!(
                    "SELECT id AS user_id, 'Aoba' AS company, CASE WHEN id = {HANAKO} THEN '1,000' ELSE '5' END AS mrr FROM people
                      WHERE role = 'end-user'"
                ));
            });
            let failed = first_run(bed, &admin, &refused).await;
            let emptied = with(|it| {
                it["model"]["sql"] = json!("SELECT id AS user_id, CAST(NULL AS VARCHAR) AS company, 5 AS mrr FROM people
                      WHERE role = 'end-user'");
            });
            let stopped = first_run(bed, &admin, &emptied).await;
            assert_eq!(stopped["state"], "stopped", "{stopped}");
            let id = stopped["id"].as_str().expect("an id");
            let retry = format!("/api/runs/{}/retry", failed["id"].as_str().expect("an id"));
            for (path, body) in [
                (RUNS, json!({"kind": "row", "key": TARO.to_string()})),
                (RUNS, json!({"kind": "resend"})),
                (&retry, json!({})),
            ] {
                let answer = admin.posts(path, &body).await;
                assert_eq!(answer.verdict(), "409 run_in_progress", "{body}: {}", answer.text);
                assert!(answer.text.contains(id) && answer.text.contains("`contracts`"), "{}", answer.text);
            }
            let joined = admin.posts(RUNS, &json!({})).await;
            assert_eq!((joined.verdict(), &joined.json()["run"]["id"]), ("202".into(), &json!(id)));
            assert_eq!(admin.posts(&format!("/api/runs/{id}/cancel"), &json!({})).await.verdict(), "200");
            let one = run(bed, &admin, json!({"kind": "row", "key": TARO.to_string()})).await;
            assert_eq!((&one["state"], &one["counts"]["read"]), (&json!("completed"), &json!(1)), "{one}");
            let lost = admin.gets("/api/runs?state=lost").await;
            assert_eq!(lost.verdict(), "400 query_invalid", "{}", lost.text);
        })
        .await;
}

/// check(for how many seconds a record takes no changes, how often it is sent, what becomes of its row)
#[tokio::test]
async fn a_row_whose_record_is_busy_is_sent_again_in_its_run() {
    async fn check(seconds: i64, sent: usize, outcome: &str) {
        bed()
            .run_on_each(async |bed| {
                bed.vendors().make_users(250);
                bed.pass(120);
                let admin = bed.agent(ADMIN).await;
                assert_eq!(keep(&admin, &definition()).await.verdict(), "201");
                let dry = run(bed, &admin, json!({"kind": "dry"})).await;
                bed.vendors().exhaust_user(HANAKO, seconds);
                let start = json!({"accept": dry["id"]});
                let started = admin.posts(RUNS, &start).await.json()["run"].clone();
                bed.run_jobs().await;
                for _ in 0..10 {
                    bed.pass(2);
                    bed.run_jobs().await;
                }
                let others =
                    usize::try_from(dry["counts"]["matched"].as_u64().expect("a number")).expect("few");
                assert_eq!(updates(bed), others.div_ceil(100), "the others go on meanwhile");
                assert_eq!(field(bed, TARO, "sfdc_company_name"), "Company of 山田 太郎");
                assert_eq!(field(bed, HANAKO, "sfdc_company_name"), "青葉商事株式会社");
                let done = until_it_ends(bed, &admin, started["id"].as_str().expect("an id")).await;
                assert_eq!(done["state"], "completed", "{done}");
                assert_eq!(updates(bed), others.div_ceil(100) + sent - 1, "{done}");
                let row = rows(&admin, &done, &format!("{outcome}&limit=500")).await;
                let row = row.iter().find(|row| row["destination_id"] == *HANAKO.to_string()).cloned();
                let row = row.unwrap_or_else(|| panic!("{outcome}: {done}"));
                if outcome == "waiting" {
                    let why = row["reason"].as_str().unwrap_or_default();
                    assert!(why.contains("takes no more changes"), "{row}");
                    assert_eq!(done["counts"]["waiting"], 1, "{done}");
                } else {
                    assert_eq!(field(bed, HANAKO, "sfdc_company_name"), "Company of 佐藤 花子");
                    assert_eq!(done["counts"]["waiting"], 0, "{done}");
                }
            })
            .await;
    }
    check(50, 2, "updated").await;
    check(3_600, 3, "waiting").await;
}

#[tokio::test]
async fn a_cancelled_run_sends_no_row_that_it_held() {
    bed()
        .run_on_each(async |bed| {
            let admin = bed.agent(ADMIN).await;
            assert_eq!(keep(&admin, &definition()).await.verdict(), "201");
            let dry = run(bed, &admin, json!({"kind": "dry"})).await;
            bed.vendors().exhaust_user(HANAKO, 50);
            let started = admin.posts(RUNS, &json!({"accept": dry["id"]})).await.json()["run"].clone();
            bed.run_jobs().await;
            for _ in 0..10 {
                bed.pass(2);
                bed.run_jobs().await;
            }
            let id = started["id"].as_str().expect("an id");
            assert_eq!(admin.posts(&format!("/api/runs/{id}/cancel"), &json!({})).await.verdict(), "200");
            bed.pass(120);
            bed.run_jobs_to_the_end().await;
            assert_eq!(field(bed, HANAKO, "sfdc_company_name"), "青葉商事株式会社");
            let shown = admin.gets(&format!("/api/runs/{id}")).await.json()["run"].clone();
            assert_eq!(
                (&shown["state"], &shown["counts"]["waiting"]),
                (&json!("cancelled"), &json!(1)),
                "{shown}"
            );
            let next = run(bed, &admin, Value::Object(serde_json::Map::new())).await;
            assert_eq!(
                (&next["state"], &next["counts"]["updated"]),
                (&json!("completed"), &json!(1)),
                "{next}"
            );
        })
        .await;
}

#[tokio::test]
async fn a_destination_that_takes_nothing_is_left_alone_for_a_while() {
    bed()
        .run_on_each(async |bed| {
            let admin = bed.agent(ADMIN).await;
            assert_eq!(keep(&admin, &definition()).await.verdict(), "201");
            let dry = run(bed, &admin, json!({"kind": "dry"})).await;
            let on = Matching { path_contains: Some("update_many".into()), ..Matching::default() };
            let fault = Fault::Status { status: 429, retry_after: Some(2) };
            let fault = bed.vendors().fault(FaultRule { on, times: u32::MAX, skip: 0, fault });
            let started = admin.posts(RUNS, &json!({"accept": dry["id"]})).await.json()["run"].clone();
            bed.run_jobs().await;
            let in_vain = bed.vendors().met(fault);
            assert!((1..=10).contains(&in_vain), "{in_vain} calls before it is left alone");
            bed.vendors().mend(fault);
            let done = until_it_ends(bed, &admin, started["id"].as_str().expect("an id")).await;
            assert_eq!(
                (&done["state"], &done["counts"]["waiting"]),
                (&json!("completed"), &json!(0)),
                "{done}"
            );
        })
        .await;
}
