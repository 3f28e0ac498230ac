//! The page in Zendesk's top bar: it frames Flex, and passes on what the plugin in it says. A script of its own and no app: an
//! agent waits for Flex here, not for us (ADR 7). **Invariant:** it may frame the origin that an admin set, and no other.

use std::fmt::Write;

use axum::{http::StatusCode, response::Response};
use serde_json::json;
use wire::SessionDocument;

use super::{
    assets::Manifest,
    page::{Policy, document, embed, escape, language, loading},
};
use crate::features::{accounts::PageSettings, settings::TopBar};

/// The page for `flex`, or one that says that nobody has set it.
pub(super) fn render(
    session: &SessionDocument,
    flex: Option<&TopBar>,
    settings: &PageSettings,
    manifest: &Manifest,
) -> Response {
    let (Manifest { top_bar_js: js, top_bar_css: css, .. }, lang) = (manifest, language(&session.locale));
    let facts = flex.map(|TopBar { url, width, height }| {
        let origin = url.origin().ascii_serialization();
        json!({"url": url, "origin": origin, "width": width, "height": height})
    });
    let zendesk = &settings.zendesk_origin;
    let facts = json!({"host": "zendesk", "location": "top_bar", "zendesk": zendesk, "flex": facts});
    let mut html = format!(
        "<!doctype html><html lang=\"{lang}\" data-host=\"zendesk\" data-location=\"top_bar\"><head>\
         <meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <title>Deskside</title><link rel=\"stylesheet\" href=\"/app/{css}\">"
    );
    embed(&mut html, "deskside-page", &facts);
    embed(&mut html, "deskside-session", &json!(session));
    let _ = write!(
        html,
        "<script src=\"{}\"></script><script type=\"module\" src=\"/app/{js}\"></script></head><body>\
         <main id=\"app\"><p class=\"wait\" role=\"status\">{}</p></main></body></html>",
        escape(settings.sdk_url.as_str()),
        loading(lang)
    );
    let ancestors = std::slice::from_ref(zendesk);
    let frames = flex.map(|flex| &flex.url);
    document(StatusCode::OK, html, &Policy { sdk: Some(&settings.sdk_url), frames, ancestors })
}
