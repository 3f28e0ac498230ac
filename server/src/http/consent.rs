//! Consent in a vendor's own pages: an admin begins it, comes back by `/oauth/callback`, and confirms it in the console.
//! **Invariant:** the page that a vendor sends a browser to connects nothing; whoever opens it has no session there.

use std::fmt::Write;

use axum::{
    http::{HeaderMap, StatusCode, header},
    response::Response,
};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use wire::{
    Authorization, AuthorizationStart, AuthorizationState, ConnectionAnswer, ConnectionProblem, ErrorCode,
};

use super::{
    NO_STORE,
    connections::{connection, editor, follow},
    error::ApiError,
    extract::{Admin, Json, Path, Query, State},
    page::{Policy, document, escape, language},
    whose::Room,
};
use crate::{
    features::{
        accounts::Accounts,
        connections::{Asker, ConnectionError, Connections, Refusal, Returned, Shown, Wanted},
        sessions::{Agent, Viewer},
    },
    store::authorizations::AuthorizationStatus,
};

type Answer<T> = ([(axum::http::HeaderName, axum::http::HeaderValue); 1], axum::Json<T>);

/// What shall be connected: a new connection, or `id` again; of that one all else may be left out.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Authorize {
    /// A connection that is connected again. What is absent stays as it is.
    #[serde(default)]
    id: Option<String>,
    #[serde(default)]
    name: Option<String>,
    /// `production`, or `sandbox`.
    #[serde(default)]
    environment: Option<String>,
    /// The vendor's address, like `acme.my.salesforce.com` or `acme.zendesk.com`.
    #[serde(default)]
    host: Option<String>,
    /// The account's own OAuth client.
    #[serde(default)]
    client: Option<OauthClient>,
}

/// An OAuth client at the vendor.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OauthClient {
    /// Absent where that of the connection stays.
    #[serde(default)]
    id: Option<String>,
    /// Needed where the connection keeps none: after its end, or where it does not open.
    #[serde(default)]
    secret: Option<String>,
}

/// The number that the consent's tab shows.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Confirmation {
    number: String,
}

fn asker(admin: &Agent, viewer: &Viewer) -> Asker {
    Asker { agent_id: admin.id.0, session: viewer.session() }
}

fn wanted(asked: Authorize) -> Wanted {
    let Authorize { id, name, environment, host, client } = asked;
    let mut settings = serde_json::Map::new();
    settings.extend(host.map(|host| ("host".to_owned(), host.into())));
    let (client_id, client_secret) = client.map_or((None, None), |client| (client.id, client.secret));
    settings.extend(client_id.map(|id| ("client_id".to_owned(), id.into())));
    if let Some(id) = id {
        return Wanted::Again { id, name, environment, settings, client_secret };
    }
    Wanted::New { name: name.unwrap_or_default(), environment, settings, client_secret }
}

/// `POST /api/connections/{kind}/authorize`: where the admin gives consent, in a new tab.
#[utoipa::path(post, path = "/api/connections/{kind}/authorize", tag = "connections", security(("bearer" = [])),
    params(("kind" = String, Path)), request_body = Authorize,
    responses((status = 201, body = AuthorizationStart), (status = "default", body = wire::ErrorEnvelope)))]
pub async fn begin(
    viewer: Viewer,
    Admin(admin): Admin,
    Room(connections): Room<Connections>,
    Path(kind): Path<String>,
    Json(asked): Json<Authorize>,
) -> Result<(StatusCode, Answer<AuthorizationStart>), ApiError> {
    editor(&admin, &connections)?;
    let begun = connections.authorize(asker(&admin, &viewer), &kind, wanted(asked)).await?;
    let start = AuthorizationStart { url: begun.url.into(), id: begun.id };
    Ok((StatusCode::CREATED, ([NO_STORE], axum::Json(start))))
}

/// `GET /api/authorizations/{id}`: whether the admin has come back, and whose access it is.
#[utoipa::path(get, path = "/api/authorizations/{id}", tag = "connections", security(("bearer" = [])),
    params(("id" = String, Path)),
    responses((status = 200, body = Authorization), (status = "default", body = wire::ErrorEnvelope)))]
