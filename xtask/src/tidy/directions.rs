//! Who may import whom inside a crate (design, section 3). **Invariant:** the table below is the whole truth; a room that
//! it does not name has no rule.

use std::collections::BTreeSet;

use super::Source;
use super::code::without_prose;
use super::paths::{module_of, named};

/// Files below `place` may not name these paths.
struct Rule {
    place: &'static str,
    except: &'static [&'static str],
    never: &'static [&'static str],
    because: &'static str,
}

const BROWSER: &[&str] = &["web_sys", "js_sys", "gloo_net", "wasm_bindgen"];

const RULES: &[Rule] = &[
    Rule {
        place: "server/src/features/",
        except: &[],
        never: &["crate::http", "axum"],
        because: "features know nothing of who asks",
    },
    Rule {
        place: "server/src/connectors/",
        except: &[],
        never: &[
            "crate::http",
            "crate::features",
            "crate::store",
            "crate::queue",
            "crate::config",
            "wire",
            "sqlx",
        ],
        because: "a connector imports nothing of ours but its shared parent, and the codes of errors",
    },
    Rule {
        place: "server/src/store/",
        except: &[],
        never: &["crate::http", "crate::features", "crate::connectors", "crate::queue", "wire", "reqwest"],
        because: "the store is SQL and nothing but SQL",
    },
    Rule {
        place: "server/src/queue/",
        except: &[],
        never: &["crate::http", "crate::features", "crate::connectors", "wire", "reqwest"],
        because: "the queue knows no job by name",
    },
    Rule {
        place: "server/src/setting/",
        except: &[],
        never: &[
            "crate::http",
            "crate::features",
            "crate::connectors",
            "crate::store",
            "crate::queue",
            "crate::config",
        ],
        because: "how a setting is read knows no room",
    },
    Rule {
        place: "server/src/",
        except: &["server/src/store/", "server/src/queue/"],
        never: &["sqlx"],
        because: "only store and queue have SQL",
    },
    Rule {
        place: "app/src/model/",
        except: &[],
        never: &["crate::host", "crate::api", "crate::screens", "crate::ui", "leptos"],
        because: "the model is values and functions",
    },
    Rule {
        place: "app/src/console/",
        except: &[],
        never: &["crate::host", "crate::api", "crate::run"],
        because: "a page of the console asks for browser and server by an effect",
    },
    Rule {
        place: "app/src/editor/",
        except: &[],
        never: &["crate::host", "crate::api", "crate::run"],
        because: "a page of the editor asks for browser and server by an effect",
    },
    Rule {
        place: "app/src/pages/",
        except: &[],
        never: &["crate::host", "crate::api", "crate::run"],
        because: "a page asks for browser and server by an effect",
    },
    Rule {
        place: "app/src/ui/",
        except: &[],
        never: &["crate::host", "crate::api", "crate::screens"],
        because: "ui knows neither host nor server",
    },
    Rule {
        place: "app/src/host/",
        except: &[],
        never: &["crate::screens", "crate::ui"],
        because: "a host tells what happened and shows nothing",
    },
    Rule {
        place: "app/src/",
        except: &[
            "app/src/host/",
            "app/src/host.rs",
            "app/src/api/",
            "app/src/api.rs",
            "app/src/format/",
            "app/src/lib.rs",
        ],
        never: BROWSER,
        because: "only the hosts, api.rs and format.rs touch the browser",
    },
];

/// What connectors may name of `wire`.
const CODES: &str = "wire::ErrorCode";

/// Folders of `connectors/` that are no vendor's.
const SHARED: &[&str] = &["tokens"];

/// Words that give a host away, outside `app/src/host/`.
const HOST_WORDS: &[&str] = &["zaf", "postmessage", "post_message"];

/// Features that are nothing but rules.
const PURE_ROOMS: &[&str] = &["server/src/features/tasks/", "server/src/features/stored_names/"];

/// What would make `rules.rs` something else than functions of values.
const IMPURE: &[&str] =
    &["tokio", "sqlx", "reqwest", "std::fs", "std::net", "std::env", "std::process", "crate::store::Db"];

