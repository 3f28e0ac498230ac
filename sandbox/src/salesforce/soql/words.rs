//! A query in words: names, numbers, texts, signs, and where each stands.

use super::Refused;

/// One word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Word {
    /// A name, a keyword, a number, a date: whatever stands without quotes.
    Bare(String),
    /// A text in quotes.
    Quoted(String),
    /// `,`, `(`, `)`, `=`, `!=`, `<`, `<=`, `>`, `>=`.
    Sign(&'static str),
}

/// A word and where it begins, in bytes.
pub(super) type Placed = (Word, usize);

const SIGNS: [&str; 10] = ["!=", "<>", "<=", ">=", "=", "<", ">", ",", "(", ")"];

/// Takes a query apart.
pub(super) fn words(query: &str) -> Result<Vec<Placed>, Refused> {
    let (mut words, mut at) = (Vec::new(), 0);
    while let Some(rest) = query.get(at..).filter(|rest| !rest.is_empty()) {
        let letter = rest.chars().next().unwrap_or_default();
        if letter.is_whitespace() {
            at += letter.len_utf8();
        } else if letter == '\'' {
            let (text, length) = quoted(rest)
                .ok_or_else(|| Refused::at("MALFORMED_QUERY", query, at, "unterminated string literal"))?;
            words.push((Word::Quoted(text), at));
            at += length;
        } else if let Some(sign) = SIGNS.into_iter().find(|sign| rest.starts_with(sign)) {
            words.push((Word::Sign(if sign == "<>" { "!=" } else { sign }), at));
            at += sign.len();
        } else {
            let length = rest.find(|c: char| !is_bare(c)).unwrap_or(rest.len());
            if length == 0 {
                return Err(Refused::malformed(query, at, &letter.to_string()));
            }
            words.push((Word::Bare(rest[..length].to_owned()), at));
            at += length;
        }
    }
    Ok(words)
}

/// Letters of names, of numbers, and of times like `2026-01-01T00:00:00+09:00`.
fn is_bare(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | ':' | '-' | '+')
}

/// The text of a literal and how long it is with its quotes.
fn quoted(rest: &str) -> Option<(String, usize)> {
    let (mut text, mut letters) = (String::new(), rest.char_indices().skip(1));
    while let Some((at, letter)) = letters.next() {
        match letter {
            '\'' => return Some((text, at + 1)),
            '\\' => match letters.next()?.1 {
                'n' | 'N' => text.push('\n'),
                'r' | 'R' => text.push('\r'),
                't' | 'T' => text.push('\t'),
                // Of LIKE: stays escaped until the pattern is read.
                wild @ ('%' | '_') => text.extend(['\\', wild]),
                other => text.push(other),
            },
            other => text.push(other),
        }
    }
    None
}
