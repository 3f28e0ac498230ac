//! What an agent sees when cards come, fail, come late.

use wire::ContractState;

use super::*;
use crate::model::fault::refused;

const TICKET: Option<Subject> = Some(Subject::Ticket(TicketId(42)));
const OTHER: Option<Subject> = Some(Subject::Customer(UserId(9)));

fn card(state: ContractState, company: &str) -> Box<Card> {
    let contract = Contract {
        state,
        company: Some(company.into()),
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
        choices: vec![],
    };
    Box::new(Card {
        ticket: None,
        customer: None,
        contract,
        badges: vec![],
        open_tickets: vec![],
        stale_because: (state == ContractState::Stale).then_some(ErrorCode::ZendeskUnavailable),
    })
}

fn ok(ask: u32, card: Box<Card>) -> CardEvent {
    CardEvent::Answer { ask, result: Ok(card) }
}

fn failed(ask: u32, code: ErrorCode) -> CardEvent {
    CardEvent::Answer { ask, result: Err(refused(code)) }
}

fn said(model: &CardModel) -> String {
    match &model.phase {
        Phase::Waiting => "waiting".into(),
        Phase::NoCustomer => "nobody".into(),
        Phase::Loading => "loading".into(),
        Phase::Failed { retry_in, .. } => format!("failed, again in {retry_in:?}"),
        Phase::Shown(shown) => format!(
            "{}{}{}",
            shown.contract().company.as_deref().unwrap_or_default(),
            if shown.refreshing { ", refreshing" } else { "" },
            shown.retry_in.map(|seconds| format!(", again in {seconds}")).unwrap_or_default(),
        ),
    }
}

#[track_caller]
fn check(events: impl IntoIterator<Item = CardEvent>, expected: &str) -> (CardModel, Vec<CardEffect>) {
    let mut all = vec![];
    let model = events.into_iter().fold(CardModel::default(), |model, event| {
        let (model, effects) = model.update(event);
        all.extend(effects);
        model
    });
    assert_eq!(said(&model), expected);
    (model, all)
}

#[test]
fn a_ticket_leads_to_its_card() {
    let (_, effects) = check([CardEvent::Look(TICKET), ok(1, card(ContractState::Known, "Acme"))], "Acme");
    assert_eq!(
        effects,
        [CardEffect::Fetch { ask: 1, subject: Subject::Ticket(TicketId(42)), refresh: false }]
    );
}

#[test]
fn the_card_follows_a_changed_requester_and_late_answers_change_nothing() {
    check(
        [CardEvent::Look(TICKET), CardEvent::Look(OTHER), ok(1, card(ContractState::Known, "Acme"))],
        "loading",
    );
    check(
        [CardEvent::Look(TICKET), CardEvent::Look(None), ok(1, card(ContractState::Known, "Acme"))],
        "nobody",
    );
}

#[test]
fn the_same_subject_twice_asks_once() {
    let (_, effects) = check([CardEvent::Look(TICKET), CardEvent::Look(TICKET)], "loading");
    assert_eq!(effects.len(), 1);
}

#[test]
fn a_card_stays_while_a_fresh_one_is_on_its_way_and_when_it_fails() {
    let shown = [CardEvent::Look(TICKET), ok(1, card(ContractState::Known, "Acme")), CardEvent::Refresh];
    check(shown.clone(), "Acme, refreshing");
    check(shown.into_iter().chain([failed(2, ErrorCode::ZendeskUnavailable)]), "Acme, again in 20");
}

#[test]
fn a_stale_card_counts_down_and_tries_again_ever_more_slowly() {
    let stale = || card(ContractState::Stale, "Acme");
    let ticks = |ask, count| std::iter::repeat_n(CardEvent::Tick { ask }, count);
    let first = || [CardEvent::Look(TICKET), ok(1, stale())].into_iter();
    check(first().chain(ticks(1, 1)), "Acme, again in 19");
    let (_, effects) = check(first().chain(ticks(1, 20)), "Acme, refreshing, again in 1");
    assert_eq!(
        effects.last(),
        Some(&CardEffect::Fetch { ask: 2, subject: Subject::Ticket(TicketId(42)), refresh: true })
    );
    check(first().chain(ticks(1, 20)).chain([ok(2, stale())]), "Acme, again in 40");
    check(first().chain(ticks(1, 20)).chain([ok(2, card(ContractState::Known, "Acme"))]), "Acme");
}

#[test]
fn a_refusal_waits_for_the_agent_and_an_outage_does_not() {
    check([CardEvent::Look(TICKET), failed(1, ErrorCode::TicketNotFound)], "failed, again in None");
    check([CardEvent::Look(TICKET), failed(1, ErrorCode::ZendeskUnavailable)], "failed, again in Some(20)");
    check([CardEvent::Look(TICKET), failed(1, ErrorCode::TicketNotFound), CardEvent::Refresh], "loading");
}

#[test]
fn a_choice_among_companies_outlives_a_refresh() {
    let several = |names: &[&str]| {
        let mut all = card(ContractState::Ambiguous, "");
        all.contract.choices = names.iter().map(|name| card(ContractState::Known, name).contract).collect();
        all
    };
    let chosen =
        || [CardEvent::Look(TICKET), ok(1, several(&["A", "B"])), CardEvent::Choose(Some(1))].into_iter();
    check(chosen(), "B");
    check(chosen().chain([CardEvent::Choose(None)]), "");
    check(chosen().chain([CardEvent::Refresh, ok(2, several(&["B", "C"]))]), "B");
    check(chosen().chain([CardEvent::Refresh, ok(2, several(&["C"]))]), "");
    check(chosen().chain([CardEvent::Choose(Some(7))]), "");
}

#[test]
fn a_card_that_is_refused_before_the_agent_is_proved_is_asked_for_again() {
    let unproved = |ask| failed(ask, ErrorCode::AgentUnproved);
    let fetch = |ask| CardEffect::Fetch { ask, subject: Subject::Ticket(TicketId(42)), refresh: false };
    let asked_twice = [fetch(1), fetch(2)];
    check([CardEvent::Look(TICKET), unproved(1)], "loading");
    let (_, effects) = check([CardEvent::Look(TICKET), unproved(1), CardEvent::Proved], "loading");
    assert_eq!(effects, asked_twice);
    // The proof may be faster than the refusal.
    let (_, effects) = check([CardEvent::Look(TICKET), CardEvent::Proved, unproved(1)], "loading");
    assert_eq!(effects, asked_twice);
}
