//! Beginnings of files that tools recognise, and small files that are whole. **Invariant:** text stays text to its end.

use std::fmt::Write as _;

use bytes::Bytes;
use flate2::Crc;

const PARCEL: &[u8] = include_bytes!("images/parcel.jpg");
const METER: &[u8] = include_bytes!("images/meter.jpg");
const RECEIPT: &[u8] = include_bytes!("images/receipt.png");
const SCREENSHOT: &[u8] = include_bytes!("images/screenshot.png");

/// A kind of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Pdf,
    Jpeg,
    Png,
    Gif,
    Tiff,
    Docx,
    Xlsx,
    Zip,
    Csv,
    Text,
    Eml,
    Mp4,
    Unknown,
}

impl Kind {
    /// The media type Zendesk would name.
    pub(crate) const fn content_type(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Gif => "image/gif",
            Self::Tiff => "image/tiff",
            Self::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Zip => "application/zip",
            Self::Csv => "text/csv",
            Self::Text => "text/plain",
            Self::Eml => "message/rfc822",
            Self::Mp4 => "video/mp4",
            Self::Unknown => "application/octet-stream",
        }
    }

    /// The bytes before the filler; for text and small files that is all.
    pub(super) fn head(self, seed: u64, size: u64) -> Bytes {
        let even = seed.is_multiple_of(2);
        match self {
            Self::Jpeg => Bytes::from_static(if even { METER } else { PARCEL }),
            Self::Png => Bytes::from_static(if even { SCREENSHOT } else { RECEIPT }),
            Self::Gif => Bytes::from_static(
                b"GIF89a\x01\0\x01\0\x80\0\0\xFF\xFF\xFF\0\0\0!\xF9\x04\x01\0\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;",
            ),
            Self::Tiff => tiff().into(),
            Self::Pdf => pdf(seed, size).into(),
            Self::Docx => zip(&[("[Content_Types].xml", WORD_TYPES), ("word/document.xml", WORD_TEXT)]).into(),
            Self::Xlsx => zip(&[("[Content_Types].xml", SHEET_TYPES), ("xl/workbook.xml", "<workbook/>")]).into(),
            Self::Zip => zip(&[("readme.txt", "Logs of the last night.\n"), ("app.log", "INFO started\n")]).into(),
            Self::Csv => lines(size, "date,order,item,quantity,amount\r\n", |line, row| {
                let _ = write!(
                    line,
                    "2026-11-{:02},{},部品-{},{},{}\r\n",
                    row % 28 + 1,
                    10_000 + seed + row,
                    row % 17,
                    row % 9 + 1,
                    (row * 137) % 90_000 + 500
                );
            })
            .into(),
            Self::Text => lines(size, "", |line, row| {
                let level = if row % 11 == 0 { "WARN" } else { "INFO" };
                let _ = writeln!(line, "09:{:02}:{:02} {level} request {} took {} ms", row / 60 % 60, row % 60, seed + row, row * 7 % 400);
            })
            .into(),
            Self::Eml => lines(size, EMAIL, |line, row| {
                let _ = write!(line, "> line {row} of the earlier conversation\r\n");
            })
            .into(),
            Self::Mp4 => Bytes::from_static(b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom\0\0\0\x01mdat"),
            Self::Unknown => Bytes::new(),
        }
    }
}

const EMAIL: &str = "From: Customer <customer@example.com>\r\nTo: support@example.com\r\nSubject: =?UTF-8?B?6KuL5rGC44Gr44Gk44GE44Gm?=\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=UTF-8\r\n\r\n";
const WORD_TYPES: &str = r#"<?xml version="1.0" encoding="UTF-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>"#;
const WORD_TEXT: &str = r#"<?xml version="1.0" encoding="UTF-8"?><w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body><w:p><w:r><w:t>見積書</w:t></w:r></w:p></w:body></w:document>"#;
const SHEET_TYPES: &str = r#"<?xml version="1.0" encoding="UTF-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>"#;

