//! What an agent causes stays within what they may see, at the moment when it is written, and their task is theirs by Twilio's
//! word.

use deskside_sandbox::{FlexStep, credentials};
use reqwest::Method;
use serde_json::{Value, json};

use super::flex_settings::set;
use crate::support::actors::Visitor;
use crate::support::testbed::{Testbed, bed};
use crate::support::twilio::{event, streams};
use crate::{trouble_at, trouble_with};

const AGENT: u64 = credentials::AGENT_ID;
const REN: u64 = credentials::RESTRICTED_AGENT_ID;
/// Requester of ticket 42, which Ren may not see.
const KNOWN: &str = "+815012340042";
const STRANGER: &str = "+819099998888";
const HIDDEN: u64 = 43;

/// A call that is Ren's, by Twilio's word.
fn rens_call(bed: &Testbed, attributes: &Value) -> String {
    let worker = credentials::TWILIO_RESTRICTED_WORKER;
    let task = bed.vendors().place_task_for(attributes, "voice", worker).expect("a worker");
    bed.vendors().flex(&task, FlexStep::Accept).expect("it is accepted");
    task
}

fn from(number: &str) -> Value {
    json!({"from": number, "direction": "inbound", "channelType": "voice"})
}

/// Everything of a ticket that a write would change.
fn state(bed: &Testbed, ticket: u64) -> Value {
    let known = bed.vendors().ticket(ticket).expect("the ticket");
    json!([bed.vendors().comments(ticket).len(), known["tags"], known["assignee_id"], known["group_id"]])
}

/// How many tickets were made.
fn made(bed: &Testbed) -> usize {
    let calls = bed.vendors().calls();
    calls.iter().filter(|call| call.method == "POST" && call.path == "/api/v2/tickets").count()
}

async fn accepts(agent: &Visitor, task: &str, attributes: &Value, more: Value) -> Value {
    let mut body = json!({"attributes": attributes, "stage": "accept", "reservation_sid": "WR1"});
    body.as_object_mut().expect("an object").extend(more.as_object().cloned().unwrap_or_default());
    let popped = agent.posts(&format!("/api/engagements/{task}/pop"), &body).await;
    assert_eq!(popped.verdict(), "200", "{}", popped.text);
    popped.json()
}

/// What a pop says: its outcome, its problem's code, its ticket.
fn said(popped: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let ticket = popped["ticket"]["id"].as_u64().map_or("-".to_owned(), |id| id.to_string());
    format!("{} {} {ticket}", text(&popped["outcome"]), text(&popped["problem"]["code"]))
}

#[tokio::test]
async fn nothing_reaches_a_ticket_that_the_agent_may_not_see() {
    bed()
        .run_on_each(async |bed| {
            assert_eq!(set(bed, json!({"assign": true, "log_switch": true})).await.status, 200);
            let ren = bed.agent(REN).await;
            let hidden = json!({"zd_ticket_id": HIDDEN, "zdCustomTags": ["archive_attachments", "vip"]});
            let before = state(bed, HIDDEN);
            let own = rens_call(bed, &hidden);
            let others = bed.vendors().place_task(&hidden, "voice");
            let invented = "WTffffffffffffffffffffffffffffffff".to_owned();
            for (task, refusal) in [
                (&invented, Some("404 engagement_not_found")),
                (&others, Some("403 engagement_not_yours")),
                (&own, None),
            ] {
                let at = |what: &str| format!("/api/engagements/{task}/{what}");
                for stage in ["start", "switch", "complete"] {
                    let log = json!({"stage": stage, "attributes": hidden, "reservation_sid": "WR1",
                        "facts": {"notes": "mine", "outcome": "mine"}});
                    let logged = ren.posts(&at("log"), &log).await.verdict();
                    assert_eq!(logged, refusal.unwrap_or("202"), "{task} {stage}");
                }
                let popped = ren.pops(task, "accept", &hidden).await;
                if task == &invented {
                    assert_eq!(popped.verdict(), "404 engagement_not_found");
                } else {
                    assert_eq!(said(&popped.json()), "nothing ticket_not_found -", "{task}");
                }
                let shown = ren.posts(&at("show"), &json!({"ticket_id": HIDDEN})).await;
                assert_eq!(shown.verdict(), "404 ticket_not_found", "{task}");
                let kinds = ["reservation.accepted", "task.completed"];
                if task != &invented {
                    for kind in kinds {
                        let mut event = event(&format!("{kind}{task}"), kind, task, &hidden);
                        event["data"]["payload"]["worker_name"] = json!(credentials::RESTRICTED_EMAIL);
                        assert_eq!(streams(bed, &json!([event])).await.status, 204);
                    }
                }
            }
            // The agent writes the hidden number into a ticket's place while Twilio has another.
            bed.vendors().set_task_attributes(&own, &json!({"zd_ticket_id": "42"}));
            ren.pops(&own, "select", &hidden).await;
            let seen = [HIDDEN, 42].map(|ticket| state(bed, ticket));
            bed.run_jobs_to_the_end().await;
            assert_eq!(state(bed, HIDDEN), before);
            assert_eq!([HIDDEN, 42].map(|ticket| state(bed, ticket)), seen);
            let told = bed.vendors().notified();
            assert!(told.iter().all(|notice| notice["event"] != "deskside_pop"), "{told:?}");
        })
        .await;
}

