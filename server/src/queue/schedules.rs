//! What happens again and again. A schedule is a row: when, and the job that it makes; so any replica fires it, also one that
//! does not know the kind of job. **Invariant:** it is fired once over all replicas, because each fire time is a unique row,
//! inserted in the transaction that enqueues its job.

use std::collections::BTreeSet;
use std::fmt;
use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::rows::{self, NewJob};
use super::schedule::{CatchUp, Schedule};
use super::{Job, JobId, Queue};
use crate::causes::with_causes;
use crate::store::{Conn, Row, StoreError, query};

/// Up to here a fire time counts as met, also where nothing is caught up.
const ON_TIME: TimeDelta = TimeDelta::minutes(1);

/// Fire times caught up per tick; the next tick goes on.
const BATCH: usize = 200;

/// How often [`Schedules::run`] looks, and when it says that a fire time was missed.
const LOOK: Duration = Duration::from_secs(10);
const GRACE: TimeDelta = TimeDelta::minutes(5);

/// For how long fire times stay readable; the last one of each schedule stays longer.
const KEEP_FIRES: TimeDelta = TimeDelta::days(30);

/// A fire time that became a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fired {
    pub account: String,
    pub name: String,
    /// When it was due.
    pub due: DateTime<Utc>,
    pub job: JobId,
}

/// A fire time that became nothing.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Missed {
    pub account: String,
    pub name: String,
    /// When it was due.
    pub due: DateTime<Utc>,
}

/// The schedules of all accounts. Clones are the same.
#[derive(Clone)]
pub struct Schedules {
    queue: Queue,
}

/// A row.
struct Entry {
    schedule: Schedule,
    /// Nothing before this was missed.
    since: DateTime<Utc>,
    /// The last fire time that anybody looked at, and the last that became a job.
    last: Option<DateTime<Utc>>,
    last_fired: Option<DateTime<Utc>>,
    job: NewJob,
}

impl Schedules {
    /// On this queue.
    pub const fn new(queue: Queue) -> Self {
        Self { queue }
    }

    /// From now on, each fire time makes this job. A schedule of the same account and name is replaced; one whose expression
    /// or zone is new has missed nothing yet.
    pub async fn set<J: Job>(&self, schedule: &Schedule, job: &J) -> Result<(), StoreError> {
        self.set_in(&self.queue.db, schedule, job).await
    }

