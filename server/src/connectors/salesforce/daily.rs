//! How many calls an org has left in its 24 hours. Jobs stop before other programs of the org would be refused, and before
//! they have used more than their share. No clock, `now` is an argument.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use reqwest::header::HeaderMap;

/// Calls of an org in the last 24 hours, as Salesforce counts them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usage {
    /// Calls of all programs.
    pub used: u64,
    /// The most.
    pub limit: u64,
}

/// Why a job does not call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum UsedUp {
    /// Nine tenths of the org's calls are used.
    Org(Usage),
    /// Our share is used.
    Share(Usage),
}

/// After this time without an answer nobody knows any more what is left.
const FRESH: TimeDelta = TimeDelta::hours(1);
const DAY_HOURS: i64 = 24;

/// What is known of an org's calls, and how many were ours.
#[derive(Debug, Default)]
pub(super) struct DailyCalls(Mutex<Calls>);

#[derive(Debug, Default)]
struct Calls {
    org: Option<(Usage, DateTime<Utc>)>,
    /// Our own calls by hour since 1970.
    own: VecDeque<(i64, u64)>,
}

impl DailyCalls {
    /// Counts a call, or says why a job must not make it.
    pub(super) fn admit(&self, is_job: bool, share_percent: u64, now: DateTime<Utc>) -> Result<(), UsedUp> {
        let mut calls = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let hour = now.timestamp().div_euclid(3600);
        while calls.own.front().is_some_and(|(first, _)| *first <= hour - DAY_HOURS) {
            calls.own.pop_front();
        }
        if let Some((usage, seen)) = calls.org.filter(|_| is_job) {
            let own: u64 = calls.own.iter().map(|(_, count)| count).sum();
            if usage.used >= usage.limit - usage.limit / 10 && now - seen < FRESH {
                return Err(UsedUp::Org(usage));
            }
            if own >= (usage.limit.saturating_mul(share_percent) / 100).max(1) {
                return Err(UsedUp::Share(usage));
            }
        }
        match calls.own.back_mut() {
            Some((last, count)) if *last == hour => *count += 1,
            _ => calls.own.push_back((hour, 1)),
        }
        Ok(())
    }

    /// Learns from `Sforce-Limit-Info: api-usage=18/5000; per-app-api-usage=…`.
    pub(super) fn observe(&self, headers: &HeaderMap, now: DateTime<Utc>) {
        if let Some(usage) = usage(headers) {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).org = Some((usage, now));
        }
    }

    /// What Salesforce said last.
    pub(super) fn usage(&self) -> Option<Usage> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).org.map(|(usage, _)| usage)
    }
}

/// What an answer says.
pub(super) fn usage(headers: &HeaderMap) -> Option<Usage> {
    let text = headers.get("sforce-limit-info")?.to_str().ok()?;
    let pair = text.split(';').find_map(|part| part.trim().strip_prefix("api-usage="))?;
    let (used, limit) = pair.split_once('/')?;
    Some(Usage {
        used: used.trim().parse().ok()?,
        limit: limit.trim().parse().ok().filter(|limit| *limit > 0)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().expect("a time")
    }

    fn headers(text: &str) -> HeaderMap {
        HeaderMap::from_iter([(
            reqwest::header::HeaderName::from_static("sforce-limit-info"),
            text.parse().expect("a header"),
        )])
    }

    #[test]
    fn the_header_is_read_and_nonsense_is_not() {
        let check = |text: &str, expected: Option<(u64, u64)>| {
            assert_eq!(usage(&headers(text)).map(|usage| (usage.used, usage.limit)), expected, "{text}");
        };
        check("api-usage=8182/15000", Some((8182, 15_000)));
        check("api-usage=25/5000; per-app-api-usage=17/250(appName=sample)", Some((25, 5000)));
        check("per-app-api-usage=17/250(appName=sample)", None);
        check("api-usage=many/0", None);
        check("api-usage=1/0", None);
    }

    #[test]
    fn jobs_stop_at_nine_tenths_of_the_org_and_look_again_after_an_hour() {
        let (daily, noon) = (DailyCalls::default(), at("2026-11-22T12:00:00Z"));
        let job = |now| daily.admit(true, 30, now);
        assert_eq!(job(noon), Ok(()), "nothing is known yet");
        daily.observe(&headers("api-usage=13499/15000"), noon);
        assert_eq!(job(noon), Ok(()));
        daily.observe(&headers("api-usage=13500/15000"), noon);
        assert_eq!(job(noon), Err(UsedUp::Org(Usage { used: 13_500, limit: 15_000 })));
        assert_eq!(daily.admit(false, 30, noon), Ok(()), "a person is let through");
        assert_eq!(job(at("2026-11-22T13:00:00Z")), Ok(()));
    }

    #[test]
    fn jobs_stop_at_their_share_of_the_last_24_hours() {
        let (daily, noon) = (DailyCalls::default(), at("2026-11-22T12:00:00Z"));
        daily.observe(&headers("api-usage=5/20"), noon);
        let made = |now| (0..100).take_while(|_| daily.admit(true, 30, now).is_ok()).count();
        assert_eq!(made(noon), 6);
        assert_eq!(made(at("2026-11-23T11:59:00Z")), 0);
        assert_eq!(made(at("2026-11-23T12:00:00Z")), 6);
    }
}
