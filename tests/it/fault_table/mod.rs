//! The fault table: at every call of a run something goes wrong, for a moment or until somebody mends it, on both databases,
//! with a real S3 server; the worker is killed at every step; the disk fills up. **After each:** no attachment is redacted
//! without a whole copy, none is stored twice, none is forgotten; what is left says why, and is put away once the fault is
//! mended. A fault that never came to pass is a failure, too.
//!
//!     cargo test -p tests --test it -- fault_table --nocapture

mod calls; // where
mod changes; // of what decides
pub mod deaths; // of the worker
mod disk; // of the folder
mod kinds; // what, and for how long
pub mod table; // what was tried
mod trial; // one ticket

use deskside::store::ledger;
use deskside_sandbox::{FaultId, credentials};
use futures::StreamExt;
use tokio::sync::Mutex;

use crate::support::s3::S3;
use crate::support::testbed::{Testbed, bed};
use calls::{Asked, Call};
use kinds::Kind;
pub use kinds::Lasts;
use table::{Row, Table};
use trial::{Case, PART, Stored, Trial};

const AGENT: u64 = credentials::AGENT_ID;
/// A run waits for a vendor that asks for it so long; then it is given up like any other.
const RETRY_WINDOW_S: i64 = 25 * 3_600;
/// The longest pause between two attempts.
const PAUSE_S: i64 = 1_801;
/// Longer than a dead worker's lease.
const LEASE_S: i64 = 61;
/// Tickets that one world has at a time.
const TOGETHER: usize = 40;

/// Cases that share a world.
#[derive(Default)]
struct Group {
    cases: Vec<Case>,
    /// One after the other, because what befalls one befalls all.
    alone: bool,
    /// With settings that wait for a second only.
    impatient: bool,
}

/// Every call with every kind that can show in it. How long it lasts goes round, and so does the database: every call and
/// every kind meets each of the three and both. All of all take ten minutes, and are tried where `DESKSIDE_FAULTS=all` says so.
fn cases(on_postgres: bool) -> Vec<Case> {
    let all = std::env::var("DESKSIDE_FAULTS").is_ok_and(|which| which == "all");
    let mut cases = Vec::new();
    for (place, call) in Call::ALL.into_iter().enumerate() {
        for (number, kind) in Kind::of(call) {
            let place = place + number;
            let is_tried = |turn: usize| all || (turn == place % 3 && on_postgres == (place / 3 % 2 == 0));
            let lasts = Lasts::ALL.into_iter().enumerate().filter(|(turn, _)| is_tried(*turn));
            cases.extend(lasts.map(|(_, lasts)| Case { call, kind, lasts }));
        }
    }
    cases
}

