//! The pages that people look at: the agent workspace (`/agent`), the light Flex page (`/flex`), and lists of mails and alerts, with
//! their scripts and styles. **Invariant:** files and where they are, nothing else; the pages get their data from the vendors' routes.
//!
//! Both routers are generic over the state, so each is one `.merge(…)` line where the listeners are put together.

use std::path::{Path, PathBuf};

use axum::{
    Json, Router,
    extract::Path as UrlPath,
    http::{StatusCode, header},
    response::{Html, IntoResponse, Response},
    routing::get,
};

use crate::twilio::{WORKERS, Worker};

/// One embedded file: its path below `/_sandbox/pages/`, its media type, its text.
type Page = (&'static str, &'static str, &'static str);

const CSS: &str = "text/css; charset=utf-8";
const JS: &str = "text/javascript; charset=utf-8";

/// Embeds `sandbox/pages/<path>`.
macro_rules! page {
    ($path:literal, $media:expr) => {
        ($path, $media, include_str!(concat!("../pages/", $path)))
    };
}

const AGENT_HTML: &str = include_str!("../pages/agent/index.html");
/// Flex's page; who may frame it is Twilio's to say.
pub(crate) const FLEX_HTML: &str = include_str!("../pages/flex/index.html");

const AGENT: &[Page] = &[
    page!("shared/base.css", CSS),
    page!("shared/dom.js", JS),
    page!("agent/agent.css", CSS),
    page!("agent/api.js", JS),
    page!("agent/composer.js", JS),
    page!("agent/conversation.js", JS),
    page!("agent/files.js", JS),
    page!("agent/list.js", JS),
    page!("agent/log.js", JS),
    page!("agent/main.js", JS),
    page!("agent/new_ticket.js", JS),
    page!("agent/people.js", JS),
    page!("agent/tags.js", JS),
    page!("agent/ticket.js", JS),
    page!("agent/ticket_draft.js", JS),
    page!("agent/top_bar.js", JS),
    page!("agent/tray.js", JS),
    page!("agent/user.js", JS),
    page!("agent/words.js", JS),
    page!("agent/workspace.js", JS),
    page!("agent/zaf_actions.js", JS),
    page!("agent/zaf_data.js", JS),
    page!("agent/zaf_host.js", JS),
];

const MAILS_HTML: &str = include_str!("../pages/view/mails.html");
const ALERTS_HTML: &str = include_str!("../pages/view/alerts.html");

const VIEW: &[Page] = &[
    page!("shared/base.css", CSS),
    page!("shared/dom.js", JS),
    page!("view/alerts.js", JS),
    page!("view/mails.js", JS),
    page!("view/view.css", CSS),
    page!("view/watch.js", JS),
];

const FLEX: &[Page] = &[
    page!("shared/base.css", CSS),
    page!("shared/dom.js", JS),
    page!("flex/actions.js", JS),
    page!("flex/desktop.js", JS),
    page!("flex/flex.css", CSS),
    page!("flex/main.js", JS),
    page!("flex/manager.js", JS),
    page!("flex/notifications.js", JS),
    page!("flex/outbound.js", JS),
    page!("flex/plugins.js", JS),
    page!("flex/react.js", JS),
    page!("flex/simulator.js", JS),
    page!("flex/task_views.js", JS),
    page!("flex/tasks.js", JS),
];

/// The agent workspace, and the ZAF SDK for the app in its frames; `zaf_sdk` is the bundle's file.
pub fn zendesk_router<S: Clone + Send + Sync + 'static>(zaf_sdk: Option<PathBuf>) -> Router<S> {
    let workspace = || async { Html(AGENT_HTML) };
    Router::new()
        .route("/agent", get(workspace))
        .route("/agent/{*view}", get(workspace))
        .route("/_sandbox/pages/{*path}", get(|path| async { file(AGENT, path) }))
        .route("/zaf_sdk/2.0/zaf_sdk.js", get(move || async move { sdk(zaf_sdk.as_deref()) }))
}

/// What would have left: the mails at `/_sandbox/view/mails`, PagerDuty's alerts at `/_sandbox/view/alerts`.
pub(crate) fn view_router<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new()
        .route("/_sandbox/view/mails", get(|| async { Html(MAILS_HTML) }))
        .route("/_sandbox/view/alerts", get(|| async { Html(ALERTS_HTML) }))
        .route("/_sandbox/view/{*path}", get(|path| async { file(VIEW, path) }))
}

/// What the light Flex page needs; the plugin's script comes from the app at `app_url`, popped tickets show at `zendesk_url`.
pub fn flex_router<S: Clone + Send + Sync + 'static>(app_url: &str, zendesk_url: &str) -> Router<S> {
    let worker = |worker: &Worker| {
        serde_json::json!({
            "name": worker.short_name(), "full_name": worker.full_name, "email": worker.email, "sid": worker.sid,
        })
    };
    let settings = serde_json::json!({
        "workers": WORKERS.iter().map(worker).collect::<Vec<_>>(),
        "plugin_url": format!("{}/flex/plugin.js", app_url.trim_end_matches('/')),
        "workspace_url": format!("{}/agent", zendesk_url.trim_end_matches('/')),
    });
    Router::new()
        .route("/_sandbox/flex/page", get(move || async move { Json(settings) }))
        .route("/_sandbox/pages/{*path}", get(|path| async { file(FLEX, path) }))
}

