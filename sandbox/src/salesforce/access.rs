//! Who calls the API, of which version, and whether calls are left today. Docs: "Session ID Authorization", "Sforce-Limit-Info".

use axum::{
    extract::{OriginalUri, Request, State},
    http::{HeaderMap, HeaderValue, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::{oauth::is_login_host, refusal::Refusal};
use crate::world::World;

/// The versions that are spoken here. Docs: 67.0 is Summer '26.
pub(crate) const VERSIONS: std::ops::RangeInclusive<u32> = 31..=67;

/// Who makes a call, and in which version of the API.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    pub(crate) user: String,
    /// `67.0`.
    pub(crate) version: String,
}

/// `67.0` of `/services/data/v67.0/…`, where it is a version.
fn version_of(path: &str) -> Option<String> {
    let version = path.strip_prefix("/services/data/v")?.split('/').next()?;
    let number: u32 = version.strip_suffix(".0")?.parse().ok()?;
    VERSIONS.contains(&number).then(|| version.to_owned())
}

/// The word after `Bearer` or `OAuth`.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, word) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    (scheme.eq_ignore_ascii_case("bearer") || scheme.eq_ignore_ascii_case("oauth")).then_some(word)
}

/// Around the API.
pub(crate) async fn authorize(State(world): State<World>, mut request: Request, next: Next) -> Response {
    let now = world.now();
    if is_login_host(request.headers()) {
        return Refusal::not_found().into_response();
    }
    // Below a nested router the request's own path has lost its beginning.
    let path =
        request.extensions().get::<OriginalUri>().map_or_else(|| request.uri().path(), |uri| uri.path());
    let Some(version) = version_of(path) else { return Refusal::not_found().into_response() };
    let user = {
        let org = world.salesforce();
        let session = bearer(request.headers()).and_then(|word| org.sessions.get(word));
        session.filter(|session| session.usable(now)).map(|session| session.user.clone())
    };
    let Some(user) = user else { return Refusal::no_session().into_response() };
    let most = world.options().limits.salesforce_per_day;
    let count = world.salesforce().count_call(now);
    let mut response = if count > most {
        Refusal::limit_exceeded().into_response()
    } else {
        request.extensions_mut().insert(Caller { user, version });
        next.run(request).await
    };
    if let Ok(value) = HeaderValue::from_str(&format!("api-usage={}/{most}", count.min(most))) {
        response.headers_mut().insert("sforce-limit-info", value);
    }
    response
}
