//! `deskside jobs`: what an operator does about background jobs. **Invariants:** every job that was asked about gets its own line;
//! payloads are never shown, because they may hold personal data; the database's schema is never brought forward.

use std::fmt::{self, Write};

use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;

use crate::{
    queue::{JobFilter, JobId, JobRow, Queue, Retried, State},
    store::StoreError,
};

/// What was asked.
#[derive(Debug, clap::Subcommand)]
pub enum Ask {
    /// List jobs, the newest first, and the kinds that are paused.
    List {
        /// Which of them.
        #[command(flatten)]
        which: Which,
        /// Only jobs in this state; `dead` are those that failed for good.
        #[arg(long, value_enum)]
        state: Option<State>,
        /// The maximum number of jobs.
        #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..))]
        limit: u32,
        /// JSON for programs instead of a table.
        #[arg(long)]
        json: bool,
    },
    /// Try dead jobs again, from their first attempt.
    Retry(Selected),
    /// Cancel jobs that wait or run; a running one stops at its next step.
    Cancel(Selected),
    /// Start no job of a kind any more, in any replica; running jobs go on.
    Pause {
        /// The kind of job, as `deskside jobs list` shows it.
        kind: String,
    },
    /// Start jobs of a paused kind again.
    Resume {
        /// The kind of job, as `deskside jobs list` shows it.
        kind: String,
    },
}

/// A part of all jobs.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Which {
    /// Only jobs of this kind.
    #[arg(long)]
    kind: Option<String>,
    /// Only jobs of this account.
    #[arg(long)]
    account: Option<String>,
}

/// Jobs by their ids, or all of a kind.
#[derive(Debug, clap::Args)]
#[group(required = true, multiple = true, args = ["ids", "kind"])]
pub struct Selected {
    /// The jobs' ids, as `deskside jobs list` shows them.
    #[arg(conflicts_with = "kind")]
    ids: Vec<String>,
    #[command(flatten)]
    which: Which,
}

/// What a command found or did, in lines for people or JSON for programs.
#[derive(Debug)]
pub struct Report {
    text: String,
    good: bool,
}

impl Report {
    /// Whether everything that was asked was done.
    pub const fn is_good(&self) -> bool {
        self.good
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text.trim_end())
    }
}

/// Does what was asked.
pub async fn run(queue: &Queue, ask: Ask) -> Result<Report, StoreError> {
    queue.follow_database().await?;
    match ask {
        Ask::List { which, state, limit, json } => list(queue, which, state, limit, json).await,
        Ask::Retry(selected) => change(queue, selected, Change::Retry).await,
        Ask::Cancel(selected) => change(queue, selected, Change::Cancel).await,
        Ask::Pause { kind } => {
            let text = if queue.pause(&kind).await? {
                format!("paused {kind}: no replica starts such a job; `deskside jobs resume {kind}` ends it")
            } else {
                format!("{kind} was paused already")
            };
            let known = queue.counts().await?.iter().any(|count| count.kind == kind);
            let note =
                if known { "" } else { "\nnote: the database has no job of this kind; check the spelling" };
            Ok(Report { text: text + note, good: true })
        }
        Ask::Resume { kind } => {
            let resumed = queue.resume(&kind).await?;
            let text = if resumed { format!("resumed {kind}") } else { format!("{kind} was not paused") };
            Ok(Report { text, good: resumed })
        }
    }
}

async fn list(
    queue: &Queue,
    which: Which,
    state: Option<State>,
    limit: u32,
    json: bool,
) -> Result<Report, StoreError> {
    let filter = JobFilter { account: which.account, kind: which.kind, state, ..JobFilter::first(limit) };
    let (jobs, paused) = (queue.list(&filter).await?, queue.paused().await?);
    let text = if json {
        let jobs: Vec<_> = jobs.iter().map(Line::of).collect();
        serde_json::to_string_pretty(&Listing { jobs, paused_kinds: paused }).expect("jobs are plain data")
    } else {
        table(&jobs, &paused, limit)
    };
    Ok(Report { text, good: true })
}

/// What `--json` prints: a promise to programs.
#[derive(Serialize)]
struct Listing<'a> {
    jobs: Vec<Line<'a>>,
    paused_kinds: Vec<String>,
}

#[derive(Serialize)]
struct Line<'a> {
    id: &'a str,
    account: &'a str,
    kind: &'a str,
    key: &'a str,
    state: &'a str,
    attempt: u32,
    max_attempts: u32,
    created_at: String,
    run_at: String,
    finished_at: Option<String>,
    last_error: Option<&'a str>,
}

impl<'a> Line<'a> {
    fn of(job: &'a JobRow) -> Self {
        Self {
            id: job.id.as_str(),
            account: &job.account,
            kind: &job.kind,
            key: &job.key,
            state: job.state.as_str(),
            attempt: job.attempt,
            max_attempts: job.max_attempts,
            created_at: time(job.created_at),
            run_at: time(job.run_at),
            finished_at: job.finished_at.map(time),
            last_error: job.last_error.as_deref(),
        }
    }
}

