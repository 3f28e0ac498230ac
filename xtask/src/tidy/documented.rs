//! Public functions and types say what they are for. Fields and variants need words only where their names do not say it, which no
//! lint can tell: the compiler's `missing_docs` asks for all, and got doc comments of one pronoun. Those are breaches, too.

use super::Source;

const PLACES: &[&str] = &["server/src/", "wire/src/"];
const ITEMS: &[&str] = &["fn", "struct", "enum", "trait"];
/// What may stand between `pub` and the item's word.
const BEFORE: &[&str] = &["async", "const", "unsafe"];

/// A doc comment that is only this repeats the name.
const EMPTY: &[&str] = &["Which", "Whose", "What", "How", "When", "Where", "Who", "Whom", "Why", "It"];

/// Every public function and type without a doc comment, and every doc comment that says nothing.
pub(super) fn breaches(sources: &[Source]) -> Vec<String> {
    let mut found = undocumented_of(sources);
    found.extend(sources.iter().filter(|source| source.is("rs")).flat_map(empty));
    found
}

fn empty(source: &Source) -> impl Iterator<Item = String> {
    let is_doc = |line: &str| line.trim_start().starts_with("///");
    let lines: Vec<&str> = source.text.lines().collect();
    let alone = move |at: usize| {
        let said = lines[at].trim().strip_prefix("///")?.trim().strip_suffix('.')?;
        let neighbours = [at.checked_sub(1), Some(at + 1)].into_iter().flatten();
        let is_whole = !neighbours.filter_map(|at| lines.get(at)).any(|line| is_doc(line));
        (is_whole && EMPTY.contains(&said)).then(|| said.to_owned())
    };
    (0..source.text.lines().count()).filter_map(move |at| {
        let said = alone(at)?;
        Some(format!(
            "{}:{}: `/// {said}.` says nothing: delete it, or say more than the name",
            source.path,
            at + 1
        ))
    })
}

fn undocumented_of(sources: &[Source]) -> Vec<String> {
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

    #[test]
    fn a_doc_comment_that_repeats_the_name_is_found() {
        let check = |text: &str, expected: &[&str]| {
            assert_eq!(breaches(&[source("app/src/a.rs", text)]), expected, "{text}");
        };
        check(
            "struct A {\n    /// Whose.\n    account: String,\n}",
            &["app/src/a.rs:2: `/// Whose.` says nothing: delete it, or say more than the name"],
        );
        check("/// What.\n/// And why.\nfn a() {}", &[]);
        check("/// Why it failed.\nfn a() {}", &[]);
    }
}
