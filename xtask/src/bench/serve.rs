//! How soon the server is ready, how much of the machine it holds when nobody asks, and how many cards it answers; the
//! release build, migrations done.

use std::thread;
use std::time::Duration;

use super::{Options, Verdict, card, median, ports, process};
use crate::demo::Stage;
use crate::house;
use crate::problem::Outcome;

const READY_MS: f64 = 100.0;
const RESIDENT_MB: f64 = 40.0;

pub(super) fn measure(options: &Options, rounds: usize) -> Outcome<Vec<Verdict>> {
    let binaries = options.binaries()?;
    let place = house::target_dir("bench")?;
    let data = place.join(format!("data-{}", std::process::id()));
    house::make_dir(&data)?;
    let (mut ready, mut resident) = (Vec::new(), Vec::new());
    for round in 0..=rounds {
        let stage = Stage::start(&binaries, &ports()?, &place, &data, 0)?;
        thread::sleep(Duration::from_secs(2)); // what a start leaves behind, workers included, has settled
        if round > 0 {
            // The first start creates the database.
            ready.push(stage.server_ready_after().as_secs_f64() * 1000.0);
            resident.push(process::resident_mb(stage.server_process())?);
        }
    }
    let cards = card::measure(&binaries, &place, &data, rounds);
    let _next_time = std::fs::remove_dir_all(&data);
    Ok(vec![
        Verdict::at_most("server ready, ms", median(ready), READY_MS),
        Verdict::at_most("resident when idle, MB", median(resident), RESIDENT_MB),
        cards?,
    ])
}
