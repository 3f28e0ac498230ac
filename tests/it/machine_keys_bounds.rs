//! What keys of machines cannot do: wait without end, ask without end, open another account; and how an operator makes one.

use std::process::Output;

use reqwest::Method;
use serde_json::json;

use crate::command_line::{command, runs};
use crate::integrations::{ADMIN, definition, first_run, keep, until_it_ends};
use crate::machine_keys::{RUNS, machine, made};
use crate::support::actors::{Answer, Visitor};
use crate::support::testbed::{SECOND, bed};

#[tokio::test]
async fn a_machine_waits_for_the_end_and_few_wait_at_a_time() {
    bed()
        .run(async |bed| {
            let admin = bed.agent(ADMIN).await;
            first_run(bed, &admin, &definition()).await;
            bed.pass(120);
            let machine = machine(bed, &admin, "airflow").await;
            let run = machine.posts(RUNS, &json!({})).await.json()["run"]["id"].clone();
            let path = format!("/hooks/runs/{}?wait=60", run.as_str().expect("an id"));
            let asked: Vec<_> = (0..6)
                .map(|_| {
                    let (machine, path) = (machine.clone(), path.clone());
                    tokio::spawn(async move { machine.gets(&path).await })
                })
                .collect();
            while asked.iter().filter(|one| one.is_finished()).count() < 2 {
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            }
            until_it_ends(bed, &admin, run.as_str().expect("an id")).await;
            let mut verdicts = Vec::new();
            for answer in asked {
                let answer = answer.await.expect("it is answered");
                let state = answer.json()["run"]["state"].as_str().expect("a state").to_owned();
                verdicts.push(format!("{} {state}", answer.verdict()));
            }
            verdicts.sort();
            // Whoever has no place to wait is answered at once, and asks again.
            let (waited, at_once) = ("200 completed", "200 queued");
            assert_eq!(verdicts, [waited, waited, waited, waited, at_once, at_once]);
            for wait in ["", "?wait=0", "?wait=60"] {
                let told = machine.gets(&path.replace("?wait=60", wait)).await;
                assert_eq!(told.verdict(), "200", "what has ended is answered at once");
            }
            assert_eq!(machine.gets(&path.replace("60", "-1")).await.verdict(), "400 query_invalid");
        })
        .await;
}

#[tokio::test]
async fn a_key_asks_so_often_and_refused_keys_hold_up_nobody_else() {
    bed()
        .run(async |bed| {
            let admin = bed.agent(ADMIN).await;
            let (one, other) = (machine(bed, &admin, "airflow").await, machine(bed, &admin, "cron").await);
            let limited = async |visitor: &Visitor, verb: Method, path: &str| {
                for asked in 0..300 {
                    let answer = Answer::to(visitor.request(verb.clone(), path)).await;
                    if answer.verdict() == "429 too_many_requests" {
                        return asked;
                    }
                }
                panic!("never refused: {path}");
            };
            assert_eq!(limited(&one, Method::POST, "/hooks/integrations/nothing/runs").await, 30);
            assert_eq!(limited(&one, Method::GET, "/hooks/runs/nothing").await, 120 - 31);
            assert_eq!(other.gets("/hooks/runs/nothing").await.verdict(), "404 run_not_found");
            assert_eq!(limited(&bed.stranger(), Method::GET, "/hooks/runs/nothing").await, 100);
            assert_eq!(admin.gets("/api/runs").await.verdict(), "200");
        })
        .await;
}

#[tokio::test]
async fn a_key_opens_nothing_of_another_account() {
    bed()
        .with_second_account()
        .run_on_each(async |bed| {
            let (first, second) = (bed.agent(ADMIN).await, bed.agent_of_second(ADMIN).await);
            let run = first_run(bed, &first, &definition()).await;
            assert_eq!(keep(&second, &definition()).await.verdict(), "201");
            let hooks = format!("/hooks/{}", bed.key_of(SECOND).await);
            let (id, key) = made(&second, "airflow").await;
            let machine = bed.stranger().with_bearer(&key);
            let list = second.gets("/api/machine-keys").await.json();
            assert_eq!(list["address"], format!("{}{hooks}", bed.url()));
            let there = format!("runs/{}", run["id"].as_str().expect("an id"));
            assert_eq!(machine.gets(&format!("{hooks}/{there}")).await.verdict(), "404 run_not_found");
            assert_eq!(machine.gets(&format!("/hooks/{there}")).await.verdict(), "401 machine_key_invalid");
            assert_eq!(machine.posts(RUNS, &json!({})).await.verdict(), "401 machine_key_invalid");
            let unknown = format!("/hooks/{}/{there}", "0".repeat(40));
            assert_eq!(machine.gets(&unknown).await.verdict(), "404 route_not_found");
            let own =
                machine.posts(&format!("{hooks}/integrations/contracts/runs"), &json!({"kind": "dry"})).await;
            assert_eq!(own.verdict(), "202");
            let revoked = Answer::to(first.request(Method::DELETE, &format!("/api/machine-keys/{id}"))).await;
            assert_eq!(revoked.verdict(), "404 machine_key_not_found");
            bed.run_jobs_to_the_end().await;
        })
        .await;
}

