//! What Zendesk makes of a custom field's value, so that a value to be sent and the one that is kept can be compared: a date
//! becomes a day, an unset checkbox is false, `1.10` is `1.1`, and of a decimal 15 digits count. **Invariant:** no I/O, and no day through a time zone.

use chrono::NaiveDate;
use serde_json::Value;

use super::FieldKind;
use crate::connectors::decimal::{canonical, within_digits};

/// A value that the field cannot hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the value is not {expected}")]
pub struct NotStorable {
    /// What the field takes, to follow "is not".
    pub expected: &'static str,
}

/// The value as Zendesk keeps it, as text; `None` where it is empty. Equal texts are equal values.
pub fn stored_value(kind: FieldKind, value: &Value) -> Result<Option<String>, NotStorable> {
    let not = |expected| Err(NotStorable { expected });
    let text = match value {
        Value::Null => return Ok((kind == FieldKind::Checkbox).then(|| "false".to_owned())),
        Value::String(text) => text.trim().replace("\r\n", "\n"),
        Value::Number(number) => number.to_string(),
        Value::Bool(flag) => flag.to_string(),
        Value::Array(items) if kind == FieldKind::Multiselect => match tags(items) {
            Some(tags) => tags,
            None => return not("a list of tags"),
        },
        Value::Array(_) | Value::Object(_) if kind == FieldKind::Unknown => value.to_string(),
        Value::Array(_) | Value::Object(_) => return not("a single value"),
    };
    if text.is_empty() {
        return Ok((kind == FieldKind::Checkbox).then(|| "false".to_owned()));
    }
    match kind {
        FieldKind::Checkbox => match text.as_str() {
            "true" | "1" => Ok(Some("true".to_owned())),
            "false" | "0" => Ok(Some("false".to_owned())),
            _ => not("true or false"),
        },
        FieldKind::Date => day(&text).map_or_else(|| not("a date like 2026-11-30"), |day| Ok(Some(day))),
        FieldKind::Decimal => match canonical(&text).map(|number| within_digits(&number, DIGITS)) {
            Some(Some(number)) => Ok(Some(number)),
            Some(None) => not("a number of at most 15 digits before the point (a text field takes more)"),
            None => not("a number like 1200.5"),
        },
        FieldKind::Integer | FieldKind::Lookup => match canonical(&text) {
            Some(number) if number.contains('.') => not("a whole number like 1200"),
            Some(number) if number.parse::<i64>().is_ok() => Ok(Some(number)),
            Some(_) => not("a whole number of at most 18 digits (a text field takes more)"),
            None => not("a whole number like 1200"),
        },
        FieldKind::Multiselect => Ok(Some(sorted(text.split_whitespace().collect()))),
        FieldKind::Dropdown
        | FieldKind::Regexp
        | FieldKind::Text
        | FieldKind::Textarea
        | FieldKind::Unknown => Ok(Some(text)),
    }
}

/// Zendesk answers a decimal field as a number of JSON, which is a double: it keeps so many digits, whatever they are.
const DIGITS: usize = 15;

/// The day of a date or of a time, as it is written.
fn day(text: &str) -> Option<String> {
    let (day, rest) = text.split_at_checked(10)?;
    let is_day = day.parse::<NaiveDate>().is_ok() && (rest.is_empty() || rest.starts_with(['T', ' ']));
    is_day.then(|| day.to_owned())
}

/// Tags have no blanks, and no order.
fn tags(items: &[Value]) -> Option<String> {
    items.iter().map(|item| item.as_str().map(str::trim)).collect::<Option<Vec<_>>>().map(sorted)
}

fn sorted(mut tags: Vec<&str>) -> String {
    tags.sort_unstable();
    tags.dedup();
    tags.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[track_caller]
    #[expect(clippy::needless_pass_by_value, reason = "reads better where it is called")]
    fn check(kind: FieldKind, value: Value, expected: Result<Option<&str>, &'static str>) {
        let stored = stored_value(kind, &value);
        let stored = stored.as_ref().map(Option::as_deref).map_err(|error| error.expected);
        assert_eq!(stored, expected, "{kind:?} {value}");
    }

    #[test]
    fn a_value_is_compared_as_zendesk_keeps_it() {
        use FieldKind as Kind;
        check(Kind::Date, json!("2020-08-19T20:50:04.000Z"), Ok(Some("2020-08-19")));
        check(Kind::Date, json!("2020-08-19T00:00:00+00:00"), Ok(Some("2020-08-19")));
        check(Kind::Date, json!("2020-08-19"), Ok(Some("2020-08-19")));
        check(Kind::Decimal, json!("1200.50"), Ok(Some("1200.5")));
        check(Kind::Decimal, json!(1200.5), Ok(Some("1200.5")));
        check(Kind::Decimal, json!(1200), Ok(Some("1200")));
        // As it is sent, and as it comes back.
        check(Kind::Decimal, json!("833.33333333333333333"), Ok(Some("833.333333333333")));
        check(Kind::Decimal, json!(833.333_333_333_333), Ok(Some("833.333333333333")));
        check(Kind::Decimal, json!(833.333_333_333_333_4), Ok(Some("833.333333333333")));
        check(Kind::Integer, json!("0042"), Ok(Some("42")));
        check(Kind::Integer, json!(3039), Ok(Some("3039")));
        check(Kind::Integer, json!(42.0), Ok(Some("42")));
        check(Kind::Checkbox, json!(null), Ok(Some("false")));
        check(Kind::Checkbox, json!(true), Ok(Some("true")));
        check(Kind::Checkbox, json!("0"), Ok(Some("false")));
        check(Kind::Dropdown, json!("enterprise"), Ok(Some("enterprise")));
        check(Kind::Multiselect, json!(["b", "a", "b"]), Ok(Some("a b")));
        check(Kind::Multiselect, json!(" b  a b"), Ok(Some("a b")));
        check(Kind::Text, json!("  Acme\r\nKobe "), Ok(Some("Acme\nKobe")));
        check(Kind::Text, json!(""), Ok(None));
        check(Kind::Text, json!(12), Ok(Some("12")));
        check(Kind::Lookup, json!(6_130_869_168_922_u64), Ok(Some("6130869168922")));
        check(Kind::Unknown, json!({"a": 1}), Ok(Some(r#"{"a":1}"#)));
        for kind in [Kind::Date, Kind::Decimal, Kind::Integer, Kind::Dropdown, Kind::Text] {
            check(kind, json!(null), Ok(None));
        }
    }

    #[test]
    fn what_a_field_cannot_hold_is_said() {
        use FieldKind as Kind;
        check(Kind::Date, json!("soon"), Err("a date like 2026-11-30"));
        check(Kind::Date, json!("2026-02-30"), Err("a date like 2026-11-30"));
        check(Kind::Date, json!("30.11.2026"), Err("a date like 2026-11-30"));
        check(Kind::Decimal, json!("1,200"), Err("a number like 1200.5"));
        check(
            Kind::Decimal,
            json!("123456789012345678901234567890"),
            Err("a number of at most 15 digits before the point (a text field takes more)"),
        );
        check(Kind::Integer, json!("12.5"), Err("a whole number like 1200"));
        check(
            Kind::Integer,
            json!("18446744073709551615"),
            Err("a whole number of at most 18 digits (a text field takes more)"),
        );
        check(Kind::Checkbox, json!("maybe"), Err("true or false"));
        check(Kind::Multiselect, json!([1]), Err("a list of tags"));
        check(Kind::Text, json!(["a"]), Err("a single value"));
    }
}