pub async fn show(
    viewer: Viewer,
    Admin(admin): Admin,
    Room(connections): Room<Connections>,
    Path(id): Path<String>,
) -> Result<Answer<Authorization>, ApiError> {
    let consent = connections.consent(asker(&admin, &viewer), &id).await?;
    let state = match consent.status {
        AuthorizationStatus::Waiting | AuthorizationStatus::Answered => AuthorizationState::Waiting,
        AuthorizationStatus::Granted => AuthorizationState::Granted,
        AuthorizationStatus::Failed => AuthorizationState::Failed,
    };
    let problem = consent.refusal.map(|Refusal { code, message, hint }| ConnectionProblem {
        code: code.as_str().to_owned(),
        message,
        hint,
    });
    let (organization, user) = (consent.identity.organization, consent.identity.user);
    Ok(([NO_STORE], axum::Json(Authorization { state, organization, user, problem })))
}

/// `POST /api/authorizations/{id}/confirm`: connects what the vendor granted.
#[utoipa::path(post, path = "/api/authorizations/{id}/confirm", tag = "connections", security(("bearer" = [])),
    params(("id" = String, Path)), request_body = Confirmation,
    responses((status = 200, body = ConnectionAnswer), (status = "default", body = wire::ErrorEnvelope)))]
pub async fn confirm(
    viewer: Viewer,
    Admin(admin): Admin,
    Room(connections): Room<Connections>,
    State(accounts): State<Accounts>,
    Path(id): Path<String>,
    Json(Confirmation { number }): Json<Confirmation>,
) -> Result<Answer<ConnectionAnswer>, ApiError> {
    editor(&admin, &connections)?;
    let kept = connections.confirm(asker(&admin, &viewer), &id, &number).await?;
    follow(&accounts).await;
    let connection = connection(connections.one(&kept).await?);
    Ok(([NO_STORE], axum::Json(ConnectionAnswer { connection, test: None })))
}

/// `DELETE /api/authorizations/{id}`: the admin gives it up; what the vendor granted is revoked.
#[utoipa::path(delete, path = "/api/authorizations/{id}", tag = "connections", security(("bearer" = [])),
    params(("id" = String, Path)),
    responses((status = 204), (status = "default", body = wire::ErrorEnvelope)))]
