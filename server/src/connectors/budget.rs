//! How much of a vendor's rate limit is left, as its answers' headers tell. Jobs stop early and leave a reserve, so that
//! an agent's call is never refused because of a job. One budget per vendor account; no clock, `now` is an argument.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use reqwest::header::HeaderMap;

/// Limits are of a minute.
const MINUTE: TimeDelta = TimeDelta::minutes(1);

/// Who waits for the call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Priority {
    /// An agent looks at a spinner.
    Interactive,
    /// A job; it can wait.
    Background,
    /// A job of many calls: all of its kind together make no more than this part of the limit, in per cent of it, in a minute.
    Share(u8),
}

/// What is left, for the account and for single calls that have a limit of their own.
#[derive(Debug, Default)]
pub struct RateBudget(Mutex<Windows>);

#[derive(Debug, Default)]
struct Windows {
    account: Option<Window>,
    calls: HashMap<&'static str, Window>,
    /// When calls with a share were made, for a minute.
    shared: VecDeque<DateTime<Utc>>,
}

/// A limit until it is filled up again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Window {
    limit: u64,
    remaining: u64,
    resets: DateTime<Utc>,
}

impl Window {
    /// What jobs leave to agents.
    fn reserve(&self) -> u64 {
        (self.limit / 10).clamp(1, 50)
    }

    /// How long a job waits, if it must.
    fn wait(&self, now: DateTime<Utc>) -> Option<Duration> {
        let left = (self.resets - now).to_std().ok().filter(|left| !left.is_zero())?;
        (self.remaining <= self.reserve()).then_some(left)
    }
}

impl Windows {
    fn most(&self, percent: u8) -> Option<u64> {
        self.account.map(|window| (window.limit * u64::from(percent) / 100).max(1))
    }

    /// Takes one call from a share of the limit of a minute; as long as no answer has told the limit, there is none.
    fn share(&mut self, percent: u8, now: DateTime<Utc>) -> Result<(), Duration> {
        while self.shared.front().is_some_and(|made| *made + MINUTE <= now) {
            self.shared.pop_front();
        }
        let most = self.most(percent).unwrap_or(u64::MAX);
        if self.shared.len() as u64 >= most
            && let Some(first) = self.shared.front()
        {
            return Err((*first + MINUTE - now).to_std().unwrap_or_default());
        }
        self.shared.push_back(now);
        Ok(())
    }
}

impl RateBudget {
    /// Calls a minute that a share of so many per cent allows, as far as an answer has told the limit.
    pub fn share(&self, percent: u8) -> Option<u64> {
        self.windows().most(percent)
    }

    /// The account's limit of a minute and how much of it is used now, as far as an answer has told it.
    pub fn used(&self, now: DateTime<Utc>) -> Option<(u64, u64)> {
        let window = self.windows().account?;
        let is_over = window.resets <= now;
        Some((window.limit, if is_over { 0 } else { window.limit.saturating_sub(window.remaining) }))
    }

    /// Takes one call from the budget, or says how long a job must wait. Agents are always let through.
    pub fn admit(&self, call: &'static str, priority: Priority, now: DateTime<Utc>) -> Result<(), Duration> {
        let mut windows = self.windows();
        let of_call = windows.calls.get(call).copied();
        if priority != Priority::Interactive {
            let waits =
                [windows.account, of_call].into_iter().flatten().filter_map(|window| window.wait(now));
            if let Some(wait) = waits.max() {
                return Err(wait);
            }
        }
        if let Priority::Share(percent) = priority {
            windows.share(percent, now)?;
        }
        if let Some(window) = &mut windows.account {
            window.remaining = window.remaining.saturating_sub(1);
        }
        if let Some(window) = windows.calls.get_mut(call) {
            window.remaining = window.remaining.saturating_sub(1);
        }
        Ok(())
    }

    /// Learns from an answer's headers.
    pub fn observe(&self, call: &'static str, headers: &HeaderMap, now: DateTime<Utc>) {
        let mut windows = self.windows();
        if let Some(window) = account_window(headers, now) {
            windows.account = Some(window);
        }
        // `per-…` limits are about one record, not about the call.
        let tightest = named_windows(headers, now)
            .filter(|(name, _)| !name.starts_with("per-"))
            .map(|(_, window)| window)
            .min_by_key(|window| window.remaining);
        if let Some(window) = tightest {
            windows.calls.insert(call, window);
        }
    }

