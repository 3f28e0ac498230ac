//! OAuth: client credentials, authorization code with PKCE, and refresh tokens that rotate.
//! **Invariant:** a refresh token works once; its successor's pair is the only one alive.

use std::fmt::Write as _;

use axum::{
    extract::{Path, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use url::Url;

use super::{
    access::Caller,
    input::{Params, id},
    record::Role,
    refusal::{Answer, Refusal, no_content, ok},
};
use crate::{
    clock::stamp,
    state::{Account, random_word},
    world::World,
};

/// An app that may ask for tokens.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    pub(crate) id: u64,
    pub(crate) identifier: String,
    pub(crate) secret: Option<String>,
    pub(crate) user_id: u64,
    pub(crate) redirect_uris: Vec<String>,
}

/// A code on its way from the browser to the client; it lives 120 seconds.
#[derive(Debug, Clone)]
pub(crate) struct Code {
    client: String,
    user_id: u64,
    redirect_uri: String,
    scope: String,
    challenge: Option<(String, String)>,
    at: DateTime<Utc>,
}

/// An access token and, where the grant has one, its refresh token.
#[derive(Debug, Clone)]
pub(crate) struct Token {
    pub(crate) id: u64,
    pub(crate) access: String,
    refresh: Option<(String, DateTime<Utc>)>,
    pub(crate) scope: String,
    pub(crate) user_id: u64,
    client_id: u64,
    pub(crate) expires_at: DateTime<Utc>,
    created_at: DateTime<Utc>,
    revoked: bool,
}

impl Token {
    pub(crate) fn usable(&self, now: DateTime<Utc>) -> bool {
        !self.revoked && now < self.expires_at
    }

    pub(crate) const fn revoke(&mut self) {
        self.revoked = true;
    }

    fn json(&self, base: &str) -> Value {
        json!({
            "id": self.id,
            "url": format!("{base}/api/v2/oauth/tokens/{}.json", self.id),
            "user_id": self.user_id,
            "client_id": self.client_id,
            "token": self.access.chars().take(10).collect::<String>(),
            "refresh_token": self.refresh.as_ref().map(|(word, _)| word.chars().take(10).collect::<String>()),
            "scopes": self.scope.split_whitespace().collect::<Vec<_>>(),
            "created_at": stamp(self.created_at),
            "expires_at": stamp(self.expires_at),
            "used_at": stamp(self.created_at),
        })
    }
}

fn invalid_grant() -> Refusal {
    let why = "The provided access grant is invalid, expired, or revoked (e.g. invalid assertion, expired \
               authorization token, bad end-user password credentials, or mismatching authorization code and \
               redirection URI).";
    Refusal::oauth(StatusCode::BAD_REQUEST, "invalid_grant", why)
}

/// `GET /oauth/authorizations/new`: the page where a person agrees; `sandbox_user` agrees at once.
pub(crate) async fn authorize(State(world): State<World>, params: Params) -> Answer {
    let text = |name: &str| params.get(name).unwrap_or_default().to_owned();
    let invalid = |error: &str, why: &str| Refusal::oauth(StatusCode::BAD_REQUEST, error, why);
    let (client, redirect_uri) = (text("client_id"), text("redirect_uri"));
    let mut account = world.account();
    let known = account.clients.iter().find(|known| known.identifier == client);
    let known = known.ok_or_else(|| invalid("invalid_client", "No client has this client_id"))?;
    let target = Url::parse(&redirect_uri).ok().filter(|target| {
        let loopback = matches!(target.host_str(), Some("localhost" | "127.0.0.1"));
        (target.scheme() == "https" || loopback)
            && (known.redirect_uris.is_empty() || known.redirect_uris.contains(&redirect_uri))
    });
    let mut target =
        target.ok_or_else(|| invalid("invalid_request", "redirect_uri is not one of the client's"))?;
    if text("response_type") != "code" {
        return Err(invalid("unsupported_response_type", "response_type must be code"));
    }
    let admins: Vec<_> = account.users.values().filter(|user| user.role == Role::Admin).cloned().collect();
    let Some(user) = params.get("sandbox_user").and_then(|text| text.parse::<u64>().ok()) else {
        return Ok(consent_page(
            &params,
            &admins.iter().map(|user| (user.id, user.name.clone())).collect::<Vec<_>>(),
        ));
    };
    if !account.users.contains_key(&user) {
        target.query_pairs_mut().append_pair("error", "access_denied");
        return Ok(found(&target));
    }
    let code = random_word(32);
    let challenge = params.get("code_challenge").map(|challenge| {
        (params.get("code_challenge_method").unwrap_or("plain").to_owned(), challenge.to_owned())
    });
    let scope = params.get("scope").unwrap_or("read write").to_owned();
    account.codes.insert(
        code.clone(),
        Code { client, user_id: user, redirect_uri, scope, challenge, at: world.now() },
    );
    target.query_pairs_mut().append_pair("code", &code);
    if let Some(state) = params.get("state") {
        target.query_pairs_mut().append_pair("state", state);
    }
    Ok(found(&target))
}

fn found(target: &Url) -> Response {
    (StatusCode::FOUND, [(header::LOCATION, target.to_string())]).into_response()
}

/// A plain page with one button per admin.
fn consent_page(params: &Params, admins: &[(u64, String)]) -> Response {
    let escape = |text: &str| text.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;");
    let mut form = String::new();
    for (name, value) in &params.0 {
        let _ = write!(form, "<input type=\"hidden\" name=\"{}\" value=\"{}\">", escape(name), escape(value));
    }
    for (id, name) in admins {
        let button = "<p><button name=\"sandbox_user\"";
        let _ = write!(form, "{button} value=\"{id}\">Allow as {}</button></p>", escape(name));
    }
    let page = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Allow access</title><body \
         style=\"font:16px system-ui;max-width:30em;margin:4em auto\"><h1>Allow access to your account?</h1><form \
         action=\"/oauth/authorizations/new\">{form}</form></body></html>"
    );
    ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], page).into_response()
}

