//! What time it is, here and for the server.

use std::cell::Cell;

/// Today, UTC, `YYYY-MM-DD`.
pub fn today_utc() -> String {
    now_utc().get(..10).unwrap_or_default().to_owned()
}

/// Milliseconds since 1970.
pub fn now_ms() -> u64 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a time of today")]
    let now = js_sys::Date::now() as u64;
    now
}

thread_local! {
    /// How far the server's clock is ahead of ours, milliseconds: agents' clocks are wrong by minutes, and more.
    static AHEAD: Cell<f64> = const { Cell::new(0.0) };
}

/// The server has just said what time it is (HTTP's `Date`).
pub fn server_time(date: &str) {
    let ahead = js_sys::Date::parse(date) - js_sys::Date::now();
    if !ahead.is_nan() {
        AHEAD.set(ahead);
    }
}

/// Milliseconds until the server's clock shows `timestamp`; none where it is not a time.
pub fn milliseconds_until(timestamp: &str) -> Option<i32> {
    let left = js_sys::Date::parse(timestamp) - js_sys::Date::now() - AHEAD.get();
    #[expect(clippy::cast_possible_truncation, reason = "saturates")]
    (!left.is_nan()).then_some(left as i32)
}

/// The same in seconds.
pub fn seconds_until(timestamp: &str) -> Option<i32> {
    milliseconds_until(timestamp).map(|left| left / 1000)
}

/// Here and now, RFC 3339 UTC.
pub fn now_utc() -> String {
    js_sys::Date::new_0().to_iso_string().into()
}
