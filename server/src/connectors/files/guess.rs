//! What the cells of a column are: the narrowest type that every cell of the whole file has. **Invariant:** a number keeps its
//! text where digits could be lost: with a leading zero, a plus or a comma it is text.

use std::collections::BTreeMap;

use engine::{Column, Type};

use super::error::FileProblem;
use super::value::{self, type_of};
use crate::connectors::cells::OPEN_DECIMAL;

/// What is still possible for a column.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is a type that is still possible")]
pub(super) struct Guess {
    seen: bool,
    integer: bool,
    decimal: bool,
    boolean: bool,
    date: bool,
    timestamp: bool,
    /// Most digits before and behind the point.
    whole: u32,
    fraction: u32,
}

impl Default for Guess {
    fn default() -> Self {
        let (seen, whole, fraction) = (false, 1, 0);
        Self {
            seen,
            integer: true,
            decimal: true,
            boolean: true,
            date: true,
            timestamp: true,
            whole,
            fraction,
        }
    }
}

impl Guess {
    /// Looks at a cell that is not empty.
    pub(super) fn see(&mut self, text: &str) {
        self.seen = true;
        self.see_number(digits(text).filter(|_| is_plain(text)));
        self.boolean &= text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false");
        self.date &= self.date && value::read(text, Type::Date).is_some();
        self.timestamp &= self.timestamp && value::read(text, Type::Timestamp).is_some();
    }

    /// A text that is not more than text may only be a date or a time.
    pub(super) fn see_text(&mut self, text: &str) {
        self.see(text);
        (self.integer, self.decimal, self.boolean) = (false, false, false);
    }

    /// A JSON number, however it is written.
    pub(super) fn see_json_number(&mut self, text: &str) {
        self.seen = true;
        self.see_number(digits(text));
        (self.boolean, self.date, self.timestamp) = (false, false, false);
    }

    pub(super) fn see_boolean(&mut self) {
        self.seen = true;
        (self.integer, self.decimal, self.date, self.timestamp) = (false, false, false, false);
    }

    fn see_number(&mut self, digits: Option<(u32, u32, bool)>) {
        let Some((whole, fraction, fits)) = digits else {
            (self.integer, self.decimal) = (false, false);
            return;
        };
        self.integer &= fraction == 0 && fits;
        (self.whole, self.fraction) = (self.whole.max(whole), self.fraction.max(fraction));
    }

    pub(super) fn kind(&self) -> Type {
        match self {
            Self { seen: false, .. } => Type::Text,
            Self { integer: true, .. } => Type::Integer,
            Self { decimal: true, whole, fraction, .. } if whole + fraction <= 38 => Type::Decimal {
                precision: u8::try_from(whole + fraction).unwrap_or(38),
                scale: i8::try_from(*fraction).unwrap_or(0),
            },
            Self { boolean: true, .. } => Type::Boolean,
            Self { date: true, .. } => Type::Date,
            Self { timestamp: true, .. } => Type::Timestamp,
            _ => Type::Text,
        }
    }

    /// The same where a number is a number whatever its digits are.
    pub(super) fn json_kind(&self) -> Type {
        match self.kind() {
            Type::Text if self.seen && self.decimal => OPEN_DECIMAL,
            kind => kind,
        }
    }
}

/// Digits before and behind the point of a number that is written without exponent and without zeros in front, and whether it fits
/// into 64 bits; an exponent moves the point.
fn digits(text: &str) -> Option<(u32, u32, bool)> {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i64>().ok()?),
        None => (unsigned, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let is_number = |digits: &str| digits.bytes().all(|digit| digit.is_ascii_digit());
    if whole.is_empty() || !is_number(whole) || !is_number(fraction) || mantissa.ends_with('.') {
        return None;
    }
    if whole.len() > 1 && whole.starts_with('0') {
        return None;
    }
    let moved = |digits: usize, by: i64| {
        let digits = i64::try_from(digits).unwrap_or(i64::MAX).saturating_add(by);
        u32::try_from(digits.clamp(0, 1_000)).unwrap_or(1_000)
    };
    let fits = exponent == 0 && text.parse::<i64>().is_ok();
    Some((moved(whole.len(), exponent).max(1), moved(fraction.len(), -exponent), fits))
}

/// No exponent, because `1e5` can be a name, and no negative zero.
fn is_plain(text: &str) -> bool {
    let is_negative_zero =
        || text.starts_with("-0") && digits(text).is_some_and(|(_, fraction, _)| fraction == 0);
    !(text.contains(['e', 'E']) || is_negative_zero())
}

/// The columns of a file: as guessed, or as an admin fixed them.
pub(super) fn columns(
    name: &str,
    names: Vec<String>,
    guessed: impl IntoIterator<Item = Type>,
    types: &BTreeMap<String, String>,
) -> Result<Vec<Column>, FileProblem> {
    let mut columns: Vec<Column> =
        names.into_iter().zip(guessed).map(|(name, kind)| Column { name, kind }).collect();
    for (column, word) in types {
        let wanted = column.trim().to_lowercase();
        let Some(found) = columns.iter_mut().find(|found| found.name == wanted) else {
            return Err(FileProblem::UnknownColumn { name: name.to_owned(), column: column.clone() });
        };
        found.kind = type_of(word).ok_or_else(|| FileProblem::UnknownType { column: column.clone() })?;
    }
    Ok(columns)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_has_the_narrowest_type_of_all_its_cells() {
        let check = |cells: &[&str], expected| {
            let mut guess = Guess::default();
            for cell in cells {
                guess.see(cell);
            }
            assert_eq!(guess.kind(), expected, "{cells:?}");
        };
        let decimal = |precision, scale| Type::Decimal { precision, scale };
        check(&[], Type::Text);
        check(&["1", "-20", "0"], Type::Integer);
        check(&["9223372036854775807"], Type::Integer);
        check(&["9223372036854775808"], decimal(19, 0));
        check(&["18446744073709551615", "1"], decimal(20, 0));
        check(&["1", "99.50"], decimal(4, 2));
        check(&["1000", "0.125"], decimal(7, 3));
        check(&["123456789012345678901234567890.12"], decimal(32, 2));
        check(&["1", &"9".repeat(39)], Type::Text);
        check(&["true", "FALSE"], Type::Boolean);
        check(&["2026-11-30", "0000-00-00"], Type::Date);
        check(&["2026-11-30T09:00:00Z", "2026-11-30 09:00"], Type::Timestamp);
        check(&["2026-11-30", "2026-11-30T09:00:00Z"], Type::Text);
        for text in [
            "007",
            "+5",
            "1,000",
            "1.000,50",
            "1e5",
            "NaN",
            "NULL",
            "N/A",
            "-",
            "1.",
            ".5",
            "-0",
            "yes",
            "2025-02-30",
            "$5",
            "１",
        ] {
            check(&["1", text], Type::Text);
        }
    }

    #[test]
    fn a_json_number_is_a_number_however_it_is_written() {
        let check = |cells: &[&str], expected| {
            let mut guess = Guess::default();
            for cell in cells {
                guess.see_json_number(cell);
            }
            assert_eq!(guess.json_kind(), expected, "{cells:?}");
        };
        check(&["1", "-0"], Type::Integer);
        check(&["1.50", "1e2"], Type::Decimal { precision: 5, scale: 2 });
        check(&["1e-3"], Type::Decimal { precision: 4, scale: 3 });
        check(&["1e300"], OPEN_DECIMAL);
    }
}
