//! What we do later, as features and operators see it. Clocks are stopped; nothing sleeps.

use std::time::Duration;

use deskside::queue::{JobFilter, JobId, Ran, Retried, State};
use deskside::store::{Db, query};

use crate::support::databases::{for_each_address, for_each_database};
use crate::support::errands::{Bench, Does, Urgent, errand, noon};

/// One errand that always does `does`, through `rounds` of all the waiting it takes: what happens, and where it ends.
async fn check(does: Does, waits: &[i64], expected: &[&str], end: State) {
    for_each_database(async |db| {
        let bench = Bench::new(db);
        bench.tell("a", does);
        bench.wish("a").await;
        let worker = bench.worker().build();
        worker.run_until_idle().await.expect("it works");
        for wait in waits {
            bench.wait(*wait);
            worker.run_until_idle().await.expect("it works");
        }
        assert_eq!(bench.happened(), expected);
        assert_eq!(bench.count(end).await, 1, "it ends {end:?}");
    })
    .await;
}

#[tokio::test]
async fn what_ends_well_is_done_once() {
    check(Does::Well, &[3600], &["a #1"], State::Done).await;
}

#[tokio::test]
async fn what_fails_waits_longer_each_time_and_dies_after_its_last_attempt() {
    check(Does::Fail, &[9, 1, 19, 1, 36_000], &["a #1", "a #2", "a #3", "a is dead: it failed"], State::Dead)
        .await;
}

#[tokio::test]
async fn a_panic_is_a_failure() {
    check(Does::Panic, &[10], &["a #1", "a #2"], State::Ready).await;
}

#[tokio::test]
async fn what_cannot_succeed_dies_at_once() {
    check(Does::GiveUp, &[3600], &["a #1", "a is dead: it cannot succeed"], State::Dead).await;
}

#[tokio::test]
async fn what_gets_further_each_time_is_never_given_up() {
    check(
        Does::GetFurther,
        &[10, 10, 10, 10, 36_000, 10],
        &["a #1", "a #2", "a #2", "a #2", "a #2", "a #2", "a #2"],
        State::Ready,
    )
    .await;
}

#[tokio::test]
async fn being_asked_to_come_back_costs_no_attempt_until_its_window_is_over() {
    check(
        Does::ComeBack(1_000),
        &[999, 1, 1_000, 1_000, 1_000, 1_000, 1_000],
        &["a #1", "a #1", "a #1", "a #1", "a #1", "a #2", "a #3", "a is dead: it was asked to come back"],
        State::Dead,
    )
    .await;
}

#[tokio::test]
async fn a_wish_that_is_rolled_back_was_never_made() {
    for_each_database(async |db| {
        let bench = Bench::new(db);
        let mut tx = bench.db.begin().await.unwrap();
        bench.queue.enqueue(&mut tx, &errand("acme", "a")).await.unwrap();
        drop(tx);
        assert_eq!(bench.worker().build().run_until_idle().await.unwrap(), Ran::default());
        assert_eq!(bench.queue.counts().await.unwrap(), []);
    })
    .await;
}

#[tokio::test]
async fn wishes_with_one_key_are_one_per_account_and_kind() {
    for_each_database(async |db| {
        let bench = Bench::new(db);
        let first = bench.wish("a").await;
        assert_eq!(bench.wish("a").await, first);
        assert_ne!(bench.wish("b").await, first);
        assert_ne!(bench.wish_for(&errand("globex", "a")).await, first);
        assert_ne!(bench.wish_for(&Urgent(errand("acme", "a"))).await, first);
        let ran = bench.worker().build().run_until_idle().await.unwrap();
        assert_eq!(ran, Ran { done: 4, ..Ran::default() });
        assert_ne!(bench.wish("a").await, first, "what is done is over");
    })
    .await;
}

