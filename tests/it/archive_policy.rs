//! What the account's settings leave alone, and how the ticket is tagged afterwards.

use std::collections::BTreeSet;

use deskside_sandbox::credentials;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::archive::{archived_of, files, items, notes};
use crate::support::testbed::{Plan, Testbed, bed};

const AGENT: u64 = credentials::AGENT_ID;
const TICKET: u64 = 42;

fn tags(bed: &Testbed) -> BTreeSet<String> {
    let ticket = bed.vendors().ticket(TICKET).expect("the ticket");
    let tags = ticket["tags"].as_array().expect("tags").iter();
    tags.map(|tag| tag.as_str().expect("a tag").to_owned()).collect()
}

async fn tag(bed: &Testbed, tag: &str) {
    bed.zendesk(Method::PUT, &format!("/api/v2/tickets/{TICKET}/tags.json"), &json!({"tags": [tag]})).await;
}

/// Archives everything of the ticket; `expected` says for each file whether it moved, or why not.
async fn check(plan: Plan, prepare: impl AsyncFn(&Testbed), expected: impl Fn(&Value) -> &'static str) {
    plan.run(async |bed| {
        prepare(bed).await;
        let before = files(bed, TICKET);
        let agent = bed.agent(AGENT).await;
        let listed = agent.attachments(TICKET).await.json();
        agent.archives(TICKET).await;
        bed.run_jobs_to_the_end().await;
        let after = agent.attachments(TICKET).await.json();
        let found = items(&after);
        for item in after["items"].as_array().expect("a list") {
            let stays = item["state"] != "redacted";
            assert_eq!(
                item["prevented"].is_object(),
                stays,
                "nobody is offered what a run would leave: {item}"
            );
        }
        let mut moved = 0;
        for item in listed["items"].as_array().expect("a list") {
            let (id, expected) = (item["attachment_id"].as_u64().expect("an id"), expected(item));
            assert_eq!(found[&id], expected, "{item}");
            assert_eq!(files(bed, TICKET).contains_key(&id), expected != "redacted", "{item}");
            moved += usize::from(expected == "redacted");
        }
        assert_eq!(found.len(), before.len());
        assert_eq!(archived_of(bed, TICKET).len(), moved);
        assert_eq!(notes(bed, TICKET).len(), 1, "the ticket says what stayed, and why");
    })
    .await;
}

#[tokio::test]
async fn a_legal_hold_keeps_every_file_where_it_is() {
    check(bed(), async |bed| tag(bed, "legal_hold").await, |_| "held archive_legal_hold").await;
    let written_otherwise = bed().setting("archive.hold_tags", "Legal_Hold");
    check(written_otherwise, async |bed| tag(bed, "legal_hold").await, |_| "held archive_legal_hold").await;
    let other = bed().setting("archive.hold_tags", "lawsuit");
    check(other, async |bed| tag(bed, "legal_hold").await, |_| "redacted").await;
}

#[tokio::test]
async fn types_and_sizes_that_the_settings_leave_alone_stay() {
    let kind = |item: &Value| item["content_type"].as_str().expect("a type").to_owned();
    let nobody = async |_: &Testbed| {};
    check(bed().setting("archive.exclude_types", "application/*"), nobody, |item| {
        if kind(item).starts_with("application/") { "skipped archive_by_policy" } else { "redacted" }
    })
    .await;
    check(bed().setting("archive.include_types", "application/pdf,text/plain"), nobody, |item| {
        let taken = ["application/pdf", "text/plain"].contains(&kind(item).as_str());
        if taken { "redacted" } else { "skipped archive_by_policy" }
    })
    .await;
    check(bed().setting("archive.min_file_kb", "1048576"), nobody, |_| "skipped archive_by_policy").await;
    check(bed().setting("archive.min_age_days", "3650"), nobody, |_| "skipped archive_too_new").await;
}

#[tokio::test]
async fn only_admins_archive_where_the_settings_say_so() {
    bed()
        .setting("archive.agents_may_start", "false")
        .run(async |bed| {
            let (agent, admin) = (bed.agent(AGENT).await, bed.agent(credentials::ADMIN_ID).await);
            let path = format!("/api/tickets/{TICKET}/archive");
            assert_eq!(agent.posts(&path, &json!({})).await.verdict(), "403 archive_admins_only");
            assert_eq!(admin.posts(&path, &json!({})).await.verdict(), "202");
            bed.run_jobs().await;
            assert!(files(bed, TICKET).is_empty());
        })
        .await;
}

#[tokio::test]
async fn the_ticket_wears_the_tag_of_its_last_run_and_keeps_its_own() {
    bed()
        .run(async |bed| {
            let agent = bed.agent(AGENT).await;
            tag(bed, "legal_hold").await;
            let own = tags(bed);
            agent.archives(TICKET).await;
            bed.run_jobs().await;
            let with = |tag: &str| own.iter().cloned().chain([tag.to_owned()]).collect::<BTreeSet<_>>();
            assert_eq!(tags(bed), with("archive_held"));
            bed.zendesk(
                Method::DELETE,
                &format!("/api/v2/tickets/{TICKET}/tags.json"),
                &json!({"tags": ["legal_hold"]}),
            )
            .await;
            agent.archives(TICKET).await;
            bed.run_jobs().await;
            let mut expected = with("archived");
            expected.remove("legal_hold");
            assert_eq!(tags(bed), expected);
            assert!(files(bed, TICKET).is_empty());
        })
        .await;
}

#[tokio::test]
async fn an_outcome_tag_is_known_again_however_it_is_written() {
    bed()
        .setting("archive.done_tag", "Put_Away")
        .run(async |bed| {
            bed.agent(AGENT).await.archives(TICKET).await;
            bed.run_jobs_to_the_end().await;
            assert!(tags(bed).contains("put_away"));
            bed.vendors().attach(TICKET, "late.bin", 10).expect("a file");
            let updates = bed.vendors().calls().len();
            bed.agent(AGENT).await.archives(TICKET).await;
            bed.run_jobs_to_the_end().await;
            let again = bed.vendors().calls().split_off(updates);
            let tagged: Vec<_> = again.iter().filter(|call| call.path.contains("/tags")).collect();
            assert!(tagged.is_empty(), "the ticket has its tag: {tagged:?}");
        })
        .await;
}