/// `POST /oauth/tokens`, with a JSON or a form body.
pub(crate) async fn issue(
    State(world): State<World>,
    headers: axum::http::HeaderMap,
    body: axum::body::Bytes,
) -> Answer {
    let form = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"));
    let asked: Value = if form {
        let pairs = url::form_urlencoded::parse(&body).map(|(name, value)| (name.into_owned(), json!(value)));
        Value::Object(pairs.collect())
    } else {
        serde_json::from_slice(&body)
            .map_err(|_| Refusal::oauth(StatusCode::BAD_REQUEST, "invalid_request", "The body is not JSON"))?
    };
    let text = |name: &str| asked[name].as_str().unwrap_or_default();
    let now = world.now();
    let mut account = world.account();
    let client = account.clients.iter().find(|client| client.identifier == text("client_id")).cloned();
    let secret = text("client_secret");
    let client = client.filter(|client| {
        let public = text("grant_type") != "client_credentials" && client.secret.is_none();
        public || client.secret.as_deref() == Some(secret)
    });
    let client = client.ok_or_else(|| {
        let why = "Client authentication failed due to unknown client, no client authentication included, or \
                   unsupported authentication method.";
        Refusal::oauth(StatusCode::UNAUTHORIZED, "invalid_client", why)
    })?;
    let lives = lifetime(&asked, "expires_in", 300..=172_800, 1_800)?;
    let refresh_lives = lifetime(&asked, "refresh_token_expires_in", 604_800..=7_776_000, 2_592_000)?;
    let wanted_scope = text("scope");
    let (user_id, scope, refreshes) = match text("grant_type") {
        "client_credentials" => {
            let scope = if wanted_scope.is_empty() { "read write" } else { wanted_scope };
            (client.user_id, scope.to_owned(), false)
        }
        "authorization_code" => redeem(&mut account, &client, &asked, now)?,
        "refresh_token" => rotate(&mut account, &client, text("refresh_token"), wanted_scope, now)?,
        _ => {
            let why = "The access grant type is not supported";
            return Err(Refusal::oauth(StatusCode::BAD_REQUEST, "unsupported_grant_type", why));
        }
    };
    let token = Token {
        id: account.fresh_id(),
        access: random_word(64),
        refresh: refreshes.then(|| (random_word(64), now + TimeDelta::seconds(refresh_lives))),
        scope,
        user_id,
        client_id: client.id,
        expires_at: now + TimeDelta::seconds(lives),
        created_at: now,
        revoked: false,
    };
    let mut answer = json!({
        "access_token": token.access,
        "token_type": "bearer",
        "scope": token.scope,
        "expires_in": lives,
    });
    if let Some((refresh, _)) = &token.refresh {
        answer["refresh_token"] = json!(refresh);
        answer["refresh_token_expires_in"] = json!(refresh_lives);
    }
    account.tokens.push(token);
    Ok((StatusCode::CREATED, axum::Json(answer)).into_response())
}

