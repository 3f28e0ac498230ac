//! What was said last in a ticket, with its author, in one call.

use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::types::or_default;
use super::{TicketId, User, UserId, ZendeskClient, ZendeskError};

/// More internal notes than this at the end of a ticket hide what was said before them.
const LATEST: &str = "50";

/// A comment that the customer sees, and who wrote it.
#[derive(Debug, Clone, PartialEq)]
pub struct PublicComment {
    /// What it says, as text.
    pub plain_body: String,
    /// When.
    pub created_at: DateTime<Utc>,
    /// Who, where Zendesk says.
    pub author: Option<User>,
}

impl ZendeskClient {
    /// The last of the ticket's public comments.
    pub async fn last_public_comment(&self, ticket: TicketId) -> Result<Option<PublicComment>, ZendeskError> {
        #[derive(Deserialize)]
        struct Row {
            author_id: Option<UserId>,
            #[serde(default, deserialize_with = "or_default")]
            public: bool,
            #[serde(default, deserialize_with = "or_default")]
            plain_body: String,
            created_at: DateTime<Utc>,
        }
        #[derive(Deserialize)]
        struct Page {
            comments: Vec<Row>,
            #[serde(default)]
            users: Vec<User>,
        }
        let url = self.url_with(
            &format!("/api/v2/tickets/{ticket}/comments"),
            &[("sort", "-created_at"), ("page[size]", LATEST), ("include", "users")],
        );
        let page: Page = self.whole("GET /api/v2/tickets/{id}/comments", url).await?;
        let found = page.comments.into_iter().find(|comment| comment.public);
        Ok(found.map(|Row { author_id, plain_body, created_at, .. }| {
            let author = page.users.into_iter().find(|user| Some(user.id) == author_id);
            PublicComment { plain_body, created_at, author }
        }))
    }
}
