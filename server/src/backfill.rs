//! `deskside archive`: puts away what many tickets hold. **Invariants:** every ticket goes the way that the button goes, one
//! live run each; nothing of ours is in this process alone, so that it may be stopped and started again at any time.

mod progress; // how far it is
mod report; // what became of it
mod requested; // which tickets

use std::{
    collections::VecDeque,
    future::Future,
    io::{Read, Write},
    path::{Path, PathBuf},
    time::Duration,
};

use futures::future::select;
use secrecy::ExposeSecret;
use tokio::sync::watch;
use wire::TicketId;

pub use report::Report;
use {progress::Progress, report::End, report::size, requested::Requested};

use crate::{
    assembly::{self, StartError},
    causes::with_causes,
    clock::Clock,
    config::Config,
    connectors::{
        Advice, VendorError, objects,
        zendesk::{ZendeskClient, ZendeskError},
    },
    features::archive::{Archive, ArchiveError, Foreseen, Policy, Standing},
    store::{Db, StoreError},
};

/// How often runs are looked at.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// How often a call is made again that Zendesk did not answer, and how long it waits at least and at most.
const MAX_RETRIES: u32 = 5;
const SHORTEST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_mins(2);
/// What is said of a ticket without files.
const NOTHING: &str = "nothing to archive";

/// What was asked.
#[derive(Debug, clap::Args)]
pub struct Ask {
    #[command(flatten)]
    which: Which,
    /// Change nothing; print what would be archived.
    #[arg(long)]
    dry_run: bool,
    /// Include tickets that were archived before: they may have new files.
    #[arg(long)]
    again: bool,
}

/// Which tickets.
#[derive(Debug, clap::Args)]
#[group(required = true, multiple = true)]
pub struct Which {
    /// Tickets, by number.
    ticket: Vec<String>,
    /// A file of ticket numbers, one a line; `-` is standard input.
    #[arg(long, value_name = "FILE")]
    tickets: Option<PathBuf>,
    /// Tickets that a Zendesk search finds, such as 'tags:identity status:solved'.
    #[arg(long)]
    query: Option<String>,
}

