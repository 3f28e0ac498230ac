//! Cards per second from the local copy, beside a bare axum handler that answers the same bytes. Both are asked with the
//! same request by the same program, in turns: what else the machine does, it does to both.

use std::io::Write;
use std::path::Path;
use std::process::{Child, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::process::cpu_seconds;
use super::{Verdict, median, ports};
use crate::command::{self, command};
use crate::demo::{Binaries, Stage};
use crate::problem::{Outcome, Problem};
use crate::session::{self, unexpected};
use crate::{house, http};

/// Of the bare handler's answers per second.
const OF_BARE: f64 = 0.7;
const CARD: &str = "/api/tickets/42/card";
/// How long each of the two is asked in a round.
const SECONDS: f64 = 2.0;
/// How many connections ask.
const CONNECTIONS: u32 = 16;

pub(super) fn measure(binaries: &Binaries, place: &Path, data: &Path, rounds: usize) -> Outcome<Verdict> {
    let ports = ports()?;
    let stage = Stage::start(binaries, &ports, place, data, 0)?;
    let bearer = session::bearer(&ports)?;
    let card = http::get_as(ports.server, CARD, &bearer)?;
    if card.status != 200 {
        return Err(unexpected("the card", &card));
    }
    let peer = Bare::start(place, &card.body)?;
    // As a browser on a kept connection asks.
    let request = format!(
        "GET {CARD} HTTP/1.1\r\nHost: localhost\r\nAccept: application/json\r\nAuthorization: Bearer {bearer}\r\n\r\n"
    );
    let mut deskside = Asked::new(ports.server, stage.server_process());
    let mut bare = Asked::new(peer.port, peer.child.id());
    for round in 0..rounds {
        let mut turns = [&mut deskside, &mut bare];
        turns.rotate_left(round % 2); // nobody is always first
        for asked in turns {
            asked.ask(&request)?;
        }
    }
    println!("\nCards per second, {CONNECTIONS} connections, {SECONDS} s each, median of {rounds} rounds");
    println!("{:<34}{:>12}{:>24}", "", "per second", "µs of CPU per answer");
    for (title, asked) in [("Deskside, from the local copy", &deskside), ("a bare axum handler", &bare)] {
        println!("{title:<34}{:>12.0}{:>24.1}", median(asked.rates.clone()), median(asked.micros.clone()));
    }
    // Of the same round, because the machine has other things to do.
    let ratios = deskside.rates.iter().zip(&bare.rates).map(|(deskside, bare)| deskside / bare).collect();
    Ok(Verdict::at_least("cards per second ÷ a bare handler's", median(ratios), OF_BARE))
}

/// One of the two, and what was seen of it.
struct Asked {
    port: u16,
    process: u32,
    rates: Vec<f64>,
    micros: Vec<f64>,
}

impl Asked {
    fn new(port: u16, process: u32) -> Self {
        Self { port, process, rates: Vec::new(), micros: Vec::new() }
    }

    fn ask(&mut self, request: &str) -> Outcome {
        let before = cpu_seconds(self.process)?;
        let since = Instant::now();
        let rate = load(self.port, request)?;
        // Its share of the time that it was asked; warming up is asking, too.
        let answers = rate * since.elapsed().as_secs_f64();
        self.micros.push((cpu_seconds(self.process)? - before) / answers * 1e6);
        self.rates.push(rate);
        Ok(())
    }
}

/// Answers per second.
fn load(port: u16, request: &str) -> Outcome<f64> {
    let mut load = bench_serve(["load", "--port", &port.to_string()]);
    load.args(["--connections", &CONNECTIONS.to_string(), "--seconds", &SECONDS.to_string()]);
    load.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = load.spawn().map_err(|cause| command::not_started(&load, &cause))?;
    let given = child.stdin.take().map(|mut stdin| stdin.write_all(request.as_bytes()));
    let output = child.wait_with_output();
    let rate = match (given, output) {
        (Some(Ok(())), Ok(output)) if output.status.success() => {
            String::from_utf8_lossy(&output.stdout).trim().parse().ok()
        }
        _ => None,
    };
    rate.filter(|rate| *rate > 0.0)
        .ok_or_else(|| Problem::new(format!("`{}` measured nothing", command::shown(&load))))
}

fn bench_serve<'a>(args: impl IntoIterator<Item = &'a str>) -> std::process::Command {
    command(&house::target().join("release/bench-serve").to_string_lossy(), args)
}

/// The bare handler; it stops when dropped.
struct Bare {
    child: Child,
    port: u16,
}

impl Bare {
    fn start(place: &Path, body: &str) -> Outcome<Self> {
        let file = place.join("card.json");
        house::write(&file, body)?;
        let port = http::free_port()?;
        let mut bare = bench_serve(["bare", "--port", &port.to_string(), "--body"]);
        bare.arg(&file).stdin(Stdio::null());
        let child = bare.spawn().map_err(|cause| command::not_started(&bare, &cause))?;
        let bare = Self { child, port };
        let since = Instant::now();
        while !http::get(port, CARD).is_ok_and(|answer| answer.body == body) {
            if since.elapsed() > Duration::from_secs(10) {
                return Err(Problem::new("the bare handler does not answer with the card after 10 s"));
            }
            thread::sleep(Duration::from_millis(10));
        }
        Ok(bare)
    }
}

impl Drop for Bare {
    fn drop(&mut self) {
        command::stop(&mut self.child);
    }
}
