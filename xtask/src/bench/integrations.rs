//! Integrations beside what people would use in their place: models alone beside DuckDB, which is the limit, and pandas; 10,000 changed
//! rows beside a script that sends them one delivery after the other, while agents ask for cards. Between them a run up to its first
//! write. What is measured depends on what else the machine does, so its load is said, and sides take turns.

mod models; // the engine alone
mod rows; // rows on their way
mod whole; // a run up to its first write
pub(super) mod world;

use serde_json::Value;

use super::{Options, Part, Verdict};
use crate::command;
use crate::house;
use crate::problem::{Outcome, Problem};
use crate::setup;

pub(super) fn measure(options: &Options, rounds: usize) -> Outcome<Vec<Verdict>> {
    let python = setup::DUCKDB.program("python")?;
    let binaries = options.binaries()?;
    let place = house::target_dir("bench")?;
    say_the_load();
    let mut verdicts = Vec::new();
    let measures = |part: Part| options.only.is_none_or(|only| only == part);
    if measures(Part::Models) {
        verdicts.extend(models::measure(&binaries, &place, &python, (options.rows, rounds))?);
    }
    if measures(Part::Run) {
        verdicts.extend(whole::measure(&binaries, &place, (options.rows, rounds))?);
    }
    if measures(Part::Rows) {
        verdicts.extend(rows::measure(&binaries, &place, &python, rounds)?);
    }
    if verdicts.is_empty() {
        return Err(Problem::new(
            "nothing was judged: choose `--only models`, `run` or `rows`, and at least 1000000 rows",
        ));
    }
    say_the_load();
    Ok(verdicts)
}

/// Processes that wanted a core, on average over the last minute, five and fifteen.
fn say_the_load() {
    let load = house::read("/proc/loadavg".as_ref()).unwrap_or_default();
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    println!("bench: {cores} cores, load {}", load.split(' ').take(3).collect::<Vec<_>>().join(" "));
}

/// The JSON with which a program ends.
fn last_line(of: &mut std::process::Command) -> Outcome<Value> {
    let said = command::run_for_output(of)?;
    numbers(of, &said)
}

fn numbers(of: &std::process::Command, said: &str) -> Outcome<Value> {
    let last = said.trim().lines().last().unwrap_or_default();
    serde_json::from_str(last).map_err(|cause| {
        Problem::new(format!("`{}` did not end with its numbers: {cause}", command::shown(of)))
    })
}
