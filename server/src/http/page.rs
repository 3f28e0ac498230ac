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
    top_bar,
    whose::Keyed,
};
use crate::features::{
    accounts::{Accounts, PageSettings},
    sessions::issuer,
    settings::Settings,
};

/// Where the app can sit in Zendesk.
const LOCATIONS: &[&str] =
    &["ticket_sidebar", "new_ticket_sidebar", "user_sidebar", BACKGROUND, CONSOLE, TOP_BAR];

/// Nowhere to be seen; it is there as long as the workspace is.
const BACKGROUND: &str = "background";

/// The place with room for the admins' pages.
const CONSOLE: &str = "nav_bar";

/// The place for Flex.
const TOP_BAR: &str = "top_bar";

/// `POST /zendesk/{location}`: Zendesk's frame, with its signed token in a form.
#[utoipa::path(post, path = "/zendesk/{location}", tag = "pages", params(("location" = String, Path)), responses((status = 200)))]
pub async fn zendesk(
    location: Result<Path<String>, ApiError>,
    State(accounts): State<Accounts>,
    headers: HeaderMap,
    request: Request,
) -> Response {
    let form = read_body(request, 16 * 1024).await;
    let token = form.as_ref().ok().and_then(|form| token(form));
    // The token is not believed yet. Nothing of a refusal may tell whether the account that it names is here.
    let named = token.as_deref().and_then(issuer);
    let account = named.as_deref().and_then(|host| accounts.of_host(host)).unwrap_or_else(|| accounts.own());
    let settings = &account.pages;
    let foreign = named.filter(|host| accounts.is_foreign(host)).map(|host| format!("https://{host}"));
    let parents: Vec<_> = [accounts.own().pages.zendesk_origin.clone()].into_iter().chain(foreign).collect();
    let wants_html = headers
        .get(header::ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .is_some_and(|accept| accept.contains("text/html"));
    // Who has no token hears that first, whatever else is wrong.
    let location = location.map(|Path(location)| location).unwrap_or_default();
    let refused =
        |error: ApiError| if wants_html { refusal(&error, &parents) } else { error.into_response() };
    let opened = async {
        form?;
        let session = account.sessions.open_page(&token.ok_or_else(not_signed_error)?).await?;
        if !LOCATIONS.contains(&location.as_str()) {
            let words = "the app has no page for this place";
            return Err(ApiError::new(StatusCode::NOT_FOUND, ErrorCode::RouteNotFound, words));
        }
        let flex = match location.as_str() {
            TOP_BAR | BACKGROUND => account.settings.top_bar().await?,
            _ => None, // it is nothing to a sidebar, which should be there at once
        };
        Ok((session, flex, manifest()?))
    };
    match opened.await {
        Err(error) => refused(error),
        Ok((session, flex, manifest)) if location == TOP_BAR => {
            top_bar::render(&session, flex.as_ref(), settings, manifest)
        }
        Ok((session, flex, manifest)) => {
            let page = Page {
                host: "zendesk",
                location: &location,
                session: Some(&session),
                sdk: Some(&settings.sdk_url),
                wakes_top_bar: flex.is_some(),
                parents: std::slice::from_ref(&settings.zendesk_origin),
                dials: settings.dials,
                ancestors: std::slice::from_ref(&settings.zendesk_origin),
            };
            page.render(manifest)
        }
    }
}

/// What Zendesk puts into the form.
fn token(form: &[u8]) -> Option<String> {
    let token = url::form_urlencoded::parse(form).find(|(name, _)| name == "token")?.1;
    Some(token.into_owned()).filter(|token| !token.is_empty())
}

/// `GET /zendesk/{location}`: somebody opened the page outside Zendesk, or the app is not marked as signed.
#[utoipa::path(get, path = "/zendesk/{location}", tag = "pages", params(("location" = String, Path)), responses((status = 200)))]
pub async fn not_signed(Keyed(settings): Keyed<Arc<PageSettings>>) -> Response {
    refusal(&not_signed_error(), std::slice::from_ref(&settings.zendesk_origin))
}

/// `GET /flex/panel`: no session yet; the app brings the agent's Flex token. Where Flex is in Zendesk's top bar, Zendesk and our
/// page there are the panel's ancestors, too; its parent is Flex alone.
#[utoipa::path(get, path = "/flex/panel", tag = "pages", responses((status = 200)))]
pub async fn flex(
    Keyed(settings): Keyed<Arc<PageSettings>>,
    Keyed(decided): Keyed<Settings>,
) -> Result<Response, ApiError> {
    let mut ancestors = settings.flex_origins.clone();
    if decided.top_bar().await?.is_some() {
        ancestors.extend(["'self'".to_owned(), settings.zendesk_origin.clone()]);
    }
    let page = Page {
        host: "flex",
        location: "panel",
        session: None,
        sdk: None,
        wakes_top_bar: false,
        parents: &settings.flex_origins,
        ancestors: &ancestors,
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
        StatusCode::UNAUTHORIZED,
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
    /// The workspace loads what is in its top bar when an agent first opens it, unless an app asks.
    wakes_top_bar: bool,
    /// Whom the page talks to.
    parents: &'a [String],
    dials: bool,
    /// Who may frame it, near or far.
    ancestors: &'a [String],
}

impl Page<'_> {
    fn render(&self, manifest: &Manifest) -> Response {
        let loader = &manifest.loader;
        let Bundle { js, wasm, css, words } = match (self.host, self.location) {
            ("flex", _) => &manifest.flex,
            (_, CONSOLE) => &manifest.console,
            _ => &manifest.agent,
        };
        let asset = |name: &str| format!("/app/{name}");
        let mut page = json!({
            "host": self.host, "location": self.location,
            "js": asset(js), "wasm": asset(wasm), "parent_origins": self.parents, "dials": self.dials,
        });
        page["words"] = words.iter().map(|(language, name)| (*language, asset(name))).collect();
        if self.location == CONSOLE {
            let Bundle { js, wasm, css, words } = &manifest.editor;
            page["more"] = json!({ "js": asset(js), "wasm": asset(wasm), "css": asset(css) });
            page["more"]["words"] = words.iter().map(|(language, name)| (*language, asset(name))).collect();
        }
        if self.wakes_top_bar {
            page["wakes_top_bar"] = true.into();
        }
        let lang = self.session.map_or("en", |session| language(&session.locale));
        let mut html = format!(
            "<!doctype html><html lang=\"{lang}\" data-host=\"{}\" data-location=\"{}\"><head><meta charset=\"utf-8\">\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>Deskside</title>\
             <link rel=\"preload\" as=\"fetch\" crossorigin href=\"/app/{wasm}\">\
             <link rel=\"modulepreload\" href=\"/app/{js}\"><link rel=\"stylesheet\" href=\"/app/{css}\">",
            self.host, self.location
        );
        if let Some((_, name)) = words.iter().find(|(language, _)| *language == lang) {
            let _ = write!(html, "<link rel=\"preload\" as=\"fetch\" crossorigin href=\"/app/{name}\">");
        }
        embed(&mut html, "deskside-page", &page);
        if let Some(session) = self.session {
            embed(&mut html, "deskside-session", &json!(session));
        }
        if let Some(sdk) = self.sdk {
            let _ = write!(html, "<script src=\"{}\"></script>", escape(sdk.as_str()));
        }
        // The console has a `main` of its own, beside its navigation; a page has one.
        let root = if self.location == CONSOLE { "div" } else { "main" };
        let _ = write!(
            html,
            "<script type=\"module\" src=\"/app/{loader}\"></script></head><body><{root} id=\"app\">\
             <div class=\"skeleton\" role=\"img\" aria-label=\"{}\"><i></i><i></i><i></i></div></{root}></body></html>",
            loading(lang)
        );
        document(StatusCode::OK, html, &Policy { sdk: self.sdk, frames: None, ancestors: self.ancestors })
    }
}

/// `parents` may frame it.
fn refusal(error: &ApiError, parents: &[String]) -> Response {
    problem("Deskside cannot open here", error, parents)
}

/// A page that says why there is none, for people; the same words and code as the envelope. `parents` may frame it.
pub(super) fn problem(title: &str, error: &ApiError, parents: &[String]) -> Response {
    let hint = error.hint.as_deref().unwrap_or_default();
    let html = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Deskside</title></head><body>\
         <main role=\"alert\" data-testid=\"problem\" data-code=\"{}\"><h1>{title}</h1><p>{}.</p>\
         <p>{}</p></main></body></html>",
        error.code.as_str(),
        escape(&error.message),
        escape(hint)
    );
    tracing::info!(code = error.code.as_str(), "a page was refused: {}", error.message);
    document(error.status, html, &Policy { sdk: None, frames: None, ancestors: parents })
}

