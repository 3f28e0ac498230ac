//! What the console needs to know of integrations: who may do what, when the next run is, which rows somebody changed, and why a row was not
//! written, for every language.

use deskside::store::ledger;
use reqwest::Method;
use serde_json::{Value, json};

use crate::command_line::runs;
use crate::integrations::{
    ADMIN, HANAKO, TARO, definition, field, first_run, keep, rows, run, until_it_ends, with,
};
use crate::support::actors::{Answer, Visitor};
use crate::support::testbed::bed;

async fn switch(admin: &Visitor, enabled: bool) -> Answer {
    let path = "/api/integrations/contracts/enabled";
    Answer::to(admin.request(Method::PUT, path).json(&json!({"enabled": enabled}))).await
}

async fn listed(admin: &Visitor) -> Value {
    admin.gets("/api/integrations").await.json()["integrations"][0].clone()
}

fn daily() -> Value {
    with(|it| it["schedule"] = json!({"kind": "daily", "at": "09:00", "time_zone": "Asia/Tokyo"}))
}

#[tokio::test]
async fn an_integration_is_paused_and_enabled_and_stays_as_it_was_edited() {
    bed()
        .run_on_each(async |bed| {
            let admin = bed.agent(ADMIN).await;
            assert_eq!(switch(&admin, true).await.verdict(), "404 integration_not_found");
            first_run(bed, &admin, &daily()).await;
            let next = listed(&admin).await["next_run_at"].as_str().unwrap_or_default().to_owned();
            assert!(next.ends_with("T00:00:00.000Z"), "nine in Tokyo: {next}");

            let before = admin.gets("/api/integrations/contracts").await.json();
            let paused = switch(&admin, false).await;
            assert_eq!((paused.verdict(), &paused.json()["enabled"]), ("200".into(), &json!(false)));
            assert_eq!(paused.json()["definition"], before["definition"]);
            let one = listed(&admin).await;
            assert_eq!((&one["enabled"], &one["next_run_at"]), (&json!(false), &Value::Null));
            // Who had it open before writes nothing over it.
            let late =
                Answer::to(admin.request(Method::PUT, "/api/integrations/contracts").json(&before)).await;
            assert_eq!(late.verdict(), "409 integration_changed");

            // Meanwhile another one writes its fields.
            let other = json!({"id": "other", "name": "Other", "enabled": true, "definition": definition()});
            assert_eq!(admin.posts("/api/integrations", &other).await.verdict(), "201");
            let refused = switch(&admin, true).await;
            assert_eq!(refused.verdict(), "422 integration_invalid");
            assert!(refused.text.contains("by the integration `Other`"), "{}", refused.text);
            let gone = admin.request(Method::DELETE, "/api/integrations/other").send().await;
            assert_eq!(gone.expect("an answer").status(), 204);
            for _ in 0..2 {
                assert_eq!(switch(&admin, true).await.verdict(), "200", "also where it is so already");
            }
            let one = listed(&admin).await;
            assert_eq!((&one["enabled"], &one["next_run_at"]), (&json!(true), &json!(next)));
            assert_eq!(run(bed, &admin, json!({})).await["state"], "completed", "its plan stays accepted");

            let all = ledger::export(&bed.db, "acme", None, (0, 1_000), 1_000).await.expect("it is read");
            let said = all.into_iter().filter(|row| row.entry.action == "integration_changed");
            let said: Vec<Value> = said.map(|row| row.entry.detail).collect();
            let change = json!({"integration": "contracts", "changed": ["enabled"]});
            assert_eq!(said, [change.clone(), change]);
        })
        .await;
}

