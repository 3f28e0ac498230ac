//! What a database refuses, by what somebody can do about it. **Invariant:** no values and no passwords: a server's own words are
//! passed on only where they speak of the query itself.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use mysql_async::{DriverError, Error as MySqlError, IoError, ServerError};
use tokio_postgres::error::{DbError, ErrorPosition};
use wire::ErrorCode;

use super::tls;
use crate::connectors::{CallFailure, FailureKind, Vendor, VendorSettings};

pub(super) static MYSQL: Vendor = vendor("mysql", "MySQL");
pub(super) static POSTGRES: Vendor = vendor("postgres", "PostgreSQL");

const fn vendor(id: &'static str, name: &'static str) -> Vendor {
    Vendor {
        id,
        name,
        credentials: "`user` or the password of the connection",
        oauth_client: "",
        forbidden: "let its administrator grant SELECT to the connection's user",
        not_found: "",
        settings: VendorSettings {
            credentials: "`user` and the password of the connection",
            permission: "the grants of the connection's user",
            allowed_hosts: "`net.allow_private`, or change `host` of the connection",
            address: "`host` and `port` of the connection",
        },
        code: |_| ErrorCode::SourceUnreadable,
    }
}

const NO_DATABASE: &str = "there is no such database; correct `database` of the connection";
const ADDRESS_REFUSED: &str =
    "the server does not accept this user from our address; its administrator must allow it";
const NEEDS_TLS: &str =
    "the server wants encryption; set `tls` of the connection to `verify-full` or `require`";
const NO_TLS: &str = "the server does not offer TLS; its administrator must switch it on, or set `tls` of the connection to `disable`";
const WRITES: &str = "the query writes, and only reading is allowed; write one SELECT";

/// A read that took longer than it may.
pub(super) fn too_slow(vendor: &'static Vendor, deadline: Duration) -> CallFailure {
    let seconds = deadline.as_secs();
    CallFailure::too_slow(
        vendor,
        super::SELECT,
        &format!(
            "the query ran for more than {seconds} s; select fewer rows, or let the database prepare them"
        ),
    )
}

/// The server is gone, or says that it goes.
fn unavailable(vendor: &'static Vendor, call: &'static str, what: &str) -> CallFailure {
    let sentence = format!("{} {what}", vendor.name);
    CallFailure::saying(vendor, call, FailureKind::Unavailable, sentence)
}

fn rejected(vendor: &'static Vendor, call: &'static str, reason: String) -> CallFailure {
    CallFailure::new(vendor, call, FailureKind::Rejected).because(&[reason])
}

/// Somebody must correct the connection.
pub(super) fn misconfigured(
    vendor: &'static Vendor,
    call: &'static str,
    sentence: impl Into<String>,
) -> CallFailure {
    CallFailure::saying(vendor, call, FailureKind::Credentials, sentence.into())
}

/// What MySQL or its driver says.
pub(super) fn of_mysql(call: &'static str, deadline: Duration, error: MySqlError) -> CallFailure {
    let vendor = &MYSQL;
    if let Some(sentence) = tls::refusal(&error) {
        return misconfigured(vendor, call, sentence);
    }
    match error {
        MySqlError::Server(error) => of_mysql_server(call, deadline, &error),
        MySqlError::Driver(DriverError::ConnectionClosed) => {
            unavailable(vendor, call, "closed the connection")
        }
        MySqlError::Io(IoError::Io(cause)) => {
            CallFailure::new(vendor, call, FailureKind::Unavailable).caused(Arc::new(cause))
        }
        MySqlError::Driver(DriverError::NoClientSslFlagFromServer) => misconfigured(vendor, call, NO_TLS),
        MySqlError::Driver(DriverError::LocalInfile(_)) => {
            rejected(vendor, call, "it asked for a file of this machine, which is never sent".to_owned())
        }
        MySqlError::Driver(DriverError::UnknownAuthPlugin { .. } | DriverError::MysqlOldPasswordDisabled) => {
            let sentence = "the user signs in by a plug-in that is not supported; let its administrator use \
                            caching_sha2_password or mysql_native_password";
            misconfigured(vendor, call, sentence)
        }
        MySqlError::Driver(DriverError::CleartextPluginDisabled) => {
            let sentence = "the server wants the password in clear text, which is never sent; use another sign-in plug-in";
            misconfigured(vendor, call, sentence)
        }
        MySqlError::Driver(_) | MySqlError::Io(_) | MySqlError::Other(_) | MySqlError::Url(_) => {
            CallFailure::new(vendor, call, FailureKind::Unreadable)
        }
    }
}

