//! `deskside connections`: which vendor accounts there are, and what an operator does about those in the database.
//! **Invariant:** a secret is read from the standard input, never from an argument, and never shown.

use std::{
    fmt::Write,
    io::{IsTerminal, Read, stdin},
    sync::mpsc,
    thread,
    time::Duration,
};

use clap::{ArgGroup, builder::NonEmptyStringValueParser};
use serde_json::json;

use crate::{
    accounts::ChoiceError,
    features::connections::{ConnectionError, Connections, Kind, Listed, Step, Wish},
    finding::{Finding, bad, good, warn},
    store::{StoreError, connections::ConnectionState},
};

/// Who did it, in the ledger.
const OPERATOR: &str = "operator";

/// The most that is read as a secret, bytes.
const SECRET_LIMIT: u64 = 64 * 1024;
/// How long the standard input may take to show that something is in it.
const PIPED: Duration = Duration::from_millis(200);

/// What was asked.
#[derive(Debug, clap::Subcommand)]
pub enum Ask {
    /// List the connections of the settings file and of the database.
    List {
        /// JSON for programs instead of a table.
        #[arg(long)]
        json: bool,
    },
    /// Keep a new connection in the database; its secret is read from the standard input, as JSON.
    Add {
        /// A name for commands, like `zendesk-sandbox`.
        id: String,
        /// What it connects to.
        #[arg(long, value_enum)]
        kind: Kind,
        /// All else of it.
        #[command(flatten)]
        parts: Parts,
    },
    /// Change a connection in the database. A new secret is tried with its vendor first.
    #[command(group(ArgGroup::new("what").required(true).multiple(true)
        .args(["secret", "name", "environment", "settings"])))]
    Change {
        /// As `deskside connections list` shows it.
        id: String,
        /// Read a new secret from the standard input, as JSON; what is left out of it stays as it is.
        #[arg(long)]
        secret: bool,
        /// All else of it.
        #[command(flatten)]
        parts: Parts,
    },
    /// Try a connection in the database, step by step; `deskside check` tests all.
    Test {
        /// As `deskside connections list` shows it.
        id: String,
        /// Try again also a secret that the vendor refused before.
        #[arg(long)]
        again: bool,
    },
    /// Delete a connection, with its secret, from the database.
    Remove {
        /// As `deskside connections list` shows it.
        id: String,
    },
}

/// What is not secret.
#[derive(Debug, clap::Args)]
pub struct Parts {
    /// A name for people.
    #[arg(long, value_parser = NonEmptyStringValueParser::new())]
    name: Option<String>,
    /// `production` or `sandbox`.
    #[arg(long, value_parser = NonEmptyStringValueParser::new())]
    environment: Option<String>,
    /// JSON, like `{"base_url": "https://acme.zendesk.com", "client_id": "deskside"}`.
    #[arg(long)]
    settings: Option<String>,
}

impl Parts {
    fn with(self, secret: Option<Vec<u8>>) -> Wish {
        Wish { name: self.name, environment: self.environment, settings: self.settings, secret }
    }
}

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// See the connection's error.
    #[error(transparent)]
    Connection(#[from] ConnectionError),
    /// See there.
    #[error(transparent)]
    Account(#[from] ChoiceError),
    /// See the store's error.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Operator: pipe it into the command.
    #[error(
        "the secret could not be read from the standard input; pipe at most 64 kB of JSON into the command"
    )]
    Secret(#[source] std::io::Error),
    /// Operator: add the option, or pipe nothing.
    #[error("standard input is not empty; add `--secret` to read the secret from it")]
    Piped,
}

/// What a command found or did.
#[derive(Debug)]
pub struct Report {
    /// In lines.
    pub text: String,
    /// Whether all is well.
    pub good: bool,
}

/// Does what was asked.
pub async fn run(connections: &Connections, ask: Ask) -> Result<Report, CommandError> {
    let text = match ask {
        Ask::List { json } => {
            let listed = connections.list().await?;
            if json { as_json(&listed) } else { table(&listed) }
        }
        Ask::Add { id, kind, parts } => {
            connections.add(OPERATOR, &id, kind, parts.with(Some(read_secret()?))).await?;
            format!("added {id}")
        }
        Ask::Change { id, secret, parts } => {
            if !secret && is_piped() {
                return Err(CommandError::Piped);
            }
            let secret = secret.then(read_secret).transpose()?;
            connections.change(OPERATOR, &id, parts.with(secret)).await?;
            format!("changed {id}")
        }
        Ask::Test { id, again } => return Ok(steps(&connections.test(&id, again).await?)),
        Ask::Remove { id } => {
            let revocation = connections.remove(OPERATOR, &id).await?;
            let left = |hint| format!("\nits vendor may still accept its tokens: {hint}");
            format!("removed {id}{}", revocation.hint.map(left).unwrap_or_default())
        }
    };
    Ok(Report { text, good: true })
}

