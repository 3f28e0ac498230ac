//! A gigabyte through the archive: how much memory that takes at most, and how fast it is beside a plain copy from the
//! same host to the same disk. Both are on the disk, and not only in its cache, before the clock stops.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::session::{bearer, json_of, unexpected, zendesk_token};
use super::{Options, Verdict, median, ports, process};
use crate::demo::{Binaries, Ports, Stage};
use crate::problem::{Outcome, Problem};
use crate::{house, http};

const BYTES: u32 = 1 << 30;
const RESIDENT_MB: f64 = 64.0;
const TICKET: u64 = 42;
/// A slow disk may take so long.
const PATIENCE: Duration = Duration::from_mins(10);

pub(super) fn measure(options: &Options, rounds: usize) -> Outcome<Vec<Verdict>> {
    let binaries = options.binaries()?;
    let place = house::target_dir("bench")?;
    let data = place.join(format!("data-{}", std::process::id()));
    let mut passes = Vec::new();
    for round in 0..rounds {
        house::make_dir(&data)?;
        let outcome = pass(&binaries, &place, &data, round % 2 == 0);
        let _next_time = std::fs::remove_dir_all(&data);
        passes.push(outcome?);
    }
    print(&passes);
    let most = passes.iter().map(|pass| pass.peak_mb).fold(0.0, f64::max);
    Ok(vec![Verdict::at_most("resident at most, of all rounds, MB", most, RESIDENT_MB)])
}

/// Every round, because a disk has moods; the last line is the median of each column.
fn print(passes: &[Pass]) {
    let columns: [fn(&Pass) -> f64; 6] = [
        |pass| rate(pass.plain),
        |pass| rate(pass.stored),
        |pass| pass.plain / pass.stored,
        |pass| rate(pass.redacted),
        |pass| pass.plain / pass.redacted,
        |pass| pass.peak_mb,
    ];
    let line = |title: &str, value: &dyn Fn(fn(&Pass) -> f64) -> f64| {
        let [plain, stored, of_stored, redacted, of_redacted, peak] = columns.map(value);
        println!(
            "{title:<8}{plain:>12.0}{stored:>14.0}{of_stored:>10.2}{redacted:>14.0}{of_redacted:>10.2}{peak:>15.1}"
        );
    };
    println!(
        "\n{} MB, in MB/s; stored: hashed and on the disk; redacted: read back and compared, too",
        BYTES >> 20
    );
    println!(
        "{:<8}{:>12}{:>14}{:>10}{:>14}{:>10}{:>15}",
        "round", "plain copy", "stored", "÷ plain", "redacted", "÷ plain", "resident, MB"
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
}

/// A server of its own, so that the most it ever held is this file's.
fn pass(binaries: &Binaries, place: &Path, data: &Path, plain_first: bool) -> Outcome<Pass> {
    let ports = ports()?;
    let stage = Stage::start(binaries, &ports, place, data, 0)?;
    let wish = json!({"file_name": "recording.bin", "size": BYTES}).to_string();
    let path = format!("/_sandbox/tickets/{TICKET}/attachments");
    let file = json_of(&http::post(ports.zendesk, &path, &wish)?, "the new attachment")?;
    let file = &file["attachment"];
    let (plain, (stored, redacted)) = if plain_first {
        (copy(&ports, file, data)?, put_away(&ports, file)?)
    } else {
        // Redacted is gone: the plain copy takes another one, of the same size.
        let twin = json_of(&http::post(ports.zendesk, &path, &wish)?, "the new attachment")?;
        let times = put_away(&ports, file)?;
        (copy(&ports, &twin["attachment"], data)?, times)
    };
    let archived = house::files(&data.join("archive"), &[])?;
    let is_whole = |file: &PathBuf| file.metadata().is_ok_and(|file| file.len() == u64::from(BYTES));
    if !archived.iter().any(is_whole) {
        return Err(Problem::new("the archive says that it has the file, and its folder does not hold it"));
    }
    Ok(Pass { plain, stored, redacted, peak_mb: process::peak_mb(stage.server_process())? })
}

/// From asking for the bytes until they are on the disk.
fn copy(ports: &Ports, file: &Value, data: &Path) -> Outcome<f64> {
    let url = file["content_url"].as_str().unwrap_or_default();
    let hop = http::get_as(ports.zendesk, path_of(url), &zendesk_token(ports)?)?;
    let link = hop.header("location").ok_or_else(|| unexpected("the attachment's address", &hop))?;
    let copy = data.join("plain-copy");
    let mut into = File::create(&copy).map_err(|cause| Problem::file("create", &copy, &cause))?;
    let since = Instant::now();
    let copied = http::download(ports.content, path_of(link), &mut into)?;
    let seconds = since.elapsed().as_secs_f64();
    let _next_time = std::fs::remove_file(&copy);
    if copied != u64::from(BYTES) {
        return Err(Problem::new(format!("the plain copy has {copied} bytes in place of {BYTES}")));
    }
    Ok(seconds)
}

/// From the agent's wish until the file is stored, and until it is redacted.
fn put_away(ports: &Ports, file: &Value) -> Outcome<(f64, f64)> {
    let path = format!("/api/tickets/{TICKET}/archive");
    let bearer = bearer(ports)?;
    let wish = json!({"attachment_ids": [file["id"]]}).to_string();
    let since = Instant::now();
    json_of(&http::post_as(ports.server, &path, &bearer, &wish)?, "the archive run")?;
    let mut stored = None;
    while since.elapsed() < PATIENCE {
        let view = json_of(&http::get_as(ports.server, &path, &bearer)?, "the archive's list")?;
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
    Err(Problem::new(format!("the attachment is not put away after {} s", PATIENCE.as_secs())))
}

/// What follows the host.
fn path_of(url: &str) -> &str {
    let host = url.find("://").map_or(0, |scheme| scheme + 3);
    url[host..].find('/').map_or("/", |path| &url[host + path..])
}

#[cfg(test)]
mod tests {
    use super::path_of;

    #[test]
    fn a_path_is_what_follows_the_host() {
        assert_eq!(path_of("http://127.0.0.1:9/a/b?c=d/e"), "/a/b?c=d/e");
        assert_eq!(path_of("http://localhost"), "/");
    }
}
