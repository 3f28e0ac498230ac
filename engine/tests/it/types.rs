//! Every type goes through file, engine and pipe unchanged, but JSON, which a model reads as text; what is not exact is
//! refused with what to write.

use engine::{Type, Value};

use crate::stage::Stage;

const MONEY: Type = Type::Decimal { precision: 38, scale: 9 };

fn every_type() -> Stage {
    let columns = [
        ("text", Type::Text),
        ("integer", Type::Integer),
        ("money", MONEY),
        ("yes", Type::Boolean),
        ("day", Type::Date),
        ("moment", Type::Timestamp),
        ("doc", Type::Json),
    ];
    let most = 10_i128.pow(38) - 1;
    let rows = [
        vec![
            Value::Text("日本 \u{1f600}\n\"".into()),
            Value::Integer(i64::MIN),
            Value::Decimal { unscaled: -most, scale: 9 },
            Value::Boolean(true),
            Value::Date(-719_162),
            Value::Timestamp(-62_135_596_800_000_000),
            Value::Json("{\"a\":[1]}".into()),
        ],
        vec![
            Value::Text("x".repeat(100_000).into()),
            Value::Integer(i64::MAX),
            Value::Decimal { unscaled: most, scale: 9 },
            Value::Boolean(false),
            Value::Date(2_932_896),
            Value::Timestamp(253_402_300_799_999_999),
            Value::Json("[]".into()),
        ],
        vec![Value::Null; 7],
    ];
    Stage::new().table("every", &columns, &[], &rows)
}

#[tokio::test]
async fn every_type_comes_back_as_it_went_in() {
    let stage = every_type();
    let columns = stage.plan("select * from every").await.unwrap();
    let kinds: Vec<_> = columns.iter().map(|column| column.kind).collect();
    let expected = [Type::Text, Type::Integer, MONEY, Type::Boolean, Type::Date, Type::Timestamp, Type::Text];
    assert_eq!(kinds, expected);
    let lines = stage.run("select * from every", &["integer"]).await.unwrap();
    assert_eq!(lines[0], "- | - | - | - | - | - | -");
    let most = "9".repeat(38);
    let first = format!(
        "日本 \u{1f600}\n\" | {} | -{most}e-9 | true | day -719162 | -62135596800000000 µs | {{\"a\":[1]}}",
        i64::MIN
    );
    assert_eq!(lines[1], first);
    assert!(lines[2].starts_with(&"x".repeat(100_000)), "{} bytes", lines[2].len());
    assert!(lines[2].ends_with("day 2932896 | 253402300799999999 µs | []"));
}

#[tokio::test]
async fn what_a_model_computes_has_one_of_our_types() {
    let stage = every_type();
    let check = async |expression: &str, expected: Type| {
        let columns = stage.plan(&format!("select {expression} as x from every")).await.unwrap();
        assert_eq!(columns[0].kind, expected, "{expression}");
    };
    check("count(*)", Type::Integer).await;
    check("row_number() over (order by text)", Type::Integer).await;
    check("cast(1 as tinyint)", Type::Integer).await;
    check("integer * 1.5", Type::Decimal { precision: 22, scale: 1 }).await;
    check("sum(money)", MONEY).await;
    check("lower(text)", Type::Text).await;
    check("lower(doc)", Type::Text).await;
    check("string_agg(text, ',')", Type::Text).await;
    check("coalesce(doc, '{}')", Type::Text).await;
    check("cast(moment as date)", Type::Date).await;
    check("now()", Type::Timestamp).await;
    check("moment > timestamp '2026-01-01 00:00:00'", Type::Boolean).await;
    check("date '2026-01-01' + interval '3 months'", Type::Date).await;
}

#[tokio::test]
async fn what_is_not_exact_is_refused_with_what_to_write() {
    let stage = every_type();
    let check = async |expression: &str, expected: &str| {
        let error = stage.plan(&format!("select {expression} as x from every")).await.unwrap_err();
        assert_eq!(error.to_string(), format!("column `x` of the result is {expected}"), "{expression}");
    };
    let float = "a floating-point number, which is not exact: write `cast(… as decimal(18, 2))`";
    check("avg(integer)", float).await;
    check("sqrt(integer)", float).await;
    check("null", "always empty: write `cast(null as text)`").await;
    check("interval '1 day'", "a length of time: write `cast(… as text)`").await;
    check("time '10:00:00'", "a time without a date: write `cast(… as text)`").await;
}

#[tokio::test]
async fn rows_that_do_not_fit_their_type_are_told() {
    let stage = every_type();
    let check = async |expression: &str, expected: &str| {
        let error = stage.run(&format!("select {expression} as x from every"), &["x"]).await.unwrap_err();
        assert!(error.to_string().starts_with(expected), "{expression}: {error}");
    };
    check("cast(18446744073709551615 as bigint unsigned)", "column `x` has a number above").await;
    check("cast(text as integer)", "the model reads a text as a number").await;
    check("1 / (integer - integer)", "the model divides by zero in some row").await;
    check("sum(integer) over () + integer", "a number in some row is too large").await;
}

#[tokio::test]
async fn rows_are_compared_as_their_type_says() {
    let stage = every_type();
    let check = async |expression: &str, expected: &str| {
        let lines = stage.run(&format!("select {expression} as x"), &[]).await.unwrap();
        assert_eq!(lines, [expected], "{expression}");
    };
    check("lower('Ä')", "ä").await;
    check("99.5 > 100000", "false").await;
    check("cast('99.5' as decimal(10, 1)) > 100000", "false").await;
    check("0.1 + 0.2 = 0.3", "true").await;
    check("date '2026-03-01' - interval '1 day' = date '2026-02-28'", "true").await;
}
