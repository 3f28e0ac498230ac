//! Connections at rest: whose they are, how their secrets are kept, and what the operator sees of them.

use std::process::{Output, Stdio};

use deskside::store::connections::{self, Attention, ConnectionRow, ConnectionState, Turn};
use deskside::store::{Db, SealKeys, query};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;

use crate::command_line::command;
use crate::support::databases::for_each_database;
use crate::support::errands::noon;
use crate::support::testbed::{Testbed, bed};

const OLD: &str = "old:b2xkIG9sZCBvbGQgb2xkIG9sZCBvbGQgb2xkIG9sZCA=";
/// Another key with the id of the old one.
const OLD_ID: &str = "old:YW5vdGhlciBrZXkgYW5vdGhlciBrZXkgYW5vdGhlciA=";
const NEW: &str = "new:3q2+7wAAq83vEjRWeJq83hI0VniavN4SNFZ4mrw5c1Q=";
const SETTINGS: &str = r#"{"base_url": "https://acme.zendesk.com", "client_id": "deskside"}"#;
const SECRET: &str = r#"{"client_secret": "hush", "refresh_token": "do-not-tell"}"#;
const TOKENS: &str = r#"{"refresh_token": "do-not-tell", "access_token": "hush", "renew_at_us": 1}"#;

fn seals(ids: &[&str]) -> SealKeys {
    SealKeys::new(ids.iter().map(|id| ((*id).to_owned(), [u8::try_from(id.len()).expect("short"); 32])))
}

fn row(account: &str, id: &str, seals: &SealKeys) -> ConnectionRow {
    let mut row = ConnectionRow::new(account, id, "zendesk");
    row.seal(format!("the secret of {account} {id}").as_bytes(), seals).expect("there is a key");
    row
}

async fn insert(db: &Db, row: &ConnectionRow) -> bool {
    let mut tx = db.begin().await.unwrap();
    let kept = connections::insert(&mut tx, row).await.unwrap();
    tx.commit().await.unwrap();
    kept
}

async fn update(db: &Db, row: &ConnectionRow, seals: &SealKeys) -> bool {
    let mut tx = db.begin().await.unwrap();
    let kept = connections::update(&mut tx, row, seals).await.unwrap();
    tx.commit().await.unwrap();
    kept
}

#[tokio::test]
async fn a_connection_is_its_accounts_own_and_a_stale_change_is_refused() {
    for_each_database(async |db| {
        let seals = seals(&["key"]);
        for account in ["acme", "globex"] {
            assert!(insert(&db, &row(account, "zendesk-two", &seals)).await);
        }
        assert!(!insert(&db, &row("acme", "zendesk-two", &seals)).await, "the id is taken");
        let read = async |account: &str| connections::read(&db, account, "zendesk-two").await.unwrap();
        let (mut one, mut other) = (read("acme").await.unwrap(), read("acme").await.unwrap());
        "Acme EU".clone_into(&mut one.name);
        other.seal(b"another secret", &seals).unwrap();
        assert!(update(&db, &other, &seals).await);
        assert!(!update(&db, &one, &seals).await, "it was changed meanwhile");
        let now = read("acme").await.unwrap();
        assert_eq!((now.version, now.name.as_str()), (2, ""));
        assert_eq!(now.open(&seals).unwrap().as_deref(), Some(&b"another secret"[..]));
        let globex = read("globex").await.unwrap();
        assert_eq!(globex.open(&seals).unwrap().as_deref(), Some(&b"the secret of globex zendesk-two"[..]));
        assert_eq!(connections::list(&db, "acme").await.unwrap().len(), 1);
        let mut tx = db.begin().await.unwrap();
        assert!(connections::delete(&mut tx, "acme", "zendesk-two").await.unwrap());
        assert!(!connections::delete(&mut tx, "acme", "zendesk-two").await.unwrap(), "it is gone");
        tx.commit().await.unwrap();
        assert!(read("acme").await.is_none() && read("globex").await.is_some());
    })
    .await;
}

