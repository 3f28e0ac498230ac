//! Every test of the project, one runner after the other: each keeps both cores of a small machine busy, and side by side they
//! end no sooner. **Invariant:** the last line is `N passed, N failed`; a runner that breaks, or runs nothing where something was
//! due, counts as failed, and the others still run.

mod schema;
mod tally;

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use clap::{Args, ValueEnum};

use crate::command::{self, cargo, command};
use crate::demo::{Binaries, Profile};
use crate::house;
use crate::mariadb::MariaDb;
use crate::postgres::Cluster;
use crate::problem::{Outcome, Problem};
use crate::{app, setup, tidy};

pub(crate) use tally::Tally;

/// Integration tests at once, for each core.
const THREADS_A_CORE: usize = 3;

/// What to run.
#[derive(Args, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub(crate) struct Options {
    /// Only this part
    #[arg(long, value_enum)]
    only: Option<Part>,
    /// What a change can be tried with in between: no databases, no browser
    #[arg(long)]
    quick: bool,
    /// Everything at full size, once before a release: each fault with each database, the engine on a cluster, and the suites that
    /// have packages of their own, which are installed (670 MB). Takes three quarters of an hour more
    #[arg(long, conflicts_with_all = ["only", "quick", "without_browser"])]
    long: bool,
    /// Leave what needs Chromium out, on machines that have none
    #[arg(long)]
    without_browser: bool,
    /// Only our plugin in the real Flex UI, which is installed (640 MB) where it is missing; the same as `--only flex`
    #[arg(long, conflicts_with = "only")]
    flex: bool,
}

/// The parts of the test run, in their order.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// Tests beside the code, and the examples in its documentation
    Unit,
    /// The integration binary: over HTTP, on both databases
    It,
    /// The Flex plugin, in Node.js
    Plugin,
    /// Public clients of Zendesk, Twilio and Salesforce against the sandbox, in Node.js and Python; without being asked for only where they are at hand
    Clients,
    /// The server against its own description: schemathesis; left out where it cannot be had
    Schema,
    /// The browser suite, in Chromium
    Browser,
    /// Our plugin in the real Flex UI, in Chromium; without being asked for only where Flex UI is at hand
    Flex,
    /// The engine with its client of Ballista, against a scheduler and two executors; only when asked for, or with `--long`
    Cluster,
    /// The rules of the house
    Tidy,
}

impl Options {
    /// The only part that is wanted, if it is one.
    fn only(&self) -> Option<Part> {
        if self.flex { Some(Part::Flex) } else { self.only }
    }

    fn wants(&self, part: Part) -> bool {
        match self.only() {
            Some(only) => only == part,
            None if self.quick => matches!(part, Part::Unit | Part::Plugin | Part::Tidy),
            None if part == Part::Cluster => self.long,
            None => !matches!(part, Part::Browser | Part::Flex) || !self.without_browser,
        }
    }
}

/// What became of one runner.
struct Step {
    name: &'static str,
    tally: Tally,
    problem: Option<Problem>,
    took: Duration,
}

/// Runs what is wanted; the outcome is a problem when anything failed.
pub(crate) fn run(options: &Options) -> Outcome {
    setup::run()?;
    let mut steps = vec![step("build the app", |_| app::build().map(drop))];
    if options.wants(Part::It) {
        steps.push(step("build the tests", |_| Binaries::build(Profile::Tests).map(drop)));
    }
    let mut left_out = Vec::new();
    if options.wants(Part::It) {
        steps.push(step("integration", |tally| integration(tally, options.long)));
    }
    others(options, &mut steps, &mut left_out);
    for words in left_out {
        println!("\n{words}");
    }
    conclude(&steps)
}

