//! Who is at the other end of a call, and which chat it is, whatever an agent writes into their own task.

use deskside_sandbox::{FlexStep, Matching, Odd, OddRule, credentials};
use serde_json::{Value, json};

use super::flex_settings::set;
use crate::support::testbed::{Testbed, bed};
use crate::support::twilio::{calls_back, event, streams};

const AGENT: u64 = credentials::AGENT_ID;
/// Sees only what is assigned to them.
const REN: u64 = credentials::RESTRICTED_AGENT_ID;
/// Requester of ticket 42, which Ren may not see.
const KNOWN: &str = "+815012340042";
const STRANGER: &str = "+819099998888";
/// Another ticket that Ren may not see.
const HIDDEN: u64 = 43;

fn from(number: &str) -> Value {
    json!({"from": number, "direction": "inbound", "channelType": "voice"})
}

/// The attributes with others written over them; `null` takes one away.
fn with(attributes: &Value, written: &Value) -> Value {
    let mut attributes = attributes.clone();
    for (name, value) in written.as_object().expect("attributes") {
        attributes[name] = value.clone();
    }
    attributes.as_object_mut().expect("an object").retain(|_, value| !value.is_null());
    attributes
}

fn requester(bed: &Testbed) -> u64 {
    bed.vendors().ticket(42).expect("ticket 42")["requester_id"].as_u64().expect("an id")
}

/// How many notes the tickets have that the customer of ticket 42 has.
fn notes_of_known(bed: &Testbed) -> usize {
    [42, HIDDEN].iter().map(|ticket| bed.vendors().comments(*ticket).len()).sum()
}

/// A task that is the worker's, and what an agent writes into it.
fn written(bed: &Testbed, worker: &str, created: &Value, now: &Value) -> String {
    let flex = bed.vendors();
    let task = flex.place_task_for(created, "voice", worker).expect("a worker");
    flex.set_task_attributes(&task, now);
    flex.flex(&task, FlexStep::Accept).expect("it is offered");
    task
}

#[tokio::test]
async fn an_agent_who_writes_anothers_number_into_a_task_sees_nobody_else() {
    for change in [
        json!({"from": KNOWN}),
        json!({"from": null, "customerAddress": KNOWN}),
        json!({"from": null, "caller": KNOWN}),
        json!({"from": null, "customers": {"phone": KNOWN}}),
        json!({"from": null, "customers.phone": KNOWN}),
        json!({"direction": "outbound", "outbound_to": KNOWN}),
        json!({"direction": "outbound", "to": KNOWN, "zd_user_id": "USER"}),
    ] {
        bed()
            .run_on_each(async |bed| {
                assert_eq!(set(bed, json!({"log_complete": true})).await.status, 200);
                let customer = requester(bed);
                let change: Value =
                    serde_json::from_str(&change.to_string().replace("USER", &customer.to_string()))
                        .expect("JSON");
                let created = from(STRANGER);
                let now = with(&created, &change);
                let before = notes_of_known(bed);
                let task = written(bed, credentials::TWILIO_RESTRICTED_WORKER, &created, &now);
                let ren = bed.agent(REN).await;
                let body = json!({"attributes": now, "stage": "accept", "reservation_sid": "WR1"});
                let popped = ren.posts(&format!("/api/engagements/{task}/pop"), &body).await;
                assert_eq!(popped.verdict(), "200", "{}", popped.text);
                let shown = popped.json();
                assert_ne!(shown["customer"]["id"], json!(customer), "{change}: {shown}");
                assert!(!popped.text.contains("青葉商事"), "{change}: {shown}");
                bed.vendors().flex(&task, FlexStep::Complete).expect("it is accepted");
                assert_eq!(calls_back(bed, "reservation.accepted", &task, &now).await.status, 204);
                assert_eq!(calls_back(bed, "task.completed", &task, &now).await.status, 204);
                bed.run_jobs_to_the_end().await;
                assert_eq!(notes_of_known(bed), before, "{change}");
            })
            .await;
    }
}

