//! One run of one job, from its claim to its end: beside it the lease is renewed; if that fails the run is told so and stops,
//! in order where it listens, otherwise where it stands.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::{JoinError, JoinSet};
use tokio::time::Instant;
use tracing::Instrument;

use super::claims::Claimed;
use super::probe::Step;
use super::registry::{Kind, Registry, Running};
use super::settle::{self, End, Held};
use super::{Advice, JobError, Lease, Queue, rows, verdict};
use crate::causes::with_causes;

/// How often, and with which first pause, the end of a run is written again while the database is away.
const SETTLE_TRIES: u32 = 6;
const SETTLE_PAUSE: Duration = Duration::from_millis(100);
/// How long a job that listens to its cancellation may take to stop.
const STOP_GRACE: Duration = Duration::from_secs(10);

/// What to do with a claimed job.
pub(super) enum Task {
    Run(Claimed),
    /// Its attempts are spent: let it be known dead.
    Bury(Claimed),
}

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    Done,
    Retried,
    Dead,
    Lost,
}

/// What all runs share.
pub(super) struct Runner {
    pub(super) queue: Queue,
    pub(super) registry: Registry,
}

/// Why a run ended without an answer.
enum Cut {
    /// The lease is somebody else's, or nobody's.
    Lost,
    /// The process shuts down.
    Stopped,
}

impl Runner {
    /// Works on a claimed job until it has ended one way or another.
    pub(super) async fn work(self: Arc<Self>, task: Task, stopped: watch::Receiver<bool>) -> Outcome {
        let (Task::Run(job) | Task::Bury(job)) = &task;
        let (kind, span) = (job.kind.clone(), tracing::info_span!("job", id = %job.id, kind = job.kind));
        let outcome = async {
            let Some(known) = self.registry.get(&job.kind) else { return Outcome::Lost };
            match &task {
                Task::Run(job) => self.run(job, known, stopped).await,
                Task::Bury(job) => {
                    let why = job.last_error.clone();
                    let why = why.unwrap_or_else(|| "the worker died during the last attempt".into());
                    self.bury(job, known, why, stopped).await
                }
            }
        }
        .instrument(span)
        .await;
        let word = match outcome {
            Outcome::Done => "done",
            Outcome::Retried => "retried",
            Outcome::Dead => "dead",
            Outcome::Lost => "lost",
        };
        metrics::counter!("deskside_jobs_total", "kind" => kind, "outcome" => word).increment(1);
        outcome
    }

    async fn run(&self, job: &Claimed, kind: Arc<dyn Kind>, stopped: watch::Receiver<bool>) -> Outcome {
        let Queue { clock, probe, backoff, .. } = &self.queue;
        let lease = self.lease(job);
        probe.at(Step::Claimed, &job.id);
        probe.at(Step::BeforeRun, &job.id);
        let error = match self
            .beside_renewal(job, &lease, kind.run(job.payload.clone(), lease.clone()), stopped.clone())
            .await
        {
            Ok(Ok(())) => {
                probe.at(Step::AfterRun, &job.id);
                probe.at(Step::BeforeDone, &job.id);
                return self.settle(job, &End::Done, (Outcome::Done, Step::Done)).await;
            }
            Ok(Err(error)) => error,
            Err(Cut::Lost) => return Outcome::Lost,
            Err(Cut::Stopped) => return self.give_back(job).await,
        };
        let job = &lease.as_it_stands(job);
        match verdict::of_failure(job, &error, kind.retry_window(), backoff, clock.now()) {
            End::Dead { why } => self.bury(job, kind, why, stopped).await,
            end => {
                let (account, why) = (&job.account, error.chain());
                if let Advice::RetryAfter(wait) = error.advice() {
                    let seconds = wait.as_secs();
                    tracing::info!(account, why, seconds, "a `{}` job goes on in {seconds} s", job.kind);
                } else {
                    let (attempt, of) = (job.attempt, job.max_attempts);
                    tracing::warn!(
                        attempt,
                        of,
                        account,
                        error = why,
                        "a `{}` job failed; it is tried again",
                        job.kind
                    );
                }
                probe.at(Step::BeforeRetry, &job.id);
                self.settle(job, &end, (Outcome::Retried, Step::Retried)).await
            }
        }
    }

