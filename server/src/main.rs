//! The binary: reads the settings, does what it was told, says what went wrong.

use std::{
    fmt::Display,
    io::{self, ErrorKind, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::{Parser, Subcommand};
use deskside::{
    accounts, assembly, at_rest, backfill, check,
    clock::Clock,
    config::Config,
    connect::{self, Connect},
    connections,
    features::{integrations::Integrations, ledger::Ledger},
    finding::{Finding, Verdict},
    http, integrations, jobs, keys, ledger, log, machine_keys, notices,
    queue::Queue,
    serve::{self, Role},
    store::Db,
};
use secrecy::ExposeSecret;

/// The customer's contract, the right ticket and the archive button beside every Zendesk ticket and Flex call.
#[derive(Debug, Parser)]
#[command(version)]
struct Cli {
    /// The settings file [default: `deskside.toml` beside the binary, or in the working directory].
    #[arg(long, global = true)]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Answer requests and run jobs.
    Serve {
        /// What this process does.
        #[arg(long, value_enum, default_value = "all")]
        role: Role,
    },
    /// Test every connection and say what is wrong.
    Check,
    /// Configure Zendesk or Twilio to send events to this server.
    #[command(subcommand)]
    Connect(Connect),
    /// Migrate the database to this version's schema.
    Migrate,
    /// Archive the attachments of many tickets. Resumes where it stopped.
    Archive(backfill::Ask),
    /// Inspect the archive ledger.
    #[command(subcommand)]
    Ledger(ledger::Ask),
    /// List the connections with vendors; keep, change or delete those in the database.
    Connections {
        /// Use this account [default: the settings file's].
        #[arg(long, global = true)]
        account: Option<String>,
        #[command(subcommand)]
        ask: connections::Ask,
    },
    /// List, start, export or import integrations.
    Integrations {
        /// Use this account [default: the settings file's].
        #[arg(long, global = true)]
        account: Option<String>,
        #[command(subcommand)]
        ask: integrations::Ask,
    },
    /// Show, confirm, cancel or retry runs of integrations.
    Runs {
        /// Use this account [default: the settings file's].
        #[arg(long, global = true)]
        account: Option<String>,
        #[command(subcommand)]
        ask: integrations::AskRuns,
    },
    /// Make, list or revoke the keys by which Airflow, dbt or cron start runs of integrations.
    MachineKeys {
        /// Use this account [default: the settings file's].
        #[arg(long, global = true)]
        account: Option<String>,
        #[command(subcommand)]
        ask: machine_keys::Ask,
    },
    /// List who was told of customers' contracts, and why not.
    Notices {
        #[command(subcommand)]
        ask: notices::Ask,
    },
    /// Check or rotate the keys that encrypt secrets in the database.
    #[command(subcommand)]
    Keys(keys::Ask),
    /// List background jobs; retry, cancel or pause them.
    #[command(subcommand)]
    Jobs(jobs::Ask),
    /// List the accounts of this server, and the addresses that their vendors call.
    Accounts,
    /// Run an integration's model: started by the server, in a process of its own.
    #[command(hide = true)]
    Engine,
    /// Print the description of the HTTP interface, as `/openapi.json` has it.
    Openapi {
        /// Print verb and path of every route instead, pages and files among them: for the rules of a proxy
        #[arg(long)]
        routes: bool,
    },
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    if let Command::Openapi { routes } = cli.command {
        let text =
            if routes { Vec::from_iter(http::every_route()).join("\n") } else { http::document().to_owned() };
        return ended(say(text).map(|()| ExitCode::SUCCESS).map_err(Into::into));
    }
    if let Command::Engine = cli.command {
        return engine::child_main();
    }
    at_rest::create_private_files();
    share_one_arena();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.expect("the operating system gives threads");
    ended(runtime.block_on(run(cli)))
}

/// Says why a command failed.
fn ended(outcome: Result<ExitCode, Box<dyn std::error::Error>>) -> ExitCode {
    let error = match outcome {
        Ok(code) => return code,
        Err(error) => error,
    };
    eprintln!("deskside: {error}");
    let mut cause = error.source();
    while let Some(error) = cause {
        eprintln!("  because: {error}");
        cause = error.source();
    }
    ExitCode::FAILURE
}

/// Prints lines. Whoever closes our output, like `head`, has read enough.
fn say(text: impl Display) -> io::Result<()> {
    let mut output = io::stdout().lock();
    match writeln!(output, "{text}").and_then(|()| output.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        outcome => outcome,
    }
}

/// By default glibc gives each thread an arena of its own, which keeps what large files leave behind: with one for all
/// the most that a gigabyte takes is a fifth less, and nothing is slower. Called before there is another thread.
/// Source: <https://man7.org/linux/man-pages/man3/mallopt.3.html>.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn share_one_arena() {
    #[expect(
        unsafe_code,
        reason = "the C library has no safe name for it; it takes two numbers and touches no memory of ours"
    )]
    let _ = unsafe { libc::mallopt(libc::M_ARENA_MAX, 1) }; // where it is refused, memory is only larger
}

