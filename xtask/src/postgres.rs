//! A private PostgreSQL for one run of the tests: our own store, and a customer's database.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};

use crate::command;
use crate::house;
use crate::http;
use crate::problem::{Outcome, Problem};
use crate::setup;
use crate::throwaway::{Owner, password, wait_until_ready};

/// A running cluster; stops and disappears when dropped.
pub(crate) struct Cluster {
    server: Child,
    dir: PathBuf,
    url: String,
}

impl Cluster {
    /// Creates a cluster and waits until it answers.
    pub(crate) fn start() -> Outcome<Self> {
        let Some(bin) = setup::postgresql() else {
            return Err(Problem::new(
                "PostgreSQL is missing; run `cargo xtask setup` or install Debian's `postgresql`",
            ));
        };
        let owner = Owner::of_this_run("postgres");
        let dir = owner.place("pg", stop)?;
        let (port, password) = (http::free_port()?, password()?);
        let password_file = dir.join("password");
        house::write(&password_file, &password)?;
        owner.give(&dir)?;
        let data = dir.join("data");
        command::output(
            owner
                .program(&bin.join("initdb"))
                .args([
                    "--username=postgres",
                    "--auth=scram-sha-256",
                    "--encoding=UTF8",
                    "--locale=C",
                    "--no-sync",
                ])
                .arg("--pwfile")
                .arg(&password_file)
                .arg("--pgdata")
                .arg(&data),
        )?;
        let log_path = dir.join("log");
        let log = fs::File::create(&log_path).map_err(|cause| Problem::file("create", &log_path, &cause))?;
        let mut postgres = owner.program(&bin.join("postgres"));
        postgres.arg("-D").arg(&data).args(["-p", &port.to_string()]);
        for setting in [
            "listen_addresses=127.0.0.1",
            "unix_socket_directories=",
            "max_connections=200",
            "fsync=off", // it lives for one run: nothing needs to outlast a power cut
            "full_page_writes=off",
        ] {
            postgres.args(["-c", setting]);
        }
        let server = postgres
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .map_err(|cause| command::not_started(&postgres, &cause))?;
        let url = format!("postgres://postgres:{password}@127.0.0.1:{port}/postgres");
        let mut cluster = Self { server, dir, url };
        let is_ready = || status(&cluster.dir, 7).is_some_and(|state| state == "ready");
        wait_until_ready("PostgreSQL", &mut cluster.server, &log_path, is_ready)?;
        Ok(cluster)
    }

    /// The superuser's address: tests create and drop their databases through it.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        stop(&self.dir);
        command::wait_or_kill(&mut self.server);
        let _left_for_the_next_run = fs::remove_dir_all(&self.dir);
    }
}

/// PostgreSQL's fast shutdown; straight to the server, because `runuser` stands between us and keeps the signal.
fn stop(dir: &Path) {
    if let Some(server) = status(dir, 0).and_then(|process| process.parse().ok()) {
        command::signal("INT", server);
    }
}

/// A line of the file in which a running server says how it is: its process first, its state eighth.
fn status(dir: &Path, line: usize) -> Option<String> {
    let file = fs::read_to_string(dir.join("data/postmaster.pid")).ok()?;
    file.lines().nth(line).map(|line| line.trim().to_owned())
}
