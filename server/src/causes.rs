//! An error with what caused it, in one line, for logs and for an operator at the command line.

use std::{error::Error, iter::successors};

/// The error, then its causes, the nearest first, with colons between.
pub fn with_causes(error: &dyn Error) -> String {
    let causes = causes(error);
    if causes.is_empty() { error.to_string() } else { format!("{error}: {causes}") }
}

/// The causes alone; empty where the error has none.
pub fn causes(error: &dyn Error) -> String {
    let chain: Vec<String> =
        successors(error.source(), |cause| (*cause).source()).map(ToString::to_string).collect();
    chain.join(": ")
}
