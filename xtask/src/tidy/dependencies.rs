//! Who may depend on whom among the crates, what must stay out of the browser, and what nobody uses.

use std::collections::BTreeSet;

use toml::{Table, Value};

use super::Source;
use super::code::without_prose;

/// A crate of ours, the crates of ours it may use, and those of ours that its tests may use too.
struct Rule {
    crate_dir: &'static str,
    may: &'static [&'static str],
    tests_may: &'static [&'static str],
    /// Other people's crates that must not come in, directly.
    never: &'static [&'static str],
}

const OURS: &[&str] = &[
    "wire",
    "texts",
    "app",
    "engine",
    "deskside",
    "deskside-sandbox",
    "tests",
    "xtask",
    "bench-serve",
    "bench-s3",
    "bench-integrations",
];

/// They double what a browser loads.
const NOT_IN_THE_BROWSER: &[&str] = &["reqwest", "regex", "chrono", "chrono-tz", "tokio"];

const RULES: &[Rule] = &[
    Rule { crate_dir: "wire", may: &[], tests_may: &[], never: &["reqwest", "tokio", "chrono", "regex"] },
    Rule { crate_dir: "texts", may: &["wire"], tests_may: &[], never: NOT_IN_THE_BROWSER },
    Rule { crate_dir: "app", may: &["wire", "texts"], tests_may: &[], never: NOT_IN_THE_BROWSER },
    Rule { crate_dir: "engine", may: &[], tests_may: &[], never: &["sqlx", "reqwest", "axum", "leptos"] },
    Rule {
        crate_dir: "server",
        may: &["wire", "engine", "texts"],
        tests_may: &["deskside-sandbox"],
        never: &["leptos"],
    },
    Rule { crate_dir: "sandbox", may: &[], tests_may: &[], never: &["leptos"] },
    Rule { crate_dir: "xtask", may: &["texts"], tests_may: &[], never: &[] },
    Rule { crate_dir: "bench/serve", may: &[], tests_may: &[], never: &[] },
    Rule { crate_dir: "bench/s3", may: &[], tests_may: &[], never: &[] },
    Rule { crate_dir: "bench/integrations", may: &["engine"], tests_may: &[], never: &[] },
];

/// Every dependency that goes upwards or that nobody uses, and every pinned feature that could leak into the browser.
pub(super) fn breaches(sources: &[Source]) -> Vec<String> {
    let mut found = Vec::new();
    for rule in RULES {
        let path = format!("{}/Cargo.toml", rule.crate_dir);
        match sources.iter().find(|source| source.path == path) {
            Some(source) => found.extend(of_crate(rule, source)),
            None => found.push(format!("{path} does not exist: correct the rule or the folder")),
        }
    }
    if let Some(root) = sources.iter().find(|source| source.path == "Cargo.toml") {
        found.extend(features_at_the_root(root));
        found.extend(unused_at_the_root(root, sources));
    }
    found.extend(manifests(sources).flat_map(|manifest| unused(manifest, sources)));
    found
}

/// Those of crates; the root's has no dependencies of its own.
fn manifests(sources: &[Source]) -> impl Iterator<Item = &Source> {
    sources.iter().filter(|source| source.path.ends_with("/Cargo.toml"))
}

/// What the root names for crates, and no crate asks for.
fn unused_at_the_root(root: &Source, sources: &[Source]) -> Vec<String> {
    let parsed = |source: &Source| source.text.parse::<Table>().unwrap_or_default();
    let asked: BTreeSet<String> = manifests(sources)
        .flat_map(|manifest| dependencies(&parsed(manifest)))
        .map(|(_, name)| name)
        .collect();
    let manifest = parsed(root);
    let named = manifest.get("workspace").and_then(|workspace| workspace.get("dependencies"));
    let named = named.and_then(Value::as_table).into_iter().flat_map(Table::keys);
    named
        .filter(|name| !asked.contains(*name))
        .map(|name| format!("Cargo.toml: no crate asks for `{name}`: take it out"))
        .collect()
}

/// What a crate asks for, and its sources do not name.
fn unused(manifest: &Source, sources: &[Source]) -> Vec<String> {
    let folder = manifest.path.trim_end_matches("Cargo.toml");
    let own = sources.iter().filter(|source| source.path.starts_with(folder) && source.is("rs"));
    let code: Vec<String> = own.map(|source| without_prose(&source.text)).collect();
    let is_named = |name: &str| {
        let name = name.replace('-', "_");
        let mut words = code.iter().flat_map(|code| code.split(|c: char| !c.is_alphanumeric() && c != '_'));
        words.any(|word| word == name)
    };
    dependencies(&manifest.text.parse().unwrap_or_default())
        .into_iter()
        .filter(|(_, name)| !is_named(name))
        .map(|(section, name)| {
            format!("{}: nothing names `{name}` of [{section}]: take it out", manifest.path)
        })
        .collect()
}

