//! How long a failed job waits: doubling, capped, with full jitter. Randomness is an argument.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// A number in 0.0..1.0.
type Dice = dyn Fn() -> f64 + Send + Sync;

/// The pause before the next attempt.
#[derive(Clone)]
pub struct Backoff {
    first: Duration,
    longest: Duration,
    dice: Arc<Dice>,
}

impl Backoff {
    /// Up to `first` after the first attempt, twice that after each further one, up to `longest`.
    pub fn new(first: Duration, longest: Duration, dice: impl Fn() -> f64 + Send + Sync + 'static) -> Self {
        Self { first, longest, dice: Arc::new(dice) }
    }

    /// How long to wait after so many attempts: anything up to the ceiling, so that a crowd does not come back as one.
    pub fn after(&self, attempts: u32) -> Duration {
        let doublings = attempts.saturating_sub(1).min(31);
        let ceiling = self.first.saturating_mul(1 << doublings).min(self.longest);
        ceiling.mul_f64((self.dice)().clamp(0.0, 1.0))
    }
}

impl Default for Backoff {
    fn default() -> Self {
        Self::new(Duration::from_secs(5), Duration::from_mins(30), rand::random::<f64>)
    }
}

impl fmt::Debug for Backoff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { first, longest, dice: _ } = self;
        f.debug_struct("Backoff").field("first", first).field("longest", longest).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(dice: f64, attempts: u32, seconds: u64) {
        let backoff = Backoff::new(Duration::from_secs(4), Duration::from_mins(1), move || dice);
        assert_eq!(backoff.after(attempts), Duration::from_secs(seconds), "dice {dice}, attempts {attempts}");
    }

    #[test]
    fn the_ceiling_doubles_up_to_a_limit_and_the_wait_is_anything_below() {
        check(1.0, 0, 4);
        check(1.0, 1, 4);
        check(1.0, 2, 8);
        check(1.0, 4, 32);
        check(1.0, 5, 60);
        check(1.0, u32::MAX, 60);
        check(0.5, 2, 4);
        check(0.0, 9, 0);
    }
}