/// Why it came to no end.
#[derive(Debug, thiserror::Error)]
pub enum BackfillError {
    /// See there.
    #[error(transparent)]
    Start(#[from] StartError),
    /// See the store's error.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Operator: start the server once, or correct the setting. Another folder would be a second archive.
    #[error("there is no folder {}; start `deskside serve`, which makes it, or correct `archive.store`", .0.display())]
    NoFolder(PathBuf),
    /// Whoever read our output stopped reading.
    #[error("standard output cannot be written")]
    Output(#[from] std::io::Error),
}

/// `deskside archive`, until all is done or `stop`.
pub async fn backfill(
    config: &Config,
    ask: Ask,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<Report, BackfillError> {
    let (url, connections) = (config.store.database_url.expose_secret(), config.store.max_connections);
    Db::during(url, connections, async |db| Box::pin(put_away(config, ask, stop, db)).await).await
}

async fn put_away(
    config: &Config,
    ask: Ask,
    stop: impl Future<Output = ()> + Send + 'static,
    db: Db,
) -> Result<Report, BackfillError> {
    let folder = objects::local_folder(&config.archive.objects.address);
    if let Some(folder) = folder.filter(|folder| !folder.is_dir()) {
        return Err(BackfillError::NoFolder(folder));
    }
    let clock = Clock::system();
    let zendesk = assembly::vendors(config, &clock).zendesk.background();
    let deskside = assembly::assemble(config, clock, db).await?;
    let (halt, stopped) = watch::channel(false);
    tokio::spawn(async move {
        stop.await;
        let _ = halt.send(true);
    });
    let mut report = Report::default();
    let requested = requested(&ask.which, &zendesk, &mut report).await;
    let mut work = Work {
        archive: deskside.accounts.own().archive.in_background(),
        policy: config.archive.runs.policy.clone(),
        again: ask.again,
        at_once: config.server.workers.max(2) * 4, // the next are there when one ends
        stopped,
        progress: Progress::of(requested.tickets.len()),
        report,
    };
    let mut tickets: VecDeque<u64> = requested.tickets.into();
    if ask.dry_run {
        work.foresee(&mut tickets).await?;
    } else {
        let (end, ended) = watch::channel(false);
        let until = halted(ended);
        let worker = tokio::spawn(async move { deskside.worker.run(until).await });
        let live = work.put_away(&mut tickets).await;
        let _ = end.send(true);
        let _ = worker.await; // it ends what it has begun
        work.look_back(live?, tickets.len()).await?;
    }
    work.progress.end();
    Ok(work.report)
}

/// Every ticket that is asked for; what cannot be read is in the report.
async fn requested(ask: &Which, zendesk: &ZendeskClient, report: &mut Report) -> Requested {
    let mut requested = Requested::default();
    ask.ticket.iter().for_each(|text| requested.add(text));
    if let Some(path) = &ask.tickets {
        match read(path) {
            Ok(text) => requested.add_lines(&text),
            Err(error) => report.fail(format!("the file {} cannot be read: {error}", path.display())),
        }
    }
    if let Some(query) = &ask.query {
        match zendesk.search_tickets(query).await {
            Ok(found) => {
                if !found.lost().is_empty() {
                    let lost = found.lost().len();
                    report
                        .fail(format!("{lost} of the tickets that the query {query:?} finds cannot be read"));
                } else if found.is_empty() {
                    report.note(format!("the query {query:?} finds no tickets"));
                }
                found.iter().for_each(|found| requested.add_id(found.id.0));
            }
            Err(error) => {
                report.fail(format!("Zendesk did not answer the query {query:?}: {}", with_causes(&error)));
            }
        }
    }
    requested.unread.drain(..).for_each(|sentence| report.fail(sentence));
    requested
}

fn read(path: &Path) -> std::io::Result<String> {
    if path.as_os_str() == "-" {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text)?;
        return Ok(text);
    }
    std::fs::read_to_string(path)
}

async fn halted(mut stopped: watch::Receiver<bool>) {
    if stopped.wait_for(|stopped| *stopped).await.is_err() {
        std::future::pending::<()>().await; // nobody can say stop any more
    }
}

struct Work {
    archive: Archive,
    policy: Policy,
    again: bool,
    at_once: usize,
    stopped: watch::Receiver<bool>,
    progress: Progress,
    report: Report,
}

impl Work {
    /// What would move. The lines are the result, and go to standard output.
    async fn foresee(&mut self, tickets: &mut VecDeque<u64>) -> Result<(), BackfillError> {
        let policy = self.policy.clone();
        while let Some(ticket) = tickets.pop_front() {
            if *self.stopped.borrow() {
                self.report.left = Some((tickets.len() + 1, 0));
                break;
            }
            let foreseen = self.patiently(async |archive| archive.foresee(TicketId(ticket), &policy).await);
            let end = match foreseen.await? {
                Err(end) => end,
                Ok(files) if files.is_empty() => End::Skipped(NOTHING),
                Ok(files) => {
                    let lines: String = files.iter().map(|file| line(ticket, file) + "\n").collect();
                    std::io::stdout().write_all(lines.as_bytes())?;
                    End::Foreseen(files)
                }
            };
            self.settle(ticket, &end);
            self.progress.draw(&self.report, None);
        }
        Ok(())
    }

    /// Starts a few runs at a time and follows them; answers those that still go on.
    async fn put_away(&mut self, tickets: &mut VecDeque<u64>) -> Result<Vec<u64>, BackfillError> {
        let mut live: Vec<u64> = Vec::new();
        loop {
            while live.len() < self.at_once && !*self.stopped.borrow() {
                let Some(ticket) = tickets.pop_front() else { break };
                match self.admit(ticket).await? {
                    Some(end) => self.settle(ticket, &end),
                    None => live.push(ticket),
                }
            }
            let mut waits = None;
            for ticket in std::mem::take(&mut live) {
                match self.archive.standing(TicketId(ticket)).await? {
                    Standing::Live(problem) => {
                        waits = waits.or(problem);
                        live.push(ticket);
                    }
                    standing => self.settle(ticket, &end_of(standing)),
                }
            }
            self.progress.draw(&self.report, waits.as_deref());
            if live.is_empty() && tickets.is_empty() || *self.stopped.borrow() {
                return Ok(live);
            }
            if live.len() >= self.at_once || tickets.is_empty() {
                self.rest(LOOK_EVERY).await;
            }
        }
    }

    /// After the worker has ended what it had begun.
    async fn look_back(&mut self, live: Vec<u64>, unseen: usize) -> Result<(), BackfillError> {
        let mut under_way = 0;
        for ticket in live {
            match self.archive.standing(TicketId(ticket)).await? {
                Standing::Live(_) => under_way += 1,
                standing => self.settle(ticket, &end_of(standing)),
            }
        }
        if *self.stopped.borrow() && unseen + under_way > 0 {
            self.report.left = Some((unseen, under_way));
        }
        Ok(())
    }

    /// Starts a ticket's run, unless there is nothing to do.
    async fn admit(&mut self, ticket: u64) -> Result<Option<End>, BackfillError> {
        if !self.again && matches!(self.archive.standing(TicketId(ticket)).await?, Standing::Done(_)) {
            return Ok(Some(End::Skipped("already archived (`--again` includes newer files)")));
        }
        match self.patiently(async |archive| archive.holds_files(TicketId(ticket)).await).await? {
            Ok(true) => {}
            Ok(false) => return Ok(Some(End::Skipped(NOTHING))),
            Err(end) => return Ok(Some(end)),
        }
        match self.archive.start_for_operator(TicketId(ticket)).await {
            Ok(()) => Ok(None),
            Err(ArchiveError::Store(error)) => Err(error.into()),
            Err(error) => Ok(Some(End::Failed(with_causes(&error)))),
        }
    }

    /// What Zendesk says, asked again for a while where it does not; otherwise what becomes of the ticket.
    async fn patiently<T>(
        &mut self,
        look: impl AsyncFn(&Archive) -> Result<T, ArchiveError>,
    ) -> Result<Result<T, End>, BackfillError> {
        for attempt in 1.. {
            let wait = match look(&self.archive).await {
                Ok(said) => return Ok(Ok(said)),
                Err(ArchiveError::Store(error)) => return Err(error.into()),
                Err(ArchiveError::Zendesk(_, fault)) if attempt < MAX_RETRIES && !*self.stopped.borrow() => {
                    match wait(&fault) {
                        Some(wait) => wait,
                        None => return Ok(Err(End::Failed(with_causes(&*fault)))),
                    }
                }
                Err(error) => return Ok(Err(End::Failed(with_causes(&error)))),
            };
            self.progress.draw(&self.report, Some("Zendesk limits the rate or does not answer"));
            self.rest(wait).await;
        }
        unreachable!("the last try ends")
    }

    fn settle(&mut self, ticket: u64, end: &End) {
        let line = self.report.add(ticket, end);
        self.progress.line(&line);
    }

    /// Sleeps, but not after somebody said stop.
    async fn rest(&self, time: Duration) {
        let halted = Box::pin(halted(self.stopped.clone()));
        drop(select(halted, Box::pin(tokio::time::sleep(time))).await);
    }
}

fn wait(fault: &ZendeskError) -> Option<Duration> {
    match fault.advice() {
        Advice::Retry => Some(SHORTEST),
        Advice::RetryAfter(after) => Some(after.clamp(SHORTEST, LONGEST)),
        Advice::GiveUp => None,
    }
}

fn end_of(standing: Standing) -> End {
    match standing {
        Standing::Done(files) => End::Ran(files, None),
        Standing::Failed(files, problem) => {
            End::Ran(files, Some(problem.unwrap_or_else(|| "not every file could be archived".to_owned())))
        }
        Standing::Cancelled => End::Skipped("its run was undone or cancelled"),
        Standing::Never | Standing::Live(_) => End::Failed("its run is gone".to_owned()),
    }
}

/// One file of a ticket, and what would become of it.
fn line(ticket: u64, file: &Foreseen) -> String {
    let Foreseen { attachment_id, file_name, size: bytes, stays } = file;
    let verdict = stays.as_ref().map_or("would move".to_owned(), |why| format!("would stay: {why}"));
    format!("ticket {ticket}  attachment {attachment_id}  {file_name:?}  {}  {verdict}", size(*bytes))
}
