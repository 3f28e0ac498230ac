//! Which attachments a run finds on a ticket, and where their copies go. **Invariant:** no I/O and no clock.

use std::collections::BTreeSet;

use chrono::{DateTime, Datelike, Utc};

use crate::{
    connectors::zendesk::{Attachment, AttachmentId, Comment, Comments, Unreadable},
    store::archive::ItemRow,
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

/// Where one attachment's copy is kept.
#[derive(Debug, Clone)]
pub struct Place<'a> {
    /// The Zendesk account.
    pub account: &'a str,
    /// The ticket's number.
    pub ticket_id: u64,
    /// The comment that carries it.
    pub comment_id: u64,
    /// Zendesk's id of the attachment.
    pub attachment_id: u64,
    /// Who wrote the comment.
    pub author_id: Option<u64>,
    /// When the comment was written.
    pub written: DateTime<Utc>,
    /// Malware was found in it.
    pub quarantine: bool,
    /// How many earlier copies of it were deleted: their names are not used again.
    pub deleted_copies: u64,
}

impl Place<'_> {
    fn folder(&self) -> String {
        let Self { account, ticket_id, comment_id, written, .. } = self;
        let (year, month) = (written.year(), written.month());
        let account = if self.quarantine { quarantine(account) } else { format!("v1/{account}") };
        format!("{account}/{year:04}/{month:02}/{ticket_id}/{comment_id}")
    }

    /// The copy's name: the same for the same bytes, so that twice is once; nothing personal in it.
    pub fn key(&self, sha256: &str, extension: Option<&str>) -> String {
        let short = sha256.get(..12).unwrap_or(sha256);
        let number = match self.deleted_copies {
            0 => String::new(),
            deleted => format!("-{}", deleted + 1),
        };
        let name = format!("{}/{}-{short}{number}", self.folder(), self.attachment_id);
        match extension {
            Some(extension) => format!("{name}.{extension}"),
            None => name,
        }
    }

    /// Where a large file is written while its hash is not yet known.
    pub fn incoming(&self) -> String {
        format!("{}/{}.incoming", self.folder(), self.attachment_id)
    }
}

/// Where an account's infected files are.
fn quarantine(account: &str) -> String {
    format!("v1/{account}/quarantine")
}

/// Whether a copy's key is that of an infected file.
pub fn is_quarantined(account: &str, key: &str) -> bool {
    key.strip_prefix(&quarantine(account)).is_some_and(|rest| rest.starts_with('/'))
}

/// The extension of a copy: the name's own where it has a plain one, otherwise what the first bytes say.
pub fn extension(file_name: &str, head: &[u8]) -> Option<String> {
    let own = file_name.rsplit_once('.').filter(|(stem, _)| !stem.is_empty()).map(|(_, extension)| extension);
    let plain = |extension: &&str| {
        (1..=8).contains(&extension.len()) && extension.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    own.filter(plain)
        .map(str::to_ascii_lowercase)
        .or_else(|| infer::get(head).map(|kind| kind.extension().to_owned()))
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
    fn a_copy_keeps_a_plain_extension_or_gets_one_from_its_bytes() {
        const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
        for (name, head, expected) in [
            ("Scan.PDF", PNG, Some("pdf")),
            ("運転免許証.jpg", PNG, Some("jpg")),
            ("archive.tar.gz", PNG, Some("gz")),
            ("no extension", PNG, Some("png")),
            ("README", b"plain words".as_slice(), None),
            (".htaccess", PNG, Some("png")),
            ("../../etc/passwd", PNG, Some("png")),
            ("x.extension-that-is-a-sentence", PNG, Some("png")),
            ("x.php\u{202e}gpj", b"".as_slice(), None),
            ("", b"".as_slice(), None),
        ] {
            assert_eq!(extension(name, head).as_deref(), expected, "{name}");
        }
    }

    #[test]
    fn a_key_is_the_same_for_the_same_bytes_and_names_nobody() {
        let place = Place {
            account: "acme",
            ticket_id: 42,
            comment_id: 420,
            attachment_id: 9,
            author_id: Some(7),
            quarantine: false,
            deleted_copies: 0,
            written: "2026-03-07T23:59:59Z".parse().expect("a time"),
        };
        assert_eq!(place.key("0123456789abcdef", Some("pdf")), "v1/acme/2026/03/42/420/9-0123456789ab.pdf");
        assert_eq!(place.key("0123456789abcdef", None), "v1/acme/2026/03/42/420/9-0123456789ab");
        assert_eq!(place.incoming(), "v1/acme/2026/03/42/420/9.incoming");
        let infected = Place { quarantine: true, ..place.clone() };
        let (key, clean) = (infected.key("0123456789abcdef", None), place.key("0123456789abcdef", None));
        assert_eq!(key, "v1/acme/quarantine/2026/03/42/420/9-0123456789ab");
        assert!(is_quarantined("acme", &key) && !is_quarantined("acme", &clean));
        let again = Place { deleted_copies: 1, ..place }.key("0123456789abcdef", Some("pdf"));
        assert_eq!(again, "v1/acme/2026/03/42/420/9-0123456789ab-2.pdf");
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
