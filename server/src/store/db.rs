//! The connection to SQLite or PostgreSQL, and the transaction. Callers never learn which of the two it is, except
//! through [`Db::is_postgres`], for the few statements whose text must differ.

use std::str::FromStr;
use std::time::Duration;

use sqlx::postgres::{PgListener, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Connection, Executor, PgPool, Postgres, Sqlite, SqlitePool, Transaction};

use super::file::DatabaseFile;
use super::{StoreError, migrations};

/// How long a statement waits for SQLite's file lock, and a caller for a connection.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// A frozen replica must not hold locks for ever: its transaction is ended for it, and it will hear that it lost.
/// Our statements are short: compiling one (PostgreSQL guesses when) takes longer than any of them runs.
const SESSION_SETTINGS: &str = "SET idle_in_transaction_session_timeout = '60s'; SET jit = off";

/// The database. Clones share their connections.
#[derive(Debug, Clone)]
pub struct Db(pub(super) Kind);

#[derive(Debug, Clone)]
pub(super) enum Kind {
    /// One writer: SQLite has one write lock, and waiting in our own line is fairer than its busy handler.
    Sqlite {
        write: SqlitePool,
        read: SqlitePool,
        file: DatabaseFile,
    },
    Postgres(PgPool),
}

impl Db {
    /// Opens `sqlite:<file>` (created when missing) or `postgres://…`, and proves that it answers.
    pub async fn connect(url: &str, max_connections: u32) -> Result<Self, StoreError> {
        Self::open(url, max_connections, true).await
    }

    /// Opens a database for one command and closes it, whatever came of `work`: nothing of SQLite's lies beside the file then.
    /// A command creates no database, and works on this binary's schema alone.
    pub async fn during<T, E: From<StoreError>>(
        url: &str,
        max_connections: u32,
        work: impl AsyncFnOnce(Self) -> Result<T, E>,
    ) -> Result<T, E> {
        let db = Self::open(url, max_connections, false).await?;
        let done = match migrations::is_current(&db).await {
            Ok(()) => work(db.clone()).await,
            Err(error) => Err(error.into()),
        };
        db.close().await;
        done
    }

    async fn open(url: &str, max_connections: u32, create: bool) -> Result<Self, StoreError> {
        if url.starts_with("postgres:") || url.starts_with("postgresql:") {
            return Self::postgres(url, max_connections).await;
        }
        if url.starts_with("sqlite:") {
            return Self::sqlite(url, max_connections, create).await;
        }
        Err(StoreError::Address("its scheme is unknown"))
    }

    async fn postgres(url: &str, max_connections: u32) -> Result<Self, StoreError> {
        let options = url.parse().map_err(|_| StoreError::Address("it cannot be parsed"))?;
        let pool = PgPoolOptions::new()
            .max_connections(max_connections.max(2)) // one may be listening
            .acquire_timeout(BUSY_TIMEOUT)
            .after_connect(|connection, _| {
                Box::pin(async move { connection.execute(SESSION_SETTINGS).await.map(drop) })
            })
            .connect_with(options)
            .await?;
        Ok(Self(Kind::Postgres(pool)))
    }

