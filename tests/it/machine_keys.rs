//! Machines of an account start runs with keys of their own: by the very script of the docs, over HTTP, and by nobody else's key.

use std::path::Path;
use std::process::{Output, Stdio};

use deskside::store::ledger;
use deskside_sandbox::credentials;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::process::Command;

use crate::integrations::{ADMIN, HANAKO, definition, field, first_run, keep, until_it_ends, with};
use crate::support::actors::{Answer, Visitor};
use crate::support::testbed::{Testbed, bed};

const DOCS: &str = include_str!("../../docs/integrations.md");
pub const RUNS: &str = "/hooks/integrations/contracts/runs";

/// A script of the docs, by the first words of its second line.
fn script(name: &str) -> String {
    let all = DOCS.split("```sh\n").skip(1).filter_map(|rest| rest.split("```").next());
    let named = |text: &&str| text.lines().nth(1).is_some_and(|line| line.starts_with(&format!("# {name} ")));
    all.into_iter().find(named).unwrap_or_else(|| panic!("the docs have no {name}")).to_owned()
}

fn install(folder: &Path, name: &str, text: &str) {
    use std::os::unix::fs::PermissionsExt;
    let file = folder.join(name);
    std::fs::write(&file, text).expect("written");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o755)).expect("it can be run");
}

/// An editor makes a key: its id, and all of it.
pub async fn made(admin: &Visitor, name: &str) -> (String, String) {
    let made = admin.posts("/api/machine-keys", &json!({"name": name})).await;
    assert_eq!(made.verdict(), "201", "{}", made.text);
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    (text(&made.json()["key"]["id"]), text(&made.json()["token"]))
}

pub async fn machine(bed: &Testbed, admin: &Visitor, name: &str) -> Visitor {
    bed.stranger().with_bearer(&made(admin, name).await.1)
}

/// A script and its arguments, run to its end while the worker works: its exit code, and what it printed.
async fn scripted(bed: &Testbed, folder: &Path, key: &str, arguments: &[&str]) -> (i32, String) {
    let path = format!("{}:{}", folder.display(), std::env::var("PATH").unwrap_or_default());
    let child = Command::new(folder.join(arguments[0]))
        .args(&arguments[1..])
        .env("PATH", path)
        .env("DESKSIDE_HOOKS", format!("{}/hooks", bed.url()))
        .env("DESKSIDE_KEY", key)
        .env("no_proxy", "*")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("there is a shell");
    let ended = child.wait_with_output();
    tokio::pin!(ended);
    for _ in 0..600 {
        tokio::select! {
            output = &mut ended => {
                let Output { status, stdout, stderr } = output.expect("it ended");
                let text = String::from_utf8_lossy(&stdout) + String::from_utf8_lossy(&stderr);
                return (status.code().expect("it ended by itself"), text.into_owned());
            }
            () = tokio::time::sleep(std::time::Duration::from_millis(100)) => {
                bed.run_jobs().await;
                bed.pass(2);
            }
        }
    }
    panic!("the script does not end");
}

/// Whoever reads rows would see this.
fn shows_a_row(text: &str) -> bool {
    text.contains("Company of") || text.contains("example.com")
}

