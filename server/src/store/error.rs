//! What a database can do to us: one variant per thing that somebody can do about it. The cause stays in `source`.

use std::io::ErrorKind;
use std::path::PathBuf;

use sqlx::migrate::MigrateError;

/// Why the store did not answer.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Caller: try again; another transaction holds the rows or the file.
    #[error("the database is busy; try again in a moment")]
    Busy(#[source] sqlx::Error),
    /// Operator: give the database's user, file or volume write permission.
    #[error("the database is read-only; give Deskside write permission")]
    ReadOnly(#[source] sqlx::Error),
    /// Operator: make room, or look at the volume.
    #[error("the database's disk is full or cannot be written; free some space, or check the volume")]
    Full(#[source] sqlx::Error),
    /// Caller: try again later. Operator: start the database, or correct `store.database_url`.
    #[error("the database cannot be reached; start it, or correct `store.database_url`")]
    Unavailable(#[source] sqlx::Error),
    /// Operator: put the file back, or restart Deskside with the new one. What was written meanwhile would be lost.
    #[error(
        "the database's file {} was deleted or replaced while Deskside was running; put it back, or restart Deskside",
        .0.display()
    )]
    FileGone(PathBuf),
    /// Operator: correct `store.database_url`.
    #[error("`store.database_url` is not a valid database address: {0}; use sqlite:<file> or postgres://…")]
    Address(&'static str),
    /// Operator: start the server, which makes it, or correct `store.database_url`.
    #[error("there is no database at {}; run `deskside migrate` or `deskside serve`, which make it, or correct `store.database_url`", .0.display())]
    Absent(PathBuf),
    /// Operator: run `deskside migrate`.
    #[error(
        "{}, and this Deskside needs version {known}; run `deskside migrate`, or start `deskside serve`",
        found.map_or_else(
            || "the database has no schema of Deskside".to_owned(),
            |found| format!("the database's schema has version {found}"),
        )
    )]
    Older {
        /// The version that the database has.
        found: Option<i64>,
        /// The version that this binary needs.
        known: i64,
    },
    /// Operator: run the version of Deskside that the database was migrated by, or a newer one.
    #[error(
        "the database's schema (version {found}) is newer than this Deskside (version {known}); run the newer one"
    )]
    Newer {
        /// The version that the database has.
        found: i64,
        /// The newest version that this binary knows.
        known: i64,
    },
    /// Operator: restore the database or ask the makers; a step towards this binary's schema failed.
    #[error("the database's schema could not be brought to version {version}")]
    Migration {
        /// The step that failed.
        version: i64,
        /// What the database said.
        #[source]
        cause: Box<MigrateError>,
    },
    /// Operator: add the key again; without it, set `server.secret_key`, and agents begin anew. Nothing is overwritten.
    #[error(
        "`{name}` in the database is encrypted with the seal key `{id}`, which `server.seal_keys` does not have; add it \
         again, or set `server.secret_key`, which is used instead: agents then reload, and older links stop working"
    )]
    SealKeyMissing {
        /// What is encrypted.
        name: String,
        /// The key's id.
        id: String,
    },
    /// Operator: the same.
    #[error(
        "`{name}` in the database does not open with the seal key `{id}`; put that id's right key into `server.seal_keys`, \
         restore the database, or set `server.secret_key`, which is used instead: agents then reload, and older links stop \
         working"
    )]
    SealKeyWrong {
        /// What is encrypted.
        name: String,
        /// The key's id.
        id: String,
    },
    /// Operator: make a key.
    #[error(
        "`server.seal_keys` is not set, so no secret can be kept in the database; set it to `k1:` and the output of \
         `openssl rand -base64 32`"
    )]
    NoSealKey,
    /// Operator: run `deskside migrate`.
    #[error("the database's schema is missing or older than this Deskside; run `deskside migrate`")]
    Schema(#[source] sqlx::Error),
    /// Support: a row says what no version of Deskside writes, or the file is damaged.
    #[error(
        "the database holds something that cannot be read ({what}); restore it from a backup or ask support"
    )]
    Corrupt {
        /// Which thing.
        what: &'static str,
        /// What the database said, if it did.
        #[source]
        cause: Option<sqlx::Error>,
    },
    /// Support: a statement was refused; a defect of Deskside, or of a value that it was given.
    #[error("the database refused a statement")]
    Refused(#[source] sqlx::Error),
}

