//! A note links the recording of its own call, whatever an agent writes into their task.

use deskside_sandbox::{Fault, FaultRule, FlexStep, Matching, credentials};
use serde_json::{Value, json};

use super::recordings::{address, call, link, note};
use crate::support::testbed::{Testbed, bed};
use crate::trouble_with;

const AGENT: u64 = credentials::AGENT_ID;

/// What the note of a task says of its recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Says {
    Link,
    NotThisCalls,
}

/// Whose recording an agent, or Flex, writes into a task that began with `call_sid` CA1….
#[derive(Debug, Clone, Copy)]
enum Of {
    /// The conference of this very call.
    Itself,
    /// The caller's leg of this call.
    ItsCaller,
    /// A leg of which nothing says that it is this call's.
    SomeLeg,
    /// The conference of another call.
    AnotherCall,
    /// No recording that Twilio has.
    Nobody,
}

async fn ends_with(bed: &Testbed, created: &Value, whose: Of, written: &Value) -> String {
    let flex = bed.vendors();
    let own_leg = created["call_sid"].as_str().unwrap_or("CA1").to_owned();
    let task = match created["routing_target"].as_str() {
        Some(worker) => flex.place_task_for(created, "voice", worker).expect("a worker"),
        None => flex.place_task(created, "voice"),
    };
    flex.flex(&task, FlexStep::Accept).expect("it is offered");
    let sid = match whose {
        Of::Itself => flex.record(Some(&task), "completed", 3),
        Of::ItsCaller => flex.record_leg(&own_leg, 3),
        Of::SomeLeg => flex.record_leg("CA99999999999999999999999999999999", 3),
        Of::AnotherCall => {
            let other = flex.place_task(&json!({"from": "+815012340099"}), "voice");
            flex.flex(&other, FlexStep::Accept).expect("it is offered");
            flex.record(Some(&other), "completed", 3)
        }
        Of::Nobody => format!("RE{}", "e".repeat(32)),
    };
    let mut attributes = created.clone();
    let url = address("api.twilio.com", credentials::TWILIO_ACCOUNT, &sid);
    attributes["conversations"] = json!({"media": [{"type": "VoiceRecording", "url": url}]});
    for (name, value) in written.as_object().expect("attributes") {
        attributes[name] = value.clone();
    }
    flex.set_task_attributes(&task, &attributes);
    flex.flex(&task, FlexStep::Complete).expect("it is accepted");
    let body = json!({"stage": "complete", "attributes": attributes, "reservation_sid": "WR1", "facts": {}});
    let logged = bed.agent(AGENT).await.posts(&format!("/api/engagements/{task}/log"), &body).await;
    assert!(logged.status < 300, "{}", logged.text);
    task
}

#[tokio::test]
async fn an_agent_hears_no_recording_that_is_not_of_their_call() {
    let leg = format!("CA{}", "1".repeat(32));
    let mut inbound = call();
    inbound["call_sid"] = json!(leg);
    let mut outbound = inbound.clone();
    outbound["direction"] = json!("outbound");
    let mut own = inbound.clone();
    own["routing_target"] = json!(credentials::TWILIO_WORKER);
    let nothing = json!({});
    let names_another = json!({"call_sid": "CA99999999999999999999999999999999"});
    for (what, created, whose, written, expected) in [
        ("the conference of the call", &inbound, Of::Itself, &nothing, Says::Link),
        ("the caller's leg", &inbound, Of::ItsCaller, &nothing, Says::Link),
        ("an outbound call's conference", &outbound, Of::Itself, &nothing, Says::Link),
        ("another call's conference", &inbound, Of::AnotherCall, &nothing, Says::NotThisCalls),
        ("another call's leg", &inbound, Of::SomeLeg, &nothing, Says::NotThisCalls),
        ("a leg that the agent wrote down", &inbound, Of::SomeLeg, &names_another, Says::NotThisCalls),
        ("a leg that the agent dialled with", &outbound, Of::ItsCaller, &nothing, Says::NotThisCalls),
        ("a leg in a task of the agent's own", &own, Of::ItsCaller, &nothing, Says::NotThisCalls),
        ("a recording that is gone", &inbound, Of::Nobody, &nothing, Says::NotThisCalls),
    ] {
        bed()
            .run(async |bed| {
                ends_with(bed, created, whose, written).await;
                bed.run_jobs_to_the_end().await;
                assert_eq!(link(bed).is_some(), expected == Says::Link, "{what}");
                let refused = note(bed).contains("not of this call");
                assert_eq!(refused, expected == Says::NotThisCalls, "{what}: {}", note(bed));
            })
            .await;
    }
}

#[tokio::test]
async fn an_older_flows_recording_is_linked_where_it_is_the_calls() {
    bed()
        .run(async |bed| {
            let flex = bed.vendors();
            let task = flex.place_task(&call(), "voice");
            flex.flex(&task, FlexStep::Accept).expect("it is offered");
            let sid = flex.record(Some(&task), "completed", 3);
            let mut attributes = call();
            let url = address("api.twilio.com", credentials::TWILIO_ACCOUNT, &sid);
            attributes["conversations"] = json!({ "segment_link": url });
            flex.set_task_attributes(&task, &attributes);
            flex.flex(&task, FlexStep::Complete).expect("it is accepted");
            let body =
                json!({"stage": "complete", "attributes": attributes, "reservation_sid": "WR1", "facts": {}});
            bed.agent(AGENT).await.posts(&format!("/api/engagements/{task}/log"), &body).await;
            bed.run_jobs_to_the_end().await;
            assert!(link(bed).is_some(), "{}", note(bed));
        })
        .await;
}

#[tokio::test]
async fn the_note_waits_until_twilio_says_whose_recording_it_is() {
    let down = Fault::Status { status: 503, retry_after: None };
    for (path, fault) in [
        ("/Recordings/", down),
        ("/Conferences/", down),
        ("/Conferences/", Fault::EndsEarly { ends_after: 9 }),
        ("/Events", Fault::EndsEarly { ends_after: 0 }),
    ] {
        bed()
            .run(async |bed| {
                bed.vendors().fault(FaultRule {
                    on: Matching { path_contains: Some(path.to_owned()), ..Matching::default() },
                    fault,
                    ..trouble_with("twilio", 503)
                });
                ends_with(bed, &call(), Of::Itself, &json!({})).await;
                for _ in 0..3 {
                    bed.pass(20);
                    bed.run_jobs().await;
                }
                let notes = bed.vendors().comments(42);
                let written = notes.iter().filter_map(|one| one["html_body"].as_str());
                assert_eq!(written.filter(|html| html.contains("Call completed")).count(), 0, "{path}");
                bed.vendors().clear_faults();
                bed.run_jobs_to_the_end().await;
                assert!(link(bed).is_some(), "{path}: {}", note(bed));
            })
            .await;
    }
}
