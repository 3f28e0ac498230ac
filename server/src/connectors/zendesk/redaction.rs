//! Calls that remove a file from a ticket for good.

use reqwest::Method;
use serde_json::{Value, json};

use super::{AttachmentId, CommentId, TicketId, ZendeskClient, ZendeskError};
use crate::connectors::Repeat;

impl ZendeskClient {
    /// Replaces an attachment by an empty file, for ever. Zendesk's 200 proves nothing: list the comments again.
    pub async fn redact_attachment(
        &self,
        ticket: TicketId,
        comment: CommentId,
        attachment: AttachmentId,
    ) -> Result<(), ZendeskError> {
        const CALL: &str = "PUT /api/v2/tickets/{id}/comments/{id}/attachments/{id}/redact";
        let path = format!("/api/v2/tickets/{ticket}/comments/{comment}/attachments/{attachment}/redact");
        self.write(CALL, Method::PUT, self.url(&path), Repeat::Safe, &json!({})).await
    }

    /// The same by Agent Workspace's call, which also works on closed tickets.
    pub async fn redact_in_workspace(
        &self,
        comment: CommentId,
        ticket: TicketId,
        content_url: &str,
    ) -> Result<(), ZendeskError> {
        let body = json!({ "ticket_id": ticket, "external_attachment_urls": [content_url] });
        self.redact_comment(comment, Repeat::Safe, &body).await
    }

    /// The same for what is inside a comment's text: all of the text, with `redact` on what goes. Not repeatable: afterwards the
    /// text is another one.
    pub async fn redact_in_text(
        &self,
        comment: CommentId,
        ticket: TicketId,
        html_body: &str,
    ) -> Result<(), ZendeskError> {
        let body = json!({ "ticket_id": ticket, "html_body": html_body });
        self.redact_comment(comment, Repeat::Never, &body).await
    }

    async fn redact_comment(
        &self,
        comment: CommentId,
        repeat: Repeat,
        body: &Value,
    ) -> Result<(), ZendeskError> {
        const CALL: &str = "PUT /api/v2/comment_redactions/{id}";
        let url = self.url(&format!("/api/v2/comment_redactions/{comment}"));
        self.write(CALL, Method::PUT, url, repeat, body).await
    }
}
