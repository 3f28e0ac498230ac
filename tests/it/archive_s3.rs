//! The archive on a real S3 server: whole, once, and never without the store's word.

use deskside::store::ledger;
use deskside_sandbox::credentials;
use serde_json::json;

use crate::command_line::{command, runs};
use crate::support::archive::{files, items, notes};
use crate::support::s3::S3;
use crate::support::testbed::{Testbed, bed};
use crate::trouble_with;

async fn archives(bed: &Testbed, ticket: u64) {
    bed.agent(credentials::AGENT_ID).await.archives(ticket).await;
    bed.run_jobs_to_the_end().await;
}

#[tokio::test]
async fn files_of_every_size_are_in_the_bucket_byte_for_byte_and_once() {
    let check = async |ticket: u64| {
        let s3 = S3::start().await;
        s3.holds_the_archive_of(bed().setting("archive.part_mb", "5"))
            .run(async |bed| {
                let mut expected: Vec<Vec<u8>> =
                    files(bed, ticket).into_values().map(|file| file.bytes).collect();
                archives(bed, ticket).await;
                archives_again_changes_nothing(bed, ticket).await;
                let read = |path| std::fs::read(path).expect("an object");
                let mut stored: Vec<Vec<u8>> = s3.files_of(ticket).into_iter().map(read).collect();
                stored.sort();
                expected.sort();
                assert!(stored == expected, "ticket {ticket}: the bucket holds other bytes than Zendesk had");
                assert!(files(bed, ticket).is_empty());
                let told = notes(bed, ticket);
                assert!(told.iter().all(|note| note.contains("s3://files/deskside")), "the note says where");
            })
            .await;
    };
    check(42).await;
    check(3).await; // no bytes
    check(11).await; // 20 MB, in parts
}

async fn archives_again_changes_nothing(bed: &Testbed, ticket: u64) {
    let agent = bed.agent(credentials::AGENT_ID).await;
    let before = items(&agent.attachments(ticket).await.json());
    bed.run_jobs_to_the_end().await;
    assert_eq!(items(&agent.attachments(ticket).await.json()), before);
}

#[tokio::test]
async fn a_store_that_redirects_leaves_every_file_in_zendesk() {
    let s3 = S3::start().await;
    for call in ["put", "start", "head"] {
        s3.fault(trouble_with(call, 301));
    }
    s3.holds_the_archive_of(bed())
        .run(async |bed| {
            let before = files(bed, 42);
            archives(bed, 42).await;
            let agent = bed.agent(credentials::AGENT_ID).await;
            let view = agent.attachments(42).await.json();
            let found = items(&view);
            assert!(found.values().all(|state| state == "failed archive_elsewhere"), "{found:?}");
            assert!(view.to_string().contains("set archive.s3_region or archive.s3_endpoint"), "{view}");
            assert_eq!(files(bed, 42).len(), before.len());
            assert!(s3.files_of(42).is_empty());
        })
        .await;
}

#[tokio::test]
async fn a_store_that_refuses_leaves_every_file_in_zendesk_and_says_why() {
    let s3 = S3::start().await;
    let stranger = s3.holds_the_archive_of(bed()).setting("archive.s3_secret_access_key", "another secret");
    stranger
        .run(async |bed| {
            let before = files(bed, 42);
            archives(bed, 42).await;
            let found = items(&bed.agent(credentials::AGENT_ID).await.attachments(42).await.json());
            assert!(found.values().all(|state| state == "failed archive_credentials"), "{found:?}");
            assert_eq!(files(bed, 42).len(), before.len());
            assert!(s3.files_of(42).is_empty());
        })
        .await;
}

const DENIED: &str = "<DeleteResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Error><Key>a</Key>\
                      <Code>AccessDenied</Code><Message>Access Denied</Message></Error></DeleteResult>";

fn error(code: &str, more: &str) -> String {
    format!("<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>trouble</Message>{more}</Error>")
}

#[tokio::test]
async fn a_bucket_that_forbids_deletion_takes_a_large_file_in_one_upload() {
    let refusals = [
        (200, DENIED.to_owned()),
        (403, error("AccessDenied", "")),
        (501, error("NotImplemented", "")),
        (405, error("MethodNotAllowed", "")),
    ];
    for (status, body) in refusals {
        let s3 = S3::start().await;
        s3.says("delete", status, &body);
        s3.holds_the_archive_of(bed().setting("archive.part_mb", "5"))
            .run(async |bed| {
                let mut expected: Vec<_> = files(bed, 11).into_values().map(|file| file.bytes).collect();
                archives(bed, 11).await;
                let view = bed.agent(credentials::AGENT_ID).await.attachments(11).await.json();
                assert_eq!(view["run"]["state"], "done", "{status}: {view}");
                assert!(files(bed, 11).is_empty(), "{status}");
                assert_eq!(s3.asked("start"), 1, "{status}: it is uploaded once");
                let (incoming, whole): (Vec<_>, Vec<_>) = s3
                    .files_of(11)
                    .into_iter()
                    .partition(|path| path.to_string_lossy().ends_with(".incoming"));
                assert_eq!(incoming.len(), 1, "{status}: the first name of the one large file stays");
                let read = |path| std::fs::read(path).expect("an object");
                let mut whole: Vec<_> = whole.into_iter().map(read).collect();
                whole.sort();
                expected.sort();
                assert!(whole == expected, "{status}: every file is there once, byte for byte");
            })
            .await;
    }
}

