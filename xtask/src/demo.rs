//! The whole product on this machine, with the sandbox in the vendors' place. **Invariant:** needs no internet and no
//! account, listens on 127.0.0.1 only, and leaves nothing running.

mod settings;

use std::fs::File;
use std::io::Write;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use clap::Args;

use crate::command::{self, cargo, command};
use crate::problem::{Outcome, Problem};
use crate::{app, house, http, setup};

pub(crate) use settings::Ports;

/// How the demonstration runs.
#[derive(Args)]
pub(crate) struct Options {
    /// The server's port; the sandbox takes the three after it
    #[arg(long, default_value_t = 9100)]
    port_base: u16,
    /// Keep database and archive in this folder; without it every demo starts afresh
    #[arg(long)]
    data: Option<PathBuf>,
    /// Start, ask for the pages that a person would open, stop
    #[arg(long)]
    once: bool,
}

/// What demo and browser suite start.
pub(crate) struct Binaries {
    pub(crate) server: PathBuf,
    pub(crate) sandbox: PathBuf,
    pub(crate) zaf_sdk: PathBuf,
}

/// A first start creates database and keys.
const PATIENCE: Duration = Duration::from_secs(30);

/// Somebody wants us to stop.
static STOP: AtomicBool = AtomicBool::new(false);

/// Builds, starts, and runs until Ctrl-C.
pub(crate) fn run(options: &Options) -> Outcome {
    setup::run()?;
    app::build()?;
    let binaries = binaries()?;
    let ports = Ports::from(options.port_base)?;
    free(&ports)?;
    ctrlc::set_handler(|| STOP.store(true, Ordering::Relaxed))
        .map_err(|cause| Problem::new(format!("cannot listen for Ctrl-C: {cause}")))?;
    let place = house::target_dir("demo")?;
    let data = data_folder(options, &place)?;
    let settings = place.join("deskside.toml");
    house::write(&settings, settings::text(&ports, &data))?;

    let mut sandbox =
        Running::start("the sandbox", sandbox_command(&binaries, &ports), &place.join("sandbox.log"))?;
    sandbox.wait_for(ports.zendesk, "/agent")?;
    let mut serve = command(&binaries.server.to_string_lossy(), ["serve", "--config"]);
    serve.arg(&settings).current_dir(&data);
    let mut server = Running::start("the server", serve, &place.join("server.log"))?;
    server.wait_for(ports.server, "/readyz")?;

    if options.once {
        return look_once(&ports);
    }
    println!("\nArchived files: {}", data.join("archive").display());
    println!("Logs:           {}", place.join("*.log").display());
    println!("A phone call:   http://127.0.0.1:{}/flex", ports.twilio);
    println!("Open http://127.0.0.1:{}/agent and choose ticket 42 (Ctrl-C ends the demo)", ports.zendesk);
    let _flushed = std::io::stdout().flush();
    while !STOP.load(Ordering::Relaxed) {
        sandbox.still_running()?;
        server.still_running()?;
        thread::sleep(Duration::from_millis(200));
    }
    println!("\nstopped");
    Ok(())
}

/// Server and sandbox in cargo's dev profile, and the SDK that Zendesk's CDN serves in production.
pub(crate) fn binaries() -> Outcome<Binaries> {
    setup::npm_packages()?;
    let target = house::target();
    let zaf_sdk = target.join("xtask/zaf_sdk.js");
    command::output(command("node", ["sandbox/pages/build-sdk.mjs", "--outfile"]).arg(&zaf_sdk))?;
    command::run(
        cargo(["build", "--bins", "-p", "deskside", "-p", "deskside-sandbox", "--target-dir"]).arg(&target),
    )?;
    Ok(Binaries {
        server: target.join("debug/deskside"),
        sandbox: target.join("debug/deskside-sandbox"),
        zaf_sdk,
    })
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
            "--app-url",
            &ports.server_url(),
        ],
    );
    sandbox.env("SANDBOX_ZAF_SDK", &binaries.zaf_sdk);
    sandbox
}