    /// First the feature hears of it, then the row says so: in between it may die, and hear of it again.
    async fn bury(
        &self,
        job: &Claimed,
        kind: Arc<dyn Kind>,
        why: String,
        stopped: watch::Receiver<bool>,
    ) -> Outcome {
        let probe = &self.queue.probe;
        tracing::error!(
            job.attempt,
            account = job.account,
            error = why,
            "a `{}` job is given up; `deskside jobs list --state dead` shows it, `deskside jobs retry {}` tries it again",
            job.kind,
            job.id
        );
        probe.at(Step::BeforeDead, &job.id);
        let lease = self.lease(job);
        let heard = kind.on_dead(job.payload.clone(), lease.clone(), why.clone());
        match self.beside_renewal(job, &lease, heard, stopped).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                tracing::error!(
                    error = error.chain(),
                    "a given-up `{}` job could not say so to its feature",
                    job.kind
                );
            }
            // Its lease ends by itself; whoever finds it buries it.
            Err(Cut::Lost | Cut::Stopped) => return Outcome::Lost,
        }
        probe.at(Step::DeadHeard, &job.id);
        self.settle(job, &End::Dead { why }, (Outcome::Dead, Step::Dead)).await
    }

    /// Runs in a task of its own, so that a panic is an error and a busy job does not keep its lease from being renewed.
    async fn beside_renewal(
        &self,
        job: &Claimed,
        lease: &Lease,
        running: Running,
        mut stopped: watch::Receiver<bool>,
    ) -> Result<Result<(), JobError>, Cut> {
        let Queue { db, clock, probe, .. } = &self.queue;
        let mut task = JoinSet::new(); // dropped, it stops the job
        task.spawn(running.in_current_span());
        let mut held_until = Instant::now() + job.lease;
        let mut pause = job.lease / 3;
        loop {
            tokio::select! {
                Some(end) = task.join_next() => return Ok(end.unwrap_or_else(|error| Err(panicked(&error)))),
                _ = stopped.wait_for(|stopped| *stopped) => return Err(Cut::Stopped),
                () = tokio::time::sleep(pause) => {}
            }
            let started = Instant::now();
            match rows::renew(db, &job.id, job.fence, clock.now() + job.lease).await {
                Ok(true) => {
                    (held_until, pause) = (started + job.lease, job.lease / 3);
                    probe.at(Step::Renewed, &job.id);
                }
                Ok(false) => {
                    tracing::warn!(
                        "a `{}` job was taken over or cancelled; this run of it is stopped",
                        job.kind
                    );
                    stop_in_order(lease, &mut task).await;
                    return Err(Cut::Lost);
                }
                Err(error) if Instant::now() < held_until => {
                    pause = job.lease / 20;
                    tracing::warn!(error = %with_causes(&error), "a lease could not be renewed; it is tried again");
                }
                Err(error) => {
                    tracing::error!(error = %with_causes(&error), "a lease could not be renewed in time; its job is stopped");
                    stop_in_order(lease, &mut task).await;
                    return Err(Cut::Lost);
                }
            }
        }
    }

    /// Not the job's fault: the attempt is given back.
    async fn give_back(&self, job: &Claimed) -> Outcome {
        let why = "its worker shut down".to_owned();
        let end = End::Again { at: self.queue.clock.now(), attempts: job.attempt.saturating_sub(1), why };
        self.settle(job, &end, (Outcome::Retried, Step::Retried)).await
    }

    /// Writes the end down. If that fails for good, the lease ends by itself and the job runs again, as any job may.
    async fn settle(&self, job: &Claimed, end: &End, (outcome, step): (Outcome, Step)) -> Outcome {
        let Queue { db, clock, probe, .. } = &self.queue;
        let held = Held { id: job.id.clone(), fence: job.fence };
        let mut pause = SETTLE_PAUSE;
        for tries_left in (0..SETTLE_TRIES).rev() {
            match settle::settle(db, &held, end, clock.now()).await {
                Ok(true) => {
                    probe.at(step, &job.id);
                    return outcome;
                }
                Ok(false) => break,
                Err(error) if error.is_transient() && tries_left > 0 => tokio::time::sleep(pause).await,
                Err(error) => {
                    tracing::error!(error = %with_causes(&error), "the end of a `{}` job could not be kept", job.kind);
                    break;
                }
            }
            pause *= 2;
        }
        Outcome::Lost
    }

    fn lease(&self, job: &Claimed) -> Arc<Lease> {
        Arc::new(Lease {
            id: job.id.clone(),
            fence: job.fence,
            attempt: job.attempt,
            cancelled: watch::Sender::new(false),
            got_further: AtomicBool::new(false),
            listens: AtomicBool::new(false),
            length: job.lease,
            clock: self.queue.clock.clone(),
            probe: self.queue.probe.clone(),
        })
    }
}

/// Waits a moment for a job that listens; what it still does has no effect, because its lease guards nothing any more.
async fn stop_in_order(lease: &Lease, task: &mut JoinSet<Result<(), JobError>>) {
    if lease.cancel() && tokio::time::timeout(STOP_GRACE, task.join_next()).await.is_err() {
        tracing::warn!(
            "a cancelled job did not stop in {} s; it is stopped where it stands",
            STOP_GRACE.as_secs()
        );
    }
}

fn panicked(error: &JoinError) -> JobError {
    JobError::retry(if error.is_panic() {
        "the job panicked; the log has the place"
    } else {
        "the job was stopped"
    })
}
