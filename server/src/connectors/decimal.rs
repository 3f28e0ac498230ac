//! Numbers as vendors write them, read without loss: `1200.5`, `3.5E8`, `1.6147805824397E13`. **Invariant:** no `f64`.

/// What became of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::enum_variant_names, reason = "NaN has a name")]
pub(super) enum Number {
    /// The value times 10^scale.
    Exact(i128),
    /// The same, and digits were lost.
    Rounded(i128),
    /// More digits before the point than 38 digits in all allow.
    TooLarge,
    NotANumber,
}

/// The most digits of a staged decimal.
const DIGITS: u32 = 38;

/// Reads a number into `scale` digits after the point; half is rounded away from zero.
pub(super) fn number(text: &str, scale: u8) -> Number {
    let Some((negative, digits, exponent)) = parts(text) else { return Number::NotANumber };
    let digits = digits.trim_start_matches('0');
    if digits.is_empty() {
        return Number::Exact(0);
    }
    // The value is `digits` × 10^`shift` in units of the last place.
    let Some(shift) = exponent.checked_add(i64::from(scale)) else { return Number::TooLarge };
    let length = i64::try_from(digits.len()).unwrap_or(i64::MAX);
    if length.saturating_add(shift) > i64::from(DIGITS) {
        return Number::TooLarge;
    }
    let dropped = usize::try_from(shift.saturating_neg());
    let (kept, lost) = match dropped {
        Ok(places) => digits.split_at(digits.len().saturating_sub(places)),
        Err(_) => (digits, ""),
    };
    let mut value = kept.parse::<i128>().unwrap_or_default();
    if shift > 0 {
        value *= 10_i128.pow(u32::try_from(shift).unwrap_or_default());
    }
    let is_exact = lost.bytes().all(|digit| digit == b'0');
    // With more places to drop than there are digits, the first one dropped is a zero that is not written.
    let rounds_up = dropped.is_ok_and(|places| places <= digits.len())
        && lost.as_bytes().first().is_some_and(|first| *first >= b'5');
    value += i128::from(rounds_up);
    let value = if negative { -value } else { value };
    if is_exact { Number::Exact(value) } else { Number::Rounded(value) }
}

/// The shortest way to write the same number: `1.10` is `1.1`, `3.5E8` is `350000000`. `None`: not a number, or a very long one.
pub fn canonical(text: &str) -> Option<String> {
    const LONGEST: i64 = 400;
    let (negative, digits, exponent) = parts(text)?;
    let digits = digits.trim_start_matches('0');
    if digits.is_empty() {
        return Some("0".to_owned());
    }
    let kept = digits.trim_end_matches('0');
    let exponent = exponent.checked_add(i64::try_from(digits.len() - kept.len()).ok()?)?;
    let length = i64::try_from(kept.len()).ok()?;
    if !(-LONGEST..=LONGEST).contains(&exponent) {
        return None;
    }
    let sign = if negative { "-" } else { "" };
    let zeros = |count: i64| "0".repeat(usize::try_from(count).unwrap_or_default());
    Some(match exponent {
        0.. => format!("{sign}{kept}{}", zeros(exponent)),
        _ if length > -exponent => {
            let (whole, fraction) = kept.split_at(usize::try_from(length + exponent).ok()?);
            format!("{sign}{whole}.{fraction}")
        }
        _ => format!("{sign}0.{}{kept}", zeros(-exponent - length)),
    })
}

/// A canonical number with at most so many digits behind the point; half away from zero, as people do.
pub fn rounded(number: &str, places: usize) -> String {
    let (sign, digits) = number.strip_prefix('-').map_or(("", number), |digits| ("-", digits));
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let Some(next) = part.as_bytes().get(places) else { return number.to_owned() };
    let mut kept: Vec<u8> = whole.bytes().chain(part.bytes().take(places)).collect();
    if *next >= b'5' {
        let mut place = kept.len();
        loop {
            if place == 0 {
                kept.insert(0, b'1');
                break;
            }
            place -= 1;
            if kept[place] == b'9' {
                kept[place] = b'0';
            } else {
                kept[place] += 1;
                break;
            }
        }
    }
    let kept: String = kept.into_iter().map(char::from).collect();
    let (whole, part) = kept.split_at(kept.len() - places);
    let text = format!("{sign}{whole}.{part}");
    canonical(text.trim_end_matches('.')).unwrap_or(text)
}

