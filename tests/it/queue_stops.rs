//! How a long job stops when it is cancelled, or its lease is lost. Clocks are stopped.

use std::sync::Arc;
use std::time::Duration;

use deskside::queue::{Job, JobError, JobId, Lease, Ran, State};
use deskside::store::query;
use serde::{Deserialize, Serialize};
use tokio::sync::Semaphore;

use crate::support::databases::for_each_database;
use crate::support::errands::{Bench, Does, noon};

/// A long job that stops in order.
#[derive(Serialize, Deserialize)]
struct Careful;

impl Job for Careful {
    const NAME: &'static str = "careful";
    const LEASE: Duration = Duration::from_millis(150);
    type Deps = (Bench, Arc<Semaphore>);

    fn account(&self) -> &'static str {
        "acme"
    }

    fn key(&self) -> String {
        "careful".to_owned()
    }

    async fn run(&self, (bench, started): &Self::Deps, lease: &Lease) -> Result<(), JobError> {
        started.add_permits(1);
        lease.cancelled().await;
        tokio::task::yield_now().await; // it has time
        bench.note("stopped in order".to_owned());
        Ok(())
    }
}

/// A careful job runs, and then something happens to it.
async fn check_stop(happens: impl AsyncFn(&Bench, &JobId), expected: State) {
    for_each_database(async |db| {
        let bench = Bench::new(db);
        let started = Arc::new(Semaphore::new(0));
        let id = bench.wish_for(&Careful).await;
        let worker = bench.worker().register::<Careful>((bench.clone(), started.clone())).build();
        let (ran, ()) = tokio::join!(worker.run_until_idle(), async {
            started.acquire().await.expect("open").forget();
            happens(&bench, &id).await;
        });
        assert_eq!(ran.unwrap(), Ran { lost: 1, ..Ran::default() });
        assert_eq!(bench.happened(), ["stopped in order"]);
        assert_eq!(bench.count(expected).await, 1);
    })
    .await;
}

#[tokio::test]
async fn a_long_job_that_is_cancelled_stops_in_order() {
    let cancelled = async |bench: &Bench, id: &JobId| {
        assert!(bench.queue.cancel("acme", id).await.unwrap());
    };
    check_stop(cancelled, State::Cancelled).await;
}

#[tokio::test]
async fn a_long_job_that_lost_its_lease_stops_in_order() {
    let lost = async |bench: &Bench, _: &JobId| {
        query("UPDATE jobs SET fence = fence + 1").execute(&bench.db).await.unwrap();
    };
    check_stop(lost, State::Leased).await;
}

#[tokio::test]
async fn finished_jobs_are_forgotten_and_dead_letters_are_not() {
    for_each_database(async |db| {
        let bench = Bench::new(db);
        bench.tell("b", Does::GiveUp);
        bench.wish("a").await;
        bench.wish("b").await;
        bench.worker().build().run_until_idle().await.unwrap();
        assert_eq!(bench.queue.forget_finished(noon()).await.unwrap(), 0);
        bench.wait(1);
        assert_eq!(bench.queue.forget_finished(bench.clock.now()).await.unwrap(), 1);
        assert_eq!((bench.count(State::Done).await, bench.count(State::Dead).await), (0, 1));
    })
    .await;
}
