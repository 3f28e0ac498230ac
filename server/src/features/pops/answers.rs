//! What an agent is told of a pop, in words. **Invariant:** no I/O.

use wire::{
    Card, Choice, Customer, CustomerState, ErrorCode, PopOutcome, PopResult, Problem, TicketId, TicketSummary,
};

use crate::features::{
    engagements::NoTicket,
    tasks::{Caller, NumberProblem, TaskAttributes},
};

pub(super) fn result(outcome: PopOutcome, card: Card, problem: Option<Problem>) -> PopResult {
    PopResult {
        outcome,
        ticket: card.ticket,
        customer: card.customer,
        contract: Some(card.contract),
        badges: card.badges,
        open_tickets: card.open_tickets,
        ..nothing_at_all(problem)
    }
}

pub(super) fn choose(
    choices: Vec<(Option<TicketSummary>, Customer)>,
    card: Option<Card>,
    remark: Option<Problem>,
) -> PopResult {
    let choices = choices.into_iter().map(|(ticket, customer)| Choice { ticket, customer: Some(customer) });
    let empty =
        PopResult { outcome: PopOutcome::Choose, choices: choices.collect(), ..nothing_at_all(remark) };
    let Some(card) = card else { return empty };
    PopResult { customer: card.customer, contract: Some(card.contract), badges: card.badges, ..empty }
}

pub(super) fn nothing(problem: Problem) -> PopResult {
    nothing_at_all(Some(problem))
}

fn nothing_at_all(problem: Option<Problem>) -> PopResult {
    PopResult {
        outcome: PopOutcome::Nothing,
        ticket: None,
        customer: None,
        contract: None,
        badges: Vec::new(),
        open_tickets: Vec::new(),
        choices: Vec::new(),
        created: false,
        must_choose: false,
        may_create: false,
        problem,
        show: None,
    }
}

fn problem(code: ErrorCode, message: String, hint: &str) -> Problem {
    Problem { code, message, hint: Some(hint.to_owned()) }
}

pub(super) fn number_problem(number: NumberProblem) -> Problem {
    let code = match number {
        NumberProblem::Missing => ErrorCode::TicketNumberMissing,
        NumberProblem::Invalid => ErrorCode::TicketNumberInvalid,
    };
    problem(code, number.to_string(), "Ask the caller, then search for the ticket in Zendesk.")
}

/// Nobody is known, and nobody is to be made: is it the number that is missing, or the caller?
pub(super) fn named_or_unknown(attributes: &TaskAttributes) -> Problem {
    match attributes.caller() {
        Caller::Unknown => number_problem(NumberProblem::Missing),
        _ => problem(
            ErrorCode::CallerUnknown,
            "nobody in Zendesk has the caller's number or address".to_owned(),
            "Ask who it is, then search in Zendesk. Admin: the console can have such callers created.",
        ),
    }
}

pub(super) fn switched_off() -> Problem {
    let message = "calls and chats are switched off in the Deskside console".to_owned();
    problem(ErrorCode::FlexDisabled, message, "Admin: switch them on under Flex.")
}

pub(super) fn not_found(id: TicketId) -> Problem {
    let message = format!("ticket {id} does not exist, was deleted, or you may not see it");
    problem(ErrorCode::TicketNotFound, message, "Ask the caller for the number again.")
}

pub(super) fn follow_up(id: TicketId) -> Problem {
    let message = format!("ticket {id} is closed");
    problem(ErrorCode::TicketClosed, message, "Create a follow-up in Zendesk to reply.")
}

/// The caller has an open ticket that this agent may not see; nothing of it is told.
pub(super) fn hidden(made: bool) -> Problem {
    let (message, hint) = if made {
        (
            "a new ticket was made; the customer has another open ticket, which you may not see",
            "Ask your team who answers the other one.",
        )
    } else {
        (
            "the customer has an open ticket, which you may not see",
            "Ask your team who answers it, or make a new ticket here.",
        )
    };
    problem(ErrorCode::OpenTicketHidden, message.to_owned(), hint)
}

/// The account's triggers took the new ticket out of the agent's reach.
pub(super) fn made_out_of_reach(id: TicketId) -> Problem {
    let message = format!("ticket {id} was made for this call, and you may not see it");
    problem(ErrorCode::TicketOutOfReach, message, "Admin: a trigger gives new tickets to another group.")
}

/// Why nothing is written for this agent.
pub(super) fn claim_problem(code: ErrorCode) -> Problem {
    match code {
        ErrorCode::TwilioNotConfigured => problem(
            code,
            "nothing is written of this call: this server cannot ask Twilio whose it is".to_owned(),
            "Operator: set `twilio.workspace_sid`.",
        ),
        code => problem(
            code,
            "nothing is written of this call: it is another agent's".to_owned(),
            "Take the call, or have it transferred to you.",
        ),
    }
}

/// Why there is no ticket, where somebody can do something about it.
pub(super) fn no_ticket(why: &NoTicket, customer: Option<&Customer>) -> Option<Problem> {
    let (code, message, hint) = match why {
        NoTicket::NotWanted => return None,
        NoTicket::Later => (
            ErrorCode::TwilioUnavailable,
            "Twilio does not say whose call this is; the ticket is made as soon as it does",
            "Go on; look at the call again in a minute.",
        ),
        NoTicket::OutOfReach => (
            ErrorCode::TicketOutOfReach,
            "no ticket was made for this call: your role in Zendesk would hide it from you",
            "Admin: give the agent a group, or access to more tickets.",
        ),
        NoTicket::Refused(_) => match customer.map(|customer| customer.state) {
            Some(CustomerState::Suspended) => (
                ErrorCode::TicketRefused,
                "Zendesk makes no ticket for this customer, who is suspended; what you note is kept",
                "Choose another ticket. Admin: unsuspend the customer in Zendesk.",
            ),
            _ => (
                ErrorCode::TicketRefused,
                "Zendesk refused to make a ticket for this call; what you note is kept",
                "Choose a ticket in Zendesk. Admin: the log has the fields that Zendesk refused.",
            ),
        },
    };
    Some(problem(code, message.to_owned(), hint))
}
