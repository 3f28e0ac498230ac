//! What archived files are called: the key of a copy in the store, the label beside it, and the name that a browser is told.
//! **Invariants:** no I/O and no clock; the same bytes have the same key, and a key names nobody.

mod file_name; // a file's name and kind, made harmless
mod label; // what stands beside a copy

use chrono::{DateTime, Datelike, Utc};

pub use file_name::{content_type, disposition};
pub use label::label;

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

/// The key of a run's manifest. A run that an agent widened writes another.
pub fn manifest_key(account: &str, ticket_id: u64, run_id: &str, files: usize) -> String {
    format!("v1/{account}/manifests/{ticket_id}/{run_id}-{files}.json")
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
    use super::*;

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
}
