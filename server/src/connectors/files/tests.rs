//! Files as people and programs write them.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use engine::{Type, Value};
use futures::TryStreamExt;
use serde_json::json;

use super::*;
use crate::connectors::VendorError;
use crate::connectors::rows::Oddity;

/// A folder that may be read, with one that may not beside it.
fn place() -> (tempfile::TempDir, FileSource) {
    let parent = tempfile::tempdir().expect("a folder");
    let folder = parent.path().join("reports");
    fs::create_dir(&folder).expect("a folder");
    let source = source(&folder, &[&folder]);
    (parent, source)
}

fn source(folder: &Path, allowed: &[&Path]) -> FileSource {
    let folders = allowed.iter().map(|folder| folder.display().to_string()).collect();
    FileSource::new(&ReportSettings { folder: folder.to_owned() }, &Settings { folders }, "acme")
}

fn named(path: &str) -> ReadFile {
    ReadFile { path: path.to_owned(), ..ReadFile::default() }
}

struct Read {
    columns: Vec<(String, Type)>,
    rows: Vec<Vec<Value<'static>>>,
    oddities: Vec<(String, Oddity, u64)>,
    notes: Vec<String>,
}

async fn read(source: &FileSource, read: &ReadFile) -> Result<Read, ReadError> {
    let rows = source.read(read).await?;
    let columns = rows.columns.into_iter().map(|column| (column.name, column.kind)).collect();
    let batches: Vec<_> = rows.batches.try_collect().await?;
    let rows_of = batches.into_iter().flatten().collect();
    Ok(Read { columns, rows: rows_of, oddities: rows.oddities.counts(), notes: rows.notes })
}

/// Reads a file with this content.
async fn read_bytes(name: &str, bytes: &[u8], options: serde_json::Value) -> Result<Read, ReadError> {
    let (parent, source) = place();
    fs::write(parent.path().join("reports").join(name), bytes).expect("a file");
    let mut wanted = json!({ "path": name });
    let options = options.as_object().cloned().unwrap_or_default();
    wanted.as_object_mut().expect("an object").extend(options);
    read(&source, &serde_json::from_value(wanted).expect("how to read it")).await
}

fn invalid(text: &str) -> Value<'static> {
    Value::Invalid(text.to_owned().into())
}

fn text(text: &str) -> Value<'static> {
    Value::Text(text.to_owned().into())
}

const fn decimal(unscaled: i128, scale: i8) -> Value<'static> {
    Value::Decimal { unscaled, scale }
}

#[tokio::test]
async fn a_csv_is_read_however_it_was_exported() {
    let expected_columns = [("email".to_owned(), Type::Text), ("company".to_owned(), Type::Text)];
    let check = async |bytes: &[u8], company: &str, note: &str| {
        let found = read_bytes("users.csv", bytes, json!({})).await.expect("rows");
        assert_eq!(found.columns, expected_columns);
        let expected = [[text("ann@acme.example"), text(company)], [text("bob@acme.example"), Value::Null]];
        assert_eq!(found.rows, expected);
        assert!(found.notes.join("; ").contains(note), "{:?}", found.notes);
    };
    check(b"email,company\nann@acme.example,Acme\nbob@acme.example,\n", "Acme", "commas").await;
    check(b"\xef\xbb\xbfemail,company\r\nann@acme.example,Acme\r\nbob@acme.example,\r\n", "Acme", "").await;
    check(b" Email ; COMPANY \nann@acme.example;Acme\nbob@acme.example;\n", "Acme", "semicolons").await;
    check(b"email\tcompany\nann@acme.example\tAcme\nbob@acme.example\t", "Acme", "tabs").await;
    check(b"sep=|\r\nemail|company\r\nann@acme.example|Acme\r\nbob@acme.example|\r\n", "Acme", "vertical")
        .await;
    check(
        b"email,company\nann@acme.example,\"Acme, \"\"Inc\"\"\nTokyo\"\nbob@acme.example,\"\"\n",
        "Acme, \"Inc\"\nTokyo",
        "",
    )
    .await;
    check(b"email,company\n\nann@acme.example,5\" disk\n\nbob@acme.example,\n", "5\" disk", "").await;
    let japanese = "email,company\nann@acme.example,株式会社アクメ\nbob@acme.example,\n";
    check(&encoding_rs::SHIFT_JIS.encode(japanese).0, "株式会社アクメ", "Shift_JIS").await;
    let german = "email,company\nann@acme.example,Müller & Söhne GmbH für Straßenbau\nbob@acme.example,\n";
    check(&encoding_rs::WINDOWS_1252.encode(german).0, "Müller & Söhne GmbH für Straßenbau", "windows-1252")
        .await;
    let utf_16: Vec<u8> = "\u{feff}email,company\nann@acme.example,Acme 😀\nbob@acme.example,\n"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    check(&utf_16, "Acme 😀", "UTF-16LE").await;
}

