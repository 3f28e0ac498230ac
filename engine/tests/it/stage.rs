//! A folder of staged tables, and a child process that reads them.

use std::{fmt::Write, path::Path, time::Duration};

use engine::{Batch, Child, Column, Engine, Limits, Model, ModelError, Table, Type, Value, Writer};
use futures::TryStreamExt;
use tempfile::TempDir;

pub struct Stage {
    pub folder: TempDir,
    pub limits: Limits,
    tables: Vec<Table>,
    pub engine: Child,
}

impl Stage {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let spill = folder.path().join("spill");
        std::fs::create_dir(&spill).expect("a folder");
        let limits =
            Limits { memory: 128 << 20, spill, deadline: Duration::from_mins(1), rows: 100_000, now: None };
        let engine = Child::new(env!("CARGO_BIN_EXE_deskside-engine").into(), 1);
        Self { folder, limits, tables: Vec::new(), engine }
    }

    /// Three people and two accounts, one of them of nobody.
    pub fn with_people() -> Self {
        let users = [("1", "Taro@Example.com"), ("2", "hana@example.com "), ("3", "")];
        let users: Vec<Vec<Value>> =
            users.iter().map(|(id, email)| vec![integer(id), Value::Text((*email).into())]).collect();
        let members = [("taro@example.com", 10), ("HANA@example.com", 10), ("ken@example.com", 11)];
        let members: Vec<Vec<Value>> = members
            .iter()
            .map(|(email, account)| vec![Value::Text((*email).into()), Value::Integer(*account)])
            .collect();
        Self::new().table("users", &[("id", Type::Integer), ("email", Type::Text)], &["email"], &users).table(
            "members",
            &[("email", Type::Text), ("account_id", Type::Integer)],
            &["email"],
            &members,
        )
    }

    pub fn table(
        mut self,
        name: &str,
        columns: &[(&str, Type)],
        keyed: &[&str],
        rows: &[Vec<Value<'_>>],
    ) -> Self {
        let path = self.folder.path().join(format!("{name}.parquet"));
        let keyed: Vec<String> = keyed.iter().map(|name| (*name).to_owned()).collect();
        let mut writer = Writer::create(&path, &self::columns(columns), &keyed).expect("a table");
        for row in rows {
            writer.push(row).expect("a row");
        }
        writer.finish().expect("a table");
        self.tables.push(Table { name: name.to_owned(), files: vec![path] });
        self
    }

    pub fn tables_mut(&mut self) -> &mut Vec<Table> {
        &mut self.tables
    }

    pub fn model(&self, sql: &str, order_by: &[&str]) -> Model {
        let order_by = order_by.iter().map(|name| (*name).to_owned()).collect();
        Model { sql: sql.to_owned(), view: None, tables: self.tables.clone(), order_by }
    }

    pub async fn plan(&self, sql: &str) -> Result<Vec<Column>, ModelError> {
        self.engine.plan(&self.model(sql, &[])).await
    }

    /// The whole result, a line per row.
    pub async fn run(&self, sql: &str, order_by: &[&str]) -> Result<Vec<String>, ModelError> {
        let answer = self.engine.run(&self.model(sql, order_by), &self.limits).await?;
        let batches: Vec<Batch> = answer.batches.try_collect().await?;
        Ok(batches.iter().flat_map(lines).collect())
    }
}

pub fn columns(columns: &[(&str, Type)]) -> Vec<Column> {
    columns.iter().map(|(name, kind)| Column { name: (*name).to_owned(), kind: *kind }).collect()
}

fn integer(digits: &str) -> Value<'static> {
    Value::Integer(digits.parse().expect("digits"))
}

pub fn lines(batch: &Batch) -> Vec<String> {
    (0..batch.rows()).map(|row| line(batch, row)).collect()
}

fn line(batch: &Batch, row: usize) -> String {
    let mut line = String::new();
    for column in 0..batch.columns().len() {
        let bar = if column > 0 { " | " } else { "" };
        let value = match batch.value(row, column) {
            Value::Null => "-".to_owned(),
            Value::Text(text) => text.into_owned(),
            Value::Json(text) => format!("json {text}"),
            Value::Invalid(text) => format!("invalid {text}"),
            Value::Integer(number) => number.to_string(),
            Value::Decimal { unscaled, scale } => format!("{unscaled}e-{scale}"),
            Value::Boolean(truth) => truth.to_string(),
            Value::Date(days) => format!("day {days}"),
            Value::Timestamp(micros) => format!("{micros} µs"),
        };
        write!(line, "{bar}{value}").expect("text");
    }
    line
}

/// Files and folders, hidden ones too.
pub fn entries(folder: &Path) -> usize {
    std::fs::read_dir(folder).expect("a folder").count()
}
