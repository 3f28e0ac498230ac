//! What happens again and again, over days that take no time.

use chrono::{DateTime, TimeDelta, Utc};
use deskside::queue::{CatchUp, Schedule, Schedules};
use deskside::store::Db;

use crate::support::databases::{for_each_address, for_each_database};
use crate::support::errands::{Bench, errand};

const NINE: &str = "0 9 * * *";

fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("a time")
}

fn schedule(cron: &str, zone: &str, catch_up: CatchUp) -> Schedule {
    Schedule::new("acme", "contracts", cron, zone, catch_up).expect("a schedule")
}

/// A replica on which the schedule was set.
async fn replica_of(bench: &Bench, schedule: Schedule) -> Schedules {
    let schedules = Schedules::new(bench.queue.clone());
    schedules.set(&schedule, &errand("acme", "contracts")).await.expect("it is kept");
    schedules
}

async fn tick(schedules: &Schedules) -> Vec<String> {
    let fired = schedules.tick().await.expect("it ticks");
    fired.iter().map(|fired| fired.due.format("%m-%dT%H:%M").to_string()).collect()
}

/// A replica starts at `from` and looks at each of `looks`: what it fires then.
async fn check(schedule: Schedule, from: &str, looks: &[(&str, &[&str])]) {
    for_each_database(async |db| {
        let bench = Bench::new(db);
        bench.clock.advance(at(from) - bench.clock.now());
        let schedules = replica_of(&bench, schedule.clone()).await;
        for (look, expected) in looks {
            bench.clock.advance(at(look) - bench.clock.now());
            assert_eq!(tick(&schedules).await, *expected, "at {look}");
            assert_eq!(tick(&schedules).await, Vec::<String>::new(), "again at {look}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_new_schedule_has_missed_nothing_and_fires_on_time() {
    for catch_up in [CatchUp::None, CatchUp::Last, CatchUp::All] {
        check(
            schedule(NINE, "UTC", catch_up),
            "2026-11-22T12:00:00Z",
            &[
                ("2026-11-22T12:00:00Z", &[]),
                ("2026-11-23T08:59:59Z", &[]),
                ("2026-11-23T09:00:00Z", &["11-23T09:00"]),
                ("2026-11-24T09:00:59Z", &["11-24T09:00"]),
            ],
        )
        .await;
    }
}

#[tokio::test]
async fn after_three_days_of_silence_each_policy_does_its_own() {
    let silence =
        |expected| [("2026-11-25T10:00:00Z", expected), ("2026-11-26T09:00:00Z", &["11-26T09:00"][..])];
    let from = "2026-11-22T12:00:00Z";
    check(schedule(NINE, "UTC", CatchUp::None), from, &silence(&[])).await;
    check(schedule(NINE, "UTC", CatchUp::Last), from, &silence(&["11-25T09:00"])).await;
    check(
        schedule(NINE, "UTC", CatchUp::All),
        from,
        &silence(&["11-23T09:00", "11-24T09:00", "11-25T09:00"]),
    )
    .await;
}

#[tokio::test]
async fn a_long_silence_is_caught_up_in_portions() {
    for_each_database(async |db| {
        let bench = Bench::new(db);
        let schedules = replica_of(&bench, schedule("* * * * *", "UTC", CatchUp::All)).await;
        bench.wait(450 * 60);
        let mut fired = Vec::new();
        for portion in [200, 200, 50, 0] {
            let more = tick(&schedules).await;
            assert_eq!(more.len(), portion);
            fired.extend(more);
        }
        fired.dedup();
        assert_eq!(fired.len(), 450);
    })
    .await;
}

#[tokio::test]
async fn clocks_that_change_neither_lose_nor_repeat_a_fixed_time() {
    check(
        schedule("30 2 * * *", "Europe/Berlin", CatchUp::All),
        "2026-03-28T12:00:00Z",
        &[
            ("2026-03-29T00:59:59Z", &[]),
            ("2026-03-29T01:00:00Z", &["03-29T01:00"]), // 02:30 does not exist: right after the gap
            ("2026-03-30T00:30:00Z", &["03-30T00:30"]),
        ],
    )
    .await;
    check(
        schedule("30 2 * * *", "Europe/Berlin", CatchUp::All),
        "2026-10-24T12:00:00Z",
        &[
            ("2026-10-25T00:30:00Z", &["10-25T00:30"]), // summer time's 02:30
            ("2026-10-25T01:30:00Z", &[]),              // winter time's is the same fire time
            ("2026-10-26T01:30:00Z", &["10-26T01:30"]),
        ],
    )
    .await;
}

#[tokio::test]
async fn two_replicas_fire_once_and_a_restarted_one_does_not_repeat() {
    for_each_address(async |address| {
        let (one, other) =
            (Db::connect(&address.url, 4).await.unwrap(), Db::connect(&address.url, 4).await.unwrap());
        one.migrate().await.unwrap();
        let bench = Bench::new(one.clone());
        let replica = bench.replica(other.clone());
        let daily = schedule(NINE, "Asia/Tokyo", CatchUp::Last);
        let (first, second) =
            (replica_of(&bench, daily.clone()).await, replica_of(&replica, daily.clone()).await);
        let worker = bench.worker().build();
        for day in 23..28 {
            bench.clock.advance(at(&format!("2026-11-{day}T00:00:00Z")) - bench.clock.now());
            let (mut fired, more) = tokio::join!(tick(&first), tick(&second));
            fired.extend(more);
            assert_eq!(fired, [format!("11-{day}T00:00")], "{}", address.engine);
            worker.run_until_idle().await.unwrap();
        }
        let restarted = replica_of(&bench, daily).await;
        assert_eq!(tick(&restarted).await, Vec::<String>::new());
        worker.run_until_idle().await.unwrap();
        assert_eq!(bench.happened().len(), 5);
        one.close().await;
        other.close().await;
    })
    .await;
}

#[tokio::test]
async fn a_schedule_that_was_set_on_one_replica_is_fired_by_another() {
    for_each_address(async |address| {
        let (one, other) =
            (Db::connect(&address.url, 4).await.unwrap(), Db::connect(&address.url, 4).await.unwrap());
        one.migrate().await.unwrap();
        let bench = Bench::new(one.clone());
        let replica = bench.replica(other.clone());
        let second = Schedules::new(replica.queue.clone()); // knows nothing of it, nor of its kind of job
        assert_eq!(tick(&second).await, Vec::<String>::new());
        let first = replica_of(&bench, schedule(NINE, "UTC", CatchUp::Last)).await;
        bench.clock.advance(at("2026-11-23T09:00:00Z") - bench.clock.now());
        assert_eq!(tick(&second).await, ["11-23T09:00"], "{}", address.engine);
        assert_eq!(tick(&first).await, Vec::<String>::new());
        bench.worker().build().run_until_idle().await.unwrap();
        assert_eq!(bench.happened(), ["contracts #1"]);

        first.remove("acme", "contracts").await.unwrap();
        bench.wait(86_400);
        assert_eq!(tick(&second).await, Vec::<String>::new());
        one.close().await;
        other.close().await;
    })
    .await;
}

#[tokio::test]
async fn a_schedule_may_get_another_job_and_misses_nothing_by_that() {
    for_each_database(async |db| {
        let bench = Bench::new(db);
        let schedules = replica_of(&bench, schedule(NINE, "UTC", CatchUp::Last)).await;
        bench.clock.advance(at("2026-11-23T09:00:00Z") - bench.clock.now());
        schedules.set(&schedule(NINE, "UTC", CatchUp::Last), &errand("acme", "orders")).await.unwrap();
        assert_eq!(tick(&schedules).await, ["11-23T09:00"]);
        bench.worker().build().run_until_idle().await.unwrap();
        assert_eq!(bench.happened(), ["orders #1"]);
    })
    .await;
}

#[tokio::test]
async fn a_changed_expression_misses_nothing_that_it_would_have_fired_before() {
    for_each_database(async |db| {
        let bench = Bench::new(db);
        let schedules = replica_of(&bench, schedule("0 15 * * *", "UTC", CatchUp::Last)).await;
        bench.wait(86_400); // the 15:00 between was fired by nobody, and is of no interest any more
        replica_of(&bench, schedule("0 11 * * *", "UTC", CatchUp::Last)).await;
        assert_eq!(tick(&schedules).await, Vec::<String>::new());
        bench.wait(23 * 3600);
        assert_eq!(tick(&schedules).await, ["11-24T11:00"]);
    })
    .await;
}

#[tokio::test]
async fn a_missed_schedule_is_reported_until_it_fires_again() {
    for_each_database(async |db| {
        let bench = Bench::new(db);
        let schedules = replica_of(&bench, schedule(NINE, "UTC", CatchUp::None)).await;
        let missed = async || {
            let missed = schedules.missed(TimeDelta::minutes(5)).await.unwrap();
            missed.iter().map(|missed| missed.due.format("%m-%dT%H:%M").to_string()).collect::<Vec<_>>()
        };
        assert_eq!(missed().await, Vec::<String>::new(), "nothing was due yet");
        bench.clock.advance(at("2026-11-23T09:04:59Z") - bench.clock.now());
        assert_eq!(missed().await, Vec::<String>::new(), "it may be a little late");
        bench.clock.advance(at("2026-11-23T09:05:00Z") - bench.clock.now());
        assert_eq!(missed().await, ["11-23T09:00"]);
        assert_eq!(
            tick(&schedules).await,
            Vec::<String>::new(),
            "too late for a schedule that catches up nothing"
        );
        assert_eq!(missed().await, ["11-23T09:00"], "passed over is missed");
        bench.clock.advance(at("2026-11-24T09:00:00Z") - bench.clock.now());
        assert_eq!(tick(&schedules).await, ["11-24T09:00"]);
        bench.wait(3600);
        assert_eq!(missed().await, Vec::<String>::new());
        schedules.remove("acme", "contracts").await.unwrap();
        bench.wait(86_400);
        assert_eq!((tick(&schedules).await, missed().await), (vec![], vec![]));
    })
    .await;
}
