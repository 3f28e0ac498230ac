//! What is told: what happened, the contract in a line, how the ticket begins, and where to read on. **Invariants:** no I/O; short
//! whatever a customer wrote; no link that opens an attachment; no part of a contract that only some agents may see.

use serde_json::{Value, json};
use wire::Contract;

use super::{
    kind::{self, Kind},
    rules::Reason,
};
use crate::{
    connectors::zendesk::Ticket,
    features::{
        contracts::{ContractFacts, Part, VisibleTo},
        escape,
    },
};

/// Characters of a subject and of a first comment.
const LONGEST_SUBJECT: usize = 150;
const LONGEST_COMMENT: usize = 500;
/// What opens an attachment of Zendesk without a login.
const ATTACHMENT: &str = "/attachments/";

/// What is told of, as it was read.
#[derive(Debug, Clone)]
pub struct Subject<'a> {
    pub kind: Kind,
    pub account: &'a str,
    /// Of the ticket, read or not.
    pub number: Option<u64>,
    pub facts: &'a ContractFacts,
    pub ticket: Option<&'a Ticket>,
    /// As text.
    pub first_comment: Option<&'a str>,
    /// Who is in charge, for people.
    pub owner: Option<&'a str>,
    pub tickets_url: &'a str,
    pub visible_to: &'a VisibleTo,
}

/// What is told, part by part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// One line.
    pub headline: String,
    /// Further lines.
    pub lines: Vec<String>,
    /// Address and text.
    pub links: Vec<(String, String)>,
    /// For programs: an object.
    pub more: Value,
}

impl Message {
    /// The message about a subject; `because`: why others than whoever is in charge are told.
    pub fn about(subject: &Subject<'_>, because: Option<Reason>) -> Self {
        let Subject { kind, account, facts, ticket, number: id, .. } = subject;
        let shown = shown(&facts.contract, subject.visible_to);
        let company = shown.company.clone().unwrap_or_else(|| "a customer".to_owned());
        let number = id.map(|id| format!("Ticket {id}")).unwrap_or_default();
        let hides = |part: Part| subject.visible_to.parts().any(|hidden| hidden == part);
        let owner = subject.owner.filter(|_| !hides(Part::Owner));
        // What a notice is about is hidden with its part.
        let said_by = match kind {
            Kind::NewCustomer => Part::Start,
            Kind::RenewalNear | Kind::Renewal => Part::Renewal,
            Kind::Page | Kind::PageOver => Part::Mrr,
        };
        let headline = match kind {
            _ if hides(said_by) && id.is_some() => {
                format!("{number}: a ticket of {company} for you to see")
            }
            _ if hides(said_by) => format!("The contract of {company} is for you to see"),
            Kind::NewCustomer => format!("{number}: {company} is a new customer"),
            Kind::RenewalNear => format!("{number}: the renewal of {company} is near"),
            Kind::Page | Kind::PageOver => {
                format!("{number}: an emergency of {company}, which has a high MRR")
            }
            Kind::Renewal => format!("The renewal of {company} is near"),
        };
        let mut lines = Vec::new();
        if let Some(ticket) = ticket {
            lines.extend(nonempty("Subject", &short(&ticket.subject, LONGEST_SUBJECT)));
            if ticket.submitter_id.is_some() && ticket.submitter_id != ticket.requester_id {
                lines.push("An agent made the ticket on the customer's behalf".to_owned());
            }
        }
        let comment = subject.first_comment.map(|text| short(&without_attachments(text), LONGEST_COMMENT));
        lines.extend(comment.and_then(|text| nonempty("It begins", &text)));
        lines.extend(nonempty("Contract", &line(&shown)));
        if let Some(owner) = owner {
            lines.push(format!("In charge of {}: {owner}", kind::role_in_words(kind::role(*kind))));
        }
        lines.extend(because.map(|reason| format!("You are told because {}", reason.sentence())));
        let mut links = Vec::new();
        if let Some(id) = id {
            links.push((format!("{}{id}", subject.tickets_url), number));
        }
        let record = facts.company.as_ref().and_then(|company| company.extra.get("record_url"));
        let record = record.filter(|url| url.starts_with("https://") && !url.contains(char::is_whitespace));
        links.extend(record.map(|url| (url.clone(), "Record of the company".to_owned())));
        let more = json!({
            "event": "contract_notice", "account": account, "kind": kind.as_str(),
            "ticket_id": id, "ticket_url": links.first().filter(|_| id.is_some()).map(|link| &link.0),
            "company": shown.company, "role": kind::role_word(kind::role(*kind)), "owner": owner,
            "because": because.map(Reason::code),
        });
        Self { headline, lines, links, more }
    }

