//! A vendor's records, kept over all runs: the export is asked only for what changed since. **Invariants:** a cursor is kept only with a
//! part that holds everything before it; a part that is incomplete is never read, nor one of another vendor account.

use std::path::PathBuf;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use engine::{Column, Limits, Type, Value, Writer};
use futures::StreamExt;

use super::{attempt::Attempt, question};
use crate::{
    queue::{Advice, JobError},
    store::{
        StoreError,
        integrations::{self as kept, Export, Level},
    },
};

/// A record, as the export tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exported {
    pub id: u64,
    /// False: it was deleted.
    pub active: bool,
    pub name: Option<String>,
    pub email: Option<String>,
    pub external_id: Option<String>,
    pub organization_id: Option<u64>,
    pub role: Option<String>,
    pub suspended: bool,
    pub updated_at: DateTime<Utc>,
    /// JSON: the custom fields.
    pub fields: String,
}

/// One page.
#[derive(Debug, Clone)]
pub struct Page {
    pub records: Vec<Exported>,
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
}

/// The columns by which models and the destination read it; the key of `email` comes behind them.
pub(super) fn columns() -> Vec<Column> {
    let column = |(name, kind): (&str, Type)| Column { name: name.to_owned(), kind };
    [
        ("id", Type::Integer),
        ("active", Type::Boolean),
        ("name", Type::Text),
        ("email", Type::Text),
        ("external_id", Type::Text),
        ("organization_id", Type::Integer),
        ("role", Type::Text),
        ("suspended", Type::Boolean),
        ("updated_at", Type::Timestamp),
        ("fields", Type::Text),
    ]
    .map(column)
    .into()
}

fn part_columns() -> Vec<Column> {
    let mut columns = columns();
    columns.push(Column { name: "part".into(), kind: Type::Integer });
    columns.push(Column { name: "seq".into(), kind: Type::Integer });
    columns
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
    if is_of_another || (export.part > 0 && !whole(export.part).is_file()) {
        let why = if is_of_another { "were read from another account" } else { "are gone" };
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
        read_pages(attempt, exporter, export.cursor.clone(), (&what, &delta), export.part + 1).await?
    else {
        // Nothing is new, and that is as of now.
        let now = Export { complete_at: Some(began_at), ..export };
        let mut tx = attempt.begin().await?;
        kept::keep_export(&mut tx, account, (connection, object), &now, attempt.now()).await?;
        tx.commit().await?;
        return Ok(Freshened { files: base.into_iter().collect(), known_at: began_at - LAG, place });
    };
    let merged = staging.export(connection, object, export.part + 2);
    let parts = base.into_iter().chain([delta]).collect();
    let rows = merge(attempt, parts, (&what, &merged), export.part + 2).await?;
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
        .log(Level::Info, &format!("{changed} {object} of `{connection}` were read, {rows} are known"))
        .await?;
    // The next attempt goes on behind what is kept now.
    match wait {
        None => Ok(Freshened { files: vec![merged], known_at: began_at - LAG, place }),
        Some(wait) => Err(Unread::Vendor(wait)),
    }
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
    exporter: &dyn Exporter,
    mut cursor: Option<String>,
    (what, file): (&str, &std::path::Path),
    part: u64,
) -> Result<Option<PartRead>, Unread> {
    let is_first = cursor.is_none();
    let unstaged = |error| attempt.deps.staging.unstaged(what, error);
    let odd = |why: &str| Unread::Vendor(JobError::retry(why));
    let mut writer = Writer::create(file, &part_columns(), &["email".to_owned()]).map_err(unstaged)?;
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
        for record in &page.records {
            seq += 1;
            writer.push(&cells(record, part, seq)).map_err(unstaged)?;
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

pub(super) fn cells(record: &Exported, part: u64, seq: i64) -> Vec<Value<'_>> {
    let text = |text: &Option<String>| {
        text.as_deref().map_or(Value::Null, |text| Value::Text(text.to_owned().into()))
    };
    let whole = |number: u64| Value::Integer(number.cast_signed());
    let time = |at: DateTime<Utc>| Value::Timestamp(at.timestamp_micros());
    vec![
        whole(record.id),
        Value::Boolean(record.active),
        text(&record.name),
        text(&record.email),
        text(&record.external_id),
        record.organization_id.map_or(Value::Null, whole),
        text(&record.role),
        Value::Boolean(record.suspended),
        time(record.updated_at),
        Value::Text(record.fields.as_str().into()),
        whole(part),
        Value::Integer(seq),
    ]
}

/// The newest row of each record, as one part.
async fn merge(
    attempt: &Attempt<'_>,
    parts: Vec<PathBuf>,
    (what, file): (&str, &std::path::Path),
    part: u64,
) -> Result<u64, JobError> {
    let deps = attempt.deps;
    let limits = Limits {
        memory: deps.limits.memory,
        spill: deps.staging.make_spill()?,
        deadline: deps.limits.deadline,
        rows: u64::MAX,
    };
    let unanswered = |error| deps.staging.unanswered(error);
    let unstaged = |error| deps.staging.unstaged(what, error);
    let model = question::merged(parts, &columns());
    let mut answer = deps.engine.run(&model, &limits).await.map_err(unanswered)?;
    let mut writer = Writer::create(file, &part_columns(), &["email".to_owned()]).map_err(unstaged)?;
    let mut rows = 0;
    while let Some(batch) = answer.batches.next().await {
        let batch = batch.map_err(unanswered)?;
        for row in 0..batch.rows() {
            rows += 1;
            let mut cells: Vec<_> =
                (0..batch.columns().len()).map(|column| batch.value(row, column)).collect();
            cells.push(Value::Integer(part.cast_signed()));
            cells.push(Value::Integer(rows));
            writer.push(&cells).map_err(unstaged)?;
        }
    }
    writer.finish().map_err(unstaged)?;
    Ok(rows.cast_unsigned())
}
