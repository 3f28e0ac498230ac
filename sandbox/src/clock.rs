//! The sandbox's own time: the machine's, or one that a test moves. **Invariant:** nothing else here asks the machine.

use std::sync::{Arc, Mutex};

use chrono::{DateTime, TimeDelta, Utc};

/// What time it is for every stand-in.
#[derive(Debug, Clone, Default)]
pub struct Clock(Option<Arc<Mutex<DateTime<Utc>>>>);

impl Clock {
    /// The machine's clock.
    pub const fn system() -> Self {
        Self(None)
    }

    /// A clock that moves only by [`Clock::advance`].
    pub fn stopped_at(now: DateTime<Utc>) -> Self {
        Self(Some(Arc::new(Mutex::new(now))))
    }

    /// Now, UTC.
    #[expect(clippy::disallowed_methods, reason = "this is the clock that the lint sends everyone to")]
    pub fn now(&self) -> DateTime<Utc> {
        match &self.0 {
            None => Utc::now(),
            Some(stopped) => *stopped.lock().expect("nobody panics while holding the clock"),
        }
    }

    /// Moves a stopped clock; a system clock stays what it is.
    pub fn advance(&self, by: TimeDelta) {
        if let Some(stopped) = &self.0 {
            *stopped.lock().expect("nobody panics while holding the clock") += by;
        }
    }
}

/// A time as Zendesk writes it: whole seconds, `Z`.
pub(crate) fn stamp(time: DateTime<Utc>) -> String {
    time.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}