    /// As plain text.
    pub fn text(&self) -> String {
        let links = self.links.iter().map(|(url, text)| format!("{text}: {url}"));
        let lines = std::iter::once(self.headline.clone()).chain(self.lines.iter().cloned()).chain(links);
        lines.collect::<Vec<_>>().join("\n")
    }

    /// As the HTML of an internal note; the marker is its last line. The ticket that has the note needs no link to itself.
    pub fn html(&self, marker: &str) -> String {
        let lines: String = self.lines.iter().map(|line| format!("<br>{}", escape(line))).collect();
        let records = self.links.iter().filter(|(url, _)| !url.contains("/agent/tickets/"));
        let links: String = records
            .map(|(url, text)| format!("<br><a href=\"{0}\">{1}</a>", escape(url), escape(text)))
            .collect();
        format!("<p><strong>{}</strong>{lines}{links}</p><p>{marker}</p>", escape(&self.headline))
    }
}

/// By which a note is found again.
pub fn marker(notice: &str) -> String {
    format!("Deskside notice {notice}")
}

/// The parts that every agent may see.
fn shown(contract: &Contract, visible_to: &VisibleTo) -> Contract {
    let hidden: Vec<Part> = visible_to.parts().collect();
    let is_shown = |part: Part| !hidden.contains(&part);
    let text = |part, text: &Option<String>| text.clone().filter(|_| is_shown(part));
    Contract {
        company: text(Part::Company, &contract.company),
        account_type: text(Part::AccountType, &contract.account_type),
        subscription_status: text(Part::SubscriptionStatus, &contract.subscription_status),
        mrr: contract.mrr.filter(|_| is_shown(Part::Mrr)),
        start: text(Part::Start, &contract.start),
        renewal: text(Part::Renewal, &contract.renewal),
        ..contract.clone()
    }
}

/// A contract in one line.
fn line(contract: &Contract) -> String {
    let currency = contract.currency.as_deref().unwrap_or_default();
    let parts = [
        contract.company.clone(),
        contract.account_type.clone(),
        contract.subscription_status.clone(),
        contract.mrr.map(|mrr| format!("MRR {mrr} {currency}").trim_end().to_owned()),
        contract.start.as_ref().map(|day| format!("since {day}")),
        contract.renewal.as_ref().map(|day| format!("renews {day}")),
    ];
    parts.into_iter().flatten().map(|part| short(&part, LONGEST_SUBJECT)).collect::<Vec<_>>().join(", ")
}

fn nonempty(what: &str, text: &str) -> Option<String> {
    (!text.is_empty()).then(|| format!("{what}: {text}"))
}

/// On one line, and no longer than that.
fn short(text: &str, longest: usize) -> String {
    let mut short = String::new();
    for (at, word) in text.split_whitespace().enumerate() {
        if at > 0 {
            short.push(' ');
        }
        short.push_str(word);
        if short.len() > longest * 4 {
            break; // characters have four bytes at most
        }
    }
    match short.char_indices().nth(longest) {
        Some((end, _)) => format!("{}…", short[..end].trim_end()),
        None => short,
    }
}

fn without_attachments(text: &str) -> String {
    let words = text.split_whitespace().take(1_000);
    let word =
        |word: &str| if word.contains(ATTACHMENT) { "[attachment]".to_owned() } else { word.to_owned() };
    words.map(word).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests;
