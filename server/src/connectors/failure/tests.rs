//! A reader's error does not quote what it read.

use serde::Deserialize;

use super::*;

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "read to fail")]
struct Body {
    count: u64,
    kind: Option<Kind>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    One,
    Two,
}

#[test]
fn what_cannot_be_read_is_not_quoted() {
    let check = |json: &str, expected: &str| {
        let told = unquoted(serde_json::from_str::<Body>(json).expect_err("it does not fit")).to_string();
        assert_eq!(told, expected, "{json}");
    };
    check(r#""hush""#, "a value of another kind, expected struct Body at line 1 column 6");
    check(r#"{"count": "hush, expected 1"}"#, "a value of another kind, expected u64 at line 1 column 28");
    check(
        r#"{"count": 1, "kind": "hush"}"#,
        "a value of another kind, expected `one` or `two` at line 1 column 27",
    );
    check(r#"{"kind": null}"#, "missing field `count` at line 1 column 14");
    check("<html>", "expected value at line 1 column 1");
}