/// What a page may load, and who may load it.
pub(super) struct Policy<'a> {
    /// A script of another origin.
    pub(super) sdk: Option<&'a Url>,
    /// What it frames.
    pub(super) frames: Option<&'a Url>,
    /// Who frames it.
    pub(super) ancestors: &'a [String],
}

pub(super) fn document(status: StatusCode, html: String, policy: &Policy<'_>) -> Response {
    let Policy { sdk, frames, ancestors } = policy;
    let origin = |url: &Url| url.origin().ascii_serialization();
    let sdk = sdk.map(|sdk| format!(" {}", origin(sdk))).unwrap_or_default();
    let frames = frames.map(|framed| format!("frame-src {}; ", origin(framed))).unwrap_or_default();
    let ancestors = if ancestors.is_empty() { "'none'".to_owned() } else { ancestors.join(" ") };
    let policy = format!(
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'{sdk}; style-src 'self' 'unsafe-inline'; \
         img-src 'self' data:; connect-src 'self'; {frames}form-action 'none'; base-uri 'none'; \
         frame-ancestors {ancestors}"
    );
    let policy = HeaderValue::from_str(&policy).unwrap_or(HeaderValue::from_static("frame-ancestors 'none'"));
    (status, [(header::CONTENT_SECURITY_POLICY, policy), super::NO_STORE], Html(html)).into_response()
}

/// JSON inside a page: `<` is written so that no value can end the script element.
pub(super) fn embed(html: &mut String, id: &str, value: &serde_json::Value) {
    let json = value.to_string().replace('<', "\\u003c");
    let _ = write!(html, "<script type=\"application/json\" id=\"{id}\">{json}</script>");
}

/// The `lang` of a locale that the app speaks.
pub(super) fn language(locale: &str) -> &'static str {
    match locale.get(..2) {
        Some("ja") => "ja",
        Some("ko") => "ko",
        _ => "en",
    }
}

/// What a screen reader hears until the app is there.
pub(super) fn loading(lang: &str) -> &'static str {
    match lang {
        "ja" => "読み込み中",
        "ko" => "불러오는 중",
        _ => "Loading",
    }
}

pub(super) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
