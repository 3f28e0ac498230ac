//! What keeps users and organizations in step with another system: exports, bulk jobs, fields and their traps, mails.

use std::time::Duration;

use chrono::TimeDelta;
use deskside_sandbox::{Limits, Options, Plan};
use serde_json::{Value, json};

use crate::client::{Answer, Desk, calm, strict};

const HANAKO: u64 = 26_155_588_908_160;
const AOBA: u64 = 6_130_869_157_658;

async fn put_user(desk: &Desk, user: Value) -> Answer {
    desk.call("PUT", &format!("/api/v2/users/{HANAKO}"), json!({"user": user})).await
}

/// Starts a bulk call and looks at its job until it has ended.
async fn job(desk: &Desk, method: &str, path: &str, body: Value) -> Value {
    let job = desk.done(method, path, body).await["job_status"]["url"].clone();
    let job = job.as_str().unwrap();
    desk.get(job).await;
    desk.get(job).await.body["job_status"].clone()
}

#[tokio::test]
async fn a_job_does_its_work_when_it_ends_and_not_before() {
    let desk = Desk::open(Options { job_time: Some(Duration::from_secs(8)), ..calm() }).await;
    let vendor = desk.sandbox.handle();
    let notes = || vendor.user(HANAKO).unwrap()["notes"].clone();
    let row = json!({"users": [{"id": HANAKO, "notes": "from a job"}]});
    let url = desk.done("PUT", "/api/v2/users/update_many", row).await["job_status"]["url"].clone();
    let status = async || desk.get(url.as_str().unwrap()).await.body["job_status"].clone();
    assert_eq!((&status().await["status"], notes()), (&json!("queued"), Value::Null));
    assert_eq!(status().await["status"], "queued", "looking does not hurry it");
    vendor.advance(TimeDelta::seconds(2));
    assert_eq!((&status().await["status"], notes()), (&json!("working"), Value::Null));
    vendor.advance(TimeDelta::seconds(6));
    desk.get("/api/v2/users/me").await;
    assert_eq!(notes(), "from a job", "also where nobody looks at the job");
    let done = status().await;
    assert_eq!((&done["status"], &done["results"][0]["id"]), (&json!("completed"), &json!(HANAKO)));
    vendor.advance(TimeDelta::days(1));
    let fresh = desk.token("read").await;
    let desk = desk.with(&fresh);
    assert_eq!(desk.get(url.as_str().unwrap()).await.status, 404, "it is known for a day");
}

#[tokio::test]
async fn a_job_reports_each_row_that_failed_and_why() {
    let desk = Desk::open(calm()).await;
    let row = |at: u64, name: &str, value: Value| json!({"id": HANAKO + at * 128, name: value});
    let rows = json!({"users": [
        row(0, "notes", json!("fine")), row(39, "notes", json!("deleted")), row(1, "external_id", json!("CRM-1001")),
        row(2, "user_fields", json!({"sfdc_renewal_date": "soon"})), {"external_id": "crm-1005", "notes": "fine"},
        {"external_id": "nobody", "notes": "?"},
    ]});
    let done = job(&desk, "PUT", "/api/v2/users/update_many", rows).await;
    let told = done["results"].as_array().unwrap().iter();
    let told: Vec<_> =
        told.map(|row| (row["id"].clone(), row["index"].clone(), row["error"].clone())).collect();
    let fine = |at: u64| (json!(HANAKO + at * 128), Value::Null, Value::Null);
    let failed = |at: u64, error: &str| (json!(HANAKO + at * 128), Value::Null, json!(error));
    let wanted = vec![
        fine(0),
        failed(39, "UserNotFound"),
        failed(1, "RecordInvalid"),
        failed(2, "RecordInvalid"),
        fine(4),
        (Value::Null, json!(5), json!("UserNotFound")),
    ];
    assert_eq!(told, wanted);
    let same = json!({"user": {"notes": "the same"}});
    let done = job(&desk, "PUT", "/api/v2/users/update_many?external_ids=crm-1001,crm-1002", same).await;
    assert_eq!(done["results"].as_array().unwrap().iter().filter(|row| row["success"] == true).count(), 2);
    assert_eq!(desk.sandbox.handle().user(HANAKO).unwrap()["external_id"], "crm-1001");
}