#[tokio::test]
async fn a_bucket_that_says_what_is_wrong_is_no_outage() {
    let region = "<Region>us-east-1</Region>";
    for (status, body, code, setting, named) in [
        (
            400,
            error("AuthorizationHeaderMalformed", region),
            "archive_elsewhere",
            "archive.s3_region",
            "us-east-1",
        ),
        (400, error("KMS.DisabledException", ""), "archive_key", "archive.s3_kms_key_id", "key"),
        (404, error("NoSuchBucket", ""), "archive_bucket", "archive.store", "does not exist"),
        (
            403,
            error("InvalidAccessKeyId", ""),
            "archive_credentials",
            "archive.s3_access_key_id",
            "credentials",
        ),
        (
            403,
            error("SignatureDoesNotMatch", ""),
            "archive_credentials",
            "archive.s3_secret_access_key",
            "credentials",
        ),
        (400, error("ExpiredToken", ""), "archive_credentials", "archive.s3_access_key_id", "credentials"),
        (403, error("RequestTimeTooSkewed", ""), "archive_clock", "clock", "clock"),
    ] {
        let s3 = S3::start().await;
        s3.says("put", status, &body);
        s3.holds_the_archive_of(bed())
            .run(async |bed| {
                let before = files(bed, 42).len();
                archives(bed, 42).await;
                let view = bed.agent(credentials::AGENT_ID).await.attachments(42).await.json();
                let failed = format!("failed {code}");
                assert!(items(&view).values().all(|state| *state == failed), "{body}: {view}");
                let reasons = view["items"].to_string();
                assert!(reasons.contains(setting) && reasons.contains(named), "{body}: {view}");
                assert_eq!(files(bed, 42).len(), before, "{body}: nothing leaves Zendesk");
                assert_eq!(s3.asked("put") as usize, before, "{body}: it is not tried again");
                let (well, text) = runs(bed, &[], &["check"]).await;
                assert!(!well && text.contains("BAD   archive"), "{body}: {text}");
                assert!(text.contains(setting) && text.contains(named), "{body}: {text}");
                for other in ["ok    zendesk ", "ok    twilio"] {
                    assert!(text.contains(other), "{body}: the other connections are tried: {text}");
                }
            })
            .await;
    }
}

#[tokio::test]
async fn check_says_that_a_bucket_refuses_to_delete_and_what_follows() {
    for (status, body, code) in
        [(200, DENIED.to_owned(), "AccessDenied"), (501, error("NotImplemented", ""), "NotImplemented")]
    {
        let s3 = S3::start().await;
        s3.says("delete", status, &body);
        s3.holds_the_archive_of(bed())
            .run(async |bed| {
                let (well, text) = runs(bed, &[], &["check"]).await;
                let words = format!("refuses `delete` ({code})");
                assert!(well && text.contains("warn  archive") && text.contains(&words), "{status}: {text}");
                assert!(text.contains(".incoming") && text.contains("ok    zendesk "), "{status}: {text}");
            })
            .await;
    }
}

#[tokio::test]
async fn check_says_why_a_store_does_not_answer() {
    let s3 = S3::start().await;
    s3.holds_the_archive_of(bed())
        .run(async |bed| {
            let nobody = [("archive.s3_endpoint", Some("http://127.0.0.1:1"))];
            let (well, text) = runs(bed, &nobody, &["check"]).await;
            let line = text.lines().find(|line| line.starts_with("BAD   archive")).unwrap_or_default();
            assert!(!well && line.contains("does not answer `put`"), "{text}");
            assert!(line.contains("onnection refused") && line.contains("`archive.s3_endpoint`"), "{line}");
        })
        .await;
}

#[tokio::test]
async fn a_server_without_credentials_for_its_bucket_says_so() {
    let s3 = S3::start().await;
    s3.holds_the_archive_of(bed())
        .run(async |bed| {
            let folder = tempfile::tempdir().expect("a folder");
            let none = [("archive.s3_access_key_id", None), ("archive.s3_secret_access_key", None)];
            let mut check = command(bed, folder.path(), &none, &["check"]);
            // Where a cloud would tell this machine its role, nobody answers.
            check.env("AWS_METADATA_ENDPOINT", "http://127.0.0.1:1");
            let out = check.output().await.expect("it runs");
            let text = String::from_utf8_lossy(&out.stdout);
            assert!(
                text.contains("BAD   archive") && text.contains("does not accept our credentials"),
                "{text}"
            );
            assert!(text.contains("`archive.s3_access_key_id`") && text.contains("ok    zendesk "), "{text}");
        })
        .await;
}

#[tokio::test]
async fn a_bucket_that_forbids_deletion_keeps_undone_copies() {
    let s3 = S3::start().await;
    s3.fault(trouble_with("delete", 403));
    s3.holds_the_archive_of(bed())
        .setting("archive.undo_button_s", "600")
        .run(async |bed| {
            let agent = bed.agent(credentials::AGENT_ID).await;
            let run = agent.archives(42).await;
            bed.run_jobs().await;
            let undone = agent.posts(&format!("/api/archive/runs/{run}/cancel"), &json!({})).await;
            assert_eq!(undone.verdict(), "200");
            bed.run_jobs_to_the_end().await;
            assert_eq!((files(bed, 42).len(), s3.files_of(42).len()), (4, 4));
            let rows = ledger::of_ticket(&bed.db, credentials::SUBDOMAIN, 42).await.expect("it is read");
            let kept = rows.iter().filter(|row| row.entry.action == "copy_kept");
            assert!(kept.clone().all(|row| row.entry.detail["reason"] == "archive_denied"));
            assert_eq!(kept.count(), 4);
        })
        .await;
}
