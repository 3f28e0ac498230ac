//! OAuth: authorization code with PKCE, refresh tokens that rotate, client credentials, JWT bearer; revoke, introspect, who it is.
//! Docs: "OAuth 2.0 Web Server Flow", "Refresh Token Flow", "Client Credentials Flow", "JWT Bearer Flow", "Revoke OAuth Tokens".
//! **Invariant:** an answer says neither when its token ends nor anything else that the vendor leaves out.

use axum::{
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use base64::{
    Engine as _,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeSet, HashMap};

use super::{
    access::bearer,
    assertion,
    org::Org,
    refusal::{Answer, Refusal, ok},
};
use crate::{credentials, options::Options, state::random_word, world::World};

/// Whether the organization lets people use the app.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Installed {
    /// Everybody may.
    Yes,
    /// Whoever tries is sent back: "app must be installed into org".
    No,
    /// Whoever tries stays on an error page: `OAUTH_APPROVAL_ERROR_GENERIC`.
    Blocked,
}

/// The external client app.
#[derive(Debug, Clone)]
pub(crate) struct App {
    pub(crate) redirect_uris: Vec<String>,
    pub(crate) installed: Installed,
    pub(crate) needs_pkce: bool,
    pub(crate) rotates: bool,
    /// For whom client credentials act.
    pub(crate) run_as: Option<&'static str>,
    /// Who let the app act for them without being asked: for JWT bearer.
    pub(crate) approved: BTreeSet<String>,
}

impl App {
    pub(crate) fn seeded(options: &Options) -> Self {
        let callback = format!("{}/oauth/callback", options.app.url);
        let mut redirect_uris = vec![callback, credentials::SALESFORCE_REDIRECT.to_owned()];
        redirect_uris.extend(options.salesforce_redirects.clone());
        Self {
            redirect_uris,
            installed: Installed::Yes,
            needs_pkce: true,
            rotates: true,
            run_as: Some(credentials::SALESFORCE_USERNAME),
            approved: BTreeSet::from([credentials::SALESFORCE_USERNAME.to_owned()]),
        }
    }
}

/// A code on its way from the browser to the client; it lives 15 minutes.
#[derive(Debug, Clone)]
pub(crate) struct Code {
    pub(crate) user: String,
    pub(crate) redirect_uri: String,
    pub(crate) scope: String,
    pub(crate) challenge: Option<String>,
    pub(crate) at: DateTime<Utc>,
}

/// What an access token opens; two hours here.
#[derive(Debug, Clone)]
pub(crate) struct Session {
    pub(crate) user: String,
    scope: String,
    began: DateTime<Utc>,
    ends: DateTime<Utc>,
    refresh: Option<String>,
}

impl Session {
    pub(crate) fn usable(&self, now: DateTime<Utc>) -> bool {
        now < self.ends
    }

    /// Runs out now.
    pub(crate) fn end(&mut self, now: DateTime<Utc>) {
        self.ends = self.ends.min(now);
    }
}

/// A refresh token; unused for 30 days it ends. Where tokens rotate, one that was used stays known: whoever shows it again has
/// everything revoked that came of the same consent. Docs: "Refresh Token Rotation".
#[derive(Debug, Clone)]
pub(crate) struct Refresh {
    /// The consent: the first token of the row.
    family: String,
    spent: bool,
    user: String,
    scope: String,
    used: DateTime<Utc>,
}

/// `login.salesforce.com` is `localhost` here, and the organization's own domain `127.0.0.1`.
pub(crate) fn is_login_host(headers: &HeaderMap) -> bool {
    headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok())
        .is_some_and(|host| host.starts_with("localhost"))
}

/// Name and secret of the client that asks: in the form, or as Basic.
fn client_of(form: &HashMap<String, String>, headers: &HeaderMap) -> (String, String) {
    let text = |name: &str| form.get(name).cloned().unwrap_or_default();
    let basic =
        headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()?.strip_prefix("Basic "));
    let decoded = basic.and_then(|word| String::from_utf8(BASE64_STANDARD.decode(word).ok()?).ok());
    match decoded.as_deref().and_then(|pair| pair.split_once(':')) {
        Some((id, secret)) => (id.to_owned(), secret.to_owned()),
        None => (text("client_id"), text("client_secret")),
    }
}

