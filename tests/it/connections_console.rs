//! Connections as admins use them: kept, tried, changed and ended over HTTP.

use deskside::store::{ledger, query};
use deskside_sandbox::{Fault, FaultRule, Matching, credentials};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::support::actors::{Answer, Visitor};
use crate::support::receiver::{Delivery, Receiver};
use crate::support::testbed::{Plan, Testbed, bed};

const ADMIN: u64 = credentials::ADMIN_ID;
pub const SEAL: &str = "new:3q2+7wAAq83vEjRWeJq83hI0VniavN4SNFZ4mrw5c1Q=";

pub fn sealed() -> Plan {
    bed().setting("server.seal_keys", SEAL)
}

/// A Zendesk connection by the sandbox's client, without consent.
pub fn zendesk(bed: &Testbed, secret: &str) -> Value {
    json!({
        "kind": "zendesk", "name": "Acme EU",
        "settings": {"base_url": bed.sandbox.zendesk_url, "client_id": credentials::CLIENT_ID, "flow": "client_credentials"},
        "secrets": {"client_secret": secret},
    })
}

pub async fn puts(admin: &Visitor, path: &str, body: &Value) -> Answer {
    Answer::to(admin.request(Method::PUT, path).json(body)).await
}

pub async fn deletes(admin: &Visitor, path: &str) -> Answer {
    Answer::to(admin.request(Method::DELETE, path)).await
}

/// A connection that works, and its id.
pub async fn connected(bed: &Testbed, admin: &Visitor) -> String {
    let made = admin.posts("/api/connections", &zendesk(bed, credentials::CLIENT_SECRET)).await;
    assert_eq!(made.verdict(), "201", "{}", made.text);
    assert_eq!(made.json()["test"]["ok"], true, "{}", made.text);
    made.json()["connection"]["id"].as_str().expect("an id").to_owned()
}

/// What the list says of one.
pub async fn one(admin: &Visitor, id: &str) -> Value {
    let list = admin.gets("/api/connections").await.json();
    let all = list["connections"].as_array().expect("a list").clone();
    all.into_iter().find(|one| one["id"] == id).unwrap_or_default()
}

/// What the ledger has of connections: who, what, and which parts.
async fn recorded(bed: &Testbed, account: &str) -> Vec<String> {
    let all = ledger::export(&bed.db, account, None, (0, 1_000), 1_000).await.expect("it is read");
    let rows = all.into_iter().filter(|row| row.entry.action.starts_with("connection_"));
    rows.map(|row| format!("{} {} {}", row.entry.actor, row.entry.action, row.entry.detail)).collect()
}

#[tokio::test]
async fn an_admin_adds_tries_renames_and_deletes_a_connection() {
    sealed()
        .run_on_each(async |bed| {
            let admin = bed.agent(ADMIN).await;
            let id = connected(bed, &admin).await;
            let listed = one(&admin, &id).await;
            assert_eq!((&listed["state"], &listed["name"]), (&json!("connected"), &json!("Acme EU")));
            assert!(listed["detail"].as_str().expect("a text").contains("127.0.0.1"), "{listed}");
            assert!(!listed.to_string().contains(credentials::CLIENT_SECRET), "no secret comes back");
            let path = format!("/api/connections/{id}");
            let tried = admin.posts(&format!("{path}/test"), &json!({})).await;
            let steps: Vec<_> =
                tried.json()["steps"].as_array().expect("steps").iter().map(|step| step["name"].clone()).collect();
            assert_eq!(steps, ["secret", "token", "user"]);
            let renamed = puts(&admin, &path, &json!({"version": 1, "name": "Acme Europe"})).await;
            assert_eq!((renamed.verdict(), &renamed.json()["test"]), ("200".into(), &Value::Null));
            let stale = puts(&admin, &path, &json!({"version": 1, "name": "Acme"})).await;
            assert_eq!(stale.verdict(), "409 connection_changed");
            assert_eq!(one(&admin, &id).await["name"], "Acme Europe");
            assert_eq!(deletes(&admin, &path).await.verdict(), "200");
            assert_eq!(deletes(&admin, &path).await.verdict(), "404 connection_not_found");
            let said = recorded(bed, "acme").await;
            let expected = [
                format!("agent:{ADMIN} connection_added {{\"connection\":\"{id}\",\"kind\":\"zendesk\"}}"),
                format!(
                    "agent:{ADMIN} connection_changed {{\"changed\":[\"name\"],\"connection\":\"{id}\",\"kind\":\"zendesk\"}}"
                ),
                format!("agent:{ADMIN} connection_deleted {{\"connection\":\"{id}\",\"kind\":\"zendesk\"}}"),
            ];
            assert_eq!(said, expected);
        })
        .await;
}

