//! The card beside a ticket, in each of its states.

use leptos::prelude::*;
use wire::{Card, Contract, ContractState, CustomerState, TicketId};

use super::{contract, tickets};
use crate::i18n::Locale;
use crate::model::card::{CardEvent, CardModel, Phase, Shown};
use crate::ui::{Names, Tone, Weight, button, empty, notice, problem, skeleton};

/// The card's section.
pub fn card(locale: Locale, model: &CardModel, send: Callback<CardEvent>, open: Callback<TicketId>) -> AnyView {
    let words = locale.words;
    let busy = matches!(model.phase, Phase::Loading | Phase::Waiting);
    let state = match &model.phase {
        Phase::Waiting | Phase::Loading => "loading",
        Phase::NoCustomer => "no_requester",
        Phase::Failed { .. } => "failed",
        Phase::Shown(shown) if shown.card.customer.is_none() => "unknown_customer",
        Phase::Shown(shown) => state_name(shown.contract().state),
    };
    let inner = match &model.phase {
        Phase::Waiting | Phase::Loading => skeleton(words.loading),
        Phase::NoCustomer => view! { <p class="subtle">{words.no_requester}</p> }.into_any(),
        Phase::Failed { fault, retry_in } => {
            let again = button(Weight::Plain, words.try_again, Names::default(), move || send.run(CardEvent::Refresh));
            let act = view! { <div class="acts">{again}{countdown(locale, *retry_in)}</div> }.into_any();
            problem(locale.fault(fault), fault.code().map_or("offline", wire::ErrorCode::as_str), Some(act))
        }
        Phase::Shown(shown) => shown_card(locale, shown, send, open),
    };
    view! {
        <section class="stack" data-testid="card" data-value=state aria-busy=busy.to_string()>{inner}</section>
    }
    .into_any()
}

fn shown_card(locale: Locale, shown: &Shown, send: Callback<CardEvent>, open: Callback<TicketId>) -> AnyView {
    let card = &shown.card;
    let body = match (&card.customer, shown.contract()) {
        (None, _) => empty(locale.words.unknown_customer.into(), locale.words.unknown_customer_why, None),
        (Some(_), found) => by_state(locale, card, found, send),
    };
    let others = (!card.open_tickets.is_empty()).then(|| tickets::others(locale, &card.open_tickets, open));
    view! {
        {body}
        {standing(locale, card)}
        {stale(locale, shown)}
        {fault(locale, shown)}
        {footer(locale, shown, send)}
        {others}
    }
    .into_any()
}

fn by_state(locale: Locale, card: &Card, found: &Contract, send: Callback<CardEvent>) -> AnyView {
    let words = locale.words;
    match found.state {
        ContractState::Known | ContractState::Stale => {
            contract::contract(locale, found, card.customer.as_ref(), &card.badges)
        }
        ContractState::None => {
            let look = button(Weight::Plain, words.look_again, Names::default(), move || send.run(CardEvent::Refresh));
            let person = contract::person(locale, card.customer.as_ref(), None);
            let badges = contract::badges(locale, &card.badges, None);
            view! {
                <div class="stack">
                    <h1>{words.no_contract}</h1>
                    {person}
                    {badges}
                    <p class="subtle">{words.no_contract_why}</p>
                    <div>{look}</div>
                </div>
            }
            .into_any()
        }
        ContractState::Ambiguous => choices(locale, found, send),
    }
}

/// Several companies: none is shown until the agent chooses.
fn choices(locale: Locale, found: &Contract, send: Callback<CardEvent>) -> AnyView {
    let words = locale.words;
    let choice = |(index, choice): (usize, &Contract)| {
        let company = choice.company.clone().unwrap_or_else(|| words.unknown_company.into());
        let mrr = choice.mrr.map(|mrr| locale.money(mrr, choice.currency.as_deref()));
        let about: Vec<String> =
            [choice.subscription_status.clone(), choice.account_type.clone(), mrr].into_iter().flatten().collect();
        let names = Names { label: Some((words.show_named)(&company)), ..Names::default() };
        let show = button(Weight::Plain, words.show, names, move || send.run(CardEvent::Choose(Some(index))));
        let text = view! { <b class="clip">{company}</b><span class="small subtle clip">{about.join(" · ")}</span> };
        view! { <li class="row"><div class="grow stacked">{text}</div>{show}</li> }
    };
    view! {
        <div class="stack">
            <h1>{(words.companies_match)(found.choices.len())}</h1>
            <p class="subtle">{words.choose_company}</p>
            <ul class="list">{found.choices.iter().enumerate().map(choice).collect_view()}</ul>
        </div>
    }
    .into_any()
}

/// A customer whom Zendesk no longer serves.
fn standing(locale: Locale, card: &Card) -> Option<AnyView> {
    let why = match card.customer.as_ref()?.state {
        CustomerState::Active => return None,
        CustomerState::Suspended => locale.words.suspended_why,
        CustomerState::Deleted => locale.words.deleted_why,
    };
    Some(notice(Tone::Warn, why.into(), None))
}

fn stale(locale: Locale, shown: &Shown) -> Option<AnyView> {
    let is_stale = shown.contract().state == ContractState::Stale || shown.card.stale_because.is_some();
    if !is_stale || shown.fault.is_some() {
        return None;
    }
    let when = shown.contract().as_of.as_deref().map(|as_of| locale.moment(as_of)).unwrap_or_default();
    Some(notice(Tone::Warn, (locale.words.stale)(&when), countdown(locale, shown.retry_in)))
}

fn fault(locale: Locale, shown: &Shown) -> Option<AnyView> {
    let fault = shown.fault.as_ref()?;
    let code = fault.code().map_or("offline", wire::ErrorCode::as_str);
    Some(problem(locale.fault(fault), code, countdown(locale, shown.retry_in)))
}

/// Not read aloud: it changes every second.
fn countdown(locale: Locale, retry_in: Option<u32>) -> Option<AnyView> {
    let seconds = retry_in?;
    let text = (locale.words.trying_again_in)(seconds);
    Some(view! { <span class="small num" aria-hidden="true">{text}</span> }.into_any())
}

/// Where the contract came from, how old it is, and the way to a fresh one.
fn footer(locale: Locale, shown: &Shown, send: Callback<CardEvent>) -> AnyView {
    let words = locale.words;
    let contract = shown.contract();
    let when = contract.as_of.as_deref().map(|as_of| locale.moment(as_of));
    let text = match (contract.source.as_deref(), when) {
        (_, None) => String::new(),
        (None, Some(when)) => (words.as_of)(&when),
        (Some("zendesk"), Some(when)) => (words.from)("Zendesk", &when),
        (Some(source), Some(when)) => (words.from)(source, &when),
    };
    let back = shown.chosen.map(|_| {
        button(Weight::Link, words.other_company, Names::default(), move || send.run(CardEvent::Choose(None)))
    });
    let refresh = if shown.refreshing { words.refreshing } else { words.refresh };
    let refresh = button(Weight::Link, refresh, Names::default(), move || send.run(CardEvent::Refresh));
    let as_of = contract.as_of.clone();
    view! {
        <div class="row small subtle">
            <span class="grow" data-testid="card-as-of" data-value=as_of>{text}</span>
            {back}
            {refresh}
        </div>
    }
    .into_any()
}

fn state_name(state: ContractState) -> &'static str {
    match state {
        ContractState::Known => "known",
        ContractState::None => "none",
        ContractState::Ambiguous => "ambiguous",
        ContractState::Stale => "stale",
    }
}

#[cfg(test)]
mod tests;
