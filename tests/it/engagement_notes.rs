//! What is written into an engagement's ticket: once for each stage, whoever reports it, whatever dies in between.

use deskside_sandbox::credentials;
use reqwest::Method;
use serde_json::{Value, json};

use super::flex_settings::set;
use crate::support::actors::Answer;
use crate::support::testbed::{Testbed, bed};
use crate::support::twilio::{calls_back, event, streams};

const AGENT: u64 = credentials::AGENT_ID;
const STRANGER: &str = "+819099998888";

/// The agent's Flex tells what they did.
async fn logs(bed: &Testbed, task: &str, stage: &str, attributes: &Value, facts: Value) -> Answer {
    let body = json!({"stage": stage, "attributes": attributes, "reservation_sid": "WR1", "facts": facts});
    bed.agent(AGENT).await.posts(&format!("/api/engagements/{task}/log"), &body).await
}

async fn accepts(bed: &Testbed, attributes: &Value) -> String {
    let task = bed.vendors().place_task(attributes, "voice");
    assert_eq!(bed.agent(AGENT).await.pops(&task, "accept", attributes).await.status, 200);
    task
}

/// The notes about calls and chats on a ticket, oldest first.
fn notes(bed: &Testbed, ticket: u64) -> Vec<String> {
    let comments = bed.vendors().comments(ticket);
    let ours = comments
        .iter()
        .filter(|comment| comment["html_body"].as_str().is_some_and(|html| html.contains("Deskside WT")));
    ours.map(|comment| {
        assert_eq!(comment["public"], false, "it is internal");
        comment["html_body"].as_str().expect("text").to_owned()
    })
    .collect()
}

fn call() -> Value {
    json!({"zd_ticket_id": "42", "from": "+815012340042", "to": "+81311112222", "direction": "inbound", "secret": "x", "plan": "Gold"})
}

#[tokio::test]
async fn each_stage_is_written_once_whoever_reports_it_and_however_often() {
    bed()
        .run_on_each(async |bed| {
            set(bed, json!({"logged_attributes": ["plan"]})).await;
            let task = accepts(bed, &call()).await;
            for _ in 0..2 {
                assert_eq!(logs(bed, &task, "start", &call(), json!({"wait_s": 12})).await.status, 202);
                assert_eq!(calls_back(bed, "reservation.accepted", &task, &call()).await.status, 204);
                assert_eq!(
                    streams(bed, &json!([event("EV1", "reservation.accepted", &task, &call())])).await.status,
                    204
                );
            }
            bed.run_jobs().await;
            let told = json!({"talk_s": 75, "outcome": "Solved", "notes": "Sent the invoice again <b>"});
            assert_eq!(logs(bed, &task, "complete", &call(), told).await.status, 202);
            assert_eq!(
                streams(bed, &json!([event("EV2", "task.completed", &task, &call())])).await.status,
                204
            );
            bed.pass(6);
            bed.run_jobs().await;
            assert_eq!(
                logs(bed, &task, "start", &call(), json!({})).await.status,
                202,
                "late, and no more than late"
            );
            bed.run_jobs().await;
            let notes = notes(bed, 42);
            assert_eq!(notes.len(), 2, "{notes:#?}");
            for has in [
                "Call accepted",
                "From: +815012340042",
                "To: +81311112222",
                "Queue: Billing",
                "Waited: 12 s",
                "plan: Gold",
            ] {
                assert!(notes[0].contains(has), "{has}: {}", notes[0]);
            }
            for has in [
                "Call completed",
                "Talked: 1 min 15 s",
                "Outcome: Solved",
                "Notes: Sent the invoice again &lt;b&gt;",
            ] {
                assert!(notes[1].contains(has), "{has}: {}", notes[1]);
            }
            assert!(!notes.concat().contains("secret"), "what is not wanted is not written");
        })
        .await;
}

#[tokio::test]
async fn a_browser_that_is_closed_at_accept_loses_nothing() {
    bed()
        .run_on_each(async |bed| {
            let attributes = json!({"from": STRANGER, "direction": "inbound", "channelType": "voice"});
            let task = bed.vendors().place_task(&attributes, "voice");
            let accepted = event("EV1", "reservation.accepted", &task, &attributes);
            let completed = event("EV2", "task.completed", &task, &attributes);
            assert_eq!(streams(bed, &json!([accepted, completed])).await.status, 204);
            bed.run_jobs_to_the_end().await;
            let users = bed.vendors().users_with_phone(STRANGER);
            let tickets = bed.vendors().tickets_of(users[0]);
            assert_eq!((users.len(), tickets.len()), (1, 1), "the caller has a user and a ticket");
            assert_eq!(notes(bed, tickets[0]).len(), 2);
            assert_eq!(
                bed.vendors().task_attributes(&task).expect("the task")["zd_ticket_id"],
                json!(tickets[0].to_string())
            );
        })
        .await;
}

