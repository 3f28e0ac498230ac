//! Which bytes a browser asks for (RFC 9110, section 14). **Invariant:** no I/O; what is not understood is the whole file.

use std::ops::Range;

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// All of it.
    Whole,
    Some(Range<u64>),
    /// Bytes that it does not have.
    Nothing,
}

/// Reads a `Range` header for a file of `size` bytes. Several ranges at once are the whole file, as is anything odd.
pub fn asked(header: Option<&str>, size: u64) -> Part {
    let Some(range) = header.and_then(|header| header.trim().strip_prefix("bytes=")) else {
        return Part::Whole;
    };
    let Some((from, to)) = range.trim().split_once('-') else { return Part::Whole };
    let part = match (number(from), number(to)) {
        (Number::Is(from), Number::Is(to)) if from <= to => from..to.saturating_add(1).min(size),
        (Number::Is(from), Number::Absent) => from..size,
        (Number::Absent, Number::Is(last)) => size.saturating_sub(last)..size,
        _ => return Part::Whole,
    };
    if part.is_empty() { Part::Nothing } else { Part::Some(part) }
}

enum Number {
    Absent,
    Is(u64),
    Odd,
}

fn number(text: &str) -> Number {
    if text.is_empty() {
        return Number::Absent;
    }
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Number::Odd;
    }
    Number::Is(text.parse().unwrap_or(u64::MAX)) // a number beyond all files is still a number
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_cut_to_the_file_and_whatever_is_odd_is_the_whole() {
        for (header, expected) in [
            (None, Part::Whole),
            (Some("bytes=0-9"), Part::Some(0..10)),
            (Some("bytes=0-"), Part::Some(0..10)),
            (Some("bytes=3-5"), Part::Some(3..6)),
            (Some("bytes=9-99"), Part::Some(9..10)),
            (Some("bytes=-3"), Part::Some(7..10)),
            (Some("bytes=-99"), Part::Some(0..10)),
            (Some("bytes=0-99999999999999999999999"), Part::Some(0..10)),
            (Some("bytes=10-"), Part::Nothing),
            (Some("bytes=99999999999999999999999-"), Part::Nothing),
            (Some("bytes=-0"), Part::Nothing),
            (Some("bytes=5-3"), Part::Whole),
            (Some("bytes=0-1,3-4"), Part::Whole),
            (Some("bytes=-"), Part::Whole),
            (Some("bytes=+1-2"), Part::Whole),
            (Some("lines=1-2"), Part::Whole),
            (Some(""), Part::Whole),
        ] {
            assert_eq!(asked(header, 10), expected, "{header:?}");
        }
        assert_eq!(asked(Some("bytes=0-"), 0), Part::Nothing);
    }
}
