//! The ticket and the customer of the engagement that the agent has selected.

use wire::{Choice, ContractState, PopOutcome, PopResult, TicketSummary};

use super::dial::Dialling;
use super::{Send, contract, fault, named, tell, tickets};
use crate::i18n::Locale;
use crate::model::pop::{Phase, PopEvent, PopModel};
use crate::ui::{Node, Tone, Weight, button, el, empty, notice, problem, skeleton};

/// The panel's content.
#[must_use]
pub fn pop(locale: Locale, model: &PopModel, dialling: Dialling<'_>, send: &Send<PopEvent>) -> Vec<Node> {
    let words = locale.words;
    let section = |state| el("section").class("stack").test("pop", state);
    match &model.phase {
        Phase::Idle => vec![section("idle").with(empty(words.idle, words.idle_hint))],
        Phase::Looking => vec![section("looking").attr("aria-busy", "true").with(skeleton(words.looking))],
        Phase::Failed(why) => {
            let again = button(Weight::Plain, words.try_again, tell(send, PopEvent::Again));
            vec![section("failed").with(fault(locale, why, Some(el("div").with(again))))]
        }
        Phase::Found { result, again, fault: why } => {
            let why = why.as_ref().map(|why| fault(locale, why, None));
            let found = section(outcome_name(result)).all(found(locale, result, *again, send)).all(why);
            [found].into_iter().chain(customer(locale, dialling, result)).collect()
        }
    }
}

fn outcome_name(result: &PopResult) -> &'static str {
    match result.outcome {
        PopOutcome::Ticket => "ticket",
        PopOutcome::User => "user",
        PopOutcome::Choose => "choose",
        PopOutcome::Nothing => "nothing",
        PopOutcome::Unknown => "unknown",
    }
}

fn found(locale: Locale, result: &PopResult, again: bool, send: &Send<PopEvent>) -> Vec<Node> {
    let mut parts = vec![];
    if let Some(ticket) = &result.ticket {
        parts.extend(shown(locale, ticket, result.created, again, send));
    } else if result.outcome == PopOutcome::Nothing {
        parts.push(el("h2").class("title").with(locale.words.nothing_found));
    }
    parts.extend(remark(locale, result));
    if !result.choices.is_empty() {
        parts.push(choices(locale, &result.choices, send));
    }
    parts
}

fn shown(
    locale: Locale,
    ticket: &TicketSummary,
    created: bool,
    again: bool,
    send: &Send<PopEvent>,
) -> Vec<Node> {
    let words = locale.words;
    let title =
        el("h2").class("grow title").test("pop-ticket", ticket.id.to_string()).with(tickets::title(ticket));
    let head = el("div").class("row top").with(title).with(tickets::status(locale, ticket.status));
    let label = if again { words.looking } else { words.show_in_zendesk };
    let show = button(Weight::Primary, label, tell(send, PopEvent::Again)).test("pop-show", "");
    let mut parts = vec![head];
    if created {
        parts.push(el("p").class("small subtle").with(words.created));
    }
    parts.push(el("div").with(show));
    parts
}

/// What is to be known of what popped is a remark; that nothing popped is a problem.
fn remark(locale: Locale, result: &PopResult) -> Option<Node> {
    let told = result.problem.as_ref()?;
    let text = locale.problem(told.code, &told.message, told.hint.as_deref());
    Some(if result.outcome == PopOutcome::Nothing {
        problem(text, told.code.as_str(), None)
    } else {
        notice(Tone::Warn, text, None).attr("role", "status").test("problem", told.code.as_str())
    })
}

fn choices(locale: Locale, choices: &[Choice], send: &Send<PopEvent>) -> Node {
    let words = locale.words;
    let choice = |choice: &Choice| match (&choice.ticket, &choice.customer) {
        (Some(ticket), _) => {
            let title = tickets::title(ticket);
            let pick = button(Weight::Plain, words.this_one, tell(send, PopEvent::Pick(ticket.id)))
                .attr("aria-label", named(words.this_one, &title))
                .test("pop-choice", ticket.id.to_string());
            Some(el("li").class("row").with(el("div").class("grow clip").with(title)).with(pick))
        }
        (None, Some(customer)) => {
            let pick = button(Weight::Plain, words.this_one, tell(send, PopEvent::PickUser(customer.id)))
                .attr("aria-label", named(words.this_one, &customer.name))
                .test("pop-choice", customer.id.to_string());
            Some(
                el("li")
                    .class("row")
                    .with(el("div").class("grow clip").with(customer.name.clone()))
                    .with(pick),
            )
        }
        (None, None) => None,
    };
    el("div")
        .class("stack tight")
        .with(el("h2").with(words.which_ticket))
        .with(el("ul").class("list").all(choices.iter().filter_map(choice)))
}

fn customer(locale: Locale, dialling: Dialling<'_>, result: &PopResult) -> Option<Node> {
    let customer = result.customer.as_ref()?;
    let contract = result.contract.as_ref();
    let known =
        contract.filter(|contract| matches!(contract.state, ContractState::Known | ContractState::Stale));
    let inner = match known {
        Some(known) => contract::contract(locale, known, Some(customer), dialling, &result.badges),
        None => vec![
            el("h2").class("title").with(locale.words.no_contract),
            contract::person(locale, Some(customer), dialling, None),
            contract::badges(locale, &result.badges, None),
        ],
    };
    let value = if known.is_some() { "known" } else { "none" };
    Some(el("section").class("stack part").test("card", value).all(inner))
}

#[cfg(test)]
mod tests;
