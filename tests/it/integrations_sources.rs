//! What becomes of a run whose source fails, shrinks or is not reached.

use std::path::Path;

use deskside::store::query;
use serde_json::{Value, json};

use crate::connections_console::{connected, sealed};
use crate::integrations::{ADMIN, HANAKO, first_run, keep, rows, run, until_it_ends, updates, with};
use crate::integrations_destinations::log_of;
use crate::support::actors::Visitor;
use crate::support::testbed::{Plan, Testbed};

/// A world whose connections may read files below this folder.
pub fn with_files(root: &Path) -> Plan {
    sealed().setting("sources.folders", root.display().to_string())
}

/// A connection that reads the files of a folder, and its id.
pub async fn reports(admin: &Visitor, folder: &Path) -> String {
    let report = json!({"kind": "report", "name": "Reports", "settings": {"folder": folder}});
    let made = admin.posts("/api/connections", &report).await;
    assert_eq!(made.verdict(), "201", "{}", made.text);
    made.json()["connection"]["id"].as_str().expect("an id").to_owned()
}

/// `users.csv` with this many customers, each with a company.
pub fn write_customers(folder: &Path, customers: u64) {
    std::fs::create_dir_all(folder).expect("a folder");
    let lines: Vec<_> = (0..customers).map(|at| format!("{},Company {at}", HANAKO + at * 128)).collect();
    std::fs::write(folder.join("users.csv"), format!("user_id,company\n{}\n", lines.join("\n")))
        .expect("a file");
}

/// Customers get the companies of `users.csv`.
pub fn reads_file(connection: &str) -> Value {
    with(|it| {
        it["sources"] = json!([{"as": "people", "connection": connection, "read": {"kind": "file", "path": "users.csv"}}]);
        it["model"]["sql"] = json!("SELECT user_id, company, 1 AS mrr FROM people");
        it["removed"] = json!("clear");
    })
}

fn message(run: &Value) -> String {
    run["problem"]["message"].as_str().unwrap_or_default().to_owned()
}

async fn change_connections(bed: &Testbed, statement: &'static str) {
    assert_eq!(query(statement).execute(&bed.db).await.expect("the database answers"), 1);
}

/// check(what is read, what breaks it, why it cannot be read)
#[tokio::test]
async fn rows_of_yesterday_stand_in_for_a_source_that_fails() {
    async fn check(reads: fn(&str) -> Value, breaks: impl AsyncFn(&Testbed, &Path), why: &str) {
        let root = tempfile::tempdir().expect("a folder");
        with_files(root.path())
            .run_on_each(async |bed| {
                let admin = bed.agent(ADMIN).await;
                let folder = root.path().join("daily");
                write_customers(&folder, 30);
                let of_file = reads("")["sources"][0]["read"]["kind"] == "file";
                let id = if of_file { reports(&admin, &folder).await } else { connected(bed, &admin).await };
                let mut definition = reads(&id);
                let first = first_run(bed, &admin, &definition).await;
                assert_eq!(first["state"], "completed", "{first}");
                breaks(bed, &folder).await;
                let failed = run(bed, &admin, json!({})).await;
                let named = format!("the source `people` (connection `{id}`) cannot be read: ");
                assert_eq!(failed["state"], "failed", "{failed}");
                let told = message(&failed);
                assert!(told.starts_with(&named) && told.contains(why), "{told}");
                definition["sources"][0]["on_failed_source"] = json!("yesterday");
                bed.pass(120);
                let done = first_run(bed, &admin, &definition).await;
                assert_eq!(
                    (&done["state"], &done["counts"]["removed"], &done["counts"]["unchanged"]),
                    (&json!("completed"), &json!(0), &first["counts"]["matched"]),
                    "{done}"
                );
                let log = log_of(&admin, &done).await;
                assert!(log.contains(&named), "{log}");
                assert!(log.contains("; the rows of the last complete run are used"), "{log}");
                let old = &done["old_sources"][0];
                assert_eq!((&old["table"], &old["connection"]), (&json!("people"), &json!(id)), "{done}");
                assert!(old["read_at"].as_str() < done["started_at"].as_str(), "{done}");
                let listed = admin.gets("/api/integrations").await.json();
                assert_eq!(listed["integrations"][0]["last_run"]["old_sources"][0], *old, "{listed}");
                bed.pass(120);
                let next = run(bed, &admin, json!({})).await;
                assert_eq!(next["state"], "completed", "and the day after, the same rows: {next}");
                assert_eq!(next["old_sources"][0], *old, "and they are as old as they were: {next}");
            })
            .await;
    }
    fn reads_users(connection: &str) -> Value {
        with(|it| it["sources"][0]["connection"] = json!(connection))
    }
    let no_file = async |_: &Testbed, folder: &Path| {
        std::fs::remove_file(folder.join("users.csv")).expect("it is removed");
    };
    check(reads_file, no_file, "users.csv").await;
    let no_folder = async |_: &Testbed, folder: &Path| {
        std::fs::remove_dir_all(folder).expect("it is removed");
    };
    check(reads_file, no_folder, "the folder of the connection does not exist here").await;
    let ended = async |bed: &Testbed, _: &Path| {
        change_connections(bed, "UPDATE connections SET state = 'disconnected'").await;
    };
    check(reads_file, ended, "was disconnected; connect it again").await;
    let locked = async |bed: &Testbed, _: &Path| {
        change_connections(bed, "UPDATE connections SET key_id = 'lost'").await;
    };
    check(reads_users, locked, "does not open; `deskside keys check` says why").await;
}

