//! The host that holds attachments' bytes: another origin, short-lived links, no accounts. It notes every credential it
//! is shown, because nobody should show it one.

use axum::{
    Router,
    body::Body,
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    middleware,
    response::{IntoResponse, Response},
    routing::get,
};
use chrono::TimeDelta;
use futures::StreamExt as _;
use url::form_urlencoded::byte_serialize;

use crate::{
    gate::{self, Gate},
    state::random_word,
    world::World,
    zendesk::{input::Params, record::Attachment},
};

pub(crate) fn router(world: World) -> Router {
    let gate = Gate { world: world.clone(), host: "content" };
    Router::new()
        .route("/attachment/{account}/{token}", get(download))
        .route_layer(middleware::from_fn(gate::name_route))
        .with_state(world)
        .layer(middleware::from_fn_with_state(gate, gate::watch))
}

/// A link to the attachment's bytes that works for a minute.
pub(crate) fn link(world: &World, attachment: &Attachment) -> String {
    let key = format!("{}.{}", random_word(24), random_word(43));
    let now = world.now();
    let mut links = world.account();
    links.content_links.retain(|_, (_, until)| now < *until);
    links.content_links.insert(key.clone(), (attachment.id, now + TimeDelta::seconds(60)));
    drop(links);
    let account = crate::credentials::ACCOUNT_ID;
    format!("{}/attachment/{account}/{}?token={key}", world.urls().content, attachment.token)
}

async fn download(
    State(world): State<World>,
    Path((_, which)): Path<(String, String)>,
    query: Params,
    headers: HeaderMap,
) -> Response {
    if headers.contains_key(header::AUTHORIZATION) {
        world.traffic().leaks.push(format!("Authorization was sent to the content host for {which}"));
    }
    let now = world.now();
    let found = {
        let account = world.account();
        let link = query.get("token").and_then(|word| account.content_links.get(word)).copied();
        link.filter(|(_, until)| now < *until)
            .and_then(|(id, _)| account.attachments.get(&id))
            .filter(|attachment| attachment.token == which)
            .cloned()
    };
    let Some(attachment) = found else {
        return (StatusCode::FORBIDDEN, "Access denied").into_response();
    };
    let size = attachment.file.size();
    let (status, start) = match from_byte(&headers, size) {
        Some(start) => (StatusCode::PARTIAL_CONTENT, start),
        None => (StatusCode::OK, 0),
    };
    let bytes = attachment.file.stream(start, size).map(Ok::<_, std::convert::Infallible>);
    let mut response = (status, Body::from_stream(bytes)).into_response();
    let name: String = byte_serialize(attachment.file_name.as_bytes()).collect();
    let mut set = |name: header::HeaderName, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            response.headers_mut().insert(name, value);
        }
    };
    set(header::CONTENT_TYPE, &attachment.content_type);
    set(header::CONTENT_LENGTH, &(size - start).to_string());
    set(header::ACCEPT_RANGES, "bytes");
    set(header::CONTENT_DISPOSITION, &format!("attachment; filename*=UTF-8''{}", name.replace('+', "%20")));
    set(header::HeaderName::from_static("x-content-type-options"), "nosniff");
    if start > 0 {
        set(header::CONTENT_RANGE, &format!("bytes {start}-{}/{size}", size - 1));
    }
    response
}

/// The first byte of `Range: bytes=n-`, the only form downloaders resume with.
fn from_byte(headers: &HeaderMap, size: u64) -> Option<u64> {
    let range = headers.get(header::RANGE)?.to_str().ok()?;
    let start = range.strip_prefix("bytes=")?.strip_suffix('-')?.parse().ok()?;
    (start < size).then_some(start)
}
