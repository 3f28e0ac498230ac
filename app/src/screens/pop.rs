//! The ticket and the customer of the engagement that the agent has selected.

use wire::{Choice, ContractState, Customer, PopOutcome, PopResult, TicketId, TicketSummary};

use super::dial::Dialling;
use super::{Send, contract, fault, tell, tickets};
use crate::i18n::Locale;
use crate::i18n::panel::words as panel;
use crate::model::pop::{Phase, PopEvent, PopModel};
use crate::ui::{Node, Tone, Weight, button, el, empty, notice, problem, skeleton};

/// The id of the choice, which takes the focus when it must be made.
pub const CHOICE: &str = "choice";

/// The ticket, or what is in its place, and the customer. `said` belongs to the ticket.
#[must_use]
pub fn pop(
    locale: Locale,
    model: &PopModel,
    dialling: Dialling<'_>,
    said: Option<Node>,
    send: &Send<PopEvent>,
) -> Vec<Node> {
    let words = locale.words();
    let section = |state| el("section").class("stack").test("pop", state);
    match &model.phase {
        Phase::Idle => vec![section("idle").with(empty(words.idle, words.idle_hint))],
        Phase::Looking => vec![section("looking").attr("aria-busy", "true").with(skeleton(words.looking))],
        Phase::Failed(why) => {
            let again = button(Weight::Plain, locale.shared.try_again, tell(send, PopEvent::Again));
            vec![section("failed").with(fault(locale, why, Some(el("div").with(again))))]
        }
        Phase::Found { result, again, fault: why } => {
            let why = why.as_ref().map(|why| fault(locale, why, None));
            let found = found(locale, result, *again, model.nudged > 0, send);
            let found = section(outcome_name(result)).all(found).all(why).all(said);
            [found].into_iter().chain(customer(locale, dialling, result)).collect()
        }
    }
}

/// What screen readers hear when something pops.
#[must_use]
pub fn spoken(locale: Locale, model: &PopModel) -> String {
    match &model.phase {
        Phase::Looking => locale.words().looking.into(),
        Phase::Found { result, again: false, .. } => match (&result.ticket, result.outcome) {
            (Some(ticket), _) => (panel(locale.tag).shown)(&tickets::title(ticket)),
            (None, PopOutcome::Choose) => locale.words().which_ticket.into(),
            _ => String::new(),
        },
        Phase::Found { .. } | Phase::Idle | Phase::Failed(_) => String::new(), // the rest is said by alerts
    }
}