fn file(pages: &'static [Page], UrlPath(path): UrlPath<String>) -> Response {
    match pages.iter().find(|(name, ..)| *name == path) {
        Some((_, media, text)) => {
            ([(header::CONTENT_TYPE, *media), (header::CACHE_CONTROL, "no-cache")], *text).into_response()
        }
        None => (StatusCode::NOT_FOUND, format!("The sandbox has no page {path}.")).into_response(),
    }
}

/// Read on each request: the bundle may be built after the sandbox was started.
fn sdk(path: Option<&Path>) -> Response {
    let Some(path) = path else {
        return no_sdk("The sandbox was started without an SDK: give it --zaf-sdk or SANDBOX_ZAF_SDK.");
    };
    match std::fs::read(path) {
        Ok(script) => {
            ([(header::CONTENT_TYPE, JS), (header::CACHE_CONTROL, "no-cache")], script).into_response()
        }
        Err(_) => no_sdk(&format!(
            "The ZAF SDK is not at {}: build it with `node sandbox/pages/build-sdk.mjs --outfile …`.",
            path.display()
        )),
    }
}

fn no_sdk(sentence: &str) -> Response {
    (StatusCode::NOT_FOUND, sentence.to_owned()).into_response()
}

#[cfg(test)]
mod tests {
    use axum::{body::Body, http::Request};
    use tower::ServiceExt;

    use super::*;

    /// `GET path` → status, the media type's beginning, and a text that the body holds.
    async fn check(router: &Router, path: &str, expected: (u16, &str, &str)) {
        let request = Request::get(path).body(Body::empty()).expect("a valid request");
        let answer = router.clone().oneshot(request).await.expect("routers do not fail");
        let (status, media, holds) = expected;
        assert_eq!(answer.status().as_u16(), status, "{path}");
        let content_type = answer.headers()[header::CONTENT_TYPE].to_str().unwrap().to_owned();
        assert!(content_type.starts_with(media), "{path}: {content_type}");
        let body = axum::body::to_bytes(answer.into_body(), usize::MAX).await.unwrap();
        assert!(String::from_utf8_lossy(&body).contains(holds), "{path} holds no {holds:?}");
    }

    #[tokio::test]
    async fn the_workspace_answers_at_every_view() {
        let router = zendesk_router(None);
        for path in ["/agent", "/agent/tickets/42", "/agent/tickets/new", "/agent/users/77"] {
            check(&router, path, (200, "text/html", "agent/main.js")).await;
        }
        check(&router, "/_sandbox/pages/agent/zaf_host.js", (200, "text/javascript", "iframe.handshake"))
            .await;
        check(&router, "/_sandbox/pages/agent/none.js", (404, "text/plain", "has no page agent/none.js"))
            .await;
    }

    #[tokio::test]
    async fn what_would_have_left_has_pages() {
        let router = view_router();
        check(&router, "/_sandbox/view/mails", (200, "text/html", "view/mails.js")).await;
        check(&router, "/_sandbox/view/alerts", (200, "text/html", "view/alerts.js")).await;
        check(&router, "/_sandbox/view/view/watch.js", (200, "text/javascript", "PAUSE_MS")).await;
    }

    #[tokio::test]
    async fn the_flex_page_knows_where_the_plugin_is() {
        let router = flex_router("http://localhost:8080/", "http://127.0.0.1:9101");
        let page = "/_sandbox/flex/page";
        check(&router, page, (200, "application/json", "http://localhost:8080/flex/plugin.js")).await;
        check(&router, page, (200, "application/json", "http://127.0.0.1:9101/agent")).await;
        check(&router, page, (200, "application/json", r#""full_name":"Ren Restricted","name":"ren""#)).await;
    }

    #[tokio::test]
    async fn a_missing_sdk_is_explained() {
        let path = "/zaf_sdk/2.0/zaf_sdk.js";
        check(&zendesk_router(None), path, (404, "text/plain", "started without an SDK")).await;
        check(&zendesk_router(Some("/nowhere/sdk.js".into())), path, (404, "text/plain", "build-sdk.mjs"))
            .await;
    }

    #[test]
    fn every_import_of_the_pages_is_served() {
        for pages in [AGENT, FLEX, VIEW] {
            for (name, media, text) in pages.iter().filter(|(_, media, _)| *media == JS) {
                let folder = name.split('/').next().expect("every page is in a folder");
                for import in text.lines().filter_map(|line| line.split(" from \"").nth(1)) {
                    let file = import.trim_end_matches("\";");
                    let wanted = file.strip_prefix("./").map_or_else(
                        || file.trim_start_matches("../").to_owned(),
                        |sibling| format!("{folder}/{sibling}"),
                    );
                    assert!(
                        pages.iter().any(|(page, ..)| *page == wanted),
                        "{name} ({media}) imports {file}"
                    );
                }
            }
        }
    }
}
