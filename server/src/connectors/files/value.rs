//! A cell of a file as a value of its column. **Invariant:** no I/O; text that does not fit its column's type is never turned into
//! something else, nor into nothing.

use engine::{Type, Value};

use crate::connectors::cells::{Cell, unscaled};
use crate::connectors::rows::Oddity;

/// Text as a value; nothing where it is not of this type.
pub(super) fn read(text: &str, kind: Type) -> Option<Cell> {
    match kind {
        Type::Text => Some(Cell::of(Value::Text(text.to_owned().into()))),
        Type::Json => Some(Cell::of(Value::Json(text.to_owned().into()))),
        Type::Integer => text.trim().parse().ok().map(|number| Cell::of(Value::Integer(number))),
        Type::Decimal { precision, scale } => {
            unscaled(text, 0).or_else(|| unscaled(text, scale))?;
            Some(Cell::decimal(text, precision, scale))
        }
        Type::Boolean => boolean(text.trim()).map(|flag| Cell::of(Value::Boolean(flag))),
        Type::Date => date(text.trim()).filter(is_possible),
        Type::Timestamp => timestamp(text.trim()).filter(is_possible),
    }
}

/// A text that is not of its column's type: blanks are empty. Nothing where the column has whole numbers: they can be ids, and a row without its
/// id cannot even be named.
pub(super) fn invalid(text: &str, kind: Type) -> Option<Cell> {
    if text.trim().is_empty() {
        return Some(Cell::NULL);
    }
    (kind != Type::Integer).then(|| Cell::odd(Oddity::WrongType, text.to_owned()))
}

/// What an admin is told that a value should have been.
pub(super) const fn name_of(kind: Type) -> &'static str {
    match kind {
        Type::Text => "text",
        Type::Integer => "an integer",
        Type::Decimal { .. } => "a decimal number like 12.50",
        Type::Boolean => "true or false",
        Type::Date => "a date like 2026-11-30",
        Type::Timestamp => "a time like 2026-11-30T09:00:00Z",
        Type::Json => "JSON",
    }
}

/// The type that an admin wrote.
pub(super) fn type_of(word: &str) -> Option<Type> {
    Some(match word.trim().to_ascii_lowercase().as_str() {
        "text" => Type::Text,
        "integer" => Type::Integer,
        "decimal" => crate::connectors::cells::OPEN_DECIMAL,
        "boolean" => Type::Boolean,
        "date" => Type::Date,
        "timestamp" => Type::Timestamp,
        "json" => Type::Json,
        word => {
            let digits = word.strip_prefix("decimal(")?.strip_suffix(')')?;
            let (precision, scale) = digits.split_once(',').unwrap_or((digits, "0"));
            let (precision, scale) = (precision.trim().parse().ok()?, scale.trim().parse().ok()?);
            let is_possible =
                (1..=38).contains(&precision) && scale >= 0 && scale <= i8::try_from(precision).ok()?;
            is_possible.then_some(Type::Decimal { precision, scale })?
        }
    })
}

/// `2025-02-30` is no date; `0000-00-00` is one that was never set.
fn is_possible(cell: &Cell) -> bool {
    cell.oddity != Some(Oddity::DateOutOfRange)
}

pub(super) fn boolean(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "1" => Some(true),
        "false" | "0" => Some(false),
        _ => None,
    }
}

/// `YYYY-MM-DD`.
pub(super) fn date(text: &str) -> Option<Cell> {
    let (year, month, day) = day(text)?;
    Some(Cell::date(year, month, day))
}

fn day(text: &str) -> Option<(i32, u32, u32)> {
    let bytes = text.as_bytes();
    let is_shaped = bytes.len() == 10 && bytes[4] == b'-' && bytes[7] == b'-' && text.is_ascii();
    if !is_shaped {
        return None;
    }
    Some((i32::try_from(number(&text[..4])?).ok()?, number(&text[5..7])?, number(&text[8..])?))
}

/// `YYYY-MM-DDTHH:MM`, with seconds and their fraction, with `Z` or an offset; without a zone it is UTC.
pub(super) fn timestamp(text: &str) -> Option<Cell> {
    let date = day(text.get(..10)?)?;
    let time = text.get(10..)?.strip_prefix(['T', 't', ' '])?;
    let end = time.find(['Z', 'z', '+', '-', ' ']).unwrap_or(time.len());
    let (clock, zone) = time.split_at(end);
    let offset = offset_us(zone.trim_start())?;
    let mut parts = clock.split(':');
    let (hour, minute) = (number_of(parts.next()?)?, number_of(parts.next()?)?);
    let (second, micros) = match parts.next() {
        None => (0, 0),
        Some(seconds) => {
            let (second, fraction) = seconds.split_once(['.', ',']).unwrap_or((seconds, "0"));
            (number_of(second)?, micros(fraction)?)
        }
    };
    if parts.next().is_some() {
        return None;
    }
    let cell = Cell::moment(date, (hour, minute, second, micros));
    match cell.value {
        Value::Timestamp(moment) => Some(Cell::timestamp(moment.checked_sub(offset))),
        _ => Some(cell),
    }
}