#[tokio::test]
async fn a_job_that_is_killed_has_done_some_rows_and_reports_none() {
    let desk = Desk::open(calm()).await;
    let vendor = desk.sandbox.handle();
    for (status, after) in [("killed", 2), ("failed", 0)] {
        vendor.stop_next_job(status, after);
        let rows: Vec<_> = (0..4).map(|at| json!({"id": HANAKO + at * 128, "notes": status})).collect();
        let done = job(&desk, "PUT", "/api/v2/users/update_many", json!({"users": rows})).await;
        assert_eq!(
            (&done["status"], &done["results"], &done["progress"]),
            (&json!(status), &Value::Null, &json!(after))
        );
        let written = (0..4).filter(|at| vendor.user(HANAKO + at * 128).unwrap()["notes"] == status).count();
        assert_eq!(written, after, "{status}");
    }
    let stopped = desk.call("POST", "/_sandbox/jobs/stop", json!({"status": "asleep"})).await;
    assert_eq!(stopped.status, 422);
}

#[tokio::test]
async fn organizations_are_written_in_bulk() {
    let desk = Desk::open(calm()).await;
    let field = json!({"organization_field": {"key": "plan", "title": "Plan", "type": "text"}});
    desk.done("POST", "/api/v2/organization_fields", field).await;
    let rows = json!({"organizations": [
        {"id": AOBA, "organization_fields": {"plan": "Gold"}, "external_id": "ext-1"}, {"id": 7, "notes": "none"},
    ]});
    let done = job(&desk, "PUT", "/api/v2/organizations/update_many", rows).await;
    assert_eq!(
        (&done["results"][0]["success"], &done["results"][1]["error"]),
        (&json!(true), &json!("RecordNotFound"))
    );
    let patch = json!({"organization": {"notes": "by its external id"}});
    job(&desk, "PUT", "/api/v2/organizations/update_many?external_ids=EXT-1", patch).await;
    let shown = desk.get(&format!("/api/v2/organizations/{AOBA}")).await.body["organization"].clone();
    assert_eq!(
        (&shown["organization_fields"]["plan"], &shown["notes"]),
        (&json!("Gold"), &json!("by its external id"))
    );
    let rows = json!({"organizations": [{"name": "New one"}, {"name": "青葉商事株式会社"}, {"name": ""}]});
    let done = job(&desk, "POST", "/api/v2/organizations/create_many", rows).await;
    let told: Vec<_> = done["results"].as_array().unwrap().iter().map(|row| row["status"].clone()).collect();
    assert_eq!(told, ["Created", "Failed", "Failed"]);
    let many: Vec<_> = (0..101).map(|at| json!({"name": format!("{at}")})).collect();
    for (method, many_at_once) in [("PUT", "update_many"), ("POST", "create_many")] {
        let address = format!("/api/v2/organizations/{many_at_once}");
        let refused = desk.call(method, &address, json!({"organizations": many})).await;
        assert_eq!((refused.status, &refused.body["max_count"]), (400, &json!(100)), "{address}");
    }
}

#[tokio::test]
async fn exports_tell_of_every_change_once_more() {
    let desk = Desk::open(calm()).await;
    let vendor = desk.sandbox.handle();
    vendor.make_users(1_500);
    vendor.advance(TimeDelta::minutes(2));
    let whole = desk.get("/api/v2/incremental/users?start_time=0").await.body;
    assert_eq!(
        (&whole["count"], &whole["end_of_stream"]),
        (&json!(1_000), &json!(false)),
        "a page has an end"
    );
    let stuck = desk.get(whole["next_page"].as_str().unwrap()).await.body;
    assert_eq!(stuck["next_page"], whole["next_page"], "more than a page in one second: it never goes on");
    let (mut path, mut seen) =
        ("/api/v2/incremental/users/cursor?start_time=0&per_page=1000".to_owned(), Vec::new());
    for _ in 0..2 {
        let page = desk.get(&path).await.body;
        seen.extend(page["users"].as_array().unwrap().iter().map(|user| user["id"].clone()));
        path = page["after_url"].as_str().unwrap().to_owned();
    }
    assert_eq!(seen.len(), 1_543);
    let suspended = put_user(&desk, json!({"suspended": true})).await;
    assert_eq!(suspended.status, 200);
    vendor.set_user_fields(HANAKO + 128, &json!({"sfdc_owner": "somebody else"}));
    desk.done("DELETE", &format!("/api/v2/users/{}", HANAKO + 38 * 128), json!({})).await;
    let into = json!({"user": {"id": HANAKO}});
    desk.done("PUT", &format!("/api/v2/users/{}/merge", HANAKO + 37 * 128), into).await;
    let again = desk.get(&path).await.body;
    let told = again["users"].as_array().unwrap().iter();
    let told: Vec<_> = told.map(|user| (user["id"].as_u64().unwrap(), user["active"] == true)).collect();
    let changed = [(0, true), (1, true), (37, false), (38, false)];
    assert_eq!(told, changed.map(|(at, active)| (HANAKO + at * 128, active)));
    assert_eq!(again["users"][0]["suspended"], true);
    let addresses = desk.get(&format!("/api/v2/users/{HANAKO}/identities")).await.body["identities"].clone();
    assert!(addresses.to_string().contains("former.customer@example.com"), "{addresses}");
    let path = "/api/v2/incremental/organizations";
    let page = desk.get(&format!("{path}?start_time=0&per_page=5")).await.body;
    assert_eq!(json!(page["organizations"].as_array().map(Vec::len)), page["count"]);
    assert_eq!(desk.get(&format!("{path}/cursor?start_time=0")).await.status, 404, "by time only");
}

