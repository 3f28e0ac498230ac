//! A file's name and kind, made harmless: both were chosen by whoever sent the file to the company. **Invariant:** no I/O.

use std::fmt::Write;

use wire::AttachmentId;

/// Letters that a name may have at most; file systems take 255 bytes.
const LONGEST: usize = 120;

/// Kinds that a browser shows without running anything in them; all else is bytes to keep.
const SAFE: &[&str] =
    &["application/pdf", "image/gif", "image/jpeg", "image/png", "image/webp", "text/plain"];

/// What a browser may take a file for.
pub fn content_type(claimed: &str) -> &'static str {
    let kind = claimed.split(';').next().unwrap_or_default().trim();
    let safe = SAFE.iter().find(|safe| safe.eq_ignore_ascii_case(kind));
    safe.copied().unwrap_or("application/octet-stream")
}

/// A whole `Content-Disposition`: never shown in place, under the file's own name (RFC 6266, RFC 8187).
pub fn disposition(file_name: &str, id: AttachmentId) -> String {
    let name = harmless(file_name, id);
    let plain: String =
        name.chars().map(|letter| if letter.is_ascii() && letter != '%' { letter } else { '_' }).collect();
    format!("attachment; filename=\"{plain}\"; filename*={}", encoded(&name, usize::MAX))
}

/// Any text in plain letters (RFC 8187), cut after a whole letter where it would be longer than `most` bytes.
pub(super) fn encoded(text: &str, most: usize) -> String {
    let mut encoded = "UTF-8''".to_owned();
    for letter in text.chars() {
        let before = encoded.len();
        for byte in letter.encode_utf8(&mut [0; 4]).bytes() {
            if byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&byte) {
                encoded.push(char::from(byte));
            } else {
                write!(encoded, "%{byte:02X}").expect("a string takes everything");
            }
        }
        if encoded.len() > most {
            encoded.truncate(before);
            break;
        }
    }
    encoded
}

/// The name without what leads elsewhere, ends a line or turns the reading direction.
fn harmless(file_name: &str, id: AttachmentId) -> String {
    let letter = |letter: char| match letter {
        '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|' => Some('_'),
        letter if letter.is_control() || turns(letter) => None,
        letter => Some(letter),
    };
    let name: String = file_name.chars().filter_map(letter).collect();
    let name = name.trim_matches(|letter: char| letter == '.' || letter.is_whitespace());
    if name.is_empty() {
        return format!("attachment-{id}");
    }
    let count = name.chars().count();
    if count <= LONGEST {
        return name.to_owned();
    }
    // The end says what it is.
    let end: String = name.chars().skip(count - 12).collect();
    let start: String = name.chars().take(LONGEST - 13).collect();
    format!("{start}…{end}")
}

/// Invisible marks that let a program look like a picture, and their like.
const fn turns(letter: char) -> bool {
    matches!(letter,
        '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_keeps_its_letters_and_loses_its_tricks() {
        for (name, expected) in [
            ("invoice.pdf", "filename=\"invoice.pdf\"; filename*=UTF-8''invoice.pdf"),
            ("見積書.pdf", "filename=\"___.pdf\"; filename*=UTF-8''%E8%A6%8B%E7%A9%8D%E6%9B%B8.pdf"),
            ("../../etc/passwd", "filename=\"_.._etc_passwd\"; filename*=UTF-8''_.._etc_passwd"),
            ("C:\\x\\y.txt", "filename=\"C__x_y.txt\"; filename*=UTF-8''C__x_y.txt"),
            (
                "a\"; filename=\"b.exe",
                "filename=\"a_; filename=_b.exe\"; filename*=UTF-8''a_%3B%20filename%3D_b.exe",
            ),
            ("a\r\nSet-Cookie: x=1", "filename=\"aSet-Cookie_ x=1\"; filename*=UTF-8''aSet-Cookie_%20x%3D1"),
            ("x\u{202e}gpj.exe", "filename=\"xgpj.exe\"; filename*=UTF-8''xgpj.exe"),
            ("😀.png", "filename=\"_.png\"; filename*=UTF-8''%F0%9F%98%80.png"),
            ("100%.txt", "filename=\"100_.txt\"; filename*=UTF-8''100%25.txt"),
            (".htaccess", "filename=\"htaccess\"; filename*=UTF-8''htaccess"),
            ("..", "filename=\"attachment-9\"; filename*=UTF-8''attachment-9"),
            ("\0\u{200f}", "filename=\"attachment-9\"; filename*=UTF-8''attachment-9"),
        ] {
            let disposition = disposition(name, AttachmentId(9));
            assert_eq!(disposition, format!("attachment; {expected}"), "{name:?}");
            assert!(disposition.bytes().all(|byte| (0x20..0x7f).contains(&byte)), "{name:?}");
        }
        let long = harmless(&("x".repeat(5_000) + ".pdf"), AttachmentId(9));
        assert_eq!((long.chars().count(), &long[long.len() - 4..]), (LONGEST, ".pdf"));
    }

    #[test]
    fn nothing_that_runs_in_a_browser_is_called_by_its_name() {
        for (claimed, expected) in [
            ("application/pdf", "application/pdf"),
            ("IMAGE/PNG", "image/png"),
            ("text/plain; charset=utf-8", "text/plain"),
            ("text/html", "application/octet-stream"),
            ("image/svg+xml", "application/octet-stream"),
            ("application/xhtml+xml", "application/octet-stream"),
            ("text/plain\r\nx: y", "application/octet-stream"),
            ("", "application/octet-stream"),
        ] {
            assert_eq!(content_type(claimed), expected, "{claimed:?}");
        }
    }
}