/// `POST /services/oauth2/token`.
pub(crate) async fn token(State(world): State<World>, headers: HeaderMap, body: Bytes) -> Answer {
    let form: HashMap<String, String> = url::form_urlencoded::parse(&body).into_owned().collect();
    let text = |name: &str| form.get(name).map(String::as_str).unwrap_or_default();
    let now = world.now();
    let mut org = world.salesforce();
    if text("grant_type") == assertion::GRANT {
        let user = assertion::user(&org, &world, text("assertion"), now)?;
        return Ok(issue(&world, &mut org, user, "api id".to_owned(), None, now));
    }
    let (id, secret) = client_of(&form, &headers);
    if id != credentials::SALESFORCE_CLIENT_ID {
        return Err(Refusal::oauth("invalid_client_id", "client identifier invalid"));
    }
    if secret != credentials::SALESFORCE_CLIENT_SECRET {
        return Err(Refusal::oauth("invalid_client", "invalid client credentials"));
    }
    match text("grant_type") {
        "authorization_code" => {
            let code = org.codes.remove(text("code"));
            let code = code.ok_or_else(|| Refusal::oauth("invalid_grant", "invalid authorization code"))?;
            if now >= code.at + TimeDelta::minutes(15) {
                return Err(Refusal::oauth("invalid_grant", "expired authorization code"));
            }
            if text("redirect_uri") != code.redirect_uri {
                return Err(Refusal::oauth("redirect_uri_mismatch", "redirect_uri must match configuration"));
            }
            let verifier = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(text("code_verifier").as_bytes()));
            if code.challenge.is_some_and(|challenge| challenge != verifier) {
                return Err(Refusal::oauth("invalid_grant", "invalid code verifier"));
            }
            let lasting =
                code.scope.split(' ').any(|scope| matches!(scope, "refresh_token" | "offline_access"));
            let refresh = lasting.then(|| keep(&mut org, &code.user, &code.scope, None, now));
            Ok(issue(&world, &mut org, code.user, code.scope, refresh.map(|word| (word, true)), now))
        }
        "refresh_token" => {
            let ended = || Refusal::oauth("invalid_grant", "expired access/refresh token");
            let held = text("refresh_token").to_owned();
            let known = org.refresh_tokens.get(&held).cloned().ok_or_else(ended)?;
            if known.spent {
                revoke_family(&mut org, &known.family);
            }
            if known.spent || now >= known.used + TimeDelta::days(30) {
                return Err(ended());
            }
            let spent = Refresh { spent: org.app.rotates, used: now, ..known.clone() };
            org.refresh_tokens.insert(held.clone(), spent);
            let refresh = if org.app.rotates {
                (keep(&mut org, &known.user, &known.scope, Some(known.family), now), true)
            } else {
                (held, false)
            };
            Ok(issue(&world, &mut org, known.user, known.scope, Some(refresh), now))
        }
        "client_credentials" => {
            if is_login_host(&headers) {
                return Err(Refusal::oauth("invalid_grant", "request not supported on this domain"));
            }
            let user = org.app.run_as.and_then(|name| org.user_named(name));
            let user =
                user.ok_or_else(|| Refusal::oauth("invalid_grant", "no client credentials user enabled"))?;
            Ok(issue(&world, &mut org, user, "api".to_owned(), None, now))
        }
        "password" => Err(Refusal::oauth("invalid_grant", "authentication failure")),
        _ => Err(Refusal::oauth("unsupported_grant_type", "grant type not supported")),
    }
}

/// A new refresh token, of the consent `family` or of a new one.
fn keep(org: &mut Org, user: &str, scope: &str, family: Option<String>, now: DateTime<Utc>) -> String {
    let token = format!("5Aep861{}", random_word(72));
    let (user, scope, family) = (user.to_owned(), scope.to_owned(), family.unwrap_or_else(|| token.clone()));
    org.refresh_tokens.insert(token.clone(), Refresh { family, spent: false, user, scope, used: now });
    token
}

/// Ends every refresh token of a consent, and every session that came of one.
fn revoke_family(org: &mut Org, family: &str) {
    let of_family = |token: &Refresh| token.family == family;
    let tokens: BTreeSet<String> = org
        .refresh_tokens
        .iter()
        .filter(|(_, token)| of_family(token))
        .map(|(word, _)| word.clone())
        .collect();
    org.refresh_tokens.retain(|_, token| !of_family(token));
    org.sessions.retain(|_, session| session.refresh.as_ref().is_none_or(|word| !tokens.contains(word)));
}

/// A new session, told as Salesforce does; `refresh` with whether the caller is to be told of it.
fn issue(
    world: &World,
    org: &mut Org,
    user: String,
    scope: String,
    refresh: Option<(String, bool)>,
    now: DateTime<Utc>,
) -> Response {
    let access = format!("{}!{}", &org.id[..15], random_word(96));
    let urls = world.urls();
    let mut answer = json!({
        "access_token": access, "signature": BASE64_STANDARD.encode(random_word(32)), "scope": scope,
        "instance_url": urls.salesforce, "id": format!("{}/id/{}/{user}", urls.salesforce_login, org.id),
        "token_type": "Bearer", "issued_at": now.timestamp_millis().to_string(),
    });
    if let Some((word, true)) = &refresh {
        answer["refresh_token"] = json!(word);
    }
    let (began, ends) = (now, now + TimeDelta::hours(2));
    org.sessions.insert(access, Session { user, scope, began, ends, refresh: refresh.map(|(word, _)| word) });
    ok(&answer)
}