    async fn sqlite(url: &str, max_connections: u32, create: bool) -> Result<Self, StoreError> {
        let options =
            SqliteConnectOptions::from_str(url).map_err(|_| StoreError::Address("it cannot be parsed"))?;
        if options.get_filename().as_os_str().is_empty() || url.contains(":memory:") {
            return Err(StoreError::Address("it names no file"));
        }
        let path = options.get_filename().to_path_buf();
        if !create && !path.exists() {
            return Err(StoreError::Absent(std::path::absolute(&path).unwrap_or(path)));
        }
        let options = options
            .create_if_missing(create)
            .foreign_keys(true)
            .busy_timeout(BUSY_TIMEOUT)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full); // a committed ledger row survives a power cut
        let write = SqlitePoolOptions::new()
            .max_connections(1)
            .acquire_timeout(BUSY_TIMEOUT)
            .idle_timeout(None)
            .max_lifetime(None)
            .before_acquire(|connection, _| {
                // Whoever had it may have asked not to wait for the disk.
                Box::pin(async move { connection.execute("PRAGMA synchronous = FULL").await.map(|_| true) })
            })
            .after_release(|connection, _| {
                // SQLite ends a transaction by itself when the disk is full; sqlx then takes the connection for one that is
                // still in it, and could never begin another. The ping waits for the rollback that a drop has queued.
                Box::pin(async move {
                    connection.ping().await?;
                    Ok(!connection.is_in_transaction())
                })
            })
            .connect_with(options.clone())
            .await?;
        let file = DatabaseFile::opened(path);
        let read = SqlitePoolOptions::new()
            .max_connections(max_connections.max(1))
            .acquire_timeout(BUSY_TIMEOUT)
            .connect_lazy_with(options.read_only(true).create_if_missing(false));
        Ok(Self(Kind::Sqlite { write, read, file }))
    }

    /// Brings the schema to this binary's version. Safe to call from every replica at once.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        migrations::run(self).await
    }

    /// The schema's version that this binary works on.
    pub fn schema_version() -> i64 {
        migrations::known()
    }

    /// Asks for a sign of life.
    pub async fn ping(&self) -> Result<(), StoreError> {
        super::query("SELECT 1 AS one").all(self).await.map(drop)
    }

    /// Proves that it takes writes, by one small one.
    pub async fn probe_write(&self) -> Result<(), StoreError> {
        let mut tx = self.begin_unsynced().await?;
        super::query(
            "INSERT INTO write_probe (id, writes) VALUES (1, 1)
             ON CONFLICT (id) DO UPDATE SET writes = write_probe.writes + 1",
        )
        .execute(&mut tx)
        .await?;
        tx.commit().await
    }

    /// Starts a write transaction. Keep it short and never wait for a vendor in it: SQLite has only one.
    pub async fn begin(&self) -> Result<Tx, StoreError> {
        self.begin_with("BEGIN IMMEDIATE", "BEGIN").await
    }

    /// As [`Db::begin`], for what a power cut may take back: its commit does not wait for the disk. A process that dies
    /// loses nothing of it. Whatever a transaction of [`Db::begin`] commits later, it takes this one to the disk, too.
    ///
    /// Source: SQLite, "PRAGMA synchronous", NORMAL in WAL mode; PostgreSQL, "Asynchronous Commit".
    pub async fn begin_unsynced(&self) -> Result<Tx, StoreError> {
        const SQLITE: &str = "PRAGMA synchronous = NORMAL; BEGIN IMMEDIATE";
        self.begin_with(SQLITE, "BEGIN; SET LOCAL synchronous_commit = off").await
    }

    async fn begin_with(&self, sqlite: &'static str, postgres: &'static str) -> Result<Tx, StoreError> {
        let kind = match &self.0 {
            Kind::Sqlite { write, file, .. } => {
                file.is_in_place()?;
                let begun = write.begin_with(sqlite).await;
                TxKind::Sqlite(begun.map_err(|error| StoreError::from(error).of_the_one_writer())?)
            }
            Kind::Postgres(pool) => {
                // In a task of its own, because a caller that goes away halfway would leave the pool a connection whose
                // open transaction nobody knows of: it would swallow the next caller's writes.
                let pool = pool.clone();
                let begun = tokio::spawn(async move { pool.begin_with(postgres).await }).await;
                TxKind::Postgres(begun.unwrap_or(Err(sqlx::Error::PoolClosed))?)
            }
        };
        Ok(Tx { kind, after_commit: Vec::new() })
    }

    /// Whether it is PostgreSQL, for the few statements whose text must differ.
    pub const fn is_postgres(&self) -> bool {
        matches!(self.0, Kind::Postgres(_))
    }

    /// Hears other replicas' [`Tx::notify`]; `None` where there are none (SQLite).
    pub async fn listen(&self, channel: &'static str) -> Result<Option<Listener>, StoreError> {
        let Kind::Postgres(pool) = &self.0 else { return Ok(None) };
        let mut listener = PgListener::connect_with(pool).await?;
        listener.listen(channel).await?;
        Ok(Some(Listener(listener)))
    }

    /// Closes every connection, so that the file or the server is free.
    pub async fn close(&self) {
        match &self.0 {
            Kind::Sqlite { write, read, .. } => {
                read.close().await;
                write.close().await;
            }
            Kind::Postgres(pool) => pool.close().await,
        }
    }
}

/// Notifications of other replicas.
#[derive(Debug)]
pub struct Listener(PgListener);

impl Listener {
    /// Waits for the next one. A lost connection is made again, and also counts: something may have been missed.
    pub async fn next(&mut self) -> Result<(), StoreError> {
        self.0.try_recv().await?;
        Ok(())
    }
}

/// A write transaction; dropped without [`Tx::commit`], it never happened.
pub struct Tx {
    pub(super) kind: TxKind,
    after_commit: Vec<Box<dyn FnOnce() + Send>>,
}

pub(super) enum TxKind {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

impl Tx {
    /// Makes it so, and then does what [`Tx::after_commit`] was told.
    pub async fn commit(self) -> Result<(), StoreError> {
        match self.kind {
            TxKind::Sqlite(tx) => tx.commit().await?,
            TxKind::Postgres(tx) => tx.commit().await?,
        }
        for then in self.after_commit {
            then();
        }
        Ok(())
    }

    /// Something cheap to do in this process once the transaction is committed, and only then.
    pub fn after_commit(&mut self, then: impl FnOnce() + Send + 'static) {
        self.after_commit.push(Box::new(then));
    }

    /// Tells other replicas, once committed; on SQLite there are none.
    pub async fn notify(&mut self, channel: &'static str) -> Result<(), StoreError> {
        if self.is_postgres() {
            super::query("SELECT 1 AS one FROM pg_notify($1, '')").bind(channel).all(self).await?;
        }
        Ok(())
    }

    /// Whether it is PostgreSQL, for the few statements whose text must differ.
    pub const fn is_postgres(&self) -> bool {
        matches!(self.kind, TxKind::Postgres(_))
    }
}

impl std::fmt::Debug for Tx {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tx").field("postgres", &self.is_postgres()).finish_non_exhaustive()
    }
}
