//! The manual, `config.default.toml`: which settings there are, with their defaults and what each is for. It is built into the
//! binary, so a setting that is not in it does not exist.

use std::sync::LazyLock;

use toml::Table;

/// The manual's text.
const TEXT: &str = include_str!("../../../config.default.toml");

/// What the manual says above a setting.
pub(super) struct Entry {
    /// Like `zendesk.client_id`.
    pub(super) key: String,
    /// The comment above it, in one line.
    comment: String,
}

/// In the manual's order.
static ENTRIES: LazyLock<Vec<Entry>> = LazyLock::new(|| {
    let (mut entries, mut section, mut comment) = (Vec::new(), "", String::new());
    for line in TEXT.lines() {
        if let Some(words) = line.strip_prefix('#') {
            comment.push_str(words);
        } else if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            section = name;
        } else if let Some((key, _)) = line.split_once(" = ") {
            entries.push(Entry { key: format!("{section}.{key}"), comment: std::mem::take(&mut comment) });
        } else {
            comment.clear();
        }
    }
    entries
});

/// Every default.
pub(super) fn defaults() -> Table {
    TEXT.parse().expect("the manual is TOML, and a test reads it")
}

/// Whether a setting may come from a file that its variable names with `_FILE`: the manual says so.
pub(super) fn is_secret(key: &str) -> bool {
    let file = super::layers::variable_of_file(key);
    entry(key).is_some_and(|entry| entry.comment.split([' ', '(', ')']).any(|word| word == file))
}

/// What a setting is for: the first sentence above it.
pub(super) fn purpose(key: &str) -> String {
    let comment = entry(key).map_or("", |entry| entry.comment.trim());
    let comment = comment.trim_start_matches("REQUIRED. ").trim_start_matches("Secret. ");
    let sentence = comment.split_once(". ").map_or(comment, |(sentence, _)| sentence);
    sentence.trim_end_matches('.').to_owned()
}

/// The first setting of a section; where it is empty, an optional section is off.
pub(super) fn switch_of(section: &str) -> Option<&'static str> {
    let is_in = |entry: &&Entry| entry.key.split_once('.').is_some_and(|(name, _)| name == section);
    ENTRIES.iter().find(is_in).map(|entry| entry.key.as_str())
}

fn entry(key: &str) -> Option<&'static Entry> {
    ENTRIES.iter().find(|entry| entry.key == key)
}
