//! What an agent reads on the card, state by state.

use wire::{
    BadgeName, ContractPart, Customer, CustomerState, Difference, ErrorCode, TicketStatus, TicketSummary,
    UserId,
};

use super::*;
use crate::model::Model;
use crate::model::card::Subject;
use crate::model::fault::refused;
use crate::screens::check::{no_flex, nobody, text};

fn contract(state: ContractState) -> Contract {
    Contract {
        state,
        company: Some("Acme & Söhne".into()),
        account_type: Some("Partner".into()),
        subscription_status: Some("Paying".into()),
        mrr: Some(120_000.0),
        mrr_exact: None,
        currency: Some("EUR".into()),
        start: Some("2026-09-01".into()),
        renewal: Some("2027-01-03".into()),
        owner: Some("Kim Minji".into()),
        as_of: Some("2026-11-22T09:00:00Z".into()),
        source: Some("zendesk".into()),
        last_run: None,
        differences: vec![],
        choices: vec![],
    }
}

fn known() -> Card {
    let customer = Customer {
        id: UserId(77),
        name: "Ada".into(),
        email: None,
        phone: Some("+81 50-1234-5678".into()),
        state: CustomerState::Active,
    };
    Card {
        ticket: None,
        customer: Some(customer),
        contract: contract(ContractState::Known),
        badges: vec![BadgeName::RenewalNear, BadgeName::Vip, BadgeName::Unknown],
        open_tickets: vec![],
        stale_because: None,
    }
}

fn empty_contract(state: ContractState) -> Contract {
    Contract {
        company: None,
        account_type: None,
        subscription_status: None,
        mrr: None,
        currency: None,
        start: None,
        renewal: None,
        owner: None,
        as_of: None,
        source: None,
        ..contract(state)
    }
}

fn model(result: Result<Card, crate::model::Fault>) -> CardModel {
    let (model, _) = CardModel::default().update(CardEvent::Look(Some(Subject::Ticket(TicketId(42)))));
    model.update(CardEvent::Answer { ask: 1, result: result.map(Box::new) }).0
}

#[track_caller]
fn check(model: &CardModel, expected: &[&str]) {
    assert_eq!(text(card(Locale::new("en"), model, no_flex(), &nobody())), expected.join("\n"));
}

#[test]
fn a_known_contract_says_all_that_is_known() {
    check(
        &model(Ok(known())),
        &[
            "Acme &amp; Söhne",
            "Paying",
            "Partner",
            "Ada",
            "+81 50-1234-5678",
            "Renews in 42 days",
            "VIP",
            "MRR",
            "EUR 120000",
            "Since",
            "2026-09-01",
            "11 weeks ago",
            "Renewal",
            "2027-01-03",
            "in 42 days",
            "Owner",
            "Kim Minji",
            "From Zendesk, today 09:00",
            "Refresh",
        ],
    );
}

#[test]
fn a_status_is_told_in_words_and_in_the_agents_language() {
    for (value, en, ja, ko) in [
        ("past_due", "Past due", "支払い遅延", "연체"),
        ("Past Due", "Past Due", "支払い遅延", "연체"),
        ("active", "Active", "有効", "활성"),
        ("key_account", "Key account", "Key account", "Key account"),
        ("Partner (EMEA)", "Partner (EMEA)", "Partner (EMEA)", "Partner (EMEA)"),
        ("代理店", "代理店", "代理店", "代理店"),
        ("", "", "", ""),
    ] {
        let told = ["en", "ja", "ko"].map(|tag| contract::in_words(Locale::new(tag), value));
        assert_eq!(told, [en, ja, ko], "{value}");
    }
}

#[test]
fn what_is_not_known_leaves_no_gap() {
    let mut card = known();
    card.contract = Contract { company: Some("Acme".into()), ..empty_contract(ContractState::Known) };
    card.badges.clear();
    check(&model(Ok(card)), &["Acme", "Ada", "+81 50-1234-5678", "Refresh"]);
}

#[test]
fn each_other_state_has_its_own_words() {
    let with = |contract: Contract| {
        let mut card = known();
        (card.contract, card.badges) = (contract, vec![]);
        model(Ok(card))
    };
    check(
        &with(empty_contract(ContractState::None)),
        &[
            "No contract",
            "Ada",
            "+81 50-1234-5678",
            "No contract was found for this customer.",
            "Look again",
            "Refresh",
        ],
    );
    let choices = vec![contract(ContractState::Known), empty_contract(ContractState::Known)];
    check(
        &with(Contract { choices, ..empty_contract(ContractState::Ambiguous) }),
        &[
            "2 companies match",
            "Choose the company for this ticket.",
            "Acme &amp; Söhne",
            "Paying · Partner · EUR 120000",
            "Show",
            "Unnamed company",
            "Show",
            "Ada",
            "+81 50-1234-5678",
            "Refresh",
        ],
    );
    check(&CardModel::default(), &[]);
    let (nobody, _) = CardModel::default().update(CardEvent::Look(None));
    check(&nobody, &["Choose a requester to see their contract."]);
}

