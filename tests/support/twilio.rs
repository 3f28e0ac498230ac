//! Twilio calls us: its two forms, signed as Twilio signs them. Source: twilio-node, `lib/webhooks/webhooks.js`.

use axum::http::header::CONTENT_TYPE;
use base64::{Engine as _, prelude::BASE64_STANDARD};
use deskside_sandbox::credentials;
use hmac::{Hmac, KeyInit, Mac};
use reqwest::Method;
use serde_json::{Value, json};
use sha1::Sha1;
use sha2::{Digest, Sha256};

use super::actors::Answer;
use super::testbed::Testbed;

pub const EVENTS: &str = "/hooks/twilio/events";

/// Twilio's signature over the address, and a form's fields in order.
pub fn signature(url: &str, form: &[(&str, &str)]) -> String {
    let mut form = form.to_vec();
    form.sort_unstable();
    let mut mac = Hmac::<Sha1>::new_from_slice(credentials::TWILIO_AUTH_TOKEN.as_bytes()).expect("any key");
    mac.update(url.as_bytes());
    for (name, value) in form {
        mac.update(format!("{name}{value}").as_bytes());
    }
    BASE64_STANDARD.encode(mac.finalize().into_bytes())
}

/// A workspace's callback, as a form.
pub async fn calls_back(bed: &Testbed, kind: &str, task: &str, attributes: &Value) -> Answer {
    let attributes = attributes.to_string();
    let form = [
        ("EventType", kind),
        ("AccountSid", credentials::TWILIO_ACCOUNT),
        ("WorkspaceSid", credentials::TWILIO_WORKSPACE),
        ("TaskSid", task),
        ("ReservationSid", "WR1"),
        ("TaskAttributes", &attributes),
        ("TaskChannelUniqueName", "voice"),
        ("TaskQueueName", "Billing"),
        ("WorkerName", "agent@example.com"),
        ("TaskAge", "7"),
    ];
    let signed = signature(&format!("{}{EVENTS}", bed.url()), &form);
    Answer::to(bed.stranger().request(Method::POST, EVENTS).header("x-twilio-signature", signed).form(&form))
        .await
}

/// Event Streams: an array, whose hash is in the address.
pub async fn streams(bed: &Testbed, events: &Value) -> Answer {
    streams_to(bed, EVENTS, events).await
}

/// The same, to another address.
pub async fn streams_to(bed: &Testbed, path: &str, events: &Value) -> Answer {
    let body = events.to_string();
    let path = format!("{path}?bodySHA256={}", hex::encode(Sha256::digest(&body)));
    let signed = signature(&format!("{}{path}", bed.url()), &[]);
    let request = bed.stranger().request(Method::POST, &path).header("x-twilio-signature", signed);
    Answer::to(request.header(CONTENT_TYPE, "application/json").body(body)).await
}

/// One of Event Streams' events, about a task.
pub fn event(id: &str, kind: &str, task: &str, attributes: &Value) -> Value {
    json!({"specversion": "1.0", "id": id, "type": format!("com.twilio.taskrouter.{kind}"), "time": "2026-11-22T12:00:05Z",
        "data": {"account_sid": credentials::TWILIO_ACCOUNT, "payload": {"task_sid": task, "reservation_sid": "WR1",
            "workspace_sid": credentials::TWILIO_WORKSPACE, "task_attributes": attributes.to_string(),
            "task_queue_name": "Billing", "worker_name": "agent@example.com", "task_age": 7}}})
}