/// Every file that names what it may not.
pub(super) fn breaches(sources: &[Source]) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for place in RULES.iter().map(|rule| rule.place) {
        if !sources.iter().any(|source| source.path.starts_with(place) || source.path == file_of(place)) {
            found.push(format!("{place} holds no file: correct the rule or the folder"));
        }
    }
    let is_folder = |name: &&&str| sources.iter().any(|source| vendor_of(&source.path) == Some(**name));
    let gone = SHARED.iter().filter(|name| !is_folder(name));
    found.extend(gone.map(|name| format!("connectors/{name}/ holds no file: take it out of the list")));
    let vendors = vendors(sources);
    for source in sources.iter().filter(|source| source.is("rs")) {
        found.extend(imports(source));
        found.extend(other_vendors(source, &vendors));
        found.extend(host_words(source));
        found.extend(impure_rules(source));
    }
    found
}

fn imports(source: &Source) -> Vec<String> {
    let Some((_, below)) = source.path.split_once("/src/") else { return Vec::new() };
    let rules: Vec<_> = RULES.iter().filter(|rule| rule.covers(&source.path)).collect();
    if rules.is_empty() {
        return Vec::new();
    }
    let mut found = Vec::new();
    for named in named(&source.text, &module_of(below)) {
        for rule in &rules {
            let never = rule.never.iter().find(|never| starts_with(&named.path, never));
            if let Some(never) = never.filter(|_| !starts_with(&named.path, CODES)) {
                found.push(format!("{}:{} names `{never}`: {}", source.path, named.line, rule.because));
            }
        }
    }
    found.dedup();
    found
}

/// Each folder of `connectors/` is a vendor.
fn vendors(sources: &[Source]) -> BTreeSet<&str> {
    let folders = sources.iter().filter_map(|source| vendor_of(&source.path));
    folders.filter(|folder| !SHARED.contains(folder)).collect()
}

fn vendor_of(path: &str) -> Option<&str> {
    Some(path.strip_prefix("server/src/connectors/")?.split_once('/')?.0)
}

/// Vendors do not know each other.
fn other_vendors(source: &Source, vendors: &BTreeSet<&str>) -> Vec<String> {
    let own = vendor_of(&source.path).filter(|own| vendors.contains(own));
    let (Some(own), Some((_, below))) = (own, source.path.split_once("/src/")) else { return Vec::new() };
    let mut found: Vec<String> = named(&source.text, &module_of(below))
        .iter()
        .filter(|named| starts_with(&named.path, "crate::connectors"))
        .filter_map(|named| {
            Some((named.line, named.path.get(2).filter(|room| vendors.contains(room.as_str()))?))
        })
        .filter(|(_, room)| *room != own)
        .map(|(line, room)| {
            format!(
                "{}:{line} names `crate::connectors::{room}`: vendors do not know each other",
                source.path
            )
        })
        .collect();
    found.dedup();
    found
}

impl Rule {
    fn covers(&self, path: &str) -> bool {
        let within = |place: &str| path.starts_with(place) || path == file_of(place);
        within(self.place) && !self.except.iter().any(|except| within(except))
    }
}

/// `server/src/store/` may also be the file `server/src/store.rs`.
fn file_of(place: &str) -> String {
    format!("{}.rs", place.trim_end_matches('/'))
}

fn starts_with(path: &[String], never: &str) -> bool {
    never.split("::").enumerate().all(|(at, part)| path.get(at).is_some_and(|have| have == part))
}

fn host_words(source: &Source) -> Vec<String> {
    let app = source.path.starts_with("app/src/");
    if !app || source.path.starts_with("app/src/host/") || source.path == "app/src/host.rs" {
        return Vec::new();
    }
    let code = without_prose(&source.text).to_lowercase();
    let lines = code.lines().enumerate();
    lines
        .filter_map(|(at, line)| Some((at + 1, HOST_WORDS.iter().find(|word| line.contains(**word))?)))
        .map(|(line, word)| {
            format!("{}:{line} names `{word}`: only app/src/host/ knows the hosts", source.path)
        })
        .collect()
}

