//! The queue against a model of it: whatever is wished, run, crashed, cancelled and retried, in whatever order, the
//! table says what the model says.

use std::collections::BTreeMap;

use deskside::queue::JobId;
use deskside::store::{Db, query};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::support::databases::{on_postgres, on_sqlite};
use crate::support::errands::{Bench, Does};

const KEYS: [&str; 3] = ["a", "b", "c"];
const ATTEMPTS: u32 = 3;
const LEASE: i64 = 60;

#[derive(Debug, Clone)]
enum Op {
    Wish(usize),
    /// A worker runs all that is due; each key's errand does as listed.
    Work([Does; 3]),
    /// A worker claims all that is due and dies.
    Crash,
    Wait(i64),
    Cancel(usize),
    RetryDead(usize),
}

fn ops() -> impl Strategy<Value = Vec<Op>> {
    let does =
        prop::sample::select(vec![Does::Well, Does::Fail, Does::Fail, Does::GiveUp, Does::ComeBack(30)]);
    let op = prop_oneof![
        3 => (0..3_usize).prop_map(Op::Wish),
        3 => [does.clone(), does.clone(), does].prop_map(Op::Work),
        2 => Just(Op::Crash),
        3 => prop::sample::select(vec![1_i64, 10, 20, 30, 60, 2000]).prop_map(Op::Wait),
        1 => (0..3_usize).prop_map(Op::Cancel),
        1 => (0..3_usize).prop_map(Op::RetryDead),
    ];
    prop::collection::vec(op, 1..40)
}

/// The latest job of a key, as the model has it.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Job {
    Ready { attempt: u32, at: i64, since: i64 },
    Leased { attempt: u32, until: i64, since: i64 },
    Done,
    Dead,
    Cancelled,
}

/// Seconds since the bench began, and the jobs.
#[derive(Default)]
struct Model {
    now: i64,
    jobs: BTreeMap<usize, Job>,
}

impl Model {
    fn wish(&mut self, key: usize) {
        let live = matches!(self.jobs.get(&key), Some(Job::Ready { .. } | Job::Leased { .. }));
        if !live {
            self.jobs.insert(key, Job::Ready { attempt: 0, at: self.now, since: self.now });
        }
    }

    /// Lost leases are put back, or buried when they were the last.
    fn recover(&mut self) {
        let now = self.now;
        for job in self.jobs.values_mut() {
            match *job {
                Job::Leased { attempt: ATTEMPTS, until, .. } if until <= now => *job = Job::Dead,
                Job::Leased { attempt, until, since } if until <= now => {
                    *job = Job::Ready { attempt, at: now, since }
                }
                _ => {}
            }
        }
    }

    fn work(&mut self, does: [Does; 3]) {
        self.recover();
        let now = self.now;
        for (key, job) in &mut self.jobs {
            let Job::Ready { attempt, at, since } = *job else { continue };
            if at > now {
                continue;
            }
            let attempt = attempt + 1;
            let patient = now - since <= 3600;
            *job = match does[*key] {
                Does::Well => Job::Done,
                Does::GiveUp => Job::Dead,
                Does::ComeBack(wait) if patient => {
                    Job::Ready { attempt: attempt - 1, at: now + wait.cast_signed(), since }
                }
                _ if attempt == ATTEMPTS => Job::Dead,
                Does::ComeBack(wait) => Job::Ready { attempt, at: now + wait.cast_signed(), since },
                _ => Job::Ready { attempt, at: now + (10 << (attempt - 1)), since },
            };
        }
    }

    fn crash(&mut self) -> u32 {
        self.recover();
        let now = self.now;
        let mut claimed = 0;
        for job in self.jobs.values_mut() {
            if let Job::Ready { attempt, at, since } = *job
                && at <= now
            {
                *job = Job::Leased { attempt: attempt + 1, until: now + LEASE, since };
                claimed += 1;
            }
        }
        claimed
    }

    fn cancel(&mut self, key: usize) {
        if let Some(job @ (Job::Ready { .. } | Job::Leased { .. })) = self.jobs.get_mut(&key) {
            *job = Job::Cancelled;
        }
    }

