//! 500 mixed files on 100 tickets: `deskside archive` beside the script that people write for this. Once without a network,
//! where the machine is the limit, and once with 20 ms for every call to Zendesk, its host of files and the store.

use std::collections::BTreeMap;
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::calls::{self, Calls};
use super::script;
use super::world::{Scene, World, path_of};
use crate::bench::{Verdict, median, process};
use crate::problem::{Outcome, Problem};
use crate::session::{json_of, zendesk_token};
use crate::{command, house, http};

const TICKETS: u32 = 100;
const FILES: u32 = 5; // of a ticket
const LATENCIES_MS: [u32; 2] = [0, 20];
/// The sandbox's first; what they sent may leave.
const CUSTOMER: u64 = 26_155_588_908_160;
/// Of the script's files per second.
const OF_SCRIPT: f64 = 3.0;

/// How many bytes the n-th file has: of a hundred, 4 have none, 30 are notes and logs up to 20 kB, 45 screenshots up to
/// 300 kB, 18 scans up to 1.5 MB, and 3 photos up to 4 MB; 0.3 MB in the middle of all.
fn size(file: u32) -> u64 {
    // Steps that have no factor with 100 and 97 mix kinds and sizes, the same every time.
    let (kind, within) = (file * 37 % 100, u64::from(file * 61 % 97));
    let between = |least: u64, most: u64| least + (most - least) * within / 96;
    match kind {
        0..4 => 0,
        4..34 => between(1, 20_000),
        34..79 => between(20_000, 300_000),
        79..97 => between(300_000, 1_500_000),
        _ => between(2_000_000, 4_000_000),
    }
}

pub(super) fn measure(scene: &Scene, rounds: usize, peaks: &mut Vec<f64>) -> Outcome<Vec<Verdict>> {
    script::python()?;
    let expected = expected(scene)?;
    let mut verdicts = Vec::new();
    let mut asked = None;
    for latency_ms in LATENCIES_MS {
        let mut passes = Vec::new();
        for round in 0..rounds {
            let mut sides = [Side::Deskside, Side::Script];
            sides.rotate_left(round % 2); // nobody is always first
            let first = side(scene, latency_ms, sides[0], &expected)?;
            let second = side(scene, latency_ms, sides[1], &expected)?;
            let [deskside, script] = if round % 2 == 0 { [first, second] } else { [second, first] };
            passes.push((deskside, script));
        }
        print(latency_ms, &passes);
        peaks.extend(passes.iter().map(|(deskside, _)| deskside.peak_mb));
        let ratio = median(passes.iter().map(|(ours, theirs)| theirs.seconds / ours.seconds).collect());
        let what = format!("500 files, {latency_ms} ms per call, of the script's rate");
        verdicts.push(Verdict::at_least(what, ratio, OF_SCRIPT));
        asked = passes.into_iter().next().map(|(deskside, script)| (deskside.calls, script.calls));
    }
    if let Some((deskside, script)) = asked {
        calls::print(&deskside, &script, TICKETS);
        // The command line looks whether there is anything before it begins.
        let most = f64::from(calls::needed() + 1) + 0.5;
        verdicts.push(Verdict::at_most("calls to Zendesk, ticket of 5 files", deskside.each(TICKETS), most));
    }
    Ok(verdicts)
}

/// Of Deskside and the script, in one round.
type Column = fn(&(Pass, Pass)) -> f64;

fn print(latency_ms: u32, passes: &[(Pass, Pass)]) {
    let columns: [Column; 7] = [
        |(_, script)| f64::from(TICKETS * FILES) / script.seconds,
        |(deskside, _)| f64::from(TICKETS * FILES) / deskside.seconds,
        |(deskside, script)| script.seconds / deskside.seconds,
        |(deskside, _)| deskside.peak_mb,
        |(deskside, _)| deskside.cpu,
        |(deskside, _)| deskside.others_cpu,
        |(_, script)| script.others_cpu,
    ];
    let line = |title: &str, value: &dyn Fn(Column) -> f64| {
        let [script, deskside, ratio, peak, cpu, others, for_script] = columns.map(value);
        print!("{title:<8}{script:>12.1}{deskside:>14.1}{ratio:>10.2}{peak:>15.1}");
        println!("{cpu:>9.1}{others:>14.1}{for_script:>14.1}");
    };
    println!("\n500 mixed files of 100 tickets, files per second; {latency_ms} ms per call");
    println!("CPU: seconds of a core; of others: of Zendesk and the store, for Deskside and for the script");
    print!("{:<8}{:>12}{:>14}{:>10}{:>15}", "round", "script", "Deskside", "÷ script", "resident, MB");
    println!("{:>9}{:>14}{:>14}", "CPU", "of others", "for script");
    for (round, pass) in passes.iter().enumerate() {
        line(&(round + 1).to_string(), &|column| column(pass));
    }
    line("median", &|column| median(passes.iter().map(column).collect()));
}

#[derive(Clone, Copy)]
enum Side {
    Deskside,
    Script,
}

/// What one side showed.
struct Pass {
    seconds: f64,
    peak_mb: f64,
    /// Seconds of a core: of Deskside's process.
    cpu: f64,
    /// Of Zendesk's and the store's meanwhile.
    others_cpu: f64,
    calls: Calls,
}

/// How many files there are of each SHA-256.
type Hashes = BTreeMap<String, u32>;

