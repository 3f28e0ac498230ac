//! Who may ask what. The route table is this page.

mod archive; // a ticket's attachments
mod assets; // the built app
mod cards; // what the sidebar shows
mod engagements; // pops
pub mod error; // the one envelope
mod extract; // what a request must prove
mod health; // for operators
mod openapi; // the list of all this
mod page; // the app's pages in Zendesk and Flex
mod sessions; // bearers
mod throttle; // how often one session may ask

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    extract::FromRef,
    http::{HeaderName, HeaderValue, Request, StatusCode, header},
    middleware,
    routing::{get, post},
};
use metrics_exporter_prometheus::PrometheusHandle;
use tower::ServiceBuilder;
use tower_http::{
    catch_panic::CatchPanicLayer,
    request_id::{MakeRequestId, PropagateRequestIdLayer, RequestId, SetRequestIdLayer},
    set_header::SetResponseHeaderLayer,
};
use wire::ErrorCode;

pub use openapi::document;
pub use page::PageSettings;

use self::{error::ApiError, throttle::Throttle};
use crate::{
    features::{archive::Archive, contracts::Contracts, pops::Pops, sessions::Sessions},
    store::Db,
};

/// How long a handler may take; what is slower belongs into a job.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(20);

/// Only this file sees it whole.
#[derive(Clone, FromRef)]
pub struct AppState {
    /// Who is asking.
    pub sessions: Sessions,
    /// Cards.
    pub contracts: Contracts,
    /// Pops.
    pub pops: Pops,
    /// Attachments.
    pub archive: Archive,
    /// What the pages need.
    pub pages: Arc<PageSettings>,
    /// Asked whether it is alive.
    pub db: Db,
    /// What `/metrics` prints.
    pub metrics: PrometheusHandle,
}

/// Every route there is.
pub fn router(state: AppState) -> Router {
    let timed = Router::new()
        // Zendesk's and Flex's frames.
        .route("/zendesk/{location}", post(page::zendesk).get(page::not_signed))
        .route("/flex/panel", get(page::flex))
        .route("/flex/plugin.js", get(assets::plugin))
        .route("/app/{file}", get(assets::file))
        // Sessions.
        .route("/api/session/flex", post(sessions::flex))
        .route("/api/session/renew", post(sessions::renew))
        .route("/api/session/proof", post(sessions::challenge))
        .route("/api/session/proof/confirm", post(sessions::confirm))
        // From the sidebar.
        .route("/api/tickets/{id}/card", get(cards::of_ticket))
        .route("/api/customers/{user_id}/card", get(cards::of_customer))
        .route("/api/customers", get(cards::by_phone))
        .route("/api/tickets/{id}/archive", get(archive::show).post(archive::start))
        // From Flex.
        .route("/api/engagements/{task_sid}/pop", post(engagements::pop))
        // For operators.
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(health::metrics))
        .route("/openapi.json", get(openapi::show))
        .layer(middleware::from_fn(in_time))
        .layer(middleware::from_fn_with_state(Throttle::default(), throttle::throttled));
    let streams = Router::new().route("/api/archive/runs/{id}/events", get(archive::events));
    timed
        .merge(streams)
        .fallback(async || {
            ApiError::new(StatusCode::NOT_FOUND, ErrorCode::RouteNotFound, "this server has no such route")
        })
        .method_not_allowed_fallback(async || {
            ApiError::new(
                StatusCode::METHOD_NOT_ALLOWED,
                ErrorCode::MethodNotAllowed,
                "this route does not take this method",
            )
        })
        .layer(
            ServiceBuilder::new()
                .layer(middleware::map_request(without_id))
                .layer(SetRequestIdLayer::x_request_id(RequestIds))
                .layer(PropagateRequestIdLayer::x_request_id())
                .layer(middleware::from_fn(logged))
                .layer(middleware::from_fn(error::envelope))
                .layer(CatchPanicLayer::custom(panicked))
                .layer(never("x-content-type-options", "nosniff"))
                .layer(never("referrer-policy", "no-referrer")),
        )
        .with_state(state)
}

fn never(name: &'static str, value: &'static str) -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::if_not_present(HeaderName::from_static(name), HeaderValue::from_static(value))
}

/// A client's id could hold anything, and would end in the log.
async fn without_id(mut request: axum::extract::Request) -> axum::extract::Request {
    request.headers_mut().remove(X_REQUEST_ID);
    request
}

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Ids of our own.
#[derive(Debug, Clone, Copy)]
struct RequestIds;

impl MakeRequestId for RequestIds {
    fn make_request_id<B>(&mut self, _: &Request<B>) -> Option<RequestId> {
        let id = uuid::Uuid::now_v7().simple().to_string();
        Some(RequestId::new(HeaderValue::from_str(&id).ok()?))
    }
}

async fn in_time(request: axum::extract::Request, next: middleware::Next) -> axum::response::Response {
    use axum::response::IntoResponse;
    match tokio::time::timeout(REQUEST_TIMEOUT, next.run(request)).await {
        Ok(response) => response,
        Err(_) => ApiError::new(
            StatusCode::SERVICE_UNAVAILABLE,
            ErrorCode::RequestTimeout,
            format!("this took longer than {} s and was given up", REQUEST_TIMEOUT.as_secs()),
        )
        .hint("Try again in a moment.")
        .retry_after(Some(Duration::from_secs(5)))
        .into_response(),
    }
}

/// One line a request; the path as its template, so that no id and no query is in the log. What went well and fast is
/// in the metrics, and in the log only where somebody looks closer.
async fn logged(request: axum::extract::Request, next: middleware::Next) -> axum::response::Response {
    let started = tokio::time::Instant::now();
    let method = request.method().clone();
    let route = request.extensions().get::<axum::extract::MatchedPath>().cloned();
    let response = next.run(request).await;
    let took = started.elapsed();
    let status = response.status().as_u16();
    let route = route.as_ref().map_or("unmatched", |route| route.as_str());
    metrics::histogram!("deskside_http_seconds", "method" => method.as_str().to_owned(),
        "route" => route.to_owned(), "status" => STATUS[usize::from(status / 100).min(5)])
    .record(took.as_secs_f64());
    let millis = took.as_millis();
    if status < 400 && took < SLOW {
        tracing::debug!(%method, route, status, millis, "{method} {route} answered {status} in {millis} ms");
    } else {
        tracing::info!(%method, route, status, millis, "{method} {route} answered {status} in {millis} ms");
    }
    response
}

/// From here on a request is worth a line.
const SLOW: Duration = Duration::from_secs(1);
/// Classes of statuses, as metrics label them.
const STATUS: [&str; 6] = ["0xx", "1xx", "2xx", "3xx", "4xx", "5xx"];

#[expect(clippy::needless_pass_by_value, reason = "the layer's signature")]
fn panicked(panic: Box<dyn std::any::Any + Send>) -> axum::response::Response {
    use axum::response::IntoResponse;
    let words = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref().copied());
    tracing::error!(panic = words.unwrap_or("no words"), "a handler panicked");
    ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, ErrorCode::Internal, "something in Deskside is broken")
        .hint("Tell support the request id; the log has the cause.")
        .into_response()
}

/// Where nothing may be cached: everything but the immutable assets.
const NO_STORE: (header::HeaderName, HeaderValue) =
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