#[tokio::test]
async fn wishes_made_at_once_by_many_are_one() {
    for_each_database(async |db| {
        let bench = Bench::new(db);
        let ids = futures::future::join_all((0..8).map(|_| bench.wish("a"))).await;
        assert!(ids.iter().all(|id| *id == ids[0]));
        assert_eq!(bench.count(State::Ready).await, 1);
    })
    .await;
}

#[tokio::test]
async fn a_wish_for_what_is_running_runs_once_more_afterwards() {
    for_each_database(async |db| {
        let bench = Bench::new(db);
        bench.tell("a", Does::Hold);
        let id = bench.wish("a").await;
        let worker = bench.worker().build();
        let (ran, ()) = tokio::join!(worker.run_until_idle(), async {
            bench.started(1).await;
            assert_eq!(bench.wish("a").await, id);
            assert_eq!(bench.wish("a").await, id);
            bench.let_go(2);
        });
        assert_eq!(ran.unwrap(), Ran { done: 2, ..Ran::default() });
        assert_eq!(bench.happened(), ["a #1", "a #1 takes effect", "a #1", "a #1 takes effect"]);
        assert_eq!((bench.count(State::Ready).await, bench.count(State::Done).await), (0, 1));
    })
    .await;
}

#[tokio::test]
async fn what_is_wished_for_later_waits_and_a_sooner_wish_brings_it_forward() {
    for_each_database(async |db| {
        let bench = Bench::new(db);
        let worker = bench.worker().build();
        for (key, minutes) in [("a", 10), ("b", 10), ("b", 5), ("b", 20)] {
            let mut tx = bench.db.begin().await.unwrap();
            let at = noon() + chrono::TimeDelta::minutes(minutes);
            bench.queue.enqueue_at(&mut tx, &errand("acme", key), at).await.unwrap();
            tx.commit().await.unwrap();
        }
        worker.run_until_idle().await.unwrap();
        assert_eq!(bench.happened(), Vec::<String>::new());
        bench.wait(300);
        worker.run_until_idle().await.unwrap();
        assert_eq!(bench.happened(), ["b #1"]);
        bench.wait(300);
        worker.run_until_idle().await.unwrap();
        assert_eq!(bench.happened(), ["a #1"]);
    })
    .await;
}

#[tokio::test]
async fn what_a_job_waits_for_may_come_earlier_and_what_is_done_stays_done() {
    for_each_database(async |db| {
        let bench = Bench::new(db);
        let worker = bench.worker().build();
        bench.tell("a", Does::ComeBack(1_000));
        bench.wish("a").await;
        bench.wish("b").await;
        worker.run_until_idle().await.unwrap();
        bench.tell("a", Does::Well);
        for account in ["acme", "globex"] {
            for key in ["a", "b"] {
                let mut tx = bench.db.begin().await.unwrap();
                let soon = noon() + chrono::TimeDelta::seconds(60);
                bench.queue.hasten(&mut tx, &errand(account, key), soon).await.unwrap();
                tx.commit().await.unwrap();
            }
        }
        bench.wait(59);
        worker.run_until_idle().await.unwrap();
        bench.wait(1);
        worker.run_until_idle().await.unwrap();
        bench.wait(2_000);
        worker.run_until_idle().await.unwrap();
        let mut happened = bench.happened();
        happened[..2].sort();
        assert_eq!(happened, ["a #1", "b #1", "a #1"]);
    })
    .await;
}

fn dead_of(account: &str) -> JobFilter {
    let account = Some(account.to_owned());
    JobFilter { account, state: Some(State::Dead), ..JobFilter::first(10) }
}

