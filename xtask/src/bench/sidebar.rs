//! How long an agent waits for the contract, against the same card in React with Zendesk Garden and by hand. What is
//! measured and how: `bench/sidebar/run.mjs`; the budgets: design, section 9.

use serde_json::Value;

use super::{Options, Verdict};
use crate::app::{self, FIRST_LOAD};
use crate::command::{self, command};
use crate::demo::{Ports, Stage};
use crate::problem::{Outcome, Problem};
use crate::{house, http, setup};

/// Of the React card's time.
const OF_REACT: f64 = 0.6;
/// Of the hand-written page's time.
const OF_PLAIN: f64 = 1.25;

pub(super) fn measure(options: &Options, rounds: usize) -> Outcome<Vec<Verdict>> {
    let Some(chromium) = setup::chromium() else {
        return Err(Problem::new(
            "Chromium is missing; run `cargo xtask setup` or name it in DESKSIDE_CHROMIUM",
        ));
    };
    setup::npm_packages_in("bench/sidebar-react")?;
    let bundle = app::build()?;
    let binaries = options.binaries()?;
    let place = house::target_dir("bench")?;
    let data = place.join(format!("data-{}", std::process::id()));
    house::make_dir(&data)?;
    let (workspace, peers) = (http::free_port()?, http::free_port()?);
    let ports = Ports::free(workspace)?;
    let measured = {
        // The workspace that the server asks is the benchmark's own, and starts with it.
        let _stage = Stage::start(&binaries, &ports, &place, &data, 0)?;
        command::run_for_output(
            command("node", ["bench/sidebar/run.mjs"])
                .env("BENCH_SERVER", ports.server_url())
                .env("BENCH_SANDBOX", format!("http://127.0.0.1:{}", ports.zendesk))
                .env("BENCH_PORT", workspace.to_string())
                .env("BENCH_PEERS_PORT", peers.to_string())
                .env("BENCH_ROUNDS", rounds.to_string())
                .env("DESKSIDE_CHROMIUM", chromium),
        )
    };
    let _next_time = std::fs::remove_dir_all(&data);
    let measured: Value = serde_json::from_str(measured?.trim()).map_err(|cause| {
        Problem::new(format!("bench/sidebar/run.mjs did not end with its numbers: {cause}"))
    })?;
    let first_load: Outcome<u64> = FIRST_LOAD.iter().map(|part| bundle.compressed(part)).sum();
    print(&measured, first_load?);
    verdicts(&measured)
}

fn print(measured: &Value, deskside: u64) {
    println!(
        "\nMilliseconds from the frame's navigation until the contract is painted (CPU slowed four times, median)"
    );
    println!("{:<34}{:>9}{:>9}{:>16}", "", "cold", "warm", "bytes (brotli)");
    for (name, title) in
        [("deskside", "Deskside"), ("react", "React with Zendesk Garden"), ("plain", "a page by hand")]
    {
        let bytes = measured["bytes"][name].as_u64().unwrap_or(deskside);
        let times = &measured["medians"][name];
        let of = |when: &str| times[when].as_f64().unwrap_or(f64::NAN);
        println!("{title:<34}{:>9.0}{:>9.0}{bytes:>16}", of("cold"), of("warm"));
    }
}

fn verdicts(measured: &Value) -> Outcome<Vec<Verdict>> {
    let mut verdicts = Vec::new();
    for when in ["cold", "warm"] {
        let time = |name: &str| {
            let time = measured["medians"][name][when].as_f64().filter(|time| *time > 0.0);
            time.ok_or_else(|| Problem::new(format!("bench/sidebar/run.mjs has no {when} time of `{name}`")))
        };
        let deskside = time("deskside")?;
        let ratio =
            |what: &str, is: f64, budget| Verdict::at_most(format!("{when}: Deskside ÷ {what}"), is, budget);
        verdicts.push(ratio("React with Garden", deskside / time("react")?, OF_REACT));
        verdicts.push(ratio("a page by hand", deskside / time("plain")?, OF_PLAIN));
    }
    Ok(verdicts)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::verdicts;

    #[test]
    fn ratios_are_taken_of_the_same_visit() {
        let measured = json!({"medians": {
            "deskside": {"cold": 200.0, "warm": 100.0},
            "react": {"cold": 400.0, "warm": 400.0},
            "plain": {"cold": 100.0, "warm": 100.0},
        }});
        let found: Vec<_> =
            verdicts(&measured).expect("all times").into_iter().map(|verdict| verdict.is).collect();
        assert_eq!(found, [0.5, 2.0, 0.25, 1.0]);
    }

    #[test]
    fn a_card_that_was_never_painted_is_a_problem() {
        assert!(verdicts(&json!({"medians": {}})).is_err());
    }
}
