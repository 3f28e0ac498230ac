//! What a value of Salesforce means in a staged table. One meaning each, the same for pages and for background queries:
//! `docs/salesforce.md` lists them. **Invariant:** no I/O, and no number through `f64`.

use std::borrow::Cow;

use chrono::{DateTime, NaiveDate};
use engine::{Type, Value};

use crate::connectors::decimal::{Number, number};
use crate::connectors::rows::Oddity;

/// A cell, and what is odd about it.
pub(super) type Cell = (Value<'static>, Option<Oddity>);

const NULL: Cell = (Value::Null, None);

/// A cell of a page: JSON as it was written.
pub(super) fn of_json(kind: Type, raw: &str) -> Cell {
    if raw == "null" {
        return NULL;
    }
    if raw.starts_with('"') {
        return match serde_json::from_str::<String>(raw) {
            Ok(text) => of_text(kind, Cow::Owned(text)),
            Err(_) => odd(Oddity::WrongType, raw),
        };
    }
    match kind {
        Type::Json | Type::Text => of_text(kind, Cow::Borrowed(raw)),
        _ if raw.starts_with(['{', '[']) => odd(Oddity::WrongType, raw),
        _ => of_text(kind, Cow::Borrowed(raw)),
    }
}

/// A cell of a background query's result, or a string of a page. Salesforce keeps no empty texts: they are null.
pub(super) fn of_text(kind: Type, text: Cow<'_, str>) -> Cell {
    if text.is_empty() {
        return NULL;
    }
    match kind {
        Type::Text => (Value::Text(text.into_owned().into()), None),
        Type::Json => (Value::Json(text.into_owned().into()), None),
        Type::Boolean => match text.as_ref() {
            "true" | "1" => (Value::Boolean(true), None),
            "false" | "0" => (Value::Boolean(false), None),
            _ => odd(Oddity::WrongType, &text),
        },
        Type::Integer => numeric(&text, 0, |whole| i64::try_from(whole).ok().map(Value::Integer)),
        Type::Decimal { scale, .. } => {
            numeric(&text, scale.unsigned_abs(), |unscaled| Some(Value::Decimal { unscaled, scale }))
        }
        Type::Date => {
            date(&text).map_or_else(|| odd(Oddity::WrongType, &text), |days| (Value::Date(days), None))
        }
        Type::Timestamp => moment(&text).map_or_else(
            || odd(Oddity::WrongType, &text),
            |moment| (Value::Timestamp(moment.timestamp_micros()), None),
        ),
    }
}

fn numeric(text: &str, scale: u8, value: impl Fn(i128) -> Option<Value<'static>>) -> Cell {
    let fits = |unscaled, oddity| {
        value(unscaled).map_or_else(|| odd(Oddity::NumberOutOfRange, text), |value| (value, oddity))
    };
    match number(text, scale) {
        Number::Exact(unscaled) => fits(unscaled, None),
        Number::Rounded(unscaled) => fits(unscaled, Some(Oddity::Rounded)),
        Number::TooLarge => odd(Oddity::NumberOutOfRange, text),
        Number::NotANumber => {
            let oddity = match text {
                "NaN" => Oddity::NotANumber,
                "Infinity" | "-Infinity" => Oddity::NumberOutOfRange,
                _ => Oddity::WrongType,
            };
            odd(oddity, text)
        }
    }
}

/// Days since 1970. A day passes through no time zone.
fn date(text: &str) -> Option<i32> {
    let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
    i32::try_from((day - NaiveDate::default()).num_days()).ok()
}

/// `2011-07-07T00:37:00.000+0000` in pages, `…000Z` in background queries.
fn moment(text: &str) -> Option<DateTime<chrono::FixedOffset>> {
    DateTime::parse_from_rfc3339(text)
        .or_else(|_| DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f%z"))
        .ok()
}

pub(super) fn odd(oddity: Oddity, text: &str) -> Cell {
    (oddity.value(text.to_owned()), Some(oddity))
}

#[cfg(test)]
mod tests {
    use super::*;

    const AMOUNT: Type = Type::Decimal { precision: 38, scale: 12 };

    #[track_caller]
    fn check(kind: Type, raw: &str, expected: Value<'static>, oddity: Option<Oddity>) {
        assert_eq!(of_json(kind, raw), (expected, oddity), "{kind:?} {raw}");
    }

    #[test]
    fn every_type_has_one_meaning() {
        check(Type::Text, r#""four;six""#, Value::Text("four;six".into()), None);
        check(Type::Text, r#""a\u00e9\n\"b\"""#, Value::Text("aé\n\"b\"".into()), None);
        check(Type::Text, "12", Value::Text("12".into()), None);
        check(Type::Text, r#""""#, Value::Null, None);
        check(Type::Text, r#""null""#, Value::Text("null".into()), None);
        check(Type::Boolean, "true", Value::Boolean(true), None);
        check(Type::Boolean, r#""false""#, Value::Boolean(false), None);
        check(Type::Integer, "400", Value::Integer(400), None);
        check(Type::Integer, "1.6147805824397E13", Value::Integer(16_147_805_824_397), None);
        check(AMOUNT, "1200.5", Value::Decimal { unscaled: 1_200_500_000_000_000, scale: 12 }, None);
        check(AMOUNT, "3.5E8", Value::Decimal { unscaled: 350_000_000 * 10_i128.pow(12), scale: 12 }, None);
        check(Type::Date, r#""2010-01-01""#, Value::Date(14_610), None);
        check(Type::Date, r#""1969-12-31""#, Value::Date(-1), None);
        check(Type::Timestamp, r#""1970-01-01T00:00:01.000+0000""#, Value::Timestamp(1_000_000), None);
        check(Type::Timestamp, r#""1970-01-01T09:00:01.5+0900""#, Value::Timestamp(1_500_000), None);
        check(Type::Timestamp, r#""1970-01-01T00:00:01.000Z""#, Value::Timestamp(1_000_000), None);
        check(Type::Json, r#"{"city":"Kobe"}"#, Value::Json(r#"{"city":"Kobe"}"#.into()), None);
        check(Type::Json, "null", Value::Null, None);
    }

    #[test]
    fn a_value_of_another_type_is_kept_as_it_was_written() {
        let invalid = |text: &'static str| Value::Invalid(text.into());
        check(Type::Date, r#""soon""#, invalid("soon"), Some(Oddity::WrongType));
        check(Type::Date, r#"{"a":1}"#, invalid(r#"{"a":1}"#), Some(Oddity::WrongType));
        check(Type::Boolean, "7", invalid("7"), Some(Oddity::WrongType));
        check(AMOUNT, r#""1,200""#, invalid("1,200"), Some(Oddity::WrongType));
        check(AMOUNT, "NaN", invalid("NaN"), Some(Oddity::NotANumber));
        check(AMOUNT, "1E40", invalid("1E40"), Some(Oddity::NumberOutOfRange));
        check(Type::Integer, "1E19", invalid("1E19"), Some(Oddity::NumberOutOfRange));
        check(Type::Integer, "2.5", Value::Integer(3), Some(Oddity::Rounded));
        check(AMOUNT, "0.0000000000001", Value::Decimal { unscaled: 0, scale: 12 }, Some(Oddity::Rounded));
    }
}
