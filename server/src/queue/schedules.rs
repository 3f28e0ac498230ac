//! What happens again and again: fired once over all replicas, because each fire time is a unique row, inserted in the
//! transaction that enqueues its job.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::schedule::{CatchUp, Schedule};
use super::{Job, JobId, Queue};
use crate::causes::with_causes;
use crate::store::{StoreError, Tx, query};

/// Up to here a fire time counts as met, also where nothing is caught up.
const ON_TIME: TimeDelta = TimeDelta::minutes(1);

/// Fire times caught up per tick; the next tick goes on.
const BATCH: usize = 200;

/// How often [`Schedules::run`] looks, and when it says that a fire time was missed.
const LOOK: Duration = Duration::from_secs(10);
const GRACE: TimeDelta = TimeDelta::minutes(5);

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
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Missed {
    /// Whose.
    pub account: String,
    /// Which schedule.
    pub name: String,
    /// When it was due.
    pub due: DateTime<Utc>,
}

/// The schedules that this replica knows. Clones are the same.
#[derive(Clone)]
pub struct Schedules {
    queue: Queue,
    entries: Arc<Mutex<BTreeMap<Name, Entry>>>,
}

/// (account, name)
type Name = (String, String);
type Enqueued<'a> = Pin<Box<dyn Future<Output = Result<JobId, StoreError>> + Send + 'a>>;
type Enqueue = dyn for<'a> Fn(&'a Queue, &'a mut Tx, DateTime<Utc>) -> Enqueued<'a> + Send + Sync;

#[derive(Clone)]
struct Entry {
    schedule: Schedule,
    enqueue: Arc<Enqueue>,
    /// Up to here everything was looked at, by us; saves asking the database.
    looked_until: Option<DateTime<Utc>>,
}

impl Schedules {
    /// None yet.
    pub fn new(queue: Queue) -> Self {
        Self { queue, entries: Arc::default() }
    }

    /// From now on, `job` makes the job of each fire time. A schedule of the same account and name is replaced; one
    /// whose expression or zone is new has missed nothing yet.
    pub async fn register<J: Job>(
        &self,
        schedule: Schedule,
        job: impl Fn(DateTime<Utc>) -> J + Send + Sync + 'static,
    ) -> Result<(), StoreError> {
        let (account, name) = (schedule.account().to_owned(), schedule.name().to_owned());
        query(
            "INSERT INTO schedules (account, name, spec, since_us) VALUES ($1, $2, $3, $4)
             ON CONFLICT (account, name) DO UPDATE SET spec = excluded.spec, since_us = excluded.since_us
              WHERE schedules.spec <> excluded.spec",
        )
        .bind(&account)
        .bind(&name)
        .bind(schedule.spec())
        .bind(self.queue.clock.now())
        .execute(&self.queue.db)
        .await?;
        let enqueue: Arc<Enqueue> = Arc::new(move |queue, tx, due| {
            let job = job(due);
            Box::pin(async move { queue.enqueue(tx, &job).await })
        });
        let entry = Entry { schedule, enqueue, looked_until: None };
        self.entries.lock().expect("nobody panics with the list").insert((account, name), entry);
        Ok(())
    }

    /// This schedule is no more. Registered again, it has missed nothing.
    pub async fn remove(&self, account: &str, name: &str) -> Result<(), StoreError> {
        self.entries
            .lock()
            .expect("nobody panics with the list")
            .remove(&(account.to_owned(), name.to_owned()));
        query("DELETE FROM schedules WHERE account = $1 AND name = $2")
            .bind(account)
            .bind(name)
            .execute(&self.queue.db)
            .await
            .map(drop)
    }

    /// Fires what is due now and has not been fired by anybody.
    pub async fn tick(&self) -> Result<Vec<Fired>, StoreError> {
        let now = self.queue.clock.now();
        let mut fired = Vec::new();
        for (name, entry) in self.entries() {
            if entry.looked_until.is_some_and(|until| entry.schedule.last_in(until, now).is_none()) {
                continue;
            }
            let until = self.fire(&entry, now, &mut fired).await?;
            if let Some(entry) = self.entries.lock().expect("nobody panics with the list").get_mut(&name) {
                entry.looked_until = Some(until);
            }
        }
        Ok(fired)
    }

    /// Schedules whose last fire time is more than `grace` ago and never became a job.
    pub async fn missed(&self, grace: TimeDelta) -> Result<Vec<Missed>, StoreError> {
        let until = self.queue.clock.now() - grace;
        let mut missed = Vec::new();
        for ((account, name), entry) in self.entries() {
            let Some(since) = self.since(&entry.schedule).await? else { continue };
            let Some(due) = entry.schedule.last_in(since, until) else { continue };
            let fired = query(
                "SELECT job_id FROM schedule_fires
                  WHERE account = $1 AND name = $2 AND fire_us = $3 AND job_id IS NOT NULL",
            )
            .bind(&account)
            .bind(&name)
            .bind(due)
            .optional(&self.queue.db)
            .await?;
            if fired.is_none() {
                missed.push(Missed { account, name, due });
            }
        }
        Ok(missed)
    }

