//! A run of the published case up to its first write: sources staged, the model joined, its rows beside what Zendesk holds and what it
//! acknowledged, every difference written down. The export of Zendesk's users is kept already, as it is on every day but the first.
//! **Invariant:** a time counts only where the run counted exactly the rows that differ.

use std::path::Path;
use std::time::Instant;

use super::models::{GOAL, SIZES, bench, memory_goal, text};
use super::world::{Ran, World};
use crate::bench::process::{self, Children};
use crate::bench::{Verdict, median};
use crate::command;
use crate::demo::Binaries;
use crate::problem::Outcome;

/// Seconds, at [`GOAL`].
const FIRST: f64 = 20.0;
const CHANGED: f64 = 12.0;
/// MB more than the server held before.
const SERVER_MB: f64 = 100.0;
/// Of a hundred accounts so many change, and with each its people.
const PERCENT: u64 = 1;
const SOURCES: &str = r#"
[[integration.sources]]
as = "service_users"
connection = "service"
read = { kind = "file", path = "service_users.csv", emails = ["email"] }

[[integration.sources]]
as = "accounts"
connection = "service"
read = { kind = "file", path = "accounts.csv" }
"#;

/// What was measured of one run.
struct Measured {
    seconds: f64,
    child_mb: f64,
    /// More than before.
    server_mb: f64,
}

/// The runs of a round, each of all rounds.
#[derive(Default)]
struct Rounds([Vec<Measured>; 3]);

const NAMES: [&str; 3] =
    ["first: all rows differ", "first: Zendesk holds all of it", "one row of a hundred changed"];

pub(super) fn measure(
    binaries: &Binaries,
    place: &Path,
    (rows, rounds): (Option<u64>, usize),
) -> Outcome<Vec<Verdict>> {
    println!(
        "\nA run up to its first write: staged from CSV, unified, compared, written down; median of {rounds} rounds, the most memory of \
         all. `Zendesk holds all of it` is whole: every row becomes a known one."
    );
    println!(
        "{:>10}  {:<32}{:>9}{:>9}{:>10}{:>12}",
        "users", "", "seconds", "µs/row", "child MB", "server +MB"
    );
    let (mut verdicts, mut each) = (Vec::new(), Vec::new());
    for size in rows.map_or(SIZES.to_vec(), |rows| vec![rows]) {
        let mut all = Rounds::default();
        for _ in 0..rounds {
            let world = World::start(binaries, place, &["--relaxed"], (SOURCES, &model()?))?;
            for (runs, run) in all.0.iter_mut().zip(round(&world, size)?) {
                runs.push(run);
            }
        }
        for (runs, name) in all.0.iter().zip(NAMES) {
            let seconds = seconds(runs);
            println!(
                "{size:>10}  {name:<32}{seconds:>9.2}{:>9.2}{:>10.0}{:>12.0}",
                micros(seconds, size),
                most(runs, |run| run.child_mb),
                most(runs, |run| run.server_mb)
            );
        }
        let [first, adopted, changed] = &all.0;
        let everything: Vec<&Measured> = first.iter().chain(adopted).chain(changed).collect();
        if size == GOAL {
            verdicts.push(Verdict::at_most("a run's comparison, first, s", seconds(first), FIRST));
            verdicts.push(Verdict::at_most("the same, 1 % changed, s", seconds(changed), CHANGED));
        }
        if size >= GOAL {
            let most = |of: fn(&Measured) -> f64| everything.iter().map(|run| of(run)).fold(0.0, f64::max);
            let child = most(|run| run.child_mb);
            verdicts.push(Verdict::at_most(
                format!("{size} users: a run's child, MB"),
                child,
                memory_goal(size),
            ));
            let server = most(|run| run.server_mb);
            verdicts.push(Verdict::at_most(
                format!("{size} users: server above before, MB"),
                server,
                SERVER_MB,
            ));
        }
        each.push([micros(seconds(first), size), micros(seconds(changed), size)]);
    }
    if let [.., before, last] = each[..] {
        for (what, before, last) in [("first", before[0], last[0]), ("1 % changed", before[1], last[1])] {
            verdicts.push(Verdict::at_most(
                format!("{what}: time of a user ÷ at a tenth"),
                last / before,
                1.3,
            ));
        }
    }
    Ok(verdicts)
}

fn model() -> Outcome<String> {
    Ok(command::run_for_output(&mut bench(["sql"]))?.replace("order by zendesk_user_id", ""))
}

/// The three runs, and before them one that lets the server begin its export.
fn round(world: &World<'_>, size: u64) -> Outcome<[Measured; 3]> {
    let (reports, rows) = (world.reports(), size.to_string());
    let report = |changed: u64| {
        command::run_for_output(&mut bench(["reports", &text(&reports), &rows, &changed.to_string()]))
            .map(drop)
    };
    report(0)?;
    world.run(&["--dry-run"])?;
    let export = world.export()?;
    let made =
        |held: &str| command::run_for_output(&mut bench(["export", &text(&export), &rows, held])).map(drop);
    made("false")?;
    let (first, dry) = measured(world, &["--dry-run"])?;
    dry.counts("to be written", size)?;
    made("true")?;
    let (adopted, run) = measured(world, &["--accept", &dry.id])?;
    run.counts("adopted", size)?;
    report(PERCENT)?;
    let (changed, run) = measured(world, &["--dry-run"])?;
    run.counts("to be written", of_changed(size))?;
    run.counts("unchanged", size - of_changed(size))?;
    Ok([first, adopted, changed])
}

/// The people of those accounts.
fn of_changed(size: u64) -> u64 {
    let accounts = (size / 20).max(1);
    (0..size).filter(|user| user % accounts % 100 < PERCENT).count() as u64
}

/// A run with what it took, as whoever started it sees it.
fn measured(world: &World<'_>, how: &[&str]) -> Outcome<(Measured, Ran)> {
    let server = world.server.process();
    process::forget_peak(server)?;
    let before = process::resident_mb(server)?;
    let children = Children::watch(server);
    let since = Instant::now();
    let run = world.run(how)?;
    let seconds = since.elapsed().as_secs_f64();
    let (child_mb, server_mb) = (children.peak_mb()?, process::peak_mb(server)? - before);
    Ok((Measured { seconds, child_mb, server_mb }, run))
}

fn seconds(runs: &[Measured]) -> f64 {
    median(runs.iter().map(|run| run.seconds).collect())
}

fn most(runs: &[Measured], of: fn(&Measured) -> f64) -> f64 {
    runs.iter().map(of).fold(0.0, f64::max)
}

#[expect(clippy::cast_precision_loss, reason = "at most millions")]
fn micros(seconds: f64, rows: u64) -> f64 {
    seconds * 1e6 / rows as f64
}
