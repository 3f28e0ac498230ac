//! A vendor's records, kept over all runs: the export is asked only for what changed since. **Invariants:** a cursor is kept only with a
//! part that holds everything before it; a part that is incomplete is never read, nor one of another vendor account.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    sync::Arc,
};

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use engine::{Batch, Column, Reader, StagingError, Type, Value, Writer};
use futures::StreamExt;

use super::{
    addresses,
    attempt::Attempt,
    people_rows as people, question,
    tickets::{self, TICKETS},
    values::text_of,
};
use crate::{
    amount::amount,
    queue::{Advice, JobError},
    store::{
        StoreError,
        integrations::{self as kept, Export, Level},
    },
};

/// One page.
#[derive(Debug, Clone)]
pub struct Page {
    /// Each with the object's [`columns`].
    pub rows: Vec<Vec<Value<'static>>>,
    /// Where to go on.
    pub cursor: Option<String>,
    pub is_last: bool,
    /// Records that could not be read.
    pub lost: usize,
}

/// A vendor's export leaves out what changed during its last minute.
const LAG: TimeDelta = TimeDelta::minutes(1);

/// What is kept of an export.
pub(super) struct Freshened {
    pub files: Vec<PathBuf>,
    /// By which addresses its users are found, and those that several of them have: see [`addresses`].
    pub addresses: Vec<PathBuf>,
    /// Up to when it has every change.
    pub known_at: DateTime<Utc>,
    /// The vendor account whose records they are.
    pub place: String,
}

/// Why an export is not as new as it should be.
pub(super) enum Unread {
    /// The vendor refuses, or is not there.
    Vendor(JobError),
    /// Our own database, folder or engine.
    Own(JobError),
}

impl From<JobError> for Unread {
    fn from(error: JobError) -> Self {
        Self::Own(error)
    }
}

impl From<StoreError> for Unread {
    fn from(error: StoreError) -> Self {
        Self::Own(error.into())
    }
}

/// Gives an export page by page.
#[async_trait]
pub trait Exporter: Send + Sync {
    /// Which vendor account it is.
    fn place(&self) -> String;
    async fn page(&self, cursor: Option<&str>) -> Result<Page, JobError>;
    /// The addresses of at most a hundred users, of whom a page did not tell them; whoever is missing stays unknown. `None`: this vendor
    /// does not tell.
    async fn addresses(&self, users: &[u64]) -> Result<Option<Answered>, JobError>;
}

/// What a vendor answers of users' addresses.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answered {
    /// The verified secondary ones of users of whom it tells all.
    pub told: BTreeMap<u64, Vec<String>>,
    /// Users of whom it does not tell all; asked again, it would say the same.
    pub silent: BTreeSet<u64>,
}

/// Whether a record is there: where it is false, it was deleted.
pub(super) const ACTIVE: &str = "active";

/// The columns by which models and the destination read an object; the key of `email` comes behind them.
pub(super) fn columns(object: &str) -> Vec<Column> {
    if object == TICKETS { tickets::columns() } else { people::columns() }
}

pub(super) fn part_columns(object: &str) -> Vec<Column> {
    let mut columns = columns(object);
    columns.push(Column { name: "part".into(), kind: Type::Integer });
    columns.push(Column { name: "seq".into(), kind: Type::Integer });
    columns
}

/// A writer of such rows.
pub(super) fn part_writer(object: &str, file: &Path) -> Result<Writer, StagingError> {
    let keyed = if object == TICKETS { Vec::new() } else { vec!["email".to_owned()] };
    Writer::create(file, &part_columns(object), &keyed)
}

