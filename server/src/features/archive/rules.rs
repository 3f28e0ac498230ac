//! Which attachments a run finds on a ticket. **Invariant:** no I/O and no clock.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use crate::{
    connectors::zendesk::{Attachment, AttachmentId, Comment, Comments, Unreadable},
    store::archive::{ItemRow, NewItem, RunRow},
};

/// The name that Zendesk gives a redacted attachment. Source: Zendesk, Ticket Attachments, "Redact".
const REDACTED_NAME: &str = "redacted.txt";

/// Whether an attachment's bytes are still in Zendesk.
pub fn is_gone(attachment: &Attachment) -> bool {
    attachment.deleted || (attachment.file_name == REDACTED_NAME && attachment.size == 0)
}

/// Whether an attachment that once had another name has the one that redaction gives.
pub fn is_renamed(attachment: &Attachment, original: &str) -> bool {
    attachment.file_name == REDACTED_NAME && original != REDACTED_NAME
}

/// A sender's text as the database will hold it.
pub fn storable(text: &str) -> String {
    crate::store::storable(text).into_owned()
}

/// The attachments of a ticket that a run is asked for and that are still in Zendesk, each with its comment, in order.
pub fn wanted<'a>(
    comments: &'a [Comment],
    only: Option<&[u64]>,
) -> impl Iterator<Item = (&'a Comment, &'a Attachment)> {
    comments
        .iter()
        .flat_map(|comment| comment.attachments.iter().map(move |attachment| (comment, attachment)))
        .filter(|(_, attachment)| !is_gone(attachment))
        .filter(move |(_, attachment)| only.is_none_or(|ids| ids.contains(&attachment.id.0)))
}

/// An attachment as a run plans it.
pub fn new_item(run: &RunRow, comment: &Comment, attachment: &Attachment, now: DateTime<Utc>) -> NewItem {
    NewItem {
        account: run.account.clone(),
        attachment_id: attachment.id.0,
        comment_id: comment.id.0,
        ticket_id: run.ticket_id,
        run_id: run.id.clone(),
        file_name: storable(&attachment.file_name),
        size: attachment.size,
        content_type: storable(&attachment.content_type),
        now,
    }
}

/// Finds an attachment with the comment that carries it.
pub fn find(comments: &[Comment], id: AttachmentId) -> Option<(&Comment, &Attachment)> {
    comments
        .iter()
        .flat_map(|comment| comment.attachments.iter().map(move |attachment| (comment, attachment)))
        .find(|(_, attachment)| attachment.id == id)
}

/// How many attachments Zendesk lists that cannot be read, and that no run has recorded either.
pub fn unreadable(comments: &Comments, rows: &[ItemRow]) -> usize {
    let is_recorded = |id: AttachmentId| rows.iter().any(|row| row.attachment_id == id.0);
    let lost: Vec<_> = comments.unreadable().collect();
    let unnamed = lost.iter().filter(|lost| **lost == Unreadable::Any).count();
    let named = lost.iter().filter_map(|lost| match lost {
        Unreadable::Attachment(id) => Some(*id),
        Unreadable::Any => None,
    });
    unnamed + named.filter(|id| !is_recorded(*id)).collect::<BTreeSet<_>>().len()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn attachment(fields: &serde_json::Value) -> Attachment {
        let mut all =
            json!({"id": 1, "file_name": "a.pdf", "size": 10, "malware_scan_result": "malware_not_found"});
        all.as_object_mut().expect("an object").extend(fields.as_object().expect("an object").clone());
        serde_json::from_value(all).expect("an attachment")
    }

    #[test]
    fn what_is_redacted_or_deleted_is_gone() {
        for (fields, expected) in [
            (json!({}), false),
            (json!({"file_name": "redacted.txt", "size": 0}), true),
            (json!({"file_name": "redacted.txt", "size": 12}), false), // a customer may name a file so
            (json!({"deleted": true}), true),
        ] {
            assert_eq!(is_gone(&attachment(&fields)), expected, "{fields}");
        }
    }
}
