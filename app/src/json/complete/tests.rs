//! The console's reader and writer against serde's, for every shape that a type can have.

use std::fmt::Debug;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::*;
use crate::json::objects;
use crate::json::tests::parsed;

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum External {
    Never,
    Cron(String),
    Every { seconds: u64, offset: Option<i64> },
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Internal {
    Off,
    Field {
        name: String,
        of: Vec<Internal>,
    },
    #[serde(other)]
    Unknown,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "value", rename_all = "snake_case")]
enum Adjacent {
    Empty,
    Number(i64),
    Map { of: BTreeMap<String, External> },
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Nested {
    least: i64,
    most: u64,
    small: u32,
    half: f64,
    maybe: Option<Vec<Option<bool>>>,
    maps: BTreeMap<String, BTreeMap<String, u64>>,
    external: Vec<External>,
    internal: Internal,
    adjacent: Vec<Adjacent>,
}

tagged!(External, Tag::External, { Never = "never" (), Cron = "cron" (_), Every = "every" { seconds, offset } });
tagged!(Internal, Tag::Internal("type"), { Off = "off" (), Field = "field" { name, of }; Unknown = "unknown" });
tagged!(Adjacent, Tag::Adjacent("kind", "value"), {
    Empty = "empty" (), Number = "number" (_), Map = "map" { of }
});
objects! { Nested { least, most, small, half, maybe, maps, external, internal, adjacent } }
written! { Nested { least, most, small, half, maybe, maps, external, internal, adjacent } }

/// As the console reads the text of an answer.
fn read<T: Read>(text: &str) -> Option<T> {
    T::read(unmark(parsed(&mark(text))))
}

#[track_caller]
fn check<T: Read + Write + Serialize + DeserializeOwned + PartialEq + Debug>(json: &Value) {
    let text = json.to_string();
    let (ours, theirs) = (read::<T>(&text), serde_json::from_str::<T>(&text).ok());
    assert_eq!(ours, theirs, "{text}");
    let Some(value) = ours else { return };
    assert_eq!(serde_json::from_str::<T>(&value.json()).ok(), theirs, "{}", value.json());
}

#[test]
fn every_shape_is_read_and_written_as_serde_does() {
    let cron = json!({"cron": "0 * * * *"});
    let every = json!({"every": {"seconds": 60, "offset": -5}});
    for json in [
        &json!("never"),
        &cron,
        &every,
        &json!({"every": {"seconds": 1}}),
        &json!("x"),
        &json!({}),
        &json!(3),
    ] {
        check::<External>(json);
    }
    let field = json!({"type": "field", "name": "漢\"", "of": [{"type": "off"}, {"type": "from_the_future", "x": 1}]});
    for json in [&json!({"type": "off"}), &field, &json!({"type": "field"}), &json!({}), &json!("off")] {
        check::<Internal>(json);
    }
    let map = json!({"kind": "map", "value": {"of": {"a": "never", "b": every}}});
    let numbers = [i64::MIN, -1, 0, 9_007_199_254_740_993, i64::MAX];
    let numbers: Vec<Value> = numbers.iter().map(|n| json!({"kind": "number", "value": n})).collect();
    for json in [&json!({"kind": "empty"}), &map, &json!({"kind": "number"}), &json!({"value": 1})]
        .into_iter()
        .chain(&numbers)
    {
        check::<Adjacent>(json);
    }
    let nested = json!({
        "least": i64::MIN, "most": u64::MAX, "small": u32::MAX, "half": -0.5, "maybe": [true, null], "internal": field,
        "maps": {"": {"a b": 9_007_199_254_740_993_u64, "12345678901234567890": 1}}, "external": ["never", cron, every],
        "adjacent": [map],
    });
    check::<Nested>(&nested);
    for (name, other) in [
        ("least", json!(u64::MAX)),
        ("most", json!(-1)),
        ("small", json!(1_u64 << 32)),
        ("half", json!("0.5")),
        ("maybe", Value::Null),
        ("maps", json!({"a": 1})),
        ("external", json!(["never", "x"])),
        ("internal", json!({"type": 1})),
        ("adjacent", json!({})),
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
