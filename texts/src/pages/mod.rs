//! What the pages of notices, of keys for machines and of tickets per week say: they are in the editor's bundle, so their texts follow the
//! editor's. **Invariant:** typed, as the other words are.

use crate::console::by_name;

mod en;
mod ja;
mod ko;

crate::pack::texts! {
crate::EditorWords::START + crate::EditorWords::COUNT;
/// Everything that these pages say. The English file shows each in its place.
#[derive(Debug)]
#[expect(missing_docs, reason = "the names are the sentences; `en.rs` reads as the documentation")]
pub struct PageWords {
    pub loading: &'static str,
    pub working: &'static str,
    pub cancel: &'static str,
    pub when: &'static str,

    pub notices: &'static str,
    pub notices_what: &'static str,
    /// What a notice is about.
    pub notice_kind: fn(&str) -> &'static str,
    /// What became of it.
    pub outcome: fn(&str) -> &'static str,
    /// How it was told.
    pub channel: fn(&str) -> &'static str,
    pub role: fn(&str) -> &'static str,
    /// Why somebody else was told, or nobody. Nothing in English: the server says it so.
    pub reason: fn(&str) -> Option<&'static str>,
    /// The reason, which goes on as a sentence does.
    pub because: fn(&str) -> String,
    pub filter: &'static str,
    pub kind: &'static str,
    pub any_kind: &'static str,
    pub any_outcome: &'static str,
    pub about: &'static str,
    pub in_charge: &'static str,
    pub became: &'static str,
    pub open_ticket: fn(&str) -> String,
    pub no_ticket: &'static str,
    pub resolved: fn(&str) -> String,
    pub no_notices: &'static str,
    pub no_notices_why: &'static str,
    pub none_found: &'static str,
    pub none_found_why: &'static str,
    pub refresh: &'static str,
    pub older: &'static str,
    pub latest: fn(usize) -> String,

    pub triggers: &'static str,
    pub triggers_what: &'static str,
    pub trigger_state: fn(&str) -> &'static str,
    pub trigger_problem: fn(&str) -> String,
    pub checked: fn(&str) -> String,
    pub acts_when: &'static str,
    pub does: &'static str,
    pub calls: &'static str,
    pub details: &'static str,
    /// A part of a trigger in which both differ.
    pub part: fn(&str) -> &'static str,
    pub in_zendesk: &'static str,
    pub by_settings: &'static str,
    pub triggers_up_to_date: &'static str,
    pub triggers_of_editors: &'static str,
    pub no_triggers: &'static str,
    pub compare_again: &'static str,
    pub create_triggers: &'static str,
    pub update_triggers: &'static str,
    pub overwrite_triggers: &'static str,
    /// How many are made, and how many are updated.
    pub make_why: fn(u64, u64) -> String,
    pub stays_by_hand: &'static str,
    pub overwrite_title: &'static str,
    pub overwrite_why: &'static str,
    pub overwrite: &'static str,
    /// The same, when it is done.
    pub triggers_made: fn(u64, u64) -> String,

    pub keys: &'static str,
    pub keys_what: &'static str,
    pub keys_denied: &'static str,
    pub keys_denied_why: &'static str,
    pub key_name: &'static str,
    pub key_name_help: &'static str,
    pub key_create: &'static str,
    pub key_made: fn(&str) -> String,
    pub key_once: &'static str,
    pub key: &'static str,
    pub copy: &'static str,
    pub copy_of: fn(&str) -> String,
    pub copied: &'static str,
    pub copy_by_hand: &'static str,
    pub key_use: &'static str,
    pub commands: &'static str,
    pub key_hide: &'static str,
    pub key_added: &'static str,
    pub last_used: &'static str,
    pub never_used: &'static str,
    pub key_state: &'static str,
    pub key_live: &'static str,
    pub key_revoked: fn(&str) -> String,
    pub agent: fn(&str) -> String,
    pub operator: &'static str,
    pub revoke: &'static str,
    pub revoke_title: fn(&str) -> String,
    pub revoke_why: &'static str,
    pub revoke_done: fn(&str) -> String,
    pub no_keys: &'static str,
    pub no_keys_why: &'static str,

    pub tickets: &'static str,
    pub tickets_what: &'static str,
    pub weeks: fn(u64) -> String,
    pub span: &'static str,
    pub group_by: &'static str,
    pub by_plan: &'static str,
    pub by_mrr: &'static str,
    pub no_plan: &'static str,
    pub other_plans: &'static str,
    pub band: fn(&str) -> &'static str,
    pub week: &'static str,
    pub total: &'static str,
    pub all_tickets: &'static str,
    /// The week, and how many tickets.
    pub week_told: fn(&str, &str) -> String,
    pub count_of_tickets: fn(u64) -> String,
    pub known_until: fn(&str) -> String,
    pub save_csv: &'static str,
    pub saving: &'static str,
    pub no_tickets: &'static str,
    pub no_tickets_why: &'static str,
    pub not_kept: &'static str,
    pub not_kept_why: &'static str,
    pub to_integrations: &'static str,
}
}

/// The words for a BCP 47 tag; English where we have none. In the browser a language other than English has to be loaded.
#[must_use]
pub fn words(tag: &str) -> &'static PageWords {
    let language = crate::language_of(tag);
    if cfg!(target_arch = "wasm32") {
        return PageWords::loaded(language).unwrap_or(&en::WORDS);
    }
    match language {
        "ja" => &ja::WORDS,
        "ko" => &ko::WORDS,
        _ => &en::WORDS,
    }
}

#[cfg(test)]
mod tests {
    use wire::NoticeOutcome;

    use super::words;
    use crate::keys::keys;

    #[test]
    fn what_has_words_in_english_has_words_in_every_language() {
        let english = words("en");
        for tag in ["ja", "ko"] {
            let other = words(tag);
            for key in keys() {
                for (what, known, more) in [
                    ("kind", (english.notice_kind)(key), (other.notice_kind)(key)),
                    ("outcome", (english.outcome)(key), (other.outcome)(key)),
                    ("channel", (english.channel)(key), (other.channel)(key)),
                    ("role", (english.role)(key), (other.role)(key)),
                    ("state", (english.trigger_state)(key), (other.trigger_state)(key)),
                    ("part", (english.part)(key), (other.part)(key)),
                    ("band", (english.band)(key), (other.band)(key)),
                ] {
                    assert_eq!(known.is_empty(), more.is_empty(), "{tag}: {what} {key}");
                }
            }
        }
    }

    #[test]
    fn every_outcome_and_every_reason_has_words() {
        for tag in ["en", "ja", "ko"] {
            for outcome in NoticeOutcome::ALL {
                assert!(!(words(tag).outcome)(outcome).is_empty(), "{tag}: {outcome}");
            }
        }
        let reasons =
            |tag: &str| wire::NoticeWhy::ALL.iter().filter(|why| (words(tag).reason)(why).is_some()).count();
        let all = wire::NoticeWhy::ALL.len();
        assert_eq!(
            (reasons("en"), reasons("ja"), reasons("ko")),
            (0, all, all),
            "the server says it in English"
        );
        assert!(
            wire::NoticeWhy::ALL.iter().all(|why| keys().any(|key| key == *why)),
            "packed languages have them, too"
        );
    }
}
