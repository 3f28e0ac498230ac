//! What every answer has, however it came about: an id of ours, the one envelope where it refuses, and what browsers
//! must be told. **Invariant:** of a request only its method and its route's template are counted or logged, no id and
//! no query.

use std::{any::Any, panic::AssertUnwindSafe, sync::Arc, time::Duration};

use axum::{
    extract::{MatchedPath, Request},
    http::{HeaderName, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
    routing::Route,
};
use futures::FutureExt;
use tokio::time::Instant;
use uuid::Uuid;
use wire::ErrorCode;

use super::{
    around::answer_of,
    error::{self, ApiError},
    timings::Timings,
};

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// From here on a request is worth a line.
const SLOW: Duration = Duration::from_secs(1);

/// The outermost layer, and one rather than many: each costs every request a future and a copy of what is below.
pub fn answered(
    timings: &Arc<Timings>,
    mut request: Request,
    route: &mut Route,
) -> impl Future<Output = Response> + Send + use<> {
    let started = Instant::now();
    let timings = Arc::clone(timings);
    let method = request.method().clone();
    let template = request.extensions().get::<MatchedPath>().cloned();
    request.headers_mut().remove(X_REQUEST_ID); // a client's could hold anything
    let handled = AssertUnwindSafe(answer_of(route, request)).catch_unwind();
    handled.map(move |handled| {
        let answer = handled.unwrap_or_else(|panic| panicked(&*panic));
        let id = new_id();
        let mut answer = error::in_envelope(answer, &id);
        let headers = answer.headers_mut();
        headers.insert(X_REQUEST_ID, id);
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
        let template = template.as_ref().map_or("unmatched", MatchedPath::as_str);
        let took = started.elapsed();
        timings.record(&method, template, answer.status(), took);
        log(&method, template, answer.status(), took);
        answer
    })
}

fn new_id() -> HeaderValue {
    let mut digits = [0; 32];
    let digits = Uuid::now_v7().simple().encode_lower(&mut digits);
    HeaderValue::from_str(digits).expect("hexadecimal digits may stand in a header")
}

fn panicked(panic: &(dyn Any + Send)) -> Response {
    let words = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref().copied());
    tracing::error!(panic = words.unwrap_or("no words"), "a handler panicked");
    ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, ErrorCode::Internal, "something in Deskside is broken")
        .hint("Tell support the request id; the log has the cause.")
        .into_response()
}

/// What went well and fast is in the metrics, and in the log only where somebody looks closer.
fn log(method: &Method, route: &str, status: StatusCode, took: Duration) {
    let (status, millis) = (status.as_u16(), took.as_millis());
    if status < 400 && took < SLOW {
        tracing::debug!(%method, route, status, millis, "{method} {route} answered {status} in {millis} ms");
    } else {
        tracing::info!(%method, route, status, millis, "{method} {route} answered {status} in {millis} ms");
    }
}

#[cfg(test)]
mod tests {
    use axum::{Router, body::Body, routing::get};
    use tower::ServiceExt;

    use super::*;
    use crate::http::around::Around;

    fn router() -> Router {
        let refuses = async || ApiError::new(StatusCode::CONFLICT, ErrorCode::StoreBusy, "it is taken");
        let panics = async || -> &'static str { panic!("a defect") };
        Router::new()
            .route("/fine", get(async || "fine"))
            .route("/refuses", get(refuses))
            .route("/panics", get(panics))
            .layer(Around(|request, route: &mut Route| answered(&Arc::default(), request, route)))
    }

    #[tokio::test]
    async fn every_answer_has_an_id_of_ours_and_a_refusal_names_it() {
        let check = async |path: &str, status: u16, code: Option<&str>| {
            let request = Request::get(path).header(X_REQUEST_ID, "mine").body(Body::empty());
            let Ok(answer) = router().oneshot(request.expect("a request")).await;
            assert_eq!(answer.status().as_u16(), status, "{path}");
            let header = |name: &str| answer.headers()[name].to_str().expect("text").to_owned();
            assert_eq!(header("x-content-type-options"), "nosniff", "{path}");
            assert_eq!(header("referrer-policy"), "no-referrer", "{path}");
            let id = header("x-request-id");
            assert!(id.parse::<Uuid>().is_ok(), "{path}: {id}");
            let body = axum::body::to_bytes(answer.into_body(), 1024).await.expect("a body");
            if let Some(code) = code {
                let body: serde_json::Value = serde_json::from_slice(&body).expect("an envelope");
                assert_eq!(
                    (&body["error"]["code"], &body["error"]["request_id"]),
                    (&code.into(), &id.into())
                );
            }
        };
        check("/fine", 200, None).await;
        check("/refuses", 409, Some("store_busy")).await;
        check("/panics", 500, Some("internal")).await;
    }
}