#[tokio::test]
async fn values_are_kept_as_their_type_wants_them() {
    let desk = Desk::open(calm()).await;
    for (key, kind, tag) in
        [("paying", "checkbox", "paying_customer"), ("seats", "integer", ""), ("old", "text", "")]
    {
        let field = json!({"user_field": {"key": key, "title": key, "type": kind, "tag": tag}});
        desk.done("POST", "/api/v2/user_fields", field).await;
    }
    desk.done("PUT", "/api/v2/user_fields/old", json!({"user_field": {"active": false}})).await;
    let again = json!({"user_field": {"key": "seats", "title": "Seats"}});
    let again = desk.call("POST", "/api/v2/user_fields", again).await;
    let why = &again.body["details"]["key"][0]["description"];
    assert_eq!((again.status, why), (422, &json!("Key: has already been taken")));
    assert_eq!(desk.sandbox.handle().user(HANAKO).unwrap()["user_fields"]["paying"], false);
    let cases = [
        ("sfdc_renewal_date", json!("2020-08-19T20:50:04.000Z"), json!("2020-08-19T00:00:00+00:00")),
        ("sfdc_renewal_date", json!(""), Value::Null),
        ("sfdc_mrr", json!("1200.50"), json!(1_200.5)),
        ("seats", json!("12"), json!(12)),
        ("seats", json!(12.0), json!(12)),
        ("sfdc_owner", json!(7), json!("7")),
        ("sfdc_account_type", json!("partner"), json!("partner")),
        ("sfdc_account_type", json!("no such choice"), json!("partner")),
        ("sfdc_account_type", Value::Null, Value::Null),
        ("old", json!("written"), Value::Null),
    ];
    for (key, sent, kept) in cases {
        let answer = put_user(&desk, json!({"user_fields": {key: sent}})).await;
        assert_eq!((answer.status, &answer.body["user"]["user_fields"][key]), (200, &kept), "{key} {sent}");
    }
    let tags = async |user: Value| put_user(&desk, user).await.body["user"]["tags"].clone();
    assert_eq!(
        tags(json!({"tags": ["here"], "user_fields": {"paying": true}})).await,
        json!(["here", "paying_customer"])
    );
    assert_eq!(tags(json!({"tags": ["other"]})).await, json!(["other"]), "they are replaced");
    assert_eq!(tags(json!({"user_fields": {"paying": true}})).await, json!(["other", "paying_customer"]));
    assert_eq!(tags(json!({"user_fields": {"paying": false}})).await, json!(["other"]));
}

#[tokio::test]
async fn what_is_not_known_is_dropped_and_named_in_a_header() {
    let desk = Desk::open(calm()).await;
    let answer =
        put_user(&desk, json!({"mrr": 7, "user_fields": {"no_such_key": 1, "sfdc_owner": "Mori"}})).await;
    let warning = answer.header("x-zendesk-api-warn");
    let named = r#":unpermitted_keys=>["user.mrr", "user.user_fields.no_such_key"]"#;
    assert!(answer.status == 200 && warning.contains(named), "{answer:?}");
    assert_eq!(put_user(&desk, json!({"notes": "n"})).await.header("x-zendesk-api-warn"), "");
}