#[tokio::test]
async fn a_secret_opens_in_its_own_row_and_beside_its_settings_alone() {
    for_each_database(async |db| {
        let seals = seals(&["key"]);
        let check = async |change: &'static str| {
            insert(&db, &row("acme", "one", &seals)).await;
            query(change).execute(&db).await.unwrap();
            let all = connections::of_all_accounts(&db).await.unwrap();
            let moved = all.iter().filter(|row| row.open(&seals).is_err()).count();
            assert_eq!(moved, 1, "{change}");
            query("DELETE FROM connections").execute(&db).await.unwrap();
        };
        check("UPDATE connections SET account = 'globex'").await;
        check("UPDATE connections SET id = 'two'").await;
        check("UPDATE connections SET kind = 'twilio'").await;
        check("UPDATE connections SET key_id = 'other'").await;
        check(r#"UPDATE connections SET settings = '{"base_url": "https://evil.example.com"}'"#).await;
        check("UPDATE connections SET secret_generation = 'another'").await;
        check("UPDATE connections SET secret_generation = NULL").await;
        insert(&db, &row("acme", "one", &seals)).await;
        insert(&db, &row("acme", "two", &seals)).await;
        check("UPDATE connections SET secret = (SELECT secret FROM connections WHERE id = 'two') WHERE id = 'one'").await;
        let mut none = ConnectionRow::new("acme", "three", "zendesk");
        let refused = none.seal(b"secret", &SealKeys::default()).expect_err("there is no key").to_string();
        assert!(refused.contains("`server.seal_keys`") && refused.contains("openssl rand"), "{refused}");
    })
    .await;
}

#[tokio::test]
async fn an_older_secret_of_a_row_does_not_open_again() {
    for_each_database(async |db| {
        let seals = seals(&["key"]);
        assert!(insert(&db, &row("acme", "one", &seals)).await);
        let secret = async || {
            let row = query("SELECT secret FROM connections").one(&db).await.unwrap();
            row.get::<Vec<u8>>("secret").unwrap()
        };
        let read = async || connections::read(&db, "acme", "one").await.unwrap().unwrap();
        let (older, mut row) = (secret().await, read().await);
        // The same secret beside other settings.
        row.settings = SETTINGS.to_owned();
        assert!(update(&db, &row, &seals).await);
        assert_eq!(read().await.open(&seals).unwrap().as_deref(), Some(&b"the secret of acme one"[..]));
        let mut row = read().await;
        row.seal(b"a newer secret", &seals).unwrap();
        assert!(update(&db, &row, &seals).await);
        query("UPDATE connections SET secret = $1").bind(older.as_slice()).execute(&db).await.unwrap();
        let refused = read().await.open(&seals).expect_err("it is not of this generation").to_string();
        assert!(refused.contains("the row was changed or moved"), "{refused}");
    })
    .await;
}

/// Sealed by the key `key` when only account, id and kind were a part of what is encrypted.
const OF_BEFORE: &str =
    "000102030405060708090a0b33d9136cbc853e7c54b146c981c9e696d2b55e5157ba044c0cc0f6cd051b52a3eb0f9be404d1";

#[tokio::test]
async fn a_secret_of_the_form_of_before_opens_until_it_is_sealed_anew() {
    for_each_database(async |db| {
        let seals = seals(&["key"]);
        assert!(insert(&db, &row("acme", "one", &seals)).await);
        let older = hex::decode(OF_BEFORE).unwrap();
        let put_back = "UPDATE connections SET secret = $1, secret_generation = NULL";
        query(put_back).bind(older.as_slice()).execute(&db).await.unwrap();
        let read = async || connections::read(&db, "acme", "one").await.unwrap().unwrap();
        let opens = Some(b"the secret of acme one".to_vec());
        assert_eq!(read().await.open(&seals).unwrap(), opens);
        assert_eq!(connections::reseal(&db, &seals).await.unwrap().changed, 1);
        assert_eq!(connections::reseal(&db, &seals).await.unwrap().changed, 0);
        assert_eq!(read().await.open(&seals).unwrap(), opens);
        query("UPDATE connections SET settings = '{}  '").execute(&db).await.unwrap();
        assert!(read().await.open(&seals).is_err(), "its settings are a part of it now");
    })
    .await;
}

#[tokio::test]
async fn a_row_that_cannot_be_read_hides_no_other() {
    for_each_database(async |db| {
        let seals = seals(&["key"]);
        for (account, id) in [("acme", "fine"), ("acme", "odd-kind"), ("globex", "odd-state")] {
            assert!(insert(&db, &row(account, id, &seals)).await);
        }
        for odd in [
            "UPDATE connections SET kind = 'telex' WHERE id = 'odd-kind'",
            "UPDATE connections SET state = 'needs_attention', state_detail = '[7]' WHERE id = 'odd-state'",
        ] {
            query(odd).execute(&db).await.unwrap();
        }
        assert_eq!(connections::list(&db, "acme").await.unwrap().len(), 2);
        let all = connections::of_all_accounts(&db).await.unwrap();
        let odd = all.iter().find(|row| row.id == "odd-state").unwrap();
        assert_eq!(odd.attention.as_ref().map(|attention| attention.code.as_str()), Some("unreadable"));
        let resealed = connections::reseal(&db, &self::seals(&["newer", "key"])).await.unwrap();
        let locked: Vec<_> = resealed.locked.iter().map(|row| row.id.as_str()).collect();
        assert_eq!((resealed.changed, locked), (2, vec!["odd-kind"]), "its secret was moved to another kind");
    })
    .await;
}

