//! Words that no file of ours has: people are "they", and a name is a term that a search engine answers. See CONTRIBUTING, "How we
//! write".

use super::Source;

/// A word or a phrase, what to write, and where it counts.
struct Word {
    /// In two halves, so that this file does not trip over itself.
    never: &'static str,
    but: &'static str,
    /// Also as a part of a longer name.
    within_names: bool,
}

const fn word(never: &'static str, but: &'static str) -> Word {
    Word { never, but, within_names: false }
}

const WORDS: &[Word] = &[
    word(concat!("h", "e"), "they"),
    word(concat!("h", "is"), "their"),
    word(concat!("h", "im"), "them"),
    word(concat!("h", "imself"), "themselves"),
    word(concat!("by and", " by"), "soon, or later"),
    word(concat!("goes", " by"), "follows, uses, or depends on"),
    word(concat!("tell", " of"), "report, or say"),
    word(concat!("tells", " of"), "reports, or says"),
    Word { never: concat!("PATI", "ENCE"), but: "…_TIMEOUT, MAX_…", within_names: true },
];

/// Files that cannot change: a database has run them.
const FIXED: &str = "server/migrations/";
/// Files that others write.
const OTHERS: &[&str] = &["Cargo.lock", "package-lock.json"];

/// Every line with one of them.
pub(super) fn breaches(sources: &[Source]) -> Vec<String> {
    let is_ours = |source: &&Source| {
        !source.path.starts_with(FIXED) && !OTHERS.iter().any(|other| source.path.ends_with(other))
    };
    sources.iter().filter(is_ours).flat_map(in_lines).collect()
}

fn in_lines(source: &Source) -> Vec<String> {
    let breach = |(at, line): (usize, &str)| {
        let found = WORDS.iter().filter(|word| has(line, word));
        let said =
            |word: &Word| format!("{}:{} says `{}`: write {}", source.path, at + 1, word.never, word.but);
        found.map(said).collect::<Vec<_>>()
    };
    source.text.lines().enumerate().flat_map(breach).collect()
}

fn has(line: &str, word: &Word) -> bool {
    if word.within_names {
        return line.contains(word.never);
    }
    let is_letter = |letter: char| letter.is_alphanumeric() || letter == '_';
    let lower = line.to_lowercase();
    lower.match_indices(word.never).any(|(at, _)| {
        let (before, after) = (&lower[..at], &lower[at + word.never.len()..]);
        !before.ends_with(is_letter) && !after.starts_with(is_letter)
    })
}

#[cfg(test)]
mod tests {
    use super::super::source;
    use super::breaches;

    #[test]
    fn words_of_a_dialect_are_found_whole() {
        let check = |path: &str, line: &str, expected: &[&str]| {
            assert_eq!(breaches(&[source(path, line)]), expected, "{line}");
        };
        check("a.rs", "// the ache of this: hex, Him_, the shim", &[]);
        check("a.rs", concat!("\n// H", "e has it"), &[concat!("a.rs:2 says `h", "e`: write they")]);
        check(
            "docs/a.md",
            concat!("it goes", " by the clock"),
            &[concat!("docs/a.md:1 says `goes", " by`: write follows, uses, or depends on")],
        );
        check(
            "a.mjs",
            concat!("const LONG_PATI", "ENCE_S = 1;"),
            &[concat!("a.mjs:1 says `PATI", "ENCE`: write …_TIMEOUT, MAX_…")],
        );
        check("server/migrations/a.sql", concat!("-- h", "is"), &[]);
    }
}
