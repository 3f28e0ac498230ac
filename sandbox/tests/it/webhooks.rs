//! Webhooks: a trigger fires, a signed request arrives, and again if it must.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::json;
use sha2::Sha256;

use crate::{
    client::{Desk, calm},
    rules::{Received, endpoint},
};

/// A webhook to `url`, and a trigger that fires it when `tag` is there; the webhook's id.
async fn connect(desk: &Desk, url: &str, tag: &str) -> String {
    let webhook = json!({"webhook": {"name": "Archive", "endpoint": url, "http_method": "POST", "request_format": "json",
                                     "status": "active", "subscriptions": ["conditional_ticket_events"]}});
    let id =
        desk.done("POST", "/api/v2/webhooks", webhook).await["webhook"]["id"].as_str().unwrap().to_owned();
    let trigger = json!({"trigger": {
        "title": "Archive on tag",
        "conditions": {"all": [{"field": "current_tags", "operator": "includes", "value": tag}], "any": []},
        "actions": [
            {"field": "notification_webhook", "value": [id, "{\"ticket\":{{ticket.id}},\"title\":\"{{ticket.title}}\"}"]},
            {"field": "remove_tags", "value": tag},
        ],
    }});
    desk.done("POST", "/api/v2/triggers", trigger).await;
    id
}

#[tokio::test]
async fn a_tag_fires_a_signed_request() {
    let desk = Desk::open(calm()).await;
    let (url, mut received) = endpoint(&[]).await;
    let id = connect(&desk, &url, "archive_me").await;
    desk.done(
        "PUT",
        "/api/v2/tickets/42",
        json!({"ticket": {"priority": "low", "subject": "with \"quotes\""}}),
    )
    .await;
    desk.done("PUT", "/api/v2/tickets/42/tags", json!({"tags": ["archive_me"]})).await;
    let (headers, body) = received.recv().await.unwrap();
    // As Zendesk fills placeholders: nothing is escaped, so this is no JSON.
    assert_eq!(body, r#"{"ticket":42,"title":"with "quotes""}"#);
    let text = |name: &str| headers[name].to_str().unwrap();
    let secret =
        desk.get(&format!("/api/v2/webhooks/{id}/signing_secret")).await.body["signing_secret"]["secret"]
            .clone();
    let mac = Hmac::<Sha256>::new_from_slice(secret.as_str().unwrap().as_bytes()).unwrap();
    let mac = mac
        .chain_update(text("x-zendesk-webhook-signature-timestamp"))
        .chain_update(&body)
        .finalize()
        .into_bytes();
    assert_eq!(text("x-zendesk-webhook-signature"), BASE64_STANDARD.encode(mac));
    assert_eq!(text("x-zendesk-webhook-id"), id);
    assert_eq!(
        desk.sandbox.handle().ticket(42).unwrap()["tags"],
        json!(["billing"]),
        "the trigger took the tag off"
    );
    assert!(received.try_recv().is_err(), "once");
}

#[tokio::test]
async fn a_refused_delivery_comes_again_with_the_same_id() {
    let desk = Desk::open(calm()).await;
    let (url, mut received) = endpoint(&[503]).await;
    let webhook = connect(&desk, &url, "archive_me").await;
    desk.done("PUT", "/api/v2/tickets/42/tags", json!({"tags": ["archive_me"]})).await;
    let (first, second) = (received.recv().await.unwrap(), received.recv().await.unwrap());
    let id = |received: &Received| received.0["x-zendesk-webhook-invocation-id"].clone();
    assert_eq!((id(&first), &first.1), (id(&second), &second.1));
    assert_eq!(desk.sandbox.handle().deliver_again(&webhook).await, Some(200));
    let third = received.recv().await.unwrap();
    assert_eq!((id(&first), &first.1), (id(&third), &third.1));
}

#[tokio::test]
async fn a_webhook_that_a_trigger_uses_stays() {
    let desk = Desk::open(calm()).await;
    let id = connect(&desk, "http://127.0.0.1:9/none", "x").await;
    assert_eq!(desk.call("DELETE", &format!("/api/v2/webhooks/{id}"), json!({})).await.status, 400);
    let renamed =
        desk.call("PATCH", &format!("/api/v2/webhooks/{id}"), json!({"webhook": {"name": "New"}})).await;
    assert_eq!((renamed.status, renamed.text.as_str()), (204, ""));
    let both = json!({"webhook": {"name": "n", "endpoint": "https://example.com", "http_method": "POST", "request_format": "json",
                                  "status": "active", "subscriptions": ["conditional_ticket_events", "zen:event-type:user.created"]}});
    assert_eq!(desk.call("POST", "/api/v2/webhooks", both).await.status, 400);
}

#[tokio::test]
async fn a_trigger_cannot_call_a_webhook_that_hears_of_events_or_is_not_there() {
    let desk = Desk::open(calm()).await;
    let check = async |subscription: &str, expected: u16| {
        let webhook = json!({"webhook": {"name": "n", "endpoint": "http://127.0.0.1:9/none", "http_method": "POST",
                                         "request_format": "json", "status": "active", "subscriptions": [subscription]}});
        let made = desk.done("POST", "/api/v2/webhooks", webhook).await;
        let call = json!([{"field": "notification_webhook", "value": [made["webhook"]["id"], "{}"]}]);
        let trigger = json!({"trigger": {"title": "t", "conditions": {"all": []}, "actions": call}});
        assert_eq!(desk.call("POST", "/api/v2/triggers", trigger).await.status, expected, "{subscription}");
    };
    check("conditional_ticket_events", 201).await;
    check("zen:event-type:user.created", 422).await;
    let unknown = json!([{"field": "notification_webhook", "value": ["01NOBODY", "{}"]}]);
    let trigger = json!({"trigger": {"title": "t", "conditions": {"all": []}, "actions": unknown}});
    assert_eq!(desk.call("POST", "/api/v2/triggers", trigger).await.status, 422);
}

#[tokio::test]
async fn webhooks_are_listed_by_cursor_and_what_nobody_may_write_is_ignored() {
    let desk = Desk::open(calm()).await;
    for n in 0..3 {
        connect(&desk, &format!("http://127.0.0.1:9/{n}"), "x").await;
    }
    let (mut seen, mut after) = (Vec::new(), String::new());
    loop {
        let page = desk.get(&format!("/api/v2/webhooks?page[size]=2{after}")).await.body;
        seen.extend(
            page["webhooks"].as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap().to_owned()),
        );
        if page["meta"]["has_more"] == false {
            break;
        }
        after = format!("&page[after]={}", page["meta"]["after_cursor"].as_str().unwrap());
    }
    let path = format!("/api/v2/webhooks/{}", seen[0]);
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen.len(), 3);
    let change = json!({"webhook": {"created_by": "me", "status": "inactive"}});
    assert_eq!(desk.call("PATCH", &path, change).await.status, 204);
    let after = desk.get(&path).await.body;
    assert_eq!(
        (&after["webhook"]["status"], &after["webhook"]["created_by"]),
        (&json!("inactive"), &json!("9001"))
    );
}
