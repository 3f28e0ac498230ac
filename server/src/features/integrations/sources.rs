//! One source into staging. **Invariant:** a source that failed is never an empty one: the run stops, or takes what an earlier run read.

use engine::Writer;
use futures::StreamExt;
use tokio::task::spawn_blocking;
use wire::{OnFailedSource, Read, Source};

use super::{
    addresses,
    attempt::Attempt,
    export::{self, Unread},
    invalid::{Found, MOST},
    outside::SourceError,
    staged::StagedSource,
    tickets,
};
use crate::{
    amount::amount,
    causes::with_causes,
    connectors::{VendorError, rows::ReadError},
    features::obeyed,
    queue::{Advice, JobError},
    store::integrations::{self as kept, Level},
};

/// After so many attempts the run does without what should have passed by itself.
const FEW: u32 = 4;

/// Reads a source; `before` is what the last complete run read of it.
pub(super) async fn stage(
    attempt: &Attempt<'_>,
    integration: &str,
    source: &Source,
    before: Option<&StagedSource>,
) -> Result<StagedSource, JobError> {
    let read = match exported(&source.read) {
        Some(object) => export_into_file(attempt, integration, (source, object)).await,
        None => read_into_file(attempt, integration, source).await,
    };
    let failure = match read {
        Ok(staged) => return Ok(staged),
        Err(Failure::Own(error)) => return Err(error),
        Err(Failure::Source(failure)) => failure,
    };
    let old = before.filter(|old| source.on_failed_source == OnFailedSource::Yesterday && old.file.is_file());
    let error = failure.of(source);
    let passes = match error.advice() {
        Advice::GiveUp => false,
        // An export goes on where it stood.
        Advice::RetryAfter(_) if failure.is_of_export() => true,
        Advice::Retry if failure.is_of_export() && old.is_none() => true,
        Advice::Retry | Advice::RetryAfter(_) => attempt.lease.attempt() < FEW,
    };
    if passes {
        if error.advice() != Advice::Retry {
            attempt.log(Level::Warning, &error.to_string()).await?; // what is tried again is logged with the attempt
        }
        return Err(error);
    }
    if let Unreadable::Rows(refused) = &failure {
        attempt.deps.vendors.was_refused((&source.connection, &during(integration, source)), refused).await?;
    }
    let Some(old) = old else { return Err(JobError::give_up(error.to_string())) };
    let text = format!("{error}; the rows of the last complete run are used");
    attempt.log(Level::Warning, &text).await?;
    Ok(StagedSource { is_old: true, ..old.clone() })
}

/// Which source, for sentences.
fn named(source: &Source) -> String {
    format!("the source `{}` (connection `{}`)", source.table, source.connection)
}

/// What a connection is read for, where it keeps what was refused.
fn during(integration: &str, source: &Source) -> String {
    format!("read {} of {integration}", source.table)
}

enum Failure {
    Source(Unreadable),
    /// Our own database, folder or engine.
    Own(JobError),
}

/// Why a source is not read.
enum Unreadable {
    Rows(ReadError),
    /// Its connection cannot be used.
    Connection(JobError),
    Export(JobError),
}

impl Unreadable {
    /// The same for the queue, and for whoever reads the run's log.
    fn of(&self, source: &Source) -> JobError {
        let told = |why: String| format!("{} cannot be read: {why}", named(source));
        match self {
            Self::Rows(error) => obeyed(error.advice(), told(with_causes(error))),
            Self::Connection(error) | Self::Export(error) => {
                JobError::new(error.advice(), told(error.chain()))
            }
        }
    }

    fn is_of_export(&self) -> bool {
        matches!(self, Self::Export(_))
    }
}

impl Failure {
    /// A connection that somebody must mend is the source's failure; a database of ours that does not answer is not.
    fn of_connection(error: JobError) -> Self {
        match error.advice() {
            Advice::GiveUp => Self::Source(Unreadable::Connection(error)),
            Advice::Retry | Advice::RetryAfter(_) => Self::Own(error),
        }
    }
}

impl From<SourceError> for Failure {
    fn from(error: SourceError) -> Self {
        match error {
            SourceError::Read(error) => error.into(),
            SourceError::Connection(error) => Self::of_connection(error),
        }
    }
}

impl From<ReadError> for Failure {
    fn from(error: ReadError) -> Self {
        Self::Source(Unreadable::Rows(error))
    }
}

impl From<Unread> for Failure {
    fn from(error: Unread) -> Self {
        match error {
            Unread::Vendor(error) => Self::Source(Unreadable::Export(error)),
            Unread::Own(error) => Self::Own(error),
        }
    }
}

impl From<JobError> for Failure {
    fn from(error: JobError) -> Self {
        Self::Own(error)
    }
}