#[tokio::test]
async fn a_new_secret_is_tried_before_it_replaces_the_old() {
    sealed()
        .run_on_each(async |bed| {
            let admin = bed.agent(ADMIN).await;
            let id = connected(bed, &admin).await;
            let path = format!("/api/connections/{id}");
            let change = |secret: &str| json!({"version": 1, "secrets": {"client_secret": secret}});
            let refused = puts(&admin, &path, &change("wrong")).await;
            assert_eq!(refused.verdict(), "422 connection_test_failed");
            assert!(refused.text.contains("does not work with this"), "{}", refused.text);
            assert_eq!(
                admin.posts(&format!("{path}/test"), &json!({})).await.json()["ok"],
                true,
                "the old one works"
            );
            let kept = puts(&admin, &path, &change(credentials::CLIENT_SECRET)).await;
            assert_eq!((kept.verdict(), &kept.json()["connection"]["version"]), ("200".into(), &json!(2)));
            // Left empty, as a form sends it: it stays.
            let same = puts(&admin, &path, &json!({"version": 2, "secrets": {"client_secret": ""}})).await;
            assert_eq!(same.verdict(), "200");
            assert_eq!(admin.posts(&format!("{path}/test"), &json!({})).await.json()["ok"], true);
        })
        .await;
}

#[tokio::test]
async fn one_that_does_not_work_is_kept_and_says_what_to_do() {
    sealed()
        .run(async |bed| {
            let admin = bed.agent(ADMIN).await;
            let made = admin.posts("/api/connections", &zendesk(bed, "wrong")).await;
            assert_eq!((made.verdict(), &made.json()["test"]["ok"]), ("201".into(), &json!(false)));
            let id = made.json()["connection"]["id"].as_str().expect("an id").to_owned();
            let listed = one(&admin, &id).await;
            assert_eq!(
                (&listed["state"], &listed["problem"]["code"]),
                (&json!("needs_attention"), &json!("test_failed"))
            );
            assert!(
                listed["problem"]["message"].as_str().expect("a text").contains("Zendesk rejected"),
                "{listed}"
            );
            let mended = json!({"version": 1, "secrets": {"client_secret": credentials::CLIENT_SECRET}});
            assert_eq!(puts(&admin, &format!("/api/connections/{id}"), &mended).await.verdict(), "200");
            let listed = one(&admin, &id).await;
            assert_eq!((&listed["state"], &listed["problem"]), (&json!("connected"), &Value::Null));
        })
        .await;
}

