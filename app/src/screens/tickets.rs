//! Tickets by their number, subject and status.

use leptos::prelude::*;
use wire::{TicketId, TicketStatus, TicketSummary};

use crate::i18n::Locale;
use crate::ui::{Names, Tone, Weight, labelled, pill};

/// The customer's other open tickets.
pub fn others(locale: Locale, tickets: &[TicketSummary], open: Callback<TicketId>) -> AnyView {
    let ticket = |ticket: &TicketSummary| {
        let id = ticket.id;
        let names = Names { value: Some(id.to_string()), testid: Some("open-ticket"), ..Names::default() };
        let link = labelled(Weight::Link, title(ticket), names, Box::new(move || open.run(id)));
        view! { <li class="row"><div class="grow clip">{link}</div>{mark(locale, ticket)}</li> }
    };
    view! {
        <div class="stack tight part">
            <h2>{locale.words.other_tickets}</h2>
            <ul class="list">{tickets.iter().map(ticket).collect_view()}</ul>
        </div>
    }
    .into_any()
}

/// `#42 Export fails every night`.
#[must_use]
pub fn title(ticket: &TicketSummary) -> String {
    ["#", &ticket.id.to_string(), " ", &ticket.subject].concat()
}

/// What matters more: that it is urgent, or where it stands.
pub fn mark(locale: Locale, ticket: &TicketSummary) -> AnyView {
    let priority = ticket.priority.as_deref().and_then(locale.words.priority);
    let (tone, text) = match (priority, ticket.status) {
        (Some(text), _) => (Tone::Bad, text),
        (None, status) => (status_tone(status), (locale.words.status)(status)),
    };
    pill(tone, text.into(), "ticket-mark", String::new())
}

/// Where it stands.
pub fn status(locale: Locale, status: TicketStatus) -> AnyView {
    pill(status_tone(status), (locale.words.status)(status).into(), "ticket-status", String::new())
}

fn status_tone(status: TicketStatus) -> Tone {
    match status {
        TicketStatus::New | TicketStatus::Open => Tone::Warn,
        TicketStatus::Pending => Tone::Info,
        TicketStatus::Deleted => Tone::Bad,
        TicketStatus::Hold | TicketStatus::Solved | TicketStatus::Closed | TicketStatus::Unknown => Tone::Plain,
    }
}