#[tokio::test]
async fn a_cell_has_the_type_of_its_whole_column() {
    let csv = "id,zip,mrr,amount,paying,start,seen,score,note\n\
               1,00501,99.5,\"1,000\",true,2026-11-30,2026-11-30T09:00:00+09:00,12345678901234567890,NA\n\
               -20,7,1000,2,FALSE,0000-00-00,1970-01-01 00:00:00,1,null\n";
    let found = read_bytes("a.csv", csv.as_bytes(), json!({})).await.expect("rows");
    let expected = [
        ("id", Type::Integer),
        ("zip", Type::Text),
        ("mrr", Type::Decimal { precision: 5, scale: 1 }),
        ("amount", Type::Text),
        ("paying", Type::Boolean),
        ("start", Type::Date),
        ("seen", Type::Timestamp),
        ("score", Type::Decimal { precision: 20, scale: 0 }),
        ("note", Type::Text),
    ];
    assert_eq!(found.columns, expected.map(|(name, kind)| (name.to_owned(), kind)));
    let first = [
        Value::Integer(1),
        text("00501"),
        decimal(995, 1),
        text("1,000"),
        Value::Boolean(true),
        Value::Date(20_787),
        Value::Timestamp(1_795_996_800_000_000),
        decimal(12_345_678_901_234_567_890, 0),
        text("NA"),
    ];
    assert_eq!(found.rows[0], first);
    assert_eq!(found.rows[1][5], Value::Null);
    assert_eq!(found.oddities, [("start".to_owned(), Oddity::ZeroDate, 1)]);
}

#[tokio::test]
async fn an_admin_fixes_types_encoding_and_delimiter() {
    let csv = "account_id,mrr,zip\n7,5,501\n8,,502\n";
    let types = json!({ "types": { "Account_ID": "text", "mrr": "decimal(12,2)", "zip": "integer" } });
    let found = read_bytes("a.csv", csv.as_bytes(), types).await.expect("rows");
    assert_eq!(found.rows[0], [text("7"), decimal(500, 2), Value::Integer(501)]);
    assert_eq!(found.rows[1][1], Value::Null);
    let found = read_bytes("a.csv", b"a;b,c\n1;2,3\n", json!({ "delimiter": "," })).await.expect("rows");
    assert_eq!(found.columns.len(), 2);
    let found = read_bytes("a.csv", b"name\ncaf\xe9\n", json!({ "encoding": "latin1" })).await.expect("rows");
    assert_eq!(found.rows, [[text("café")]]);
    let found = read_bytes("a.csv", b"name\ncaf\xe9\n", json!({ "encoding": "utf-8" })).await.expect("rows");
    assert_eq!(found.rows, [[text("caf\u{fffd}")]]);
    assert_eq!(found.oddities, [("name".to_owned(), Oddity::InvalidText, 1)]);
}

