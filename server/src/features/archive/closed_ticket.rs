//! A file of a closed ticket is redacted by Agent Workspace's call: by its address or, where it is an image of the text, in the
//! text.

use super::{inline_image, job::Attempt, rules, step_error::StepError};
use crate::connectors::{
    FailureKind, VendorError,
    zendesk::{Attachment, CommentId, TicketId},
};

impl Attempt<'_> {
    pub(super) async fn redact_in_workspace(
        &self,
        ticket: TicketId,
        comment: CommentId,
        attachment: &Attachment,
    ) -> Result<(), StepError> {
        let zendesk = &self.deps.zendesk;
        let redacted = if attachment.inline {
            // An image before it in the same text may be redacted since the text was read.
            let comments = zendesk.comments(ticket).await?;
            let found = rules::find(&comments, attachment.id);
            let marked = found
                .and_then(|(comment, _)| inline_image::marked(&comment.html_body, &attachment.content_url));
            zendesk.redact_in_text(comment, ticket, &marked.ok_or(StepError::ImageNotFound)?).await
        } else {
            zendesk.redact_in_workspace(comment, ticket, &attachment.content_url).await
        };
        redacted.map_err(|error| match error {
            error if error.is(FailureKind::Forbidden) || error.is(FailureKind::Plan) => {
                StepError::NoWorkspace(error)
            }
            error => error.into(),
        })
    }
}
