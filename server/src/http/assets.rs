//! The built app, inside the binary: precompressed, immutable, named by the hash of its content.

use std::{collections::HashMap, sync::LazyLock};

use axum::{
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use base64::prelude::{BASE64_STANDARD, Engine as _};
use rust_embed::RustEmbed;
use sha2::{Digest, Sha384};
use wire::ErrorCode;

use super::{error::ApiError, extract::Path};

/// What `cargo xtask app` built. In a debug build it is read from the folder, in a release it is inside the binary.
#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../app/dist"]
struct Dist;

/// The names of the built files.
#[derive(Debug, Clone)]
pub struct Manifest {
    /// Starts everything else.
    pub loader: String,
    /// The Flex plugin.
    pub plugin: String,
    /// What frames Flex in Zendesk's top bar.
    pub top_bar_js: String,
    pub top_bar_css: String,
    /// What an agent's sidebars need.
    pub agent: Bundle,
    /// What the admins' pages need.
    pub console: Bundle,
    /// What the admins' pages load when an integration is edited.
    pub editor: Bundle,
    /// What Flex's panel needs.
    pub flex: Bundle,
}

impl Manifest {
    fn read(json: &[u8]) -> Option<Self> {
        let mut names: HashMap<String, String> = serde_json::from_slice(json).ok()?;
        let mut bundle = |prefix: &str| {
            let mut name = |part: &str| names.remove(&format!("{prefix}{part}"));
            let words = [("ja", name("ja")?), ("ko", name("ko")?)];
            Some(Bundle { js: name("js")?, wasm: name("wasm")?, css: name("css")?, words })
        };
        let (agent, console) = (bundle("")?, bundle("console_")?);
        let (editor, flex) = (bundle("editor_")?, bundle("flex_")?);
        let mut name = |part: &str| names.remove(part);
        let (loader, plugin) = (name("loader")?, name("plugin")?);
        let (top_bar_js, top_bar_css) = (name("top_bar_js")?, name("top_bar_css")?);
        Some(Self { loader, plugin, top_bar_js, top_bar_css, agent, console, editor, flex })
    }
}

const MANIFEST_FILE: &str = "manifest.json";

/// The files of one place.
#[derive(Debug, Clone)]
pub struct Bundle {
    pub js: String,
    pub wasm: String,
    pub css: String,
    /// Its words in other languages than English, by language.
    pub words: [(&'static str, String); 2],
}

/// The names of the built files; `None` in a binary that was built without the app.
pub fn manifest() -> Option<&'static Manifest> {
    static MANIFEST: LazyLock<Option<Manifest>> =
        LazyLock::new(|| Manifest::read(&Dist::get(MANIFEST_FILE)?.data));
    MANIFEST.as_ref()
}

/// `GET /app/{file}`.
#[utoipa::path(get, path = "/app/{file}", tag = "pages", params(("file" = String, Path)), responses((status = 200)))]
pub async fn file(Path(name): Path<String>, headers: HeaderMap) -> Result<Response, ApiError> {
    if name == MANIFEST_FILE {
        return Err(missing()); // every other name changes with its content
    }
    serve(&name, &headers, "public, max-age=31536000, immutable")
}

/// `GET /flex/plugin.js`: a stable name for Flex's configuration, so it is asked for again and again.
#[utoipa::path(get, path = "/flex/plugin.js", tag = "pages", responses((status = 200)))]
pub async fn plugin(headers: HeaderMap) -> Result<Response, ApiError> {
    let manifest = manifest().ok_or_else(missing)?;
    serve(&manifest.plugin, &headers, "public, max-age=60")
}

/// What browsers compare a script with, `sha384-…`; of its bytes, however they were packed on the way.
pub(super) fn integrity(name: &str) -> Option<String> {
    let hash = Sha384::digest(Dist::get(name)?.data);
    Some(format!("sha384-{}", BASE64_STANDARD.encode(hash)))
}

fn serve(name: &str, headers: &HeaderMap, cache: &'static str) -> Result<Response, ApiError> {
    let content_type = content_type(name).ok_or_else(missing)?;
    let accepted = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or("");
    let encoded = [("br", ".br"), ("gzip", ".gz")]
        .into_iter()
        .filter(|(encoding, _)| accepts(accepted, encoding))
        .find_map(|(encoding, suffix)| Some((encoding, Dist::get(&format!("{name}{suffix}"))?)));
    let (encoding, file) = match encoded {
        Some((encoding, file)) => (Some(encoding), file),
        None => (None, Dist::get(name).ok_or_else(missing)?),
    };
    let mut response = (
        [
            (header::CONTENT_TYPE, HeaderValue::from_static(content_type)),
            (header::CACHE_CONTROL, HeaderValue::from_static(cache)),
            (header::VARY, HeaderValue::from_static("accept-encoding")),
            // The Flex plugin is a classic script of Flex's page, and the frame's module scripts are fetched with CORS.
            (header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*")),
        ],
        file.data,
    )
        .into_response();
    if let Some(encoding) = encoding {
        response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    Ok(response)
}

/// Whether an `Accept-Encoding` takes `encoding`: named, and not with `q=0`.
fn accepts(header: &str, encoding: &str) -> bool {
    header.split(',').any(|part| {
        let mut words = part.split(';').map(str::trim);
        words.next() == Some(encoding)
            && !words.any(|word| matches!(word, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"))
    })
}

fn content_type(name: &str) -> Option<&'static str> {
    Some(match name.rsplit_once('.')?.1 {
        "wasm" => "application/wasm",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" => "application/json",
        "svg" => "image/svg+xml",
        _ => return None,
    })
}

fn missing() -> ApiError {
    ApiError::new(StatusCode::NOT_FOUND, ErrorCode::RouteNotFound, "this server has no such file")
        .hint("The page is older than the server: reload it.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_gets_an_encoding_only_when_it_takes_it() {
        for (header, encoding, expected) in [
            ("gzip, deflate, br", "br", true),
            ("gzip;q=1.0, br;q=0", "br", false),
            ("gzip", "br", false),
            ("", "gzip", false),
            ("brotli", "br", false),
        ] {
            assert_eq!(accepts(header, encoding), expected, "{header} / {encoding}");
        }
    }
}
