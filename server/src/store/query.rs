//! One statement for both databases: `$1` placeholders, and only the types that both spell alike (text, 64-bit
//! integers, doubles, bytes). Times are microseconds since 1970, UTC; ids above 2^63 keep their bits.

use std::borrow::Cow;
use std::future::Future;

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::postgres::{PgArguments, PgRow};
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{Arguments, Postgres, Sqlite};

use super::db::{Db, Kind, Tx, TxKind};
use super::error::StoreError;

/// A statement whose text is part of the program.
pub const fn query(sql: &'static str) -> Query {
    Query { sql, values: Vec::new() }
}

/// A statement and its values.
#[derive(Debug)]
#[must_use = "a query does nothing until it is run"]
pub struct Query {
    sql: &'static str,
    values: Vec<Value>,
}

impl Query {
    /// The next placeholder's value.
    pub fn bind(mut self, value: impl Into<Value>) -> Self {
        self.values.push(value.into());
        self
    }

    /// All rows.
    pub async fn all(self, on: impl Conn) -> Result<Vec<Row>, StoreError> {
        on.rows(self).await
    }

    /// The first row, if there is one.
    pub async fn optional(self, on: impl Conn) -> Result<Option<Row>, StoreError> {
        Ok(on.rows(self).await?.into_iter().next())
    }

    /// The first row, read, if there is one.
    pub async fn optional_as<T>(
        self,
        on: impl Conn,
        read: impl Fn(&Row) -> Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        self.optional(on).await?.map(|row| read(&row)).transpose()
    }

    /// All rows, read.
    pub async fn all_as<T>(
        self,
        on: impl Conn,
        read: impl Fn(&Row) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        self.all(on).await?.iter().map(read).collect()
    }

    /// The first row of a statement that always has one.
    pub async fn one(self, on: impl Conn) -> Result<Row, StoreError> {
        self.optional(on).await?.ok_or(StoreError::corrupt("a row that must exist does not"))
    }

    /// Changes something; says how many rows it changed.
    pub async fn execute(self, on: impl Conn) -> Result<u64, StoreError> {
        on.change(self).await
    }
}

/// Where a statement runs: `&Db` (on its own; SQLite reads from a reader, so a `RETURNING` needs a transaction) or
/// `&mut Tx`.
pub trait Conn: Send {
    /// Runs a statement for its rows.
    fn rows(self, query: Query) -> impl Future<Output = Result<Vec<Row>, StoreError>> + Send;
    /// Runs a statement for its effect.
    fn change(self, query: Query) -> impl Future<Output = Result<u64, StoreError>> + Send;
}

// Boxed: sqlx's futures are large, and every caller's would be as large.
impl Conn for &Db {
    async fn rows(self, query: Query) -> Result<Vec<Row>, StoreError> {
        match &self.0 {
            Kind::Sqlite { read, file, .. } => {
                file.is_in_place()?;
                Box::pin(query.rows_sqlite(read)).await
            }
            Kind::Postgres(pool) => Box::pin(query.rows_postgres(pool)).await,
        }
    }

    async fn change(self, query: Query) -> Result<u64, StoreError> {
        match &self.0 {
            Kind::Sqlite { write, file, .. } => {
                file.is_in_place()?;
                Box::pin(query.change_sqlite(write)).await.map_err(StoreError::of_the_one_writer)
            }
            Kind::Postgres(pool) => Box::pin(query.change_postgres(pool)).await,
        }
    }
}

impl Conn for &mut Tx {
    async fn rows(self, query: Query) -> Result<Vec<Row>, StoreError> {
        match &mut self.kind {
            TxKind::Sqlite(tx) => Box::pin(query.rows_sqlite(&mut **tx)).await,
            TxKind::Postgres(tx) => Box::pin(query.rows_postgres(&mut **tx)).await,
        }
    }

    async fn change(self, query: Query) -> Result<u64, StoreError> {
        match &mut self.kind {
            TxKind::Sqlite(tx) => Box::pin(query.change_sqlite(&mut **tx)).await,
            TxKind::Postgres(tx) => Box::pin(query.change_postgres(&mut **tx)).await,
        }
    }
}

