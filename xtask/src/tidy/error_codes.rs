//! Every error code has its row in `docs/errors.md`, and every row its code.

use super::{Source, missing, text_of};
use crate::problem::Outcome;

const CODE: &str = "wire/src/error.rs";
const DOCS: &str = "docs/errors.md";

/// Codes without a row, and rows without a code.
#[expect(clippy::unnecessary_wraps, reason = "the shape of a check")]
pub(super) fn breaches(sources: &[Source]) -> Outcome<Vec<String>> {
    Ok(match (text_of(sources, CODE), text_of(sources, DOCS)) {
        (Ok(code), Ok(docs)) => compare(code, docs),
        (Err(problem), _) | (_, Err(problem)) => problem,
    })
}

fn compare(code: &str, docs: &str) -> Vec<String> {
    let (codes, rows) = (codes(code), rows(docs));
    let mut found = Vec::new();
    if codes.is_empty() {
        found.push(format!("{CODE} has no `codes! {{ Name = \"text\", }}`: correct this check"));
    }
    found.extend(
        missing(&codes, &rows)
            .map(|code| format!("{DOCS} has no row for `{code}`: say what agent, admin and support do")),
    );
    found.extend(
        missing(&rows, &codes)
            .map(|row| format!("{DOCS} has a row for `{row}`, which {CODE} does not know: take it out")),
    );
    let mut sorted = rows.clone();
    sorted.sort_unstable();
    let twice = sorted.windows(2).filter(|pair| pair[0] == pair[1]);
    found.extend(twice.map(|pair| format!("{DOCS} has two rows for `{}`: keep one", pair[0])));
    found
}

/// `Name = "text",` inside `codes! { … }`.
fn codes(code: &str) -> Vec<String> {
    let inside = code.split_once("\ncodes! {").map_or("", |(_, rest)| rest);
    let inside = inside.split_once("\n}").map_or(inside, |(inside, _)| inside);
    let lines = inside.lines().map(str::trim).filter(|line| !line.starts_with("//"));
    lines.filter_map(|line| Some(line.split_once(" = \"")?.1.strip_suffix("\",")?.to_owned())).collect()
}

/// The first cell of every row, where it is code: a vertical bar, then the code between backticks.
fn rows(docs: &str) -> Vec<String> {
    let cells = docs.lines().filter_map(|line| line.trim().strip_prefix('|')?.split('|').next());
    cells.filter_map(|cell| Some(cell.trim().strip_prefix('`')?.strip_suffix('`')?.to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::compare;

    const CODES: &str =
        "macro_rules! codes {}\n\ncodes! {\n    /// A.\n    A = \"a\",\n    B = \"b_c\",\n}\n";

    #[track_caller]
    fn check(docs: &str, expected: &[&str]) {
        assert_eq!(compare(CODES, docs), expected);
    }

    #[test]
    fn a_row_per_code_is_fine() {
        check("| code | agent |\n|---|---|\n| `a` | waits |\n| `b_c` | asks |", &[]);
    }

    #[test]
    fn both_directions_are_checked() {
        check(
            "| `a` | waits |",
            &["docs/errors.md has no row for `b_c`: say what agent, admin and support do"],
        );
        check(
            "| `a` | 1 |\n| `b_c` | 2 |\n| `d` | 3 |",
            &["docs/errors.md has a row for `d`, which wire/src/error.rs does not know: take it out"],
        );
        check("| `a` | 1 |\n| `b_c` | 2 |\n| `a` | 3 |", &["docs/errors.md has two rows for `a`: keep one"]);
    }
}