#[tokio::test]
async fn a_task_of_another_agent_is_shown_and_stays_that_agents() {
    bed()
        .run_on_each(async |bed| {
            let attributes = json!({"zd_ticket_id": "42"});
            let task = bed.vendors().place_task(&attributes, "voice");
            accepts(&bed.agent(AGENT).await, &task, &attributes, json!({})).await;
            let mika = bed.agent(credentials::ADMIN_ID).await;
            let other = json!({"zd_ticket_id": "38", "zdCustomTags": "mine"});
            let before = state(bed, 38);
            let popped = accepts(&mika, &task, &other, json!({})).await;
            assert_eq!(said(&popped), "ticket engagement_not_yours 38");
            let write = mika.request(Method::PUT, &format!("/api/engagements/{task}/notes"));
            let written =
                crate::support::actors::Answer::to(write.json(&json!({"text": "x", "outcome": ""})));
            assert_eq!(written.await.verdict(), "403 engagement_not_yours");
            bed.run_jobs_to_the_end().await;
            assert_eq!(state(bed, 38), before);
            let seen = bed.agent(AGENT).await.gets(&format!("/api/engagements/{task}")).await.json();
            assert_eq!(seen["ticket_id"], 42);
        })
        .await;
}

#[tokio::test]
async fn tags_that_command_deskside_are_not_taken_from_a_call() {
    bed()
        .setting("archive.trigger_tag", "put_away")
        .setting("archive.failed_tag", "Not_Archived")
        .run(async |bed| {
            let commands = [
                "put_away",
                "archive_attachments",
                "legal_hold",
                "not_archived",
                "archive_held",
                "archive_infected",
                "archive_nothing",
                "deskside_x",
            ];
            let command = json!([&commands[..], &["archived", "vip"]].concat());
            for attributes in [json!({"zd_ticket_id": "42"}), from(STRANGER)] {
                let mut attributes = attributes;
                attributes["zdCustomTags"] = command.clone();
                let task = bed.vendors().place_task(&attributes, "voice");
                let popped = accepts(&bed.agent(AGENT).await, &task, &attributes, json!({})).await;
                bed.run_jobs_to_the_end().await;
                let ticket = popped["ticket"]["id"].as_u64().expect("a ticket");
                let tags = bed.vendors().ticket(ticket).expect("the ticket")["tags"].to_string();
                assert!(tags.contains("\"vip\""), "{tags}");
                for tag in commands {
                    assert!(!tags.contains(&format!("\"{tag}\"")), "{tag}: {tags}");
                }
            }
            // A browser's tags are no better than Twilio's.
            let task = bed.vendors().place_task(&json!({"zd_ticket_id": "38"}), "voice");
            let told = json!({"zd_ticket_id": "38", "zdCustomTags": "invented"});
            accepts(&bed.agent(AGENT).await, &task, &told, json!({})).await;
            bed.run_jobs_to_the_end().await;
            let tags = bed.vendors().ticket(38).expect("the ticket")["tags"].to_string();
            assert!(!tags.contains("invented"), "{tags}");
            let refused = set(bed, json!({"automatic_tag": "PUT_AWAY"})).await;
            assert_eq!(refused.verdict(), "422 setting_invalid");
        })
        .await;
}

/// From now on this is which tickets Ren sees.
async fn restrict(bed: &Testbed, restriction: &str) {
    let body = json!({"user": {"ticket_restriction": restriction}});
    bed.zendesk(Method::PUT, &format!("/api/v2/users/{REN}.json"), &body).await;
    bed.pass(6);
}

