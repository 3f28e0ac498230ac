//! What the editor of integrations says, and the overview of one: a set of their own, because they are a bundle of their own.
//! **Invariant:** typed, as the other words are.

use crate::console::by_name;

mod en;
mod ja;
mod ko;

crate::pack::texts! {
crate::SharedWords::COUNT;
/// Everything that the editor and the overview say. The English file shows each in its place.
#[derive(Debug)]
#[expect(missing_docs, reason = "the names are the sentences; `en.rs` reads as the documentation")]
pub struct EditorWords {
    pub title_new: &'static str,
    /// The integration's name.
    pub title_edit: fn(&str) -> String,
    pub what: &'static str,
    pub loading: &'static str,
    pub denied: &'static str,
    pub denied_why: &'static str,
    pub recalled: &'static str,
    pub discard: &'static str,
    pub templates: &'static str,
    pub steps: &'static str,
    /// A part of the page, by its number: what it is called, and what it is for.
    pub step: fn(&str) -> (&'static str, &'static str),
    /// A field, by its name: what it is called, and what is to be known of it.
    pub field: fn(&str) -> (&'static str, &'static str),
    /// One of a field's values: what it is called, and what it does.
    pub option: fn(&str) -> (&'static str, &'static str),
    /// The type of a column or of a field.
    pub kind: fn(&str) -> &'static str,

    pub choose: &'static str,
    pub connection_add: &'static str,
    /// The id of a connection that is not there.
    pub connection_lost: fn(&str) -> String,
    pub source_of: fn(usize) -> String,
    pub source_add: &'static str,
    pub remove: &'static str,
    pub remove_of: fn(&str) -> String,
    pub sample: &'static str,
    pub rows_of: fn(&str) -> String,
    pub preview: &'static str,
    pub rows_partial: &'static str,
    pub no_rows: &'static str,
    pub empty_value: &'static str,
    pub at_line: fn(u64, u64) -> String,
    pub mapping_of: fn(usize) -> String,
    pub mapping_add: &'static str,
    pub new_field: &'static str,
    pub is_made: &'static str,
    /// The key of a field that Zendesk does not have.
    pub not_there: fn(&str) -> String,
    pub details: &'static str,
    pub people: &'static str,
    pub contract_columns: &'static str,
    pub owners: &'static str,
    pub owner_of: fn(usize) -> String,
    pub owner_add: &'static str,

    pub by_hand: &'static str,
    pub every_minutes: fn(u64) -> String,
    pub every_hours: fn(u64) -> String,
    /// The time and the time zone.
    pub daily: fn(&str, &str) -> String,
    /// Goes on after the sentence before: the same time in UTC.
    pub that_is: fn(&str) -> String,
    /// The five fields and the time zone.
    pub cron: fn(&str, &str) -> String,
    pub next_runs: &'static str,
    pub your_time: fn(&str) -> String,

    pub wrong_fields: fn(usize) -> String,
    pub wrong_empty: &'static str,
    pub wrong_alias: &'static str,
    pub wrong_alias_twice: &'static str,
    pub wrong_id: &'static str,
    pub wrong_column: fn(&str) -> String,
    pub wrong_field: fn(&str) -> String,
    /// The column's type and the field's.
    pub wrong_clash: fn(&str, &str) -> String,
    /// The same.
    pub wrong_risk: fn(&str, &str) -> String,
    pub wrong_constant: fn(&str) -> String,
    pub wrong_option: fn(&str) -> String,
    pub wrong_type: fn(&str) -> String,

    pub save: &'static str,
    pub saving: &'static str,
    pub unsaved: &'static str,
    pub back: &'static str,
    pub saved: &'static str,
    pub dry_run: &'static str,
    pub conflict: &'static str,
    pub load_theirs: &'static str,
    pub save_mine: &'static str,

    pub overview_what: &'static str,
    pub edit: &'static str,
    pub runs: &'static str,
    pub no_run: &'static str,
    pub no_run_why: &'static str,
    pub users_with_contract: &'static str,
    pub organizations_with_contract: &'static str,
    pub matched: &'static str,
    /// When the last complete run was.
    pub as_of: fn(&str) -> String,
    pub of_rows: fn(&str) -> String,
    pub unmatched: &'static str,
    pub ambiguous: &'static str,
    pub drifted: &'static str,
    pub drifted_what: &'static str,
    pub rejected: &'static str,
    pub and_waiting: fn(u64) -> String,
    pub budget: &'static str,
    pub calls_of: fn(&str, &str) -> String,
    pub share: fn(u64) -> String,
    pub per_day: &'static str,
    pub no_days: &'static str,
    pub day: &'static str,
    pub changed: &'static str,
    pub waiting: &'static str,
    pub calls: &'static str,
    /// The day, and how many rows changed.
    pub day_told: fn(&str, &str) -> String,
}
}

/// The words for a BCP 47 tag; English where we have none. In the browser a language other than English has to be loaded.
#[must_use]
pub fn words(tag: &str) -> &'static EditorWords {
    let language = crate::language_of(tag);
    if cfg!(target_arch = "wasm32") {
        return EditorWords::loaded(language).unwrap_or(&en::WORDS);
    }
    match language {
        "ja" => &ja::WORDS,
        "ko" => &ko::WORDS,
        _ => &en::WORDS,
    }
}

#[cfg(test)]
mod tests {
    use super::words;
    use crate::keys::keys;

    #[test]
    fn what_has_words_in_english_has_words_in_every_language() {
        let english = words("en");
        for tag in ["ja", "ko"] {
            let other = words(tag);
            for key in keys() {
                for (what, of) in
                    [("field", english.field), ("option", english.option), ("step", english.step)]
                {
                    let same = match what {
                        "field" => other.field,
                        "option" => other.option,
                        _ => other.step,
                    };
                    let (known, more) = (of(key), same(key));
                    assert_eq!(known.0.is_empty(), more.0.is_empty(), "{tag}: the label of {what} {key}");
                    assert_eq!(known.1.is_empty(), more.1.is_empty(), "{tag}: the help of {what} {key}");
                }
                assert_eq!((english.kind)(key).is_empty(), (other.kind)(key).is_empty(), "{tag}: type {key}");
            }
        }
    }
}