    fn retry_dead(&mut self, key: usize) {
        let now = self.now;
        if let Some(job @ Job::Dead) = self.jobs.get_mut(&key) {
            *job = Job::Ready { attempt: 0, at: now, since: now };
        }
    }
}

/// The same operation for the real one.
async fn apply(op: &Op, model: &mut Model, bench: &Bench, ids: &mut BTreeMap<usize, JobId>) {
    let worker = || bench.worker().per_account(10).build();
    match op {
        Op::Wish(key) => {
            model.wish(*key);
            ids.insert(*key, bench.wish(KEYS[*key]).await);
        }
        Op::Work(does) => {
            model.work(*does);
            for (key, does) in KEYS.iter().zip(does) {
                bench.tell(key, *does);
            }
            worker().run_until_idle().await.unwrap();
        }
        Op::Crash => {
            let claimed = model.crash();
            // What is lost is recovered first, while nothing can be claimed.
            bench.queue.pause("errand").await.unwrap();
            worker().run_until_idle().await.unwrap();
            bench.queue.resume("errand").await.unwrap();
            for key in KEYS {
                bench.tell(key, Does::Hang);
            }
            let worker = worker();
            if claimed > 0 {
                tokio::select! {
                    _ = worker.run_until_idle() => panic!("a hanging errand ended"),
                    () = bench.started(claimed) => {}
                }
            }
        }
        Op::Wait(seconds) => {
            model.now += seconds;
            bench.wait(*seconds);
        }
        Op::Cancel(key) => {
            model.cancel(*key);
            if let Some(id) = ids.get(key) {
                bench.queue.cancel("acme", id).await.unwrap();
            }
        }
        Op::RetryDead(key) => {
            model.retry_dead(*key);
            if let Some(id) = ids.get(key) {
                bench.queue.retry_dead("acme", id).await.unwrap();
            }
        }
    }
}

/// The latest job of each key, as the table has it.
async fn table(db: &Db, start: i64) -> BTreeMap<usize, Job> {
    let rows = query("SELECT key, state, attempt, run_at_us, lease_until_us, since_us FROM jobs ORDER BY id");
    let mut jobs = BTreeMap::new();
    for row in rows.all(db).await.unwrap() {
        let key: String = row.get("key").unwrap();
        let key = KEYS.iter().position(|known| *known == key).unwrap();
        let seconds = |us: i64| (us - start) / 1_000_000;
        let (attempt, since) = (row.get("attempt").unwrap(), seconds(row.get("since_us").unwrap()));
        let job = match row.get::<String>("state").unwrap().as_str() {
            "ready" => Job::Ready { attempt, at: seconds(row.get("run_at_us").unwrap()), since },
            "leased" => Job::Leased { attempt, until: seconds(row.get("lease_until_us").unwrap()), since },
            "done" => Job::Done,
            "dead" => Job::Dead,
            _ => Job::Cancelled,
        };
        jobs.insert(key, job);
    }
    jobs
}

async fn check(db: &Db, ops: &[Op]) -> Result<(), TestCaseError> {
    query("DELETE FROM jobs").execute(db).await.unwrap();
    let bench = Bench::new(db.clone());
    let start = bench.clock.now().timestamp_micros();
    let (mut model, mut ids) = (Model::default(), BTreeMap::new());
    for (number, op) in ops.iter().enumerate() {
        apply(op, &mut model, &bench, &mut ids).await;
        prop_assert_eq!(&table(db, start).await, &model.jobs, "after operation {} ({:?})", number, op);
    }
    Ok(())
}

/// One database for all cases: they clear the table.
fn run(url: &str, cases: u32) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let db = runtime.block_on(async {
        let db = Db::connect(url, 4).await.unwrap();
        db.migrate().await.unwrap();
        db
    });
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let end = TestRunner::new(config).run(&ops(), |ops| runtime.block_on(check(&db, &ops)));
    runtime.block_on(db.close());
    end.unwrap();
}

#[tokio::test]
async fn sqlite_does_what_the_model_does() {
    on_sqlite(async |address| tokio::task::spawn_blocking(move || run(&address.url, 64)).await.unwrap())
        .await;
}

#[tokio::test]
async fn postgres_does_what_the_model_does() {
    on_postgres(async |address| tokio::task::spawn_blocking(move || run(&address.url, 24)).await.unwrap())
        .await;
}
