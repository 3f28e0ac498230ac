//! Flex tokens: opaque to everybody but Twilio, which says whose they are.

use axum::{
    Json,
    body::Bytes,
    extract::{Path, State},
    http::{StatusCode, header},
    response::{Html, IntoResponse as _, Response},
};
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde_json::{Value, json};

use super::{Account, refuse};
use crate::{
    credentials::{TWILIO_ACCOUNT, TWILIO_WORKER, WORKER_EMAIL},
    pages::FLEX_HTML,
    state::random_word,
    world::World,
};

/// What a token stands for.
#[derive(Debug, Clone)]
pub(crate) struct FlexToken {
    identity: String,
    roles: Vec<String>,
    worker_sid: Option<String>,
    expiration: DateTime<Utc>,
}

/// `GET /flex`: Flex itself, for whoever may frame it. Every page on the way up must be among them, as `frame-ancestors` has it.
pub(crate) async fn page(State(world): State<World>) -> Response {
    let embedding = world.twilio().embedding.clone();
    let embedding = embedding.unwrap_or_else(|| {
        let app = world.options().app.url.clone();
        vec![world.urls().zendesk.clone(), app]
    });
    let policy = format!("frame-ancestors 'self' {}", embedding.join(" "));
    ([(header::CONTENT_SECURITY_POLICY, policy.trim_end().to_owned())], Html(FLEX_HTML)).into_response()
}

/// What the Console takes under "Embed Flex as an iframe": whole origins, without a path, a wildcard or a slash at the end.
pub(crate) fn is_embedder(text: &str) -> bool {
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    host.is_some_and(|host| {
        !host.is_empty() && host.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':'))
    })
}

/// `POST /v1/Accounts/{AC}/Tokens/validate`: 200 for every token; `valid` says which.
pub(crate) async fn validate(
    State(world): State<World>,
    Path(account): Path<String>,
    _: Account,
    body: Bytes,
) -> Response {
    if account != TWILIO_ACCOUNT {
        return refuse(StatusCode::FORBIDDEN, 20_003, "Authenticate");
    }
    let doc: Value = serde_json::from_slice(&body).unwrap_or_default();
    let Some(token) = doc["token"].as_str().filter(|token| !token.is_empty()) else {
        return refuse(StatusCode::BAD_REQUEST, 20_001, "Missing required parameter token in the post body");
    };
    let invalid = |code: u32, message: &str| {
        json!({"valid": false, "code": code, "message": message, "expiration": null, "realm_user_id": null,
               "identity": null, "roles": [], "worker_sid": null})
    };
    let now = world.now();
    let answer = match world.twilio().tokens.get(token) {
        None => invalid(20_101, "Invalid Access Token"),
        Some(known) if now >= known.expiration => {
            invalid(20_104, "Access Token expired or expiration date invalid")
        }
        Some(known) => json!({
            "valid": true, "code": 0, "message": null,
            "expiration": known.expiration.to_rfc3339_opts(SecondsFormat::Millis, true),
            "realm_user_id": known.identity, "identity": encoded(&known.identity), "roles": known.roles,
            "worker_sid": known.worker_sid,
        }),
    };
    Json(answer).into_response()
}

/// `_40` for `@`: whatever is no letter or digit becomes an underscore and its hexadecimal number.
fn encoded(identity: &str) -> String {
    identity
        .bytes()
        .map(|byte| match byte {
            byte if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
            byte => format!("_{byte:02X}"),
        })
        .collect()
}

/// `POST /_sandbox/flex/token {"email"?,"roles"?,"ttl"?,"worker"?}`: a token, as Flex gives one to its agent. `email` is the
/// name that the single sign-on sends, an address or not; `worker` is a worker's sid, or false.
pub(crate) async fn mint(State(world): State<World>, body: Bytes) -> Response {
    let asked: Value = serde_json::from_slice(&body).unwrap_or_default();
    let email = asked["email"].as_str().unwrap_or(WORKER_EMAIL);
    let roles: Vec<String> = asked["roles"].as_array().map_or_else(
        || vec!["agent".to_owned()],
        |roles| roles.iter().filter_map(|role| role.as_str().map(str::to_owned)).collect(),
    );
    let expiration = world.now() + TimeDelta::seconds(asked["ttl"].as_i64().unwrap_or(28_800));
    // Five parts, like the JWE that it stands for.
    let token = [20, 0, 16, 120, 22].map(random_word).join(".");
    let worker_sid = match &asked["worker"] {
        Value::Bool(false) => None,
        Value::String(sid) => Some(sid.clone()),
        _ => Some(TWILIO_WORKER.to_owned()),
    };
    let known = FlexToken {
        identity: email.to_owned(),
        roles: roles.clone(),
        worker_sid: worker_sid.clone(),
        expiration,
    };
    world.twilio().tokens.insert(token.clone(), known);
    Json(json!({
        "token": token, "identity": encoded(email), "email": email, "roles": roles, "worker_sid": worker_sid,
        "account_sid": TWILIO_ACCOUNT, "expiration": expiration.to_rfc3339_opts(SecondsFormat::Millis, true),
    }))
    .into_response()
}

/// `POST /_sandbox/flex/token/expire`: every token has run out.
pub(crate) async fn expire(State(world): State<World>) -> StatusCode {
    let now = world.now();
    for token in world.twilio().tokens.values_mut() {
        token.expiration = token.expiration.min(now);
    }
    StatusCode::NO_CONTENT
}

/// `GET /2010-04-01/Accounts/{AC}.json`: what connection checks ask for.
pub(crate) async fn account(State(world): State<World>, Path(account): Path<String>, _: Account) -> Response {
    let sid = account.trim_end_matches(".json");
    if sid != TWILIO_ACCOUNT {
        return refuse(StatusCode::NOT_FOUND, 20_404, "The requested resource was not found");
    }
    let now = super::recordings::time_of_2010(world.now());
    Json(json!({
        "sid": sid, "friendly_name": "Acme", "status": "active", "type": "Full", "owner_account_sid": sid,
        "date_created": now, "date_updated": now, "uri": format!("/2010-04-01/Accounts/{sid}.json"),
    }))
    .into_response()
}
