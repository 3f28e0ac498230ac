//! What decides about a redaction changes right before it: a hold is set, the copy goes, the settings change, the agent who
//! asked loses their role. At every step between verified and redacted, while the worker lives and when it is killed there.
//! **After each:** nothing is redacted on what was true before.

use deskside_sandbox::{Fault, FaultId, FaultRule, Matching};
use reqwest::Method;
use serde_json::json;
use tokio::sync::Mutex;

use super::calls::{Asked, Call};
use super::deaths::{dies_when, worker};
use super::table::{Row, Table};
use super::trial::{Stored, Trial};
use super::{AGENT, LEASE_S, StillBroken, to_the_end};
use crate::support::archive::{files, items, notes};
use crate::support::hooks::tag;
use crate::support::s3::S3;
use crate::support::testbed::{Testbed, bed};

/// For how long a run can be undone: longer than a proof of a copy is good, so that it is read back once more.
const WINDOW_S: i64 = 600;
/// Longer than a reading is good.
const STALE_S: i64 = 6;

/// A type that only the later settings leave alone.
const EXCLUDED: &str = "application/x-excluded";

/// What changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Change {
    HoldSet,
    CopyGone,
    PolicyChanged,
    RoleChanged,
}

/// When: while nobody works, or while a call is under way and has had no effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Undo,
    During(Call),
    /// Who asked is read.
    Rights,
    /// The first of two files is redacted.
    First,
}

const CHANGES: [Change; 4] = [Change::HoldSet, Change::CopyGone, Change::PolicyChanged, Change::RoleChanged];
const STEPS: [Step; 7] = [
    Step::Undo,
    Step::During(Call::Comments),
    Step::Rights,
    Step::During(Call::Ticket),
    Step::During(Call::CopyCheck),
    Step::During(Call::ReadBack),
    Step::First,
];

#[derive(Debug, Clone, Copy)]
struct Case {
    change: Change,
    step: Step,
    killed: bool,
}

/// Every change at every step; without `DESKSIDE_FAULTS=all` every third.
fn cases() -> Vec<Case> {
    let all = std::env::var("DESKSIDE_FAULTS").is_ok_and(|which| which == "all");
    let mut cases = Vec::new();
    for (number, change) in CHANGES.into_iter().enumerate() {
        for (place, step) in STEPS.into_iter().enumerate() {
            for killed in [false, true] {
                // A process keeps its settings; and nobody dies who does not work.
                let is_one = match (change, step) {
                    (_, Step::Undo) => !killed,
                    (Change::PolicyChanged, _) => killed,
                    _ => true,
                };
                if is_one && (all || (number + place + usize::from(killed)).is_multiple_of(3)) {
                    cases.push(Case { change, step, killed });
                }
            }
        }
    }
    cases
}

/// Each on both databases.
pub async fn try_all(table: &Mutex<Table>) {
    for on_postgres in [false, true] {
        let store = S3::start().await;
        let plan = store
            .holds_the_archive_of(bed())
            .setting("archive.undo_button_s", WINDOW_S.to_string())
            .setting("archive.exclude_types", EXCLUDED);
        let test = async |bed: &Testbed| {
            for case in cases() {
                let wrong = try_one(bed, &store, case).await.err();
                table.lock().await.extend(vec![row(case, on_postgres, wrong)]);
            }
        };
        if on_postgres { plan.run_on_postgres(test).await } else { plan.run(test).await }
    }
}

