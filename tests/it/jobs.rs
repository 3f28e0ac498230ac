//! `deskside jobs`, as an operator at a shell sees it, and what their monitoring sees of the queue.

use std::process::Stdio;
use std::time::Duration;

use deskside::clock::Clock;
use deskside::queue::{CatchUp, Queue, Schedule, Schedules};
use deskside::store::query;
use deskside_sandbox::credentials;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Child;

use crate::command_line::{command, runs};
use crate::support::archive::{files, states};
use crate::support::errands::errand;
use crate::support::testbed::{Testbed, bed};
use crate::{trouble_at, trouble_with};

/// `deskside jobs …` with these words.
async fn jobs(bed: &Testbed, words: &str) -> (bool, String) {
    let words: Vec<&str> = ["jobs"].into_iter().chain(words.split_whitespace()).collect();
    runs(bed, &[], &words).await
}

/// The jobs that a list shows to programs.
async fn listed(bed: &Testbed, words: &str) -> Vec<Value> {
    let (ended_well, text) = jobs(bed, &format!("list --json {words}")).await;
    assert!(ended_well, "{text}");
    let listing: Value = serde_json::from_str(&text).expect("JSON");
    listing["jobs"].as_array().expect("a list").clone()
}

fn id_of(job: &Value) -> String {
    job["id"].as_str().expect("an id").to_owned()
}

/// A run of the archive that nobody can do: its job cannot be read.
async fn a_job_dies(bed: &Testbed, ticket: u64) {
    bed.operator_archives(ticket).await;
    query("UPDATE jobs SET payload = '{}' WHERE state = 'ready'")
        .execute(&bed.db)
        .await
        .expect("it is broken");
    bed.run_jobs().await;
}

#[tokio::test]
async fn an_operator_sees_dead_jobs_and_retries_them() {
    bed()
        .run_on_each(async |bed| {
            let (ended_well, text) = jobs(bed, "list").await;
            assert!(ended_well && text.contains("no job"), "{text}");
            a_job_dies(bed, 42).await;
            a_job_dies(bed, 7).await;
            let dead = listed(bed, "--state dead").await;
            assert_eq!(dead.len(), 2, "{dead:?}");
            let (first, second) = (id_of(&dead[1]), id_of(&dead[0]));
            let (_, table) = jobs(bed, "list --state dead").await;
            for words in ["ID", "STATE", &first, &second, "archive_run", "dead", "cannot read the payload"] {
                assert!(table.contains(words), "{words}: {table}");
            }

            let (ended_well, text) = jobs(bed, &format!("retry {first}")).await;
            assert!(ended_well && text.contains(&format!("retried {first} (archive_run ")), "{text}");
            let (ended_well, text) = jobs(bed, &format!("retry {first}")).await;
            let words = format!("not retried {first} ");
            assert!(!ended_well && text.contains(&words) && text.contains("it is ready"), "{text}");
            let (ended_well, text) = jobs(bed, "retry 7").await;
            assert!(!ended_well && text.contains("there is no job 7"), "{text}");

            let (ended_well, text) = jobs(bed, "retry --kind archive_run").await;
            assert!(ended_well && text.contains(&second) && !text.contains(&first), "{text}");
            let (ended_well, text) = jobs(bed, "retry --kind archive_run").await;
            assert!(ended_well && text.contains("no job of kind archive_run is dead"), "{text}");
            let ready = listed(bed, "--state ready").await;
            assert_eq!(ready.len(), 2, "{ready:?}");
            assert!(ready.iter().all(|job| job["attempt"] == 0 && job["account"] == dead[0]["account"]));
            assert!(ready.iter().all(|job| job.get("payload").is_none()), "payloads are not shown");
            assert!(jobs(bed, "cancel --kind archive_run").await.0);
        })
        .await;
}

#[tokio::test]
async fn an_operator_cancels_what_waits() {
    bed()
        .run_on_each(async |bed| {
            bed.operator_archives(42).await;
            bed.operator_archives(7).await;
            let waiting = listed(bed, "--kind archive_run").await;
            let id = id_of(&waiting[0]);
            assert!(listed(bed, "--kind after_pop").await.is_empty());
            assert!(listed(bed, "--account globex").await.is_empty());
            let (ended_well, text) = jobs(bed, &format!("cancel {id} --account globex")).await;
            assert!(!ended_well && text.contains(&format!("there is no job {id}")), "{text}");
            let (ended_well, text) = jobs(bed, &format!("cancel {id}")).await;
            assert!(ended_well && text.contains(&format!("cancelled {id} (archive_run ")), "{text}");
            let (ended_well, text) = jobs(bed, &format!("cancel {id}")).await;
            assert!(!ended_well && text.contains("it is cancelled already"), "{text}");
            let (ended_well, text) = jobs(bed, "cancel --kind archive_run").await;
            assert!(ended_well && text.contains(&id_of(&waiting[1])), "{text}");
            assert_eq!(listed(bed, "--state cancelled").await.len(), 2);
            let (ended_well, text) = jobs(bed, "cancel").await;
            assert!(!ended_well && text.contains("--kind"), "{text}");
        })
        .await;
}

