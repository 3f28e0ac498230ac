//! Many accounts, one worker: nobody's jobs keep another's waiting.

use crate::support::databases::for_each_database;
use crate::support::errands::{Bench, Does, Errand, errand};

fn in_lane(account: &str, key: &str) -> Errand {
    Errand { lane: Some("files".into()), ..errand(account, key) }
}

/// What has started since somebody last asked, in alphabetical order.
fn started(bench: &Bench) -> Vec<String> {
    let happened = bench.happened();
    let mut started: Vec<_> =
        happened.iter().filter_map(|line| line.strip_suffix(" #1")).map(str::to_owned).collect();
    started.sort();
    started
}

#[tokio::test]
async fn files_of_many_accounts_leave_a_place_for_a_call() {
    for_each_database(async |db| {
        let bench = Bench::new(db);
        for account in ["acme", "globex", "initech"] {
            for number in 0..3 {
                let key = format!("{account} {number}");
                bench.tell(&key, Does::Hold);
                bench.wish_for(&in_lane(account, &key)).await;
            }
        }
        bench.tell("call", Does::Hold);
        let worker = bench.worker().concurrency(4).per_account(4).per_concurrency_key(3).reserve(1).build();
        let (ran, ()) = tokio::join!(worker.run_until_idle(), async {
            bench.started(3).await;
            assert_eq!(started(&bench), ["acme 0", "globex 0", "initech 0"]);
            bench.wish_for(&errand("acme", "call")).await;
            bench.let_go(1); // this worker looks when a job ends
            while !started(&bench).contains(&"call".to_owned()) {
                bench.started(1).await;
            }
            bench.let_go(9);
        });
        assert_eq!(ran.expect("the queue answers").done, 10);
    })
    .await;
}

#[tokio::test]
async fn a_place_that_gets_free_goes_to_who_holds_least() {
    for_each_database(async |db| {
        let bench = Bench::new(db);
        for key in ["a0", "a1", "a2", "a3", "g0"] {
            bench.tell(key, Does::Hold);
        }
        for key in ["a0", "a1", "a2", "a3"] {
            bench.wish_for(&errand("acme", key)).await;
        }
        let worker = bench.worker().concurrency(2).per_account(2).build();
        let (ran, ()) = tokio::join!(worker.run_until_idle(), async {
            bench.started(2).await;
            started(&bench);
            bench.wish_for(&errand("globex", "g0")).await;
            bench.let_go(1);
            bench.started(1).await;
            assert_eq!(started(&bench), ["g0"], "acme still holds the other place");
            bench.let_go(4);
        });
        assert_eq!(ran.expect("the queue answers").done, 5);
    })
    .await;
}

#[tokio::test]
async fn a_worker_leaves_the_jobs_of_accounts_that_it_does_not_serve() {
    for_each_database(async |db| {
        let bench = Bench::new(db);
        bench.wish_for(&errand("acme", "a")).await;
        bench.wish_for(&errand("globex", "g")).await;
        for (accounts, expected) in [(["acme"], "a"), (["initech"], ""), (["globex"], "g")] {
            let worker = bench.worker().serving(accounts).build();
            let ran = worker.run_until_idle().await.expect("the queue answers");
            assert_eq!((started(&bench).concat().as_str(), ran.retried + ran.dead), (expected, 0));
        }
    })
    .await;
}
