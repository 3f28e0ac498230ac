//! `GET /flex/plugins.json`: the list from which Flex loads our plugin. Flex's own backend asks for it (the account's
//! `custom_plugins_url`), or the browser of an agent whose Flex UI is hosted elsewhere (`pluginService.url`); both send the
//! agent's Flex token. **Invariant:** only `twilio.flex_origins` may read the answer in a browser, refusals too.

use std::sync::{Arc, LazyLock};

use axum::{
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

use super::{NO_STORE, assets, error::ApiError, limits::SignIn, page, whose::Keyed};
use crate::features::{accounts::PageSettings, sessions::Sessions};

/// Where Flex puts the agent's token.
const X_FLEX_JWE: HeaderName = HeaderName::from_static("x-flex-jwe");
/// What Flex's loader sends beside what every browser may.
const FLEX_HEADERS: HeaderValue = HeaderValue::from_static("x-flex-jwe, x-flex-version");

/// Our plugin's name, as in the package for Twilio's CLI: an account that has both loads it twice, and sees why.
const NAME: &str = "plugin-deskside";
/// After Twilio's own plugins.
const PHASE: u8 = 3;

/// `GET /flex/plugins.json`.
#[utoipa::path(get, path = "/flex/plugins.json", tag = "pages", responses((status = 200)))]
pub async fn list(
    sign_in: SignIn,
    Keyed(sessions): Keyed<Sessions>,
    Keyed(pages): Keyed<Arc<PageSettings>>,
    headers: HeaderMap,
) -> Response {
    let listed = async {
        let token = headers.get(X_FLEX_JWE).and_then(|token| token.to_str().ok()).unwrap_or_default();
        let token = sign_in.token(token.trim(), sessions.has_flex())?;
        sign_in.counted(sessions.is_of_flex(&token)).await?;
        plugins(&pages.public_url)
    };
    let answer = listed.await.map(|plugins| ([NO_STORE], axum::Json(plugins)));
    readable(answer.into_response(), &headers, &pages.flex_origins)
}

/// `OPTIONS /flex/plugins.json`: a browser asks before it sends a token.
pub async fn preflight(Keyed(pages): Keyed<Arc<PageSettings>>, headers: HeaderMap) -> Response {
    readable(allowed(), &headers, &pages.flex_origins)
}

/// `OPTIONS` of the plugin's file: accounts that inline plugins fetch the source, and send the token there, too.
pub async fn preflight_file() -> Response {
    let mut answer = allowed();
    answer.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    answer
}

fn allowed() -> Response {
    let allowed = [
        (header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET")),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, FLEX_HEADERS),
        (header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600")),
    ];
    (StatusCode::NO_CONTENT, allowed).into_response()
}

/// Lets the browser of a known origin read the answer. Flex's loader asks with credentials, so `*` would not do.
fn readable(mut answer: Response, asked: &HeaderMap, origins: &[String]) -> Response {
    let headers = answer.headers_mut();
    headers.append(header::VARY, HeaderValue::from_static("origin"));
    let origin = asked.get(header::ORIGIN);
    let known = origin.filter(|origin| origins.iter().any(|known| origin.as_bytes() == known.as_bytes()));
    if let Some(origin) = known {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        headers.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
    }
    answer
}

/// What Flex's `PluginManager` takes. The file is named by its content, so that an agent gets a new one with the next reload
/// of Flex and an old one from the browser's cache.
fn plugins(public_url: &str) -> Result<Value, ApiError> {
    static INTEGRITY: LazyLock<Option<String>> =
        LazyLock::new(|| assets::integrity(&assets::manifest()?.plugin));
    let manifest = page::manifest()?;
    let mut plugin = json!({
        "name": NAME, "version": env!("CARGO_PKG_VERSION"), "phase": PHASE,
        "src": format!("{public_url}/app/{}", manifest.plugin),
    });
    if let Some(integrity) = INTEGRITY.as_ref() {
        plugin["integrity"] = json!(integrity);
    }
    Ok(json!([plugin]))
}
