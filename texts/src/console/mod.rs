//! What the console says: apart from the panel's words, so that an agent does not load them. **Invariant:** typed, as the
//! panel's words are.

/// What stands behind a name; a `match` would be code for every name, and English is in the bundle.
macro_rules! by_name {
    ($name:ident { $($($known:literal)|+ => $text:expr,)+ }) => {
        $crate::console::of(&[$($(($known, $text)),+),+], $name)
    };
}

pub(crate) use by_name;

mod en;
mod ja;
mod ko;

crate::pack::texts! {
crate::SharedWords::COUNT;
/// Everything that the console says. The English file shows each in its place.
#[derive(Debug)]
#[expect(missing_docs, reason = "the names are the sentences; `en.rs` reads as the documentation")]
pub struct ConsoleWords {
    pub pages: &'static str,
    pub admins_only: &'static str,
    pub admins_only_why: &'static str,

    pub archive: &'static str,
    pub archive_what: &'static str,
    pub files_moved: &'static str,
    pub bytes_moved: &'static str,
    pub busiest_day: &'static str,
    pub in_days: fn(u32) -> String,
    pub days: fn(u32) -> String,
    pub per_day: &'static str,
    pub nothing_moved: &'static str,
    pub bar: fn(&str, u64, &str) -> String,

    pub ticket: &'static str,
    pub what: &'static str,
    pub anything: &'static str,
    pub who: &'static str,
    pub since: &'static str,
    pub until: &'static str,
    pub search: &'static str,
    pub when: &'static str,
    pub file: &'static str,
    pub sha256: &'static str,
    pub place: &'static str,
    pub older: &'static str,
    pub loading: &'static str,
    pub rows: fn(usize) -> String,
    pub latest_rows: fn(usize) -> String,
    pub nothing_found: &'static str,
    pub nothing_found_why: &'static str,
    pub nothing_yet: &'static str,
    pub nothing_yet_why: &'static str,
    pub save: fn(&str) -> String,
    pub saving: &'static str,
    pub flex: &'static str,
    pub flex_what: &'static str,
    /// A part of the settings' page, by its name.
    pub section: fn(&str) -> &'static str,
    /// A setting, by its name: what it is, and what is to be known of it.
    pub setting: fn(&str) -> (&'static str, &'static str),
    /// One of a setting's values.
    pub option: fn(&str) -> &'static str,
    pub save_settings: &'static str,
    pub saved: &'static str,
    pub load_again: &'static str,
    /// The names of the fields.
    pub conflict: fn(&str) -> String,
    pub load_theirs: &'static str,
    pub save_mine: &'static str,
    pub session_over: &'static str,
    pub session_gone: &'static str,
    pub sign_in_again: &'static str,
    pub saving_settings: &'static str,
    pub unsaved: &'static str,
    pub wrong_fields: fn(usize) -> String,
    pub not_in_range: fn(u32, u32) -> String,
    pub not_a_ticket: &'static str,
    /// The server's sentence, which is English, about a field.
    pub not_accepted: fn(&str) -> String,
    /// What to do about a field that breaks a rule; nothing where the server's sentence says more.
    pub rule: fn(&str) -> Option<&'static str>,
    pub leave_title: &'static str,
    pub leave_why: &'static str,
    pub stay: &'static str,
    pub leave: &'static str,
    pub only_ticket: fn(&str) -> String,
    pub action: fn(&str) -> Option<&'static str>,
    /// Why something was done, by its code, where the server's codes have no words of their own.
    pub reason: fn(&str) -> Option<&'static str>,
    pub agent: fn(&str) -> String,
    pub tag: &'static str,
    pub operator: &'static str,
    pub deskside: &'static str,

    pub connections: &'static str,
    pub connections_what: &'static str,
    pub connection_add: &'static str,
    pub connections_read_only: &'static str,
    pub no_seal_key: &'static str,
    pub connection: &'static str,
    pub connection_state: &'static str,
    pub used_by: &'static str,
    pub connection_acts: &'static str,
    pub no_connections: &'static str,
    pub kind: fn(&str) -> (&'static str, &'static str),
    pub connection_states: fn(&str) -> &'static str,
    /// What is wrong with a connection and what to do, by its code. Nothing in English: the server says it so.
    pub connection_problem: fn(&str) -> Option<&'static str>,
    pub set_in_file: &'static str,
    pub checked: fn(&str) -> String,
    pub unused: &'static str,
    pub used_by_server: fn(&str) -> Option<&'static str>,
    pub connection_test: &'static str,
    pub connect_again: &'static str,
    pub connection_change: &'static str,
    pub disconnect: &'static str,
    pub delete: &'static str,
    pub choose_kind: &'static str,
    pub cancel: &'static str,
    pub close: &'static str,
    pub continue_: &'static str,
    pub connect: &'static str,
    pub trying: &'static str,
    pub secret_stays: &'static str,
    pub callback_url: &'static str,
    pub recipe: fn(&str) -> &'static str,
    pub consent_open: fn(&str) -> String,
    pub consent_how: fn(&str) -> String,
    pub consent_trouble: fn(&str) -> &'static str,
    pub consent_waiting: &'static str,
    pub consent_as: fn(&str, &str) -> String,
    pub test_of: fn(&str) -> String,
    pub test_step: fn(&str) -> &'static str,
    pub step_ok: &'static str,
    pub step_failed: &'static str,
    pub test_ok: &'static str,
    pub test_failed: &'static str,
    pub disconnect_title: fn(&str) -> String,
    pub disconnect_why: &'static str,
    pub delete_title: fn(&str) -> String,
    pub delete_why: &'static str,
    pub used_by_these: fn(&str) -> String,
    pub connection_saved: &'static str,
    pub connection_connected: &'static str,
    pub connection_disconnected: &'static str,
    pub connection_not_revoked: fn(&str) -> String,
    pub connection_deleted: &'static str,
    pub connection_deleted_not_revoked: fn(&str) -> String,
    /// A page of the other bundle, by its address; empty: it is not in the navigation.
    pub other_page: fn(&str) -> &'static str,
    pub integrations: &'static str,
    pub integrations_what: &'static str,
    pub no_integrations: &'static str,
    pub no_integrations_why: &'static str,
    pub integration_new: &'static str,
    pub overview: &'static str,
    pub edit: &'static str,
    pub integration: &'static str,
    pub schedule: &'static str,
    pub by_hand: &'static str,
    pub every_minutes: fn(u64) -> String,
    pub every_hours: fn(u64) -> String,
    /// The time and the time zone.
    pub daily: fn(&str, &str) -> String,
    /// The five fields and the time zone.
    pub cron: fn(&str, &str) -> String,
    pub plan_not_accepted: &'static str,
    pub last_run: &'static str,
    pub integration_acts: &'static str,
    pub disabled: &'static str,
    /// When the next run is, in the admin's time zone.
    pub next_run: fn(&str) -> String,
    pub integrations_read_only: &'static str,
    pub editor_needed: &'static str,
    pub enable: &'static str,
    pub pause: &'static str,
    pub pause_title: fn(&str) -> String,
    pub pause_why: &'static str,
    pub resend: &'static str,
    pub resend_title: fn(&str) -> String,
    pub resend_why: &'static str,
    pub integration_delete_why: &'static str,
    pub clear_fields: &'static str,
    pub clear_fields_title: fn(&str) -> String,
    pub clear_fields_why: &'static str,
    pub never_ran: &'static str,
    pub never_ran_why: &'static str,
    pub object: fn(&str) -> &'static str,
    pub run_now: &'static str,
    pub dry_run: &'static str,
    pub preview: &'static str,
    pub preview_of: fn(&str) -> String,
    pub preview_partial: &'static str,
    pub preview_empty: &'static str,
    pub runs: &'static str,
    pub run: &'static str,
    pub run_of: fn(&str) -> String,
    pub run_kind_head: &'static str,
    pub run_state_head: &'static str,
    pub run_sum: &'static str,
    pub run_kind: fn(&str) -> &'static str,
    pub run_state: fn(&str) -> &'static str,
    pub run_problem: fn(&str) -> Option<&'static str>,
    pub phase: fn(&str) -> &'static str,
    pub accept_and_run: &'static str,
    pub accept_how: &'static str,
    pub confirm_run: &'static str,
    pub confirm_how: &'static str,
    pub cancel_run: &'static str,
    pub retry_rows: &'static str,
    pub run_retry: &'static str,
    pub send_row: &'static str,
    pub send_row_key: &'static str,
    pub run_log: &'static str,
    pub run_log_show: &'static str,
    /// How long it took or takes, and how many calls wrote.
    pub run_facts: fn(&str, &str) -> String,
    /// How many rows of how many.
    pub rows_written: fn(&str, &str) -> String,
    pub run_left: fn(&str) -> String,
    pub old_rows: fn(&str, &str) -> String,
    pub taken_over: fn(&str) -> String,
    pub exchange_sent: &'static str,
    pub exchange_answer: &'static str,
    pub exchange_holds: &'static str,
    pub record_gone: &'static str,
    /// How many, and of what outcome.
    pub counted: fn(&str, &str) -> String,
    pub outcome: fn(&str) -> &'static str,
    pub rows_of_run: &'static str,
    pub row_key: &'static str,
    pub row_outcome: &'static str,
    pub row_changes: &'static str,
    pub row_reason: &'static str,
    /// Why a row has its outcome, by its code; `{0}` is the first that it is about. Nothing in English: the server says it so.
    pub row_reason_of: fn(&str) -> Option<&'static str>,
    pub no_rows: &'static str,
    pub more_rows: &'static str,
    pub empty_value: &'static str,
}
}