/// Text of exactly `size` bytes (no character is cut), or its first lines if those are longer.
fn lines(size: u64, first: &str, mut write: impl FnMut(&mut String, u64)) -> Vec<u8> {
    let wanted = usize::try_from(size).unwrap_or(usize::MAX);
    let mut text = first.to_owned();
    let mut row = 0;
    while text.len() < wanted {
        write(&mut text, row);
        row += 1;
    }
    let end = (0..=wanted.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    text.truncate(end.max(first.len()));
    while text.len() < wanted {
        text.push(' ');
    }
    text.into_bytes()
}

/// A page of text; small ones are complete, large ones hold filler in a stream, as a scan would.
fn pdf(seed: u64, size: u64) -> Vec<u8> {
    let text = format!("BT /F1 18 Tf 60 760 Td (Invoice {}) Tj ET", 20_000 + seed);
    let mut out = String::from("%PDF-1.4\n");
    let mut offsets = Vec::new();
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>"
            .to_owned(),
        format!("<< /Length {} >>\nstream\n{text}\nendstream", text.len()),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_owned(),
    ];
    for (number, object) in objects.iter().enumerate() {
        offsets.push(out.len());
        let _ = write!(out, "{} 0 obj\n{object}\nendobj\n", number + 1);
    }
    let table = out.len();
    let _ = write!(out, "xref\n0 {}\n0000000000 65535 f \n", offsets.len() + 1);
    for offset in &offsets {
        let _ = writeln!(out, "{offset:010} 00000 n ");
    }
    let _ =
        write!(out, "trailer\n<< /Size {} /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n", offsets.len() + 1);
    if size > out.len() as u64 + 1 {
        out.push('%'); // what follows is a comment to every reader
    }
    out.into_bytes()
}

/// One black-and-white strip.
fn tiff() -> Vec<u8> {
    let (width, height, data_at) = (64_u32, 64_u32, 8 + 2 + 9 * 12 + 4);
    let entries: [(u16, u16, u32); 9] = [
        (256, 4, width),
        (257, 4, height),
        (258, 3, 8),
        (259, 3, 1),
        (262, 3, 1),
        (273, 4, data_at),
        (277, 3, 1),
        (278, 4, height),
        (279, 4, width * height),
    ];
    let mut out = b"II*\0\x08\0\0\0\x09\0".to_vec();
    for (tag, kind, value) in entries {
        out.extend_from_slice(&tag.to_le_bytes());
        out.extend_from_slice(&kind.to_le_bytes());
        out.extend_from_slice(&1_u32.to_le_bytes());
        out.extend_from_slice(&value.to_le_bytes());
    }
    out.extend_from_slice(&0_u32.to_le_bytes());
    out.extend((0..width * height).map(|at| if (at / 64 + at % 64) % 16 < 8 { 0xFF } else { 0x30 }));
    out
}

/// An archive whose members are stored as they are.
fn zip(members: &[(&str, &str)]) -> Vec<u8> {
    let short = |n: usize| u16::try_from(n).expect("members are small").to_le_bytes();
    let long = |n: usize| u32::try_from(n).expect("members are small").to_le_bytes();
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for (name, content) in members {
        let mut crc = Crc::new();
        crc.update(content.as_bytes());
        let mut about = Vec::from(b"\x14\0\0\0\0\0\0\0\x21\0");
        about.extend_from_slice(&crc.sum().to_le_bytes());
        about.extend_from_slice(&long(content.len()));
        about.extend_from_slice(&long(content.len()));
        about.extend_from_slice(&short(name.len()));
        about.extend_from_slice(&[0, 0]);
        directory.extend_from_slice(b"PK\x01\x02\x14\0");
        directory.extend_from_slice(&about);
        directory.extend_from_slice(&[0; 10]);
        directory.extend_from_slice(&long(out.len()));
        directory.extend_from_slice(name.as_bytes());
        out.extend_from_slice(b"PK\x03\x04");
        out.extend_from_slice(&about);
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(content.as_bytes());
    }
    let start = out.len();
    out.extend_from_slice(&directory);
    out.extend_from_slice(b"PK\x05\x06\0\0\0\0");
    out.extend_from_slice(&short(members.len()));
    out.extend_from_slice(&short(members.len()));
    out.extend_from_slice(&long(directory.len()));
    out.extend_from_slice(&long(start));
    out.extend_from_slice(&[0, 0]);
    out
}

/// Width and height of PNG and JPEG.
pub(super) fn dimensions(head: &[u8]) -> Option<(u32, u32)> {
    if head.starts_with(b"\x89PNG") {
        let number = |at: usize| head.get(at..at + 4)?.try_into().ok().map(u32::from_be_bytes);
        return Some((number(16)?, number(20)?));
    }
    if !head.starts_with(&[0xFF, 0xD8]) {
        return None;
    }
    let mut at = 2;
    loop {
        let segment = head.get(at..at + 9)?;
        let number = |from: usize| u32::from(u16::from_be_bytes([segment[from], segment[from + 1]]));
        if matches!(segment[1], 0xC0..=0xC2) {
            return Some((number(7), number(5)));
        }
        at += 2 + usize::try_from(number(2)).ok()?;
    }
}
