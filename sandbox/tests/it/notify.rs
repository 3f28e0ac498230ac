//! Slack's and Zapier's hooks answer as the vendors document it, and what arrived can be looked at.

use deskside_sandbox::{Limits, Options, Sandbox, credentials};
use serde_json::{Value, json};

/// Posts a body: the status, the text, and how long to wait.
async fn posts(url: &str, kind: &str, body: impl Into<reqwest::Body>) -> (u16, String, Option<String>) {
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let answer = client.post(url).header("content-type", kind).body(body).send().await.expect("it answers");
    let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
    let wait = headers.get("retry-after").map(|wait| wait.to_str().expect("a number").to_owned());
    (status, answer.text().await.expect("a text"), wait)
}

#[tokio::test]
async fn slack_takes_a_text_a_second_for_a_hook_that_it_knows() {
    const JSON: &str = "application/json";
    let limits = Limits { slack_per_second: 2, ..Limits::relaxed() };
    let now = "2026-11-22T12:00:00Z".parse().expect("a time");
    let clock = deskside_sandbox::Clock::stopped_at(now);
    let sandbox = Sandbox::start(Options { limits, clock, ..Options::default() }).await.expect("it starts");
    let hook = format!("{}{}", sandbox.notify_url, credentials::SLACK_HOOK);
    let check = async |url: &str, kind: &str, body: &'static str, status: u16, words: &str| {
        sandbox.handle().advance(chrono::TimeDelta::seconds(1));
        let (got, text, _) = posts(url, kind, body).await;
        assert_eq!((got, text.as_str()), (status, words), "{body}");
    };
    check(&hook, JSON, r#"{"text":"hello"}"#, 200, "ok").await;
    check(&hook, "application/x-www-form-urlencoded", "payload=%7B%22text%22%3A%22form%22%7D", 200, "ok")
        .await;
    check(&hook, JSON, r#"{"text":"#, 400, "invalid_payload").await;
    check(&hook, JSON, r#"["text"]"#, 400, "invalid_payload").await;
    check(&hook, JSON, r#"{"event":"x"}"#, 400, "no_text").await;
    check(&hook, JSON, r##"{"text":"x","channel":"#nowhere"}"##, 404, "channel_not_found").await;
    check(&format!("{hook}x"), JSON, r#"{"text":"x"}"#, 404, "no_service").await;
    sandbox.handle().advance(chrono::TimeDelta::seconds(1));
    for status in [200, 200, 429] {
        let (got, _, wait) = posts(&hook, JSON, r#"{"text":"again"}"#).await;
        assert_eq!((got, wait.is_some()), (status, status == 429));
    }
    let texts: Vec<Value> =
        sandbox.handle().notices().iter().map(|told| told["body"]["text"].clone()).collect();
    assert_eq!(texts, ["hello", "form", "again", "again"]);
}

#[tokio::test]
async fn zapier_takes_everything_and_the_control_route_shows_it() {
    let sandbox = Sandbox::start(Options::default()).await.expect("it starts");
    let hook = format!("{}/hooks/catch/1/abc/", sandbox.notify_url);
    for body in [r#"{"a":1}"#, "no JSON"] {
        let (status, text, _) = posts(hook.trim_end_matches('/'), "application/json", body).await;
        let answer: Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!((status, &answer["status"]), (200, &json!("success")));
    }
    let shown = reqwest::get(format!("{}/_sandbox/notices", sandbox.notify_url)).await.expect("it answers");
    let shown: Value = serde_json::from_str(&shown.text().await.expect("text")).expect("JSON");
    assert_eq!(shown["notices"][0]["body"], json!({"a": 1}));
    assert_eq!(
        (&shown["notices"][1]["to"], &shown["notices"][1]["body"]),
        (&json!("1/abc"), &json!("no JSON"))
    );
}
