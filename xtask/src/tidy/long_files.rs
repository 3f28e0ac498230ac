//! Files that nobody reads whole. The list of those that we put up with only gets shorter.

use super::{Source, text_of};

const LIST: &str = "xtask/long_files.txt";
const LONG: usize = 400;

/// Long files that are not on the list, and entries of the list that are long no more.
pub(super) fn breaches(sources: &[Source]) -> Vec<String> {
    match text_of(sources, LIST) {
        Ok(list) => compare(list, sources),
        Err(problem) => problem,
    }
}

fn compare(list: &str, sources: &[Source]) -> Vec<String> {
    let listed: Vec<&str> =
        list.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
    let code = |source: &&Source| ["rs", "ts", "mjs", "js", "css"].iter().any(|end| source.is(end));
    let long: Vec<_> = sources
        .iter()
        .filter(code)
        .map(|source| (source.path.as_str(), source.text.lines().count()))
        .filter(|(_, lines)| *lines > LONG)
        .collect();
    let unlisted = long.iter().filter(|(path, _)| !listed.contains(path));
    let mut found: Vec<String> = unlisted
        .map(|(path, lines)| format!("{path} has {lines} lines (more than {LONG}): divide it"))
        .collect();
    let short = listed.iter().filter(|path| !long.iter().any(|(long, _)| long == *path));
    found.extend(short.map(|path| format!("{LIST} lists {path}, which is not long any more: take it off")));
    found
}

#[cfg(test)]
mod tests {
    use super::super::source;
    use super::compare;

    #[track_caller]
    fn check(list: &str, lines: usize, expected: &[&str]) {
        assert_eq!(compare(list, &[source("a.rs", &"x\n".repeat(lines))]), expected);
    }

    #[test]
    fn a_long_file_is_a_breach_unless_it_is_listed() {
        check("", 400, &[]);
        check("", 401, &["a.rs has 401 lines (more than 400): divide it"]);
        check("# why\na.rs\n", 401, &[]);
    }

    #[test]
    fn the_list_gets_shorter() {
        check("a.rs", 399, &["xtask/long_files.txt lists a.rs, which is not long any more: take it off"]);
    }
}
