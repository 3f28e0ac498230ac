//! One source into staging. **Invariant:** a source that failed is never an empty one: the run stops, or takes what an earlier run read.

use engine::Writer;
use futures::StreamExt;
use wire::{OnFailedSource, Read, Source};

use super::{addresses, attempt::Attempt, export, outside::SourceError, staged::StagedSource};
use crate::{
    connectors::{Advice, VendorError, rows::ReadError},
    features::obeyed,
    queue::JobError,
    store::integrations::Level,
};

/// Reads a source; `before` is what the last complete run read of it.
pub(super) async fn stage(
    attempt: &Attempt<'_>,
    integration: &str,
    source: &Source,
    before: Option<&StagedSource>,
) -> Result<StagedSource, JobError> {
    let vendors = &attempt.deps.vendors;
    if let Some(object) = exported(&source.read) {
        let exporter = vendors.exporter(&source.connection, object).await?;
        let files = export::freshened(attempt, (&source.connection, object), exporter.as_ref()).await?;
        let known =
            crate::store::integrations::export(attempt.db(), attempt.account, &source.connection, object)
                .await?;
        let export =
            files.files.into_iter().next().ok_or_else(|| JobError::retry("the export has no part"))?;
        let staging = &attempt.deps.staging;
        let file = staging.source(integration, &source.table, attempt.run);
        staging.keep_for(&export, &file).map_err(JobError::retry)?;
        let mut addresses = None;
        if let Some(known) = files.addresses.first() {
            let file = staging.source(integration, &addresses::table(&source.table), attempt.run);
            staging.keep_for(known, &file).map_err(JobError::retry)?;
            addresses = Some(file);
        }
        return Ok(StagedSource {
            file,
            rows: known.map_or(0, |export| export.rows),
            place: Some(files.place),
            is_old: false,
            read_at: Some(attempt.now()),
            addresses,
        });
    }
    let place = vendors.places().await?.remove(&source.connection);
    let during = format!("read {} of {integration}", source.table);
    let of = (source.connection.as_str(), during.as_str());
    let read = rows_into_file(attempt, integration, source).await;
    match read {
        Ok(staged) => {
            let staged = StagedSource { place, ..staged };
            let text =
                format!("`{}`: {} rows were read from `{}`", source.table, staged.rows, source.connection);
            attempt.log(Level::Info, &text).await?;
            vendors.has_worked(of).await?;
            Ok(staged)
        }
        // What passes by itself is waited for, a few times.
        Err(Failure::Read(error)) if error.advice() != Advice::GiveUp && attempt.lease.attempt() < 4 => {
            attempt.log(Level::Warning, &told(source, &error)).await?;
            Err(obeyed(error.advice(), error))
        }
        Err(Failure::Read(error)) => {
            vendors.was_refused(of, &error).await?;
            let old = before
                .filter(|old| source.on_failed_source == OnFailedSource::Yesterday && old.file.is_file());
            match old {
                Some(old) => {
                    let text =
                        format!("{}; the rows of the last complete run are used", told(source, &error));
                    attempt.log(Level::Warning, &text).await?;
                    Ok(StagedSource { is_old: true, ..old.clone() })
                }
                None => Err(JobError::give_up(told(source, &error))),
            }
        }
        Err(Failure::Own(error)) => Err(error),
    }
}

fn told(source: &Source, error: &ReadError) -> String {
    format!("the source `{}` (connection `{}`) cannot be read: {error}", source.table, source.connection)
}

enum Failure {
    Read(ReadError),
    Own(JobError),
}

impl From<SourceError> for Failure {
    fn from(error: SourceError) -> Self {
        match error {
            SourceError::Read(error) => Self::Read(error),
            SourceError::Connection(error) => Self::Own(error),
        }
    }
}

impl From<ReadError> for Failure {
    fn from(error: ReadError) -> Self {
        Self::Read(error)
    }
}

async fn rows_into_file(
    attempt: &Attempt<'_>,
    integration: &str,
    source: &Source,
) -> Result<StagedSource, Failure> {
    let own = |error: &dyn std::fmt::Display| Failure::Own(JobError::retry(error.to_string()));
    let mut rows = attempt.deps.vendors.rows(&source.connection, &source.read).await?;
    let staging = &attempt.deps.staging;
    let file = staging.source(integration, &source.table, attempt.run);
    staging.make_room_for(&file).map_err(|error| own(&error))?;
    let keyed = emails(&source.read);
    let mut writer = Writer::create(&file, &rows.columns, &keyed)
        .map_err(|error| Failure::Own(export::unstaged(error)))?;
    while let Some(batch) = rows.batches.next().await {
        for row in batch? {
            writer.push(&row).map_err(|error| Failure::Own(export::unstaged(error)))?;
        }
    }
    let staged = writer.finish().map_err(|error| Failure::Own(export::unstaged(error)))?;
    for note in &rows.notes {
        attempt.log(Level::Info, &format!("`{}`: {note}", source.table)).await.map_err(Failure::Own)?;
    }
    for (column, oddity, count) in rows.oddities.counts() {
        let text = format!("`{}`.`{column}`: {count} cells with {}", source.table, oddity.meaning());
        attempt.log(Level::Warning, &text).await.map_err(Failure::Own)?;
    }
    Ok(StagedSource {
        file,
        rows: staged.rows,
        place: None,
        is_old: false,
        read_at: Some(attempt.now()),
        addresses: None,
    })
}

/// The records that are read by an export which the connection keeps, if it is those.
pub(super) fn exported(read: &Read) -> Option<&'static str> {
    match read {
        Read::Users {} => Some("users"),
        Read::Organizations {} => Some("organizations"),
        _ => None,
    }
}

/// The columns that are addresses.
pub(super) fn emails(read: &Read) -> Vec<String> {
    match read {
        Read::Soql { emails, .. } | Read::Sql { emails, .. } | Read::File { emails, .. } => emails.clone(),
        Read::Users {} | Read::Organizations {} => vec!["email".to_owned()],
    }
}
