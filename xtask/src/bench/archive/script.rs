//! The script in Python that `bench/archive` holds: its packages, and one run of it. **Invariant:** nothing is installed
//! but what its `requirements.txt` pins, and below cargo's target folder only.

use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Instant;

use serde_json::json;
use sha2::{Digest, Sha256};

use super::world::{BUCKET, KEY, SECRET, World};
use crate::command::{self, command};
use crate::house;
use crate::problem::{Outcome, Problem};

/// Python with the script's packages; quick when they are there already.
pub(super) fn python() -> Outcome<PathBuf> {
    let requirements = house::path("bench/archive/requirements.txt");
    let venv = house::target().join("bench/venv");
    let (stamp, python) = (venv.join("deskside-requirements"), venv.join("bin/python"));
    let wanted = hex::encode(Sha256::digest(house::read_bytes(&requirements)?));
    if std::fs::read_to_string(&stamp).is_ok_and(|have| have == wanted) {
        return Ok(python);
    }
    println!("bench: Python packages of the script");
    command::run(command("python3", ["-m", "venv"]).arg(&venv))?;
    let install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r"];
    command::run(command(&python.to_string_lossy(), install).arg(&requirements))?;
    house::write(&stamp, wanted)?;
    Ok(python)
}

/// Seconds from the first ticket to the end of the last; starting Python and its packages is not counted.
pub(super) fn run(world: &World, tickets: &[u64]) -> Outcome<f64> {
    let config = json!({
        "zendesk_url": format!("http://127.0.0.1:{}", world.ports.zendesk),
        "client_id": "deskside", "client_secret": "sandbox-client-secret",
        "s3_endpoint": world.s3_url(), "s3_key": KEY, "s3_secret": SECRET, "bucket": BUCKET,
        "tickets": tickets,
    });
    let mut script = command(&python()?.to_string_lossy(), [house::path("bench/archive/script.py")]);
    script.env("NO_PROXY", "127.0.0.1,localhost").stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = script.spawn().map_err(|cause| command::not_started(&script, &cause))?;
    let given = child.stdin.take().map(|mut stdin| stdin.write_all(config.to_string().as_bytes()));
    let mut lines = BufReader::new(child.stdout.take().into_iter().next().expect("it is piped")).lines();
    let mut hears = |word: &str| lines.next().is_some_and(|line| line.is_ok_and(|line| line == word));
    let is_ready = matches!(given, Some(Ok(()))) && hears("ready");
    let since = Instant::now();
    let is_done = is_ready && hears("done");
    let seconds = since.elapsed().as_secs_f64();
    let ended = child.wait().is_ok_and(|status| status.success());
    if is_done && ended { Ok(seconds) } else { Err(Problem::new("the script failed; its words are above")) }
}
