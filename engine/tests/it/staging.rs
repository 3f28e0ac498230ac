//! A staged table appears whole or not at all, and only its owner reads it.

use std::{fs, os::unix::fs::PermissionsExt};

use engine::{Reader, StagingError, Type, Value, Writer};

use crate::stage::{columns, entries, lines};

#[test]
fn a_table_is_private_and_replaces_the_older_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("users.parquet");
    for generation in 1..=2 {
        let mut writer = Writer::create(&path, &columns(&[("id", Type::Integer)]), &[]).unwrap();
        for _ in 0..20_000 {
            writer.push(&[Value::Integer(generation)]).unwrap();
        }
        let staged = writer.finish().unwrap();
        assert_eq!((staged.rows, staged.bytes), (20_000, fs::metadata(&path).unwrap().len()));
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let batches: Vec<_> = Reader::open(&path).unwrap().map(Result::unwrap).collect();
        assert_eq!(batches.iter().map(engine::Batch::rows).sum::<usize>(), 20_000);
        assert_eq!(batches[1].value(5, 0), Value::Integer(generation));
    }
    assert_eq!(entries(folder.path()), 1);
}

#[test]
fn json_stays_json_in_a_staged_table() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("users.parquet");
    let mut writer = Writer::create(&path, &columns(&[("fields", Type::Json)]), &[]).unwrap();
    writer.push(&[Value::Json("{}".into())]).unwrap();
    writer.finish().unwrap();
    let batch = Reader::open(&path).unwrap().next().unwrap().unwrap();
    assert_eq!((batch.columns()[0].kind, lines(&batch)), (Type::Json, vec!["json {}".to_owned()]));
}

#[test]
fn an_unfinished_table_leaves_the_older_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("users.parquet");
    fs::write(&path, "older").unwrap();
    let mut writer = Writer::create(&path, &columns(&[("id", Type::Integer)]), &[]).unwrap();
    writer.push(&[Value::Integer(1)]).unwrap();
    drop(writer);
    assert_eq!(fs::read(&path).unwrap(), b"older");
    assert_eq!(entries(folder.path()), 1);
}

#[test]
fn addresses_get_a_neighbour_that_can_be_compared() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("users.parquet");
    let texts = columns(&[("email", Type::Text), ("name", Type::Text)]);
    let mut writer = Writer::create(&path, &texts, &["email".to_owned()]).unwrap();
    for email in [Value::Text(" Ｔaro@Example.com".into()), Value::Text("  ".into()), Value::Null] {
        writer.push(&[email, Value::Text("T".into())]).unwrap();
    }
    writer.finish().unwrap();
    let batch = Reader::open(&path).unwrap().next().unwrap().unwrap();
    let names: Vec<_> = batch.columns().iter().map(|column| column.name.as_str()).collect();
    assert_eq!(names, ["email", "email_key", "name"]);
    assert_eq!(lines(&batch), [" Ｔaro@Example.com | taro@example.com | T", "   | - | T", "- | - | T"]);
}

#[test]
fn what_does_not_fit_is_refused_by_column() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.parquet");
    let check = |kind, value, expected: &str| {
        let mut writer = Writer::create(&path, &columns(&[("mrr", kind)]), &[]).unwrap();
        assert_eq!(writer.push(&[value]).unwrap_err().to_string(), expected);
    };
    let money = Type::Decimal { precision: 5, scale: 2 };
    check(Type::Integer, Value::Text("12".into()), "column `mrr` holds Integer and was given text");
    check(Type::Text, Value::Json("{}".into()), "column `mrr` holds Text and was given JSON");
    let digits = "column `mrr` holds decimals of 5 digits, 2 after the point; a number has more";
    check(money, Value::Decimal { unscaled: 100_000, scale: 2 }, digits);
    check(money, Value::Decimal { unscaled: 1, scale: 3 }, digits);
    check(money, Value::Decimal { unscaled: i128::MAX, scale: 0 }, digits);
    assert_eq!(entries(folder.path()), 0);
}

#[test]
fn columns_that_cannot_be_told_apart_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.parquet");
    let check = |names: &[(&str, Type)], keyed: &str, expected: &str| {
        let error = Writer::create(&path, &columns(names), &[keyed.to_owned()]).unwrap_err();
        assert_eq!(error.to_string(), expected);
    };
    let twice = "two columns are named `email_key`: rename one of them in the source";
    check(&[("email", Type::Text), ("email_key", Type::Text)], "email", twice);
    check(&[("id", Type::Integer)], "id", "`id` is not a text column of this source, so it can have no key");
    check(&[], "email", "`email` is not a text column of this source, so it can have no key");
}

#[test]
fn a_folder_that_is_missing_and_a_file_that_is_no_table_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("missing/t.parquet");
    let error = Writer::create(&missing, &columns(&[("id", Type::Integer)]), &[]).unwrap_err();
    assert!(matches!(error, StagingError::File { doing: "written", .. }), "{error}");
    assert!(matches!(Reader::open(&missing).unwrap_err(), StagingError::File { doing: "read", .. }));
    let noise = folder.path().join("noise.parquet");
    fs::write(&noise, "PAR1 and nothing else PAR1").unwrap();
    let error = Reader::open(&noise).unwrap_err();
    assert!(error.to_string().ends_with("cannot be read: it is not a staged table"), "{error}");
}
