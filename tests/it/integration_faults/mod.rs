//! The fault table of integrations: a worker is killed with SIGKILL inside every transaction of a run, while each call is on its way and
//! when it has had its effect; and at every call Zendesk fails in every way. **After each**, the run or the next one ends with the
//! destination and the cards as the model says; calls that were made twice are listed. On both databases.
//!
//! A share of it is tried each time; all of it where `DESKSIDE_FAULTS=all` says so:
//!
//!     DESKSIDE_FAULTS=all cargo test -p tests --test it -- integration_faults --nocapture

mod calls; // where
pub mod kinds; // what, and for how long
mod trial; // one run

use std::time::Instant;

use deskside_sandbox::Fault;
use futures::StreamExt;
use tokio::sync::Mutex;

use crate::fault_table::deaths::{dies_when, engine, stands_and_dies, worker};
use crate::fault_table::table::{Row, Table};
use crate::support::testbed::{Testbed, bed};
use calls::Call;
use kinds::{KINDS, Kind, Lasts};
use trial::World;

/// Nobody waits so long: the worker is dead before.
const FOR_EVER_MS: u64 = 120_000;
/// A run commits less often than this.
const MOST_COMMITS: u32 = 80;
/// Of the whole table, each time: every so many-th trial, on one of the databases.
const SHARE: usize = 14;

/// What happens to a run.
#[derive(Debug, Clone, Copy)]
enum Case {
    Fault(Call, Kind, Lasts),
    /// The worker is killed: the call was sent and has had no effect.
    Before(Call),
    /// It has had its effect, and the answer has not come.
    After(Call),
    /// In a transaction, before it commits; so many were before.
    Commit(u32),
}

fn faults() -> Vec<Case> {
    let kinds = Call::ALL.into_iter().flat_map(|call| KINDS.map(|kind| (call, kind)));
    kinds.flat_map(|(call, kind)| Lasts::ALL.map(|lasts| Case::Fault(call, kind, lasts))).collect()
}

fn deaths() -> Vec<Case> {
    let calls = Call::ALL.into_iter().flat_map(|call| [Case::Before(call), Case::After(call)]);
    calls.chain((0..MOST_COMMITS).map(Case::Commit)).collect()
}

fn is_all() -> bool {
    std::env::var("DESKSIDE_FAULTS").is_ok_and(|which| which == "all")
}