/// All but the integration tests, in their order; what cannot be had is left out with a sentence.
fn others(options: &Options, steps: &mut Vec<Step>, left_out: &mut Vec<String>) {
    if options.wants(Part::Unit) {
        steps.push(step("unit", |tally| some(tally, &mut tests(&["--lib", "--bins"]))));
        steps.push(step("examples in docs", |tally| {
            counted(&mut cargo(["test", "--workspace", "--doc"]), tally)
        }));
    }
    if options.wants(Part::Plugin) {
        let plugin = || command("node", ["flex-plugin/test.mjs"]);
        steps.push(step("Flex plugin", |tally| some(tally, &mut plugin())));
    }
    if options.wants(Part::Clients) {
        match are_here(options, Part::Clients, &setup::PUBLIC_CLIENTS) {
            Ok(true) => steps.push(step("public clients", public_clients)),
            Ok(false) => left_out.push(
                "public clients: left out, because they are neither installed nor in npm's cache; `cargo xtask test --only \
                 clients` installs them (131 MB) and runs the suite"
                    .to_owned(),
            ),
            Err(problem) => steps.push(step("public clients", |_| Err(problem))),
        }
    }
    if options.wants(Part::Schema) {
        match setup::SCHEMATHESIS.program("schemathesis") {
            Ok(schemathesis) => {
                steps.push(step("schema", |tally| schema::run(tally, &schemathesis.to_string_lossy())));
            }
            Err(problem) => {
                left_out.push(format!("schema: left out, because schemathesis cannot be had: {problem}"));
            }
        }
    }
    if options.wants(Part::Browser) {
        steps.push(step("browser", |tally| in_chromium(tally, "tests/browser/run.mjs")));
    }
    if options.wants(Part::Flex) {
        match are_here(options, Part::Flex, &setup::FLEX_UI) {
            Ok(true) => steps.push(step("real Flex", |tally| in_chromium(tally, "tests/flex/run.mjs"))),
            Ok(false) => left_out.push(
                "real Flex: left out, because Flex UI is neither installed nor in npm's cache; `cargo xtask test --flex` installs \
                 it (640 MB) and runs the suite"
                    .to_owned(),
            ),
            Err(problem) => steps.push(step("real Flex", |_| Err(problem))),
        }
    }
    if options.wants(Part::Cluster) {
        steps.push(step("cluster", |tally| some(tally, &mut cluster())));
    }
    if options.wants(Part::Tidy) {
        steps.push(step("tidy", |tally| {
            *tally = tidy::check()?;
            Ok(())
        }));
    }
}

/// Whether a suite with packages of its own can run: who asks for it, or for everything, has them installed; everybody else runs it
/// where they are at hand.
fn are_here(options: &Options, part: Part, packages: &setup::Packages) -> Outcome<bool> {
    if options.long || options.only() == Some(part) {
        return packages.install().map(|()| true);
    }
    Ok(packages.are_here())
}

/// Times a runner and keeps its failure for the summary.
fn step(name: &'static str, runner: impl FnOnce(&mut Tally) -> Outcome) -> Step {
    println!("\n── {name} ──");
    let (since, mut tally) = (Instant::now(), Tally::default());
    let problem = runner(&mut tally).err();
    if let Some(problem) = &problem {
        println!("{name}: {problem}");
        tally.failed = tally.failed.max(1);
    }
    Step { name, tally, problem, took: since.elapsed() }
}

/// The Rust tests. One build serves all of them: the same packages, hence the same features.
fn tests(targets: &[&str]) -> Command {
    let mut tests = cargo(["test", "--workspace", "--no-fail-fast"]);
    tests.args(targets);
    tests
}

/// The engine's tests with the features that no other build has, in a folder of their own: the one that all other builds share is not
/// compiled again for them. One test after the other, because each is a cluster.
fn cluster() -> Command {
    let mut tests = cargo(["test", "-p", "engine", "--features", "ballista-cluster", "--no-fail-fast"]);
    tests.args(["--lib", "--test", "it", "--target-dir"]).arg(house::target().join("cluster"));
    tests.args(["--", "--test-threads", "1"]);
    tests
}

