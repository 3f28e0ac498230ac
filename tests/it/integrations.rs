//! What is brought from where to where, over HTTP, with Zendesk as source and destination: runs, what they count, what they write,
//! and when they ask first.

use deskside::store::query;
use deskside_sandbox::credentials;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::actors::{Answer, Visitor};
use crate::support::testbed::{Testbed, bed};

pub const ADMIN: u64 = credentials::ADMIN_ID;
/// 佐藤 花子, whose ticket is 42.
pub const HANAKO: u64 = 26_155_588_908_160;
pub const TARO: u64 = HANAKO + 11 * 128;

/// Every customer's company gets their role and name.
pub fn definition() -> Value {
    json!({
        "sources": [{"as": "people", "connection": "zendesk", "read": {"kind": "users"}}],
        "model": {"sql": "SELECT id AS user_id, email, concat('Company of ', name) AS company, 1200.50 AS mrr
                            FROM people WHERE role = 'end-user'"},
        "destination": {"connection": "zendesk", "object": "users", "mode": "update"},
        "key": {"column": "user_id", "field": "id"},
        "mapping": [
            {"column": "company", "field": "sfdc_company_name"},
            {"column": "mrr", "field": "sfdc_mrr"},
        ],
    })
}

pub fn with(change: impl FnOnce(&mut Value)) -> Value {
    let mut definition = definition();
    change(&mut definition);
    definition
}

pub async fn keep(admin: &Visitor, definition: &Value) -> Answer {
    let known = admin.gets("/api/integrations/contracts").await;
    let body = json!({"id": "contracts", "name": "Contracts", "enabled": true, "definition": definition});
    if known.verdict() != "200" {
        return admin.posts("/api/integrations", &body).await;
    }
    let mut body = body;
    body["version"] = known.json()["version"].clone();
    Answer::to(admin.request(Method::PUT, "/api/integrations/contracts").json(&body)).await
}

/// An integration that is not kept, for what is wrong at this place.
pub async fn refused_at(admin: &Visitor, definition: &Value, place: &str, told: &str) {
    let refused = keep(admin, definition).await;
    assert_eq!(refused.verdict(), "422 integration_invalid", "{}", refused.text);
    assert_eq!(refused.json()["error"]["field"], place, "{}", refused.text);
    assert!(refused.text.contains(told), "{}", refused.text);
}

/// Starts a run and works until it ended or stopped.
pub async fn run(bed: &Testbed, admin: &Visitor, start: Value) -> Value {
    let started = admin.posts("/api/integrations/contracts/runs", &start).await;
    assert_eq!(started.verdict(), "202", "{}", started.text);
    let id = started.json()["run"]["id"].as_str().expect("an id").to_owned();
    until_it_ends(bed, admin, &id).await
}

pub async fn until_it_ends(bed: &Testbed, admin: &Visitor, id: &str) -> Value {
    for _ in 0..200 {
        bed.run_jobs().await;
        let run = admin.gets(&format!("/api/runs/{id}")).await.json()["run"].clone();
        let is_working = ["queued", "running"].contains(&run["state"].as_str().expect("a state"));
        if !is_working {
            return run;
        }
        bed.pass(2);
    }
    let log = admin.gets(&format!("/api/runs/{id}/log")).await.text;
    let jobs = query("SELECT last_error FROM jobs WHERE kind = 'integration_run' AND last_error IS NOT NULL");
    let why: Vec<String> =
        jobs.all_as(&bed.db, |row| row.get("last_error")).await.expect("the database answers");
    panic!("the run does not end: {why:?}\n{log}");
}

/// A dry run, then a run that accepts it.
pub async fn first_run(bed: &Testbed, admin: &Visitor, definition: &Value) -> Value {
    let kept = keep(admin, definition).await;
    assert!(["200", "201"].contains(&kept.verdict().as_str()), "{}", kept.text);
    let dry = run(bed, admin, json!({"kind": "dry"})).await;
    assert_eq!(dry["state"], "completed", "{dry}");
    run(bed, admin, json!({"accept": dry["id"]})).await
}

pub fn field(bed: &Testbed, user: u64, key: &str) -> Value {
    bed.vendors().user(user).expect("a user")["user_fields"][key].clone()
}

pub async fn rows(admin: &Visitor, run: &Value, outcome: &str) -> Vec<Value> {
    let path = format!("/api/runs/{}/rows?outcome={outcome}", run["id"].as_str().expect("an id"));
    admin.gets(&path).await.json()["rows"].as_array().expect("rows").clone()
}

pub fn updates(bed: &Testbed) -> usize {
    bed.vendors().calls().iter().filter(|call| call.path.contains("update_many")).count()
}

#[tokio::test]
async fn a_dry_run_writes_nothing_and_a_run_writes_what_it_listed() {
    bed()
        .run_on_each(async |bed| {
            let admin = bed.agent(ADMIN).await;
            assert_eq!(keep(&admin, &definition()).await.verdict(), "201");
            let refused = admin.posts("/api/integrations/contracts/runs", &json!({})).await;
            assert_eq!(refused.verdict(), "409 dry_run_needed");
            let dry = run(bed, &admin, json!({"kind": "dry"})).await;
            let customers = dry["counts"]["read"].as_u64().expect("a count");
            assert!(customers > 30, "{dry}");
            assert_eq!(dry["counts"]["matched"], customers);
            assert_eq!(dry["counts"]["pending"], customers, "its counts add up");
            assert_eq!(
                rows(&admin, &dry, "pending").await.len(),
                100.min(usize::try_from(customers).expect("few"))
            );
            assert_eq!(updates(bed), 0);
            let done = run(bed, &admin, json!({"accept": dry["id"]})).await;
            assert_eq!(
                (&done["state"], &done["counts"]["updated"], &done["counts"]["pending"]),
                (&json!("completed"), &json!(customers), &json!(0)),
                "{done}"
            );
            assert_eq!(field(bed, HANAKO, "sfdc_company_name"), "Company of 佐藤 花子");
            assert_eq!(updates(bed), usize::try_from(customers.div_ceil(100)).expect("few"));
            assert_eq!(bed.vendors().mails(), Vec::<Value>::new());
        })
        .await;
}

#[tokio::test]
async fn what_was_written_is_not_written_again_and_one_change_is_one_row() {
    bed()
        .run_on_each(async |bed| {
            let admin = bed.agent(ADMIN).await;
            let first = first_run(bed, &admin, &definition()).await;
            let (all, calls) = (first["counts"]["matched"].clone(), updates(bed));
            bed.pass(120);
            let second = run(bed, &admin, json!({})).await;
            assert_eq!(
                (&second["state"], &second["counts"]["unchanged"]),
                (&json!("completed"), &all),
                "{second}"
            );
            assert_eq!(updates(bed), calls);
            bed.vendors().set_user_fields(TARO, &json!({"sfdc_company_name": "By hand"}));
            bed.pass(120);
            let third = run(bed, &admin, json!({})).await;
            assert_eq!(
                (&third["counts"]["updated"], &third["counts"]["drifted"]),
                (&json!(1), &json!(1)),
                "{third}"
            );
            let row = &rows(&admin, &third, "updated").await[0];
            assert_eq!(row["destination_id"], TARO.to_string());
            assert_eq!(
                row["changes"],
                json!([{"field": "sfdc_company_name", "before": "By hand", "after": "Company of 山田 太郎"}])
            );
            assert_eq!(
                (updates(bed), field(bed, TARO, "sfdc_company_name")),
                (calls + 1, json!("Company of 山田 太郎"))
            );
        })
        .await;
}

#[tokio::test]
async fn what_somebody_changed_there_can_stay() {
    bed()
        .run(async |bed| {
            let admin = bed.agent(ADMIN).await;
            first_run(bed, &admin, &with(|it| it["on_drift"] = json!("keep"))).await;
            bed.vendors().set_user_fields(TARO, &json!({"sfdc_company_name": "By hand"}));
            bed.pass(120);
            let run = run(bed, &admin, json!({})).await;
            assert_eq!((&run["counts"]["kept"], &run["counts"]["updated"]), (&json!(1), &json!(0)), "{run}");
            assert_eq!(field(bed, TARO, "sfdc_company_name"), "By hand");
        })
        .await;
}

#[tokio::test]
async fn what_the_destination_holds_already_is_adopted_without_a_call() {
    bed()
        .run(async |bed| {
            let admin = bed.agent(ADMIN).await;
            bed.vendors().set_user_fields(
                HANAKO,
                &json!({"sfdc_company_name": "Company of 佐藤 花子", "sfdc_mrr": 1200.5}),
            );
            let run = first_run(bed, &admin, &definition()).await;
            assert_eq!(run["counts"]["adopted"], 1, "{run}");
            assert_eq!(rows(&admin, &run, "adopted").await[0]["destination_id"], HANAKO.to_string());
        })
        .await;
}

/// check(the model, its counts by name, the outcome and reason of one row)
#[tokio::test]
async fn rows_that_cannot_be_written_are_listed_with_their_reasons() {
    async fn check(
        bed: &Testbed,
        admin: &Visitor,
        change: impl FnOnce(&mut Value),
        counts: Value,
        row: (&str, &str),
    ) {
        assert!(keep(admin, &with(change)).await.verdict().starts_with("20"));
        let run = run(bed, admin, json!({"kind": "dry"})).await;
        assert_eq!(run["state"], "completed", "{run}");
        for (name, count) in counts.as_object().expect("counts") {
            assert_eq!(&run["counts"][name], count, "{name}: {run}");
        }
        let (outcome, reason) = row;
        let listed = rows(admin, &run, outcome).await;
        assert!(listed[0]["reason"].as_str().unwrap_or_default().contains(reason), "{listed:?}");
    }
    bed()
        .run(async |bed| {
            let admin = bed.agent(ADMIN).await;
            let sql = |sql: &str| {
                let sql = sql.to_owned();
                move |it: &mut Value| it["model"]["sql"] = json!(sql)
            };
            let one = "SELECT id AS user_id, 'x' AS company, 1 AS mrr FROM people WHERE id = 26155588908160";
            check(
                bed,
                &admin,
                sql(&format!("{one} UNION ALL {one}")),
                json!({"read": 2, "duplicate": 2, "matched": 0}),
                ("duplicate", "2 rows have this key"),
            )
            .await;
            check(
                bed,
                &admin,
                sql("SELECT 7 AS user_id, 'x' AS company, 1 AS mrr"),
                json!({"read": 1, "unmatched": 1}),
                ("unmatched", "no record has this key"),
            )
            .await;
            check(
                bed,
                &admin,
                sql("SELECT CAST(NULL AS BIGINT) AS user_id, 'x' AS company, 1 AS mrr"),
                json!({"read": 1, "unmatched": 1}),
                ("unmatched", "its key is empty"),
            )
            .await;
            check(
                bed,
                &admin,
                sql(&one.replace("1 AS mrr", "'1,000' AS mrr")),
                json!({"read": 1, "matched": 1, "rejected": 1}),
                ("rejected", "`sfdc_mrr` takes a number like 1200.5, and the value is `1,000`"),
            )
            .await;
            let long = "CAST('123456789012345678901234567890' AS DECIMAL(38, 0)) AS mrr";
            check(
                bed,
                &admin,
                sql(&one.replace("1 AS mrr", long)),
                json!({"read": 1, "matched": 1, "rejected": 1}),
                ("rejected", "`sfdc_mrr` takes a number of at most 15 digits before the point"),
            )
            .await;
            let whole = json!({"user_field": {"key": "seats", "title": "Seats", "type": "integer"}});
            bed.zendesk(Method::POST, "/api/v2/user_fields.json", &whole).await;
            check(
                bed,
                &admin,
                |it| {
                    let larger = "CAST('18446744073709551615' AS DECIMAL(20, 0)) AS mrr";
                    it["model"]["sql"] = json!(one.replace("1 AS mrr", larger));
                    it["mapping"][1]["field"] = json!("seats");
                },
                json!({"read": 1, "matched": 1, "rejected": 1}),
                ("rejected", "`seats` takes a whole number of at most 18 digits"),
            )
            .await;
            check(
                bed,
                &admin,
                |it| {
                    it["model"]["sql"] = json!(one);
                    it["mapping"][0]["field"] = json!("sfdc_account_type");
                },
                json!({"read": 1, "matched": 1, "rejected": 1}),
                ("rejected", "has no option whose tag is `x`"),
            )
            .await;
        })
        .await;
}

#[tokio::test]
async fn a_run_stops_before_its_first_write_where_a_person_must_see_it() {
    bed()
        .run(async |bed| {
            let admin = bed.agent(ADMIN).await;
            first_run(bed, &admin, &definition()).await;
            let calls = updates(bed);
            // Somebody empties many fields by a new model; its dry run was accepted.
            let emptied = with(|it| {
                let sql = it["model"]["sql"]
                    .as_str()
                    .expect("SQL")
                    .replace("concat('Company of ', name)", "CAST(NULL AS VARCHAR)");
                it["model"]["sql"] = json!(sql);
            });
            let stopped = first_run(bed, &admin, &emptied).await;
            assert_eq!(stopped["state"], "stopped", "{stopped}");
            assert_eq!(stopped["problem"]["code"], "clears_too_much");
            assert_eq!(
                (updates(bed), field(bed, HANAKO, "sfdc_company_name")),
                (calls, json!("Company of 佐藤 花子"))
            );
            let id = stopped["id"].as_str().expect("an id");
            assert_eq!(admin.posts(&format!("/api/runs/{id}/confirm"), &json!({})).await.verdict(), "200");
            let done = until_it_ends(bed, &admin, id).await;
            assert_eq!(
                (&done["state"], &done["counts"]["cleared"]),
                (&json!("completed"), &done["counts"]["matched"]),
                "{done}"
            );
            assert_eq!(field(bed, HANAKO, "sfdc_company_name"), Value::Null);
        })
        .await;
}

#[tokio::test]
async fn a_job_that_zendesk_kills_is_read_back_and_only_the_rest_is_sent() {
    bed()
        .run_on_each(async |bed| {
            let admin = bed.agent(ADMIN).await;
            bed.vendors().stop_next_job("killed", 7);
            let run = first_run(bed, &admin, &definition()).await;
            assert_eq!(
                (&run["state"], &run["counts"]["updated"]),
                (&json!("completed"), &run["counts"]["matched"]),
                "{run}"
            );
            assert_eq!(field(bed, TARO, "sfdc_company_name"), "Company of 山田 太郎");
            let log = admin.gets(&format!("/api/runs/{}/log", run["id"].as_str().expect("an id"))).await.text;
            assert!(log.contains("7 had arrived"), "{log}");
        })
        .await;
}

#[tokio::test]
async fn cards_show_the_contract_of_the_last_run_without_a_call_for_it() {
    bed()
        .run_on_each(async |bed| {
            let admin = bed.agent(ADMIN).await;
            let card = admin.card(42).await.json();
            assert_eq!(card["contract"]["company"], "青葉商事株式会社", "{card}");
            let run = first_run(
                bed,
                &admin,
                &with(|it| {
                    it["contract"] = json!({
                        "people": {"user": "user_id", "email": "email"},
                        "company_id": "company", "company": "company", "mrr": "mrr",
                    });
                }),
            )
            .await;
            assert_eq!(run["state"], "completed", "{run}");
            let card = admin.card(42).await.json();
            assert_eq!(card["contract"]["company"], "Company of 佐藤 花子", "{card}");
        })
        .await;
}
