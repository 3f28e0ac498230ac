//! Which number it is that somebody pressed. **Invariant:** no I/O, and nothing is guessed: a wrong number calls a stranger.

use crate::features::tasks::phone_number;

/// Fewer digits than this are a service's number, or an extension: those mean something else in each country.
const SHORTEST: usize = 7;
/// What people write between digits.
const BETWEEN: &[char] = &[
    ' ', '\t', '\u{a0}', '\u{2009}', '\u{3000}', '-', '\u{2010}', '\u{2011}', '\u{2012}', '\u{2013}',
    '\u{2014}', '\u{2212}', '\u{ff0d}', '\u{30fc}', '.', '/', '(', ')', '\u{ff08}', '\u{ff09}',
];
/// Where the first zero of a number is part of it, also when one calls from abroad.
const KEEPS_ZERO: &str = "+39";

/// Why a number is not dialled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NumberProblem {
    /// Agent: mend it in Zendesk.
    #[error("this is not a phone number")]
    NoNumber,
    /// Agent: write it with its country. Admin: say in the console where such numbers belong.
    #[error("the number has no country code")]
    NoCountry,
    /// Agent: nothing to do.
    #[error("short numbers cannot be called from here")]
    TooShort,
}

/// The number in E.164. `country` is where numbers belong that do not say their own: `+81`, or nothing.
pub fn destination(written: &str, country: &str) -> Result<String, NumberProblem> {
    let plain: String = written.trim().chars().map(ascii).collect();
    let bare = plain.strip_prefix("tel:").unwrap_or(&plain);
    let bare = bare.split(';').next().unwrap_or_default();
    let abroad = bare.starts_with('+') || bare.starts_with("00");
    // `+81 (0)3 1234 5678`: the zero is for those who call from within.
    let bare = if abroad { bare.replacen("(0)", "", 1) } else { bare.to_owned() };
    let bare = bare.replace(BETWEEN, "");
    if let Some(number) = phone_number(&bare) {
        return Ok(number);
    }
    if bare.is_empty() || !bare.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(NumberProblem::NoNumber);
    }
    if bare.len() < SHORTEST {
        return Err(NumberProblem::TooShort);
    }
    if let Some(rest) = bare.strip_prefix("00") {
        return phone_number(&format!("+{rest}")).ok_or(NumberProblem::NoNumber);
    }
    if country.is_empty() {
        return Err(NumberProblem::NoCountry);
    }
    let within = if country == KEEPS_ZERO { &bare } else { bare.strip_prefix('0').unwrap_or(&bare) };
    phone_number(&format!("{country}{within}")).ok_or(NumberProblem::NoNumber)
}

/// Japanese keyboards write digits as wide as letters.
fn ascii(character: char) -> char {
    match character {
        '０'..='９' | '＋' | '（' | '）' => {
            char::from_u32(u32::from(character) - 0xfee0).unwrap_or(character)
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(written: &str, country: &str, expected: Result<&str, NumberProblem>) {
        assert_eq!(
            destination(written, country).as_deref(),
            expected.as_ref().map(|n| *n),
            "{written} {country}"
        );
    }

    #[test]
    fn a_number_with_its_country_is_dialled_however_it_is_written() {
        for written in [
            "+815012340042",
            " +81 50-1234-0042 ",
            "+81 (0)50 1234 0042",
            "+81.50.1234.0042",
            "0081 50 1234 0042",
            "tel:+81-50-1234-0042;ext=7",
            "＋８１　５０－１２３４－００４２",
            "+81(50)1234‐0042",
        ] {
            for country in ["", "+81", "+1"] {
                check(written, country, Ok("+815012340042"));
            }
        }
    }

    #[test]
    fn a_number_without_its_country_belongs_where_the_console_says_or_nowhere() {
        check("050-1234-0042", "", Err(NumberProblem::NoCountry));
        check("050-1234-0042", "+81", Ok("+815012340042"));
        check("０５０ー１２３４ー００４２", "+81", Ok("+815012340042"));
        check("(415) 555-0100", "+1", Ok("+14155550100"));
        check("06 1234 5678", "+39", Ok("+390612345678"));
        check("030 1234567", "+49", Ok("+49301234567"));
    }

    #[test]
    fn what_is_no_number_is_not_dialled() {
        use NumberProblem::{NoNumber, TooShort};
        for country in ["", "+81"] {
            for (written, expected) in [
                ("", NoNumber),
                ("anonymous", NoNumber),
                ("+266696687", NoNumber), // "anonymous", in digits
                ("client:desk", NoNumber),
                ("sip:desk@example.com", NoNumber),
                ("ada@example.com", NoNumber),
                ("+12345", NoNumber),
                ("+0123456789", NoNumber),
                ("+8150123400421234567", NoNumber),
                ("+81 50 1234 0042 ext. 9", NoNumber),
                ("٠٥٠١٢٣٤٠٠٤٢", NoNumber),
                ("00", TooShort),
                ("110", TooShort),
                ("911", TooShort),
                ("#31#", NoNumber),
                ("0012345", NoNumber),
            ] {
                check(written, country, Err(expected));
            }
        }
    }

    proptest::proptest! {
        #[test]
        fn whatever_is_pressed_no_digit_is_invented(written in "\\PC{0,30}") {
            if let Ok(number) = destination(&written, "") {
                let digits: String = written.chars().map(ascii).filter(char::is_ascii_digit).collect();
                let mut rest = digits.chars();
                proptest::prop_assert!(number[1..].chars().all(|digit| rest.any(|known| known == digit)));
            }
        }
    }
}
