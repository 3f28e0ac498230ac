//! What becomes of a job that failed. **Invariant:** no I/O; time and chance are arguments.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::claims::Claimed;
use super::settle::End;
use super::{Advice, Backoff, JobError};

/// Whether a failed job waits, for how long, and whether the attempt counts.
pub(super) fn of_failure(
    job: &Claimed,
    error: &JobError,
    retry_window: Duration,
    backoff: &Backoff,
    now: DateTime<Utc>,
) -> End {
    let why = error.chain();
    let later = |wait: Duration| TimeDelta::from_std(wait).ok().and_then(|wait| now.checked_add_signed(wait));
    let is_free = TimeDelta::from_std(retry_window).map_or(true, |window| now - job.since <= window);
    let spent = job.attempt >= job.max_attempts;
    let (wait, attempts) = match error.advice() {
        Advice::RetryAfter(wait) if is_free => (wait, job.attempt.saturating_sub(1)),
        Advice::GiveUp => return End::Dead { why },
        Advice::Retry | Advice::RetryAfter(_) if spent => return End::Dead { why },
        Advice::RetryAfter(wait) => (wait, job.attempt),
        Advice::Retry => (backoff.after(job.attempt), job.attempt),
    };
    End::Again { at: later(wait).unwrap_or(now + TimeDelta::days(1)), attempts, why }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::queue::JobId;

    /// `age` is how long ago the job was made; its retry window is an hour, it has three attempts.
    #[track_caller]
    fn check(attempt: u32, age: TimeDelta, error: &JobError, expected: &str) {
        let now = DateTime::from_timestamp(1_800_000_000, 0).expect("a time");
        let job = Claimed {
            id: JobId::new("1"),
            account: "acme".into(),
            kind: "test".into(),
            payload: "{}".into(),
            attempt,
            max_attempts: 3,
            fence: 1,
            lease: Duration::from_mins(1),
            since: now - age,
            last_error: None,
        };
        let backoff = Backoff::new(Duration::from_secs(10), Duration::from_mins(1), || 0.5);
        let end = match of_failure(&job, error, Duration::from_hours(1), &backoff, now) {
            End::Done => "done".to_owned(),
            End::Again { at, attempts, why } => {
                format!("in {} s, {attempts} counted: {why}", (at - now).num_seconds())
            }
            End::Dead { why } => format!("dead: {why}"),
        };
        assert_eq!(end, expected);
    }

    #[test]
    fn a_failure_waits_longer_each_time_until_attempts_are_spent() {
        check(1, TimeDelta::zero(), &JobError::retry("no answer"), "in 5 s, 1 counted: no answer");
        check(2, TimeDelta::zero(), &JobError::retry("no answer"), "in 10 s, 2 counted: no answer");
        check(3, TimeDelta::zero(), &JobError::retry("no answer"), "dead: no answer");
    }

    #[test]
    fn waiting_as_a_vendor_asked_costs_no_attempt_until_its_window_is_over() {
        let asked = || JobError::retry_after(Duration::from_secs(90), "limited");
        check(1, TimeDelta::minutes(59), &asked(), "in 90 s, 0 counted: limited");
        check(3, TimeDelta::minutes(60), &asked(), "in 90 s, 2 counted: limited");
        check(2, TimeDelta::minutes(61), &asked(), "in 90 s, 2 counted: limited");
        check(3, TimeDelta::minutes(61), &asked(), "dead: limited");
        check(
            1,
            TimeDelta::zero(),
            &JobError::retry_after(Duration::MAX, "limited"),
            "in 86400 s, 0 counted: limited",
        );
    }

    #[test]
    fn what_cannot_succeed_is_not_tried_again() {
        check(1, TimeDelta::zero(), &JobError::give_up("no such field"), "dead: no such field");
    }
}