fn steps(steps: &[Step]) -> Report {
    let line = |Step { name, ok, message, hint }: &Step| {
        let mark = if *ok { "ok " } else { "BAD" };
        let hint = hint.as_ref().map(|hint| format!("; {hint}")).unwrap_or_default();
        format!("{mark}   {name:<8} {message}{hint}")
    };
    let lines: Vec<_> = steps.iter().map(line).collect();
    Report { text: lines.join("\n"), good: steps.iter().all(|step| step.ok) }
}

/// What `deskside check` says of those in the database: one line for each, with the step that failed.
pub async fn findings(connections: &Connections) -> Result<Vec<Finding>, StoreError> {
    const WHAT: &str = "connection";
    let mut findings = Vec::new();
    for listed in connections.list().await? {
        if listed.in_file || listed.state == Some(ConnectionState::Disconnected) {
            continue;
        }
        let id = &listed.id;
        findings.push(match connections.test(id, false).await {
            Ok(steps) => match steps.iter().find(|step| !step.ok).or(steps.last()) {
                Some(Step { ok: false, message, hint, .. }) => {
                    bad(WHAT, format!("`{id}`: {message}; {}", hint.as_deref().unwrap_or_default()))
                }
                Some(Step { message, hint: Some(hint), .. }) => {
                    warn(WHAT, format!("`{id}`: {message}; {hint}"))
                }
                Some(Step { message, .. }) => good(WHAT, format!("`{id}`: {message}")),
                None => good(WHAT, format!("`{id}` works")),
            },
            Err(ConnectionError::Store(error)) => return Err(error),
            Err(error) => bad(WHAT, format!("`{id}`: {error}")),
        });
    }
    Ok(findings)
}

fn read_secret() -> Result<Vec<u8>, CommandError> {
    let mut secret = Vec::new();
    stdin().take(SECRET_LIMIT + 1).read_to_end(&mut secret).map_err(CommandError::Secret)?;
    if secret.len() as u64 > SECRET_LIMIT {
        return Err(CommandError::Secret(std::io::ErrorKind::FileTooLarge.into()));
    }
    Ok(secret)
}

/// Whether something waits in the standard input. Nothing else reads it.
fn is_piped() -> bool {
    if stdin().is_terminal() {
        return false;
    }
    let (tell, told) = mpsc::channel();
    // Nobody may ever write into it or close it, so it is read aside; the thread ends with the process.
    thread::spawn(move || tell.send(stdin().read(&mut [0]).is_ok_and(|read| read > 0)));
    told.recv_timeout(PIPED).unwrap_or_default()
}

fn state(listed: &Listed) -> &'static str {
    listed.state.map_or("-", ConnectionState::as_str)
}

const fn place(listed: &Listed) -> &'static str {
    if listed.in_file { "settings file" } else { "database" }
}

fn as_json(all: &[Listed]) -> String {
    let line = |listed: &Listed| {
        json!({
            "id": listed.id, "kind": listed.kind, "name": listed.name, "environment": listed.environment,
            "state": listed.state.map(ConnectionState::as_str), "attention": listed.attention, "in_file": listed.in_file,
        })
    };
    let lines: Vec<_> = all.iter().map(line).collect();
    json!(lines).to_string()
}

/// What is wrong with a connection stands below it.
fn table(all: &[Listed]) -> String {
    let heads = ["ID", "KIND", "ENVIRONMENT", "STATE", "SET IN", "NAME"].map(str::to_owned);
    let cells = |listed: &Listed| {
        [
            listed.id.clone(),
            listed.kind.clone(),
            listed.environment.clone(),
            state(listed).to_owned(),
            place(listed).to_owned(),
            listed.name.clone(),
        ]
    };
    let rows: Vec<_> = all.iter().map(cells).collect();
    let width = |column: usize| {
        let cells = rows.iter().chain([&heads]).map(|row| row[column].chars().count());
        cells.max().unwrap_or_default()
    };
    let widths: Vec<usize> = (0..heads.len()).map(width).collect();
    let line = |cells: &[String; 6]| {
        let padded = cells.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
        padded.collect::<Vec<_>>().join("  ").trim_end().to_owned() + "\n"
    };
    let mut text = line(&heads);
    for (listed, row) in all.iter().zip(&rows) {
        text.push_str(&line(row));
        if let Some(attention) = &listed.attention {
            let _ = writeln!(text, "    {}; {}", attention.sentence, attention.what_to_do);
        }
    }
    text.push_str("`deskside check` tests all of them");
    text
}