fn impure_rules(source: &Source) -> Vec<String> {
    let is_rules = source.path.starts_with("server/src/features/") && source.path.ends_with("/rules.rs");
    if !is_rules && !PURE_ROOMS.iter().any(|room| source.path.starts_with(room)) {
        return Vec::new();
    }
    let mut found: Vec<String> = named(&source.text, &[])
        .iter()
        .filter_map(|named| {
            Some((named.line, IMPURE.iter().find(|impure| starts_with(&named.path, impure))?))
        })
        .map(|(line, impure)| {
            format!("{}:{line} names `{impure}`: rules do no I/O; take the value as an argument", source.path)
        })
        .collect();
    if without_prose(&source.text).contains("async fn") {
        found.push(format!("{} has an `async fn`: rules do no I/O", source.path));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::source;
    use super::{host_words, imports, impure_rules, other_vendors, vendors};

    #[track_caller]
    fn check(path: &str, text: &str, expected: &[&str]) {
        let source = source(path, text);
        let mut found = imports(&source);
        let known = ["zendesk/client", "twilio/mod", "salesforce/mod", "tokens/cache"]
            .map(|file| super::super::source(&format!("server/src/connectors/{file}.rs"), ""));
        found.extend(other_vendors(&source, &vendors(&known)));
        found.extend(host_words(&source));
        found.extend(impure_rules(&source));
        assert_eq!(found, expected, "{path}: {text}");
    }

    #[test]
    fn downwards_is_fine() {
        check("server/src/http/cards.rs", "use crate::features::contracts::Contracts;", &[]);
        check(
            "server/src/features/archive/job.rs",
            "use crate::{queue::Job, store, connectors::zendesk};",
            &[],
        );
        check("server/src/queue/claim.rs", "use crate::store::Tx; use sqlx::Row;", &[]);
        check("app/src/screens/card.rs", "use crate::model::card::Card; // ZAF says so", &[]);
    }

    #[test]
    fn upwards_and_sideways_are_breaches() {
        check(
            "server/src/store/cards.rs",
            "use crate::{features::contracts, clock};",
            &["server/src/store/cards.rs:1 names `crate::features`: the store is SQL and nothing but SQL"],
        );
        check(
            "server/src/connectors/zendesk/client.rs",
            "\nuse super::super::twilio::Client;",
            &[
                "server/src/connectors/zendesk/client.rs:2 names `crate::connectors::twilio`: vendors do not know each other",
            ],
        );
        check(
            "server/src/connectors/salesforce/client.rs",
            "use crate::{connectors::{TokenSource, tokens::cache, rows, zendesk::User}, wire};\nuse wire::{ErrorCode, Card};",
            &[
                "server/src/connectors/salesforce/client.rs:2 names `wire`: a connector imports nothing of ours but its shared \
                 parent, and the codes of errors",
                "server/src/connectors/salesforce/client.rs:1 names `crate::connectors::zendesk`: vendors do not know each other",
            ],
        );
        check(
            "server/src/features/pops/mod.rs",
            "fn f() { crate::http::go() }",
            &["server/src/features/pops/mod.rs:1 names `crate::http`: features know nothing of who asks"],
        );
        check(
            "server/src/http/cards.rs",
            "use sqlx::Row;",
            &["server/src/http/cards.rs:1 names `sqlx`: only store and queue have SQL"],
        );
        check(
            "app/src/model/card.rs",
            "use crate::host::Host;",
            &["app/src/model/card.rs:1 names `crate::host`: the model is values and functions"],
        );
        check(
            "app/src/screens/card.rs",
            "let w = web_sys::window();",
            &[
                "app/src/screens/card.rs:1 names `web_sys`: only the hosts, api.rs and format.rs touch the browser",
            ],
        );
    }

    #[test]
    fn hosts_are_named_among_themselves_only() {
        check(
            "app/src/screens/card.rs",
            "let zaf_client = 1;",
            &["app/src/screens/card.rs:1 names `zaf`: only app/src/host/ knows the hosts"],
        );
        check("app/src/host/zendesk.rs", "let zaf_client = 1;", &[]);
    }

    #[test]
    fn rules_are_functions_of_values() {
        check(
            "server/src/features/tasks/callers.rs",
            "use crate::store::Db;",
            &[
                "server/src/features/tasks/callers.rs:1 names `crate::store::Db`: rules do no I/O; take the value as an argument",
            ],
        );
        check("server/src/features/archive/rules.rs", "use crate::store::items::Item; fn plan() {}", &[]);
        check(
            "server/src/features/archive/rules.rs",
            "async fn plan() { tokio::spawn(x) }",
            &[
                "server/src/features/archive/rules.rs:1 names `tokio`: rules do no I/O; take the value as an argument",
                "server/src/features/archive/rules.rs has an `async fn`: rules do no I/O",
            ],
        );
    }
}
