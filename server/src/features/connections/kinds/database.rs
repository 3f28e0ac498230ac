//! Kinds `mysql` and `postgres`: a database that Deskside reads. Settings `{host, port, database, user, tls}`, secret
//! `{password}`.

use serde::{Deserialize, Serialize};

use super::{Candidate, Tested, read, read_secret, text};
use crate::{
    connectors::Refusal,
    features::connections::{ConnectionError, Step},
};

/// What differs between the two.
#[derive(Debug, Clone, Copy)]
pub(super) struct Engine {
    port: u16,
}

/// `MySQL` and `MariaDB`.
pub(super) const MYSQL: Engine = Engine { port: 3306 };
/// `PostgreSQL`.
pub(super) const POSTGRES: Engine = Engine { port: 5432 };

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

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Secret {
    #[expect(dead_code, reason = "read to check its shape")]
    password: String,
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
    let is_host = |host: &str| !host.contains(['/', '@', ' ', '?', '#']);
    let host = text("host", &settings.host, "db.acme.example")?;
    if !is_host(&host) {
        return Err(ConnectionError::invalid(
            "host",
            "must be a host name or an address, like db.acme.example",
        ));
    }
    let settings = Settings {
        port: Port::Number(settings.port(engine)?),
        database: text("database", &settings.database, "service")?,
        user: text("user", &settings.user, "deskside")?,
        tls: settings.tls,
        ca: settings.ca.trim().to_owned(),
        host,
    };
    Ok(serde_json::to_string(&settings).expect("texts and a number are JSON"))
}

/// Whether it is one.
pub(super) fn secret(secret: &[u8]) -> Result<(), ConnectionError> {
    read_secret::<Secret>(secret, SECRET).map(drop)
}

/// Finds the server and reaches its port.
pub(super) async fn test(candidate: &Candidate<'_>, engine: Engine) -> Result<Tested, ConnectionError> {
    let settings: Settings = read(candidate.settings, SETTINGS)?;
    let port = settings.port(engine)?;
    let net = &candidate.connections.net;
    let mut tested = Tested::default();
    let found = tokio::net::lookup_host((settings.host.as_str(), port)).await;
    let Ok(found) = found else {
        let message = format!("the host name {} cannot be resolved", settings.host);
        tested.steps.push(Step::failed("address", message, "correct the host of the connection"));
        return Ok(tested);
    };
    let (allowed, refused): (Vec<_>, Vec<_>) = found.partition(|address| net.allows(address.ip()));
    let Some(address) = allowed.first() else {
        let message = match refused.first() {
            Some(address) => Refusal::NotPublic(address.ip()).to_string(),
            None => format!("the host name {} has no address", settings.host),
        };
        tested.steps.push(Step::failed("address", message, "use a public address, or ask the operator"));
        return Ok(tested);
    };
    tested.steps.push(Step::ok("address", format!("{} was found", settings.host)));
    let reached = tokio::time::timeout(net.connect_timeout, tokio::net::TcpStream::connect(address)).await;
    tested.is_outage = !matches!(reached, Ok(Ok(_)));
    tested.steps.push(match reached {
        Ok(Ok(_)) => Step::ok("connection", format!("{} answers on port {port}", settings.host)),
        _ => Step::failed(
            "connection",
            format!("{} does not answer on port {port}", settings.host),
            "see that the database runs there and that its firewall lets Deskside in",
        ),
    });
    Ok(tested)
}
