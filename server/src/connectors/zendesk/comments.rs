//! The comments of a ticket, and what was said last in it.

use std::ops::Deref;

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::Value;

use super::calls::{List, MOST_ROWS, PAGE, rows_of};
use super::types::or_default;
use super::{AttachmentId, Comment, TicketId, User, UserId, ZendeskClient, ZendeskError};
use crate::connectors::{LostRow, Rows};

const CALL: &str = "GET /api/v2/tickets/{id}/comments";
/// More internal notes than this at the end of a ticket hide what was said before them.
const LATEST: usize = 50;

/// The comments of a ticket as far as they can be read.
#[derive(Debug, Clone, Default)]
pub struct Comments(Rows<Comment>);

/// A comment that the customer sees, and who wrote it.
#[derive(Debug, Clone, PartialEq)]
pub struct PublicComment {
    /// What it says, as text.
    pub plain_body: String,
    pub created_at: DateTime<Utc>,
    /// Who, where Zendesk says.
    pub author: Option<User>,
}

/// An attachment that Zendesk lists and that cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unreadable {
    Attachment(AttachmentId),
    /// Any: not even its id can be read, or whether the comment has one at all.
    Any,
}

impl Comments {
    /// The attachments that cannot be read. Those that Zendesk marks as deleted are not among them.
    pub fn unreadable(&self) -> impl Iterator<Item = Unreadable> {
        self.0.lost_parts().iter().chain(self.0.lost()).flat_map(unreadable)
    }

    /// Whether the attachment may be in Zendesk although it is not among the readable ones.
    pub fn may_hide(&self, id: AttachmentId) -> bool {
        self.unreadable().any(|lost| matches!(lost, Unreadable::Any) || lost == Unreadable::Attachment(id))
    }
}

impl Comments {
    /// Only which files there are: no text, and no comment without files.
    #[must_use]
    pub fn without_text(self) -> Self {
        let slim = |comment: Comment| {
            let slim = Comment { html_body: String::new(), ..comment };
            (!slim.attachments.is_empty()).then_some(slim)
        };
        Self(self.0.filter_map(slim))
    }
}

impl Deref for Comments {
    type Target = [Comment];

    fn deref(&self) -> &[Comment] {
        &self.0
    }
}

fn unreadable(lost: &LostRow) -> Vec<Unreadable> {
    let of_row = |row: &Value| match row["id"].as_u64() {
        _ if row["deleted"] == true => None,
        Some(id) => Some(Unreadable::Attachment(AttachmentId(id))),
        None => Some(Unreadable::Any),
    };
    match (lost.list.as_str(), &lost.row["attachments"]) {
        ("attachments", _) => of_row(&lost.row).into_iter().collect(),
        ("comments", Value::Array(rows)) => rows.iter().filter_map(of_row).collect(),
        ("comments", _) => vec![Unreadable::Any],
        _ => vec![],
    }
}

impl ZendeskClient {
    /// All comments of a ticket, oldest first, with inline images among the attachments.
    pub async fn comments(&self, ticket: TicketId) -> Result<Comments, ZendeskError> {
        Ok(self.comments_with(ticket, &[]).await?.0)
    }

    /// The same, and their authors, in no order. An author whom Zendesk does not describe is missing.
    pub async fn comments_and_authors(
        &self,
        ticket: TicketId,
    ) -> Result<(Comments, Vec<User>), ZendeskError> {
        self.comments_with(ticket, &[("include", "users")]).await
    }

    async fn comments_with(
        &self,
        ticket: TicketId,
        more: &[(&str, &str)],
    ) -> Result<(Comments, Vec<User>), ZendeskError> {
        let path = format!("/api/v2/tickets/{ticket}/comments");
        let query = [&[("include_inline_images", "true"), ("sort", "created_at")], more].concat();
        let url = self.url_with(&path, &query);
        let list = List { call: CALL, url, member: "comments", page: PAGE, most: MOST_ROWS };
        let (mut all, mut authors) = (Rows::default(), Vec::new());
        self.pages(list, |mut page| {
            // A comment without this list is not one without attachments.
            let rows = page.get("comments").and_then(Value::as_array).into_iter().flatten();
            let without = rows.filter(|row| row.is_object() && !row["attachments"].is_array()).count();
            all.extend(rows_of(CALL, &mut page, "comments")?);
            if page.contains_key("users") {
                authors.extend(rows_of(CALL, &mut page, "users")?.into_readable());
            }
            for _ in 0..without {
                all.lose_part("attachments", Value::Null, "a comment has no list of attachments");
            }
            Ok(false)
        })
        .await?;
        Ok((Comments(all), authors))
    }

    /// The last of the ticket's public comments, if it is among the last fifty.
    pub async fn last_public_comment(&self, ticket: TicketId) -> Result<Option<PublicComment>, ZendeskError> {
        #[derive(Deserialize)]
        struct Row {
            #[serde(default)]
            author_id: Option<UserId>,
            #[serde(default, deserialize_with = "or_default")]
            public: bool,
            #[serde(default, deserialize_with = "or_default")]
            plain_body: String,
            created_at: DateTime<Utc>,
        }
        let url = self.url_with(
            &format!("/api/v2/tickets/{ticket}/comments"),
            &[("sort", "-created_at"), ("include", "users")],
        );
        let list = List { call: CALL, url, member: "comments", page: LATEST, most: MOST_ROWS };
        let (mut found, mut seen) = (None, 0);
        self.pages(list, |mut page| {
            let rows: Rows<Row> = rows_of(CALL, &mut page, "comments")?;
            seen += rows.len() + rows.lost().len();
            if let Some(Row { author_id, plain_body, created_at, .. }) =
                rows.into_readable().into_iter().find(|comment| comment.public)
            {
                let users: Rows<User> = if page.contains_key("users") {
                    rows_of(CALL, &mut page, "users")?
                } else {
                    Rows::default()
                };
                let author = users.into_readable().into_iter().find(|user| Some(user.id) == author_id);
                found = Some(PublicComment { plain_body, created_at, author });
            }
            Ok(found.is_some() || seen >= LATEST)
        })
        .await?;
        Ok(found)
    }
}