/// Codes: <https://dev.mysql.com/doc/mysql-errors/8.4/en/server-error-reference.html>,
/// <https://mariadb.com/kb/en/mariadb-error-code-reference/>.
fn of_mysql_server(call: &'static str, deadline: Duration, error: &ServerError) -> CallFailure {
    let vendor = &MYSQL;
    match error.code {
        // The same code stands for a privilege like FILE once somebody is signed in.
        1045 if call == super::SELECT => CallFailure::new(vendor, call, FailureKind::Forbidden),
        1045 | 1698 | 1862 | 4151 => CallFailure::new(vendor, call, FailureKind::Credentials),
        1044 | 1142 | 1143 | 1227 | 1370 => CallFailure::new(vendor, call, FailureKind::Forbidden),
        1129 | 1130 => misconfigured(vendor, call, ADDRESS_REFUSED),
        3159 => misconfigured(vendor, call, NEEDS_TLS),
        1049 => misconfigured(vendor, call, NO_DATABASE),
        1040 | 1203 | 1226 => unavailable(vendor, call, "has no free connection for this user"),
        1053 | 1080 | 1152 | 1158..=1161 | 1184 | 1317 | 1927 => {
            unavailable(vendor, call, "ended the query in the middle")
        }
        1205 | 1213 | 1412 => unavailable(vendor, call, "was changed by someone else in the middle"),
        1969 | 3024 => too_slow(vendor, deadline),
        1792 => rejected(vendor, call, WRITES.to_owned()),
        // The server quotes the query behind "near", and its place at the end.
        1064 | 1149 => {
            let place = error.message.rsplit_once(" at line ").map(|(_, line)| format!(" in line {line}"));
            rejected(vendor, call, format!("the query is not valid SQL{}", place.unwrap_or_default()))
        }
        // They name a table, a column, a function or a clause of the query.
        1046
        | 1051..=1056
        | 1066
        | 1091
        | 1103
        | 1109
        | 1140
        | 1146
        | 1222
        | 1235
        | 1241
        | 1247
        | 1248
        | 1305
        | 1356 => rejected(vendor, call, error.message.clone()),
        code => rejected(vendor, call, format!("error {code} ({})", error.state)),
    }
}

/// What PostgreSQL or its driver says.
pub(super) fn of_postgres(
    call: &'static str,
    deadline: Duration,
    sql: &str,
    error: tokio_postgres::Error,
) -> CallFailure {
    let vendor = &POSTGRES;
    if let Some(sentence) = tls::refusal(&error) {
        return misconfigured(vendor, call, sentence);
    }
    if let Some(refused) = error.as_db_error() {
        return of_postgres_server(call, deadline, sql, refused);
    }
    let cause = error.source().map(ToString::to_string).unwrap_or_default();
    if cause.contains("does not support TLS") {
        return misconfigured(vendor, call, NO_TLS);
    }
    if error.is_closed() {
        return unavailable(vendor, call, "closed the connection");
    }
    match error.into_source().and_then(|source| source.downcast::<std::io::Error>().ok()) {
        Some(cause) => CallFailure::new(vendor, call, FailureKind::Unavailable).caused(Arc::new(*cause)),
        None => CallFailure::new(vendor, call, FailureKind::Unreadable),
    }
}