pub async fn give_up(
    viewer: Viewer,
    Admin(admin): Admin,
    Room(connections): Room<Connections>,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    connections.give_up(asker(&admin, &viewer), &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What a vendor adds to the address.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Back {
    #[serde(default)]
    state: String,
    #[serde(default)]
    code: Option<String>,
    #[serde(default)]
    error: Option<String>,
    #[serde(default)]
    error_description: Option<String>,
}

/// `GET /oauth/callback`: vendors send browsers here.
#[utoipa::path(get, path = "/oauth/callback", tag = "pages", params(Back), responses((status = 200)))]
pub async fn callback(
    headers: HeaderMap,
    State(accounts): State<Accounts>,
    back: Result<Query<Back>, ApiError>,
) -> Response {
    let words = words_of(&headers);
    match answered(&accounts, back).await {
        Ok(Ok(shown)) => granted(words, &shown),
        Ok(Err(refusal)) => {
            let status = match refusal.code {
                ErrorCode::AuthorizationFailed => StatusCode::BAD_GATEWAY,
                _ => StatusCode::FORBIDDEN,
            };
            failed(words, &ApiError::new(status, refusal.code, refusal.message).hint(refusal.hint))
        }
        Err(error) => failed(words, &error),
    }
}

async fn answered(
    accounts: &Accounts,
    back: Result<Query<Back>, ApiError>,
) -> Result<Result<Shown, Refusal>, ApiError> {
    let unknown = || {
        let mut error = ApiError::from(ConnectionError::NoConsent);
        error.status = StatusCode::BAD_REQUEST;
        error
    };
    let Query(Back { state, code, error, error_description }) = back.map_err(|_| unknown())?;
    let account = accounts.of_state(&state).await?.ok_or_else(unknown)?;
    let returned = Returned { state, code, error, description: error_description };
    match account.connections.answered(returned).await {
        Err(ConnectionError::NoConsent) => Err(unknown()),
        answered => Ok(answered?),
    }
}

/// What the page says around the server's sentences.
struct Words {
    lang: &'static str,
    granted: &'static str,
    organization: &'static str,
    user: &'static str,
    number: &'static str,
    not_you: &'static str,
    failed: &'static str,
}

const WORDS: [Words; 3] = [
    Words {
        lang: "en",
        granted: "One step is left",
        organization: "Organization",
        user: "User",
        number: "Go back to Deskside and enter this number:",
        not_you: "Nothing is connected before that. If you did not begin this in Deskside yourself, do not give the number to anybody and close this tab.",
        failed: "Nothing was connected",
    },
    Words {
        lang: "ja",
        granted: "あと 1 ステップで完了です",
        organization: "組織",
        user: "ユーザー",
        number: "Deskside に戻り、この番号を入力してください：",
        not_you: "番号を入力するまで接続されません。Deskside でご自身が始めた操作でない場合は、番号を誰にも伝えずにこのタブを閉じてください。",
        failed: "接続されませんでした",
    },
    Words {
        lang: "ko",
        granted: "한 단계 남았습니다",
        organization: "조직",
        user: "사용자",
        number: "Deskside로 돌아가 이 번호를 입력하세요:",
        not_you: "번호를 입력하기 전에는 연결되지 않습니다. Deskside에서 직접 시작한 작업이 아니라면 번호를 아무에게도 알려 주지 말고 이 탭을 닫으세요.",
        failed: "연결되지 않았습니다",
    },
];

fn words_of(headers: &HeaderMap) -> &'static Words {
    let wanted =
        headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let lang = language(wanted);
    WORDS.iter().find(|words| words.lang == lang).unwrap_or(&WORDS[0])
}

fn granted(words: &Words, shown: &Shown) -> Response {
    let Shown { vendor, identity, number } = shown;
    let mut body = format!("<h1>{vendor}: {}</h1><dl>", words.granted);
    for (name, value) in [(words.organization, &identity.organization), (words.user, &identity.user)] {
        if !value.is_empty() {
            let _ = write!(body, "<dt>{name}</dt><dd>{}</dd>", escape(value));
        }
    }
    let _ = write!(
        body,
        "</dl><p>{}</p><p class=\"number\" data-testid=\"consent-number\">{number}</p><p class=\"small\">{}</p>",
        words.number, words.not_you
    );
    page(words, StatusCode::OK, "granted", &body)
}

fn failed(words: &Words, error: &ApiError) -> Response {
    tracing::info!(code = error.code.as_str(), "a consent's page was refused: {}", error.message);
    let sentence = |text: &str| {
        let mut letters = text.chars();
        let first = letters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
        format!("{first}{}.", letters.as_str().trim_end_matches('.'))
    };
    let hint = error.hint.as_deref().map(sentence).unwrap_or_default();
    let body = format!(
        "<h1>{}</h1><p lang=\"en\">{}</p><p lang=\"en\">{}</p>",
        words.failed,
        escape(&sentence(&error.message)),
        escape(&hint)
    );
    page(words, error.status, error.code.as_str(), &body)
}

fn page(words: &Words, status: StatusCode, code: &str, body: &str) -> Response {
    const STYLE: &str = ":root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;margin:0;padding:10vh 24px}\
        main{max-width:32em;margin:auto}h1{font-size:22px}dl{display:grid;grid-template-columns:auto 1fr;gap:4px 16px}\
        dt{opacity:.7}dd{margin:0;font-weight:600;overflow-wrap:anywhere}.number{font:600 40px/1.2 ui-monospace,monospace;\
        letter-spacing:.15em;margin:8px 0 24px}.small{font-size:14px;opacity:.8}";
    let html = format!(
        "<!doctype html><html lang=\"{}\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width, initial-scale=1\"><title>Deskside</title><style>{STYLE}</style></head><body>\
         <main data-testid=\"consent\" data-code=\"{code}\">{body}</main></body></html>",
        words.lang
    );
    document(status, html, &Policy { sdk: None, frames: None, ancestors: &[] })
}
