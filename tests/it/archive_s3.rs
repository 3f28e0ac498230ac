//! The archive on a real S3 server: whole, once, and never without the store's word.

use deskside_sandbox::credentials;

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
async fn a_store_that_sends_us_elsewhere_leaves_every_file_in_zendesk_and_the_reason_names_the_settings() {
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
async fn a_store_that_does_not_take_it_leaves_every_file_in_zendesk_and_says_why() {
    let s3 = S3::start().await;
    let stranger = s3.holds_the_archive_of(bed()).setting("archive.s3_secret_access_key", "another secret");
    stranger
        .run(async |bed| {
            let before = files(bed, 42);
            archives(bed, 42).await;
            let found = items(&bed.agent(credentials::AGENT_ID).await.attachments(42).await.json());
            assert!(found.values().all(|state| state == "failed archive_denied"), "{found:?}");
            assert_eq!(files(bed, 42).len(), before.len());
            assert!(s3.files_of(42).is_empty());
        })
        .await;
}
