//! What the panel in Flex shows of a call beside its ticket, and what the agent notes there.

use deskside_sandbox::{FlexStep, credentials};
use reqwest::Method;
use serde_json::{Value, json};

use super::flex_settings::set;
use crate::support::actors::{Answer, Visitor};
use crate::support::testbed::{Testbed, bed};
use crate::support::twilio::calls_back;
use crate::trouble_at;

const AGENT: u64 = credentials::AGENT_ID;
const ADMIN: u64 = credentials::ADMIN_ID;
const KNOWN: &str = "+815012340042";

async fn accepts(agent: &Visitor, task: &str, attributes: &Value) -> Value {
    let body = json!({"attributes": attributes, "stage": "accept", "reservation_sid": "WR1"});
    let popped = agent.posts(&format!("/api/engagements/{task}/pop"), &body).await;
    assert_eq!(popped.verdict(), "200");
    popped.json()
}

async fn sees(agent: &Visitor, task: &str) -> Value {
    let seen = agent.gets(&format!("/api/engagements/{task}")).await;
    assert_eq!(seen.verdict(), "200");
    seen.json()
}

async fn notes(agent: &Visitor, task: &str, text: &str, outcome: &str) -> Answer {
    let body = json!({"text": text, "outcome": outcome});
    Answer::to(agent.request(Method::PUT, &format!("/api/engagements/{task}/notes")).json(&body)).await
}

/// Notes it, and it is saved.
async fn noted(agent: &Visitor, task: &str, text: &str, outcome: &str) {
    assert_eq!(notes(agent, task, text, outcome).await.verdict(), "204", "{text}");
}

/// An agent who has accepted a call about ticket 42, and its task.
async fn on_the_phone(bed: &Testbed) -> (Visitor, String) {
    let agent = bed.agent(AGENT).await;
    let task = bed.vendors().place_task(&call(), "voice");
    accepts(&agent, &task, &call()).await;
    (agent, task)
}

/// The task is over, and Twilio tells.
async fn hangs_up(bed: &Testbed, task: &str) {
    assert_eq!(calls_back(bed, "task.completed", task, &call()).await.status, 204);
}

/// How far each note is: `start written #42, switch off, complete ahead`.
async fn log(agent: &Visitor, task: &str) -> String {
    let seen = sees(agent, task).await;
    let said = |line: &Value| {
        let text = |name: &str| line[name].as_str().map(|text| format!(" {text}")).unwrap_or_default();
        let ticket = line["ticket_id"].as_u64().map(|id| format!(" #{id}")).unwrap_or_default();
        format!("{}{}{ticket}{}", line["stage"].as_str().expect("a stage"), text("state"), text("reason"))
    };
    seen["log"].as_array().expect("lines").iter().map(said).collect::<Vec<_>>().join(", ")
}

fn call() -> Value {
    json!({"zd_ticket_id": "42", "from": KNOWN, "direction": "inbound", "conversations": {"outcome": "Flex's own"}})
}

/// The notes about this task on a ticket, oldest first.
fn written(bed: &Testbed, ticket: u64, task: &str) -> Vec<String> {
    let html = |comment: &Value| comment["html_body"].as_str().unwrap_or_default().to_owned();
    bed.vendors().comments(ticket).iter().map(html).filter(|html| html.contains(task)).collect()
}

#[tokio::test]
async fn the_agent_sees_how_far_each_note_is_and_why_one_is_given_up() {
    bed()
        .run_on_each(async |bed| {
            let agent = bed.agent(AGENT).await;
            let task = bed.vendors().place_task(&call(), "voice");
            assert_eq!(
                agent.gets(&format!("/api/engagements/{task}")).await.verdict(),
                "404 engagement_not_found"
            );
            accepts(&agent, &task, &call()).await;
            assert_eq!(log(&agent, &task).await, "start waiting, switch off, complete ahead");
            bed.run_jobs().await;
            assert_eq!(log(&agent, &task).await, "start written #42, switch off, complete ahead");
            assert_eq!(sees(&agent, &task).await["ticket_id"], 42);
            bed.vendors().set_status(42, "closed");
            hangs_up(bed, &task).await;
            assert_eq!(log(&agent, &task).await, "start written #42, switch off, complete waiting");
            bed.run_jobs_to_the_end().await;
            assert_eq!(
                log(&agent, &task).await,
                "start written #42, switch off, complete given_up ticket_closed"
            );
        })
        .await;
}

