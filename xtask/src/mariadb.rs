//! A private MariaDB for one run of the tests: a customer's database.

use std::fs;
use std::net::{Ipv4Addr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};

use crate::command;
use crate::house;
use crate::http;
use crate::problem::{Outcome, Problem};
use crate::setup;
use crate::throwaway::{Owner, password, wait_until_ready};

/// A running server; stops and disappears when dropped.
pub(crate) struct MariaDb {
    server: Child,
    dir: PathBuf,
    url: String,
}

impl MariaDb {
    /// Creates a server and waits until it answers.
    pub(crate) fn start() -> Outcome<Self> {
        let Some((install, program)) = setup::mariadb() else {
            return Err(Problem::new(
                "MariaDB is missing; run `cargo xtask setup` or install Debian's `mariadb-server-core` and `mariadb-client-core`",
            ));
        };
        // The package's own user exists only where the service is installed.
        let owner = Owner::of_this_run("nobody");
        let dir = owner.place("mariadb", stop)?;
        let (port, password) = (http::free_port()?, password()?);
        let init = dir.join("init.sql");
        house::write(
            &init,
            format!(
                "CREATE USER admin@'127.0.0.1' IDENTIFIED BY '{password}';
                 GRANT ALL PRIVILEGES ON *.* TO admin@'127.0.0.1' WITH GRANT OPTION;
                 ALTER USER root@localhost ACCOUNT LOCK;"
            ),
        )?;
        owner.give(&dir)?;
        let data = format!("--datadir={}", dir.join("data").display());
        command::output(owner.program(&install).args([
            "--no-defaults",
            &data,
            "--auth-root-authentication-method=normal",
            "--skip-test-db",
            "--skip-name-resolve",
        ]))?;
        let log_path = dir.join("log");
        let log = fs::File::create(&log_path).map_err(|cause| Problem::file("create", &log_path, &cause))?;
        let mut mariadb = owner.program(&program);
        mariadb.args(["--no-defaults", &data, "--bind-address=127.0.0.1", &format!("--port={port}")]);
        for (name, file) in [("socket", "socket"), ("pid-file", "pid"), ("init-file", "init.sql")] {
            mariadb.arg(format!("--{name}={}", dir.join(file).display()));
        }
        // It lives for one run: nothing needs to outlast a power cut.
        mariadb.args(["--innodb-flush-log-at-trx-commit=0", "--innodb-fast-shutdown=2", "--skip-log-bin"]);
        mariadb.args(["--innodb-buffer-pool-size=64M", "--skip-name-resolve"]);
        let server = mariadb
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .map_err(|cause| command::not_started(&mariadb, &cause))?;
        let url = format!("mysql://admin:{password}@127.0.0.1:{port}");
        let mut mariadb = Self { server, dir, url };
        // It listens only after the file was run.
        let answers = || TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok();
        wait_until_ready("MariaDB", &mut mariadb.server, &log_path, answers)?;
        Ok(mariadb)
    }

    /// The address of a user who may do everything: tests create and drop their databases and users through it.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for MariaDb {
    fn drop(&mut self) {
        stop(&self.dir);
        command::wait_or_kill(&mut self.server);
        let _left_for_the_next_run = fs::remove_dir_all(&self.dir);
    }
}

/// Straight to the server, because `runuser` stands between us and keeps the signal.
fn stop(dir: &Path) {
    let process = fs::read_to_string(dir.join("pid")).ok().and_then(|process| process.trim().parse().ok());
    if let Some(process) = process {
        command::signal("TERM", process);
    }
}
