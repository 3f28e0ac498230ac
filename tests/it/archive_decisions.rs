//! What was decided when files were planned is decided again right before each is redacted: what changed meanwhile counts.

use deskside_sandbox::{Fault, FaultRule, Limits, Matching, credentials};
use reqwest::Method;
use serde_json::json;

use crate::support::archive::{archived_of, files, items, notes, put_away};
use crate::support::hooks::tag;
use crate::support::s3::S3;
use crate::support::testbed::{Plan, Testbed, bed};
use crate::trouble_with;

const AGENT: u64 = credentials::AGENT_ID;
const TICKET: u64 = 42;
const WINDOW: i64 = 600;

fn with_window() -> Plan {
    bed().setting("archive.undo_button_s", WINDOW.to_string())
}

async fn user_becomes(bed: &Testbed, change: serde_json::Value) {
    bed.zendesk(Method::PUT, &format!("/api/v2/users/{AGENT}"), &json!({ "user": change })).await;
}

/// Files are copied and verified, then something changes, and then the time for undo is over.
async fn check(change: impl AsyncFn(&Testbed), expected: &str, told: &str) {
    with_window()
        .run_on_each(async |bed| {
            let (agent, admin) = (bed.agent(AGENT).await, bed.agent(credentials::ADMIN_ID).await);
            let before = files(bed, TICKET);
            agent.archives(TICKET).await;
            bed.run_jobs().await;
            assert_eq!(archived_of(bed, TICKET).len(), before.len(), "all are copied");
            change(bed).await;
            bed.pass(WINDOW);
            bed.run_jobs_to_the_end().await;
            let view = admin.attachments(TICKET).await.json();
            for (id, state) in items(&view) {
                assert_eq!(state, expected, "{view}");
                assert_eq!(files(bed, TICKET).contains_key(&id), expected != "redacted");
            }
            let notes = notes(bed, TICKET);
            assert!(notes.iter().all(|note| note.contains(told)), "{told} is not in {notes:?}");
        })
        .await;
}

#[tokio::test]
async fn what_changes_while_a_run_can_be_undone_keeps_every_file() {
    check(async |bed| tag(bed, TICKET, "legal_hold").await, "held archive_legal_hold", "legal_hold").await;
    let infected = async |bed: &Testbed| files(bed, TICKET).keys().for_each(|id| bed.vendors().infect(*id));
    check(infected, "skipped attachment_malware", "malware").await;
    let closed = async |bed: &Testbed| {
        tag(bed, TICKET, "legal_hold").await;
        bed.vendors().set_status(TICKET, "closed");
    };
    check(closed, "held archive_legal_hold", "").await;
    check(async |bed| bed.vendors().set_status(TICKET, "closed"), "redacted", "").await;
}

#[tokio::test]
async fn whoever_loses_the_right_to_archive_meanwhile_moves_nothing() {
    let inactive = "held archive_asker_inactive";
    let active = "is not an active agent of this account";
    for (change, expected, told) in [
        (json!({"role": "end-user"}), inactive, active),
        (json!({"suspended": true}), inactive, active),
        (
            json!({"custom_role_id": credentials::LIGHT_AGENT_ROLE}),
            "held archive_read_only_role",
            "may not change tickets",
        ),
        (
            json!({"ticket_restriction": "requested"}),
            "held ticket_out_of_reach",
            "may not see this ticket any more",
        ),
        (json!({"role": "admin"}), "redacted", "archived"),
    ] {
        check(async |bed| user_becomes(bed, change.clone()).await, expected, told).await;
    }
}

#[tokio::test]
async fn a_hold_that_comes_while_a_run_pauses_keeps_the_rest() {
    // Zendesk takes thirty changes of a ticket, and the run waits.
    bed()
        .limits(Limits::default())
        .run_on_each(async |bed| {
            let ticket = bed.vendors().open_ticket();
            for number in 0..32 {
                bed.vendors().attach(ticket, &format!("{number}.bin"), 500).expect("it is attached");
            }
            bed.operator_archives(ticket).await;
            bed.run_jobs().await;
            let left = files(bed, ticket).len();
            assert!((1..32).contains(&left), "{left}: the run pauses");
            tag(bed, ticket, "legal_hold").await;
            bed.run_jobs_to_the_end().await;
            let view = bed.agent(AGENT).await.attachments(ticket).await.json();
            let held = items(&view).into_values().filter(|state| state == "held archive_legal_hold").count();
            assert_eq!((held, files(bed, ticket).len()), (left, left), "{view}");
        })
        .await;
    // Zendesk asks us to wait.
    let on = Matching { path_suffix: Some("/redact".to_owned()), ..Matching::default() };
    let waits = Fault::Status { status: 429, retry_after: Some(40) };
    bed()
        .run_on_each(async |bed| {
            let before = files(bed, TICKET).len();
            bed.vendors().fault(FaultRule { on: on.clone(), times: 1, skip: 1, fault: waits });
            bed.operator_archives(TICKET).await;
            bed.run_jobs().await;
            tag(bed, TICKET, "legal_hold").await;
            bed.run_jobs_to_the_end().await;
            assert_eq!(files(bed, TICKET).len(), before - 1, "one had gone");
        })
        .await;
}