type Grant = (u64, String, bool);

fn redeem(
    account: &mut Account,
    client: &Client,
    asked: &Value,
    now: DateTime<Utc>,
) -> Result<Grant, Refusal> {
    let code =
        asked["code"].as_str().and_then(|code| account.codes.remove(code)).ok_or_else(invalid_grant)?;
    let in_time = now < code.at + TimeDelta::seconds(120);
    let same = code.client == client.identifier && asked["redirect_uri"].as_str() == Some(&code.redirect_uri);
    let verifier = asked["code_verifier"].as_str().unwrap_or_default();
    let proven = match &code.challenge {
        None => client.secret.is_some(),
        Some((method, challenge)) if method == "S256" => {
            BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes())) == *challenge
        }
        Some((_, challenge)) => verifier == challenge,
    };
    if in_time && same && proven { Ok((code.user_id, code.scope, true)) } else { Err(invalid_grant()) }
}

fn rotate(
    account: &mut Account,
    client: &Client,
    refresh: &str,
    scope: &str,
    now: DateTime<Utc>,
) -> Result<Grant, Refusal> {
    let old = account.tokens.iter_mut().find(|token| {
        !token.revoked
            && token.client_id == client.id
            && token.refresh.as_ref().is_some_and(|(word, until)| word == refresh && now < *until)
    });
    let old = old.ok_or_else(invalid_grant)?;
    old.revoke();
    let scope = if scope.is_empty() { old.scope.clone() } else { scope.to_owned() };
    Ok((old.user_id, scope, true))
}

fn lifetime(
    asked: &Value,
    name: &str,
    allowed: std::ops::RangeInclusive<i64>,
    default: i64,
) -> Result<i64, Refusal> {
    let seconds = match &asked[name] {
        Value::Null => return Ok(default),
        Value::String(text) => text.parse().ok(),
        value => value.as_i64(),
    };
    seconds.filter(|seconds| allowed.contains(seconds)).ok_or_else(|| {
        let why = format!("{name} must be between {} and {}", allowed.start(), allowed.end());
        Refusal::oauth(StatusCode::BAD_REQUEST, "invalid_request", &why)
    })
}

/// `GET /api/v2/oauth/tokens/current`.
pub(crate) async fn current(State(world): State<World>, caller: Caller) -> Answer {
    let account = world.account();
    let token = account.tokens.iter().find(|token| Some(token.id) == caller.token_id);
    Ok(ok(json!({"token": token.ok_or_else(Refusal::not_found)?.json(world.base())})))
}

/// `GET /api/v2/oauth/tokens`.
pub(crate) async fn list(State(world): State<World>, caller: Caller, params: Params) -> Answer {
    caller.admin()?;
    let now = world.now();
    let account = world.account();
    let tokens: Vec<_> = account
        .tokens
        .iter()
        .filter(|token| token.usable(now))
        .map(|token| token.json(world.base()))
        .collect();
    let path = format!("{}/api/v2/oauth/tokens.json", world.base());
    super::paging::page("tokens", tokens, &path, &params, super::paging::Paging::Both).map(ok)
}

/// `DELETE /api/v2/oauth/tokens/current`.
pub(crate) async fn revoke_current(State(world): State<World>, caller: Caller) -> Answer {
    end(&world, &caller, caller.token_id.ok_or_else(Refusal::not_found)?)
}

/// `DELETE /api/v2/oauth/tokens/{id}`.
pub(crate) async fn revoke(State(world): State<World>, caller: Caller, Path(which): Path<String>) -> Answer {
    end(&world, &caller, id(&which)?)
}

fn end(world: &World, caller: &Caller, which: u64) -> Answer {
    let mut account = world.account();
    let token = account.tokens.iter_mut().find(|token| token.id == which && !token.revoked);
    let token = token.ok_or_else(Refusal::not_found)?;
    if token.user_id != caller.id() {
        caller.admin()?;
    }
    token.revoke();
    Ok(no_content())
}

/// Every token ends now, as if its time had run out.
pub(crate) fn expire_all(account: &mut Account, now: DateTime<Utc>) {
    for token in &mut account.tokens {
        token.expires_at = token.expires_at.min(now);
    }
}
