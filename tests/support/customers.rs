//! A customer's database on a real server: MariaDB at `DESKSIDE_TEST_MARIADB`, PostgreSQL at `DESKSIDE_TEST_POSTGRES`. Each is fresh, has
//! a user who may only read, and is gone afterwards, also when the test failed.

use std::panic::{AssertUnwindSafe, resume_unwind};
use std::time::Duration;

use deskside::connectors::Net;
use deskside::connectors::rows::{Oddity, ReadError};
use deskside::connectors::sql::{Dialect, Settings, SqlSource, TlsMode};
use futures::{FutureExt, TryStreamExt};
use mysql_async::prelude::Queryable;
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor, PgConnection};
use url::Url;

pub(crate) const PASSWORD: &str = "re:a/d@er";

/// A database, its reader, and somebody who may do everything.
pub(crate) struct Customer {
    pub dialect: Dialect,
    /// Of the database and of its reader.
    pub name: String,
    admin: Url,
}

/// All rows of a query.
pub(crate) struct Read {
    pub columns: Vec<(String, engine::Type)>,
    pub rows: Vec<Vec<engine::Value<'static>>>,
    pub oddities: Vec<(String, Oddity, u64)>,
}

/// Runs a test on a fresh database of each kind.
pub(crate) async fn for_each_customer(test: impl AsyncFn(&Customer)) {
    on_mariadb(&test).await;
    on_postgres(&test).await;
}

pub(crate) async fn on_mariadb(test: impl AsyncFn(&Customer)) {
    on(Dialect::MySql, "DESKSIDE_TEST_MARIADB", test).await;
}

pub(crate) async fn on_postgres(test: impl AsyncFn(&Customer)) {
    on(Dialect::Postgres, "DESKSIDE_TEST_POSTGRES", test).await;
}

async fn on(dialect: Dialect, variable: &str, test: impl AsyncFn(&Customer)) {
    let admin = std::env::var(variable);
    let admin = admin.unwrap_or_else(|_| panic!("set {variable} or run `cargo xtask test`"));
    let admin = admin.parse().unwrap_or_else(|_| panic!("{variable} is an address"));
    // Names of users have at most 32 characters in old versions.
    let name = format!("c{}", &uuid::Uuid::now_v7().simple().to_string()[4..]);
    let customer = Customer { dialect, name, admin };
    customer.create().await;
    let end = AssertUnwindSafe(test(&customer)).catch_unwind().await;
    customer.remove().await;
    if let Err(panic) = end {
        resume_unwind(panic);
    }
}

impl Customer {
    async fn create(&self) {
        let name = &self.name;
        match self.dialect {
            Dialect::MySql => {
                self.run_on("mysql", &format!("CREATE DATABASE {name} CHARACTER SET utf8mb4")).await;
                self.run_on("mysql", &format!("CREATE USER {name}@'127.0.0.1' IDENTIFIED BY '{PASSWORD}'"))
                    .await;
                self.run_on("mysql", &format!("GRANT SELECT ON {name}.* TO {name}@'127.0.0.1'")).await;
            }
            Dialect::Postgres => {
                self.run_on("postgres", &format!("CREATE DATABASE {name}")).await;
                self.run_on("postgres", &format!("CREATE USER {name} PASSWORD '{PASSWORD}'")).await;
                let grant = format!("ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO {name}");
                self.run(&grant).await;
            }
        }
    }

    async fn remove(&self) {
        let name = &self.name;
        match self.dialect {
            Dialect::MySql => {
                self.run_on("mysql", &format!("DROP DATABASE {name}")).await;
                self.run_on("mysql", &format!("DROP USER {name}@'127.0.0.1'")).await;
            }
            Dialect::Postgres => {
                self.run_on("postgres", &format!("DROP DATABASE {name} WITH (FORCE)")).await;
                self.run_on("postgres", &format!("DROP USER {name}")).await;
            }
        }
    }

    /// As somebody who may do everything.
    pub(crate) async fn run(&self, statement: &str) {
        self.run_on(&self.name, statement).await;
    }

    async fn run_on(&self, database: &str, statement: &str) {
        let mut url = self.admin.clone();
        url.set_path(database);
        if self.dialect == Dialect::MySql {
            url.set_query(Some("prefer_socket=false"));
        }
        match self.dialect {
            Dialect::MySql => {
                let mut admin = mysql_async::Conn::from_url(url).await.expect("MariaDB answers");
                // What strict servers refuse is in old tables all the same.
                admin.query_drop("SET sql_mode = ''").await.expect("a mode");
                admin.query_drop(statement).await.unwrap_or_else(|error| panic!("{statement}: {error}"));
                admin.disconnect().await.expect("the end");
            }
            Dialect::Postgres => {
                let options: PgConnectOptions = url.as_str().parse().expect("an address");
                let mut admin = PgConnection::connect_with(&options.disable_statement_logging())
                    .await
                    .expect("PostgreSQL answers");
                let done = admin.execute(AssertSqlSafe(statement.to_owned())).await;
                done.unwrap_or_else(|error| panic!("{statement}: {error}"));
                admin.close().await.expect("the end");
            }
        }
    }

    pub(crate) fn settings(&self) -> Settings {
        Settings {
            host: "127.0.0.1".to_owned(),
            port: self.admin.port(),
            database: self.name.clone(),
            user: self.name.clone(),
            tls: TlsMode::Disable,
            ca: None,
        }
    }

    /// The same database, as somebody who may do everything.
    pub(crate) fn owner(&self) -> SqlSource {
        let user = self.admin.username().to_owned();
        let password = self.admin.password().unwrap_or_default();
        self.source_with(Settings { user, ..self.settings() }, password, Duration::from_mins(1))
    }

    /// A server of one's own may trust everybody.
    pub(crate) fn asks_for_passwords(&self) -> bool {
        self.admin.password().is_some()
    }

    pub(crate) fn source(&self) -> SqlSource {
        self.source_with(self.settings(), PASSWORD, Duration::from_mins(1))
    }

    pub(crate) fn source_with(&self, settings: Settings, password: &str, deadline: Duration) -> SqlSource {
        SqlSource::new(self.dialect, settings, password.to_owned().into(), net(), deadline)
    }

    /// A SELECT, whole.
    pub(crate) async fn read(&self, sql: &str) -> Result<Read, ReadError> {
        let rows = self.source().read(sql).await?;
        let columns = rows.columns.into_iter().map(|column| (column.name, column.kind)).collect();
        let batches: Vec<_> = rows.batches.try_collect().await?;
        Ok(Read { columns, rows: batches.into_iter().flatten().collect(), oddities: rows.oddities.counts() })
    }
}

/// Loopback is open to tests.
pub(crate) fn net() -> Net {
    let net = "allow_private = ['127.0.0.0/8']\nconnect_timeout_s = 5\ntotal_timeout_s = 30";
    toml::from_str(net).expect("settings of the network")
}