/// A command uses the machine's clock, the bed its own.
async fn are_due(bed: &Testbed) {
    let due = query("UPDATE jobs SET run_at_us = 0 WHERE state = 'ready'");
    due.execute(&bed.db).await.expect("they are due");
}

/// The ledger's newest rows of a ticket: who did what.
async fn ledger(bed: &Testbed, ticket: u64) -> Vec<String> {
    let admin = bed.agent(credentials::ADMIN_ID).await;
    let page = admin.gets(&format!("/api/ledger?ticket={ticket}")).await.json();
    let line =
        |row: &Value| format!("{} {}", row["actor"].as_str().unwrap(), row["action"].as_str().unwrap());
    page["rows"].as_array().expect("rows").iter().map(line).collect()
}

#[tokio::test]
async fn a_cancelled_archive_run_ends_and_its_files_stay() {
    bed()
        .setting("archive.undo_button_s", "600")
        .run_on_each(async |bed| {
            let (agent, before) = (bed.agent(credentials::AGENT_ID).await, files(bed, 42).len());
            agent.archives(42).await;
            bed.run_jobs().await; // all is copied, and can be undone for ten minutes
            let (ended_well, text) = jobs(bed, "cancel --kind archive_run").await;
            assert!(ended_well && text.contains("cancelled "), "{text}");
            are_due(bed).await;
            let view = agent.attachments(42).await.json();
            assert_eq!(
                (&view["run"]["state"], states(&view)),
                (&json!("cancelled"), vec!["skipped".into(); 4])
            );
            assert_eq!(ledger(bed, 42).await[0], "operator run_cancelled");
            assert!(ledger(bed, 42).await.contains(&"operator cancelled".to_owned()));
            bed.pass(601);
            bed.run_jobs_to_the_end().await;
            assert_eq!((files(bed, 42).len(), bed.archived().len()), (before, 0), "the copies are deleted");

            // A run that cannot be undone keeps its copies, and the one that waits for its end begins.
            bed.operator_archives(42).await;
            bed.vendors().fault(trouble_at("/redact", 503));
            bed.run_jobs().await;
            let waits = bed.agent(credentials::AGENT_ID).await.archives(42).await;
            assert!(jobs(bed, "cancel --kind archive_run").await.0);
            let copies = bed.archived().len();
            assert!(copies > 0, "its files may be leaving Zendesk at this moment");
            bed.vendors().clear_faults();
            are_due(bed).await;
            let next = listed(bed, "--kind archive_run --state ready").await;
            assert_eq!((next.len(), &next[0]["key"]), (1, &json!(waits)));
            bed.run_jobs().await;
            bed.pass(601);
            bed.run_jobs_to_the_end().await;
            let view = bed.agent(credentials::AGENT_ID).await.attachments(42).await.json();
            assert_eq!((&view["run"]["state"], states(&view)), (&json!("done"), vec!["redacted".into(); 4]));
        })
        .await;
}

#[tokio::test]
async fn a_file_that_left_while_its_run_was_cancelled_is_found_again() {
    bed()
        .run_on_each(async |bed| {
            bed.operator_archives(42).await;
            // Zendesk redacts, and the list that would prove it does not come.
            let mut proof = trouble_at("/comments", 503);
            (proof.on.method, proof.skip) = (Some("GET".into()), 1);
            bed.vendors().fault(proof);
            bed.run_jobs().await;
            assert!(jobs(bed, "cancel --kind archive_run").await.0);
            bed.vendors().clear_faults();
            bed.operator_archives(42).await;
            bed.run_jobs_to_the_end().await;
            let view = bed.agent(credentials::AGENT_ID).await.attachments(42).await.json();
            assert_eq!((&view["run"]["state"], states(&view)), (&json!("done"), vec!["redacted".into(); 4]));
            assert_eq!(files(bed, 42).len(), 0);
        })
        .await;
}

#[tokio::test]
async fn a_job_whose_run_has_ended_is_not_retried() {
    bed()
        .run_on_each(async |bed| {
            bed.operator_archives(42).await;
            bed.vendors().fault(trouble_with("zendesk", 503));
            while listed(bed, "--kind archive_run --state dead").await.is_empty() {
                bed.run_jobs().await;
                bed.pass(3600);
            }
            let (ended_well, text) = jobs(bed, "retry --kind archive_run").await;
            let expected = "the run has ended; start another with `deskside archive 42`";
            assert!(!ended_well && text.contains("not retried ") && text.contains(expected), "{text}");
            assert_eq!(listed(bed, "--kind archive_run --state dead").await.len(), 1, "it stays dead");
            bed.vendors().clear_faults();
            bed.run_jobs_to_the_end().await;
        })
        .await;
}

