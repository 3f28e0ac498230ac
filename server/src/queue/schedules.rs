//! What happens again and again: a cron expression in a time zone, fired once over all replicas, because each fire
//! time is a unique row.

use std::future::Future;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use croner::Cron;

use super::{Job, JobId, Queue};
use crate::store::StoreError;

/// What to do about fire times that passed while nobody was there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CatchUp {
    /// Nothing.
    None,
    /// The last one.
    Last,
    /// All of them.
    All,
}

/// When something happens.
#[derive(Debug, Clone)]
pub struct Schedule {
    account: String,
    name: String,
    cron: Cron,
    zone: Tz,
    catch_up: CatchUp,
}

/// Why a schedule is none.
#[derive(Debug, thiserror::Error)]
pub enum ScheduleError {
    /// Admin: correct the expression.
    #[error("`{0}` is not a cron expression; use five fields, such as `0 9 * * 1-5`")]
    Cron(String, #[source] croner::errors::CronError),
    /// Admin: correct the time zone.
    #[error("`{0}` is not a time zone; use a name such as `UTC` or `Asia/Tokyo`")]
    Zone(String),
}

/// A fire time that became a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fired {
    /// Whose.
    pub account: String,
    /// Which schedule.
    pub name: String,
    /// When it was due.
    pub due: DateTime<Utc>,
    /// The job.
    pub job: JobId,
}

/// A fire time that became nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missed {
    /// Whose.
    pub account: String,
    /// Which schedule.
    pub name: String,
    /// When it was due.
    pub due: DateTime<Utc>,
}

/// The schedules that this replica knows.
#[derive(Debug, Clone)]
pub struct Schedules {
    queue: Queue,
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
        let parsed = cron.parse().map_err(|error| ScheduleError::Cron(cron.to_owned(), error))?;
        let zone = zone.parse().map_err(|_| ScheduleError::Zone(zone.to_owned()))?;
        Ok(Self { account: account.into(), name: name.into(), cron: parsed, zone, catch_up })
    }
}

impl Schedules {
    /// None yet.
    pub fn new(queue: Queue) -> Self {
        Self { queue }
    }

    /// From now on, `job` makes the job of each fire time. A schedule of the same account and name is replaced.
    pub fn register<J: Job>(
        &self,
        _schedule: Schedule,
        _job: impl Fn(DateTime<Utc>) -> J + Send + Sync + 'static,
    ) {
        todo!("follows")
    }

    /// This schedule is no more.
    pub fn remove(&self, _account: &str, _name: &str) {
        todo!("follows")
    }

    /// Fires what is due now and has not been fired by anybody.
    pub async fn tick(&self) -> Result<Vec<Fired>, StoreError> {
        let _ = &self.queue;
        todo!("follows")
    }

    /// Schedules whose last fire time is more than `grace` ago and never became a job.
    pub async fn missed(&self, _grace: TimeDelta) -> Result<Vec<Missed>, StoreError> {
        todo!("follows")
    }

    /// Ticks until `shutdown`.
    pub async fn run(&self, _shutdown: impl Future<Output = ()> + Send) {
        todo!("follows")
    }
}
