//! Claims jobs, hands each to a [runner](super::runner), waits for the next. One loop per process.

use std::fmt;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::claims::{self, Claimer};
use super::condition::{Condition, Conditions};
use super::front::CHANNEL;
use super::probe::Step;
use super::registry::{Provide, Registry};
use super::runner::{Outcome, Runner, Task};
use super::{Job, Queue};
use crate::causes::with_causes;
use crate::store::StoreError;

/// How long a worker sleeps at most: what another process enqueued on SQLite, or a lost notification, waits so long.
const POLL: Duration = Duration::from_secs(1);

/// For how long finished jobs stay readable, and how often they are forgotten.
const KEEP_FINISHED: TimeDelta = TimeDelta::days(7);
const FORGET_EVERY: TimeDelta = TimeDelta::hours(1);

/// Makes a [`Worker`].
pub struct WorkerBuilder {
    queue: Queue,
    registry: Registry,
    conditions: Conditions,
    concurrency: usize,
    per_account: u32,
    per_concurrency_key: u32,
    reserve: u32,
    accounts: String,
    drain: Duration,
}

impl WorkerBuilder {
    /// Knows this kind of job: either what every account's jobs need, or what says it for each account.
    #[must_use]
    pub fn register<J: Job>(mut self, deps: impl Provide<J::Deps>) -> Self {
        self.registry.add::<J>(deps);
        self
    }

    /// Leaves jobs of this kind to other workers while the condition does not hold.
    #[must_use]
    pub fn only_while<J: Job>(mut self, condition: impl Condition) -> Self {
        self.conditions.add(J::NAME, condition);
        self
    }

    /// So many jobs at a time (8).
    #[must_use]
    pub fn concurrency(self, jobs: usize) -> Self {
        Self { concurrency: jobs.max(1), ..self }
    }

    /// So many jobs of one account at a time, over all replicas (4).
    #[must_use]
    pub fn per_account(self, jobs: u32) -> Self {
        Self { per_account: jobs.max(1), ..self }
    }

    /// So many jobs of one concurrency key at a time, over all replicas (1), where a job names no limit of its own.
    #[must_use]
    pub fn per_concurrency_key(self, jobs: u32) -> Self {
        Self { per_concurrency_key: jobs.max(1), ..self }
    }

    /// So many of its places are for jobs without a concurrency key (0).
    #[must_use]
    pub fn reserve(self, places: u32) -> Self {
        Self { reserve: places, ..self }
    }

    /// Leaves the jobs of other accounts than these to other workers (all).
    #[must_use]
    pub fn serving<'a>(self, accounts: impl IntoIterator<Item = &'a str>) -> Self {
        let accounts = accounts.into_iter().fold(String::from(","), |all, account| all + account + ",");
        Self { accounts, ..self }
    }

    /// How long running jobs may take to end after the shutdown (20 s); then they are put back.
    #[must_use]
    pub fn drain(self, for_at_most: Duration) -> Self {
        Self { drain: for_at_most, ..self }
    }

    /// Makes it.
    pub fn build(self) -> Worker {
        let claimer = Claimer {
            owner: uuid::Uuid::now_v7().to_string(),
            kinds: self.registry.kinds(),
            per_account: self.per_account,
            per_concurrency_key: self.per_concurrency_key,
            reserve: self.reserve,
            accounts: self.accounts.clone(),
        };
        let Self { queue, registry, conditions, concurrency, drain, .. } = self;
        let runner = Arc::new(Runner { queue, registry });
        Worker { runner, claimer, conditions, concurrency, drain }
    }
}

/// Runs jobs.
pub struct Worker {
    runner: Arc<Runner>,
    claimer: Claimer,
    conditions: Conditions,
    concurrency: usize,
    drain: Duration,
}

/// What a worker did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Ran {
    pub done: u64,
    /// Failed, and will be tried again.
    pub retried: u64,
    pub dead: u64,
    /// Taken over or cancelled while they ran, or not settled because the database was away.
    pub lost: u64,
}

impl Ran {
    fn count(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Done => self.done += 1,
            Outcome::Retried => self.retried += 1,
            Outcome::Dead => self.dead += 1,
            Outcome::Lost => self.lost += 1,
        }
    }
}

/// What a look brought.
struct Taken {
    tasks: Vec<Task>,
    /// How long there is nothing to do, as far as one can know.
    rest: Duration,
}

impl Worker {
    /// Starts to make one.
    pub fn builder(queue: Queue) -> WorkerBuilder {
        WorkerBuilder {
            queue,
            registry: Registry::default(),
            conditions: Conditions::default(),
            concurrency: 8,
            per_account: 4,
            per_concurrency_key: 1,
            reserve: 0,
            accounts: String::new(),
            drain: Duration::from_secs(20),
        }
    }

