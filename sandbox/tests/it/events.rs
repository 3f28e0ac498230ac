//! Event webhooks: who is made, merged or deleted is told, signed, in the recorded envelope; and again, if it must be.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use deskside_sandbox::{Arrival, Options};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;
use tokio::sync::mpsc::UnboundedReceiver;

use crate::{
    client::{Desk, calm},
    conformance::shared,
    likeness::compare,
    rules::{Received, endpoint, rule, webhook},
};

const USERS: &[&str] =
    &["zen:event-type:user.created", "zen:event-type:user.merged", "zen:event-type:user.deleted"];

/// The next event.
async fn next(received: &mut UnboundedReceiver<Received>) -> Value {
    let (_, body) = received.recv().await.unwrap();
    serde_json::from_slice(&body).unwrap()
}

#[tokio::test]
async fn a_user_who_is_made_is_told_signed_and_with_ids_as_texts() {
    let desk = Desk::open(calm()).await;
    let (url, mut received) = endpoint(&[]).await;
    let hook = webhook(&desk, &url, USERS).await;
    let user = json!({"user": {"name": "New", "email": "new@example.com", "external_id": "n-1"}});
    let id = desk.done("POST", "/api/v2/users", user).await["user"]["id"].to_string();
    let (headers, body) = received.recv().await.unwrap();
    let event: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!((&event["type"], &event["subject"]), (&json!(USERS[0]), &json!(format!("zen:user:{id}"))));
    assert_eq!(event["detail"]["id"], json!(id));
    assert_eq!(
        (&event["detail"]["email"], &event["detail"]["external_id"]),
        (&json!("new@example.com"), &json!("n-1"))
    );
    assert_eq!((&event["detail"]["organization_id"], &event["event"]), (&json!("0"), &json!({})));
    let secret =
        desk.get(&format!("/api/v2/webhooks/{hook}/signing_secret")).await.body["signing_secret"]["secret"]
            .clone();
    let text = |name: &str| headers[name].to_str().unwrap();
    let mac = Hmac::<Sha256>::new_from_slice(secret.as_str().unwrap().as_bytes()).unwrap();
    let mac = mac
        .chain_update(text("x-zendesk-webhook-signature-timestamp"))
        .chain_update(&body)
        .finalize()
        .into_bytes();
    assert_eq!(text("x-zendesk-webhook-signature"), BASE64_STANDARD.encode(mac));
    assert_eq!(text("x-zendesk-webhook-id"), hook);
    let Some(shared) = shared() else { return };
    let text =
        std::fs::read_to_string(shared.join("fixtures/zendesk/webhook_invocation_attempts.json")).unwrap();
    let attempts = serde_json::from_str::<Value>(&text).unwrap();
    let payload =
        attempts["response"]["body"]["attempts"][0]["request"]["payload"].as_str().unwrap().to_owned();
    let mut wrong = Vec::new();
    compare("event", &serde_json::from_str(&payload).unwrap(), &event, &mut wrong);
    assert_eq!(wrong, Vec::<String>::new());
}

#[tokio::test]
async fn whoever_is_made_is_told_once_in_whatever_way() {
    let desk = Desk::open(Options { bulk_user_import: true, ..calm() }).await;
    let (url, mut received) = endpoint(&[]).await;
    webhook(&desk, &url, USERS).await;
    let handle = desk.sandbox.handle();
    handle.write_in(&Arrival::email("Mail", "mail@example.com", "Hello", "Hi")).unwrap();
    assert_eq!(next(&mut received).await["detail"]["email"], "mail@example.com");
    handle.write_in(&Arrival::email("Mail", "MAIL@example.com", "Again", "Hi")).unwrap();
    handle.write_in(&Arrival::chat("Visitor 7", "Hi")).unwrap();
    assert_eq!(next(&mut received).await["detail"]["email"], "", "the second mail made nobody");
    let ticket = json!({"ticket": {"subject": "s", "comment": {"body": "b"}, "requester": {"name": "Api", "email": "api@example.com"}}});
    desk.done("POST", "/api/v2/tickets", ticket).await;
    assert_eq!(next(&mut received).await["detail"]["email"], "api@example.com");
    let many = json!({"users": [{"name": "Bulk", "email": "bulk@example.com"}]});
    let job = desk.done("POST", "/api/v2/users/create_many", many).await["job_status"]["id"].clone();
    for _ in 0..4 {
        desk.get(&format!("/api/v2/job_statuses/{}", job.as_str().unwrap())).await;
    }
    assert_eq!(next(&mut received).await["detail"]["email"], "bulk@example.com");
    let refused = json!({"user": {"name": "Again", "email": "bulk@example.com"}});
    assert_eq!(desk.call("POST", "/api/v2/users", refused).await.status, 422);
    assert!(received.try_recv().is_err(), "nobody was made");
}

