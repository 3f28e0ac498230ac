//! The fault table of notices: every vendor call of every kind of notice fails in every way, and a worker is killed with SIGKILL while each call
//! is on its way, when it has had its effect, and inside every transaction. **After each**, nobody was told twice, nobody was missed, and
//! every alert is resolved; what cannot be so (a webhook that knows no repetition) is listed. On both databases.
//!
//! A share of it is tried each time; all of it where `DESKSIDE_FAULTS=all` says so:
//!
//!     DESKSIDE_FAULTS=all cargo test -p tests --test it -- notice_faults --nocapture

mod calls; // where
mod trial; // one ticket

use std::time::Instant;

use deskside_sandbox::Fault;
use futures::StreamExt;
use tokio::sync::Mutex;

use crate::fault_table::Lasts;
use crate::fault_table::deaths::{dies_when, engine, stands_and_dies, worker};
use crate::fault_table::table::{Row, Table};
use crate::integration_faults::kinds::{KINDS, Kind};
use crate::support::testbed::Testbed;
use calls::{Call, Marks, Scene};
use trial::{Allowed, World, plan};

/// Nobody waits so long: the worker is dead before.
const FOR_EVER_MS: u64 = 120_000;
/// The notices of a ticket commit less often than this.
const MOST_COMMITS: u32 = 40;
/// Of the whole table, each time: every so many-th trial, on one of the databases.
const SHARE_OF_FAULTS: usize = 59;
const SHARE_OF_DEATHS: usize = 17;

/// What happens.
#[derive(Debug, Clone, Copy)]
enum Case {
    Fault(Call, Kind, Lasts),
    /// The worker is killed: the call was sent and has had no effect.
    Before(Call),
    /// It has had its effect, and the answer has not come.
    After(Call),
    /// In a transaction, before it commits; so many were before.
    Commit(Scene, u32),
}

fn faults() -> Vec<Case> {
    let kinds = Call::ALL.into_iter().flat_map(|call| KINDS.map(|kind| (call, kind)));
    let shown = kinds.filter(|(call, kind)| !(kind.name == "404" && call.may_be_missing()));
    shown.flat_map(|(call, kind)| Lasts::ALL.map(|lasts| Case::Fault(call, kind, lasts))).collect()
}

fn deaths() -> Vec<Case> {
    let calls = Call::ALL.into_iter().flat_map(|call| [Case::Before(call), Case::After(call)]);
    let commits = [Scene::Told, Scene::Newcomer].into_iter();
    let commits = commits.flat_map(|scene| (0..MOST_COMMITS).map(move |passes| Case::Commit(scene, passes)));
    calls.chain(commits).collect()
}

fn is_all() -> bool {
    std::env::var("DESKSIDE_FAULTS").is_ok_and(|which| which == "all")
}

