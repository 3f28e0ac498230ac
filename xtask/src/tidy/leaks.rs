//! No file says where it was made: no address of a package registry, no path of somebody's machine.

use super::Source;

/// Pieces of registries' addresses; in two halves, so that this file does not trip over itself.
const HOSTS: &[&str] = &[
    concat!("registry.npm", "js.org"),
    concat!("registry.yarn", "pkg.com"),
    concat!("static.crates", ".io"),
    concat!("pypi", ".org"),
];

/// Folders of machines; a path counts where it begins, not inside an address.
const FOLDERS: &[&str] = &[
    concat!("/wo", "rk/"),
    concat!("/ro", "ot/"),
    concat!("/ho", "me/"),
    concat!("/Us", "ers/"),
    concat!("/tm", "p/"),
];

/// Every line that says where it was made, and lock files that say where packages came from.
pub(super) fn breaches(sources: &[Source]) -> Vec<String> {
    let locks = sources
        .iter()
        .filter(|source| source.path.ends_with("package-lock.json"))
        .filter(|source| source.text.contains("\"resolved\""));
    let mut found: Vec<String> = locks
        .map(|lock| {
            format!(
                "{} holds `resolved` addresses: set omit-lockfile-registry-resolved and lock again",
                lock.path
            )
        })
        .collect();
    found.extend(sources.iter().flat_map(in_lines));
    found
}

fn in_lines(source: &Source) -> Vec<String> {
    let lines = source.text.lines().enumerate();
    lines
        .filter_map(|(at, line)| Some((at + 1, leak(line)?)))
        .map(|(line, leak)| format!("{}:{line} names `{leak}`: say it without the machine", source.path))
        .collect()
}

fn leak(line: &str) -> Option<&'static str> {
    let host = HOSTS.iter().find(|host| line.contains(**host));
    host.or_else(|| FOLDERS.iter().find(|folder| begins(line, folder))).copied()
}

/// Whether a path that starts with `folder` begins somewhere in the line: not after a letter, a dot or another slash.
fn begins(line: &str, folder: &str) -> bool {
    line.match_indices(folder).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        before.is_none_or(|letter| !letter.is_alphanumeric() && !"._-}/~".contains(letter))
    })
}

#[cfg(test)]
mod tests {
    use super::super::source;
    use super::{breaches, leak};

    #[test]
    fn machines_and_registries_are_found() {
        let check = |line: &str, leaks: bool| assert_eq!(leak(line).is_some(), leaks, "{line}");
        check(concat!("see /wo", "rk/main"), true);
        check(concat!("\"/ho", "me/ann/x\""), true);
        check(concat!("https://registry.npm", "js.org/a"), true);
        check(concat!("https://acme.example/wo", "rk/1"), false);
        check(concat!("./wo", "rk/1 and target/wo", "rk/2"), false);
        check("at home and at work", false);
    }

    #[test]
    fn lock_files_do_not_say_where_packages_came_from() {
        let check = |text: &str, found: usize| {
            assert_eq!(breaches(&[source("a/package-lock.json", text)]).len(), found, "{text}");
        };
        check("{\"resolved\": \"https://packages.example/a.tgz\"}", 1);
        check("{\"integrity\": \"sha512-\"}", 0);
    }
}
