//! The `data-testid`s that our suites and other people's rely on are in the app (design, section 9).

use super::Source;
use super::code::strings;

const HOOKS: &[&str] = &[
    "card",
    "card-company",
    "card-account-type",
    "card-status",
    "card-mrr",
    "card-start",
    "card-renewal",
    "card-as-of",
    "badge-",
    "archive-all",
    "archive-item",
    "archive-state",
    "archive-progress",
    "pop-ticket",
    "pop-choice",
    "dial",
    "problem",
];

/// Hooks that no file of the app has.
pub(super) fn breaches(sources: &[Source]) -> Vec<String> {
    let app = sources.iter().filter(|source| source.path.starts_with("app/src/") && source.is("rs"));
    let strings: Vec<String> = app.flat_map(|source| strings(&source.text)).collect();
    HOOKS
        .iter()
        .filter(|hook| !strings.iter().any(|string| is_hook(string, hook)))
        .map(|hook| format!("app/src has no data-testid `{hook}`: suites outside rely on it"))
        .collect()
}

/// A hook that ends in `-` goes on with a name.
fn is_hook(string: &str, hook: &str) -> bool {
    string == hook || hook.ends_with('-') && string.starts_with(hook)
}

#[cfg(test)]
mod tests {
    use super::super::source;
    use super::{HOOKS, breaches};

    fn app_with(hooks: &[&str]) -> String {
        hooks.iter().map(|hook| format!("a(\"{hook}\");")).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn every_hook_is_asked_for() {
        let all = app_with(HOOKS);
        assert_eq!(breaches(&[source("app/src/a.rs", &all)]), [""; 0]);
        let but_one = all.replace("\"pop-ticket\"", "\"pop-tickets\"");
        assert_eq!(
            breaches(&[source("app/src/a.rs", &but_one)]),
            ["app/src has no data-testid `pop-ticket`: suites outside rely on it",]
        );
        assert_eq!(breaches(&[source("server/src/a.rs", &all)]).len(), HOOKS.len());
    }
}
