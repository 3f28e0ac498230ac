//! Calls in Flex, where every call to a vendor takes 100 ms: how long an agent waits for the contract after accepting one,
//! beside a page whose server makes the same calls one after the other, and what becomes of 200 that are accepted in the
//! same second. What is measured and how: `bench/flex/painted.mjs` and `bench/flex/many.mjs`.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::{Options, Verdict, ports};
use crate::command::{self, command};
use crate::demo::{Binaries, Stage};
use crate::problem::{Outcome, Problem};
use crate::{house, http, setup};

/// What 95 of a hundred agents wait at most, ms.
const PAINTED_MS: f64 = 300.0;
const LATENCY_MS: &str = "100";

pub(super) fn measure(options: &Options, rounds: usize) -> Outcome<Vec<Verdict>> {
    let Some(chromium) = setup::chromium() else {
        return Err(Problem::new(
            "Chromium is missing; run `cargo xtask setup` or name it in DESKSIDE_CHROMIUM",
        ));
    };
    let binaries = options.binaries()?;
    let place = house::target_dir("bench")?;
    let peer = http::free_port()?.to_string();
    let painted = in_a_world(&binaries, &place, "bench/flex/painted.mjs", |script| {
        script.env("BENCH_PORT", &peer).env("BENCH_ROUNDS", rounds.to_string());
        script.env("DESKSIDE_CHROMIUM", &chromium);
    })?;
    let many = in_a_world(&binaries, &place, "bench/flex/many.mjs", |_| ())?;
    let mut verdicts = vec![waits(&painted)?];
    verdicts.extend(at_once(&many)?);
    Ok(verdicts)
}

/// Runs a script beside a fresh sandbox and a fresh server; what its last line says.
fn in_a_world(
    binaries: &Binaries,
    place: &Path,
    script: &str,
    choose: impl FnOnce(&mut Command),
) -> Outcome<Value> {
    let (ports, data) = (ports()?, place.join(format!("data-{}", std::process::id())));
    house::make_dir(&data)?;
    let said = {
        let choices = ["--relaxed", "--latency-ms", LATENCY_MS];
        let _stage = Stage::start_choosing(binaries, &ports, place, &data, (0, &choices))?;
        let mut node = command("node", [script]);
        node.env("BENCH_ZENDESK", at(ports.zendesk)).env("BENCH_TWILIO", at(ports.twilio));
        node.env("BENCH_SERVER", at(ports.server));
        choose(&mut node);
        command::run_for_output(&mut node)
    };
    let _next_time = std::fs::remove_dir_all(&data);
    let said = said?;
    let last = said.trim().lines().last().unwrap_or_default();
    serde_json::from_str(last)
        .map_err(|cause| Problem::new(format!("{script} did not end with its numbers: {cause}")))
}

fn at(port: u16) -> String {
    format!("http://127.0.0.1:{port}")
}

/// Of both sides the median and what 95 of a hundred stay below.
fn waits(painted: &Value) -> Outcome<Verdict> {
    println!(
        "\nMilliseconds from accepting a call until the contract is painted; {LATENCY_MS} ms for each call to a vendor"
    );
    println!("{:<34}{:>9}{:>9}{:>9}{:>9}", "", "calls", "median", "p95", "most");
    let mut of_ours = None;
    for (name, title) in [("deskside", "Deskside"), ("sequence", "the same calls in sequence")] {
        let times = painted[name].as_array().into_iter().flatten().filter_map(Value::as_f64);
        let mut times: Vec<f64> = times.collect();
        times.sort_by(f64::total_cmp);
        let (Some(p95), Some(most)) = (at_share(&times, 95), times.last()) else {
            return Err(Problem::new(format!("bench/flex/painted.mjs has no times of `{name}`")));
        };
        let middle = times[times.len() / 2];
        println!("{title:<34}{:>9}{middle:>9.0}{p95:>9.0}{most:>9.0}", times.len());
        of_ours.get_or_insert(p95);
    }
    let p95 = of_ours.unwrap_or(f64::NAN);
    Ok(Verdict::at_most("accepted until painted, p95, ms", p95, PAINTED_MS))
}

/// What so many of a hundred stay at or below; of sorted values.
fn at_share(sorted: &[f64], of_hundred: usize) -> Option<f64> {
    sorted.get((sorted.len() * of_hundred).div_ceil(100).checked_sub(1)?).copied()
}

fn at_once(many: &Value) -> Outcome<Vec<Verdict>> {
    let number = |name: &str| {
        let number = many[name].as_f64();
        number.ok_or_else(|| Problem::new(format!("bench/flex/many.mjs does not say `{name}`")))
    };
    println!(
        "\n{} engagements accepted in one second, each told twice by a browser and once by Twilio",
        number("engagements")?
    );
    println!(
        "answers, ms: {:.0} in the middle, {:.0} p95, {:.0} at most; all after {:.1} s; every note written after {:.1} s",
        number("p50")?,
        number("p95")?,
        number("max")?,
        number("answered")? / 1000.0,
        number("noted")? / 1000.0
    );
    let none = |what: &str, name: &str| Ok(Verdict::at_most(what, number(name)?, 0.0));
    Ok(vec![
        none("popped wrong", "popped_wrong")?,
        none("created twice", "created_twice")?,
        none("not logged", "not_logged")?,
        none("logged twice", "logged_twice")?,
    ])
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{at_once, at_share, waits};

    #[test]
    fn ninety_five_of_a_hundred_stay_below() {
        let hundred: Vec<f64> = (1..=100).map(f64::from).collect();
        assert_eq!(at_share(&hundred, 95), Some(95.0));
        assert_eq!(at_share(&hundred[..20], 95), Some(19.0));
        assert_eq!(at_share(&hundred[..1], 95), Some(1.0));
        assert_eq!(at_share(&[], 95), None);
    }

    #[test]
    fn one_call_in_twenty_may_be_slow_and_not_two() {
        let check = |slow: usize, missed: bool| {
            let times: Vec<f64> = (0..20).map(|n| if n < slow { 400.0 } else { 250.0 }).collect();
            let painted = json!({"deskside": times, "sequence": [700.0]});
            assert_eq!(waits(&painted).expect("times").is_missed(), missed, "{slow}");
        };
        check(0, false);
        check(1, false);
        check(2, true);
        assert!(waits(&json!({"deskside": [1.0]})).is_err(), "beside nothing");
    }

    #[test]
    fn one_engagement_that_went_wrong_is_a_miss() {
        let mut many = json!({"engagements": 200, "p50": 1.0, "p95": 1.0, "max": 1.0, "answered": 1.0, "noted": 1.0,
            "popped_wrong": 0, "created_twice": 0, "not_logged": 0, "logged_twice": 0});
        let missed = |many: &serde_json::Value| {
            at_once(many).expect("numbers").iter().filter(|one| one.is_missed()).count()
        };
        assert_eq!(missed(&many), 0);
        many["logged_twice"] = json!(1);
        assert_eq!(missed(&many), 1);
        many["created_twice"] = json!(null);
        assert!(at_once(&many).is_err());
    }
}
