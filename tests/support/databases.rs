//! Every store and queue test runs on both databases: a SQLite file in a folder of its own, and a PostgreSQL database
//! of its own on the server that `DESKSIDE_TEST_POSTGRES` names. Both are gone afterwards, also when the test failed.

use std::panic::{AssertUnwindSafe, resume_unwind};

use deskside::store::Db;
use futures::FutureExt;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor};

/// Runs a test on a fresh, migrated database of each engine.
pub(crate) async fn for_each_database(test: impl AsyncFn(Db)) {
    for_each_address(async |address| {
        let db = Db::connect(&address.url, 8).await.expect("the test's database opens");
        db.migrate().await.expect("the test's database is migrated");
        test(db.clone()).await;
        db.close().await;
    })
    .await;
}

/// Where a fresh, empty database is.
#[derive(Debug, Clone)]
pub(crate) struct Address {
    /// As `store.database_url` takes it.
    pub url: String,
    /// Which engine, for messages.
    pub engine: &'static str,
}

/// Runs a test on a fresh, empty database of each engine; for tests that open it several times, or not at all.
pub(crate) async fn for_each_address(test: impl AsyncFn(Address)) {
    on_sqlite(&test).await;
    on_postgres(&test).await;
}

/// Runs a test on a fresh SQLite file.
pub(crate) async fn on_sqlite(test: impl AsyncFn(Address)) {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let url = format!("sqlite:{}", folder.path().join("deskside.db").display());
    test(Address { url, engine: "SQLite" }).await;
}

/// Runs a test on a fresh PostgreSQL database.
pub(crate) async fn on_postgres(test: impl AsyncFn(Address)) {
    let admin = std::env::var("DESKSIDE_TEST_POSTGRES");
    let admin = admin.expect("set DESKSIDE_TEST_POSTGRES or run `cargo xtask test`");
    let name = format!("deskside_test_{}", uuid::Uuid::now_v7().simple());
    run_as_admin(&admin, format!("CREATE DATABASE {name}")).await;
    let options: sqlx::postgres::PgConnectOptions =
        admin.parse().expect("DESKSIDE_TEST_POSTGRES is an address");
    let url = options.database(&name).to_url_lossy().to_string();
    let end = AssertUnwindSafe(test(Address { url, engine: "PostgreSQL" })).catch_unwind().await;
    run_as_admin(&admin, format!("DROP DATABASE {name} WITH (FORCE)")).await;
    if let Err(panic) = end {
        resume_unwind(panic);
    }
}

async fn run_as_admin(admin: &str, statement: String) {
    let mut connection = sqlx::PgConnection::connect(admin).await.expect("DESKSIDE_TEST_POSTGRES answers");
    connection.execute(AssertSqlSafe(statement)).await.expect("its user may create databases");
    connection.close().await.ok();
}
