//! Users: finding, writing, in bulk, exporting.

use std::time::Duration;

use chrono::TimeDelta;
use deskside_sandbox::{Options, credentials};
use serde_json::{Value, json};

use crate::client::{Desk, calm};

const HANAKO: u64 = 26_155_588_908_160;

#[tokio::test]
async fn users_are_found() {
    let desk = Desk::open(calm()).await;
    let cases = [
        ("/api/v2/users/search?query=email:hanako.sato@example.com", 1),
        ("/api/v2/users/search.json?query=phone:%2B815012340042", 1),
        ("/api/v2/users/search?query=%22%2B815012340042%22", 1),
        ("/api/v2/users/search?query=role:agent+role:admin", 3),
        ("/api/v2/users/search?external_id=CRM-1001", 1),
        ("/api/v2/users?external_id=crm-1001", 1),
        ("/api/v2/users?role=end-user", 39),
        ("/api/v2/users/search?query=nobody@example.com", 0),
        ("/api/v2/users/search?query=email:deleted.person@example.com", 0),
        ("/api/v2/users/show_many?ids=9001,9002,123", 2),
        ("/api/v2/users/show_many?external_ids=crm-1001,CRM-1002,none", 2),
    ];
    for (path, expected) in cases {
        let answer = desk.get(path).await;
        assert_eq!(answer.body["users"].as_array().map(Vec::len), Some(expected), "{path}: {answer:?}");
    }
    let refused = desk.get("/api/v2/users/search?query=role:agent&page[size]=10").await;
    assert_eq!(refused.status, 400);
    let deleted = HANAKO + 39 * 128;
    assert_eq!(desk.get(&format!("/api/v2/users/{deleted}")).await.body["user"]["active"], false);
}

#[tokio::test]
async fn search_knows_new_users_only_after_a_while() {
    let desk = Desk::open(Options { search_lag: Duration::from_mins(2), ..calm() }).await;
    desk.done("POST", "/api/v2/users", json!({"user": {"name": "New", "external_id": "new-1"}})).await;
    let count = async |path: &str| desk.get(path).await.body["users"].as_array().unwrap().len();
    assert_eq!(count("/api/v2/users/search?query=external_id:new-1").await, 0);
    assert_eq!(count("/api/v2/users?external_id=new-1").await, 1, "the list does not lag");
    desk.sandbox.handle().advance(TimeDelta::minutes(2));
    assert_eq!(count("/api/v2/users/search?query=external_id:new-1").await, 1);
}

#[tokio::test]
async fn lists_are_paged_both_ways() {
    let desk = Desk::open(calm()).await;
    let (mut path, mut seen, mut pages) = ("/api/v2/users.json?page[size]=10".to_owned(), Vec::new(), 0);
    loop {
        let body = desk.get(&path).await.body;
        seen.extend(body["users"].as_array().unwrap().iter().map(|user| user["id"].as_u64().unwrap()));
        pages += 1;
        assert!(body["links"]["next"].is_string(), "the link is there even at the end");
        if body["meta"]["has_more"] == false {
            break;
        }
        path = body["links"]["next"].as_str().unwrap().to_owned();
    }
    let mut unique = seen.clone();
    unique.dedup();
    assert_eq!((pages, seen.len(), unique.len()), (5, 42, 42));
    let offset = desk.get("/api/v2/users.json?per_page=40&page=2").await.body;
    assert_eq!((offset["users"].as_array().unwrap().len(), &offset["count"]), (2, &json!(42)));
    assert_eq!(offset["next_page"], Value::Null);
    let deep = desk.get("/api/v2/users.json?per_page=100&page=101").await;
    assert_eq!((deep.status, &deep.body["errors"][0]["code"]), (400, &json!("InvalidPaginationDepth")));
}

#[tokio::test]
async fn an_address_belongs_to_one_user() {
    let desk = Desk::open(calm()).await;
    let made = desk
        .call("POST", "/api/v2/users", json!({"user": {"name": "New", "email": "new@example.com"}}))
        .await;
    assert_eq!(made.status, 201);
    let id = made.body["user"]["id"].as_u64().unwrap();
    assert_eq!(made.header("location"), made.body["user"]["url"].as_str().unwrap());
    let again = desk
        .call("POST", "/api/v2/users", json!({"user": {"name": "New", "email": "NEW@example.com"}}))
        .await;
    assert_eq!((again.status, &again.body["details"]["email"][0]["error"]), (422, &json!("DuplicateValue")));
    let same = desk
        .call(
            "POST",
            "/api/v2/users/create_or_update",
            json!({"user": {"name": "Newer", "email": "new@example.com"}}),
        )
        .await;
    assert_eq!(
        (same.status, &same.body["user"]["id"], &same.body["user"]["name"]),
        (200, &json!(id), &json!("Newer"))
    );
    let other = desk
        .call(
            "POST",
            "/api/v2/users/create_or_update",
            json!({"user": {"name": "X", "email": "x@example.com"}}),
        )
        .await;
    assert_eq!(other.status, 201);
    let second = desk
        .done("PUT", &format!("/api/v2/users/{id}"), json!({"user": {"email": "second@example.com"}}))
        .await;
    assert_eq!(second["user"]["email"], "new@example.com", "an update adds a secondary identity");
    let identities = desk.get(&format!("/api/v2/users/{id}/identities")).await.body["identities"].clone();
    assert_eq!(identities.as_array().unwrap().len(), 2);
    let promote = format!("/api/v2/users/{id}/identities/{}/make_primary", identities[1]["id"]);
    desk.done("PUT", &promote, json!({})).await;
    assert_eq!(desk.get(&format!("/api/v2/users/{id}")).await.body["user"]["email"], "second@example.com");
}