/// Those that are tried on a database; the steps are none that a list's own pattern has.
fn share(cases: Vec<Case>, step: usize, on_postgres: bool) -> Vec<Case> {
    let first = if on_postgres { step / 2 } else { 0 };
    let is_tried = |place: usize| is_all() || place % step == first;
    cases.into_iter().enumerate().filter(|(place, _)| is_tried(*place)).map(|(_, case)| case).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_any_fault_of_zendesk_the_destination_is_as_the_model_says() {
    let table = Mutex::new(Table::default());
    try_all(&table, |on_postgres| share(faults(), 5 * SHARE + 3, on_postgres)).await;
    ends_right(&table.into_inner());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_any_death_of_the_worker_the_destination_is_as_the_model_says() {
    let table = Mutex::new(Table::default());
    try_all(&table, |on_postgres| share(deaths(), SHARE - 1, on_postgres)).await;
    ends_right(&table.into_inner());
}

/// In worlds of their own: those whose clients wait for a second only, and all others.
async fn try_all(table: &Mutex<Table>, cases: impl Fn(bool) -> Vec<Case>) {
    let at_a_time = if is_all() { 20 } else { 5 };
    let mut worlds = Vec::new();
    for on_postgres in [false, true] {
        let (impatient, patient): (Vec<_>, Vec<_>) = cases(on_postgres)
            .into_iter()
            .partition(|case| matches!(case, Case::Fault(_, kind, _) if kind.outlasts_the_window()));
        for (cases, is_impatient) in [(patient, false), (impatient, true)] {
            worlds.extend(cases.chunks(at_a_time).map(|cases| (cases.to_vec(), is_impatient, on_postgres)));
        }
    }
    futures::stream::iter(worlds)
        .for_each_concurrent(4, async |(cases, is_impatient, on_postgres)| {
            let plan = bed().setting("limits.max_changed_percent", "100");
            let plan = if is_impatient { plan.setting("net.total_timeout_s", "1") } else { plan };
            let test = async |bed: &Testbed| {
                let world = World::new(bed).await;
                for case in &cases {
                    let began = Instant::now();
                    let Some(row) = meets(&world, *case, table, on_postgres).await else { break };
                    if is_all() {
                        eprintln!("{:>6.1} s  {case:?}", began.elapsed().as_secs_f64());
                    }
                    table.lock().await.extend(vec![row]);
                }
            };
            if on_postgres { plan.run_on_postgres(test).await } else { plan.run(test).await }
        })
        .await;
}

fn ends_right(table: &Table) {
    println!("{}", table.text());
    eprintln!("{}", table.total());
    assert!(table.wrong().is_empty(), "ended wrong:\n{}", table.wrong().join("\n"));
}

/// What became of a run that met this; nothing where a run commits no more often.
async fn meets(world: &World<'_>, case: Case, table: &Mutex<Table>, on_postgres: bool) -> Option<Row> {
    let bed = world.bed;
    let (trial, call) = (world.begins().await, call_of(case));
    if call.is_some_and(Call::needs_a_lost_answer) {
        bed.vendors().fault(Call::Update.rule(Fault::LostAnswer { lost_answer: 502 }, 1));
        if matches!(case, Case::Before(_) | Case::After(_)) {
            world.works_once().await; // the worker that dies is the one after that
        }
    }
    if call == Some(Call::Token) {
        bed.vendors().expire_tokens();
    }
    let met = match case {
        Case::Fault(call, kind, lasts) => {
            let fault = bed.vendors().fault(call.rule(kind.fault, lasts.times()));
            world.works_until_it_ends(&trial, matches!(lasts, Lasts::UntilMended)).await;
            bed.vendors().met(fault) > 0
        }
        Case::Before(call) => {
            let fault = bed.vendors().fault(call.rule(Fault::Delay { delay_ms: FOR_EVER_MS }, 1));
            dies(world, || bed.vendors().met(fault) > 0).await
        }
        Case::After(call) => {
            let fault = bed.vendors().fault(call.rule(Fault::Late { late_ms: FOR_EVER_MS }, 1));
            dies(world, || bed.vendors().effected(fault) > 0).await
        }
        Case::Commit(passes) => {
            let victim = worker(bed, "Guarded", passes, &[]);
            tokio::task::spawn_blocking(move || stands_and_dies(victim)).await.expect("it is killed")
        }
    };
    if !met && matches!(case, Case::Commit(passes) if passes > 20) {
        bed.vendors().clear_faults();
        world.ends(&trial).await.expect("nothing happened to it");
        return None;
    }
    let phase = world.phase(&trial).await;
    bed.vendors().clear_faults();
    let ended = world.ends(&trial).await;
    let name = named(case, &phase);
    let engine = engine(on_postgres);
    if let Ok(twice @ 1..) = ended {
        table.lock().await.remark(format!(
            "{twice} calls more than needed: {} × {}, {} ({engine})",
            name.0.1, name.1, name.2
        ));
    }
    let wrong = if met {
        ended.err()
    } else {
        Some(ended.err().unwrap_or_else(|| "it never came to pass".to_owned()))
    };
    Some(Row { engine, call: name.0, kind: name.1, variant: name.2, wrong })
}

async fn dies(world: &World<'_>, so: impl Fn() -> bool) -> bool {
    dies_when(worker(world.bed, "none", 0, &[]), so).await
}

fn call_of(case: Case) -> Option<Call> {
    match case {
        Case::Fault(call, ..) | Case::Before(call) | Case::After(call) => Some(call),
        Case::Commit(_) => None,
    }
}

/// Where, what, and which of several.
fn named(case: Case, phase: &str) -> ((usize, String), String, String) {
    let of = |call: Call| {
        let place = Call::ALL.iter().position(|known| *known == call).unwrap_or_default();
        (place, call.name().to_owned())
    };
    match case {
        Case::Fault(call, kind, lasts) => (of(call), kind.name.to_owned(), format!("{lasts:?}")),
        Case::Before(call) => (of(call), "killed, call sent".to_owned(), String::new()),
        Case::After(call) => (of(call), "killed, call had effect".to_owned(), String::new()),
        Case::Commit(passes) => {
            ((100, "transactions of the run".to_owned()), format!("killed, {phase}"), passes.to_string())
        }
    }
}
