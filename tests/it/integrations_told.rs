//! What people hear: trouble where the ticket about it cannot be made, and a dry run that says what would stop.

use std::path::Path;

use deskside_sandbox::{Fault, FaultRule, Matching};
use serde_json::{Value, json};

use crate::integrations::{ADMIN, first_run, keep, run, with};
use crate::integrations_checked::{reading, reports};
use crate::integrations_destinations::log_of;
use crate::support::receiver::{Delivery, Receiver};
use crate::support::testbed::bed;

#[tokio::test]
async fn the_webhook_hears_of_trouble_where_no_ticket_can_be_made() {
    let (url, receiver) = Receiver::listen().await;
    bed()
        .setting("notify.webhook_url", &url)
        .run_on_each(async |bed| {
            let admin = bed.agent(ADMIN).await;
            let on = Matching {
                method: Some("POST".into()),
                path_suffix: Some("tickets".into()),
                ..Matching::default()
            };
            let fault = Fault::Status { status: 422, retry_after: None };
            bed.vendors().fault(FaultRule { on, times: 99, skip: 0, fault });
            let wrong = with(|it| {
                it["alert"] = json!({"zendesk_group": 4_242});
                it["model"]["sql"] = json!("SELECT id AS user_id, 'x' AS company, 'y' AS mrr FROM people");
            });
            let failed = first_run(bed, &admin, &wrong).await;
            assert_eq!(failed["problem"]["code"], "all_rejected", "{failed}");
            bed.run_jobs_to_the_end().await;
            let heard: Vec<Value> = receiver.heard().iter().map(Delivery::json).collect();
            let of = |change: &str| heard.iter().filter(|told| told["change"] == change).collect::<Vec<_>>();
            assert_eq!(of("failed").len(), 1, "{heard:?}");
            let [unfiled] = of("alert_failed")[..] else { panic!("{heard:?}") };
            let text = unfiled["text"].as_str().expect("a text");
            assert!(
                text.contains("the Zendesk group 4242") && text.contains("`alert.zendesk_group`"),
                "{text}"
            );
        })
        .await;
}

/// A file of so many rows, each with this word.
fn write_rows(folder: &Path, rows: usize, word: &str) {
    let lines: Vec<_> = (0..rows).map(|row| format!("{row},{word}")).collect();
    std::fs::write(folder.join("rows.csv"), format!("row,word\n{}\n", lines.join("\n"))).expect("a file");
}

#[tokio::test]
async fn a_dry_run_says_what_would_stop_a_run() {
    let folder = tempfile::tempdir().expect("a folder");
    reading(folder.path())
        .run_on_each(async |bed| {
            write_rows(folder.path(), 100, "Aoba");
            let admin = bed.agent(ADMIN).await;
            let id = reports(&admin, folder.path()).await;
            let by = |company: &str| {
                let read = json!({"kind": "file", "path": "rows.csv"});
                with(|it| {
                    let rows = json!({"as": "rows", "connection": id, "read": read});
                    it["sources"].as_array_mut().expect("a list").push(rows);
                    it["model"]["sql"] = json!(format!(
                        "SELECT p.id AS user_id, {company} AS company, 5 AS mrr FROM people p
                          CROSS JOIN (SELECT max(word) AS word FROM rows) r WHERE p.role = 'end-user'"
                    ));
                })
            };
            let check = async |told: &str, code: &str| {
                bed.pass(120);
                let admin = bed.agent(ADMIN).await; // a session is short
                let dry = run(bed, &admin, json!({"kind": "dry"})).await;
                let log = log_of(&admin, &dry).await;
                assert_eq!(dry["state"], "completed", "{log}");
                assert!(
                    log.contains("a run would stop before its first write: ") && log.contains(told),
                    "{log}"
                );
                let stopped = run(bed, &admin, json!({"accept": dry["id"]})).await;
                assert_eq!(
                    (&stopped["state"], &stopped["problem"]["code"]),
                    (&json!("stopped"), &json!(code))
                );
                let path = format!("/api/runs/{}/cancel", stopped["id"].as_str().expect("an id"));
                assert_eq!(admin.posts(&path, &json!({})).await.verdict(), "200");
                bed.run_jobs().await; // what no run needs is removed
            };
            let first = first_run(bed, &admin, &by("r.word")).await;
            assert_eq!(first["state"], "completed", "{first}");
            let quiet = run(bed, &admin, json!({"kind": "dry"})).await;
            assert!(!log_of(&admin, &quiet).await.contains("would stop"), "nothing is to be said");
            write_rows(folder.path(), 100, "Beta");
            check("rows would change, more than", "changes_too_much").await;
            write_rows(folder.path(), 40, "Aoba");
            check("the source `rows` has 40 rows and had 100", "source_shrank").await;
            write_rows(folder.path(), 100, "Aoba");
            assert_eq!(keep(&admin, &by("CAST(NULL AS VARCHAR)")).await.verdict(), "200");
            check("rows would lose a value", "clears_too_much").await;
        })
        .await;
}