async fn export_into_file(
    attempt: &Attempt<'_>,
    integration: &str,
    (source, object): (&Source, &str),
) -> Result<StagedSource, Failure> {
    let (staging, connection) = (&attempt.deps.staging, source.connection.as_str());
    let exporter = attempt.deps.vendors.exporter(connection, object).await;
    let exporter = exporter.map_err(Failure::of_connection)?;
    let files = export::freshened(attempt, (connection, object), exporter.as_ref()).await?;
    let known = kept::export(attempt.db(), attempt.account, connection, object).await;
    let known = known.map_err(JobError::from)?;
    let export = files.files.into_iter().next().ok_or_else(|| JobError::retry("the export has no part"))?;
    let file = staging.source(integration, &source.table, attempt.run);
    staging.keep_for(&export, &file).map_err(|error| staging.refused(&named(source), error))?;
    let mut addresses = None;
    if let Some(known) = files.addresses.first() {
        let file = staging.source(integration, &addresses::table(&source.table), attempt.run);
        staging.keep_for(known, &file).map_err(|error| staging.refused(&named(source), error))?;
        addresses = Some(file);
    }
    Ok(StagedSource {
        file,
        rows: known.map_or(0, |export| export.rows),
        place: Some(files.place),
        is_old: false,
        read_at: Some(attempt.now()),
        addresses,
        invalid: None,
    })
}

async fn read_into_file(
    attempt: &Attempt<'_>,
    integration: &str,
    source: &Source,
) -> Result<StagedSource, Failure> {
    let vendors = &attempt.deps.vendors;
    let place = vendors.places().await?.remove(&source.connection);
    let staged = StagedSource { place, ..rows_into_file(attempt, integration, source).await? };
    let read = amount(staged.rows, "rows");
    let text = format!("`{}`: read from `{}`: {read}", source.table, source.connection);
    attempt.log(Level::Info, &text).await?;
    vendors.has_worked((&source.connection, &during(integration, source))).await?;
    Ok(staged)
}

async fn rows_into_file(
    attempt: &Attempt<'_>,
    integration: &str,
    source: &Source,
) -> Result<StagedSource, Failure> {
    let mut rows = attempt.deps.vendors.rows(&source.connection, &source.read).await?;
    let (staging, name) = (&attempt.deps.staging, named(source));
    let unstaged = |error| staging.unstaged(&name, error);
    let file = staging.source(integration, &source.table, attempt.run);
    staging.make_room_for(&file).map_err(|error| staging.refused(&name, error))?;
    let emails = emails(&source.read);
    let (mut writer, mut found) =
        (Writer::create(&file, &rows.columns, &emails).map_err(unstaged)?, Found::default());
    while let Some(batch) = rows.batches.next().await {
        for row in batch? {
            found.see(&rows.columns, &row);
            writer.push(&row).map_err(unstaged)?;
        }
        if found.is_too_many() {
            let why =
                format!("more than {MOST} cells are not of their columns' types; correct them, or the query");
            return Err(Failure::Source(Unreadable::Connection(JobError::give_up(why))));
        }
    }
    let staged = writer.finish().map_err(unstaged)?;
    let beside = |what| staging.beside_source(integration, &source.table, attempt.run, what);
    let (read, columns) = (file.clone(), rows.columns.clone());
    let (other, least) = (beside("invalid"), beside("least"));
    // It reads and writes the whole source.
    let written = spawn_blocking(move || found.write((&read, other, least), &columns, &emails)).await;
    let invalid = written.map_err(JobError::retry)?.map_err(unstaged)?;
    for note in &rows.notes {
        attempt.log(Level::Info, &format!("`{}`: {note}", source.table)).await?;
    }
    for (column, oddity, count) in rows.oddities.counts() {
        let cells = amount(count, "cells");
        let text = format!("`{}`.`{column}`: {cells} with {}", source.table, oddity.meaning());
        attempt.log(Level::Warning, &text).await?;
    }
    Ok(StagedSource {
        file,
        rows: staged.rows,
        place: None,
        is_old: false,
        read_at: Some(attempt.now()),
        addresses: None,
        invalid,
    })
}

/// The records that are read by an export which the connection keeps, if it is those.
pub(super) fn exported(read: &Read) -> Option<&'static str> {
    match read {
        Read::Users {} => Some("users"),
        Read::Organizations {} => Some("organizations"),
        Read::Tickets {} => Some(tickets::TICKETS),
        _ => None,
    }
}

/// The columns that are addresses.
pub(super) fn emails(read: &Read) -> Vec<String> {
    match read {
        Read::Soql { emails, .. } | Read::Sql { emails, .. } | Read::File { emails, .. } => emails.clone(),
        Read::Users {} | Read::Organizations {} => vec!["email".to_owned()],
        Read::Tickets {} => Vec::new(),
    }
}