#[tokio::test]
async fn a_source_that_lost_most_of_its_rows_is_confirmed_first() {
    let root = tempfile::tempdir().expect("a folder");
    with_files(root.path())
        .run_on_each(async |bed| {
            let admin = bed.agent(ADMIN).await;
            write_customers(root.path(), 30);
            let id = reports(&admin, root.path()).await;
            let mut definition = reads_file(&id);
            definition["removed"] = json!("keep");
            assert_eq!(first_run(bed, &admin, &definition).await["counts"]["updated"], 30);
            bed.pass(120);
            write_customers(root.path(), 10);
            let calls = updates(bed);
            let stopped = run(bed, &admin, json!({})).await;
            assert_eq!(
                (&stopped["state"], &stopped["problem"]["code"], updates(bed)),
                (&json!("stopped"), &json!("source_shrank"), calls),
                "{stopped}"
            );
            let why = message(&stopped);
            assert!(why.contains("the source `people` has 10 rows and had 30"), "{why}");
            let id = stopped["id"].as_str().expect("an id");
            assert_eq!(admin.posts(&format!("/api/runs/{id}/confirm"), &json!({})).await.verdict(), "200");
            let done = until_it_ends(bed, &admin, id).await;
            assert_eq!(
                (&done["state"], &done["counts"]["unchanged"]),
                (&json!("completed"), &json!(10)),
                "{done}"
            );
            assert_eq!(rows(&admin, &done, "removed").await.len(), 20);
        })
        .await;
}

/// check(where the database is, what the run says of it)
#[tokio::test]
async fn a_database_that_is_not_reached_is_named_with_the_cause() {
    async fn check(host: &str, port: u16, told: &str) {
        sealed()
            .run(async |bed| {
                let admin = bed.agent(ADMIN).await;
                let body = json!({
                    "kind": "postgres", "name": "Service",
                    "settings": {"host": host, "port": port, "database": "service", "user": "deskside", "tls": "disable"},
                    "secrets": {"password": "hush"},
                });
                let made = admin.posts("/api/connections", &body).await.json();
                let id = made["connection"]["id"].as_str().expect("an id").to_owned();
                let reads = with(|it| {
                    it["sources"][0] = json!({"as": "people", "connection": id, "read": {"kind": "sql", "sql": "SELECT 1"}});
                });
                assert_eq!(keep(&admin, &reads).await.verdict(), "201");
                let failed = run(bed, &admin, json!({"kind": "dry"})).await;
                let why = message(&failed);
                assert_eq!(failed["state"], "failed", "{failed}");
                let named = format!("the source `people` (connection `{id}`) cannot be read: ");
                assert!(why.starts_with(&named) && why.contains(told), "{why}");
                assert!(!why.contains('{') && !why.contains("hush"), "{why}");
            })
            .await;
    }
    check("127.0.0.1", 1, "PostgreSQL is not answering `connect to the database server`: ").await;
    check("127.0.0.1", 1, "refused").await;
    check("10.0.0.1", 5432, "10.0.0.1 is not a public address").await;
}
