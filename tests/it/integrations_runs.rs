//! Runs as people use them: rows that are looked at first, files, rows that are sent again, who is told, and what the ledger says of it.

use deskside::store::ledger;
use reqwest::Method;
use serde_json::{Value, json};

use crate::integrations::{
    ADMIN, HANAKO, definition, field, first_run, keep, rows, run, until_it_ends, with,
};
use crate::support::actors::Visitor;
use crate::support::receiver::{Delivery, Receiver};
use crate::support::testbed::{Testbed, bed};

const PREVIEW: &str = "/api/integrations/contracts/preview";

fn id(run: &Value) -> &str {
    run["id"].as_str().expect("an id")
}

/// What the ledger has of integrations and of looks at rows: who, what, and of what.
async fn recorded(bed: &Testbed) -> Vec<(String, Value)> {
    let all = ledger::export(&bed.db, "acme", None, (0, 1_000), 1_000).await.expect("it is read");
    let admin = format!("agent:{ADMIN}");
    let rows = all.into_iter().filter(|row| {
        row.entry.action.starts_with("integration_") || row.entry.action == "connection_sampled"
    });
    rows.map(|row| {
        assert_eq!(row.entry.actor, admin);
        (row.entry.action, row.entry.detail)
    })
    .collect()
}

/// One row whose number Zendesk's field does not take.
fn unfit() -> Value {
    with(|it| {
        it["model"]["sql"] = json!(format!(
            "SELECT id AS user_id, 'Aoba' AS company, '1,000' AS mrr FROM people WHERE id = {HANAKO}
             UNION ALL SELECT id, 'Taro', '5' FROM people WHERE role = 'end-user' AND id <> {HANAKO}"
        ));
    })
}

#[tokio::test]
async fn an_editor_sees_the_first_rows_before_anything_is_kept() {
    bed()
        .run_on_each(async |bed| {
            let admin = bed.agent(ADMIN).await;
            keep(&admin, &definition()).await;
            let first = admin.posts(PREVIEW, &json!({})).await;
            assert_eq!(first.verdict(), "200", "{}", first.text);
            let shown = first.json();
            let columns: Vec<_> =
                shown["columns"].as_array().expect("columns").iter().map(|one| &one["name"]).collect();
            assert_eq!(columns, ["user_id", "email", "company", "mrr"]);
            assert_eq!(shown["columns"][3]["type"], "decimal");
            assert_eq!(shown["rows"].as_array().expect("rows").len(), 20);
            assert_eq!(shown["sources"][0]["run"], Value::Null, "nothing has run");
            let dry = run(bed, &admin, json!({"kind": "dry"})).await;
            let other = format!("SELECT name FROM people WHERE id = {HANAKO}");
            let shown = admin.posts(PREVIEW, &json!({"model": {"sql": other}})).await.json();
            assert_eq!(shown["rows"], json!([["佐藤 花子"]]));
            assert_eq!(shown["sources"][0]["run"], dry["id"], "over what the run has read");
            assert_eq!(shown["sources"][0]["whole"], true);
            let kept = admin.gets("/api/integrations/contracts").await.json();
            assert_eq!(kept["definition"]["model"], definition()["model"]);
            let looks: Vec<_> =
                recorded(bed).await.into_iter().filter(|(what, _)| what == "integration_previewed").collect();
            let detail = json!({"integration": "contracts", "rows": 20});
            assert_eq!(looks[0], ("integration_previewed".to_owned(), detail));
            assert_eq!(looks.len(), 2);
        })
        .await;
}

/// check(a model, the code, words of the message, its line and column)
#[tokio::test]
async fn a_model_that_cannot_be_previewed_names_its_place() {
    async fn check(admin: &Visitor, sql: &str, told: &str, place: Value) {
        let refused = admin.posts(PREVIEW, &json!({"model": {"sql": sql}})).await;
        assert_eq!(refused.verdict(), "422 model_invalid", "{sql}: {}", refused.text);
        let error = refused.json()["error"].clone();
        assert!(error["message"].as_str().expect("a text").contains(told), "{error}");
        assert_eq!(json!([error["line"], error["column"]]), place, "{error}");
    }
    bed()
        .run(async |bed| {
            let admin = bed.agent(ADMIN).await;
            keep(&admin, &definition()).await;
            check(&admin, "SELECT id,\n  nme FROM people", "nme", json!([2, 3])).await;
            check(&admin, "SELECT id FROM peple", "peple", json!([1, 16])).await;
            check(&admin, "SELECT * FROM '/etc/passwd'", "passwd", json!([null, null])).await;
            check(&admin, "SELECT CAST(name AS BIGINT) AS n FROM people", "", json!([null, null])).await;
            let unknown = admin.posts("/api/integrations/nobody/preview", &json!({})).await;
            assert_eq!(unknown.verdict(), "404 integration_not_found");
        })
        .await;
}

