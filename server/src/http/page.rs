//! The app's pages: what Zendesk and Flex put into their frames. A page holds its session; there are no cookies, which
//! frames of another site do not keep.

use std::{fmt::Write, sync::Arc};

use axum::{
    extract::Request,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{Html, IntoResponse, Response},
};
use serde_json::json;
use url::Url;
use wire::{ErrorCode, SessionDocument};

use super::{
    assets::{self, Bundle, Manifest},
    error::ApiError,
    extract::{Path, State, read_body},
};
use crate::features::sessions::Sessions;

/// What the pages need.
#[derive(Debug, Clone)]
pub struct PageSettings {
    /// Who may frame the Zendesk pages.
    pub zendesk_origin: String,
    /// Zendesk's SDK.
    pub sdk_url: Url,
    /// Who may frame the Flex panel, and read the list of plugins.
    pub flex_origins: Vec<String>,
    /// Whether an agent's Flex can be asked to call somebody.
    pub dials: bool,
    /// Where all this is, without a trailing slash.
    pub public_url: String,
}

/// Where the app can sit in Zendesk.
const LOCATIONS: &[&str] = &["ticket_sidebar", "new_ticket_sidebar", "user_sidebar", "background", CONSOLE];

/// The place with room for the admins' pages.
const CONSOLE: &str = "nav_bar";

/// `POST /zendesk/{location}`: Zendesk's frame, with its signed token in a form.
pub async fn zendesk(
    Path(location): Path<String>,
    State(sessions): State<Sessions>,
    State(settings): State<Arc<PageSettings>>,
    headers: HeaderMap,
    request: Request,
) -> Response {
    let wants_html = headers
        .get(header::ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .is_some_and(|accept| accept.contains("text/html"));
    let refused =
        |error: ApiError| if wants_html { refusal(&error, &settings) } else { error.into_response() };
    if !LOCATIONS.contains(&location.as_str()) {
        let error = ApiError::new(
            StatusCode::NOT_FOUND,
            ErrorCode::RouteNotFound,
            "the app has no page for this place",
        );
        return refused(error);
    }
    let opened = async {
        let form = read_body(request, 16 * 1024).await?;
        let token =
            url::form_urlencoded::parse(&form).find(|(name, _)| name == "token").map(|(_, token)| token);
        let token = token.filter(|token| !token.is_empty()).ok_or_else(not_signed_error)?;
        let session = sessions.open_page(&token).await?;
        let manifest = manifest()?;
        Ok((session, manifest))
    };
    match opened.await {
        Err(error) => refused(error),
        Ok((session, manifest)) => {
            let page = Page {
                host: "zendesk",
                location: &location,
                session: Some(&session),
                sdk: Some(&settings.sdk_url),
                parents: std::slice::from_ref(&settings.zendesk_origin),
                dials: settings.dials,
            };
            page.render(manifest)
        }
    }
}

/// `GET /zendesk/{location}`: somebody opened the page outside Zendesk, or the app is not marked as signed.
pub async fn not_signed(State(settings): State<Arc<PageSettings>>, _: Path<String>) -> Response {
    refusal(&not_signed_error(), &settings)
}

/// `GET /flex/panel`: no session yet; the app brings the agent's Flex token.
pub async fn flex(State(settings): State<Arc<PageSettings>>) -> Result<Response, ApiError> {
    let page = Page {
        host: "flex",
        location: "panel",
        session: None,
        sdk: None,
        parents: &settings.flex_origins,
        dials: settings.dials,
    };
    Ok(page.render(manifest()?))
}

pub(super) fn manifest() -> Result<&'static Manifest, ApiError> {
    assets::manifest().ok_or_else(|| {
        ApiError::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            ErrorCode::Internal,
            "this server was built without the app",
        )
        .hint("Operator: build it with `cargo xtask package`.")
    })
}

fn not_signed_error() -> ApiError {
    ApiError::new(
        StatusCode::METHOD_NOT_ALLOWED,
        ErrorCode::SignedTokenMissing,
        "this page opens inside Zendesk only: the request has no signed token",
    )
    .hint("Open a ticket in Zendesk. Operator: the app's manifest must say `signedUrls: true`.")
}

