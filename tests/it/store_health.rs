//! A disk that is full for a moment, a file that is gone, a caller that goes away halfway: it is said while it lasts, and
//! nothing of it stays.

use std::fs;
use std::path::Path;

use deskside::store::{Db, StoreError, cards, query};
use deskside_sandbox::credentials;
use futures::FutureExt;
use serde_json::json;
use sqlx::{Connection, Executor};

use crate::archive_deaths::SmallDisk;
use crate::support::databases::{for_each_database, on_postgres, on_sqlite};
use crate::support::errands::noon;
use crate::support::testbed::{Testbed, bed};

async fn write(db: &Db, body: &str) -> Result<(), StoreError> {
    let mut tx = db.begin().await?;
    cards::remember(&mut tx, "acme", "ticket:42", body, noon()).await?;
    tx.commit().await
}

async fn opened(url: &str) -> Db {
    let db = Db::connect(url, 2).await.expect("it opens");
    db.migrate().await.expect("it is migrated");
    db
}

fn file_of(url: &str) -> &Path {
    Path::new(url.strip_prefix("sqlite:").expect("a file"))
}

/// A call that Flex gave the agent.
fn call(bed: &Testbed) -> String {
    bed.vendors().place_task(&json!({"zd_ticket_id": 42}), "voice")
}

#[tokio::test]
async fn a_transaction_that_sqlite_ended_by_itself_stops_no_later_one() {
    on_sqlite(async |address| {
        let db = opened(&address.url).await;
        // As SQLite does by itself when the disk is full.
        let ends = "CREATE TRIGGER ends BEFORE INSERT ON cards BEGIN SELECT raise(ROLLBACK, 'ended'); END";
        query(ends).execute(&db).await.expect("a trigger");
        for _ in 0..3 {
            let error = write(&db, "{}").await.expect_err("the trigger ends it");
            assert!(matches!(error, StoreError::Refused(_)), "{error:?}");
        }
        query("DROP TRIGGER ends").execute(&db).await.expect("it goes");
        write(&db, "{}").await.expect("all is well again");
        db.close().await;
    })
    .await;
}

#[tokio::test]
async fn a_full_disk_is_said_while_it_lasts_and_not_longer() {
    bed()
        .setting("server.secret_key", "one secret key of thirty-two bytes and more")
        .run(async |bed| {
            let folder = tempfile::tempdir().expect("a folder");
            let Some(_disk) = SmallDisk::over(folder.path(), "size=8m") else { return };
            let url = format!("sqlite:{}", folder.path().join("deskside.db").display());
            opened(&url).await.close().await;
            let server = bed.another_server(&[("store.database_url", &url)]).await;
            let agent = bed.agent(credentials::AGENT_ID).await.moves_to(&server);
            let pops = async || agent.pops(&call(bed), "accept", &json!({"zd_ticket_id": 42})).await;
            assert_eq!(agent.gets("/readyz").await.verdict(), "200");
            assert_eq!(pops().await.verdict(), "200");
            // The archive, on the same disk, takes what is left.
            let bulk = folder.path().join("bulk");
            fs::write(&bulk, vec![1; 16 << 20]).expect_err("it is more than there is room for");
            let mut verdicts = Vec::new();
            for _ in 2..60 {
                verdicts.push(pops().await.verdict());
            }
            let (written, refused) =
                verdicts.split_at(verdicts.iter().take_while(|verdict| *verdict == "200").count());
            assert!(refused.len() > 3, "the disk is full before long: {written:?}");
            assert!(refused.iter().all(|verdict| verdict == "503 store_full"), "{refused:?}");
            let ready = agent.gets("/readyz").await;
            assert_eq!(ready.verdict(), "503 store_full");
            assert!(ready.text.contains("disk is full"), "{ready:?}");
            assert_eq!(agent.card(42).await.verdict(), "200", "what is read is read");
            fs::remove_file(&bulk).expect("somebody makes room");
            assert_eq!(pops().await.verdict(), "200");
            assert_eq!(agent.gets("/readyz").await.verdict(), "200");
        })
        .await;
}

