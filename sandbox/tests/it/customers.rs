//! Customers who write in without the API, and what becomes of their tickets.

use deskside_sandbox::{Arrival, Channel};
use serde_json::{Value, json};

use crate::{
    client::{Desk, calm},
    rules::{hits, when},
};

fn part(desk: &Desk, ticket: u64, name: &str) -> Value {
    desk.sandbox.handle().ticket(ticket).unwrap()[name].clone()
}

#[tokio::test]
async fn an_unknown_sender_becomes_a_customer_with_the_ticket() {
    let desk = Desk::open(calm()).await;
    let handle = desk.sandbox.handle();
    let made =
        handle.write_in(&Arrival::email("New Person", "new.person@example.com", "Help", "Please")).unwrap();
    assert_eq!(part(&desk, made, "via")["channel"], "email");
    let (requester, submitter) = (part(&desk, made, "requester_id"), part(&desk, made, "submitter_id"));
    assert_eq!(requester, submitter);
    let user = handle.user(requester.as_u64().unwrap()).unwrap();
    assert_eq!(
        (&user["name"], &user["email"], &user["role"]),
        (&json!("New Person"), &json!("new.person@example.com"), &json!("end-user"))
    );
    assert_eq!(user["user_fields"]["sfdc_mrr"], Value::Null, "nothing is known of them yet");
    let again = handle.write_in(&Arrival::email("", "NEW.person@example.com", "More", "Please")).unwrap();
    assert_eq!(part(&desk, again, "requester_id"), requester);
    assert_eq!(handle.mails(), Vec::<Value>::new(), "nobody is asked to confirm an address");
}

#[tokio::test]
async fn a_visitor_of_a_chat_has_no_address() {
    let desk = Desk::open(calm()).await;
    let handle = desk.sandbox.handle();
    let made = handle.write_in(&Arrival::chat("Visitor 12", "Hello?")).unwrap();
    assert_eq!(part(&desk, made, "via")["channel"], "chat");
    let user = handle.user(part(&desk, made, "requester_id").as_u64().unwrap()).unwrap();
    assert_eq!((&user["name"], &user["email"]), (&json!("Visitor 12"), &Value::Null));
    let nobody = Arrival { channel: Channel::Web, body: "Hello?".to_owned(), ..Arrival::default() };
    assert!(handle.write_in(&nobody).is_err(), "the form asks for an address");
}

#[tokio::test]
async fn an_agent_opens_a_ticket_for_a_customer() {
    let desk = Desk::open(calm()).await;
    let letter = Arrival::email("Caller", "caller@example.com", "By telephone", "They called");
    let made = desk.sandbox.handle().open_for(9002, &letter).unwrap();
    assert_eq!(part(&desk, made, "submitter_id"), 9002);
    let user = desk.sandbox.handle().user(part(&desk, made, "requester_id").as_u64().unwrap()).unwrap();
    assert_eq!(user["email"], "caller@example.com");
}

#[tokio::test]
async fn triggers_know_who_wrote_and_how() {
    // What happens, role, channel, kind of update.
    let checks = [
        ("customer", "end_user", "4", "Create"),
        ("agent", "agent", "0", "Create"),
        ("reply", "end_user", "4", "Change"),
    ];
    for (what, role, channel, kind) in checks {
        let desk = Desk::open(calm()).await;
        let handle = desk.sandbox.handle();
        let letter = Arrival::email("Caller", "caller@example.com", "Subject", "Text");
        let earlier = handle.write_in(&letter).unwrap();
        handle.set_status(earlier, "solved");
        let conditions = json!([
            when("role", "is", role),
            when("current_via_id", "is", channel),
            when("update_type", "is", kind),
            when("comment_is_public", "is", "true")
        ]);
        hits(&desk, conditions).await;
        let ticket = match what {
            "customer" => handle.write_in(&letter).unwrap(),
            "agent" => handle.open_for(9002, &letter).unwrap(),
            _ => handle.reply(earlier, "One more thing").map(|()| earlier).unwrap(),
        };
        assert_eq!(part(&desk, ticket, "tags"), json!(["hit"]), "{what}");
        if what == "reply" {
            assert_eq!(part(&desk, ticket, "status"), "open", "a solved ticket is open again");
        }
    }
}

#[tokio::test]
async fn a_ticket_that_is_spam_is_gone_and_its_sender_writes_no_more() {
    let desk = Desk::open(calm()).await;
    let handle = desk.sandbox.handle();
    let letter = Arrival::email("Seller", "seller@example.com", "Buy", "Now");
    let made = handle.write_in(&letter).unwrap();
    let requester = part(&desk, made, "requester_id").as_u64().unwrap();
    desk.done("PUT", &format!("/api/v2/tickets/{made}/mark_as_spam"), json!({})).await;
    assert!(handle.ticket(made).is_none());
    assert_eq!(handle.user(requester).unwrap()["suspended"], true);
    assert_eq!(handle.write_in(&letter), Err("Requester: Seller is suspended.".to_owned()));
}

#[tokio::test]
async fn a_merged_ticket_is_closed_and_its_triggers_ran() {
    let desk = Desk::open(calm()).await;
    let handle = desk.sandbox.handle();
    let letter = Arrival::email("Twice", "twice@example.com", "Twice", "The same");
    let (first, second) = (handle.write_in(&letter).unwrap(), handle.write_in(&letter).unwrap());
    hits(&desk, json!([when("status", "changed", Value::Null)])).await;
    desk.done("POST", &format!("/api/v2/tickets/{first}/merge"), json!({"ids": [second]})).await;
    assert_eq!(part(&desk, second, "status"), "closed");
    assert_eq!(part(&desk, second, "tags"), json!(["closed_by_merge", "hit"]));
    assert_eq!(part(&desk, first, "tags"), json!([]));
    assert!(handle.reply(second, "Hello?").is_err(), "a closed ticket takes no update");
}

#[tokio::test]
async fn the_controls_do_the_same_over_http() {
    let desk = Desk::open(calm()).await;
    let arrival = json!({"channel": "email", "name": "Http", "email": "http@example.com", "subject": "s", "body": "b", "priority": "urgent"});
    let made = desk.done("POST", "/_sandbox/tickets/arrive", arrival).await;
    let ticket = made["ticket_id"].as_u64().unwrap();
    assert_eq!(
        (part(&desk, ticket, "priority"), part(&desk, ticket, "requester_id")),
        (json!("urgent"), made["requester_id"].clone())
    );
    let by_agent = json!({"agent_id": 9002, "email": "http@example.com", "body": "b"});
    let made = desk.done("POST", "/_sandbox/tickets/arrive", by_agent).await;
    assert_eq!(part(&desk, made["ticket_id"].as_u64().unwrap(), "submitter_id"), 9002);
    desk.done("POST", &format!("/_sandbox/tickets/{ticket}/reply"), json!({"body": "more"})).await;
    assert_eq!(desk.sandbox.handle().comments(ticket).len(), 2);
    assert_eq!(desk.call("POST", "/_sandbox/tickets/arrive", json!({"body": "b"})).await.status, 422);
}