/// Codes: <https://www.postgresql.org/docs/current/errcodes-appendix.html>.
fn of_postgres_server(call: &'static str, deadline: Duration, sql: &str, error: &DbError) -> CallFailure {
    let (vendor, code) = (&POSTGRES, error.code().code());
    match code {
        "28P01" => CallFailure::new(vendor, call, FailureKind::Credentials),
        // PostgreSQL's words name the address, the user and whether it is encrypted; ours say what to do.
        "28000" if error.message().contains("no encryption") => misconfigured(
            vendor,
            call,
            "the server does not accept this user from our address without encryption; set `tls` of the connection to \
             `verify-full` or `require`, or let its administrator allow it in pg_hba.conf",
        ),
        "28000" => misconfigured(vendor, call, ADDRESS_REFUSED),
        "3D000" => misconfigured(vendor, call, NO_DATABASE),
        "42501" => CallFailure::new(vendor, call, FailureKind::Forbidden),
        "25006" => rejected(vendor, call, WRITES.to_owned()),
        "53300" => unavailable(vendor, call, "has no free connection for this user"),
        "57014" if error.message().contains("statement timeout") => too_slow(vendor, deadline),
        "40001" => unavailable(vendor, call, "ended the query, because a replica could not wait for it"),
        _ if code.starts_with("57") || code.starts_with("08") => {
            unavailable(vendor, call, "ended the query in the middle")
        }
        _ if code.starts_with("40") || code.starts_with("53") || code.starts_with("55") => {
            unavailable(vendor, call, "cannot run the query at this moment")
        }
        // They name a table, a column, a type, a function or a clause of the query.
        _ if code.starts_with("42") || code.starts_with("0A") || code.starts_with("3F") => {
            let place = error.position().and_then(|position| place_of(position, sql));
            rejected(vendor, call, format!("{}{}", error.message(), place.unwrap_or_default()))
        }
        _ => rejected(vendor, call, format!("error {code}")),
    }
}

/// PostgreSQL counts characters from 1.
fn place_of(position: &ErrorPosition, sql: &str) -> Option<String> {
    let ErrorPosition::Original(position) = position else { return None };
    let before: String = sql.chars().take(usize::try_from(*position).ok()?.checked_sub(1)?).collect();
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().map_or(0, |line| line.chars().count()) + 1;
    Some(format!(" in line {line}, column {column}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_in_a_query_is_told_by_line_and_column() {
        let check = |position, sql, expected: &str| {
            assert_eq!(place_of(&ErrorPosition::Original(position), sql).as_deref(), Some(expected));
        };
        check(1, "SELEC 1", " in line 1, column 1");
        check(10, "SELECT ä,\n  x", " in line 1, column 10");
        check(13, "SELECT ä,\n  x", " in line 2, column 3");
    }

    #[test]
    fn mysql_is_quoted_only_where_it_speaks_of_the_query() {
        let check = |code, message: &str, expected: &str| {
            let error = ServerError { code, message: message.to_owned(), state: "HY000".to_owned() };
            let call = if code == 1045 { super::super::CONNECT } else { super::super::SELECT };
            let failure = of_mysql(call, Duration::from_mins(1), MySqlError::Server(error));
            assert_eq!(failure.to_string(), expected);
        };
        check(
            1054,
            "Unknown column 'emial' in 'field list'",
            "MySQL refused `SELECT`: Unknown column 'emial' in 'field list'",
        );
        check(
            1064,
            "You have an error in your SQL syntax; check … near ''ann@acme.example' x' at line 3",
            "MySQL refused `SELECT`: the query is not valid SQL in line 3",
        );
        check(
            1292,
            "Truncated incorrect DOUBLE value: 'ann@acme.example'",
            "MySQL refused `SELECT`: error 1292 (HY000)",
        );
        check(
            1045,
            "Access denied for user 'reader'@'10.0.0.1' (using password: YES)",
            "MySQL rejected `user` or the password of the connection (`connect to the database server`)",
        );
        check(1317, "Query execution was interrupted", "MySQL ended the query in the middle (`SELECT`)");
        check(
            3024,
            "Query execution was interrupted, maximum statement execution time exceeded",
            "MySQL: `SELECT` took too long: the query ran for more than 60 s; select fewer rows, or let the database prepare them",
        );
    }
}
