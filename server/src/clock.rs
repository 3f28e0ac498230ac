//! The one source of time. Binaries make a system clock, tests a stopped one; everything else asks or is told.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};

/// What time it is.
#[derive(Debug, Clone)]
pub struct Clock(Source);

#[derive(Debug, Clone)]
enum Source {
    /// The machine's clock, and by how much it is wrong.
    System { ahead: TimeDelta },
    /// Moves only by [`Clock::advance`].
    Stopped(Arc<Mutex<DateTime<Utc>>>),
    /// Shows what it was last told by [`Clock::follow`].
    Following { own: TimeDelta, told: Arc<Mutex<Option<Told>>> },
}

/// The time, and when we were told.
type Told = (Instant, DateTime<Utc>);

impl Clock {
    /// The machine's clock.
    pub const fn system() -> Self {
        Self::system_ahead_by(TimeDelta::zero())
    }

    /// The clock of a machine that is wrong by so much.
    pub const fn system_ahead_by(ahead: TimeDelta) -> Self {
        Self(Source::System { ahead })
    }

    /// A clock that moves only by [`Clock::advance`].
    pub fn stopped_at(now: DateTime<Utc>) -> Self {
        Self(Source::Stopped(Arc::new(Mutex::new(now))))
    }

    /// A clock that shows what it is told by [`Clock::follow`], and until then by this one. A stopped clock stays one.
    #[must_use]
    pub fn follower(&self) -> Self {
        match &self.0 {
            Source::System { ahead } => Self(Source::Following { own: *ahead, told: Arc::default() }),
            Source::Stopped(_) | Source::Following { .. } => self.clone(),
        }
    }

    /// Tells a following clock, and all clones of it, what time it is. In between it counts on by itself; that somebody sets
    /// the machine's clock does not move it. Answers by how much the machine's own clock is ahead; `None` where none follows.
    pub fn follow(&self, now: DateTime<Utc>) -> Option<TimeDelta> {
        let Source::Following { own, told } = &self.0 else { return None };
        *told.lock().expect("no clock user panics") = Some((Instant::now(), now));
        Some(Self::system_ahead_by(*own).now() - now)
    }

    /// Now, UTC.
    #[expect(clippy::disallowed_methods, reason = "this is the clock that the lint sends everyone to")]
    pub fn now(&self) -> DateTime<Utc> {
        match &self.0 {
            Source::System { ahead } => Utc::now() + *ahead,
            Source::Stopped(stopped) => *stopped.lock().expect("no clock user panics"),
            Source::Following { own, told } => match *told.lock().expect("no clock user panics") {
                Some((at, now)) => now + at.elapsed(),
                None => Utc::now() + *own,
            },
        }
    }

    /// Waits so long. Where time stands still nobody waits, for it would not pass meanwhile; others get their turn.
    pub async fn wait(&self, time: Duration) {
        match &self.0 {
            Source::System { .. } | Source::Following { .. } => tokio::time::sleep(time).await,
            Source::Stopped(_) => tokio::time::sleep(Duration::from_millis(1)).await,
        }
    }

    /// Moves a stopped clock; others stay what they are.
    pub fn advance(&self, by: TimeDelta) {
        if let Source::Stopped(stopped) = &self.0 {
            *stopped.lock().expect("no clock user panics") += by;
        }
    }
}