#[tokio::test]
async fn a_ticket_that_is_written_into_a_task_later_is_shown_to_who_sees_it() {
    bed()
        .run(async |bed| {
            let created = from(STRANGER);
            let now = with(&created, &json!({"zd_ticket_id": "42"}));
            for (agent, worker, expected) in [
                (AGENT, credentials::TWILIO_WORKER, true),
                (REN, credentials::TWILIO_RESTRICTED_WORKER, false),
            ] {
                let task = written(bed, worker, &created, &now);
                let popped = bed.agent(agent).await.pops(&task, "accept", &now).await.json();
                assert_eq!(popped["ticket"]["id"] == json!(42), expected, "{agent}: {popped}");
                bed.run_jobs_to_the_end().await;
            }
        })
        .await;
}

#[tokio::test]
async fn while_twilios_log_tells_nothing_a_caller_is_who_the_agent_may_view() {
    for (agent, worker, sees) in
        [(AGENT, credentials::TWILIO_WORKER, true), (REN, credentials::TWILIO_RESTRICTED_WORKER, false)]
    {
        bed()
            .run_on_each(async |bed| {
                assert_eq!(set(bed, json!({"without_number": "always_new"})).await.status, 200);
                bed.vendors().lag_log(true);
                let task = written(bed, worker, &from(KNOWN), &from(KNOWN));
                let visitor = bed.agent(agent).await;
                let body = json!({"attributes": from(KNOWN), "stage": "accept", "reservation_sid": "WR1"});
                let popped = visitor.posts(&format!("/api/engagements/{task}/pop"), &body).await.json();
                assert_eq!(popped["customer"]["id"] == json!(requester(bed)), sees, "{popped}");
                assert_eq!(popped["problem"]["code"], "twilio_unavailable", "{popped}");
                bed.run_jobs().await;
                let seen = visitor.gets(&format!("/api/engagements/{task}")).await.json();
                assert_eq!((&seen["ticket_id"], &seen["log"][0]["state"]), (&Value::Null, &json!("waiting")));
                bed.vendors().lag_log(false);
                bed.run_jobs_to_the_end().await;
                let seen = visitor.gets(&format!("/api/engagements/{task}")).await.json();
                assert_eq!(seen["log"][0]["state"], "written", "{seen}");
            })
            .await;
    }
}

#[tokio::test]
async fn a_missed_call_is_not_written_where_an_agent_wanted_it() {
    bed()
        .run_on_each(async |bed| {
            assert_eq!(set(bed, json!({"missed_ticket": true})).await.status, 200);
            let before = notes_of_known(bed);
            let flex = bed.vendors();
            let task = flex.place_task(&from(STRANGER), "voice");
            let now = with(&from(STRANGER), &json!({"zd_ticket_id": HIDDEN.to_string(), "from": KNOWN}));
            flex.set_task_attributes(&task, &now);
            flex.flex(&task, FlexStep::Reject).expect("it is offered");
            flex.flex(&task, FlexStep::Cancel).expect("it waits");
            assert_eq!(streams(bed, &json!([of_nobody("task.canceled", &task, &now)])).await.status, 204);
            bed.run_jobs_to_the_end().await;
            assert_eq!(notes_of_known(bed), before);
            assert_eq!(bed.vendors().users_with_phone(STRANGER).len(), 1, "it is the stranger's");
        })
        .await;
}

/// What Twilio says of a task that no worker has.
fn of_nobody(kind: &str, task: &str, attributes: &Value) -> Value {
    let mut told = event(&format!("EV{kind}{task}"), kind, task, attributes);
    let payload = told["data"]["payload"].as_object_mut().expect("an object");
    payload.retain(|name, _| !name.starts_with("worker"));
    told
}

