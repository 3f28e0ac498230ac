//! One row as text. CSV is RFC 4180 and opens harmlessly in a spreadsheet; JSON is JSON Lines, one object a line, so
//! that a reader needs no more memory than a writer and sees where a broken file ends. **Invariant:** no I/O.

use std::fmt::Display;

use serde::Deserialize;
use wire::LedgerLine;

/// How an export is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// For spreadsheets.
    Csv,
    /// For programs: JSON Lines.
    Json,
}

impl Format {
    /// What stands before the first row.
    pub const fn head(self) -> &'static str {
        match self {
            Self::Csv => {
                "seq,at,actor,action,ticket_id,attachment_id,sha256,object_key,detail,prev_hash,hash\r\n"
            }
            Self::Json => "",
        }
    }

    /// The media type of a whole export.
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Json => "application/x-ndjson",
        }
    }

    /// What a file of it is called.
    pub const fn file_name(self) -> &'static str {
        match self {
            Self::Csv => "deskside-ledger.csv",
            Self::Json => "deskside-ledger.jsonl",
        }
    }

    /// Adds a row.
    pub fn write(self, line: &LedgerLine, to: &mut Vec<u8>) {
        match self {
            Self::Csv => to.extend_from_slice(csv(line).as_bytes()),
            Self::Json => {
                serde_json::to_writer(&mut *to, line).expect("a row is plain data");
                to.push(b'\n');
            }
        }
    }
}

fn csv(line: &LedgerLine) -> String {
    fn number(number: Option<impl Display>) -> String {
        number.map(|number| number.to_string()).unwrap_or_default()
    }
    let text = |text: &Option<String>| csv_cell(text.as_deref().unwrap_or_default());
    let cells = [
        line.seq.to_string(),
        line.at.clone(),
        csv_cell(&line.actor),
        csv_cell(&line.action),
        number(line.ticket_id),
        number(line.attachment_id),
        text(&line.sha256),
        text(&line.object_key),
        csv_cell(&line.detail.to_string()),
        csv_cell(&line.prev_hash),
        csv_cell(&line.hash),
    ];
    cells.join(",") + "\r\n"
}

/// A text in quotes where it needs them, and never one that a spreadsheet takes for a formula.
pub fn csv_cell(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) && !is_negative_number(text);
    let guard = if formula { "'" } else { "" };
    if formula || text.contains([',', '"', '\r', '\n']) {
        format!("\"{guard}{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

/// A spreadsheet computes nothing of it, and reads it as a number only without the guard.
fn is_negative_number(text: &str) -> bool {
    let Some(number) = text.strip_prefix('-') else { return false };
    let (whole, part) = number.split_once('.').unwrap_or((number, "0"));
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_digits(whole) && is_digits(part)
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use wire::{AttachmentId, TicketId};

    use super::*;

    fn line() -> LedgerLine {
        LedgerLine {
            seq: 7,
            at: "2026-11-22T12:00:00.000000Z".into(),
            actor: "agent:77".into(),
            action: "stored".into(),
            ticket_id: Some(TicketId(42)),
            attachment_id: Some(AttachmentId(9)),
            sha256: Some("ab".into()),
            object_key: None,
            detail: json!({"size": 10}),
            prev_hash: "00".into(),
            hash: "01".into(),
        }
    }

    #[test]
    fn a_row_is_one_record_of_csv_and_one_line_of_json() {
        let written = |format: Format| {
            let mut text = Vec::new();
            format.write(&line(), &mut text);
            String::from_utf8(text).expect("UTF-8")
        };
        let expected =
            "7,2026-11-22T12:00:00.000000Z,agent:77,stored,42,9,ab,,\"{\"\"size\"\":10}\",00,01\r\n";
        assert_eq!(written(Format::Csv), expected);
        assert_eq!(Format::Csv.head().matches(',').count(), 10);
        let json = written(Format::Json);
        assert!(json.ends_with('\n') && json.matches('\n').count() == 1, "{json}");
        assert_eq!(serde_json::from_str::<LedgerLine>(&json).expect("a row"), line());
    }

    #[test]
    fn no_cell_is_a_formula_or_breaks_out_of_its_quotes() {
        for (text, expected) in [
            ("plain", "plain"),
            ("", ""),
            ("=HYPERLINK(\"x\")", "\"'=HYPERLINK(\"\"x\"\")\""),
            ("+81", "\"'+81\""),
            ("-1", "-1"),
            ("-1200.50", "-1200.50"),
            ("-1+2", "\"'-1+2\""),
            ("-1.", "\"'-1.\""),
            ("-", "\"'-\""),
            ("@sum", "\"'@sum\""),
            ("\t=1", "\"'\t=1\""),
            ("a,b", "\"a,b\""),
            ("a\r\nb", "\"a\r\nb\""),
            ("見積\"書\"", "\"見積\"\"書\"\"\""),
            ("a=1", "a=1"),
        ] {
            assert_eq!(csv_cell(text), expected, "{text:?}");
        }
    }
}
