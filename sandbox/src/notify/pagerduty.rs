//! PagerDuty's Events API v2, and the alerts that come of it. Docs: <https://developer.pagerduty.com/docs/events-api-v2-overview>, "Send an
//! alert event". The texts of refusals are those that clients recorded, or built like them. **Invariant:** an open alert is one for its
//! routing key and `dedup_key`; one that is resolved stays, and a further trigger opens another.

use axum::{
    Json,
    body::Bytes,
    extract::State,
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value, json};
use url::Url;
use uuid::Uuid;

use crate::{
    credentials::{PAGERDUTY_KEY, PAGERDUTY_OTHER_KEY},
    world::World,
};

/// The largest body: 512 KB.
const LARGEST: usize = 512 * 1024;
/// More are forgotten, the oldest first.
const KEPT: usize = 1_000;

/// All alerts, the oldest first.
#[derive(Debug, Default)]
pub(crate) struct Alerts(Vec<Alert>);

#[derive(Debug)]
struct Alert {
    routing_key: String,
    dedup_key: String,
    status: &'static str,
    /// What the last trigger said: `payload`, `links`, `images`, `client`, `client_url`.
    event: Map<String, Value>,
    triggers: u32,
    created_at: DateTime<Utc>,
    /// What happened to it: when, and what.
    log: Vec<(DateTime<Utc>, &'static str)>,
}

impl Alerts {
    /// As `/_sandbox/pagerduty/alerts` shows them.
    pub(crate) fn json(&self) -> Vec<Value> {
        let all = self.0.iter().map(|alert| {
            let log: Vec<_> = alert.log.iter().map(|(at, what)| json!({"at": at, "what": what})).collect();
            let part = |name: &str| alert.event.get(name).cloned().unwrap_or_default();
            let mut row = json!({
                "routing_key": alert.routing_key, "dedup_key": alert.dedup_key, "status": alert.status,
                "triggers": alert.triggers, "created_at": alert.created_at, "log": log, "links": part("links"),
                "images": part("images"), "client": part("client"), "client_url": part("client_url"),
            });
            for name in ["summary", "source", "severity", "timestamp", "component", "group", "class", "custom_details"] {
                row[name] = alert.event["payload"][name].clone();
            }
            row
        });
        all.collect()
    }

    fn open(&mut self, routing_key: &str, dedup_key: &str) -> Option<&mut Alert> {
        self.0.iter_mut().find(|alert| {
            alert.status != "resolved" && alert.dedup_key == dedup_key && alert.routing_key == routing_key
        })
    }

    /// Somebody who is on call takes an alert, or ends it; whether it was open.
    pub(crate) fn set(&mut self, dedup_key: &str, status: &str, now: DateTime<Utc>) -> bool {
        let keys: Vec<String> = self.0.iter().map(|alert| alert.routing_key.clone()).collect();
        keys.iter().any(|key| {
            self.move_on(key, dedup_key, if status == "resolved" { "resolve" } else { "acknowledge" }, now)
        })
    }

    /// Acknowledges or resolves; dropped where nothing is open.
    fn move_on(&mut self, routing_key: &str, dedup_key: &str, action: &str, now: DateTime<Utc>) -> bool {
        let Some(alert) = self.open(routing_key, dedup_key) else { return false };
        alert.status = if action == "resolve" { "resolved" } else { "acknowledged" };
        alert.log.push((now, alert.status));
        true
    }

