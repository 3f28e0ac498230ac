//! A run can be undone until its time, which begins with the last copy, is over; afterwards it cannot.

use deskside_sandbox::credentials;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::actors::{Answer, Visitor};
use crate::support::archive::{archived_of, files, items, notes, put_away, states};
use crate::support::hooks::{Delivery, SECRET};
use crate::support::testbed::{Plan, bed};
use crate::trouble_with;

const TICKET: u64 = 42;
pub(crate) const WINDOW: i64 = 600;

pub(crate) fn with_window() -> Plan {
    bed().setting("archive.undo_button_s", WINDOW.to_string())
}

pub(crate) async fn cancels(agent: &Visitor, run: &str, wish: &Value) -> Answer {
    agent.posts(&format!("/api/archive/runs/{run}/cancel"), wish).await
}

#[tokio::test]
async fn all_is_copied_at_once_and_nothing_leaves_before_the_window_is_over() {
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
            assert_eq!((&view["run"]["can_undo"], &view["undo_seconds"]), (&json!(false), &json!(WINDOW)));
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
                assert!(archived_of(bed, TICKET).is_empty(), "its copies are deleted");
                assert!(notes(bed, TICKET).is_empty());
                let again = cancels(&agent, &run, &json!({})).await;
                assert_eq!(again.verdict(), "409 archive_undo_over");
            })
            .await;
    }
}

/// Where the run of the ticket stands: its state, until when it can be undone, and whether it can.
pub(crate) async fn stands(agent: &Visitor) -> (String, Value, bool) {
    let run = agent.attachments(TICKET).await.json()["run"].clone();
    let state = run["state"].as_str().expect("a state").to_owned();
    (state, run["undo_until"].clone(), run["can_undo"].as_bool().expect("a flag"))
}

pub(crate) fn in_state(state: &str, until: impl Into<Value>, can_undo: bool) -> (String, Value, bool) {
    (state.to_owned(), until.into(), can_undo)
}

#[tokio::test]
async fn the_time_to_undo_begins_with_the_last_copy_also_after_an_outage() {
    with_window()
        .run_on_each(async |bed| {
            bed.agent(credentials::AGENT_ID).await.archives(TICKET).await;
            bed.vendors().fault(trouble_with("zendesk", 503));
            bed.run_jobs().await;
            bed.pass(1200);
            bed.run_jobs().await;
            bed.vendors().clear_faults();
            let agent = bed.agent(credentials::AGENT_ID).await;
            assert_eq!(stands(&agent).await, in_state("running", Value::Null, true), "nothing is copied");
            bed.pass(1200);
            bed.run_jobs().await;
            let agent = bed.agent(credentials::AGENT_ID).await;
            assert_eq!(stands(&agent).await, in_state("running", "2026-11-22T12:50:00Z", true));
            bed.pass(WINDOW - 1);
            bed.run_jobs().await;
            assert_eq!(files(bed, TICKET).len(), 4, "a second is left");
            bed.pass(1);
            bed.run_jobs_to_the_end().await;
            assert!(files(bed, TICKET).is_empty());
        })
        .await;
}

#[tokio::test]
async fn a_run_is_undone_while_its_files_are_copied() {
    with_window()
        .run_on_each(async |bed| {
            let agent = bed.agent(credentials::AGENT_ID).await;
            let run = agent.archives(TICKET).await;
            bed.vendors().fault(trouble_with("content", 503));
            bed.run_jobs().await;
            assert_eq!(stands(&agent).await, in_state("running", Value::Null, true));
            assert_eq!(cancels(&agent, &run, &json!({})).await.json()["run"]["state"], "cancelled");
            bed.vendors().clear_faults();
            bed.run_jobs_to_the_end().await;
            assert_eq!(files(bed, TICKET).len(), 4);
        })
        .await;
}

#[tokio::test]
async fn a_tag_has_its_time_too_and_does_not_put_the_end_off() {
    bed()
        .setting("zendesk.webhook_secret", SECRET)
        .setting("archive.undo_tag_s", WINDOW.to_string())
        .run_on_each(async |bed| {
            let tagged = async || {
                bed.pass(1); // or two equal bodies have one signature
                assert_eq!(Delivery::about(bed, TICKET).sent(bed).await.status, 202);
            };
            tagged().await;
            bed.run_jobs().await;
            let agent = bed.agent(credentials::AGENT_ID).await;
            assert_eq!(stands(&agent).await, in_state("running", "2026-11-22T12:10:01Z", true));
            tagged().await;
            bed.vendors().attach(TICKET, "late.bin", 10).expect("a file");
            tagged().await;
            bed.run_jobs().await;
            assert_eq!(stands(&agent).await, in_state("running", "2026-11-22T12:10:01Z", true));
            bed.pass(WINDOW);
            bed.run_jobs_to_the_end().await;
            assert!(files(bed, TICKET).is_empty());
        })
        .await;
}

#[tokio::test]
async fn a_second_wish_in_the_time_to_undo_gives_both_their_whole_time() {
    with_window()
        .run_on_each(async |bed| {
            let agent = bed.agent(credentials::AGENT_ID).await;
            let ids: Vec<u64> = files(bed, TICKET).into_keys().collect();
            let run = agent.archives_only(TICKET, &json!({"attachment_ids": [ids[0]]})).await;
            bed.run_jobs().await;
            bed.pass(300);
            assert_eq!(agent.archives_only(TICKET, &json!({"attachment_ids": [ids[1]]})).await, run);
            assert_eq!(stands(&agent).await, in_state("running", Value::Null, true));
            bed.run_jobs().await;
            assert_eq!(stands(&agent).await, in_state("running", "2026-11-22T12:15:00Z", true));
            bed.pass(WINDOW - 1);
            bed.run_jobs().await;
            assert_eq!(files(bed, TICKET).len(), 4, "a second is left");
            bed.pass(1);
            bed.run_jobs_to_the_end().await;
            assert_eq!(files(bed, TICKET).into_keys().collect::<Vec<_>>(), ids[2..]);
        })
        .await;
}

#[tokio::test]
async fn a_run_that_has_nothing_to_redact_ends_at_once() {
    with_window()
        .run(async |bed| {
            let tags = format!("/api/v2/tickets/{TICKET}/tags");
            bed.zendesk(Method::PUT, &tags, &json!({"tags": ["legal_hold"]})).await;
            let agent = bed.agent(credentials::AGENT_ID).await;
            agent.archives(TICKET).await;
            bed.run_jobs().await;
            assert_eq!(stands(&agent).await, in_state("done", Value::Null, false));
        })
        .await;
}

#[tokio::test]
async fn a_file_is_kept_before_the_run_came_to_it() {
    for by_id in [false, true] {
        with_window()
            .run_on_each(async |bed| {
                let agent = bed.agent(credentials::AGENT_ID).await;
                let ids: Vec<u64> = files(bed, TICKET).into_keys().collect();
                let wish = if by_id { json!({"attachment_ids": ids}) } else { json!({}) };
                let run = agent.archives_only(TICKET, &wish).await;
                let kept = json!({"attachment_ids": [ids[0]]});
                assert_eq!(cancels(&agent, &run, &kept).await.verdict(), "200");
                bed.run_jobs().await;
                bed.pass(WINDOW);
                bed.run_jobs_to_the_end().await;
                assert_eq!(files(bed, TICKET).into_keys().collect::<Vec<_>>(), ids[..1]);
            })
            .await;
    }
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
