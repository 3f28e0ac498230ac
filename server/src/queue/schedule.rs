//! When something happens: a cron expression on the clock of a time zone. **Invariant:** no I/O; `now` is an argument.
//!
//! When clocks go forward, a fixed time that does not exist that day happens right after the gap; when they go back,
//! a fixed time that comes twice happens the first time only. Intervals (`*/15`) follow the clock on the wall.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use croner::Cron;
use croner::errors::CronError;
use croner::parser::{CronParser, Seconds, Year};

/// What to do about fire times that passed while nobody was there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CatchUp {
    None,
    /// The last one.
    Last,
    /// All of them.
    All,
}

impl CatchUp {
    /// As it is kept.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Last => "last",
            Self::All => "all",
        }
    }

    /// `None` where a newer version knows more.
    pub(super) fn parse(word: &str) -> Option<Self> {
        [Self::None, Self::Last, Self::All].into_iter().find(|catch_up| catch_up.as_str() == word)
    }
}

/// Why a schedule is none.
#[derive(Debug, thiserror::Error)]
pub enum ScheduleError {
    /// Admin: correct the expression.
    #[error("`{0}` is not a cron expression; use five fields, such as `0 9 * * 1-5`")]
    Cron(String, #[source] CronError),
    /// Admin: correct the expression.
    #[error("`{0}` never runs; no month has such a day")]
    Never(String),
    /// Admin: correct the time zone.
    #[error("`{0}` is not a time zone; use a name such as `UTC` or `Asia/Tokyo`")]
    Zone(String),
}

/// When something happens.
#[derive(Debug, Clone)]
pub struct Schedule {
    account: String,
    name: String,
    expression: String,
    cron: Cron,
    zone: Tz,
    catch_up: CatchUp,
}

impl Schedule {
    /// `cron` has five fields (minute first); `zone` is an IANA name.
    pub fn new(
        account: impl Into<String>,
        name: impl Into<String>,
        cron: &str,
        zone: &str,
        catch_up: CatchUp,
    ) -> Result<Self, ScheduleError> {
        let expression = cron.to_owned();
        let parser = CronParser::builder().seconds(Seconds::Disallowed).year(Year::Disallowed).build();
        let cron = parser.parse(cron).map_err(|error| ScheduleError::Cron(expression.clone(), error))?;
        let zone = zone.parse().map_err(|_| ScheduleError::Zone(zone.to_owned()))?;
        let schedule = Self { account: account.into(), name: name.into(), expression, cron, zone, catch_up };
        if schedule.next_after(DateTime::UNIX_EPOCH).is_none() {
            return Err(ScheduleError::Never(schedule.expression));
        }
        Ok(schedule)
    }

    /// Whose jobs it makes.
    pub fn account(&self) -> &str {
        &self.account
    }

    /// Which of the account's.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The first fire time after `from`.
    pub fn next_after(&self, from: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let next = self.cron.find_next_occurrence(&from.with_timezone(&self.zone), false).ok()?;
        Some(next.with_timezone(&Utc))
    }

    pub(super) const fn catch_up(&self) -> CatchUp {
        self.catch_up
    }

    /// Its five fields, as they were given.
    pub(super) fn cron(&self) -> &str {
        &self.expression
    }

    /// Its time zone's IANA name.
    pub(super) fn zone(&self) -> &'static str {
        self.zone.name()
    }

    /// The last fire time after `from`, up to `until`.
    pub(super) fn last_in(&self, from: DateTime<Utc>, until: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let last = self.cron.find_previous_occurrence(&until.with_timezone(&self.zone), true).ok()?;
        Some(last.with_timezone(&Utc)).filter(|last| *last > from)
    }

    /// The first so many fire times after `from`, up to `until`.
    pub(super) fn all_in(
        &self,
        from: DateTime<Utc>,
        until: DateTime<Utc>,
        at_most: usize,
    ) -> Vec<DateTime<Utc>> {
        let next = |from: &DateTime<Utc>| self.next_after(*from).filter(|next| *next <= until);
        std::iter::successors(next(&from), next).take(at_most).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().expect("a time")
    }