/// Who did something, as the ledger names them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Actor<'a> {
    /// A person.
    Agent(&'a str),
    /// A tag that somebody put on the ticket.
    Tag,
    /// The command line.
    Operator,
    /// Deskside itself, at work.
    Deskside,
    /// Nobody that this version knows.
    Other(&'a str),
}

impl<'a> Actor<'a> {
    /// From the ledger's text.
    #[must_use]
    pub fn of(text: &'a str) -> Self {
        match text.split_once(':').unwrap_or((text, "")) {
            ("agent", id) => Self::Agent(id),
            ("tag", _) => Self::Tag,
            ("operator", _) => Self::Operator,
            ("deskside" | "run", _) => Self::Deskside,
            _ => Self::Other(text),
        }
    }
}

impl ConsoleWords {
    /// Who did something.
    #[must_use]
    pub fn actor(&self, actor: Actor<'_>) -> String {
        match actor {
            Actor::Agent(id) => (self.agent)(id),
            Actor::Tag => self.tag.into(),
            Actor::Operator => self.operator.into(),
            Actor::Deskside => self.deskside.into(),
            Actor::Other(text) => text.into(),
        }
    }
}

/// The words for a BCP 47 tag; English where we have none. In the browser a language other than English has to be loaded.
#[must_use]
pub fn words(tag: &str) -> &'static ConsoleWords {
    let language = crate::language_of(tag);
    if cfg!(target_arch = "wasm32") {
        return ConsoleWords::loaded(language).unwrap_or(&en::WORDS);
    }
    match language {
        "ja" => &ja::WORDS,
        "ko" => &ko::WORDS,
        _ => &en::WORDS,
    }
}

