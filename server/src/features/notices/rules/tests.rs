//! Each ticket, requester and contract, and what becomes of the notice.

use serde_json::{Value, json};
use wire::Contract;

use super::*;

fn ticket(change: fn(&mut Value)) -> Ticket {
    let mut ticket = json!({
        "id": 42, "status": "open", "priority": "urgent", "requester_id": 7, "submitter_id": 7, "tags": ["vip"],
    });
    change(&mut ticket);
    serde_json::from_value(ticket).expect("a ticket")
}

fn user(change: fn(&mut Value)) -> User {
    let mut user = json!({
        "id": 7, "name": "Hanako", "email": "hanako@acme.example", "role": "end-user", "active": true,
        "user_fields": {"tier": "tier_gold"},
    });
    change(&mut user);
    serde_json::from_value(user).expect("a user")
}

fn facts(state: ContractState, badges: &[BadgeName]) -> ContractFacts {
    let contract = json!({"state": "none"});
    let contract: Contract = serde_json::from_value(contract).expect("a contract");
    ContractFacts { contract: Contract { state, ..contract }, badges: badges.to_vec(), company: None }
}

#[test]
fn a_ticket_that_is_over_tells_nobody() {
    let check = |kind, change: fn(&mut Value), expected: Option<Reason>| {
        assert_eq!(of_ticket(kind, &ticket(change)).err(), expected);
    };
    check(Kind::Page, |_| {}, None);
    check(Kind::Page, |it| it["status"] = json!("solved"), Some(Reason::Solved));
    check(Kind::NewCustomer, |it| it["status"] = json!("solved"), None);
    check(Kind::NewCustomer, |it| it["status"] = json!("closed"), Some(Reason::Closed));
    let merged: fn(&mut Value) = |it| {
        it["status"] = json!("closed");
        it["tags"] = json!(["closed_by_merge"]);
    };
    check(Kind::RenewalNear, merged, Some(Reason::Merged));
}

#[test]
fn a_requester_who_is_no_customer_tells_nobody() {
    let check = |change: fn(&mut Value), expected: Option<Reason>| {
        assert_eq!(of_requester(&user(change)).err(), expected);
    };
    check(|_| {}, None);
    check(|it| it["active"] = json!(false), Some(Reason::NoRequester));
    check(|it| it["suspended"] = json!(true), Some(Reason::RequesterSuspended));
    check(|it| it["role"] = json!("agent"), Some(Reason::RequesterIsAgent));
    check(|it| it["role"] = json!("admin"), Some(Reason::RequesterIsAgent));
}

#[test]
fn the_contract_is_asked_again() {
    let check = |kind, facts: ContractFacts, is_visitor, expected: Option<Reason>| {
        assert_eq!(of_contract(kind, &facts, is_visitor).err(), expected);
    };
    use ContractState as State;
    check(Kind::NewCustomer, facts(State::Known, &[BadgeName::NewCustomer]), false, None);
    check(Kind::NewCustomer, facts(State::Stale, &[BadgeName::NewCustomer]), true, None);
    check(
        Kind::RenewalNear,
        facts(State::Known, &[BadgeName::NewCustomer]),
        false,
        Some(Reason::ConditionOver),
    );
    check(Kind::Page, facts(State::Known, &[BadgeName::HighMrr]), false, None);
    check(Kind::Page, facts(State::None, &[]), false, Some(Reason::NoContract));
    check(Kind::Page, facts(State::None, &[]), true, Some(Reason::VisitorUnknown));
    check(Kind::Renewal, facts(State::Ambiguous, &[]), false, Some(Reason::SeveralCompanies));
}

#[test]
fn an_emergency_must_still_be_one() {
    let check = |emergency: Emergency, change: fn(&mut Value), expected: Option<Reason>| {
        assert_eq!(of_emergency(Kind::Page, &emergency, &ticket(change), &user(|_| {})).err(), expected);
    };
    let urgent = || Emergency::Priority("urgent");
    check(urgent(), |_| {}, None);
    check(urgent(), |it| it["priority"] = json!("low"), Some(Reason::NoEmergency));
    check(Emergency::Tag("vip".into()), |_| {}, None);
    check(Emergency::Tag("outage".into()), |_| {}, Some(Reason::NoEmergency));
    let tier = |tag: &str| Emergency::UserField { key: "tier".into(), tag: tag.into() };
    check(tier("tier_gold"), |_| {}, None);
    check(tier("tier_tin"), |_| {}, Some(Reason::NoEmergency));
    assert_eq!(of_emergency(Kind::NewCustomer, &tier("tier_tin"), &ticket(|_| {}), &user(|_| {})), Ok(()));
}

#[test]
fn every_reason_has_a_word_that_crosses() {
    let codes: Vec<&str> = Reason::ALL.iter().map(|reason| reason.code()).collect();
    assert_eq!(codes, wire::NoticeWhy::ALL);
}
