//! A worker in a process of its own is killed with SIGKILL: while each call is on its way, when each call has had its effect
//! and the answer has not come, and inside each transaction of the queue and of the run, before it commits. Another worker
//! inherits what it left, and nobody has to ask again.

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use deskside_sandbox::{Fault, FaultId, FaultRule};
use futures::StreamExt;
use tokio::sync::Mutex;

use super::calls::{Asked, Call};
use super::table::{Row, Table};
use super::trial::{Case, PART, Stored, Trial};
use super::{AGENT, LEASE_S, StillBroken, to_the_end};
use crate::support::s3::{S3, files_below};
use crate::support::testbed::{Testbed, bed, variable};

/// Nobody waits so long: the worker is dead before.
const FOR_EVER_MS: u64 = 120_000;
/// A run of two small files commits more often than this, and less often than that.
const LEAST_COMMITS: u32 = 10;
const MOST_COMMITS: u32 = 30;

/// When it dies.
#[derive(Debug, Clone, Copy)]
enum Death {
    /// A call was sent and has had no effect.
    Before(Call),
    /// It has had its effect, and the answer has not come.
    After(Call),
    /// At a step of the queue, passed so often before.
    At(&'static str, u32),
}

fn deaths() -> Vec<Death> {
    let calls = Call::ALL.into_iter().flat_map(|call| [Death::Before(call), Death::After(call)]);
    let steps = ["BeforeClaim", "Claimed", "BeforeRun", "AfterRun", "BeforeDone", "Done"];
    let commits = (0..MOST_COMMITS).map(|passes| Death::At("Guarded", passes));
    calls.chain(steps.map(|step| Death::At(step, 0))).chain(commits).collect()
}

/// Every death inside a transaction or at a step of the queue on both databases. A call to a vendor is none of the database's
/// business: each of those deaths is tried on one of them, in turns; where `DESKSIDE_FAULTS=all` says so, on both.
pub async fn try_all(table: &Mutex<Table>) {
    let deaths = deaths();
    let (calls, steps) = deaths.split_at(2 * Call::ALL.len());
    let (sent, later) = calls.split_at(calls.len() / 2);
    let all = std::env::var("DESKSIDE_FAULTS").is_ok_and(|which| which == "all");
    let of = |deaths: &[Death], on_postgres: bool| -> Vec<Death> {
        let is_tried = |place: usize| {
            all || matches!(deaths[place], Death::At(..)) || place.is_multiple_of(2) == on_postgres
        };
        (0..deaths.len()).filter(|place| is_tried(*place)).map(|place| deaths[place]).collect()
    };
    let both = |deaths| [(of(deaths, false), false), (of(deaths, true), true)];
    futures::stream::iter([sent, later, steps].into_iter().flat_map(both))
        .for_each_concurrent(3, async |(deaths, on_postgres)| try_each(&deaths, on_postgres, table).await)
        .await;
    for on_postgres in [false, true] {
        in_a_folder(on_postgres, table).await;
    }
}

async fn try_each(deaths: &[Death], on_postgres: bool, table: &Mutex<Table>) {
    let store = S3::start().await;
    let plan = store.holds_the_archive_of(bed()).parts_of(PART);
    let test = async |bed: &Testbed| {
        let mut trials = Vec::new();
        for death in deaths {
            let Some(trial) = dies(bed, &store, *death).await else { break }; // it commits no more often
            trials.push((death, trial));
        }
        let (agent, stored) = (bed.agent(AGENT).await, Stored::of(store.files()));
        for (death, (trial, died)) in trials {
            let put_away = trial.is_put_away(bed, &stored, &trial.view(&agent).await).await;
            let wrong = if died { put_away.err() } else { Some("nobody died".to_owned()) };
            table.lock().await.extend(vec![row(*death, on_postgres, wrong)]);
        }
        table.lock().await.left_by_the_dead(store.unfinished());
    };
    if on_postgres { plan.run_on_postgres(test).await } else { plan.run(test).await }
}

/// One worker dies so, and another ends what it began; whether it came to that death. Nothing, where the run was over first.
async fn dies(bed: &Testbed, store: &S3, death: Death) -> Option<(Trial, bool)> {
    let call = match death {
        Death::Before(call) | Death::After(call) => call,
        Death::At(..) => Call::Ticket,
    };
    let mut trial = Trial::prepare(bed, call).await;
    bed.operator_archives(trial.ticket).await;
    let died = match death {
        Death::At(step, passes) => {
            let victim = victim(bed, step, passes);
            tokio::task::spawn_blocking(move || stands_and_dies(victim)).await.expect("it is killed")
        }
        Death::Before(call) => {
            let fault = trial.meets(bed, store, holds(call, Fault::Delay { delay_ms: FOR_EVER_MS }));
            dies_when(victim(bed, "none", 0), || met(bed, store, call, fault).0 > 0).await
        }
        Death::After(call) => {
            let fault = trial.meets(bed, store, holds(call, Fault::Late { late_ms: FOR_EVER_MS }));
            dies_when(victim(bed, "none", 0), || met(bed, store, call, fault).1 > 0).await
        }
    };
    bed.pass(LEASE_S);
    to_the_end(bed, false, StillBroken(false)).await;
    let over = matches!(death, Death::At("Guarded", passes) if !died && passes > LEAST_COMMITS);
    (!over).then_some((trial, died))
}

fn holds(call: Call, fault: Fault) -> Case {
    let kind = super::kinds::Kind { name: "held", fault, sent: false };
    Case { call, kind, lasts: super::kinds::Lasts::Once }
}

/// How many calls met it, and how many have had their effect.
fn met(bed: &Testbed, store: &S3, call: Call, fault: FaultId) -> (u32, u32) {
    if call.asked() == Asked::Store {
        (store.met(fault), store.effected(fault))
    } else {
        (bed.vendors().met(fault), bed.vendors().effected(fault))
    }
}

fn victim(bed: &Testbed, step: &str, passes: u32) -> Child {
    worker(bed, step, passes, &[])
}

/// A worker in a process of its own, with some settings of its own.
pub fn worker(bed: &Testbed, step: &str, passes: u32, settings: &[(&str, &str)]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_archive-victim"))
        .args([&bed.clock.now().to_rfc3339(), &PART.to_string(), step, &passes.to_string()])
        .env_clear()
        .envs(bed.environment.iter().cloned())
        .envs(settings.iter().map(|(key, value)| (variable(key), *value)))
        .stdout(Stdio::piped())
        .spawn()
        .expect("the victim starts")
}

/// SIGKILL, as soon as it says where it stands; false where it ended before.
pub fn stands_and_dies(mut victim: Child) -> bool {
    use std::io::{BufRead, BufReader};
    let out = BufReader::new(victim.stdout.take().expect("it is piped"));
    let stands = out.lines().map_while(Result::ok).any(|said| said.starts_with("at "));
    victim.kill().expect("it is killed");
    victim.wait().expect("it is gone");
    stands
}

/// SIGKILL, as soon as that is so; false where it ended before.
pub async fn dies_when(mut victim: Child, so: impl Fn() -> bool) -> bool {
    while !so() {
        if victim.try_wait().expect("it runs").is_some() {
            return so();
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    victim.kill().expect("it is killed");
    victim.wait().expect("it is gone");
    true
}

/// A large file is half in a folder when the worker is killed: what was there of it goes with the next attempt.
async fn in_a_folder(on_postgres: bool, table: &Mutex<Table>) {
    let plan = bed().parts_of(PART);
    let test = async |bed: &Testbed| {
        let trial = Trial::prepare(bed, Call::Part).await;
        bed.vendors().attach(trial.ticket, "third.bin", 3 * PART as u64).expect("it is attached");
        let trial = trial.looks_again(bed);
        bed.operator_archives(trial.ticket).await;
        let on = trial.bytes_of(bed, "third.bin");
        let stalls = Fault::Silent { silent_after: 2 * PART as u64 };
        bed.vendors().fault(FaultRule { on, times: 1, skip: 0, fault: stalls });
        let half = || {
            let is_half = |path: &std::path::PathBuf| {
                path.to_string_lossy().contains('#')
                    && path.metadata().is_ok_and(|about| about.len() >= PART as u64)
            };
            files_below(bed.archive_folder()).iter().any(is_half)
        };
        let died = dies_when(victim(bed, "none", 0), half).await && half();
        bed.pass(LEASE_S);
        to_the_end(bed, false, StillBroken(false)).await;
        let view = trial.view(&bed.agent(AGENT).await).await;
        let put_away = trial.is_put_away(bed, &Stored::of(files_below(bed.archive_folder())), &view).await;
        let wrong = if died { put_away.err() } else { Some("nobody died".to_owned()) };
        let call = (300, "folder".to_owned());
        let (kind, variant) = ("killed in a large file".to_owned(), String::new());
        table.lock().await.extend(vec![Row { engine: engine(on_postgres), call, kind, variant, wrong }]);
    };
    if on_postgres { plan.run_on_postgres(test).await } else { plan.run(test).await }
}

pub const fn engine(on_postgres: bool) -> &'static str {
    if on_postgres { "PostgreSQL" } else { "SQLite" }
}

fn row(death: Death, on_postgres: bool, wrong: Option<String>) -> Row {
    let of = |call: Call| {
        (Call::ALL.iter().position(|known| *known == call).unwrap_or_default(), call.name().to_owned())
    };
    let (call, kind, variant) = match death {
        Death::Before(call) => (of(call), "killed, call sent".to_owned(), String::new()),
        Death::After(call) => (of(call), "killed, call had effect".to_owned(), String::new()),
        Death::At("Guarded", passes) => (
            (200, "transactions of the run".to_owned()),
            "killed before commit".to_owned(),
            passes.to_string(),
        ),
        Death::At(step, _) => {
            ((100, "steps of the queue".to_owned()), format!("killed at {step}"), String::new())
        }
    };
    Row { engine: engine(on_postgres), call, kind, variant, wrong }
}
