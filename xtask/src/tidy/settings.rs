//! Every setting is in the code, in the manual (`config.default.toml`) with the name of its environment variable, and the
//! design's settings are among them.

use super::code::strings;
use super::{Source, missing, text_of};
use crate::problem::Outcome;

const MANUAL: &str = "config.default.toml";
const CODE: &str = "server/src/config/";

/// The keys that the design names: installations rely on them.
const PROMISED: &[&str] = &[
    "server.listen",
    "server.public_url",
    "store.database_url",
    "archive.store",
    "zendesk.subdomain",
    "zendesk.base_url",
    "zendesk.client_id",
    "zendesk.client_secret",
    "zendesk.app_id",
    "zendesk.webhook_secret",
    "zendesk.attachment_hosts",
    "twilio.account_sid",
    "twilio.auth_token",
    "twilio.api_key_sid",
    "twilio.api_key_secret",
    "twilio.workspace_sid",
    "twilio.api_url",
    "twilio.iam_url",
    "twilio.taskrouter_url",
    "twilio.conversations_url",
    "notify.webhook_url",
    "net.allow_private",
];

/// Settings that are not in all three places.
#[expect(clippy::unnecessary_wraps, reason = "the shape of a check")]
pub(super) fn breaches(sources: &[Source]) -> Outcome<Vec<String>> {
    let code = sources.iter().filter(|source| source.path.starts_with(CODE) && source.is("rs"));
    let code: Vec<&str> = code
        .filter(|source| !source.path.ends_with("/tests.rs"))
        .map(|source| source.text.as_str())
        .collect();
    Ok(match text_of(sources, MANUAL) {
        Ok(manual) => compare(manual, &code),
        Err(problem) => problem,
    })
}

fn compare(manual: &str, code: &[&str]) -> Vec<String> {
    let explained = keys_of_manual(manual);
    let read = keys_of_code(code, &explained);
    let promised: Vec<String> = PROMISED.iter().map(|key| (*key).to_owned()).collect();
    let mut found: Vec<String> = Vec::new();
    found.extend(
        missing(&explained, &read)
            .map(|key| format!("{MANUAL} explains `{key}`, which {CODE} does not read: take it out")),
    );
    found.extend(
        missing(&read, &explained)
            .map(|key| format!("{MANUAL} does not explain `{key}`: default, meaning, warning")),
    );
    found.extend(
        missing(&promised, &explained)
            .map(|key| format!("the design promises `{key}`, which {MANUAL} does not have")),
    );
    let unnamed =
        explained.iter().map(|key| (key, variable(key))).filter(|(_, variable)| !names(manual, variable));
    found.extend(
        unnamed.map(|(key, variable)| format!("{MANUAL} does not name {variable}, the variable of `{key}`")),
    );
    found
}

/// `key = …` below `[section]`; a key without a default stands there as a comment: `#key = …` or `# key = …`.
fn keys_of_manual(manual: &str) -> Vec<String> {
    let (mut section, mut keys) = (String::new(), Vec::new());
    for line in manual.lines().map(str::trim) {
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            name.clone_into(&mut section);
            continue;
        }
        let line = line.trim_start_matches('#').trim_start();
        if let Some((key, _)) = line.split_once(" =").filter(|(key, _)| is_word(key)) {
            keys.push(format!("{section}.{key}"));
        }
    }
    keys
}

/// Strings of the form `section.key`, with a section that the manual knows; what stands below `#[cfg(test)]` is no code.
fn keys_of_code(code: &[&str], explained: &[String]) -> Vec<String> {
    let sections: Vec<&str> = explained.iter().filter_map(|key| Some(key.split_once('.')?.0)).collect();
    let product = code.iter().map(|text| text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default());
    let mut keys: Vec<String> = product
        .flat_map(strings)
        .filter(|string| {
            string.split_once('.').is_some_and(|(section, key)| sections.contains(&section) && is_word(key))
        })
        .collect();
    keys.sort_unstable();
    keys.dedup();
    keys
}

fn variable(key: &str) -> String {
    format!("DESKSIDE_{}", key.to_uppercase().replacen('.', "__", 1))
}

/// As a whole word: `…__STORE` is not named by `…__STORE_X`; `…_FILE` of a secret names it.
fn names(manual: &str, variable: &str) -> bool {
    manual.split(|letter: char| !letter.is_alphanumeric() && letter != '_').any(|word| word == variable)
}

fn is_word(text: &str) -> bool {
    !text.is_empty()
        && text.chars().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_')
}

#[cfg(test)]
mod tests {
    use super::{PROMISED, compare};

    fn manual() -> String {
        let entry = |key: &&str| {
            let (section, name) = key.split_once('.').expect("a dot");
            format!("[{section}]\n# {}\n#{name} = \"\"\n", super::variable(key))
        };
        PROMISED.iter().map(entry).collect()
    }

    fn code() -> String {
        PROMISED.iter().map(|key| format!("f(\"{key}\");")).collect::<Vec<_>>().join("\n") + "\n"
    }

    #[track_caller]
    fn check(manual: &str, code: &str, expected: &[&str]) {
        assert_eq!(compare(manual, &[code]), expected);
    }

    #[test]
    fn settings_in_all_three_places_are_fine() {
        check(&manual(), &code(), &[]);
        check(&manual(), &format!("{}#[cfg(test)]\nmod tests {{ f(\"server.listne\") }}", code()), &[]);
    }

    #[test]
    fn a_key_that_is_missing_somewhere_is_found() {
        check(
            &format!("{}[server]\n# DESKSIDE_SERVER__NEW\nnew = 1\n", manual()),
            &code(),
            &[
                "config.default.toml explains `server.new`, which server/src/config/ does not read: take it out",
            ],
        );
        check(
            &manual(),
            &format!("{} f(\"server.secret\");", code()),
            &["config.default.toml does not explain `server.secret`: default, meaning, warning"],
        );
        check(
            &manual().replace("# DESKSIDE_ARCHIVE__STORE\n", ""),
            &code(),
            &["config.default.toml does not name DESKSIDE_ARCHIVE__STORE, the variable of `archive.store`"],
        );
        check(
            &manual().replace("#store = ", "#stores = ").replace("ARCHIVE__STORE", "ARCHIVE__STORES"),
            &code().replace("archive.store", "archive.stores"),
            &["the design promises `archive.store`, which config.default.toml does not have"],
        );
    }
}