/// Two digits.
fn number_of(text: &str) -> Option<u32> {
    (text.len() == 2).then(|| number(text))?
}

fn number(text: &str) -> Option<u32> {
    text.bytes().all(|digit| digit.is_ascii_digit()).then(|| text.parse().ok())?
}

/// Digits beyond the sixth are cut off: nobody's contract depends on nanoseconds.
fn micros(fraction: &str) -> Option<u32> {
    let digits = fraction.get(..6.min(fraction.len()))?;
    let is_number = !fraction.is_empty() && fraction.bytes().all(|digit| digit.is_ascii_digit());
    is_number.then(|| digits.parse::<u32>().ok())?.map(|number| {
        let missing = 6 - u32::try_from(digits.len()).unwrap_or(6);
        number * 10_u32.pow(missing)
    })
}

fn offset_us(zone: &str) -> Option<i64> {
    if zone.is_empty() || zone.eq_ignore_ascii_case("z") || zone.eq_ignore_ascii_case("utc") {
        return Some(0);
    }
    let sign = if zone.starts_with('-') { -1 } else { 1 };
    let digits: String = zone.strip_prefix(['+', '-'])?.chars().filter(|letter| *letter != ':').collect();
    let (hours, minutes) = match digits.len() {
        2 => (number(&digits)?, 0),
        4 => (number(&digits[..2])?, number(&digits[2..])?),
        _ => return None,
    };
    (hours <= 14 && minutes < 60).then(|| sign * i64::from(hours * 60 + minutes) * 60_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_or_a_time_is_read_as_it_is_written() {
        let check = |text: &str, kind, expected: Option<Value<'static>>| {
            assert_eq!(read(text, kind).map(|cell| cell.value), expected, "{text}");
        };
        let at = |moment| Some(Value::Timestamp(moment));
        check("1970-01-02", Type::Date, Some(Value::Date(1)));
        check("0000-00-00", Type::Date, Some(Value::Null));
        check("0001-01-01", Type::Date, Some(Value::Null));
        check("1970-01-01T00:00:01Z", Type::Timestamp, at(1_000_000));
        check("1970-01-01 00:00:01.5", Type::Timestamp, at(1_500_000));
        check("1970-01-01 00:00:00.123456789", Type::Timestamp, at(123_456));
        check("1970-01-01T01:00+01:00", Type::Timestamp, at(0));
        check("1970-01-01T00:00:00-0130", Type::Timestamp, at(5_400_000_000));
        check("1970-01-01 09:00:00+09", Type::Timestamp, at(0));
        check("1970-01-01 00:00:00 UTC", Type::Timestamp, at(0));
        for wrong in ["2025-02-30", "2025-13-01", "2025-1-1", "25-01-01", "01/02/2025", "2025-01-01x", ""] {
            check(wrong, Type::Date, None);
        }
        for wrong in ["1970-01-01", "1970-01-01T25:00", "1970-01-01T1:00", "1970-01-01T00:00:00+99", "x"] {
            check(wrong, Type::Timestamp, None);
        }
    }

    #[test]
    fn a_text_that_is_not_of_its_columns_type_is_not_empty() {
        let check = |word: &str, text: &str, expected: Option<Value<'static>>| {
            let kind = type_of(word).expect("a type");
            let cell = read(text, kind).or_else(|| invalid(text, kind));
            assert_eq!(cell.map(|cell| cell.value), expected, "{word} {text}");
        };
        let refused =
            |word: &str, text: &str| check(word, text, Some(Value::Invalid(text.to_owned().into())));
        refused("decimal", "1,000");
        refused("decimal(4,1)", "1000.5");
        refused("decimal(38,18)", "1234567890123456789012345678901");
        refused("boolean", "perhaps");
        refused("date", "30.11.2026");
        refused("date", "2026-02-30");
        refused("timestamp", "yesterday");
        check("decimal", " ", Some(Value::Null));
        check("date", "0000-00-00", Some(Value::Null));
        check("date", "0001-01-01", Some(Value::Null));
        // It can be an id: the file is refused.
        check("integer", "9223372036854775808", None);
        check("integer", "1,000", None);
    }

    #[test]
    fn a_type_is_one_that_a_table_can_have() {
        let check = |word: &str, expected| assert_eq!(type_of(word), expected, "{word}");
        check("Integer", Some(Type::Integer));
        check("decimal(12, 2)", Some(Type::Decimal { precision: 12, scale: 2 }));
        check("decimal(38)", Some(Type::Decimal { precision: 38, scale: 0 }));
        for wrong in ["decimal(39,2)", "decimal(2,3)", "decimal(2,-1)", "varchar", "", "decimal()"] {
            check(wrong, None);
        }
    }
}
