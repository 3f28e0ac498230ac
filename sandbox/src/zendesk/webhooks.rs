//! Webhooks: their records, secrets, invocations and a test send.

use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::IntoResponse as _,
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Map, Value, json};

use super::{
    access::Caller,
    delivery::{Delivery, attempt},
    events,
    input::{Doc, Params},
    paging::{Paging, by_cursor, page},
    refusal::{Answer, Refusal, no_content, ok},
};
use crate::world::World;

/// The secret of sends that test a webhook before it exists; Zendesk's own, and public.
const TEST_SECRET: &str = "dGhpc19zZWNyZXRfaXNfZm9yX3Rlc3Rpbmdfb25seQ==";

/// A webhook and what became of its deliveries.
#[derive(Debug, Clone)]
pub(crate) struct Webhook {
    pub(crate) doc: Map<String, Value>,
    pub(crate) secret: String,
    /// Newest first; each with its attempts.
    pub(crate) invocations: Vec<(Value, Vec<Value>)>,
    /// What was sent last.
    pub(crate) last: Option<Delivery>,
}

impl Webhook {
    pub(crate) fn text(&self, name: &str) -> &str {
        self.doc.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    /// Whether triggers may call it: then it hears of no events.
    pub(crate) fn is_for_triggers(&self) -> bool {
        let subscriptions = self.doc.get("subscriptions").and_then(Value::as_array);
        subscriptions.is_none_or(|all| all.iter().all(|name| name == "conditional_ticket_events"))
    }

    /// Whether it subscribed to these events.
    pub(crate) fn hears(&self, subscription: &str) -> bool {
        let subscriptions = self.doc.get("subscriptions").and_then(Value::as_array);
        subscriptions.is_some_and(|all| all.iter().any(|name| name == subscription))
    }

    pub(crate) fn is_active(&self) -> bool {
        self.text("status") == "active"
    }

    /// One send of it.
    pub(crate) fn delivery(&self, invocation_id: String, body: String) -> Delivery {
        Delivery {
            webhook_id: self.text("id").to_owned(),
            invocation_id,
            endpoint: self.text("endpoint").to_owned(),
            method: self.text("http_method").to_owned(),
            secret: self.secret.clone(),
            authentication: self.doc.get("authentication").cloned().unwrap_or_default(),
            body,
        }
    }

    /// As shown: credentials only by name.
    fn json(&self) -> Value {
        let mut doc = self.doc.clone();
        if let Some(data) = doc.get_mut("authentication").and_then(|auth| auth["data"].as_object_mut()) {
            for secret in ["password", "token", "value"] {
                data.remove(secret);
            }
        }
        Value::Object(doc)
    }
}

/// `GET /webhooks`, newest first, with `filter[name_contains]`; all at once unless the caller pages.
pub(crate) async fn list(State(world): State<World>, caller: Caller, params: Params) -> Answer {
    caller.admin()?;
    let account = world.account();
    let part = params.get("filter[name_contains]").unwrap_or_default().to_lowercase();
    let rows: Vec<_> = account
        .webhooks
        .values()
        .rev()
        .filter(|webhook| webhook.text("name").to_lowercase().contains(&part))
        .map(Webhook::json)
        .collect();
    if by_cursor(&params) {
        let path = format!("{}/api/v2/webhooks", world.base());
        return page("webhooks", rows, &path, &params, Paging::CursorOnly).map(ok);
    }
    Ok(ok(json!({"webhooks": rows, "meta": {"has_more": false}})))
}

/// What a caller may say of a webhook; the rest is ignored.
const WRITABLE: &[&str] = &[
    "name",
    "description",
    "status",
    "subscriptions",
    "endpoint",
    "http_method",
    "request_format",
    "authentication",
    "custom_headers",
];

/// `POST /webhooks`.
pub(crate) async fn create(State(world): State<World>, caller: Caller, params: Params, doc: Doc) -> Answer {
    caller.admin()?;
    let part = match params.get("clone_webhook_id") {
        None => doc.part("webhook")?.clone(),
        Some(id) => world.account().webhooks.get(id).ok_or_else(Refusal::not_found)?.doc.clone(),
    };
    check(&part, true)?;
    let now = world.now();
    let id = ulid(now);
    let mut record = part.clone();
    record.retain(|name, _| WRITABLE.contains(&name.as_str()));
    record.insert("id".into(), json!(id));
    record.insert("created_at".into(), json!(now.to_rfc3339_opts(SecondsFormat::Nanos, true)));
    record.insert("created_by".into(), json!(caller.id().to_string()));
    let webhook = Webhook { doc: record, secret: new_secret(), invocations: Vec::new(), last: None };
    let body = json!({"webhook": webhook.json()});
    world.account().webhooks.insert(id, webhook);
    Ok((StatusCode::CREATED, axum::Json(body)).into_response())
}

/// What Zendesk checks. A webhook is for triggers or for events, never for both.
fn check(part: &Map<String, Value>, whole: bool) -> Result<(), Refusal> {
    let bad =
        |detail: &str| Refusal::listed(StatusCode::BAD_REQUEST, "InvalidWebhook", "Invalid webhook", detail);
    for name in ["name", "status", "endpoint", "http_method", "request_format"] {
        if part.get(name).map_or(whole, |value| value.as_str().is_none_or(str::is_empty)) {
            return Err(bad(&format!("{name} is required")));
        }
    }
    let endpoint = part.get("endpoint").and_then(Value::as_str);
    let wrong = |endpoint: &str| {
        url::Url::parse(endpoint).map_or(true, |url| !matches!(url.scheme(), "http" | "https"))
    };
    if endpoint.is_some_and(wrong) {
        return Err(bad("endpoint is not a URL"));
    }
    let subscriptions =
        part.get("subscriptions").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    if subscriptions.len() > 1 && subscriptions.iter().any(|name| name == "conditional_ticket_events") {
        return Err(bad("conditional_ticket_events cannot be combined with other subscriptions"));
    }
    let known = |name: &Value| {
        name.as_str().is_some_and(|name| name == "conditional_ticket_events" || events::is_known(name))
    };
    if !subscriptions.iter().all(known) {
        return Err(bad("subscriptions must be conditional_ticket_events or known event types"));
    }
    Ok(())
}

/// `GET /webhooks/{id}`.
pub(crate) async fn show(State(world): State<World>, caller: Caller, Path(id): Path<String>) -> Answer {
    caller.admin()?;
    let account = world.account();
    let webhook = account.webhooks.get(&id).ok_or_else(Refusal::not_found)?;
    Ok(ok(json!({"webhook": webhook.json()})))
}

/// `PUT|PATCH /webhooks/{id}`: 204.
pub(crate) async fn update(
    State(world): State<World>,
    caller: Caller,
    Path(id): Path<String>,
    doc: Doc,
) -> Answer {
    caller.admin()?;
    let part = doc.part("webhook")?;
    check(part, false)?;
    let now = world.now();
    let mut account = world.account();
    let webhook = account.webhooks.get_mut(&id).ok_or_else(Refusal::not_found)?;
    for (name, value) in part.iter().filter(|(name, _)| WRITABLE.contains(&name.as_str())) {
        webhook.doc.insert(name.clone(), value.clone());
    }
    webhook.doc.insert("updated_at".into(), json!(now.to_rfc3339_opts(SecondsFormat::Nanos, true)));
    webhook.doc.insert("updated_by".into(), json!(caller.id().to_string()));
    Ok(no_content())
}

/// `DELETE /webhooks/{id}`; one that a trigger uses stays.
pub(crate) async fn delete(State(world): State<World>, caller: Caller, Path(id): Path<String>) -> Answer {
    caller.admin()?;
    let mut account = world.account();
    let used = account.triggers.values().any(|trigger| {
        let actions = trigger["actions"].as_array().into_iter().flatten();
        actions
            .clone()
            .any(|action| action["field"] == "notification_webhook" && action["value"][0] == id.as_str())
    });
    if used {
        let why = "The webhook is used by a trigger";
        return Err(Refusal::listed(StatusCode::BAD_REQUEST, "WebhookInUse", "Webhook in use", why));
    }
    account.webhooks.remove(&id).ok_or_else(Refusal::not_found)?;
    Ok(no_content())
}

/// `GET /webhooks/{id}/signing_secret`.
pub(crate) async fn secret(State(world): State<World>, caller: Caller, Path(id): Path<String>) -> Answer {
    caller.admin()?;
    let account = world.account();
    let webhook = account.webhooks.get(&id).ok_or_else(Refusal::not_found)?;
    Ok(ok(json!({"signing_secret": {"secret": webhook.secret, "algorithm": "SHA256"}})))
}

/// `POST /webhooks/{id}/signing_secret`: a new one, 201.
pub(crate) async fn reset_secret(
    State(world): State<World>,
    caller: Caller,
    Path(id): Path<String>,
) -> Answer {
    caller.admin()?;
    let mut account = world.account();
    let webhook = account.webhooks.get_mut(&id).ok_or_else(Refusal::not_found)?;
    webhook.secret = new_secret();
    let body = json!({"signing_secret": {"secret": webhook.secret, "algorithm": "SHA256"}});
    Ok((StatusCode::CREATED, axum::Json(body)).into_response())
}

/// `POST /webhooks/test[?webhook_id=]`: sends once and shows the answer.
pub(crate) async fn test(State(world): State<World>, caller: Caller, params: Params, doc: Doc) -> Answer {
    caller.admin()?;
    let known = params.get("webhook_id").map(|id| world.account().webhooks.get(id).cloned());
    let known = known.map(|webhook| webhook.ok_or_else(Refusal::not_found)).transpose()?;
    let request = &doc.0["request"];
    let described = |name: &str| {
        let of_known = known.as_ref().map(|webhook| webhook.text(name).to_owned());
        request[name].as_str().map(str::to_owned).or(of_known).unwrap_or_default()
    };
    let delivery = Delivery {
        webhook_id: known.as_ref().map(|webhook| webhook.text("id").to_owned()).unwrap_or_default(),
        invocation_id: ulid(world.now()),
        endpoint: described("endpoint"),
        method: described("http_method"),
        secret: known.as_ref().map_or_else(|| TEST_SECRET.to_owned(), |webhook| webhook.secret.clone()),
        authentication: known
            .and_then(|webhook| webhook.doc.get("authentication").cloned())
            .unwrap_or_default(),
        body: request["payload"].as_str().unwrap_or_default().to_owned(),
    };
    let outcome = attempt(&world, &delivery).await;
    Ok(ok(json!({"response": outcome.map_or_else(
        || json!({"headers": [], "status_code": 0, "payload": ""}),
        |outcome| json!({"headers": outcome.headers, "status_code": outcome.status, "payload": outcome.payload}),
    )})))
}

/// `GET /webhooks/{id}/invocations`.
pub(crate) async fn invocations(
    State(world): State<World>,
    caller: Caller,
    Path(id): Path<String>,
    params: Params,
) -> Answer {
    caller.admin()?;
    let account = world.account();
    let webhook = account.webhooks.get(&id).ok_or_else(Refusal::not_found)?;
    let status = params.get("filter[status]");
    let rows: Vec<_> = webhook
        .invocations
        .iter()
        .map(|(row, _)| row)
        .filter(|row| status.is_none_or(|status| row["status"] == status))
        .collect();
    Ok(ok(json!({"invocations": rows, "meta": {"has_more": false}, "links": {}})))
}

/// `GET /webhooks/{id}/invocations/{invocation}/attempts`.
pub(crate) async fn attempts(
    State(world): State<World>,
    caller: Caller,
    Path((id, invocation)): Path<(String, String)>,
) -> Answer {
    caller.admin()?;
    let account = world.account();
    let webhook = account.webhooks.get(&id).ok_or_else(Refusal::not_found)?;
    let found = webhook.invocations.iter().find(|(row, _)| row["id"] == invocation.as_str());
    let (_, attempts) = found.ok_or_else(Refusal::not_found)?;
    Ok(ok(json!({"attempts": attempts})))
}

fn new_secret() -> String {
    use rand::RngExt as _;
    let bytes: [u8; 32] = rand::rng().random();
    BASE64_STANDARD.encode(bytes)
}

/// A sortable id, as webhooks have them: time, then chance.
pub(crate) fn ulid(now: DateTime<Utc>) -> String {
    use rand::RngExt as _;
    const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    let mut time = now.timestamp_millis().unsigned_abs();
    let mut word = [b'0'; 26];
    for place in (0..10).rev() {
        word[place] = LETTERS[usize::try_from(time % 32).unwrap_or_default()];
        time /= 32;
    }
    let mut rng = rand::rng();
    for place in &mut word[10..] {
        *place = LETTERS[rng.random_range(0..32)];
    }
    word.iter().copied().map(char::from).collect()
}