#[tokio::test]
async fn a_file_that_is_not_well_formed_is_refused_with_its_line() {
    let check = async |name: &str, bytes: &[u8], options: serde_json::Value, expected: &str| {
        let error = read_bytes(name, bytes, options).await.err().unwrap_or_else(|| panic!("{expected}"));
        assert!(error.to_string().contains(expected), "{error}");
        assert!(!error.is_outage(), "{error}");
    };
    let csv = async |text: &str, expected: &str| check("a.csv", text.as_bytes(), json!({}), expected).await;
    csv("", "`a.csv` is empty; its first line must name the columns").await;
    csv("a,b\n1,x\0y\n", "`a.csv` has bytes that are in no text (NUL); save it as UTF-8, or set `encoding`")
        .await;
    let utf_32: Vec<u8> = "a,b\n1,2\n".chars().flat_map(|letter| u32::from(letter).to_le_bytes()).collect();
    check("a.csv", &utf_32, json!({}), "`a.csv` has bytes that are in no text (NUL)").await;
    for begin in [&b"PK\x03\x04\x14\0"[..], b"\xd0\xcf\x11\xe0\xa1\xb1", b"\x1f\x8b\x08", b"PAR1\x15\0"] {
        for name in ["a.csv", "a.jsonl", "a.xlsx"] {
            let told = format!("`{name}` is an Excel workbook or an archive; save it as CSV, or unpack it");
            check(name, &[begin, b"a,b\n1,2\n"].concat(), json!({}), &told).await;
        }
    }
    csv("a,b\n1,2\n3\n4,5,6\n", "2 rows whose number of cells is not the header's 2, first in line 3 with 1")
        .await;
    csv("a,b\n\"x\ny\",2\n3\n", "first in line 4 with 1").await;
    let open =
        |line| format!("line {line} of `a.csv` opens a quote that is not closed at the end of its cell");
    csv("a,b\n1,\"open\n2,3\n4,5\n", &open(2)).await;
    // The next quote would close it, and the rows between would be one cell.
    csv("email,name\n\"a@x,Ann\n\"b@x\",Bob\nc@x,Carl\n", &open(2)).await;
    csv("email,name\n1,2\n\"a@x,Ann\n\"b@x,Bob\nc@x,Carl\n", &open(3)).await;
    csv("a,A\n1,2\n", "the columns `a` and `A` have the same name in lower case").await;
    csv("a,,c\n1,2,3\n", "column 2 has no name").await;
    csv(&format!("a,b\n1,{}\n", "x".repeat(1_048_577)), "row 1 has 1048577 bytes in column `b`").await;
    csv(&format!("a,b\n1,\"{}", "x\n".repeat(4_200_000)), "has more than 8388608 bytes").await;
    let options =
        async |options, expected: &str| check("a.csv", b"id,b\n1,2\nx,3\n", options, expected).await;
    options(
        json!({ "types": { "id": "integer" } }),
        "line 3 of `a.csv` has a value in column `id` that is not an integer",
    )
    .await;
    options(
        json!({ "types": { "ids": "integer" } }),
        "`types` names the column `ids`, which `a.csv` does not have",
    )
    .await;
    options(json!({ "types": { "id": "bigint" } }), "the type of `id` must be one of text, integer").await;
    options(json!({ "encoding": "klingon" }), "unknown `encoding`").await;
    options(json!({ "delimiter": "x" }), "`delimiter` must be one of").await;
    let lines =
        async |text: &str, expected: &str| check("a.jsonl", text.as_bytes(), json!({}), expected).await;
    lines("", "is empty").await;
    lines("{\"a\":1}\n[1]\n", "line 2 of `a.jsonl` is not a JSON object").await;
    lines("{\"a\":1}\n{\"a\":\n", "line 2 of `a.jsonl` is not a JSON object").await;
    lines("[{\"a\":1}]", "line 1 of `a.jsonl` is not a JSON object; write one object in each line").await;
    lines("{\"a\":1,\"A\":2}\n", "`a` and `A` have the same name").await;
}