    /// Works until `shutdown`, then claims nothing more and lets running jobs end.
    pub async fn run(&self, shutdown: impl Future<Output = ()> + Send) {
        let queue = &self.runner.queue;
        let (stop, stopped) = watch::channel(false);
        let mut running = JoinSet::new();
        let mut ears = JoinSet::new(); // dropped with this future, and the listener with it
        ears.spawn(listen(queue.clone()));
        let mut shutdown = pin!(shutdown);
        let mut forgotten_at = DateTime::UNIX_EPOCH;
        loop {
            let mut awake = pin!(queue.awake.notified());
            awake.as_mut().enable(); // before the look: what is committed from here on wakes us
            let mut rest = POLL;
            let claimer = self.conditions.allowed(&self.claimer).await; // also while there is no room
            if running.len() < self.concurrency {
                match self.take(&claimer, self.concurrency - running.len()).await {
                    Ok(taken) => {
                        rest = taken.rest;
                        for task in taken.tasks {
                            running.spawn(self.runner.clone().work(task, stopped.clone()));
                        }
                    }
                    Err(error) => tracing::error!(
                        error = %with_causes(&error),
                        "the queue cannot be read; it is tried again in {} s", POLL.as_secs()
                    ),
                }
            }
            let now = queue.clock.now();
            if now - forgotten_at >= FORGET_EVERY {
                forgotten_at = now;
                if let Err(error) = queue.forget_finished(now - KEEP_FINISHED).await {
                    tracing::warn!(error = %with_causes(&error), "finished jobs could not be forgotten; tried again in an hour");
                }
            }
            tokio::select! {
                () = &mut shutdown => break,
                () = awake => {}
                Some(_) = running.join_next(), if !running.is_empty() => {}
                () = tokio::time::sleep(rest) => {}
            }
        }
        let drained = async { while running.join_next().await.is_some() {} };
        if tokio::time::timeout(self.drain, drained).await.is_err() {
            tracing::warn!(
                jobs = running.len(),
                "jobs still run after the shutdown; they are stopped and put back"
            );
            stop.send_replace(true);
            while running.join_next().await.is_some() {}
        }
    }

    /// Runs everything that is due now, and what that makes due now. For tests and one-off commands.
    pub async fn run_until_idle(&self) -> Result<Ran, StoreError> {
        let (_stop, stopped) = watch::channel(false);
        let mut running = JoinSet::new();
        let mut ran = Ran::default();
        loop {
            while running.len() < self.concurrency {
                let claimer = self.conditions.allowed(&self.claimer).await;
                let tasks = self.take(&claimer, self.concurrency - running.len()).await?.tasks;
                if tasks.is_empty() {
                    break;
                }
                for task in tasks {
                    running.spawn(self.runner.clone().work(task, stopped.clone()));
                }
            }
            match running.join_next().await {
                Some(outcome) => ran.count(outcome.unwrap_or(Outcome::Lost)),
                None => return Ok(ran),
            }
        }
    }

    /// Looks; if there may be something, claims it.
    async fn take(&self, claimer: &Claimer, at_most: usize) -> Result<Taken, StoreError> {
        let Queue { db, clock, probe, .. } = &self.runner.queue;
        let at_most = u32::try_from(at_most).unwrap_or(u32::MAX);
        let look = claims::look(db, claimer).await?;
        look.now.and_then(|now| clock.follow(now));
        let now = clock.now();
        let is_lost = look.lost.is_some_and(|lost| lost <= now);
        let is_due = look.due.is_some_and(|due| due <= now);
        let mut tasks = Vec::new();
        if is_lost || is_due {
            let mut tx = db.begin().await?;
            claims::enter_gate(&mut tx).await?;
            if is_lost {
                claims::put_back_lost(&mut tx, now).await?;
                tasks.extend(claims::take_spent(&mut tx, claimer, now).await?.into_iter().map(Task::Bury));
            }
            for claimed in claims::claim(&mut tx, claimer, at_most, now).await? {
                probe.at(Step::BeforeClaim, &claimed.id);
                tasks.push(Task::Run(claimed));
            }
            tx.commit().await?;
        }
        let next = [look.due, look.lost].into_iter().flatten().filter(|at| *at > now).min();
        let rest = match next {
            _ if !tasks.is_empty() => Duration::ZERO, // there may be more
            Some(next) => (next - now).to_std().unwrap_or_default().min(POLL),
            None => POLL,
        };
        Ok(Taken { tasks, rest })
    }
}

/// Wakes this process when another replica has enqueued something.
async fn listen(queue: Queue) {
    loop {
        match queue.db.listen(CHANNEL).await {
            Ok(None) => return,
            Ok(Some(mut listener)) => {
                while listener.next().await.is_ok() {
                    queue.wake();
                }
            }
            Err(_) => {} // the loop that claims says that the database is away
        }
        tokio::time::sleep(POLL).await;
    }
}

impl fmt::Debug for WorkerBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WorkerBuilder").field("kinds", &self.registry.kinds()).finish_non_exhaustive()
    }
}

impl fmt::Debug for Worker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Worker").field("claimer", &self.claimer).finish_non_exhaustive()
    }
}