#[tokio::test]
async fn a_ticket_that_is_made_for_a_restricted_agent_is_theirs_to_see() {
    let check = async |restriction: &str, expected: &str| {
        bed()
            .run_on_each(async |bed| {
                restrict(bed, restriction).await;
                let ren = bed.agent(REN).await;
                let task = rens_call(bed, &from(STRANGER));
                let popped = accepts(&ren, &task, &from(STRANGER), json!({})).await;
                bed.run_jobs_to_the_end().await;
                if expected == "none" {
                    assert_eq!((said(&popped), made(bed)), ("nothing ticket_out_of_reach -".into(), 0));
                    return;
                }
                let id = popped["ticket"]["id"].as_u64().expect("a ticket");
                let ticket = bed.vendors().ticket(id).expect("the ticket");
                assert_eq!((&popped["created"], made(bed)), (&json!(true), 1), "{popped}");
                let owner = (ticket["assignee_id"].as_u64(), ticket["group_id"].as_u64());
                let group = Some(credentials::GROUP_ID);
                let theirs = if expected == "assigned" { (Some(REN), group) } else { (None, group) };
                assert_eq!(owner, theirs, "{restriction}");
                assert_eq!(ren.card(id).await.verdict(), "200");
                let again = accepts(&ren, &task, &from(STRANGER), json!({})).await;
                assert_eq!(said(&again), format!("ticket - {id}"), "and stays so");
                bed.run_jobs_to_the_end().await;
                let notes = bed.vendors().comments(id);
                let notes: Vec<_> = notes.iter().filter_map(|one| one["html_body"].as_str()).collect();
                assert_eq!(
                    notes.iter().filter(|html| html.contains("Call accepted")).count(),
                    1,
                    "{notes:?}"
                );
            })
            .await;
    };
    check("assigned", "assigned").await;
    check("groups", "group").await;
    check("organization", "none").await;
    check("requested", "none").await;
}

#[tokio::test]
async fn an_open_ticket_of_another_group_is_said_and_not_doubled_without_a_word() {
    let check = async |policy: &str, first: &str, made_at_once: usize| {
        bed()
            .run(async |bed| {
                assert_eq!(set(bed, json!({"without_number": policy})).await.status, 200);
                let ren = bed.agent(REN).await;
                let task = rens_call(bed, &from(KNOWN));
                let popped = accepts(&ren, &task, &from(KNOWN), json!({})).await;
                let (outcome, code) = (&popped["outcome"], &popped["problem"]["code"]);
                assert_eq!((outcome, code), (&json!(first), &json!("open_ticket_hidden")), "{popped}");
                assert_eq!(made(bed), made_at_once, "{policy}");
                assert!(
                    !popped.to_string().contains("請求"),
                    "nothing of the hidden ticket is told: {popped}"
                );
                if first == "choose" {
                    assert_eq!(popped["may_create"], true);
                    let user = popped["choices"][0]["customer"]["id"].clone();
                    let more = json!({"user_id": user, "new_ticket": true});
                    let popped = accepts(&ren, &task, &from(KNOWN), more).await;
                    assert_eq!((&popped["outcome"], &popped["created"]), (&json!("ticket"), &json!(true)));
                    assert_eq!(made(bed), 1);
                }
                bed.run_jobs_to_the_end().await;
            })
            .await;
    };
    check("ask", "choose", 0).await;
    check("latest_open", "choose", 0).await;
    check("always_new", "ticket", 1).await;
}

#[tokio::test]
async fn a_right_that_is_lost_before_the_job_runs_writes_nothing() {
    bed()
        .run_on_each(async |bed| {
            assert_eq!(set(bed, json!({"assign": true})).await.status, 200);
            let attributes = json!({"zd_ticket_id": "42", "zdCustomTags": "vip", "from": KNOWN});
            let before = state(bed, 42);
            let task = bed.vendors().place_task(&attributes, "voice");
            let popped = accepts(&bed.agent(AGENT).await, &task, &attributes, json!({})).await;
            assert_eq!(said(&popped), "ticket - 42");
            let body = json!({"user": {"ticket_restriction": "requested"}});
            bed.zendesk(Method::PUT, &format!("/api/v2/users/{AGENT}.json"), &body).await;
            bed.pass(6);
            bed.run_jobs_to_the_end().await;
            assert_eq!(state(bed, 42), before);
            let told = bed.vendors().notified();
            assert!(told.iter().all(|notice| notice["event"] != "deskside_pop"), "{told:?}");
        })
        .await;
}

