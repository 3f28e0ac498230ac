//! A database server for one run of the tests. **Invariant:** it listens on 127.0.0.1 only, behind a password of its own, and nothing
//! of it is left afterwards; what a killed run left is swept by the next.

use std::fs;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::thread;
use std::time::{Duration, Instant};

use crate::command::{self, command};
use crate::house;
use crate::problem::{Outcome, Problem};
use crate::setup;

/// How long a cold, busy machine may take to start it.
const START_TIMEOUT: Duration = Duration::from_mins(1);

/// Whose server it is: databases refuse to run as root, so root hands them to another user.
pub(crate) enum Owner {
    Us,
    User(&'static str),
}

impl Owner {
    /// `user`: in whose name root runs it.
    pub(crate) fn of_this_run(user: &'static str) -> Self {
        if setup::is_root() { Self::User(user) } else { Self::Us }
    }

    /// An empty folder that the owner can reach, named by our process; those of runs that are gone are stopped and removed.
    pub(crate) fn place(&self, name: &str, stop: fn(&Path)) -> Outcome<PathBuf> {
        let near = house::target_dir(name)?;
        let reachable = match self {
            Self::Us => true,
            Self::User(_) => command::output(self.program(Path::new("test")).arg("-x").arg(&near)).is_ok(),
        };
        let parent = if reachable { near } else { std::env::temp_dir().join(format!("deskside-{name}")) };
        sweep(&parent, stop);
        let dir = parent.join(std::process::id().to_string());
        house::make_dir(&dir)?;
        fs::set_permissions(&dir, fs::Permissions::from_mode(0o700)) // it holds the password
            .map_err(|cause| Problem::file("protect", &dir, &cause))?;
        Ok(dir)
    }

    pub(crate) fn give(&self, dir: &Path) -> Outcome {
        match self {
            Self::Us => Ok(()),
            Self::User(user) => command::output(command("chown", ["-R", user]).arg(dir)).map(drop),
        }
    }

    pub(crate) fn program(&self, program: &Path) -> Command {
        match self {
            Self::Us => Command::new(program),
            Self::User(user) => {
                let mut command = Command::new("runuser");
                command.args(["-u", user, "--"]).arg(program).current_dir("/");
                command
            }
        }
    }
}

/// Waits until `is_ready`; where the server ends or takes too long, what it logged is told.
pub(crate) fn wait_until_ready(
    name: &str,
    server: &mut Child,
    log: &Path,
    is_ready: impl Fn() -> bool,
) -> Outcome {
    let since = Instant::now();
    while !is_ready() {
        let ended = server.try_wait().ok().flatten().is_some();
        if ended || since.elapsed() > START_TIMEOUT {
            let said = fs::read_to_string(log).unwrap_or_default();
            return Err(Problem::new(format!("{name} does not start:\n{}", said.trim_end())));
        }
        thread::sleep(Duration::from_millis(50));
    }
    Ok(())
}

/// Removes the servers of runs that are gone; each folder is named by its run's process.
fn sweep(parent: &Path, stop: fn(&Path)) {
    for dir in fs::read_dir(parent).into_iter().flatten().flatten().map(|entry| entry.path()) {
        let run = dir.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if Path::new("/proc").join(&run).exists() {
            continue;
        }
        stop(&dir);
        let _next_time = fs::remove_dir_all(&dir);
    }
}

/// Local users are strangers too.
pub(crate) fn password() -> Outcome<String> {
    let (mut bytes, random) = ([0_u8; 16], Path::new("/dev/urandom"));
    fs::File::open(random)
        .and_then(|mut file| file.read_exact(&mut bytes))
        .map_err(|cause| Problem::file("read", random, &cause))?;
    Ok(hex::encode(bytes))
}