#[tokio::test]
async fn nothing_is_written_for_nobody_through_a_task_that_an_agent_made() {
    const CALLS: &str = "outbound";
    for (what, targeted, direction, now, kind, expected) in [
        ("the IVR's", false, "inbound", json!({}), "task.canceled", 1),
        ("the IVR's", false, "inbound", json!({}), "task.completed", 1),
        ("hidden by its agent", false, "inbound", json!({"direction": CALLS}), "task.canceled", 1),
        ("made by script", true, "inbound", json!({}), "task.canceled", 0),
        ("made by script", true, "inbound", json!({}), "task.completed", 0),
        ("a call of theirs", false, CALLS, json!({"direction": "inbound"}), "task.canceled", 0),
        ("a call of theirs", false, CALLS, json!({"direction": "inbound"}), "task.completed", 0),
    ] {
        bed()
            .run_on_each(async |bed| {
                assert_eq!(set(bed, json!({"missed_ticket": true})).await.status, 200);
                let flex = bed.vendors();
                let numbered = json!({"zd_ticket_id": HIDDEN.to_string(), "direction": direction});
                let created = with(&from(STRANGER), &numbered);
                let ren = credentials::TWILIO_RESTRICTED_WORKER;
                let task = if targeted {
                    flex.place_task_for(&created, "voice", ren).expect("a worker")
                } else {
                    flex.place_task(&created, "voice")
                };
                let now = with(&created, &now);
                flex.set_task_attributes(&task, &now);
                flex.flex(&task, FlexStep::Reject).expect("it is offered");
                flex.flex(&task, FlexStep::Cancel).expect("it waits");
                let before = notes_of_known(bed);
                assert_eq!(streams(bed, &json!([of_nobody(kind, &task, &now)])).await.status, 204);
                bed.run_jobs_to_the_end().await;
                assert_eq!(notes_of_known(bed) - before, expected, "{what} {kind}");
                assert!(bed.vendors().users_with_phone(STRANGER).is_empty(), "{what} {kind}");
            })
            .await;
    }
}

#[tokio::test]
async fn a_row_of_twilios_log_that_cannot_be_read_is_not_taken_for_absent() {
    for (at, field) in (0..6).flat_map(|at| ["event_type", "event_date_ms"].map(|field| (at, field))) {
        bed()
            .run(async |bed| {
                let flex = bed.vendors();
                let worker = credentials::TWILIO_RESTRICTED_WORKER;
                let task = flex.place_task_for(&from(STRANGER), "voice", worker).expect("a worker");
                flex.flex(&task, FlexStep::Reject).expect("it is offered");
                flex.set_task_attributes(&task, &from(KNOWN));
                bed.pass(1);
                flex.flex(&task, FlexStep::Reserve).expect("it waits");
                flex.flex(&task, FlexStep::Accept).expect("it is offered again");
                let on = Matching { path_suffix: Some("/Events".to_owned()), ..Matching::default() };
                let odd = Odd::Value { at: format!("/events/{at}/{field}"), value: json!([]) };
                flex.answers_oddly(OddRule { on, times: u32::MAX, skip: 0, odd });
                let body = json!({"attributes": from(KNOWN), "stage": "accept"});
                let popped = bed.agent(REN).await.posts(&format!("/api/engagements/{task}/pop"), &body).await;
                assert_eq!(popped.verdict(), "200", "{}", popped.text);
                let known = format!("\"id\":{}", requester(bed));
                assert!(!popped.text.contains(&known), "{at} {field}: {}", popped.text);
                flex.clear_faults();
                bed.run_jobs_to_the_end().await;
            })
            .await;
    }
}

#[tokio::test]
async fn an_agent_reads_no_chat_that_is_not_the_one_of_their_task() {
    for (what, created, written_later) in [
        ("its own", true, false),
        ("another's, written over it", true, true),
        ("another's, in a call", false, true),
    ] {
        bed()
            .run(async |bed| {
                let flex = bed.vendors();
                let own = flex.add_conversation(&[("guest", "these words")]);
                let others = flex.add_conversation(&[("guest", "secret words")]);
                let mut attributes = json!({"zd_ticket_id": "42", "channelType": "web"});
                if created {
                    attributes["conversationSid"] = json!(own);
                }
                let mut now = attributes.clone();
                if written_later {
                    now["conversationSid"] = json!(others);
                }
                let task = written(bed, credentials::TWILIO_WORKER, &attributes, &now);
                flex.flex(&task, FlexStep::Complete).expect("it is accepted");
                assert_eq!(calls_back(bed, "task.completed", &task, &now).await.status, 204);
                bed.run_jobs_to_the_end().await;
                let notes = bed.vendors().comments(42);
                let notes = serde_json::to_string(&notes).expect("JSON");
                assert!(!notes.contains("secret words"), "{what}");
                assert_eq!(notes.contains("these words"), created, "{what}");
            })
            .await;
    }
}