/// Those that are tried on a database.
fn share(cases: Vec<Case>, step: usize, on_postgres: bool) -> Vec<Case> {
    let first = if on_postgres { step / 2 } else { 0 };
    let is_tried = |place: usize| is_all() || place % step == first;
    cases.into_iter().enumerate().filter(|(place, _)| is_tried(*place)).map(|(_, case)| case).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_any_fault_of_a_vendor_everybody_was_told_once() {
    let table = Mutex::new(Table::default());
    try_all(&table, |on_postgres| share(faults(), SHARE_OF_FAULTS, on_postgres)).await;
    ends_right(&table.into_inner());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_any_death_of_the_worker_everybody_was_told_once() {
    let table = Mutex::new(Table::default());
    try_all(&table, |on_postgres| share(deaths(), SHARE_OF_DEATHS, on_postgres)).await;
    ends_right(&table.into_inner());
}

/// In worlds of their own: by scene, and those whose clients wait for a second only.
async fn try_all(table: &Mutex<Table>, cases: impl Fn(bool) -> Vec<Case>) {
    let mut worlds: Vec<(Vec<Case>, Scene, bool, bool)> = Vec::new();
    for on_postgres in [false, true] {
        for scene in [Scene::Told, Scene::Group, Scene::Newcomer] {
            for is_impatient in [false, true] {
                let mut cases = cases(on_postgres);
                cases.retain(|case| scene_of(*case) == scene && outlasts(*case) == is_impatient);
                let chunks = cases.chunks(20).map(|cases| (cases.to_vec(), scene, is_impatient, on_postgres));
                worlds.extend(chunks);
            }
        }
    }
    futures::stream::iter(worlds)
        .for_each_concurrent(4, async |(cases, scene, is_impatient, on_postgres)| {
            let plan = plan(scene);
            let plan = if is_impatient { plan.setting("net.total_timeout_s", "1") } else { plan };
            let test = async |bed: &Testbed| {
                let world = World::new(bed, scene).await;
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

fn scene_of(case: Case) -> Scene {
    match case {
        Case::Fault(call, ..) | Case::Before(call) | Case::After(call) => call.scene(),
        Case::Commit(scene, _) => scene,
    }
}

fn outlasts(case: Case) -> bool {
    matches!(case, Case::Fault(_, kind, _) if kind.outlasts_the_window())
}

fn call_of(case: Case) -> Option<Call> {
    match case {
        Case::Fault(call, ..) | Case::Before(call) | Case::After(call) => Some(call),
        Case::Commit(..) => None,
    }
}

/// What became of a ticket's notices that met this; nothing where they commit no more often.
async fn meets(world: &World<'_>, case: Case, table: &Mutex<Table>, on_postgres: bool) -> Option<Row> {
    let bed = world.bed;
    let (marks, call) = (world.begins().await, call_of(case));
    let is_of_the_end = call.is_some_and(Call::is_of_the_end);
    if is_of_the_end {
        world.works(false).await.expect("nothing goes wrong yet");
        world.is_solved(marks).await;
    }
    if call == Some(Call::Token) {
        bed.vendors().expire_tokens();
    }
    let met = befalls(world, case, marks).await;
    bed.vendors().clear_faults();
    let allowed = match case {
        Case::Fault(_, _, Lasts::UntilMended) => Allowed::GivenUp,
        Case::Fault(..) => Allowed::Told,
        _ => Allowed::Unsure,
    };
    let ended = world.ends(marks, allowed, is_of_the_end).await;
    if !met && matches!(case, Case::Commit(_, passes) if passes > 3) {
        ended.expect("nothing happened");
        return None;
    }
    let (name, engine) = (named(case), engine(on_postgres));
    for remark in ended.iter().flatten() {
        table.lock().await.remark(format!("{} × {}, {} ({engine}): {remark}", name.0.1, name.1, name.2));
    }
    let wrong = ended.err().or_else(|| (!met).then(|| "it never came to pass".to_owned()));
    Some(Row { engine, call: name.0, kind: name.1, variant: name.2, wrong })
}

/// It happens; whether it came to that.
async fn befalls(world: &World<'_>, case: Case, marks: Marks) -> bool {
    let vendors = world.bed.vendors();
    let dies = async |call: Call, fault: Fault, is_there: &dyn Fn(deskside_sandbox::FaultId) -> bool| {
        let fault = vendors.fault(call.rule(marks, fault, 1));
        dies_when(worker(world.bed, "none", 0, &[]), || is_there(fault)).await
    };
    match case {
        Case::Fault(call, kind, lasts) => {
            let fault = vendors.fault(call.rule(marks, kind.fault, lasts.times()));
            let is_long = matches!(lasts, Lasts::UntilMended);
            world.works(is_long).await.expect("what fails ends, too");
            vendors.met(fault) > 0
        }
        Case::Before(call) => {
            dies(call, Fault::Delay { delay_ms: FOR_EVER_MS }, &|fault| vendors.met(fault) > 0).await
        }
        Case::After(call) => {
            dies(call, Fault::Late { late_ms: FOR_EVER_MS }, &|fault| vendors.effected(fault) > 0).await
        }
        Case::Commit(_, passes) => {
            let victim = worker(world.bed, "Guarded", passes, &[]);
            tokio::task::spawn_blocking(move || stands_and_dies(victim)).await.expect("it is killed")
        }
    }
}

/// Where, what, and which of several.
fn named(case: Case) -> ((usize, String), String, String) {
    let of = |call: Call| {
        let place = Call::ALL.iter().position(|known| *known == call).unwrap_or_default();
        (place, call.name().to_owned())
    };
    match case {
        Case::Fault(call, kind, lasts) => (of(call), kind.name.to_owned(), format!("{lasts:?}")),
        Case::Before(call) => (of(call), "killed, call sent".to_owned(), String::new()),
        Case::After(call) => (of(call), "killed, call had effect".to_owned(), String::new()),
        Case::Commit(scene, passes) => {
            ((100, "transactions".to_owned()), format!("killed, {scene:?}"), passes.to_string())
        }
    }
}