#[tokio::test]
async fn trouble_and_its_end_are_told_once_by_the_webhook() {
    let (url, receiver) = Receiver::listen().await;
    sealed()
        .setting("notify.webhook_url", &url)
        .run_on_each(async |bed| {
            let told = || -> Vec<Value> { receiver.heard().iter().map(Delivery::json).collect() };
            let changes =
                || -> Vec<Value> { told().into_iter().map(|told| told["change"].clone()).collect() };
            let admin = bed.agent(ADMIN).await;
            let id = connected(bed, &admin).await;
            let tests = async || {
                admin.posts(&format!("/api/connections/{id}/test"), &json!({})).await;
                bed.run_jobs_to_the_end().await;
            };
            tests().await;
            assert_eq!(changes(), [] as [Value; 0], "it was well, and is");
            let on = Matching { path_prefix: Some("/api/v2/users/me".to_owned()), ..Matching::default() };
            let fault = Fault::Status { status: 403, retry_after: None };
            bed.vendors().fault(FaultRule { on, times: 2, skip: 0, fault });
            tests().await;
            tests().await;
            let [said] = <[Value; 1]>::try_from(told()).expect("told once");
            assert_eq!(said["change"], "needs_attention");
            assert!(said["text"].as_str().expect("a text").contains("\"Acme EU\" needs attention"), "{said}");
            assert!(!said.to_string().contains(credentials::CLIENT_SECRET), "{said}");
            tests().await;
            tests().await;
            assert_eq!(changes(), [json!("recovered")]);
        })
        .await;
}

#[tokio::test]
async fn a_disconnected_one_has_no_secret_and_a_new_one_connects_it() {
    sealed()
        .run_on_each(async |bed| {
            let admin = bed.agent(ADMIN).await;
            let id = connected(bed, &admin).await;
            let path = format!("/api/connections/{id}");
            let ended = admin.posts(&format!("{path}/disconnect"), &json!({})).await;
            assert_eq!((ended.verdict(), &ended.json()["revoked"]), ("200".into(), &json!(true)));
            assert_eq!(ended.json()["connection"]["state"], "disconnected");
            let kept = query("SELECT secret FROM connections").one(&bed.db).await.expect("a row");
            assert_eq!(kept.get::<Option<Vec<u8>>>("secret").expect("a column"), None);
            let tried = admin.posts(&format!("{path}/test"), &json!({})).await.json();
            assert_eq!(
                (&tried["ok"], one(&admin, &id).await["state"].as_str()),
                (&json!(false), Some("disconnected"))
            );
            let again = json!({"version": 2, "secrets": {"client_secret": credentials::CLIENT_SECRET}});
            assert_eq!(puts(&admin, &path, &again).await.verdict(), "200");
            assert_eq!(one(&admin, &id).await["state"], "connected");
        })
        .await;
}

