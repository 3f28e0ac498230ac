//! Kills a worker with SIGKILL at every step of a job's life, and at moments chosen by chance, on both databases; then
//! another worker inherits the table. Nothing is lost, nothing is started after its attempts are spent, effects happen
//! once. Run with `--nocapture` for the table of what was tried.

#[expect(dead_code, reason = "the harness opens its databases itself")]
#[path = "../support/databases.rs"]
mod databases; // each engine, fresh
mod pay; // the work

use std::collections::BTreeMap;
use std::fmt::Write;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use chrono::TimeDelta;
use databases::{Address, on_migrated_postgres, on_migrated_sqlite};
use deskside::clock::Clock;
use deskside::queue::{Probe, State, Step};
use deskside::store::{Db, query};
use pay::{ATTEMPTS, Goes, Pay};

/// Every step of the queue, and those of the work itself.
fn steps() -> Vec<String> {
    let own = ["OrderWritten", "OrderCommitted", "EffectWritten", "EffectCommitted"];
    Step::ALL.iter().map(|step| format!("{step:?}")).chain(own.map(str::to_owned)).collect()
}

fn payments(of_each: u32) -> Vec<Pay> {
    let kinds = [Goes::Well, Goes::Slowly, Goes::BadlyOnce, Goes::Badly];
    (0..of_each)
        .flat_map(|number| kinds.map(|goes| Pay { key: format!("{goes:?} {number}"), goes }))
        .collect()
}

/// The harness's own tables.
async fn prepare(db: &Db) {
    for table in [
        "CREATE TABLE effects (job TEXT NOT NULL, what TEXT NOT NULL)",
        "CREATE TABLE starts (job TEXT NOT NULL, attempt BIGINT NOT NULL)",
    ] {
        query(table).execute(db).await.expect("the harness's tables are made");
    }
}

/// Runs a trial on a fresh database of each engine.
async fn for_each_database(trial: impl AsyncFn(Address)) {
    on_migrated_sqlite(&trial).await;
    on_migrated_postgres(&trial).await;
}

/// A database with work to do.
async fn stage(address: &Address, of_each: u32) -> Db {
    let db = Db::connect(&address.url, 4).await.expect("the database opens");
    prepare(&db).await;
    let queue = pay::queue(&db, Clock::system());
    let mut tx = db.begin().await.expect("a transaction");
    for pay in payments(of_each) {
        pay::order(&queue, &mut tx, &pay).await.expect("it is ordered");
    }
    tx.commit().await.expect("it is committed");
    db
}