#[tokio::test]
async fn a_person_retries_a_dead_job_from_its_first_attempt() {
    for_each_database(async |db| {
        let bench = Bench::new(db);
        bench.tell("a", Does::GiveUp);
        let id = bench.wish("a").await;
        let worker = bench.worker().build();
        worker.run_until_idle().await.unwrap();
        let dead = bench.queue.list(&dead_of("acme")).await.unwrap();
        assert_eq!(dead.len(), 1);
        assert_eq!(
            (dead[0].id.clone(), dead[0].attempt, dead[0].last_error.as_deref(), dead[0].finished_at),
            (id.clone(), 1, Some("it cannot succeed"), Some(noon()))
        );
        assert_eq!(bench.queue.list(&dead_of("globex")).await.unwrap(), []);
        assert_eq!(
            bench.queue.retry_dead("globex", &id).await.unwrap(),
            Retried::No,
            "not another account's"
        );

        bench.tell("a", Does::Well);
        assert_eq!(bench.queue.retry_dead("acme", &id).await.unwrap(), Retried::Yes);
        assert_eq!(
            bench.queue.retry_dead("acme", &id).await.unwrap(),
            Retried::No,
            "it is not dead any more"
        );
        worker.run_until_idle().await.unwrap();
        assert_eq!(bench.happened(), ["a #1", "a is dead: it cannot succeed", "a #1"]);
    })
    .await;
}

#[tokio::test]
async fn a_dead_job_stays_dead_while_a_new_one_does_its_work() {
    for_each_database(async |db| {
        let bench = Bench::new(db);
        bench.tell("a", Does::GiveUp);
        let id = bench.wish("a").await;
        bench.worker().build().run_until_idle().await.unwrap();
        bench.wish("a").await;
        assert_eq!(bench.queue.retry_dead("acme", &id).await.unwrap(), Retried::No);
    })
    .await;
}

/// A worker that dies in the middle of an errand, as far as the table can tell.
async fn dies_while_running(bench: &Bench, errands: u32) {
    let worker = bench.worker().build();
    tokio::select! {
        _ = worker.run_until_idle() => panic!("a hanging errand ended"),
        () = bench.started(errands) => {}
    }
}

#[tokio::test]
async fn a_lost_lease_is_retaken_and_crashes_count() {
    for_each_database(async |db| {
        let bench = Bench::new(db);
        bench.tell("a", Does::Hang);
        bench.wish("a").await;
        let worker = bench.worker().build();
        for _ in 0..2 {
            dies_while_running(&bench, 1).await;
            bench.wait(59);
            assert_eq!(worker.run_until_idle().await.unwrap(), Ran::default(), "its lease still holds");
            bench.wait(1);
        }
        dies_while_running(&bench, 1).await;
        bench.wait(60);
        assert_eq!(worker.run_until_idle().await.unwrap(), Ran { dead: 1, ..Ran::default() });
        assert_eq!(
            bench.happened(),
            ["a #1", "a #2", "a #3", "a is dead: its worker stopped without a word"]
        );
        assert_eq!(bench.count(State::Dead).await, 1);
    })
    .await;
}

#[tokio::test]
async fn who_lost_the_lease_has_no_effect() {
    for_each_database(async |db| {
        let bench = Bench::new(db);
        bench.tell("a", Does::Hold);
        bench.wish("a").await;
        let slow = bench.worker().concurrency(1).build(); // so that it does not find its own lost lease
        let next = bench.worker().build();
        let (slow, ()) = tokio::join!(slow.run_until_idle(), async {
            bench.started(1).await;
            bench.wait(61);
            let (next, ()) = tokio::join!(next.run_until_idle(), async {
                bench.started(1).await; // both hold the same errand now
                bench.let_go(2);
            });
            assert_eq!(next.unwrap(), Ran { done: 1, ..Ran::default() });
        });
        assert_eq!(slow.unwrap(), Ran { lost: 1, ..Ran::default() });
        let mut happened = bench.happened();
        happened.sort();
        assert_eq!(happened, ["a #1", "a #1 is refused", "a #2", "a #2 takes effect"]);
        assert_eq!(bench.count(State::Done).await, 1);
    })
    .await;
}