#[tokio::test]
async fn a_value_that_cannot_be_used_is_refused_by_its_field() {
    let folder = tempfile::tempdir().expect("a folder");
    sealed()
        .setting("sources.folders", folder.path().to_str().expect("text"))
        .run(async |bed| {
            let admin = bed.agent(ADMIN).await;
            let check = async |change: &dyn Fn(&mut Value), field: &str, expected: &str| {
                let mut body = json!({
                    "kind": "mysql", "name": "Service",
                    "settings": {"host": "127.0.0.1", "database": "service", "user": "deskside"},
                    "secrets": {"password": "hush"},
                });
                change(&mut body);
                let refused = admin.posts("/api/connections", &body).await;
                assert_eq!(refused.verdict(), "422 connection_invalid", "{body}");
                assert_eq!(refused.json()["error"]["field"], field, "{}", refused.text);
                assert!(refused.text.contains(expected) && !refused.text.contains("hush"), "{}", refused.text);
            };
            check(&|body| body["kind"] = json!("oracle"), "kind", "must be zendesk").await;
            check(&|body| body["kind"] = json!("notify"), "kind", "must be zendesk").await;
            check(&|body| body["name"] = json!(" "), "name", "1 to 100 characters").await;
            check(&|body| body["environment"] = json!("test"), "environment", "production or sandbox").await;
            check(&|body| body["settings"]["host"] = json!(""), "host", "like db.acme.example").await;
            for host in ["http://db/x", "db:3306", "a,b", "db;x", "..%2f"] {
                check(&|body| body["settings"]["host"] = json!(host), "host", "a host name").await;
            }
            check(&|body| body["settings"]["port"] = json!("70000"), "port", "1 to 65535").await;
            check(&|body| body["settings"]["sslmode"] = json!("x"), "sslmode", "not a field").await;
            check(&|body| drop(body["settings"].as_object_mut().unwrap().remove("user")), "user", "missing").await;
            check(&|body| body["secrets"] = json!({}), "password", "missing").await;
            check(&|body| body["secrets"]["refresh_token"] = json!("x"), "refresh_token", "comes from the vendor").await;
            let missing = folder.path().join("missing");
            for (path, expected) in [
                ("/etc", "lists in"),
                ("/nowhere/x", "lists in"),
                ("reports", "a whole path"),
                (missing.to_str().expect("text"), "does not exist"),
            ] {
                let report = |body: &mut Value| {
                    *body = json!({"kind": "report", "name": "Reports", "settings": {"folder": path}});
                };
                check(&report, "folder", expected).await;
            }
            let list = admin.gets("/api/connections").await.json();
            let all = list["connections"].as_array().expect("a list");
            assert!(all.iter().all(|one| one["in_file"] == true), "nothing was kept: {list}");
            let inside = folder.path().join("daily");
            std::fs::create_dir(&inside).expect("a folder");
            std::os::unix::fs::symlink("/etc", inside.join("out")).expect("a link");
            let report = |path: &std::path::Path| json!({"kind": "report", "name": "Reports", "settings": {"folder": path}});
            let made = admin.posts("/api/connections", &report(&inside)).await;
            assert_eq!((made.verdict(), &made.json()["test"]["ok"]), ("201".into(), &json!(true)), "{}", made.text);

            let id = made.json()["connection"]["id"].as_str().expect("an id").to_owned();
            let path = format!("/api/connections/{id}");
            assert_eq!(admin.posts(&format!("{path}/disconnect"), &json!({})).await.verdict(), "200");
            let renamed = json!({"name": "Daily"});
            let saved = json!({"settings": {"folder": inside}});
            for (mut wish, expected) in [(renamed, "disconnected"), (saved, "connected")] {
                wish["version"] = one(&admin, &id).await["version"].clone();
                let saved = puts(&admin, &path, &wish).await;
                let state = one(&admin, &id).await["state"].clone();
                assert_eq!((saved.verdict(), state), ("200".into(), json!(expected)), "{}", saved.text);
            }
            let out = admin.posts("/api/connections", &report(&inside.join("out"))).await;
            assert_eq!(out.verdict(), "422 connection_invalid", "a link out of the folder");
        })
        .await;
}

#[tokio::test]
async fn a_database_is_looked_for_where_the_operator_lets_deskside_go() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let port = listener.local_addr().expect("it is bound").port();
    sealed()
        .run(async |bed| {
            let admin = bed.agent(ADMIN).await;
            let made = async |host: &str, port: u16| {
                let body = json!({
                    "kind": "postgres", "name": "Service",
                    "settings": {"host": host, "port": port, "database": "service", "user": "deskside", "tls": "disable"},
                    "secrets": {"password": "hush"},
                });
                let made = admin.posts("/api/connections", &body).await;
                assert_eq!(made.verdict(), "201", "{}", made.text);
                made.json()["test"].clone()
            };
            for (host, expected) in [
                ("169.254.169.254", "169.254.169.254 is not a public address"),
                ("10.0.0.1", "10.0.0.1 is not a public address"),
                ("nowhere.invalid", "cannot be resolved"),
            ] {
                let test = made(host, port).await;
                assert!(test["ok"] == false && test.to_string().contains(expected), "{test}");
                assert!(!test.to_string().contains("base_url"), "a database has a host: {test}");
            }
            let test = made("127.0.0.1", port).await;
            assert!(test.to_string().contains("127.0.0.1"), "{test}");
        })
        .await;
}

