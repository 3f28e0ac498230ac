//! A run that an agent started can be taken back while nothing of it is redacted; afterwards it cannot.

use deskside_sandbox::credentials;
use serde_json::{Value, json};

use crate::support::actors::{Answer, Visitor};
use crate::support::archive::{archived_of, files, items, notes, put_away, states};
use crate::support::testbed::{Plan, bed};
use crate::trouble_at;

const TICKET: u64 = 42;
const WINDOW: i64 = 600;

fn with_window() -> Plan {
    bed().setting("archive.undo_button_s", WINDOW.to_string())
}

async fn cancels(agent: &Visitor, run: &str, wish: &Value) -> Answer {
    agent.posts(&format!("/api/archive/runs/{run}/cancel"), wish).await
}

#[tokio::test]
async fn everything_is_copied_at_once_and_nothing_leaves_before_the_window_is_over() {
    with_window()
        .run_on_each(async |bed| {
            let (agent, before) = (bed.agent(credentials::AGENT_ID).await, files(bed, TICKET));
            agent.archives(TICKET).await;
            bed.run_jobs().await;
            let view = agent.attachments(TICKET).await.json();
            assert_eq!(states(&view), ["verified"; 4]);
            assert_eq!(view["run"]["undo_until"], "2026-11-22T12:10:00Z");
            assert_eq!(archived_of(bed, TICKET).len(), 4);
            assert_eq!(files(bed, TICKET).len(), 4);
            bed.pass(WINDOW - 1);
            bed.run_jobs().await;
            assert_eq!(files(bed, TICKET).len(), 4, "a second is left");
            bed.pass(1);
            bed.run_jobs().await;
            let view = agent.attachments(TICKET).await.json();
            assert_eq!((&view["run"]["state"], &view["run"]["undo_until"]), (&json!("done"), &json!(null)));
            put_away(bed, TICKET, &before, &[]).await;
        })
        .await;
}

#[tokio::test]
async fn one_file_is_taken_back_and_the_others_go() {
    with_window()
        .run_on_each(async |bed| {
            let agent = bed.agent(credentials::AGENT_ID).await;
            let kept = *files(bed, TICKET).first_key_value().expect("a file").0;
            let run = agent.archives(TICKET).await;
            bed.run_jobs().await;
            let answer = cancels(&agent, &run, &json!({"attachment_ids": [kept]})).await;
            assert_eq!(answer.verdict(), "200");
            assert_eq!(items(&answer.json())[&kept], "skipped archive_cancelled");
            bed.pass(WINDOW);
            bed.run_jobs().await;
            let left: Vec<u64> = files(bed, TICKET).into_keys().collect();
            assert_eq!(left, [kept]);
            assert_eq!(notes(bed, TICKET).len(), 1);
            agent.archives_only(TICKET, &json!({"attachment_ids": [kept]})).await;
            bed.pass(WINDOW);
            bed.run_jobs_to_the_end().await;
            assert!(files(bed, TICKET).is_empty(), "what was taken back can go later");
            assert_eq!(archived_of(bed, TICKET).len(), 4, "and is in the archive once");
        })
        .await;
}

#[tokio::test]
async fn a_run_that_was_taken_back_removes_nothing_whenever_that_was() {
    for worked_before in [false, true] {
        with_window()
            .run_on_each(async |bed| {
                let agent = bed.agent(credentials::AGENT_ID).await;
                let run = agent.archives(TICKET).await;
                if worked_before {
                    bed.run_jobs().await;
                }
                let answer = cancels(&agent, &run, &json!({})).await;
                assert_eq!(answer.json()["run"]["state"], "cancelled");
                bed.pass(WINDOW);
                bed.run_jobs_to_the_end().await;
                assert_eq!(files(bed, TICKET).len(), 4);
                assert!(notes(bed, TICKET).is_empty());
                let again = cancels(&agent, &run, &json!({})).await;
                assert_eq!(again.verdict(), "409 archive_undo_over");
            })
            .await;
    }
}

#[tokio::test]
async fn a_wish_that_joins_while_files_leave_does_not_open_the_window_again() {
    with_window()
        .run_on_each(async |bed| {
            let agent = bed.agent(credentials::AGENT_ID).await;
            let run = agent.archives(TICKET).await;
            bed.run_jobs().await;
            bed.pass(WINDOW);
            bed.vendors().fault(trouble_at("/redact", 503));
            bed.run_jobs().await;
            assert_eq!(agent.archives(TICKET).await, run, "the run is still under way");
            assert_eq!(agent.attachments(TICKET).await.json()["run"]["undo_until"], json!(null));
            assert_eq!(cancels(&agent, &run, &json!({})).await.verdict(), "409 archive_undo_over");
            bed.vendors().clear_faults();
            bed.run_jobs_to_the_end().await;
            assert!(files(bed, TICKET).is_empty());
        })
        .await;
}

#[tokio::test]
async fn what_cannot_be_taken_back_says_so() {
    with_window()
        .run(async |bed| {
            let agent = bed.agent(credentials::AGENT_ID).await;
            let run = agent.archives(TICKET).await;
            bed.run_jobs().await;
            let check = async |run: &str, wish: Value, expected: &str| {
                assert_eq!(cancels(&agent, run, &wish).await.verdict(), expected, "{wish}");
            };
            check("no-such-run", json!({}), "404 archive_run_not_found").await;
            check(&run, json!({"attachment_ids": [1]}), "404 attachment_not_found").await;
            check(&run, json!({"attachment_ids": "all"}), "422 body_invalid").await;
            bed.pass(WINDOW);
            check(&run, json!({}), "409 archive_undo_over").await;
            bed.run_jobs().await;
            check(&run, json!({}), "409 archive_undo_over").await;
            assert!(files(bed, TICKET).is_empty());
        })
        .await;
}
