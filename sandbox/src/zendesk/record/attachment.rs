//! A file on a comment or an upload.

use serde_json::{Value, json};
use url::form_urlencoded::byte_serialize;

use crate::files::File;

/// What the malware scan found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scan {
    Clean,
    Malware,
    NotScanned,
    Failed,
}

impl Scan {
    const fn name(self) -> &'static str {
        match self {
            Self::Clean => "malware_not_found",
            Self::Malware => "malware_found",
            Self::NotScanned => "not_scanned",
            Self::Failed => "failed_to_scan",
        }
    }
}

/// A file that somebody attached.
#[derive(Debug, Clone)]
pub(crate) struct Attachment {
    pub(crate) id: u64,
    pub(crate) token: String,
    pub(crate) file_name: String,
    pub(crate) content_type: String,
    pub(crate) file: File,
    pub(crate) inline: bool,
    pub(crate) deleted: bool,
    pub(crate) scan: Scan,
    pub(crate) override_malware: bool,
}

impl Attachment {
    /// What remains after redaction: an empty `redacted.txt`.
    pub(crate) fn redact(&mut self) {
        self.file_name = "redacted.txt".into();
        self.content_type = "text/plain".into();
        self.file = File::empty();
        self.deleted = true;
        self.inline = false;
        self.scan = Scan::NotScanned;
    }

    /// Whether anybody may download it.
    pub(crate) fn downloadable(&self) -> bool {
        self.scan != Scan::Malware || self.override_malware
    }

    /// Where it is downloaded; the answer there sends the reader on to another host.
    pub(crate) fn content_url(&self, base: &str) -> String {
        let name: String = byte_serialize(self.file_name.as_bytes()).collect();
        format!("{base}/attachments/token/{}/?name={name}", self.token)
    }

    /// As comments, uploads and `attachments/{id}` show it.
    pub(crate) fn json(&self, base: &str) -> Value {
        let content_url = self.content_url(base);
        let (width, height) = self.file.dimensions().unzip();
        json!({
            "url": format!("{base}/api/v2/attachments/{}.json", self.id),
            "id": self.id,
            "file_name": self.file_name,
            "content_url": content_url,
            "mapped_content_url": content_url,
            "content_type": self.content_type,
            "size": self.file.size(),
            "width": width,
            "height": height,
            "inline": self.inline,
            "deleted": self.deleted,
            "malware_access_override": self.override_malware,
            "malware_scan_result": self.scan.name(),
            "thumbnails": [],
        })
    }
}
