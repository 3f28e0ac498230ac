//! A run that is given up says so on the ticket, once, as soon as Zendesk takes it.

use deskside::store::archive;
use deskside_sandbox::{Fault, FaultRule, Matching, credentials};
use reqwest::Method;
use serde_json::json;

use crate::support::archive::{files, notes};
use crate::support::testbed::{Testbed, bed};
use crate::{trouble_at, trouble_with};

const AGENT: u64 = credentials::AGENT_ID;
const TICKET: u64 = 42;

fn tags(bed: &Testbed) -> Vec<String> {
    let ticket = bed.vendors().ticket(TICKET).expect("the ticket");
    let tags = ticket["tags"].as_array().expect("tags").iter();
    tags.map(|tag| tag.as_str().expect("a tag").to_owned()).filter(|tag| tag.starts_with("archive")).collect()
}

/// The agent asks, and the worker tries until it gives up.
async fn is_given_up(bed: &Testbed, fault: FaultRule) {
    let run = bed.agent(AGENT).await.archives(TICKET).await;
    bed.vendors().fault(fault);
    for _ in 0..500 {
        bed.run_jobs().await;
        let row = archive::run(&bed.db, credentials::SUBDOMAIN, &run).await.expect("it is read");
        if !row.expect("the run").state.is_live() {
            return;
        }
        bed.pass(60);
    }
    panic!("the run is never given up");
}

#[tokio::test]
async fn a_ticket_hears_that_its_run_was_given_up_once_zendesk_is_back() {
    bed()
        .run_on_each(async |bed| {
            is_given_up(bed, trouble_with("zendesk", 503)).await;
            bed.pass(600); // still down: the word is tried as well
            bed.run_jobs().await;
            assert_eq!((tags(bed).len(), notes(bed, TICKET).len()), (0, 0));
            bed.vendors().clear_faults();
            bed.run_jobs_to_the_end().await;
            assert_eq!(tags(bed), ["archive_failed"]);
            let [note] = <[_; 1]>::try_from(notes(bed, TICKET)).expect("one note");
            assert!(
                note.contains("The archive gave up") && note.contains("Zendesk is not answering"),
                "{note}"
            );
            assert_eq!(files(bed, TICKET).len(), 4, "nothing left");
            let view = bed.agent(AGENT).await.attachments(TICKET).await.json();
            assert_eq!((&view["run"]["state"], &view["run"]["noted"]), (&json!("failed"), &json!(true)));
            // The next run that goes well takes the tag away.
            bed.agent(AGENT).await.archives(TICKET).await;
            bed.run_jobs().await;
            assert_eq!(tags(bed), ["archived"]);
        })
        .await;
}

#[tokio::test]
async fn the_note_names_what_was_moved_and_a_lost_answer_writes_it_once() {
    bed()
        .run_on_each(async |bed| {
            is_given_up(bed, FaultRule { skip: 2, ..trouble_at("/redact", 503) }).await;
            let on = Matching {
                method: Some("PUT".to_owned()),
                path_prefix: Some(format!("/api/v2/tickets/{TICKET}")),
                ..Matching::default()
            };
            let lost = Fault::LostAnswer { lost_answer: 502 };
            bed.vendors().fault(FaultRule { on, times: 5, skip: 0, fault: lost });
            bed.run_jobs_to_the_end().await;
            let [note] = <[_; 1]>::try_from(notes(bed, TICKET)).expect("one note");
            assert!(note.contains("2 of 4 files were archived"), "{note}");
            assert_eq!((tags(bed), files(bed, TICKET).len()), (vec!["archive_failed".to_owned()], 2));
        })
        .await;
}

#[tokio::test]
async fn a_ticket_that_is_closed_or_deleted_by_then_is_left_alone() {
    let check = async |closed: bool| {
        bed()
            .run_on_each(async |bed| {
                is_given_up(bed, trouble_with("zendesk", 503)).await;
                bed.vendors().clear_faults();
                if closed {
                    bed.vendors().set_status(TICKET, "closed");
                } else {
                    bed.zendesk(Method::DELETE, "/api/v2/tickets/42.json", &json!({})).await;
                }
                bed.run_jobs_to_the_end().await;
                assert_eq!(bed.vendors().calls().iter().filter(|call| call.status == 422).count(), 0);
                if closed {
                    assert_eq!((tags(bed).len(), notes(bed, TICKET).len()), (0, 0));
                }
            })
            .await;
    };
    check(true).await;
    check(false).await;
}

#[tokio::test]
async fn a_later_run_has_the_last_word() {
    bed()
        .run_on_each(async |bed| {
            is_given_up(bed, trouble_with("zendesk", 503)).await;
            bed.vendors().clear_faults();
            bed.agent(AGENT).await.archives(TICKET).await;
            bed.run_jobs_to_the_end().await;
            assert_eq!((tags(bed), notes(bed, TICKET).len()), (vec!["archived".to_owned()], 1));
        })
        .await;
}