#[tokio::test]
async fn a_pop_with_its_reservation_is_written_down_once_whatever_twilio_adds() {
    bed()
        .run(async |bed| {
            set(bed, json!({"log_switch": true})).await;
            let task = bed.vendors().place_task(&call(), "voice");
            let agent = bed.agent(AGENT).await;
            for stage in ["accept", "select"] {
                let body = json!({"attributes": call(), "stage": stage, "reservation_sid": "WR1"});
                assert_eq!(agent.posts(&format!("/api/engagements/{task}/pop"), &body).await.status, 200);
            }
            assert_eq!(calls_back(bed, "reservation.accepted", &task, &call()).await.status, 204);
            bed.run_jobs_to_the_end().await;
            let notes = notes(bed, 42);
            assert_eq!(notes.len(), 2, "{notes:#?}");
            assert_eq!(notes.iter().filter(|note| note.contains("Call accepted")).count(), 1);
        })
        .await;
}

#[tokio::test]
async fn the_end_may_be_told_before_the_beginning() {
    bed()
        .run(async |bed| {
            let task = bed.vendors().place_task(&call(), "voice");
            assert_eq!(
                streams(bed, &json!([event("EV2", "task.completed", &task, &call())])).await.status,
                204
            );
            bed.run_jobs_to_the_end().await;
            assert_eq!(
                streams(bed, &json!([event("EV1", "reservation.accepted", &task, &call())])).await.status,
                204
            );
            bed.run_jobs_to_the_end().await;
            assert_eq!(notes(bed, 42).len(), 2);
        })
        .await;
}

#[tokio::test]
async fn a_zendesk_or_a_twilio_that_is_down_for_ten_minutes_costs_no_note() {
    for vendor in ["zendesk", "twilio"] {
        bed()
            .run(async |bed| {
                let task = accepts(bed, &call()).await;
                bed.vendors().fault(super::trouble_with(vendor, 503));
                assert_eq!(
                    calls_back(bed, "reservation.accepted", &task, &call()).await.status,
                    204,
                    "{vendor}"
                );
                assert_eq!(calls_back(bed, "task.completed", &task, &call()).await.status, 204, "{vendor}");
                for _ in 0..20 {
                    bed.run_jobs().await;
                    bed.pass(30);
                }
                assert_eq!(notes(bed, 42).len(), 0, "{vendor}");
                bed.vendors().clear_faults();
                bed.run_jobs_to_the_end().await;
                assert_eq!(notes(bed, 42).len(), 2, "{vendor}");
            })
            .await;
    }
}

#[tokio::test]
async fn a_worker_that_dies_after_any_call_writes_each_note_once() {
    for counted in [true, false] {
        bed()
            .run_on_each(async |bed| {
                let mut outlived = false;
                let mut expected = 0;
                for calls in 1..14 {
                    let task = bed.vendors().place_task(&call(), "voice");
                    assert_eq!(calls_back(bed, "reservation.accepted", &task, &call()).await.status, 204);
                    outlived |= !bed.run_jobs_and_die_after(calls).await;
                    if !counted {
                        // As of a worker that shuts down: what it had begun is put back.
                        let back =
                            deskside::store::query("UPDATE jobs SET attempt = 0 WHERE state = 'leased'");
                        back.execute(&bed.db).await.expect("the database takes it");
                    }
                    bed.pass(61); // the lease ends
                    bed.run_jobs_to_the_end().await;
                    expected += 1;
                    assert_eq!(notes(bed, 42).len(), expected, "{counted}, after {calls} calls");
                }
                assert!(outlived, "the last worker outlived its work, so every call was tried");
            })
            .await;
    }
}

#[tokio::test]
async fn a_chats_transcript_is_in_its_last_note() {
    bed()
        .run(async |bed| {
            let attributes =
                bed.vendors().task_attributes("WT00000000000000000000000000000002").expect("the seeded chat");
            let mut attributes = attributes;
            attributes["zd_ticket_id"] = json!("42");
            let task = bed.vendors().place_task(&attributes, "chat");
            assert_eq!(calls_back(bed, "task.completed", &task, &attributes).await.status, 204);
            bed.run_jobs_to_the_end().await;
            let note = notes(bed, 42).pop().expect("a note");
            for has in
                ["Chat completed", "Transcript", "Hello, I cannot see my invoice.", "ありがとうございます。"]
            {
                assert!(note.contains(has), "{has}: {note}");
            }
            set(bed, json!({"transcript": false})).await;
            let task = bed.vendors().place_task(&attributes, "chat");
            assert_eq!(calls_back(bed, "task.completed", &task, &attributes).await.status, 204);
            bed.run_jobs_to_the_end().await;
            assert!(!notes(bed, 42).pop().expect("a note").contains("Transcript"));
        })
        .await;
}

