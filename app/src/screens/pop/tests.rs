//! What an agent reads when a call arrives.

use wire::{Customer, ErrorCode, Problem, Stage, TicketId, TicketStatus, UserId};

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
    };
    let events = [
        PopEvent::SignedIn,
        PopEvent::Engagement(engagement),
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
    }
}

fn told(code: ErrorCode) -> Problem {
    Problem { code, message: "what happened".into(), hint: Some("what to do".into()) }
}

#[track_caller]
fn check(model: &PopModel, expected: &[&str]) {
    let shown: Vec<String> =
        pop(Locale::new("en"), model, no_flex(), &nobody()).into_iter().map(text).collect();
    assert_eq!(shown.join("\n"), expected.join("\n"));
}

#[test]
fn before_any_engagement_the_panel_says_how_to_begin() {
    check(
        &PopModel::default(),
        &["No call or chat selected", "Accept one, and its ticket and contract show here."],
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
        &["Which ticket is it?", "#42 Export", "This one", "#43 Export", "This one"],
    );
}

#[test]
fn nothing_says_why() {
    let nothing =
        PopResult { problem: Some(told(ErrorCode::TicketNumberInvalid)), ..result(PopOutcome::Nothing) };
    check(&found(nothing), &["No ticket to show", "What happened. What to do."]);
}
