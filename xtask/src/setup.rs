//! Brings the machine to where everything builds and every test runs. **Invariant:** doing it twice changes nothing,
//! and nothing is fetched but crates, npm packages, Python packages, Debian packages and Rust's own
//! target.

mod debian;
mod python;
mod suites;

use std::env;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use clap::Args;
use sha2::{Digest, Sha256};

use crate::command::{self, cargo, command};
use crate::house;
use crate::problem::{Outcome, Problem};

/// The target of the app.
pub(crate) const WASM: &str = "wasm32-unknown-unknown";

pub(crate) use debian::{chromium, is_root, mariadb, postgresql};
pub(crate) use python::{DUCKDB, SCHEMATHESIS, SIMPLE_SALESFORCE};
pub(crate) use suites::{FLEX_UI, PUBLIC_CLIENTS, Packages};

/// What beside.
#[derive(Args, Default)]
pub(crate) struct Options {
    /// Also the real Flex UI (640 MB of npm packages), for `cargo xtask test --flex`
    #[arg(long)]
    flex: bool,
}

/// Everything, and what was asked for beside.
pub(crate) fn with(options: &Options) -> Outcome {
    run()?;
    if let Err(problem) = SCHEMATHESIS.program("schemathesis") {
        println!(
            "setup: schemathesis cannot be had, so the server is not tried against its own description: {problem}"
        );
    }
    if options.flex { FLEX_UI.install() } else { Ok(()) }
}

/// Everything; what cannot be had without an administrator is said, not fatal: most tasks do without it.
pub(crate) fn run() -> Outcome {
    debian::packages();
    wasm_target()?;
    npm_packages()?;
    command::run(cargo(["fetch", "--locked"]).stdout(Stdio::null()))
}

/// npm's packages, exactly as the lock file of the root says.
pub(crate) fn npm_packages() -> Outcome {
    npm_packages_in("")
}

/// npm's packages of one folder, exactly as its lock file says; quick when they are there already.
pub(crate) fn npm_packages_in(folder: &str) -> Outcome {
    npm_packages_by(folder, |npm| {
        println!("setup: npm packages of {}", if folder.is_empty() { "the workspace" } else { folder });
        command::run(npm)
    })
}

/// The same; `install` runs npm where that is needed.
fn npm_packages_by(folder: &str, install: impl FnOnce(&mut Command) -> Outcome) -> Outcome {
    let dir = house::path(folder);
    let lock = house::read_bytes(&dir.join("package-lock.json"))?;
    let (stamp, wanted) = (dir.join("node_modules/.deskside-lock"), hex::encode(Sha256::digest(&lock)));
    if fs::read_to_string(&stamp).is_ok_and(|have| have == wanted) {
        return Ok(());
    }
    if !command::exists("npm") {
        return Err(Problem::new(
            "npm is missing; install Node.js 20 or newer with npm (Debian: apt-get install nodejs npm)",
        ));
    }
    install(command("npm", ["ci", "--no-audit", "--no-fund"]).current_dir(&dir))?;
    house::write(&stamp, wanted)
}

/// Rust's standard library for WebAssembly.
pub(crate) fn wasm_target() -> Outcome {
    if has_wasm_target() {
        return Ok(());
    }
    if !command::exists("rustup") {
        return Err(Problem::new(format!(
            "Rust's target {WASM} is missing; install it as you installed Rust"
        )));
    }
    println!("setup: Rust's target {WASM}");
    command::run(&mut command("rustup", ["target", "add", WASM]))
}

fn has_wasm_target() -> bool {
    let rustc = env::var("RUSTC").unwrap_or_else(|_| "rustc".into());
    let libdir = command::output(&mut command(&rustc, ["--print", "target-libdir", "--target", WASM]));
    libdir.is_ok_and(|dir| Path::new(dir.trim()).is_dir())
}