/// The sandbox forgets everything when it stops; a database that remembers would contradict it. So: afresh.
fn data_folder(options: &Options, place: &Path) -> Outcome<PathBuf> {
    if let Some(chosen) = &options.data {
        house::make_dir(chosen)?;
        return chosen.canonicalize().map_err(|cause| Problem::file("find", chosen, &cause));
    }
    let data = place.join("data");
    if data.exists() {
        std::fs::remove_dir_all(&data).map_err(|cause| Problem::file("empty", &data, &cause))?;
    }
    house::make_dir(&data)?;
    Ok(data)
}

fn free(ports: &Ports) -> Outcome {
    for port in ports.all() {
        if let Err(cause) = TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
            return Err(Problem::new(format!(
                "port {port} cannot be used ({cause}): stop what uses it, or choose four others with --port-base"
            )));
        }
    }
    Ok(())
}

/// A child that stops when dropped.
struct Running {
    name: &'static str,
    child: Child,
    log: PathBuf,
}

impl Running {
    fn start(name: &'static str, mut command: Command, log: &Path) -> Outcome<Self> {
        let file = File::create(log).map_err(|cause| Problem::file("create", log, &cause))?;
        let errors = file.try_clone().map_err(|cause| Problem::file("share", log, &cause))?;
        command.stdin(Stdio::null()).stdout(file).stderr(errors);
        let child = command.spawn().map_err(|cause| command::not_started(&command, &cause))?;
        Ok(Self { name, child, log: log.to_path_buf() })
    }

    fn wait_for(&mut self, port: u16, path: &str) -> Outcome {
        let since = Instant::now();
        loop {
            self.still_running()?;
            if STOP.load(Ordering::Relaxed) {
                return Err(Problem::new("stopped before it was ready"));
            }
            let answer = http::get(port, path);
            if answer.as_ref().is_ok_and(|answer| answer.status == 200) {
                return Ok(());
            }
            if since.elapsed() > PATIENCE {
                let got = answer
                    .map_or_else(|problem| problem.to_string(), |answer| format!("status {}", answer.status));
                return Err(self.problem(&format!("is not ready after {} s ({got})", PATIENCE.as_secs())));
            }
            thread::sleep(Duration::from_millis(50));
        }
    }

    fn still_running(&mut self) -> Outcome {
        match self.child.try_wait() {
            Ok(None) => Ok(()),
            _ if STOP.load(Ordering::Relaxed) => Ok(()), // Ctrl-C reaches the children first
            Ok(Some(status)) => Err(self.problem(&format!("stopped ({status})"))),
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

/// What a person would open first, without a person.
fn look_once(ports: &Ports) -> Outcome {
    let pages = [(ports.zendesk, "/agent"), (ports.twilio, "/flex"), (ports.server, "/flex/plugin.js")];
    for (port, path) in pages {
        expect(&format!("{path} on port {port}"), &http::get(port, path)?, "")?;
    }
    let signed = http::post(
        ports.zendesk,
        "/_sandbox/workspace/sign",
        r#"{"location":"ticket_sidebar","agent_id":9002}"#,
    )?;
    let signed: serde_json::Value = serde_json::from_str(&signed.body).unwrap_or_default();
    let token = signed["token"].as_str().unwrap_or_default();
    let page =
        http::post(ports.server, "/zendesk/ticket_sidebar?origin=x&app_guid=y", &format!("token={token}"))?;
    expect("the sidebar's page", &page, "deskside-session")?;
    println!("the demo starts, its pages answer");
    Ok(())
}

fn expect(what: &str, answer: &http::Answer, holds: &str) -> Outcome {
    if answer.status == 200 && answer.body.contains(holds) {
        return Ok(());
    }
    let start: String = answer.body.chars().take(300).collect();
    Err(Problem::new(format!("{what} answered {}: {start}", answer.status)))
}
