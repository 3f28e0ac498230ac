//! What an agent reads when a call arrives.

use wire::{ContractState, Customer, ErrorCode, Problem, Stage, TicketId, TicketStatus, UserId};

use super::*;
use crate::model::Model;
use crate::model::pop::Engagement;
use crate::screens::check::{no_flex, nobody, text};

fn ticket(id: u64, status: TicketStatus) -> TicketSummary {
    TicketSummary {
        id: TicketId(id),
        subject: "Export".into(),
        status,
        requester_id: UserId(7),
        priority: None,
    }
}

fn found(result: PopResult) -> PopModel {
    let engagement = Engagement {
        task_sid: "WT1".into(),
        attributes: "{}".into(),
        stage: Stage::Accept,
        reservation_sid: None,
        call: wire::CallFacts::default(),
    };
    let events = [
        PopEvent::SignedIn,
        PopEvent::Engagement(Box::new(engagement)),
        PopEvent::Answer { ask: 2, result: Ok(Box::new(result)) },
    ];
    events.into_iter().fold(PopModel::default(), |model, event| model.update(event).0)
}

fn result(outcome: PopOutcome) -> PopResult {
    PopResult {
        outcome,
        ticket: None,
        customer: None,
        contract: None,
        badges: vec![],
        open_tickets: vec![],
        choices: vec![],
        created: false,
        must_choose: false,
        may_create: false,
        problem: None,
        show: None,
    }
}

fn told(code: ErrorCode) -> Problem {
    Problem { code, message: "what happened".into(), hint: Some("what to do".into()) }
}

#[track_caller]
fn check(model: &PopModel, expected: &[&str]) {
    let shown: Vec<String> =
        pop(Locale::new("en"), model, no_flex(), None, &nobody()).into_iter().map(text).collect();
    assert_eq!(shown.join("\n"), expected.join("\n"));
}

#[test]
fn before_any_engagement_the_panel_says_how_to_begin() {
    check(
        &PopModel::default(),
        &["No call or chat selected", "Accept a call or chat to see its ticket and contract."],
    );
}

#[test]
fn a_ticket_comes_with_the_customer_and_with_what_is_to_be_known_of_it() {
    let customer = Customer {
        id: UserId(7),
        name: "Ada".into(),
        email: None,
        phone: None,
        state: wire::CustomerState::default(),
    };
    let shown = PopResult {
        ticket: Some(ticket(42, TicketStatus::Closed)),
        customer: Some(customer),
        contract: Some(contract(ContractState::None, vec![])),
        problem: Some(told(ErrorCode::TicketClosed)),
        ..result(PopOutcome::Ticket)
    };
    check(
        &found(shown),
        &["#42 Export", "Closed", "Show in Zendesk", "What happened. What to do.", "No contract", "Ada"],
    );
}

#[test]
fn among_several_the_agent_chooses() {
    let choices = [42, 43].map(|id| Choice { ticket: Some(ticket(id, TicketStatus::Open)), customer: None });
    check(
        &found(PopResult { choices: choices.into(), ..result(PopOutcome::Choose) }),
        &[
            "Which ticket is it?",
            "#42 Export",
            "Open",
            "#43 Export",
            "Open",
            "Use the arrow keys to move between tickets.",
        ],
    );
}

#[test]
fn where_nothing_but_a_new_ticket_can_be_chosen_it_is_offered_once() {
    let choice = |id, name| Choice { ticket: None, customer: Some(customer(id, name)) };
    let asked = |choices| PopResult {
        choices,
        may_create: true,
        problem: Some(told(ErrorCode::OpenTicketHidden)),
        ..result(PopOutcome::Choose)
    };
    let rest = ["Use the arrow keys to move between tickets."];
    let one = ["What happened. What to do.", "Which ticket is it?", "New ticket for Ada"];
    check(&found(asked(vec![choice(7, "Ada")])), &one);
    let two = ["What happened. What to do.", "Which ticket is it?", "Ada", "Ben", "New ticket for Ada"];
    let two = [&two[..], &["New ticket for Ben"], &rest].concat();
    check(&found(asked(vec![choice(7, "Ada"), choice(8, "Ben")])), &two);
}

fn customer(id: u64, name: &str) -> Customer {
    Customer {
        id: UserId(id),
        name: name.into(),
        email: None,
        phone: None,
        state: wire::CustomerState::default(),
    }
}

fn contract(state: ContractState, choices: Vec<wire::Contract>) -> wire::Contract {
    wire::Contract {
        state,
        company: None,
        account_type: None,
        subscription_status: None,
        mrr: None,
        mrr_exact: None,
        currency: None,
        start: None,
        renewal: None,
        owner: None,
        as_of: None,
        source: None,
        last_run: None,
        differences: vec![],
        choices,
    }
}

#[test]
fn of_several_customers_each_is_named_with_a_new_ticket_to_choose() {
    let choices = [(42, 7, "Ada"), (43, 8, "Bea")].map(|(id, user, name)| Choice {
        ticket: Some(ticket(id, TicketStatus::Open)),
        customer: Some(customer(user, name)),
    });
    check(
        &found(PopResult { choices: choices.into(), may_create: true, ..result(PopOutcome::Choose) }),
        &[
            "Which ticket is it?",
            "#42 Export",
            "Ada",
            "Open",
            "#43 Export",
            "Bea",
            "Open",
            "New ticket for Ada",
            "New ticket for Bea",
            "Use the arrow keys to move between tickets.",
        ],
    );
}

#[test]
fn whoever_wants_to_complete_before_choosing_is_told_why_not() {
    let choices = [42, 43].map(|id| Choice { ticket: Some(ticket(id, TicketStatus::Open)), customer: None });
    let shown = PopResult { choices: choices.into(), must_choose: true, ..result(PopOutcome::Choose) };
    let (model, _) = found(shown).update(PopEvent::ChooseFirst("WT1".into()));
    let shown: Vec<String> =
        pop(Locale::new("en"), &model, no_flex(), None, &nobody()).into_iter().map(text).collect();
    assert!(shown.concat().contains("Choose a ticket before you complete the call or chat."), "{shown:?}");
}

#[test]
fn several_companies_are_named_and_an_unwanted_contract_is_not() {
    let mut acme = contract(ContractState::Known, vec![]);
    acme.company = Some("Acme".into());
    let shown = |contract| PopResult {
        ticket: Some(ticket(42, TicketStatus::Open)),
        customer: Some(customer(7, "Ada")),
        contract,
        ..result(PopOutcome::Ticket)
    };
    let head = ["#42 Export", "Open", "Show in Zendesk"];
    check(
        &found(shown(Some(contract(ContractState::Ambiguous, vec![acme.clone(), acme])))),
        &[&head[..], &["2 companies match", "Acme", "Acme", "Ada"]].concat(),
    );
    check(&found(shown(None)), &[&head[..], &["Ada"]].concat());
}

#[test]
fn nothing_says_why() {
    let nothing =
        PopResult { problem: Some(told(ErrorCode::TicketNumberInvalid)), ..result(PopOutcome::Nothing) };
    check(&found(nothing), &["No ticket to show", "What happened. What to do."]);
}
