//! What a file is, by its sender's word, by its bytes and by Zendesk's scanner, and what stands beside its copy.

use deskside::store::ledger;
use deskside_sandbox::credentials;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::archive::{archived_of, files, items, notes, put_away, sha256};
use crate::support::s3::S3;
use crate::support::testbed::{Plan, Testbed, bed};

const AGENT: u64 = credentials::AGENT_ID;
const TICKET: u64 = 42;

async fn archives(bed: &Testbed, ids: &[u64]) {
    bed.agent(AGENT).await.archives_only(TICKET, &json!({"attachment_ids": ids})).await;
    bed.run_jobs_to_the_end().await;
}

/// What the ledger says of a file's steps, oldest first.
async fn told(bed: &Testbed, id: u64) -> Vec<(String, Value)> {
    let rows = ledger::of_ticket(&bed.db, credentials::SUBDOMAIN, TICKET).await.expect("it is read");
    let rows = rows.into_iter().filter(|row| row.entry.attachment_id == Some(id));
    rows.map(|row| (row.entry.action, row.entry.detail)).collect()
}

/// What the ticket's manifest says of a file.
fn listed(bed: &Testbed, id: u64) -> Value {
    let manifests = bed.manifests(TICKET);
    let mut files = manifests.iter().flat_map(|manifest| manifest["files"].as_array().expect("a list"));
    files.find(|file| file["attachment_id"] == id).expect("the file").clone()
}

async fn gives_free(bed: &Testbed, id: u64) {
    let free = json!({"attachment": {"malware_access_override": true}});
    bed.zendesk(Method::PUT, &format!("/api/v2/attachments/{id}.json"), &free).await;
}

#[tokio::test]
async fn an_infected_file_waits_for_zendesk_and_the_settings_then_quarantine() {
    let check = async |setting: &str, free: bool, expected: &str, reason: &str| {
        bed()
            .setting("archive.infected", setting)
            .run_on_each(async |bed| {
                let worm = b"MZ\x90\0this is a worm".to_vec();
                let id = bed.vendors().attach_bytes(TICKET, "invoice.pdf", "application/pdf", worm.clone());
                let id = id.expect("it is attached");
                bed.vendors().infect(id);
                if free {
                    gives_free(bed, id).await;
                }
                archives(bed, &[id]).await;
                let (agent, admin) = (bed.agent(AGENT).await, bed.agent(credentials::ADMIN_ID).await);
                let view = agent.attachments(TICKET).await.json();
                assert_eq!(items(&view)[&id], expected);
                let note = notes(bed, TICKET).pop().expect("a note");
                assert!(note.contains(reason), "{note}");
                let path = format!("/api/archive/items/{id}/file");
                if expected != "redacted" {
                    assert!(files(bed, TICKET).contains_key(&id) && archived_of(bed, TICKET).is_empty());
                    assert_eq!(admin.gets(&path).await.verdict(), "409 archive_file_pending");
                    return;
                }
                assert!(!files(bed, TICKET).contains_key(&id));
                let (key, bytes) = bed.archived().pop().expect("a copy");
                assert!(key.starts_with(&format!("v1/{}/quarantine/20", credentials::SUBDOMAIN)), "{key}");
                assert_eq!(bytes, worm);
                assert_eq!(
                    (&listed(bed, id)["quarantined"], &listed(bed, id)["key"]),
                    (&json!(true), &json!(key))
                );
                let told = told(bed, id).await;
                assert!(told.iter().all(|(_, detail)| detail["quarantined"] == true), "{told:?}");
                for refused in [
                    agent.gets(&path).await,
                    agent.posts(&format!("/api/archive/items/{id}/link"), &json!({})).await,
                ] {
                    assert_eq!(refused.verdict(), "403 archive_file_quarantined");
                }
                let opened = admin.gets(&path).await;
                assert_eq!((opened.status, opened.header("content-type")), (200, "application/octet-stream"));
            })
            .await;
    };
    let stays = "Zendesk found malware in it; it stays in Zendesk and is not copied";
    check("quarantine", false, "skipped attachment_malware", stays).await;
    check("skip", false, "skipped attachment_malware", stays).await;
    check("skip", true, "skipped attachment_malware", "it stays, because &quot;archive.infected&quot;").await;
    check("quarantine", true, "redacted", "archived in quarantine: Zendesk found malware in it").await;
}

