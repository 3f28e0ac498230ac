//! What the screens say, in three languages. **Invariant:** typed: a sentence that one language lacks does not compile. Dates,
//! money and numbers are the app's business.

pub mod console;
pub mod editor;
mod en;
mod errors_ja;
mod errors_ko;
mod ja;
mod keys;
mod ko;
pub mod loader;
pub mod pack;
pub mod pages;
pub mod panel;

use wire::{BadgeName, ErrorCode, ItemState, Sender, TicketStatus};

pub use console::ConsoleWords;
pub use editor::EditorWords;
pub use pages::PageWords;
pub use panel::PanelWords;

pack::texts! {
0;
/// What every page says, the console's too. The English file shows each in its place.
#[derive(Debug)]
#[expect(missing_docs, reason = "the names are the sentences; `en.rs` reads as the documentation")]
pub struct SharedWords {
    pub try_again: &'static str,
    pub checking_agent: &'static str,
    pub agent_unproved: &'static str,
    pub offline: &'static str,
    pub silent: &'static str,
    pub unreadable: &'static str,
    pub host_silent: &'static str,
    /// By the server's code; the server's own sentence, which is English, where there is none.
    pub error: fn(ErrorCode) -> Option<&'static str>,
}
}

pack::texts! {
SharedWords::COUNT;
/// What the panels say beside a ticket. The English file shows each in its place.
#[derive(Debug)]
#[expect(missing_docs, reason = "the names are the sentences; `en.rs` reads as the documentation")]
pub struct Words {
    pub loading: &'static str,
    pub trying_again_in: fn(u32) -> String,

    pub no_requester: &'static str,
    pub no_contract: &'static str,
    pub no_contract_why: &'static str,
    pub look_again: &'static str,
    pub companies_match: fn(usize) -> String,
    pub choose_company: &'static str,
    pub show: &'static str,
    pub other_company: &'static str,
    pub unknown_company: &'static str,
    pub unknown_customer: &'static str,
    pub unknown_customer_why: &'static str,
    pub suspended: &'static str,
    pub suspended_why: &'static str,
    pub deleted: &'static str,
    pub deleted_why: &'static str,

    pub mrr: &'static str,
    pub since: &'static str,
    pub renewal: &'static str,
    /// A subscription's status, by its name in lower case with underscores; others stay as the company writes them.
    pub contract_status: fn(&str) -> Option<&'static str>,
    pub owner: &'static str,
    pub call: fn(&str) -> String,
    pub dialling: fn(&str) -> String,
    pub calling: fn(&str) -> String,
    pub from: fn(&str, &str) -> String,
    pub as_of: fn(&str) -> String,
    pub refresh: &'static str,
    pub refreshing: &'static str,
    pub stale: fn(&str) -> String,
    pub contracts_old: fn(&str) -> String,
    pub in_zendesk: fn(&str) -> String,
    pub empty_in_zendesk: &'static str,
    pub badge: fn(BadgeName) -> Option<&'static str>,
    pub renews: fn(&str) -> String,
    pub other_tickets: &'static str,
    pub status: fn(TicketStatus) -> &'static str,
    pub priority: fn(&str) -> Option<&'static str>,

    pub attachments: fn(usize) -> String,
    pub in_and_out: fn(usize, usize) -> String,
    pub all_archived: fn(usize) -> String,
    pub no_attachments: &'static str,
    pub unreadable_files: fn(u64) -> String,
    pub archive_all: &'static str,
    pub archive_some: fn(usize, usize) -> String,
    pub archive: &'static str,
    pub none_can_go: &'static str,
    pub may_not_start: &'static str,
    pub open: &'static str,
    pub confirm_title: fn(usize) -> String,
    pub confirm: fn(usize) -> String,
    pub confirm_how: fn(usize) -> &'static str,
    pub confirm_undo: fn(&str) -> String,
    pub confirm_final: &'static str,
    pub cancel: &'static str,
    pub starting: &'static str,
    pub copying: fn(usize, usize) -> String,
    pub archiving: fn(usize, usize) -> String,
    pub copied: fn(usize) -> String,
    pub leaves_in: fn(usize, &str) -> String,
    pub can_undo: &'static str,
    pub last_minute: &'static str,
    pub item: fn(ItemState) -> &'static str,
    pub ready: &'static str,
    /// Why a file stays, in a word or two.
    pub stays: fn(ErrorCode) -> Option<&'static str>,
    pub goes_from: fn(&str) -> String,
    pub sender: fn(Sender) -> Option<&'static str>,
    pub reconnecting: &'static str,
    pub archived: fn(usize) -> String,
    pub still_in_zendesk: fn(usize) -> String,
    pub undone: &'static str,
    pub not_noted: &'static str,
    pub retry_failed: &'static str,
    pub undo_all: &'static str,
    pub keep: &'static str,
    pub undoing: &'static str,
    pub undo_lost: &'static str,
    pub undo_not_reached: &'static str,
    pub undo_too_late: &'static str,
    pub undo_over: &'static str,
    pub open_copy: &'static str,
    pub arrived: fn(usize) -> String,
    pub zendesk_silent: &'static str,
    pub list_unreadable: &'static str,
    pub list_of: fn(&str) -> String,

    pub session_over: &'static str,
    pub reload: &'static str,
    pub signing_in: &'static str,

    pub idle: &'static str,
    pub idle_hint: &'static str,
    pub looking: &'static str,
    pub show_in_zendesk: &'static str,
    pub created: &'static str,
    pub nothing_found: &'static str,
    pub which_ticket: &'static str,
}
}

/// The words for a BCP 47 tag; English where we have none. In the browser a language other than English has to be loaded.
#[must_use]
pub fn words(tag: &str) -> &'static Words {
    let language = language_of(tag);
    if cfg!(target_arch = "wasm32") {
        return Words::loaded(language).unwrap_or(&en::WORDS);
    }
    match language {
        "ja" => &ja::WORDS,
        "ko" => &ko::WORDS,
        _ => &en::WORDS,
    }
}

/// The same of what every page says.
#[must_use]
pub fn shared(tag: &str) -> &'static SharedWords {
    let language = language_of(tag);
    if cfg!(target_arch = "wasm32") {
        return SharedWords::loaded(language).unwrap_or(&en::SHARED);
    }
    match language {
        "ja" => &ja::SHARED,
        "ko" => &ko::SHARED,
        _ => &en::SHARED,
    }
}

/// `ja` of `ja-JP`.
#[must_use]
#[inline(never)]
pub fn language_of(tag: &str) -> &str {
    let end = tag.bytes().position(|byte| byte == b'-' || byte == b'_').unwrap_or(tag.len());
    tag.get(..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn japanese_and_korean_translate_the_same_codes() {
        let lacking: Vec<_> = ErrorCode::ALL
            .iter()
            .filter(|code| errors_ja::error(**code).is_some() != errors_ko::error(**code).is_some())
            .collect();
        assert!(lacking.is_empty(), "{lacking:?}");
    }
}
