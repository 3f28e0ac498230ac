//! The oracle's rows, staged, and both engines that read them.

use std::{fmt::Write, sync::atomic::Ordering, time::Duration};

use engine::{Batch, Child, ClusterAddress, Engine, Limits, Model, ModelError, Table, Value, Writer};
use futures::TryStreamExt;
use tempfile::TempDir;

use super::{
    machines::Cluster,
    rows::{SourceTable, tables},
};

/// Files of a table: what is read by one executor.
const FILES: usize = 4;

pub struct World {
    _folder: TempDir,
    pub tables: Vec<Table>,
    pub limits: Limits,
}

impl World {
    pub fn new(people: u64) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let staged = tables(people).iter().map(|table| stage(&folder, table)).collect();
        let spill = folder.path().join("spill");
        std::fs::create_dir(&spill).expect("a folder");
        let limits =
            Limits { memory: 256 << 20, spill, deadline: Duration::from_mins(3), rows: 1_000_000, now: None };
        Self { _folder: folder, tables: staged, limits }
    }

    /// Ordered by all columns, so that there is one right order.
    pub async fn model(&self, sql: &str) -> Model {
        let model =
            Model { sql: sql.to_owned(), view: None, tables: self.tables.clone(), order_by: Vec::new() };
        // A model that cannot be planned is refused by the run, too.
        let columns = here().plan(&model).await.unwrap_or_default();
        Model { order_by: columns.into_iter().map(|column| column.name).collect(), ..model }
    }

    pub async fn run(&self, engine: &Child, sql: &str) -> Result<Vec<String>, ModelError> {
        let answer = engine.run(&self.model(sql).await, &self.limits).await?;
        let batches: Vec<Batch> = answer.batches.try_collect().await?;
        Ok(batches.iter().flat_map(lines).collect())
    }

    /// The model on this machine and on the cluster: the same rows in the same order, or the same sentence.
    pub async fn compare(&self, cluster: &Cluster, sql: &str) {
        let tasks = tasks(cluster);
        let here = self.run(&here(), sql).await;
        let there = self.run(&on(&cluster.address), sql).await;
        let words = sql.split_whitespace().take(12).collect::<Vec<_>>().join(" ");
        match (here, there) {
            (Ok(here), Ok(there)) => {
                let differs = here.iter().zip(&there).find(|(here, there)| here != there);
                assert_eq!(differs, None, "of {} rows and {}:\n{sql}", here.len(), there.len());
                assert_eq!(here.len(), there.len(), "{sql}");
                let tasks = self::tasks(cluster) - tasks;
                eprintln!("cluster: {} rows are the same, in {tasks} tasks, of {words}", here.len());
            }
            (here, there) => {
                let told = |ended: Result<Vec<String>, ModelError>| {
                    ended.map(|rows| rows.len()).map_err(|error| error.to_string())
                };
                let (here, there) = (told(here), told(there));
                assert_eq!(here, there, "{sql}");
                eprintln!("cluster: the same refusal of {words}: {there:?}");
            }
        }
    }
}

pub fn here() -> Child {
    Child::new(env!("CARGO_BIN_EXE_deskside-engine").into(), 1)
}

pub fn on(address: &ClusterAddress) -> Child {
    here().on_cluster(address.clone())
}

fn tasks(cluster: &Cluster) -> usize {
    cluster.executors.iter().map(|executor| executor.watch.tasks.load(Ordering::Relaxed)).sum()
}

fn stage(folder: &TempDir, table: &SourceTable) -> Table {
    let keyed: Vec<String> = table.keyed.iter().map(|name| (*name).to_owned()).collect();
    let rows = table.rows.chunks(table.rows.len().div_ceil(FILES)).enumerate();
    let files = rows.map(|(part, rows)| {
        let path = folder.path().join(format!("{}-{part}.parquet", table.name));
        let mut writer = Writer::create(&path, &table.columns, &keyed).expect("a table");
        rows.iter().for_each(|row| writer.push(row).expect("a row"));
        writer.finish().expect("a table");
        path
    });
    Table { name: table.name.to_owned(), files: files.collect() }
}

fn lines(batch: &Batch) -> Vec<String> {
    (0..batch.rows()).map(|row| line(batch, row)).collect()
}

fn line(batch: &Batch, row: usize) -> String {
    let mut line = String::new();
    for column in 0..batch.columns().len() {
        let value = match batch.value(row, column) {
            Value::Null => "-".to_owned(),
            Value::Text(text) | Value::Json(text) | Value::Invalid(text) => format!("{text:?}"),
            Value::Integer(number) => number.to_string(),
            Value::Decimal { unscaled, scale } => format!("{unscaled}e-{scale}"),
            Value::Boolean(truth) => truth.to_string(),
            Value::Date(days) => format!("day {days}"),
            Value::Timestamp(micros) => format!("{micros} µs"),
        };
        write!(line, "{value} | ").expect("text");
    }
    line
}
