//! Twilio: tokens of Flex, tasks under an entity tag.

use chrono::TimeDelta;
use deskside_sandbox::credentials::{
    TWILIO_ACCOUNT, TWILIO_AUTH_TOKEN, TWILIO_KEY, TWILIO_KEY_SECRET, TWILIO_WORKER, TWILIO_WORKSPACE,
};
use serde_json::{Value, json};

use crate::client::{Answer, Desk, calm, send};

async fn validate(desk: &Desk, user: &str, password: &str, token: &Value) -> Answer {
    let url = format!("{}/v1/Accounts/{TWILIO_ACCOUNT}/Tokens/validate", desk.sandbox.twilio_url);
    send(desk.bare("POST", &url).basic_auth(user, Some(password)).json(&json!({"token": token}))).await
}

#[tokio::test]
async fn a_flex_token_says_whose_it_is() {
    let desk = Desk::open(calm()).await;
    let url = format!("{}/_sandbox/flex/token", desk.sandbox.twilio_url);
    let token = desk.done("POST", &url, json!({"ttl": 60})).await["token"].clone();
    let good = validate(&desk, TWILIO_ACCOUNT, TWILIO_AUTH_TOKEN, &token).await;
    assert_eq!(
        good.body,
        json!({"valid": true, "code": 0, "message": null, "expiration": "2026-11-22T12:01:00.000Z",
               "realm_user_id": "agent@example.com", "identity": "agent_40example_2Ecom", "roles": ["agent"],
               "worker_sid": TWILIO_WORKER})
    );
    assert_eq!(validate(&desk, TWILIO_KEY, TWILIO_KEY_SECRET, &token).await.body["valid"], true);
    let unknown = validate(&desk, TWILIO_KEY, TWILIO_KEY_SECRET, &json!("a.b.c.d.e")).await;
    assert_eq!((unknown.status, &unknown.body["valid"]), (200, &json!(false)));
    desk.sandbox.handle().advance(TimeDelta::seconds(60));
    assert_eq!(validate(&desk, TWILIO_KEY, TWILIO_KEY_SECRET, &token).await.body["valid"], false);
    let wrong = validate(&desk, TWILIO_ACCOUNT, "wrong", &token).await;
    assert_eq!((wrong.status, &wrong.body["code"]), (401, &json!(20_003)));
}

#[tokio::test]
async fn a_task_changes_only_for_who_read_it_last() {
    let desk = Desk::open(calm()).await;
    let sid = format!("WT{}1", "0".repeat(31));
    let url = format!("{}/v1/Workspaces/{TWILIO_WORKSPACE}/Tasks/{sid}", desk.sandbox.twilio_url);
    let read = send(desk.bare("GET", &url).basic_auth(TWILIO_KEY, Some(TWILIO_KEY_SECRET))).await;
    let attributes: Value = serde_json::from_str(read.body["attributes"].as_str().unwrap()).unwrap();
    assert_eq!(attributes["zd_ticket_id"], "42");
    let write = async |etag: &str, attributes: &str| {
        let form = [("Attributes", attributes)];
        send(
            desk.bare("POST", &url)
                .basic_auth(TWILIO_KEY, Some(TWILIO_KEY_SECRET))
                .header("if-match", etag)
                .form(&form),
        )
        .await
    };
    assert_eq!(write(read.header("etag"), r#"{"a":1}"#).await.status, 200);
    assert_eq!(write(read.header("etag"), r#"{"a":2}"#).await.status, 412);
    assert_eq!(desk.sandbox.handle().task_attributes(&sid), Some(json!({"a": 1})));
    let now = send(desk.bare("GET", &url).basic_auth(TWILIO_KEY, Some(TWILIO_KEY_SECRET))).await;
    assert_eq!(write(now.header("etag"), "not json").await.status, 400);
    assert_eq!(send(desk.bare("GET", &url)).await.status, 401);
    let gone =
        send(desk.bare("GET", &url.replace(&sid, "WTnone")).basic_auth(TWILIO_KEY, Some(TWILIO_KEY_SECRET)))
            .await;
    assert_eq!((gone.status, &gone.body["code"]), (404, &json!(20_404)));
}
