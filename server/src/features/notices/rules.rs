//! Whether somebody is told, and why not: decided on what was read just now, whatever the trigger saw. **Invariant:** no I/O and no clock.

use wire::{BadgeName, ContractState};

use super::{kind::Kind, settings::Emergency};
use crate::{
    connectors::zendesk::{Role, Ticket, TicketStatus, User},
    features::contracts::ContractFacts,
};

/// The tag that Zendesk gives to a ticket that was merged into another.
const MERGED_TAG: &str = "closed_by_merge";

macro_rules! reasons {
    ($($name:ident = $code:literal, $sentence:literal;)*) => {
        /// Why nobody is told, or others than whoever is in charge.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Reason { $(#[doc = $sentence] $name,)* }

        impl Reason {
            /// Every reason.
            #[cfg(test)]
            const ALL: &[Self] = &[$(Self::$name,)*];

            /// Stable, for programs.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// For people.
            pub const fn sentence(self) -> &'static str {
                match self { $(Self::$name => $sentence,)* }
            }

            /// As a row keeps it.
            pub fn kept(self) -> (String, String) {
                (self.code().to_owned(), self.sentence().to_owned())
            }
        }
    };
}

reasons! {
    TicketGone = "ticket_gone", "the ticket was deleted, or marked as spam";
    Merged = "ticket_merged", "the ticket was merged into another one";
    Closed = "ticket_closed", "the ticket is closed";
    Solved = "ticket_solved", "the ticket was solved before anybody was paged";
    NoRequester = "no_requester", "the ticket has no requester whom Zendesk knows";
    RequesterSuspended = "requester_suspended", "the requester is suspended in Zendesk, as senders of spam are";
    RequesterIsAgent = "requester_is_agent", "the requester is an agent";
    VisitorUnknown = "visitor_unknown", "the requester is a visitor without an address, and no contract is known of them";
    NoContract = "no_contract", "no contract is known of the requester";
    SeveralCompanies = "several_companies", "the requester belongs to several companies";
    ConditionOver = "condition_over", "the contract does not fulfil the condition any more";
    NoEmergency = "no_emergency", "the ticket is no emergency any more";
    Off = "off", "notices of this kind are switched off";
    PagedAgain = "paged_again", "the ticket was opened again and is an emergency again";
    NoPage = "no_page", "nobody was paged for this ticket";
    NoAlert = "no_alert", "there was no alert to resolve";
    NoOwner = "no_owner", "the contract names nobody who is in charge";
    OwnerWithoutAddress = "owner_without_address", "whoever is in charge has no e-mail address in the contract";
    OwnerAmbiguous = "owner_ambiguous", "the contract names two people of one name who are in charge";
    OwnerUnknown = "owner_unknown", "whoever is in charge has no user in Zendesk, or was deleted there";
    OwnerSuspended = "owner_suspended", "whoever is in charge is suspended in Zendesk";
    OwnerNotAgent = "owner_not_agent", "whoever is in charge is no agent in Zendesk";
    OwnerIsWriter = "owner_is_writer", "whoever is in charge is the user by whom Deskside writes in Zendesk, which mails nobody their own notes";
    NotFollower = "not_follower", "Zendesk does not let whoever is in charge follow the ticket; see there whether CCs and followers are on";
    ChannelNotSet = "channel_not_set", "the settings of the channel are not complete";
    ChannelRefused = "channel_refused", "the channel refused the notice; the log has the cause";
    ChannelDown = "channel_down", "the channel did not take the notice in time; the log has the cause";
    GaveUp = "gave_up", "it was tried for too long; the log has the cause";
    Cancelled = "cancelled", "an operator cancelled its job";
    Interrupted = "interrupted", "the server stopped while the notice was being sent; it is not sent again, so that nobody is told twice";
}

/// Whether a ticket's notice is told, as far as the ticket and its requester decide.
pub fn of_ticket(kind: Kind, ticket: &Ticket) -> Result<(), Reason> {
    if ticket.tags.iter().any(|tag| tag == MERGED_TAG) {
        return Err(Reason::Merged);
    }
    match (ticket.status, kind) {
        (TicketStatus::Closed, _) => Err(Reason::Closed),
        (TicketStatus::Solved, Kind::Page) => Err(Reason::Solved),
        _ => Ok(()),
    }
}

/// As far as its requester decides.
pub fn of_requester(requester: &User) -> Result<(), Reason> {
    match requester.role {
        _ if !requester.active => Err(Reason::NoRequester),
        _ if requester.suspended => Err(Reason::RequesterSuspended),
        Role::Agent | Role::Admin => Err(Reason::RequesterIsAgent),
        Role::EndUser | Role::Unknown => Ok(()),
    }
}

/// As far as the contract decides: by the badges that a card would show now.
pub fn of_contract(kind: Kind, facts: &ContractFacts, is_visitor: bool) -> Result<(), Reason> {
    match facts.contract.state {
        ContractState::Ambiguous => return Err(Reason::SeveralCompanies),
        ContractState::None if is_visitor => return Err(Reason::VisitorUnknown),
        ContractState::None => return Err(Reason::NoContract),
        _ => {}
    }
    let badge = match kind {
        Kind::NewCustomer => BadgeName::NewCustomer,
        Kind::RenewalNear | Kind::Renewal => BadgeName::RenewalNear,
        Kind::Page | Kind::PageOver => BadgeName::HighMrr,
    };
    if facts.badges.contains(&badge) { Ok(()) } else { Err(Reason::ConditionOver) }
}

/// As far as the emergency decides.
pub fn of_emergency(
    kind: Kind,
    emergency: &Emergency,
    ticket: &Ticket,
    requester: &User,
) -> Result<(), Reason> {
    if kind == Kind::Page && !emergency.holds(ticket, requester) { Err(Reason::NoEmergency) } else { Ok(()) }
}

#[cfg(test)]
mod tests;
