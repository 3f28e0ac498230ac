//! An error with what caused it, in one line, for logs and for an operator at the command line.

use std::{error::Error, iter::successors};

/// The error, then its causes, the nearest first, with colons between.
pub fn with_causes(error: &dyn Error) -> String {
    joined(successors(Some(error), |error| (*error).source()))
}

/// The causes alone; empty where the error has none.
pub fn causes(error: &dyn Error) -> String {
    joined(successors(error.source(), |cause| (*cause).source()))
}

/// The first cause of all, in its own words; `None` where the error has no cause.
pub fn innermost(error: &dyn Error) -> Option<String> {
    successors(error.source(), |cause| (*cause).source()).last().map(ToString::to_string)
}

/// Some libraries' errors say their causes themselves: what was said is not said again.
fn joined<'a>(errors: impl Iterator<Item = &'a dyn Error>) -> String {
    errors.map(ToString::to_string).fold(String::new(), |told, next| {
        if told.is_empty() {
            next
        } else if told.contains(&next) {
            told
        } else {
            format!("{told}: {next}")
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("{0}")]
    struct Told(&'static str, #[source] Option<Box<Told>>);

    #[test]
    fn causes_follow_the_error_and_nothing_is_said_twice() {
        let error = |texts: &[&'static str]| {
            texts.iter().rev().fold(None, |cause, text| Some(Box::new(Told(text, cause)))).expect("an error")
        };
        let check = |texts: &[&'static str], expected: &str, alone: &str| {
            assert_eq!(with_causes(&error(texts)), expected);
            assert_eq!(causes(&error(texts)), alone);
            assert_eq!(innermost(&error(texts)).as_deref(), texts[1..].last().copied());
        };
        check(&["no answer"], "no answer", "");
        check(
            &["no answer", "refused", "os error 111"],
            "no answer: refused: os error 111",
            "refused: os error 111",
        );
        check(
            &["PUT failed: refused", "refused", "os error 111"],
            "PUT failed: refused: os error 111",
            "refused: os error 111",
        );
    }
}
