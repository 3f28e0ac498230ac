//! What a file says that it is, and what its first bytes say. **Invariant:** no I/O; a doubt is no lie: what cannot be told
//! from its bytes (CSV, plain text, mail) contradicts nothing, and one format under two names is one.

/// What the first bytes are the beginning of; absent: they do not tell.
pub fn sniff(head: &[u8]) -> Option<&'static str> {
    infer::get(head).map(|kind| kind.mime_type())
}

/// Whether a file that claims to be one thing begins as another.
pub fn differs(claimed: &str, sniffed: &str) -> bool {
    let claimed = claimed.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let Some((family, kind)) = claimed.split_once('/') else { return false }; // claims nothing
    let Some((sniffed_family, sniffed_kind)) = sniffed.split_once('/') else { return false };
    let (is, says) = (plain(sniffed_kind), plain(kind));
    if is == says || ["octet-stream", "download", "binary", "unknown"].contains(&says) {
        return false;
    }
    let container = match is {
        // Office's, OpenDocument's, Java's and many others are archives inside.
        "zip" => {
            kind.ends_with("+zip")
                || ["vnd.", "openxml", "java", "epub", "ooxml"].iter().any(|start| kind.starts_with(start))
        }
        // The older Office's formats are one container; so is Outlook's mail.
        "msword" | "vnd.ms-excel" | "vnd.ms-powerpoint" | "ole-storage" => {
            says == "msword" || says.starts_with("vnd.ms-") || says == "msi"
        }
        "vnd.openxmlformats-officedocument.wordprocessingml.document"
        | "vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        | "vnd.openxmlformats-officedocument.presentationml.presentation" => {
            says == "zip" || says.starts_with("vnd.openxmlformats-") || says.starts_with("vnd.ms-")
        }
        "xml" => family == "text" || says.ends_with("+xml"),
        "gzip" => ["tar", "compressed-tar", "gtar", "tgz"].contains(&says),
        "pdf" | "postscript" => ["illustrator", "postscript"].contains(&says),
        "shellscript" => family == "text" || says == "sh",
        _ => {
            let film = |family: &str| ["video", "audio"].contains(&family);
            // Sound and pictures come in the same boxes.
            let boxed = |kind: &str| {
                ["mp4", "m4v", "m4a", "quicktime", "3gpp", "ogg", "opus", "webm", "matroska"].contains(&kind)
            };
            film(family) && film(sniffed_family) && boxed(is) && boxed(says)
        }
    };
    !container
}

/// A kind without what only dresses it up, under its first name.
fn plain(kind: &str) -> &str {
    let kind = kind.strip_prefix("x-").unwrap_or(kind);
    match kind {
        "jpg" | "pjpeg" | "jfif" => "jpeg",
        "vnd.microsoft.icon" => "icon",
        "ms-bmp" => "bmp",
        "zip-compressed" => "zip",
        "mp3" => "mpeg",
        "heic" | "heif-sequence" | "heic-sequence" => "heif",
        "vnd.rar" | "rar-compressed" => "rar",
        "apng" => "png",
        kind => kind,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lie_is_told_from_a_doubt_and_from_another_name() {
        const HTML: &[u8] = b"<!DOCTYPE html><html><script>";
        const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
        const JPEG: &[u8] = b"\xff\xd8\xff\xe0\0\x10JFIF";
        const ZIP: &[u8] = b"PK\x03\x04\x14\0\0\0\x08\0";
        const EXE: &[u8] = b"MZ\x90\0\x03\0\0\0";
        const OLD: &[u8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";
        const DOCX: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
        const MP4: &[u8] = b"\0\0\0\x18ftypmp42\0\0\0\0";
        for (claimed, head, expected) in [
            ("image/png", HTML, true),
            ("application/pdf", EXE, true),
            ("application/pdf", ZIP, true),
            ("image/jpeg", PNG, true),
            ("text/plain", HTML, true),
            ("text/csv", PNG, true),
            (DOCX, EXE, true),
            ("image/png", PNG, false),
            ("IMAGE/X-PNG; name=a", PNG, false),
            ("image/jpg", JPEG, false),
            ("image/pjpeg", JPEG, false),
            (DOCX, ZIP, false),
            ("application/vnd.oasis.opendocument.text", ZIP, false),
            ("application/x-zip-compressed", ZIP, false),
            ("application/vnd.ms-excel", OLD, false),
            ("application/vnd.ms-outlook", OLD, false),
            ("video/quicktime", MP4, false),
            ("audio/mp4", MP4, false),
            ("image/svg+xml", b"<?xml version=\"1.0\"?><svg>".as_slice(), false),
            ("application/octet-stream", EXE, false),
            ("", EXE, false),
            ("text/csv", b"id,name\n1,x\n", false),
            ("text/plain", b"plain words", false),
            ("message/rfc822", b"From: a@example.com\r\nSubject: x\r\n", false),
            ("image/png", b"", false),
        ] {
            let found = sniff(head).is_some_and(|sniffed| differs(claimed, sniffed));
            assert_eq!(found, expected, "{claimed:?} {:?}", sniff(head));
        }
    }
}
