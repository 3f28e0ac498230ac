//! Server and sandbox as children of ours. **Invariant:** they stop when dropped, and a child that fails to start is
//! quoted, not only named.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::settings::{self, Ports};
use crate::command::{self, cargo, command};
use crate::problem::{Outcome, Problem};
use crate::{house, http, setup};

/// A first start creates database and keys.
const START_TIMEOUT: Duration = Duration::from_secs(30);

/// Long enough to see that the server is gone.
const BREATH: Duration = Duration::from_secs(1);

/// Somebody wants us to stop.
static STOP: AtomicBool = AtomicBool::new(false);

/// Ends every wait here.
pub(super) fn ask_to_stop() {
    STOP.store(true, Ordering::Relaxed);
}

pub(super) fn asked_to_stop() -> bool {
    STOP.load(Ordering::Relaxed)
}

/// How server and sandbox are built.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Profile {
    Dev,
    /// As `Dev`, in one build with all tests: the same packages, hence the same features, hence nothing is compiled twice.
    Tests,
    Release,
}

/// What demo, browser suite and benchmarks start.
pub(crate) struct Binaries {
    pub(crate) server: PathBuf,
    pub(crate) sandbox: PathBuf,
    pub(crate) zaf_sdk: PathBuf,
}

impl Binaries {
    /// Server, sandbox, and the SDK that Zendesk's CDN serves in production; for measuring also the peers' server.
    pub(crate) fn build(profile: Profile) -> Outcome<Self> {
        setup::npm_packages()?;
        let binaries = Self::places(profile);
        command::output(
            command("node", ["sandbox/pages/build-sdk.mjs", "--outfile"]).arg(&binaries.zaf_sdk),
        )?;
        let build = |how: &[&str]| {
            command::run(cargo(["build", "--bins", "--target-dir"]).arg(house::target()).args(how))
        };
        match profile {
            Profile::Dev => build(&["-p", "deskside", "-p", "deskside-sandbox"])?,
            Profile::Tests => build(&["--tests", "--workspace"])?,
            Profile::Release => {
                // Alone, as it is shipped: together they would share each other's features.
                build(&["-p", "deskside", "--release"])?;
                let peers = ["bench-serve", "bench-s3", "bench-integrations"].map(|name| ["-p", name]);
                build(&[&["-p", "deskside-sandbox", "--release"], peers.as_flattened()].concat())?;
            }
        }
        Ok(binaries)
    }

    /// What an earlier build left, however old.
    pub(crate) fn as_built(profile: Profile) -> Outcome<Self> {
        let binaries = Self::places(profile);
        for file in [&binaries.server, &binaries.sandbox, &binaries.zaf_sdk] {
            if !file.is_file() {
                let file = file.display();
                return Err(Problem::new(format!("{file} is not there: leave --as-built out to build it")));
            }
        }
        Ok(binaries)
    }

    fn places(profile: Profile) -> Self {
        let target = house::target();
        let folder = target.join(if profile == Profile::Release { "release" } else { "debug" });
        Self {
            server: folder.join("deskside"),
            sandbox: folder.join("deskside-sandbox"),
            zaf_sdk: target.join("xtask/zaf_sdk.js"),
        }
    }
}

/// The whole product, running.
pub(crate) struct Stage {
    server: Running, // stops first: it calls the sandbox
    sandbox: Running,
}

impl Stage {
    /// Starts both and waits until both are ready. Settings and logs go to `place`, database and archive to `data`; an
    /// archive run can be taken back for `undo_s` seconds.
    pub(crate) fn start(
        binaries: &Binaries,
        ports: &Ports,
        place: &Path,
        data: &Path,
        undo_s: u32,
    ) -> Outcome<Self> {
        Self::start_choosing(binaries, ports, place, data, (undo_s, &[]))
    }

    /// As [`Stage::start`], with choices of the sandbox's.
    pub(crate) fn start_choosing(
        binaries: &Binaries,
        ports: &Ports,
        place: &Path,
        data: &Path,
        (undo_s, choices): (u32, &[&str]),
    ) -> Outcome<Self> {
        let settings = Self::settings(ports, place, data, undo_s)?;
        let sandbox = Running::sandbox(binaries, ports, place, choices)?;
        let mut serve = command(&binaries.server.to_string_lossy(), ["serve", "--config"]);
        serve.arg(&settings).current_dir(data);
        let mut server = Running::start("the server", serve, &place.join("server.log"))?;
        server.wait_for(ports.server, "/readyz", 200)?;
        Ok(Self { server, sandbox })
    }

    /// Writes the settings alone; answers where they are.
    pub(crate) fn settings(ports: &Ports, place: &Path, data: &Path, undo_s: u32) -> Outcome<PathBuf> {
        let settings = place.join("deskside.toml");
        house::write(&settings, settings::text(ports, data, undo_s))?;
        Ok(settings)
    }

    /// Starts the server again where its process is gone, on what it had written down; answers how it had ended. A problem
    /// where the sandbox is gone, which remembers nothing, or the server is gone before it is ready.
    pub(super) fn revive(&mut self, ports: &Ports) -> Outcome<Option<ExitStatus>> {
        self.sandbox.still_running()?;
        let Some(status) = self.server.ended()? else { return Ok(None) };
        thread::sleep(BREATH);
        self.server.start_again()?;
        self.server.wait_for(ports.server, "/readyz", 200)?;
        Ok(Some(status))
    }

