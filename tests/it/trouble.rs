//! The database is locked, read-only or gone: what can still be shown is shown, what cannot be done says why, and all is
//! well again when the database is.

use deskside_sandbox::{SignOptions, credentials};
use serde_json::json;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor, PgConnection, SqliteConnection};

use crate::support::actors::{Answer, Visitor};
use crate::support::archive::{files, put_away};
use crate::support::testbed::{Testbed, bed};

/// A call that the agent has taken.
const TASK: &str = "WT00000000000000000000000000000001";
const AGENT: u64 = credentials::AGENT_ID;
const BUSY: &str = "503 store_busy";
const READ_ONLY: &str = "503 store_read_only";
const GONE: &str = "503 store_unavailable";

/// What an agent gets to see of a database in trouble.
struct Seen {
    page: &'static str,
    archive: &'static str,
    pop: &'static str,
    ready: &'static str,
    card: &'static str,
}

async fn sees(bed: &Testbed, agent: &Visitor, expected: &Seen) {
    let refusal = |answer: &Answer, expected: &str| {
        assert_eq!(answer.verdict(), expected);
        if answer.status == 503 {
            assert_eq!(answer.header("retry-after"), "5");
            assert!(answer.json()["error"]["hint"].is_string(), "{answer:?}");
        }
    };
    let token = bed.vendors().sign("ticket_sidebar", AGENT, &SignOptions::default());
    let (everything, ticket) = (json!({}), json!({"zd_ticket_id": 42}));
    // At the same time, because each waits for the database as long as it may.
    let (page, archive, pop, ready, card) = tokio::join!(
        agent.opens_page("ticket_sidebar", &token),
        agent.posts("/api/tickets/42/archive", &everything),
        agent.pops(TASK, "accept", &ticket),
        agent.gets("/readyz"),
        agent.card(42),
    );
    assert_eq!(page.verdict(), expected.page);
    refusal(&archive, expected.archive);
    refusal(&pop, expected.pop);
    refusal(&ready, expected.ready);
    refusal(&card, expected.card);
    assert_eq!(agent.gets("/healthz").await.verdict(), "200", "the process itself is well");
}

/// Nothing was lost or half done.
async fn recovers(bed: &Testbed) {
    let before = files(bed, 42);
    bed.agent(AGENT).await.archives(42).await;
    bed.run_jobs().await;
    put_away(bed, 42, &before, &[]).await;
}

#[tokio::test]
async fn a_sqlite_file_that_another_program_holds_still_shows_cards() {
    bed()
        .run(async |bed| {
            let agent = bed.agent(AGENT).await;
            let mut other =
                SqliteConnection::connect(&bed.database.url).await.expect("another program opens it");
            other.execute("BEGIN EXCLUSIVE").await.expect("and locks it");
            sees(bed, &agent, &Seen { page: BUSY, archive: BUSY, pop: BUSY, ready: BUSY, card: "200" }).await;
            other.execute("ROLLBACK").await.expect("it lets go");
            other.close().await.expect("it goes");
            recovers(bed).await;
        })
        .await;
}

#[tokio::test]
async fn a_sqlite_file_that_cannot_be_written_still_shows_cards() {
    bed()
        .setting("server.secret_key", "one secret key of thirty-two bytes and more")
        .run(async |bed| {
            let agent = bed.agent(AGENT).await;
            let read_only = format!("{}?mode=ro", bed.database.url);
            let agent = agent.moves_to(&bed.another_server(&[("store.database_url", &read_only)]).await);
            let seen =
                Seen { page: READ_ONLY, archive: READ_ONLY, pop: READ_ONLY, ready: READ_ONLY, card: "200" };
            sees(bed, &agent, &seen).await;
            recovers(bed).await;
        })
        .await;
}

/// Does something to the bed's database from outside, and ends everybody's connections to it.
async fn admin_says(bed: &Testbed, what: &str) {
    let options: sqlx::postgres::PgConnectOptions = bed.database.url.parse().expect("an address");
    let name = options.get_database().expect("a name").to_owned();
    let mut admin: PgConnection = options.database("postgres").connect().await.expect("the server answers");
    admin.execute(AssertSqlSafe(format!("ALTER DATABASE {name} {what}"))).await.expect("it is done");
    let end = format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'");
    admin.execute(AssertSqlSafe(end)).await.expect("it is done");
    admin.close().await.expect("it goes");
}

#[tokio::test]
async fn a_postgres_that_is_read_only_still_shows_cards() {
    bed()
        .run_on_postgres(async |bed| {
            let agent = bed.agent(AGENT).await;
            admin_says(bed, "SET default_transaction_read_only = on").await;
            let seen =
                Seen { page: READ_ONLY, archive: READ_ONLY, pop: READ_ONLY, ready: READ_ONLY, card: "200" };
            sees(bed, &agent, &seen).await;
            admin_says(bed, "SET default_transaction_read_only = off").await;
            recovers(bed).await;
        })
        .await;
}

#[tokio::test]
async fn a_postgres_that_is_gone_is_said_and_found_again() {
    bed()
        .run_on_postgres(async |bed| {
            let agent = bed.agent(AGENT).await;
            admin_says(bed, "ALLOW_CONNECTIONS false").await;
            sees(bed, &agent, &Seen { page: GONE, archive: GONE, pop: GONE, ready: GONE, card: GONE }).await;
            admin_says(bed, "ALLOW_CONNECTIONS true").await;
            recovers(bed).await;
        })
        .await;
}

#[tokio::test]
async fn a_run_that_loses_its_database_on_the_way_is_ended_when_it_is_back() {
    bed()
        .run_on_postgres(async |bed| {
            let before = files(bed, 42);
            bed.agent(AGENT).await.archives(42).await;
            for calls in [3, 5, 8] {
                bed.run_jobs_and_die_after(calls).await;
                admin_says(bed, "ALLOW_CONNECTIONS true").await; // and everybody is thrown out
                bed.pass(61);
            }
            bed.run_jobs_to_the_end().await;
            put_away(bed, 42, &before, &[]).await;
        })
        .await;
}