fn time(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

const HEADINGS: [&str; 7] = ["ID", "STATE", "KIND", "ACCOUNT", "ATTEMPT", "TIME", "KEY"];

/// The time is the end of an ended job, and the next start of another. What a job failed with last stands below it.
fn table(jobs: &[JobRow], paused: &[String], limit: u32) -> String {
    let cells = |job: &JobRow| {
        [
            job.id.to_string(),
            job.state.as_str().to_owned(),
            job.kind.clone(),
            job.account.clone(),
            format!("{}/{}", job.attempt, job.max_attempts),
            time(job.finished_at.unwrap_or(job.run_at)),
            job.key.clone(),
        ]
    };
    let rows: Vec<_> = jobs.iter().map(cells).collect();
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.chain([HEADINGS[column].len()]).max().unwrap_or_default()
    };
    let widths: Vec<usize> = (0..HEADINGS.len()).map(width).collect();
    let line = |cells: &[String; 7]| {
        let padded = cells.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
        padded.collect::<Vec<_>>().join("  ").trim_end().to_owned() + "\n"
    };
    let mut text = if rows.is_empty() { "no job\n".to_owned() } else { line(&HEADINGS.map(str::to_owned)) };
    for (job, row) in jobs.iter().zip(&rows) {
        text.push_str(&line(row));
        if let Some(error) = &job.last_error {
            let _ = writeln!(text, "    {}", one_line(error));
        }
    }
    if jobs.len() == limit as usize {
        let _ = writeln!(text, "only the newest {limit} are shown; `--limit` shows more");
    }
    for kind in paused {
        let _ = writeln!(text, "{kind} is paused; `deskside jobs resume {kind}` ends it");
    }
    text
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What is done with single jobs.
#[derive(Debug, Clone, Copy)]
enum Change {
    Retry,
    Cancel,
}

impl Change {
    /// The states of jobs that it applies to.
    const fn applies_to(self) -> &'static [State] {
        match self {
            Self::Retry => &[State::Dead],
            Self::Cancel => &[State::Ready, State::Leased],
        }
    }

    /// Why it was not done, if it was not.
    async fn to(self, queue: &Queue, job: &JobRow) -> Result<Result<(), String>, StoreError> {
        let done = match self {
            Self::Retry => match queue.retry_dead(&job.account, &job.id).await? {
                Retried::Useless(why) => return Ok(Err(why)),
                retried => retried == Retried::Yes,
            },
            Self::Cancel => queue.cancel(&job.account, &job.id).await?,
        };
        Ok(if done { Ok(()) } else { Err(self.refused(job)) })
    }

    const fn done(self) -> &'static str {
        match self {
            Self::Retry => "retried",
            Self::Cancel => "cancelled",
        }
    }

    fn refused(self, job: &JobRow) -> String {
        match (self, job.state) {
            (Self::Retry, State::Dead) => {
                "another job with its key is ready or running, and does its work".into()
            }
            (Self::Retry, state) => format!("it is {}; only a dead job can be retried", state.as_str()),
            (Self::Cancel, State::Ready | State::Leased) => "it ended in this moment".into(),
            (Self::Cancel, state) => format!("it is {} already", state.as_str()),
        }
    }
}

async fn change(queue: &Queue, selected: Selected, change: Change) -> Result<Report, StoreError> {
    let Selected { ids, which: Which { kind, account } } = selected;
    let mut report = Report { text: String::new(), good: true };
    for id in &ids {
        let filter = JobFilter { id: Some(JobId::new(id)), account: account.clone(), ..JobFilter::first(1) };
        match queue.list(&filter).await?.first() {
            Some(job) => apply(queue, job, change, &mut report).await?,
            None => report.line(false, &format!("there is no job {id}")),
        }
    }
    let Some(kind) = kind else { return Ok(report) };
    for state in change.applies_to() {
        let (kind, account) = (Some(kind.clone()), account.clone());
        let filter = JobFilter { account, kind, state: Some(*state), ..JobFilter::first(u32::MAX) };
        for job in queue.list(&filter).await? {
            apply(queue, &job, change, &mut report).await?;
        }
    }
    if report.text.is_empty() {
        let states: Vec<_> = change.applies_to().iter().map(|state| state.as_str()).collect();
        report.line(true, &format!("no job of kind {kind} is {}; nothing was changed", states.join(" or ")));
    }
    Ok(report)
}

async fn apply(queue: &Queue, job: &JobRow, change: Change, report: &mut Report) -> Result<(), StoreError> {
    let JobRow { id, kind, account, key, .. } = job;
    let named = format!("{id} ({kind} {key} of {account})");
    match change.to(queue, job).await? {
        Ok(()) => report.line(true, &format!("{} {named}", change.done())),
        Err(why) => report.line(false, &format!("not {} {named}: {why}", change.done())),
    }
    Ok(())
}

impl Report {
    fn line(&mut self, good: bool, line: &str) {
        self.good &= good;
        self.text.push_str(line);
        self.text.push('\n');
    }
}