#[tokio::test]
async fn a_database_file_that_is_gone_is_named_and_found_again() {
    bed()
        .run(async |bed| {
            let agent = bed.agent(credentials::AGENT_ID).await;
            let file = file_of(&bed.database.url);
            let away = file.with_extension("away");
            let task = call(bed);
            let gone = async || {
                let ready = agent.gets("/readyz").await;
                assert_eq!(ready.verdict(), "503 store_unavailable");
                assert!(ready.text.contains(&*file.to_string_lossy()), "{ready:?}");
                let pop = agent.pops(&task, "accept", &json!({"zd_ticket_id": 42})).await;
                assert_eq!(pop.verdict(), "503 store_unavailable");
            };
            fs::rename(file, &away).expect("somebody moves it");
            gone().await;
            fs::write(file, "").expect("somebody puts another there");
            gone().await;
            fs::rename(&away, file).expect("somebody puts it back");
            assert_eq!(agent.gets("/readyz").await.verdict(), "200");
            let pop = agent.pops(&task, "accept", &json!({"zd_ticket_id": 42})).await;
            assert_eq!(pop.verdict(), "200");
            bed.run_jobs_to_the_end().await;
        })
        .await;
}

#[tokio::test]
async fn a_caller_that_goes_away_halfway_leaves_no_open_transaction() {
    on_postgres(async |address| {
        let db = opened(&address.url).await;
        for number in 0..40 {
            // Polled once or a few times, and dropped.
            let mut begins = Box::pin(db.begin());
            for _ in 0..number % 4 {
                if begins.as_mut().now_or_never().is_some() {
                    break;
                }
                tokio::task::yield_now().await;
            }
            drop(begins);
            let body = format!("{{\"number\":{number}}}");
            cards::remember(&db, "acme", "ticket:42", &body, noon()).await.expect("it is written");
            let mut other = sqlx::PgConnection::connect(&address.url).await.expect("another connection");
            let seen: String =
                sqlx::query_scalar("SELECT body FROM cards").fetch_one(&mut other).await.expect("a row");
            assert_eq!(seen, body, "what was written is there for all");
            other.close().await.expect("it goes");
        }
        db.close().await;
    })
    .await;
}

#[tokio::test]
async fn an_idle_transaction_that_postgres_ends_is_a_passing_trouble() {
    on_postgres(async |address| {
        let db = opened(&address.url).await;
        let mut tx = db.begin().await.expect("a transaction");
        query("SET LOCAL idle_in_transaction_session_timeout = '1ms'").execute(&mut tx).await.expect("set");
        // Until the server has ended it.
        let mut other = sqlx::PgConnection::connect(&address.url).await.expect("another connection");
        let open = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in%'";
        while sqlx::query_scalar::<_, i64>(open).fetch_one(&mut other).await.expect("a count") > 0 {}
        let error = cards::remember(&mut tx, "acme", "ticket:42", "{}", noon()).await.expect_err("it is over");
        assert!(error.is_transient(), "{error:?}");
        drop(tx);
        write(&db, "{}").await.expect("a new connection is made");
        other.execute("SELECT 1").await.expect("it goes on");
        db.close().await;
    })
    .await;
}

#[tokio::test]
async fn a_nul_character_from_outside_is_kept_as_a_mark_in_both_databases() {
    for_each_database(async |db| {
        write(&db, "one\0two").await.expect("it is kept");
        let kept = cards::recall(&db, "acme", "ticket:42").await.expect("it is read").expect("a card");
        assert_eq!(kept.0, "one\u{fffd}two");
        let asked = query("SELECT body FROM cards WHERE subject = $1").bind("a\0b").all(&db).await;
        assert!(asked.expect("it is asked for").is_empty());
    })
    .await;
}