#[tokio::test]
async fn trouble_with_a_connection_and_its_end_are_said_once() {
    for_each_database(async |db| {
        insert(&db, &row("acme", "one", &seals(&["key"]))).await;
        let trouble = |code: &str| Attention {
            during: None,
            code: code.into(),
            sentence: "it does not work".into(),
            what_to_do: "connect it again".into(),
        };
        let set = async |attention: Option<Attention>| {
            let mut tx = db.begin().await.unwrap();
            let turn =
                connections::set_state(&mut tx, "acme", "one", attention.as_ref(), noon()).await.unwrap();
            tx.commit().await.unwrap();
            let row = connections::read(&db, "acme", "one").await.unwrap().unwrap();
            assert_eq!(row.attention, attention);
            assert_eq!(row.state == ConnectionState::NeedsAttention, attention.is_some());
            turn
        };
        assert_eq!(set(None).await, None);
        assert_eq!(set(Some(trouble("refresh_refused"))).await, Some(Turn::Entered));
        assert_eq!(set(Some(trouble("refresh_refused"))).await, None);
        assert_eq!(set(Some(trouble("secret_locked"))).await, Some(Turn::Entered), "this is news");
        assert_eq!(set(None).await, Some(Turn::Recovered));
        assert_eq!(set(None).await, None);
    })
    .await;
}

#[tokio::test]
async fn secrets_are_sealed_anew_by_the_first_key() {
    for_each_database(async |db| {
        for (account, id) in [("acme", "one"), ("acme", "two"), ("globex", "one")] {
            insert(&db, &row(account, id, &seals(&["old"]))).await;
        }
        insert(&db, &row("globex", "lost", &seals(&["lost-key"]))).await;
        let reseal = async |ids: &[&str]| {
            let done = connections::reseal(&db, &seals(ids)).await.unwrap();
            (done.changed, done.locked.len())
        };
        assert_eq!(reseal(&["newer", "old"]).await, (3, 1));
        for row in connections::of_all_accounts(&db).await.unwrap() {
            let opened = row.open(&seals(&["newer"]));
            assert_eq!(opened.is_ok(), row.id != "lost", "{row:?}");
            assert_eq!(row.version, 1, "what it is has not changed");
        }
        assert_eq!(reseal(&["newer", "lost-key"]).await, (1, 0));
        assert_eq!(reseal(&["newer"]).await, (0, 0));
        let another = SealKeys::new([("newer".to_owned(), [9; 32])]);
        let locked = connections::reseal(&db, &another).await.unwrap().locked;
        assert_eq!(locked.len(), 4, "another key has the same id");
    })
    .await;
}

/// Runs a command that reads `input`; whether it ended well, and what it said.
async fn runs(
    bed: &Testbed,
    settings: &[(&str, Option<&str>)],
    arguments: &[&str],
    input: &str,
) -> (bool, String) {
    let folder = tempfile::tempdir().expect("a folder");
    let mut command = command(bed, folder.path(), settings, arguments);
    let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = piped.spawn().expect("it starts");
    let mut stdin = child.stdin.take().expect("its input");
    stdin.write_all(input.as_bytes()).await.expect("it reads");
    drop(stdin);
    let Output { status, stdout, stderr } = child.wait_with_output().await.expect("it ends");
    (status.success(), String::from_utf8_lossy(&stdout).into_owned() + &String::from_utf8_lossy(&stderr))
}