#[tokio::test]
async fn merging_and_deleting_are_told() {
    let desk = Desk::open(calm()).await;
    let (url, mut received) = endpoint(&[]).await;
    let mut ids = Vec::new();
    for name in ["a", "b"] {
        let user = json!({"user": {"name": name, "email": format!("{name}@example.com")}});
        ids.push(desk.done("POST", "/api/v2/users", user).await["user"]["id"].clone());
    }
    webhook(&desk, &url, USERS).await;
    desk.done("PUT", &format!("/api/v2/users/{}/merge", ids[0]), json!({"user": {"id": ids[1]}})).await;
    let merged = next(&mut received).await;
    assert_eq!(
        (&merged["type"], &merged["detail"]["id"]),
        (&json!("zen:event-type:user.merged"), &json!(ids[0].to_string()))
    );
    desk.done("DELETE", &format!("/api/v2/users/{}", ids[1]), json!({})).await;
    let deleted = next(&mut received).await;
    assert_eq!(
        (&deleted["type"], &deleted["detail"]["email"]),
        (&json!("zen:event-type:user.deleted"), &json!(""))
    );
    let hook = webhook(&desk, &url, &["zen:event-type:organization.created"]).await;
    let made =
        desk.done("POST", "/api/v2/organizations", json!({"organization": {"name": "Of events"}})).await;
    let created = next(&mut received).await;
    assert_eq!(created["detail"]["id"], json!(made["organization"]["id"].to_string()));
    assert_eq!(created["detail"]["name"], "Of events");
    desk.call("PATCH", &format!("/api/v2/webhooks/{hook}"), json!({"webhook": {"status": "inactive"}})).await;
    desk.done("POST", "/api/v2/organizations", json!({"organization": {"name": "Unheard"}})).await;
    assert!(received.try_recv().is_err(), "it is switched off");
}

#[tokio::test]
async fn a_webhook_is_for_triggers_or_for_events_that_there_are() {
    let desk = Desk::open(calm()).await;
    for (subscriptions, status) in [
        (json!(["zen:event-type:user.created", "zen:event-type:organization.created"]), 201),
        (json!(["zen:event-type:community_post.changed"]), 201),
        (json!(["conditional_ticket_events"]), 201),
        (json!(["conditional_ticket_events", "zen:event-type:user.created"]), 400),
        (json!(["zen:event-type:user.updated"]), 400),
        (json!(["user.created"]), 400),
    ] {
        let body = json!({"webhook": {"name": "n", "endpoint": "https://example.com", "http_method": "POST",
                                      "request_format": "json", "status": "active", "subscriptions": subscriptions}});
        assert_eq!(desk.call("POST", "/api/v2/webhooks", body).await.status, status, "{subscriptions}");
    }
}

#[tokio::test]
async fn a_delivery_comes_again_where_zendesk_would_send_it_again() {
    // What the endpoint answers, and how often it is asked.
    for (answers, asked) in [
        (&[][..], 1),
        (&[409, 409], 3),
        (&[409, 409, 409, 409, 409], 4),
        (&[503, 429], 3),
        (&[500, 500], 1),
        (&[400], 1),
    ] {
        let desk = Desk::open(calm()).await;
        let (url, mut received) = endpoint(answers).await;
        webhook(&desk, &url, USERS).await;
        desk.done("POST", "/api/v2/users", json!({"user": {"name": "New"}})).await;
        let mut ids = Vec::new();
        for _ in 0..asked {
            ids.push(received.recv().await.unwrap().0["x-zendesk-webhook-invocation-id"].clone());
        }
        while desk.sandbox.handle().deliveries_under_way() > 0 {
            tokio::task::yield_now().await;
        }
        assert!(received.try_recv().is_err(), "{answers:?}");
        ids.dedup();
        assert_eq!(ids.len(), 1, "{answers:?}: one id");
    }
}

#[tokio::test]
async fn a_delivery_may_arrive_twice() {
    let desk = Desk::open(calm()).await;
    let (url, mut received) = endpoint(&[]).await;
    webhook(&desk, &url, USERS).await;
    desk.sandbox.handle().double_deliveries(1);
    desk.done("POST", "/api/v2/users", json!({"user": {"name": "Twice"}})).await;
    let (first, second) = (received.recv().await.unwrap(), received.recv().await.unwrap());
    let id = |received: &Received| received.0["x-zendesk-webhook-invocation-id"].clone();
    assert_eq!((id(&first), &first.1), (id(&second), &second.1));
    desk.done("POST", "/api/v2/users", json!({"user": {"name": "Once"}})).await;
    assert_ne!(id(&received.recv().await.unwrap()), id(&first));
    assert!(received.try_recv().is_err());
}

#[tokio::test]
async fn a_delivery_may_never_leave_and_is_listed_so() {
    let desk = Desk::open(calm()).await;
    let (url, mut received) = endpoint(&[]).await;
    let hook = webhook(&desk, &url, USERS).await;
    desk.sandbox.handle().break_deliveries(1);
    for name in ["Lost", "Told"] {
        desk.done(
            "POST",
            "/api/v2/users",
            json!({"user": {"name": name, "email": format!("{name}@example.com")}}),
        )
        .await;
    }
    assert_eq!(next(&mut received).await["detail"]["email"], "Told@example.com");
    let path = format!("/api/v2/webhooks/{hook}/invocations?filter[status]=circuit%20broken");
    assert_eq!(desk.get(&path).await.body["invocations"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn triggers_hear_nothing_of_users() {
    let desk = Desk::open(calm()).await;
    let (url, mut received) = endpoint(&[]).await;
    let hook = webhook(&desk, &url, &["conditional_ticket_events"]).await;
    let call = json!([{"field": "notification_webhook", "value": [hook, "{}"]}]);
    desk.done("POST", "/api/v2/triggers", rule(json!([]), call)).await;
    desk.done("POST", "/api/v2/users", json!({"user": {"name": "New"}})).await;
    assert!(received.try_recv().is_err());
}