#[tokio::test]
async fn a_note_that_zendesk_refuses_for_a_day_is_given_up_and_told() {
    bed()
        .run(async |bed| {
            let (agent, task) = on_the_phone(bed).await;
            bed.vendors().fault(super::trouble_at("/api/v2/tickets/42", 422));
            bed.run_jobs_to_the_end().await;
            assert_eq!(log(&agent, &task).await, "start given_up note_given_up, switch off, complete ahead");
        })
        .await;
}

#[tokio::test]
async fn notes_are_kept_as_they_are_typed_and_written_once_with_the_end() {
    bed()
        .run_on_each(async |bed| {
            let (agent, task) = on_the_phone(bed).await;
            noted(&agent, &task, "Inv", "").await;
            noted(&agent, &task, "Invoice <b>again</b>\nby Friday", "Follow-up").await;
            // The browser is closed, and another server answers the next one.
            let elsewhere = bed.agent(AGENT).await.moves_to(&bed.another_server(&[]).await);
            let seen = sees(&elsewhere, &task).await;
            assert_eq!(
                seen["notes"],
                json!({"text": "Invoice <b>again</b>\nby Friday", "outcome": "Follow-up"})
            );
            hangs_up(bed, &task).await;
            noted(&elsewhere, &task, "Invoice <b>again</b>\nby Friday", "Solved").await;
            bed.run_jobs_to_the_end().await;
            let all = written(bed, 42, &task);
            let last = all.last().expect("a note");
            assert!(last.contains("Notes: Invoice &lt;b&gt;again&lt;/b&gt;<br>by Friday"), "{last}");
            assert!(last.contains("Outcome: Solved") && !last.contains("Flex's own"), "{last}");
            assert_eq!(all.len(), 2, "{all:#?}");
        })
        .await;
}

#[tokio::test]
async fn what_is_noted_after_the_last_note_becomes_one_of_its_own_once() {
    bed()
        .run_on_each(async |bed| {
            let (agent, task) = on_the_phone(bed).await;
            noted(&agent, &task, "First", "").await;
            hangs_up(bed, &task).await;
            bed.run_jobs_to_the_end().await;
            assert_eq!(notes(&agent, &task, "First", "").await.verdict(), "204", "nothing new");
            bed.run_jobs_to_the_end().await;
            assert_eq!(written(bed, 42, &task).len(), 2);
            for text in ["First, and late", "First, and later"] {
                noted(&agent, &task, text, "").await;
            }
            bed.run_jobs_to_the_end().await;
            let all = written(bed, 42, &task);
            assert_eq!(all.len(), 3, "{all:#?}");
            assert!(all[2].contains("Call: noted afterwards"), "{}", all[2]);
            assert!(all[2].contains("Notes: First, and later"), "{}", all[2]);
            assert_eq!(notes(&agent, &task, "Too late", "").await.verdict(), "409 notes_written");
        })
        .await;
}

#[tokio::test]
async fn a_worker_that_dies_writes_what_was_noted_afterwards_once() {
    bed()
        .run(async |bed| {
            let agent = bed.agent(AGENT).await;
            let mut outlived = false;
            for calls in 1..8 {
                let task = bed.vendors().place_task(&call(), "voice");
                accepts(&agent, &task, &call()).await;
                hangs_up(bed, &task).await;
                bed.run_jobs_to_the_end().await;
                noted(&agent, &task, "Late", "").await;
                bed.pass(6);
                outlived |= !bed.run_jobs_and_die_after(calls).await;
                bed.pass(61); // the lease ends
                bed.run_jobs_to_the_end().await;
                assert_eq!(written(bed, 42, &task).len(), 3, "after {calls} calls");
            }
            assert!(outlived, "the last worker outlived its work, so every call was tried");
        })
        .await;
}