/// The copy of a file is changed while a run can be undone.
async fn check_copy(change: impl Fn(&std::path::Path)) {
    with_window()
        .run_on_each(async |bed| {
            let (agent, before) = (bed.agent(AGENT).await, files(bed, TICKET));
            agent.archives(TICKET).await;
            bed.run_jobs().await;
            for (name, _) in bed.archived() {
                change(&bed.archive_folder().join(name));
            }
            bed.pass(WINDOW);
            bed.run_jobs().await;
            assert_eq!(files(bed, TICKET).len(), before.len(), "nothing is redacted without a whole copy");
            bed.run_jobs_to_the_end().await;
            put_away(bed, TICKET, &before, &[]).await;
        })
        .await;
}

#[tokio::test]
async fn a_file_that_somebody_else_removed_is_archived_only_with_its_copy() {
    let check = async |copy_is_there: bool| {
        with_window()
            .run_on_each(async |bed| {
                let (agent, admin) = (bed.agent(AGENT).await, credentials::ADMIN_EMAIL);
                agent.archives(TICKET).await;
                bed.run_jobs().await;
                let view = agent.attachments(TICKET).await.json();
                for item in view["items"].as_array().expect("items") {
                    let (comment, file) = (&item["comment_id"], &item["attachment_id"]);
                    let path =
                        format!("/api/v2/tickets/{TICKET}/comments/{comment}/attachments/{file}/redact");
                    bed.zendesk_as(admin, Method::PUT, &path, &json!({})).await;
                }
                for (name, _) in bed.archived().into_iter().filter(|_| !copy_is_there) {
                    std::fs::remove_file(bed.archive_folder().join(name)).expect("it was there");
                }
                bed.pass(WINDOW);
                bed.run_jobs_to_the_end().await;
                let view = bed.agent(credentials::ADMIN_ID).await.attachments(TICKET).await.json();
                let states = items(&view).into_values();
                let archived = states.filter(|state| state == "redacted").count();
                assert_eq!(archived, if copy_is_there { 4 } else { 0 }, "{view}");
            })
            .await;
    };
    check(true).await;
    check(false).await;
}

#[tokio::test]
async fn a_copy_that_is_gone_or_damaged_is_made_again_before_redaction() {
    check_copy(|copy| std::fs::remove_file(copy).expect("it was there")).await;
    check_copy(|copy| std::fs::write(copy, b"7 bytes").expect("it is written")).await;
    // As long as before: only its hash tells.
    check_copy(|copy| {
        let mut bytes = std::fs::read(copy).expect("it is there");
        for byte in &mut bytes {
            *byte ^= 1;
        }
        std::fs::write(copy, bytes).expect("it is written");
    })
    .await;
}

#[tokio::test]
async fn a_large_copy_that_is_damaged_is_made_again_before_redaction() {
    with_window()
        .parts_of(16 * 1024)
        .run_on_each(async |bed| {
            let ticket = bed.vendors().open_ticket();
            bed.vendors().attach(ticket, "large.bin", 100_000).expect("it is attached");
            let before = files(bed, ticket);
            bed.agent(AGENT).await.archives(ticket).await;
            bed.run_jobs().await;
            for (name, _) in bed.archived() {
                std::fs::write(bed.archive_folder().join(name), b"7 bytes").expect("it is written");
            }
            bed.pass(WINDOW);
            bed.run_jobs_to_the_end().await;
            put_away(bed, ticket, &before, &[]).await;
        })
        .await;
}

#[tokio::test]
async fn nothing_is_redacted_while_the_store_does_not_say_what_it_holds() {
    let s3 = S3::start().await;
    s3.holds_the_archive_of(with_window())
        .run(async |bed| {
            let (agent, before) = (bed.agent(AGENT).await, files(bed, TICKET).len());
            agent.archives(TICKET).await;
            bed.run_jobs().await;
            bed.pass(WINDOW);
            let outage = s3.fault(trouble_with("head", 503));
            bed.run_jobs().await;
            assert!(s3.met(outage) > 0, "the store is asked");
            assert_eq!(files(bed, TICKET).len(), before);
            let view = agent.attachments(TICKET).await.json();
            assert_eq!(view["run"]["problem"]["code"], "archive_unavailable", "{view}");
            s3.mend(outage);
            bed.run_jobs_to_the_end().await;
            assert!(files(bed, TICKET).is_empty());
        })
        .await;
}

#[tokio::test]
async fn a_ticket_that_is_deleted_before_its_files_go_says_so() {
    with_window()
        .run(async |bed| {
            let agent = bed.agent(AGENT).await;
            let run = agent.archives(TICKET).await;
            bed.run_jobs().await;
            bed.zendesk(Method::DELETE, &format!("/api/v2/tickets/{TICKET}"), &serde_json::Value::Null).await;
            bed.pass(WINDOW);
            bed.run_jobs_to_the_end().await;
            let account = credentials::SUBDOMAIN;
            let run = deskside::store::archive::run(&bed.db, account, &run).await.expect("the store answers");
            assert_eq!(run.expect("the run").problem_code.as_deref(), Some("ticket_not_found"));
        })
        .await;
}
