//! How a cell of a database or of a file becomes a value that can be staged. Every odd value has one meaning, whatever the source:
//! `docs/sources.md` lists them. **Invariant:** no I/O; nothing is guessed from another row.

use std::borrow::Cow;

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime};
use engine::{Column, Type, Value};

use super::Vendor;
use super::decimal::{Number, number};
use super::rows::{Content, Oddities, Oddity, ReadError, RowBatch};

/// More bytes in one cell are refused.
pub(super) const CELL_LIMIT: usize = 1024 * 1024;
/// More bytes in one row are refused.
pub(super) const ROW_LIMIT: usize = 8 * 1024 * 1024;
/// More columns are refused.
pub(super) const COLUMN_LIMIT: usize = 1_000;
/// A batch is handed on when it has this many rows …
const BATCH_ROWS: usize = 2_048;
/// … or this many bytes.
const BATCH_BYTES: usize = 4 * 1024 * 1024;

/// What a number reads as where its source does not say how many digits it has: as many before the point as most databases' own
/// numbers have, and enough behind it for any currency.
pub(super) const OPEN_DECIMAL: Type = Type::Decimal { precision: 38, scale: 8 };

/// A value, and what was odd about it.
pub(super) struct Cell {
    pub(super) value: Value<'static>,
    pub(super) oddity: Option<Oddity>,
}

impl Cell {
    pub(super) const NULL: Self = Self::of(Value::Null);

    pub(super) const fn of(value: Value<'static>) -> Self {
        Self { value, oddity: None }
    }

    /// What cannot be staged, as its source wrote it; null where that is how programs write "nothing".
    pub(super) fn odd(oddity: Oddity, text: impl Into<Cow<'static, str>>) -> Self {
        Self { value: oddity.value(text), oddity: Some(oddity) }
    }

    /// Text; bytes that are no UTF-8 are replaced.
    pub(super) fn text(bytes: Vec<u8>) -> Self {
        match String::from_utf8(bytes) {
            Ok(text) => Self::of(Value::Text(text.into())),
            Err(error) => {
                let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
                Self { value: Value::Text(text.into()), oddity: Some(Oddity::InvalidText) }
            }
        }
    }

    /// JSON as its source wrote it.
    pub(super) fn json(bytes: Vec<u8>) -> Self {
        let cell = Self::text(bytes);
        let Value::Text(text) = cell.value else { return Self::NULL };
        Self { value: Value::Json(text), ..cell }
    }

    /// Bytes that are no text, in lower-case hexadecimal digits.
    pub(super) fn hex(bytes: &[u8]) -> Self {
        Self::of(Value::Text(hex::encode(bytes).into()))
    }

    /// A day of the calendar; zeros are how MySQL and files write "no date".
    pub(super) fn date(year: i32, month: u32, day: u32) -> Self {
        match day_of(year, month, day) {
            Ok(date) => Self::of(Value::Date(days(date))),
            Err(oddity) => Self::odd(oddity, format!("{year:04}-{month:02}-{day:02}")),
        }
    }

    /// A day as PostgreSQL counts it.
    pub(super) fn day(days_since_1970: i64) -> Self {
        let date = i32::try_from(days_since_1970).ok().and_then(NaiveDate::from_epoch_days);
        match date.map_or(Err(Oddity::DateOutOfRange), in_range) {
            Ok(date) => Self::of(Value::Date(days(date))),
            Err(oddity) => Self::odd(oddity, date.map_or_else(infinite, |date| date.to_string())),
        }
    }

    /// A moment.
    pub(super) fn timestamp(micros_since_1970: Option<i64>) -> Self {
        let moment = micros_since_1970.and_then(DateTime::from_timestamp_micros);
        match moment.map_or(Err(Oddity::DateOutOfRange), |moment| in_range(moment.date_naive())) {
            Ok(_) => Self::of(micros_since_1970.map_or(Value::Null, Value::Timestamp)),
            Err(oddity) => Self::odd(oddity, moment.map_or_else(infinite, |moment| moment.to_string())),
        }
    }

    /// A moment from its parts, UTC.
    pub(super) fn moment(date: (i32, u32, u32), time: (u32, u32, u32, u32)) -> Self {
        let day = match day_of(date.0, date.1, date.2) {
            Ok(day) => day,
            Err(oddity) => {
                let (year, month, day) = date;
                return Self::odd(oddity, format!("{year:04}-{month:02}-{day:02}"));
            }
        };
        let moment = day.and_hms_micro_opt(time.0, time.1, time.2, time.3);
        Self::timestamp(moment.map(|moment: NaiveDateTime| moment.and_utc().timestamp_micros()))
    }

