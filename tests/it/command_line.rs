//! The binary, as the one who installs it meets it.

use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::sync::LazyLock;
use std::time::Duration;

use deskside_sandbox::{SignOptions, credentials};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;

use crate::support::actors::Visitor;
use crate::support::testbed::{Testbed, bed, variable};

/// The binary, built from the sources of this test run: with the packages and features of the tests, so that nothing is compiled twice.
static DESKSIDE: LazyLock<PathBuf> = LazyLock::new(|| {
    let mut cargo = std::process::Command::new(env!("CARGO"));
    let built = cargo.args(["build", "--quiet", "--workspace", "--bins", "--test", "it"]).status();
    assert!(built.is_ok_and(|status| status.success()), "the binary is built");
    let test = std::env::current_exe().expect("this test has a file");
    let debug = test.parent().and_then(Path::parent).expect("target/debug/deps");
    debug.join("deskside")
});

/// Runs a command in an empty folder, with these settings and nothing else.
pub(crate) fn command(
    bed: &Testbed,
    folder: &Path,
    settings: &[(&str, Option<&str>)],
    arguments: &[&str],
) -> Command {
    let mut command = Command::new(&*DESKSIDE);
    command.args(arguments).current_dir(folder).env_clear().envs(bed.environment.clone()).kill_on_drop(true);
    for (key, value) in settings {
        match value {
            Some(value) => command.env(variable(key), value),
            None => command.env_remove(variable(key)),
        };
    }
    command
}

/// Runs a command to its end: whether it ended well, and what it said.
pub(crate) async fn runs(
    bed: &Testbed,
    settings: &[(&str, Option<&str>)],
    arguments: &[&str],
) -> (bool, String) {
    let folder = tempfile::tempdir().expect("a folder");
    let Output { status, stdout, stderr } =
        command(bed, folder.path(), settings, arguments).output().await.expect("it runs");
    let text = String::from_utf8_lossy(&stdout) + String::from_utf8_lossy(&stderr);
    (status.success(), text.into_owned())
}