/// One page of the app.
struct Page<'a> {
    host: &'a str,
    location: &'a str,
    session: Option<&'a SessionDocument>,
    sdk: Option<&'a Url>,
    parents: &'a [String],
    dials: bool,
}

impl Page<'_> {
    fn render(&self, manifest: &Manifest) -> Response {
        let loader = &manifest.loader;
        let Bundle { js, wasm, css } = match (self.host, self.location) {
            ("flex", _) => &manifest.flex,
            (_, CONSOLE) => &manifest.console,
            _ => &manifest.agent,
        };
        let asset = |name: &str| format!("/app/{name}");
        let page = json!({
            "host": self.host, "location": self.location,
            "js": asset(js), "wasm": asset(wasm), "parent_origins": self.parents, "dials": self.dials,
        });
        let lang = self.session.map_or("en", |session| language(&session.locale));
        let mut html = format!(
            "<!doctype html><html lang=\"{lang}\" data-host=\"{}\" data-location=\"{}\"><head><meta charset=\"utf-8\">\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>Deskside</title>\
             <link rel=\"preload\" as=\"fetch\" crossorigin href=\"/app/{wasm}\">\
             <link rel=\"modulepreload\" href=\"/app/{js}\"><link rel=\"stylesheet\" href=\"/app/{css}\">",
            self.host, self.location
        );
        embed(&mut html, "deskside-page", &page);
        if let Some(session) = self.session {
            embed(&mut html, "deskside-session", &json!(session));
        }
        if let Some(sdk) = self.sdk {
            let _ = write!(html, "<script src=\"{}\"></script>", escape(sdk.as_str()));
        }
        let _ = write!(
            html,
            "<script type=\"module\" src=\"/app/{loader}\"></script></head><body><main id=\"app\">\
             <div class=\"skeleton\" role=\"img\" aria-label=\"{}\"><i></i><i></i><i></i></div></main></body></html>",
            loading(lang)
        );
        document(StatusCode::OK, html, self.sdk, self.parents)
    }
}

fn refusal(error: &ApiError, settings: &PageSettings) -> Response {
    problem("Deskside cannot open here", error, std::slice::from_ref(&settings.zendesk_origin))
}

/// A page that says why there is none, for people; the same words and code as the envelope. `parents` may frame it.
pub(super) fn problem(title: &str, error: &ApiError, parents: &[String]) -> Response {
    let hint = error.hint.unwrap_or_default();
    let html = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Deskside</title></head><body>\
         <main role=\"alert\" data-testid=\"problem\" data-code=\"{}\"><h1>{title}</h1><p>{}.</p>\
         <p>{}</p></main></body></html>",
        error.code.as_str(),
        escape(&error.message),
        escape(hint)
    );
    tracing::info!(code = error.code.as_str(), "a page was refused: {}", error.message);
    document(error.status, html, None, parents)
}

fn document(status: StatusCode, html: String, sdk: Option<&Url>, parents: &[String]) -> Response {
    let sdk = sdk.map(|sdk| format!(" {}", sdk.origin().ascii_serialization())).unwrap_or_default();
    let parents = if parents.is_empty() { "'none'".to_owned() } else { parents.join(" ") };
    let policy = format!(
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'{sdk}; style-src 'self' 'unsafe-inline'; \
         img-src 'self' data:; connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors {parents}"
    );
    let policy = HeaderValue::from_str(&policy).unwrap_or(HeaderValue::from_static("frame-ancestors 'none'"));
    (status, [(header::CONTENT_SECURITY_POLICY, policy), super::NO_STORE], Html(html)).into_response()
}

/// JSON inside a page: `<` is written so that no value can end the script element.
fn embed(html: &mut String, id: &str, value: &serde_json::Value) {
    let json = value.to_string().replace('<', "\\u003c");
    let _ = write!(html, "<script type=\"application/json\" id=\"{id}\">{json}</script>");
}

/// The `lang` of a locale that the app speaks.
fn language(locale: &str) -> &'static str {
    match locale.get(..2) {
        Some("ja") => "ja",
        Some("ko") => "ko",
        _ => "en",
    }
}

/// What a screen reader hears until the app is there.
fn loading(lang: &str) -> &'static str {
    match lang {
        "ja" => "読み込み中",
        "ko" => "불러오는 중",
        _ => "Loading",
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
