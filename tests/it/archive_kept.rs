//! What an agent kept stays in Zendesk, whatever calls again, until somebody asks for it after that.

use deskside_sandbox::credentials::{ADMIN_EMAIL, ADMIN_ID, AGENT_ID};
use reqwest::Method;
use serde_json::json;

use crate::archive_undo::{WINDOW, cancels};
use crate::support::actors::Visitor;
use crate::support::archive::{files, items, put_away};
use crate::support::hooks::{delivered, tag, untag};
use crate::support::testbed::{Plan, Testbed, bed};

const TICKET: u64 = 42;
const TAG: &str = "archive_attachments";

fn with_windows() -> Plan {
    let window = WINDOW.to_string();
    bed().setting("archive.undo_button_s", window.clone()).setting("archive.undo_tag_s", window)
}

async fn run_of(agent: &Visitor) -> String {
    agent.attachments(TICKET).await.json()["run"]["id"].as_str().expect("a run").to_owned()
}

/// A tag's run is undone; a minute later something happens, and an hour passes: the state of every file.
async fn after_an_undo(then: impl AsyncFn(&Testbed, &Visitor), expected: &str) {
    with_windows()
        .run_on_each(async |bed| {
            bed.connects(&[]).await.expect("it is connected");
            let (agent, before) = (bed.agent(AGENT_ID).await, files(bed, TICKET));
            tag(bed, TICKET, TAG).await;
            assert_eq!(delivered(bed).await, [202]);
            bed.run_jobs().await;
            let undone = cancels(&agent, &run_of(&agent).await, &json!({})).await;
            assert_eq!(undone.verdict(), "200");
            bed.pass(60);
            then(bed, &agent).await;
            delivered(bed).await;
            bed.run_jobs().await;
            bed.pass(WINDOW);
            bed.run_jobs_to_the_end().await;
            let view = bed.agent(ADMIN_ID).await.attachments(TICKET).await.json();
            assert!(items(&view).into_values().all(|state| state == expected), "{expected}: {view}");
            if expected == "redacted" {
                put_away(bed, TICKET, &before, &[]).await;
            } else {
                assert!(files(bed, TICKET).keys().eq(before.keys()));
            }
        })
        .await;
}

#[tokio::test]
async fn what_was_undone_goes_only_when_somebody_asks_anew() {
    let kept = "skipped archive_cancelled";
    after_an_undo(async |bed, _| tag(bed, TICKET, "vip").await, kept).await;
    let set_anew = async |bed: &Testbed, _: &Visitor| {
        untag(bed, TICKET, TAG).await;
        tag(bed, TICKET, TAG).await;
    };
    after_an_undo(set_anew, "redacted").await;
    after_an_undo(async |_, agent| drop(agent.archives(TICKET).await), "redacted").await;
}

#[tokio::test]
async fn a_file_that_is_kept_and_then_asked_for_goes_with_its_run() {
    with_windows()
        .run_on_each(async |bed| {
            let (agent, before) = (bed.agent(AGENT_ID).await, files(bed, TICKET));
            let kept = *before.first_key_value().expect("a file").0;
            let run = agent.archives(TICKET).await;
            bed.run_jobs().await;
            let one = json!({"attachment_ids": [kept]});
            assert_eq!(cancels(&agent, &run, &one).await.verdict(), "200");
            bed.pass(5);
            let asked = agent.posts(&format!("/api/tickets/{TICKET}/archive"), &one).await;
            assert_eq!(asked.verdict(), "202");
            bed.run_jobs().await;
            bed.pass(WINDOW);
            bed.run_jobs_to_the_end().await;
            put_away(bed, TICKET, &before, &[]).await;
        })
        .await;
}

#[tokio::test]
async fn a_file_that_is_kept_before_its_run_began_stays_when_the_tag_calls() {
    with_windows()
        .run_on_each(async |bed| {
            bed.connects(&[]).await.expect("it is connected");
            let (agent, before) = (bed.agent(AGENT_ID).await, files(bed, TICKET));
            let kept = *before.first_key_value().expect("a file").0;
            tag(bed, TICKET, TAG).await;
            delivered(bed).await;
            let run = run_of(&agent).await;
            bed.pass(5);
            let answer = cancels(&agent, &run, &json!({"attachment_ids": [kept]})).await;
            assert_eq!(answer.verdict(), "200");
            bed.pass(5);
            tag(bed, TICKET, "vip").await;
            delivered(bed).await;
            bed.run_jobs().await;
            bed.pass(WINDOW);
            bed.run_jobs_to_the_end().await;
            put_away(bed, TICKET, &before, &[kept]).await;
        })
        .await;
}

#[tokio::test]
async fn a_tag_that_is_taken_away_in_time_moves_nothing() {
    with_windows()
        .run_on_each(async |bed| {
            bed.connects(&[]).await.expect("it is connected");
            let before = files(bed, TICKET);
            tag(bed, TICKET, TAG).await;
            delivered(bed).await;
            bed.run_jobs().await;
            bed.pass(60);
            let path = format!("/api/v2/tickets/{TICKET}/tags");
            bed.zendesk_as(ADMIN_EMAIL, Method::DELETE, &path, &json!({"tags": [TAG]})).await;
            bed.pass(WINDOW);
            bed.run_jobs_to_the_end().await;
            assert!(files(bed, TICKET).keys().eq(before.keys()));
        })
        .await;
}