#[tokio::test]
async fn rows_whose_record_somebody_changed_are_listed_and_saved() {
    bed()
        .run_on_each(async |bed| {
            let admin = bed.agent(ADMIN).await;
            let keeps = with(|it| it["on_drift"] = json!("keep"));
            first_run(bed, &admin, &keeps).await;
            for (user, fields) in [
                (TARO, json!({"sfdc_company_name": "By hand"})),
                (HANAKO, json!({"sfdc_company_name": "By hand", "sfdc_mrr": null})),
            ] {
                bed.vendors().set_user_fields(user, &fields);
            }
            bed.pass(120);
            let run = run(bed, &admin, json!({})).await;
            assert_eq!(run["counts"]["drifted"], 2, "{run}");
            let of = format!("/api/runs/{}", run["id"].as_str().expect("an id"));
            let drifted = admin.gets(&format!("{of}/rows?drifted=true")).await.json()["rows"].clone();
            let drifted = drifted.as_array().expect("rows");
            assert_eq!(drifted.len(), 2, "{drifted:?}");
            for row in drifted {
                let is_one = row["destination_id"] == *TARO.to_string();
                let fields = if is_one { "`sfdc_company_name`" } else { "`sfdc_company_name`, `sfdc_mrr`" };
                assert_eq!((&row["outcome"], &row["drifted"]), (&json!("kept"), &json!(true)), "{row}");
                assert_eq!(row["reason_about"], json!([fields]), "{row}");
            }
            let csv = admin.gets(&format!("{of}/export?format=csv&drifted=true")).await.text;
            let lines: Vec<&str> = csv.lines().collect();
            assert!(lines.len() == 3 && lines[1].contains(",true,"), "{csv}");
            let none = admin.gets(&format!("{of}/rows?drifted=true&outcome=rejected")).await.json();
            assert_eq!(none["rows"], json!([]));
            assert_eq!(field(bed, TARO, "sfdc_company_name"), "By hand");
        })
        .await;
}

/// check(the model, the outcome of one row, and why: the sentence, its code, and what it is about)
#[tokio::test]
async fn why_a_row_was_not_written_is_said_for_programs_too() {
    async fn check(sql: &str, outcome: &str, reason: &str, code: &str, about: &[&str]) {
        let sql = sql.replace("HANAKO", &HANAKO.to_string());
        let definition = with(|it| it["model"]["sql"] = json!(sql));
        bed()
            .run(async |bed| {
                let admin = bed.agent(ADMIN).await;
                assert_eq!(keep(&admin, &definition).await.verdict(), "201");
                let dry = run(bed, &admin, json!({"kind": "dry"})).await;
                let found = rows(&admin, &dry, outcome).await;
                assert_eq!(found.len(), 1, "{dry}");
                assert_eq!(
                    (&found[0]["reason"], &found[0]["reason_code"]),
                    (&json!(reason), &json!(code)),
                    "{found:?}"
                );
                let said = found[0]["reason_about"].as_array().cloned().unwrap_or_default();
                assert_eq!(json!(said), json!(about));
            })
            .await;
    }
    let one = |mrr: &str| format!("SELECT HANAKO AS user_id, 'Aoba' AS company, {mrr} AS mrr");
    let unknown = "SELECT 1 AS user_id, 'Aoba' AS company, 1 AS mrr";
    check(unknown, "unmatched", "no record has this key", "no_record", &[]).await;
    check(
        &one("'1,000'"),
        "rejected",
        "`sfdc_mrr` takes a number like 1200.5, and the value is `1,000`",
        "not_a_number",
        &["sfdc_mrr", "1,000"],
    )
    .await;
    let twice = format!("{0} UNION ALL {0}", one("5"));
    let told = "2 rows have this key; let the model give one (GROUP BY, or DISTINCT)";
    check(&twice, "duplicate", told, "duplicate_key", &["2"]).await;
}

#[tokio::test]
async fn runs_name_their_integration_and_the_list_says_who_may_edit() {
    bed()
        .run(async |bed| {
            let admin = bed.agent(ADMIN).await;
            keep(&admin, &daily()).await;
            assert_eq!(listed(&admin).await["next_run_at"], Value::Null, "nobody has accepted a dry run");
            run(bed, &admin, json!({"kind": "dry"})).await;
            let run = admin.gets("/api/runs").await.json()["runs"][0].clone();
            assert_eq!((&run["name"], &run["object"]), (&json!("Contracts"), &json!("users")), "{run}");
            assert_eq!(admin.gets("/api/integrations").await.json()["may_edit"], true);
        })
        .await;
    bed()
        .setting("integrations.editors", "addresses:somebody@example.com")
        .run(async |bed| {
            let admin = bed.agent(ADMIN).await;
            assert_eq!(admin.gets("/api/integrations").await.json()["may_edit"], false);
            assert_eq!(switch(&admin, true).await.verdict(), "403 connection_editors_only");
        })
        .await;
}