impl Query {
    async fn rows_sqlite<'e>(
        self,
        on: impl sqlx::Executor<'e, Database = Sqlite>,
    ) -> Result<Vec<Row>, StoreError> {
        let rows = sqlx::query_with(self.sql, sqlite_arguments(self.values)?).fetch_all(on).await?;
        Ok(rows.into_iter().map(Row::Sqlite).collect())
    }

    async fn rows_postgres<'e>(
        self,
        on: impl sqlx::Executor<'e, Database = Postgres>,
    ) -> Result<Vec<Row>, StoreError> {
        let rows = sqlx::query_with(self.sql, postgres_arguments(self.values)?).fetch_all(on).await?;
        Ok(rows.into_iter().map(Row::Postgres).collect())
    }

    async fn change_sqlite<'e>(
        self,
        on: impl sqlx::Executor<'e, Database = Sqlite>,
    ) -> Result<u64, StoreError> {
        Ok(sqlx::query_with(self.sql, sqlite_arguments(self.values)?).execute(on).await?.rows_affected())
    }

    async fn change_postgres<'e>(
        self,
        on: impl sqlx::Executor<'e, Database = Postgres>,
    ) -> Result<u64, StoreError> {
        Ok(sqlx::query_with(self.sql, postgres_arguments(self.values)?).execute(on).await?.rows_affected())
    }
}

/// A value on its way into a statement.
#[derive(Debug, Clone)]
pub enum Value {
    /// `TEXT`.
    Text(Option<String>),
    /// `BIGINT`.
    Int(Option<i64>),
    /// `DOUBLE PRECISION`.
    Real(Option<f64>),
    /// `BYTEA`, `BLOB`.
    Bytes(Option<Vec<u8>>),
}

macro_rules! arguments {
    ($name:ident, $arguments:ty) => {
        fn $name(values: Vec<Value>) -> Result<$arguments, StoreError> {
            let mut arguments = <$arguments>::default();
            for value in values {
                match value {
                    Value::Text(value) => arguments.add(value),
                    Value::Int(value) => arguments.add(value),
                    Value::Real(value) => arguments.add(value),
                    Value::Bytes(value) => arguments.add(value),
                }
                .map_err(|cause| StoreError::Refused(sqlx::Error::Encode(cause)))?;
            }
            Ok(arguments)
        }
    };
}
arguments!(sqlite_arguments, SqliteArguments);
arguments!(postgres_arguments, PgArguments);

/// Text as a database keeps it: PostgreSQL refuses the NUL character, and the other one must answer the same. Every text that is
/// bound passes here, so that what a vendor sends never stops a job; requests that hold a NUL are refused before.
pub fn storable(text: &str) -> Cow<'_, str> {
    if text.contains('\0') { Cow::Owned(text.replace('\0', "\u{fffd}")) } else { Cow::Borrowed(text) }
}

/// The JSON of a value that is bound as a whole, its texts as [`storable`] makes them.
pub fn storable_json(value: &impl serde::Serialize) -> String {
    fn cleaned(value: serde_json::Value) -> serde_json::Value {
        match value {
            serde_json::Value::String(text) => serde_json::Value::String(storable(&text).into_owned()),
            serde_json::Value::Array(values) => values.into_iter().map(cleaned).collect(),
            serde_json::Value::Object(fields) => fields
                .into_iter()
                .map(|(name, value)| (storable(&name).into_owned(), cleaned(value)))
                .collect(),
            other => other,
        }
    }
    let text = serde_json::to_string(value).expect("what is stored has nothing that JSON has not");
    // It may be every row of a run, so a tree is made of it only where it may hold such a character.
    if text.contains(r"\u0000") { cleaned(serde_json::json!(value)).to_string() } else { text }
}