fn of_crate(rule: &Rule, source: &Source) -> Vec<String> {
    let manifest: Table = match source.text.parse() {
        Ok(manifest) => manifest,
        Err(cause) => return vec![format!("{} cannot be read: {cause}", source.path)],
    };
    let mut found = Vec::new();
    for (section, name) in dependencies(&manifest) {
        let in_tests = section == "dev-dependencies";
        let ours = OURS.contains(&name.as_str());
        let allowed =
            rule.may.contains(&name.as_str()) || in_tests && rule.tests_may.contains(&name.as_str());
        if ours && !allowed {
            found.push(format!(
                "{}: `{name}` in [{section}] goes against the directions of the house",
                source.path
            ));
        }
        if !in_tests && rule.never.contains(&name.as_str()) {
            found.push(format!("{}: `{name}` in [{section}] does not belong into this crate", source.path));
        }
    }
    found
}

/// Section and name of every dependency, those of single targets included.
fn dependencies(manifest: &Table) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for section in ["dependencies", "dev-dependencies", "build-dependencies"] {
        let names = manifest.get(section).and_then(Value::as_table).into_iter().flat_map(Table::keys);
        found.extend(names.map(|name| (section.to_owned(), name.clone())));
    }
    let targets = manifest.get("target").and_then(Value::as_table).into_iter().flat_map(Table::values);
    found.extend(targets.filter_map(Value::as_table).flat_map(dependencies));
    found
}

/// A feature that the root asks for reaches every crate, the browser's too.
fn features_at_the_root(root: &Source) -> Vec<String> {
    let manifest: Table = root.text.parse().unwrap_or_default();
    let dependencies = manifest.get("workspace").and_then(|workspace| workspace.get("dependencies"));
    let dependencies = dependencies.and_then(Value::as_table).into_iter().flatten();
    dependencies
        .filter(|(_, value)| value.get("features").is_some())
        .map(|(name, _)| format!("Cargo.toml: `{name}` has features; ask for them in the crate that uses it"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::source;
    use super::{RULES, features_at_the_root, of_crate, unused, unused_at_the_root};

    #[track_caller]
    fn check(crate_dir: &str, manifest: &str, expected: &[&str]) {
        let rule = RULES.iter().find(|rule| rule.crate_dir == crate_dir).expect("a rule");
        assert_eq!(of_crate(rule, &source("x/Cargo.toml", manifest)), expected);
    }

    #[test]
    fn downwards_is_fine() {
        check("server", "[dependencies]\nwire = {}\n[dev-dependencies]\ndeskside-sandbox = {}", &[]);
    }

    #[test]
    fn upwards_is_a_breach_in_every_section() {
        check(
            "sandbox",
            "[dev-dependencies]\nwire = {}",
            &["x/Cargo.toml: `wire` in [dev-dependencies] goes against the directions of the house"],
        );
        check(
            "app",
            "[target.'cfg(unix)'.dependencies]\ndeskside = {}",
            &["x/Cargo.toml: `deskside` in [dependencies] goes against the directions of the house"],
        );
        check(
            "server",
            "[dependencies]\ndeskside-sandbox = {}",
            &["x/Cargo.toml: `deskside-sandbox` in [dependencies] goes against the directions of the house"],
        );
    }

    #[test]
    fn what_doubles_the_app_stays_out() {
        check(
            "app",
            "[dependencies]\ntexts = {}\nreqwest = {}",
            &["x/Cargo.toml: `reqwest` in [dependencies] does not belong into this crate"],
        );
    }

    #[test]
    fn what_nobody_uses_is_found() {
        let manifest = "[dependencies]\nhyper-util = {}\n[dev-dependencies]\ntempfile = {}\ninsta = {}";
        let root = "[workspace.dependencies]\nhyper-util = \"1\"\ntempfile = \"3\"\nzip = \"9\"";
        let sources = [
            source("Cargo.toml", root),
            source("tests/Cargo.toml", manifest),
            source("tests/it/main.rs", "use tempfile::TempDir; // insta, hyper_util"),
            source("server/src/listen.rs", "use hyper_util::rt::TokioIo;"),
        ];
        assert_eq!(
            unused(&sources[1], &sources),
            [
                "tests/Cargo.toml: nothing names `hyper-util` of [dependencies]: take it out",
                "tests/Cargo.toml: nothing names `insta` of [dev-dependencies]: take it out",
            ]
        );
        assert_eq!(
            unused_at_the_root(&sources[0], &sources),
            ["Cargo.toml: no crate asks for `zip`: take it out"]
        );
    }

    #[test]
    fn the_root_asks_for_no_features() {
        let root = source(
            "Cargo.toml",
            "[workspace.dependencies]\na = { version = \"1\", features = [\"b\"] }\nc = \"1\"",
        );
        assert_eq!(
            features_at_the_root(&root),
            ["Cargo.toml: `a` has features; ask for them in the crate that uses it"]
        );
    }
}
