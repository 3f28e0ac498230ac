//! How soon the server is ready, and how much of the machine it holds when nobody asks; the release build, migrations done.

use std::thread;
use std::time::Duration;

use super::Verdict;
use crate::demo::{Binaries, Ports, Profile, Stage};
use crate::problem::{Outcome, Problem};
use crate::{app, house};

const READY_MS: f64 = 100.0;
const RESIDENT_MB: f64 = 40.0;

pub(super) fn measure(rounds: usize) -> Outcome<Vec<Verdict>> {
    app::build()?;
    let binaries = Binaries::build(Profile::Release)?;
    let place = house::target_dir("bench")?;
    let data = place.join(format!("data-{}", std::process::id()));
    house::make_dir(&data)?;
    let (mut ready, mut resident) = (Vec::new(), Vec::new());
    for round in 0..=rounds {
        let mut ports = Ports::free(0)?;
        ports.workspace = ports.zendesk;
        let stage = Stage::start(&binaries, &ports, &place, &data)?;
        thread::sleep(Duration::from_secs(2)); // what a start leaves behind, workers included, has settled
        if round > 0 {
            // The first start creates the database.
            ready.push(stage.server_ready_after().as_secs_f64() * 1000.0);
            resident.push(resident_mb(stage.server_process())?);
        }
    }
    let _next_time = std::fs::remove_dir_all(&data);
    let verdict = |what: &str, is, at_most| Verdict { what: what.to_owned(), is, at_most };
    Ok(vec![
        verdict("server ready, ms", median(ready), READY_MS),
        verdict("resident when idle, MB", median(resident), RESIDENT_MB),
    ])
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Linux counts in `VmRSS: 12345 kB`.
fn resident_mb(process: u32) -> Outcome<f64> {
    let status = house::read(format!("/proc/{process}/status").as_ref())?;
    let kilobytes = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:")?.trim().strip_suffix(" kB")?.parse::<f64>().ok());
    kilobytes
        .map(|kilobytes| kilobytes / 1024.0)
        .ok_or_else(|| Problem::new(format!("/proc/{process}/status has no VmRSS")))
}
