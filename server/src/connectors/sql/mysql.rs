//! A session of MySQL or MariaDB. Docs: <https://dev.mysql.com/doc/refman/8.4/en/commit.html>,
//! <https://mariadb.com/kb/en/start-transaction/>. Rows come in the binary protocol, one packet each, and are never all in memory.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use futures::stream::{self, BoxStream};
use mysql_async::prelude::{Query, Queryable, WithParams};
use mysql_async::{
    Column as MySqlColumn, Conn, DriverError, Error, IoError, Opts, OptsBuilder, Row, SslOpts, Statement,
};
use secrecy::{ExposeSecret, SecretString};

use super::error::{self, MYSQL, of_mysql};
use super::mysql_cells::{cell, column};
use super::settings::{Settings, TlsMode};
use super::{CONNECT, SELECT, tls};
use crate::connectors::CallFailure;
use crate::connectors::cells::{Batcher, ROW_LIMIT, column_names};
use crate::connectors::rows::{Content, Oddities, ReadError, RowBatch, Rows};

/// The server waits so long for a client that reads slowly: staging may be busy with another batch.
const WRITE_TIMEOUT_S: u32 = 600;

/// Signed in, in a read-only snapshot.
pub(super) struct Session {
    connection: Conn,
    deadline: Duration,
}

impl Session {
    pub(super) async fn connect(
        settings: &Settings,
        password: &SecretString,
        addresses: &[SocketAddr],
        deadline: Duration,
    ) -> Result<Self, CallFailure> {
        let options = options(settings, password, addresses)
            .map_err(|sentence| error::misconfigured(&MYSQL, CONNECT, sentence))?;
        let failed = |error| of_mysql(CONNECT, deadline, error);
        let mut connection = Conn::new(options).await.map_err(failed)?;
        for (statement, is_needed) in prepare_session(&mut connection, deadline).await.map_err(failed)? {
            match connection.query_drop(statement).await {
                Err(Error::Server(_)) if !is_needed => {}
                done => done.map_err(failed)?,
            }
        }
        Ok(Self { connection, deadline })
    }

    pub(super) async fn rows(mut self, sql: &str, limit: Option<usize>) -> Result<Rows, ReadError> {
        let deadline = self.deadline;
        let failed = |error| of_mysql(SELECT, deadline, error);
        if let Some(limit) = limit {
            let statement = format!("SET SESSION sql_select_limit = {limit}");
            self.connection.query_drop(statement).await.map_err(failed)?;
        }
        let statement = self.connection.prep(sql).await.map_err(failed)?;
        let columns = columns(&statement)?;
        let source = statement.columns();
        let rows = statement.with(()).run(self.connection).await.map_err(failed)?;
        let rows = rows.stream_and_drop::<Row>().await.map_err(failed)?;
        let oddities = Oddities::default();
        let batcher = Batcher::new(&MYSQL, columns.clone(), oddities.clone());
        let stream = match rows {
            Some(rows) => batches(rows.boxed(), source, batcher, deadline),
            None => stream::empty().boxed(),
        };
        Ok(Rows { columns, batches: stream, oddities, notes: Vec::new() })
    }

    pub(super) async fn texts(
        &mut self,
        sql: &'static str,
        parameters: &[&str],
    ) -> Result<Vec<Vec<Option<String>>>, CallFailure> {
        let parameters: Vec<mysql_async::Value> = parameters.iter().map(|text| (*text).into()).collect();
        let rows: Result<Vec<Row>, _> = if parameters.is_empty() {
            // `SHOW` cannot be prepared everywhere.
            self.connection.query(sql).await
        } else {
            self.connection.exec(sql, parameters).await
        };
        let rows = rows.map_err(|error| of_mysql("information_schema", self.deadline, error))?;
        Ok(rows.into_iter().map(|row| row.unwrap().into_iter().map(text_of).collect()).collect())
    }
}

fn options(settings: &Settings, password: &SecretString, addresses: &[SocketAddr]) -> Result<Opts, String> {
    let tls = match settings.tls {
        TlsMode::Disable => None,
        TlsMode::Require => Some(SslOpts::default().with_danger_accept_invalid_certs(true)),
        TlsMode::VerifyFull => {
            let own = tls::own_authorities(settings)?;
            let own = own.into_iter().map(|certificate| certificate.to_vec().into()).collect();
            Some(SslOpts::default().with_root_certs(own))
        }
    };
    let port = addresses.first().map_or(0, SocketAddr::port);
    let ips: Vec<_> = addresses.iter().map(SocketAddr::ip).collect();
    let options = OptsBuilder::default()
        .ip_or_hostname(&settings.host)
        .tcp_port(port)
        .resolved_ips(Some(ips))
        .user(Some(&settings.user))
        .pass(Some(password.expose_secret()))
        .db_name(Some(&settings.database))
        .ssl_opts(tls)
        .prefer_socket(false)
        .stmt_cache_size(0)
        // With both given, the driver asks the server nothing.
        .max_allowed_packet(Some(ROW_LIMIT))
        .wait_timeout(Some(28_800));
    Ok(options.into())
}

