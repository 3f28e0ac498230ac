//! Events. What they say is the feature's affair.

use std::fmt;

use reqwest::Method;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use url::Url;

use super::error::PAGERDUTY;
use crate::connectors::request::at;
use crate::connectors::{CallFailure, Exchange, Repeat};

const CALL: &str = "POST /v2/enqueue";
/// Characters of a summary.
const LONGEST_SUMMARY: usize = 1_024;

/// An alert that is triggered.
#[derive(Debug, Clone)]
pub struct Alert<'a> {
    /// Names the alert, 255 characters at most: triggered twice it is one.
    pub dedup_key: &'a str,
    /// One line; the rest of a longer one is cut off.
    pub summary: &'a str,
    /// Where it happens: a host's name.
    pub source: &'a str,
    /// More, as an object.
    pub details: Value,
    /// Where people read on: address and text.
    pub links: Vec<(String, String)>,
}

/// One integration of a `PagerDuty` service.
#[derive(Clone)]
pub struct PagerDutyClient {
    exchange: Exchange,
    base_url: Url,
    routing_key: SecretString,
}

impl fmt::Debug for PagerDutyClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PagerDutyClient({})", self.base_url.origin().ascii_serialization())
    }
}

impl PagerDutyClient {
    /// The integration with this key.
    pub const fn new(exchange: Exchange, base_url: Url, routing_key: SecretString) -> Self {
        Self { exchange, base_url, routing_key }
    }

    /// Opens an alert, or adds to the open one of the same name.
    pub async fn trigger(&self, alert: &Alert<'_>) -> Result<(), CallFailure> {
        let summary: String = alert.summary.chars().take(LONGEST_SUMMARY).collect();
        let links: Vec<_> =
            alert.links.iter().map(|(href, text)| json!({ "href": href, "text": text })).collect();
        self.send(json!({
            "routing_key": self.routing_key.expose_secret(), "event_action": "trigger", "dedup_key": alert.dedup_key,
            "client": "Deskside", "links": links,
            "payload": {
                "summary": summary, "source": alert.source, "severity": "critical", "custom_details": alert.details,
            },
        }))
        .await
    }

    /// Closes the open alert of this name, where there is one.
    pub async fn resolve(&self, dedup_key: &str) -> Result<(), CallFailure> {
        self.send(json!({
            "routing_key": self.routing_key.expose_secret(), "event_action": "resolve", "dedup_key": dedup_key,
        }))
        .await
    }

    /// Twice is once: both have the same `dedup_key`.
    async fn send(&self, event: Value) -> Result<(), CallFailure> {
        let request =
            self.exchange.http().request(Method::POST, at(&self.base_url, "/v2/enqueue")).json(&event);
        let request = request.build().expect("the URL is parsed and the body is JSON");
        let answer = self.exchange.send(CALL, Repeat::Safe, request).await;
        let answer = answer.map_err(|error| CallFailure::of_call(&PAGERDUTY, CALL, error))?;
        if answer.status.is_success() {
            return Ok(());
        }
        Err(match answer.status.as_u16() {
            429 | 500.. => CallFailure::of_answer(&PAGERDUTY, CALL, &answer, self.exchange.clock().now()),
            status => CallFailure::of_status(&PAGERDUTY, CALL, status),
        })
    }
}