#[tokio::test]
async fn an_operator_makes_a_key_that_a_script_can_keep() {
    bed()
        .run(async |bed| {
            let folder = tempfile::tempdir().expect("a folder");
            let made = command(bed, folder.path(), &[], &["machine-keys", "create", "airflow"]);
            let Output { status, stdout, stderr } = { made }.output().await.expect("it runs");
            let key = String::from_utf8(stdout).expect("text").trim_end().to_owned();
            assert!(status.success() && !key.contains(char::is_whitespace), "{key}");
            let note = String::from_utf8_lossy(&stderr).into_owned();
            assert!(note.contains("not shown again") && !note.contains(&key), "{note}");
            let machine = bed.stranger().with_bearer(&key);
            assert_eq!(machine.gets("/hooks/runs/nothing").await.verdict(), "404 run_not_found");
            let (good, list) = runs(bed, &[], &["machine-keys", "list"]).await;
            assert!(good && list.contains("airflow") && list.contains("by operator"), "{list}");
            let (good, text) = runs(bed, &[], &["machine-keys", "revoke", "airflow"]).await;
            assert!(good && text.contains("is revoked"), "{text}");
            assert_eq!(machine.gets("/hooks/runs/nothing").await.verdict(), "401 machine_key_invalid");
            let (good, text) = runs(bed, &[], &["machine-keys", "revoke", "airflow"]).await;
            assert!(!good && text.contains("there is no key `airflow`"), "{text}");
        })
        .await;
}

#[tokio::test]
async fn a_machine_reads_no_key_of_a_row_and_starts_nothing_that_is_paused() {
    const KEY: &str = "26155588908160";
    bed()
        .run_on_each(async |bed| {
            let admin = bed.agent(ADMIN).await;
            first_run(bed, &admin, &definition()).await;
            bed.pass(120);
            let machine = machine(bed, &admin, "airflow").await;
            let row =
                admin.posts("/api/integrations/contracts/runs", &json!({"kind": "row", "key": KEY})).await;
            let refused = machine.posts(RUNS, &json!({})).await;
            assert_eq!(refused.verdict(), "409 run_in_progress");
            assert!(
                refused.text.contains("it sends one row") && !refused.text.contains(KEY),
                "{}",
                refused.text
            );
            until_it_ends(bed, &admin, row.json()["run"]["id"].as_str().expect("an id")).await;
            let lost = json!({"kind": "row", "key": "nobody@example.net"});
            let lost =
                admin.posts("/api/integrations/contracts/runs", &lost).await.json()["run"]["id"].clone();
            let lost = lost.as_str().expect("an id");
            until_it_ends(bed, &admin, lost).await;
            let told = machine.gets(&format!("/hooks/runs/{lost}")).await;
            let log = admin.gets(&format!("/api/runs/{lost}/log")).await;
            assert!(told.text.contains("row_not_found"), "{}", told.text);
            assert!(
                !told.text.contains("nobody@") && !log.text.contains("nobody@"),
                "{} {}",
                told.text,
                log.text
            );

            let pause = admin.request(Method::PUT, "/api/integrations/contracts/enabled");
            assert_eq!(Answer::to(pause.json(&json!({"enabled": false}))).await.verdict(), "200");
            assert_eq!(machine.posts(RUNS, &json!({})).await.verdict(), "409 integration_paused");
            assert_eq!(machine.posts(RUNS, &json!({"kind": "dry"})).await.verdict(), "202");
            bed.run_jobs_to_the_end().await;
            // Another integration has its fields now: a person does not write them twice either.
            let other = json!({"id": "other", "name": "Other", "enabled": true, "definition": definition()});
            assert_eq!(admin.posts("/api/integrations", &other).await.verdict(), "201");
            for kind in ["run", "clear"] {
                let refused = admin.posts("/api/integrations/contracts/runs", &json!({"kind": kind})).await;
                assert_eq!(refused.verdict(), "422 integration_invalid", "{kind}");
                assert!(refused.text.contains("`Other`"), "{}", refused.text);
            }
        })
        .await;
}