#[tokio::test]
async fn the_script_of_the_docs_starts_a_run_and_ends_as_the_run_does() {
    bed()
        .run_on_each(async |bed| {
            let admin = bed.agent(ADMIN).await;
            let key = made(&admin, "airflow").await.1;
            let folder = tempfile::tempdir().expect("a folder");
            install(folder.path(), "deskside-run.sh", &script("deskside-run.sh"));
            let check = async |arguments: &[&str], code: i32, told: &str| {
                let arguments = [&["deskside-run.sh"][..], arguments].concat();
                let (ended, text) = scripted(bed, folder.path(), &key, &arguments).await;
                assert_eq!(ended, code, "{arguments:?}: {text}");
                assert!(text.contains(told) && !shows_a_row(&text) && !text.contains(&key), "{told}: {text}");
            };
            check(&["contracts"], 2, "integration_not_found").await;
            assert_eq!(keep(&admin, &definition()).await.verdict(), "201");
            check(&["contracts"], 2, "dry_run_needed").await;
            check(&["contracts", "resend"], 2, "body_invalid").await;
            check(&["contracts", "dry"], 0, r#""state":"completed""#).await;
            first_run(bed, &admin, &definition()).await;
            bed.pass(120);
            check(&["contracts"], 0, r#""started_by":"machine airflow""#).await;
            let other = with(|it| {
                it["model"]["sql"] = json!("SELECT id AS user_id, concat('Other ', name) AS company, 1 AS mrr FROM people WHERE role = 'end-user'");
            });
            assert_eq!(keep(&admin, &other).await.verdict(), "200");
            check(&["contracts"], 2, "dry_run_needed").await;
            let broken = with(|it| it["mapping"][0]["field"] = json!("no_such_field"));
            assert_eq!(keep(&admin, &broken).await.verdict(), "200");
            check(&["contracts", "dry"], 1, r#""state":"failed""#).await;
        })
        .await;
}

#[tokio::test]
async fn a_run_that_stops_for_a_person_ends_the_script_with_three() {
    bed()
        .setting("limits.max_changed_percent", "10")
        .run(async |bed| {
            let admin = bed.agent(ADMIN).await;
            let first = bed.vendors().make_users(60);
            bed.pass(120);
            first_run(bed, &admin, &definition()).await;
            bed.pass(120);
            for at in 0..40 {
                bed.vendors().set_user_fields(first + at * 128, &json!({"sfdc_company_name": "By hand"}));
            }
            bed.pass(120);
            let folder = tempfile::tempdir().expect("a folder");
            install(folder.path(), "deskside-run.sh", &script("deskside-run.sh"));
            let key = made(&admin, "cron").await.1;
            let (ended, text) = scripted(bed, folder.path(), &key, &["deskside-run.sh", "contracts"]).await;
            assert_eq!(ended, 3, "{text}");
            assert!(text.contains("changes_too_much"), "{text}");
            let run = admin.gets("/api/runs").await.json()["runs"][0].clone();
            let path = format!("/hooks/runs/{}/confirm", run["id"].as_str().expect("an id"));
            let machine = bed.stranger().with_bearer(&key);
            assert_eq!(machine.posts(&path, &json!({})).await.verdict(), "404 route_not_found");
            admin
                .posts(&format!("/api/runs/{}/cancel", run["id"].as_str().expect("an id")), &json!({}))
                .await;
            bed.run_jobs_to_the_end().await;
        })
        .await;
}

#[tokio::test]
async fn after_dbt_integrations_run_in_order_and_the_first_fault_ends_it() {
    bed()
        .run(async |bed| {
            let admin = bed.agent(ADMIN).await;
            first_run(bed, &admin, &definition()).await;
            bed.pass(120);
            let folder = tempfile::tempdir().expect("a folder");
            for name in ["deskside-run.sh", "after-dbt.sh"] {
                install(folder.path(), name, &script(name));
            }
            install(folder.path(), "dbt", "#!/bin/sh\necho dbt \"$@\"\n");
            let key = made(&admin, "dbt").await.1;
            let (ended, text) =
                scripted(bed, folder.path(), &key, &["after-dbt.sh", "contracts", "nothing", "contracts"])
                    .await;
            assert_eq!(ended, 2, "{text}");
            assert!(text.starts_with("dbt build") && text.contains("integration_not_found"), "{text}");
            assert_eq!(text.matches(r#""state":"completed""#).count(), 1, "{text}");
        })
        .await;
}

#[tokio::test]
async fn whoever_has_no_good_key_does_not_learn_which_integrations_there_are() {
    bed()
        .run_on_each(async |bed| {
            let admin = bed.agent(ADMIN).await;
            let run = first_run(bed, &admin, &definition()).await;
            let (id, key) = made(&admin, "airflow").await;
            let there = format!("/hooks/runs/{}", run["id"].as_str().expect("an id"));
            let check = async |visitor: &Visitor, expected: &str| {
                for (verb, path) in [
                    (Method::POST, RUNS),
                    (Method::POST, "/hooks/integrations/nothing/runs"),
                    (Method::POST, "/hooks/integrations/%FF/runs"),
                    (Method::GET, &*there),
                    (Method::GET, "/hooks/runs/nothing"),
                    (Method::GET, "/hooks/runs/nothing?wait=much"),
                ] {
                    for body in ["", "{}", "nonsense"] {
                        let request = visitor.request(verb.clone(), path).body(body);
                        assert_eq!(Answer::to(request).await.verdict(), expected, "{verb} {path} {body}");
                    }
                }
            };
            check(&bed.stranger(), "401 machine_key_missing").await;
            check(&admin, "401 machine_key_invalid").await;
            bed.pass(61);
            let (last, other) = (key.len() - 1, if key.ends_with('0') { "1" } else { "0" });
            check(
                &bed.stranger().with_bearer(&format!("{}{other}", &key[..last])),
                "401 machine_key_invalid",
            )
            .await;
            bed.pass(61);
            let revoked = Answer::to(admin.request(Method::DELETE, &format!("/api/machine-keys/{id}"))).await;
            assert_eq!(revoked.verdict(), "200");
            check(&bed.stranger().with_bearer(&key), "401 machine_key_invalid").await;
            // A key is nobody's session.
            let machine = bed.stranger().with_bearer(&made(&admin, "airflow").await.1);
            for path in ["/api/integrations", "/api/runs", "/api/machine-keys"] {
                assert_eq!(machine.gets(path).await.verdict(), "401 session_invalid", "{path}");
            }
            bed.pass(61);
            assert_eq!(machine.gets(&there).await.verdict(), "200");
            assert_eq!(machine.gets("/hooks/runs/nothing").await.verdict(), "404 run_not_found");
            assert_eq!(
                machine.posts("/hooks/integrations/nothing/runs", &json!({})).await.verdict(),
                "404 integration_not_found"
            );
        })
        .await;
}

#[tokio::test]
async fn a_machine_starts_runs_and_dry_runs_and_nothing_else() {
    bed()
        .run_on_each(async |bed| {
            let admin = bed.agent(ADMIN).await;
            let machine = machine(bed, &admin, "airflow").await;
            assert_eq!(keep(&admin, &definition()).await.verdict(), "201");
            let check = async |body: &str, expected: &str| {
                let answer = Answer::to(machine.request(Method::POST, RUNS).body(body.to_owned())).await;
                assert_eq!(answer.verdict(), expected, "{body}: {}", answer.text);
            };
            check("", "409 dry_run_needed").await;
            check(r#"{"kind": "run"}"#, "409 dry_run_needed").await;
            for body in [
                r#"{"kind": "resend"}"#,
                r#"{"kind": "row", "key": "1"}"#,
                r#"{"kind": "run", "accept": "some dry run"}"#,
                r#"{"key": "1"}"#,
                "[]",
            ] {
                check(body, "422 body_invalid").await;
            }
            check(&" ".repeat(5_000), "413 body_too_large").await;
            check(r#"{"kind": "dry"}"#, "202").await;
            let dry = admin.gets("/api/runs").await.json()["runs"][0].clone();
            let dry = until_it_ends(bed, &admin, dry["id"].as_str().expect("an id")).await;
            assert_eq!((&dry["state"], &dry["started_by"]), (&json!("completed"), &json!("machine airflow")));
            let accept = json!({"accept": dry["id"]});
            let accepted = admin.posts("/api/integrations/contracts/runs", &accept).await;
            let live = accepted.json()["run"].clone();
            assert_eq!(live["started_by"], format!("agent {ADMIN}"));
            // A second start while one is live is the same run.
            let joined = machine.posts(RUNS, &json!({})).await;
            assert_eq!((joined.status, &joined.json()["run"]["id"]), (202, &live["id"]));
            assert_eq!(joined.json()["progress"], json!({"unit": "sources", "done": 0}));
            let done = until_it_ends(bed, &admin, live["id"].as_str().expect("an id")).await;
            let told = machine.gets(&format!("/hooks/runs/{}", done["id"].as_str().expect("an id"))).await;
            assert_eq!(told.json()["run"], done);
            assert_eq!((&told.json()["progress"], shows_a_row(&told.text)), (&Value::Null, false));
            assert_eq!(field(bed, HANAKO, "sfdc_company_name"), "Company of 佐藤 花子");
            let log = admin.gets(&format!("/api/runs/{}/log", dry["id"].as_str().expect("an id"))).await.text;
            assert!(log.contains("the machine airflow asked for this run"), "{log}");
        })
        .await;
}

#[tokio::test]
async fn the_ledger_names_who_made_used_and_revoked_a_key() {
    bed()
        .run_on_each(async |bed| {
            let admin = bed.agent(ADMIN).await;
            first_run(bed, &admin, &definition()).await;
            let (id, key) = made(&admin, "  airflow ").await;
            let machine = bed.stranger().with_bearer(&key);
            let run = machine.posts(RUNS, &json!({})).await.json()["run"]["id"].clone();
            until_it_ends(bed, &admin, run.as_str().expect("an id")).await;
            let list = admin.gets("/api/machine-keys").await;
            assert_eq!(list.json()["address"], format!("{}/hooks", bed.url()));
            let listed = &list.json()["keys"][0];
            assert_eq!((&listed["name"], &listed["last_used_at"]), (&json!("airflow"), &listed["made_at"]));
            assert!(!list.text.contains(key.rsplit('_').next().expect("its secret")), "{}", list.text);
            Answer::to(admin.request(Method::DELETE, &format!("/api/machine-keys/{id}"))).await;
            let again = Answer::to(admin.request(Method::DELETE, &format!("/api/machine-keys/{id}"))).await;
            assert_eq!(again.verdict(), "404 machine_key_not_found");
            let all = ledger::export(&bed.db, "acme", None, (0, 1_000), 1_000).await.expect("it is read");
            let of_machines = all.into_iter().filter(|row| {
                row.entry.action.starts_with("machine_key") || row.entry.actor.starts_with("machine")
            });
            let rows: Vec<_> =
                of_machines.map(|row| (row.entry.actor, row.entry.action, row.entry.detail)).collect();
            let (agent, about) = (format!("agent:{ADMIN}"), json!({"key": id, "name": "airflow"}));
            let started = json!({"integration": "contracts", "run": run, "kind": "run", "started_by": "machine airflow"});
            assert_eq!(
                rows,
                [
                    (agent.clone(), "machine_key_made".into(), about.clone()),
                    ("machine:airflow".into(), "integration_started".into(), started),
                    (agent, "machine_key_revoked".into(), about),
                ]
            );
        })
        .await;
}

/// check(the name, the refusal)
#[tokio::test]
async fn keys_have_names_of_their_own_and_editors_make_them() {
    bed()
        .setting("integrations.editors", "groups:Nobody")
        .run(async |bed| {
            let admin = bed.agent(ADMIN).await;
            for answer in [
                admin.gets("/api/machine-keys").await,
                admin.posts("/api/machine-keys", &json!({"name": "a"})).await,
                Answer::to(admin.request(Method::DELETE, "/api/machine-keys/1")).await,
            ] {
                assert_eq!(answer.verdict(), "403 connection_editors_only");
            }
        })
        .await;
    bed()
        .run_on_each(async |bed| {
            let agent = bed.agent(credentials::AGENT_ID).await;
            assert_eq!(agent.gets("/api/machine-keys").await.verdict(), "403 admin_only");
            let admin = bed.agent(ADMIN).await;
            let (id, _) = made(&admin, "airflow").await;
            let check = async |name: &str, expected: &str| {
                let answer = admin.posts("/api/machine-keys", &json!({"name": name})).await;
                assert_eq!(answer.verdict(), expected, "{name}");
                assert_eq!(answer.json()["error"]["field"], "name");
            };
            check("airflow", "409 machine_key_name").await;
            check(" airflow ", "409 machine_key_name").await;
            check("", "422 machine_key_name").await;
            check("a\nb", "422 machine_key_name").await;
            check(&"a".repeat(41), "422 machine_key_name").await;
            Answer::to(admin.request(Method::DELETE, &format!("/api/machine-keys/{id}"))).await;
            made(&admin, "airflow").await;
            for number in 1..50 {
                made(&admin, &number.to_string()).await;
            }
            let full = admin.posts("/api/machine-keys", &json!({"name": "one more"})).await;
            assert_eq!(full.verdict(), "409 machine_keys_full");
            let keys = admin.gets("/api/machine-keys").await.json()["keys"].as_array().expect("keys").len();
            assert_eq!(keys, 51, "the revoked one is listed");
        })
        .await;
}
