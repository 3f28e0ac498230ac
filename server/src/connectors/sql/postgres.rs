//! A session of PostgreSQL. Docs: <https://www.postgresql.org/docs/current/sql-set-transaction.html>.
//! Traps: types come in binary forms of their own, so the server itself casts those that are not ours into text (`postgres_cells`);
//! a pooler takes no options at the sign-in, so they are set inside of the transaction.

use std::fmt;
use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures::StreamExt;
use futures::stream::{self, BoxStream};
use secrecy::{ExposeSecret, SecretString};
use tokio::net::TcpStream;
use tokio_postgres::config::{ChannelBinding, SslMode};
use tokio_postgres::tls::TlsConnect;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Config, Row, RowStream, Statement};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::ClientConfig;
use tokio_rustls::rustls::pki_types::ServerName;

use super::error::{self, POSTGRES, of_postgres};
use super::frames::Bounded;
use super::postgres_cells::{Reading, readings};
use super::settings::{Settings, TlsMode};
use super::{CONNECT, SELECT, tls};
use crate::connectors::cells::{Batcher, ROW_LIMIT, column_names};
use crate::connectors::rows::{Content, Oddities, ReadError, RowBatch, Rows};
use crate::connectors::{CallFailure, FailureKind};

/// Signed in, in a read-only snapshot.
pub(super) struct Session {
    client: Client,
    wire: Wire,
    deadline: Duration,
}

/// The connection below a client. Dropped, it is closed at once: the driver would first read a result to its end.
struct Wire {
    task: tokio::task::AbortHandle,
    exceeded: Arc<AtomicBool>,
}

