//! Conditions on the values of a user's or an organization's field, by the field's kind. Docs: window of days = n × 24 hours from now, against
//! the first moment of the day; days are of the account's time zone. An empty number or date fulfils no condition but `not_present`
//! (unverified, and the careful reading). **Invariant:** the time is an argument.

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, TimeZone as _, Utc};
use chrono_tz::Tz;
use serde_json::{Map, Value};

use super::operators::Kind;

/// What time it is, and where the account is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Here {
    pub(super) now: DateTime<Utc>,
    pub(super) zone: Tz,
}

/// Whether a field's value fulfils a condition; `wanted` is the condition's.
pub(super) fn holds(
    field: &Map<String, Value>,
    value: &Value,
    operator: &str,
    wanted: &str,
    here: Here,
) -> bool {
    let Some(kind) = Kind::of(field) else { return false };
    let empty = value.is_null() || value.as_str().is_some_and(str::is_empty);
    match (operator, kind) {
        ("present", _) => !empty,
        ("not_present", _) => empty,
        (_, Kind::Box) => value.as_bool().unwrap_or_default().to_string() == wanted,
        (_, Kind::Choice) => {
            let chosen = option_id(field, value);
            let same = if is_nothing(wanted) { chosen.is_none() } else { chosen.as_deref() == Some(wanted) };
            same == (operator == "is")
        }
        (_, Kind::Text) => text(value.as_str().unwrap_or_default(), operator, wanted),
        (_, Kind::Number | Kind::Date) if empty => false,
        (_, Kind::Number) => number(value, operator, wanted),
        (_, Kind::Date) => date(value, operator, wanted, here),
    }
}

/// How triggers name "nothing": recorded as `__NULL__` among the values to choose from, and as an empty text in stored triggers.
pub(super) fn is_nothing(wanted: &str) -> bool {
    wanted.is_empty() || wanted == "__NULL__"
}

/// The id of the option whose tag this is.
fn option_id(field: &Map<String, Value>, tag: &Value) -> Option<String> {
    let rows = field.get("custom_field_options").and_then(Value::as_array)?;
    rows.iter().find(|row| row["value"] == *tag && tag.is_string()).map(|row| row["id"].to_string())
}

/// Words and strings are found whatever their case; `is` is exact.
pub(super) fn text(value: &str, operator: &str, wanted: &str) -> bool {
    let (low, sought) = (value.to_lowercase(), wanted.to_lowercase());
    let word = || sought.split_whitespace().any(|word| words(&low).any(|known| known == word));
    match operator {
        "is" => value == wanted,
        "is_not" => value != wanted,
        "includes_words" => word(),
        "not_includes_words" => !word(),
        "includes_string" => low.contains(&sought),
        "not_includes_string" => !low.contains(&sought),
        _ => false,
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter: char| !letter.is_alphanumeric() && letter != '_' && letter != '-')
}

fn number(value: &Value, operator: &str, wanted: &str) -> bool {
    let value = value.as_f64().or_else(|| value.as_str()?.parse().ok());
    let (Some(value), Ok(wanted)) = (value, wanted.parse::<f64>()) else { return false };
    compare(&value, operator, &wanted)
}

fn date(value: &Value, operator: &str, wanted: &str, here: Here) -> bool {
    let day = value.as_str().and_then(|text| text.get(..10)?.parse::<NaiveDate>().ok());
    let Some(day) = day else { return false };
    match operator {
        "within_previous_n_days" | "within_next_n_days" => {
            let (Some(begins), Ok(days)) = (midnight(day, here.zone), wanted.parse::<i64>()) else {
                return false;
            };
            let window = TimeDelta::days(days);
            if operator == "within_next_n_days" {
                here.now < begins && begins < here.now + window
            } else {
                here.now - window < begins && begins <= here.now
            }
        }
        _ => wanted.parse::<NaiveDate>().is_ok_and(|wanted| compare(&day, operator, &wanted)),
    }
}

/// The first moment of a day; where clocks skip it, the first that there is.
fn midnight(day: NaiveDate, zone: Tz) -> Option<DateTime<Utc>> {
    let local = day.and_time(NaiveTime::MIN);
    let hours =
        (0..4).filter_map(|hours| zone.from_local_datetime(&(local + TimeDelta::hours(hours))).earliest());
    hours.map(|first| first.with_timezone(&Utc)).next()
}

fn compare<T: PartialOrd>(value: &T, operator: &str, wanted: &T) -> bool {
    match operator {
        "is" => value == wanted,
        "is_not" => value != wanted,
        "less_than" => value < wanted,
        "less_than_equal" => value <= wanted,
        "greater_than" => value > wanted,
        "greater_than_equal" => value >= wanted,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(now: &str, day: &str, operator: &str, days: &str, expected: bool) {
        let field = json!({"type": "date"});
        let here = Here { now: now.parse().expect("a time"), zone: Tz::Asia__Tokyo };
        let value = json!(format!("{day}T00:00:00+00:00"));
        let got = holds(field.as_object().expect("an object"), &value, operator, days, here);
        assert_eq!(got, expected, "{day} {operator} {days} at {now}");
    }

    #[test]
    fn a_window_of_days_is_hours_from_now_in_the_zone_of_the_account() {
        // 15:00 in UTC is midnight in Tokyo, where the account is.
        for (now, day, operator, days, expected) in [
            ("2026-11-21T14:59:00Z", "2026-11-23", "within_next_n_days", "1", false),
            ("2026-11-21T15:00:00Z", "2026-11-23", "within_next_n_days", "1", false),
            ("2026-11-21T15:01:00Z", "2026-11-23", "within_next_n_days", "1", true),
            ("2026-11-22T14:59:00Z", "2026-11-23", "within_next_n_days", "1", true),
            ("2026-11-22T15:00:00Z", "2026-11-23", "within_next_n_days", "1", false),
            ("2026-11-22T14:59:00Z", "2026-11-23", "within_previous_n_days", "1", false),
            ("2026-11-22T15:00:00Z", "2026-11-23", "within_previous_n_days", "1", true),
            ("2026-11-23T14:59:00Z", "2026-11-23", "within_previous_n_days", "1", true),
            ("2026-11-23T15:00:00Z", "2026-11-23", "within_previous_n_days", "1", false),
            ("2026-11-22T12:00:00Z", "2026-08-25", "within_previous_n_days", "90", true),
            ("2026-11-22T12:00:00Z", "2026-08-24", "within_previous_n_days", "90", false),
        ] {
            check(now, day, operator, days, expected);
        }
    }
}
