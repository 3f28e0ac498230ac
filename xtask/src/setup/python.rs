//! Python packages that a suite needs, in an environment of their own below `target/`. **Invariant:** exactly the versions and
//! hashes that the lock file names; what cannot be had is a reason to leave the suite out, not to fail.

use std::fs;
use std::path::PathBuf;

use sha2::{Digest, Sha256};

use crate::command::{self, command};
use crate::house;
use crate::problem::{Outcome, Problem};

/// The packages of one suite.
pub(crate) struct Environment {
    /// Below `target/`.
    folder: &'static str,
    /// The lock file: names, versions and hashes.
    lock: &'static str,
}

/// What tries the server against its own description.
pub(crate) const SCHEMATHESIS: Environment =
    Environment { folder: "schemathesis", lock: "xtask/schemathesis.lock" };

/// A public client of Salesforce, for the suite that runs it against the sandbox.
pub(crate) const SIMPLE_SALESFORCE: Environment =
    Environment { folder: "clients-python", lock: "tests/clients/requirements.lock" };

/// `DuckDB`, which computes what the engine computes; pandas, with which people would write it.
pub(crate) const DUCKDB: Environment =
    Environment { folder: "integrations-python", lock: "bench/integrations/requirements.txt" };

impl Environment {
    /// A program of the environment, where it is installed already.
    pub(crate) fn at_hand(&self, name: &str) -> Option<PathBuf> {
        let dir = house::target().join(self.folder);
        let wanted = hex::encode(Sha256::digest(house::read_bytes(&house::path(self.lock)).ok()?));
        let is_here = fs::read_to_string(dir.join("lock.sha256")).is_ok_and(|have| have == wanted);
        is_here.then(|| dir.join("venv/bin").join(name))
    }

    /// A program of the environment, installed where it is missing; the problem says what it lacked.
    pub(crate) fn program(&self, name: &str) -> Outcome<PathBuf> {
        let (dir, lock) = (house::target_dir(self.folder)?, house::path(self.lock));
        let wanted = hex::encode(Sha256::digest(house::read_bytes(&lock)?));
        let (stamp, venv) = (dir.join("lock.sha256"), dir.join("venv"));
        if !fs::read_to_string(&stamp).is_ok_and(|have| have == wanted) {
            if !command::exists("python3") {
                return Err(Problem::new("Python is missing (Debian: apt-get install python3-venv)"));
            }
            println!("setup: Python packages of {}", self.lock);
            let venv = venv.to_string_lossy();
            command::output(&mut command("python3", ["-m", "venv", "--clear", &venv]))?;
            let mut install =
                command(&format!("{venv}/bin/python"), ["-m", "pip", "install", "--quiet", "--retries", "1"]);
            install.args(["--disable-pip-version-check", "--require-hashes", "--only-binary", ":all:", "-r"]);
            command::output(install.arg(&lock))?;
            house::write(&stamp, wanted)?;
        }
        Ok(venv.join("bin").join(name))
    }
}
