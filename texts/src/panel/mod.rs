//! What the panel in Flex says beside the ticket: apart from the sidebar's words, so that agents in Zendesk do not load them.
//! **Invariant:** typed, as the sidebar's words are.

mod en;
mod ja;
mod ko;

use wire::{ErrorCode, LogStage, LogState};

crate::pack::texts! {
crate::Words::START + crate::Words::COUNT;
/// Everything that the panel says of a call. The English file shows each in its place.
#[derive(Debug)]
#[expect(missing_docs, reason = "the names are the sentences; `en.rs` reads as the documentation")]
pub struct PanelWords {
    /// A channel, as people call it; what is not known stays as it is.
    pub channel: fn(&str) -> Option<&'static str>,
    pub inbound: &'static str,
    pub outbound: &'static str,
    /// A reservation's state, by Flex's name.
    pub state: fn(&str) -> Option<&'static str>,
    pub from: &'static str,
    pub to: &'static str,
    pub queue: &'static str,
    pub waited: &'static str,
    pub duration: &'static str,

    pub last_comment: &'static str,
    pub loading_comment: &'static str,
    pub no_comment: &'static str,
    pub comment_unread: &'static str,
    pub customer: &'static str,

    pub choose_first: &'static str,
    pub choose_hint: &'static str,
    pub new_ticket: fn(&str) -> String,

    pub wrap_up: &'static str,
    pub outcome: &'static str,
    pub no_outcome: &'static str,
    pub notes: &'static str,
    pub notes_hint: &'static str,
    pub saving: &'static str,
    pub saved: &'static str,
    pub unsaved: &'static str,
    pub owed: &'static str,
    pub left: fn(usize) -> String,

    pub log: &'static str,
    pub last_log: &'static str,
    pub stage: fn(LogStage) -> &'static str,
    pub log_state: fn(LogState) -> &'static str,
    pub log_waits_for_choice: &'static str,
    /// Why a note was not written, where the server's code alone does not say what to do with the note.
    pub log_reason: fn(ErrorCode) -> Option<&'static str>,
    pub log_refused: &'static str,
    pub written_into: fn(&str) -> String,

    pub lost: &'static str,
    pub shown: fn(&str) -> String,
}
}

/// The words for a BCP 47 tag; English where we have none. In the browser a language other than English has to be loaded.
#[must_use]
pub fn words(tag: &str) -> &'static PanelWords {
    let language = crate::language_of(tag);
    if cfg!(target_arch = "wasm32") {
        return PanelWords::loaded(language).unwrap_or(&en::WORDS);
    }
    match language {
        "ja" => &ja::WORDS,
        "ko" => &ko::WORDS,
        _ => &en::WORDS,
    }
}
