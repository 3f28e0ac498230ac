//! What we make in Zendesk for a call or a chat.

use reqwest::Method;
use serde::Serialize;
use serde_json::json;

use super::calls::{BUILDS, member_of};
use super::{Ticket, TicketId, User, UserId, ZendeskClient, ZendeskError};
use crate::connectors::Repeat;

/// A ticket to be made. Its first comment is an internal note: what a template says is not mailed to the customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTicket {
    /// Its subject.
    pub subject: String,
    /// Its first comment, text.
    pub description: String,
    /// Who asks.
    pub requester: Requester,
    /// Our own name for it, by which it is found again.
    pub external_id: String,
    /// To begin with.
    pub tags: Vec<String>,
    /// Who answers; Zendesk chooses the group of an assignee.
    pub owner: Owner,
}

/// Who answers a new ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Owner {
    /// Whoever the account's triggers choose.
    #[default]
    Nobody,
    /// This group.
    Group(u64),
    /// This agent.
    Agent(UserId),
}

/// Who asks for a ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Requester {
    /// Somebody whom Zendesk knows.
    Known(UserId),
    /// Whoever has this address; made where nobody has.
    Email {
        /// For people; used only where the user is made.
        name: String,
        /// In lower case.
        address: String,
    },
}

/// An end user to be made, or found by `external_id`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NewUser {
    /// For people.
    pub name: String,
    /// E.164.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// Zendesk makes one user of this name, whoever asks for it and however often.
    pub external_id: String,
}

/// What an agent's browser is to open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Display {
    /// A ticket.
    Ticket(TicketId),
    /// A user's profile.
    User(UserId),
}

impl ZendeskClient {
    /// Opens it in the agent's browser. Needs Talk Partner Edition: without, it is `FailureKind::Forbidden` or
    /// `FailureKind::NotFound`, which also says that agent, ticket or user does not exist.
    pub async fn display(&self, agent_id: UserId, what: Display) -> Result<(), ZendeskError> {
        let (call, what) = match what {
            Display::Ticket(TicketId(id)) => {
                ("POST /api/v2/channels/voice/agents/{id}/tickets/{id}/display", format!("tickets/{id}"))
            }
            Display::User(UserId(id)) => {
                ("POST /api/v2/channels/voice/agents/{id}/users/{id}/display", format!("users/{id}"))
            }
        };
        let url = self.url(&format!("/api/v2/channels/voice/agents/{}/{what}/display", agent_id.0));
        self.write(call, Method::POST, url, Repeat::Never, &json!({})).await
    }

    /// Makes a ticket, once for each `idempotency_key` of two hours. Another ticket under the same key is
    /// `FailureKind::Rejected`; `external_id` finds the first.
    pub async fn create_ticket(
        &self,
        ticket: &NewTicket,
        idempotency_key: &str,
    ) -> Result<Ticket, ZendeskError> {
        const CALL: &str = "POST /api/v2/tickets";
        let NewTicket { subject, description, requester, external_id, tags, owner } = ticket;
        let mut body = json!({ "ticket": {
            "subject": subject, "comment": { "body": description, "public": false }, "external_id": external_id,
            "tags": tags,
        } });
        match requester {
            Requester::Known(id) => body["ticket"]["requester_id"] = json!(id),
            Requester::Email { name, address } => {
                body["ticket"]["requester"] = json!({ "name": name, "email": address });
            }
        }
        match owner {
            Owner::Nobody => {}
            Owner::Group(id) => body["ticket"]["group_id"] = json!(id),
            Owner::Agent(id) => body["ticket"]["assignee_id"] = json!(id),
        }
        let request = self.request(Method::POST, self.url("/api/v2/tickets"));
        let request = request.header("idempotency-key", idempotency_key).json(&body);
        // The key makes a second time harmless.
        let answer = self.authorized(CALL, Repeat::Safe, request.build().expect(BUILDS)).await?;
        member_of(CALL, &answer, "ticket")
    }

    /// The ticket that we named so, without a search's delay.
    pub async fn ticket_by_external_id(&self, external_id: &str) -> Result<Option<Ticket>, ZendeskError> {
        const CALL: &str = "GET /api/v2/tickets";
        let url = self.url_with("/api/v2/tickets", &[("external_id", external_id)]);
        let found = self.one_page(CALL, url, "tickets").await?.only(|_| true);
        Ok(found.map_err(|why| ZendeskError::unreadable(CALL, why))?.into_iter().next())
    }

    /// Makes an end user, or answers the one who has this `external_id` already, with the name that is given here.
    pub async fn create_or_find_user(&self, user: &NewUser) -> Result<User, ZendeskError> {
        const CALL: &str = "POST /api/v2/users/create_or_update";
        // Without a role: it would be taken from an agent who happens to be meant.
        let body = json!({ "user": user });
        let request = self.request(Method::POST, self.url("/api/v2/users/create_or_update")).json(&body);
        let answer = self.authorized(CALL, Repeat::Safe, request.build().expect(BUILDS)).await?;
        member_of(CALL, &answer, "user")
    }

    /// The active user whom the company names so, without a search's delay.
    pub async fn user_by_external_id(&self, external_id: &str) -> Result<Option<User>, ZendeskError> {
        const CALL: &str = "GET /api/v2/users";
        let url = self.url_with("/api/v2/users", &[("external_id", external_id)]);
        let found = self.one_page(CALL, url, "users").await?.only(|user: &User| user.active);
        Ok(found.map_err(|why| ZendeskError::unreadable(CALL, why))?.into_iter().next())
    }

    /// Gives a ticket to an agent.
    pub async fn assign(&self, ticket: TicketId, agent: UserId) -> Result<(), ZendeskError> {
        let url = self.url(&format!("/api/v2/tickets/{ticket}"));
        let body = json!({ "ticket": { "assignee_id": agent } });
        self.write("PUT /api/v2/tickets/{id}", Method::PUT, url, Repeat::Safe, &body).await
    }
}
