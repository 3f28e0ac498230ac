//! `NaN` and the infinities in a line of JSON, which JSON does not have: null in their place. **Invariant:** no I/O; what stands in a
//! string stays.

use crate::connectors::rows::Oddity;

/// As Python's `json.dumps` and others write them.
const WORDS: [(&[u8], Oddity); 3] = [
    (b"NaN", Oddity::NotANumber),
    (b"Infinity", Oddity::NumberOutOfRange),
    (b"-Infinity", Oddity::NumberOutOfRange),
];

/// How one is written, for sentences.
pub(super) const fn word(oddity: Oddity) -> &'static str {
    if matches!(oddity, Oddity::NotANumber) { "NaN" } else { "Infinity" }
}

/// An object's text.
pub(super) struct WithoutNotFinite {
    pub(super) json: Vec<u8>,
    /// In which of its members (from 0) there was one.
    pub(super) odd: Vec<(usize, Oddity)>,
}

/// An object with null for each of them; `None` where there are none.
pub(super) fn without_not_finite(line: &[u8]) -> Option<WithoutNotFinite> {
    let (mut json, mut odd) = (Vec::with_capacity(line.len()), Vec::new());
    let (mut depth, mut member, mut in_string) = (0_usize, 0, false);
    let mut rest = line;
    while let Some(byte) = rest.first() {
        let word = WORDS.iter().find(|(word, _)| !in_string && rest.starts_with(word));
        if let Some((word, oddity)) = word {
            json.extend(b"null");
            odd.push((member, *oddity));
            rest = &rest[word.len()..];
            continue;
        }
        let mut length = 1;
        match byte {
            b'"' => in_string = !in_string,
            b'\\' if in_string => length = 2.min(rest.len()),
            b'{' | b'[' if !in_string => depth += 1,
            b'}' | b']' if !in_string => depth = depth.saturating_sub(1),
            b',' if !in_string && depth == 1 => member += 1,
            _ => {}
        }
        json.extend(&rest[..length]);
        rest = &rest[length..];
    }
    (!odd.is_empty()).then_some(WithoutNotFinite { json, odd })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_bare_words_are_no_numbers() {
        let check = |line: &str, expected: Option<(&str, &[(usize, Oddity)])>| {
            let found = without_not_finite(line.as_bytes());
            let found = found.as_ref().map(|WithoutNotFinite { json, odd }| {
                (std::str::from_utf8(json).expect("text"), odd.as_slice())
            });
            assert_eq!(found, expected, "{line}");
        };
        let (nan, infinite) = (Oddity::NotANumber, Oddity::NumberOutOfRange);
        check(r#"{"a":NaN,"b": -Infinity}"#, Some((r#"{"a":null,"b": null}"#, &[(0, nan), (1, infinite)])));
        check(
            r#"{"a":{"x":1,"y":[2,NaN]},"b":1}"#,
            Some((r#"{"a":{"x":1,"y":[2,null]},"b":1}"#, &[(0, nan)])),
        );
        check(r#"{"NaN":"\"NaN, Infinity"}"#, None);
        check(r#"{"a":"\\","b":NaN}"#, Some((r#"{"a":"\\","b":null}"#, &[(1, nan)])));
    }
}
