//! A test's name is a sentence that fits on one line of a report. A longer one says two things, and is two tests or one thought.

use super::Source;

/// Characters.
const LONGEST: usize = 70;

/// Every test whose name is longer.
pub(super) fn breaches(sources: &[Source]) -> Vec<String> {
    sources.iter().filter(|source| source.is("rs")).flat_map(long_names).collect()
}

fn long_names(source: &Source) -> Vec<String> {
    let lines: Vec<&str> = source.text.lines().map(str::trim).collect();
    let long_name = |place: usize| {
        let name = lines[place].trim_start_matches("async ").strip_prefix("fn ")?.split('(').next()?;
        let above =
            lines[..place].iter().rev().take_while(|line| line.starts_with('#') || line.starts_with("//"));
        let is_test = above.into_iter().any(|line| matches!(*line, "#[test]" | "#[tokio::test]"));
        let length = name.len();
        (is_test && length > LONGEST).then(|| {
            format!("{}:{}: `{name}` has {length} characters (more than {LONGEST})", source.path, place + 1)
        })
    };
    (0..lines.len()).filter_map(long_name).collect()
}

#[cfg(test)]
mod tests {
    use super::super::source;
    use super::breaches;

    #[test]
    fn a_long_name_of_a_test_is_found() {
        let check = |head: &str, length: usize, expected: usize| {
            let text = format!("{head} {}() {{}}", "x".repeat(length));
            assert_eq!(breaches(&[source("tests/it/a.rs", &text)]).len(), expected, "{text}");
        };
        check("#[test]\nfn", 71, 1);
        check("#[tokio::test]\n#[ignore = \"long\"]\nasync fn", 71, 1);
        check("#[test]\nfn", 70, 0);
        check("fn", 71, 0);
    }
}