impl StoreError {
    /// A row that no version of Deskside writes.
    pub const fn corrupt(what: &'static str) -> Self {
        Self::Corrupt { what, cause: None }
    }

    /// Whether the same call may succeed later without anybody's help.
    pub const fn is_transient(&self) -> bool {
        matches!(
            self,
            Self::Busy(_) | Self::Full(_) | Self::ReadOnly(_) | Self::Unavailable(_) | Self::FileGone(_)
        )
    }

    /// Not gone, but busy: our own writers stand in line for SQLite's single connection.
    pub(super) fn of_the_one_writer(self) -> Self {
        match self {
            Self::Unavailable(cause @ sqlx::Error::PoolTimedOut) => Self::Busy(cause),
            other => other,
        }
    }

    pub(super) fn of_migration(error: MigrateError, known: i64) -> Self {
        match error {
            MigrateError::Execute(cause) => cause.into(),
            MigrateError::VersionMissing(found) => Self::Newer { found, known },
            MigrateError::ExecuteMigration(cause, version) => match Self::from(cause) {
                Self::Refused(cause) | Self::Schema(cause) => Self::Migration {
                    version,
                    cause: Box::new(MigrateError::ExecuteMigration(cause, version)),
                },
                environment => environment,
            },
            MigrateError::VersionMismatch(version) | MigrateError::Dirty(version) => {
                Self::Migration { version, cause: Box::new(error) }
            }
            other => Self::Migration { version: known, cause: Box::new(other) },
        }
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        use sqlx::Error as E;
        match &error {
            E::Database(cause) => match classify(cause.as_ref()) {
                Class::Busy => Self::Busy(error),
                Class::ReadOnly => Self::ReadOnly(error),
                Class::Full => Self::Full(error),
                Class::Unavailable => Self::Unavailable(error),
                Class::Corrupt => Self::Corrupt { what: "the file is damaged", cause: Some(error) },
                Class::Schema => Self::Schema(error),
                Class::Refused => Self::Refused(error),
            },
            E::Io(cause) if cause.kind() == ErrorKind::StorageFull => Self::Full(error),
            E::PoolTimedOut
            | E::PoolClosed
            | E::WorkerCrashed
            | E::BeginFailed
            | E::InvalidSavePointStatement
            | E::Io(_)
            | E::Tls(_)
            | E::Protocol(_) => Self::Unavailable(error),
            E::Configuration(_) => Self::Address("it cannot be parsed"),
            E::ColumnDecode { .. } | E::Decode(_) | E::RowNotFound => {
                Self::Corrupt { what: "a column of a wrong type", cause: Some(error) }
            }
            _ => Self::Refused(error),
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Class {
    Busy,
    ReadOnly,
    Full,
    Unavailable,
    Corrupt,
    Schema,
    Refused,
}

fn classify(error: &dyn sqlx::error::DatabaseError) -> Class {
    let Some(code) = error.code() else { return Class::Refused };
    if let Some(sqlite) = error.try_downcast_ref::<sqlx::sqlite::SqliteError>() {
        let extended: i32 = code.parse().unwrap_or_default();
        return of_sqlite(extended, sqlx::error::DatabaseError::message(sqlite));
    }
    of_postgres(&code)
}

/// By primary result code (the low byte), except where a write failed: there SQLite says "full" only of a database's own
/// pages, not of a quota, of a file that may not grow, or of the shared memory beside it. <https://www.sqlite.org/rescode.html>.
fn of_sqlite(extended: i32, message: &str) -> Class {
    const WRITE: i32 = 778;
    const FSYNC: i32 = 1034;
    const TRUNCATE: i32 = 1546;
    const SHM_SIZE: i32 = 4874;
    const SHM_MAP: i32 = 5386;
    match extended & 0xff {
        _ if matches!(extended, WRITE | FSYNC | TRUNCATE | SHM_SIZE | SHM_MAP) => Class::Full,
        5 | 6 => Class::Busy,
        8 => Class::ReadOnly,
        13 => Class::Full,
        10 | 14 => Class::Unavailable,
        11 | 26 => Class::Corrupt,
        1 if message.starts_with("no such table") || message.starts_with("no such column") => Class::Schema,
        _ => Class::Refused,
    }
}

/// By SQLSTATE: <https://www.postgresql.org/docs/current/errcodes-appendix.html>.
fn of_postgres(code: &str) -> Class {
    match code {
        "25006" => Class::ReadOnly,
        "53100" => Class::Full,
        "40P01" | "55P03" | "57014" => Class::Busy,
        "42P01" | "42703" => Class::Schema,
        "XX001" | "XX002" | "58P01" => Class::Corrupt, // data, index, a file of its own
        // No such database, closed to connections, ended by a time-out of its own, an error of its disk.
        "3D000" | "55000" | "25P02" | "25P03" | "25P04" | "58030" => Class::Unavailable,
        _ if code.starts_with("40") => Class::Busy,
        // Out of memory or connections; shutting down; a broken connection; credentials; a defect of its own.
        _ if ["53", "57P", "08", "28", "XX"].iter().any(|class| code.starts_with(class)) => {
            Class::Unavailable
        }
        _ => Class::Refused,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn sqlite(code: i32, message: &str, expected: &Class) {
        assert_eq!(&of_sqlite(code, message), expected, "{code} {message}");
    }

    #[test]
    fn sqlite_says_what_to_do() {
        sqlite(5, "database is locked", &Class::Busy);
        sqlite(517, "database is locked", &Class::Busy); // SQLITE_BUSY_SNAPSHOT
        sqlite(262, "database table is locked", &Class::Busy); // SQLITE_LOCKED_SHAREDCACHE
        sqlite(1032, "attempt to write a readonly database", &Class::ReadOnly); // SQLITE_READONLY_DBMOVED
        sqlite(13, "database or disk is full", &Class::Full);
        sqlite(14, "unable to open database file", &Class::Unavailable);
        sqlite(266, "disk I/O error", &Class::Unavailable); // SQLITE_IOERR_READ
        sqlite(778, "disk I/O error", &Class::Full); // SQLITE_IOERR_WRITE: a quota, for example
        sqlite(4874, "disk I/O error", &Class::Full); // SQLITE_IOERR_SHMSIZE
        sqlite(11, "database disk image is malformed", &Class::Corrupt);
        sqlite(26, "file is not a database", &Class::Corrupt);
        sqlite(1, "no such table: jobs", &Class::Schema);
        sqlite(1, "near \"SELEC\": syntax error", &Class::Refused);
        sqlite(1811, "the ledger is append-only", &Class::Refused); // SQLITE_CONSTRAINT_TRIGGER
    }

    #[test]
    fn postgres_says_what_to_do() {
        for (code, expected) in [
            ("25006", Class::ReadOnly),
            ("53100", Class::Full),
            ("53200", Class::Unavailable),
            ("53300", Class::Unavailable),
            ("40001", Class::Busy),
            ("40P01", Class::Busy),
            ("55P03", Class::Busy),
            ("25P02", Class::Unavailable),
            ("25P03", Class::Unavailable),
            ("58030", Class::Unavailable),
            ("57P01", Class::Unavailable),
            ("57P03", Class::Unavailable),
            ("08006", Class::Unavailable),
            ("28P01", Class::Unavailable),
            ("3D000", Class::Unavailable),
            ("42P01", Class::Schema),
            ("XX001", Class::Corrupt),
            ("23505", Class::Refused),
        ] {
            assert_eq!(of_postgres(code), expected, "{code}");
        }
    }
}
