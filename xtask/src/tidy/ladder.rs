//! Rooms of the server import one another in one direction only. Features form a ladder: each knows the ones below it.
//! **Invariant:** the list below is the order; a feature that it does not name is a breach.

use std::collections::{BTreeMap, BTreeSet};

use super::Source;
use super::paths::{module_of, named};

/// The features, lowest first.
const FEATURES: &[&str] = &[
    "limits",
    "connections",
    "tasks",
    "templates",
    "stored_names",
    "sessions",
    "ledger",
    "machine_keys",
    "contracts",
    "integrations",
    "settings",
    "recordings",
    "files",
    "archive",
    "notices",
    "engagements",
    "pops",
    "dials",
    "hooks",
    "accounts",
];

const SERVER: &str = "server/src/";

/// Imports upwards, and circles.
pub(super) fn breaches(sources: &[Source]) -> Vec<String> {
    let imports = imports(sources, &["crate", "features"]);
    let mut found = upwards(&imports);
    found.extend(list(sources));
    found.extend(circles(&imports));
    found.extend(circles(&self::imports(sources, &["crate"])));
    found
}

/// That a room names another one, and where.
struct Import {
    from: String,
    to: String,
    place: String,
}

/// Between the rooms of one floor: `crate` has http, features, …; `crate::features` has pops, archive, …
fn imports(sources: &[Source], floor: &[&str]) -> Vec<Import> {
    let files = || sources.iter().filter(|source| source.is("rs"));
    let module = |source: &Source| {
        let module = module_of(source.path.strip_prefix(SERVER)?);
        let module: Vec<_> = std::iter::once("crate".to_owned()).chain(module).collect();
        Some((room(&module, floor)?.to_owned(), module))
    };
    let rooms: BTreeSet<String> = files().filter_map(|source| Some(module(source)?.0)).collect();
    let mut found = Vec::new();
    for source in files() {
        let Some((from, module)) = module(source) else { continue };
        for named in named(&source.text, &module[1..]) {
            let to = room(&named.path, floor).filter(|to| *to != from && rooms.contains(*to));
            let Some(to) = to.map(str::to_owned) else { continue };
            let place = format!("{}:{}", source.path, named.line);
            found.push(Import { from: from.clone(), to, place });
        }
    }
    found
}

/// The room of a floor in which a path lies.
fn room<'a>(path: &'a [String], floor: &[&str]) -> Option<&'a str> {
    let rest =
        path.strip_prefix(floor.iter().map(|part| (*part).to_owned()).collect::<Vec<_>>().as_slice())?;
    rest.first().map(String::as_str)
}

fn upwards(imports: &[Import]) -> Vec<String> {
    let step = |room: &str| FEATURES.iter().position(|feature| *feature == room);
    let is_upwards = |import: &&Import| step(&import.from) < step(&import.to);
    let breach = |Import { from, to, place }: &Import| {
        format!("{place} names `features::{to}`, which stands above `{from}`: move what both need below both")
    };
    imports.iter().filter(is_upwards).map(breach).collect()
}

/// Features that are not in the list, and entries of the list that are no feature.
fn list(sources: &[Source]) -> Vec<String> {
    let floor = ["features".to_owned()];
    let modules = sources.iter().filter_map(|source| Some(module_of(source.path.strip_prefix(SERVER)?)));
    let rooms: BTreeSet<String> =
        modules.filter_map(|module| module.strip_prefix(&floor)?.first().cloned()).collect();
    let unlisted = rooms.iter().filter(|room| !FEATURES.contains(&room.as_str()));
    let mut found: Vec<String> = unlisted
        .map(|room| format!("{SERVER}features/{room} has no place in the order of features: give it one"))
        .collect();
    let gone = FEATURES.iter().filter(|feature| !rooms.contains(**feature));
    found.extend(gone.map(|feature| format!("there is no feature `{feature}`: take it out of the order")));
    found
}

/// Every import that is part of a circle, once for each two rooms.
fn circles(imports: &[Import]) -> Vec<String> {
    let mut edges: BTreeMap<&str, BTreeMap<&str, &str>> = BTreeMap::new();
    for import in imports {
        let from = edges.entry(&import.from).or_default();
        from.entry(&import.to).or_insert(&import.place);
    }
    let mut found = Vec::new();
    for (from, targets) in &edges {
        for (to, place) in targets {
            if leads_to(&edges, to, from) {
                found.push(format!("{place}: `{from}` imports `{to}`, and `{to}` leads back to `{from}`"));
            }
        }
    }
    found
}

fn leads_to(edges: &BTreeMap<&str, BTreeMap<&str, &str>>, from: &str, to: &str) -> bool {
    let (mut seen, mut open) = (BTreeSet::new(), vec![from]);
    while let Some(room) = open.pop() {
        if room == to {
            return true;
        }
        if seen.insert(room) {
            open.extend(edges.get(room).into_iter().flat_map(BTreeMap::keys).copied());
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::super::source;
    use super::{Source, breaches, circles, imports, list, upwards};

    #[track_caller]
    fn check(files: &[(&str, &str)], expected_upwards: &[&str], expected_circles: &[&str]) {
        let sources: Vec<Source> = files.iter().map(|(path, text)| source(path, text)).collect();
        let features = imports(&sources, &["crate", "features"]);
        assert_eq!(upwards(&features), expected_upwards);
        let mut found = circles(&features);
        found.extend(circles(&imports(&sources, &["crate"])));
        assert_eq!(found, expected_circles);
    }

    #[test]
    fn a_feature_knows_the_ones_below_it() {
        check(
            &[
                (
                    "server/src/features/pops/mod.rs",
                    "use crate::features::{engagements::Engagements, tasks};",
                ),
                ("server/src/features/engagements/ticket.rs", "use super::super::tasks::TaskAttributes;"),
                ("server/src/features/tasks/mod.rs", "use super::escape; use crate::store::Db;"),
                ("server/src/store/mod.rs", ""),
                ("server/src/features/mod.rs", "impl From<pops::PopError> for JobError {}"),
            ],
            &[],
            &[],
        );
    }

    #[test]
    fn an_import_upwards_is_found() {
        check(
            &[
                ("server/src/features/pops/mod.rs", ""),
                ("server/src/features/engagements/ticket.rs", "\nuse crate::features::{pops, tasks};"),
            ],
            &[
                "server/src/features/engagements/ticket.rs:2 names `features::pops`, which stands above `engagements`: \
                 move what both need below both",
            ],
            &[],
        );
    }

    #[test]
    fn a_circle_is_found_however_long_it_is() {
        check(
            &[
                ("server/src/clock.rs", "use crate::store::Db;"),
                ("server/src/store/mod.rs", "use crate::log::line;"),
                ("server/src/log.rs", "fn f() { crate::clock::now() }"),
                ("server/src/serve.rs", "use crate::log;"),
            ],
            &[],
            &[
                "server/src/clock.rs:1: `clock` imports `store`, and `store` leads back to `clock`",
                "server/src/log.rs:1: `log` imports `clock`, and `clock` leads back to `log`",
                "server/src/store/mod.rs:1: `store` imports `log`, and `log` leads back to `store`",
            ],
        );
    }

    #[test]
    fn a_feature_without_a_place_is_found() {
        let found = list(&[source("server/src/features/billing/mod.rs", "")]);
        assert!(found[0].contains("features/billing has no place in the order"), "{found:?}");
        assert!(breaches(&[]).iter().all(|breach| breach.starts_with("there is no feature")));
    }
}
