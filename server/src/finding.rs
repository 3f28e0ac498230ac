//! What a check of the operator's found, in words, with the setting to change.

use std::fmt;

/// What became of one check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What was tried.
    pub what: &'static str,
    /// How it went.
    pub verdict: Verdict,
    /// In words, with the setting to change.
    pub words: String,
}

/// How a check went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Good.
    Good,
    /// It works, with a risk or a limit that the operator should know.
    Warn,
    /// It does not work.
    Bad,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = match self.verdict {
            Verdict::Good => "ok  ",
            Verdict::Warn => "warn",
            Verdict::Bad => "BAD ",
        };
        write!(f, "{verdict}  {:<18} {}", self.what, self.words)
    }
}

/// It works.
pub fn good(what: &'static str, words: impl Into<String>) -> Finding {
    Finding { what, verdict: Verdict::Good, words: words.into() }
}

/// It works, with a risk or a limit.
pub fn warn(what: &'static str, words: impl Into<String>) -> Finding {
    Finding { what, verdict: Verdict::Warn, words: words.into() }
}

/// It does not work.
pub fn bad(what: &'static str, words: impl Into<String>) -> Finding {
    Finding { what, verdict: Verdict::Bad, words: words.into() }
}