fn side(scene: &Scene, latency_ms: u32, side: Side, expected: &Hashes) -> Outcome<Pass> {
    let world = World::start(scene, latency_ms)?;
    let filled = fill(&world)?;
    let tickets: Vec<u64> = filled.keys().copied().collect();
    let (before, cpu_before) = (Calls::read(&world)?, world.cpu_seconds()?);
    let (seconds, peak_mb, cpu) = match side {
        Side::Deskside => deskside(&world, &tickets)?,
        Side::Script => (script::run(&world, &tickets)?, 0.0, 0.0),
    };
    let others_cpu = world.cpu_seconds()? - cpu_before;
    let calls = Calls::read(&world)?.since(&before);
    is_put_away(&world, &tickets, expected)?;
    Ok(Pass { seconds, peak_mb, cpu, others_cpu, calls })
}

/// Tickets of a customer, each with its files.
fn fill(world: &World) -> Outcome<BTreeMap<u64, Vec<Value>>> {
    let token = zendesk_token(&world.ports)?;
    let mut filled = BTreeMap::new();
    for ticket in 0..TICKETS {
        let wish = json!({"ticket": {
            "subject": format!("Documents {ticket}"),
            "requester_id": CUSTOMER,
            "comment": {"body": "Here are my documents.", "public": true, "author_id": CUSTOMER},
        }});
        let made = http::post_as(world.ports.zendesk, "/api/v2/tickets", &token, &wish.to_string())?;
        let made = json_of(&made, "the new ticket")?;
        let id = made["ticket"]["id"].as_u64().ok_or_else(|| Problem::new("the new ticket has no number"))?;
        let files = (0..FILES).map(|file| {
            let number = ticket * FILES + file;
            world.attach(id, &format!("document-{number}.bin"), size(number))
        });
        filled.insert(id, files.collect::<Outcome<Vec<_>>>()?);
    }
    Ok(filled)
}

/// The same files have the same bytes in every world; here they are read once.
fn expected(scene: &Scene) -> Outcome<Hashes> {
    let world = World::start(scene, 0)?;
    let token = zendesk_token(&world.ports)?;
    let mut hashes = Hashes::new();
    for file in fill(&world)?.values().flatten() {
        let mut bytes = Vec::new();
        http::download(world.ports.content, path_of(&world.link(file, &token)?), &mut bytes)?;
        *hashes.entry(hex::encode(Sha256::digest(&bytes))).or_default() += 1;
    }
    Ok(hashes)
}

/// Seconds of the whole command, what it held at most, and seconds of a core.
fn deskside(world: &World, tickets: &[u64]) -> Outcome<(f64, f64, f64)> {
    let list = world.place().join("tickets.txt");
    let lines: Vec<_> = tickets.iter().map(u64::to_string).collect();
    house::write(&list, lines.join("\n"))?;
    command::output(&mut world.deskside(["migrate"]))?; // a command makes no database
    let mut archive = world.deskside(["archive"]);
    archive.arg("--tickets").arg(&list).stdin(Stdio::null()).stdout(Stdio::null());
    let log = world.place().join("archive.log");
    archive.stderr(std::fs::File::create(&log).map_err(|cause| Problem::file("create", &log, &cause))?);
    let since = Instant::now();
    let mut child = archive.spawn().map_err(|cause| command::not_started(&archive, &cause))?;
    let (mut peak_mb, mut cpu) = (0.0, 0.0);
    loop {
        match child.try_wait() {
            Ok(Some(status)) if status.success() => {
                return Ok((since.elapsed().as_secs_f64(), peak_mb, cpu));
            }
            Ok(None) => {}
            _ => return Err(Problem::new(format!("`deskside archive` failed; see {}", log.display()))),
        }
        // It may just have ended.
        peak_mb = process::peak_mb(child.id()).unwrap_or(peak_mb);
        cpu = process::cpu_seconds(child.id()).unwrap_or(cpu);
        thread::sleep(Duration::from_millis(10));
    }
}

/// Every file is gone from Zendesk and whole in the store.
fn is_put_away(world: &World, tickets: &[u64], expected: &Hashes) -> Outcome {
    let state = json_of(&http::get(world.ports.zendesk, "/_sandbox/state")?, "the sandbox's state")?;
    let all = state["tickets"].as_array().into_iter().flatten();
    let ours = all.filter(|ticket| ticket["id"].as_u64().is_some_and(|id| tickets.contains(&id)));
    let files = ours.flat_map(|ticket| ticket["attachments"].as_array().into_iter().flatten());
    let is_redacted = |file: &&Value| file["file_name"] == "redacted.txt" && file["size"] == 0;
    let redacted = files.filter(is_redacted).count();
    if redacted != (TICKETS * FILES) as usize {
        return Err(Problem::new(format!("{redacted} files of {} are redacted", TICKETS * FILES)));
    }
    let mut stored = Hashes::new();
    for path in world.objects()? {
        let bytes = house::read_bytes(&path)?;
        *stored.entry(hex::encode(Sha256::digest(&bytes))).or_default() += 1;
    }
    if stored == *expected {
        Ok(())
    } else {
        Err(Problem::new("the store does not hold what Zendesk had, byte for byte"))
    }
}

#[cfg(test)]
mod tests {
    use super::{FILES, TICKETS, size};

    #[test]
    fn files_are_mixed_as_said() {
        let sizes: Vec<u64> = (0..TICKETS * FILES).map(size).collect();
        let count = |from: u64, to: u64| sizes.iter().filter(|size| (from..=to).contains(size)).count();
        assert_eq!((count(0, 0), count(1, 19_999), count(2_000_000, 4_000_000)), (20, 150, 15));
        let mean = sizes.iter().sum::<u64>() / 500;
        assert!((250_000..400_000).contains(&mean), "{mean}");
    }
}