    /// Ticks, and says once of each fire time that it was missed, until `shutdown`.
    pub async fn run(&self, shutdown: impl Future<Output = ()> + Send) {
        let mut shutdown = pin!(shutdown);
        let mut said = BTreeSet::new();
        loop {
            if let Err(error) = self.tick().await {
                tracing::error!(error = %with_causes(&error), "schedules cannot be read; they are tried again in {} s", LOOK.as_secs());
            }
            for missed in self.missed(GRACE).await.unwrap_or_default() {
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
            let pause = self.until_next().min(LOOK);
            tokio::select! {
                () = &mut shutdown => return,
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    fn entries(&self) -> Vec<(Name, Entry)> {
        let entries = self.entries.lock().expect("nobody panics with the list");
        entries.iter().map(|(name, entry)| (name.clone(), entry.clone())).collect()
    }

    fn until_next(&self) -> Duration {
        let now = self.queue.clock.now();
        let next = self.entries().iter().filter_map(|(_, entry)| entry.schedule.next_after(now)).min();
        next.map_or(LOOK, |next| (next - now).to_std().unwrap_or_default())
    }

    /// Fires one schedule; answers up to when everything is fired.
    async fn fire(
        &self,
        entry: &Entry,
        now: DateTime<Utc>,
        fired: &mut Vec<Fired>,
    ) -> Result<DateTime<Utc>, StoreError> {
        let schedule = &entry.schedule;
        let Some(since) = self.since(schedule).await? else { return Ok(now) };
        let last =
            query("SELECT max(fire_us) AS last_us FROM schedule_fires WHERE account = $1 AND name = $2")
                .bind(schedule.account())
                .bind(schedule.name())
                .one(&self.queue.db)
                .await?
                .get::<Option<DateTime<Utc>>>("last_us")?;
        let from = last.map_or(since, |last| last.max(since));
        let due = match schedule.catch_up() {
            CatchUp::All => schedule.all_in(from, now, BATCH),
            CatchUp::None | CatchUp::Last => schedule.last_in(from, now).into_iter().collect(),
        };
        for due in &due {
            let is_late = now - due > ON_TIME;
            let job =
                self.fire_once(entry, *due, is_late && schedule.catch_up() == CatchUp::None, now).await?;
            fired.extend(job.map(|job| Fired {
                account: schedule.account().to_owned(),
                name: schedule.name().to_owned(),
                due: *due,
                job,
            }));
        }
        Ok(if due.len() == BATCH { due[BATCH - 1] } else { now })
    }

    /// The row is unique: whoever inserts it enqueues the job (or passes it over); everybody else does nothing.
    async fn fire_once(
        &self,
        entry: &Entry,
        due: DateTime<Utc>,
        pass_over: bool,
        now: DateTime<Utc>,
    ) -> Result<Option<JobId>, StoreError> {
        let (account, name) = (entry.schedule.account(), entry.schedule.name());
        let mut tx = self.queue.db.begin().await?;
        let inserted = query(
            "INSERT INTO schedule_fires (account, name, fire_us, recorded_us) VALUES ($1, $2, $3, $4)
             ON CONFLICT DO NOTHING",
        )
        .bind(account)
        .bind(name)
        .bind(due)
        .bind(now)
        .execute(&mut tx)
        .await?;
        if inserted == 0 {
            return Ok(None);
        }
        let mut job = None;
        if pass_over {
            tracing::warn!(
                account,
                schedule = name,
                "the schedule `{name}` of {account}, due {due}, is passed over"
            );
        } else {
            let id = (entry.enqueue)(&self.queue, &mut tx, due).await?;
            query("UPDATE schedule_fires SET job_id = $4 WHERE account = $1 AND name = $2 AND fire_us = $3")
                .bind(account)
                .bind(name)
                .bind(due)
                .bind(id.as_str())
                .execute(&mut tx)
                .await?;
            job = Some(id);
        }
        tx.commit().await?;
        Ok(job)
    }

    /// Since when it is known; nothing before that was missed. `None`: somebody removed it.
    async fn since(&self, schedule: &Schedule) -> Result<Option<DateTime<Utc>>, StoreError> {
        query("SELECT since_us FROM schedules WHERE account = $1 AND name = $2")
            .bind(schedule.account())
            .bind(schedule.name())
            .optional_as(&self.queue.db, |row| row.get("since_us"))
            .await
    }
}

impl fmt::Debug for Schedules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.entries().into_iter().map(|(name, _)| name).collect();
        f.debug_struct("Schedules").field("names", &names).finish_non_exhaustive()
    }
}