#[tokio::test]
async fn a_connection_shows_its_objects_fields_and_first_rows() {
    bed()
        .run_on_each(async |bed| {
            let admin = bed.agent(ADMIN).await;
            let objects = admin.gets("/api/connections/zendesk/objects").await.json();
            assert_eq!(objects["objects"][0]["name"], "users", "{objects}");
            let fields = admin.gets("/api/connections/zendesk/objects/users/fields").await.json();
            let fields = fields["fields"].as_array().expect("fields").clone();
            let of = |name: &str| fields.iter().find(|one| one["name"] == name).expect("a field").clone();
            assert_eq!((&of("email")["key"], &of("sfdc_mrr")["type"]), (&json!(true), &json!("decimal")));
            assert!(of("sfdc_account_type")["values"].as_array().is_some_and(|all| !all.is_empty()));
            assert_eq!((&of("sfdc_mrr")["label"], &of("name")["key"]), (&json!("MRR"), &json!(false)));
            assert_eq!(objects["objects"][1]["can"], json!(["read", "update", "create"]));
            let companies = admin.gets("/api/connections/zendesk/objects/organizations/fields").await.json();
            let companies = companies["fields"].as_array().expect("fields").clone();
            let names: Vec<_> = companies.iter().map(|one| one["name"].as_str().expect("a name")).collect();
            assert!(names.contains(&"external_id") && !names.contains(&"email") && !names.contains(&"role"));
            let absent = admin.gets("/api/connections/zendesk/objects/cats/fields").await;
            assert_eq!(absent.verdict(), "422 source_unreadable");
            let read = json!({"read": {"kind": "users"}});
            let sample = admin.posts("/api/connections/zendesk/sample", &read).await.json();
            assert_eq!(sample["rows"].as_array().expect("rows").len(), 20, "{sample}");
            let wrong = json!({"read": {"kind": "sql", "sql": "SELECT 1"}});
            let refused = admin.posts("/api/connections/zendesk/sample", &wrong).await;
            assert_eq!(refused.verdict(), "422 source_unreadable");
            let absent = admin.posts("/api/connections/nobody/sample", &read).await;
            assert_eq!(absent.verdict(), "404 connection_not_found");
            let detail = json!({"connection": "zendesk", "read": "users", "rows": 20});
            assert_eq!(recorded(bed).await, [("connection_sampled".to_owned(), detail)]);
        })
        .await;
}

#[tokio::test]
async fn rows_that_were_refused_are_mended_and_only_they_are_sent_again() {
    bed()
        .run_on_each(async |bed| {
            let admin = bed.agent(ADMIN).await;
            let failed = first_run(bed, &admin, &unfit()).await;
            assert_eq!(failed["counts"]["rejected"], 1, "{failed}");
            let retry = format!("/api/runs/{}/retry", id(&failed));
            bed.vendors().set_user_fields(HANAKO + 11 * 128, &json!({"sfdc_company_name": "By hand"}));
            let again =
                until_it_ends(bed, &admin, id(&admin.posts(&retry, &json!({})).await.json()["run"])).await;
            let counts = &again["counts"];
            assert_eq!((&counts["read"], &counts["rejected"]), (&json!(1), &json!(1)), "{again}");
            assert_eq!(again["retry_of"], failed["id"]);
            assert_eq!(rows(&admin, &again, "rejected").await.len(), 1);
            let mended = with(|it| {
                it["model"]["sql"] =
                    json!(unfit()["model"]["sql"].as_str().expect("SQL").replace("1,000", "1000"));
            });
            keep(&admin, &mended).await;
            assert_eq!(admin.posts(&retry, &json!({})).await.verdict(), "409 dry_run_needed");
            let dry = run(bed, &admin, json!({"kind": "dry"})).await;
            let accepted = run(bed, &admin, json!({"kind": "row", "key": "7", "accept": dry["id"]})).await;
            assert_eq!(accepted["counts"]["read"], 0, "{accepted}");
            let done =
                until_it_ends(bed, &admin, id(&admin.posts(&retry, &json!({})).await.json()["run"])).await;
            let counts = &done["counts"];
            assert_eq!((&counts["read"], &counts["updated"]), (&json!(1), &json!(1)), "{done}");
            assert_eq!(field(bed, HANAKO, "sfdc_company_name"), "Aoba");
            assert_eq!(field(bed, HANAKO + 11 * 128, "sfdc_company_name"), "By hand", "nobody asked for it");
            let nothing = admin.posts(&format!("/api/runs/{}/retry", id(&done)), &json!({})).await;
            assert_eq!(nothing.verdict(), "409 nothing_to_retry");
        })
        .await;
}

