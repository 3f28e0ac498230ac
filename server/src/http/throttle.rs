//! How often one session may ask. A loop in one agent's panel must not spend the account's Zendesk budget, and
//! strangers must not make us ask Twilio about tokens they made up.

use std::{
    hash::{BuildHasher, RandomState},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use axum::{
    extract::{Request, State},
    http::{StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use moka::future::Cache;
use wire::ErrorCode;

use super::error::ApiError;

/// The window, and how many requests one session has in it. A panel needs a handful.
const WINDOW: Duration = Duration::from_secs(10);
const PER_SESSION: u32 = 300;
/// How many Flex tokens are looked at in a window, of all agents: a shift that begins signs in hundreds.
const FLEX_LOGINS: u32 = 500;

/// Counts requests; a window begins with a session's first request.
#[derive(Clone)]
pub struct Throttle {
    seen: Cache<u64, Arc<AtomicU32>>,
    hasher: RandomState,
}

impl Default for Throttle {
    fn default() -> Self {
        Self {
            seen: Cache::builder().max_capacity(50_000).time_to_live(WINDOW).build(),
            hasher: RandomState::new(),
        }
    }
}

impl Throttle {
    async fn allows(&self, who: &[u8], limit: u32) -> bool {
        let key = self.hasher.hash_one(who); // no token is kept
        let count = self.seen.get_with(key, async { Arc::default() }).await;
        count.fetch_add(1, Ordering::Relaxed) < limit
    }
}

/// Refuses a session that asks too often.
pub async fn throttled(State(throttle): State<Throttle>, request: Request, next: Next) -> Response {
    let allowed = if request.uri().path() == "/api/session/flex" {
        throttle.allows(b"flex", FLEX_LOGINS).await
    } else if let Some(bearer) = request.headers().get(header::AUTHORIZATION) {
        throttle.allows(bearer.as_bytes(), PER_SESSION).await
    } else {
        true // and refused by whatever needs a session
    };
    if allowed {
        return next.run(request).await;
    }
    ApiError::new(StatusCode::TOO_MANY_REQUESTS, ErrorCode::TooManyRequests, "this session asks too often")
        .hint("Wait a few seconds.")
        .retry_after(Some(WINDOW))
        .into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn one_session_that_asks_too_often_does_not_stop_another() {
        let throttle = Throttle::default();
        for _ in 0..3 {
            assert!(throttle.allows(b"one", 3).await);
        }
        assert!(!throttle.allows(b"one", 3).await);
        assert!(throttle.allows(b"another", 3).await);
    }
}