    /// A number with a point or an exponent, as text.
    pub(super) fn decimal(text: &str, precision: u8, scale: i8) -> Self {
        match unscaled(text, scale) {
            Some((number, _)) if number.unsigned_abs() >= 10_u128.pow(u32::from(precision)) => {
                Self::odd(Oddity::NumberOutOfRange, text.trim().to_owned())
            }
            Some((number, rounded)) => Self {
                value: Value::Decimal { unscaled: number, scale },
                oddity: rounded.then_some(Oddity::Rounded),
            },
            None if text.trim().trim_start_matches(['-', '+']).eq_ignore_ascii_case("nan") => {
                Self::odd(Oddity::NotANumber, text.trim().to_owned())
            }
            None => Self::odd(Oddity::NumberOutOfRange, text.trim().to_owned()),
        }
    }

    /// A whole number, also one that has no sign and is larger than 64 bits with a sign can hold.
    pub(super) fn whole(number: i128, kind: Type) -> Self {
        Self::of(match (kind, i64::try_from(number)) {
            (Type::Integer, Ok(number)) => Value::Integer(number),
            (Type::Integer, Err(_)) => return Self::odd(Oddity::NumberOutOfRange, number.to_string()),
            _ => Value::Decimal { unscaled: number, scale: 0 },
        })
    }

    fn bytes(&self) -> usize {
        match &self.value {
            Value::Text(text) | Value::Json(text) | Value::Invalid(text) => text.len(),
            _ => 16,
        }
    }
}

/// A date or a moment without an end, as PostgreSQL writes it.
fn infinite() -> String {
    "infinity".to_owned()
}

fn days(date: NaiveDate) -> i32 {
    date.to_epoch_days()
}

fn day_of(year: i32, month: u32, day: u32) -> Result<NaiveDate, Oddity> {
    if month == 0 || day == 0 || year == 0 {
        return Err(Oddity::ZeroDate);
    }
    NaiveDate::from_ymd_opt(year, month, day).map_or(Err(Oddity::DateOutOfRange), in_range)
}

fn in_range(date: NaiveDate) -> Result<NaiveDate, Oddity> {
    match date.year() {
        1 => Err(Oddity::YearOne),
        2..=9_999 => Ok(date),
        _ => Err(Oddity::DateOutOfRange),
    }
}

/// `text` × 10^`scale` as a whole number, and whether it was rounded; nothing where it is no number or has more than 38 digits.
pub(super) fn unscaled(text: &str, scale: i8) -> Option<(i128, bool)> {
    match number(text.trim(), u8::try_from(scale).ok()?) {
        Number::Exact(number) => Some((number, false)),
        Number::Rounded(number) => Some((number, true)),
        Number::TooLarge | Number::NotANumber => None,
    }
}

/// Names in lower case; refuses those that are empty or then equal.
pub(super) fn column_names(names: &[String]) -> Result<Vec<String>, Content> {
    if names.is_empty() {
        return Err(Content::NoColumns);
    }
    if names.len() > COLUMN_LIMIT {
        return Err(Content::TooManyColumns { found: names.len(), limit: COLUMN_LIMIT });
    }
    let mut seen = std::collections::HashMap::with_capacity(names.len());
    let mut lower = Vec::with_capacity(names.len());
    for (at, name) in names.iter().enumerate() {
        let name_in_lower_case = name.to_lowercase();
        if name_in_lower_case.trim().is_empty() {
            return Err(Content::EmptyName { position: at + 1 });
        }
        if let Some(first) = seen.insert(name_in_lower_case.clone(), name) {
            return Err(Content::SameName { first: first.clone(), second: name.clone() });
        }
        lower.push(name_in_lower_case);
    }
    Ok(lower)
}

/// Collects rows into batches, counts what is odd, and refuses what is too large.
pub(super) struct Batcher {
    vendor: &'static Vendor,
    columns: Vec<Column>,
    oddities: Oddities,
    row: u64,
    rows: RowBatch,
    bytes: usize,
}

impl Batcher {
    pub(super) fn new(vendor: &'static Vendor, columns: Vec<Column>, oddities: Oddities) -> Self {
        Self { vendor, columns, oddities, row: 0, rows: Vec::new(), bytes: 0 }
    }

    /// Adds a row; a batch comes back when it is full.
    pub(super) fn push(
        &mut self,
        cells: impl IntoIterator<Item = Cell>,
    ) -> Result<Option<RowBatch>, ReadError> {
        self.row += 1;
        let mut row = Vec::with_capacity(self.columns.len());
        let mut in_row = 0;
        for (column, cell) in self.columns.iter().zip(cells) {
            let bytes = cell.bytes();
            if bytes > CELL_LIMIT {
                let column = column.name.clone();
                return Err(self.refuse(Content::CellTooLarge {
                    column,
                    row: self.row,
                    bytes,
                    limit: CELL_LIMIT,
                }));
            }
            if let Some(oddity) = cell.oddity {
                self.oddities.add(&column.name, oddity);
            }
            in_row += bytes;
            row.push(cell.value);
        }
        if in_row > ROW_LIMIT {
            return Err(self.refuse(Content::RowTooLarge { row: self.row, limit: ROW_LIMIT }));
        }
        self.bytes += in_row;
        self.rows.push(row);
        Ok((self.rows.len() >= BATCH_ROWS || self.bytes >= BATCH_BYTES).then(|| self.take()))
    }

