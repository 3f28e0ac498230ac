//! What a database can do to us, done for real: each has its variant, and says what to do.

use std::fs;
use std::path::Path;

use deskside::store::{Db, StoreError, cards, query};
use sqlx::{Connection, Executor};

use crate::support::databases::{for_each_address, on_postgres, on_sqlite};
use crate::support::errands::noon;

async fn write(db: &Db) -> Result<(), StoreError> {
    cards::remember(db, "acme", "ticket:42", "{}", noon()).await
}

async fn opened(url: &str) -> Result<Db, StoreError> {
    let db = Db::connect(url, 2).await?;
    db.migrate().await?;
    Ok(db)
}

/// What is wrong with an address.
async fn check_address(url: &str, expected: &str) {
    let error = Db::connect(url, 2).await.expect_err(url);
    assert_eq!(error.to_string(), expected);
}

#[tokio::test]
async fn an_address_that_is_none_says_what_one_looks_like() {
    let because = |why| {
        format!(
            "`store.database_url` is not a valid database address: {why}; use sqlite:<file> or postgres://…"
        )
    };
    check_address("mysql://localhost/deskside", &because("its scheme is unknown")).await;
    check_address("deskside.db", &because("its scheme is unknown")).await;
    check_address("sqlite::memory:", &because("it names no file")).await;
    check_address("postgres://[/", &because("it cannot be parsed")).await;
}

#[tokio::test]
async fn a_database_that_is_not_there_is_unavailable() {
    let gone = "the database cannot be reached; start it, or correct `store.database_url`";
    check_address("sqlite:/nonexistent/folder/deskside.db", gone).await;
    check_address("postgres://nobody@127.0.0.1:1/deskside", gone).await;
    on_postgres(async |address| {
        let (before, _) = address.url.rsplit_once('/').expect("a path");
        check_address(&format!("{before}/deskside_is_not_here"), gone).await;
    })
    .await;
}

#[tokio::test]
async fn migrating_twice_or_at_once_is_migrating_once() {
    for_each_address(async |address| {
        let (one, other) =
            (Db::connect(&address.url, 2).await.unwrap(), Db::connect(&address.url, 2).await.unwrap());
        tokio::try_join!(one.migrate(), other.migrate()).expect("they take turns");
        one.migrate().await.unwrap();
        one.ping().await.unwrap();
        one.close().await;
        other.close().await;
    })
    .await;
}

#[tokio::test]
async fn a_schema_of_a_newer_version_is_not_touched() {
    for_each_address(async |address| {
        let db = opened(&address.url).await.unwrap();
        query("UPDATE _sqlx_migrations SET version = 9999 WHERE version = 2").execute(&db).await.unwrap();
        let error = db.migrate().await.expect_err("it is newer");
        assert!(matches!(error, StoreError::Newer { found: 9999, known: 2.. }), "{error:?}");
        db.close().await;
    })
    .await;
}

#[tokio::test]
async fn a_database_that_was_never_migrated_says_so() {
    for_each_address(async |address| {
        let db = Db::connect(&address.url, 2).await.unwrap();
        let error = write(&db).await.expect_err("there is no table");
        assert!(matches!(error, StoreError::Schema(_)), "{}: {error:?}", address.engine);
        db.close().await;
    })
    .await;
}

#[tokio::test]
async fn a_file_that_is_no_database_is_corrupt() {
    on_sqlite(async |address| {
        let path = address.url.strip_prefix("sqlite:").expect("a file");
        fs::write(path, "this is a letter, and a long one at that. ".repeat(100)).unwrap();
        let error = opened(&address.url).await.expect_err("it is a letter");
        assert!(matches!(error, StoreError::Corrupt { .. }), "{error:?}");
        assert!(Path::new(path).exists(), "it is left as it is");
    })
    .await;
}

