//! Server-sent events, as every route here sends them. **Invariant:** a stream ends with the bearer that opened it, and one
//! agent has at most [`AT_MOST`] of them in this process.

use std::{
    collections::HashMap,
    convert::Infallible,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    http::StatusCode,
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use futures::StreamExt;
use tokio::{sync::mpsc, time::Instant};
use tokio_stream::wrappers::ReceiverStream;
use wire::ErrorCode;

use super::error::ApiError;
use crate::features::sessions::{Caller, Sessions, Viewer};

/// A follower comes back after this, or when its bearer ends.
const LONGEST: Duration = Duration::from_mins(10);
/// How often a stream without events looks whether its bearer has ended.
pub const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Streams of one agent at a time. The sixth tab is refused and asks now and then instead, which the app does by itself;
/// ending the oldest stream would make its tab open another, and so on for ever.
const AT_MOST: usize = 5;
/// When it is worth trying again.
const TRY_AGAIN: Duration = Duration::from_secs(15);

/// The streams that are open. There is an entry only for agents who have one.
#[derive(Clone, Default)]
pub struct Streams(Arc<Mutex<HashMap<Whose, usize>>>);

/// An agent of an account.
type Whose = (Arc<str>, Caller);

/// One of an agent's streams; dropped when it ends.
pub struct Place {
    streams: Streams,
    whose: Whose,
}

impl Streams {
    /// A place for one more stream.
    pub fn open(&self, account: &Arc<str>, caller: Caller) -> Result<Place, ApiError> {
        let whose = (Arc::clone(account), caller);
        let mut open = self.0.lock().expect("nobody panics while counting");
        let count = open.entry(whose.clone()).or_default();
        if *count >= AT_MOST {
            let words = format!("{AT_MOST} live views of this agent are open already");
            return Err(ApiError::new(StatusCode::TOO_MANY_REQUESTS, ErrorCode::TooManyRequests, words)
                .hint("Close a tab. The app reads the list now and then meanwhile.")
                .retry_after(Some(TRY_AGAIN)));
        }
        *count += 1;
        Ok(Place { streams: self.clone(), whose })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.streams.0.lock().expect("nobody panics while counting");
        if let Some(count) = open.get_mut(&self.whose) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.whose);
            }
        }
    }
}

/// How long a stream may go on.
pub struct End {
    at: Instant,
    sessions: Sessions,
    viewer: Viewer,
}

impl End {
    /// Of a stream that begins now.
    pub fn of(sessions: Sessions, viewer: Viewer) -> Self {
        Self { at: Instant::now() + LONGEST, sessions, viewer }
    }

    /// Whether it is over.
    pub fn has_come(&self) -> bool {
        Instant::now() >= self.at || self.sessions.has_expired(&self.viewer)
    }
}

/// The answer that goes on until nobody sends any more, or nobody reads.
pub fn stream(events: mpsc::Receiver<Event>, place: Place) -> Response {
    let keep_alive = KeepAlive::new().interval(Duration::from_secs(15));
    let events = ReceiverStream::new(events).map(move |event| {
        let _held = &place;
        Ok::<_, Infallible>(event)
    });
    ([super::NO_STORE], Sse::new(events).keep_alive(keep_alive)).into_response()
}

#[cfg(test)]
mod tests {
    use wire::UserId;

    use super::*;

    #[test]
    fn an_agent_has_five_streams_and_one_more_when_one_ends() {
        let streams = Streams::default();
        let (acme, globex) = ("acme".into(), "globex".into());
        let (one, other) = (Caller::Agent(UserId(1)), Caller::Agent(UserId(2)));
        let mut open: Vec<_> = (0..AT_MOST).map(|_| streams.open(&acme, one).expect("a place")).collect();
        assert_eq!(streams.open(&acme, one).err().map(|error| error.status.as_u16()), Some(429));
        assert!(streams.open(&acme, other).is_ok() && streams.open(&globex, one).is_ok());
        open.pop();
        assert!(streams.open(&acme, one).is_ok());
        open.clear();
        assert!(
            streams.0.lock().expect("nobody panics").is_empty(),
            "nothing is kept of agents without a stream"
        );
    }
}
