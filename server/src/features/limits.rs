//! How often something may be done: one budget per agent, per link or per client address. **Invariants:** memory is fixed,
//! whatever clients send; no counter can be thrown out to start afresh; counts are per process.

use std::{
    hash::{BuildHasher, Hash, RandomState},
    sync::{Arc, Mutex},
    time::Duration,
};

use chrono::{DateTime, Utc};

use crate::clock::Clock;

/// At most `times` within a window, which begins with the first.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct Limit {
    /// What is counted.
    pub name: &'static str,
    /// How often.
    pub times: u32,
    /// The window, in seconds.
    pub seconds: u32,
}

/// One-time codes that one session may ask for.
pub const CODES_OF_SESSION: Limit = Limit { name: "codes of a session", times: 10, seconds: 600 };
/// One-time codes that one agent may be sent. Zendesk's notifications are few: 100 a minute for the whole account.
pub const CODES_TO_AGENT: Limit = Limit { name: "codes to an agent", times: 5, seconds: 60 };
/// Links to archived files that one agent may ask for.
pub const FILE_LINKS: Limit = Limit { name: "file links", times: 60, seconds: 60 };
/// Archived files, or parts of them, that one agent may open. A player asks for many parts of one recording.
pub const FILES: Limit = Limit { name: "files", times: 240, seconds: 60 };
/// Parts of one recording that the holders of its link may hear.
pub const RECORDINGS: Limit = Limit { name: "recordings", times: 120, seconds: 60 };

/// The budget is used up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many requests; try again in {} s", retry_after.as_secs())]
pub struct TooMany {
    /// Whole seconds until the window ends.
    pub retry_after: Duration,
}

/// A use that was counted; it can be given back.
#[derive(Debug)]
#[must_use]
pub struct Use([usize; ROWS]);

/// The budgets of this process: of what belongs to no account, or of one account ([`Limits::of`]).
#[derive(Clone)]
pub struct Limits {
    inner: Arc<Inner>,
    account: Arc<str>,
}

struct Inner {
    clock: Clock,
    hasher: RandomState,
    slots: Mutex<Vec<Slot>>,
}

/// A counter that a few keys may share.
#[derive(Clone, Copy, Default)]
struct Slot {
    /// When the window ends, in milliseconds since 1970.
    ends: i64,
    count: u32,
}

/// Each key has a slot in every row, and its least used slot counts: two keys disturb each other only where they meet in all rows.
const ROWS: usize = 4;
/// Slots in a row; all rows together take 2 MiB.
const ROW: usize = 1 << 15;

impl Limits {
    /// Nothing is counted yet.
    pub fn new(clock: Clock) -> Self {
        let slots = Mutex::new(vec![Slot::default(); ROWS * ROW]);
        Self { inner: Arc::new(Inner { clock, hasher: RandomState::new(), slots }), account: "".into() }
    }

    /// The budgets of one account.
    #[must_use]
    pub fn of(&self, account: &Arc<str>) -> Self {
        Self { account: Arc::clone(account), ..self.clone() }
    }

    /// Counts one use by `who`, or refuses it.
    pub fn take(&self, limit: &Limit, who: impl Hash) -> Result<Use, TooMany> {
        self.take_at(limit, who, self.inner.clock.now())
    }

    fn take_at(&self, limit: &Limit, who: impl Hash, now: DateTime<Utc>) -> Result<Use, TooMany> {
        let now = now.timestamp_millis();
        let window = i64::from(limit.seconds) * 1000;
        let places = self.places(limit, who);
        let mut slots = self.inner.slots.lock().expect("nobody panics while counting");
        for place in places {
            let slot = &mut slots[place];
            // A window that ends later than a whole one from now is from before the clock was set back.
            if slot.ends <= now || (slot.count == 0 && slot.ends > now + window) {
                *slot = Slot { ends: now + window, count: 0 };
            }
        }
        let used = places.map(|place| slots[place]);
        if used.iter().all(|slot| slot.count >= limit.times) {
            let ends = used.iter().map(|slot| slot.ends).min().unwrap_or(now);
            let wait = u64::try_from((ends - now).min(window)).unwrap_or_default();
            return Err(TooMany { retry_after: Duration::from_secs(wait.div_ceil(1000).max(1)) });
        }
        for place in places {
            slots[place].count = slots[place].count.saturating_add(1);
        }
        Ok(Use(places))
    }

