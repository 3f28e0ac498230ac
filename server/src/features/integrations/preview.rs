//! Rows that an editor looks at: of a model before it is kept, of a source before it is read. **Invariants:** a look ends after
//! seconds, holds little in memory, and changes nothing; who looked at rows is in the ledger before they see them.

mod tickets; // how many there were, by plan and MRR

use std::{path::PathBuf, sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use engine::{Column, Engine, Limits, ModelError, StagingError, Table, Type, Value, Writer};
use futures::StreamExt;
use serde_json::{Value as Json, json};
use tokio::{sync::Mutex, time::timeout};
use wire::{
    ConnectionObject, Definition, Destination, Key, LedgerAction, Mode, Model, ObjectField, OnAmbiguous,
    OnDrift, Preview, PreviewColumn, PreviewSource, Read, Removed, Schedule, Source,
};

use super::{
    EngineLimits, Fault, IntegrationsError, SampleError, Staging, Vendors,
    addresses::{self, Tables, Unmade},
    definition, question, record,
    sampling::Sampled,
    schedule,
    sources::emails,
    staged::StagedSource,
    staged_before::last_staged,
    staging::Trial,
    values::text_of,
    views,
};
use crate::{
    clock::Clock,
    store::{Db, StoreError, integrations as kept},
};

/// Rows that are shown.
const SHOWN: usize = 20;
/// Rows that are read of a source which no run has read.
const READ: usize = 1_000;
/// Characters of a cell.
const CELL: usize = 500;
/// For one look, less than a request may take.
const PREVIEW_TIMEOUT: Duration = Duration::from_secs(15);
/// For the engine, within that.
const DEADLINE: Duration = Duration::from_secs(10);
/// Bytes that the engine may use, where runs may use more.
const MEMORY: u64 = 512 * 1024 * 1024;

/// What editors look at in one account.
#[derive(Clone)]
pub struct Previews(Arc<Inner>);

struct Inner {
    account: String,
    db: Db,
    clock: Clock,
    engine: Arc<dyn Engine>,
    staging: Staging,
    memory: u64,
    vendors: Vendors,
    /// Held while one looks, so that looks take the memory and the disk of one.
    turn: Mutex<()>,
}

/// Why there is nothing to look at.
#[derive(Debug, thiserror::Error)]
pub enum PreviewError {
    #[error(transparent)]
    Integrations(#[from] IntegrationsError),
    #[error(transparent)]
    Connection(SampleError),
    #[error("the source `{table}` (connection `{connection}`) cannot be read: {error}")]
    Source {
        table: String,
        connection: String,
        #[source]
        error: SampleError,
    },
    #[error(transparent)]
    Model(#[from] ModelError),
    #[error("rows cannot be staged for a preview")]
    Staging(#[from] StagingError),
    #[error("the folder for previews cannot be used")]
    Folder(#[from] std::io::Error),
    #[error("timed out after {} s; try again, in case others were looking, and then read fewer rows", PREVIEW_TIMEOUT.as_secs())]
    Slow,
    /// Admin: an integration with a source of the kind `tickets` reads them.
    #[error("no run has read this account's tickets yet")]
    NoTickets,
    /// Admin: an enabled integration with `contract` brings them.
    #[error("no enabled integration has brought contracts yet")]
    NoContracts,
}

impl From<StoreError> for PreviewError {
    fn from(error: StoreError) -> Self {
        Self::Integrations(error.into())
    }
}

impl From<Unmade> for PreviewError {
    fn from(error: Unmade) -> Self {
        match error {
            Unmade::Staging(error) => error.into(),
            Unmade::Model(error) => error.into(),
        }
    }
}

impl Previews {
    /// Those of `account`.
    pub fn new(
        account: String,
        (db, clock): (Db, Clock),
        engine: Arc<dyn Engine>,
        (staging, limits): (Staging, EngineLimits),
        vendors: Vendors,
    ) -> Self {
        let memory = limits.memory.min(MEMORY);
        Self(Arc::new(Inner { account, db, clock, engine, staging, memory, vendors, turn: Mutex::new(()) }))
    }

    /// The first rows of an integration's model, over what its last complete run read; `model`: in place of the one that is kept.
    pub async fn preview(&self, by: &str, id: &str, model: Option<Model>) -> Result<Preview, PreviewError> {
        let preview = within(self.look(id, model)).await?;
        let mut detail = record::of_integration(id, &[]);
        detail["rows"] = json!(preview.rows.len());
        self.record(by, LedgerAction::IntegrationPreviewed, detail).await?;
        Ok(preview)
    }

    /// The first rows of a model that is not kept, over sources that need not be: what the last run of `id` has read is used where it is
    /// still there.
    pub async fn preview_of(
        &self,
        by: &str,
        id: Option<&str>,
        sources: Vec<Source>,
        model: Option<Model>,
    ) -> Result<Preview, PreviewError> {
        if let Some(id) = id.filter(|id| !definition::is_id(id)) {
            return Err(IntegrationsError::Id(id.chars().take(40).collect()).into());
        }
        let definition = tried(sources, model)?;
        let preview = within(self.look_at(id.unwrap_or_default(), &definition)).await?;
        let mut detail = record::of_integration(id.unwrap_or_default(), &[]);
        detail["rows"] = json!(preview.rows.len());
        self.record(by, LedgerAction::IntegrationPreviewed, detail).await?;
        Ok(preview)
    }

    /// The first rows of what a source would read.
    pub async fn sample(&self, by: &str, connection: &str, read: &Read) -> Result<Preview, PreviewError> {
        let sample =
            async { self.0.vendors.sample(connection, read, SHOWN).await.map_err(PreviewError::Connection) };
        let Sampled { columns, rows, .. } = within(sample).await?;
        let rows = rows.iter().map(|row| row.iter().map(cell).collect()).collect();
        let preview = Preview { columns: shown(&columns), rows, sources: Vec::new() };
        let kind = json!(read)["kind"].clone();
        let detail = json!({ "connection": connection, "read": kind, "rows": preview.rows.len() });
        self.record(by, LedgerAction::ConnectionSampled, detail).await?;
        Ok(preview)
    }

    /// What a connection holds.
    pub async fn objects(&self, connection: &str) -> Result<Vec<ConnectionObject>, PreviewError> {
        within(async { self.0.vendors.objects(connection).await.map_err(PreviewError::Connection) }).await
    }

    /// The fields of one of its objects.
    pub async fn fields(&self, connection: &str, object: &str) -> Result<Vec<ObjectField>, PreviewError> {
        within(async { self.0.vendors.fields(connection, object).await.map_err(PreviewError::Connection) })
            .await
    }

    pub(super) fn place(&self) -> (&str, &Db, DateTime<Utc>) {
        (&self.0.account, &self.0.db, self.0.clock.now())
    }

    pub(super) fn vendors(&self) -> &Vendors {
        &self.0.vendors
    }

    /// When a schedule starts its next runs, at most `most`; the error says what to write.
    pub fn next_runs(&self, wish: &Schedule, most: usize) -> Result<Vec<DateTime<Utc>>, IntegrationsError> {
        let next = schedule::next_runs(wish, self.0.clock.now(), most);
        next.map_err(|message| IntegrationsError::Faults(vec![Fault { at: "schedule".to_owned(), message }]))
    }

    async fn record(&self, by: &str, action: LedgerAction, detail: Json) -> Result<(), StoreError> {
        let Inner { account, db, clock, .. } = &*self.0;
        let mut tx = db.begin().await?;
        record::append(&mut tx, account, (by, action), detail, clock.now()).await?;
        tx.commit().await
    }

    async fn look(&self, id: &str, model: Option<Model>) -> Result<Preview, PreviewError> {
        let integration = kept::integration(&self.0.db, &self.0.account, id).await?;
        let integration = integration.ok_or_else(|| IntegrationsError::Unknown(id.to_owned()))?;
        let mut definition = views::definition(&integration)?;
        definition.model = model.or(definition.model);
        self.look_at(id, &definition).await
    }

    async fn look_at(&self, id: &str, definition: &Definition) -> Result<Preview, PreviewError> {
        let Inner { clock, engine, staging, memory, turn, .. } = &*self.0;
        let _turn = turn.lock().await;
        let trial = staging.make_trial(clock.now())?;
        // Its end is the end of the look: what is dropped stops.
        let limits =
            Limits { memory: *memory, spill: trial.spill(), deadline: DEADLINE, rows: u64::MAX, now: None };
        let (tables, sources) = self.tables(id, definition, (&trial, &limits)).await?;
        let model = question::model(definition, tables);
        engine.plan(&model).await?;
        let mut answer = engine.run(&model, &limits).await?;
        let mut rows = Vec::new();
        while rows.len() < SHOWN
            && let Some(batch) = answer.batches.next().await
        {
            let batch = batch?;
            let most = batch.rows().min(SHOWN - rows.len());
            let columns = 0..answer.columns.len();
            rows.extend(
                (0..most).map(|row| columns.clone().map(|column| cell(&batch.value(row, column))).collect()),
            );
        }
        Ok(Preview { columns: shown(&answer.columns), rows, sources })
    }

    /// The tables of a definition: what a run has read where it is still there, else the first rows of the source.
    async fn tables(
        &self,
        id: &str,
        definition: &Definition,
        (trial, limits): (&Trial, &Limits),
    ) -> Result<(Vec<Table>, Vec<PreviewSource>), PreviewError> {
        let known = last_staged(&self.0.db, &self.0.account, id).await?;
        let places = self.0.vendors.connections().places(&self.0.db).await?;
        let (mut tables, mut sources) = (Vec::new(), Vec::new());
        for source in &definition.sources {
            let is_users = matches!(source.read, Read::Users {});
            let names = [Some(source.table.clone()), is_users.then(|| addresses::table(&source.table))];
            let names: Vec<_> = names.into_iter().flatten().collect();
            let files: Vec<_> = names.iter().map(|name| trial.table(name)).collect();
            let staged = known.as_ref().and_then(|known| known.of(source, &places));
            let kept_for = staged.filter(|staged| self.keeps(staged, &files));
            let told = match kept_for {
                Some(staged) => {
                    let run = known.as_ref().map(|known| known.run.clone());
                    PreviewSource { table: source.table.clone(), rows: staged.rows, whole: true, run }
                }
                None => self.stage(source, &files, limits).await?,
            };
            tables.extend(names.into_iter().zip(files).map(|(name, file)| Table { name, files: vec![file] }));
            sources.push(told);
        }
        Ok((tables, sources))
    }

    /// Whether what a run has read is there for these tables.
    fn keeps(&self, staged: &StagedSource, tables: &[PathBuf]) -> bool {
        let files: Vec<_> = staged.clone().files().collect();
        let keep = |(from, to): (&PathBuf, &PathBuf)| self.0.staging.keep_for(from, to).is_ok();
        files.len() == tables.len() && files.iter().zip(tables).all(keep)
    }

    /// The first rows of a source, as a run would stage them: its table and, of users, that of their addresses.
    async fn stage(
        &self,
        source: &Source,
        files: &[PathBuf],
        limits: &Limits,
    ) -> Result<PreviewSource, PreviewError> {
        let sampled = self.0.vendors.sample(&source.connection, &source.read, READ).await;
        let Sampled { columns, rows, is_whole } = sampled.map_err(|error| PreviewError::Source {
            table: source.table.clone(),
            connection: source.connection.clone(),
            error,
        })?;
        let mut writer = Writer::create(&files[0], &columns, &emails(&source.read))?;
        for row in &rows {
            writer.push(row)?;
        }
        let staged = writer.finish()?;
        if let Some(file) = files.get(1) {
            addresses::made(&files[0], &Tables::with(file.clone()), (self.0.engine.as_ref(), limits)).await?;
        }
        Ok(PreviewSource { table: source.table.clone(), rows: staged.rows, whole: is_whole, run: None })
    }
}

/// Sources and model as a definition, as far as a preview needs one: what has no good name is no table, and no file either.
fn tried(sources: Vec<Source>, model: Option<Model>) -> Result<Definition, IntegrationsError> {
    let definition = Definition {
        sources,
        model,
        destination: Destination {
            connection: String::new(),
            object: "users".to_owned(),
            mode: Mode::Update,
            new_name: None,
        },
        key: Key { column: String::new(), field: String::new() },
        mapping: Vec::new(),
        contract: None,
        removed: Removed::default(),
        on_ambiguous: OnAmbiguous::default(),
        on_drift: OnDrift::default(),
        schedule: Schedule::default(),
        alert: None,
        log_days: 30,
    };
    let faults = definition::of_sources(&definition);
    if faults.is_empty() { Ok(definition) } else { Err(IntegrationsError::Faults(faults)) }
}

async fn within<T>(work: impl Future<Output = Result<T, PreviewError>>) -> Result<T, PreviewError> {
    timeout(PREVIEW_TIMEOUT, work).await.unwrap_or(Err(PreviewError::Slow))
}

fn shown(columns: &[Column]) -> Vec<PreviewColumn> {
    let column =
        |column: &Column| PreviewColumn { name: column.name.clone(), kind: kind(column.kind).to_owned() };
    columns.iter().map(column).collect()
}

fn cell(value: &Value<'_>) -> Option<String> {
    let text = text_of(value)?;
    match text.char_indices().nth(CELL) {
        Some((end, _)) => Some(format!("{}…", &text[..end])),
        None => Some(text),
    }
}

/// As the API names a type.
pub(super) const fn kind(kind: Type) -> &'static str {
    match kind {
        Type::Text => "text",
        Type::Integer => "integer",
        Type::Decimal { .. } => "decimal",
        Type::Boolean => "boolean",
        Type::Date => "date",
        Type::Timestamp => "timestamp",
        Type::Json => "json",
    }
}
