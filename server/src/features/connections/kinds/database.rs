//! Kinds `mysql` and `postgres`: a database that Deskside reads. Settings `{host, port, database, user, tls}`, secret
//! `{password}`.

use std::time::Duration;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::{Candidate, Fields, KeptKind, Tested, read, read_secret, text};
use crate::{
    connectors::sql::{self, Dialect, Outcome, SqlSource},
    features::connections::{ConnectionError, Connections, Source, Step},
    store::connections::Identity,
};

/// A database; what differs between the two.
pub(in crate::features::connections) struct DatabaseKind {
    port: u16,
    dialect: Dialect,
}

/// `MySQL` and `MariaDB`.
pub(in crate::features::connections) static MYSQL: DatabaseKind =
    DatabaseKind { port: 3306, dialect: Dialect::MySql };
/// `PostgreSQL`.
pub(in crate::features::connections) static POSTGRES: DatabaseKind =
    DatabaseKind { port: 5432, dialect: Dialect::Postgres };
/// How long one query may take.
const QUERY_TIMEOUT: Duration = Duration::from_hours(1);

impl DatabaseKind {
    /// The database, read with one SELECT at a time.
    fn rows(&self, candidate: &Candidate<'_>) -> Result<SqlSource, ConnectionError> {
        let mut settings: sql::Settings = read(candidate.settings, SETTINGS)?;
        settings.port.get_or_insert(self.port);
        let secret: sql::Secret = read_secret(candidate.secret, SECRET)?;
        let net = candidate.connections.net.clone();
        Ok(SqlSource::new(self.dialect, settings, secret.password, net, QUERY_TIMEOUT))
    }
}

const SETTINGS: &str = r#"like {"host": "db.acme.example", "database": "service", "user": "deskside"}"#;
const SECRET: &str = r#"like {"password": "…"}"#;

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    host: String,
    #[serde(default)]
    port: Port,
    database: String,
    user: String,
    #[serde(default)]
    tls: Tls,
    /// PEM: certificate authorities that are trusted beside the public ones.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    ca: String,
}

/// As a number, or as a form has it; empty: the usual one.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(untagged)]
enum Port {
    Number(u16),
    Text(String),
    #[default]
    Usual,
}

/// How the connection is encrypted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Tls {
    /// With a certificate of a known authority that names the host.
    #[default]
    VerifyFull,
    /// Encrypted; any certificate is taken.
    Require,
    /// Not encrypted.
    Disable,
}

impl Settings {
    fn port(&self, kind: &DatabaseKind) -> Result<u16, ConnectionError> {
        match &self.port {
            Port::Number(port) if *port > 0 => Ok(*port),
            Port::Usual => Ok(kind.port),
            Port::Text(text) if text.trim().is_empty() => Ok(kind.port),
            Port::Text(text) => text.trim().parse().ok().filter(|port| *port > 0).ok_or_else(wrong_port),
            Port::Number(_) => Err(wrong_port()),
        }
    }
}

fn wrong_port() -> ConnectionError {
    ConnectionError::invalid("port", "must be a whole number from 1 to 65535")
}

#[async_trait]
impl KeptKind for DatabaseKind {
    fn settings(&self, typed: &str, _: &str, _: &Connections) -> Result<String, ConnectionError> {
        let settings: Settings = read(typed, SETTINGS)?;
        let typed = text("host", &settings.host, "db.acme.example")?;
        let host = sql::Settings::host_of(&typed).ok_or_else(|| {
            let why =
                "must be a host name or an address, like db.acme.example; the port has a field of its own";
            ConnectionError::invalid("host", why)
        })?;
        let settings = Settings {
            port: Port::Number(settings.port(self)?),
            database: text("database", &settings.database, "service")?,
            user: text("user", &settings.user, "deskside")?,
            tls: settings.tls,
            ca: settings.ca.trim().to_owned(),
            host: host.to_owned(),
        };
        Ok(serde_json::to_string(&settings).expect("texts and a number are JSON"))
    }

    fn check_secret(&self, _: &str, secret: &[u8]) -> Result<(), ConnectionError> {
        read_secret::<sql::Secret>(secret, SECRET).map(drop)
    }

    /// Finds the server, signs in, and looks at what the user may do.
    async fn test(&self, candidate: &Candidate<'_>) -> Result<Tested, ConnectionError> {
        let mut tested = Tested::default();
        for sql::Step { name, outcome } in self.rows(candidate)?.test().await {
            match outcome {
                Outcome::Passed(found) => tested.steps.push(Step::ok(name, found)),
                Outcome::Warning(found) => {
                    let (message, hint) =
                        found.split_once("; ").unwrap_or((&found, "use a user that may only read"));
                    tested.steps.push(Step { hint: Some(hint.to_owned()), ..Step::ok(name, message) });
                }
                Outcome::Failed(failure) => tested.call_failed(candidate, name, &failure).await?,
            }
        }
        Ok(tested)
    }

    fn source(&self, candidate: &Candidate<'_>) -> Result<Source, ConnectionError> {
        Ok(Source::Database(self.rows(candidate)?))
    }

    fn address(&self, settings: &Fields) -> String {
        format!("{}/{}", settings.text("host"), settings.text("database"))
    }

    fn place(&self, settings: &Fields, _: &Identity) -> String {
        let host = settings.host().unwrap_or_default();
        format!("{}://{host}/{}", self.dialect.vendor().id, settings.text("database"))
    }
}
