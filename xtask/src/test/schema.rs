//! The server against its own description: schemathesis makes up requests from `/openapi.json`, as agents and as an admin, and
//! compares every answer with it. **Invariant:** bounded in time, and the same requests every time.

use std::process::{Command, Stdio};
use std::thread;

use crate::command::{self, command};
use crate::demo::{self, Binaries, Ports, Profile, Stage};
use crate::house;
use crate::problem::{Outcome, Problem};
use crate::session::{self, Role};

use super::Tally;

/// Who asks what, by the tags of the description: three sessions at once, because each agent may ask only so much in a second.
const SESSIONS: &[(&str, Role, &[&str])] = &[
    ("cards-and-archive", Role::Agent, &["cards", "archive"]),
    ("calls-and-sessions", Role::Restricted, &["dial", "engagements", "sessions", "hooks"]),
    ("console", Role::Admin, &["ledger", "settings"]),
];
/// Just below an agent's limit.
const RATE: &str = "29/s";
/// Cases for each operation beside those that cover its parameters one by one.
const CASES: &str = "5";
/// Seconds in which each must be done.
const AT_MOST_S: u64 = 120;
/// What every answer must be.
const CHECKS: &str =
    "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance";
/// Streams go on for minutes.
const LEFT_OUT: &[&str] = &["/api/archive/runs/{id}/events", "/api/dial/events"];

/// Runs all; an operation that passes all checks is a test that passed.
pub(super) fn run(tally: &mut Tally, schemathesis: &str) -> Outcome {
    let binaries = Binaries::build(Profile::Tests)?;
    let ports = Ports::free(0).map(|ports| Ports { workspace: ports.zendesk, ..ports })?;
    let place = house::target_dir("schema")?;
    let data = place.join("data");
    if data.exists() {
        std::fs::remove_dir_all(&data).map_err(|cause| Problem::file("empty", &data, &cause))?;
    }
    house::make_dir(&data)?;
    let _stage = Stage::start(&binaries, &ports, &place, &data, 0)?;
    demo::connect(&binaries, &place, &data)?;
    let asked = thread::scope(|scope| {
        let session = |(name, role, tags): &(&'static str, Role, &'static [&'static str])| {
            let bearer = session::of(&ports, *role)?;
            let (report, log) = (place.join(format!("{name}.xml")), place.join(format!("{name}.log")));
            let mut asks = asks(schemathesis, &ports, &bearer, tags);
            asks.arg("--report-junit-path").arg(&report).current_dir(&place); // it keeps what it found where it runs
            let output = asks.output().map_err(|cause| command::not_started(&asks, &cause))?;
            house::write(&log, &output.stdout)?;
            Ok((*name, log, count(&house::read(&report)?), output.status.success()))
        };
        let running: Vec<_> = SESSIONS.iter().map(|one| scope.spawn(move || session(one))).collect();
        running.into_iter().map(|one| one.join().expect("it does not panic")).collect::<Vec<Outcome<_>>>()
    });
    let mut failed = Vec::new();
    for asked in asked {
        let (name, log, counted, is_well) = asked?;
        println!("{name}: {} operations passed, {} failed", counted.passed, counted.failed);
        tally.add(&counted);
        if counted.failed > 0 || !is_well {
            failed.push(log.display().to_string());
        }
    }
    if failed.is_empty() {
        return Ok(());
    }
    Err(Problem::several("answers differ from /openapi.json; which, and how to ask again:", &failed))
}

fn asks(schemathesis: &str, ports: &Ports, bearer: &str, tags: &[&str]) -> Command {
    let url = format!("http://127.0.0.1:{}/openapi.json", ports.server);
    let mut asks = command("timeout", [&AT_MOST_S.to_string(), schemathesis, "run", &url, "--no-color"]);
    asks.args(["--phases", "examples,coverage,fuzzing", "--checks", CHECKS, "--max-examples", CASES]);
    asks.args(["--rate-limit", RATE, "--request-timeout", "25", "--continue-on-failure", "--no-shrink"]);
    asks.args(["--generation-deterministic", "--suppress-health-check", "all", "--warnings", "off"]);
    asks.args(["--header", &format!("Authorization: Bearer {bearer}")]);
    for tag in tags {
        asks.args(["--include-tag", tag]);
    }
    for path in LEFT_OUT {
        asks.args(["--exclude-path", path]);
    }
    asks.stdin(Stdio::null());
    asks
}

/// The test cases of a report in the form of `JUnit`, one for each operation.
fn count(report: &str) -> Tally {
    let cases = report.split("<testcase").skip(1);
    let mut tally = Tally::default();
    for case in cases {
        let of_case = case.split("</testcase>").next().unwrap_or_default();
        match () {
            () if of_case.contains("<failure") || of_case.contains("<error") => tally.failed += 1,
            () if of_case.contains("<skipped") => tally.skipped += 1,
            () => tally.passed += 1,
        }
    }
    tally
}

#[cfg(test)]
mod tests {
    use super::{Tally, count};

    #[test]
    fn each_operation_of_a_report_is_a_test() {
        let report = r#"<testsuite><testcase name="GET /a" time="1"/><testcase name="GET /b"><failure message="x"/></testcase>
            <testcase name="GET /c"><skipped/></testcase></testsuite>"#;
        assert_eq!(count(report), Tally { passed: 1, failed: 1, skipped: 1 });
        assert_eq!(count(""), Tally::default());
    }
}
