//! The calls of notices, in their order.

use deskside_sandbox::{Fault, FaultRule, Matching, credentials};

/// One call of a notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Call {
    Token,
    Ticket,
    Requester,
    FirstComment,
    /// Whoever is in charge, by their address.
    Owner,
    /// By whom Deskside writes.
    Me,
    Note,
    Webhook,
    Page,
    /// Whether the emergency is over.
    TicketOver,
    Resolve,
    /// The group's ticket, looked for.
    FindTicket,
    MakeTicket,
    /// Somebody who writes for the first time.
    NewUser,
    Fields,
    WriteFields,
    Requested,
    TagTicket,
}

/// In which world a call is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scene {
    /// Whoever is in charge is told.
    Told,
    /// A group is told in place of sales, of whom there is nobody.
    Group,
    /// The customer writes for the first time.
    Newcomer,
}

/// About whom the calls of a trial are.
#[derive(Debug, Clone, Copy)]
pub struct Marks {
    pub ticket: u64,
    pub user: u64,
}

impl Call {
    pub const ALL: [Self; 18] = [
        Self::Token,
        Self::Ticket,
        Self::Requester,
        Self::FirstComment,
        Self::Owner,
        Self::Me,
        Self::Note,
        Self::Webhook,
        Self::Page,
        Self::TicketOver,
        Self::Resolve,
        Self::FindTicket,
        Self::MakeTicket,
        Self::NewUser,
        Self::Fields,
        Self::WriteFields,
        Self::Requested,
        Self::TagTicket,
    ];

    /// For people.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Ticket => "ticket",
            Self::Requester => "requester",
            Self::FirstComment => "first comment",
            Self::Owner => "owner",
            Self::Me => "who we are",
            Self::Note => "note",
            Self::Webhook => "webhook",
            Self::Page => "page",
            Self::TicketOver => "ticket, at the end",
            Self::Resolve => "resolve",
            Self::FindTicket => "group's ticket, found",
            Self::MakeTicket => "group's ticket, made",
            Self::NewUser => "new user",
            Self::Fields => "fields",
            Self::WriteFields => "fields of the new user",
            Self::Requested => "tickets of the new user",
            Self::TagTicket => "tag",
        }
    }

    pub const fn scene(self) -> Scene {
        match self {
            Self::FindTicket | Self::MakeTicket => Scene::Group,
            Self::NewUser | Self::Fields | Self::WriteFields | Self::Requested | Self::TagTicket => {
                Scene::Newcomer
            }
            _ => Scene::Told,
        }
    }

    /// It is made when the ticket is solved.
    pub const fn is_of_the_end(self) -> bool {
        matches!(self, Self::TicketOver | Self::Resolve)
    }

    /// "404" would be a lie: then the ticket or its requester is gone.
    pub const fn may_be_missing(self) -> bool {
        matches!(
            self,
            Self::Ticket
                | Self::Requester
                | Self::TicketOver
                | Self::NewUser
                | Self::Requested
                | Self::TagTicket
        )
    }

    /// So many of these calls meet this.
    pub fn rule(self, Marks { ticket, user }: Marks, fault: Fault, times: u32) -> FaultRule {
        let (host, method, path_suffix) = match self {
            Self::Token => ("zendesk", "POST", "/oauth/tokens".to_owned()),
            Self::Ticket | Self::TicketOver => ("zendesk", "GET", format!("/tickets/{ticket}")),
            Self::Requester | Self::NewUser => ("zendesk", "GET", format!("/users/{user}")),
            Self::FirstComment => ("zendesk", "GET", format!("/tickets/{ticket}/comments")),
            Self::Owner => ("zendesk", "GET", "/users/search".to_owned()),
            Self::Me => ("zendesk", "GET", "/users/me".to_owned()),
            Self::Note => ("zendesk", "PUT", format!("/tickets/{ticket}")),
            Self::Webhook => ("notify", "POST", credentials::SLACK_HOOK.to_owned()),
            Self::Page | Self::Resolve => ("notify", "POST", "/v2/enqueue".to_owned()),
            Self::FindTicket => ("zendesk", "GET", "/api/v2/tickets".to_owned()),
            Self::MakeTicket => ("zendesk", "POST", "/api/v2/tickets".to_owned()),
            Self::Fields => ("zendesk", "GET", "/user_fields".to_owned()),
            Self::WriteFields => ("zendesk", "PUT", format!("/users/{user}")),
            Self::Requested => ("zendesk", "GET", format!("/users/{user}/tickets/requested")),
            Self::TagTicket => ("zendesk", "PUT", format!("/tickets/{ticket}/tags")),
        };
        let on = Matching {
            host: Some(host.to_owned()),
            method: Some(method.to_owned()),
            path_suffix: Some(path_suffix),
            ..Matching::default()
        };
        FaultRule { on, times, skip: 0, fault }
    }
}