#[tokio::test]
async fn each_agents_notes_are_their_own_and_all_are_in_the_last_note() {
    bed()
        .run_on_each(async |bed| {
            let (aoi, mika) = (bed.agent(AGENT).await, bed.agent(ADMIN).await);
            let task = bed.vendors().place_task(&call(), "voice");
            accepts(&aoi, &task, &call()).await;
            noted(&aoi, &task, "Asked for a copy", "Follow-up").await;
            let other = FlexStep::Transfer(credentials::TWILIO_OTHER_WORKER);
            for step in [FlexStep::Accept, other, FlexStep::Accept] {
                bed.vendors().flex(&task, step).expect("it is passed on");
            }
            accepts(&mika, &task, &call()).await;
            assert_eq!(sees(&mika, &task).await["notes"]["text"], "");
            bed.pass(1);
            noted(&mika, &task, "Sent it", "Solved").await;
            hangs_up(bed, &task).await;
            bed.run_jobs_to_the_end().await;
            let last = written(bed, 42, &task).pop().expect("a note");
            let (first, second) = (last.find("Asked for a copy"), last.find("Sent it"));
            assert!(first.is_some() && first < second, "{last}");
            assert!(last.contains("Outcome: Solved"), "{last}");
        })
        .await;
}

#[tokio::test]
async fn notes_are_bounded_and_of_a_call_that_is_known_and_ones_own() {
    bed()
        .run(async |bed| {
            let agent = bed.agent(AGENT).await;
            assert_eq!(notes(&agent, "WT1", "Text", "").await.verdict(), "404 engagement_not_found");
            let task = bed.vendors().place_task(&call(), "voice");
            accepts(&agent, &task, &call()).await;
            noted(&agent, &task, &"あ".repeat(4_000), "").await;
            assert_eq!(notes(&agent, &task, &"あ".repeat(4_001), "").await.verdict(), "422 notes_too_long");
            assert_eq!(notes(&agent, &task, "", &"x".repeat(201)).await.verdict(), "422 notes_too_long");
            let restricted = bed.agent(credentials::RESTRICTED_AGENT_ID).await;
            assert_eq!(
                restricted.gets(&format!("/api/engagements/{task}")).await.verdict(),
                "404 ticket_not_found"
            );
            assert_eq!(notes(&restricted, &task, "Text", "").await.verdict(), "404 ticket_not_found");
            bed.run_jobs().await;
        })
        .await;
}

#[tokio::test]
async fn the_last_comment_is_the_last_that_the_customer_could_read() {
    bed()
        .run(async |bed| {
            let user = bed.vendors().ticket(42).expect("ticket 42")["requester_id"].clone();
            let says = async |comment: Value| {
                bed.zendesk(Method::PUT, "/api/v2/tickets/42.json", &json!({"ticket": {"comment": comment}}))
                    .await;
            };
            says(json!({"body": "  Where is it?\nPlease look. ", "public": true, "author_id": user})).await;
            says(json!({"body": "They are angry", "public": false})).await;
            let agent = bed.agent(AGENT).await;
            let said = agent.gets("/api/tickets/42/comment").await.json()["comment"].clone();
            assert_eq!(
                (&said["text"], &said["by_customer"]),
                (&json!("Where is it?\nPlease look."), &json!(true))
            );
            assert!(said["author"].as_str().is_some_and(|name| !name.is_empty()), "{said}");
            assert_eq!(said["at"], "2026-11-22T12:00:00Z");
            let asked = bed.vendors().calls().len();
            assert_eq!(agent.gets("/api/tickets/42/comment").await.verdict(), "200");
            assert_eq!(bed.vendors().calls().len(), asked, "a moment later nobody is asked again");
            let restricted = bed.agent(credentials::RESTRICTED_AGENT_ID).await;
            assert_eq!(restricted.gets("/api/tickets/42/comment").await.verdict(), "404 ticket_not_found");
            assert_eq!(agent.gets("/api/tickets/999999/comment").await.verdict(), "404 ticket_not_found");
        })
        .await;
}

#[tokio::test]
async fn whoever_waits_in_vain_reads_what_for_and_what_to_do() {
    bed()
        .run(async |bed| {
            let agent = bed.agent(AGENT).await;
            let said = async |path: &str, down: &str| {
                let down = bed.vendors().fault(trouble_at(down, 503));
                let answer = agent.gets(path).await;
                bed.vendors().mend(down);
                assert_eq!(answer.verdict(), "502 zendesk_unavailable");
                let error = answer.json()["error"].clone();
                assert_eq!(error["hint"], "Zendesk is not answering; try again in a minute.");
                error["message"].as_str().expect("a message").to_owned()
            };
            assert_eq!(
                said("/api/tickets/42/comment", "/comments").await,
                "the last public comment of ticket 42 could not be read from Zendesk"
            );
            assert_eq!(
                said("/api/tickets/43/card", "/tickets/43").await,
                "ticket 43 and its contract could not be read from Zendesk"
            );
            assert_eq!(
                said(&format!("/api/customers/{AGENT}/card"), "/users").await,
                format!("customer {AGENT} and the contract could not be read from Zendesk")
            );
            assert_eq!(
                said("/api/customers?phone=%2B815012340042", "/users").await,
                "the customers with this phone number could not be read from Zendesk"
            );
        })
        .await;
}