/// Other allocators have no such arenas.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
const fn share_one_arena() {}

async fn run(cli: Cli) -> Result<ExitCode, Box<dyn std::error::Error>> {
    let file = cli.config.or_else(found);
    match cli.command {
        Command::Openapi { .. } | Command::Engine => {} // done before
        Command::Migrate => {
            let store = Config::load_store(file.as_deref(), environment())?;
            let db = Db::connect(store.database_url.expose_secret(), 1).await?;
            let migrated = db.migrate().await;
            db.close().await;
            migrated?;
            say("the database's schema is up to date")?;
        }
        Command::Check => {
            let config = Config::load(file.as_deref(), environment())?;
            let findings = check::check(&config, &Clock::system()).await;
            return Ok(told(&findings)?);
        }
        Command::Connect(Connect::ZendeskArchive(options)) => {
            let config = Config::load(file.as_deref(), environment())?;
            connect::zendesk_archive(&config, &Clock::system(), &options, &mut say_line).await?;
        }
        Command::Connect(Connect::ZendeskContractTriggers(options)) => {
            let config = Config::load(file.as_deref(), environment())?;
            Db::during(config.store.database_url.expose_secret(), 2, async |db| {
                let notices = assembly::notices(&config, (config.account(), None), &Clock::system(), db);
                connect::contract_triggers::contract_triggers(&notices, options, &mut say_line).await
            })
            .await?;
        }
        Command::Notices { ask } => {
            let config = Config::load(file.as_deref(), environment())?;
            let text = Db::during(config.store.database_url.expose_secret(), 1, async |db| {
                let notices = assembly::notices(&config, (config.account(), None), &Clock::system(), db);
                notices::run(&notices, ask).await
            });
            say(text.await?)?;
        }
        Command::Connect(Connect::Flex(options)) => {
            let config = Config::load(file.as_deref(), environment())?;
            connect::flex::flex(&config, &Clock::system(), options, &mut say_line).await?;
        }
        Command::Archive(ask) => {
            let config = Config::load(file.as_deref(), environment())?;
            let report = backfill::backfill(&config, ask, told_to_stop()).await?;
            say(report.to_string().trim_end())?;
            return Ok(if report.is_good() { ExitCode::SUCCESS } else { ExitCode::FAILURE });
        }
        Command::Ledger(ask) => return audit(&Config::load(file.as_deref(), environment())?, ask).await,
        Command::Jobs(ask) => {
            let store = Config::load_store(file.as_deref(), environment())?;
            let report = Db::during(store.database_url.expose_secret(), 2, async |db| {
                let queue = Queue::new(db, Clock::system()).with_operator_hooks(assembly::operator_hooks());
                jobs::run(&queue, ask).await
            });
            let report = report.await?;
            say(&report)?;
            return Ok(if report.is_good() { ExitCode::SUCCESS } else { ExitCode::FAILURE });
        }
        Command::Accounts => {
            let config = Config::load(file.as_deref(), environment())?;
            let store = config.store.database_url.expose_secret();
            let list = Db::during(store, 1, async |db| accounts::list(&db, &config).await).await?;
            say(list.trim_end())?;
        }
        Command::Connections { account, ask } => {
            let config = Config::load(file.as_deref(), environment())?;
            // That a connection begins or ceases to need attention is said once, perhaps by this command.
            log::start(&config.server.logging);
            let report = Db::during(config.store.database_url.expose_secret(), 2, async |db| {
                let account = accounts::chosen(&db, &config, account).await?;
                let all = assembly::connections(&config, &Clock::system(), db, &account).await?;
                connections::run(&all, ask).await
            });
            let report = report.await?;
            say(&report.text)?;
            return Ok(if report.good { ExitCode::SUCCESS } else { ExitCode::FAILURE });
        }
        Command::Integrations { account, ask } => {
            let ask = async |all: &Integrations| integrations::run(all, ask).await;
            return on_integrations(file.as_deref(), account, ask).await;
        }
        Command::Runs { account, ask } => {
            let ask = async |all: &Integrations| integrations::run_runs(all, ask).await;
            return on_integrations(file.as_deref(), account, ask).await;
        }
        Command::MachineKeys { account, ask } => {
            let config = Config::load(file.as_deref(), environment())?;
            let report = Db::during(config.store.database_url.expose_secret(), 2, async |db| {
                let account = accounts::chosen(&db, &config, account).await?;
                let keys = assembly::machine_keys(&config, &account, &Clock::system(), db).await?;
                Ok::<_, Box<dyn std::error::Error>>(machine_keys::run(&keys, ask).await?)
            });
            let report = report.await?;
            say(report.text.trim_end())?;
            report.note.iter().for_each(|note| eprintln!("deskside: {note}"));
        }
        Command::Keys(ask) => {
            let config = Config::load(file.as_deref(), environment())?;
            let url = config.store.database_url.expose_secret();
            let findings = Db::during(url, 1, async |db| keys::run(&config, &db, ask).await).await?;
            return Ok(told(&findings)?);
        }
        Command::Serve { role } => {
            let config = Config::load(file.as_deref(), environment())?;
            log::start(&config.server.logging);
            serve::serve(&config, role, told_to_stop()).await?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// A command about the integrations of an account.
async fn on_integrations(
    file: Option<&Path>,
    account: Option<String>,
    ask: impl AsyncFnOnce(&Integrations) -> Result<integrations::Report, integrations::AskError>,
) -> Result<ExitCode, Box<dyn std::error::Error>> {
    let config = Config::load(file, environment())?;
    let report = Db::during(config.store.database_url.expose_secret(), 2, async |db| {
        let account = accounts::chosen(&db, &config, account).await?;
        let all = assembly::integrations(&config, &account, &Clock::system(), db);
        Ok::<_, Box<dyn std::error::Error>>(ask(&all).await?)
    });
    let report = report.await?;
    say(report.text.trim_end())?;
    Ok(if report.good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn audit(config: &Config, ask: ledger::Ask) -> Result<ExitCode, Box<dyn std::error::Error>> {
    Db::during(config.store.database_url.expose_secret(), 2, async |db| match ask {
        ledger::Ask::Verify => {
            let mut is_intact = true;
            for account in accounts::names(&db, config).await? {
                let audit = ledger::verify(&db, &account).await?;
                say(&audit)?;
                is_intact &= audit.is_intact();
            }
            Ok(if is_intact { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        }
        ledger::Ask::Export { format, ticket, account, out } => {
            let account = accounts::chosen(&db, config, account).await?;
            let all = Ledger::new(account, Clock::system(), db);
            ledger::export(&all, format, ticket, out.as_deref()).await?;
            Ok(ExitCode::SUCCESS)
        }
    })
    .await
}

/// Prints findings; a bad one is a failure.
fn told(findings: &[Finding]) -> io::Result<ExitCode> {
    for finding in findings {
        say(finding)?;
    }
    let is_bad = findings.iter().any(|finding| finding.verdict == Verdict::Bad);
    Ok(if is_bad { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// For what goes on although nobody reads it.
#[expect(clippy::needless_pass_by_value, reason = "as the command gives it")]
fn say_line(line: String) {
    if let Err(error) = say(&line) {
        eprintln!("deskside: standard output cannot be written: {error}");
    }
}

/// The environment; names and values that are no text are none of ours.
fn environment() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
}

/// `deskside.toml` beside the binary, otherwise in the working directory.
fn found() -> Option<PathBuf> {
    let beside = std::env::current_exe().ok().and_then(|exe| Some(exe.parent()?.join("deskside.toml")));
    beside.into_iter().chain([PathBuf::from("deskside.toml")]).find(|path| path.is_file())
}

async fn told_to_stop() {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminated = signal(SignalKind::terminate()).expect("signals can be listened to");
    tokio::select! {
        _ = terminated.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
}