#[tokio::test]
async fn an_operator_keeps_connections_and_changes_the_seal_key() {
    bed()
        .run(async |bed| {
            let folder = tempfile::tempdir().expect("a folder");
            let database = format!("sqlite:{}", folder.path().join("deskside.db").display());
            let with = async |keys: Option<&str>, arguments: &[&str], input: &str| {
                let settings = [("store.database_url", Some(database.as_str())), ("server.seal_keys", keys)];
                let (good, said) = runs(bed, &settings, arguments, input).await;
                assert!(
                    !said.contains("do-not-tell") && !said.contains("hush"),
                    "no secret is shown: {said}"
                );
                (good, said)
            };
            let good = async |keys: &str, arguments: &[&str], input: &str| {
                let (good, said) = with(Some(keys), arguments, input).await;
                assert!(good, "{arguments:?}: {said}");
                said
            };
            let bad = async |keys: Option<&str>, arguments: &[&str], input: &str, expected: &str| {
                let (good, said) = with(keys, arguments, input).await;
                assert!(!good && said.contains(expected), "{arguments:?}: {said}");
            };
            good(OLD, &["migrate"], "").await;
            let add = ["connections", "add", "zendesk-two", "--kind", "zendesk", "--settings", SETTINGS];
            bad(None, &add, SECRET, "openssl rand -base64 32").await;
            bad(Some(OLD), &add, "do-not-tell", "the secret of the connection must be a JSON object").await;
            bad(Some(OLD), &["connections", "remove", "zendesk"], "", "set in the settings file").await;
            bad(Some(OLD), &["connections", "remove", "nobody"], "", "there is no connection `nobody`").await;
            let own = ["connections", "add", "notify", "--kind", "zendesk", "--settings", SETTINGS];
            bad(Some(OLD), &own, SECRET, "choose another").await;
            for half in [r#"{"client_secret": "hush"}"#, r#"{"refresh_token": ""}"#, TOKENS] {
                bad(Some(OLD), &add, half, "token").await;
            }
            for odd in ["https://hush:do-not-tell@acme.zendesk.com", "http://8.8.8.8", "https://10.0.0.7"] {
                let settings = json!({"base_url": odd, "client_id": "deskside"}).to_string();
                let add = ["connections", "add", "zendesk-two", "--kind", "zendesk", "--settings", &settings];
                bad(Some(OLD), &add, SECRET, "`base_url`").await;
            }
            good(OLD, &add, SECRET).await;
            bad(Some(OLD), &add, SECRET, "already").await;
            let change = ["connections", "change", "zendesk-two"];
            bad(Some(OLD), &change, "", "required arguments").await;
            let change = ["connections", "change", "zendesk-two", "--name", "Acme EU"];
            bad(Some(OLD), &change, SECRET, "add `--secret`").await;
            good(OLD, &change, "").await;
            let elsewhere = SETTINGS.replace("acme", "globex");
            let elsewhere = ["connections", "change", "zendesk-two", "--settings", &elsewhere];
            bad(Some(OLD), &elsewhere, "", "never sent to another address").await;
            let said = good(OLD, &["connections", "list", "--json"], "").await;
            let listed: Vec<Value> = serde_json::from_str(&said).expect("JSON");
            let ids: Vec<_> =
                listed.iter().map(|one| (one["id"].as_str().unwrap(), &one["in_file"])).collect();
            let (yes, no) = (json!(true), json!(false));
            assert_eq!(ids, [("zendesk", &yes), ("objects", &yes), ("twilio", &yes), ("zendesk-two", &no)]);
            assert_eq!(listed[3]["name"], "Acme EU");
            assert_eq!((&listed[3]["state"], &listed[0]["state"]), (&json!("connected"), &Value::Null));

            let both = format!("{NEW},{OLD}");
            for lost in [Some(NEW), None] {
                let (_, said) = with(lost, &["check"], "").await;
                assert!(said.contains("BAD   keys") && said.contains("`zendesk-two`"), "{said}");
                bad(lost, &["keys", "check"], "", "seal key `old`, which `server.seal_keys` does not have")
                    .await;
                let (_, said) = with(lost, &["connections", "list"], "").await;
                assert!(said.contains("needs_attention") && said.contains("put the key back"), "{said}");
            }
            for wrong in [NEW, OLD_ID] {
                let (good, said) = with(Some(wrong), &["keys", "rotate"], "").await;
                assert!(!good && said.contains("`zendesk-two`") && said.contains("keep all keys"), "{said}");
            }
            let said = good(&both, &["keys", "rotate"], "").await;
            assert!(said.contains("1 secrets of connections"), "nothing was overwritten before: {said}");
            assert!(said.contains("no other key is needed any more"), "{said}");
            let said = good(NEW, &["connections", "list"], "").await;
            assert!(said.contains("connected") && !said.contains("needs_attention"), "{said}");
            good(NEW, &["keys", "check"], "").await;
            good(NEW, &["connections", "remove", "zendesk-two"], "").await;
            assert!(!good(NEW, &["connections", "list"], "").await.contains("zendesk-two"));
        })
        .await;
}