#[tokio::test]
async fn a_row_says_whom_it_is_about_and_those_that_were_there_can_be_left_out() {
    bed()
        .run_on_each(async |bed| {
            let admin = bed.agent(ADMIN).await;
            let there = json!({"sfdc_company_name": "Company of 佐藤 花子", "sfdc_mrr": 1200.5});
            bed.vendors().set_user_fields(HANAKO, &there);
            let done = first_run(bed, &admin, &definition()).await;
            let of = format!("/api/runs/{}", done["id"].as_str().expect("an id"));
            let listed = async |which: &str| {
                let list = admin.gets(&format!("{of}/rows?limit=500{which}")).await.json();
                list["rows"].as_array().expect("rows").clone()
            };
            let (all, changed) = (listed("").await, listed("&adopted=false").await);
            assert_eq!(
                (all.len(), all.iter().filter(|row| row["outcome"] == "adopted").count()),
                (changed.len() + 1, 1)
            );
            let others: Vec<_> = all.iter().filter(|row| row["outcome"] != "adopted").cloned().collect();
            assert_eq!(changed, others, "in the same order");
            let second = format!("&adopted=false&limit=1&after={}", changed[0]["seq"]);
            let second = admin.gets(&format!("{of}/rows?{}", &second[1..])).await.json();
            assert_eq!(second["rows"][0], changed[1], "page by page");
            let adopted = listed("&outcome=adopted&adopted=false").await;
            assert_eq!(adopted.len(), 1, "an outcome that is named is listed");
            let address = bed.vendors().user(HANAKO).expect("a user")["email"].clone();
            assert_eq!(adopted[0]["label"], address);
            let csv = admin.gets(&format!("{of}/export?format=csv")).await.text;
            assert!(csv.contains(&format!(",false,{}", address.as_str().expect("an address"))), "{csv}");
            assert_eq!(csv.lines().count(), all.len() + 1, "a file has all of them");
        })
        .await;
}

#[tokio::test]
async fn a_run_says_how_long_it_worked_in_each_phase() {
    bed()
        .run_on_each(async |bed| {
            let admin = bed.agent(ADMIN).await;
            first_run(bed, &admin, &definition()).await;
            let emptied = with(|it| {
                it["model"]["sql"] = json!("SELECT id AS user_id, CAST(NULL AS VARCHAR) AS company, 1 AS mrr FROM people WHERE role = 'end-user'");
            });
            let stopped = first_run(bed, &admin, &emptied).await;
            assert_eq!(stopped["state"], "stopped", "{stopped}");
            bed.pass(3_600);
            let admin = bed.agent(ADMIN).await;
            let id = stopped["id"].as_str().expect("an id");
            assert_eq!(admin.posts(&format!("/api/runs/{id}/confirm"), &json!({})).await.verdict(), "200");
            let done = until_it_ends(bed, &admin, id).await;
            let phases = done["phases"].as_array().expect("phases");
            let names: Vec<_> = phases.iter().map(|one| one["phase"].as_str().unwrap_or_default()).collect();
            let names: Vec<_> = names.into_iter().filter(|name| *name != "model").collect();
            assert_eq!(names, ["reading", "comparing", "delivering", "copying"], "{done}");
            let took: u64 = phases.iter().map(|one| one["ms"].as_u64().expect("a time")).sum();
            let whole = done["runtime_ms"].as_u64().expect("a time");
            assert!(took < 600_000 && whole >= 3_600_000, "{done}");
            let shown = runs(bed, &[], &["runs", "show", id]).await.1;
            assert!(shown.contains("reading 0.") && shown.contains("copying 0."), "{shown}");
        })
        .await;
}