#[tokio::test]
async fn while_twilio_is_down_a_pop_is_shown_and_its_writes_wait() {
    let check = async |theirs: bool| {
        bed()
            .run_on_each(async |bed| {
                let attributes = json!({"zd_ticket_id": "38", "zdCustomTags": "vip"});
                let worker =
                    if theirs { credentials::TWILIO_WORKER } else { credentials::TWILIO_OTHER_WORKER };
                let task = bed.vendors().place_task_for(&attributes, "voice", worker).expect("a task");
                let before = state(bed, 38);
                bed.vendors().fault(trouble_with("twilio", 503));
                let agent = bed.agent(AGENT).await;
                let popped = accepts(&agent, &task, &attributes, json!({})).await;
                assert_eq!(said(&popped), "ticket - 38");
                let none = accepts(&agent, &format!("{task}0"), &from(STRANGER), json!({})).await;
                assert_eq!(said(&none), "nothing twilio_unavailable -");
                bed.run_jobs().await;
                assert_eq!((state(bed, 38), made(bed)), (before.clone(), 0), "nothing is written meanwhile");
                bed.vendors().clear_faults();
                bed.run_jobs_to_the_end().await;
                assert_eq!(made(bed), 0, "Twilio knows no such task");
                let seen = agent.gets(&format!("/api/engagements/{task}")).await.json();
                if theirs {
                    assert_ne!(state(bed, 38), before);
                    assert!(bed.vendors().ticket(38).expect("38")["tags"].to_string().contains("vip"));
                    assert_eq!(seen["ticket_id"], 38);
                } else {
                    assert_eq!(state(bed, 38), before);
                    assert_eq!(seen["ticket_id"], Value::Null);
                }
            })
            .await;
    };
    check(true).await;
    check(false).await;
}

#[tokio::test]
async fn a_read_that_fails_makes_no_ticket_and_says_so() {
    const DOWN: &str = "502 zendesk_unavailable";
    let check = async |number: &str, path: &str, expected: &str| {
        bed()
            .run(async |bed| {
                let agent = bed.agent(AGENT).await;
                let task = bed.vendors().place_task(&from(number), "voice");
                let down = bed.vendors().fault(trouble_at(path, 503));
                let popped = agent.pops(&task, "accept", &from(number)).await;
                bed.vendors().mend(down);
                assert_eq!((popped.verdict(), made(bed)), (expected.to_owned(), 0), "{number} {path}");
                assert!(bed.vendors().users_with_phone(STRANGER).is_empty(), "{path}");
                bed.run_jobs_to_the_end().await;
            })
            .await;
    };
    check(KNOWN, "/tickets/requested", DOWN).await;
    check(KNOWN, "/users/search", DOWN).await;
    check(KNOWN, "/api/v2/users/2", DOWN).await;
    check(STRANGER, "/users/search", DOWN).await;
    check(STRANGER, "/api/v2/users", DOWN).await;
}

#[tokio::test]
async fn a_caller_for_whom_zendesk_makes_no_ticket_is_shown_and_the_note_waits() {
    bed()
        .run_on_each(async |bed| {
            let customer = bed.vendors().ticket(42).expect("42")["requester_id"].as_u64().expect("an id");
            assert_eq!(set(bed, json!({"without_number": "always_new"})).await.status, 200);
            let body = json!({"user": {"suspended": true}});
            bed.zendesk(Method::PUT, &format!("/api/v2/users/{customer}.json"), &body).await;
            let agent = bed.agent(AGENT).await;
            let task = bed.vendors().place_task(&from(KNOWN), "voice");
            let popped = accepts(&agent, &task, &from(KNOWN), json!({})).await;
            assert_eq!(said(&popped), "user ticket_refused -");
            assert_eq!(popped["customer"]["id"], json!(customer));
            assert_eq!(popped["contract"]["company"], "青葉商事株式会社");
            bed.run_jobs().await;
            let seen = agent.gets(&format!("/api/engagements/{task}")).await.json();
            assert_eq!((&seen["log"][0]["state"], made(bed)), (&json!("waiting"), 2));
            // The agent chooses a ticket: the note is written there.
            let mut chosen = from(KNOWN);
            chosen["zd_ticket_id"] = json!("38");
            assert_eq!(said(&accepts(&agent, &task, &chosen, json!({})).await), "ticket - 38");
            bed.run_jobs_to_the_end().await;
            let seen = agent.gets(&format!("/api/engagements/{task}")).await.json();
            let written = (&seen["log"][0]["state"], &seen["log"][0]["ticket_id"]);
            assert_eq!(written, (&json!("written"), &json!(38)));
        })
        .await;
}
