//! Sixty attachments: which kinds, names and sizes. **Invariant:** made on the way out; nothing large is kept.

use super::tickets::DELETED;
use crate::{
    files::{File, Kind},
    state::Account,
    zendesk::record::{Attachment, Scan},
};

/// Ticket, comment of it, name, kind, size (1: as small as the kind allows).
type Row = (u64, usize, &'static str, Kind, u64);

/// The demonstration's ticket first; then odd ones; then the everyday.
const FILES: &[Row] = &[
    (42, 0, "請求書_2026年10月.pdf", Kind::Pdf, 184_320),
    (42, 0, "領収書.png", Kind::Png, 1),
    (42, 2, "ご利用明細.csv", Kind::Csv, 48_211),
    (42, 2, "破損した箱.jpg", Kind::Jpeg, 1),
    (3, 0, "empty.txt", Kind::Text, 0),
    (3, 0, "README", Kind::Text, 812),
    (3, 0, "backup", Kind::Unknown, 65_537),
    (5, 0, "photo.jpg", Kind::Jpeg, 1),
    (5, 0, "photo.jpg", Kind::Jpeg, 3_783),
    (7, 0, "invoice.pdf.exe", Kind::Unknown, 91_000),
    (8, 0, "unscanned.docx", Kind::Docx, 1),
    (11, 0, "screen recording.mp4", Kind::Mp4, 20_971_520),
    (11, 0, "log.zip", Kind::Zip, 1),
    (12, 0, "fax.tiff", Kind::Tiff, 1),
    (12, 0, "転送メール.eml", Kind::Eml, 6_144),
    (14, 0, "a/../b\\c:d?.txt", Kind::Text, 300),
    (
        14,
        0,
        "very long name that goes on and on and on and on and on and on and on and on and on and on and on and on and on and on and on and on and on and on and on and on.pdf",
        Kind::Pdf,
        2_048,
    ),
    (14, 0, "quote\"and'apostrophe & ampersand.csv", Kind::Csv, 1_024),
    (16, 0, "한글 이름.xlsx", Kind::Xlsx, 1),
    (16, 0, "계약서.pdf", Kind::Pdf, 733_001),
    (18, 0, "pixel.gif", Kind::Gif, 1),
    (18, 0, "scan.pdf", Kind::Pdf, 5_242_880),
    (20, 0, "clip.mp4", Kind::Mp4, 9_437_184),
];

/// Kinds and sizes that fill up the other tickets.
const EVERYDAY: &[(&str, Kind, u64)] = &[
    ("screenshot", Kind::Png, 1),
    ("invoice", Kind::Pdf, 96_000),
    ("photo", Kind::Jpeg, 1),
    ("export", Kind::Csv, 20_500),
    ("contract", Kind::Docx, 1),
    ("debug", Kind::Text, 131_072),
    ("video", Kind::Mp4, 2_500_000),
];

const ALL: usize = 60;

/// Hangs the files on comments that exist.
pub(super) fn attach(account: &mut Account) {
    for (place, (ticket, comment, name, kind, size)) in FILES.iter().copied().enumerate() {
        hang(account, place, ticket, comment, name, kind, size);
    }
    let bare = |id: &u64| *id != DELETED && FILES.iter().all(|(ticket, ..)| ticket != id);
    let others: Vec<u64> = account.tickets.keys().copied().filter(bare).collect();
    for (place, ticket) in (FILES.len()..ALL).zip(others.iter().cycle()) {
        let (stem, kind, size) = EVERYDAY[place % EVERYDAY.len()];
        let name = format!("{stem}-{ticket}.{}", extension(kind));
        hang(
            account,
            place,
            *ticket,
            0,
            &name,
            kind,
            size + (place as u64 % 5) * if size > 1 { 333 } else { 0 },
        );
    }
}

fn hang(account: &mut Account, place: usize, ticket: u64, comment: usize, name: &str, kind: Kind, size: u64) {
    let place = place as u64;
    let id = 33_144_100_000_000 + place * 128;
    let scan = match name {
        "invoice.pdf.exe" => Scan::Malware,
        "unscanned.docx" => Scan::NotScanned,
        "log.zip" => Scan::Failed,
        _ => Scan::Clean,
    };
    let attachment = Attachment {
        id,
        token: format!("seededAttachment{place:08}X"),
        file_name: name.to_owned(),
        content_type: kind.content_type().to_owned(),
        file: File::make(kind, size, place),
        inline: name == "pixel.gif",
        deleted: false,
        scan,
        override_malware: false,
    };
    account.attachments.insert(id, attachment);
    let found = account.tickets.get_mut(&ticket).and_then(|ticket| ticket.comments.get_mut(comment));
    if let Some(comment) = found {
        comment.attachments.push(id);
    }
}

const fn extension(kind: Kind) -> &'static str {
    match kind {
        Kind::Pdf => "pdf",
        Kind::Jpeg => "jpg",
        Kind::Png => "png",
        Kind::Gif => "gif",
        Kind::Tiff => "tiff",
        Kind::Docx => "docx",
        Kind::Xlsx => "xlsx",
        Kind::Zip => "zip",
        Kind::Csv => "csv",
        Kind::Text => "log",
        Kind::Eml => "eml",
        Kind::Mp4 => "mp4",
        Kind::Unknown => "bin",
    }
}