/// Brings the export up to now; the file of everything that there is.
pub(super) async fn freshened(
    attempt: &Attempt<'_>,
    (connection, object): (&str, &str),
    exporter: &dyn Exporter,
) -> Result<Freshened, Unread> {
    let (db, account, staging) = (attempt.db(), attempt.account, &attempt.deps.staging);
    let (begun, place) = (kept::export(db, account, connection, object).await?, exporter.place());
    // Parts are numbered on, so that no new one has the name of an old one.
    let anew = |part| Export { place: Some(place.clone()), cursor: None, part, rows: 0, complete_at: None };
    let mut export = begun.unwrap_or_else(|| anew(0));
    let whole = |part: u64| staging.export(connection, object, part);
    let is_of_another = export.place.as_ref() != Some(&place);
    let is_there = export.part == 0 || whole(export.part).is_file();
    if is_of_another || !is_there || (export.part > 0 && !has_our_columns(object, &whole(export.part))) {
        let why = match (is_of_another, is_there) {
            (true, _) => "were read from another account",
            (_, false) => "are gone",
            (_, true) => "lack what is read by now, or cannot be read",
        };
        attempt
            .log(Level::Warning, &format!("the kept {object} of `{connection}` {why}; all are read again"))
            .await?;
        export = anew(export.part);
    }
    let began_at = attempt.now();
    let base = (export.cursor.is_some()).then(|| whole(export.part));
    let what = format!("the {object} of the connection `{connection}`");
    let delta = staging.export(connection, object, export.part + 1);
    staging.make_room_for(&delta).map_err(|error| staging.refused(&what, error))?;
    let Some(PartRead { cursor, changed, wait }) =
        read_pages(attempt, (exporter, object), export.cursor.clone(), (&what, &delta), export.part + 1)
            .await?
    else {
        // Nothing is new, and that is as of now.
        let now = Export { complete_at: Some(began_at), ..export };
        let mut tx = attempt.begin().await?;
        kept::keep_export(&mut tx, account, (connection, object), &now, attempt.now()).await?;
        tx.commit().await?;
        let brought = Brought { export: now, known_at: began_at - LAG, place };
        return brought.freshened(attempt, (connection, object), exporter).await;
    };
    let merged = staging.export(connection, object, export.part + 2);
    let parts = base.into_iter().chain([delta]).collect();
    let rows = merge(attempt, (object, parts), (&what, &merged), export.part + 2).await?;
    let complete_at = if wait.is_none() { Some(began_at) } else { export.complete_at };
    let now =
        Export { place: Some(place.clone()), cursor: Some(cursor), part: export.part + 2, rows, complete_at };
    let mut tx = attempt.begin().await?;
    kept::keep_export(&mut tx, account, (connection, object), &now, attempt.now()).await?;
    tx.commit().await?;
    staging
        .keep_only_parts(connection, object, std::slice::from_ref(&merged))
        .map_err(|error| staging.refused(&what, error))?;
    attempt
        .log(
            Level::Info,
            &format!(
                "read from `{connection}`: {}; known now: {}",
                amount(changed, object),
                amount(rows, object)
            ),
        )
        .await?;
    if let Some(wait) = wait {
        return Err(Unread::Vendor(wait)); // the next attempt goes on behind what is kept now
    }
    let brought = Brought { export: now, known_at: began_at - LAG, place };
    brought.freshened(attempt, (connection, object), exporter).await
}

/// An export that is complete.
struct Brought {
    export: Export,
    known_at: DateTime<Utc>,
    place: String,
}

impl Brought {
    /// With what is made of it.
    async fn freshened(
        self,
        attempt: &Attempt<'_>,
        (connection, object): (&str, &str),
        exporter: &dyn Exporter,
    ) -> Result<Freshened, Unread> {
        let Self { export, known_at, place } = self;
        let (part, addresses) = match object {
            "users" => addresses::of(attempt, connection, exporter, export).await?,
            _ => (export.part, Vec::new()),
        };
        let files =
            if part == 0 { Vec::new() } else { vec![attempt.deps.staging.export(connection, object, part)] };
        Ok(Freshened { files, addresses, known_at, place })
    }
}

/// Whether a part has the columns of those that are written now.
fn has_our_columns(object: &str, part: &Path) -> bool {
    let expected = part_columns(object);
    Reader::open(part).is_ok_and(|part| {
        let mut own = part.columns().iter().filter(|column| column.name != "email_key");
        expected.iter().all(|column| own.next() == Some(column)) && own.next().is_none()
    })
}

/// A part of the export.
struct PartRead {
    /// Everything before it is in the part.
    cursor: String,
    changed: u64,
    /// There is more, and the vendor wants this wait before it is asked again.
    wait: Option<JobError>,
}

