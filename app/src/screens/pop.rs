//! The ticket and the customer of the engagement that the agent has selected.

use leptos::prelude::*;
use wire::{Choice, ContractState, ErrorCode, PopOutcome, PopResult, TicketSummary};

use super::{contract, tickets};
use crate::i18n::Locale;
use crate::model::pop::{Phase, PopEvent, PopModel};
use crate::ui::{Names, Tone, Weight, button, empty, notice, problem, skeleton};

/// The panel's content.
pub fn pop(locale: Locale, model: &PopModel, send: Callback<PopEvent>) -> AnyView {
    let words = locale.words;
    match &model.phase {
        Phase::Idle => view! { <section data-testid="idle">{empty(words.idle.into(), words.idle_hint, None)}</section> }
            .into_any(),
        Phase::Looking => view! { <section aria-busy="true">{skeleton(words.looking)}</section> }.into_any(),
        Phase::Failed(fault) => {
            let again = button(Weight::Plain, words.try_again, Names::default(), move || send.run(PopEvent::Again));
            problem(locale.fault(fault), fault.code().map_or("offline", ErrorCode::as_str), Some(again))
        }
        Phase::Found { result, again, fault } => {
            let fault = fault.as_ref().map(|fault| {
                problem(locale.fault(fault), fault.code().map_or("offline", ErrorCode::as_str), None)
            });
            view! { {found(locale, result, *again, send)}{fault} }.into_any()
        }
    }
}

fn found(locale: Locale, result: &PopResult, again: bool, send: Callback<PopEvent>) -> AnyView {
    let words = locale.words;
    let outcome = match result.outcome {
        PopOutcome::Ticket => "ticket",
        PopOutcome::User => "user",
        PopOutcome::Choose => "choose",
        PopOutcome::Nothing => "nothing",
        PopOutcome::Unknown => "unknown",
    };
    let ticket = result.ticket.as_ref().map(|ticket| shown(locale, ticket, result.created, again, send));
    let nothing = (result.outcome == PopOutcome::Nothing).then(|| view! { <h1>{words.nothing_found}</h1> });
    let choices = (!result.choices.is_empty()).then(|| choices(locale, &result.choices, send));
    view! {
        <section class="stack" data-testid="pop" data-value=outcome>
            {ticket}{nothing}{remark(locale, result)}{choices}
        </section>
        {customer(locale, result)}
    }
    .into_any()
}

fn shown(locale: Locale, ticket: &TicketSummary, created: bool, again: bool, send: Callback<PopEvent>) -> AnyView {
    let words = locale.words;
    let label = if again { words.looking } else { words.show_in_zendesk };
    let show = button(Weight::Primary, label, Names::default(), move || send.run(PopEvent::Again));
    let created = created.then(|| view! { <p class="small subtle">{words.created}</p> });
    view! {
        <div class="row top">
            <h1 class="grow" data-testid="pop-ticket" data-value=ticket.id.to_string()>{tickets::title(ticket)}</h1>
            {tickets::status(locale, ticket.status)}
        </div>
        {created}
        <div class="acts">{show}</div>
    }
    .into_any()
}

/// A ticket that popped although something is to be known of it is a remark; nothing popped is a problem.
fn remark(locale: Locale, result: &PopResult) -> Option<AnyView> {
    let told = result.problem.as_ref()?;
    let text = locale.problem(told.code, &told.message, told.hint.as_deref());
    if result.outcome == PopOutcome::Ticket {
        let testid = told.code.as_str();
        let inner = notice(Tone::Warn, text, None);
        return Some(view! { <div role="status" data-testid="problem" data-value=testid>{inner}</div> }.into_any());
    }
    Some(problem(text, told.code.as_str(), None))
}

fn choices(locale: Locale, choices: &[Choice], send: Callback<PopEvent>) -> AnyView {
    let words = locale.words;
    let choice = |choice: &Choice| match (&choice.ticket, &choice.customer) {
        (Some(ticket), _) => {
            let (id, title) = (ticket.id, tickets::title(ticket));
            let names = Names {
                label: Some((words.this_one_named)(&title)),
                testid: Some("pop-choice"),
                value: Some(id.to_string()),
                ..Names::default()
            };
            let pick = button(Weight::Plain, words.this_one, names, move || send.run(PopEvent::Pick(id)));
            Some(view! { <li class="row"><div class="grow clip">{title}</div>{pick}</li> }.into_any())
        }
        (None, Some(customer)) => Some(view! { <li class="clip">{customer.name.clone()}</li> }.into_any()),
        (None, None) => None,
    };
    view! {
        <h2>{words.which_ticket}</h2>
        <ul class="list">{choices.iter().filter_map(choice).collect_view()}</ul>
    }
    .into_any()
}

fn customer(locale: Locale, result: &PopResult) -> Option<AnyView> {
    let customer = result.customer.as_ref()?;
    let known = result
        .contract
        .as_ref()
        .filter(|contract| matches!(contract.state, ContractState::Known | ContractState::Stale));
    let inner = match known {
        Some(known) => contract::contract(locale, known, Some(customer), &result.badges),
        None => view! {
            <h1>{locale.words.no_contract}</h1>
            {contract::person(locale, Some(customer), None)}
        }
        .into_any(),
    };
    let state = contract::customer_pill(locale, customer);
    Some(view! { <section class="stack part" data-testid="card">{state}{inner}</section> }.into_any())
}

#[cfg(test)]
mod tests;