    /// The same in a transaction.
    pub async fn set_in<J: Job>(
        &self,
        on: impl Conn,
        schedule: &Schedule,
        job: &J,
    ) -> Result<(), StoreError> {
        let new = NewJob::of(job)?;
        query(
            "INSERT INTO schedules (account, name, cron, zone, catch_up, since_us, kind, key, concurrency_key, payload,
                                    priority, max_attempts, lease_us, concurrency_limit)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
             ON CONFLICT (account, name) DO UPDATE
                SET since_us = CASE WHEN schedules.cron = excluded.cron AND schedules.zone = excluded.zone
                                    THEN schedules.since_us ELSE excluded.since_us END,
                    cron = excluded.cron, zone = excluded.zone, catch_up = excluded.catch_up, kind = excluded.kind,
                    key = excluded.key, concurrency_key = excluded.concurrency_key, payload = excluded.payload,
                    priority = excluded.priority, max_attempts = excluded.max_attempts, lease_us = excluded.lease_us,
                    concurrency_limit = excluded.concurrency_limit",
        )
        .bind(schedule.account())
        .bind(schedule.name())
        .bind(schedule.cron())
        .bind(schedule.zone())
        .bind(schedule.catch_up().as_str())
        .bind(self.queue.clock.now())
        .bind(new.kind)
        .bind(new.key)
        .bind(new.concurrency_key)
        .bind(new.payload)
        .bind(new.priority)
        .bind(new.max_attempts)
        .bind(new.lease_us)
        .bind(new.concurrency_limit)
        .execute(on)
        .await
        .map(drop)
    }

    /// This schedule is no more. Set again, it has missed nothing.
    pub async fn remove(&self, account: &str, name: &str) -> Result<(), StoreError> {
        Self::remove_in(&self.queue.db, account, name).await
    }

    /// The same in a transaction.
    pub async fn remove_in(on: impl Conn, account: &str, name: &str) -> Result<(), StoreError> {
        query("DELETE FROM schedules WHERE account = $1 AND name = $2")
            .bind(account)
            .bind(name)
            .execute(on)
            .await
            .map(drop)
    }

    /// Fires what is due now and has not been fired by anybody.
    pub async fn tick(&self) -> Result<Vec<Fired>, StoreError> {
        let (entries, now) = (self.entries().await?, self.queue.clock.now());
        self.fire_all(&entries, now).await
    }

    /// Schedules whose last fire time is more than `grace` ago and never became a job.
    pub async fn missed(&self, grace: TimeDelta) -> Result<Vec<Missed>, StoreError> {
        let until = self.queue.clock.now() - grace;
        Ok(self.entries().await?.iter().filter_map(|entry| entry.missed(until)).collect())
    }

    /// Ticks, and says once of each fire time that it was missed, until `shutdown`.
    pub async fn run(&self, shutdown: impl Future<Output = ()> + Send) {
        let mut shutdown = pin!(shutdown);
        let mut said = BTreeSet::new();
        loop {
            let pause = match self.look(&mut said).await {
                Ok(pause) => pause,
                Err(error) => {
                    tracing::error!(error = %with_causes(&error), "schedules cannot be read; they are tried again in {} s", LOOK.as_secs());
                    LOOK
                }
            };
            tokio::select! {
                () = &mut shutdown => return,
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    /// One turn of [`run`](Self::run); answers how long there is nothing to do.
    async fn look(&self, said: &mut BTreeSet<Missed>) -> Result<Duration, StoreError> {
        self.tick().await?;
        let (entries, now) = (self.entries().await?, self.queue.clock.now());
        for missed in entries.iter().filter_map(|entry| entry.missed(now - GRACE)) {
            if said.insert(missed.clone()) {
                metrics::counter!("deskside_schedules_missed_total").increment(1);
                let Missed { account, name, due } = missed;
                tracing::error!(
                    account,
                    schedule = name,
                    "the schedule `{name}` of {account}, due {due}, was missed"
                );
            }
        }
        let next = entries.iter().filter_map(|entry| entry.schedule.next_after(now)).min();
        Ok(next.map_or(LOOK, |next| (next - now).to_std().unwrap_or_default().min(LOOK)))
    }

    /// All schedules. One that this version cannot read is for a newer version.
    async fn entries(&self) -> Result<Vec<Entry>, StoreError> {
        let rows = query(
            "SELECT s.account, s.name, s.cron, s.zone, s.catch_up, s.since_us, s.kind, s.key, s.concurrency_key,
                    s.payload, s.priority, s.max_attempts, s.lease_us, s.concurrency_limit,
                    (SELECT max(f.fire_us) FROM schedule_fires f
                      WHERE f.account = s.account AND f.name = s.name) AS last_us,
                    (SELECT max(f.fire_us) FROM schedule_fires f
                      WHERE f.account = s.account AND f.name = s.name AND f.job_id IS NOT NULL) AS last_fired_us
               FROM schedules s ORDER BY s.account, s.name",
        )
        .all(&self.queue.db)
        .await?;
        let mut entries = Vec::with_capacity(rows.len());
        for row in &rows {
            entries.extend(Entry::read(row)?);
        }
        Ok(entries)
    }

    async fn fire_all(&self, entries: &[Entry], now: DateTime<Utc>) -> Result<Vec<Fired>, StoreError> {
        let mut fired = Vec::new();
        for entry in entries {
            for due in entry.due(now) {
                let Some(job) = self.fire_once(entry, due, now).await? else { continue };
                let (account, name) = (entry.schedule.account().to_owned(), entry.schedule.name().to_owned());
                fired.push(Fired { account, name, due, job });
            }
        }
        Ok(fired)
    }

    /// The row is unique: the replica that inserts it enqueues the job (or passes it over); every other one does nothing. Nor
    /// does anybody where the schedule was removed or changed meanwhile.
    async fn fire_once(
        &self,
        entry: &Entry,
        due: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<Option<JobId>, StoreError> {
        let (account, name) = (entry.schedule.account(), entry.schedule.name());
        let mut tx = self.queue.db.begin().await?;
        let inserted = query(
            "INSERT INTO schedule_fires (account, name, fire_us, recorded_us)
             SELECT account, name, $3, $4 FROM schedules WHERE account = $1 AND name = $2 AND since_us = $5
             ON CONFLICT DO NOTHING",
        )
        .bind(account)
        .bind(name)
        .bind(due)
        .bind(now)
        .bind(entry.since)
        .execute(&mut tx)
        .await?;
        if inserted == 0 {
            return Ok(None);
        }
        let mut job = None;
        if now - due > ON_TIME && entry.schedule.catch_up() == CatchUp::None {
            tracing::warn!(
                account,
                schedule = name,
                "the schedule `{name}` of {account}, due {due}, is passed over"
            );
        } else {
            let id = rows::insert(&mut tx, entry.job_of(due), now, now).await?;
            query("UPDATE schedule_fires SET job_id = $4 WHERE account = $1 AND name = $2 AND fire_us = $3")
                .bind(account)
                .bind(name)
                .bind(due)
                .bind(id.as_str())
                .execute(&mut tx)
                .await?;
            self.queue.wake_after(&mut tx).await?;
            job = Some(id);
        }
        query("DELETE FROM schedule_fires WHERE account = $1 AND name = $2 AND fire_us < $3")
            .bind(account)
            .bind(name)
            .bind(due - KEEP_FIRES)
            .execute(&mut tx)
            .await?;
        tx.commit().await?;
        Ok(job)
    }
}

impl Entry {
    /// `None` where this version cannot read it.
    fn read(row: &Row) -> Result<Option<Self>, StoreError> {
        let (account, name): (String, String) = (row.get("account")?, row.get("name")?);
        let (cron, zone): (String, String) = (row.get("cron")?, row.get("zone")?);
        let Some(catch_up) = CatchUp::parse(&row.get::<String>("catch_up")?) else { return Ok(None) };
        let schedule = match Schedule::new(account, name, &cron, &zone, catch_up) {
            Ok(schedule) => schedule,
            Err(error) => {
                tracing::warn!(error = %with_causes(&error), "a schedule cannot be read; it is left for a version that can");
                return Ok(None);
            }
        };
        let job = NewJob {
            account: schedule.account().to_owned(),
            kind: row.get("kind")?,
            key: row.get("key")?,
            concurrency_key: row.get("concurrency_key")?,
            concurrency_limit: row.get("concurrency_limit")?,
            payload: row.get("payload")?,
            priority: row.get("priority")?,
            max_attempts: row.get("max_attempts")?,
            lease_us: row.get("lease_us")?,
        };
        let (since, last, last_fired) =
            (row.get("since_us")?, row.get("last_us")?, row.get("last_fired_us")?);
        Ok(Some(Self { schedule, since, last, last_fired, job }))
    }

    /// The fire times that nobody has looked at.
    fn due(&self, now: DateTime<Utc>) -> Vec<DateTime<Utc>> {
        let from = self.last.map_or(self.since, |last| last.max(self.since));
        match self.schedule.catch_up() {
            CatchUp::All => self.schedule.all_in(from, now, BATCH),
            CatchUp::None | CatchUp::Last => self.schedule.last_in(from, now).into_iter().collect(),
        }
    }

    /// The job of a fire time. Where all are caught up, each is a job of its own; otherwise the live job of the same key
    /// stands for a later fire time, too.
    fn job_of(&self, due: DateTime<Utc>) -> NewJob {
        let mut job = self.job.clone();
        if self.schedule.catch_up() == CatchUp::All {
            job.key = format!("{}@{}", job.key, due.timestamp());
        }
        job
    }

    /// The last fire time up to `until`, if it never became a job.
    fn missed(&self, until: DateTime<Utc>) -> Option<Missed> {
        let due = self.schedule.last_in(self.since, until)?;
        let (account, name) = (self.schedule.account().to_owned(), self.schedule.name().to_owned());
        self.last_fired.is_none_or(|fired| fired < due).then_some(Missed { account, name, due })
    }
}

impl fmt::Debug for Schedules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Schedules").field("queue", &self.queue).finish()
    }
}
