//! A gigabyte through the archive, beside a plain copy from the same host to the same store: as fast as a streaming tool
//! does it, parts of one size, nothing hashed, nothing read back.

use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::world::{BUCKET, Scene, World, bench_s3};
use crate::bench::{Verdict, median, process};
use crate::problem::{Outcome, Problem};
use crate::session::{bearer, json_of, zendesk_token};
use crate::{command, http};

const BYTES: u32 = 1 << 30;
/// Of the plain copy's throughput.
const OF_PLAIN: f64 = 0.8;
const TICKET: u64 = 42;
/// A slow disk may take so long.
const ARCHIVE_TIMEOUT: Duration = Duration::from_mins(10);

pub(super) fn measure(scene: &Scene, rounds: usize, peaks: &mut Vec<f64>) -> Outcome<Verdict> {
    let mut passes = Vec::new();
    for round in 0..rounds {
        passes.push(pass(scene, round % 2 == 0)?);
    }
    print(&passes);
    peaks.extend(passes.iter().map(|pass| pass.peak_mb));
    let ratio = median(passes.iter().map(|pass| pass.plain / pass.stored).collect());
    Ok(Verdict::at_least("a gigabyte stored, of a plain copy's rate", ratio, OF_PLAIN))
}

/// Every round, because a disk has moods; the last line is the median of each column.
fn print(passes: &[Pass]) {
    let columns: [fn(&Pass) -> f64; 7] = [
        |pass| rate(pass.plain),
        |pass| rate(pass.stored),
        |pass| pass.plain / pass.stored,
        |pass| rate(pass.redacted),
        |pass| pass.plain / pass.redacted,
        |pass| pass.peak_mb,
        |pass| pass.cpu,
    ];
    let line = |title: &str, value: &dyn Fn(fn(&Pass) -> f64) -> f64| {
        let [plain, stored, of_stored, redacted, of_redacted, peak, cpu] = columns.map(value);
        println!(
            "{title:<8}{plain:>12.0}{stored:>14.0}{of_stored:>10.2}{redacted:>14.0}{of_redacted:>10.2}{peak:>15.1}{cpu:>8.1}"
        );
    };
    println!(
        "\n{} MB to S3, in MB/s; stored: hashed, and under its final name; redacted: read back and compared, too",
        BYTES >> 20
    );
    println!(
        "{:<8}{:>12}{:>14}{:>10}{:>14}{:>10}{:>15}{:>8}",
        "round", "plain copy", "stored", "÷ plain", "redacted", "÷ plain", "resident, MB", "CPU, s"
    );
    for (round, pass) in passes.iter().enumerate() {
        line(&(round + 1).to_string(), &|column| column(pass));
    }
    line("median", &|column| median(passes.iter().map(column).collect()));
}

fn rate(seconds: f64) -> f64 {
    f64::from(BYTES >> 20) / seconds
}

/// What one round showed; seconds.
struct Pass {
    plain: f64,
    stored: f64,
    redacted: f64,
    peak_mb: f64,
    /// Of Deskside's process.
    cpu: f64,
}

/// A server of its own, so that the most it ever held is this file's.
fn pass(scene: &Scene, plain_first: bool) -> Outcome<Pass> {
    let world = World::start(scene, 0)?;
    let server = world.serve()?;
    let attach = || world.attach(TICKET, "recording.bin", BYTES.into());
    // Redacted is gone: each takes its own, of one size.
    let (ours, theirs) = (attach()?, attach()?);
    let before = plain_first.then(|| copy(&world, &theirs)).transpose()?;
    let (stored, redacted) = put_away(&world, &ours)?;
    let peak_mb = process::peak_mb(server.process())?;
    let cpu = process::cpu_seconds(server.process())?;
    let plain = before.map_or_else(|| copy(&world, &theirs), Ok)?;
    let is_ours = |path: &std::path::Path| path.to_string_lossy().contains(&format!("/{TICKET}/"));
    let size_is_whole =
        |path: &std::path::Path| path.metadata().is_ok_and(|file| file.len() == u64::from(BYTES));
    if !world.objects()?.iter().any(|path| is_ours(path) && size_is_whole(path)) {
        return Err(Problem::new("the archive says that it has the file, and the store does not hold it"));
    }
    Ok(Pass { plain, stored, redacted, peak_mb, cpu })
}

/// From asking for the bytes until the store has them.
fn copy(world: &World, file: &Value) -> Outcome<f64> {
    let from = world.link(file, &zendesk_token(&world.ports)?)?;
    let mut copy = bench_s3(["copy", "--from", &from, "--endpoint", &world.s3_url(), "--bucket", BUCKET]);
    let said = command::output(copy.args(["--key", "plain-copy", "--part-mb", "8"]))?;
    said.trim().parse().map_err(|_| Problem::new(format!("the plain copy said {said}")))
}

/// From the agent's wish until the file is stored, and until it is redacted.
fn put_away(world: &World, file: &Value) -> Outcome<(f64, f64)> {
    let (port, path) = (world.ports.server, format!("/api/tickets/{TICKET}/archive"));
    let bearer = bearer(&world.ports)?;
    let wish = json!({"attachment_ids": [file["id"]]}).to_string();
    let since = Instant::now();
    json_of(&http::post_as(port, &path, &bearer, &wish)?, "the archive run")?;
    let mut stored = None;
    while since.elapsed() < ARCHIVE_TIMEOUT {
        let view = json_of(&http::get_as(port, &path, &bearer)?, "the archive's list")?;
        let item = view["items"].as_array().into_iter().flatten();
        let item = item.into_iter().find(|item| item["attachment_id"] == file["id"]);
        let item = item.ok_or_else(|| Problem::new("the archive's list does not have the attachment"))?;
        let seconds = since.elapsed().as_secs_f64();
        match item["state"].as_str().unwrap_or_default() {
            "in_zendesk" | "planned" => {}
            "stored" | "verified" => drop(stored.get_or_insert(seconds)),
            "redacted" => return Ok((stored.unwrap_or(seconds), seconds)),
            other => return Err(Problem::new(format!("the attachment is {other}: {}", item["reason"]))),
        }
        thread::sleep(Duration::from_millis(50));
    }
    Err(Problem::new(format!("the attachment is not put away after {} s", ARCHIVE_TIMEOUT.as_secs())))
}
