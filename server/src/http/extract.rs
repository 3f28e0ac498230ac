//! Our extractors: what a request must prove is in a handler's signature, and every refusal wears the one envelope.

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::{
    extract::{FromRef, FromRequest, FromRequestParts, Request},
    http::{HeaderMap, StatusCode, header, request::Parts},
};
use bytes::{Bytes, BytesMut};
use futures::StreamExt;
use serde::de::DeserializeOwned;
use wire::{ErrorCode, Role};

use super::{AppState, error::ApiError};
use crate::features::sessions::{self, Viewer};

/// What a JSON request body may weigh. Ours are a few hundred bytes; task attributes a few kilobytes.
pub const MAX_BODY: usize = 256 * 1024;

/// What a handler uses of the state. axum's own would have the state copied for every request, several times over.
#[derive(Debug, Clone, Copy)]
pub struct State<T>(pub T);

impl<T: FromRef<AppState>> FromRequestParts<Arc<AppState>> for State<T> {
    type Rejection = Infallible;

    async fn from_request_parts(_: &mut Parts, state: &Arc<AppState>) -> Result<Self, Infallible> {
        Ok(Self(T::from_ref(state)))
    }
}

/// A path parameter; axum's own answers bad input in plain text.
#[derive(Debug, Clone, Copy)]
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        if parts.uri.path().contains("%00") {
            return Err(nul(ErrorCode::PathInvalid, "the address"));
        }
        Ok(Self(axum::extract::Path::from_request_parts(parts, state).await?.0))
    }
}

/// Query parameters, likewise.
#[derive(Debug, Clone, Copy)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        if parts.uri.query().is_some_and(|query| query.contains("%00")) {
            return Err(nul(ErrorCode::QueryInvalid, "the query"));
        }
        Ok(Self(axum::extract::Query::from_request_parts(parts, state).await?.0))
    }
}

/// No text of ours holds the NUL character, because not every database could keep it.
fn nul(code: ErrorCode, place: &str) -> ApiError {
    let words = format!("{place} holds the NUL character, which no text may hold");
    ApiError::new(StatusCode::BAD_REQUEST, code, words).hint("Send the text without it.")
}

/// Whether a text in this JSON holds the NUL character. JSON has one way to write it, and a backslash only in texts.
fn has_nul(json: &[u8]) -> bool {
    let mut rest = json;
    while let Some(at) = rest.iter().position(|byte| *byte == b'\\') {
        let escape = &rest[at + 1..];
        if escape.starts_with(b"u0000") {
            return true;
        }
        rest = escape.get(1..).unwrap_or_default();
    }
    false
}

/// A JSON object of at most [`MAX_BODY`]. Serde would also take an array of the fields' values, and an empty one for
/// "everything by default".
#[derive(Debug, Clone, Copy)]
pub struct Json<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Json<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        json_of(&read_body(request, MAX_BODY).await?).map(Self)
    }
}

/// The JSON object of a body.
pub fn json_of<T: DeserializeOwned>(body: &[u8]) -> Result<T, ApiError> {
    let refused = |why: String| {
        let words = format!("the body is not what this route takes: {why}");
        ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, ErrorCode::BodyInvalid, words)
            .hint("/openapi.json shows the shape.")
    };
    if body.trim_ascii_start().first() != Some(&b'{') {
        return Err(refused("it is not a JSON object".to_owned()));
    }
    if has_nul(body) {
        return Err(nul(ErrorCode::BodyInvalid, "the body"));
    }
    serde_json::from_slice(body).map_err(|error| refused(error.to_string()))
}

/// How long a client may take to send a body.
const BODY_TIMEOUT: Duration = Duration::from_secs(10);

/// Reads a body of at most `limit` bytes, within [`BODY_TIMEOUT`].
pub async fn read_body(request: Request, limit: usize) -> Result<Bytes, ApiError> {
    read_within(BODY_TIMEOUT, request, limit).await
}

async fn read_within(timeout: Duration, request: Request, limit: usize) -> Result<Bytes, ApiError> {
    tokio::time::timeout(timeout, read_all(request, limit)).await.unwrap_or_else(|_| {
        let words = format!("the body did not arrive within {} s", timeout.as_secs());
        Err(ApiError::new(StatusCode::REQUEST_TIMEOUT, ErrorCode::RequestTimeout, words)
            .hint("Send it again."))
    })
}

