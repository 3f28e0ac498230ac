//! Server-sent events, as every route here sends them.

use std::{convert::Infallible, time::Duration};

use axum::response::{
    IntoResponse, Response,
    sse::{Event, KeepAlive, Sse},
};
use futures::StreamExt;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

/// A follower comes back with a fresh session after this.
pub const LONGEST: Duration = Duration::from_mins(10);

/// The answer that goes on until nobody sends any more.
pub fn stream(events: mpsc::Receiver<Event>) -> Response {
    let keep_alive = KeepAlive::new().interval(Duration::from_secs(15));
    let events = ReceiverStream::new(events).map(Ok::<_, Infallible>);
    ([super::NO_STORE], Sse::new(events).keep_alive(keep_alive)).into_response()
}