#[tokio::test]
async fn fields_take_what_their_type_allows() {
    let desk = Desk::open(calm()).await;
    let path = format!("/api/v2/users/{HANAKO}");
    let cases = [
        ("sfdc_mrr", json!(150_000), 200, json!(150_000.0)),
        ("sfdc_mrr", json!("99.5"), 200, json!(99.5)),
        ("sfdc_mrr", json!("a lot"), 422, Value::Null),
        ("sfdc_renewal_date", json!("2027-08-31"), 200, json!("2027-08-31T00:00:00+00:00")),
        ("sfdc_renewal_date", json!("soon"), 422, Value::Null),
        ("sfdc_subscription_status", json!("active"), 200, json!("active")),
        ("sfdc_subscription_status", json!("unheard_of"), 200, json!("active")),
        ("sfdc_owner", json!("Mori"), 200, json!("Mori")),
        ("no_such_field", json!("x"), 200, Value::Null),
    ];
    for (key, value, status, kept) in cases {
        let answer = desk.call("PUT", &path, json!({"user": {"user_fields": {key: value}}})).await;
        assert_eq!(answer.status, status, "{key}={value}");
        if status == 200 {
            assert_eq!(answer.body["user"]["user_fields"][key], kept, "{key}={value}");
        }
    }
}

#[tokio::test]
async fn bulk_calls_are_jobs_of_at_most_a_hundred() {
    let desk = Desk::open(calm()).await;
    let many = |count: u64| json!({"users": (0..count).map(|at| json!({"id": HANAKO + at * 128, "notes": "n"})).collect::<Vec<_>>()});
    let refused = desk.call("PUT", "/api/v2/users/update_many", many(101)).await;
    assert_eq!((refused.status, &refused.body["error"]), (400, &json!("TooManyValues")));
    let refused = desk.call("POST", "/api/v2/users/create_many", many(101)).await;
    assert_eq!(
        refused.body,
        json!({"error": "TooManyValues", "description": "Maximum 100 users may be created per call"})
    );
    assert_eq!(desk.call("POST", "/api/v2/users/create_many", many(1)).await.status, 403);
    let rows = json!({"users": [
        {"id": HANAKO, "user_fields": {"sfdc_mrr": 7}}, {"id": 1, "notes": "nobody"},
        {"external_id": "crm-1002", "user_fields": {"sfdc_renewal_date": "nonsense"}}, {"external_id": "crm-1003", "notes": "ok"},
    ]});
    let job = desk.done("PUT", "/api/v2/users/update_many.json", rows).await["job_status"].clone();
    assert_eq!((&job["status"], &job["results"]), (&json!("queued"), &Value::Null));
    let path = format!("/api/v2/job_statuses/{}.json", job["id"].as_str().unwrap());
    assert_eq!(desk.get(&path).await.body["job_status"]["status"], "working");
    let done = desk.get(&path).await.body["job_status"].clone();
    assert_eq!(done["status"], "completed");
    let success: Vec<_> =
        done["results"].as_array().unwrap().iter().map(|row| row["success"] == true).collect();
    assert_eq!(success, [true, false, false, true]);
    assert_eq!(desk.sandbox.handle().user(HANAKO).unwrap()["user_fields"]["sfdc_mrr"], 7.0);
}

#[tokio::test]
async fn bulk_import_works_where_the_owner_asked_for_it() {
    let desk = Desk::open(Options { bulk_user_import: true, ..calm() }).await;
    let rows = json!({"users": [{"name": "One", "email": "one@example.com"}, {"name": "", "email": "two@example.com"}]});
    let job =
        desk.done("POST", "/api/v2/users/create_or_update_many", rows).await["job_status"]["id"].clone();
    let path = format!("/api/v2/job_statuses/{}", job.as_str().unwrap());
    desk.get(&path).await;
    let results = desk.get(&path).await.body["job_status"]["results"].clone();
    assert_eq!((&results[0]["status"], &results[1]["error"]), (&json!("Created"), &json!("RecordInvalid")));
}

#[tokio::test]
async fn exports_go_on_where_they_stopped() {
    let desk = Desk::open(calm()).await;
    let (mut path, mut seen) =
        ("/api/v2/incremental/users/cursor.json?start_time=0&per_page=20".to_owned(), 0);
    loop {
        let body = desk.get(&path).await.body;
        seen += body["users"].as_array().unwrap().len();
        path = body["after_url"].as_str().unwrap().to_owned();
        if body["end_of_stream"] == true {
            break;
        }
    }
    assert_eq!(seen, 43, "deleted users come too");
    desk.done("PUT", &format!("/api/v2/users/{HANAKO}"), json!({"user": {"notes": "changed"}})).await;
    let more = desk.get(&path).await.body;
    assert_eq!((more["users"].as_array().unwrap().len(), &more["users"][0]["id"]), (1, &json!(HANAKO)));
    let recent =
        format!("/api/v2/incremental/users/cursor?start_time={}", desk.sandbox.handle().now().timestamp());
    assert_eq!(desk.get(&recent).await.status, 422);
    let token =
        desk.call("POST", "/_sandbox/workspace/login", json!({"agent_id": credentials::AGENT_ID})).await.body
            ["token"]
            .clone();
    let desk = desk.with(token.as_str().unwrap());
    assert_eq!(desk.get("/api/v2/incremental/users/cursor?start_time=0").await.status, 403, "admins only");
}
