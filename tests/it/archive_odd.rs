//! What nobody expects: names that are tricks, no files at all, thousands of them, tickets that are closed, merged or gone,
//! stores that are not there.

use std::collections::BTreeSet;

use deskside::store::ledger;
use deskside_sandbox::credentials;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::archive::{archived_of, files, items, notes, put_away};
use crate::support::s3::{S3, files_below};
use crate::support::testbed::{Plan, Testbed, bed};

const AGENT: u64 = credentials::AGENT_ID;
const TICKET: u64 = 42;

async fn archives(bed: &Testbed) -> Value {
    bed.agent(AGENT).await.archives(TICKET).await;
    bed.run_jobs_to_the_end().await;
    bed.agent(AGENT).await.attachments(TICKET).await.json()
}

#[tokio::test]
async fn names_that_are_tricks_are_kept_as_they_are_and_used_nowhere() {
    let long = format!("{}.pdf", "長".repeat(300));
    let names = [
        "../../etc/passwd",
        "..\\..\\windows\\system.ini",
        "😀🎉.png",
        "\u{202e}gpj.exe",
        "a\u{200f}b.txt",
        "CON",
        "aux.txt",
        ".",
        "",
        "<script>alert(1)</script>.html",
        "a\r\nX-Y: z",
        "nul\0byte",
        long.as_str(),
    ];
    bed()
        .run_on_each(async |bed| {
            let ids = names.map(|name| {
                let bytes =
                    if name == "CON" { Vec::new() } else { format!("what {name:?} holds").into_bytes() };
                bed.vendors().attach_bytes(TICKET, name, "image/png", bytes).expect("it is attached")
            });
            let before = files(bed, TICKET);
            let view = archives(bed).await;
            assert!(items(&view).values().all(|state| state == "redacted"), "{view}");
            put_away(bed, TICKET, &before, &[]).await;
            for (key, _) in bed.archived() {
                let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./".contains(&byte);
                assert!(key.bytes().all(plain) && !key.contains("..") && key.len() < 120, "{key}");
            }
            let [note] = <[_; 1]>::try_from(notes(bed, TICKET)).expect("one note");
            assert!(!note.contains("<script>") && !note.contains(['\u{202e}', '\u{200f}', '\0']), "{note}");
            let [manifest] = <[_; 1]>::try_from(bed.manifests(TICKET)).expect("one manifest");
            let listed: BTreeSet<&str> = manifest["files"]
                .as_array()
                .expect("a list")
                .iter()
                .map(|file| file["file_name"].as_str().expect("a name"))
                .collect();
            for name in names.iter().filter(|name| !name.contains('\0')) {
                assert!(listed.contains(name), "{name:?} in {listed:?}");
            }
            let agent = bed.agent(AGENT).await;
            for (name, id) in names.iter().zip(ids) {
                let request = agent.request(Method::GET, &format!("/api/archive/items/{id}/file"));
                let answer = request.send().await.expect("it answers");
                let shown = answer.headers()["content-disposition"].to_str().expect("plain").to_owned();
                assert!(
                    shown.starts_with("attachment; filename=\"") && !shown.contains(['/', '\\']),
                    "{shown}"
                );
                assert!(answer.bytes().await.expect("all of it") == before[&id].bytes, "{name:?}");
            }
        })
        .await;
}

#[tokio::test]
async fn a_ticket_of_two_thousand_files_comes_to_an_end_and_its_note_fits() {
    const MANY: usize = 2_000;
    bed()
        .setting("archive.include_types", "text/plain")
        .run(async |bed| {
            let mut kept: Vec<u64> = files(bed, TICKET).into_keys().collect();
            for number in 0..MANY {
                let kind = if number % 20 == 0 { "text/plain" } else { "text/csv" };
                let name = format!("a report of page {number}.txt");
                let id = bed.vendors().attach_bytes(TICKET, &name, kind, format!("page {number}"));
                kept.extend(id.filter(|_| kind == "text/csv"));
            }
            kept.sort_unstable();
            let before = files(bed, TICKET);
            archives(bed).await;
            put_away(bed, TICKET, &before, &kept).await;
            let [note] = <[_; 1]>::try_from(notes(bed, TICKET)).expect("one note");
            assert!(note.contains("100 of 2004 files were archived"), "{note}");
            assert!(
                note.contains(" more: the archive's manifest") && note.contains("files of the type"),
                "{note}"
            );
            assert!(note.len() < 64_000, "Zendesk's comments hold no more: {}", note.len());
        })
        .await;
}

#[tokio::test]
async fn a_tag_on_a_ticket_without_files_ends_at_once_and_says_nothing() {
    bed()
        .run_on_each(async |bed| {
            bed.connects(&[]).await.expect("it connects");
            let bare =
                (43..70).find(|ticket| files(bed, *ticket).is_empty()).expect("a ticket without files");
            let tags = json!({"tags": ["archive_attachments"]});
            bed.zendesk(Method::PUT, &format!("/api/v2/tickets/{bare}/tags.json"), &tags).await;
            while bed.vendors().deliveries_under_way() > 0 {
                tokio::task::yield_now().await;
            }
            bed.run_jobs_to_the_end().await;
            assert_eq!(notes(bed, bare), Vec::<String>::new());
            let rows = ledger::of_ticket(&bed.db, credentials::SUBDOMAIN, bare).await.expect("it is read");
            let actions: Vec<_> = rows.into_iter().map(|row| row.entry.action).collect();
            assert_eq!(actions.last().map(String::as_str), Some("nothing_to_archive"), "{actions:?}");
        })
        .await;
}

