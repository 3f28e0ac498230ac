//! A call that began with a number pressed in Zendesk: its ticket, and what is written into it.

use deskside_sandbox::{FlexStep, credentials};
use serde_json::{Value, json};

use super::dials::{NUMBER, OTHER, says, takes};
use super::flex_settings::set;
use crate::support::actors::Visitor;
use crate::support::testbed::{Testbed, bed};

const AGENT: u64 = credentials::AGENT_ID;

/// Flex makes a task of the order, as `StartOutboundCall` does, and the customer answers.
async fn calls(bed: &Testbed, agent: &Visitor, wish: &Value) -> (String, Value) {
    let answer = agent.posts("/api/dial", wish).await;
    assert_eq!(answer.status, 202, "{}", answer.text);
    let id = answer.json()["id"].as_str().expect("an id").to_owned();
    let order = takes(agent, &id).await.json();
    let mut attributes = order["attributes"].clone();
    attributes["direction"] = json!("outbound");
    attributes["outbound_to"] = order["destination"].clone();
    attributes["from"] = json!("+815011112222");
    let task = bed.vendors().place_task(&attributes, "voice");
    assert_eq!(says(agent, &id, "started").await, "204");
    bed.vendors().flex(&task, FlexStep::Accept).expect("the agent takes it");
    (task, attributes)
}

#[tokio::test]
async fn a_dialled_call_pops_its_ticket_and_is_written_down_as_outbound() {
    bed()
        .run_on_each(async |bed| {
            let agent = bed.agent(AGENT).await;
            let (task, attributes) = calls(bed, &agent, &json!({"to": NUMBER, "ticket_id": 42})).await;
            let body = json!({"attributes": attributes, "stage": "accept", "reservation_sid": "WR1"});
            let popped = agent.posts(&format!("/api/engagements/{task}/pop"), &body).await.json();
            assert_eq!(
                (&popped["outcome"], &popped["ticket"]["id"]),
                (&json!("ticket"), &json!(42)),
                "{popped}"
            );
            bed.run_jobs().await;
            let notes = bed.vendors().comments(42);
            let note =
                notes.iter().filter_map(|note| note["html_body"].as_str()).find(|html| html.contains(&task));
            let note = note.expect("a note of the call");
            assert!(note.to_lowercase().contains("outbound") && note.contains(NUMBER), "{note}");
        })
        .await;
}

#[tokio::test]
async fn a_call_from_a_customers_page_is_that_customers() {
    bed()
        .run(async |bed| {
            assert_eq!(set(bed, json!({"without_number": "always_new"})).await.status, 200);
            let user = bed.vendors().ticket(42).expect("ticket 42")["requester_id"].as_u64().expect("an id");
            let agent = bed.agent(AGENT).await;
            // The number is somebody else's by now.
            let (task, attributes) = calls(bed, &agent, &json!({"to": OTHER, "user_id": user})).await;
            assert_eq!(
                (&attributes["zd_ticket_id"], &attributes["zd_user_id"]),
                (&Value::Null, &json!(user.to_string()))
            );
            let popped = agent.pops(&task, "accept", &attributes).await.json();
            assert_eq!(
                (&popped["outcome"], &popped["ticket"]["requester_id"]),
                (&json!("ticket"), &json!(user)),
                "{popped}"
            );
            bed.run_jobs().await;
        })
        .await;
}
