//! Agents who ask for cards while something else goes on.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::http;
use crate::problem::{Outcome, Problem};

/// Four agents who ask for a card fifty times a second.
pub(super) struct Cards {
    stop: Arc<AtomicBool>,
    agents: Vec<thread::JoinHandle<Vec<f64>>>,
}

impl Cards {
    pub(super) fn asked(server: u16, bearer: &str) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let agents = (0..4).map(|_| {
            let (stop, bearer) = (stop.clone(), bearer.to_owned());
            thread::spawn(move || {
                let mut times = Vec::new();
                while !stop.load(Ordering::Relaxed) {
                    let since = Instant::now();
                    let answer = http::get_as(server, "/api/tickets/42/card", &bearer);
                    let is_fine = answer.is_ok_and(|answer| answer.status == 200);
                    times.push(if is_fine { since.elapsed().as_secs_f64() * 1000.0 } else { f64::INFINITY });
                    thread::sleep(Duration::from_millis(80));
                }
                times
            })
        });
        Self { agents: agents.collect(), stop }
    }

    pub(super) fn after(self, time: Duration) -> Vec<f64> {
        thread::sleep(time);
        self.until_now()
    }

    pub(super) fn until_now(self) -> Vec<f64> {
        self.stop.store(true, Ordering::Relaxed);
        self.agents.into_iter().flat_map(|agent| agent.join().unwrap_or_default()).collect()
    }
}

/// What 95 of 100 stay below.
pub(super) fn p95(mut times: Vec<f64>) -> Outcome<f64> {
    times.sort_by(f64::total_cmp);
    times.get(times.len() * 95 / 100).copied().ok_or_else(|| Problem::new("nobody asked for a card"))
}
