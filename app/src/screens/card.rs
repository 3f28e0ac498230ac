//! The card beside a ticket, in each of its states.

use wire::{Card, Contract, ContractState, CustomerState, TicketId};

use super::dial::Dialling;
use super::{Send, contract, fault, named, tell, tickets};
use crate::i18n::Locale;
use crate::model::card::{CardEvent, CardModel, Phase, Shown};
use crate::ui::{Node, Tone, Weight, button, el, empty, notice, skeleton};

/// The card's section.
#[must_use]
pub fn card(locale: Locale, model: &CardModel, dialling: Dialling<'_>, send: &Send<CardEvent>) -> Node {
    let words = locale.words();
    let section = el("section").class("stack");
    let named = |state| section.test("card", state);
    match &model.phase {
        Phase::Waiting | Phase::Loading => {
            named("loading").attr("aria-busy", "true").with(skeleton(words.loading))
        }
        Phase::NoCustomer => named("no_requester").with(el("p").class("subtle").with(words.no_requester)),
        Phase::Failed { fault: why, retry_in } => {
            let again = button(Weight::Plain, locale.shared.try_again, tell(send, CardEvent::Refresh));
            let act = el("div").class("acts").with(again).all(countdown(locale, *retry_in));
            named("failed").with(fault(locale, why, Some(act)))
        }
        Phase::Shown(shown) => named(state_name(shown)).all(shown_card(locale, shown, dialling, send)),
    }
}

/// The customer's other open tickets, below everything else.
#[must_use]
pub fn others(locale: Locale, model: &CardModel, open: &Send<TicketId>) -> Option<Node> {
    let Phase::Shown(shown) = &model.phase else { return None };
    let tickets = &shown.card.open_tickets;
    (!tickets.is_empty()).then(|| tickets::others(locale, tickets, open))
}

fn shown_card(locale: Locale, shown: &Shown, dialling: Dialling<'_>, send: &Send<CardEvent>) -> Vec<Node> {
    let card = &shown.card;
    let mut parts = match &card.customer {
        None => vec![empty(locale.words().unknown_customer, locale.words().unknown_customer_why)],
        Some(_) => by_state(locale, card, shown.contract(), dialling, send),
    };
    parts.extend(standing(locale, card));
    parts.extend(stale(locale, shown));
    // A session that is over is said above the card, once.
    let why = shown.fault.as_ref().filter(|why| !why.ends_session());
    parts.extend(why.map(|why| fault(locale, why, countdown(locale, shown.retry_in))));
    parts.push(footer(locale, shown, send));
    parts
}

fn by_state(
    locale: Locale,
    card: &Card,
    found: &Contract,
    dialling: Dialling<'_>,
    send: &Send<CardEvent>,
) -> Vec<Node> {
    let words = locale.words();
    match found.state {
        ContractState::Known | ContractState::Stale => {
            contract::contract(locale, found, card.customer.as_ref(), dialling, &card.badges)
        }
        ContractState::None => {
            let look = button(Weight::Plain, words.look_again, tell(send, CardEvent::Refresh));
            let head = el("div")
                .class("stack tight")
                .with(el("h2").class("title").with(words.no_contract))
                .with(contract::person(locale, card.customer.as_ref(), dialling, None))
                .with(contract::badges(locale, &card.badges, None));
            let why = el("p").class("subtle").with(words.no_contract_why);
            vec![head, why, el("div").with(look)]
        }
        ContractState::Ambiguous => {
            vec![
                choices(locale, found, send),
                contract::person(locale, card.customer.as_ref(), dialling, None),
            ]
        }
    }
}

/// Several companies: none is shown until the agent chooses.
fn choices(locale: Locale, found: &Contract, send: &Send<CardEvent>) -> Node {
    let words = locale.words();
    let choice = |(index, choice): (usize, &Contract)| {
        let company = choice.company.clone().unwrap_or_else(|| words.unknown_company.into());
        let mrr = contract::money(locale, choice);
        let kinds = [&choice.subscription_status, &choice.account_type];
        let kinds = kinds.into_iter().flatten().map(|kind| contract::in_words(locale, kind));
        let about: Vec<String> = kinds.chain(mrr).collect();
        let show = button(Weight::Plain, words.show, tell(send, CardEvent::Choose(Some(index))))
            .attr("aria-label", named(words.show, &company))
            .test("card-choice", company.clone());
        let text = el("div")
            .class("grow stacked")
            .with(el("b").class("clip").with(company))
            .with(el("span").class("small subtle clip").with(about.join(" · ")));
        el("li").class("row").with(text).with(show)
    };
    empty((words.companies_match)(found.choices.len()), words.choose_company)
        .with(el("ul").class("list").all(found.choices.iter().enumerate().map(choice)))
}

/// A customer whom Zendesk no longer serves.
fn standing(locale: Locale, card: &Card) -> Option<Node> {
    let why = match card.customer.as_ref()?.state {
        CustomerState::Active => return None,
        CustomerState::Suspended => locale.words().suspended_why,
        CustomerState::Deleted => locale.words().deleted_why,
    };
    Some(notice(Tone::Warn, why, None))
}

fn stale(locale: Locale, shown: &Shown) -> Option<Node> {
    if shown.fault.is_some() {
        return None;
    }
    if shown.card.stale_because.is_none() {
        return contract::import_notice(locale, shown.contract());
    }
    let when = shown.contract().as_of.as_deref().map(|as_of| locale.moment(as_of)).unwrap_or_default();
    Some(notice(Tone::Warn, (locale.words().stale)(&when), countdown(locale, shown.retry_in)))
}

/// Not read aloud: it changes every second.
fn countdown(locale: Locale, retry_in: Option<u32>) -> Option<Node> {
    let text = (locale.words().trying_again_in)(retry_in?);
    Some(el("span").class("small num").attr("aria-hidden", "true").with(text))
}

/// Where the contract came from, how old it is, and the way to a fresh one.
fn footer(locale: Locale, shown: &Shown, send: &Send<CardEvent>) -> Node {
    let words = locale.words();
    let contract = shown.contract();
    let when = contract.as_of.as_deref().map(|as_of| locale.moment(as_of));
    let text = match (contract.source.as_deref(), when) {
        (_, None) => String::new(),
        (None, Some(when)) => (words.as_of)(&when),
        (Some("zendesk"), Some(when)) => (words.from)("Zendesk", &when),
        (Some(source), Some(when)) => (words.from)(source, &when),
    };
    let as_of =
        el("span").class("grow").test("card-as-of", contract.as_of.clone().unwrap_or_default()).with(text);
    let back =
        shown.chosen.map(|_| button(Weight::Link, words.other_company, tell(send, CardEvent::Choose(None))));
    let refresh = if shown.refreshing { words.refreshing } else { words.refresh };
    let refresh = button(Weight::Link, refresh, tell(send, CardEvent::Refresh)).test("card-refresh", "");
    el("div").class("row small subtle").with(as_of).all(back).with(refresh)
}

fn state_name(shown: &Shown) -> &'static str {
    match shown.contract().state {
        _ if shown.card.customer.is_none() => "unknown_customer",
        ContractState::Known => "known",
        ContractState::None => "none",
        ContractState::Ambiguous => "ambiguous",
        ContractState::Stale => "stale",
    }
}

#[cfg(test)]
mod tests;