#[tokio::test]
async fn a_file_that_is_not_what_it_says_is_archived_and_the_lie_is_told() {
    const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
    bed()
        .run_on_each(async |bed| {
            let attach = |name: &str, kind: &str, bytes: &'static [u8]| {
                bed.vendors().attach_bytes(TICKET, name, kind, bytes).expect("it is attached")
            };
            let lie = attach("cat.png", "image/png", b"<!DOCTYPE html><html><script>alert(1)</script>");
            let code = attach("b.png", "<b>image/png", b"MZ\x90\0\x03\0\0\0");
            let honest = [
                attach("dog.png", "image/png", PNG),
                attach("table.csv", "text/csv", b"id,name\n1,x\n"),
                attach("mail.eml", "message/rfc822", b"From: a@example.com\r\n\r\nhello"),
                attach("words.txt", "text/plain", b"words"),
                attach(
                    "offer.docx",
                    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
                    b"PK\x03\x04\x14\0\0\0\x08\0",
                ),
                attach("anything", "application/octet-stream", PNG),
            ];
            let before = files(bed, TICKET);
            bed.agent(AGENT).await.archives(TICKET).await;
            bed.run_jobs_to_the_end().await;
            put_away(bed, TICKET, &before, &[]).await;
            let [note] = <[_; 1]>::try_from(notes(bed, TICKET)).expect("one note");
            assert!(note.contains("archived; says image/png, is text/html"), "{note}");
            assert!(note.contains("says &lt;b&gt;image/png, is application/vnd.microsoft"), "{note}");
            assert_eq!(note.matches("; says ").count(), 2, "{note}");
            assert_eq!(listed(bed, lie)["sniffed_type"], "text/html");
            for (id, expected) in [(lie, true), (code, true)].into_iter().chain(honest.map(|id| (id, false)))
            {
                assert_eq!(listed(bed, id)["type_differs"], expected, "{}", listed(bed, id));
                let stored = told(bed, id).await.into_iter().find(|(action, _)| action == "stored");
                assert_eq!(stored.expect("a row").1["is"].is_string(), expected);
            }
        })
        .await;
}

const NAME: &str = "見積書  2026 😀.png";

/// What must stand beside the copy of a small file.
fn is_label(label: &Value, id: u64, comment: u64, bytes: &[u8]) {
    let expected = [
        ("account", credentials::SUBDOMAIN.to_owned()),
        ("ticket", TICKET.to_string()),
        ("comment", comment.to_string()),
        ("attachment", id.to_string()),
        ("name", "UTF-8''%E8%A6%8B%E7%A9%8D%E6%9B%B8%20%202026%20%F0%9F%98%80.png".to_owned()),
        ("claimed", "image/png".to_owned()),
        ("sniffed", "image/jpeg".to_owned()),
        ("sha256", sha256(bytes)),
    ];
    for (name, value) in expected {
        assert_eq!(label[name], value, "{name} in {label}");
    }
    assert!(label["author"].as_str().is_some_and(|author| author.parse::<u64>().is_ok()), "{label}");
    assert!(label["created"].as_str().is_some_and(|at| at.ends_with('Z')), "{label}");
}

const JPEG: &[u8] = b"\xff\xd8\xff\xe0\0\x10JFIF and more";

#[tokio::test]
async fn a_folder_keeps_what_is_to_be_known_of_a_file_in_another_beside_it() {
    bed()
        .run(async |bed| {
            let id = bed.vendors().attach_bytes(TICKET, NAME, "image/png", JPEG).expect("it is attached");
            let comment = files(bed, TICKET)[&id].comment;
            archives(bed, &[id]).await;
            let (key, _) = bed.archived().pop().expect("a copy");
            let beside = bed.archive_folder().join(format!("{key}.meta.json"));
            let label: Value = serde_json::from_slice(&std::fs::read(beside).expect("a file")).expect("JSON");
            is_label(&label, id, comment, JPEG);
            assert_eq!(label["content_type"], "image/png");
            assert!(
                label["content_disposition"].as_str().is_some_and(|text| text.starts_with("attachment;"))
            );
        })
        .await;
}

#[tokio::test]
async fn a_bucket_keeps_it_with_the_object_and_of_a_large_one_all_but_the_hash() {
    let s3 = S3::start().await;
    let plan: Plan = s3.holds_the_archive_of(bed().setting("archive.part_mb", "5"));
    plan.run(async |bed| {
        let small = bed.vendors().attach_bytes(TICKET, NAME, "image/png", JPEG).expect("it is attached");
        let many: Vec<u8> = JPEG.iter().copied().cycle().take(11 * 1024 * 1024).collect();
        let large =
            bed.vendors().attach_bytes(TICKET, NAME, "image/png", many.clone()).expect("it is attached");
        let comment = files(bed, TICKET)[&small].comment;
        archives(bed, &[small, large]).await;
        assert_eq!(items(&bed.agent(AGENT).await.attachments(TICKET).await.json())[&large], "redacted");
        let labels = s3.labels();
        let of = |id: u64| {
            let id = Value::from(id.to_string());
            let mut of_it = labels.iter().filter(|all| all["user_metadata"]["attachment"] == id);
            let found = of_it.next().unwrap_or_else(|| panic!("no label of {id} in {labels:?}")).clone();
            assert_eq!(found["content_type"], "image/png");
            let shown = found["content_disposition"].as_str().expect("a disposition");
            assert!(
                shown.starts_with("attachment; filename=\"") && shown.contains("filename*=UTF-8''"),
                "{shown}"
            );
            found["user_metadata"].clone()
        };
        is_label(&of(small), small, comment, JPEG);
        let mut label = of(large);
        assert_eq!(label["sha256"], Value::Null, "it was not known when the object was begun");
        label["sha256"] = sha256(&many).into();
        is_label(&label, large, comment, &many);
    })
    .await;
}
