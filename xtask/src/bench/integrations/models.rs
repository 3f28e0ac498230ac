//! The published case as a model: users by address, their accounts, the accounts' contracts. The same staged files for all sides.

use std::fs::File;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

use super::{last_line, numbers};
use crate::bench::process::Children;
use crate::bench::{Verdict, median};
use crate::command::{self, command};
use crate::demo::Binaries;
use crate::house;
use crate::problem::{Outcome, Problem};

/// Users, and as many service users; accounts are a twentieth.
pub(super) const SIZES: [u64; 3] = [10_000, 100_000, 1_000_000];
/// At which the goals are set.
pub(super) const GOAL: u64 = 1_000_000;
/// The setting's own default.
const MEMORY_MB: &str = "1024";
const MEMORY: f64 = 1024.0;
const SIDES: [&str; 3] = ["Deskside", "DuckDB", "pandas"];

/// What the engine's process may hold, MB: with more users than the goal is set for, what the setting says.
pub(super) fn memory_goal(users: u64) -> f64 {
    if users > GOAL { MEMORY } else { 700.0 }
}

/// Every round of one side.
#[derive(Default)]
struct Side {
    seconds: Vec<f64>,
    peak_mb: Vec<f64>,
    parent_mb: Vec<f64>,
}

impl Side {
    fn seconds(&self) -> f64 {
        median(self.seconds.clone())
    }

    fn peak(&self) -> f64 {
        self.peak_mb.iter().copied().fold(0.0, f64::max)
    }
}

pub(super) fn measure(
    binaries: &Binaries,
    place: &Path,
    python: &Path,
    (rows, rounds): (Option<u64>, usize),
) -> Outcome<Vec<Verdict>> {
    let sizes = rows.map_or(SIZES.to_vec(), |rows| vec![rows]);
    println!(
        "\nA model over staged rows, until its last row is read, median of {rounds} rounds; the most memory of all rounds"
    );
    println!(
        "{:>10}{:>10}{:>12}{:>12}{:>12}{:>12}{:>12}",
        "users", "staged s", "", "seconds", "µs/row", "MB", "parent MB"
    );
    let (mut verdicts, mut each) = (Vec::new(), Vec::new());
    for size in sizes {
        let folder = place.join(format!("integrations-{}-{size}", std::process::id()));
        let measured = at_size(binaries, &folder, python, (size, rounds));
        let _next_time = std::fs::remove_dir_all(&folder);
        let (staged, contestants) = measured?;
        for (side, name) in contestants.iter().zip(SIDES) {
            let staged = if name == SIDES[0] { format!("{staged:.2}") } else { String::new() };
            let parent = side.parent_mb.iter().copied().fold(0.0, f64::max);
            let seconds = side.seconds();
            #[expect(clippy::cast_precision_loss, reason = "at most millions")]
            let micros = seconds * 1e6 / size as f64;
            println!(
                "{size:>10}{staged:>10}{name:>12}{seconds:>12.3}{micros:>12.2}{:>12.0}{parent:>12.0}",
                side.peak()
            );
        }
        let [ours, duckdb, pandas] = &contestants;
        if size >= GOAL {
            // Of the same round, because the machine has other things to do.
            let ratio = |peer: &Side| {
                median(ours.seconds.iter().zip(&peer.seconds).map(|(ours, peer)| ours / peer).collect())
            };
            verdicts.push(Verdict::at_most(format!("{size} users: time ÷ DuckDB's"), ratio(duckdb), 1.0));
            verdicts.push(Verdict::at_most(format!("{size} users: time ÷ pandas'"), ratio(pandas), 1.0));
            verdicts.push(Verdict::at_most(
                format!("{size} users: child, MB"),
                ours.peak(),
                memory_goal(size),
            ));
            let parent = ours.parent_mb.iter().copied().fold(0.0, f64::max);
            verdicts.push(Verdict::at_most(format!("{size} users: its parent, MB"), parent, 100.0));
        }
        #[expect(clippy::cast_precision_loss, reason = "at most millions")]
        each.push(ours.seconds() / size as f64);
    }
    if let [.., before, last] = each[..] {
        verdicts.push(Verdict::at_most("time for each user ÷ that at a tenth", last / before, 1.3));
    }
    Ok(verdicts)
}

/// Seconds of staging, and what each side took.
fn at_size(
    binaries: &Binaries,
    folder: &Path,
    python: &Path,
    (size, rounds): (u64, usize),
) -> Outcome<(f64, [Side; 3])> {
    let place = folder.to_string_lossy();
    let made = last_line(&mut bench(["make", &place, &size.to_string()]))?;
    let model = folder.join("model.sql");
    house::write(&model, command::run_for_output(&mut bench(["sql"]))?)?;
    let server = binaries.server.to_string_lossy();
    let peers = house::path("bench/integrations/peers.py");
    let mut sides: [Side; 3] = std::array::from_fn(|_| Side::default());
    for round in 0..rounds {
        let mut counts = Vec::new();
        for turn in 0..SIDES.len() {
            let which = (turn + round) % SIDES.len(); // nobody is always first
            let answer = if which == 0 {
                watched(&mut bench(["run", &place, &server, MEMORY_MB]))?
            } else {
                let mut peer = command(&python.to_string_lossy(), [peers.as_os_str()]);
                peer.args([["", "duckdb", "pandas"][which], &place]);
                let sql = File::open(&model).map_err(|cause| Problem::file("read", &model, &cause))?;
                last_line(peer.stdin(sql))?
            };
            let number = |name: &str| answer[name].as_f64();
            let its = &mut sides[which];
            its.seconds.push(number("seconds").unwrap_or(f64::INFINITY));
            its.peak_mb.extend(number("peak_mb"));
            its.parent_mb.extend(number("parent_mb"));
            counts.push(answer["rows"].as_u64());
        }
        if counts.iter().any(|rows| *rows != Some(size)) {
            return Err(Problem::new(format!(
                "of {size} users the sides answered {counts:?}: they do not agree"
            )));
        }
    }
    Ok((made["staged_s"].as_f64().unwrap_or(f64::INFINITY), sides))
}

/// What a command ended with, and what its child held at most.
fn watched(of: &mut Command) -> Outcome<Value> {
    let of = of.stdout(Stdio::piped());
    let child = of.spawn().map_err(|cause| command::not_started(of, &cause))?;
    let children = Children::watch(child.id());
    let output = child.wait_with_output().map_err(|cause| command::not_started(of, &cause))?;
    let mut answer = numbers(of, &String::from_utf8_lossy(&output.stdout))?;
    answer["peak_mb"] = children.peak_mb()?.into();
    Ok(answer)
}

pub(super) fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

/// The program that makes rows and asks the engine.
pub(super) fn bench<const N: usize>(arguments: [&str; N]) -> Command {
    command(&house::target().join("release/bench-integrations").to_string_lossy(), arguments)
}