/// What makes a session read one snapshot, in UTC, and end in time; and whether that is needed: old servers and those that only
/// speak the protocol lack some variables. MySQL and MariaDB name the deadline differently.
async fn prepare_session(connection: &mut Conn, deadline: Duration) -> Result<Vec<(String, bool)>, Error> {
    let version: Option<String> = connection.query_first("SELECT VERSION()").await?;
    let deadline = if version.is_some_and(|version| version.contains("MariaDB")) {
        format!("max_statement_time = {}", deadline.as_secs().max(1))
    } else {
        format!("max_execution_time = {}", deadline.as_millis().max(1))
    };
    Ok(vec![
        (format!("SET SESSION {deadline}"), false),
        (format!("SET SESSION net_write_timeout = {WRITE_TIMEOUT_S}"), false),
        ("SET SESSION sql_select_limit = DEFAULT".to_owned(), false),
        ("SET SESSION time_zone = '+00:00'".to_owned(), true),
        ("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ".to_owned(), true),
        ("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY".to_owned(), true),
    ])
}

fn columns(statement: &Statement) -> Result<Vec<engine::Column>, ReadError> {
    if statement.num_params() > 0 {
        let reason = "the query has a `?` or a `:name` outside of quotes; write the value itself";
        let failure = CallFailure::new(&MYSQL, SELECT, crate::connectors::FailureKind::Rejected);
        return Err(failure.because(&[reason.to_owned()]).into());
    }
    let names: Vec<String> =
        statement.columns().iter().map(|column| column.name_str().into_owned()).collect();
    let names = column_names(&names).map_err(|content| ReadError::Content { vendor: &MYSQL, content })?;
    Ok(names.into_iter().zip(statement.columns().iter()).map(|(name, of)| column(name, of)).collect())
}

/// Ends with the first error; the driver ends only where the server said that there are no more rows.
fn batches(
    rows: BoxStream<'static, Result<Row, Error>>,
    source: Arc<[MySqlColumn]>,
    batcher: Batcher,
    deadline: Duration,
) -> BoxStream<'static, Result<RowBatch, ReadError>> {
    let next = move |state: Option<(BoxStream<'static, Result<Row, Error>>, Batcher)>| {
        let source = source.clone();
        async move {
            let (mut rows, mut batcher) = state?;
            loop {
                let row = match rows.next().await {
                    Some(Ok(row)) => row,
                    Some(Err(error)) => return Some((Err(failure(error, &batcher, deadline)), None)),
                    None => return batcher.finish().map(|batch| (Ok(batch), None)),
                };
                let cells = row.unwrap().into_iter().zip(source.iter()).map(|(value, of)| cell(value, of));
                match batcher.push(cells) {
                    Ok(Some(batch)) => return Some((Ok(batch), Some((rows, batcher)))),
                    Ok(None) => {}
                    Err(error) => return Some((Err(error), None)),
                }
            }
        }
    };
    stream::unfold(Some((rows, batcher)), next).boxed()
}

fn failure(error: Error, batcher: &Batcher, deadline: Duration) -> ReadError {
    if is_too_large(&error) {
        let content = Content::RowTooLarge { row: batcher.next_row(), limit: ROW_LIMIT };
        return ReadError::Content { vendor: &MYSQL, content };
    }
    of_mysql(SELECT, deadline, error).into()
}

/// The driver has a variant for this; its codec hides the same in an I/O error.
fn is_too_large(error: &Error) -> bool {
    match error {
        Error::Driver(DriverError::PacketTooLarge) => true,
        Error::Io(IoError::Io(cause)) => {
            cause.get_ref().is_some_and(|cause| cause.to_string().contains("max_allowed_packet"))
        }
        _ => false,
    }
}

fn text_of(value: mysql_async::Value) -> Option<String> {
    match value {
        mysql_async::Value::NULL => None,
        mysql_async::Value::Bytes(bytes) => Some(String::from_utf8_lossy(&bytes).into_owned()),
        mysql_async::Value::Int(number) => Some(number.to_string()),
        mysql_async::Value::UInt(number) => Some(number.to_string()),
        other => Some(other.as_sql(true)),
    }
}