#[tokio::test]
async fn what_is_cancelled_has_no_effect_and_does_not_come_back() {
    for_each_database(async |db| {
        let bench = Bench::new(db);
        bench.tell("running", Does::Hold);
        let (waiting, running) = (bench.wish("waiting").await, bench.wish("running").await);
        assert!(!bench.queue.cancel("globex", &waiting).await.unwrap(), "not another account's");
        assert!(bench.queue.cancel("acme", &waiting).await.unwrap());
        assert!(!bench.queue.cancel("acme", &waiting).await.unwrap(), "it is cancelled already");
        assert!(!bench.queue.cancel("acme", &JobId::new("nonsense")).await.unwrap());
        let worker = bench.worker().build();
        let (ran, ()) = tokio::join!(worker.run_until_idle(), async {
            bench.started(1).await;
            assert!(bench.queue.cancel("acme", &running).await.unwrap());
            bench.let_go(1);
        });
        assert_eq!(ran.unwrap(), Ran { lost: 1, ..Ran::default() });
        bench.wait(3600);
        worker.run_until_idle().await.unwrap();
        assert_eq!(bench.happened(), ["running #1", "running #1 is refused"]);
        assert_eq!(bench.count(State::Cancelled).await, 2);
    })
    .await;
}

#[tokio::test]
async fn a_kind_that_this_version_does_not_know_is_left_for_one_that_does() {
    for_each_database(async |db| {
        let bench = Bench::new(db);
        bench.wish("a").await;
        let stranger =
            deskside::queue::Worker::builder(bench.queue.clone()).register::<Urgent>(bench.clone()).build();
        assert_eq!(stranger.run_until_idle().await.unwrap(), Ran::default());
        assert_eq!(bench.count(State::Ready).await, 1);
    })
    .await;
}

#[tokio::test]
async fn a_payload_that_cannot_be_read_is_a_dead_letter_that_says_so() {
    for_each_database(async |db| {
        let bench = Bench::new(db);
        bench.wish("a").await;
        query("UPDATE jobs SET payload = '{}'").execute(&bench.db).await.unwrap();
        bench.worker().build().run_until_idle().await.unwrap();
        let dead = bench.queue.list(&dead_of("acme")).await.unwrap();
        let error = dead[0].last_error.clone().unwrap_or_default();
        let expected = "this version cannot read the payload of a `errand` job: missing field";
        assert!(error.starts_with(expected), "{error}");
    })
    .await;
}

#[tokio::test]
async fn a_worker_hears_of_new_jobs_of_this_and_other_processes_and_drains() {
    for_each_address(async |address| {
        let (one, other) =
            (Db::connect(&address.url, 4).await.unwrap(), Db::connect(&address.url, 4).await.unwrap());
        one.migrate().await.unwrap();
        let bench = Bench::new(one.clone());
        bench.tell("a", Does::Hold);
        bench.tell("b", Does::Hold);
        let replica = bench.replica(other.clone());
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let worker = bench.worker().build();
        let run = worker.run(async {
            stopped.await.ok();
        });
        let ((), ()) = tokio::join!(run, async {
            bench.wish("a").await;
            bench.started(1).await;
            replica.wish("b").await;
            bench.started(1).await;
            stop.send(()).unwrap();
            bench.let_go(2); // they may end after the shutdown
        });
        assert_eq!(bench.count(State::Done).await, 2, "{}", address.engine);
        one.close().await;
        other.close().await;
    })
    .await;
}

#[tokio::test]
async fn what_does_not_end_in_time_after_the_shutdown_is_put_back_uncounted() {
    for_each_database(async |db| {
        let bench = Bench::new(db);
        bench.tell("a", Does::Hang);
        bench.wish("a").await;
        let worker = bench.worker().drain(Duration::ZERO).build();
        worker.run(bench.started(1)).await;
        bench.tell("a", Does::Well);
        bench.worker().build().run_until_idle().await.unwrap();
        assert_eq!(bench.happened(), ["a #1", "a #1"]);
    })
    .await;
}