/// A sentence with what it is about in place of `{0}`, `{1}`, ….
#[must_use]
pub fn filled(sentence: &str, about: &[String]) -> String {
    let about: Vec<&str> = about.iter().map(String::as_str).collect();
    crate::pack::fill(sentence, &about)
}

pub(crate) fn of<T: Copy>(table: &[(&str, T)], name: &str) -> Option<T> {
    table.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}

#[cfg(test)]
mod tests {
    use wire::{FieldRule, LedgerAction, RowReason};

    use super::*;

    #[test]
    fn every_action_has_a_word_in_every_language() {
        for tag in ["en", "ja", "ko"] {
            let lacking: Vec<_> =
                LedgerAction::ALL.iter().filter(|action| (words(tag).action)(action).is_none()).collect();
            assert!(lacking.is_empty(), "{tag}: {lacking:?}");
        }
    }

    #[test]
    fn every_rule_of_a_field_has_words_in_every_other_language() {
        for tag in ["ja", "ko"] {
            let lacking: Vec<_> =
                FieldRule::ALL.iter().filter(|rule| (words(tag).rule)(rule).is_none()).collect();
            assert!(lacking.is_empty(), "{tag}: {lacking:?}");
        }
    }

    #[test]
    fn every_reason_of_a_row_has_words_about_the_same_in_other_languages() {
        for tag in ["ja", "ko"] {
            for code in RowReason::ALL {
                let sentence = (words(tag).row_reason_of)(code);
                assert!(sentence.is_some_and(|text| !text.contains('\n')), "{tag}: {code}");
            }
            let said = |code: &str, about: &[&str]| {
                let about: Vec<String> = about.iter().map(|text| (*text).to_owned()).collect();
                filled((words(tag).row_reason_of)(code).unwrap_or_default(), &about)
            };
            let said = said("no_option", &["plan", "{0}"]);
            assert!(said.contains("`plan`") && said.contains("`{0}`"), "{tag}: {said}");
        }
        assert_eq!((words("en").row_reason_of)("no_option"), None);
    }

    #[test]
    fn who_did_something_is_told_from_the_ledgers_text() {
        for (text, expected) in [
            ("agent:77", "Agent 77"),
            ("tag", "Tag"),
            ("operator", "Command line"),
            ("run:0199", "Deskside"),
            ("deskside", "Deskside"),
            ("someone:else", "someone:else"),
        ] {
            assert_eq!(words("en-GB").actor(Actor::of(text)), expected);
        }
    }
}
