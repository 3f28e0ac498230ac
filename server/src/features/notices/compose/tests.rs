//! What people read, whatever the customer wrote.

use serde_json::json;
use wire::ContractState;

use super::*;
use crate::{features::contracts, setting, store::companies::Company};

fn facts() -> ContractFacts {
    let contract: Contract = serde_json::from_value(json!({"state": "none"})).expect("a contract");
    let extra = [("record_url".to_owned(), "https://acme.my.salesforce.com/001".to_owned())].into();
    ContractFacts {
        contract: Contract {
            state: ContractState::Known,
            company: Some("Aoba & <Co>".into()),
            mrr: Some(120_000.0),
            currency: Some("JPY".into()),
            renewal: Some("2026-12-01".into()),
            ..contract
        },
        badges: Vec::new(),
        company: Some(Company { extra, ..Company::default() }),
    }
}

fn ticket() -> Ticket {
    let ticket = json!({"id": 42, "subject": "It is\ndown", "requester_id": 7, "submitter_id": 9});
    serde_json::from_value(ticket).expect("a ticket")
}

fn message(first_comment: &str, hidden: &str) -> Message {
    let (facts, ticket) = (facts(), ticket());
    let mut visible_to = setting::defaults::<contracts::Settings>("contracts").visible_to;
    if !hidden.is_empty() {
        visible_to = serde_json::from_value(json!({ hidden: ["admins"] })).expect("who sees it");
    }
    let subject = Subject {
        kind: Kind::Page,
        account: "acme",
        number: Some(42),
        facts: &facts,
        ticket: Some(&ticket),
        first_comment: Some(first_comment),
        owner: Some("Kim"),
        tickets_url: "https://acme.zendesk.com/agent/tickets/",
        visible_to: &visible_to,
    };
    Message::about(&subject, Some(Reason::OwnerSuspended))
}

#[test]
fn a_message_says_what_happened_to_whom_and_where_to_read_on() {
    assert_eq!(
        message("Nothing works.", "").text(),
        "Ticket 42: an emergency of Aoba & <Co>, which has a high MRR\n\
         Subject: It is down\n\
         An agent made the ticket on the customer's behalf\n\
         It begins: Nothing works.\n\
         Contract: Aoba & <Co>, MRR 120000 JPY, renews 2026-12-01\n\
         In charge of customer success: Kim\n\
         You are told because whoever is in charge is suspended in Zendesk\n\
         Ticket 42: https://acme.zendesk.com/agent/tickets/42\n\
         Record of the company: https://acme.my.salesforce.com/001"
    );
}

#[test]
fn a_message_is_short_and_opens_no_attachment_and_shows_no_hidden_part() {
    let long = message(&"x y ".repeat(16_000), "").text();
    assert!(long.chars().count() < 1_200, "{}", long.chars().count());
    let one_word = message(&"x".repeat(65_536), "").text();
    assert!(one_word.chars().count() < 1_200, "{}", one_word.chars().count());
    let secret = message("see https://acme.zendesk.com/attachments/token/abc/?name=a.png now", "").text();
    assert!(secret.contains("see [attachment] now") && !secret.contains("token"), "{secret}");
    let hidden = message("", "mrr").text();
    assert!(!hidden.contains("120000") && hidden.contains("renews"), "{hidden}");
    let html = message("<script>", "").html("Deskside notice 1");
    assert!(html.contains("&lt;script&gt;") && html.contains("Aoba &amp; &lt;Co&gt;"), "{html}");
    assert!(html.ends_with("<p>Deskside notice 1</p>") && !html.contains("/agent/tickets/"), "{html}");
}
