//! How long a vendor asks us to wait: `Retry-After` in seconds or as a date, capped. No clock; `now` is an argument.

use std::time::Duration;

use chrono::{DateTime, Utc};
use reqwest::header::{HeaderMap, RETRY_AFTER};

/// Nobody waits longer on a vendor's word; the queue asks again instead.
const LONGEST: Duration = Duration::from_hours(1);

/// The wait in `Retry-After`, one hour at most; `None` where the header is absent or says nothing.
pub fn retry_after(headers: &HeaderMap, now: DateTime<Utc>) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    let wait = if let Ok(seconds) = text.parse::<f64>() {
        Duration::try_from_secs_f64(seconds.ceil().clamp(0.0, LONGEST.as_secs_f64())).ok()?
    } else {
        let at = DateTime::parse_from_rfc2822(text).ok()?;
        (at.to_utc() - now).to_std().unwrap_or_default() // already over: at once
    };
    Some(wait.min(LONGEST))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(header: &str, expected: Option<u64>) {
        let now = "2026-11-22T12:00:00Z".parse().expect("a time");
        let headers = HeaderMap::from_iter([(RETRY_AFTER, header.parse().expect("a header"))]);
        assert_eq!(retry_after(&headers, now), expected.map(Duration::from_secs), "{header}");
    }

    #[test]
    fn seconds_and_dates_are_understood() {
        check("93", Some(93));
        check(" 0 ", Some(0));
        check("1.2", Some(2));
        check("Sun, 22 Nov 2026 12:00:30 GMT", Some(30));
        check("Sun, 22 Nov 2026 11:00:00 GMT", Some(0));
    }

    #[test]
    fn nobody_waits_longer_than_an_hour_or_on_nonsense() {
        check("86400", Some(3600));
        check("1e300", Some(3600));
        check("inf", Some(3600));
        check("-5", Some(0));
        check("Mon, 22 Nov 2027 12:00:00 GMT", Some(3600));
        check("Fri, 22 Nov 2026 12:00:30 GMT", None); // a Sunday
        check("soon", None);
        check("NaN", None);
        check("", None);
    }
}