    fn schedule(cron: &str, zone: &str) -> Schedule {
        Schedule::new("acme", "test", cron, zone, CatchUp::All).expect("a schedule")
    }

    #[track_caller]
    fn check(cron: &str, zone: &str, from: &str, until: &str, expected: &[&str]) {
        let schedule = schedule(cron, zone);
        let fires = schedule.all_in(at(from), at(until), 100);
        let expected: Vec<_> = expected.iter().map(|time| at(time)).collect();
        assert_eq!(fires, expected, "{cron} {zone}");
        assert_eq!(
            schedule.last_in(at(from), at(until)),
            expected.last().copied(),
            "the last of {cron} {zone}"
        );
    }

    #[test]
    fn a_time_is_one_of_the_zones_clock() {
        check("0 9 * * *", "UTC", "2026-11-21T09:00:00Z", "2026-11-22T12:00:00Z", &["2026-11-22T09:00:00Z"]);
        check(
            "0 9 * * 1-5",
            "Asia/Tokyo",
            "2026-11-20T01:00:00Z",
            "2026-11-23T12:00:00Z",
            &["2026-11-23T00:00:00Z"],
        );
    }

    #[test]
    fn a_fixed_time_in_the_spring_gap_happens_right_after_it() {
        check(
            "30 2 * * *",
            "Europe/Berlin",
            "2026-03-28T00:00:00Z",
            "2026-03-30T12:00:00Z",
            &["2026-03-28T01:30:00Z", "2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z"],
        );
    }

    #[test]
    fn a_fixed_time_in_the_autumn_overlap_happens_once() {
        check(
            "30 2 * * *",
            "Europe/Berlin",
            "2026-10-24T12:00:00Z",
            "2026-10-26T12:00:00Z",
            &["2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"],
        );
    }

    #[test]
    fn an_interval_follows_the_wall_clock_through_both_changes() {
        check(
            "*/30 * * * *",
            "America/New_York",
            "2026-03-08T06:00:00Z",
            "2026-03-08T07:30:00Z",
            &["2026-03-08T06:30:00Z", "2026-03-08T07:00:00Z", "2026-03-08T07:30:00Z"],
        );
        check(
            "*/30 * * * *",
            "America/New_York",
            "2026-11-01T05:00:00Z",
            "2026-11-01T07:00:00Z",
            &["2026-11-01T05:30:00Z", "2026-11-01T06:00:00Z", "2026-11-01T06:30:00Z", "2026-11-01T07:00:00Z"],
        );
    }

    #[track_caller]
    fn refused(cron: &str, zone: &str, expected: &str) {
        let error = Schedule::new("acme", "test", cron, zone, CatchUp::None).expect_err("no schedule");
        assert_eq!(error.to_string(), expected);
    }

    #[test]
    fn what_is_no_schedule_is_refused_with_an_example() {
        let words =
            |cron| format!("`{cron}` is not a cron expression; use five fields, such as `0 9 * * 1-5`");
        for cron in ["", "every day", "0 0 9 * * *", "61 9 * * *", "0 9 * *"] {
            refused(cron, "UTC", &words(cron));
        }
        refused("0 9 30 2 *", "UTC", "`0 9 30 2 *` never runs; no month has such a day");
        refused("0 9 * * *", "Tokyo", "`Tokyo` is not a time zone; use a name such as `UTC` or `Asia/Tokyo`");
    }

    proptest! {
        /// The two ways to find the last one agree, in every zone and around every change of its clocks.
        #[test]
        fn looking_back_finds_what_looking_forward_passed(
            cron in prop::sample::select(vec!["0 9 * * *", "30 2 * * *", "15 1 * * 0", "*/20 * * * *", "0 0 1 * *"]),
            zone in prop::sample::select(vec!["UTC", "Asia/Tokyo", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"]),
            start in 1_767_225_600_i64..1_798_761_600,
            minutes in 1_i64..4_000,
        ) {
            let from = DateTime::from_timestamp(start, 0).expect("a time");
            let until = from + chrono::TimeDelta::minutes(minutes);
            let schedule = schedule(cron, zone);
            prop_assert_eq!(schedule.last_in(from, until), schedule.all_in(from, until, 10_000).last().copied());
        }
    }
}