#[tokio::test]
async fn one_user_is_updated_five_times_a_minute_whatever_else_is_left() {
    let desk =
        Desk::open(Options { limits: Limits { per_user_updates: 5, ..Limits::relaxed() }, ..calm() }).await;
    for _ in 0..5 {
        assert_eq!(put_user(&desk, json!({"notes": "n"})).await.status, 200);
        desk.sandbox.handle().advance(TimeDelta::seconds(6));
    }
    let late = put_user(&desk, json!({"notes": "n"})).await;
    assert_eq!(
        (late.status, late.header("retry-after"), late.header("content-type")),
        (429, "31", "text/plain; charset=UTF-8")
    );
    assert!(
        late.text.starts_with("You have exceeded the rate limit for updating a single unique user."),
        "{late:?}"
    );
    assert!(late.header("x-rate-limit-remaining").parse::<u32>().unwrap() > 100);
}

#[tokio::test]
async fn a_new_address_is_written_to_unless_the_caller_says_otherwise() {
    let desk = Desk::open(Options { bulk_user_import: true, ..calm() }).await;
    let mails = async || {
        let mails = desk.get("/_sandbox/mails").await.body["mails"].clone();
        mails
            .as_array()
            .unwrap()
            .iter()
            .map(|mail| mail["to"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let silent = json!({"name": "A", "email": "a@example.com", "skip_verify_email": true});
    desk.done("POST", "/api/v2/users", json!({ "user": silent })).await;
    desk.done(
        "POST",
        "/api/v2/users",
        json!({"user": {"name": "B", "email": "b@example.com", "verified": true}}),
    )
    .await;
    let identities = format!("/api/v2/users/{HANAKO}/identities");
    let silent = json!({"type": "email", "value": "c@example.com", "skip_verify_email": true});
    desk.done("POST", &identities, json!({ "identity": silent })).await;
    put_user(&desk, json!({"notes": "n", "email": "hanako.sato@example.com"})).await;
    assert_eq!(mails().await, Vec::<String>::new());
    let rows = json!({"users": [{"name": "D", "email": "d@example.com"}, {"external_id": "crm-1002", "email": "e@example.com"}]});
    job(&desk, "POST", "/api/v2/users/create_or_update_many", rows).await;
    desk.done("POST", &identities, json!({"identity": {"type": "email", "value": "f@example.com"}})).await;
    put_user(&desk, json!({"email": "g@example.com"})).await;
    assert_eq!(mails().await, ["d@example.com", "e@example.com", "f@example.com", "g@example.com"]);
}

#[tokio::test]
async fn the_plan_decides_how_many_calls_a_minute_there_are() {
    let cases = [
        (Plan::Team, "200", 10),
        (Plan::Professional, "400", 10),
        (Plan::Enterprise, "700", 10),
        (Plan::EnterprisePlus, "2500", 30),
    ];
    for (plan, calls, exports) in cases {
        let desk = Desk::open(Options { limits: Limits::of(plan), ..strict() }).await;
        for _ in 0..exports {
            let answer = desk.get("/api/v2/incremental/users?start_time=0&per_page=1").await;
            assert_eq!((answer.status, answer.header("ratelimit-limit")), (200, calls), "{plan:?}");
        }
        assert_eq!(desk.get("/api/v2/incremental/users?start_time=0").await.status, 429, "{plan:?}");
        let rows: Vec<_> = (0..100).map(|_| json!({"id": HANAKO, "notes": "n"})).collect();
        let before: u32 =
            desk.get("/api/v2/users/me").await.header("x-rate-limit-remaining").parse().unwrap();
        let job = desk.call("PUT", "/api/v2/users/update_many", json!({"users": rows})).await;
        assert_eq!(
            job.header("x-rate-limit-remaining"),
            (before - 1).to_string(),
            "a hundred rows are one call"
        );
    }
}

#[tokio::test]
async fn a_narrow_scope_writes_users_and_nothing_else() {
    let desk = Desk::open(calm()).await;
    let narrow = desk.token("users:read users:write").await;
    let desk = desk.with(&narrow);
    let row = json!({"users": [{"id": HANAKO, "notes": "n"}]});
    let job = desk.done("PUT", "/api/v2/users/update_many", row).await["job_status"]["url"].clone();
    assert_eq!(desk.get(job.as_str().unwrap()).await.status, 200);
    assert_eq!(desk.get("/api/v2/user_fields").await.status, 200);
    assert_eq!(desk.get("/api/v2/organization_fields").await.status, 403);
    let rows = json!({"organizations": [{"id": AOBA, "notes": "n"}]});
    assert_eq!(desk.call("PUT", "/api/v2/organizations/update_many", rows).await.status, 403);
}
