//! Whose a call's ticket becomes: the agent's who took the call, also when only Twilio reports it, and after a transfer the next
//! agent's.

use deskside::store::query;
use deskside_sandbox::{FlexStep, credentials};
use reqwest::Method;
use serde_json::{Value, json};

use super::flex_settings::set;
use crate::support::actors::Answer;
use crate::support::testbed::{Testbed, bed};
use crate::support::twilio::{event, streams};

const AOI: u64 = credentials::AGENT_ID;
const MIKA: u64 = credentials::ADMIN_ID;

fn assignee(bed: &Testbed, ticket: u64) -> Value {
    bed.vendors().ticket(ticket).expect("the ticket")["assignee_id"].clone()
}

/// Who took the task last.
async fn has_it(bed: &Testbed, task: &str) -> Option<u64> {
    let row = query("SELECT agent_id FROM engagements WHERE task_sid = $1").bind(task.to_owned());
    row.one(&bed.db).await.expect("a row").get("agent_id").expect("an id or none")
}

/// A contact centre whose events reach us when a test sends them.
async fn held(bed: &Testbed, settings: Value) {
    assert_eq!(set(bed, settings).await.status, 200);
    bed.vendors().stream_events_to(Some(&format!("{}/hooks/twilio/events", bed.url())));
    bed.vendors().hold_events(true);
}

/// Twilio tells that a task was accepted: the first time, the second.
async fn tells(bed: &Testbed, task: &str, which: &[usize]) {
    let kind = json!("reservation.accepted");
    let all = bed.vendors().flex_events();
    let accepted = all.iter().filter(|event| event["task_sid"] == task && event["type"] == kind);
    let ids: Vec<_> = accepted.map(|event| event["id"].as_str().expect("an id").to_owned()).collect();
    let ids: Vec<_> = which.iter().map(|index| ids[*index].as_str()).collect();
    assert_eq!(bed.vendors().send_events(&ids).await, [204]);
}

#[tokio::test]
async fn an_accept_of_which_only_twilio_tells_assigns_the_ticket() {
    let check = async |settings: Value, expected: Option<u64>| {
        bed()
            .run_on_each(async |bed| {
                held(bed, settings.clone()).await;
                let before = assignee(bed, 42);
                let task = bed.vendors().place_task(&json!({"zd_ticket_id": "42"}), "voice");
                bed.vendors().flex(&task, FlexStep::Accept).expect("it is accepted");
                tells(bed, &task, &[0]).await;
                bed.run_jobs_to_the_end().await;
                assert_eq!(assignee(bed, 42), expected.map_or(before, |agent| json!(agent)), "{settings}");
            })
            .await;
    };
    check(json!({"assign": true}), Some(AOI)).await;
    // Also where nothing is written about it.
    check(json!({"assign": true, "log_start": false}), Some(AOI)).await;
    check(json!({"assign": false}), None).await;
    check(json!({"assign": true, "enabled": false}), None).await;
}

#[tokio::test]
async fn a_transferred_calls_ticket_is_the_next_agents_in_any_order_of_news() {
    let check = async |order: &[usize]| {
        bed()
            .run_on_each(async |bed| {
                held(bed, json!({"assign": true})).await;
                let task = bed.vendors().place_task(&json!({"zd_ticket_id": "42"}), "voice");
                bed.vendors().flex(&task, FlexStep::Accept).expect("it is accepted");
                bed.pass(60);
                let other = FlexStep::Transfer(credentials::TWILIO_OTHER_WORKER);
                bed.vendors().flex(&task, other).expect("it is passed on");
                bed.vendors().flex(&task, FlexStep::Accept).expect("it is accepted again");
                for which in order {
                    tells(bed, &task, &[*which]).await;
                    bed.run_jobs_to_the_end().await;
                }
                assert_eq!(assignee(bed, 42), json!(MIKA), "{order:?}");
            })
            .await;
    };
    check(&[0, 1]).await;
    check(&[1, 0]).await;
}

#[tokio::test]
async fn a_browser_and_twilio_that_tell_of_different_agents_agree_in_the_end() {
    bed()
        .run(async |bed| {
            held(bed, json!({"assign": true})).await;
            let attributes = json!({"zd_ticket_id": "42"});
            let task = bed.vendors().place_task(&attributes, "voice");
            bed.vendors().flex(&task, FlexStep::Accept).expect("it is accepted");
            bed.agent(AOI).await.pops(&task, "accept", &attributes).await;
            bed.run_jobs_to_the_end().await;
            assert_eq!(assignee(bed, 42), json!(AOI));
            bed.pass(60);
            let other = FlexStep::Transfer(credentials::TWILIO_OTHER_WORKER);
            bed.vendors().flex(&task, other).expect("it is passed on");
            bed.vendors().flex(&task, FlexStep::Accept).expect("it is accepted again");
            // Mika's browser is closed; what Twilio says of Aoi is old.
            tells(bed, &task, &[1, 0]).await;
            bed.run_jobs_to_the_end().await;
            assert_eq!(assignee(bed, 42), json!(MIKA));
        })
        .await;
}