#[tokio::test]
async fn without_agent_workspace_a_closed_ticket_keeps_its_files_and_says_so() {
    bed()
        .without_agent_workspace()
        .run(async |bed| {
            bed.vendors().set_status(TICKET, "closed");
            let view = archives(bed).await;
            let all = items(&view);
            assert!(all.values().all(|state| state == "failed redaction_needs_workspace"), "{view}");
            let reason = view["items"][0]["reason"].as_str().expect("a reason");
            assert!(
                reason.starts_with("the ticket is closed, and only Agent Workspace redacts there"),
                "{reason}"
            );
            assert_eq!(
                (files(bed, TICKET).len(), archived_of(bed, TICKET).len()),
                (4, 4),
                "the copies are there"
            );
        })
        .await;
}

#[tokio::test]
async fn a_ticket_that_was_merged_says_that_copies_stay_in_the_other() {
    bed()
        .run_on_each(async |bed| {
            let tags = json!({"tags": ["closed_by_merge"]});
            bed.zendesk(Method::PUT, "/api/v2/tickets/42/tags.json", &tags).await;
            bed.vendors().set_status(TICKET, "closed");
            let before = files(bed, TICKET);
            let view = archives(bed).await;
            put_away(bed, TICKET, &before, &[]).await;
            for item in view["items"].as_array().expect("a list") {
                let reason = item["reason"].as_str().expect("a reason");
                assert!(reason.contains("the ticket that this one was merged into has a copy"), "{reason}");
            }
            assert_eq!(bed.manifests(TICKET)[0]["merged"], true);
        })
        .await;
}

/// A store that answers everything with one refusal: where it is.
async fn refusing(status: u16, code: &'static str) -> String {
    let status = axum::http::StatusCode::from_u16(status).expect("a status");
    let says = move || async move { (status, format!("<Error><Code>{code}</Code></Error>")) };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("it is bound"));
    let router = axum::Router::new().fallback(says);
    tokio::spawn(async move { axum::serve(listener, router).await.expect("it serves") });
    url
}

#[tokio::test]
async fn a_store_that_refuses_is_told_in_panel_note_and_ledger() {
    let refuses = async |status: u16, code: &'static str| {
        S3::start()
            .await
            .holds_the_archive_of(bed())
            .setting("archive.s3_endpoint", refusing(status, code).await)
    };
    let check = async |plan: Plan, code: &str, reason: &str| {
        plan.run(async |bed| {
            let view = archives(bed).await;
            assert!(items(&view).values().all(|state| *state == format!("failed {code}")), "{view}");
            assert_eq!(view["items"][0]["reason"], reason);
            let [note] = <[_; 1]>::try_from(notes(bed, TICKET)).expect("one note");
            assert!(
                note.contains("No file was archived.")
                    && note.contains(&reason.replace('\'', "&#39;").replace('"', "&quot;")),
                "{note}"
            );
            let rows = ledger::of_ticket(&bed.db, credentials::SUBDOMAIN, TICKET).await.expect("it is read");
            let failed = rows.iter().filter(|row| row.entry.action == "failed");
            assert_eq!(failed.filter(|row| row.entry.detail["reason"] == code).count(), 4);
            assert_eq!(files(bed, TICKET).len(), 4);
        })
        .await;
    };
    let gone = "the archive's bucket does not exist; an admin must look at \"archive.store\"";
    check(refuses(404, "NoSuchBucket").await, "archive_bucket", gone).await;
    check(
        refuses(403, "AccessDenied").await,
        "archive_denied",
        "the archive refuses it; an admin must look at its rights",
    )
    .await;
}

#[tokio::test]
async fn a_folder_may_be_named_by_a_url() {
    for (name, in_url) in
        [("kept", "kept"), ("kept here", "kept here"), ("kept here #2", "kept%20here%20%232")]
    {
        let folder = tempfile::tempdir().expect("a folder");
        let url = format!("file://{}/{in_url}", folder.path().display());
        bed()
            .setting("archive.store", url)
            .run(async |bed| {
                let mut expected: Vec<_> = files(bed, TICKET).into_values().map(|file| file.bytes).collect();
                let view = archives(bed).await;
                assert_eq!(view["run"]["state"], "done", "{name}: {view}");
                let below = files_below(&folder.path().join(name));
                let is_copy = |path: &std::path::PathBuf| {
                    let path = path.to_string_lossy();
                    !path.contains("/manifests/") && !path.ends_with(".meta.json")
                };
                let copies = below.into_iter().filter(is_copy);
                let mut copies: Vec<_> = copies.map(|path| std::fs::read(path).expect("a file")).collect();
                copies.sort();
                expected.sort();
                assert!(copies == expected, "{name}: every file is in the folder");
                assert!(
                    notes(bed, TICKET).iter().all(|note| !note.contains(name)),
                    "a path is nobody's business"
                );
            })
            .await;
    }
}
