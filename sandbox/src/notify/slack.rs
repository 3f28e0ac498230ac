//! Slack's incoming webhook: takes JSON or a form's `payload`, answers plain words.

use axum::{
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use chrono::TimeDelta;
use serde_json::Value;
use url::form_urlencoded;

use super::keep;
use crate::{credentials::SLACK_HOOK, world::World};

/// The only channel of this workspace.
const CHANNEL: &str = "#support";

/// `POST /services/{team}/{service}/{secret}`: one a second.
pub(super) async fn incoming(
    State(world): State<World>,
    Path((team, service, secret)): Path<(String, String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let no = |status: StatusCode, word: &'static str| (status, word).into_response();
    if format!("/services/{team}/{service}/{secret}") != SLACK_HOOK {
        return no(StatusCode::NOT_FOUND, "no_service");
    }
    let limit = world.options().limits.slack_per_second;
    let budget = world.account().windows.take("slack", limit, TimeDelta::seconds(1), world.now());
    if budget.spent {
        let wait = [(header::RETRY_AFTER, budget.resets.to_string())];
        return (StatusCode::TOO_MANY_REQUESTS, wait, "rate_limited").into_response();
    }
    let Some(payload) = read(&headers, &body) else {
        return no(StatusCode::BAD_REQUEST, "invalid_payload");
    };
    let holds = |part: &str| match &payload[part] {
        Value::String(text) => !text.is_empty(),
        Value::Array(parts) => !parts.is_empty(),
        _ => false,
    };
    if !["text", "blocks", "attachments"].into_iter().any(holds) {
        return no(StatusCode::BAD_REQUEST, "no_text");
    }
    if payload["channel"].as_str().is_some_and(|channel| channel != CHANNEL) {
        return no(StatusCode::NOT_FOUND, "channel_not_found");
    }
    keep(&world, "slack", CHANNEL, &payload);
    (StatusCode::OK, "ok").into_response()
}

fn read(headers: &HeaderMap, body: &[u8]) -> Option<Value> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let payload: Value = if kind.starts_with("application/x-www-form-urlencoded") {
        let (_, payload) = form_urlencoded::parse(body).find(|(name, _)| name == "payload")?;
        serde_json::from_str(&payload).ok()?
    } else {
        serde_json::from_slice(body).ok()?
    };
    payload.is_object().then_some(payload)
}
