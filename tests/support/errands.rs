//! A job that does as it is told, and a bench that remembers what was done.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, Utc};
use deskside::clock::Clock;
use deskside::queue::{Backoff, Job, JobError, JobId, Lease, Queue, State, Worker, WorkerBuilder};
use deskside::store::Db;
use serde::{Deserialize, Serialize};
use tokio::sync::Semaphore;

/// Three attempts, a lease of a minute, a retry window of an hour.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Errand {
    pub account: String,
    pub key: String,
    /// Its concurrency key.
    pub lane: Option<String>,
}

/// The same, but more important.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Urgent(pub Errand);

/// What an errand comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Does {
    /// It ends well.
    #[default]
    Well,
    /// It fails.
    Fail,
    /// It is asked to come back in so many seconds.
    ComeBack(u64),
    /// It does a part for good, and then fails.
    GetFurther,
    /// It fails for good.
    GiveUp,
    /// It panics.
    Panic,
    /// It waits to be let go, then writes an effect under its lease.
    Hold,
    /// It never ends.
    Hang,
}

/// Where errands run and leave traces.
#[derive(Clone)]
pub(crate) struct Bench {
    /// The database.
    pub db: Db,
    /// Its clock: stopped.
    pub clock: Clock,
    /// Its queue.
    pub queue: Queue,
    done: Arc<Mutex<Vec<String>>>,
    tasks: Arc<Mutex<BTreeMap<String, Does>>>,
    running: Arc<AtomicUsize>,
    most: Arc<AtomicUsize>,
    started: Arc<Semaphore>,
    go: Arc<Semaphore>,
}

impl Bench {
    /// Waits 10, 20, 40, … seconds between attempts.
    pub(crate) fn new(db: Db) -> Self {
        let clock = Clock::stopped_at(noon());
        let backoff = Backoff::new(Duration::from_secs(10), Duration::from_hours(1), || 1.0);
        Self {
            queue: Queue::new(db.clone(), clock.clone()).with_backoff(backoff),
            db,
            clock,
            done: Arc::default(),
            tasks: Arc::default(),
            running: Arc::default(),
            most: Arc::default(),
            started: Arc::new(Semaphore::new(0)),
            go: Arc::new(Semaphore::new(0)),
        }
    }

    /// Another replica: its own connections, the same bench otherwise.
    pub(crate) fn replica(&self, db: Db) -> Self {
        let queue = Queue::new(db.clone(), self.clock.clone());
        Self { db, queue, ..self.clone() }
    }

    /// A replica on a machine whose clock is wrong by so many hours.
    pub(crate) fn wrong_by(&self, hours: i64) -> Self {
        let clock = Clock::system_ahead_by(chrono::TimeDelta::hours(hours));
        Self { queue: Queue::new(self.db.clone(), clock.clone()), clock, ..self.clone() }
    }

    /// From now on the errand of this key does that.
    pub(crate) fn tell(&self, key: &str, does: Does) {
        self.tasks.lock().unwrap().insert(key.to_owned(), does);
    }

    /// A worker that knows errands.
    pub(crate) fn worker(&self) -> WorkerBuilder {
        Worker::builder(self.queue.clone()).register::<Errand>(self.clone()).register::<Urgent>(self.clone())
    }

    /// Wishes for an errand of the account `acme`.
    pub(crate) async fn wish(&self, key: &str) -> JobId {
        self.wish_for(&errand("acme", key)).await
    }

    /// Wishes for something.
    pub(crate) async fn wish_for<J: Job>(&self, job: &J) -> JobId {
        let mut tx = self.db.begin().await.expect("a transaction");
        let id = self.queue.enqueue(&mut tx, job).await.expect("it is enqueued");
        tx.commit().await.expect("it is committed");
        id
    }

    /// Moves the clock.
    pub(crate) fn wait(&self, seconds: i64) {
        self.clock.advance(chrono::TimeDelta::seconds(seconds));
    }

    /// What happened since the last time somebody asked.
    pub(crate) fn happened(&self) -> Vec<String> {
        std::mem::take(&mut self.done.lock().unwrap())
    }