#[tokio::test]
async fn one_row_is_sent_and_what_was_said_about_it_is_shown() {
    bed()
        .run_on_each(async |bed| {
            let admin = bed.agent(ADMIN).await;
            first_run(bed, &admin, &definition()).await;
            let keyless = admin.posts("/api/integrations/contracts/runs", &json!({"kind": "row"})).await;
            assert_eq!(keyless.verdict(), "422 integration_invalid");
            bed.pass(120);
            let one = run(bed, &admin, json!({"kind": "row", "key": HANAKO.to_string()})).await;
            assert_eq!((&one["counts"]["read"], &one["calls"]), (&json!(1), &json!(1)), "{one}");
            let row = &rows(&admin, &one, "updated").await[0];
            let said = &row["exchange"];
            assert_eq!((&said["record"], &said["answer"]), (&json!(HANAKO.to_string()), &json!("updated")));
            let company = json!({
                "field": "sfdc_company_name", "sent": "Company of 佐藤 花子", "holds": "Company of 佐藤 花子",
            });
            assert_eq!(said["fields"][0], company, "{said}");
            assert_eq!(said["gone"], false);
        })
        .await;
}

#[tokio::test]
async fn the_rows_of_a_run_are_a_file_that_opens_harmlessly() {
    bed()
        .run_on_each(async |bed| {
            let admin = bed.agent(ADMIN).await;
            let formula = with(|it| {
                it["model"]["sql"] = json!(
                    "SELECT CAST(id AS VARCHAR) AS user_id, 'x' AS company, 1 AS mrr FROM people WHERE role = 'end-user'
                     UNION ALL SELECT '=1+1', 'x', 1 UNION ALL SELECT '-7', 'x', 1"
                );
            });
            let dry_run = {
                keep(&admin, &formula).await;
                run(bed, &admin, json!({"kind": "dry"})).await
            };
            let export = |query: &str| format!("/api/runs/{}/export?{query}", id(&dry_run));
            let all = admin.gets(&export("format=jsonl")).await;
            assert_eq!(all.verdict(), "200");
            let lines: Vec<Value> =
                all.text.lines().map(|line| serde_json::from_str(line).expect("a row")).collect();
            assert_eq!(json!(lines.len()), dry_run["counts"]["read"]);
            let csv = admin.gets(&export("format=csv&outcome=unmatched")).await.text;
            let lines: Vec<&str> = csv.lines().collect();
            assert_eq!(lines[0], "seq,key,destination_id,outcome,reason,changes,drifted,label");
            assert_eq!(lines.len(), 3, "{csv}");
            assert!(lines.iter().any(|line| line.contains("\"'=1+1\",,unmatched")), "{csv}");
            assert!(lines.iter().any(|line| line.contains(",-7,,unmatched")), "a number stays one: {csv}");
            assert_eq!(admin.gets(&export("format=csv&outcome=lost")).await.verdict(), "400 query_invalid");
            let log = admin.gets(&format!("/api/runs/{}/log", id(&dry_run))).await.text;
            assert!(log.contains("info") && log.contains("matched"), "{log}");
            let saved: Vec<_> =
                recorded(bed).await.into_iter().filter(|(what, _)| what == "integration_exported").collect();
            assert_eq!(saved[1].1["outcome"], "unmatched");
            assert_eq!(saved.len(), 2);
        })
        .await;
}

#[tokio::test]
async fn what_people_do_with_integrations_is_in_the_ledger() {
    bed()
        .run_on_each(async |bed| {
            let admin = bed.agent(ADMIN).await;
            let done = first_run(bed, &admin, &definition()).await;
            keep(&admin, &with(|it| it["on_drift"] = json!("keep"))).await;
            let other = run(bed, &admin, json!({"kind": "dry"})).await;
            let cancelled = admin.posts(&format!("/api/runs/{}/cancel", id(&other)), &json!({})).await;
            assert_eq!(cancelled.verdict(), "409 run_ended", "and a refusal is no row");
            let gone = admin.request(Method::DELETE, "/api/integrations/contracts").send().await;
            assert_eq!(gone.expect("an answer").status(), 204);
            let said = recorded(bed).await;
            let actions: Vec<_> = said.iter().map(|(action, _)| action.as_str()).collect();
            let expected = [
                "integration_added",
                "integration_started",
                "integration_started",
                "integration_changed",
                "integration_started",
                "integration_deleted",
            ];
            assert_eq!(actions, expected);
            assert_eq!(said[1].1["kind"], "dry");
            assert_eq!((&said[2].1["kind"], &said[2].1["run"]), (&json!("run"), &done["id"]));
            assert_eq!(said[2].1["accepted"], said[1].1["run"]);
            assert_eq!(said[3].1, json!({"integration": "contracts", "changed": ["on_drift"]}));
            let texts = json!(said.iter().map(|(_, detail)| detail).collect::<Vec<_>>()).to_string();
            assert!(!texts.contains("SELECT"), "{texts}");
        })
        .await;
}

