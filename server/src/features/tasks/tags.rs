//! The tags that a task brings for its ticket. Twilio's documentation writes them in four ways, and flows in more.
//! **Invariants:** no I/O; what Zendesk would not take as a tag is left out, and so are the tags by which Deskside itself is
//! told what to do, or says what it did.

use std::{collections::BTreeSet, sync::Arc};

use serde_json::Value;

use crate::connectors::zendesk::{is_tag_letter, stored_tag};

/// The attribute. Source: Twilio, Zendesk integration, "Customize".
const TAGS_ATTRIBUTE: &str = "zdCustomTags";

/// More than anybody means.
const MOST: usize = 50;

/// Tags that mean something to Deskside: they start an archive run, hold one, or say how one ended.
#[derive(Debug, Clone, Default)]
pub struct OwnTags(Arc<BTreeSet<String>>);

impl OwnTags {
    /// These, and every tag that begins with `deskside`.
    pub fn new(tags: impl IntoIterator<Item = String>) -> Self {
        Self(Arc::new(tags.into_iter().map(|tag| tag.trim().to_lowercase()).collect()))
    }

    /// Whether a tag is one of them.
    pub fn has(&self, tag: &str) -> bool {
        let tag = tag.trim().to_lowercase();
        tag.starts_with("deskside") || self.0.contains(&tag)
    }
}

/// An array, a JSON array in a text, `"[a,b ]"`, a comma list or one word; in their order, each once.
pub(super) fn custom_tags(attributes: &Value) -> Vec<String> {
    let mut tags = Vec::new();
    collect(attributes.get(TAGS_ATTRIBUTE).unwrap_or(&Value::Null), &mut tags);
    tags
}

fn collect(value: &Value, tags: &mut Vec<String>) {
    match value {
        Value::Array(values) => values.iter().take(MOST).for_each(|value| match value {
            Value::Array(_) => {} // nobody nests them
            value => collect(value, tags),
        }),
        Value::Number(number) => add(&number.to_string(), tags),
        Value::String(text) => match serde_json::from_str(text) {
            Ok(Value::Array(values)) => collect(&Value::Array(values), tags),
            _ => text
                .trim()
                .trim_start_matches('[')
                .trim_end_matches(']')
                .split([',', ' ', '\t', '\n'])
                .for_each(|word| add(word, tags)),
        },
        _ => {}
    }
}

/// What is no letter of a tag is left out, as Zendesk does.
fn add(word: &str, tags: &mut Vec<String>) {
    let word = word.trim_matches(|c: char| c.is_whitespace() || matches!(c, '"' | '\''));
    let unfilled = word.contains("{{") || matches!(word, "undefined" | "null");
    let letters: String = word.chars().filter(|c| is_tag_letter(*c)).collect();
    let tag = stored_tag(&letters).filter(|tag| !unfilled && tags.len() < MOST && !tags.contains(tag));
    tags.extend(tag);
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{super::TaskAttributes, *};

    #[test]
    fn every_way_in_which_flows_write_tags_is_read() {
        for (value, expected) in [
            (json!(["vip", "billing"]), "vip billing"),
            (json!(r#"["vip", "billing"]"#), "vip billing"),
            (json!("[vip,billing ]"), "vip billing"),
            (json!("[vip ]"), "vip"),
            (json!("vip, billing"), "vip billing"),
            (json!("vip"), "vip"),
            (json!("VIP vip"), "vip"),
            (json!("'vip'"), "vip"),
            (json!(" a b "), "a b"),
            (json!("area:tokyo/3"), "area:tokyo/3"),
            (json!("請求"), "請求"),
            (json!(7), "7"),
            (json!(["a", 1, null, {"b": 1}, ["c"]]), "a 1"),
            (json!(""), ""),
            (json!("[]"), ""),
            (json!("undefined"), ""),
            (json!("[{{widgets.tag.parsed.args.tags}} ]"), ""),
            (json!("a;drop"), "adrop"),
            (json!(null), ""),
            (json!(true), ""),
            (json!({"a": "b"}), ""),
        ] {
            let tags = custom_tags(&json!({ TAGS_ATTRIBUTE: value }));
            assert_eq!(tags.join(" "), expected, "{value}");
        }
        assert_eq!(custom_tags(&json!({})), Vec::<String>::new());
        assert_eq!(custom_tags(&json!({ TAGS_ATTRIBUTE: "x".repeat(300) })), Vec::<String>::new());
        let many: Vec<_> = (0..80).map(|number| format!("t{number}")).collect();
        assert_eq!(custom_tags(&json!({ TAGS_ATTRIBUTE: many })).len(), 50);
    }

    #[test]
    fn tags_that_command_deskside_are_never_taken_from_a_task() {
        let own = OwnTags::new(["archive_attachments", "Legal_Hold", "archived"].map(str::to_owned));
        for value in [
            json!(["archive_attachments", "vip"]),
            json!("vip, ARCHIVE_ATTACHMENTS"),
            json!("[legal_hold,vip]"),
            json!("'archived' vip"),
            json!(["arch;ive_attach;ments", "vip"]),
            json!(["deskside_archived", "Deskside", "vip"]),
        ] {
            let task = TaskAttributes::from(json!({ TAGS_ATTRIBUTE: value }));
            assert_eq!(task.tags(&own), ["vip"], "{value}");
        }
    }

    proptest::proptest! {
        #[test]
        fn whatever_is_written_only_tags_come_out(text in "\\PC{0,80}") {
            for tag in custom_tags(&json!({ TAGS_ATTRIBUTE: text })) {
                let is_tag = !tag.is_empty() && !tag.contains([' ', ',', '[', ']', '"', '\u{7b}']);
                proptest::prop_assert!(is_tag, "not a tag");
            }
        }
    }
}