#[tokio::test]
async fn a_transcript_that_is_not_whole_says_so() {
    for (lines, whole) in [(1_000, true), (1_001, false)] {
        bed()
            .run(async |bed| {
                let chat = bed.vendors().add_conversation(&vec![("guest", "word"); lines]);
                let attributes = json!({"zd_ticket_id": "42", "channelType": "web", "conversationSid": chat});
                let task = bed.vendors().place_task(&attributes, "chat");
                assert_eq!(calls_back(bed, "task.completed", &task, &attributes).await.status, 204);
                bed.run_jobs_to_the_end().await;
                let note = notes(bed, 42).pop().expect("a note");
                assert!(note.contains("Transcript"), "{note}");
                assert_eq!(!note.contains("cut off"), whole, "{lines}");
            })
            .await;
    }
}

#[tokio::test]
async fn what_the_settings_switch_off_is_not_written() {
    let check = async |settings: Value, expected: usize| {
        bed()
            .run(async |bed| {
                set(bed, settings.clone()).await;
                let task = accepts(bed, &json!({"zd_ticket_id": "42"})).await;
                for stage in ["start", "switch", "complete"] {
                    assert_eq!(logs(bed, &task, stage, &call(), json!({})).await.status, 202);
                }
                bed.run_jobs_to_the_end().await;
                assert_eq!(notes(bed, 42).len(), expected, "{settings}");
            })
            .await;
    };
    check(json!({}), 2).await; // a switch is not written unless it is wanted
    check(json!({"log_switch": true}), 3).await;
    check(json!({"log_start": false, "log_complete": false}), 0).await;
    check(json!({"enabled": false}), 0).await;
}

#[tokio::test]
async fn a_missed_call_makes_a_ticket_where_it_is_wanted() {
    let check = async |set_so: bool, direction: &str, wanted: bool| {
        bed()
            .run(async |bed| {
                set(bed, json!({"missed_ticket": set_so})).await;
                let attributes = json!({"from": STRANGER, "outbound_to": STRANGER, "direction": direction});
                let task = bed.vendors().place_task(&attributes, "voice");
                assert_eq!(calls_back(bed, "task.canceled", &task, &attributes).await.status, 204);
                bed.run_jobs_to_the_end().await;
                let users = bed.vendors().users_with_phone(STRANGER);
                assert_eq!(users.len(), usize::from(wanted));
                for user in users {
                    let ticket = bed.vendors().tickets_of(user)[0];
                    assert!(notes(bed, ticket)[0].contains("Call missed"));
                }
            })
            .await;
    };
    check(true, "inbound", true).await;
    check(false, "inbound", false).await;
    check(true, "outbound", false).await; // a customer who did not answer us
}

#[tokio::test]
async fn a_note_waits_for_the_agents_choice() {
    bed()
        .run(async |bed| {
            let user = bed.vendors().ticket(42).expect("ticket 42")["requester_id"].as_u64().expect("an id");
            let ticket =
                json!({"ticket": {"subject": "Another", "comment": {"body": "x"}, "requester_id": user}});
            bed.zendesk(Method::POST, "/api/v2/tickets.json", &ticket).await;
            let attributes = json!({"from": "+815012340042", "direction": "inbound"});
            let task = bed.vendors().place_task(&attributes, "voice");
            let accepted = json!({"attributes": attributes, "stage": "accept", "reservation_sid": "WR1"});
            let popped =
                bed.agent(AGENT).await.posts(&format!("/api/engagements/{task}/pop"), &accepted).await;
            assert_eq!(popped.json()["outcome"], "choose");
            bed.run_jobs().await;
            assert_eq!(notes(bed, 42).len(), 0);
            let mut chosen = attributes.clone();
            chosen["zd_ticket_id"] = json!(42);
            assert_eq!(bed.agent(AGENT).await.pops(&task, "select", &chosen).await.status, 200);
            bed.run_jobs().await;
            assert_eq!(notes(bed, 42).len(), 1, "at once, not when it would have been looked at again");
            bed.run_jobs_to_the_end().await;
            assert_eq!(notes(bed, 42).len(), 1);
        })
        .await;
}

#[tokio::test]
async fn a_closed_ticket_takes_no_note_and_the_job_comes_to_an_end() {
    bed()
        .run(async |bed| {
            bed.vendors().set_status(42, "closed");
            let task = accepts(bed, &call()).await;
            assert_eq!(logs(bed, &task, "start", &call(), json!({})).await.status, 202);
            bed.run_jobs_to_the_end().await;
            assert_eq!(notes(bed, 42).len(), 0);
        })
        .await;
}
