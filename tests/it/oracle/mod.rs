//! The engine's answers beside those of `DuckDB`, a database of other people's making: the same models over the same odd rows, row by row.
//! It runs where `DESKSIDE_ORACLE` names a Python that has `DuckDB`: `cargo xtask test` says so where it is installed, and with `--long`
//! installs it.

mod models; // what both are asked
mod rows; // what both are given

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use engine::{Batch, Engine, InProcess, Limits, Model, Table, Type, Value, Writer};
use futures::TryStreamExt;
use serde_json::json;
use tempfile::TempDir;

use models::{EVERYDAY, TEMPLATE, shipped};
use rows::{SourceTable, tables};

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../bench/integrations/oracle.py");

/// A folder with the tables in both forms.
struct World {
    folder: TempDir,
    tables: Vec<SourceTable>,
}

impl World {
    fn new(people: u64) -> Self {
        let (folder, tables) = (tempfile::tempdir().expect("a folder"), tables(people));
        for table in &tables {
            stage(folder.path(), table);
            let lines = table
                .rows
                .iter()
                .map(|row| json!(row.iter().map(text).collect::<Vec<_>>()).to_string() + "\n");
            let path = folder.path().join(format!("{}.jsonl", table.name));
            std::fs::write(path, lines.collect::<String>()).expect("a file");
        }
        Self { folder, tables }
    }

    async fn engine(&self, sql: &str) -> Vec<String> {
        let file = |table: &SourceTable| self.folder.path().join(format!("{}.parquet", table.name));
        let staged = |table: &SourceTable| Table { name: table.name.to_owned(), files: vec![file(table)] };
        let tables = self.tables.iter().map(staged).collect();
        let model = Model { sql: sql.to_owned(), view: None, tables, order_by: Vec::new() };
        let spill = self.folder.path().join("spill");
        std::fs::create_dir_all(&spill).expect("a folder");
        let limits =
            Limits { memory: 256 << 20, spill, deadline: Duration::from_mins(5), rows: u64::MAX, now: None };
        let answer = InProcess::new(2, true)
            .run(&model, &limits)
            .await
            .unwrap_or_else(|error| panic!("{error}\n{sql}"));
        let batches: Vec<Batch> =
            answer.batches.try_collect().await.unwrap_or_else(|error| panic!("{error}\n{sql}"));
        let row = |batch: &Batch, row: usize| {
            let cells = (0..batch.columns().len()).map(|column| text(&batch.value(row, column)));
            json!(cells.collect::<Vec<_>>()).to_string()
        };
        let mut lines: Vec<String> =
            batches.iter().flat_map(|batch| (0..batch.rows()).map(move |place| row(batch, place))).collect();
        lines.sort_unstable();
        lines
    }

    fn oracle(&self, python: &str, sql: &str) -> Vec<String> {
        let described = |table: &SourceTable| {
            let columns: Vec<_> =
                table.columns.iter().map(|column| (&column.name, duckdb(column.kind))).collect();
            json!({"name": table.name, "columns": columns, "keyed": table.keyed})
        };
        let tables: Vec<_> = self.tables.iter().map(described).collect();
        let asked = json!({"folder": self.folder.path(), "tables": tables, "sql": sql}).to_string();
        let mut script = Command::new(python);
        let mut child =
            script.arg(SCRIPT).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("Python starts");
        child.stdin.take().expect("it is piped").write_all(asked.as_bytes()).expect("it reads");
        let output = child.wait_with_output().expect("it ends");
        assert!(output.status.success(), "DuckDB does not answer:\n{sql}");
        let text = String::from_utf8(output.stdout).expect("UTF-8");
        let row = |line: &str| serde_json::from_str::<serde_json::Value>(line).expect("JSON").to_string();
        let mut lines: Vec<String> = text.lines().map(row).collect();
        lines.sort_unstable();
        lines
    }
}

fn stage(folder: &Path, table: &SourceTable) {
    let path = folder.join(format!("{}.parquet", table.name));
    let keyed: Vec<String> = table.keyed.iter().map(|name| (*name).to_owned()).collect();
    let mut writer = Writer::create(&path, &table.columns, &keyed).expect("a table");
    table.rows.iter().for_each(|row| writer.push(row).expect("a row"));
    writer.finish().expect("a table");
}

fn duckdb(kind: Type) -> String {
    match kind {
        Type::Text | Type::Json => "VARCHAR".to_owned(),
        Type::Integer => "BIGINT".to_owned(),
        Type::Decimal { precision, scale } => format!("DECIMAL({precision}, {scale})"),
        Type::Boolean => "BOOLEAN".to_owned(),
        Type::Date => "DATE".to_owned(),
        Type::Timestamp => "TIMESTAMP".to_owned(),
    }
}

/// A cell as both sides write it.
fn text(value: &Value<'_>) -> Option<String> {
    Some(match value {
        Value::Null => return None,
        Value::Text(text) | Value::Json(text) | Value::Invalid(text) => text.clone().into_owned(),
        Value::Integer(number) => number.to_string(),
        Value::Decimal { unscaled, scale } => decimal(*unscaled, *scale),
        Value::Boolean(truth) => truth.to_string(),
        Value::Date(days) => {
            let epoch = chrono::DateTime::UNIX_EPOCH.date_naive();
            (epoch + chrono::TimeDelta::days(i64::from(*days))).to_string()
        }
        Value::Timestamp(micros) => {
            let at = chrono::DateTime::from_timestamp_micros(*micros).expect("a time");
            at.format("%Y-%m-%dT%H:%M:%S%.6f").to_string()
        }
    })
}

/// The shortest way to write it.
fn decimal(unscaled: i128, scale: i8) -> String {
    let places = usize::try_from(scale).expect("not below zero");
    let digits = format!("{:0>width$}", unscaled.unsigned_abs(), width = places + 1);
    let (whole, part) = digits.split_at(digits.len() - places);
    let sign = if unscaled < 0 { "-" } else { "" };
    let part = part.trim_end_matches('0');
    if part.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{part}") }
}

#[tokio::test]
async fn every_model_answers_what_another_database_answers() {
    let Ok(python) = std::env::var("DESKSIDE_ORACLE") else {
        eprintln!("the oracle is left out: DESKSIDE_ORACLE names no Python that has DuckDB");
        return;
    };
    let is_long = std::env::var("DESKSIDE_FAULTS").is_ok_and(|which| which == "all");
    let world = World::new(if is_long { 100_000 } else { 2_000 });
    let template: toml::Table = TEMPLATE.parse().expect("TOML");
    for sql in shipped(&template).iter().map(String::as_str).chain(EVERYDAY) {
        let (ours, theirs) = (world.engine(sql).await, world.oracle(&python, sql));
        let differs = ours.iter().zip(&theirs).find(|(ours, theirs)| ours != theirs);
        assert_eq!(differs, None, "of {} rows and {}:\n{sql}", ours.len(), theirs.len());
        assert_eq!(ours.len(), theirs.len(), "{sql}");
        eprintln!(
            "oracle: {} rows are the same of {}",
            ours.len(),
            sql.split_whitespace().take(8).collect::<Vec<_>>().join(" ")
        );
    }
}
