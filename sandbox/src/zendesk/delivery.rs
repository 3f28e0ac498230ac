//! Sending webhooks: signed on the raw body, tried again as Zendesk does. **Invariant:** the sandbox follows no redirect.

use std::sync::atomic::Ordering;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::{clock::stamp, credentials::ACCOUNT_ID, world::World};

/// One send of one webhook.
#[derive(Debug, Clone)]
pub(crate) struct Delivery {
    pub(crate) webhook_id: String,
    pub(crate) invocation_id: String,
    pub(crate) endpoint: String,
    pub(crate) method: String,
    pub(crate) secret: String,
    pub(crate) authentication: Value,
    pub(crate) body: String,
}

/// What the endpoint answered.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) status: u16,
    pub(crate) headers: Vec<Value>,
    pub(crate) payload: String,
    retry_after: Option<u64>,
}

/// What triggers and events want sent, after the account's lock is released.
#[derive(Debug, Default)]
#[must_use = "deliveries are only sent when asked to"]
pub(crate) struct Deliveries(pub(crate) Vec<Delivery>);

impl Deliveries {
    /// Sends them in the background.
    pub(crate) fn send(self, world: &World) {
        for delivery in self.0 {
            let world = world.clone();
            let now = world.now();
            let twice = {
                let mut account = world.account();
                if take(&mut account.broken_deliveries) {
                    let row = json!({
                        "id": delivery.invocation_id, "status": "circuit broken", "latest_completed_at": stamp(now),
                    });
                    if let Some(webhook) = account.webhooks.get_mut(&delivery.webhook_id) {
                        webhook.invocations.insert(0, (row, Vec::new()));
                    }
                    continue;
                }
                take(&mut account.doubled_deliveries)
            };
            world.delivering().fetch_add(1, Ordering::SeqCst);
            tokio::spawn(async move {
                deliver(&world, &delivery).await;
                if twice {
                    attempt(&world, &delivery).await; // whatever it answers
                }
                world.delivering().fetch_sub(1, Ordering::SeqCst);
            });
        }
    }
}

/// Whether there was one left; then there is one less.
const fn take(left: &mut u32) -> bool {
    let some = *left > 0;
    *left = left.saturating_sub(1);
    some
}

/// Base64 of HMAC-SHA256 over timestamp and body, keyed with the secret's text.
pub(crate) fn sign(secret: &str, timestamp: &str, body: &str) -> String {
    let mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("HMAC takes keys of any length");
    BASE64_STANDARD.encode(mac.chain_update(timestamp).chain_update(body).finalize().into_bytes())
}

/// Sends until it is accepted or Zendesk would give up: 409 three times, 429 and 503 where `Retry-After` is short,
/// time-outs five times.
pub(crate) async fn deliver(world: &World, delivery: &Delivery) {
    if let Some(webhook) = world.account().webhooks.get_mut(&delivery.webhook_id) {
        webhook.last = Some(delivery.clone());
    }
    let mut attempts = Vec::new();
    let (mut conflicts, mut timeouts) = (0, 0);
    let status = loop {
        let outcome = attempt(world, delivery).await;
        attempts.push(attempt_json(world, delivery, outcome.as_ref()));
        let wait = match &outcome {
            Some(outcome) if (200..300).contains(&outcome.status) => break "success",
            Some(outcome) if outcome.status == 409 && conflicts < 3 => {
                conflicts += 1;
                1
            }
            Some(Outcome { status: 429 | 503, retry_after: Some(seconds), .. })
                if *seconds < 60 && conflicts < 3 =>
            {
                conflicts += 1;
                *seconds
            }
            Some(_) => break "terminated",
            None if timeouts < 5 => {
                timeouts += 1;
                1
            }
            None => break "timeout",
        };
        tokio::time::sleep(std::time::Duration::from_secs(wait)).await;
    };
    let last = attempts.last().map(|attempt| attempt["status_code"].clone()).unwrap_or_default();
    let row = json!({
        "id": delivery.invocation_id, "status_code": last, "status": status, "latest_completed_at": stamp(world.now()),
    });
    if let Some(webhook) = world.account().webhooks.get_mut(&delivery.webhook_id) {
        webhook.invocations.insert(0, (row, attempts));
    }
}