fn groups(on_postgres: bool) -> Vec<Group> {
    let is_alone = |case: &Case| {
        case.call == Call::Token || (case.kind.is_everybodys() && case.call.asked() == Asked::Zendesk)
    };
    let mut groups = Vec::new();
    for lasts in Lasts::ALL {
        for impatient in [false, true] {
            for alone in [false, true] {
                let mut cases = cases(on_postgres);
                cases.retain(|case| {
                    case.lasts == lasts
                        && case.kind.outlasts_the_window() == impatient
                        && is_alone(case) == alone
                });
                let together =
                    cases.chunks(TOGETHER).map(|cases| Group { cases: cases.to_vec(), alone, impatient });
                groups.extend(together);
            }
        }
    }
    groups
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn at_every_call_of_a_run_every_fault_ends_right() {
    let table = Mutex::new(Table::default());
    let of_engine = |on_postgres| groups(on_postgres).into_iter().map(move |group| (group, on_postgres));
    let trials: Vec<_> = [false, true].into_iter().flat_map(of_engine).collect();
    let faults = futures::stream::iter(&trials).for_each_concurrent(5, async |(group, on_postgres)| {
        run(group, *on_postgres, &table).await;
    });
    let deaths = async {
        deaths::try_all(&table).await;
        disk::try_all(&table).await;
    };
    tokio::join!(faults, deaths);
    let table = ends_right(table.into_inner());
    assert!(table.distinct() >= 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn at_every_step_before_redaction_what_changed_decides() {
    let table = Mutex::new(Table::default());
    changes::try_all(&table).await;
    ends_right(table.into_inner());
}

/// Prints the table; fails where something ended wrong.
fn ends_right(table: Table) -> Table {
    println!("{}", table.text());
    eprintln!("{}", table.total());
    assert!(table.wrong().is_empty(), "ended wrong:\n{}", table.wrong().join("\n"));
    table
}

/// All of a group in a world of its own.
async fn run(group: &Group, on_postgres: bool, table: &Mutex<Table>) {
    let store = S3::start().await;
    let mut plan = store.holds_the_archive_of(bed()).parts_of(PART).setting("server.workers", "12");
    if group.impatient {
        plan = plan.setting("net.total_timeout_s", "1").setting("archive.store_timeout_s", "1");
    }
    let engine = if on_postgres { "PostgreSQL" } else { "SQLite" };
    let test = async |bed: &Testbed| {
        let at_a_time = if group.alone { 1 } else { TOGETHER };
        for cases in group.cases.chunks(at_a_time) {
            let tried = try_together(bed, &store, cases).await;
            let rows = cases.iter().zip(tried).map(|(case, wrong)| row(engine, *case, wrong));
            table.lock().await.extend(rows.collect());
        }
        let verdict = ledger::verify(&bed.db, credentials::SUBDOMAIN).await.expect("the ledger is read");
        assert!(matches!(verdict, ledger::Verdict::Intact { .. }), "{verdict:?}");
        if store.unfinished() != 0 {
            table
                .lock()
                .await
                .complain(format!("{} parts of uploads are left in the store", store.unfinished()));
        }
    };
    if on_postgres { plan.run_on_postgres(test).await } else { plan.run(test).await }
}

fn row(engine: &'static str, case: Case, wrong: Option<String>) -> Row {
    let place = Call::ALL.iter().position(|call| *call == case.call).expect("it is one of them");
    Row {
        engine,
        call: (place, case.call.name().to_owned()),
        kind: case.kind.name.to_owned(),
        variant: format!("{:?}", case.lasts),
        wrong,
    }
}

/// Each case befalls a ticket of its own, all of them at once: what ended wrong with each.
async fn try_together(bed: &Testbed, store: &S3, cases: &[Case]) -> Vec<Option<String>> {
    let mut trials: Vec<(Trial, FaultId)> = Vec::new();
    for case in cases {
        let mut trial = Trial::prepare(bed, case.call).await;
        if case.call == Call::Token {
            bed.vendors().expire_tokens();
        }
        let fault = trial.meets(bed, store, *case);
        bed.operator_archives(trial.ticket).await;
        trials.push((trial, fault));
    }
    to_the_end(bed, cases[0].lasts == Lasts::UntilMended, StillBroken(true)).await;
    let mut wrong = vec![None; cases.len()];
    for ((case, (_, fault)), wrong) in cases.iter().zip(&trials).zip(&mut wrong) {
        let met = mend(bed, store, *case, *fault);
        if met == 0 || (case.lasts == Lasts::Once && met != 1) {
            *wrong = Some(format!("it came to pass {met} times"));
        }
    }
    judge(bed, store, &trials, &mut wrong, false).await;
    // Somebody has mended it and asks again for what is left.
    bed.pass(PAUSE_S);
    let agent = bed.agent(AGENT).await;
    for (trial, _) in &trials {
        if !trial.is_over(&trial.view(&agent).await) {
            bed.operator_archives(trial.ticket).await;
        }
    }
    to_the_end(bed, false, StillBroken(false)).await;
    judge(bed, store, &trials, &mut wrong, true).await;
    wrong
}

/// No more of it; answers how often it came to pass.
fn mend(bed: &Testbed, store: &S3, case: Case, fault: FaultId) -> u32 {
    if case.call.asked() == Asked::Store {
        store.mend(fault);
        store.met(fault)
    } else {
        bed.vendors().mend(fault);
        bed.vendors().met(fault)
    }
}

async fn judge(
    bed: &Testbed,
    store: &S3,
    trials: &[(Trial, FaultId)],
    wrong: &mut [Option<String>],
    in_the_end: bool,
) {
    bed.pass(30); // so long a client that was refused a token does not ask for another
    let (stored, agent) = (Stored::of(store.files()), bed.agent(AGENT).await);
    for ((trial, _), wrong) in trials.iter().zip(wrong) {
        let view = trial.view(&agent).await;
        let judged = if in_the_end {
            trial.is_put_away(bed, &stored, &view).await
        } else {
            trial.is_sound(bed, &stored, &view).await
        };
        let when = if in_the_end { "mended" } else { "before it was mended" };
        *wrong = wrong.take().or(judged.err().map(|why| format!("{when}: {why}")));
    }
}

/// Whether the fault is still there. Then a run that was given up cannot yet say so on its ticket, and goes on trying.
#[derive(Clone, Copy)]
struct StillBroken(bool);

/// Until nobody works any more, however long what failed has to wait.
async fn to_the_end(bed: &Testbed, past_the_window: bool, StillBroken(broken): StillBroken) {
    for round in 0..60 {
        bed.run_jobs().await;
        let left = bed.left_over().await;
        if left.iter().all(|left| broken && left.kind == "archive_given_up") {
            return;
        }
        bed.pass(if past_the_window && round == 0 { RETRY_WINDOW_S } else { PAUSE_S });
    }
    panic!("jobs are still there: {:?}", bed.left_over().await);
}
