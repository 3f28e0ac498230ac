//! Which database and which folder a command takes, and when it refuses to begin.

use std::{fs, path::Path};

use deskside::store::query;

use crate::command_line::command;
use crate::support::testbed::{Testbed, bed};

/// Every command that is no server.
const COMMANDS: [&[&str]; 11] = [
    &["check"],
    &["archive", "42"],
    &["ledger", "verify"],
    &["ledger", "export", "--format", "csv"],
    &["jobs", "list"],
    &["jobs", "pause", "archive_run"],
    &["accounts"],
    &["connections", "list"],
    &["connections", "remove", "zendesk-two"],
    &["keys", "check"],
    &["keys", "rotate"],
];

/// Runs a command in a folder, with the default places; whether it ended well, and what it said.
async fn runs(bed: &Testbed, folder: &Path, arguments: &[&str]) -> (bool, String) {
    let places = [("store.database_url", None), ("archive.store", None)];
    let ran = command(bed, folder, &places, arguments).output().await.expect("it runs");
    let text = String::from_utf8_lossy(&ran.stdout).into_owned() + &String::from_utf8_lossy(&ran.stderr);
    (ran.status.success(), text)
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("a folder");
    let mut names: Vec<_> =
        entries.map(|entry| entry.expect("an entry").file_name().into_string().expect("text")).collect();
    names.sort();
    names
}

#[tokio::test]
async fn a_command_makes_no_database_and_no_folder() {
    bed()
        .run(async |bed| {
            let folder = tempfile::tempdir().expect("a folder");
            let place = fs::canonicalize(folder.path()).expect("a path").join("deskside.db");
            for arguments in COMMANDS {
                let (good, said) = runs(bed, folder.path(), arguments).await;
                let expected = format!("there is no database at {}", place.display());
                assert!(!good && said.contains(&expected), "{arguments:?}: {said}");
                assert_eq!(names(folder.path()), Vec::<String>::new(), "{arguments:?}");
            }
            assert!(runs(bed, folder.path(), &["migrate"]).await.0);
            for arguments in [&["accounts"][..], &["ledger", "verify"], &["jobs", "list"]] {
                let (good, said) = runs(bed, folder.path(), arguments).await;
                assert!(good, "{arguments:?}: {said}");
            }
            let (_, said) = runs(bed, folder.path(), &["archive", "42"]).await;
            assert!(said.contains("there is no folder /") && said.contains("`archive.store`"), "{said}");
            assert_eq!(names(folder.path()), ["deskside.db"]);
        })
        .await;
}

#[tokio::test]
async fn a_command_works_on_its_own_schema_alone() {
    bed()
        .run_on_each(async |bed| {
            let check = async |change: &'static str, expected: &str| {
                query(change).execute(&bed.db).await.expect("changed");
                for arguments in COMMANDS {
                    let folder = tempfile::tempdir().expect("a folder");
                    let ran = command(bed, folder.path(), &[], arguments).output().await.expect("it runs");
                    let said = String::from_utf8_lossy(&ran.stdout) + String::from_utf8_lossy(&ran.stderr);
                    assert!(!ran.status.success() && said.contains(expected), "{arguments:?}: {said}");
                }
            };
            check(
                "UPDATE _sqlx_migrations SET version = 9999 WHERE version = 2",
                "the database's schema (version 9999) is newer",
            )
            .await;
            check(
                "DELETE FROM _sqlx_migrations WHERE version > 18",
                "the database's schema has version 18, and this Deskside needs version ",
            )
            .await;
            check("DROP TABLE _sqlx_migrations", "the database has no schema of Deskside").await;
        })
        .await;
}

#[tokio::test]
async fn relative_paths_start_from_the_settings_file() {
    bed()
        .setting("server.secret_key", "one secret key of thirty-two bytes and more")
        .run(async |bed| {
            let (settings, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
            let file = settings.path().join("deskside.toml");
            fs::write(&file, "[store]\ndatabase_url = \"sqlite:data.db\"\n").expect("written");
            let with_file = |command: &'static str| ["--config", file.to_str().expect("text"), command];
            let in_settings = |name: &str| settings.path().join(name).display().to_string();
            assert!(runs(bed, elsewhere.path(), &with_file("migrate")).await.0);
            assert_eq!(names(settings.path()), ["data.db", "deskside.toml"]);
            let (good, said) = runs(bed, elsewhere.path(), &with_file("check")).await;
            assert!(good && said.contains(&in_settings("data.db")), "{said}");
            assert!(said.contains(&format!("ok    archive            {}", in_settings("archive"))), "{said}");
            assert_eq!(names(settings.path()), ["data.db", "deskside.toml"], "check makes nothing");
            assert_eq!(names(elsewhere.path()), Vec::<String>::new());

            fs::rename(settings.path().join("data.db"), elsewhere.path().join("data.db")).expect("moved");
            let (good, said) = runs(bed, elsewhere.path(), &with_file("migrate")).await;
            assert!(
                !good && said.contains("`store.database_url` in") && said.contains("write the whole path"),
                "{said}"
            );
            assert_eq!(names(settings.path()), ["deskside.toml"], "nobody begins anew");
        })
        .await;
}
