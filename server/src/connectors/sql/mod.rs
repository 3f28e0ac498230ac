//! Customers' databases, read with one SELECT: MySQL and MariaDB, PostgreSQL.
//! Docs: <https://dev.mysql.com/doc/refman/8.4/en/>, <https://mariadb.com/kb/en/>, <https://www.postgresql.org/docs/current/>.
//! Auth: user and password, over TLS. Limits: a statement has a deadline, a cell, a row and the number of columns a bound.
//! Traps: a private address may hide behind a name, so the connection goes to the address that was checked; zero dates, unsigned
//! numbers and NaN exist (`docs/sources.md`); a client that reads slowly is disconnected after `net_write_timeout`.
//! **Invariant:** every statement runs in a read-only transaction, and a query is one prepared statement that returns columns.

mod catalog; // which tables and columns there are
mod error; // what a database refuses
mod frames; // how large a message of PostgreSQL may be
mod mysql;
mod mysql_cells; // its types, as ours
mod postgres;
mod postgres_cells; // its types, as ours
mod probe; // whether a connection works
mod settings; // where a database is
mod tls; // whose certificate is trusted

use std::net::SocketAddr;
use std::time::Duration;

use futures::StreamExt;
use secrecy::SecretString;
use tokio::time::{Instant, timeout_at};

pub use catalog::{Field, Object};
pub use probe::{Outcome, Step};
pub use settings::{Dialect, Secret, Settings, TlsMode};

use super::rows::{ReadError, Rows};
use super::{CallFailure, FailureKind, Net, Refusal};

const CONNECT: &str = "connect to the database server";
const SELECT: &str = "SELECT";
/// For rows that a person looks at, and for what is asked of the catalog.
const SHORT: Duration = Duration::from_secs(30);

/// One database, as a user may see it.
#[derive(Debug, Clone)]
pub struct SqlSource {
    dialect: Dialect,
    settings: Settings,
    password: SecretString,
    net: Net,
    deadline: Duration,
}

impl SqlSource {
    /// `deadline`: for one whole read; the database is told as well.
    pub fn new(
        dialect: Dialect,
        settings: Settings,
        password: SecretString,
        net: Net,
        deadline: Duration,
    ) -> Self {
        Self { dialect, settings, password, net, deadline }
    }

    /// Runs one SELECT in a snapshot of its own. Columns are known before the first row, and rows come as they are read.
    pub async fn read(&self, sql: &str) -> Result<Rows, ReadError> {
        self.open(self.deadline, None, sql).await
    }

    /// The first `limit` rows of a SELECT, for people.
    pub async fn sample(&self, sql: &str, limit: usize) -> Result<Rows, ReadError> {
        self.open(SHORT, Some(limit), sql).await
    }

    async fn open(&self, deadline: Duration, limit: Option<usize>, sql: &str) -> Result<Rows, ReadError> {
        let session = self.session(deadline).await?;
        let ends = Instant::now() + deadline + Duration::from_secs(5);
        let asked = async {
            match session {
                Session::MySql(session) => session.rows(sql, limit).await,
                Session::Postgres(session) => session.rows(sql, limit).await,
            }
        };
        let rows = timeout_at(ends, asked).await;
        let rows = rows.map_err(|_| error::too_slow(self.dialect.vendor(), deadline))??;
        Ok(self.bounded(rows, deadline, ends))
    }

    /// Ends a stream that outlives its deadline: the database's own timer does not help where the way to it is cut.
    fn bounded(&self, rows: Rows, deadline: Duration, ends: Instant) -> Rows {
        let vendor = self.dialect.vendor();
        let batches = futures::stream::unfold(Some(rows.batches), move |batches| async move {
            let mut batches = batches?;
            match timeout_at(ends, batches.next()).await {
                Ok(Some(Ok(batch))) => Some((Ok(batch), Some(batches))),
                Ok(Some(Err(error))) => Some((Err(error), None)),
                Ok(None) => None,
                Err(_) => Some((Err(error::too_slow(vendor, deadline).into()), None)),
            }
        });
        Rows { batches: batches.boxed(), ..rows }
    }

    /// Signs in, at one of the addresses that the name has and that may be reached.
    async fn session(&self, deadline: Duration) -> Result<Session, CallFailure> {
        let addresses = self.addresses().await?;
        self.session_at(&addresses, deadline).await
    }

    async fn session_at(&self, addresses: &[SocketAddr], deadline: Duration) -> Result<Session, CallFailure> {
        let Self { settings, password, .. } = self;
        let connecting = async {
            match self.dialect {
                Dialect::MySql => {
                    mysql::Session::connect(settings, password, addresses, deadline).await.map(Session::MySql)
                }
                Dialect::Postgres => {
                    let session = postgres::Session::connect(settings, password, addresses, deadline).await;
                    session.map(Session::Postgres)
                }
            }
        };
        // TCP, TLS, the sign-in and the transaction are a few round trips.
        let patience = self.net.connect_timeout * 2;
        tokio::time::timeout(patience, connecting).await.unwrap_or_else(|_| {
            let vendor = self.dialect.vendor();
            let sentence =
                format!("{} did not complete the sign-in within {} s", vendor.name, patience.as_secs());
            Err(CallFailure::saying(vendor, CONNECT, FailureKind::Unavailable, sentence))
        })
    }

    async fn addresses(&self) -> Result<Vec<SocketAddr>, CallFailure> {
        let (host, port) = (&self.settings.host, self.settings.port(self.dialect));
        let is_encrypted = self.settings.tls != TlsMode::Disable;
        let found = self.net.resolve(host, port, is_encrypted).await;
        let vendor = self.dialect.vendor();
        found.map_err(|why| match why {
            Refusal::Unresolved(_) => {
                let sentence =
                    "the host name cannot be resolved; correct `host` of the connection".to_owned();
                CallFailure::saying(vendor, CONNECT, FailureKind::Unavailable, sentence)
            }
            why => CallFailure::blocked(vendor, CONNECT, why),
        })
    }
}

/// A signed-in session inside of its read-only transaction.
enum Session {
    MySql(mysql::Session),
    Postgres(postgres::Session),
}

impl Session {
    /// A small result as text.
    async fn texts(
        &mut self,
        sql: &'static str,
        parameters: &[&str],
    ) -> Result<Vec<Vec<Option<String>>>, CallFailure> {
        match self {
            Self::MySql(session) => session.texts(sql, parameters).await,
            Self::Postgres(session) => session.texts(sql, parameters).await,
        }
    }
}

#[cfg(test)]
mod tests;