/// The customer's other open tickets.
#[must_use]
pub fn others(locale: Locale, model: &PopModel, open: &Send<TicketId>) -> Option<Node> {
    let Phase::Found { result, .. } = &model.phase else { return None };
    let tickets = &result.open_tickets;
    (result.ticket.is_some() && !tickets.is_empty()).then(|| tickets::others(locale, tickets, open))
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

fn found(locale: Locale, result: &PopResult, again: bool, nudged: bool, send: &Send<PopEvent>) -> Vec<Node> {
    let mut parts = vec![];
    if let Some(ticket) = &result.ticket {
        parts.extend(shown(locale, ticket, result.created, again, send));
    } else if result.outcome == PopOutcome::Nothing {
        parts.push(el("h2").class("title").with(locale.words().nothing_found));
    }
    parts.extend(remark(locale, result));
    if !result.choices.is_empty() {
        parts.push(choices(locale, result, nudged && result.must_choose, send));
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
    let words = locale.words();
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

/// A list of buttons; the arrow keys go along it.
fn choices(locale: Locale, result: &PopResult, nudged: bool, send: &Send<PopEvent>) -> Node {
    let words = locale.words();
    let customers = customers(result);
    let several = customers.len() > 1;
    // To name the only customer would be to ask for a new ticket, which is offered as such.
    let is_said_below = |choice: &&Choice| !several && choice.ticket.is_none() && result.may_create;
    let choice = |choice: &Choice| {
        let customer = choice.customer.as_ref().map(|customer| customer.name.clone());
        match (&choice.ticket, &choice.customer) {
            (Some(ticket), _) => {
                let pick = tell(send, PopEvent::Pick(ticket.id));
                let mark = Some(tickets::status(locale, ticket.status));
                let whose = customer.filter(|_| several);
                Some(one(tickets::title(ticket), whose, mark, pick).test("pop-choice", ticket.id.to_string()))
            }
            (None, Some(customer)) => {
                let pick = tell(send, PopEvent::PickUser(customer.id));
                let node = one(customer.name.clone(), customer.email.clone(), None, pick);
                Some(node.test("pop-choice", customer.id.to_string()))
            }
            (None, None) => None,
        }
    };
    let new = |customer: &Customer| {
        let pick = tell(send, PopEvent::PickNew(customer.id));
        one((panel(locale.tag).new_ticket)(&customer.name), None, None, pick)
            .test("pop-choice-new", customer.id.to_string())
    };
    let known = result.choices.iter().filter(|one| !is_said_below(one)).filter_map(choice);
    let new = customers.into_iter().filter(|_| result.may_create).map(new);
    let all: Vec<Node> = known.chain(new).map(|button| el("li").with(button)).collect();
    let hint = (all.len() > 1).then(|| el("p").class("small subtle").with(panel(locale.tag).choose_hint));
    let list = el("ul").class("choices").attr("data-arrows", "").all(all);
    let told = nudged.then(|| notice(Tone::Bad, panel(locale.tag).choose_first, None));
    el("div")
        .class(if nudged { "stack tight nudged" } else { "stack tight" })
        .attr("role", "group")
        .attr("aria-labelledby", CHOICE)
        .with(el("h2").class("title").attr("id", CHOICE).attr("tabindex", "-1").with(words.which_ticket))
        .with(el("div").attr("role", "alert").test("pop-nudge", if nudged { "on" } else { "" }).all(told))
        .with(list)
        .all(hint)
}

/// One choice: the whole of it is to be pressed.
fn one(title: String, more: Option<String>, mark: Option<Node>, pick: impl Fn() + 'static) -> Node {
    let text = el("span").class("grow stacked").with(el("span").class("clip").with(title));
    let text = text.all(more.map(|more| el("span").class("small subtle clip").with(more)));
    el("button").attr("type", "button").class("choice row").with(text).all(mark).press(std::rc::Rc::new(pick))
}

/// Whose tickets they are, each once.
fn customers(result: &PopResult) -> Vec<&Customer> {
    let mut all: Vec<&Customer> = vec![];
    for customer in result.choices.iter().filter_map(|choice| choice.customer.as_ref()) {
        if all.iter().all(|known| known.id != customer.id) {
            all.push(customer);
        }
    }
    all
}

fn customer(locale: Locale, dialling: Dialling<'_>, result: &PopResult) -> Option<Node> {
    let words = locale.words();
    let customer = result.customer.as_ref()?;
    let person = || contract::person(locale, Some(customer), dialling, None);
    let badges = || contract::badges(locale, &result.badges, None);
    let title = |text: String| el("h2").class("title").with(text);
    let (value, inner) = match &result.contract {
        // The admins do not want it here.
        None => {
            ("hidden", vec![title(customer.name.clone()), contract::person(locale, None, dialling, None)])
        }
        Some(known) => match known.state {
            ContractState::Known | ContractState::Stale => {
                ("known", contract::contract(locale, known, Some(customer), dialling, &result.badges))
            }
            ContractState::None => ("none", vec![title(words.no_contract.into()), person(), badges()]),
            ContractState::Ambiguous => {
                let company = |one: &wire::Contract| {
                    let name = one.company.clone().unwrap_or_else(|| words.unknown_company.into());
                    let about = [&one.subscription_status, &one.account_type].into_iter().flatten();
                    let about: Vec<String> = about.map(|kind| contract::in_words(locale, kind)).collect();
                    let name = el("span").class("grow clip").with(name);
                    el("li")
                        .class("row")
                        .with(name)
                        .with(el("span").class("small subtle").with(about.join(" · ")))
                };
                let list = el("ul").class("list").all(known.choices.iter().map(company));
                let count = (words.companies_match)(known.choices.len());
                ("ambiguous", vec![title(count), list, person(), badges()])
            }
        },
    };
    let old = result.contract.as_ref().and_then(|known| contract::import_notice(locale, known));
    Some(el("section").class("stack part").test("card", value).all(inner).all(old))
}

#[cfg(test)]
mod tests;
