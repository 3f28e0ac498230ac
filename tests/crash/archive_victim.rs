//! A worker of the whole product, made to be killed: `archive-victim <time> <bytes of a part> <step> [<how often it passes the
//! step before>]` works with the settings of its environment until the step, says `at <step>`, and stands still there until
//! it is killed. With the step `none` it is killed from outside, while somebody does not answer it.

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use deskside::assembly;
use deskside::clock::Clock;
use deskside::config::Config;
use deskside::features::archive::Parts;
use deskside::queue::{JobId, Probe, Queue, Step};
use deskside::store::Db;
use engine::InProcess;

struct StandStill {
    step: String,
    passes: AtomicU32,
}

impl Probe for StandStill {
    fn at(&self, step: Step, _: &JobId) {
        if format!("{step:?}") != self.step {
            return;
        }
        if self.passes.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok() {
            return;
        }
        let mut out = std::io::stdout();
        writeln!(out, "at {}", self.step).and_then(|()| out.flush()).expect("the harness listens");
        loop {
            std::thread::park(); // for ever, with whatever transaction is open
        }
    }
}

#[tokio::main]
async fn main() {
    let mut arguments = std::env::args().skip(1);
    let now = arguments.next().expect("the time").parse().expect("a time");
    let part_bytes = arguments.next().expect("the size of a part").parse().expect("a number");
    let step = arguments.next().expect("the step");
    let passes = arguments.next().map_or(0, |passes| passes.parse().expect("a number"));

    let mut config = Config::load(None, std::env::vars().collect::<Vec<_>>()).expect("the settings are good");
    config.archive.runs.parts = Parts { bytes: part_bytes, from_bytes: part_bytes };
    let url = std::env::var("DESKSIDE_STORE__DATABASE_URL").expect("the database's address");
    let (db, clock) = (Db::connect(&url, 4).await.expect("the database opens"), Clock::stopped_at(now));
    let queue = Queue::new(db, clock.clone()).with_probe(StandStill { step, passes: AtomicU32::new(passes) });
    let engine = Arc::new(InProcess::new(1, true));
    let deskside =
        assembly::assemble_on(&[config], clock, queue, (engine.clone(), engine)).await.expect("it starts");
    deskside.worker.run_until_idle().await.expect("it works");
}