#[tokio::test]
async fn a_late_start_note_takes_no_task_back_after_a_transfer() {
    bed()
        .run_on_each(async |bed| {
            held(bed, json!({"assign": true})).await;
            let task = bed.vendors().place_task(&json!({"zd_ticket_id": "42"}), "voice");
            bed.vendors().flex(&task, FlexStep::Accept).expect("it is accepted");
            bed.vendors().fault(crate::trouble_with("zendesk", 503));
            tells(bed, &task, &[0]).await;
            bed.run_jobs().await; // they are tried again later
            bed.vendors().clear_faults();
            let other = FlexStep::Transfer(credentials::TWILIO_OTHER_WORKER);
            bed.vendors().flex(&task, other).expect("it is passed on");
            bed.pass(1);
            bed.vendors().flex(&task, FlexStep::Accept).expect("it is accepted again");
            tells(bed, &task, &[1]).await;
            bed.run_jobs().await;
            bed.pass(600);
            bed.run_jobs_to_the_end().await;
            assert_eq!(assignee(bed, 42), json!(MIKA));
            assert_eq!(has_it(bed, &task).await, Some(MIKA));
        })
        .await;
}

/// Workers may be able to change their own attributes.
#[tokio::test]
async fn an_admin_whom_only_a_workers_attributes_name_gets_no_ticket() {
    for (address, assigned) in [(credentials::ADMIN_EMAIL, false), (credentials::WORKER_EMAIL, true)] {
        bed()
            .setting("twilio.trust_worker_email", "true")
            .run(async |bed| {
                held(bed, json!({"assign": true})).await;
                let before = assignee(bed, 38);
                let attributes = json!({"zd_ticket_id": "38"});
                let task = bed.vendors().place_task(&attributes, "voice");
                let mut told = event("EV1", "reservation.accepted", &task, &attributes);
                told["data"]["payload"]["worker_name"] = json!("somebody");
                told["data"]["payload"]["worker_sid"] = json!(credentials::TWILIO_WORKER);
                told["data"]["payload"]["worker_attributes"] = json!(json!({"email": address}).to_string());
                assert_eq!(streams(bed, &json!([told])).await.status, 204);
                bed.run_jobs_to_the_end().await;
                let expected = if assigned { json!(AOI) } else { before };
                assert_eq!(assignee(bed, 38), expected, "{address}");
            })
            .await;
    }
}

#[tokio::test]
async fn an_offer_that_was_refused_is_no_word_of_whose_task_it_is() {
    bed()
        .run_on_each(async |bed| {
            held(bed, json!({"assign": true})).await;
            let before = assignee(bed, 38);
            let attributes = json!({"zd_ticket_id": "38"});
            let task = bed.vendors().place_task(&attributes, "voice");
            let aoi = bed.agent(AOI).await;
            assert_eq!(aoi.pops(&task, "accept", &attributes).await.json()["ticket"]["id"], 38);
            bed.run_jobs_to_the_end().await;
            assert_eq!((assignee(bed, 38), has_it(bed, &task).await), (before.clone(), None), "only offered");
            bed.vendors().flex(&task, FlexStep::Reject).expect("it is offered");
            let notes = aoi.request(Method::PUT, &format!("/api/engagements/{task}/notes"));
            let notes = Answer::to(notes.json(&json!({"text": "x", "outcome": ""}))).await;
            assert_eq!(notes.verdict(), "403 engagement_not_yours");
            let log = json!({"stage": "complete", "attributes": attributes, "facts": {"notes": "mine"}});
            let logged = aoi.posts(&format!("/api/engagements/{task}/log"), &log).await;
            assert_eq!(logged.verdict(), "403 engagement_not_yours");
            bed.run_jobs_to_the_end().await;
            assert_eq!(assignee(bed, 38), before);
        })
        .await;
}

#[tokio::test]
async fn whoever_took_it_and_is_nobody_in_zendesk_changes_nothing() {
    bed()
        .run(async |bed| {
            held(bed, json!({"assign": true})).await;
            let before = assignee(bed, 42);
            let task = bed.vendors().place_task(&json!({"zd_ticket_id": "42"}), "voice");
            let mut event = crate::support::twilio::event(
                "EV1",
                "reservation.accepted",
                &task,
                &json!({"zd_ticket_id": "42"}),
            );
            event["data"]["payload"]["worker_name"] = json!("nobody@example.com");
            assert_eq!(crate::support::twilio::streams(bed, &json!([event])).await.status, 204);
            bed.run_jobs_to_the_end().await;
            assert_eq!(assignee(bed, 42), before);
        })
        .await;
}
