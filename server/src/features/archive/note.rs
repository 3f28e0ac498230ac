//! The internal note at the end of a run: which files went where. **Invariant:** every name is escaped.

use std::fmt::Write;

use super::kinds;
use crate::{
    features::{escape, stored_names::is_quarantined},
    store::archive::{ItemRow, ItemState},
};

/// A comment of Zendesk's holds 64 kB; a ticket may have more files than that has room for.
const LONGEST: usize = 48_000;

/// What marks a run's note, so that a run which died after writing it does not write it twice. It counts the files: a
/// run that an agent widened after its note writes another.
pub fn marker(run_id: &str, items: &[ItemRow]) -> String {
    format!("Deskside archive run {run_id} ({})", items.len())
}

/// The same of the note of a run that was given up.
pub fn marker_of_given_up(run_id: &str, items: &[ItemRow]) -> String {
    format!("{}, given up", marker(run_id, items))
}

/// The note's HTML. `unreadable` files are not among the items.
pub fn html(run_id: &str, items: &[ItemRow], unreadable: usize, archive: &str) -> String {
    let (moved, archive) = (moved(items) + &beside(unreadable), escape(archive));
    let told = if has_moved(items) {
        format!(
            "<strong>{moved}</strong> Each copy is in {archive}; it was read back and compared before the file was redacted \
             here."
        )
    } else {
        format!("<strong>{moved}</strong>")
    };
    whole(&told, items, &marker(run_id, items))
}

/// The HTML of the note of a run that was given up.
pub fn html_of_given_up(run_id: &str, items: &[ItemRow], why: &str) -> String {
    let moved = if items.is_empty() { String::new() } else { format!("{} ", moved(items)) };
    let why = escape(&without_code(why));
    let told = format!(
        "<strong>The archive gave up</strong>: {why}. {moved}What was not archived is still here; take the tag off or press \
         the button to try again."
    );
    whole(&told, items, &marker_of_given_up(run_id, items))
}

/// What became of the files, in a sentence.
fn moved(items: &[ItemRow]) -> String {
    let all = items.len();
    match items.iter().filter(|item| item.state == ItemState::Redacted).count() {
        0 => "No file was archived.".to_owned(),
        1 if all == 1 => "1 of 1 file was archived.".to_owned(),
        moved => format!("{moved} of {all} files were archived."),
    }
}

/// What is not in the table.
fn beside(unreadable: usize) -> String {
    match unreadable {
        0 => String::new(),
        1 => " 1 more file could not be read and is still here.".to_owned(),
        more => format!(" {more} more files could not be read and are still here."),
    }
}

fn has_moved(items: &[ItemRow]) -> bool {
    items.iter().any(|item| item.state == ItemState::Redacted)
}

/// Without the marks of code around tags and settings: Zendesk shows them as they are, and so does the panel.
pub fn without_code(text: &str) -> String {
    text.replace('`', "\"")
}

fn whole(told: &str, items: &[ItemRow], marker: &str) -> String {
    let mut html = format!("<p>{told}</p>");
    if !items.is_empty() {
        table(&mut html, items);
    }
    let _ = write!(html, "<p>{marker}</p>");
    html
}

fn table(html: &mut String, items: &[ItemRow]) {
    html.push_str(
        "<table><thead><tr><th>File</th><th>Size</th><th>Result</th><th>SHA-256</th></tr></thead><tbody>",
    );
    let mut rows: Vec<(bool, String)> =
        items.iter().map(|item| (item.state == ItemState::Redacted, row(item))).collect();
    if rows.iter().map(|(_, row)| row.len()).sum::<usize>() > LONGEST {
        rows.sort_by_key(|(moved, _)| *moved); // what stayed is what somebody must know
    }
    let (begin, all) = (html.len(), rows.len());
    let fits = rows.iter().scan(begin, |end, (_, row)| {
        *end += row.len();
        (*end - begin <= LONGEST).then_some(row)
    });
    let shown = fits.map(|row| html.push_str(row)).count();
    html.push_str("</tbody></table>");
    if shown < all {
        let _ = write!(
            html,
            "<p>And {} more: the archive's manifest and the ledger name them all.</p>",
            all - shown
        );
    }
}

fn row(item: &ItemRow) -> String {
    let apart = item.object_key.as_deref().is_some_and(|key| is_quarantined(&item.account, key));
    let mut result = match item.state {
        ItemState::Redacted if apart => "archived in quarantine: Zendesk found malware in it".to_owned(),
        ItemState::Redacted => "archived".to_owned(),
        state => item.reason.as_deref().map_or_else(|| state.as_str().to_owned(), without_code),
    };
    if let Some(sniffed) =
        item.sniffed.as_deref().filter(|sniffed| kinds::differs(&item.content_type, sniffed))
    {
        let says: String = item.content_type.chars().take(80).collect();
        let _ = write!(result, "; says {says}, is {sniffed}");
    }
    let cells = [
        escape(&item.file_name),
        size(item.size),
        escape(&result),
        // Enough to recognise it by; the archive's name of the file holds the same digits.
        item.sha256.as_deref().and_then(|sha256| sha256.get(..12)).map_or_else(|| "–".to_owned(), escape),
    ];
    let mut html = "<tr>".to_owned();
    for cell in cells {
        let _ = write!(html, "<td>{cell}</td>");
    }
    html.push_str("</tr>");
    html
}

