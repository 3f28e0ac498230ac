//! MySQL's types as ours. Docs: <https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_binary_resultset.html>.
//! Traps: `tinyint(1)` holds more than 0 and 1; an unsigned 64-bit number does not fit into one with a sign; `0000-00-00` comes as
//! zeros; MariaDB's JSON is text; bytes that are no text have the character set `binary`.

use engine::{Column, Type};
use mysql_async::consts::{ColumnFlags, ColumnType};
use mysql_async::{Column as MySqlColumn, Value};

use crate::connectors::cells::{Cell, OPEN_DECIMAL};

/// The character set of bytes.
const BINARY: u16 = 63;
/// Unsigned, 64 bits.
const UNSIGNED: Type = Type::Decimal { precision: 20, scale: 0 };

/// A column of a result.
pub(super) fn column(name: String, of: &MySqlColumn) -> Column {
    Column { name, kind: kind(of) }
}

fn kind(of: &MySqlColumn) -> Type {
    use ColumnType as T;
    let is_unsigned = of.flags().contains(ColumnFlags::UNSIGNED_FLAG);
    match of.column_type() {
        T::MYSQL_TYPE_LONGLONG if is_unsigned => UNSIGNED,
        T::MYSQL_TYPE_BIT if of.column_length() > 63 => UNSIGNED,
        T::MYSQL_TYPE_TINY
        | T::MYSQL_TYPE_SHORT
        | T::MYSQL_TYPE_INT24
        | T::MYSQL_TYPE_LONG
        | T::MYSQL_TYPE_LONGLONG
        | T::MYSQL_TYPE_YEAR
        | T::MYSQL_TYPE_BIT => Type::Integer,
        T::MYSQL_TYPE_DECIMAL | T::MYSQL_TYPE_NEWDECIMAL => {
            decimal(of.column_length(), of.decimals(), is_unsigned)
        }
        T::MYSQL_TYPE_FLOAT | T::MYSQL_TYPE_DOUBLE => OPEN_DECIMAL,
        T::MYSQL_TYPE_DATE | T::MYSQL_TYPE_NEWDATE => Type::Date,
        T::MYSQL_TYPE_DATETIME
        | T::MYSQL_TYPE_DATETIME2
        | T::MYSQL_TYPE_TIMESTAMP
        | T::MYSQL_TYPE_TIMESTAMP2 => Type::Timestamp,
        T::MYSQL_TYPE_JSON => Type::Json,
        _ => Type::Text,
    }
}

/// The length counts digits, sign and point. Where there are more than 38 digits, those before the point come first.
fn decimal(length: u32, decimals: u8, is_unsigned: bool) -> Type {
    let digits = length.saturating_sub(u32::from(decimals > 0) + u32::from(!is_unsigned)).max(1);
    let scale = u32::from(decimals.min(38));
    let scale = if digits <= 38 { scale } else { scale.min(38_u32.saturating_sub(digits - scale).max(8)) };
    Type::Decimal {
        precision: u8::try_from(digits.min(38)).unwrap_or(38),
        scale: i8::try_from(scale).unwrap_or(8),
    }
}

/// A cell of a result.
pub(super) fn cell(value: Value, of: &MySqlColumn) -> Cell {
    let kind = kind(of);
    match (value, kind) {
        (Value::NULL, _) => Cell::NULL,
        (Value::Int(number), _) => Cell::whole(number.into(), kind),
        (Value::UInt(number), _) => Cell::whole(number.into(), kind),
        (Value::Float(number), _) => float(&number.to_string()),
        (Value::Double(number), _) => float(&number.to_string()),
        (Value::Date(year, month, day, ..), Type::Date) => Cell::date(year.into(), month.into(), day.into()),
        (Value::Date(year, month, day, hour, minute, second, micros), _) => Cell::moment(
            (year.into(), month.into(), day.into()),
            (hour.into(), minute.into(), second.into(), micros),
        ),
        (Value::Time(negative, days, hours, minutes, seconds, micros), _) => {
            let sign = if negative { "-" } else { "" };
            let hours = days * 24 + u32::from(hours);
            let fraction = if micros == 0 { String::new() } else { format!(".{micros:06}") };
            let text = format!("{sign}{hours:02}:{minutes:02}:{seconds:02}{fraction}");
            Cell::text(text.into_bytes())
        }
        (Value::Bytes(bytes), Type::Decimal { precision, scale })
            if of.column_type() != ColumnType::MYSQL_TYPE_BIT =>
        {
            Cell::decimal(&String::from_utf8_lossy(&bytes), precision, scale)
        }
        (Value::Bytes(bytes), Type::Integer | Type::Decimal { .. }) => {
            let number = bytes.iter().fold(0_i128, |number, byte| number << 8 | i128::from(*byte));
            Cell::whole(number, kind)
        }
        (Value::Bytes(bytes), Type::Json) => Cell::json(bytes),
        (Value::Bytes(bytes), _) if is_binary(of) => Cell::hex(&bytes),
        (Value::Bytes(bytes), _) => Cell::text(bytes),
    }
}

fn float(text: &str) -> Cell {
    let Type::Decimal { precision, scale } = OPEN_DECIMAL else { return Cell::NULL };
    Cell::decimal(text, precision, scale)
}

/// A date or a number that an expression made into text has the character set `binary` on old servers; only what is stored as
/// bytes counts.
fn is_binary(of: &MySqlColumn) -> bool {
    use ColumnType as T;
    of.column_type() == T::MYSQL_TYPE_GEOMETRY
        || of.column_type() == T::MYSQL_TYPE_VECTOR
        || of.character_set() == BINARY && of.flags().contains(ColumnFlags::BINARY_FLAG)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decimal_column_has_the_digits_that_mysql_says() {
        let check = |length, decimals, is_unsigned, precision, scale| {
            let expected = Type::Decimal { precision, scale };
            assert_eq!(decimal(length, decimals, is_unsigned), expected, "{length} {decimals}");
        };
        check(14, 2, false, 12, 2);
        check(13, 2, true, 12, 2);
        check(11, 0, false, 10, 0);
        check(67, 30, false, 38, 8);
        check(44, 6, false, 38, 2 + 4);
        check(66, 0, false, 38, 0);
    }
}