#[tokio::test]
async fn check_says_what_is_wrong_and_which_setting_mends_it() {
    bed()
        .setting("server.secret_key", "one secret key of thirty-two bytes and more")
        .run(async |bed| {
            let check = async |setting: Option<(&str, &str)>, good: bool, expected: &[&str]| {
                let settings: Vec<_> = setting.into_iter().map(|(key, value)| (key, Some(value))).collect();
                let (ended_well, text) = runs(bed, &settings, &["check"]).await;
                assert_eq!(ended_well, good, "{setting:?}: {text}");
                assert_eq!(text.contains("BAD "), !good, "{setting:?}: {text}");
                for words in expected {
                    assert!(text.contains(words), "{setting:?}: {words} in {text}");
                }
                assert!(!text.contains("sandbox-client-secret"), "no secret is shown: {text}");
            };
            check(None, true, &["ok    zendesk ", "ok    archive", "ok    database", "ok    twilio"]).await;
            let wrong = "not the secret";
            check(Some(("zendesk.client_secret", wrong)), false, &["`zendesk.client_secret`"]).await;
            check(Some(("zendesk.client_id", wrong)), false, &["`zendesk.client_id`"]).await;
            check(Some(("zendesk.app_id", "376")), false, &["`zendesk.app_id`"]).await;
            check(Some(("zendesk.base_url", "http://127.0.0.1:1")), false, &["`zendesk.base_url`"]).await;
            check(Some(("zendesk.scope", "raed write")), false, &["`zendesk.scope`"]).await;
            check(Some(("net.allow_private", "")), false, &["`net.allow_private`"]).await;
            check(Some(("twilio.api_key_secret", wrong)), false, &["`twilio.api_key_secret`"]).await;
            check(Some(("archive.store", "/proc/nowhere")), false, &["archive.store", "ok    zendesk "])
                .await;
            check(Some(("archive.store", "file://relative")), false, &["three slashes", "ok    zendesk "])
                .await;
            check(Some(("archive.store", "file:relative")), false, &["three slashes", "ok    twilio"]).await;
            check(
                Some(("store.database_url", "sqlite:///proc/nowhere.db")),
                false,
                &["`store.database_url`"],
            )
            .await;
            check(Some(("store.database_url", "postgres://127.0.0.1:1/x")), false, &["`store.database_url`"])
                .await;
            check(Some(("contracts.field_mrr", "no_such_field")), true, &["`contracts.field_mrr`"]).await;
            let warned = "warn  twilio             ";
            check(
                Some(("twilio.workspace_sid", "")),
                true,
                &[warned, "`twilio.workspace_sid`", "not logged"],
            )
            .await;
            let all: [(&str, &str, &[&str]); 7] = [
                (
                    "server.trusted_proxies",
                    "10.0.0.0/8",
                    &["warn  client addresses", "`server.client_address_header`"],
                ),
                (
                    "archive.may_open",
                    "roles:agent,Privcy",
                    &["warn  audiences", "no role Privcy", "`archive.may_open`"],
                ),
                (
                    "archive.may_open",
                    "groups:support,1",
                    &["warn  audiences", "no group 1:", "`archive.may_open`"],
                ),
                (
                    "contracts.visible_to",
                    r#"{ mrr = ["groups:Salse"] }"#,
                    &["warn  audiences", "no group Salse", "`contracts.visible_to`"],
                ),
                (
                    "contracts.visible_to",
                    r#"{ mrr = ["roles:7"], owner = ["admins"] }"#,
                    &["warn  audiences", "no role 7:", "`contracts.visible_to`"],
                ),
                ("contracts.visible_to", r#"{ mrr = ["roles:Advisor"] }"#, &["ok    user fields"]),
                ("archive.may_open", "agents", &["ok    user fields"]),
            ];
            for (setting, value, expected) in all {
                check(Some((setting, value)), true, expected).await;
            }
            let no_field = [
                ("contracts.visible_to", Some(r#"{ mrr = ["admins"] }"#)),
                ("contracts.field_mrr", Some("no_such_field")),
            ];
            let (ended_well, text) = runs(bed, &no_field, &["check"]).await;
            assert!(ended_well && text.contains("warn  visible parts"), "{text}");
            let (_, text) = runs(bed, &[("archive.may_open", Some("groups:Support"))], &["check"]).await;
            for quiet in ["audiences", "visible parts", "client addresses"] {
                assert!(!text.contains(quiet), "{quiet}: {text}");
            }
        })
        .await;
}

#[tokio::test]
async fn settings_that_cannot_be_used_are_all_named_before_anything_starts() {
    bed()
        .run(async |bed| {
            let check = async |settings: &[(&str, Option<&str>)], expected: &[&str]| {
                for subcommand in ["serve", "check"] {
                    let (ended_well, text) = runs(bed, settings, &[subcommand]).await;
                    assert!(!ended_well, "{subcommand} {settings:?}");
                    for words in expected {
                        assert!(text.contains(words), "{settings:?}: {words} in {text}");
                    }
                }
            };
            check(&[("zendesk.client_sercet", Some("x"))], &["DESKSIDE_ZENDESK__CLIENT_SECRET"]).await;
            let missing =
                [("zendesk.subdomain", None), ("zendesk.client_secret", None), ("server.public_url", None)];
            check(&missing, &["zendesk.subdomain", "zendesk.client_secret", "server.public_url"]).await;
            check(&[("server.secret_key", Some("short and secret"))], &["server.secret_key", "32 bytes"])
                .await;
            check(&[("server.listen", Some("everywhere"))], &["server.listen"]).await;
            let spelled = "agents, admins, roles: and names or ids";
            check(&[("archive.may_open", Some("everybody"))], &["`archive.may_open`", spelled]).await;
            for former in ["agent", "admin", "role:7", "group:360"] {
                let value = format!(r#"{{ mrr = ["{former}"] }}"#);
                check(&[("contracts.visible_to", Some(&value))], &["`contracts.visible_to`", spelled]).await;
            }
            let part = [("contracts.visible_to", Some(r#"{ price = ["admins"] }"#))];
            check(&part, &["`contracts.visible_to`", "names no part of a contract"]).await;
            let (_, text) = runs(bed, &[("server.secret_key", Some("short and secret"))], &["serve"]).await;
            assert!(!text.contains("short and secret"), "no value is shown: {text}");
        })
        .await;
}

#[tokio::test]
async fn a_settings_file_with_a_mistyped_key_names_the_nearest() {
    bed()
        .run(async |bed| {
            let folder = tempfile::tempdir().expect("a folder");
            std::fs::write(folder.path().join("deskside.toml"), "[archive]\nstroe = \"files\"\n")
                .expect("written");
            let ran = command(bed, folder.path(), &[], &["check"]).output().await.expect("it runs");
            let text = String::from_utf8_lossy(&ran.stderr);
            assert!(
                !ran.status.success() && text.contains("archive.stroe") && text.contains("archive.store"),
                "{text}"
            );
        })
        .await;
}

#[tokio::test]
async fn the_interface_is_described_without_any_setting() {
    let folder = tempfile::tempdir().expect("a folder");
    let ran = Command::new(&*DESKSIDE).arg("openapi").current_dir(folder.path()).env_clear().output().await;
    let document: Value = serde_json::from_slice(&ran.expect("it runs").stdout).expect("JSON");
    assert!(document["paths"]["/api/tickets/{id}/card"].is_object());
}

#[tokio::test]
async fn a_command_that_cannot_be_meant_changes_nothing_and_says_why() {
    bed()
        .run(async |bed| {
            let check = async |words: &str, status: i32, expected: &str| {
                let folder = tempfile::tempdir().expect("a folder");
                let arguments: Vec<_> =
                    words.split_whitespace().map(|word| if word == "''" { "" } else { word }).collect();
                let ran = command(bed, folder.path(), &[], &arguments).output().await.expect("it runs");
                let text = String::from_utf8_lossy(&ran.stdout) + String::from_utf8_lossy(&ran.stderr);
                assert_eq!(ran.status.code(), Some(status), "{words}: {text}");
                assert!(text.contains(expected), "{words}: {text}");
            };
            check("archive", 2, "--query <QUERY>").await;
            check("archive --again", 2, "--query <QUERY>").await;
            check("archive --dry-run", 2, "--query <QUERY>").await;
            check("connections change zendesk-two", 2, "--settings <SETTINGS>").await;
            check("connections change zendesk-two --name ''", 2, "a value is required").await;
            check("connections add zendesk-two --kind zendesk --environment ''", 2, "a value is required")
                .await;
            check("jobs retry", 2, "--kind <KIND>").await;
            check("jobs cancel --account acme", 2, "--kind <KIND>").await;
            check("jobs list --limit 0", 2, "--limit").await;
            check("ledger export --format csv --account nobody", 1, "there is no account `nobody`").await;
            check("connections list --account nobody", 1, "there is no account `nobody`").await;
            check("connections --account nobody remove x", 1, "there is no account `nobody`").await;
            check("ledger export --format csv --account acme", 0, "seq").await;
            check("connections list --account acme", 0, "settings file").await;
            check("jobs list --limit 1", 0, "no job").await;
        })
        .await;
}

#[tokio::test]
async fn whoever_stops_reading_a_command_gets_no_error() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut command = Command::new(&*DESKSIDE);
    let command = command.arg("openapi").current_dir(folder.path()).env_clear();
    let mut ran = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it runs");
    drop(ran.stdout.take()); // as `head` does
    let ended = ran.wait_with_output().await.expect("it ends");
    assert!(ended.status.success() && ended.stderr.is_empty(), "{}", String::from_utf8_lossy(&ended.stderr));
}

#[tokio::test]
async fn it_serves_until_it_is_told_to_stop_and_then_ends_well() {
    bed()
        .run_on_each(async |bed| {
            let folder = tempfile::tempdir().expect("a folder");
            let listen = [("server.listen", Some("127.0.0.1:0"))];
            let mut serving = command(bed, folder.path(), &listen, &["serve"])
                .stderr(Stdio::piped())
                .spawn()
                .expect("it starts");
            let mut lines = BufReader::new(serving.stderr.take().expect("its log")).lines();
            let address = loop {
                let line = lines.next_line().await.expect("its log").expect("it listens before it ends");
                if let Some((_, address)) = line.split_once("listening on ") {
                    break address.trim().to_owned();
                }
            };
            let drain = tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
            let visitor = Visitor::at(&format!("http://{address}"));
            assert_eq!(visitor.gets("/readyz").await.text, "ready\n");
            // The binary uses the machine's clock, the vendors the test's.
            let for_ever = SignOptions { exp_in: Some(i64::from(u32::MAX)), ..SignOptions::default() };
            let token = bed.vendors().sign("ticket_sidebar", credentials::AGENT_ID, &for_ever);
            let session = visitor.opens_page("ticket_sidebar", &token).await.session();
            assert_eq!(visitor.with_bearer(&session.token).card(42).await.verdict(), "200");
            let id = serving.id().expect("it runs").to_string();
            Command::new("kill").args(["-TERM", &id]).status().await.expect("it is told");
            let ended = tokio::time::timeout(Duration::from_secs(30), serving.wait()).await;
            assert!(ended.expect("it ends").expect("it ended").success());
            drain.abort();
        })
        .await;
}

#[tokio::test]
async fn an_address_that_is_taken_is_said() {
    bed()
        .run(async |bed| {
            let taken = bed.url().trim_start_matches("http://");
            let (ended_well, text) = runs(bed, &[("server.listen", Some(taken))], &["serve"]).await;
            assert!(!ended_well && text.contains("`server.listen`"), "{text}");
        })
        .await;
}