#[tokio::test]
async fn another_ticket_is_shown_in_zendesk_and_the_call_keeps_its_own() {
    bed()
        .run(async |bed| {
            let agent = bed.agent(AGENT).await;
            let task = bed.vendors().place_task(&call(), "voice");
            let popped = accepts(&agent, &task, &call()).await;
            let other = popped["open_tickets"][0]["id"].as_u64().expect("another open ticket");
            let path = format!("/api/engagements/{task}/show");
            assert_eq!(agent.posts(&path, &json!({"ticket_id": other})).await.verdict(), "202");
            bed.run_jobs().await;
            let shown: Vec<Value> = bed
                .vendors()
                .notified()
                .iter()
                .filter(|notice| notice["event"] == "deskside_pop")
                .map(|notice| serde_json::from_str(notice["body"].as_str().expect("text")).expect("JSON"))
                .map(|body: Value| body["ticket_id"].clone())
                .collect();
            assert_eq!(shown, [json!(42), json!(other)]);
            assert_eq!(sees(&agent, &task).await["ticket_id"], 42);
            let restricted = bed.agent(credentials::RESTRICTED_AGENT_ID).await;
            assert_eq!(
                restricted.posts(&path, &json!({"ticket_id": 42})).await.verdict(),
                "404 ticket_not_found"
            );
        })
        .await;
}

#[tokio::test]
async fn of_several_tickets_none_may_be_meant_and_then_a_new_one_is_made() {
    bed()
        .run_on_each(async |bed| {
            let agent = bed.agent(AGENT).await;
            let attributes = json!({"from": KNOWN, "direction": "inbound"});
            let task = bed.vendors().place_task(&attributes, "voice");
            let popped = accepts(&agent, &task, &attributes).await;
            assert_eq!(
                (&popped["outcome"], &popped["must_choose"], &popped["may_create"]),
                (&json!("choose"), &json!(true), &json!(true))
            );
            noted(&agent, &task, "Taken before the choice", "").await;
            let user = popped["customer"]["id"].clone();
            let before = bed.vendors().tickets_of(user.as_u64().expect("an id")).len();
            let body = json!({"attributes": attributes, "stage": "accept", "reservation_sid": "WR1",
                "user_id": user, "new_ticket": true});
            let made = agent.posts(&format!("/api/engagements/{task}/pop"), &body).await.json();
            assert_eq!((&made["outcome"], &made["created"]), (&json!("ticket"), &json!(true)));
            assert_eq!(bed.vendors().tickets_of(user.as_u64().expect("an id")).len(), before + 1);
            bed.run_jobs_to_the_end().await;
            assert_eq!(sees(&agent, &task).await["ticket_id"], made["ticket"]["id"]);
        })
        .await;
}

#[tokio::test]
async fn an_admin_says_whether_to_choose_and_what_outcomes_there_are() {
    bed()
        .run(async |bed| {
            let outcomes =
                json!({"choose_first": false, "create_ticket": false, "outcomes": ["Gut", "解決"]});
            assert_eq!(set(bed, outcomes).await.status, 200);
            let agent = bed.agent(AGENT).await;
            let attributes = json!({"from": KNOWN, "direction": "inbound"});
            let task = bed.vendors().place_task(&attributes, "voice");
            let popped = accepts(&agent, &task, &attributes).await;
            assert_eq!(
                (&popped["outcome"], &popped["must_choose"], &popped["may_create"]),
                (&json!("choose"), &json!(false), &json!(false))
            );
            assert_eq!(sees(&agent, &task).await["outcomes"], json!(["Gut", "解決"]));
            let mut named = attributes.clone();
            named["zd_ticket_id"] = json!(42);
            accepts(&agent, &task, &named).await;
            bed.run_jobs_to_the_end().await;
        })
        .await;
}
