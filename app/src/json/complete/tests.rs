//! The console's reader against serde's, for every shape that a type can have.

use std::fmt::Debug;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::*;
use crate::json::objects;
use crate::json::tests::parsed;

#[derive(Debug, PartialEq, Deserialize)]
struct Nested {
    least: i64,
    most: u64,
    small: u32,
    half: f64,
    maybe: Option<Vec<Option<bool>>>,
    maps: BTreeMap<String, BTreeMap<String, u64>>,
}

objects! { Nested { least, most, small, half, maybe, maps } }

/// As the console reads the text of an answer.
fn read<T: Read>(text: &str) -> Option<T> {
    T::read(unmark(parsed(&mark(text))))
}

#[track_caller]
fn check<T: Read + DeserializeOwned + PartialEq + Debug>(json: &Value) {
    let text = json.to_string();
    assert_eq!(read::<T>(&text), serde_json::from_str::<T>(&text).ok(), "{text}");
}

#[test]
fn every_shape_is_read_as_serde_does() {
    for number in [i64::MIN, -1, 0, 9_007_199_254_740_993, i64::MAX] {
        check::<i64>(&json!(number));
    }
    let nested = json!({
        "least": i64::MIN, "most": u64::MAX, "small": u32::MAX, "half": -0.5, "maybe": [true, null],
        "maps": {"": {"a b": 9_007_199_254_740_993_u64, "12345678901234567890": 1}},
    });
    check::<Nested>(&nested);
    for (name, other) in [
        ("least", json!(u64::MAX)),
        ("most", json!(-1)),
        ("small", json!(1_u64 << 32)),
        ("half", json!("0.5")),
        ("maybe", Value::Null),
        ("maps", json!({"a": 1})),
    ] {
        let mut changed = nested.clone();
        changed[name] = other;
        check::<Nested>(&changed);
    }
}

#[test]
fn only_long_whole_numbers_are_marked() {
    for text in [
        r#"{"a":[1,-2.5e-10,123456789012345],"b":"12345678901234567890","c\"1234567890123456":null}"#,
        "0.12345678901234567890",
        "1e300",
        r#""\\""#,
        "",
        r#"["unclosed"#,
    ] {
        assert_eq!(mark(text), text);
    }
    assert_eq!(
        unmark(parsed(&mark("[18446744073709551615]"))),
        Json::List(vec![Json::Whole(u64::MAX.to_string())])
    );
    assert_eq!(read::<String>(r#""\u00001234567890123456""#).as_deref(), Some("\u{0}1234567890123456"));
    assert_eq!(read::<u64>("99999999999999999999999"), None);
}