    fn trigger(&mut self, routing_key: &str, dedup_key: &str, event: Map<String, Value>, now: DateTime<Utc>) {
        if let Some(alert) = self.open(routing_key, dedup_key) {
            alert.triggers += 1;
            alert.log.push((now, "triggered"));
            return;
        }
        if self.0.len() >= KEPT {
            self.0.remove(0);
        }
        self.0.push(Alert {
            routing_key: routing_key.to_owned(),
            dedup_key: dedup_key.to_owned(),
            status: "triggered",
            event,
            triggers: 1,
            created_at: now,
            log: vec![(now, "triggered")],
        });
    }
}

/// `POST /v2/enqueue`.
pub(super) async fn enqueue(State(world): State<World>, body: Bytes) -> Response {
    if body.len() > LARGEST {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    }
    let Ok(Value::Object(event)) = serde_json::from_slice(&body) else {
        let why = "Event object format is unrecognized";
        return refuse(StatusCode::BAD_REQUEST, "Unrecognized object", why, &["JSON parse error".to_owned()]);
    };
    let mut errors = problems(&event);
    let key = text(&event, "routing_key");
    if errors.is_empty() && ![PAGERDUTY_KEY, PAGERDUTY_OTHER_KEY].contains(&key) {
        errors.push("Invalid routing key".to_owned());
    }
    if !errors.is_empty() {
        return refuse(StatusCode::BAD_REQUEST, "invalid event", "Event object is invalid", &errors);
    }
    let (now, limit) = (world.now(), world.options().limits.pagerduty_per_minute);
    let mut account = world.account();
    if account.windows.take(&format!("pagerduty {key}"), limit, TimeDelta::minutes(1), now).spent {
        let why = "Requests for this service are arriving too quickly. Please retry later.";
        return refuse(StatusCode::TOO_MANY_REQUESTS, "throttle exceeded", why, &[]);
    }
    let dedup_key = match text(&event, "dedup_key") {
        "" => Uuid::new_v4().simple().to_string(),
        given => given.to_owned(),
    };
    match text(&event, "event_action") {
        "trigger" => account.alerts.trigger(key, &dedup_key, event.clone(), now),
        action => {
            account.alerts.move_on(key, &dedup_key, action, now);
        }
    }
    let body = json!({"status": "success", "message": "Event processed", "dedup_key": dedup_key});
    (StatusCode::ACCEPTED, Json(body)).into_response()
}

fn refuse(status: StatusCode, word: &str, message: &str, errors: &[String]) -> Response {
    let mut body = json!({"status": word, "message": message});
    if !errors.is_empty() {
        body["errors"] = json!(errors);
    }
    (status, Json(body)).into_response()
}

/// All that is wrong with an event; empty: nothing.
fn problems(event: &Map<String, Value>) -> Vec<String> {
    let mut wrong = Vec::new();
    let key = text(event, "routing_key");
    if key.is_empty() {
        wrong.push("'routing_key' cannot be blank".to_owned());
    } else if key.chars().count() != 32 {
        wrong.push("Length of 'routing_key' is incorrect (should be 32 characters)".to_owned());
    }
    let action = text(event, "event_action");
    let dedup_key = text(event, "dedup_key");
    match action {
        "trigger" => of_payload(event, &mut wrong),
        "acknowledge" | "resolve" if dedup_key.is_empty() => {
            wrong.push("'dedup_key' is missing or blank".to_owned());
        }
        "acknowledge" | "resolve" => {}
        "" => wrong.push("'event_action' is missing or blank".to_owned()),
        _ => wrong.push(
            "'event_action' is invalid (must be one of the following: 'trigger', 'acknowledge' or 'resolve')"
                .to_owned(),
        ),
    }
    if dedup_key.chars().count() > 255 {
        wrong.push("'dedup_key' is too long (must not be longer than 255 characters)".to_owned());
    }
    wrong
}

fn of_payload(event: &Map<String, Value>, wrong: &mut Vec<String>) {
    let nothing = Map::new();
    let payload = event.get("payload").and_then(Value::as_object).unwrap_or(&nothing);
    for name in ["summary", "source", "severity"] {
        if text(payload, name).trim().is_empty() {
            wrong.push(format!("'payload.{name}' is missing or blank"));
        }
    }
    if text(payload, "summary").chars().count() > 1024 {
        wrong.push("'payload.summary' is too long (must not be longer than 1024 characters)".to_owned());
    }
    if !["", "critical", "warning", "error", "info"].contains(&text(payload, "severity")) {
        let choices = "'critical', 'warning', 'error' or 'info'";
        wrong.push(format!("'payload.severity' is invalid (must be one of the following: {choices})"));
    }
    if payload.get("timestamp").is_some_and(|time| !time.as_str().is_some_and(is_time)) {
        wrong.push("'payload.timestamp' is invalid (must be in ISO 8601 format)".to_owned());
    }
    if payload.get("custom_details").is_some_and(|details| !details.is_object()) {
        wrong.push("'payload.custom_details' is invalid (must be an object)".to_owned());
    }
    for (list, name) in [("links", "href"), ("images", "src")] {
        let Some(given) = event.get(list) else { continue };
        let is_url = |row: &Value| {
            let url = row[name].as_str().and_then(|text| Url::parse(text).ok());
            url.is_some_and(|url| url.scheme() == "https" || (list == "links" && url.scheme() == "http"))
        };
        if !given.as_array().is_some_and(|rows| rows.iter().all(is_url)) {
            wrong.push(format!("'{list}' is invalid (each must have a valid '{name}')"));
        }
    }
}

/// With a colon in the offset, or without.
fn is_time(text: &str) -> bool {
    DateTime::parse_from_rfc3339(text).is_ok()
        || DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f%z").is_ok()
}

fn text<'a>(object: &'a Map<String, Value>, name: &str) -> &'a str {
    object.get(name).and_then(Value::as_str).unwrap_or_default()
}