/// A canonical number with at most `most` digits that count: more of them behind the point are rounded away. `None`: there are more
/// before the point, so it would be another number.
pub(super) fn within_digits(number: &str, most: usize) -> Option<String> {
    let (whole, part) =
        number.trim_start_matches('-').split_once('.').unwrap_or((number.trim_start_matches('-'), ""));
    if whole.len() > most {
        return (part.is_empty() && whole.trim_end_matches('0').len() <= most).then(|| number.to_owned());
    }
    let zeros = part.len() - part.trim_start_matches('0').len();
    let places = if whole == "0" { most + zeros } else { most - whole.len() };
    Some(rounded(number, places))
}

/// Sign, digits without a point, and the power of ten that they are multiplied with.
fn parts(text: &str) -> Option<(bool, String, i64)> {
    let (negative, unsigned) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i64>().ok()?),
        None => (unsigned, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = [whole, fraction].concat();
    let is_number = !digits.is_empty() && digits.len() <= 400 && digits.bytes().all(|b| b.is_ascii_digit());
    let places = i64::try_from(fraction.len()).ok()?;
    is_number.then_some((negative, digits, exponent.checked_sub(places)?))
}

#[cfg(test)]
mod tests {
    use super::Number::{self, Exact, NotANumber, Rounded, TooLarge};
    use super::{canonical, number, within_digits};
    use proptest::prelude::*;

    #[track_caller]
    fn check(text: &str, scale: u8, expected: Number) {
        assert_eq!(number(text, scale), expected, "{text} with {scale} places");
    }

    #[test]
    fn numbers_are_read_as_vendors_write_them() {
        check("1200.5", 2, Exact(120_050));
        check("3.5E8", 0, Exact(350_000_000));
        check("1.6147805824397E13", 0, Exact(16_147_805_824_397));
        check("999999999999999999", 0, Exact(999_999_999_999_999_999));
        check("-0.10", 12, Exact(-100_000_000_000));
        check("1.0E-3", 2, Rounded(0));
        check("5E-3", 2, Rounded(1));
        check("-1.005", 2, Rounded(-101));
        check("833.3333333333334", 12, Rounded(833_333_333_333_333));
        check("0.00", 0, Exact(0));
        check("1E25", 12, Exact(10_i128.pow(37)));
        check("1E26", 12, TooLarge);
        check("1E999999999999", 2, TooLarge);
        check("1E-999999999999", 2, Rounded(0));
    }

    #[test]
    fn what_is_not_a_number_is_none() {
        for text in ["", "-", "1,200", "NaN", "1.2.3", "0x10", "1e", "١", "1 200", "."] {
            check(text, 2, NotANumber);
        }
    }

    #[test]
    fn equal_numbers_are_written_equally() {
        let check =
            |text: &str, expected: &str| assert_eq!(canonical(text).as_deref(), Some(expected), "{text}");
        check("1.10", "1.1");
        check("001200", "1200");
        check("3.5E8", "350000000");
        check("-0.00", "0");
        check("1e-3", "0.001");
        check("-12.500", "-12.5");
        check("0.5", "0.5");
        check("100", "100");
        check("123456789012345678901234567890.10", "123456789012345678901234567890.1");
        assert_eq!((canonical("1e999999"), canonical("1,000"), canonical("")), (None, None, None));
    }

    #[test]
    fn digits_that_a_double_does_not_keep_are_rounded_away_or_refused() {
        let check =
            |number: &str, expected| assert_eq!(within_digits(number, 15).as_deref(), expected, "{number}");
        check("1200.5", Some("1200.5"));
        check("-833.33333333333333333", Some("-833.333333333333"));
        check("0.000012345678901234567", Some("0.0000123456789012346"));
        check("999999999999999.9", Some("1000000000000000"));
        check("100000000000000000000", Some("100000000000000000000"));
        check("123456789012345", Some("123456789012345"));
        check("1234567890123456", None);
        check("-1234567890123456.5", None);
        check("123456789012345678901234567890", None);
    }

    proptest! {
        #[test]
        fn any_spelling_of_a_number_is_the_same_number(unscaled in -10_i64.pow(15)..10_i64.pow(15), exponent in 0_u32..12) {
            let plain = number(&unscaled.to_string(), 12);
            let exponential = number(&format!("{unscaled}{}E-{exponent}", "0".repeat(exponent as usize)), 12);
            prop_assert_eq!(plain, exponential);
            prop_assert_eq!(plain, Exact(i128::from(unscaled) * 10_i128.pow(12)));
        }
    }
}
