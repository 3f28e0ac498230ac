//! What is too much.

use chrono::TimeDelta;
use deskside_sandbox::{Limits, Options, credentials};
use serde_json::json;

use crate::client::{Desk, calm, strict};

#[tokio::test]
async fn every_answer_tells_what_is_left_and_the_last_one_when_to_come_back() {
    let desk = Desk::open(Options { limits: Limits { per_minute: 3, ..Limits::relaxed() }, ..calm() }).await;
    for left in ["2", "1", "0"] {
        let answer = desk.get("/api/v2/tickets/42").await;
        assert_eq!(
            (answer.status, answer.header("x-rate-limit"), answer.header("x-rate-limit-remaining")),
            (200, "3", left)
        );
    }
    let late = desk.get("/api/v2/tickets/42").await;
    assert_eq!(
        (late.status, late.header("retry-after"), late.header("ratelimit-remaining")),
        (429, "60", "0")
    );
    desk.sandbox.handle().advance(TimeDelta::seconds(60));
    assert_eq!(desk.get("/api/v2/tickets/42").await.status, 200);
}

#[tokio::test]
async fn one_ticket_takes_thirty_updates_in_ten_minutes_and_redactions_count() {
    let desk = Desk::open(strict()).await;
    let comment = desk.sandbox.handle().comments(42)[0].clone();
    let redact = format!(
        "/api/v2/tickets/42/comments/{}/attachments/{}/redact",
        comment["id"], comment["attachments"][0]["id"]
    );
    for count in 0..29 {
        let answer = desk.call("PUT", "/api/v2/tickets/42", json!({"ticket": {"priority": "low"}})).await;
        let left = format!("total=30; remaining={};", 29 - count);
        assert!(
            answer.header("zendesk-ratelimit-per-ticket-updates").starts_with(&left),
            "{count}: {answer:?}"
        );
    }
    assert_eq!(desk.call("PUT", &redact, json!({})).await.status, 200);
    let late = desk.call("PUT", &redact, json!({})).await;
    assert_eq!((late.status, late.header("retry-after")), (429, "600"));
    assert_eq!(
        desk.call("PUT", "/api/v2/tickets/43", json!({"ticket": {"priority": "low"}})).await.status,
        200,
        "another ticket"
    );
    desk.sandbox.handle().advance(TimeDelta::minutes(10));
    assert_eq!(desk.call("PUT", &redact, json!({})).await.status, 200);
}

#[tokio::test]
async fn users_are_updated_slowly_one_by_one() {
    let desk = Desk::open(strict()).await;
    let path = "/api/v2/users/26155588908160";
    let write = async || desk.call("PUT", path, json!({"user": {"notes": "n"}})).await.status;
    assert_eq!((write().await, write().await), (200, 429), "one a second");
    for _ in 0..4 {
        desk.sandbox.handle().advance(TimeDelta::seconds(1));
        assert_eq!(write().await, 200);
    }
    desk.sandbox.handle().advance(TimeDelta::seconds(1));
    assert_eq!(write().await, 429, "five a minute");
}

#[tokio::test]
async fn exports_notifications_and_jobs_have_their_own_limits() {
    let desk = Desk::open(strict()).await;
    for _ in 0..10 {
        assert_eq!(desk.get("/api/v2/incremental/users/cursor?start_time=0").await.status, 200);
    }
    assert_eq!(desk.get("/api/v2/incremental/users?start_time=0").await.status, 429);
    for _ in 0..100 {
        let body = json!({"app_id": 375, "event": "e", "body": "{}", "agent_id": credentials::AGENT_ID});
        assert_eq!(desk.call("POST", "/api/v2/apps/notify", body).await.status, 200);
    }
    let body = json!({"app_id": 375, "event": "e", "body": "{}"});
    assert_eq!(desk.call("POST", "/api/v2/apps/notify", body).await.status, 429);
    let row = json!({"users": [{"id": 26_155_588_908_160_u64, "notes": "n"}]});
    for _ in 0..30 {
        assert_eq!(desk.call("PUT", "/api/v2/users/update_many", row.clone()).await.status, 200);
    }
    let late = desk.call("PUT", "/api/v2/users/update_many", row.clone()).await;
    assert_eq!((late.status, &late.body["error"]), (429, &json!("TooManyJobs")));
    desk.sandbox.handle().advance(TimeDelta::seconds(5));
    assert_eq!(desk.call("PUT", "/api/v2/users/update_many", row).await.status, 200, "they are done by now");
}
