//! Which parts of the project a Rust file names. **Invariant:** text in, paths out; what a path means is decided elsewhere.

use super::code::without_prose;

/// A path as it stands in a file, and its line.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Named {
    pub(super) line: usize,
    /// From the crate's root: `crate::a::b` and, inside module `a`, `self::b` are both `["crate", "a", "b"]`.
    pub(super) path: Vec<String>,
}

/// Every path that a file names, with groups (`{a, b}`) taken apart and `super`/`self` resolved against the module.
pub(super) fn named(text: &str, module: &[String]) -> Vec<Named> {
    let code = without_prose(text);
    let (mut found, mut rest) = (Vec::new(), code.as_str());
    while let Some(start) = next_path(&code, code.len() - rest.len()) {
        let line = 1 + code[..start].matches('\n').count();
        rest = &code[start..];
        let mut paths = Vec::new();
        tree(&mut rest, &mut Vec::new(), &mut paths);
        found.extend(paths.into_iter().map(|path| Named { line, path: absolute(path, module) }));
    }
    found
}

/// The module of a file below `src`: `http/cards.rs` and `http/cards/mod.rs` are both `["http", "cards"]`.
pub(super) fn module_of(file: &str) -> Vec<String> {
    let stem = file.strip_suffix(".rs").unwrap_or(file);
    let stem = stem.strip_suffix("/mod").unwrap_or(stem);
    match stem {
        "lib" | "main" | "mod" => Vec::new(),
        _ => stem.split('/').map(str::to_owned).collect(),
    }
}

/// Where the next path begins: at a word that is followed by `::`, or that is all that a `use` names.
fn next_path(code: &str, from: usize) -> Option<usize> {
    let mut at = from;
    loop {
        at += code[at..].find(is_word)?;
        let end = at + word(&code[at..]).len();
        let before = &code[..at];
        if code[end..].starts_with("::") && !before.ends_with("::") || after_use(before) {
            return Some(at);
        }
        at = end;
    }
}

fn after_use(before: &str) -> bool {
    let before = before.trim_end_matches(' ');
    before.strip_suffix("use").is_some_and(|earlier| !earlier.ends_with(is_word))
}

/// Reads `a::{b, c::d}` and leaves what follows; `paths` gets `a::b` and `a::c::d`.
fn tree(rest: &mut &str, before: &mut Vec<String>, paths: &mut Vec<Vec<String>>) {
    let depth = before.len();
    loop {
        *rest = rest.trim_start();
        if let Some(inside) = rest.strip_prefix('{') {
            *rest = inside;
            while !rest.is_empty() {
                tree(rest, before, paths);
                *rest = rest.trim_start();
                match rest.chars().next() {
                    Some(',') => *rest = &rest[1..],
                    Some('}') => {
                        *rest = &rest[1..];
                        break;
                    }
                    _ => break, // not a `use`: a block of code after `::` cannot be
                }
            }
            break;
        }
        let name = word(rest);
        if name.is_empty() {
            *rest = rest.strip_prefix('*').unwrap_or(rest);
            paths.push(before.clone());
            break;
        }
        before.push(name.to_owned());
        *rest = &rest[name.len()..];
        if let Some(after) = rest.strip_prefix("::") {
            *rest = after;
        } else {
            if let Some(alias) = rest.trim_start().strip_prefix("as ") {
                *rest = &alias.trim_start()[word(alias.trim_start()).len()..];
            }
            paths.push(before.clone());
            break;
        }
    }
    before.truncate(depth);
}

fn absolute(path: Vec<String>, module: &[String]) -> Vec<String> {
    let supers = path.iter().take_while(|part| *part == "super").count();
    let from_self = path.first().is_some_and(|part| part == "self");
    if supers == 0 && !from_self {
        return path;
    }
    let kept = &module[..module.len().saturating_sub(supers)];
    let rest = path.into_iter().skip(supers.max(1));
    std::iter::once("crate".to_owned()).chain(kept.iter().cloned()).chain(rest).collect()
}

fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

fn word(text: &str) -> &str {
    &text[..text.find(|letter| !is_word(letter)).unwrap_or(text.len())]
}

#[cfg(test)]
mod tests {
    use super::{module_of, named};

    #[track_caller]
    fn check(file: &str, text: &str, expected: &[&str]) {
        let found: Vec<_> =
            named(text, &module_of(file)).into_iter().map(|named| named.path.join("::")).collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn plain_paths_and_groups_are_found() {
        check("lib.rs", "use crate::store::Db;", &["crate::store::Db"]);
        check(
            "lib.rs",
            "use crate::{a::B, c::{D, e::*}, f as g};",
            &["crate::a::B", "crate::c::D", "crate::c::e", "crate::f"],
        );
        check(
            "lib.rs",
            "fn f() { crate::queue::go(wire::Card::new()) }",
            &["crate::queue::go", "wire::Card::new"],
        );
        check("lib.rs", "use wire as w;", &["wire"]);
        check("lib.rs", "use wire;", &["wire"]);
    }

    #[test]
    fn super_and_self_are_resolved() {
        check(
            "connectors/zendesk/client.rs",
            "use super::super::twilio::X;",
            &["crate::connectors::twilio::X"],
        );
        check(
            "connectors/zendesk/mod.rs",
            "use super::Advice; use self::types::T;",
            &["crate::connectors::Advice", "crate::connectors::zendesk::types::T"],
        );
    }

    #[test]
    fn prose_names_nothing() {
        check("lib.rs", "// use crate::store::Db;\nlet a = \"crate::queue::B\";", &[]);
    }

    #[test]
    fn the_line_is_the_paths_own() {
        assert_eq!(named("\n\nuse a::b;", &[])[0].line, 3);
    }
}
