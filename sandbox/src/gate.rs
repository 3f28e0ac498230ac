//! What happens to every call before and after its handler: request id, trouble on demand, latency, the log of calls.

use axum::{
    body::{Body, to_bytes},
    extract::{MatchedPath, Request, State},
    http::{HeaderValue, StatusCode},
    middleware::Next,
    response::{IntoResponse as _, Response},
};

use crate::{odd, traffic::Call, world::World};

/// A stand-in's name and what it shares.
#[derive(Debug, Clone)]
pub(crate) struct Gate {
    pub(crate) world: World,
    pub(crate) host: &'static str,
}

/// The template of the route that answered, carried out by the response.
#[derive(Debug, Clone)]
struct Template(String);

/// More than any call may carry.
const LARGEST: usize = 128 * 1024 * 1024;

/// Around a whole stand-in. The sandbox's own pages and controls pass untouched.
pub(crate) async fn watch(State(gate): State<Gate>, request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    if path.starts_with("/_sandbox") || path == "/favicon.ico" {
        return next.run(request).await;
    }
    let method = request.method().clone();
    let (parts, body) = request.into_parts();
    // All of it, as the vendors' own gates do: an answer to half a request costs the caller the connection that they keep.
    let Ok(body) = to_bytes(body, LARGEST).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let request = Request::from_parts(parts, Body::from(body));
    let fault = gate.world.faults().take(gate.host, &method, &path);
    let odd = gate.world.odd().take(gate.host, &method, &path);
    let latency = gate.world.options().latency;
    if !latency.is_zero() {
        tokio::time::sleep(latency).await;
    }
    let answered = async {
        if odd.is_empty() { next.run(request).await } else { odd::answer(&odd, next.run(request)).await }
    };
    let mut response = match fault {
        Some((id, fault)) => {
            let mended = gate.world.faults().until_mended(id);
            mended.await;
            let answered = async {
                let response = answered.await;
                gate.world.faults().note_effect(id);
                response
            };
            fault.befall(&path, answered).await
        }
        None => answered.await,
    };
    let id = uuid::Uuid::new_v4().to_string();
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert("x-request-id", id);
    }
    let template = response.extensions_mut().remove::<Template>().map_or(path, |template| template.0);
    let status = response.status().as_u16();
    tracing::debug!(host = gate.host, %method, path = template, status, "answered");
    gate.world.traffic().note(Call { host: gate.host, method: method.to_string(), path: template, status });
    response
}

/// Around each route: remembers which one it was.
pub(crate) async fn name_route(matched: Option<MatchedPath>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    if let Some(matched) = matched {
        response.extensions_mut().insert(Template(matched.as_str().to_owned()));
    }
    response
}