    /// Something happened.
    pub(crate) fn note(&self, what: String) {
        self.done.lock().unwrap().push(what);
    }

    /// Until so many held or hanging errands have started.
    pub(crate) async fn started(&self, errands: u32) {
        self.started.acquire_many(errands).await.expect("open").forget();
    }

    /// Lets so many held errands go on.
    pub(crate) fn let_go(&self, errands: usize) {
        self.go.add_permits(errands);
    }

    /// How many errands ran at a time, at most.
    pub(crate) fn most(&self) -> usize {
        self.most.load(Ordering::SeqCst)
    }

    /// How many jobs stand where.
    pub(crate) async fn count(&self, state: State) -> u64 {
        let counts = self.queue.counts().await.expect("counts");
        counts.iter().filter(|count| count.state == state).map(|count| count.jobs).sum()
    }

    async fn run(&self, errand: &Errand, lease: &Lease) -> Result<(), JobError> {
        let name = format!("{} #{}", errand.key, lease.attempt());
        self.note(name.clone());
        let now = self.running.fetch_add(1, Ordering::SeqCst) + 1;
        self.most.fetch_max(now, Ordering::SeqCst);
        let _leaves = Leaves(&self.running);
        let does = self.tasks.lock().unwrap().get(&errand.key).copied().unwrap_or_default();
        match does {
            Does::Well => Ok(()),
            Does::Fail => Err(JobError::retry("it failed")),
            Does::ComeBack(seconds) => {
                Err(JobError::retry_after(Duration::from_secs(seconds), "it was asked to come back"))
            }
            Does::GetFurther => {
                let mut tx = self.db.begin().await?;
                lease.guard(&mut tx).await?;
                lease.got_further(&mut tx).await?;
                tx.commit().await?;
                Err(JobError::retry("it got further"))
            }
            Does::GiveUp => Err(JobError::give_up("it cannot succeed")),
            Does::Panic => panic!("an errand panics, as it was told"),
            Does::Hang => {
                self.started.add_permits(1);
                std::future::pending().await
            }
            Does::Hold => {
                self.started.add_permits(1);
                self.go.acquire().await.expect("open").forget();
                let mut tx = self.db.begin().await?;
                if let Err(error) = lease.guard(&mut tx).await {
                    self.note(format!("{name} is refused"));
                    return Err(error.into());
                }
                tx.commit().await?;
                self.note(format!("{name} takes effect"));
                Ok(())
            }
        }
    }
}

/// An errand without a lane.
pub(crate) fn errand(account: &str, key: &str) -> Errand {
    Errand { account: account.to_owned(), key: key.to_owned(), lane: None }
}

/// When every bench's clock stands at first.
pub(crate) fn noon() -> DateTime<Utc> {
    "2026-11-22T12:00:00Z".parse().expect("a time")
}

struct Leaves<'a>(&'a AtomicUsize);

impl Drop for Leaves<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Job for Errand {
    const NAME: &'static str = "errand";
    const MAX_ATTEMPTS: u32 = 3;
    const RETRY_WINDOW: Duration = Duration::from_hours(1);
    type Deps = Bench;

    fn account(&self) -> &str {
        &self.account
    }

    fn key(&self) -> String {
        self.key.clone()
    }

    fn concurrency_key(&self) -> Option<String> {
        self.lane.clone()
    }

    async fn run(&self, bench: &Bench, lease: &Lease) -> Result<(), JobError> {
        bench.run(self, lease).await
    }

    async fn on_dead(&self, bench: &Bench, _: &Lease, why: &str) -> Result<(), JobError> {
        bench.note(format!("{} is dead: {why}", self.key));
        Ok(())
    }
}

impl Job for Urgent {
    const NAME: &'static str = "urgent";
    const PRIORITY: i32 = 10;
    type Deps = Bench;

    fn account(&self) -> &str {
        &self.0.account
    }

    fn key(&self) -> String {
        self.0.key.clone()
    }

    async fn run(&self, bench: &Bench, lease: &Lease) -> Result<(), JobError> {
        bench.run(&self.0, lease).await
    }
}
