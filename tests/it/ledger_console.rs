//! Admins look into the ledger: over HTTP, and on the command line of whoever runs the server.

use deskside::store::query;
use deskside_sandbox::credentials;
use serde_json::{Value, json};

use super::command_line::runs;
use crate::support::archive::files;
use crate::support::testbed::{Testbed, bed};

const AGENT: u64 = credentials::AGENT_ID;
const ADMIN: u64 = credentials::ADMIN_ID;

/// The four files of ticket 42 were put away: one wish, then stored, verified and redacted for each.
async fn put_away(bed: &Testbed) {
    bed.agent(AGENT).await.archives(42).await;
    bed.run_jobs().await;
}

fn column(page: &Value, name: &str) -> Vec<Value> {
    page["rows"].as_array().expect("rows").iter().map(|row| row[name].clone()).collect()
}

#[tokio::test]
async fn an_admin_pages_through_the_ledger_newest_first_and_an_agent_does_not() {
    bed()
        .run_on_each(async |bed| {
            put_away(bed).await;
            let admin = bed.agent(ADMIN).await;
            let all = admin.gets("/api/ledger").await;
            assert_eq!(all.header("cache-control"), "no-store");
            let seqs: Vec<u64> = (1..=13).rev().collect();
            assert_eq!(json!(column(&all.json(), "seq")), json!(seqs));
            assert_eq!(all.json()["next"], json!(null));
            let page = admin.gets("/api/ledger?limit=2&before=10").await.json();
            assert_eq!((json!(column(&page, "seq")), &page["next"]), (json!([9, 8]), &json!(8)));
            let wish = &admin.gets("/api/ledger?action=requested").await.json()["rows"][0];
            assert_eq!((&wish["actor"], &wish["ticket_id"]), (&json!(format!("agent:{AGENT}")), &json!(42)));
            let check = async |query: &str, rows: usize| {
                let page = admin.gets(&format!("/api/ledger?{query}")).await;
                assert_eq!(
                    (page.verdict().as_str(), column(&page.json(), "seq").len()),
                    ("200", rows),
                    "{query}"
                );
            };
            check("ticket=42", 13).await;
            check("ticket=43", 0).await;
            check("action=redacted", 4).await;
            check("action=redacted&limit=100000", 4).await;
            check("actor=agent:9999", 0).await;
            check("actor='%20OR%20''='", 0).await;
            check("since=2026-11-22&until=2026-11-23", 13).await;
            check("since=2026-11-23T00:00:00Z", 0).await;
            check("until=2026-11-22T12:00:00%2B09:00", 0).await;
            for query in
                ["ticket=x", "since=yesterday", "limit=-1", "before=", "tikcet=42", "since=1&since=2"]
            {
                let refused = admin.gets(&format!("/api/ledger?{query}")).await;
                assert_eq!(refused.verdict(), "400 query_invalid", "{query}");
            }
            let agent = bed.agent(AGENT).await;
            for path in ["/api/ledger", "/api/ledger/volume", "/api/ledger/export?format=csv"] {
                assert_eq!(agent.gets(path).await.verdict(), "403 admin_only", "{path}");
            }
        })
        .await;
}

#[tokio::test]
async fn the_console_draws_what_left_zendesk_day_by_day() {
    bed()
        .run_on_each(async |bed| {
            let admin = bed.agent(ADMIN).await;
            assert_eq!(admin.gets("/api/ledger/volume").await.json(), json!({"days": []}));
            let bytes = |ticket| files(bed, ticket).values().map(|file| file.bytes.len()).sum::<usize>();
            let (first, second) = (bytes(42), bytes(18));
            put_away(bed).await;
            bed.pass(24 * 3600);
            let admin = bed.agent(ADMIN).await;
            let count = files(bed, 18).len();
            admin.archives(18).await;
            bed.run_jobs().await;
            let one = json!({"day": "2026-11-22", "files": 4, "bytes": first});
            let two = json!({"day": "2026-11-23", "files": count, "bytes": second});
            let check = async |query: &str, days: Value| {
                let volume = admin.gets(&format!("/api/ledger/volume{query}")).await;
                assert_eq!(volume.json(), json!({ "days": days }), "{query}");
            };
            check("", json!([one, two])).await;
            check("?since=2026-11-23", json!([two])).await;
            check("?until=2026-11-23", json!([one])).await;
            check("?since=2026-01-01&until=2026-02-01", json!([])).await;
            let century = admin.gets("/api/ledger/volume?since=1926-01-01").await;
            assert_eq!(century.verdict(), "400 query_invalid");
        })
        .await;
}

