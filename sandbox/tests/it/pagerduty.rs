//! PagerDuty's Events API answers as it is documented, and an alert is one for its key.

use chrono::TimeDelta;
use deskside_sandbox::{Limits, Options, credentials};
use serde_json::{Value, json};

use crate::client::{Answer, Desk, calm, send};

const KEY: &str = credentials::PAGERDUTY_KEY;

fn event(action: &str, dedup_key: &str) -> Value {
    json!({"routing_key": KEY, "event_action": action, "dedup_key": dedup_key,
           "payload": {"summary": "Urgent ticket of a large customer", "source": "acme.zendesk.com", "severity": "critical"},
           "links": [{"href": "https://acme.zendesk.com/agent/tickets/42", "text": "Ticket 42"}]})
}

async fn enqueue(desk: &Desk, event: &Value) -> Answer {
    let url = format!("{}/v2/enqueue", desk.sandbox.pagerduty_url);
    send(desk.bare("POST", &url).json(event)).await
}

/// Key, status and triggers of each alert.
fn alerts(desk: &Desk) -> Vec<(Value, Value, Value)> {
    let all = desk.sandbox.handle().alerts();
    all.iter()
        .map(|alert| (alert["dedup_key"].clone(), alert["status"].clone(), alert["triggers"].clone()))
        .collect()
}

#[tokio::test]
async fn an_open_alert_takes_further_events_of_its_key() {
    let desk = Desk::open(calm()).await;
    let answer = enqueue(&desk, &event("trigger", "ticket-42")).await;
    assert_eq!(answer.status, 202);
    assert_eq!(
        answer.body,
        json!({"status": "success", "message": "Event processed", "dedup_key": "ticket-42"})
    );
    let mut other = event("trigger", "ticket-42");
    other["routing_key"] = json!(credentials::PAGERDUTY_OTHER_KEY);
    for (event, expected) in [
        (event("trigger", "ticket-42"), vec![("ticket-42", "triggered", 2)]),
        (event("acknowledge", "ticket-42"), vec![("ticket-42", "acknowledged", 2)]),
        (event("resolve", "ticket-7"), vec![("ticket-42", "acknowledged", 2)]),
        (other, vec![("ticket-42", "acknowledged", 2), ("ticket-42", "triggered", 1)]),
        (event("resolve", "ticket-42"), vec![("ticket-42", "resolved", 2), ("ticket-42", "triggered", 1)]),
        (
            event("acknowledge", "ticket-42"),
            vec![("ticket-42", "resolved", 2), ("ticket-42", "triggered", 1)],
        ),
        (
            event("trigger", "ticket-42"),
            vec![("ticket-42", "resolved", 2), ("ticket-42", "triggered", 1), ("ticket-42", "triggered", 1)],
        ),
    ] {
        assert_eq!(enqueue(&desk, &event).await.status, 202);
        let expected: Vec<_> =
            expected.iter().map(|(key, status, times)| (json!(key), json!(status), json!(times))).collect();
        assert_eq!(alerts(&desk), expected, "{event}");
    }
    let mut without = event("trigger", "");
    without.as_object_mut().unwrap().remove("dedup_key");
    let keys = [enqueue(&desk, &without).await, enqueue(&desk, &without).await]
        .map(|answer| answer.body["dedup_key"].clone());
    assert_ne!(keys[0], keys[1], "an event without a key is an alert of its own");
    let shown =
        send(desk.bare("GET", &format!("{}/_sandbox/pagerduty/alerts", desk.sandbox.pagerduty_url))).await;
    assert_eq!(shown.body["alerts"][0]["links"][0]["text"], "Ticket 42");
    assert!(desk.sandbox.handle().set_alert(keys[0].as_str().unwrap(), "resolved"));
    assert!(
        !desk.sandbox.handle().set_alert(keys[0].as_str().unwrap(), "resolved"),
        "it is not open any more"
    );
}

#[tokio::test]
async fn an_event_that_is_not_valid_is_refused_with_all_reasons() {
    let desk = Desk::open(calm()).await;
    let changed = |path: &str, value: Value| {
        let mut event = event("trigger", "k");
        *event.pointer_mut(path).unwrap() = value;
        event
    };
    for (event, errors) in [
        (json!({}), json!(["'routing_key' cannot be blank", "'event_action' is missing or blank"])),
        (
            changed("/routing_key", json!("short")),
            json!(["Length of 'routing_key' is incorrect (should be 32 characters)"]),
        ),
        (changed("/routing_key", json!("x".repeat(32))), json!(["Invalid routing key"])),
        (
            changed("/event_action", json!("close")),
            json!([
                "'event_action' is invalid (must be one of the following: 'trigger', 'acknowledge' or 'resolve')"
            ]),
        ),
        (
            changed("/payload/severity", json!("high")),
            json!([
                "'payload.severity' is invalid (must be one of the following: 'critical', 'warning', 'error' or 'info')"
            ]),
        ),
        (changed("/payload/summary", json!("")), json!(["'payload.summary' is missing or blank"])),
        (
            changed("/payload/summary", json!("x".repeat(1_025))),
            json!(["'payload.summary' is too long (must not be longer than 1024 characters)"]),
        ),
        (
            changed("/dedup_key", json!("x".repeat(256))),
            json!(["'dedup_key' is too long (must not be longer than 255 characters)"]),
        ),
        (
            changed("/links", json!([{"text": "no address"}])),
            json!(["'links' is invalid (each must have a valid 'href')"]),
        ),
        (json!({"routing_key": KEY, "event_action": "resolve"}), json!(["'dedup_key' is missing or blank"])),
    ] {
        let answer = enqueue(&desk, &event).await;
        assert_eq!(answer.status, 400, "{event}");
        assert_eq!(
            answer.body,
            json!({"status": "invalid event", "message": "Event object is invalid", "errors": errors})
        );
    }
    assert_eq!(alerts(&desk), []);
    let url = format!("{}/v2/enqueue", desk.sandbox.pagerduty_url);
    let answer = send(desk.bare("POST", &url).body("no JSON")).await;
    assert_eq!((answer.status, &answer.body["errors"]), (400, &json!(["JSON parse error"])));
    let answer = send(desk.bare("POST", &url).body(vec![b' '; 512 * 1024 + 1])).await;
    assert_eq!(answer.status, 413);
    assert_eq!(enqueue(&desk, &changed("/dedup_key", json!("x".repeat(255)))).await.status, 202);
}

#[tokio::test]
async fn a_service_takes_so_many_events_a_minute() {
    let limits = Limits { pagerduty_per_minute: 2, ..Limits::relaxed() };
    let desk = Desk::open(Options { limits, ..calm() }).await;
    for status in [202, 202, 429] {
        assert_eq!(enqueue(&desk, &event("trigger", "k")).await.status, status);
    }
    desk.sandbox.handle().advance(TimeDelta::minutes(1));
    assert_eq!(enqueue(&desk, &event("trigger", "k")).await.status, 202);
}
