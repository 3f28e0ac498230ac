//! Which job goes first, and how many at a time: pauses, priorities, fairness, limits. Clocks are stopped.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use deskside::queue::{Job, JobError, Lease};
use deskside::store::Db;
use serde::{Deserialize, Serialize};

use crate::support::databases::{for_each_address, for_each_database};
use crate::support::errands::{Bench, Does, Errand, Urgent, errand};

#[tokio::test]
async fn a_paused_kind_waits_in_every_replica() {
    for_each_database(async |db| {
        let bench = Bench::new(db);
        bench.queue.pause("errand").await.unwrap();
        bench.queue.pause("errand").await.unwrap();
        bench.wish("a").await;
        bench.wish_for(&Urgent(errand("acme", "b"))).await;
        let worker = bench.worker().build();
        worker.run_until_idle().await.unwrap();
        assert_eq!(bench.happened(), ["b #1"]);
        bench.queue.resume("errand").await.unwrap();
        worker.run_until_idle().await.unwrap();
        assert_eq!(bench.happened(), ["a #1"]);
    })
    .await;
}

#[tokio::test]
async fn what_matters_more_goes_first_within_its_account() {
    for_each_database(async |db| {
        let bench = Bench::new(db);
        bench.wish("a").await;
        bench.wait(1);
        bench.wish("b").await;
        bench.wish_for(&Urgent(errand("acme", "c"))).await;
        bench.worker().concurrency(1).build().run_until_idle().await.unwrap();
        assert_eq!(bench.happened(), ["c #1", "a #1", "b #1"]);
    })
    .await;
}

#[tokio::test]
async fn a_long_line_of_one_account_does_not_hold_up_another() {
    for_each_database(async |db| {
        let bench = Bench::new(db);
        let mut tx = bench.db.begin().await.unwrap();
        for number in 0..200 {
            bench.queue.enqueue(&mut tx, &errand("acme", &format!("a{number}"))).await.unwrap();
        }
        bench.queue.enqueue(&mut tx, &errand("globex", "b")).await.unwrap();
        tx.commit().await.unwrap();
        bench.worker().concurrency(2).build().run_until_idle().await.unwrap();
        let happened = bench.happened();
        assert_eq!(happened.len(), 201);
        assert!(happened[..2].contains(&"b #1".to_owned()), "{:?}", &happened[..2]);
    })
    .await;
}

/// Many errands, all told to hold; two replicas; how many may run at a time.
async fn check_limit(per_account: u32, per_lane: u32, lane: Option<&str>, expected: usize) {
    for_each_address(async |address| {
        let (one, other) =
            (Db::connect(&address.url, 4).await.unwrap(), Db::connect(&address.url, 4).await.unwrap());
        one.migrate().await.unwrap();
        let bench = Bench::new(one.clone());
        let replica = bench.replica(other.clone());
        for number in 0..12 {
            let key = format!("a{number}");
            bench.tell(&key, Does::Hold);
            bench.wish_for(&Errand { lane: lane.map(str::to_owned), ..errand("acme", &key) }).await;
        }
        let worker = |bench: &Bench| {
            bench.worker().per_account(per_account).per_concurrency_key(per_lane).concurrency(4).build()
        };
        let (first, second) = (worker(&bench), worker(&replica));
        let mut done = 0;
        let works = async {
            while done < 12 {
                let (first, second) = tokio::join!(first.run_until_idle(), second.run_until_idle());
                done += first.unwrap().done + second.unwrap().done;
            }
        };
        let ((), ()) = tokio::join!(works, async {
            for _ in 0..12 / expected {
                bench.started(u32::try_from(expected).unwrap()).await;
                bench.let_go(expected);
            }
        });
        assert_eq!(bench.most(), expected, "{}", address.engine);
        one.close().await;
        other.close().await;
    })
    .await;
}

#[tokio::test]
async fn accounts_have_a_limit_over_all_replicas() {
    check_limit(2, 1, None, 2).await;
    check_limit(6, 1, None, 6).await;
}

#[tokio::test]
async fn concurrency_keys_have_a_limit_over_all_replicas() {
    check_limit(6, 1, Some("crm"), 1).await;
    check_limit(6, 3, Some("crm"), 3).await;
}

/// A job that says itself how many of its key may run.
#[derive(Serialize, Deserialize)]
struct Limited {
    key: u32,
    limit: Option<u32>,
}

/// How many run, and how many did at most.
#[derive(Default)]
struct Load {
    now: AtomicUsize,
    most: AtomicUsize,
}

impl Job for Limited {
    const NAME: &'static str = "limited";
    type Deps = Arc<Load>;

    fn account(&self) -> &'static str {
        "acme"
    }

    fn key(&self) -> String {
        self.key.to_string()
    }

    fn concurrency_key(&self) -> Option<String> {
        Some("connection".to_owned())
    }

    fn concurrency_limit(&self) -> Option<u32> {
        self.limit
    }

    async fn run(&self, load: &Arc<Load>, _: &Lease) -> Result<(), JobError> {
        load.most.fetch_max(load.now.fetch_add(1, SeqCst) + 1, SeqCst);
        tokio::time::sleep(Duration::from_millis(50)).await;
        load.now.fetch_sub(1, SeqCst);
        Ok(())
    }
}

#[tokio::test]
async fn a_job_may_name_the_limit_of_its_key() {
    for (limit, expected) in [(Some(1), 1), (Some(3), 3), (None, 2)] {
        for_each_database(async |db| {
            let bench = Bench::new(db);
            for key in 0..6 {
                bench.wish_for(&Limited { key, limit }).await;
            }
            let load = Arc::<Load>::default();
            let worker =
                bench.worker().register::<Limited>(load.clone()).per_account(6).per_concurrency_key(2);
            let ran = worker.concurrency(6).build().run_until_idle().await.unwrap();
            assert_eq!((ran.done, load.most.load(SeqCst)), (6, expected), "{limit:?}");
        })
        .await;
    }
}

#[tokio::test]
async fn a_full_lane_does_not_hold_up_its_account() {
    for_each_database(async |db| {
        let bench = Bench::new(db);
        let mut tx = bench.db.begin().await.unwrap();
        for number in 0..100 {
            let job = Errand { lane: Some("crm".into()), ..errand("acme", &format!("a{number}")) };
            bench.queue.enqueue(&mut tx, &job).await.unwrap();
        }
        bench.queue.enqueue(&mut tx, &errand("acme", "b")).await.unwrap();
        tx.commit().await.unwrap();
        bench.tell("a0", Does::Hold);
        bench.tell("b", Does::Hold);
        let worker = bench.worker().concurrency(4).build();
        let (ran, ()) = tokio::join!(worker.run_until_idle(), async {
            bench.started(2).await;
            assert_eq!(bench.happened(), ["a0 #1", "b #1"]);
            bench.let_go(2);
        });
        assert_eq!(ran.unwrap().done, 101);
    })
    .await;
}