async fn try_one(bed: &Testbed, store: &S3, case: Case) -> Result<(), String> {
    let Case { change, step, killed } = case;
    let trial = Trial::prepare(bed, Call::Ticket).await;
    let ids: Vec<u64> = trial.before.keys().copied().collect();
    if change == Change::PolicyChanged {
        for id in &ids {
            bed.vendors().declare(*id, EXCLUDED);
        }
    }
    bed.agent(AGENT).await.archives(trial.ticket).await;
    // The worker of the settings before.
    let settings: &[_] = if change == Change::PolicyChanged { &[("archive.exclude_types", "")] } else { &[] };
    if change == Change::PolicyChanged {
        let copies = tokio::task::spawn_blocking({
            let mut worker = worker(bed, "none", 0, settings);
            move || worker.wait().expect("it works").success()
        });
        if !copies.await.expect("it ends") {
            return Err("the files were not copied".to_owned());
        }
    } else {
        bed.run_jobs().await;
    }
    bed.pass(WINDOW_S + 1);
    let happens = async || {
        match change {
            Change::HoldSet => tag(bed, trial.ticket, "legal_hold").await,
            Change::CopyGone => {
                let gone = if step == Step::First { ids[1] } else { ids[0] };
                for path in store.files_of(trial.ticket) {
                    if path
                        .file_name()
                        .is_some_and(|name| name.to_string_lossy().starts_with(&format!("{gone}-")))
                    {
                        std::fs::remove_file(path).expect("it was there");
                    }
                }
            }
            Change::PolicyChanged => {}
            Change::RoleChanged => role(bed, "end-user").await,
        }
        bed.pass(STALE_S);
    };
    match hold(bed, store, &trial, step) {
        None => happens().await,
        Some(held) if killed => {
            // Its call is never let go, so it has no effect.
            let died = dies_when(worker(bed, "none", 0, settings), || held.met(bed, store)).await;
            happens().await;
            if !died {
                return Err("nobody died".to_owned());
            }
        }
        Some(held) => {
            let meanwhile = async {
                while !held.met(bed, store) {
                    tokio::time::sleep(std::time::Duration::from_millis(2)).await;
                }
                happens().await;
                held.mend(bed, store);
            };
            let met = async {
                tokio::join!(bed.run_jobs(), meanwhile);
            };
            if tokio::time::timeout(std::time::Duration::from_secs(30), met).await.is_err() {
                held.mend(bed, store);
                return Err("it did not come to pass".to_owned());
            }
        }
    }
    bed.pass(LEASE_S);
    to_the_end(bed, false, StillBroken(false)).await;
    if change == Change::RoleChanged {
        role(bed, "agent").await;
    }
    let expected = match change {
        Change::CopyGone => return is_whole(bed, store, &trial).await,
        Change::HoldSet => "held archive_legal_hold",
        Change::PolicyChanged => "skipped archive_by_policy",
        Change::RoleChanged => "held archive_asker_inactive",
    };
    let first_goes = step == Step::First && !killed;
    let view = trial.view(&bed.agent(AGENT).await).await;
    let (found, left) = (items(&view), files(bed, trial.ticket));
    for (place, id) in ids.iter().enumerate() {
        let expected = if place == 0 && first_goes { "redacted" } else { expected };
        let stays = left.contains_key(id);
        if found.get(id).map(String::as_str) != Some(expected) || stays == (expected == "redacted") {
            return Err(format!(
                "file {place} is {:?}, in Zendesk: {stays}; expected {expected}",
                found.get(id)
            ));
        }
    }
    if notes(bed, trial.ticket).len() != 1 {
        return Err("the ticket does not say once what became of its files".to_owned());
    }
    Ok(())
}

/// The copy was made again, and then all was put away.
async fn is_whole(bed: &Testbed, store: &S3, trial: &Trial) -> Result<(), String> {
    let view = trial.view(&bed.agent(AGENT).await).await;
    trial.is_put_away(bed, &Stored::of(store.files()), &view).await
}

async fn role(bed: &Testbed, role: &str) {
    let user = json!({"user": {"role": role}});
    bed.zendesk(Method::PUT, &format!("/api/v2/users/{AGENT}"), &user).await;
}

/// A call that waits until it is let go.
struct Held {
    fault: FaultId,
    by_store: bool,
}

/// From now on the step's call waits; nothing where nobody works.
fn hold(bed: &Testbed, store: &S3, trial: &Trial, step: Step) -> Option<Held> {
    let fault = Fault::Held { held: true };
    let (on, by_store) = match step {
        Step::Undo => return None,
        Step::Rights => {
            let on = Matching { path_suffix: Some("/users/show_many".to_owned()), ..Matching::default() };
            (on, false)
        }
        Step::First => (Call::Redact.of(trial.marks()).0, false),
        Step::During(call) => (call.of(trial.marks()).0, call.asked() == Asked::Store),
    };
    let rule = FaultRule { on, times: 1, skip: 0, fault };
    let fault = if by_store { store.fault(rule) } else { bed.vendors().fault(rule) };
    Some(Held { fault, by_store })
}

impl Held {
    fn met(&self, bed: &Testbed, store: &S3) -> bool {
        (if self.by_store { store.met(self.fault) } else { bed.vendors().met(self.fault) }) > 0
    }

    fn mend(&self, bed: &Testbed, store: &S3) {
        if self.by_store { store.mend(self.fault) } else { bed.vendors().mend(self.fault) }
    }
}

fn row(case: Case, on_postgres: bool, wrong: Option<String>) -> Row {
    let name = match case.step {
        Step::Undo => "while it can be undone",
        Step::Rights => "who asked",
        Step::First => "redaction of the first",
        Step::During(call) => call.name(),
    };
    let place = STEPS.iter().position(|step| *step == case.step).unwrap_or_default();
    let kind = match case.change {
        Change::HoldSet => "hold set",
        Change::CopyGone => "copy gone",
        Change::PolicyChanged => "policy changed",
        Change::RoleChanged => "role changed",
    };
    Row {
        engine: if on_postgres { "PostgreSQL" } else { "SQLite" },
        call: (400 + place, format!("changes: {name}")),
        kind: kind.to_owned(),
        variant: if case.killed { "killed there" } else { "" }.to_owned(),
        wrong,
    }
}
