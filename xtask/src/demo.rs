//! The whole product on this machine, with the sandbox in the vendors' place. **Invariant:** needs no internet and no
//! account, listens on 127.0.0.1 only, and leaves nothing running.

mod contracts;
mod flex;
mod settings;
mod stage;

use std::io::Write;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use clap::Args;

use crate::problem::{Outcome, Problem};
use crate::{app, command, house, http, session, setup};

pub(crate) use settings::Ports;
pub(crate) use stage::{Binaries, Profile, Running, Stage, connect};

/// Long enough to see what can be taken back, short enough to see it go.
const UNDO_S: u32 = 15;
/// The company of whoever asks in ticket 42, in the sandbox's Salesforce.
const ACCOUNT: &str = "0015g0000000001AAA";

/// How the demonstration runs.
#[derive(Args)]
pub(crate) struct Options {
    /// The server's port; the sandbox takes the five after it
    #[arg(long, default_value_t = 9100)]
    port_base: u16,
    /// Keep database and archive in this folder; without it every demo starts afresh
    #[arg(long)]
    data: Option<PathBuf>,
    /// Start, ask for the pages that a person would open, kill the server, ask again, stop
    #[arg(long)]
    once: bool,
}

/// Builds, starts, and runs until Ctrl-C.
pub(crate) fn run(options: &Options) -> Outcome {
    setup::run()?;
    app::build()?;
    let binaries = Binaries::build(Profile::Dev)?;
    let ports = Ports::from(options.port_base)?;
    free(&ports)?;
    ctrlc::set_handler(stage::ask_to_stop)
        .map_err(|cause| Problem::new(format!("cannot listen for Ctrl-C: {cause}")))?;
    let place = house::target_dir("demo")?;
    let data = data_folder(options, &place)?;
    let mut stage = Stage::start(&binaries, &ports, &place, &data, UNDO_S)?;
    connect(&binaries, &place, &data)?;
    flex::put_into_top_bar(&ports)?;
    contracts::bring(&binaries, &ports, &place, &data)?;
    stage::connect_notices(&binaries, &place, &data)?;
    if options.once {
        look_once(&ports)?;
        println!("the demo starts, its pages answer");
        return live_twice(&mut stage, &ports);
    }
    println!("\nArchived files: {}", data.join("archive").display());
    println!("Logs:           {}", place.join("*.log").display());
    println!("Without the app: add the tag `archive_attachments` to a ticket and submit it");
    println!("What Slack got: http://127.0.0.1:{}/_sandbox/notices", ports.notify);
    println!(
        "Change an MRR:  curl -X PUT http://127.0.0.1:{}/_sandbox/salesforce/rows/Account/{ACCOUNT} -H 'content-type: application/json' -d \
         '{{\"MRR__c\": 130000}}'",
        ports.salesforce
    );
    println!(
        "Another Salesforce connection: host acme.my.salesforce.com, client id {}, client secret {}",
        contracts::SALESFORCE_CLIENT,
        contracts::SALESFORCE_SECRET
    );
    let settings = place.join("deskside.toml");
    println!(
        "Command line:   {} integrations list --config {}",
        binaries.server.display(),
        settings.display()
    );
    println!(
        "A mail arrives: curl http://127.0.0.1:{}/_sandbox/tickets/arrive -H 'content-type: application/json' -d '{{\"email\": \
         \"minjun.kim@example.com\", \"subject\": \"It does not start\", \"body\": \"Nothing works.\", \"priority\": \"urgent\"}}'",
        ports.zendesk
    );
    println!("What PagerDuty got: http://127.0.0.1:{}/_sandbox/view/alerts", ports.notify);
    println!("Mails to agents: http://127.0.0.1:{}/_sandbox/view/mails", ports.zendesk);
    println!("A phone call:   http://127.0.0.1:{}/flex", ports.twilio);
    println!(
        "Kill the server: kill -9 {} in the middle of a run; it is started again",
        stage.server_process()
    );
    println!("Open http://127.0.0.1:{}/agent and choose ticket 42 (Ctrl-C ends the demo)", ports.zendesk);
    let _flushed = std::io::stdout().flush();
    while !stage::asked_to_stop() {
        if let Some(how) = stage.revive(&ports)? {
            let process = stage.server_process();
            println!("The server was gone ({how}); it was started again as process {process}, and goes on");
        }
        thread::sleep(Duration::from_millis(200));
    }
    println!("\nstopped");
    Ok(())
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
                "port {port} cannot be used ({cause}): stop what uses it, or choose six others with --port-base"
            )));
        }
    }
    Ok(())
}

/// What a person would open first, without a person.
fn look_once(ports: &Ports) -> Outcome {
    let pages = [
        (ports.zendesk, "/agent"),
        (ports.twilio, "/flex"),
        (ports.server, "/flex/plugin.js"),
        (ports.notify, "/_sandbox/notices"),
        (ports.notify, "/_sandbox/view/alerts"),
        (ports.salesforce, "/services/data"),
    ];
    for (port, path) in pages {
        expect(&format!("{path} on port {port}"), &http::get(port, path)?, "")?;
    }
    let flex = format!("127.0.0.1:{}/flex", ports.twilio);
    for (location, holds) in [("ticket_sidebar", "deskside-session"), ("top_bar", flex.as_str())] {
        let page = session::page(ports, location)?;
        expect(&format!("the page {location}"), &page, holds)?;
    }
    Ok(())
}

/// What somebody does who wants to see that nothing is lost.
fn live_twice(stage: &mut Stage, ports: &Ports) -> Outcome {
    let first = stage.server_process();
    command::signal("KILL", first);
    while stage.revive(ports)?.is_none() {
        thread::sleep(Duration::from_millis(20));
    }
    look_once(ports)?;
    println!("the server was killed and is there again: {first}, then {}", stage.server_process());
    Ok(())
}

fn expect(what: &str, answer: &http::Answer, holds: &str) -> Outcome {
    if answer.status == 200 && answer.body.contains(holds) {
        return Ok(());
    }
    let start: String = answer.body.chars().take(300).collect();
    Err(Problem::new(format!("{what} answered {}: {start}", answer.status)))
}
