//! What Zendesk makes of a tag. A text that we compare with tags of a ticket or user is compared in this form, and a text that
//! could never be a tag is refused where it is set. Source: Zendesk, "About tags".

use serde::Deserializer;

use crate::setting;

/// Zendesk's longest, in bytes of the API.
const LONGEST: usize = 255;

/// Whether a tag may hold it.
pub fn is_tag_letter(letter: char) -> bool {
    letter.is_alphanumeric() || matches!(letter, '-' | '_' | ':' | '/')
}

/// The tag as Zendesk stores it: in lower case. `None` where it is no tag: empty, too long, or with spaces (which make two
/// tags of it), commas or other characters that Zendesk drops.
pub fn stored_tag(text: &str) -> Option<String> {
    let tag = text.trim().to_lowercase();
    // Lower case may add a mark to a letter (`İ`), which is none itself.
    let fits = (1..=LONGEST).contains(&tag.len()) && text.trim().chars().all(is_tag_letter);
    fits.then_some(tag)
}

const NO_TAG: &str = "is not a valid Zendesk tag; use one word of letters, digits, `-`, `_`, `:` and `/`";

/// A setting that is a tag, as Zendesk stores it.
pub fn tag<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    setting::text(from, NO_TAG, stored_tag)
}

/// The same; empty is not set.
pub fn optional_tag<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    setting::optional(from, NO_TAG, stored_tag)
}

/// A list of tags.
pub fn tags<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
    setting::list(from, NO_TAG, stored_tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_read_as_zendesk_stores_it() {
        let long = "x".repeat(256);
        for (text, expected) in [
            ("legal_hold", Some("legal_hold")),
            ("Legal_Hold", Some("legal_hold")),
            (" VIP ", Some("vip")),
            ("Área:Tokyo/3", Some("área:tokyo/3")),
            ("アーカイブ", Some("アーカイブ")),
            ("legal hold", None),
            ("a,b", None),
            ("{{tag}}", None),
            ("a\0b", None),
            ("", None),
            (" ", None),
            (&long, None),
        ] {
            assert_eq!(stored_tag(text).as_deref(), expected, "{text}");
        }
    }
}