/// Without PostgreSQL or MariaDB the other tests still run, and theirs say what they miss.
fn integration(tally: &mut Tally, everything: bool) -> Outcome {
    let (cluster, mariadb) = (Cluster::start(), MariaDb::start());
    let mut tests = tests(&["--test", "*"]);
    // They wait for answers, leases and databases more than they compute: 142 of them took 161 s two at a time, and 119 s six at a time.
    let cores = std::thread::available_parallelism().map_or(2, usize::from);
    tests.env("RUST_TEST_THREADS", (cores * THREADS_A_CORE).to_string());
    if let Ok(cluster) = &cluster {
        tests.env("DESKSIDE_TEST_POSTGRES", cluster.url());
    }
    if let Ok(mariadb) = &mariadb {
        tests.env("DESKSIDE_TEST_MARIADB", mariadb.url());
    }
    if everything {
        tests.env("DESKSIDE_FAULTS", "all");
    }
    let duckdb = if everything {
        setup::DUCKDB.program("python").map(Some)
    } else {
        Ok(setup::DUCKDB.at_hand("python"))
    };
    match duckdb {
        Ok(Some(python)) => drop(tests.env("DESKSIDE_ORACLE", python)),
        Ok(None) => println!("the oracle of models is left out: `--long` installs DuckDB for it (430 MB)"),
        Err(problem) => println!("the oracle of models is left out, because DuckDB cannot be had: {problem}"),
    }
    let run = some(tally, &mut tests);
    cluster.and(mariadb.map(drop)).and(run)
}

/// They start the sandbox themselves; they are told where it is.
fn public_clients(tally: &mut Tally) -> Outcome {
    let binaries = Binaries::build(Profile::Tests)?;
    let mut clients = command("node", ["tests/clients/run.mjs"]);
    match setup::SIMPLE_SALESFORCE.program("python") {
        Ok(python) => drop(clients.env("CLIENTS_PYTHON", python)),
        Err(problem) => println!("simple-salesforce is left out, because it cannot be had: {problem}"),
    }
    some(tally, clients.env("SANDBOX_BIN", binaries.sandbox))
}

/// A suite that starts server and sandbox itself; it is told where everything is.
fn in_chromium(tally: &mut Tally, suite: &str) -> Outcome {
    let Some(chromium) = setup::chromium() else {
        return Err(Problem::new(
            "Chromium is missing; run `cargo xtask setup`, name it in DESKSIDE_CHROMIUM, or leave this suite out with \
             --without-browser",
        ));
    };
    let binaries = Binaries::build(Profile::Tests)?;
    let mut suite = command("node", [suite]);
    suite
        .env("DESKSIDE_CHROMIUM", chromium)
        .env("DESKSIDE_BIN", binaries.server)
        .env("SANDBOX_BIN", binaries.sandbox)
        .env("SANDBOX_ZAF_SDK", binaries.zaf_sdk);
    some(tally, &mut suite)
}

/// A runner that must run something.
fn some(tally: &mut Tally, runner: &mut Command) -> Outcome {
    counted(runner, tally)?;
    if tally.ran() { Ok(()) } else { Err(Problem::new(format!("`{}` ran no test", command::shown(runner)))) }
}

/// Shows what the runner prints and counts its tests.
fn counted(runner: &mut Command, tally: &mut Tally) -> Outcome {
    let mut child = runner
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|cause| command::not_started(runner, &cause))?;
    for line in
        child.stdout.take().into_iter().flat_map(|out| BufReader::new(out).split(b'\n')).map_while(Result::ok)
    {
        let line = String::from_utf8_lossy(&line);
        println!("{line}");
        tally.read(&line);
    }
    let status = child.wait().map_err(|cause| command::not_started(runner, &cause))?;
    if status.success() {
        Ok(())
    } else {
        Err(Problem::new(format!("`{}` failed ({status})", command::shown(runner))))
    }
}

fn conclude(steps: &[Step]) -> Outcome {
    println!("\n{:<18}{:>8}{:>8}{:>9}{:>9}", "", "passed", "failed", "skipped", "seconds");
    let mut sum = Tally::default();
    for Step { name, tally, took, .. } in steps {
        let seconds = took.as_secs_f64();
        println!("{name:<18}{:>8}{:>8}{:>9}{seconds:>9.1}", tally.passed, tally.failed, tally.skipped);
        sum.add(tally);
    }
    for Step { name, problem, .. } in steps {
        if let Some(problem) = problem {
            println!("{name}: {problem}");
        }
    }
    println!("{} passed, {} failed", sum.passed, sum.failed);
    let _flushed = std::io::stdout().flush();
    if sum.failed == 0 { Ok(()) } else { Err(Problem::silent()) }
}
