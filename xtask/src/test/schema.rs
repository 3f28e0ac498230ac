//! The server against its own description: schemathesis makes up requests from `/openapi.json`, as an agent and as an admin, and
//! compares every answer with it. **Invariant:** bounded in time, and the same requests every time.

use std::process::{Command, Stdio};

use crate::command::{self, command};
use crate::demo::{Binaries, Ports, Profile, Stage};
use crate::problem::{Outcome, Problem};
use crate::{house, session};

use super::Tally;

/// Seconds for each of the two sessions.
const AT_MOST_S: &str = "50";
/// What every answer must be.
const CHECKS: &str =
    "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance";
/// Streams go on for minutes, and an export may be long.
const LEFT_OUT: &[&str] = &["/api/archive/runs/{id}/events", "/api/dial/events"];

/// Runs both; an operation that passes all checks is a test that passed.
pub(super) fn run(tally: &mut Tally, schemathesis: &str) -> Outcome {
    let binaries = Binaries::build(Profile::Dev)?;
    let ports = Ports::free(0).map(|ports| Ports { workspace: ports.zendesk, ..ports })?;
    let place = house::target_dir("schema")?;
    let data = place.join("data");
    if data.exists() {
        std::fs::remove_dir_all(&data).map_err(|cause| Problem::file("empty", &data, &cause))?;
    }
    house::make_dir(&data)?;
    let _stage = Stage::start(&binaries, &ports, &place, &data, 0)?;
    for (who, bearer) in [("an agent", session::bearer(&ports)?), ("an admin", session::admin(&ports)?)] {
        let report = place.join("report.xml");
        let mut asked = asks(schemathesis, &ports, &bearer, &report);
        let log = place.join(format!("as {who}.log"));
        let output = asked.output().map_err(|cause| command::not_started(&asked, &cause))?;
        house::write(&log, &output.stdout)?;
        let counted = count(&house::read(&report).unwrap_or_default());
        println!("as {who}: {} operations passed, {} failed", counted.passed, counted.failed);
        tally.add(&counted);
        if counted.failed > 0 || !output.status.success() {
            println!("{}", String::from_utf8_lossy(&output.stdout));
            return Err(Problem::new(format!("answers differ from /openapi.json; see {}", log.display())));
        }
    }
    Ok(())
}

fn asks(schemathesis: &str, ports: &Ports, bearer: &str, report: &std::path::Path) -> Command {
    let url = format!("http://127.0.0.1:{}/openapi.json", ports.server);
    let mut asks =
        command(schemathesis, ["run", &url, "--no-color", "--phases", "examples,coverage,fuzzing"]);
    asks.args(["--checks", CHECKS, "--max-time", AT_MOST_S, "--max-examples", "10", "--workers", "2"]);
    asks.args(["--request-timeout", "25", "--rate-limit", "auto", "--continue-on-failure", "--no-shrink"]);
    asks.args([
        "--generation-deterministic",
        "--generation-database",
        "none",
        "--suppress-health-check",
        "all",
    ]);
    asks.args(["--warnings", "off", "--header", &format!("Authorization: Bearer {bearer}")]);
    for path in LEFT_OUT {
        asks.args(["--exclude-path", path]);
    }
    asks.arg("--report-junit-path").arg(report);
    asks.stdin(Stdio::null());
    asks
}

/// The test cases of a report in JUnit's format, one for each operation.
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