/// Everything since the cursor, or as much as the vendor gives at once, into one part; `None`: there is nothing new.
async fn read_pages(
    attempt: &Attempt<'_>,
    (exporter, object): (&dyn Exporter, &str),
    mut cursor: Option<String>,
    (what, file): (&str, &std::path::Path),
    part: u64,
) -> Result<Option<PartRead>, Unread> {
    let is_first = cursor.is_none();
    let unstaged = |error| attempt.deps.staging.unstaged(what, error);
    let odd = |why: &str| Unread::Vendor(JobError::retry(why));
    let mut writer = part_writer(object, file).map_err(unstaged)?;
    let mut seq = 0;
    let wait = loop {
        let page = match exporter.page(cursor.as_deref()).await {
            Err(error) if seq > 0 && matches!(error.advice(), Advice::RetryAfter(_)) => break Some(error),
            page => page.map_err(Unread::Vendor)?,
        };
        if page.lost > 0 {
            let text =
                format!("{} records of the export cannot be read; they stay as they were known", page.lost);
            attempt.log(Level::Warning, &text).await?;
        }
        for mut row in page.rows {
            seq += 1;
            row.extend([Value::Integer(part.cast_signed()), Value::Integer(seq)]);
            writer.push(&row).map_err(unstaged)?;
        }
        let is_stuck = page.cursor.is_none() || (page.cursor == cursor && !page.is_last);
        cursor = page.cursor.or(cursor);
        if page.is_last {
            break None;
        }
        if is_stuck {
            return Err(odd("the export names no page that follows"));
        }
        // The job says that it lives; who took it over would write the same part.
        let tx = attempt.begin().await?;
        tx.commit().await?;
    };
    let Some(cursor) = cursor else { return Err(odd("the export names no cursor")) };
    if seq == 0 && !is_first {
        drop(writer);
        return Ok(None);
    }
    writer.finish().map_err(unstaged)?;
    Ok(Some(PartRead { cursor, changed: seq.cast_unsigned(), wait }))
}

fn told_in(cell: &Value<'_>) -> Value<'static> {
    if let Value::Boolean(told) = cell { Value::Boolean(*told) } else { Value::Null }
}

/// A record, as far as its rows were looked at.
struct Newest {
    id: i64,
    batch: Arc<Batch>,
    row: usize,
    /// Of its newest row that has any.
    addresses: Option<String>,
    told: Value<'static>,
}

/// The newest row of each record, as one part. Where it does not say which addresses the record has, those that were known stay.
pub(super) async fn merge(
    attempt: &Attempt<'_>,
    (object, parts): (&str, Vec<PathBuf>),
    (what, file): (&str, &std::path::Path),
    part: u64,
) -> Result<u64, JobError> {
    let deps = attempt.deps;
    let unanswered = |error| deps.staging.unanswered(error);
    let unstaged = |error| deps.staging.unstaged(what, error);
    let columns = columns(object);
    let model = question::merged(parts, &columns);
    let mut answer = attempt.ask(&model).await?;
    let place = |name: &str| columns.iter().position(|column| column.name == name);
    let (id, active) = (place("id").unwrap_or_default(), place(ACTIVE).unwrap_or_default());
    // Of users alone.
    let (addresses, told) = (place(people::ADDRESSES), place(people::TOLD));
    let mut writer = part_writer(object, file).map_err(unstaged)?;
    let mut rows = 0;
    let mut write = |newest: Newest| {
        if newest.batch.value(newest.row, active) != Value::Boolean(true) {
            return Ok(());
        }
        rows += 1;
        let mut cells: Vec<_> =
            (0..columns.len()).map(|column| newest.batch.value(newest.row, column)).collect();
        if let (Some(addresses), Some(told)) = (addresses, told) {
            cells[addresses] = newest.addresses.map_or(Value::Null, |text| Value::Text(text.into()));
            cells[told] = newest.told;
        }
        cells.push(Value::Integer(part.cast_signed()));
        cells.push(Value::Integer(rows));
        writer.push(&cells).map_err(unstaged)
    };
    let mut newest: Option<Newest> = None;
    while let Some(batch) = answer.batches.next().await {
        let batch = Arc::new(batch.map_err(unanswered)?);
        for row in 0..batch.rows() {
            let Value::Integer(its) = batch.value(row, id) else { continue };
            let known = addresses.and_then(|column| text_of(&batch.value(row, column)));
            let is_of_no_part = batch.value(row, columns.len()) == Value::Integer(0);
            match &mut newest {
                Some(newest) if newest.id == its && is_of_no_part => {
                    newest.told = told.map_or(Value::Null, |column| told_in(&batch.value(row, column)));
                    newest.addresses = known.or(newest.addresses.take());
                }
                Some(newest) if newest.id == its => {
                    newest.addresses = newest.addresses.take().or(known);
                }
                _ => {
                    let told = told.map_or(Value::Null, |column| told_in(&batch.value(row, column)));
                    let next = Newest { id: its, batch: Arc::clone(&batch), row, addresses: known, told };
                    newest.replace(next).map_or(Ok(()), &mut write)?;
                }
            }
        }
    }
    newest.map_or(Ok(()), &mut write)?;
    writer.finish().map_err(unstaged)?;
    Ok(rows.cast_unsigned())
}
