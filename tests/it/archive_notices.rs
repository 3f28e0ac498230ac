//! How runs ended is told where the company wants it told: whole, signed, once, and without anybody's name.

use deskside_sandbox::credentials;
use serde_json::json;

use crate::support::receiver::Receiver;
use crate::support::testbed::{Plan, Testbed, bed};
use crate::trouble_at;

const TICKET: u64 = 42;

fn told_at(url: &str) -> Plan {
    bed().setting("notify.webhook_url", url)
}

async fn archives(bed: &Testbed, ticket: u64) {
    bed.agent(credentials::AGENT_ID).await.archives(ticket).await;
    bed.run_jobs_to_the_end().await;
}

#[tokio::test]
async fn the_end_of_a_run_is_told_whole_and_signed_and_names_no_file() {
    let (url, receiver) = Receiver::listen().await;
    told_at(&url)
        .setting("notify.secret", "between us")
        .run_on_each(async |bed| {
            let names: Vec<String> =
                crate::support::archive::files(bed, TICKET).into_values().map(|file| file.name).collect();
            archives(bed, TICKET).await;
            let [told] = <[_; 1]>::try_from(receiver.heard()).expect("one delivery");
            assert!(told.is_signed_with("between us") && !told.is_signed_with("another key"));
            let said = told.json();
            assert_eq!(told.headers["x-deskside-delivery"], said["run_id"].as_str().expect("an id"));
            assert_eq!((&said["event"], &said["state"]), (&json!("archive_run_ended"), &json!("done")));
            assert_eq!((&said["ticket_id"], &said["change"]), (&json!(TICKET), &json!(null)));
            assert_eq!(said["files"], json!({"moved": 4, "skipped": 0, "held": 0, "failed": 0}));
            let text = said["text"].as_str().expect("a sentence");
            assert!(text.starts_with("Ticket 42: 4 of 4 files were archived."), "{text}");
            let whole = said.to_string();
            assert!(names.iter().all(|name| !whole.contains(name.as_str())), "{whole}");
        })
        .await;
}

#[tokio::test]
async fn slack_gets_the_sentence_alone() {
    let (url, receiver) = Receiver::listen().await;
    told_at(&url)
        .setting("notify.format", "slack")
        .run(async |bed| {
            archives(bed, TICKET).await;
            let said = receiver.heard()[0].json();
            assert_eq!(said.as_object().expect("an object").keys().collect::<Vec<_>>(), ["text"]);
        })
        .await;
}

#[tokio::test]
async fn failing_is_told_once_and_so_is_recovery() {
    let (url, receiver) = Receiver::listen().await;
    let changes = |receiver: &Receiver| -> Vec<_> {
        receiver.heard().iter().map(|told| told.json()["change"].clone()).collect()
    };
    told_at(&url)
        .setting("notify.when", "changes")
        .run_on_each(async |bed| {
            archives(bed, TICKET).await;
            assert_eq!(changes(&receiver), [] as [serde_json::Value; 0], "it was well, and is");
            for ticket in [43, 44] {
                bed.vendors().attach(ticket, "scan.pdf", 1000);
            }
            bed.vendors().fault(trouble_at("/redact", 403));
            archives(bed, 43).await;
            archives(bed, 44).await;
            assert_eq!(changes(&receiver), [json!("failing")]);
            bed.vendors().clear_faults();
            archives(bed, 43).await;
            archives(bed, 44).await;
            assert_eq!(changes(&receiver), [json!("recovered")]);
        })
        .await;
}

#[tokio::test]
async fn a_receiver_in_trouble_hears_it_later_and_one_that_refuses_does_not() {
    let (url, receiver) = Receiver::listen().await;
    for (answers, deliveries) in [(&[503, 500, 429][..], 4), (&[404], 1), (&[410], 1)] {
        told_at(&url)
            .run(async |bed| {
                receiver.answers(answers);
                archives(bed, TICKET).await;
                let heard = receiver.heard();
                assert!(heard.len() >= deliveries, "{answers:?}: {}", heard.len());
                let ids: Vec<_> = heard.iter().map(|told| &told.headers["x-deskside-delivery"]).collect();
                assert!(ids.iter().all(|id| *id == ids[0]), "what comes twice has one id");
            })
            .await;
    }
}

#[tokio::test]
async fn what_slack_and_zapier_take_arrives_there() {
    let check = async |hook: &'static str, format: &str, vendor: &str| {
        bed()
            .tells(hook)
            .limits(deskside_sandbox::Limits::default())
            .setting("notify.format", format)
            .run(async |bed| {
                bed.agent(credentials::AGENT_ID).await.archives(TICKET).await;
                bed.run_jobs().await;
                let [told] = <[_; 1]>::try_from(bed.vendors().notices()).expect("one notice");
                assert_eq!(told["vendor"], vendor);
                let text = told["body"]["text"].as_str().expect("a sentence");
                assert!(text.starts_with("Ticket 42: 4 of 4 files were archived."), "{text}");
            })
            .await;
    };
    check(credentials::SLACK_HOOK, "slack", "slack").await;
    check("/hooks/catch/1/abc", "json", "zapier").await;
}