#[tokio::test]
async fn an_operator_pauses_a_kind_and_resumes_it() {
    bed()
        .run_on_each(async |bed| {
            bed.operator_archives(42).await;
            let (ended_well, text) = jobs(bed, "pause archive_run").await;
            assert!(
                ended_well && text.contains("paused archive_run") && !text.contains("spelling"),
                "{text}"
            );
            let (ended_well, text) = jobs(bed, "pause archive_rum").await;
            assert!(ended_well && text.contains("check the spelling"), "{text}");
            assert!(jobs(bed, "pause archive_run").await.1.contains("was paused already"));
            assert_eq!(bed.run_jobs().await.done, 0);
            let (_, table) = jobs(bed, "list").await;
            assert!(table.contains("archive_run is paused; `deskside jobs resume archive_run`"), "{table}");
            let (ended_well, text) = jobs(bed, "resume archive_run").await;
            assert!(ended_well && text.contains("resumed archive_run"), "{text}");
            let (ended_well, text) = jobs(bed, "resume archive_run").await;
            assert!(!ended_well && text.contains("archive_run was not paused"), "{text}");
            assert!(bed.run_jobs().await.done > 0);
        })
        .await;
}

/// The binary, serving in this role, and the address of one of its two listeners.
async fn serves(
    bed: &Testbed,
    settings: &[(&str, Option<&str>)],
    listener: &str,
    role: &str,
) -> (Child, String, TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    let settings: Vec<_> = [("server.listen", Some("127.0.0.1:0"))].iter().chain(settings).copied().collect();
    let mut serving = command(bed, folder.path(), &settings, &["serve", "--role", role])
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut lines = BufReader::new(serving.stderr.take().expect("its log")).lines();
    let address = loop {
        let line = lines.next_line().await.expect("its log").expect("it listens before it ends");
        if let Some((before, address)) = line.split_once("listening on ")
            && before.contains(listener)
        {
            break address.trim().to_owned();
        }
    };
    tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
    (serving, address, folder)
}

#[tokio::test]
async fn a_server_fires_the_schedules_that_are_due() {
    bed()
        .run_on_each(async |bed| {
            let daily =
                Schedule::new("acme", "nightly", "0 1 * * *", "UTC", CatchUp::Last).expect("a schedule");
            let schedules = Schedules::new(Queue::new(bed.db.clone(), Clock::system()));
            schedules.set(&daily, &errand("acme", "contracts")).await.expect("it is kept");
            query("UPDATE schedules SET since_us = 0").execute(&bed.db).await.expect("it is long due");
            let metrics = [("server.metrics_listen", Some("127.0.0.1:0"))];
            let (mut serving, _, _folder) = serves(bed, &metrics, "metrics_listen", "worker").await;
            let fired = async {
                while listed(bed, "--kind errand").await.is_empty() {
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            };
            tokio::time::timeout(Duration::from_secs(30), fired).await.expect("it is fired");
            serving.kill().await.expect("it ends");
            assert_eq!(listed(bed, "--kind errand").await.len(), 1, "once");
            assert!(jobs(bed, "cancel --kind errand").await.0);
        })
        .await;
}

#[tokio::test]
async fn monitoring_sees_how_many_jobs_wait_and_which_are_dead() {
    bed()
        .run_on_each(async |bed| {
            a_job_dies(bed, 42).await;
            bed.operator_archives(7).await;
            query("UPDATE jobs SET run_at_us = 0 WHERE state = 'ready'")
                .execute(&bed.db)
                .await
                .expect("long ago");
            let metrics = [("server.metrics_listen", Some("127.0.0.1:0"))];
            let (mut serving, address, _folder) = serves(bed, &metrics, "metrics_listen", "http").await;
            let url = format!("http://{address}/metrics");
            let seen = async {
                loop {
                    let text = reqwest::get(&url).await.expect("an answer").text().await.expect("text");
                    if text.contains("deskside_dead_letters") {
                        return text;
                    }
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            };
            let text = tokio::time::timeout(Duration::from_secs(30), seen).await.expect("it counts");
            for line in [
                r#"deskside_jobs{kind="archive_run",state="ready"} 1"#,
                r#"deskside_jobs{kind="archive_run",state="leased"} 0"#,
                r#"deskside_jobs{kind="archive_run",state="dead"} 1"#,
                "deskside_dead_letters 1",
            ] {
                assert!(text.lines().any(|have| have == line), "{line}: {text}");
            }
            let oldest = r#"deskside_jobs_oldest_ready_seconds{kind="archive_run"} "#;
            let oldest = text.lines().find_map(|line| line.strip_prefix(oldest)?.parse::<f64>().ok());
            assert!(oldest.is_some_and(|seconds| seconds > 1e9), "{text}");
            serving.kill().await.expect("it ends");
            assert!(jobs(bed, "cancel --kind archive_run").await.0);
        })
        .await;
}