    /// The number of the row that comes next, from 1.
    pub(super) const fn next_row(&self) -> u64 {
        self.row + 1
    }

    /// What is left at the end.
    pub(super) fn finish(&mut self) -> Option<RowBatch> {
        (!self.rows.is_empty()).then(|| self.take())
    }

    fn take(&mut self) -> RowBatch {
        self.bytes = 0;
        std::mem::take(&mut self.rows)
    }

    fn refuse(&self, content: Content) -> ReadError {
        ReadError::Content { vendor: self.vendor, content }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decimal_keeps_every_digit_that_its_column_can_hold() {
        let check =
            |text: &str, scale, expected| assert_eq!(unscaled(text, scale), expected, "{text} with {scale}");
        check("0", 2, Some((0, false)));
        check("-0.00", 2, Some((0, false)));
        check("99.5", 2, Some((9_950, false)));
        check("-12.345", 2, Some((-1_235, true)));
        check("12.344", 2, Some((1_234, true)));
        check("0.005", 2, Some((1, true)));
        check("0.0049999", 2, Some((0, true)));
        check(".5", 1, Some((5, false)));
        check("1e3", 0, Some((1_000, false)));
        check("1.5E-3", 4, Some((15, false)));
        check("1e-20", 8, Some((0, true)));
        check(
            "123456789012345678901234567890",
            8,
            Some((12_345_678_901_234_567_890_123_456_789_000_000_000, false)),
        );
        check("99999999999999999999999999999999999999", 0, Some((10_i128.pow(38) - 1, false)));
        check("100000000000000000000000000000000000000", 0, None);
        check("1e308", 8, None);
        check("1e999999999999", 0, None);
        for no_number in ["", " ", "-", ".", "NaN", "Infinity", "1,5", "1.2.3", "0x1F", "１"] {
            check(no_number, 2, None);
        }
    }

    #[test]
    fn every_odd_cell_has_one_meaning() {
        let check = |cell: Cell, value, oddity| assert_eq!((cell.value, cell.oddity), (value, oddity));
        let invalid = |text: &'static str| Value::Invalid(text.into());
        check(Cell::date(1970, 1, 2), Value::Date(1), None);
        check(Cell::date(0, 0, 0), Value::Null, Some(Oddity::ZeroDate));
        check(Cell::date(2025, 0, 15), Value::Null, Some(Oddity::ZeroDate));
        check(Cell::date(1, 1, 1), Value::Null, Some(Oddity::YearOne));
        check(Cell::date(2025, 2, 30), invalid("2025-02-30"), Some(Oddity::DateOutOfRange));
        check(Cell::date(10_000, 1, 1), invalid("10000-01-01"), Some(Oddity::DateOutOfRange));
        check(Cell::day(0), Value::Date(0), None);
        check(Cell::day(-719_162), Value::Null, Some(Oddity::YearOne));
        check(Cell::day(i64::MAX), invalid("infinity"), Some(Oddity::DateOutOfRange));
        check(Cell::timestamp(Some(1)), Value::Timestamp(1), None);
        check(Cell::timestamp(Some(i64::MIN)), invalid("infinity"), Some(Oddity::DateOutOfRange));
        check(Cell::moment((1970, 1, 1), (0, 0, 1, 5)), Value::Timestamp(1_000_005), None);
        check(Cell::moment((0, 0, 0), (0, 0, 0, 0)), Value::Null, Some(Oddity::ZeroDate));
        check(Cell::decimal("NaN", 38, 8), invalid("NaN"), Some(Oddity::NotANumber));
        check(Cell::decimal("-Infinity", 38, 8), invalid("-Infinity"), Some(Oddity::NumberOutOfRange));
        check(Cell::decimal("1000", 4, 1), invalid("1000"), Some(Oddity::NumberOutOfRange));
        check(Cell::text(b"caf\xe9".to_vec()), Value::Text("caf\u{fffd}".into()), Some(Oddity::InvalidText));
        let unsigned = Type::Decimal { precision: 20, scale: 0 };
        let largest = i128::from(u64::MAX);
        check(Cell::whole(largest, unsigned), Value::Decimal { unscaled: largest, scale: 0 }, None);
        check(
            Cell::whole(largest, Type::Integer),
            invalid("18446744073709551615"),
            Some(Oddity::NumberOutOfRange),
        );
    }

    #[test]
    fn columns_without_a_name_of_their_own_are_refused() {
        let check = |names: &[&str], expected| {
            let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
            assert_eq!(column_names(&names), expected, "{names:?}");
        };
        check(&["Email", "MRR"], Ok(vec!["email".into(), "mrr".into()]));
        check(&[], Err(Content::NoColumns));
        check(&["email", " "], Err(Content::EmptyName { position: 2 }));
        let same = Content::SameName { first: "Ärger".into(), second: "ÄRGER".into() };
        check(&["Ärger", "ÄRGER"], Err(same));
    }
}
