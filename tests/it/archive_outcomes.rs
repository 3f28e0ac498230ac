//! What the ticket says when a run has ended: the headline and the tag by what happened, and an image inside the text of a closed
//! ticket.

use deskside_sandbox::credentials;
use reqwest::Method;
use serde_json::json;

use crate::support::archive::{archived_of, files, items, notes};
use crate::support::hooks::{Delivery, SECRET};
use crate::support::testbed::{Testbed, bed};

fn tags(bed: &Testbed, ticket: u64) -> Vec<String> {
    let ticket = bed.vendors().ticket(ticket).expect("the ticket");
    let all = ticket["tags"].as_array().expect("tags").iter();
    all.filter_map(|tag| tag.as_str())
        .filter(|tag| tag.starts_with("archive"))
        .map(ToOwned::to_owned)
        .collect()
}

async fn check(ticket: u64, prepare: impl AsyncFn(&Testbed), headline: &str, tag: &str) {
    bed()
        .run_on_each(async |bed| {
            prepare(bed).await;
            bed.agent(credentials::AGENT_ID).await.archives(ticket).await;
            bed.run_jobs_to_the_end().await;
            let [note] = <[_; 1]>::try_from(notes(bed, ticket)).expect("one note");
            assert!(note.contains(&format!("<strong>{headline}</strong>")), "{note}");
            let moved = !archived_of(bed, ticket).is_empty();
            assert_eq!(note.contains("was read back and compared"), moved, "{note}");
            assert!(!note.contains('`'), "{note}");
            assert_eq!(tags(bed, ticket), [tag]);
        })
        .await;
}

#[tokio::test]
async fn the_note_and_the_tag_say_what_happened_and_claim_nothing_more() {
    let tag = |name: &'static str| {
        async move |bed: &Testbed| {
            bed.zendesk(Method::PUT, "/api/v2/tickets/42/tags", &json!({"tags": [name]})).await;
        }
    };
    check(42, async |_| {}, "4 of 4 files were archived.", "archived").await;
    check(7, async |_| {}, "No file was archived.", "archive_infected").await;
    check(42, tag("legal_hold"), "No file was archived.", "archive_held").await;
    let infected = async |bed: &Testbed| bed.vendors().infect(*files(bed, 42).keys().next().expect("a file"));
    check(42, infected, "3 of 4 files were archived.", "archived").await;
}

#[tokio::test]
async fn a_tag_that_finds_the_same_again_writes_no_second_note() {
    bed()
        .setting("zendesk.webhook_secret", SECRET)
        .run_on_each(async |bed| {
            bed.zendesk(Method::PUT, "/api/v2/tickets/42/tags", &json!({"tags": ["legal_hold"]})).await;
            for _ in 0..3 {
                bed.pass(1); // or two equal bodies have one signature
                assert_eq!(Delivery::about(bed, 42).sent(bed).await.status, 202);
                bed.run_jobs_to_the_end().await;
            }
            assert_eq!(notes(bed, 42).len(), 1, "or it would run in circles with an older trigger");
        })
        .await;
}

#[tokio::test]
async fn images_in_the_text_of_a_closed_ticket_are_redacted_in_the_text() {
    bed()
        .run_on_each(async |bed| {
            let second = bed.vendors().attach_inline(18, "second.gif", 60).expect("an image");
            bed.vendors().set_status(18, "closed");
            let agent = bed.agent(credentials::AGENT_ID).await;
            agent.archives(18).await;
            bed.run_jobs_to_the_end().await;
            let found = items(&agent.attachments(18).await.json());
            assert_eq!(found[&second], "redacted");
            assert!(found.values().all(|state| state == "redacted"), "{found:?}");
            assert!(files(bed, 18).is_empty());
            assert_eq!(archived_of(bed, 18).len(), found.len());
        })
        .await;
}