/// Decimal units with one decimal, as the panel shows them.
fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{}.{} kB", bytes / 1_000, bytes % 1_000 / 100),
        _ => format!("{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000),
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    #[test]
    fn the_note_says_what_became_of_each_file_and_lets_no_name_speak_html() {
        let item = |name: &str, size, state, reason: Option<&str>| ItemRow {
            account: "acme".into(),
            attachment_id: 9,
            comment_id: 420,
            ticket_id: 42,
            run_id: "r1".into(),
            file_name: name.into(),
            size,
            content_type: "image/png".into(),
            sniffed: Some(if name == "virus.exe" { "text/html".into() } else { "image/png".into() }),
            state,
            reason_code: None,
            reason: reason.map(Into::into),
            sha256: (state == ItemState::Redacted).then(|| "0123456789abcdef".into()),
            object_key: (state == ItemState::Redacted).then(|| "v1/acme/x.png".into()),
            deleted_copies: 0,
            done_bytes: size,
            updated_at: DateTime::UNIX_EPOCH,
            verified_at: None,
        };
        let items = [
            item("<b>\u{202e}gpj.exe</b>.png", 2_140_000, ItemState::Redacted, None),
            item("virus.exe", 0, ItemState::Skipped, Some("Zendesk found malware in it")),
            ItemRow {
                object_key: Some("v1/acme/quarantine/x".into()),
                ..item("worm", 5, ItemState::Redacted, None)
            },
        ];
        assert_eq!(
            html("r1", &items, 0, "s3://acme-files"),
            "<p><strong>2 of 3 files were archived.</strong> Each copy is in s3://acme-files; it was read back and \
             compared before the file was redacted here.</p><table><thead><tr><th>File</th><th>Size</th><th>Result</th>\
             <th>SHA-256</th></tr></thead><tbody>\
             <tr><td>&lt;b&gt;gpj.exe&lt;/b&gt;.png</td><td>2.1 MB</td><td>archived</td><td>0123456789ab</td></tr>\
             <tr><td>virus.exe</td><td>0 B</td><td>Zendesk found malware in it; says image/png, is text/html</td><td>–</td></tr>\
             <tr><td>worm</td><td>5 B</td><td>archived in quarantine: Zendesk found malware in it</td><td>0123456789ab</td>\
             </tr></tbody></table><p>Deskside archive run r1 (3)</p>"
        );
    }

    #[test]
    fn the_headline_says_what_happened_and_no_file_means_no_proof() {
        let item = |state, reason: Option<&str>| ItemRow {
            account: "acme".into(),
            attachment_id: 9,
            comment_id: 420,
            ticket_id: 42,
            run_id: "r1".into(),
            file_name: "a.exe".into(),
            size: 1,
            content_type: "image/png".into(),
            sniffed: None,
            state,
            reason_code: None,
            reason: reason.map(Into::into),
            sha256: None,
            object_key: None,
            deleted_copies: 0,
            verified_at: None,
            done_bytes: 0,
            updated_at: DateTime::UNIX_EPOCH,
        };
        let held = item(ItemState::Held, Some("the ticket has the tag `legal_hold`"));
        let (moved, failed) = (item(ItemState::Redacted, None), item(ItemState::Failed, Some("it broke")));
        let check = |items: &[&ItemRow], headline: &str, proof: bool| {
            let items: Vec<ItemRow> = items.iter().map(|item| (*item).clone()).collect();
            let html = html("r1", &items, 0, "s3://acme-files");
            assert!(html.starts_with(&format!("<p><strong>{headline}</strong>")), "{html}");
            assert_eq!(html.contains("Each copy"), proof, "{html}");
            assert!(!html.contains('`'), "{html}");
        };
        check(&[&held], "No file was archived.", false);
        check(&[&moved], "1 of 1 file was archived.", true);
        check(&[&moved, &held, &failed, &moved], "2 of 4 files were archived.", true);
        let beside = |unreadable| html("r1", std::slice::from_ref(&moved), unreadable, "s3://acme-files");
        assert!(
            beside(1).contains("archived. 1 more file could not be read and is still here.</strong> Each")
        );
        assert!(beside(2).contains("archived. 2 more files could not be read and are still here.</strong>"));
        let given_up = html_of_given_up("r1", &[held], "the tag `x` is there");
        assert!(given_up.contains("No file was archived.") && !given_up.contains('`'), "{given_up}");
    }
}