impl Wire {
    /// Why the connection ended, where that was this row.
    fn refusal(&self, row: u64) -> Option<ReadError> {
        let exceeded = self.exceeded.load(Ordering::Relaxed);
        exceeded.then_some(content(Content::RowTooLarge { row, limit: ROW_LIMIT }))
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Session {
    pub(super) async fn connect(
        settings: &Settings,
        password: &SecretString,
        addresses: &[SocketAddr],
        deadline: Duration,
    ) -> Result<Self, CallFailure> {
        let misconfigured = |sentence| error::misconfigured(&POSTGRES, CONNECT, sentence);
        let is_encrypted = settings.tls != TlsMode::Disable;
        let tls = Tls {
            config: Arc::new(tls::config(settings).map_err(misconfigured)?),
            name: ServerName::try_from(settings.host.clone()).map_err(|_| {
                misconfigured("`host` of the connection is not a name that a certificate can have".to_owned())
            })?,
        };
        let failed = |error| of_postgres(CONNECT, deadline, "", error);
        let stream = TcpStream::connect(addresses).await;
        let stream =
            stream.and_then(|stream| stream.set_nodelay(true).map(|()| stream)).map_err(|cause| {
                CallFailure::new(&POSTGRES, CONNECT, FailureKind::Unavailable).caused(Arc::new(cause))
            })?;
        let exceeded = Arc::<AtomicBool>::default();
        let stream = Bounded::new(stream, (!is_encrypted).then_some(ROW_LIMIT), exceeded.clone());
        let options = options(settings, password, is_encrypted);
        let (client, connection) = options.connect_raw(stream, tls).await.map_err(failed)?;
        // Its errors reach the client.
        let task = tokio::spawn(async move { drop(connection.await) }).abort_handle();
        let session = Self { client, wire: Wire { task, exceeded }, deadline };
        session.client.batch_execute(&prepare_session(deadline)).await.map_err(failed)?;
        Ok(session)
    }

    pub(super) async fn rows(self, sql: &str, limit: Option<usize>) -> Result<Rows, ReadError> {
        let Self { client, wire, deadline } = self;
        let failed = |error| of_postgres(SELECT, deadline, sql, error);
        let statement = client.prepare(sql).await.map_err(failed)?;
        let readings = readings(names(&statement)?, statement.columns());
        let query = select(sql, &readings, limit);
        // The server understood the query itself; around it, only what follows its end can be wrong.
        let statement = client.prepare(&query).await.map_err(|error| match error.as_db_error() {
            Some(refused) if refused.code().code() == "42601" => {
                rejected("write one SELECT that ends at its `;`, without a comment behind it")
            }
            _ => failed(error),
        })?;
        let rows = client.query_raw(&statement, NO_PARAMETERS).await;
        // A first row may come together with the answer that it follows.
        let rows = rows.map_err(|error| wire.refusal(1).unwrap_or_else(|| failed(error).into()))?;
        let columns: Vec<_> = readings.iter().map(|reading| reading.column.clone()).collect();
        let oddities = Oddities::default();
        let batcher = Batcher::new(&POSTGRES, columns.clone(), oddities.clone());
        let reader = Reader { rows: Box::pin(rows), readings, batcher, deadline, wire, _client: client };
        Ok(Rows { columns, batches: reader.batches(), oddities, notes: Vec::new() })
    }

    pub(super) async fn texts(
        &mut self,
        sql: &'static str,
        parameters: &[&str],
    ) -> Result<Vec<Vec<Option<String>>>, CallFailure> {
        let parameters: Vec<&(dyn ToSql + Sync)> =
            parameters.iter().map(|text| text as &(dyn ToSql + Sync)).collect();
        let failed = |error| of_postgres("pg_catalog", self.deadline, sql, error);
        let rows = self.client.query(sql, &parameters).await.map_err(failed)?;
        let texts = |row: &Row| (0..row.len()).map(|at| row.try_get(at)).collect::<Result<Vec<_>, _>>();
        rows.iter().map(texts).collect::<Result<Vec<_>, _>>().map_err(failed)
    }
}

const NO_PARAMETERS: [&(dyn ToSql + Sync); 0] = [];

fn options(settings: &Settings, password: &SecretString, is_encrypted: bool) -> Config {
    let mut options = Config::new();
    options
        .user(&settings.user)
        .password(password.expose_secret())
        .dbname(&settings.database)
        .application_name("Deskside")
        .channel_binding(ChannelBinding::Disable)
        .ssl_mode(if is_encrypted { SslMode::Require } else { SslMode::Disable });
    options
}

/// One snapshot, read only, in UTC, with numbers that have all their digits.
fn prepare_session(deadline: Duration) -> String {
    let deadline = deadline.as_millis().max(1);
    format!(
        "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
         SET LOCAL statement_timeout = {deadline};
         SET LOCAL idle_in_transaction_session_timeout = {deadline};
         SET LOCAL TimeZone = 'UTC';
         SET LOCAL DateStyle = 'ISO, YMD';
         SET LOCAL IntervalStyle = 'iso_8601';
         SET LOCAL extra_float_digits = 3"
    )
}

fn rejected(reason: &str) -> CallFailure {
    CallFailure::new(&POSTGRES, SELECT, FailureKind::Rejected).because(&[reason.to_owned()])
}

fn names(statement: &Statement) -> Result<Vec<String>, ReadError> {
    if !statement.params().is_empty() {
        return Err(rejected("the query has a parameter like `$1`; write the value itself").into());
    }
    let names: Vec<String> = statement.columns().iter().map(|column| column.name().to_owned()).collect();
    // How PostgreSQL names an expression.
    if let Some(at) = names.iter().position(|name| name == "?column?") {
        return Err(content(Content::EmptyName { position: at + 1 }));
    }
    column_names(&names).map_err(content)
}

fn content(content: Content) -> ReadError {
    ReadError::Content { vendor: &POSTGRES, content }
}

/// The query, with every column cast to what can be read.
fn select(sql: &str, readings: &[Reading], limit: Option<usize>) -> String {
    let sql = sql.trim_end().trim_end_matches(';');
    let expressions: Vec<_> =
        readings.iter().enumerate().map(|(at, reading)| reading.expression(&format!("c{at}"))).collect();
    let names: Vec<_> = (0..readings.len()).map(|at| format!("c{at}")).collect();
    let limit = limit.map_or(String::new(), |limit| format!(" LIMIT {limit}"));
    format!("SELECT {} FROM (\n{sql}\n) AS source({}){limit}", expressions.join(", "), names.join(", "))
}

/// What is being read, with all that must live as long.
struct Reader {
    rows: Pin<Box<RowStream>>,
    readings: Vec<Reading>,
    batcher: Batcher,
    deadline: Duration,
    wire: Wire,
    _client: Client,
}

impl Reader {
    fn batches(self) -> BoxStream<'static, Result<RowBatch, ReadError>> {
        stream::unfold(Some(self), |reader| async {
            let mut reader = reader?;
            match reader.next().await {
                Ok(Some((batch, false))) => Some((Ok(batch), Some(reader))),
                Ok(Some((batch, true))) => Some((Ok(batch), None)),
                Ok(None) => None,
                Err(error) => Some((Err(error), None)),
            }
        })
        .boxed()
    }

    /// The next batch, and whether it is the last.
    async fn next(&mut self) -> Result<Option<(RowBatch, bool)>, ReadError> {
        loop {
            let row = match self.rows.next().await {
                Some(Ok(row)) => row,
                Some(Err(error)) => return Err(self.failure(error)),
                // The driver ends only where the server said that the query is complete.
                None => return Ok(self.batcher.finish().map(|batch| (batch, true))),
            };
            let mut cells = Vec::with_capacity(self.readings.len());
            for (at, reading) in self.readings.iter().enumerate() {
                let raw = row.try_get(at).map_err(|error| of_postgres(SELECT, self.deadline, "", error))?;
                cells.push(reading.cell(raw));
            }
            if let Some(batch) = self.batcher.push(cells)? {
                return Ok(Some((batch, false)));
            }
        }
    }

    fn failure(&self, error: tokio_postgres::Error) -> ReadError {
        let refusal = self.wire.refusal(self.batcher.next_row());
        refusal.unwrap_or_else(|| of_postgres(SELECT, self.deadline, "", error).into())
    }
}

/// Wraps a connection in TLS, for the host's name.
struct Tls {
    config: Arc<ClientConfig>,
    name: ServerName<'static>,
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls").field("name", &self.name).finish_non_exhaustive()
    }
}

impl TlsConnect<Bounded<TcpStream>> for Tls {
    type Stream = Bounded<TlsStream<TcpStream>>;
    type Error = std::io::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Stream, Self::Error>> + Send>>;

    fn connect(self, stream: Bounded<TcpStream>) -> Self::Future {
        Box::pin(async move {
            let Bounded { stream, exceeded, .. } = stream;
            let stream = TlsConnector::from(self.config).connect(self.name, stream).await?;
            Ok(Bounded::new(stream, Some(ROW_LIMIT), exceeded))
        })
    }
}
