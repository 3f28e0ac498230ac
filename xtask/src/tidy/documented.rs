//! Public functions and types say what they are for. Fields and variants need words only where their names do not say it, which no
//! lint can tell: the compiler's `missing_docs` asks for all, and got `/// Whose.`.

use super::Source;

const PLACES: &[&str] = &["server/src/", "wire/src/"];
const ITEMS: &[&str] = &["fn", "struct", "enum", "trait"];
/// What may stand between `pub` and the item's word.
const BEFORE: &[&str] = &["async", "const", "unsafe"];

/// Every public function and type without a doc comment.
pub(super) fn breaches(sources: &[Source]) -> Vec<String> {
    let is_meant = |source: &&Source| {
        source.is("rs")
            && PLACES.iter().any(|place| source.path.starts_with(place))
            && !source.path.contains("/tests")
    };
    sources.iter().filter(is_meant).flat_map(undocumented).collect()
}

fn undocumented(source: &Source) -> Vec<String> {
    let product = source.text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    let lines: Vec<&str> = product.lines().collect();
    let is_bare = |(place, line): &(usize, &&str)| is_public_item(line) && !is_documented(&lines[..*place]);
    let breach = |(place, line): (usize, &&str)| {
        let item = line.trim().split(['(', '{', ';']).next().unwrap_or_default().trim_end();
        format!("{}:{}: `{item}` does not say what it is for", source.path, place + 1)
    };
    lines.iter().enumerate().filter(is_bare).map(breach).collect()
}

fn is_public_item(line: &str) -> bool {
    let Some(rest) = line.trim_start().strip_prefix("pub ") else { return false };
    let word = rest.split_whitespace().find(|word| !BEFORE.contains(word));
    word.is_some_and(|word| ITEMS.contains(&word)) && !rest.contains('$') // a macro's is documented where it is used
}

/// A doc comment stands above it, or between its attributes.
fn is_documented(before: &[&str]) -> bool {
    let above = before.iter().rev().map(|line| line.trim());
    above.take_while(|line| !line.is_empty() && !line.ends_with('{')).any(|line| line.starts_with("///"))
}

#[cfg(test)]
mod tests {
    use super::super::source;
    use super::breaches;

    #[test]
    fn a_public_function_or_type_without_words_is_found() {
        let check = |text: &str, expected: &[&str]| {
            assert_eq!(breaches(&[source("server/src/a.rs", text)]), expected, "{text}");
        };
        check(
            "/// What it holds.\n#[derive(\n    Debug,\n)]\npub struct Held {\n    pub account: String,\n}",
            &[],
        );
        check("impl Held {\n    /// Drops it.\n    pub async fn end(&self) {}\n}", &[]);
        check(
            "/// A.\npub struct A;\n\npub struct B;",
            &["server/src/a.rs:4: `pub struct B` does not say what it is for"],
        );
        check(
            "impl A {\n    pub fn b(&self) {}\n}",
            &["server/src/a.rs:2: `pub fn b` does not say what it is for"],
        );
        check("pub(crate) struct A;\nfn b() {}\n#[cfg(test)]\nmod tests {\n    pub fn c() {}\n}", &[]);
        assert!(breaches(&[source("app/src/a.rs", "pub fn a() {}")]).is_empty());
    }
}
