//! What stands beside a copy in the store: whoever has only the store can tell what it is. **Invariant:** no I/O; plain
//! letters only, because these are headers; short enough for every store, whatever a name's length.

use chrono::SecondsFormat;

use super::{Place, file_name};
use crate::connectors::{objects::About, zendesk::Attachment};

/// S3 takes two kilobytes of such data in all.
const LONGEST_NAME: usize = 1_000;
const LONGEST_TYPE: usize = 120;

/// The label of an attachment's copy. Of a large file the hash is not known before it is written.
pub fn label(
    place: &Place<'_>,
    attachment: &Attachment,
    sniffed: Option<&str>,
    sha256: Option<&str>,
) -> About {
    let claimed = media_type(&attachment.content_type);
    let shown = claimed.as_deref().filter(|_| !place.quarantine);
    let mut more = vec![
        ("account", place.account.to_owned()),
        ("ticket", place.ticket_id.to_string()),
        ("comment", place.comment_id.to_string()),
        ("attachment", place.attachment_id.to_string()),
        ("created", place.written.to_rfc3339_opts(SecondsFormat::Secs, true)),
        ("name", file_name::encoded(&attachment.file_name, LONGEST_NAME)),
    ];
    more.extend(place.author_id.map(|author| ("author", author.to_string())));
    more.extend(claimed.clone().map(|claimed| ("claimed", claimed)));
    more.extend(sniffed.map(|sniffed| ("sniffed", sniffed.to_owned())));
    more.extend(sha256.map(|sha256| ("sha256", sha256.to_owned())));
    About {
        content_type: shown.unwrap_or("application/octet-stream").to_owned(),
        disposition: file_name::disposition(&attachment.file_name, wire::AttachmentId(place.attachment_id)),
        more,
    }
}

/// A media type without its parameters, if it is one.
fn media_type(claimed: &str) -> Option<String> {
    let kind = claimed.split(';').next().unwrap_or_default().trim();
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$&-^_.+/".contains(&byte);
    let is_one = kind.len() <= LONGEST_TYPE && kind.matches('/').count() == 1 && kind.bytes().all(plain);
    is_one.then(|| kind.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_label_is_plain_and_short_whatever_the_sender_wrote() {
        let check = |name: &str, kind: &str, shown: &str, encoded: &str| {
            let attachment = json!({"id": 9, "file_name": name, "content_type": kind, "size": 1});
            let attachment: Attachment = serde_json::from_value(attachment).expect("an attachment");
            let place = Place {
                account: "acme",
                ticket_id: 42,
                comment_id: 420,
                attachment_id: attachment.id.0,
                author_id: Some(7),
                written: "2026-03-07T23:59:59Z".parse().expect("a time"),
                quarantine: false,
                deleted_copies: 0,
            };
            let about = label(&place, &attachment, Some("image/png"), Some("0123"));
            assert_eq!(about.content_type, shown, "{name:?} {kind:?}");
            let all: Vec<&str> = about.more.iter().map(|(_, value)| value.as_str()).collect();
            assert!(all.contains(&encoded) && all.contains(&"2026-03-07T23:59:59Z"), "{all:?}");
            let size: usize = about.more.iter().map(|(key, value)| key.len() + value.len() + 11).sum();
            assert!(size + about.disposition.len() < 4_000 && size < 2_000, "{size}");
            let plain = |text: &str| text.bytes().all(|byte| (0x20..0x7f).contains(&byte));
            assert!(all.iter().all(|value| plain(value)) && plain(&about.disposition));
            let quarantined = label(&Place { quarantine: true, ..place }, &attachment, None, None);
            assert_eq!(quarantined.content_type, "application/octet-stream");
        };
        check("a.png", "image/png; x=y", "image/png", "UTF-8''a.png");
        check("見.png", "image/見", "application/octet-stream", "UTF-8''%E8%A6%8B.png");
        check("a\r\nx: y", "a/b\r\nx: y", "application/octet-stream", "UTF-8''a%0D%0Ax%3A%20y");
        check("", "", "application/octet-stream", "UTF-8''");
        check("x", &format!("a/{}", "b".repeat(5_000)), "application/octet-stream", "UTF-8''x");
        let long = format!("UTF-8''{}", "%F0%9F%98%80".repeat(82)); // whole letters only
        check(&"😀".repeat(300), "image/png", "image/png", &long);
    }
}