/// The headers of a send.
fn headers(world: &World, delivery: &Delivery) -> Vec<(&'static str, String)> {
    let timestamp = stamp(world.now());
    let mut headers = vec![
        ("X-Zendesk-Webhook-Signature", sign(&delivery.secret, &timestamp, &delivery.body)),
        ("X-Zendesk-Webhook-Signature-Timestamp", timestamp),
        ("Content-Type", "application/json; charset=utf-8".to_owned()),
        ("X-Zendesk-Account-Id", ACCOUNT_ID.to_string()),
        ("X-Zendesk-Webhook-Id", delivery.webhook_id.clone()),
        ("X-Zendesk-Webhook-Invocation-Id", delivery.invocation_id.clone()),
    ];
    let text = |name: &str| delivery.authentication["data"][name].as_str().unwrap_or_default();
    match delivery.authentication["type"].as_str() {
        Some("basic_auth") => {
            let pair = BASE64_STANDARD.encode(format!("{}:{}", text("username"), text("password")));
            headers.push(("Authorization", format!("Basic {pair}")));
        }
        Some("bearer_token") => headers.push(("Authorization", format!("Bearer {}", text("token")))),
        _ => {}
    }
    headers
}

/// Sends once; nothing means nobody answered in time.
pub(crate) async fn attempt(world: &World, delivery: &Delivery) -> Option<Outcome> {
    let method = delivery.method.parse().unwrap_or(reqwest::Method::POST);
    let mut request = world.http().request(method, &delivery.endpoint).body(delivery.body.clone());
    for (name, value) in headers(world, delivery) {
        request = request.header(name, value);
    }
    if delivery.authentication["type"] == "api_key" {
        let data = &delivery.authentication["data"];
        request = request.header(data["name"].as_str()?, data["value"].as_str()?);
    }
    let response = request.send().await.ok()?;
    let status = response.status().as_u16();
    let retry_after =
        response.headers().get("retry-after").and_then(|value| value.to_str().ok()?.parse().ok());
    let headers = response
        .headers()
        .iter()
        .filter_map(|(name, value)| Some(json!({"key": name.as_str(), "value": value.to_str().ok()?})))
        .collect();
    let payload = response.text().await.unwrap_or_default().chars().take(1_000).collect();
    Some(Outcome { status, headers, payload, retry_after })
}

fn attempt_json(world: &World, delivery: &Delivery, outcome: Option<&Outcome>) -> Value {
    let sent: Vec<_> = headers(world, delivery)
        .into_iter()
        .filter(|(name, _)| *name != "Authorization")
        .map(|(key, value)| json!({"key": key, "value": value}))
        .collect();
    let status = match outcome {
        None => "timeout",
        Some(outcome) if (200..300).contains(&outcome.status) => "success",
        Some(_) => "terminated",
    };
    json!({
        "id": delivery.webhook_id,
        "invocation_id": delivery.invocation_id,
        "status_code": outcome.map_or(0, |outcome| outcome.status),
        "status": status,
        "request": {"headers": sent, "payload": delivery.body},
        "response": outcome.map_or_else(
            || json!({"headers": [], "payload": ""}),
            |outcome| json!({"headers": outcome.headers, "payload": outcome.payload}),
        ),
        "completed_at": stamp(world.now()),
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_signature_is_the_one_that_openssl_computes() {
        let signed = super::sign(
            "dGhpc19zZWNyZXRfaXNfZm9yX3Rlc3Rpbmdfb25seQ==",
            "2021-03-25T05:09:27Z",
            r#"{"event":"ticket.updated","id":123}"#,
        );
        assert_eq!(signed, "S/RDdU2ERmj7LHDDoWJ2onPYH+t7/f2+LTM4dL7UiLM=");
    }
}
