//! A wish that comes when files already leave is the next run; and what becomes of the copies of an undone one.

use deskside::store::archive::{self, RunState};
use deskside::store::ledger;
use deskside_sandbox::credentials;
use reqwest::Method;
use serde_json::{Value, json};

use super::archive_undo::{WINDOW, cancels, in_state, stands, with_window};
use crate::support::actors::Visitor;
use crate::support::archive::{archived_of, files};
use crate::support::testbed::Testbed;
use crate::{trouble_at, trouble_with};

const TICKET: u64 = 42;

/// The files of a run are on their way out when an agent wishes for more.
async fn while_files_leave(test: impl AsyncFn(&Testbed, &Visitor, &str)) {
    with_window()
        .run_on_each(async |bed| {
            let agent = bed.agent(credentials::AGENT_ID).await;
            let first = agent.archives(TICKET).await;
            bed.run_jobs().await;
            bed.pass(WINDOW);
            bed.vendors().fault(trouble_at("/redact", 503));
            bed.run_jobs().await;
            assert_eq!(stands(&agent).await, in_state("running", Value::Null, false));
            assert_eq!(cancels(&agent, &first, &json!({})).await.verdict(), "409 archive_undo_over");
            test(bed, &agent, &first).await;
        })
        .await;
}

#[tokio::test]
async fn a_wish_while_files_leave_is_the_next_run_with_its_own_time() {
    while_files_leave(async |bed, agent, first| {
        let late = bed.vendors().attach(TICKET, "late.bin", 10).expect("a file");
        let next = agent.archives_only(TICKET, &json!({"attachment_ids": [late]})).await;
        assert_ne!(next, first);
        for wish in [json!({"attachment_ids": [late]}), json!({})] {
            assert_eq!(agent.archives_only(TICKET, &wish).await, next, "it joins the one that waits");
        }
        let shown = agent.attachments(TICKET).await.json();
        assert_eq!((&shown["run"]["id"], &shown["run"]["can_undo"]), (&json!(next), &json!(true)));
        bed.run_jobs().await;
        assert_eq!(stands(agent).await, in_state("queued", Value::Null, true), "the first is not done");
        bed.vendors().clear_faults();
        bed.pass(300);
        bed.run_jobs().await;
        let agent = bed.agent(credentials::AGENT_ID).await;
        assert_eq!(stands(&agent).await.0, "running");
        assert_eq!(files(bed, TICKET).into_keys().collect::<Vec<_>>(), [late], "it has time to be undone");
        bed.pass(WINDOW);
        bed.run_jobs_to_the_end().await;
        assert!(files(bed, TICKET).is_empty());
    })
    .await;
}

#[tokio::test]
async fn the_next_run_is_undone_before_it_begins() {
    while_files_leave(async |bed, agent, first| {
        let late = bed.vendors().attach(TICKET, "late.bin", 10).expect("a file");
        let next = agent.archives_only(TICKET, &json!({"attachment_ids": [late]})).await;
        let answer = cancels(agent, &next, &json!({})).await;
        let run = &answer.json()["run"];
        assert_eq!((&run["id"], &run["can_undo"]), (&json!(first), &json!(false)), "the first goes on");
        bed.vendors().clear_faults();
        bed.run_jobs_to_the_end().await;
        assert_eq!(files(bed, TICKET).into_keys().collect::<Vec<_>>(), [late]);
    })
    .await;
}

#[tokio::test]
async fn the_next_run_begins_also_where_the_first_is_given_up() {
    while_files_leave(async |bed, agent, first| {
        let next = agent.archives(TICKET).await;
        while archive::run(&bed.db, credentials::SUBDOMAIN, first).await.expect("read").expect("a run").state
            == RunState::Running
        {
            bed.pass(6 * 3_600);
            bed.run_jobs().await;
        }
        bed.vendors().clear_faults();
        bed.run_jobs().await;
        let agent = bed.agent(credentials::AGENT_ID).await;
        let run = agent.attachments(TICKET).await.json()["run"].clone();
        assert_eq!(
            (&run["id"], &run["state"], &run["can_undo"]),
            (&json!(next), &json!("running"), &json!(true))
        );
        bed.pass(WINDOW);
        bed.run_jobs_to_the_end().await;
        assert!(files(bed, TICKET).is_empty());
    })
    .await;
}

/// What the ledger says of copies, file by file.
async fn copies(bed: &Testbed) -> Vec<(u64, String)> {
    let rows = ledger::of_ticket(&bed.db, credentials::SUBDOMAIN, TICKET).await.expect("the ledger is read");
    let rows = rows.into_iter().filter(|row| row.entry.action.starts_with("copy_"));
    let mut told: Vec<_> = rows
        .map(|row| {
            let reason = row.entry.detail["reason"].as_str().unwrap_or_default().to_owned();
            (row.entry.attachment_id.expect("a file"), format!("{} {reason}", row.entry.action))
        })
        .collect();
    told.sort();
    told
}

#[tokio::test]
async fn copies_of_undone_files_are_deleted_unless_zendesk_lost_the_file() {
    with_window()
        .run_on_each(async |bed| {
            let agent = bed.agent(credentials::AGENT_ID).await;
            let before = files(bed, TICKET);
            let run = agent.archives(TICKET).await;
            bed.run_jobs().await;
            let (gone, file) = before.first_key_value().expect("a file");
            let path =
                format!("/api/v2/tickets/{TICKET}/comments/{}/attachments/{gone}/redact", file.comment);
            bed.zendesk(Method::PUT, &path, &json!({})).await;
            assert_eq!(cancels(&agent, &run, &json!({})).await.verdict(), "200");
            bed.vendors().fault(trouble_with("zendesk", 503));
            bed.run_jobs().await;
            assert_eq!(archived_of(bed, TICKET).len(), 4, "a list that cannot be read decides nothing");
            bed.vendors().clear_faults();
            bed.run_jobs_to_the_end().await;
            assert_eq!(archived_of(bed, TICKET), std::slice::from_ref(&file.bytes), "the only copy stays");
            let expected: Vec<_> = before
                .keys()
                .map(|id| (*id, if id == gone { "copy_kept not_in_zendesk" } else { "copy_deleted undone" }))
                .map(|(id, told)| (id, told.to_owned()))
                .collect();
            assert_eq!(copies(bed).await, expected);
        })
        .await;
}

#[tokio::test]
async fn a_copy_that_the_next_run_takes_is_not_deleted() {
    with_window()
        .run_on_each(async |bed| {
            let agent = bed.agent(credentials::AGENT_ID).await;
            let run = agent.archives(TICKET).await;
            bed.run_jobs().await;
            cancels(&agent, &run, &json!({})).await;
            agent.archives(TICKET).await;
            // Both the deletions and the run are due: whichever comes first, each file is whole in one place at least.
            bed.run_jobs().await;
            bed.pass(WINDOW);
            bed.run_jobs_to_the_end().await;
            assert!(files(bed, TICKET).is_empty());
            assert_eq!(archived_of(bed, TICKET).len(), 4);
        })
        .await;
}
