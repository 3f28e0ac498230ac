//! Tickets by their number, subject and status.

use wire::{TicketId, TicketStatus, TicketSummary};

use super::{Send, tell};
use crate::i18n::Locale;
use crate::ui::{Node, Tone, Weight, button, el, pill};

/// The customer's other open tickets.
#[must_use]
pub fn others(locale: Locale, tickets: &[TicketSummary], open: &Send<TicketId>) -> Node {
    let ticket = |ticket: &TicketSummary| {
        let link = button(Weight::Link, title(ticket), tell(open, ticket.id));
        let link = link.test("open-ticket", ticket.id.to_string());
        el("li").class("row").with(el("div").class("grow clip").with(link)).with(mark(locale, ticket))
    };
    el("section")
        .class("stack tight part")
        .with(el("h2").with(locale.words().other_tickets))
        .with(el("ul").class("list").all(tickets.iter().map(ticket)))
}

/// `#42 Export fails every night`.
#[must_use]
pub fn title(ticket: &TicketSummary) -> String {
    ["#", &ticket.id.to_string(), " ", &ticket.subject].concat()
}

/// What matters more: that it is urgent, or where it stands.
fn mark(locale: Locale, ticket: &TicketSummary) -> Node {
    match ticket.priority.as_deref().and_then(locale.words().priority) {
        Some(text) => pill(Tone::Bad, text, "ticket-priority", ticket.priority.clone().unwrap_or_default()),
        None => status(locale, ticket.status),
    }
}

/// Where it stands.
#[must_use]
pub fn status(locale: Locale, status: TicketStatus) -> Node {
    let (tone, value) = match status {
        TicketStatus::New => (Tone::Warn, "new"),
        TicketStatus::Open => (Tone::Warn, "open"),
        TicketStatus::Pending => (Tone::Info, "pending"),
        TicketStatus::Hold => (Tone::Plain, "hold"),
        TicketStatus::Solved => (Tone::Plain, "solved"),
        TicketStatus::Closed => (Tone::Plain, "closed"),
        TicketStatus::Deleted => (Tone::Bad, "deleted"),
        TicketStatus::Unknown => (Tone::Plain, "unknown"),
    };
    pill(tone, (locale.words().status)(status), "ticket-status", value.into())
}
