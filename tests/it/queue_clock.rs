//! Replicas whose clocks disagree: on PostgreSQL leases and waits are timed by the database's clock.

use chrono::TimeDelta;
use deskside::queue::{Ran, State};
use deskside::store::Db;

use crate::support::databases::on_postgres;
use crate::support::errands::{Bench, Does};

#[tokio::test]
async fn a_replica_whose_clock_is_wrong_takes_no_job_from_another() {
    on_postgres(async |address| {
        let db = Db::connect(&address.url, 8).await.expect("it opens");
        db.migrate().await.expect("it is migrated");
        let bench = Bench::new(db.clone());
        let right = bench.wrong_by(0);
        for hours in [1, -1, 24 * 365] {
            let wrong = bench.wrong_by(hours);
            right.tell("held", Does::Hold);
            right.wish("held").await;
            let worker = right.worker().build();
            let works = tokio::spawn(async move { worker.run_until_idle().await });
            right.started(1).await;
            assert_eq!(wrong.worker().build().run_until_idle().await.unwrap(), Ran::default(), "{hours} h");
            right.let_go(1);
            assert_eq!(works.await.unwrap().unwrap(), Ran { done: 1, ..Ran::default() }, "{hours} h");
            assert_eq!(right.happened(), ["held #1", "held #1 takes effect"], "{hours} h");
        }
        db.close().await;
    })
    .await;
}

#[tokio::test]
async fn a_wish_of_a_replica_whose_clock_is_wrong_is_due_at_once() {
    on_postgres(async |address| {
        let db = Db::connect(&address.url, 8).await.expect("it opens");
        db.migrate().await.expect("it is migrated");
        let bench = Bench::new(db.clone());
        let right = bench.wrong_by(0);
        for hours in [1, -1] {
            let wrong = bench.wrong_by(hours);
            let ahead = wrong.queue.follow_database().await.unwrap().expect("PostgreSQL has a clock");
            assert!((ahead - TimeDelta::hours(hours)).abs() < TimeDelta::minutes(1), "{ahead}");
            wrong.wish("now").await;
            let ran = right.worker().build().run_until_idle().await.unwrap();
            assert_eq!((ran.done, right.count(State::Ready).await), (1, 0), "{hours} h");
        }
        db.close().await;
    })
    .await;
}
