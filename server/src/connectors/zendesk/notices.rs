//! What is written into a ticket when an agent is told of it, and into a user who wrote for the first time. Docs: "Creating and
//! updating tickets", *Setting followers*: Zendesk mails followers what is written into a ticket, internal notes included. Trap:
//! where an account has no CCs and followers, `followers` is ignored, and the answer says who follows.

use std::collections::BTreeMap;

use reqwest::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use super::calls::{BUILDS, List, MOST_ROWS, PAGE, member_of, rows_by};
use super::records::{Hundreds, SYNCED};
use super::types::or_default;
use super::{Ticket, TicketId, UserId, ZendeskClient, ZendeskError};
use crate::connectors::{Repeat, Rows};

/// So many of a user's latest tickets are looked at.
const LATEST: usize = 100;

impl ZendeskClient {
    /// Makes an agent a follower and writes an internal note, in one update. The answer is the ticket as it is then: whether the
    /// agent follows it. Not repeatable: after a transport error look whether the note is there.
    pub async fn note_for_follower(
        &self,
        ticket: TicketId,
        agent: UserId,
        html: &str,
    ) -> Result<Ticket, ZendeskError> {
        const CALL: &str = "PUT /api/v2/tickets/{id}";
        let body = json!({ "ticket": {
            "followers": [{ "user_id": agent.0.to_string(), "action": "put" }],
            "comment": { "html_body": html, "public": false },
        } });
        let request = self.request(Method::PUT, self.url(&format!("/api/v2/tickets/{ticket}"))).json(&body);
        let answer = self.authorized(CALL, Repeat::Never, request.build().expect(BUILDS)).await?;
        member_of(CALL, &answer, "ticket")
    }

    /// Tickets by id, in no order; those that are deleted are missing. Any number: asked for by the hundred.
    pub async fn tickets(&self, ids: &[TicketId]) -> Result<Vec<Ticket>, ZendeskError> {
        const CALL: &str = "GET /api/v2/tickets/show_many";
        let ids: Vec<u64> = ids.iter().map(|id| id.0).collect();
        let (mut tickets, mut hundreds) = (Rows::default(), Hundreds::of(&ids));
        while let Some((chunk, named)) = hundreds.next() {
            match self.body(CALL, self.url_with("/api/v2/tickets/show_many", &[("ids", &named)])).await {
                Err(error) if hundreds.halves(chunk, &error) => {}
                body => tickets.extend(rows_by(&SYNCED, CALL, &mut body?, "tickets")?),
            }
        }
        tickets.proves_absence().map_err(|why| ZendeskError::unreadable(CALL, why))?;
        Ok(tickets.into_readable())
    }

    /// What the first comment of a ticket says, as text. `None`: it cannot be read; the next one is another.
    pub async fn first_comment(&self, ticket: TicketId) -> Result<Option<String>, ZendeskError> {
        #[derive(Deserialize)]
        struct Row {
            #[serde(default, deserialize_with = "or_default")]
            plain_body: String,
        }
        const CALL: &str = "GET /api/v2/tickets/{id}/comments";
        let url = self.url_with(&format!("/api/v2/tickets/{ticket}/comments"), &[("sort", "created_at")]);
        let list = List { call: CALL, url, member: "comments", page: 1, most: MOST_ROWS };
        let found: Rows<Row> = self.rows(list, |_| true).await?;
        Ok(found.into_readable().into_iter().next().map(|row| row.plain_body))
    }

    /// Writes some fields of one user, and nothing else of them.
    pub async fn set_user_fields(
        &self,
        user: UserId,
        fields: &BTreeMap<String, Value>,
    ) -> Result<(), ZendeskError> {
        let url = self.url(&format!("/api/v2/users/{user}"));
        let body = json!({ "user": { "user_fields": fields } });
        self.write("PUT /api/v2/users/{id}", Method::PUT, url, Repeat::Safe, &body).await
    }

    /// The tickets that a user has asked for, as far as they are among the hundred that changed last.
    pub async fn latest_tickets_of(&self, user: UserId) -> Result<Vec<Ticket>, ZendeskError> {
        const CALL: &str = "GET /api/v2/users/{id}/tickets/requested";
        let url =
            self.url_with(&format!("/api/v2/users/{user}/tickets/requested"), &[("sort", "-updated_at")]);
        let list = List { call: CALL, url, member: "tickets", page: PAGE, most: MOST_ROWS };
        let found: Rows<Ticket> = self.rows(list, |found| found.len() >= LATEST).await?;
        Ok(found.into_readable())
    }
}
