//! What lies on the disk: who may read it, and what is encrypted.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use deskside::store::{Db, SealKeys, keys};
use deskside_sandbox::credentials;
use tokio::io::{AsyncBufReadExt, BufReader};

use crate::command_line::command;
use crate::support::databases::for_each_database;
use crate::support::testbed::{Testbed, bed};

const OLD: &str = "old:b2xkIG9sZCBvbGQgb2xkIG9sZCBvbGQgb2xkIG9sZCA=";
const NEW: &str = "new:3q2+7wAAq83vEjRWeJq83hI0VniavN4SNFZ4mrw5c1Q=";

/// Runs a command in `folder`, with these settings over the bed's; what it said.
async fn says(bed: &Testbed, folder: &Path, settings: &[(&str, Option<&str>)], argument: &str) -> String {
    let ran = command(bed, folder, settings, &[argument]).output().await.expect("it runs");
    String::from_utf8_lossy(&ran.stdout).into_owned() + &String::from_utf8_lossy(&ran.stderr)
}

/// Serves until it listens, and then dies; the lines it logged.
async fn serves(bed: &Testbed, folder: &Path, settings: &[(&str, Option<&str>)]) -> Vec<String> {
    let mut serving =
        command(bed, folder, settings, &["serve"]).stderr(Stdio::piped()).spawn().expect("it starts");
    let mut log = BufReader::new(serving.stderr.take().expect("its log")).lines();
    let mut lines = Vec::new();
    while let Some(line) = log.next_line().await.expect("its log") {
        let listens = line.contains("listening on");
        lines.push(line);
        if listens {
            break;
        }
    }
    serving.kill().await.expect("it dies");
    lines
}

fn below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder").flatten() {
        found.push(entry.path());
        if entry.path().is_dir() {
            found.extend(below(&entry.path()));
        }
    }
    found
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).expect("it is there").permissions().mode() & 0o777
}

#[tokio::test]
async fn files_are_their_users_alone_and_check_says_where_they_are_not() {
    bed()
        .run(async |bed| {
            let folder = tempfile::tempdir().expect("a folder");
            let database = format!("sqlite:{}", folder.path().join("deskside.db").display());
            let archive = folder.path().join("files").display().to_string();
            let settings = [
                ("store.database_url", Some(database.as_str())),
                ("archive.store", Some(archive.as_str())),
                ("server.listen", Some("127.0.0.1:0")),
            ];
            let lines = serves(bed, folder.path(), &settings).await;
            assert!(lines.last().is_some_and(|line| line.contains("listening on")), "{lines:?}");
            assert!(says(bed, folder.path(), &settings, "check").await.contains("ok    archive"));
            let found = below(folder.path());
            assert!(found.iter().any(|path| path.ends_with("deskside.db")), "{found:?}");
            assert!(found.iter().any(|path| path.ends_with("files")), "{found:?}");
            for path in &found {
                assert_eq!(mode(path), if path.is_dir() { 0o700 } else { 0o600 }, "{}", path.display());
            }
            assert!(!says(bed, folder.path(), &settings, "check").await.contains("at rest"));
            let settings_file = folder.path().join("deskside.toml");
            fs::write(&settings_file, "").expect("written");
            for path in ["deskside.db", "files", "deskside.toml"].map(|name| folder.path().join(name)) {
                let before = Permissions::from_mode(if path.is_dir() { 0o700 } else { 0o600 });
                fs::set_permissions(&settings_file, Permissions::from_mode(0o600)).expect("closed");
                fs::set_permissions(&path, Permissions::from_mode(0o755)).expect("opened");
                let said = says(bed, folder.path(), &settings, "check").await;
                let line = said.lines().find(|line| line.starts_with("warn  at rest"));
                let name = path.file_name().expect("a name").to_string_lossy();
                assert!(
                    line.is_some_and(|line| line.contains(&*name) && line.contains("chmod")),
                    "{name}: {said}"
                );
                assert_eq!(said.matches("warn  at rest").count(), 1, "{said}");
                fs::set_permissions(&path, before).expect("closed again");
            }
        })
        .await;
}

#[tokio::test]
async fn a_key_in_clear_is_not_believed_once_there_is_a_seal_key() {
    for_each_database(async |db| {
        let seals = |texts: &[&str]| {
            SealKeys::new(
                texts.iter().map(|id| ((*id).to_owned(), [u8::try_from(id.len()).expect("short"); 32])),
            )
        };
        let raw = async |db: &Db| -> (Vec<u8>, Option<String>) {
            let row =
                deskside::store::query("SELECT value, sealed_by FROM shared_keys WHERE name = 'bearer'");
            let row = row.one(db).await.expect("a row");
            (row.get("value").expect("a value"), row.get("sealed_by").expect("a key"))
        };
        let fresh = [7; 32];
        assert_eq!(keys::secret(&db, "bearer", &fresh, &seals(&[])).await.unwrap(), fresh);
        assert_eq!(raw(&db).await, (fresh.to_vec(), None));
        // Whoever can write the database can have written it.
        let anew = [9; 32];
        let check = async |with: &[&str], sealed_by: &str| {
            let fresh = if with == ["old"] { anew } else { [1; 32] };
            assert_eq!(keys::secret(&db, "bearer", &fresh, &seals(with)).await.unwrap(), anew, "{with:?}");
            let (value, by) = raw(&db).await;
            assert!(value != anew && by.as_deref() == Some(sealed_by), "{with:?}: {by:?}");
        };
        check(&["old"], "old").await;
        check(&["newer", "old"], "newer").await;
        check(&["newer"], "newer").await;
        let before = raw(&db).await;
        let lost =
            keys::secret(&db, "bearer", &[9; 32], &seals(&["old"])).await.expect_err("its key is lost");
        assert!(
            lost.to_string().contains("seal key `newer`") && lost.to_string().contains("server.seal_keys")
        );
        assert_eq!(raw(&db).await, before, "nothing is overwritten");
        let resealed = keys::reseal(&db, &seals(&["old"])).await.unwrap();
        assert_eq!((resealed.changed, resealed.locked.len(), resealed.deleted.len()), (0, 1, 0));
        let in_clear = "UPDATE shared_keys SET value = $1, sealed_by = NULL";
        deskside::store::query(in_clear).bind(fresh.as_slice()).execute(&db).await.unwrap();
        assert_eq!(keys::reseal(&db, &seals(&["old"])).await.unwrap().deleted, ["bearer"]);
        let at_once = (0..4).map(|_| async { keys::secret(&db, "other", &fresh, &seals(&["old"])).await });
        let made = futures::future::join_all(at_once).await;
        assert!(made.iter().all(|key| key.as_ref().is_ok_and(|key| *key == fresh)), "{made:?}");
    })
    .await;
}

