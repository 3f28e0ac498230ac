//! The queue as features and operators see it.

use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::Notify;

use super::probe::{Blind, Probe};
use super::rows::NewJob;
use super::{Backoff, Job, JobId, Operated, OperatorHooks, Retried, claims, rows};
use crate::clock::Clock;
use crate::store::{Db, StoreError, Tx};

/// The channel on which replicas wake each other.
pub(super) const CHANNEL: &str = "deskside_jobs";

/// The queue. Clones are the same queue.
#[derive(Clone)]
pub struct Queue {
    pub(super) db: Db,
    pub(super) clock: Clock,
    pub(super) awake: Arc<Notify>,
    pub(super) probe: Arc<dyn Probe>,
    pub(super) backoff: Backoff,
    hooks: OperatorHooks,
}

impl Queue {
    /// On this database. It uses the database's clock, which all replicas share; SQLite has none but `clock`.
    pub fn new(db: Db, clock: Clock) -> Self {
        let clock = if db.is_postgres() { clock.follower() } else { clock };
        let hooks = OperatorHooks::default();
        Self { db, clock, awake: Arc::default(), probe: Arc::new(Blind), backoff: Backoff::default(), hooks }
    }

    /// With another pause between attempts.
    #[must_use]
    pub fn with_backoff(self, backoff: Backoff) -> Self {
        Self { backoff, ..self }
    }

    /// With what features do when an operator cancels or retries their jobs.
    #[must_use]
    pub fn with_operator_hooks(self, hooks: OperatorHooks) -> Self {
        Self { hooks, ..self }
    }

    /// With somebody who is told of every step.
    #[must_use]
    pub fn with_probe(self, probe: impl Probe) -> Self {
        Self { probe: Arc::new(probe), ..self }
    }

    /// The database that jobs and their effects share.
    pub const fn db(&self) -> &Db {
        &self.db
    }

    /// Sets the queue's clock by the database's; a worker does so with every look. Answers by how much this machine's own is
    /// ahead of it; `None` where there is no other.
    pub async fn follow_database(&self) -> Result<Option<TimeDelta>, StoreError> {
        Ok(claims::now(&self.db).await?.and_then(|now| self.clock.follow(now)))
    }

    /// The clock that jobs go by: the database's.
    pub const fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Does it soon, if `tx` commits. While a job with the same key is ready, that one is meant; while it runs, it
    /// will run once more.
    pub async fn enqueue<J: Job>(&self, tx: &mut Tx, job: &J) -> Result<JobId, StoreError> {
        self.enqueue_at(tx, job, self.clock.now()).await
    }

    /// Does it at `at`, or as soon as the job with the same key that it becomes one with.
    pub async fn enqueue_at<J: Job>(
        &self,
        tx: &mut Tx,
        job: &J,
        at: DateTime<Utc>,
    ) -> Result<JobId, StoreError> {
        let id = rows::insert(tx, NewJob::of(job)?, at, self.clock.now()).await?;
        self.wake_after(tx).await?;
        Ok(id)
    }

    /// What a job waits for has come: if it waits, for whatever reason, it does so until `at` at most.
    pub async fn hasten<J: Job>(&self, tx: &mut Tx, job: &J, at: DateTime<Utc>) -> Result<(), StoreError> {
        if rows::hasten(&mut *tx, job, at).await? {
            self.wake_after(tx).await?;
        }
        Ok(())
    }

    /// Lets the workers look once `tx` commits: those of other processes, and of this one.
    pub(super) async fn wake_after(&self, tx: &mut Tx) -> Result<(), StoreError> {
        tx.notify(CHANNEL).await?;
        let awake = self.awake.clone();
        tx.after_commit(move || awake.notify_waiters());
        Ok(())
    }

    /// Lets the workers of this process look now.
    pub fn wake(&self) {
        self.awake.notify_waiters();
    }

    /// When the lease of a job that runs now ends, unless it is renewed; `None` where it does not run.
    pub async fn lease_ends<J: Job>(&self, job: &J) -> Result<Option<DateTime<Utc>>, StoreError> {
        rows::lease_ends(&self.db, job).await
    }

    /// The jobs that a filter lets through, newest first.
    pub async fn list(&self, filter: &JobFilter) -> Result<Vec<JobRow>, StoreError> {
        rows::list(&self.db, filter).await
    }

    /// A person asks to try a dead job again, from its first attempt.
    pub async fn retry_dead(&self, account: &str, id: &JobId) -> Result<Retried, StoreError> {
        let mut tx = self.db.begin().await?;
        let Some(job) = rows::retry_dead(&mut tx, account, id, self.clock.now()).await? else {
            return Ok(Retried::No);
        };
        let operated = Operated { account, key: &job.key, payload: &job.payload };
        if let Err(why) = self.hooks.retried(&job.kind, operated, self, &mut tx).await? {
            return Ok(Retried::Useless(why)); // nothing is committed
        }
        self.wake_after(&mut tx).await?;
        tx.commit().await?;
        Ok(Retried::Yes)
    }

