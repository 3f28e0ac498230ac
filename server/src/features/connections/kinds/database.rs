//! Kinds `mysql` and `postgres`: a database that Deskside reads. Settings `{host, port, database, user, tls}`, secret
//! `{password}`.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Candidate, Tested, read, read_secret, text};
use crate::{
    connectors::sql::{self, Dialect, Outcome, SqlSource},
    features::connections::{ConnectionError, Step},
};

/// What differs between the two.
#[derive(Debug, Clone, Copy)]
pub(super) struct Engine {
    port: u16,
    dialect: Dialect,
}

/// `MySQL` and `MariaDB`.
pub(super) const MYSQL: Engine = Engine { port: 3306, dialect: Dialect::MySql };
/// `PostgreSQL`.
pub(super) const POSTGRES: Engine = Engine { port: 5432, dialect: Dialect::Postgres };

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
    fn port(&self, engine: Engine) -> Result<u16, ConnectionError> {
        match &self.port {
            Port::Number(port) if *port > 0 => Ok(*port),
            Port::Usual => Ok(engine.port),
            Port::Text(text) if text.trim().is_empty() => Ok(engine.port),
            Port::Text(text) => text.trim().parse().ok().filter(|port| *port > 0).ok_or_else(wrong_port),
            Port::Number(_) => Err(wrong_port()),
        }
    }
}

fn wrong_port() -> ConnectionError {
    ConnectionError::invalid("port", "must be a whole number from 1 to 65535")
}

/// As they are kept.
pub(super) fn settings(kept: &str, engine: Engine) -> Result<String, ConnectionError> {
    let settings: Settings = read(kept, SETTINGS)?;
    let typed = text("host", &settings.host, "db.acme.example")?;
    let host = sql::Settings::host_of(&typed).ok_or_else(|| {
        let why = "must be a host name or an address, like db.acme.example; the port has a field of its own";
        ConnectionError::invalid("host", why)
    })?;
    let settings = Settings {
        port: Port::Number(settings.port(engine)?),
        database: text("database", &settings.database, "service")?,
        user: text("user", &settings.user, "deskside")?,
        tls: settings.tls,
        ca: settings.ca.trim().to_owned(),
        host: host.to_owned(),
    };
    Ok(serde_json::to_string(&settings).expect("texts and a number are JSON"))
}

/// Whether it is one.
pub(super) fn secret(secret: &[u8]) -> Result<(), ConnectionError> {
    read_secret::<sql::Secret>(secret, SECRET).map(drop)
}

/// How long one query may take.
const QUERY_TIMEOUT: Duration = Duration::from_hours(1);

/// The database, read with one SELECT at a time.
pub(super) fn source(candidate: &Candidate<'_>, engine: Engine) -> Result<SqlSource, ConnectionError> {
    let mut settings: sql::Settings = read(candidate.settings, SETTINGS)?;
    settings.port.get_or_insert(engine.port);
    let secret: sql::Secret = read_secret(candidate.secret, SECRET)?;
    let net = candidate.connections.net.clone();
    Ok(SqlSource::new(engine.dialect, settings, secret.password, net, QUERY_TIMEOUT))
}

/// Finds the server, signs in, and looks at what the user may do.
pub(super) async fn test(candidate: &Candidate<'_>, engine: Engine) -> Result<Tested, ConnectionError> {
    let mut tested = Tested::default();
    for sql::Step { name, outcome } in source(candidate, engine)?.test().await {
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