#[tokio::test]
async fn json_lines_keep_every_digit_and_every_key() {
    let lines = "{\"email\":\"ann@acme.example\",\"mrr\":1.10,\"tags\":[\"a\",1],\"zip\":\"007\"}\n\n\
                 {\"email\":null,\"paying\":true,\"mrr\":12345678901234567890123.5,\"start\":\"2026-11-30\",\"zip\":\"\"}\r\n";
    let found = read_bytes("a.jsonl", lines.as_bytes(), json!({})).await.expect("rows");
    let expected = [
        ("email", Type::Text),
        ("mrr", Type::Decimal { precision: 25, scale: 2 }),
        ("tags", Type::Json),
        ("zip", Type::Text),
        ("paying", Type::Boolean),
        ("start", Type::Date),
    ];
    assert_eq!(found.columns, expected.map(|(name, kind)| (name.to_owned(), kind)));
    let first = [
        text("ann@acme.example"),
        decimal(110, 2),
        Value::Json("[\"a\",1]".into()),
        text("007"),
        Value::Null,
        Value::Null,
    ];
    let second = [
        Value::Null,
        decimal(1_234_567_890_123_456_789_012_350, 2),
        Value::Null,
        text(""),
        Value::Boolean(true),
        Value::Date(20_787),
    ];
    assert_eq!(found.rows, [first, second]);
}