/// Reads a body of at most `limit` bytes. The rest of a larger one is read for a moment and thrown away: a client that
/// is still sending would otherwise see a reset connection instead of the answer.
async fn read_all(request: Request, limit: usize) -> Result<Bytes, ApiError> {
    const LINGER: Duration = Duration::from_secs(3);
    let announced = request
        .headers()
        .get(header::CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok()?.parse::<u64>().ok())
        .unwrap_or(0);
    let mut stream = request.into_body().into_data_stream();
    let mut body = BytesMut::new();
    let mut fits = announced <= limit as u64;
    while fits && let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|_| {
            ApiError::new(
                StatusCode::BAD_REQUEST,
                ErrorCode::BodyInvalid,
                "the body broke off while it was sent",
            )
        })?;
        fits = body.len() + chunk.len() <= limit;
        if fits {
            body.extend_from_slice(&chunk);
        }
    }
    if fits {
        return Ok(body.freeze());
    }
    let drain = async { while let Some(Ok(_)) = stream.next().await {} };
    let _ = tokio::time::timeout(LINGER, drain).await;
    Err(ApiError::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        ErrorCode::BodyTooLarge,
        format!("the body is larger than the {} kB this route takes", limit / 1024),
    ))
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// The bearer that a request brings, good or not.
pub fn shown_bearer(headers: &HeaderMap) -> Result<&str, ApiError> {
    bearer(headers).ok_or_else(|| {
        ApiError::new(StatusCode::UNAUTHORIZED, ErrorCode::SessionMissing, "this route needs a session")
            .hint("Open Deskside inside Zendesk or Flex; the page brings its own session.")
    })
}

/// Any session, also one that has not yet proved which agent it is: it may be renewed and proved, no more.
impl FromRequestParts<Arc<AppState>> for Viewer {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &Arc<AppState>) -> Result<Self, ApiError> {
        // The layer that counts requests has read it already.
        match parts.extensions.get::<Self>() {
            Some(viewer) => Ok(viewer.clone()),
            None => Ok(state.shown(&parts.headers)?.0),
        }
    }
}

/// A session of a known agent (or admin).
#[derive(Debug, Clone)]
pub struct Agent {
    /// The session as such.
    pub viewer: Viewer,
    /// Whose it is.
    pub agent: sessions::Agent,
}

impl FromRequestParts<Arc<AppState>> for Agent {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &Arc<AppState>) -> Result<Self, ApiError> {
        let viewer = Viewer::from_request_parts(parts, state).await?;
        let agent = viewer.agent.clone().ok_or_else(|| {
            ApiError::new(
                StatusCode::FORBIDDEN,
                ErrorCode::AgentUnproved,
                "this session has not yet proved which agent it belongs to",
            )
            .hint("The app does this by itself; if it does not, reload the panel.")
        })?;
        Ok(Self { viewer, agent })
    }
}

/// A session of a Zendesk admin.
#[derive(Debug, Clone)]
pub struct Admin(pub sessions::Agent);

impl FromRequestParts<Arc<AppState>> for Admin {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &Arc<AppState>) -> Result<Self, ApiError> {
        let Agent { agent, .. } = Agent::from_request_parts(parts, state).await?;
        if agent.role == Role::Admin {
            return Ok(Self(agent));
        }
        Err(ApiError::new(StatusCode::FORBIDDEN, ErrorCode::AdminOnly, "this is for Zendesk admins only")
            .hint("Ask an admin. Who has just become one reloads the page."))
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    #[tokio::test]
    async fn a_body_that_does_not_arrive_is_given_up() {
        let first = futures::stream::once(async { Ok::<_, Infallible>(Bytes::from_static(b"{")) });
        let body = Body::from_stream(first.chain(futures::stream::pending()));
        let refused = read_within(Duration::from_millis(50), Request::new(body), 16).await;
        let refused = refused.expect_err("it never ends");
        assert_eq!((refused.status.as_u16(), refused.code), (408, ErrorCode::RequestTimeout));
    }
}
