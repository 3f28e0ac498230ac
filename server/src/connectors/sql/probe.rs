//! Whether a database can be read: in steps, each of which says what it found or what to do. A step that fails is the last.

use std::time::Duration;

use tokio::net::TcpStream;

use super::{CONNECT, CallFailure, Dialect, FailureKind, SHORT, Session, SqlSource, TlsMode};

/// One step, and what came of it.
#[derive(Debug, Clone)]
pub struct Step {
    /// What was tried: `address`, `connection`, `sign_in`, `version`, `read`, `write`.
    pub name: &'static str,
    pub outcome: Outcome,
}

/// What came of a step.
#[derive(Debug, Clone)]
pub enum Outcome {
    /// What was found.
    Passed(String),
    /// It works, and something should be changed.
    Warning(String),
    Failed(CallFailure),
}

impl SqlSource {
    /// Resolves, connects, signs in, and looks at what the user may do.
    pub async fn test(&self) -> Vec<Step> {
        let mut steps = Vec::new();
        if let Err((name, failure)) = self.try_steps(&mut steps).await {
            steps.push(Step { name, outcome: Outcome::Failed(failure) });
        }
        steps
    }

    async fn try_steps(&self, steps: &mut Vec<Step>) -> Result<(), (&'static str, CallFailure)> {
        let mut passed = |name, found: String| steps.push(Step { name, outcome: Outcome::Passed(found) });
        let host = &self.settings.host;
        let addresses = self.addresses().await.map_err(|failure| ("address", failure))?;
        let ips: Vec<_> = addresses.iter().map(|address| address.ip().to_string()).collect();
        passed("address", format!("{host} is {}", ips.join(", ")));
        self.reach(&addresses).await.map_err(|failure| ("connection", failure))?;
        passed("connection", format!("port {} answers", self.settings.port(self.dialect)));
        let session = self.session_at(&addresses, SHORT).await;
        let mut session = session.map_err(|failure| ("sign_in", failure))?;
        let encrypted = match self.settings.tls {
            TlsMode::VerifyFull => format!("encrypted, with a certificate for {host}"),
            TlsMode::Require => "encrypted; the certificate is not checked".to_owned(),
            TlsMode::Disable => "not encrypted".to_owned(),
        };
        passed("sign_in", format!("signed in as {}, {encrypted}", self.settings.user));
        let version = self.version(&mut session).await.map_err(|failure| ("version", failure))?;
        passed("version", version);
        let tables = self.objects().await.map_err(|failure| ("read", failure))?.len();
        if tables == 0 {
            let vendor = self.dialect.vendor();
            return Err(("read", CallFailure::new(vendor, "SELECT", FailureKind::Forbidden)));
        }
        passed("read", format!("{tables} tables and views can be read"));
        let writes = self.writes(&mut session).await.map_err(|failure| ("write", failure))?;
        let outcome = match writes {
            None => Outcome::Passed("the user may only read".to_owned()),
            Some(privilege) => Outcome::Warning(format!(
                "the user may also write ({privilege}); Deskside only reads, so use a user that may only SELECT"
            )),
        };
        steps.push(Step { name: "write", outcome });
        Ok(())
    }

    /// Whether anything listens there.
    async fn reach(&self, addresses: &[std::net::SocketAddr]) -> Result<(), CallFailure> {
        let vendor = self.dialect.vendor();
        let patience: Duration = self.net.connect_timeout;
        match tokio::time::timeout(patience, TcpStream::connect(addresses)).await {
            Ok(Ok(_)) => Ok(()),
            refused => {
                let sentence = format!(
                    "nothing answers at `host` and `port` of the connection{}; correct them, or open the firewall",
                    if refused.is_err() {
                        format!(" within {} s", patience.as_secs())
                    } else {
                        String::new()
                    }
                );
                Err(CallFailure::saying(vendor, CONNECT, FailureKind::Unavailable, sentence))
            }
        }
    }

    async fn version(&self, session: &mut Session) -> Result<String, CallFailure> {
        let sql = match self.dialect {
            Dialect::MySql => "SELECT VERSION()",
            Dialect::Postgres => "SELECT current_setting('server_version')",
        };
        let version = session.texts(sql, &[]).await?.into_iter().flatten().flatten().next();
        let version = version.unwrap_or_default();
        let name = if version.contains("MariaDB") { "" } else { self.dialect.vendor().name };
        Ok(format!("{name} {version}").trim().to_owned())
    }

    /// A privilege with which the user can change something.
    async fn writes(&self, session: &mut Session) -> Result<Option<String>, CallFailure> {
        match self.dialect {
            Dialect::MySql => {
                let grants = session.texts("SHOW GRANTS", &[]).await?;
                Ok(grants.iter().flatten().flatten().find_map(|grant| writing_grant(grant)))
            }
            Dialect::Postgres => {
                let sql = "SELECT 'superuser' FROM pg_roles WHERE rolname = current_user AND rolsuper
                           UNION ALL SELECT w.privilege || ' on ' || c.relname
                           FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                           CROSS JOIN (VALUES ('INSERT'), ('UPDATE'), ('DELETE'), ('TRUNCATE')) AS w(privilege)
                           WHERE c.relkind IN ('r', 'p') AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'
                             AND has_table_privilege(c.oid, w.privilege)
                           LIMIT 1";
                Ok(session.texts(sql, &[]).await?.into_iter().flatten().flatten().next())
            }
        }
    }
}

/// The first privilege of `GRANT SELECT (a, b), UPDATE ON …` that is more than reading. The rest of the line can hold the
/// password's hash.
fn writing_grant(grant: &str) -> Option<String> {
    const READING: &[&str] = &[
        "SELECT",
        "USAGE",
        "SHOW VIEW",
        "SHOW DATABASES",
        "PROCESS",
        "EXECUTE",
        "LOCK TABLES",
        "REPLICATION CLIENT",
        "REPLICATION SLAVE",
        "BINLOG MONITOR",
        "SLAVE MONITOR",
    ];
    let (privileges, _) = grant.strip_prefix("GRANT ")?.split_once(" ON ")?;
    let mut depth = 0;
    let outside = |letter: char| {
        depth += i32::from(letter == '(') - i32::from(letter == ')');
        letter == ',' && depth == 0
    };
    let names = privileges.split(outside).map(|name| name.split('(').next().unwrap_or_default().trim());
    let is_reading = |name: &str| name.is_empty() || name.starts_with('`') || READING.contains(&name);
    names.into_iter().find(|name| !is_reading(name)).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grant_of_more_than_reading_is_found() {
        let check = |grant: &str, expected: Option<&str>| {
            assert_eq!(writing_grant(grant).as_deref(), expected, "{grant}");
        };
        check("GRANT USAGE ON *.* TO `reader`@`%` IDENTIFIED BY PASSWORD '*2470'", None);
        check("GRANT SELECT, SHOW VIEW ON `shop`.* TO `reader`@`%`", None);
        check("GRANT SELECT (`a`, `update`) ON `shop`.`users` TO `reader`@`%`", None);
        check("GRANT `analyst`@`%` TO `reader`@`%`", None);
        check("GRANT SELECT (`a`, `b`), UPDATE (`b`) ON `shop`.`users` TO `reader`@`%`", Some("UPDATE"));
        check("GRANT ALL PRIVILEGES ON *.* TO `root`@`%` WITH GRANT OPTION", Some("ALL PRIVILEGES"));
    }
}