#[tokio::test]
async fn what_is_no_finite_number_in_json_is_counted_and_not_empty() {
    let lines = r#"{"id":1,"mrr":1.5,"rate":NaN,"note":"NaN"}
        {"id":2,"mrr":NaN,"rate":-Infinity,"note":"x","more":{"a":[Infinity,1]}}"#;
    let found = read_bytes("a.jsonl", lines.as_bytes(), json!({})).await.expect("rows");
    let first = [Value::Integer(1), decimal(15, 1), invalid("NaN"), text("NaN"), Value::Null];
    let more = Value::Json(r#"{"a":[null,1]}"#.into());
    assert_eq!(
        found.rows,
        [first, [Value::Integer(2), invalid("NaN"), invalid("Infinity"), text("x"), more]]
    );
    let counted = |name: &str, oddity| (name.to_owned(), oddity, 1);
    let expected = [
        counted("more", Oddity::NumberOutOfRange),
        counted("mrr", Oddity::NotANumber),
        counted("rate", Oddity::NotANumber),
        counted("rate", Oddity::NumberOutOfRange),
    ];
    assert_eq!(found.oddities, expected);
}

#[tokio::test]
async fn only_files_of_the_folder_are_read() {
    let (parent, source) = place();
    let folder = parent.path().join("reports");
    fs::write(parent.path().join("secret.csv"), "a\n1\n").expect("a file");
    fs::write(folder.join("real.csv"), "a\n1\n").expect("a file");
    fs::create_dir(folder.join("sub.csv")).expect("a folder");
    fs::write(folder.join("sub.csv/x.csv"), "a\n1\n").expect("a file");
    symlink(parent.path().join("secret.csv"), folder.join("out.csv")).expect("a link");
    symlink(folder.join("real.csv"), folder.join("in.csv")).expect("a link");
    symlink("/dev/zero", folder.join("device.csv")).expect("a link");
    let pipe = std::process::Command::new("mkfifo").arg(folder.join("pipe.csv")).status();
    assert!(pipe.expect("mkfifo").success());
    let check = async |path: &str, expected: Result<usize, &str>| {
        let found = read(&source, &named(path)).await.map(|found| found.rows.len());
        match (found, expected) {
            (Ok(found), Ok(expected)) => assert_eq!(found, expected, "{path}"),
            (Err(error), Err(expected)) => assert!(error.to_string().contains(expected), "{path}: {error}"),
            (found, expected) => panic!("{path}: {found:?} instead of {expected:?}"),
        }
    };
    check("real.csv", Ok(1)).await;
    check("in.csv", Ok(1)).await;
    check("missing.csv", Err("there is no file `missing.csv` in the connection's folder")).await;
    for outside in ["out.csv", "device.csv", "pipe.csv", "sub.csv"] {
        check(outside, Err("is not a file of the connection's folder")).await;
    }
    for wrong in
        ["../secret.csv", "/etc/passwd", "sub.csv/x.csv", "", ".", "..", "./real.csv", "real.csv/", "a\0b"]
    {
        check(wrong, Err("`path` must be the name of one file")).await;
    }
    assert_eq!(source.files().await.expect("names"), ["in.csv", "real.csv"]);
}

#[tokio::test]
async fn a_folder_that_becomes_a_link_meanwhile_leads_nowhere_else() {
    let (parent, source) = place();
    let folder = parent.path().join("reports");
    let (inside, aside, outside) = (folder.join("sub"), folder.join("aside"), parent.path().join("outside"));
    for (place, cell) in [(&inside, "ours"), (&outside, "secret")] {
        fs::create_dir(place).expect("a folder");
        fs::write(place.join("a.csv"), format!("a\n{cell}\n")).expect("a file");
    }
    symlink(inside.join("a.csv"), folder.join("a.csv")).expect("a link");
    let is_over = std::sync::atomic::AtomicBool::new(false);
    let opens = || {
        let opened = place::open(&folder, &source.allowed, "a.csv").ok()?;
        Some(std::io::read_to_string(&opened.file).expect("text"))
    };
    let wrong = std::thread::scope(|scope| {
        scope.spawn(|| {
            while !is_over.load(std::sync::atomic::Ordering::Relaxed) {
                fs::rename(&inside, &aside).expect("moved away");
                symlink(&outside, &inside).expect("a link in its place");
                fs::remove_file(&inside).expect("the link");
                fs::rename(&aside, &inside).expect("moved back");
            }
        });
        let wrong = (0..5_000).find_map(|_| opens().filter(|text| text != "a\nours\n"));
        is_over.store(true, std::sync::atomic::Ordering::Relaxed);
        wrong
    });
    assert_eq!((wrong, opens().as_deref()), (None, Some("a\nours\n")));
}

#[tokio::test]
async fn only_folders_that_the_operator_named_are_read() {
    let parent = tempfile::tempdir().expect("a folder");
    let allowed = parent.path().join("reports/{account}");
    for account in ["acme", "other"] {
        let folder = parent.path().join("reports").join(account);
        fs::create_dir_all(folder.join("daily")).expect("a folder");
        fs::write(folder.join("daily/a.csv"), "a\n1\n").expect("a file");
    }
    symlink(parent.path().join("reports/other"), parent.path().join("reports/acme/link")).expect("a link");
    let check = async |folder: PathBuf, expected: Result<(), &str>| {
        let found = source(&folder, &[&allowed]).files().await.map(drop).map_err(|error| error.to_string());
        match (found, expected) {
            (Ok(()), Ok(())) => {}
            (Err(found), Err(expected)) => assert!(found.contains(expected), "{found}"),
            (found, expected) => panic!("{folder:?}: {found:?} instead of {expected:?}"),
        }
    };
    let below = |path: &str| parent.path().join("reports").join(path);
    check(below("acme"), Ok(())).await;
    check(below("acme/daily"), Ok(())).await;
    check(below("acme/none"), Err("the folder of the connection does not exist here")).await;
    let refused = Err("is not below one of `sources.folders`");
    for outside in [
        below("other"),
        below("acme/../other"),
        below("acme/link/daily"),
        below(""),
        "/etc".into(),
        "daily".into(),
    ] {
        check(outside, refused).await;
    }
}

#[tokio::test]
async fn a_file_that_changes_while_it_is_read_is_an_error() {
    let (parent, source) = place();
    let file = parent.path().join("reports/a.csv");
    let row = "x\n";
    // More batches than are read ahead.
    fs::write(&file, format!("a\n{}", row.repeat(20_000))).expect("a file");
    // Written to: no rows are taken for all.
    let rows = source.read(&named("a.csv")).await.expect("rows");
    let written = fs::OpenOptions::new().append(true).open(&file).expect("the file");
    std::io::Write::write_all(&mut &written, row.as_bytes()).expect("one more row");
    let error = rows.batches.try_collect::<Vec<_>>().await.expect_err("it changed");
    assert!(error.to_string().contains("was changed while it was read"), "{error}");
    assert!(error.is_outage());
    // Replaced by another one: the old one is read to its end.
    let rows = source.read(&named("a.csv")).await.expect("rows");
    fs::write(parent.path().join("new"), "a\n1\n").expect("a file");
    fs::rename(parent.path().join("new"), &file).expect("replaced");
    let batches = rows.batches.try_collect::<Vec<_>>().await.expect("the old rows");
    assert_eq!(batches.iter().map(Vec::len).sum::<usize>(), 20_001);
}