    /// Cancels a job that is ready, or running: then it loses its lease and is stopped where it stands. False when
    /// it had ended.
    pub async fn cancel(&self, account: &str, id: &JobId) -> Result<bool, StoreError> {
        let mut tx = self.db.begin().await?;
        let Some(job) = rows::cancel(&mut tx, account, id, self.clock.now()).await? else { return Ok(false) };
        let operated = Operated { account, key: &job.key, payload: &job.payload };
        self.hooks.cancelled(&job.kind, operated, self, &mut tx).await?;
        self.wake_after(&mut tx).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Claims no job of a kind any more, in any replica; those that run go on. False when the kind was paused already.
    pub async fn pause(&self, kind: &str) -> Result<bool, StoreError> {
        rows::pause(&self.db, kind).await
    }

    /// Claims jobs of a kind again. False when the kind was not paused.
    pub async fn resume(&self, kind: &str) -> Result<bool, StoreError> {
        let mut tx = self.db.begin().await?;
        let resumed = rows::resume(&mut tx, kind).await?;
        self.wake_after(&mut tx).await?;
        tx.commit().await?;
        Ok(resumed)
    }

    /// The kinds that nobody claims now.
    pub async fn paused(&self) -> Result<Vec<String>, StoreError> {
        rows::paused(&self.db).await
    }

    /// What monitoring sees of the queue.
    pub async fn depth(&self) -> Result<Vec<Depth>, StoreError> {
        rows::depth(&self.db, self.clock.now()).await
    }

    /// How many jobs there are, by kind and state, of all accounts.
    pub async fn counts(&self) -> Result<Vec<Count>, StoreError> {
        rows::counts(&self.db).await
    }

    /// Forgets jobs that were done or cancelled before `before`; dead letters stay.
    pub async fn forget_finished(&self, before: DateTime<Utc>) -> Result<u64, StoreError> {
        rows::forget_finished(&self.db, before).await
    }
}

impl fmt::Debug for Queue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Queue").field("db", &self.db).field("clock", &self.clock).finish_non_exhaustive()
    }
}

/// Where a job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, clap::ValueEnum)]
pub enum State {
    /// Waits for its time, or for a worker.
    Ready,
    /// A worker has it.
    Leased,
    /// Done.
    Done,
    /// Its attempts are spent, or it gave up; a person may retry it.
    Dead,
    /// Cancelled.
    Cancelled,
}

impl State {
    /// As it is kept.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Leased => "leased",
            Self::Done => "done",
            Self::Dead => "dead",
            Self::Cancelled => "cancelled",
        }
    }

    pub(super) fn parse(word: &str) -> Result<Self, StoreError> {
        [Self::Ready, Self::Leased, Self::Done, Self::Dead, Self::Cancelled]
            .into_iter()
            .find(|state| state.as_str() == word)
            .ok_or(StoreError::corrupt("a job's state"))
    }
}

/// How many jobs of a kind stand somewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Count {
    /// The kind.
    pub kind: String,
    /// Where they stand.
    pub state: State,
    /// How many.
    pub jobs: u64,
}

/// How many jobs of a kind wait, run or are dead, and how long the first has been due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Depth {
    /// The kind.
    pub kind: String,
    /// Where they stand: ready, leased or dead.
    pub state: State,
    /// How many.
    pub jobs: u64,
    /// For how long the oldest ready job has been due; nothing of other states.
    pub oldest: TimeDelta,
}

/// Which jobs are listed. What is absent lets all through.
#[derive(Debug, Clone, Default)]
pub struct JobFilter {
    /// This one.
    pub id: Option<JobId>,
    /// Of this account.
    pub account: Option<String>,
    /// Of this kind.
    pub kind: Option<String>,
    /// In this state.
    pub state: Option<State>,
    /// At most so many.
    pub limit: u32,
}

impl JobFilter {
    /// The newest jobs, at most so many.
    pub fn first(limit: u32) -> Self {
        Self { limit, ..Self::default() }
    }
}

/// A job as people see it: without its payload, which may hold personal data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobRow {
    /// Its id.
    pub id: JobId,
    /// Whose it is.
    pub account: String,
    /// Its kind.
    pub kind: String,
    /// Its key.
    pub key: String,
    /// Where it stands.
    pub state: State,
    /// How often it was started.
    pub attempt: u32,
    /// How often it is started at most.
    pub max_attempts: u32,
    /// When it was enqueued.
    pub created_at: DateTime<Utc>,
    /// When it starts, or was due.
    pub run_at: DateTime<Utc>,
    /// When it ended.
    pub finished_at: Option<DateTime<Utc>>,
    /// Why it failed the last time.
    pub last_error: Option<String>,
}