#[tokio::test]
async fn only_editors_change_connections_and_each_account_has_its_own() {
    sealed()
        .setting("integrations.editors", "addresses:somebody@example.com")
        .run(async |bed| {
            let admin = bed.agent(ADMIN).await;
            let list = admin.gets("/api/connections").await.json();
            assert_eq!(list["may_edit"], false);
            let refused = admin.posts("/api/connections", &zendesk(bed, "x")).await;
            assert_eq!(refused.verdict(), "403 connection_editors_only");
            let agent = bed.agent(credentials::AGENT_ID).await;
            assert_eq!(agent.gets("/api/connections").await.verdict(), "403 admin_only");
        })
        .await;
    let editor = format!("addresses:{}", credentials::ADMIN_EMAIL.to_uppercase());
    sealed()
        .setting("integrations.editors", editor)
        .with_second_account()
        .run_on_each(async |bed| {
            let (acme, globex) = (bed.agent(ADMIN).await, bed.agent_of_second(ADMIN).await);
            let id = connected(bed, &acme).await;
            assert_eq!(one(&globex, &id).await, Value::Null);
            let path = format!("/api/connections/{id}");
            for refused in [
                globex.posts(&format!("{path}/test"), &json!({})).await,
                globex.posts(&format!("{path}/disconnect"), &json!({})).await,
                puts(&globex, &path, &json!({"version": 1, "name": "Mine"})).await,
                deletes(&globex, &path).await,
            ] {
                assert_eq!(refused.verdict(), "404 connection_not_found");
            }
            assert_eq!(one(&acme, &id).await["state"], "connected");
            assert_eq!(recorded(bed, "globex").await, Vec::<String>::new());
        })
        .await;
}

#[tokio::test]
async fn what_the_settings_file_says_is_read_only() {
    sealed()
        .run(async |bed| {
            let admin = bed.agent(ADMIN).await;
            let listed = one(&admin, "zendesk").await;
            assert_eq!((&listed["in_file"], &listed["state"]), (&json!(true), &Value::Null));
            for refused in [
                admin.posts("/api/connections/zendesk/test", &json!({})).await,
                admin.posts("/api/connections/zendesk/disconnect", &json!({})).await,
                puts(&admin, "/api/connections/zendesk", &json!({"version": 0, "name": "x"})).await,
                deletes(&admin, "/api/connections/zendesk").await,
            ] {
                assert_eq!(refused.verdict(), "409 connection_in_file");
            }
        })
        .await;
    bed()
        .run(async |bed| {
            let admin = bed.agent(ADMIN).await;
            assert_eq!(admin.gets("/api/connections").await.json()["keeps_secrets"], false);
            let refused = admin.posts("/api/connections", &zendesk(bed, "x")).await;
            assert_eq!(refused.verdict(), "409 seal_key_missing");
        })
        .await;
}

#[tokio::test]
async fn a_change_on_one_replica_builds_the_account_anew_on_all() {
    sealed()
        .with_second_account()
        .run_on_each(async |bed| {
            let accounts = bed.accounts();
            let before = |name: &str| accounts.of(name).expect("it is served");
            let (acme, globex) = (before("acme"), before("globex"));
            // Another replica's change is only in the database.
            query("UPDATE accounts SET connections_version = connections_version + 1")
                .execute(&bed.db)
                .await
                .expect("it is written");
            assert!(std::sync::Arc::ptr_eq(&acme, &before("acme")), "nobody has looked yet");
            accounts.follow_connections().await.expect("it is read");
            assert!(!std::sync::Arc::ptr_eq(&acme, &before("acme")));
            assert!(!std::sync::Arc::ptr_eq(&globex, &before("globex")));
            let (acme, globex) = (before("acme"), before("globex"));
            connected(bed, &bed.agent(ADMIN).await).await;
            assert!(!std::sync::Arc::ptr_eq(&acme, &before("acme")), "this replica follows at once");
            assert!(
                std::sync::Arc::ptr_eq(&globex, &before("globex")),
                "nothing of the other account changed"
            );
        })
        .await;
}
