//! Whole numbers of 64 bits, which the browser's `JSON.parse` would round: they go through it as texts with a mark.
//! **Invariant:** every other value comes out as it went in.

use super::super::Json;

/// As many digits as a double holds for certain.
const CERTAIN: usize = 15;
/// Begins a text that stands for a number; a text that begins so by itself gets another.
const MARK: char = '\0';

/// JSON text for `JSON.parse`, in which long whole numbers are marked texts.
#[must_use]
pub fn mark(text: &str) -> String {
    let mut marked = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(|c: char| c == '"' || c == '-' || c.is_ascii_digit()) {
        let Some((before, here)) = rest.split_at_checked(at) else { break };
        let length = if here.starts_with('"') { string(here) } else { number(here) };
        let Some((token, after)) = here.split_at_checked(length) else { break };
        marked += before;
        if here.starts_with('"') {
            let own = token.strip_prefix("\"\\u0000");
            marked += own.map_or("", |_| "\"\\u0000\\u0000");
            marked += own.unwrap_or(token);
        } else if length > CERTAIN && !token.contains(['.', 'e', 'E']) {
            marked.extend(["\"\\u0000", token, "\""]);
        } else {
            marked += token;
        }
        rest = after;
    }
    marked + rest
}

/// The length of the string that `text` begins with, quotes included.
fn string(text: &str) -> usize {
    let mut escaped = false;
    let end = text.char_indices().skip(1).find(|(_, character)| {
        let ends = *character == '"' && !escaped;
        escaped = *character == '\\' && !escaped;
        ends
    });
    end.map_or(text.len(), |(at, _)| at + 1)
}

fn number(text: &str) -> usize {
    let of_number = |c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.' | 'e' | 'E');
    text.find(|c| !of_number(c)).unwrap_or(text.len())
}

/// What `JSON.parse` made of it, with the numbers that were marked.
#[must_use]
pub fn unmark(json: Json) -> Json {
    match json {
        Json::Text(text) => match text.strip_prefix(MARK) {
            Some(own) if own.starts_with(MARK) => Json::Text(own.into()),
            Some(number) => Json::Whole(number.into()),
            None => Json::Text(text),
        },
        Json::List(items) => Json::List(items.into_iter().map(unmark).collect()),
        Json::Object(members) => Json::Object(
            members.into_iter().map(|(name, value)| (unmark_name(name), unmark(value))).collect(),
        ),
        json => json,
    }
}

/// Names of members are texts, too; none of them is a number.
fn unmark_name(name: String) -> String {
    match name.strip_prefix(MARK) {
        Some(own) if own.starts_with(MARK) => own.into(),
        _ => name,
    }
}
