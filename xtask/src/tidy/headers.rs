//! Every Rust file opens with what it is for: a reader sees what is there, not what must stay away.

use super::Source;

/// A header of fewer letters says nothing.
const SHORTEST: usize = 10;

/// Every file without a header, or with an empty one.
pub(super) fn breaches(sources: &[Source]) -> Vec<String> {
    sources.iter().filter(|source| source.is("rs")).filter_map(breach).collect()
}

fn breach(source: &Source) -> Option<String> {
    let path = &source.path;
    let Some(header) = source.text.lines().next().and_then(|line| line.strip_prefix("//!")) else {
        return Some(format!(
            "{path} does not open with `//!`: say what the file is for and what it must not do"
        ));
    };
    let said = header.trim();
    (said.len() < SHORTEST || said.to_lowercase().starts_with("placeholder"))
        .then(|| format!("{path} opens with `//! {said}`: say what the file is for and what it must not do"))
}

#[cfg(test)]
mod tests {
    use super::super::source;
    use super::breach;

    #[test]
    fn a_header_has_to_be_there_and_to_say_something() {
        let check =
            |text: &str, fine: bool| assert_eq!(breach(&source("a.rs", text)).is_none(), fine, "{text}");
        check("//! Which attachments leave a ticket.\n", true);
        check("use a;\n//! Which attachments leave a ticket.", false);
        check("/// Which attachments leave a ticket.", false);
        check("//! Placeholder for later, really.", false);
        check("//!", false);
        check("", false);
    }
}