    /// The server's process.
    pub(crate) fn server_process(&self) -> u32 {
        self.server.process()
    }

    /// From starting the server's process until it said that it is ready.
    pub(crate) fn server_ready_after(&self) -> Duration {
        self.server.ready_after
    }
}

/// Tells the sandbox's Zendesk to call the server when a ticket is tagged, as an operator does once.
pub(crate) fn connect(binaries: &Binaries, place: &Path, data: &Path) -> Outcome {
    connect_by("zendesk-archive", binaries, place, data)
}

/// The same for notices, once the fields of contracts are there.
pub(super) fn connect_notices(binaries: &Binaries, place: &Path, data: &Path) -> Outcome {
    connect_by("zendesk-contract-triggers", binaries, place, data)
}

fn connect_by(what: &str, binaries: &Binaries, place: &Path, data: &Path) -> Outcome {
    let mut connect = command(&binaries.server.to_string_lossy(), ["connect", what, "--config"]);
    connect.arg(place.join("deskside.toml")).current_dir(data);
    command::output(&mut connect).map(drop)
}

fn sandbox_command(binaries: &Binaries, ports: &Ports) -> Command {
    let mut sandbox = command(
        &binaries.sandbox.to_string_lossy(),
        [
            "--zendesk-port",
            &ports.zendesk.to_string(),
            "--content-port",
            &ports.content.to_string(),
            "--twilio-port",
            &ports.twilio.to_string(),
            "--notify-port",
            &ports.notify.to_string(),
            "--salesforce-port",
            &ports.salesforce.to_string(),
            "--app-url",
            &ports.server_url(),
            "--events-sink",
            &format!("{}/hooks/twilio/events", ports.server_url()),
        ],
    );
    sandbox.env("SANDBOX_ZAF_SDK", &binaries.zaf_sdk);
    sandbox
}

/// A child that stops when dropped.
pub(crate) struct Running {
    name: &'static str,
    command: Command,
    child: Child,
    log: PathBuf,
    since: Instant,
    ready_after: Duration,
}

impl Running {
    /// The sandbox, ready; `choices` are more of its switches.
    pub(crate) fn sandbox(
        binaries: &Binaries,
        ports: &Ports,
        place: &Path,
        choices: &[&str],
    ) -> Outcome<Self> {
        let mut command = sandbox_command(binaries, ports);
        command.args(choices);
        let mut sandbox = Self::start("the sandbox", command, &place.join("sandbox.log"))?;
        sandbox.wait_for(ports.zendesk, "/agent", 200)?;
        Ok(sandbox)
    }

    /// Starts it; what it says goes to `log`.
    pub(crate) fn start(name: &'static str, mut command: Command, log: &Path) -> Outcome<Self> {
        let file = File::create(log).map_err(|cause| Problem::file("create", log, &cause))?;
        let errors = file.try_clone().map_err(|cause| Problem::file("share", log, &cause))?;
        command.stdin(Stdio::null()).stdout(file).stderr(errors).env("RUST_BACKTRACE", "0"); // its log gets quoted
        let since = Instant::now();
        let child = command.spawn().map_err(|cause| command::not_started(&command, &cause))?;
        Ok(Self { name, command, child, log: log.to_path_buf(), since, ready_after: Duration::ZERO })
    }

    /// The same command once more; its log goes on in the same file.
    fn start_again(&mut self) -> Outcome {
        self.since = Instant::now();
        self.child = self.command.spawn().map_err(|cause| command::not_started(&self.command, &cause))?;
        Ok(())
    }

    /// Its process.
    pub(crate) fn process(&self) -> u32 {
        self.child.id()
    }

    /// Until it answers so.
    pub(crate) fn wait_for(&mut self, port: u16, path: &str, status: u16) -> Outcome {
        loop {
            self.still_running()?;
            if asked_to_stop() {
                return Err(Problem::new("stopped before it was ready"));
            }
            let answer = http::get(port, path);
            if answer.as_ref().is_ok_and(|answer| answer.status == status) {
                self.ready_after = self.since.elapsed();
                return Ok(());
            }
            if self.since.elapsed() > START_TIMEOUT {
                let got = answer
                    .map_or_else(|problem| problem.to_string(), |answer| format!("status {}", answer.status));
                return Err(
                    self.problem(&format!("is not ready after {} s ({got})", START_TIMEOUT.as_secs()))
                );
            }
            thread::sleep(Duration::from_millis(5));
        }
    }

    fn still_running(&mut self) -> Outcome {
        match self.ended()? {
            None => Ok(()),
            Some(status) => Err(self.problem(&format!("stopped ({status})"))),
        }
    }

    /// How it has, if it has and nobody asked for it.
    fn ended(&mut self) -> Outcome<Option<ExitStatus>> {
        match self.child.try_wait() {
            _ if asked_to_stop() => Ok(None), // Ctrl-C reaches the children first
            Ok(status) => Ok(status),
            Err(cause) => Err(self.problem(&format!("cannot be watched: {cause}"))),
        }
    }

    fn problem(&self, what: &str) -> Problem {
        let log = std::fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        let last = lines[lines.len().saturating_sub(15)..].join("\n");
        Problem::new(format!("{} {what}; the end of {}:\n{last}", self.name, self.log.display()))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        command::stop(&mut self.child);
    }
}