#[test]
fn a_customer_who_is_suspended_or_gone_is_marked() {
    let mut card = known();
    card.contract = empty_contract(ContractState::None);
    card.badges.clear();
    if let Some(customer) = &mut card.customer {
        customer.state = CustomerState::Suspended;
    }
    let shown = text(super::card(Locale::new("en"), &model(Ok(card.clone())), no_flex(), &nobody()));
    assert!(
        shown.contains("Suspended") && shown.contains("Zendesk holds their messages for review."),
        "{shown}"
    );
    card.customer = None;
    check(&model(Ok(card)), &["Unknown customer", "The requester no longer exists in Zendesk.", "Refresh"]);
}

#[test]
fn a_stale_card_is_marked_and_counts_down() {
    let mut card = known();
    card.contract = Contract {
        as_of: Some("2026-11-21T17:20:00Z".into()),
        company: Some("Acme".into()),
        ..empty_contract(ContractState::Stale)
    };
    card.stale_because = Some(ErrorCode::ZendeskUnavailable);
    card.badges.clear();
    check(
        &model(Ok(card)),
        &[
            "Acme",
            "Ada",
            "+81 50-1234-5678",
            "Zendesk is not answering. Showing data from 1 days ago 17:20.",
            "Trying again in 20 s.",
            "As of 1 days ago 17:20",
            "Refresh",
        ],
    );
}

#[test]
fn what_zendesk_has_instead_stands_beside_each_value() {
    let mut card = known();
    let differs =
        |(part, value): (ContractPart, Option<&str>)| Difference { part, value: value.map(String::from) };
    let parts = [
        (ContractPart::Company, Some("Acme GmbH")),
        (ContractPart::SubscriptionStatus, None),
        (ContractPart::AccountType, Some("customer")),
        (ContractPart::Mrr, Some("100000.50")),
        (ContractPart::Start, Some("2026-08-01")),
        (ContractPart::Renewal, Some("2027-02-03")),
        (ContractPart::Owner, Some("Dana")),
        (ContractPart::Unknown, Some("of a newer server")),
    ];
    card.contract.differences = parts.map(differs).into();
    card.contract.source = Some("Contracts daily".into());
    card.badges.clear();
    check(
        &model(Ok(card)),
        &[
            "Acme &amp; Söhne",
            "Paying",
            "In Zendesk: Acme GmbH",
            "Empty in Zendesk",
            "Partner",
            "Ada",
            "+81 50-1234-5678",
            "In Zendesk: Customer",
            "MRR",
            "EUR 120000",
            "In Zendesk: EUR 100000.50",
            "Since",
            "2026-09-01",
            "11 weeks ago",
            "In Zendesk: 2026-08-01",
            "Renewal",
            "2027-01-03",
            "in 42 days",
            "In Zendesk: 2027-02-03",
            "Owner",
            "Kim Minji",
            "In Zendesk: Dana",
            "From Contracts daily, today 09:00",
            "Refresh",
        ],
    );
}

#[test]
fn an_amount_keeps_every_digit_and_an_old_import_is_told() {
    let mut card = known();
    card.contract = Contract {
        company: Some("Acme".into()),
        mrr: Some(1.234_567_890_123_456_8e19),
        mrr_exact: Some("12345678901234567890.12".into()),
        currency: Some("KRW".into()),
        last_run: Some("2026-11-20T09:00:00Z".into()),
        ..empty_contract(ContractState::Stale)
    };
    card.badges.clear();
    check(
        &model(Ok(card)),
        &[
            "Acme",
            "Ada",
            "+81 50-1234-5678",
            "MRR",
            "KRW 12345678901234567890.12",
            "Last contract import: 2026-11-20. These values may be out of date.",
            "Refresh",
        ],
    );
}

#[test]
fn a_failure_says_what_to_do() {
    check(
        &model(Err(refused(ErrorCode::ZendeskUnavailable))),
        &["Message of zendesk_unavailable.", "Try again", "Trying again in 20 s."],
    );
    check(&model(Err(refused(ErrorCode::TicketNotFound))), &["Message of ticket_not_found.", "Try again"]);
}

#[test]
fn other_tickets_come_by_number() {
    let mut card = known();
    card.open_tickets = vec![TicketSummary {
        id: TicketId(4711),
        subject: "Export <fails>".into(),
        status: TicketStatus::Open,
        requester_id: UserId(77),
        priority: Some("urgent".into()),
    }];
    let shown = others(Locale::new("en"), &model(Ok(card)), &nobody()).map(text);
    assert_eq!(shown.as_deref(), Some("Other open tickets\n#4711 Export &lt;fails>\nUrgent"));
}
