//! Where a database is and who reads it. **Invariant:** no I/O.

use std::fmt;

use secrecy::SecretString;
use serde::{Deserialize, Deserializer, de::Error as _};

use super::error::{MYSQL, POSTGRES};
use crate::connectors::Vendor;

/// Which protocol a database speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// MySQL, MariaDB.
    MySql,
    Postgres,
}

/// A database and its user.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// A name or an address, without scheme and port.
    #[serde(deserialize_with = "host")]
    pub host: String,
    /// Absent: the protocol's own.
    #[serde(default)]
    pub port: Option<u16>,
    pub database: String,
    pub user: String,
    #[serde(default)]
    pub tls: TlsMode,
    /// PEM: certificate authorities that are trusted beside the public ones.
    #[serde(default)]
    pub ca: Option<String>,
}

/// How the connection is encrypted; the names are those of PostgreSQL's `sslmode`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TlsMode {
    /// The certificate must be valid for `host`.
    #[default]
    VerifyFull,
    /// Encrypted; any certificate is taken.
    Require,
    /// Not encrypted: only inside of `net.allow_private`.
    Disable,
}

/// What is sealed.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Secret {
    pub password: SecretString,
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl Dialect {
    /// As its errors name it.
    pub const fn vendor(self) -> &'static Vendor {
        match self {
            Self::MySql => &MYSQL,
            Self::Postgres => &POSTGRES,
        }
    }
}

impl Settings {
    /// A host as it is kept: one name or one address; `None` where it is neither. A path would be a Unix socket of this machine, and
    /// a list of hosts would pass the guard with its first.
    pub fn host_of(text: &str) -> Option<&str> {
        let text = text.trim();
        let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
        let is_address = bare.parse::<std::net::IpAddr>().is_ok();
        let is_name = !bare.is_empty()
            && bare.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-' | '_'));
        (is_address || is_name).then_some(bare)
    }

    pub(super) fn port(&self, dialect: Dialect) -> u16 {
        self.port.unwrap_or(match dialect {
            Dialect::MySql => 3306,
            Dialect::Postgres => 5432,
        })
    }
}

fn host<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    let text = String::deserialize(from)?;
    let host = Settings::host_of(&text).ok_or_else(|| {
        D::Error::custom(
            "`host` must be a host name or an address, like db.example.com; the port has a field of its own",
        )
    })?;
    Ok(host.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_one_name_or_one_address() {
        let check = |host: &str, expected: Option<&str>| {
            let settings = serde_json::json!({ "host": host, "database": "shop", "user": "reader" });
            let settings: Result<Settings, _> = serde_json::from_value(settings);
            assert_eq!(settings.ok().map(|settings| settings.host).as_deref(), expected, "{host}");
        };
        check(" db.example.com ", Some("db.example.com"));
        check("my_db-1", Some("my_db-1"));
        check("10.0.0.5", Some("10.0.0.5"));
        check("[::1]", Some("::1"));
        for refused in ["", "/var/run/mysqld", "db:3306", "mysql://db", "a,b", "db@x", "..%2f"] {
            check(refused, None);
        }
    }

    #[test]
    fn settings_say_how_a_connection_is_encrypted() {
        let check = |more: serde_json::Value, expected: Result<TlsMode, &str>| {
            let mut settings = serde_json::json!({ "host": "db", "database": "shop", "user": "reader" });
            settings.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
            let read = serde_json::from_value::<Settings>(settings).map(|settings| settings.tls);
            match (read, expected) {
                (Ok(read), Ok(expected)) => assert_eq!(read, expected),
                (Err(error), Err(part)) => assert!(error.to_string().contains(part), "{error}"),
                (read, expected) => panic!("{read:?} instead of {expected:?}"),
            }
        };
        check(serde_json::json!({}), Ok(TlsMode::VerifyFull));
        check(serde_json::json!({ "tls": "require" }), Ok(TlsMode::Require));
        check(serde_json::json!({ "tls": "disable" }), Ok(TlsMode::Disable));
        check(serde_json::json!({ "tls": "prefer" }), Err("unknown variant `prefer`"));
        check(serde_json::json!({ "password": "hush" }), Err("unknown field `password`"));
    }
}
