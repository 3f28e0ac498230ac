//! The rules of the house that no compiler knows. **Invariant:** each check lists every breach, says where, and how to
//! mend it; a check that finds nothing to look at is a breach too.

mod callers;
mod code;
mod dependencies;
mod directions;
mod documented;
mod error_codes;
mod headers;
mod ladder;
mod leaks;
mod long_files;
mod paths;
mod proofs;
mod test_hooks;
mod test_names;
mod words;

use crate::command::{self, command};
use crate::house;
use crate::problem::{Outcome, Problem};
use crate::test::Tally;

/// A file that git knows, or would know at the next `git add`.
struct Source {
    /// Relative to the root, with forward slashes.
    path: String,
    /// Its text.
    text: String,
}

impl Source {
    fn is(&self, extension: &str) -> bool {
        self.path.rsplit_once('.').is_some_and(|(_, end)| end == extension)
    }
}

/// A rule: its name as a sentence, and what it finds.
type Check = (&'static str, fn(&[Source]) -> Outcome<Vec<String>>);

const CHECKS: &[Check] = &[
    ("crates depend only downwards", |sources| Ok(dependencies::breaches(sources))),
    ("rooms import only downwards", |sources| Ok(directions::breaches(sources))),
    ("features form a ladder, and no rooms a circle", |sources| Ok(ladder::breaches(sources))),
    ("what the server offers is called by it", |sources| Ok(callers::breaches(sources))),
    ("every Rust file opens with what it is for", |sources| Ok(headers::breaches(sources))),
    ("names of tests are short sentences", |sources| Ok(test_names::breaches(sources))),
    ("public functions and types say what they are for", |sources| Ok(documented::breaches(sources))),
    ("words are the field's own", |sources| Ok(words::breaches(sources))),
    ("error codes are the same in code and docs/errors.md", error_codes::breaches),
    ("files name no registry and no machine", |sources| Ok(leaks::breaches(sources))),
    ("long files get fewer", |sources| Ok(long_files::breaches(sources))),
    ("the test hooks of the design exist", |sources| Ok(test_hooks::breaches(sources))),
    ("features are proven by tests that exist", |sources| Ok(proofs::breaches(sources))),
];

/// Checks and fails when there is a breach.
pub(crate) fn run() -> Outcome {
    let tally = check()?;
    println!("{} passed, {} failed", tally.passed, tally.failed);
    if tally.failed == 0 { Ok(()) } else { Err(Problem::silent()) }
}

/// Checks everything; prints what it finds.
pub(crate) fn check() -> Outcome<Tally> {
    let sources = sources()?;
    let mut tally = Tally::default();
    for (name, find) in CHECKS {
        let breaches = find(&sources)?;
        println!("tidy: {name} ... {}", if breaches.is_empty() { "ok" } else { "FAILED" });
        for breach in &breaches {
            println!("  {breach}");
        }
        if breaches.is_empty() {
            tally.passed += 1;
        } else {
            tally.failed += 1;
        }
    }
    Ok(tally)
}

/// Every text file of the project; pictures and other binaries have no rules here.
fn sources() -> Outcome<Vec<Source>> {
    let listed = command::output(&mut command(
        "git",
        ["ls-files", "-z", "--cached", "--others", "--exclude-standard"],
    ))?;
    let mut paths: Vec<&str> = listed.split('\0').filter(|path| !path.is_empty()).collect();
    paths.sort_unstable();
    paths.dedup();
    let read = |path: &str| {
        let text = String::from_utf8(std::fs::read(house::path(path)).ok()?).ok()?;
        Some(Source { path: path.to_owned(), text })
    };
    Ok(paths.into_iter().filter_map(read).collect())
}

/// The text of one file among the sources.
fn text_of<'a>(sources: &'a [Source], path: &str) -> Result<&'a str, Vec<String>> {
    let found = sources.iter().find(|source| source.path == path);
    found.map(|source| source.text.as_str()).ok_or_else(|| vec![format!("{path} does not exist: write it")])
}

/// What `left` has and `right` has not.
fn missing<'a>(left: &'a [String], right: &'a [String]) -> impl Iterator<Item = &'a String> {
    left.iter().filter(|item| !right.contains(item))
}

#[cfg(test)]
fn source(path: &str, text: &str) -> Source {
    Source { path: path.to_owned(), text: text.to_owned() }
}
