//! One delivery. What it says is the feature's affair; how it is written, signed and sent is ours.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use reqwest::{Method, header};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::Sha256;

use super::error::WEBHOOK;
use crate::connectors::{CallFailure, Exchange, Refusal, Repeat, Target};

/// What we are doing, for errors and metrics; the address is a secret.
const CALL: &str = "POST {notify.webhook_url}";

/// What the other side understands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// All that is known, as JSON.
    Json,
    /// Only the sentence.
    Slack,
}

/// Delivers to one address.
#[derive(Clone)]
pub struct NotifyClient {
    exchange: Exchange,
    address: SecretString,
    key: Option<SecretString>,
    format: Format,
}

impl fmt::Debug for NotifyClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NotifyClient({:?})", self.format)
    }
}

impl NotifyClient {
    /// With a key, deliveries carry `X-Deskside-Signature: t=SECONDS,v1=HEX`, the HMAC-SHA-256 of `SECONDS.BODY`.
    pub fn new(exchange: Exchange, address: SecretString, key: Option<SecretString>, format: Format) -> Self {
        Self { exchange, address, key, format }
    }

    /// Delivers `text`, and with it `more` (an object) where the other side can read it. `id` names the delivery: what comes
    /// twice has the same.
    pub async fn tell(&self, id: &str, text: &str, mut more: Value) -> Result<(), CallFailure> {
        let body = match self.format {
            Format::Slack => json!({ "text": escaped(text) }),
            Format::Json => {
                more["text"] = text.into();
                more
            }
        };
        let body = body.to_string();
        let target = Target::parse(self.address.expose_secret(), self.exchange.net()).await;
        let target = target.map_err(blocked)?;
        let mut request = self
            .exchange
            .http()
            .request(Method::POST, target.url().clone())
            .header(header::CONTENT_TYPE, "application/json")
            .header("x-deskside-delivery", id);
        if let Some(key) = &self.key {
            let at = self.exchange.clock().now().timestamp();
            let mut mac = Hmac::<Sha256>::new_from_slice(key.expose_secret().as_bytes())
                .expect("HMAC takes keys of any length");
            mac.update(format!("{at}.{body}").as_bytes());
            let signature = hex::encode(mac.finalize().into_bytes());
            request = request.header("x-deskside-signature", format!("t={at},v1={signature}"));
        }
        let request = request.body(body).build().map_err(|_| blocked(Refusal::NotAUrl))?;
        let answer = self.exchange.send(CALL, Repeat::Safe, request).await;
        let answer = answer.map_err(|error| CallFailure::of_call(&WEBHOOK, CALL, error))?;
        if answer.status.is_success() {
            return Ok(());
        }
        Err(match answer.status.as_u16() {
            429 | 500.. => CallFailure::of_answer(&WEBHOOK, CALL, &answer, self.exchange.clock().now()),
            status => CallFailure::of_status(&WEBHOOK, CALL, status),
        })
    }
}

/// So that what a customer wrote calls nobody and is no link. Docs: <https://docs.slack.dev/messaging/formatting-message-text>,
/// "Escaping text".
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn blocked(why: Refusal) -> CallFailure {
    CallFailure::blocked(&WEBHOOK, CALL, why)
}
