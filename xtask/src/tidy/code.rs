//! Rust text without what is not code, so that rules do not trip over prose. **Invariant:** lines keep their numbers.

/// The code with comments and the insides of strings blanked out.
pub(super) fn without_prose(text: &str) -> String {
    blank(text, true)
}

/// The code with comments blanked out; strings stay.
pub(super) fn without_comments(text: &str) -> String {
    blank(text, false)
}

/// The insides of every plain string.
pub(super) fn strings(text: &str) -> Vec<String> {
    let code = without_comments(text);
    let mut found = Vec::new();
    let mut rest = code.as_str();
    while let Some(start) = rest.find('"') {
        let Some(length) = string_length(&rest[start..]) else { break };
        found.push(rest[start + 1..start + length - 1].to_owned());
        rest = &rest[start + length..];
    }
    found
}

fn blank(text: &str, strings_too: bool) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        let (length, prose) = if rest.starts_with("//") {
            (rest.find('\n').unwrap_or(rest.len()), true)
        } else if rest.starts_with("/*") {
            (rest.find("*/").map_or(rest.len(), |end| end + 2), true)
        } else if let Some(length) = raw_string_length(rest, out.chars().next_back()) {
            (length, strings_too)
        } else if let Some(length) = string_length(rest) {
            (length, strings_too)
        } else if let Some(length) = char_length(rest) {
            (length, false)
        } else {
            (next.len_utf8(), false)
        };
        let (piece, after) = rest.split_at(length);
        if prose {
            out.extend(piece.chars().map(|letter| if letter == '\n' { '\n' } else { ' ' }));
        } else {
            out.push_str(piece);
        }
        rest = after;
    }
    out
}

/// `"…"` at the start, with its quotes.
fn string_length(text: &str) -> Option<usize> {
    let inside = text.strip_prefix('"')?;
    let mut escaped = false;
    for (at, letter) in inside.char_indices() {
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return Some(at + 2),
            _ => {}
        }
    }
    Some(text.len())
}

/// `r"…"`, `r#"…"#` at the start; not the end of a name such as `for`.
fn raw_string_length(text: &str, before: Option<char>) -> Option<usize> {
    if before.is_some_and(|letter| letter.is_alphanumeric() && letter != 'b' || letter == '_') {
        return None;
    }
    let after = text.strip_prefix('r')?;
    let hashes = after.len() - after.trim_start_matches('#').len();
    let inside = after[hashes..].strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(hashes));
    Some(inside.find(&end).map_or(text.len(), |at| 1 + hashes + 1 + at + end.len()))
}

/// `'"'` and `'\''`: characters that would otherwise open a string.
fn char_length(text: &str) -> Option<usize> {
    ["'\"'", "'\\\"'", "'\\''"].into_iter().find(|quoted| text.starts_with(*quoted)).map(str::len)
}

#[cfg(test)]
mod tests {
    use super::{strings, without_comments, without_prose};

    #[test]
    fn prose_is_blanked_and_code_is_not() {
        let check = |text: &str, expected: &str| assert_eq!(without_prose(text), expected);
        check("use a; // use b", "use a;         ");
        check("a(/* b */)", "a(       )");
        check("a(\"b \\\" c\") + d", "a(        ) + d");
        check("a(r#\"b \" c\"#, d)", "a(          , d)");
        check("'\"' + b + '\"'", "'\"' + b + '\"'");
        check("for\"a\"", "for   ");
        check("// ü\nb", "    \nb");
    }

    #[test]
    fn strings_can_stay() {
        assert_eq!(without_comments("a(\"// b\") // c"), "a(\"// b\")     ");
        assert_eq!(strings("a(\"b\", \"c.d\") // \"e\""), ["b", "c.d"]);
    }
}
