//! What a model can reach: its tables and functions that compute. **Invariant:** no table functions, no catalog of tables,
//! no file by its path, and nothing that writes but the engine's own temporary files.

use std::{path::Path, sync::Arc, time::SystemTime};

use datafusion::{
    arrow::datatypes::{DataType, Field, Schema, SchemaRef},
    catalog::{
        CatalogProvider, MemoryCatalogProvider, MemoryCatalogProviderList, MemorySchemaProvider,
        SchemaProvider,
    },
    config::ConfigNonZeroUsize,
    datasource::{
        ViewTable,
        file_format::parquet::ParquetFormat,
        listing::{ListingOptions, ListingTable, ListingTableConfig, ListingTableUrl},
    },
    execution::{
        SessionState, SessionStateBuilder, SessionStateDefaults,
        disk_manager::{DiskManagerBuilder, DiskManagerMode},
        memory_pool::FairSpillPool,
        runtime_env::{RuntimeEnv, RuntimeEnvBuilder},
    },
    logical_expr::LogicalPlan,
    prelude::SessionConfig,
};
use url::Url;

use crate::{Limits, Model, ModelError, Reader, Table, columns};

/// Temporary files may take this many times the memory.
const SPILLED: u64 = 8;
const CATALOG: &str = "engine";
const SCHEMA: &str = "staged";
/// A recursive parser's depth; beyond it a model is refused while it is parsed.
const DEPTH: usize = 100;
/// Into how many parts a cluster divides rows: Ballista's own default, and the most executors' cores that work on one model.
#[cfg(feature = "ballista")]
const CLUSTER_PARTS: usize = 16;

/// A session that plans and has neither memory nor disk for rows.
pub(super) fn without_rows(model: &Model, threads: usize) -> Result<SessionState, ModelError> {
    planning(&model.tables, threads)
}

/// A session that only reads SQL.
pub(super) fn without_tables(threads: usize) -> Result<SessionState, ModelError> {
    planning(&[], threads)
}

fn planning(tables: &[Table], threads: usize) -> Result<SessionState, ModelError> {
    let disk = DiskManagerBuilder::default().with_mode(DiskManagerMode::Disabled);
    let runtime = RuntimeEnvBuilder::new().with_disk_manager_builder(disk).build_arc();
    let runtime = runtime.map_err(|error| ModelError::Start(error.to_string()))?;
    Ok(finish(builder(tables, config(threads, true), runtime, DataType::Utf8View)?, None))
}

/// A session that runs a model within its limits.
pub(super) fn session(
    model: &Model,
    limits: &Limits,
    threads: usize,
    hash_join: bool,
) -> Result<SessionState, ModelError> {
    let config = config(threads, hash_join);
    Ok(finish(builder(&model.tables, config, bounded(limits)?, DataType::Utf8View)?, limits.now))
}

/// A session whose plans can be divided among the executors of a cluster. Texts are no views: Ballista does not send those.
#[cfg(feature = "ballista")]
pub(super) fn for_cluster(model: &Model, limits: &Limits) -> Result<SessionState, ModelError> {
    use ballista_core::{extension::SessionConfigExt, optimizer::ballista_default_optimizer_rules};
    let config = config(CLUSTER_PARTS, true).upgrade_for_ballista();
    let session = builder(&model.tables, config, bounded(limits)?, DataType::Utf8)?;
    Ok(finish(session.with_optimizer_rules(ballista_default_optimizer_rules()), limits.now))
}

/// Memory and disk for the rows of one run.
fn bounded(limits: &Limits) -> Result<Arc<RuntimeEnv>, ModelError> {
    let disk = DiskManagerBuilder::default()
        .with_mode(DiskManagerMode::Directories(vec![limits.spill.clone()]))
        .with_max_temp_directory_size(limits.memory.saturating_mul(SPILLED));
    let memory = usize::try_from(limits.memory).unwrap_or(usize::MAX);
    let runtime = RuntimeEnvBuilder::new()
        .with_disk_manager_builder(disk)
        .with_memory_pool(Arc::new(FairSpillPool::new(memory)))
        .build_arc();
    runtime.map_err(|error| ModelError::Disk(error.to_string()))
}

/// What `now()` is, and that constants are computed in our time zone, is settled here.
fn finish(session: SessionStateBuilder, now: Option<SystemTime>) -> SessionState {
    let mut session = session.build();
    session.mark_start_execution();
    if let Some(now) = now {
        session.execution_props_mut().query_execution_start_time = Some(now.into());
    }
    session
}