#[tokio::test]
async fn all_of_the_ledger_is_a_file_for_a_spreadsheet_or_a_program() {
    bed()
        .run_on_each(async |bed| {
            put_away(bed).await;
            let admin = bed.agent(ADMIN).await;
            let csv = admin.gets("/api/ledger/export?format=csv").await;
            assert_eq!(csv.header("content-type"), "text/csv; charset=utf-8");
            assert_eq!(csv.header("content-disposition"), "attachment; filename=\"deskside-ledger.csv\"");
            let lines: Vec<&str> = csv.text.split_terminator("\r\n").collect();
            assert_eq!(lines.len(), 14);
            assert!(lines[0].starts_with("seq,at,actor,") && lines[1].starts_with("1,2026-11-22T12:00:00"));
            let json = admin.gets("/api/ledger/export?format=json&ticket=42").await;
            assert_eq!(json.header("content-type"), "application/x-ndjson");
            let rows: Vec<Value> =
                json.text.lines().map(|line| serde_json::from_str(line).expect("a row")).collect();
            let chained = rows.windows(2).all(|pair| pair[1]["prev_hash"] == pair[0]["hash"]);
            assert!(rows.len() == 13 && chained);
            let none = admin.gets("/api/ledger/export?format=json&ticket=43").await;
            assert_eq!((none.verdict().as_str(), none.text.as_str()), ("200", ""));
            let page = admin.gets("/api/ledger/export?format=xml").await;
            assert_eq!(page.verdict(), "400 query_invalid");
            let settings = [];
            for (format, expected) in [("csv", &csv.text), ("json", &json.text)] {
                let (ended_well, text) =
                    runs(bed, &settings, &["ledger", "export", "--format", format]).await;
                assert!(ended_well && text == **expected, "{format}: {text}");
            }
        })
        .await;
}

#[tokio::test]
async fn an_export_of_many_rows_arrives_whole() {
    bed()
        .run(async |bed| {
            let mut tx = bed.db.begin().await.expect("the database answers");
            for number in 0..1_234 {
                let entry = deskside::store::ledger::LedgerEntry {
                    at: bed.clock.now(),
                    actor: "=cmd|' /C calc'!A0".into(),
                    action: "tested".into(),
                    ticket_id: Some(number),
                    attachment_id: None,
                    sha256: None,
                    object_key: None,
                    detail: json!({}),
                };
                let row = deskside::store::ledger::append(&mut tx, credentials::SUBDOMAIN, &entry).await;
                row.expect("it is written");
            }
            tx.commit().await.expect("it is written");
            let admin = bed.agent(ADMIN).await;
            let csv = admin.gets("/api/ledger/export?format=csv").await.text;
            assert_eq!(csv.matches("\r\n").count(), 1_235);
            assert!(!csv.contains(",=cmd") && csv.contains(",\"'=cmd|' /C calc'!A0\","));
            let folder = tempfile::tempdir().expect("a folder");
            let out = folder.path().join("ledger.csv");
            let arguments = ["ledger", "export", "--format", "csv", "--out", out.to_str().expect("UTF-8")];
            let (ended_well, text) = runs(bed, &[], &arguments).await;
            assert!(ended_well && text.is_empty(), "{text}");
            assert_eq!(std::fs::read_to_string(&out).expect("written"), csv);
            assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 1);
            let nowhere = ["ledger", "export", "--format", "csv", "--out", "/proc/nowhere/ledger.csv"];
            let (ended_well, text) = runs(bed, &[], &nowhere).await;
            assert!(!ended_well && text.contains("/proc/nowhere/ledger.csv cannot be written"), "{text}");
        })
        .await;
}

/// What `deskside ledger verify` says after somebody with the keys to the database did `harm`.
#[tokio::test]
async fn the_operator_is_told_which_row_is_not_what_was_written() {
    bed()
        .run_on_each(async |bed| {
            put_away(bed).await;
            let verify = async || runs(bed, &[], &["ledger", "verify"]).await;
            let (ended_well, text) = verify().await;
            assert!(ended_well && text.contains("is intact: 13 rows, the last with the hash "), "{text}");
            if bed.db.is_postgres() {
                query("ALTER TABLE ledger DISABLE TRIGGER ALL").execute(&bed.db).await.expect("done");
            } else {
                query("DROP TRIGGER ledger_keeps_what_it_says").execute(&bed.db).await.expect("done");
                query("DROP TRIGGER ledger_keeps_every_row").execute(&bed.db).await.expect("done");
            }
            let check = async |harm: &'static str, expected: &str| {
                query(harm).execute(&bed.db).await.expect("done");
                let (ended_well, text) = verify().await;
                assert!(!ended_well && text.contains(expected), "{harm}: {text}");
            };
            // From the end to the beginning: the first broken row is the one that counts.
            check("DELETE FROM ledger WHERE seq > 11", "the end is missing, from row 12 on").await;
            check("UPDATE ledger SET actor = 'agent:1' WHERE seq = 9", "row 9 is not what was written").await;
            check("DELETE FROM ledger WHERE seq = 5", "row 5 is missing. The 4 rows before it are intact")
                .await;
            check("DELETE FROM ledger_heads", "row 1 was put behind the end").await;
        })
        .await;
}