#[tokio::test]
async fn a_locked_file_is_busy_and_still_read() {
    on_sqlite(async |address| {
        let db = opened(&address.url).await.unwrap();
        write(&db).await.unwrap();
        let mut other = sqlx::SqliteConnection::connect(&address.url).await.unwrap();
        other.execute("BEGIN IMMEDIATE").await.unwrap();
        let error = write(&db).await.expect_err("it is locked");
        assert!(matches!(error, StoreError::Busy(_)) && error.is_transient(), "{error:?}");
        assert!(cards::recall(&db, "acme", "ticket:42").await.unwrap().is_some());
        other.execute("COMMIT").await.unwrap();
        write(&db).await.expect("it is free again");
        db.close().await;
    })
    .await;
}

#[tokio::test]
async fn a_transaction_that_waits_too_long_for_our_own_writer_is_busy() {
    on_sqlite(async |address| {
        let db = opened(&address.url).await.unwrap();
        let tx = db.begin().await.unwrap();
        let error = db.begin().await.expect_err("there is one writer");
        assert!(matches!(error, StoreError::Busy(_)), "{error:?}");
        drop(tx);
        db.close().await;
    })
    .await;
}

#[tokio::test]
async fn a_full_disk_is_full() {
    on_sqlite(async |address| {
        let db = opened(&address.url).await.unwrap();
        db.close().await;
        let mut small = sqlx::SqliteConnection::connect(&address.url).await.unwrap();
        small.execute("PRAGMA max_page_count = 1").await.unwrap(); // never below what it has
        small.execute("CREATE TABLE bulk (body BLOB)").await.ok();
        let error = small
            .execute("INSERT INTO cards VALUES ('acme', 'ticket:42', hex(zeroblob(500000)), 0)")
            .await
            .expect_err("there is no room");
        let error = StoreError::from(error);
        assert!(matches!(error, StoreError::Full(_)), "{error:?}");
    })
    .await;
}

#[tokio::test]
async fn a_database_that_cannot_be_written_is_read_only() {
    on_postgres(async |address| {
        let db = opened(&address.url).await.unwrap();
        let name = address.url.rsplit('/').next().unwrap().split('?').next().unwrap().to_owned();
        let mut admin = sqlx::PgConnection::connect(&address.url).await.unwrap();
        let statement = format!("ALTER DATABASE {name} SET default_transaction_read_only = on");
        admin.execute(sqlx::AssertSqlSafe(statement)).await.unwrap();
        db.close().await;
        let db = Db::connect(&address.url, 2).await.unwrap();
        let error = write(&db).await.expect_err("it is read-only");
        assert!(matches!(error, StoreError::ReadOnly(_)), "{error:?}");
        assert_eq!(cards::recall(&db, "acme", "ticket:42").await.unwrap(), None);
        db.close().await;
    })
    .await;
    on_sqlite(async |address| {
        let db = opened(&address.url).await.unwrap();
        db.close().await;
        let mut small = sqlx::SqliteConnection::connect(&format!("{}?mode=ro", address.url)).await.unwrap();
        let error = small.execute("DELETE FROM cards").await.expect_err("it is read-only");
        let error = StoreError::from(error);
        assert!(matches!(error, StoreError::ReadOnly(_)), "{error:?}");
    })
    .await;
}

#[tokio::test]
async fn a_server_that_ends_our_connections_is_unavailable_and_then_found_again() {
    on_postgres(async |address| {
        let db = opened(&address.url).await.unwrap();
        let mut tx = db.begin().await.unwrap();
        let mut admin = sqlx::PgConnection::connect(&address.url).await.unwrap();
        admin
            .execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                       WHERE datname = current_database() AND pid <> pg_backend_pid()",
            )
            .await
            .unwrap();
        let error =
            cards::remember(&mut tx, "acme", "ticket:42", "{}", noon()).await.expect_err("it was ended");
        assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}");
        drop(tx);
        write(&db).await.expect("a new connection is made");
        db.close().await;
    })
    .await;
}
