//! A private PostgreSQL for one run of the tests. **Invariant:** it listens on 127.0.0.1 only, behind a password of its
//! own, and nothing of it is left afterwards; what a killed run left is swept by the next.

use std::fs;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::command::{self, command};
use crate::house;
use crate::http;
use crate::problem::{Outcome, Problem};
use crate::setup;

/// A running cluster; stops and disappears when dropped.
pub(crate) struct Cluster {
    server: Child,
    dir: PathBuf,
    url: String,
}

/// How long a cold, busy machine may take to start it.
const PATIENCE: Duration = Duration::from_mins(1);

impl Cluster {
    /// Creates a cluster and waits until it answers.
    pub(crate) fn start() -> Outcome<Self> {
        let Some(bin) = setup::postgresql() else {
            return Err(Problem::new(
                "PostgreSQL is missing; run `cargo xtask setup` or install Debian's `postgresql`",
            ));
        };
        let owner = Owner::of_this_run();
        let dir = owner.place()?;
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
        cluster.wait_until_ready(port, &log_path)?;
        Ok(cluster)
    }

    /// The superuser's address: tests create and drop their databases through it.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    fn wait_until_ready(&mut self, port: u16, log: &Path) -> Outcome {
        let since = Instant::now();
        while status(&self.dir, 7).is_none_or(|state| state != "ready") {
            let ended = self.server.try_wait().ok().flatten().is_some();
            if ended || since.elapsed() > PATIENCE {
                let said = fs::read_to_string(log).unwrap_or_default();
                return Err(Problem::new(format!(
                    "PostgreSQL does not start on port {port}:\n{}",
                    said.trim_end()
                )));
            }
            thread::sleep(Duration::from_millis(50));
        }
        Ok(())
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        stop(&self.dir);
        command::wait_or_kill(&mut self.server);
        let _left_for_the_next_run = fs::remove_dir_all(&self.dir);
    }
}

/// Whose cluster it is: PostgreSQL refuses to run as root, so root hands it to the package's user.
enum Owner {
    Us,
    Postgres,
}

impl Owner {
    fn of_this_run() -> Self {
        if setup::is_root() { Self::Postgres } else { Self::Us }
    }

    /// An empty folder that the owner can reach, named by our process.
    fn place(&self) -> Outcome<PathBuf> {
        let near = house::target_dir("pg")?;
        let reachable = match self {
            Self::Us => true,
            Self::Postgres => command::output(self.program(Path::new("test")).arg("-x").arg(&near)).is_ok(),
        };
        let parent = if reachable { near } else { std::env::temp_dir().join("deskside-pg") };
        sweep(&parent);
        let dir = parent.join(std::process::id().to_string());
        house::make_dir(&dir)?;
        fs::set_permissions(&dir, fs::Permissions::from_mode(0o700)) // it holds the password
            .map_err(|cause| Problem::file("protect", &dir, &cause))?;
        Ok(dir)
    }

    fn give(&self, dir: &Path) -> Outcome {
        match self {
            Self::Us => Ok(()),
            Self::Postgres => command::output(command("chown", ["-R", "postgres"]).arg(dir)).map(drop),
        }
    }

    fn program(&self, program: &Path) -> Command {
        match self {
            Self::Us => Command::new(program),
            Self::Postgres => {
                let mut command = Command::new("runuser");
                command.args(["-u", "postgres", "--"]).arg(program).current_dir("/");
                command
            }
        }
    }
}

/// Removes the clusters of runs that are gone; each folder is named by its run's process.
fn sweep(parent: &Path) {
    for dir in fs::read_dir(parent).into_iter().flatten().flatten().map(|entry| entry.path()) {
        let run = dir.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if Path::new("/proc").join(&run).exists() {
            continue;
        }
        stop(&dir);
        let _next_time = fs::remove_dir_all(&dir);
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

/// Local users are strangers too.
fn password() -> Outcome<String> {
    let (mut bytes, random) = ([0_u8; 16], Path::new("/dev/urandom"));
    fs::File::open(random)
        .and_then(|mut file| file.read_exact(&mut bytes))
        .map_err(|cause| Problem::file("read", random, &cause))?;
    Ok(hex::encode(bytes))
}