fn victim(address: &Address, step: &str, passes: u32) -> Child {
    Command::new(env!("CARGO_BIN_EXE_queue-victim"))
        .args([&address.url, step, &passes.to_string()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the victim starts")
}

/// Until the victim stands at the step.
fn wait_for(victim: &mut Child, line: &str) {
    let out = BufReader::new(victim.stdout.as_mut().expect("it is piped"));
    let stands = out.lines().map_while(Result::ok).any(|said| said == line);
    assert!(stands, "the victim never said `{line}`");
}

/// Lets the victim go on, to its end.
fn let_go(mut victim: Child) {
    drop(victim.stdin.take()); // the end of its input
    let end = victim.wait().expect("it ends");
    assert!(end.success(), "the victim failed");
}

/// SIGKILL.
fn kill(mut victim: Child) {
    victim.kill().expect("it is killed");
    victim.wait().expect("it is gone");
}

fn no_mark(_: &str) {}

/// Another worker, an hour later and again, until nothing is left to do.
async fn inherit(db: &Db) {
    let clock = Clock::stopped_at(Clock::system().now());
    let queue = pay::queue(db, clock.clone());
    let worker = pay::worker(queue.clone(), no_mark, None::<Nobody>);
    for _ in 0..=ATTEMPTS {
        clock.advance(TimeDelta::hours(1));
        worker.run_until_idle().await.expect("it works");
    }
    let counts = queue.counts().await.expect("counts");
    let live: Vec<_> =
        counts.iter().filter(|count| matches!(count.state, State::Ready | State::Leased)).collect();
    assert!(live.is_empty(), "left over: {live:?}");
}

struct Nobody;

impl Probe for Nobody {
    fn at(&self, _: Step, _: &deskside::queue::JobId) {}
}

/// What became of one payment.
#[derive(Debug, Default)]
struct Fate {
    state: String,
    starts: Vec<u32>,
    effects: BTreeMap<String, u32>,
}

async fn fates(db: &Db) -> BTreeMap<String, Fate> {
    let mut fates = BTreeMap::<String, Fate>::new();
    for row in query("SELECT job, what FROM effects").all(db).await.expect("effects") {
        let fate = fates.entry(row.get("job").expect("text")).or_default();
        *fate.effects.entry(row.get("what").expect("text")).or_default() += 1;
    }
    for row in query("SELECT job, attempt FROM starts ORDER BY attempt").all(db).await.expect("starts") {
        fates
            .entry(row.get("job").expect("text"))
            .or_default()
            .starts
            .push(row.get("attempt").expect("number"));
    }
    for row in query("SELECT key, state FROM jobs").all(db).await.expect("jobs") {
        fates.entry(row.get("key").expect("text")).or_default().state = row.get("state").expect("text");
    }
    fates
}

/// The promises. With one kill, every job still has an attempt to spare; with more, it may have died of crashes.
async fn verify(db: &Db, of_each: u32, kills: u32, trial: &str) -> String {
    let fates = fates(db).await;
    for pay in payments(of_each) {
        assert!(fates.contains_key(&pay.key), "{trial}: `{}` is lost", pay.key);
    }
    let mut tally = BTreeMap::<&str, u32>::new();
    for (key, fate) in &fates {
        let trial = format!("{trial}: `{key}`: {fate:?}");
        let once = |what: &str| fate.effects.get(what) == Some(&1);
        *tally.entry(&fate.state).or_default() += 1;
        assert!(once("ordered"), "{trial}: ordered and enqueued are one");
        assert!(fate.effects.values().all(|times| *times == 1), "{trial}: an effect happened twice");
        assert!(
            fate.starts.iter().all(|attempt| (1..=ATTEMPTS).contains(attempt)),
            "{trial}: beyond its attempts"
        );
        assert!(
            fate.starts.windows(2).all(|pair| pair[0] < pair[1]),
            "{trial}: an attempt was started twice"
        );
        match fate.state.as_str() {
            "done" => assert!(once("first") && once("second") && !once("said dead"), "{trial}"),
            "dead" => {
                assert!(once("said dead") && !once("second"), "{trial}");
                assert!(key.starts_with("Badly ") || kills > 1, "{trial}: it had an attempt to spare");
            }
            _ => panic!("{trial}: it has not ended"),
        }
        assert!(!(key.starts_with("Badly ") && fate.state == "done"), "{trial}");
    }
    tally.iter().fold(String::new(), |mut words, (state, jobs)| {
        write!(words, "{jobs} {state}  ").expect("text");
        words
    })
}

#[tokio::test]
async fn killed_at_every_step_no_job_is_lost_and_every_effect_happens_once() {
    let mut table = String::from("killed at        × passes  database     outcome\n");
    for step in steps() {
        // The first time, and once in the middle of things.
        for passes in [0, 2] {
            if passes > 0 && step.starts_with("Order") {
                continue; // it orders once
            }
            let line = tokio::sync::Mutex::new(String::new());
            for_each_database(async |address| {
                let db = stage(&address, 3).await;
                let mut victim = victim(&address, &step, passes);
                wait_for(&mut victim, &format!("at {step}"));
                kill(victim);
                inherit(&db).await;
                let trial = format!("{step}, after {passes}, {}", address.engine);
                let outcome = verify(&db, 3, 1, &trial).await;
                writeln!(line.lock().await, "{step:<16} × {passes:<6}  {:<11}  {outcome}", address.engine)
                    .expect("text");
                db.close().await;
            })
            .await;
            table += &line.into_inner();
        }
    }
    println!("{table}");
}

/// Not dead, only slow: somebody else has long taken its jobs over when it goes on.
#[tokio::test]
async fn held_up_at_every_step_it_changes_nothing_of_jobs_that_are_done() {
    let mut table = String::from("held up at       × passes  database     outcome\n");
    // Not inside a transaction, where it would hold up everybody, nor before its work.
    let others = ["BeforeClaim", "Guarded", "EffectWritten", "OrderWritten", "OrderCommitted"];
    for step in steps().iter().filter(|step| !others.contains(&step.as_str())) {
        let line = tokio::sync::Mutex::new(String::new());
        for_each_database(async |address| {
            let db = stage(&address, 3).await;
            let mut victim = victim(&address, step, 1);
            wait_for(&mut victim, &format!("at {step}"));
            inherit(&db).await;
            let before = verify(&db, 3, 1, &format!("{step}, taken over, {}", address.engine)).await;
            let_go(victim);
            let outcome = verify(&db, 3, 1, &format!("{step}, gone on, {}", address.engine)).await;
            assert_eq!(outcome, before, "{step}");
            writeln!(line.lock().await, "{step:<16} × {:<6}  {:<11}  {outcome}", 1, address.engine)
                .expect("text");
            db.close().await;
        })
        .await;
        table += &line.into_inner();
    }
    println!("{table}");
}

#[tokio::test]
async fn killed_again_and_again_every_job_ends_and_no_effect_happens_twice() {
    let table = tokio::sync::Mutex::new(String::from("killed at any moment, five times in a row\n"));
    let all = std::env::var("DESKSIDE_FAULTS").is_ok_and(|which| which == "all");
    for round in 0..if all { 10 } else { 3 } {
        for_each_database(async |address| {
            let db = stage(&address, 6).await;
            let mut moments = Vec::new();
            for _ in 0..5 {
                let moment = rand::random_range(0..700);
                let mut victim = victim(&address, "none", 0);
                wait_for_work(&mut victim);
                std::thread::sleep(Duration::from_millis(moment)); // chance, not synchronisation
                kill(victim);
                moments.push(moment);
            }
            inherit(&db).await;
            let outcome = verify(&db, 6, 5, &format!("round {round}, {}", address.engine)).await;
            writeln!(table.lock().await, "{:<11} after {moments:?} ms: {outcome}", address.engine)
                .expect("text");
            db.close().await;
        })
        .await;
    }
    println!("{}", table.into_inner());
}

fn wait_for_work(victim: &mut Child) {
    let mut line = String::new();
    BufReader::new(victim.stdout.take().expect("it is piped")).read_line(&mut line).expect("it speaks");
    assert_eq!(line, "working\n");
}
