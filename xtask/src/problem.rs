//! What can stop a task. **Invariant:** a problem says what happened, to which thing, and what to do.

use std::fmt;
use std::io;
use std::path::Path;

/// A sentence for the developer at the keyboard; no program reads it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Problem(String);

/// What every task returns.
pub(crate) type Outcome<T = ()> = Result<T, Problem>;

impl Problem {
    /// A problem in one sentence.
    pub(crate) fn new(sentence: impl Into<String>) -> Self {
        Self(sentence.into())
    }

    /// Everything has been said already.
    pub(crate) fn silent() -> Self {
        Self(String::new())
    }

    /// Whether there is anything left to say.
    pub(crate) fn is_silent(&self) -> bool {
        self.0.is_empty()
    }

    /// A file or folder could not be read or written.
    pub(crate) fn file(doing: &str, path: &Path, cause: &io::Error) -> Self {
        Self(format!("cannot {doing} {}: {cause}", path.display()))
    }

    /// Several problems as one, each on a line of its own.
    pub(crate) fn several(what: &str, lines: &[String]) -> Self {
        Self(format!("{what}\n  - {}", lines.join("\n  - ")))
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
