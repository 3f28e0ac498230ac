//! How much one session may ask for. A loop in one agent's panel must not spend the account's Zendesk budget, and
//! strangers must not make us ask Twilio about tokens they made up. A card or a list that is read again within a window
//! costs nothing, because it asks no vendor; all else counts, refusals too: they are not kept, so each asks again.

use std::{
    collections::HashSet,
    hash::{BuildHasher, RandomState},
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    extract::Request,
    http::{HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
    routing::Route,
};
use futures::{
    FutureExt,
    future::{Either, ready},
};
use moka::sync::Cache;
use wire::ErrorCode;

use super::{around::answer_of, error::ApiError};

/// The window, and how much one session may ask for in it. A panel needs a handful.
const WINDOW: Duration = Duration::from_secs(10);
const PER_SESSION: usize = 300;
/// How many Flex tokens are looked at in a window, of all agents: a shift that begins signs in hundreds.
const FLEX_LOGINS: usize = 500;

/// Counts what is asked for; a window begins with a session's first request.
pub struct Throttle {
    asked: Cache<u64, Arc<Mutex<Asked>>>,
    hasher: RandomState,
}

/// What one session asked for in its window.
#[derive(Default)]
struct Asked {
    /// Hashes of what was only read.
    read: HashSet<u64>,
    /// How often something was changed or refreshed.
    other: usize,
}

impl Default for Throttle {
    fn default() -> Self {
        Self {
            asked: Cache::builder().max_capacity(50_000).time_to_live(WINDOW).build(),
            hasher: RandomState::new(),
        }
    }
}

impl Throttle {
    /// What stands for a token, or a path, here: no token is kept.
    fn named(&self, text: &[u8]) -> u64 {
        self.hasher.hash_one(text)
    }

    /// `what` is `None` for everything that is not kept for a window.
    fn allows(&self, who: u64, what: Option<u64>, limit: usize) -> bool {
        let asked = self.asked.get_with(who, Arc::default);
        let mut asked = asked.lock().expect("nobody panics while counting");
        if what.is_some_and(|what| asked.read.contains(&what)) {
            return true;
        }
        if asked.read.len() + asked.other >= limit {
            return false;
        }
        match what {
            Some(what) => drop(asked.read.insert(what)),
            None => asked.other += 1,
        }
        true
    }

    /// What was asked for was refused, so it is not kept, and counts each time.
    fn refused(&self, who: u64, what: u64) {
        if let Some(asked) = self.asked.get(&who) {
            let mut asked = asked.lock().expect("nobody panics while counting");
            asked.read.remove(&what);
            asked.other += 1;
        }
    }
}

/// The path of a reading whose answer is kept for a window.
fn kept(request: &Request) -> Option<&str> {
    let (uri, path) = (request.uri(), request.uri().path());
    let plain = request.method() == Method::GET && !uri.query().unwrap_or_default().contains("refresh");
    (plain && (path.ends_with("/card") || path.ends_with("/archive"))).then_some(path)
}

/// The end of a bearer is its signature, which differs between bearers; what stands before it can be written in many ways
/// that are one session (`bearer`, `Bearer  `), and would be counted apart.
fn signature(authorization: &HeaderValue) -> &[u8] {
    authorization.as_bytes().rsplit(|byte| *byte == b'.').next().unwrap_or_default()
}

/// Refuses a session that asks for too much, and gives up what takes too long.
pub fn throttled(
    throttle: &Arc<Throttle>,
    request: Request,
    route: &mut Route,
) -> impl Future<Output = Response> + Send + use<> {
    let what = kept(&request).map(|path| throttle.named(path.as_bytes()));
    let who = request.headers().get(header::AUTHORIZATION).map(|bearer| throttle.named(signature(bearer)));
    let path = request.uri().path();
    let allowed = if matches!(path, "/api/session/flex" | "/flex/plugins.json") {
        throttle.allows(throttle.named(path.as_bytes()), None, FLEX_LOGINS)
    } else if let Some(who) = who {
        throttle.allows(who, what, PER_SESSION)
    } else {
        true // and refused by whatever needs a session
    };
    if !allowed {
        return Either::Left(ready(too_much()));
    }
    let throttle = Arc::clone(throttle);
    Either::Right(super::in_time(answer_of(route, request)).map(move |answer| {
        if let (Some(who), Some(what), false) = (who, what, answer.status().is_success()) {
            throttle.refused(who, what);
        }
        answer
    }))
}

fn too_much() -> Response {
    ApiError::new(StatusCode::TOO_MANY_REQUESTS, ErrorCode::TooManyRequests, "this session asks for too much")
        .hint("Wait a few seconds.")
        .retry_after(Some(WINDOW))
        .into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_session_is_counted_as_one_however_its_bearer_is_written() {
        for (authorization, expected) in [
            ("Bearer a.b.c", "c"),
            ("bearer   a.b.c", "c"),
            ("Bearer a.b.d", "d"),
            ("Bearer x", "Bearer x"),
            ("", ""),
        ] {
            let authorization = HeaderValue::from_static(authorization);
            assert_eq!(signature(&authorization), expected.as_bytes(), "{authorization:?}");
        }
    }

    #[test]
    fn one_session_that_asks_for_too_much_does_not_stop_another() {
        let throttle = Throttle::default();
        let named = |text: &str| throttle.named(text.as_bytes());
        let check = |who: &str, what: Option<&str>, expected| {
            assert_eq!(throttle.allows(named(who), what.map(named), 3), expected, "{who} {what:?}");
        };
        check("one", Some("/a"), true);
        check("one", None, true);
        check("one", Some("/b"), true);
        check("one", Some("/c"), false);
        check("one", None, false);
        check("one", Some("/a"), true); // read again
        check("another", Some("/c"), true);
        throttle.refused(named("another"), named("/c"));
        check("another", Some("/c"), true);
        throttle.refused(named("another"), named("/c"));
        check("another", Some("/c"), true);
        throttle.refused(named("another"), named("/c"));
        check("another", Some("/c"), false);
    }
}
