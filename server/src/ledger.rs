//! `deskside ledger`: whether the account's ledger is what was written, and all of it as a file. **Invariant:** it reads
//! the database, and never brings its schema forward.

use std::{
    fmt,
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
    pin::pin,
};

use futures::TryStreamExt;
use wire::TicketId;

use crate::{
    features::ledger::{Format, Ledger},
    store::{
        Db, StoreError,
        ledger::{self, Harm, Verdict},
    },
};

/// What was asked.
#[derive(Debug, clap::Subcommand)]
pub enum Ask {
    /// Recompute the hash of every row, in all accounts; exits with 1 if a row is missing or was changed.
    Verify,
    /// Write every row of an account, oldest first.
    Export {
        /// CSV for spreadsheets, or JSON Lines for programs.
        #[arg(long, value_enum)]
        format: Format,
        /// Only what was done to this ticket.
        #[arg(long)]
        ticket: Option<u64>,
        /// Only the ledger of this account [default: the settings file's].
        #[arg(long)]
        account: Option<String>,
        /// The file to write [default: standard output]. An existing file is replaced once all is written.
        #[arg(long)]
        out: Option<PathBuf>,
    },
}

/// Why a command came to no end.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// See the store's error.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Operator: another place, or room there.
    #[error("{place} cannot be written")]
    Write {
        /// Where to.
        place: String,
        /// The operating system's word.
        #[source]
        source: io::Error,
    },
}

/// What became of a ledger, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Audit {
    account: String,
    verdict: Verdict,
    last_hash: String,
}

impl Audit {
    /// Whether every row is what was written.
    pub const fn is_intact(&self) -> bool {
        matches!(self.verdict, Verdict::Intact { .. })
    }
}

impl fmt::Display for Audit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { account, verdict, last_hash } = self;
        match *verdict {
            Verdict::Intact { rows: 0 } => write!(f, "the ledger of {account} is empty and intact"),
            Verdict::Intact { rows } => write!(
                f,
                "the ledger of {account} is intact: {rows} rows, the last with the hash {last_hash}\n\
                 Keep this line elsewhere: whoever owns the database could cut off its end and its head alike."
            ),
            Verdict::Broken { seq, harm } => {
                let good = seq.saturating_sub(1);
                let what = match harm {
                    Harm::Missing => format!("row {seq} is missing"),
                    Harm::Truncated => format!("the end is missing, from row {seq} on"),
                    Harm::Changed => {
                        format!("row {seq} is not what was written: it was changed, or put in afterwards")
                    }
                    Harm::Added => format!("row {seq} was put behind the end"),
                };
                write!(f, "the ledger of {account} is BROKEN: {what}. The {good} rows before it are intact")
            }
        }
    }
}

/// `deskside ledger verify`.
pub async fn verify(db: &Db, account: &str) -> Result<Audit, StoreError> {
    let verdict = ledger::verify(db, account).await?;
    let rows = if let Verdict::Intact { rows } = verdict { rows } else { 0 };
    let last = ledger::export(db, account, None, (rows.saturating_sub(1), rows), 1).await?;
    let last_hash = last.into_iter().next().map(|row| row.hash).unwrap_or_default();
    Ok(Audit { account: account.to_owned(), verdict, last_hash })
}

/// `deskside ledger export`.
pub async fn export(
    ledger: &Ledger,
    format: Format,
    ticket: Option<u64>,
    out: Option<&Path>,
) -> Result<(), CommandError> {
    let Some(out) = out else {
        return write(ledger, format, ticket, io::stdout(), "standard output").await;
    };
    let place = out.display().to_string();
    let failed = |source| CommandError::Write { place: place.clone(), source };
    // Half an export must not look like a whole one.
    let mut unfinished = out.as_os_str().to_owned();
    unfinished.push(".unfinished");
    let file = std::fs::File::create(&unfinished).map_err(failed)?;
    let written = write(ledger, format, ticket, &file, &place).await;
    let kept = written
        .and_then(|()| file.sync_all().and_then(|()| std::fs::rename(&unfinished, out)).map_err(failed));
    if kept.is_err() {
        let _ = std::fs::remove_file(&unfinished);
    }
    kept
}

async fn write(
    ledger: &Ledger,
    format: Format,
    ticket: Option<u64>,
    to: impl Write,
    place: &str,
) -> Result<(), CommandError> {
    let failed = |source| CommandError::Write { place: place.to_owned(), source };
    let mut to = BufWriter::new(to);
    let mut rows = pin!(ledger.export(ticket.map(TicketId), format));
    while let Some(rows) = rows.try_next().await? {
        to.write_all(&rows).map_err(failed)?;
    }
    to.flush().map_err(failed)
}
