//! What was asked of the stand-ins, for tests to look at. **Invariant:** no bodies, no credentials, no queries.

use serde::Serialize;

/// One call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Call {
    /// `zendesk`, `content`, `twilio`, `notify` or `salesforce`.
    pub host: &'static str,
    /// The verb.
    pub method: String,
    /// The route's template, `/api/v2/tickets/{id}`; the path itself where no route matched.
    pub path: String,
    /// What was answered.
    pub status: u16,
}

/// The last calls, and what should never have been sent.
#[derive(Debug, Default)]
pub(crate) struct Traffic {
    calls: Vec<Call>,
    /// All that there ever were.
    made: usize,
    pub(crate) leaks: Vec<String>,
}

impl Traffic {
    pub(crate) fn note(&mut self, call: Call) {
        if self.calls.len() >= 10_000 {
            self.calls.drain(..5_000);
        }
        self.calls.push(call);
        self.made += 1;
    }

    pub(crate) const fn made(&self) -> usize {
        self.made
    }

    pub(crate) fn calls(&self) -> &[Call] {
        &self.calls
    }
}
