//! What the server offers is called by the server: a `pub fn` that only tests know is machinery that nobody can reach. A
//! cheap check of words: a name that something else of the server bears, too, is taken for called.

use std::collections::{BTreeMap, BTreeSet};

use super::Source;
use super::code::without_prose;

const SERVER: &str = "server/src/";

/// Functions that only tests call, and why they may.
const EXCEPTIONS: &[(&str, &str)] = &[
    ("run_until_idle", "a worker that ends; the harness cannot wait for one that does not"),
    ("with_backoff", "the harness does not wait for minutes"),
    ("with_probe", "the crash harness pulls the plug at every step"),
];

pub(super) fn breaches(sources: &[Source]) -> Vec<String> {
    compare(sources, EXCEPTIONS)
}

fn compare(sources: &[Source], exceptions: &[(&str, &str)]) -> Vec<String> {
    let product: Vec<(&str, String)> = sources
        .iter()
        .filter(|source| source.path.starts_with(SERVER) && source.is("rs") && !is_test(&source.path))
        .map(|source| (source.path.as_str(), without_prose(without_tests(&source.text))))
        .collect();
    let mut offered: BTreeMap<&str, String> = BTreeMap::new();
    let mut called: BTreeSet<&str> = BTreeSet::new();
    for (path, code) in &product {
        for (number, line) in code.lines().enumerate() {
            let words: Vec<&str> = words(line).collect();
            let defined = words.iter().position(|word| *word == "fn").map(|at| at + 1);
            let is_public = defined.is_some() && line.trim_start().starts_with("pub ");
            if let Some(name) = defined.filter(|_| is_public).and_then(|at| words.get(at)) {
                offered.entry(name).or_insert_with(|| format!("{path}:{}", number + 1));
            }
            let others = words.iter().enumerate().filter(|(at, _)| Some(*at) != defined);
            called.extend(others.map(|(_, word)| *word));
        }
    }
    let unused = offered.iter().filter(|(name, _)| !called.contains(*name));
    let is_excepted = |name: &str| exceptions.iter().any(|(excepted, _)| *excepted == name);
    let mut found: Vec<String> = unused
        .filter(|(name, _)| !is_excepted(name))
        .map(|(name, place)| format!("{place}: nothing of the server calls `{name}`: use it, or take it out"))
        .collect();
    let needless = exceptions.iter().filter(|(name, _)| called.contains(name) || !offered.contains_key(name));
    found.extend(needless.map(|(name, _)| format!("`{name}` needs no exception: take it out of the list")));
    found
}

fn is_test(path: &str) -> bool {
    path.ends_with("/tests.rs") || path.contains("/tests/")
}

/// Unit tests stand at the end of a file.
fn without_tests(text: &str) -> &str {
    text.split("#[cfg(test)]\nmod ").next().unwrap_or_default()
}

fn words(line: &str) -> impl Iterator<Item = &str> {
    line.split(|letter: char| !letter.is_alphanumeric() && letter != '_').filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::super::source;
    use super::compare;

    #[track_caller]
    fn check(files: &[(&str, &str)], exceptions: &[(&str, &str)], expected: &[&str]) {
        let sources: Vec<_> = files.iter().map(|(path, text)| source(path, text)).collect();
        assert_eq!(compare(&sources, exceptions), expected);
    }

    #[test]
    fn a_function_that_the_server_calls_is_fine() {
        check(
            &[
                (
                    "server/src/queue/front.rs",
                    "impl Queue { \n    pub async fn wake(&self) {}\n fn own() {} }",
                ),
                ("server/src/serve.rs", "fn f() { queue.wake() }"),
            ],
            &[],
            &[],
        );
    }

    #[test]
    fn a_function_that_only_tests_call_is_found() {
        let lease = "    pub const fn is_last(&self) -> bool { true }\n#[cfg(test)]\nmod tests { fn f() { is_last() } }";
        let breach =
            "server/src/queue/lease.rs:1: nothing of the server calls `is_last`: use it, or take it out";
        let files = [
            ("server/src/queue/lease.rs", lease),
            ("server/src/queue/tests.rs", "fn f() { lease.is_last() }"),
            ("server/src/serve.rs", "// is_last() is not called\n"),
            ("tests/it/queue.rs", "fn f() { lease.is_last() }"),
        ];
        check(&files, &[], &[breach]);
        check(&files, &[("is_last", "the next feature needs it")], &[]);
    }

    #[test]
    fn an_exception_that_is_not_needed_is_found() {
        check(&[], &[("gone", "no reason")], &["`gone` needs no exception: take it out of the list"]);
    }
}
