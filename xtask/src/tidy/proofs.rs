//! A table of features in `docs/` says what proves each row: the proof must exist, or the table promises what nobody looked
//! at. A proof is `file::name_of_the_test`, or for a browser `file.test.mjs: the sentence`, in backticks in the last column.

use super::Source;

/// The pages with such tables.
const PAGES: [&str; 1] = ["docs/flex-features.md"];

pub(super) fn breaches(sources: &[Source]) -> Vec<String> {
    let mut breaches = Vec::new();
    for page in PAGES {
        let Some(source) = sources.iter().find(|source| source.path == page) else {
            breaches.push(format!("{page} is not there: write it, or take it out of `tidy/proofs.rs`"));
            continue;
        };
        let rows = source.text.lines().enumerate().filter(|(_, line)| is_row(line));
        let mut found = false;
        for (number, line) in rows {
            found = true;
            let place = format!("{page}:{}", number + 1);
            let proofs = proofs(line);
            if proofs.is_empty() {
                breaches
                    .push(format!("{place}: no test is named: name one in the last column, in backticks"));
            }
            let missing = proofs.into_iter().filter(|proof| !exists(proof, sources));
            breaches.extend(missing.map(|proof| format!("{place}: there is no test `{proof}`")));
        }
        if !found {
            breaches.push(format!("{page} has no row that begins with a number"));
        }
    }
    breaches
}

/// `| 7 | … | `proof` |`.
fn is_row(line: &str) -> bool {
    let first = line.strip_prefix('|').and_then(|rest| rest.split('|').next());
    first.is_some_and(|cell| cell.trim().parse::<u32>().is_ok())
}

/// What stands in backticks in the last column.
fn proofs(line: &str) -> Vec<&str> {
    let last = line.trim().trim_end_matches('|').rsplit('|').next().unwrap_or_default();
    last.split('`').skip(1).step_by(2).collect()
}

fn exists(proof: &str, sources: &[Source]) -> bool {
    let (file, wanted) = if let Some((file, sentence)) = proof.split_once(": ") {
        (format!("/{file}"), format!("\"{sentence}\""))
    } else if let Some((module, name)) = proof.rsplit_once("::") {
        (format!("/{}.rs", module.replace("::", "/")), format!("fn {name}("))
    } else {
        return false;
    };
    sources.iter().any(|source| source.path.ends_with(&file) && source.text.contains(&wanted))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proof_is_a_test_that_exists() {
        let source = |path: &str, text: &str| Source { path: path.to_owned(), text: text.to_owned() };
        let check = |last: &str, expected: &[&str]| {
            let page = format!("| # | feature | test |\n|---|---|---|\n| 1 | pop | {last} |\n");
            let sources = [
                source("docs/flex-features.md", &page),
                source("tests/it/pops.rs", "async fn ticket_42_pops() {}"),
                source("tests/browser/pop.test.mjs", "check(\"a call pops\", x)"),
            ];
            assert_eq!(breaches(&sources), expected, "{last}");
        };
        check("`pops::ticket_42_pops`", &[]);
        check("`pops::ticket_42_pops`, `pop.test.mjs: a call pops`", &[]);
        check(
            "`pops::ticket_43_pops`",
            &["docs/flex-features.md:3: there is no test `pops::ticket_43_pops`"],
        );
        check(
            "`pop.test.mjs: a call`",
            &["docs/flex-features.md:3: there is no test `pop.test.mjs: a call`"],
        );
        check("`ticket_42_pops`", &["docs/flex-features.md:3: there is no test `ticket_42_pops`"]);
        check(
            "later",
            &["docs/flex-features.md:3: no test is named: name one in the last column, in backticks"],
        );
    }

    #[test]
    fn a_page_that_is_gone_or_has_no_table_is_a_breach() {
        assert_eq!(breaches(&[]).len(), 1);
        let empty = Source { path: "docs/flex-features.md".to_owned(), text: "later".to_owned() };
        assert_eq!(breaches(&[empty]).len(), 1);
    }
}