    /// The use turned out to be one that does not count.
    pub fn give_back(&self, Use(places): Use) {
        let mut slots = self.inner.slots.lock().expect("nobody panics while counting");
        for place in places {
            slots[place].count = slots[place].count.saturating_sub(1);
        }
    }

    /// Nobody can choose keys that meet: the hash is this process's own.
    fn places(&self, limit: &Limit, who: impl Hash) -> [usize; ROWS] {
        let hash = self.inner.hasher.hash_one((&*self.account, limit, who));
        let bits = ROW.trailing_zeros();
        let mut row = 0;
        [(); ROWS].map(|()| {
            let within = usize::try_from(hash >> (bits * row)).unwrap_or_default() & (ROW - 1);
            let place = row as usize * ROW + within;
            row += 1;
            place
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: Limit = Limit { name: "a test", times: 3, seconds: 10 };

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + seconds, 0).expect("a time")
    }

    fn limits() -> Limits {
        Limits::new(Clock::stopped_at(at(0)))
    }

    #[test]
    fn a_budget_is_refused_until_the_second_it_names() {
        let limits = limits();
        let take = |who: u64, seconds: i64| {
            limits
                .take_at(&LIMIT, who, at(seconds))
                .map(drop)
                .map_err(|TooMany { retry_after }| retry_after.as_secs())
        };
        assert_eq!([take(1, 0), take(1, 2), take(1, 4)], [Ok(()); 3]);
        assert_eq!([take(1, 4), take(1, 9)], [Err(6), Err(1)]);
        assert_eq!(take(2, 9), Ok(()), "another's budget is their own");
        assert_eq!(take(1, 10), Ok(()), "the window is over");
    }

    #[test]
    fn one_person_has_a_budget_for_each_limit() {
        const OTHER: Limit = Limit { name: "another", times: 1, seconds: 10 };
        let limits = limits();
        for limit in [&OTHER, &LIMIT, &LIMIT, &LIMIT] {
            assert!(limits.take(limit, 1).is_ok());
        }
        assert!(limits.take(&OTHER, 1).is_err() && limits.take(&LIMIT, 1).is_err());
    }

    #[test]
    fn agents_of_two_accounts_with_one_id_have_a_budget_each() {
        let limits = limits();
        let (acme, globex) = (limits.of(&"acme".into()), limits.of(&"globex".into()));
        for _ in 0..LIMIT.times {
            assert!(acme.take(&LIMIT, 9001).is_ok());
        }
        assert!(acme.take(&LIMIT, 9001).is_err());
        assert!(globex.take(&LIMIT, 9001).is_ok() && limits.take(&LIMIT, 9001).is_ok());
    }

    #[test]
    fn what_was_given_back_does_not_count() {
        let limits = limits();
        for _ in 0..100 {
            let used = limits.take(&LIMIT, 1).expect("a use that is left");
            limits.give_back(used);
        }
        for _ in 0..LIMIT.times {
            assert!(limits.take(&LIMIT, 1).is_ok());
        }
        assert!(limits.take(&LIMIT, 1).is_err());
    }

    #[test]
    fn a_hundred_thousand_others_neither_reset_nor_use_up_a_budget() {
        const AMPLE: Limit = Limit { name: "ample", times: 300, seconds: 10 };
        let limits = limits();
        for _ in 0..AMPLE.times {
            assert!(limits.take(&AMPLE, "one").is_ok());
        }
        for other in 0..100_000 {
            assert!(limits.take(&AMPLE, other).is_ok(), "{other}");
        }
        assert!(limits.take(&AMPLE, "one").is_err());
        assert!(limits.take(&AMPLE, "somebody new").is_ok());
    }
}
