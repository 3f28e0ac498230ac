//! Every store and queue test runs on both databases: a SQLite file in a folder of its own, and a PostgreSQL database
//! of its own on the server that `DESKSIDE_TEST_POSTGRES` names. Both are gone afterwards, also when the test failed. The
//! schema is made once in each process and copied; on PostgreSQL its template stays until another process's first test.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::path::Path;

use deskside::store::Db;
use futures::FutureExt;
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor, PgConnection, Row};
use tokio::sync::OnceCell;

/// Runs a test on a fresh, migrated database of each engine.
pub(crate) async fn for_each_database(test: impl AsyncFn(Db)) {
    let test = async |address: Address| {
        let db = Db::connect(&address.url, 8).await.expect("the test's database opens");
        test(db.clone()).await;
        db.close().await;
    };
    on_migrated_sqlite(&test).await;
    on_migrated_postgres(&test).await;
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

/// Runs a test on a fresh, empty SQLite file.
pub(crate) async fn on_sqlite(test: impl AsyncFn(Address)) {
    on_sqlite_file(None, test).await;
}

/// Runs a test on a fresh SQLite file with the schema.
pub(crate) async fn on_migrated_sqlite(test: impl AsyncFn(Address)) {
    static TEMPLATE: OnceCell<Vec<u8>> = OnceCell::const_new();
    let template = TEMPLATE.get_or_init(async || {
        let folder = tempfile::tempdir().expect("a folder for the template");
        let file = folder.path().join("template.db");
        migrate(&format!("sqlite:{}", file.display())).await;
        std::fs::read(file).expect("the template's file")
    });
    on_sqlite_file(Some(template.await), test).await;
}

async fn on_sqlite_file(content: Option<&Vec<u8>>, test: impl AsyncFn(Address)) {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let file = folder.path().join("deskside.db");
    if let Some(content) = content {
        std::fs::write(&file, content).expect("a copy of the template");
    }
    test(Address { url: format!("sqlite:{}", file.display()), engine: "SQLite" }).await;
}

/// Runs a test on a fresh, empty PostgreSQL database.
pub(crate) async fn on_postgres(test: impl AsyncFn(Address)) {
    on_copy_of("template1", test).await;
}

/// Runs a test on a fresh PostgreSQL database with the schema.
pub(crate) async fn on_migrated_postgres(test: impl AsyncFn(Address)) {
    static TEMPLATE: OnceCell<String> = OnceCell::const_new();
    let template = TEMPLATE.get_or_init(async || {
        let name = format!("{TEMPLATES}{}", std::process::id());
        let mut admin = admin().await;
        drop_old_templates(&mut admin).await;
        run(&mut admin, format!("CREATE DATABASE {name}")).await;
        migrate(&url_of(&name)).await;
        name
    });
    on_copy_of(template.await, test).await;
}

const TEMPLATES: &str = "deskside_test_template_";

/// Those of processes that are gone.
async fn drop_old_templates(admin: &mut PgConnection) {
    let all = "SELECT datname FROM pg_database WHERE starts_with(datname, $1)";
    let all = sqlx::query(all).bind(TEMPLATES).fetch_all(&mut *admin).await.expect("a list of databases");
    for name in all.iter().map(|row| row.get::<String, _>(0)) {
        if !Path::new("/proc").join(name.trim_start_matches(TEMPLATES)).exists() {
            run(admin, format!("DROP DATABASE IF EXISTS {name}")).await;
        }
    }
}

async fn on_copy_of(template: &str, test: impl AsyncFn(Address)) {
    let name = format!("deskside_test_{}", uuid::Uuid::now_v7().simple());
    let mut admin = admin().await;
    // Since PostgreSQL 15 a copy is written to the log, page by page, unless one says otherwise: ten times slower.
    let version: i32 = sqlx::query_scalar("SELECT current_setting('server_version_num')::int")
        .fetch_one(&mut admin)
        .await
        .expect("its version");
    let strategy = if version >= 150_000 { "STRATEGY file_copy" } else { "" };
    run(&mut admin, format!("CREATE DATABASE {name} TEMPLATE {template} {strategy}")).await;
    let address = Address { url: url_of(&name), engine: "PostgreSQL" };
    let end = AssertUnwindSafe(test(address)).catch_unwind().await;
    run(&mut admin, format!("DROP DATABASE {name} WITH (FORCE)")).await;
    if let Err(panic) = end {
        resume_unwind(panic);
    }
}

/// All rows of one account in all tables that have an account, as text, in order.
pub(crate) async fn rows_of(database: &Address, account: &str) -> Vec<String> {
    const OF_SQLITE: &str =
        "SELECT m.name AS t, c.name AS c FROM sqlite_master m, pragma_table_info(m.name) c
         WHERE m.type = 'table' ORDER BY 1, c.cid";
    const OF_POSTGRES: &str =
        "SELECT table_name::text AS t, column_name::text AS c FROM information_schema.columns
         WHERE table_schema = 'public' ORDER BY 1, ordinal_position";
    // sqlx has no type for both that is not a feature of its own.
    macro_rules! rows {
        ($connection:ty, $columns:expr, $row:expr) => {{
            let mut on = <$connection>::connect(&database.url).await.expect("the database opens");
            let columns = sqlx::query($columns).fetch_all(&mut on).await.expect("the columns");
            let mut tables = BTreeMap::<String, Vec<String>>::new();
            for row in columns {
                tables.entry(row.get("t")).or_default().push(row.get("c"));
            }
            tables.retain(|_, columns| columns.iter().any(|column| column == "account"));
            let mut lines = Vec::new();
            for (table, columns) in tables {
                let row: String = $row(&columns);
                let all = format!("SELECT {row} AS line FROM {table} t WHERE account = $1 ORDER BY 1");
                let found = sqlx::query(AssertSqlSafe(all)).bind(account).fetch_all(&mut on).await;
                let found = found.unwrap_or_else(|error| panic!("{table}: {error}"));
                lines.extend(found.iter().map(|row| format!("{table}: {}", row.get::<String, _>("line"))));
            }
            lines
        }};
    }
    if database.url.starts_with("sqlite:") {
        let row = |columns: &[String]| {
            let quoted: Vec<_> = columns.iter().map(|column| format!("quote({column})")).collect();
            quoted.join(" || ',' || ")
        };
        rows!(sqlx::SqliteConnection, OF_SQLITE, row)
    } else {
        rows!(PgConnection, OF_POSTGRES, |_: &[String]| "(t.*)::text".to_owned())
    }
}

async fn migrate(url: &str) {
    let db = Db::connect(url, 2).await.expect("the template opens");
    db.migrate().await.expect("the template is migrated");
    db.close().await;
}

fn options() -> PgConnectOptions {
    let admin = std::env::var("DESKSIDE_TEST_POSTGRES");
    let admin = admin.expect("set DESKSIDE_TEST_POSTGRES or run `cargo xtask test`");
    admin.parse().expect("DESKSIDE_TEST_POSTGRES is an address")
}

fn url_of(database: &str) -> String {
    options().database(database).to_url_lossy().to_string()
}

async fn admin() -> PgConnection {
    PgConnection::connect_with(&options()).await.expect("DESKSIDE_TEST_POSTGRES answers")
}

async fn run(admin: &mut PgConnection, statement: String) {
    admin.execute(AssertSqlSafe(statement)).await.expect("its user may create databases");
}