/// `POST|GET /services/oauth2/revoke?token=`: a refresh token takes its sessions with it.
pub(crate) async fn revoke(
    State(world): State<World>,
    axum::extract::Query(query): axum::extract::Query<HashMap<String, String>>,
    body: Bytes,
) -> Answer {
    let form: HashMap<String, String> = url::form_urlencoded::parse(&body).into_owned().collect();
    let token_sent = form.get("token").or_else(|| query.get("token")).cloned().unwrap_or_default();
    let mut org = world.salesforce();
    let known = org.sessions.remove(&token_sent).is_some();
    let family = org.refresh_tokens.get(&token_sent).map(|token| token.family.clone());
    if let Some(family) = &family {
        revoke_family(&mut org, family);
    }
    if known || family.is_some() {
        Ok(StatusCode::OK.into_response())
    } else {
        Err(Refusal::oauth("invalid_token", "invalid token"))
    }
}

/// `POST /services/oauth2/introspect`: whether a token opens anything.
pub(crate) async fn introspect(State(world): State<World>, headers: HeaderMap, body: Bytes) -> Answer {
    let form: HashMap<String, String> = url::form_urlencoded::parse(&body).into_owned().collect();
    let (id, secret) = client_of(&form, &headers);
    if id != credentials::SALESFORCE_CLIENT_ID || secret != credentials::SALESFORCE_CLIENT_SECRET {
        return Err(Refusal::oauth("invalid_client", "invalid client credentials"));
    }
    let token_sent = form.get("token").map(String::as_str).unwrap_or_default();
    let (org, now) = (world.salesforce(), world.now());
    if let Some(session) = org.sessions.get(token_sent).filter(|session| session.usable(now)) {
        let username = person(&org, &session.user).map(|person| person.username);
        return Ok(ok(&json!({
            "active": true, "scope": session.scope, "client_id": id, "username": username, "sub": session.user,
            "token_type": "access_token", "iat": session.began.timestamp(), "nbf": session.began.timestamp(),
            "exp": session.ends.timestamp(),
        })));
    }
    let refresh = org.refresh_tokens.get(token_sent).filter(|token| !token.spent);
    Ok(ok(&refresh.map_or_else(
        || json!({"active": false}),
        |token| json!({"active": true, "scope": token.scope, "client_id": id, "sub": token.user, "token_type": "refresh_token"}),
    )))
}

struct Person {
    username: String,
    name: String,
    email: String,
}

fn person(org: &Org, user: &str) -> Option<Person> {
    let users = org.table("User")?;
    let record = users.get(user)?;
    let text = |name: &str| users.value(record, name).as_str().unwrap_or_default().to_owned();
    Some(Person { username: text("Username"), name: text("Name"), email: text("Email") })
}

/// `GET /services/oauth2/userinfo` and the identity URL `GET /id/{org}/{user}`.
pub(crate) async fn identity(
    State(world): State<World>,
    axum::extract::OriginalUri(uri): axum::extract::OriginalUri,
    headers: HeaderMap,
) -> Response {
    let (org, now) = (world.salesforce(), world.now());
    let session =
        bearer(&headers).and_then(|word| org.sessions.get(word)).filter(|session| session.usable(now));
    let known = session.and_then(|session| Some((session, person(&org, &session.user)?)));
    let Some((session, person)) = known else {
        return (StatusCode::FORBIDDEN, "Bad_OAuth_Token").into_response();
    };
    let urls = world.urls();
    let url = format!("{}/id/{}/{}", urls.salesforce_login, org.id, session.user);
    let rest = format!("{}/services/data/v{{version}}/", urls.salesforce);
    let links = json!({"rest": rest, "sobjects": format!("{rest}sobjects/"), "query": format!("{rest}query/"),
                       "custom_domain": urls.salesforce});
    if uri.path().starts_with("/id/") {
        return ok(&json!({
            "id": url, "asserted_user": true, "user_id": session.user, "organization_id": org.id,
            "username": person.username, "nick_name": person.username, "display_name": person.name, "email": person.email,
            "email_verified": true, "active": true, "user_type": "STANDARD", "language": "en_US", "locale": "en_US",
            "utcOffset": 0, "urls": links,
        }));
    }
    ok(&json!({
        "sub": url, "user_id": session.user, "organization_id": org.id, "preferred_username": person.username,
        "nickname": person.username, "name": person.name, "email": person.email, "email_verified": true,
        "zoneinfo": "GMT", "active": true, "user_type": "STANDARD", "language": "en_US", "locale": "en_US",
        "utcOffset": 0, "urls": links,
    }))
}