/// `texts` is the type of the sources' texts.
fn builder(
    sources: &[Table],
    config: SessionConfig,
    runtime: Arc<RuntimeEnv>,
    texts: DataType,
) -> Result<SessionStateBuilder, ModelError> {
    let catalogs = Arc::new(MemoryCatalogProviderList::new());
    let tables = Arc::new(MemorySchemaProvider::new());
    for table in sources {
        let provider = Arc::new(provider(table, &texts)?);
        tables.register_table(table.name.clone(), provider).map_err(|_| {
            ModelError::sql(format!("two sources are named `{}`: rename one of them", table.name))
        })?;
    }
    let catalog = Arc::new(MemoryCatalogProvider::new());
    catalog.register_schema(SCHEMA, tables).map_err(|error| ModelError::Start(error.to_string()))?;
    datafusion::catalog::CatalogProviderList::register_catalog(&*catalogs, CATALOG.to_owned(), catalog);
    Ok(SessionStateBuilder::new()
        .with_config(config)
        .with_runtime_env(runtime)
        .with_catalog_list(catalogs)
        .with_expr_planners(SessionStateDefaults::default_expr_planners())
        .with_scalar_functions(SessionStateDefaults::default_scalar_functions())
        .with_aggregate_functions(SessionStateDefaults::default_aggregate_functions())
        .with_window_functions(SessionStateDefaults::default_window_functions()))
}

/// Makes the rows of a plan a table of the session.
pub(super) fn add_view(session: &SessionState, name: &str, rows: LogicalPlan) -> Result<(), ModelError> {
    let tables = session.catalog_list().catalog(CATALOG).and_then(|catalog| catalog.schema(SCHEMA));
    let tables = tables.ok_or_else(|| ModelError::Start("the session has no tables".to_owned()))?;
    let added = tables.register_table(name.to_owned(), Arc::new(ViewTable::new(rows, None)));
    added
        .map(drop)
        .map_err(|_| ModelError::sql(format!("two sources are named `{name}`: rename one of them")))
}

fn config(threads: usize, hash_join: bool) -> SessionConfig {
    // Joins by sorting are for a model that has outgrown its memory, of which each part would need its share.
    let parts = if hash_join { threads } else { 1 };
    let mut config = SessionConfig::new()
        .with_target_partitions(parts)
        .with_create_default_catalog_and_schema(false)
        .with_default_catalog_and_schema(CATALOG, SCHEMA)
        .with_information_schema(false);
    let options = config.options_mut();
    options.sql_parser.collect_spans = true;
    options.sql_parser.recursion_limit = ConfigNonZeroUsize::try_new(DEPTH).expect("it is not zero");
    // `1.1` is exact, as everywhere else.
    options.sql_parser.parse_float_as_decimal = true;
    options.optimizer.prefer_hash_join = hash_join;
    options.execution.time_zone = Some(columns::UTC.to_owned());
    config
}

fn provider(table: &Table, texts: &DataType) -> Result<ListingTable, ModelError> {
    let failed = |reason: &dyn std::fmt::Display| ModelError::Table {
        table: table.name.clone(),
        reason: reason.to_string(),
    };
    let Some(first) = table.files.first() else { return Err(failed(&"it has no file")) };
    let schema = schema(first, texts).map_err(|error| failed(&error))?;
    for file in &table.files[1..] {
        if self::schema(file, texts).map_err(|error| failed(&error))? != schema {
            return Err(failed(&"its files have different columns"));
        }
    }
    let urls: Option<Vec<_>> = table.files.iter().map(|file| url(file)).collect();
    let urls = urls.ok_or_else(|| failed(&"a file's path is not absolute"))?;
    // The files are those that were named, whatever they end in.
    let options = ListingOptions::new(Arc::new(ParquetFormat::default())).with_file_extension("");
    let config =
        ListingTableConfig::new_with_multi_paths(urls).with_listing_options(options).with_schema(schema);
    ListingTable::try_new(config).map_err(|error| failed(&error))
}

fn url(file: &Path) -> Option<ListingTableUrl> {
    ListingTableUrl::try_new(Url::from_file_path(file).ok()?, None).ok()
}

/// A table's columns; texts in this process as views, which are not copied while rows are joined, and JSON as text: a plan whose
/// fields carry metadata fails in the engine's own checks (datafusion#18337).
fn schema(file: &Path, texts: &DataType) -> Result<SchemaRef, crate::StagingError> {
    let schema = columns::schema(Reader::open(file)?.columns());
    let fields = schema.fields().iter().map(|field| match field.data_type() {
        DataType::Utf8 => Field::new(field.name(), texts.clone(), true),
        _ => Field::clone(field),
    });
    Ok(Arc::new(Schema::new(fields.collect::<Vec<_>>())))
}
