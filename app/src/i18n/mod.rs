//! The agent's language: its words (the crate `texts`), and what is made of several. **Invariant:** no sentences of its own. Dates,
//! money and numbers are `format`'s.
use wire::ErrorCode;

pub use texts::{SharedWords, Words, console, panel, shared, words};
#[cfg(any(feature = "editor", test))]
pub use texts::{editor, pages};

use crate::model::fault::{Fault, FaultKind};

/// The agent's language, and everything said in it.
#[derive(Debug, Clone, Copy)]
pub struct Locale {
    /// BCP 47, for `Intl` and the `lang` attribute.
    pub tag: &'static str,
    /// What every page says.
    pub shared: &'static SharedWords,
}

impl Locale {
    /// For a tag that lives as long as the page.
    #[must_use]
    pub fn new(tag: &'static str) -> Self {
        Self { tag, shared: shared(tag) }
    }

    /// What the panels say: the console never asks, so its bundle has none of it.
    #[must_use]
    pub fn words(self) -> &'static Words {
        words(self.tag)
    }

    /// What went wrong, in a sentence.
    #[must_use]
    pub fn fault(self, fault: &Fault) -> String {
        match &fault.kind {
            FaultKind::Refused(body) => self.problem(body.code, &body.message, body.hint.as_deref()),
            FaultKind::Offline => self.shared.offline.into(),
            FaultKind::Silent => self.shared.silent.into(),
            FaultKind::Unreadable => self.shared.unreadable.into(),
            FaultKind::Host => self.shared.host_silent.into(),
        }
    }

    /// The server said it in its own words, which name the thing that it is about; ours, by the code, may not.
    #[must_use]
    pub fn names_the_thing(self, fault: &Fault) -> bool {
        fault.code().is_some_and(|code| (self.shared.error)(code).is_none())
    }

    /// Sentences, one after the other; Japanese has no blank between them.
    #[must_use]
    pub fn sentences(self, all: &[String]) -> String {
        all.join(if self.tag.starts_with("ja") { "" } else { " " })
    }

    /// The server's problem, in a sentence.
    #[must_use]
    pub fn problem(self, code: ErrorCode, message: &str, hint: Option<&str>) -> String {
        match ((self.shared.error)(code), hint) {
            (Some(sentence), _) => sentence.into(),
            (None, Some(hint)) => sentence(message) + " " + &sentence(hint),
            (None, None) => sentence(message),
        }
    }
}

/// The server's messages are fragments of a log line as well; on the screen they begin and end as sentences do.
#[must_use]
pub fn sentence(text: &str) -> String {
    let mut sentence = text.to_owned();
    if let Some(first) = sentence.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    if !sentence.is_empty() && !sentence.ends_with(['.', '!', '?', '。', ')']) {
        sentence.push('.');
    }
    sentence
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::fault::refused;

    #[test]
    fn a_problem_is_told_in_the_agents_language_or_else_in_the_servers_words() {
        let check =
            |tag, code, expected| assert_eq!(Locale::new(tag).fault(&refused(code)), expected, "{tag}");
        check("en-GB", ErrorCode::TicketNotFound, "Message of ticket_not_found.");
        check("ja", ErrorCode::TicketNotFound, "このチケットは存在しないか、表示する権限がありません。");
        check("ko-KR", ErrorCode::ConfigInvalid, "Message of config_invalid.");
        check("pt-BR", ErrorCode::Internal, "Message of internal.");
    }

    #[test]
    fn a_hint_follows_the_message() {
        let said = Locale::new("en").problem(ErrorCode::Internal, "it broke", Some("try again"));
        assert_eq!(said, "It broke. Try again.");
    }
}