#[tokio::test]
async fn trouble_and_its_end_are_told_once() {
    let (url, receiver) = Receiver::listen().await;
    bed()
        .setting("notify.webhook_url", &url)
        .run_on_each(async |bed| {
            let heard = || -> Vec<Value> { receiver.heard().iter().map(Delivery::json).collect() };
            let admin = bed.agent(ADMIN).await;
            first_run(bed, &admin, &definition()).await;
            bed.run_jobs_to_the_end().await;
            assert_eq!(heard(), [] as [Value; 0], "it was well, and is");
            let broken = |sql: &str| {
                let sql = sql.to_owned();
                with(move |it| it["model"]["sql"] = json!(sql))
            };
            keep(&admin, &broken("SELECT id AS user_id, 'x' AS company, 'y' AS mrr FROM people")).await;
            let dry = run(bed, &admin, json!({"kind": "dry"})).await;
            for start in [json!({"accept": dry["id"]}), json!({})] {
                let failed = run(bed, &admin, start).await;
                assert_eq!(failed["problem"]["code"], "all_rejected", "{failed}");
                bed.run_jobs_to_the_end().await;
            }
            let [told] = <[Value; 1]>::try_from(heard()).expect("told once");
            assert_eq!((&told["change"], &told["code"]), (&json!("failed"), &json!("all_rejected")));
            let text = told["text"].as_str().expect("a text");
            assert!(text.contains("the integration \"Contracts\" has failed: all"), "{text}");
            let listed = admin.gets("/api/integrations").await.json();
            assert_eq!(listed["integrations"][0]["trouble"], "all_rejected");
            first_run(bed, &admin, &definition()).await;
            bed.run_jobs_to_the_end().await;
            let changes: Vec<_> = heard().iter().map(|told| told["change"].clone()).collect();
            assert_eq!(changes, [json!("recovered")]);
        })
        .await;
}

#[tokio::test]
async fn trouble_is_a_ticket_of_a_group_and_its_end_a_note_in_it() {
    bed()
        .run(async |bed| {
            let admin = bed.agent(ADMIN).await;
            let group = 4_242;
            let wrong = with(|it| {
                it["alert"] = json!({"zendesk_group": group});
                it["model"]["sql"] = json!("SELECT id AS user_id, 'x' AS company, 'y' AS mrr FROM people");
            });
            let before = bed.vendors().calls().len();
            first_run(bed, &admin, &wrong).await;
            bed.run_jobs_to_the_end().await;
            let posted = |path: &str| -> Vec<_> {
                let calls = bed.vendors().calls();
                calls
                    .into_iter()
                    .skip(before)
                    .filter(|call| call.method == "POST" && call.path == path)
                    .collect()
            };
            assert_eq!(posted("/api/v2/tickets").len(), 1);
            let right = with(|it| it["alert"] = json!({"zendesk_group": group}));
            first_run(bed, &admin, &right).await;
            bed.run_jobs_to_the_end().await;
            assert_eq!(posted("/api/v2/tickets").len(), 1, "its end is no second ticket");
        })
        .await;
}

#[tokio::test]
async fn only_editors_see_rows() {
    async fn check(admin: &Visitor, path: &str, body: Option<Value>) {
        let answer = match body {
            Some(body) => admin.posts(path, &body).await,
            None => admin.gets(path).await,
        };
        assert_eq!(answer.verdict(), "403 connection_editors_only", "{path}");
    }
    bed()
        .setting("integrations.editors", "addresses:somebody@example.com")
        .run(async |bed| {
            let admin = bed.agent(ADMIN).await;
            check(&admin, PREVIEW, Some(json!({}))).await;
            check(&admin, "/api/connections/zendesk/sample", Some(json!({"read": {"kind": "users"}}))).await;
            check(&admin, "/api/connections/zendesk/objects", None).await;
            check(&admin, "/api/connections/zendesk/objects/users/fields", None).await;
            check(&admin, "/api/runs/1/export?format=csv", None).await;
        })
        .await;
}
