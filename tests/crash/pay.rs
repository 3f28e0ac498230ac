//! The work of the crash harness, shared by the victim and by the harness that inherits it: three kinds of job whose
//! effects are two rows each, without any unique constraint: only the lease's guard keeps them from doubling.

use std::time::Duration;

use deskside::clock::Clock;
use deskside::queue::{Backoff, Job, JobError, Lease, Probe, Queue, Worker};
use deskside::store::{Db, StoreError, Tx, query};
use serde::{Deserialize, Serialize};

/// How often a job is started at most.
pub(crate) const ATTEMPTS: u32 = 3;

/// Called at the moments of an effect that the queue itself cannot see.
pub(crate) type Mark = fn(&str);

/// A payment.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Pay {
    /// Its key.
    pub key: String,
    /// How it goes.
    pub goes: Goes,
}

/// How a payment goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Goes {
    /// Well.
    Well,
    /// Well, but it takes longer than a third of its lease.
    Slowly,
    /// Badly the first time.
    BadlyOnce,
    /// Badly each time.
    Badly,
}

/// What a payment needs.
#[derive(Clone)]
pub(crate) struct Till {
    /// Where it is noted.
    pub db: Db,
    /// Told of the effect's own moments.
    pub mark: Mark,
}

impl Job for Pay {
    const NAME: &'static str = "pay";
    const MAX_ATTEMPTS: u32 = ATTEMPTS;
    const LEASE: Duration = Duration::from_millis(900);
    type Deps = Till;

    fn account(&self) -> &'static str {
        "acme"
    }

    fn key(&self) -> String {
        self.key.clone()
    }

    async fn run(&self, till: &Till, lease: &Lease) -> Result<(), JobError> {
        note_start(&till.db, &self.key, lease.attempt()).await?;
        self.effect(till, lease, "first").await?;
        if self.goes == Goes::Slowly {
            tokio::time::sleep(Duration::from_millis(500)).await; // the work itself, past its lease's renewal
        }
        if self.goes == Goes::Badly || (self.goes == Goes::BadlyOnce && lease.attempt() == 1) {
            return Err(JobError::retry("it goes badly"));
        }
        self.effect(till, lease, "second").await
    }

    async fn on_dead(&self, till: &Till, lease: &Lease, _: &str) -> Result<(), JobError> {
        self.effect(till, lease, "said dead").await
    }
}

impl Pay {
    /// Looks whether the effect is there, and makes it if not; safe only because nobody else holds the job meanwhile.
    async fn effect(&self, till: &Till, lease: &Lease, what: &'static str) -> Result<(), JobError> {
        let mut tx = till.db.begin().await?;
        lease.guard(&mut tx).await?;
        let is_there = query("SELECT what FROM effects WHERE job = $1 AND what = $2")
            .bind(&self.key)
            .bind(what)
            .optional(&mut tx)
            .await?
            .is_some();
        if !is_there {
            query("INSERT INTO effects (job, what) VALUES ($1, $2)")
                .bind(&self.key)
                .bind(what)
                .execute(&mut tx)
                .await?;
            (till.mark)("EffectWritten");
        }
        tx.commit().await?;
        (till.mark)("EffectCommitted");
        Ok(())
    }
}

async fn note_start(db: &Db, key: &str, attempt: u32) -> Result<(), StoreError> {
    query("INSERT INTO starts (job, attempt) VALUES ($1, $2)")
        .bind(key)
        .bind(attempt)
        .execute(db)
        .await
        .map(drop)
}

/// A queue without pauses between attempts.
pub(crate) fn queue(db: &Db, clock: Clock) -> Queue {
    let at_once = Backoff::new(Duration::ZERO, Duration::ZERO, || 0.0);
    Queue::new(db.clone(), clock).with_backoff(at_once)
}

/// A worker that pays.
pub(crate) fn worker(queue: Queue, mark: Mark, probe: Option<impl Probe>) -> Worker {
    let till = Till { db: queue.db().clone(), mark };
    let queue = match probe {
        Some(probe) => queue.with_probe(probe),
        None => queue,
    };
    Worker::builder(queue).register::<Pay>(till).concurrency(2).build()
}

/// Wishes for a payment and notes the wish, or neither.
pub(crate) async fn order(queue: &Queue, tx: &mut Tx, pay: &Pay) -> Result<(), StoreError> {
    query("INSERT INTO effects (job, what) VALUES ($1, 'ordered')").bind(&pay.key).execute(&mut *tx).await?;
    queue.enqueue(tx, pay).await.map(drop)
}