macro_rules! into_value {
    ($($from:ty => |$value:ident| $some:expr, $none:expr;)*) => {$(
        impl From<$from> for Value {
            fn from($value: $from) -> Self { $some }
        }
        impl From<Option<$from>> for Value {
            fn from(value: Option<$from>) -> Self { value.map_or($none, |$value| $some) }
        }
    )*};
}
into_value! {
    String => |value| Self::Text(Some(storable(&value).into_owned())), Self::Text(None);
    &str => |value| Self::Text(Some(storable(value).into_owned())), Self::Text(None);
    &String => |value| Self::Text(Some(storable(value).into_owned())), Self::Text(None);
    i64 => |value| Self::Int(Some(value)), Self::Int(None);
    i32 => |value| Self::Int(Some(value.into())), Self::Int(None);
    u32 => |value| Self::Int(Some(value.into())), Self::Int(None);
    u64 => |value| Self::Int(Some(value.cast_signed())), Self::Int(None);
    bool => |value| Self::Int(Some(value.into())), Self::Int(None);
    DateTime<Utc> => |value| Self::Int(Some(value.timestamp_micros())), Self::Int(None);
    NaiveDate => |value| Self::Text(Some(value.to_string())), Self::Text(None);
    f64 => |value| Self::Real(Some(value)), Self::Real(None);
}

impl From<&[u8]> for Value {
    fn from(value: &[u8]) -> Self {
        Self::Bytes(Some(value.to_vec()))
    }
}

impl From<Option<&[u8]>> for Value {
    fn from(value: Option<&[u8]>) -> Self {
        Self::Bytes(value.map(<[u8]>::to_vec))
    }
}

/// One row of an answer.
pub enum Row {
    /// From SQLite.
    Sqlite(SqliteRow),
    /// From PostgreSQL.
    Postgres(PgRow),
}

impl Row {
    /// The value of a column.
    pub fn get<T: Column>(&self, column: &'static str) -> Result<T, StoreError> {
        T::of(self, column)
    }

    fn raw<T>(&self, column: &'static str) -> Result<T, StoreError>
    where
        T: for<'r> sqlx::Decode<'r, Sqlite>
            + sqlx::Type<Sqlite>
            + for<'r> sqlx::Decode<'r, Postgres>
            + sqlx::Type<Postgres>,
    {
        Ok(match self {
            Self::Sqlite(row) => sqlx::Row::try_get(row, column)?,
            Self::Postgres(row) => sqlx::Row::try_get(row, column)?,
        })
    }
}

/// A type that a column can be read as.
pub trait Column: Sized {
    /// Reads it.
    fn of(row: &Row, column: &'static str) -> Result<Self, StoreError>;
}

macro_rules! plain_columns {
    ($($type:ty),*) => {$(
        impl Column for $type {
            fn of(row: &Row, column: &'static str) -> Result<Self, StoreError> { row.raw(column) }
        }
        impl Column for Option<$type> {
            fn of(row: &Row, column: &'static str) -> Result<Self, StoreError> { row.raw(column) }
        }
    )*};
}
plain_columns!(i64, f64, String, Vec<u8>);

macro_rules! derived_columns {
    ($($type:ty, $raw:ty, $read:expr;)*) => {$(
        impl Column for $type {
            fn of(row: &Row, column: &'static str) -> Result<Self, StoreError> {
                let read: fn($raw) -> Option<$type> = $read;
                read(row.raw(column)?).ok_or(StoreError::corrupt(column))
            }
        }
        impl Column for Option<$type> {
            fn of(row: &Row, column: &'static str) -> Result<Self, StoreError> {
                let read: fn($raw) -> Option<$type> = $read;
                row.raw::<Option<$raw>>(column)?.map(|raw| read(raw).ok_or(StoreError::corrupt(column))).transpose()
            }
        }
    )*};
}
derived_columns! {
    u64, i64, |raw| Some(raw.cast_unsigned());
    u32, i64, |raw| raw.try_into().ok();
    i32, i64, |raw| raw.try_into().ok();
    bool, i64, |raw| Some(raw != 0);
    DateTime<Utc>, i64, DateTime::from_timestamp_micros;
    NaiveDate, String, |raw| raw.parse().ok();
}