#[tokio::test]
async fn a_seal_key_that_is_lost_stops_the_start_and_says_how_to_mend_it() {
    bed()
        .run(async |bed| {
            let folder = tempfile::tempdir().expect("a folder");
            let database = format!("sqlite:{}", folder.path().join("deskside.db").display());
            let with = async |keys: Option<&str>| {
                let settings = [
                    ("store.database_url", Some(database.as_str())),
                    ("server.listen", Some("127.0.0.1:0")),
                    ("server.seal_keys", keys),
                ];
                (
                    serves(bed, folder.path(), &settings).await.join("\n"),
                    says(bed, folder.path(), &settings, "check").await,
                )
            };
            let (started, checked) = with(None).await;
            assert!(
                started.contains("listening on") && checked.contains("in the database, in clear"),
                "{checked}"
            );
            let (started, checked) = with(Some(OLD)).await;
            assert!(started.contains("so a new one was made: agents reload"), "{started}");
            assert!(started.contains("listening on") && !checked.contains("in clear"), "{checked}");
            assert!(checked.contains("`server.seal_keys` could be guessed"), "{checked}");
            for lost in [Some(NEW), None] {
                let (started, checked) = with(lost).await;
                let expected = "seal key `old`, which `server.seal_keys` does not have";
                assert!(!started.contains("listening on") && started.contains(expected), "{started}");
                assert!(checked.contains("BAD ") && checked.contains(expected), "{checked}");
            }
            // The lost key is needed no more where `server.secret_key` is set.
            let rotate = async |arguments: &[&str]| {
                let settings = [
                    ("store.database_url", Some(database.as_str())),
                    ("server.seal_keys", Some(NEW)),
                    ("server.secret_key", Some("one secret key of thirty-two bytes and more")),
                ];
                let ran = command(bed, folder.path(), &settings, arguments).output().await.expect("it runs");
                (ran.status.success(), String::from_utf8_lossy(&ran.stdout).into_owned())
            };
            for arguments in [["keys", "rotate"], ["keys", "check"]] {
                let (good, said) = rotate(&arguments).await;
                assert!(good && said.contains("`deskside keys rotate --delete-unused` deletes it"), "{said}");
            }
            let both = format!("{NEW},{OLD}");
            assert!(with(Some(&both)).await.0.contains("listening on"));
            assert!(with(Some(NEW)).await.0.contains("listening on"), "the new key sealed it anew");
            let (good, said) = rotate(&["keys", "rotate", "--delete-unused"]).await;
            assert!(good && said.contains("0 shared keys"), "{said}");
            assert!(with(Some(OLD)).await.0.contains("listening on"), "it was deleted, and made anew");
        })
        .await;
}

#[tokio::test]
async fn what_is_a_risk_is_said_at_the_start_and_by_check() {
    bed()
        .run(async |bed| {
            let folder = tempfile::tempdir().expect("a folder");
            let check = async |setting: (&str, &str), expected: &str| {
                let settings = [(setting.0, Some(setting.1)), ("server.listen", Some("127.0.0.1:0"))];
                let started = serves(bed, folder.path(), &settings).await.join("\n");
                assert!(started.contains("WARN") && started.contains(expected), "{expected}: {started}");
                let checked = says(bed, folder.path(), &settings, "check").await;
                assert!(checked.contains(expected), "{expected}: {checked}");
                assert!(
                    !started.contains(setting.1) || setting.1.starts_with("http"),
                    "no secret is shown: {started}"
                );
            };
            check(("server.public_url", "http://deskside.example.com"), "`server.public_url`").await;
            check(("server.secret_key", &"ab".repeat(20)), "`server.secret_key` could be guessed").await;
            check(("zendesk.webhook_secret", "Zq9x"), "`zendesk.webhook_secret` could be guessed").await;
            check(("notify.secret", "12345678"), "`notify.secret` could be guessed").await;
            let fine = [("server.secret_key", Some("one secret key of thirty-two bytes and more"))];
            assert!(!says(bed, folder.path(), &fine, "check").await.contains("could be guessed"));
            assert_eq!(bed.agent(credentials::AGENT_ID).await.card(42).await.verdict(), "200");
        })
        .await;
}