    /// Learns from a `429`: which limit is used up, and until when.
    pub fn exhausted(&self, call: &'static str, headers: &HeaderMap, wait: Duration, now: DateTime<Utc>) {
        let resets = now + seconds_ahead(wait.as_secs());
        let empty: Vec<_> = named_windows(headers, now).filter(|(_, window)| window.remaining == 0).collect();
        if empty.iter().any(|(name, _)| name.starts_with("per-")) {
            return; // only this record is worn out; the other jobs go on
        }
        let account = account_window(headers, now);
        let mut windows = self.windows();
        let window = Window { limit: account.map_or(1, |window| window.limit), remaining: 0, resets };
        if !empty.is_empty() || account.is_some_and(|window| window.remaining > 0) {
            windows.calls.insert(call, window);
        } else {
            windows.account = Some(window);
        }
    }

    /// A panic elsewhere cannot leave these numbers in an unusable state.
    fn windows(&self) -> MutexGuard<'_, Windows> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// `x-rate-limit`, `ratelimit-…` (since 2024) or `rate-limit…` (2023).
fn account_window(headers: &HeaderMap, now: DateTime<Utc>) -> Option<Window> {
    let number = |names: [&str; 3]| {
        names.iter().find_map(|name| headers.get(*name)?.to_str().ok()?.trim().parse::<u64>().ok())
    };
    let remaining = number(["x-rate-limit-remaining", "ratelimit-remaining", "rate-limit-remaining"])?;
    let limit = number(["x-rate-limit", "ratelimit-limit", "rate-limit"]).unwrap_or(remaining);
    let seconds = number(["ratelimit-reset", "rate-limit-reset", "x-rate-limit-reset"]).unwrap_or(60);
    Some(Window { limit, remaining, resets: now + seconds_ahead(seconds) })
}

/// `zendesk-ratelimit-<name>: total=100; remaining=99; resets=43`, and the older `zendesk-rate-limit-<name>`.
fn named_windows(headers: &HeaderMap, now: DateTime<Utc>) -> impl Iterator<Item = (&str, Window)> {
    headers.iter().filter_map(move |(header, value)| {
        let header = header.as_str();
        let name = header
            .strip_prefix("zendesk-ratelimit-")
            .or_else(|| header.strip_prefix("zendesk-rate-limit-"))?;
        let value = value.to_str().ok()?;
        let number = |key: &str| {
            value.split(';').find_map(|pair| {
                let (left, right) = pair.split_once('=')?;
                (left.trim() == key).then(|| right.trim().parse::<u64>().ok()).flatten()
            })
        };
        let window = Window {
            limit: number("total")?,
            remaining: number("remaining")?,
            resets: now + seconds_ahead(number("resets")?),
        };
        Some((name, window))
    })
}

/// An hour at most: a wrong header must not stop the jobs for a day.
fn seconds_ahead(seconds: u64) -> TimeDelta {
    TimeDelta::seconds(seconds.min(3600).cast_signed())
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::{HeaderName, HeaderValue};

    const CALL: &str = "PUT /api/v2/tickets/{id}";
    const OTHER: &str = "GET /api/v2/users/{id}";

    fn now() -> DateTime<Utc> {
        "2026-11-22T12:00:00Z".parse().expect("a time")
    }

    fn headers(lines: &[(&'static str, &'static str)]) -> HeaderMap {
        lines.iter().map(|(k, v)| (HeaderName::from_static(k), HeaderValue::from_static(v))).collect()
    }

    /// After an answer with these headers: how long a job waits before `CALL` and before `OTHER`.
    #[track_caller]
    fn check(lines: &[(&'static str, &'static str)], call: Result<(), u64>, other: Result<(), u64>) {
        let budget = RateBudget::default();
        budget.observe(CALL, &headers(lines), now());
        let wait = |call| budget.admit(call, Priority::Background, now()).map_err(|wait| wait.as_secs());
        assert_eq!((wait(CALL), wait(OTHER)), (call, other), "{lines:?}");
        assert_eq!(budget.admit(CALL, Priority::Interactive, now()), Ok(()), "agents are let through");
    }

    #[test]
    fn jobs_leave_a_tenth_of_the_account_to_agents() {
        let account =
            |left| [("x-rate-limit", "700"), ("x-rate-limit-remaining", left), ("ratelimit-reset", "48")];
        check(&account("699"), Ok(()), Ok(()));
        check(&account("52"), Ok(()), Ok(()));
        check(&account("50"), Err(48), Err(48));
        check(&account("0"), Err(48), Err(48));
    }

    #[test]
    fn a_job_with_a_share_takes_no_more_of_a_minute() {
        let budget = RateBudget::default();
        let admit = |percent, seconds| {
            let at = now() + TimeDelta::seconds(seconds);
            budget.admit(CALL, Priority::Share(percent), at).map_err(|wait| wait.as_secs())
        };
        assert_eq!(admit(30, 0), Ok(()), "the limit is not known yet");
        let lines = [("x-rate-limit", "10"), ("x-rate-limit-remaining", "9"), ("ratelimit-reset", "60")];
        budget.observe(CALL, &headers(&lines), now());
        assert_eq!([admit(30, 0), admit(30, 20), admit(30, 50)], [Ok(()), Ok(()), Err(10)]);
        assert_eq!(budget.admit(CALL, Priority::Background, now() + TimeDelta::seconds(50)), Ok(()));
        assert_eq!([admit(30, 60), admit(30, 61), admit(30, 62)], [Ok(()), Ok(()), Err(18)]);
        assert_eq!(admit(1, 200), Ok(()), "a share is at least one call");
    }

    #[test]
    fn the_recordings_of_2023_and_a_missing_reset_are_understood() {
        check(
            &[("rate-limit", "200"), ("rate-limit-remaining", "3"), ("rate-limit-reset", "32")],
            Err(32),
            Err(32),
        );
        check(&[("x-rate-limit", "200"), ("x-rate-limit-remaining", "3")], Err(60), Err(60));
        check(&[("x-rate-limit", "many"), ("x-rate-limit-remaining", "-1")], Ok(()), Ok(()));
    }

    #[test]
    fn a_limit_of_one_call_stops_that_call_only() {
        check(&[("zendesk-ratelimit-tickets-update", "total=100; remaining=7; resets=43")], Err(43), Ok(()));
        check(&[("zendesk-rate-limit-tickets-update", "total=100; remaining=70; resets=43")], Ok(()), Ok(()));
        check(&[("zendesk-ratelimit-tickets-update", "remaining=7")], Ok(()), Ok(()));
    }

    #[test]
    fn a_limit_of_one_ticket_stops_nobody_else() {
        check(
            &[("zendesk-ratelimit-per-ticket-updates", "total=30; remaining=0; resets=468")],
            Ok(()),
            Ok(()),
        );
    }

    #[test]
    fn the_budget_fills_up_again_and_calls_in_flight_count() {
        let budget = RateBudget::default();
        budget.observe(CALL, &headers(&[("x-rate-limit", "20"), ("x-rate-limit-remaining", "4")]), now());
        let admit = |at| budget.admit(CALL, Priority::Background, at).is_ok();
        assert_eq!([admit(now()), admit(now()), admit(now())], [true, true, false]);
        assert!(admit(now() + TimeDelta::seconds(60)));
    }

    /// After a `429` with these headers and `Retry-After: 93`: do jobs wait before `CALL`, before `OTHER`?
    #[track_caller]
    fn check_429(lines: &[(&'static str, &'static str)], expected: (bool, bool)) {
        let budget = RateBudget::default();
        budget.exhausted(CALL, &headers(lines), Duration::from_secs(93), now());
        let waits = |call| budget.admit(call, Priority::Background, now()).is_err();
        assert_eq!((waits(CALL), waits(OTHER)), expected, "{lines:?}");
    }

    #[test]
    fn a_429_stops_what_it_is_about() {
        check_429(&[], (true, true));
        check_429(&[("x-rate-limit", "700"), ("x-rate-limit-remaining", "0")], (true, true));
        check_429(&[("x-rate-limit", "700"), ("x-rate-limit-remaining", "300")], (true, false));
        check_429(&[("zendesk-ratelimit-tickets-update", "total=100; remaining=0; resets=9")], (true, false));
        check_429(
            &[("zendesk-ratelimit-per-ticket-updates", "total=30; remaining=0; resets=9")],
            (false, false),
        );
    }
}
